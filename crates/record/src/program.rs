//! Starts the recorded program, asks it to end, and kills what is left of it.

use crate::folder::Folder;
use crate::guard::Guard;
use crate::{Error, Options, Profiler, Stop};
use crate::{leftover, perf};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Time after which a child process of a load that has ended does not just end too.
const CHILDREN_WIND_UP: Duration = Duration::from_secs(1);
/// Time that child processes get to end after the program, before they are killed.
const CHILDREN_END: Duration = Duration::from_millis(750);
/// Longest wait for perf after the program was killed: it completes its recording.
const PERF_END: Duration = Duration::from_secs(10);
/// Longest wait for killed processes. A process in the kernel, for example at a network file system
/// that does not answer, ends later.
const KILLED_END: Duration = Duration::from_secs(10);

/// The program that runs shell commands. It stands for them in errors, because they may contain secrets.
const SHELL: &str = "sh";

/// How the profiler's flags reach Node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The flags stand on the command line, because the program is `node`.
    Flags,
    /// Node loads a module of ours first (`NODE_OPTIONS=--require`). The module starts the Node
    /// process again with the profiler's flags, which `NODE_OPTIONS` itself refuses. Package
    /// managers and command-line tools are not started again.
    Preload,
}

impl Way {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Preload => "preload",
        }
    }
}

/// A process and all processes that it starts, as one process group.
pub(crate) struct Group {
    child: Child,
    id: Option<Pid>,
    /// Ends the group when the recorder is killed.
    guard: Option<Guard>,
    status: Option<ExitStatus>,
    /// True when the first process is perf, which runs around the program and ends after it.
    is_wrapped: bool,
}

impl Group {
    /// Starts a command. `name` stands in the error when it cannot be started.
    fn start(mut command: Command, name: &str, is_wrapped: bool) -> Result<Self, Error> {
        command.process_group(0);
        let child = command.spawn().map_err(|source| not_started(&command, name, source))?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Self { child, id, guard: id.map(Guard::start), status: None, is_wrapped })
    }

    /// Returns the exit status of the group's first process, once it has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    /// Returns the number of the process group.
    pub(crate) fn number(&self) -> u32 {
        self.child.id()
    }

    /// Returns true when other processes of the group run on after the first one has ended.
    pub(crate) fn has_children(&self) -> bool {
        let Some(id) = self.id else { return false };
        let until = Instant::now() + CHILDREN_WIND_UP;
        while is_running(id) {
            if Instant::now() > until {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Sends a signal to every process of the group.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            // An error means that no process is left.
            let _ = kill_process_group(id, signal);
        }
    }

    /// Asks every process of the group to end, but not perf: it would send the signal to the program
    /// once more, and ends after it anyway.
    pub(crate) fn ask(&self, signal: Signal) {
        let Some(id) = self.id else { return };
        let programs = members(id).into_iter().flatten().filter(|(pid, _)| *pid != id);
        let programs: Vec<Pid> = programs.map(|(pid, _)| pid).collect();
        if !self.is_wrapped || programs.is_empty() {
            return self.signal(signal);
        }
        for pid in programs {
            let _ = kill_process(pid, signal);
        }
    }

    /// Asks the group to end with SIGTERM. Kills what is left after `grace`, or as soon as `hurry`
    /// returns true. Returns true when the group ended by itself. npm and shells end before the
    /// program that they have started, so all processes of the group get this time.
    pub(crate) fn end(&mut self, grace: Duration, hurry: &dyn Fn() -> bool) -> bool {
        self.ask(Signal::TERM);
        let until = Instant::now() + grace;
        while self.is_any_left() && Instant::now() < until && !hurry() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let alone = !self.is_any_left();
        self.clear();
        alone
    }

    fn is_any_left(&mut self) -> bool {
        self.ended().is_none() || self.id.is_some_and(is_running)
    }

    /// Kills every process that is left in the group, so that no process outlives the run.
    pub(crate) fn clear(&mut self) {
        if self.is_wrapped && self.ended().is_none() {
            self.ask(Signal::KILL);
            let until = Instant::now() + PERF_END;
            while self.ended().is_none() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if self.ended().is_none() {
            self.signal(Signal::KILL);
            // The process may have moved to another group, and the wait would then last.
            let _ = self.child.kill();
            self.status = self.child.wait().ok();
        }
        self.clear_children();
        self.guard = None;
    }

    /// Ends the processes that are left in the group, and returns when none of them runs.
    fn clear_children(&self) {
        let Some(id) = self.id else { return };
        // Child processes get a moment to end after the program.
        for (signal, patience) in [(Signal::TERM, CHILDREN_END), (Signal::KILL, KILLED_END)] {
            if !is_running(id) {
                return;
            }
            self.signal(signal);
            let until = Instant::now() + patience;
            while is_running(id) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// Returns the pipe to the program's standard input. `None` when the program reads the recorder's
    /// own, which is no terminal.
    pub(crate) fn take_input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(crate) fn take_output(&mut self) -> (Option<impl Read + use<>>, Option<impl Read + use<>>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }
}

/// Returns true while a process of the group runs. A zombie does not count: it has ended, and stays
/// until its parent asks for its status. In a container without an init process, nobody asks.
fn is_running(group: Pid) -> bool {
    if test_kill_process_group(group).is_err() {
        return false;
    }
    // Where there is no `/proc`, the answer of the system has to do. A `/proc` that hides processes of
    // others, or belongs to another system, shows none of them.
    match members(group) {
        Some(members) if !members.is_empty() => members.iter().any(|(_, is_alive)| *is_alive),
        Some(_) => test_kill_process_group(group).is_ok(),
        None => true,
    }
}

/// Returns the processes of a group, each with false when it has ended and waits for its parent to ask
/// for its status. Returns `None` without `/proc`.
fn members(group: Pid) -> Option<Vec<(Pid, bool)>> {
    let entries = std::fs::read_dir("/proc").ok()?;
    let wanted = group.as_raw_nonzero().to_string();
    let members = entries.flatten().filter_map(|entry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name of the process stands in brackets and can contain any character.
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, its_group) = (fields.next(), fields.nth(1));
        (its_group == Some(&wanted)).then_some((pid, !matches!(state, Some("Z" | "X"))))
    });
    Some(members.collect())
}

impl Drop for Group {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Returns the error for a command that cannot be started. The system has one error for a program and for a
/// working directory that does not exist.
fn not_started(command: &Command, name: &str, source: io::Error) -> Error {
    // The dot makes a file, and a directory that may not be entered, an error too.
    let directory = command.get_current_dir();
    match directory.and_then(|path| Some((path, std::fs::metadata(path.join(".")).err()?))) {
        Some((path, source)) => Error::io(path)(source),
        None => Error::NotStarted { command: name.to_owned(), source },
    }
}

/// Returns an exit status in words: `exit code 1` or `signal 9`.
pub(crate) fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit code".to_owned(),
    }
}

fn is_node(program: &OsString) -> bool {
    let name = Path::new(program).file_name().and_then(|name| name.to_str());
    matches!(name, Some("node" | "nodejs"))
}

/// Returns the profiler's flags for Node. The first one is the flag that switches the profiler on.
fn flags(profiler: Profiler, folder: &Folder) -> Vec<String> {
    let path = folder.path.display().to_string();
    match profiler {
        // V8 replaces %p and %t in the name of its log. %t is the time: a worker often gets the address of one that
        // has ended, and with it the rest of the name.
        Profiler::Prof => {
            vec!["--prof".into(), format!("--logfile={}/%t-v8.log", path.replace('%', "%%"))]
        }
        Profiler::CpuProf => vec!["--cpu-prof".into(), format!("--cpu-prof-dir={path}")],
        Profiler::Perf => perf::node_flags(folder),
    }
}

/// Starts the program with the profiler's flags.
pub(crate) fn start(options: &Options, folder: &Folder) -> Result<(Group, Way), Error> {
    let (program, arguments) = options.command.split_first().ok_or(Error::NoCommand)?;
    let way = if is_node(program) { Way::Flags } else { Way::Preload };
    let flags = flags(options.profiler, folder);
    // Without the file, programs that get no variable of ours are not profiled.
    let _ = std::fs::write(folder.own("flags"), flags.join("\n"));
    let is_wrapped = options.profiler == Profiler::Perf;
    let first = if is_wrapped { OsStr::new("perf") } else { program };
    let mut command = Command::new(first);
    if is_wrapped {
        command.args(perf::arguments(folder)).arg(program);
    }
    if way == Way::Flags {
        command.args(&flags);
    }
    let preload = folder.preload().display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    let before = std::env::var("NODE_OPTIONS").unwrap_or_default();
    command
        .args(arguments)
        .env("NODE_OPTIONS", format!("{before} --require \"{preload}\"").trim())
        .env(leftover::VARIABLE, &folder.path)
        .env("SPIKEFLAME_SPAWN", flags.join("\n"))
        .stdin(if io::stdin().is_terminal() { Stdio::piped() } else { Stdio::inherit() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(directory) = &options.directory {
        command.current_dir(directory);
    }
    Ok((Group::start(command, &first.to_string_lossy(), is_wrapped)?, way))
}

/// Runs a shell command to its end. Its output goes to standard error.
///
/// # Errors
/// Returns an error when the command cannot be started, when it fails, or when the user asks for
/// the end.
pub(crate) fn shell(command: &str, directory: Option<&Path>, stop: &Stop) -> Result<(), Error> {
    let mut process = Command::new(SHELL);
    process.args(["-c", command]).stdin(Stdio::null());
    // Standard output is kept for results, and the user's commands write progress there.
    process.stdout(io::stderr());
    if let Some(directory) = directory {
        process.current_dir(directory);
    }
    let mut running = Group::start(process, SHELL, false)?;
    loop {
        if let Some(status) = running.ended() {
            running.clear();
            if status.success() {
                return Ok(());
            }
            return Err(Error::CommandFailed {
                command: crate::redacted(&[command.to_owned()]).join(" "),
                status: words(status),
            });
        }
        if stop.times() > 0 {
            running.end(Duration::from_secs(5), &|| stop.times() > 1);
            return Err(Error::Interrupted);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts the shell command that loads the program.
pub(crate) fn start_load(load: &str, folder: &Folder) -> Result<Group, Error> {
    let mut command = Command::new(SHELL);
    command
        .args(["-c", &crate::quotes::for_folder(load, &folder.path)])
        .env("RUN", &folder.path)
        .env(leftover::LOAD, &folder.path)
        .stdin(Stdio::null());
    Group::start(command, SHELL, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the message showed the shell command with its secrets, called it the program, and did not
    /// name the directory that was missing.
    #[test]
    fn a_missing_directory_is_named_and_not_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let (missing, file) = (folder.path().join("none"), folder.path().join("file"));
        std::fs::write(&file, "").unwrap();
        for directory in [&missing, &file] {
            let error = shell("x --password=s", Some(directory), &Stop::default()).unwrap_err();
            assert!(matches!(&error, Error::Io { path, .. } if path == directory), "{error}");
        }
        let go = |program: &str, directory: &Path| {
            let mut command = Command::new(program);
            command.current_dir(directory);
            Group::start(command, program, false).err().unwrap()
        };
        assert!(matches!(go("true", &missing), Error::Io { .. }));
        assert!(matches!(go("no-such-program", folder.path()), Error::NotStarted { .. }));
    }
}
