//! Ends processes of a run that left the program's process group. A child that was started
//! detached has its own group. Such processes are recognised by the run folder in their
//! environment.

use crate::folder::{Folder, LISTENING};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// The variable that names the run folder in each process of a run.
pub(crate) const VARIABLE: &str = "SPIKEFLAME_RUN";
/// The variable that names the run folder in each process of the load. It differs from the one of
/// the program, because a load in Node is not recorded.
pub(crate) const LOAD: &str = "SPIKEFLAME_LOAD";

/// Longest wait for processes that were killed.
const KILLED_END: Duration = Duration::from_secs(1);

/// Asks all processes that are left of a run to end, and kills those that run on after `grace`, or as
/// soon as `hurry` returns true. Does nothing where there is no `/proc`. Returns the number of
/// processes that were found.
pub(crate) fn end(folder: &Folder, grace: Duration, hurry: &dyn Fn() -> bool) -> usize {
    let found = find(folder);
    for (signal, patience) in [(Signal::TERM, grace), (Signal::KILL, KILLED_END)] {
        let mut left = find(folder);
        for pid in &left {
            // An error means that the process has already ended.
            let _ = kill_process(*pid, signal);
        }
        let until = Instant::now() + patience;
        while Instant::now() < until && !(signal == Signal::TERM && hurry()) {
            if left.is_empty() {
                return found.len();
            }
            std::thread::sleep(Duration::from_millis(50));
            left = find(folder);
        }
    }
    found.len()
}

/// Returns the processes of a run that listen on a port, or did and still run.
pub(crate) fn listeners(folder: &Folder) -> Vec<Pid> {
    let files = folder.files(true, |name| name.starts_with(LISTENING));
    files.iter().filter_map(|path| listener(path)).collect()
}

/// Returns the running process that a file is named after.
fn listener(path: &Path) -> Option<Pid> {
    let pid = path.file_name()?.to_str()?.strip_prefix(LISTENING)?;
    pid.parse().ok().and_then(Pid::from_raw).filter(|pid| is_running(*pid))
}

/// Returns true while a process runs. A zombie does not count: it has ended, and its parent has not
/// asked for its status.
pub(crate) fn is_running(pid: Pid) -> bool {
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    match fs::read_to_string(stat) {
        Ok(stat) => !stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['Z', 'X'])),
        Err(_) => test_kill_process(pid).is_ok(),
    }
}

/// Returns the processes of a run. Zombies are not among them, because they have no environment.
fn find(folder: &Folder) -> Vec<Pid> {
    let wanted = [VARIABLE, LOAD]
        .map(|name| [name.as_bytes(), b"=", folder.path.as_os_str().as_bytes()].concat());
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment
                .split(|byte| *byte == 0)
                .any(|one| wanted.iter().any(|w| w == one))
                .then_some(pid)
        })
        .collect()
}
