//! Finds the reason why a run has no profile.

use crate::Profiler;
use crate::facts::Facts;
use crate::folder::Folder;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The exit code of Node for an option that it does not know or allow.
const BAD_OPTION: i32 = 9;

/// Returns the likely reason why a run has no profile.
pub(crate) fn why(
    folder: &Folder,
    facts: &Facts,
    profiler: Profiler,
    status: Option<ExitStatus>,
) -> &'static str {
    if !folder.path.is_dir() {
        return "the run folder was removed while it ran";
    }
    if folder.own("single-executable").is_file() {
        return "the program is a single executable application, which takes V8's flags for words of the \
                program; record its script with `node`, or use `attach` while it runs";
    }
    if facts.processes.is_empty() && status.and_then(|status| status.code()) == Some(BAD_OPTION) {
        return "Node refused an option (exit code 9), so no script ran; its output names the option";
    }
    if facts.processes.is_empty() && profiler == Profiler::Perf {
        return "perf did not start it, or it started no Node process; the output has perf's reason, which \
                often is a limit in /proc/sys/kernel/perf_event_paranoid, or the filter of system calls of a \
                container";
    }
    if facts.processes.is_empty() {
        return "no Node process was started that loads modules with --require (Node 16 or newer)";
    }
    let killed = status.is_some_and(|status| status.signal() == Some(9));
    match (profiler, killed) {
        (Profiler::CpuProf, true) => {
            "it was killed, and a .cpuprofile is only written at the end; a tick log is written at once"
        }
        _ => {
            "Node wrote none: the command that starts the program may have dropped the profiler's flags, or no \
              script ran; name Node itself as the program (`record ... -- node main.js`)"
        }
    }
}
