//! One recording from its start to its end.

use crate::facts::{self, Facts, LoadFacts, now};
use crate::folder::{self, Folder};
use crate::input::TerminalReader;
use crate::program::{self, Group, words};
use crate::steps::ClockWatch;
use crate::{
    Error, Options, Profiler, Stop, Wait, children, kept, leftover, none, output, perf, writes,
};
use rustix::process::Signal;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Pause between two checks of the program and of the signals.
const PAUSE: Duration = Duration::from_millis(20);

/// Shortest time that processes outside of the program's process group get to end.
const LEFT_END: Duration = Duration::from_secs(1);

/// An event during a recording, for the caller to display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The program was started. The word is `flags` or `preload`: how Node got the profiler's
    /// flags.
    Started(&'static str),
    /// The program answers, and the load begins.
    Loading,
    /// The load ended. The text is its exit code or signal, or `stopped` when the recorder ended
    /// it.
    Loaded(String),
    /// The load's command ended, but processes that it had started in the background still ran, and
    /// were ended.
    LoadInBackground,
    /// Processes that listened on a port when the load began had ended before the load did,
    /// although the program went on. The value is their number.
    ListenerEnded(usize),
    /// The load was not run, because `stop` of [`record`] asked for the end before the program
    /// answered.
    NotLoaded,
    /// The program ended before the recorder ended it.
    Ended {
        /// The exit code or the signal in words.
        status: String,
        /// True for exit code 0. After the end was asked for, it is also true for SIGINT and
        /// SIGTERM, and for the exit codes 130 and 143 that stand for them.
        success: bool,
    },
    /// The program, or a process that it had started, was killed: it did not end in time, or the end was asked for
    /// again.
    Killed,
    /// Processes that the program or the load had started detached were still running, and were
    /// ended. The value is their number.
    LeftBehind(usize),
    /// Child processes of the program used this CPU, in milliseconds, and are in no profile: they are no Node, or
    /// got an environment without the recorder's variables. Nothing shows it when a process was killed.
    ChildrenNotProfiled(u64),
    /// A process that is not known to belong to the run holds the program's output open, and was
    /// left running.
    OutputHeld,
    /// The program ran in this version of Node, before 16, which is too old for all files but the
    /// profile.
    OldNode(String),
    /// The machine's clock moved by this many milliseconds more than the time that passed. It was
    /// set, or the machine slept.
    ClockStepped(i64),
    /// A run of a series is not recorded, because an earlier call of [`repeat`](crate::repeat) left
    /// its complete folder.
    Kept(PathBuf),
    /// The folder of a run that failed or was cut off in an earlier call got another name, so that the run can
    /// be recorded again.
    SetAside {
        /// The folder's path before.
        from: PathBuf,
        /// The folder's path now.
        to: PathBuf,
    },
    /// A write into the run folder failed while the program ran, for example because the disk was
    /// full. The text is the reason.
    WriteFailed(String),
    /// The program's output could not be written to its log. The text is the error.
    LogLost(String),
    /// `run.json`, which holds the facts about the run, could not be completed. The text is the error.
    FactsLost(String),
}

/// The result of [`record`]: the run folder and its profiles.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The run folder with all files of the run.
    pub folder: PathBuf,
    /// Paths of the profiles, sorted: one for each isolate
    /// ([`Profiler::Prof`](crate::Profiler::Prof)), for each
    /// thread ([`Profiler::CpuProf`](crate::Profiler::CpuProf)), or for all
    /// ([`Profiler::Perf`](crate::Profiler::Perf)).
    pub profiles: Vec<PathBuf>,
    /// True when the load ended by itself with exit code 0, and when none was run.
    pub load_succeeded: bool,
    /// Exit code of the load; `None` when none was run, and when a signal or the recorder ended it.
    pub load_code: Option<i32>,
    /// True when the load was cut short: the recorder ended it, or it failed after the user had
    /// asked for the end. A series keeps it in the folder of the run for later calls.
    pub load_stopped: bool,
    /// The exit code or the signal, in words, of a program that ended before the recorder ended it,
    /// and failed ([`Event::Ended`]). `None` otherwise.
    pub program_failed: Option<String>,
}

impl Outcome {
    /// Returns an error when the load ended with exit code 126 or 127, by which a shell states that
    /// it could not run the command or did not find it. Any other result of the load is `Ok`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoLoad`] for these two exit codes.
    pub fn check_load(&self) -> Result<(), Error> {
        match self.load_code {
            Some(code) if is_missing(code) => {
                Err(Error::NoLoad { status: format!("exit code {code}") })
            }
            _ => Ok(()),
        }
    }
}

/// Returns true for the exit codes of a shell that did not find a command or could not run it.
fn is_missing(code: i32) -> bool {
    matches!(code, 126 | 127)
}

/// Starts the program, waits until it answers, runs the load, and ends the program. Without a load, it
/// waits for the program's own end instead. All files go to the run folder. `watch` is called with each
/// event.
///
/// When `stop` asks for the end, that alone is not an error: the result is the recording up to
/// then, if a profile was written. A load that failed is not an error either
/// ([`Outcome::load_succeeded`]).
///
/// # Errors
///
/// Returns an [`Error`] when a step fails, and when the program wrote no profile. Files collected
/// before it stay in the folder, except when the program cannot be started.
pub fn record(
    options: &Options,
    stop: &Stop,
    watch: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    if options.command.is_empty() {
        return Err(Error::NoCommand);
    }
    // A server that was left running would get the load, and the profile would be of an idle program.
    if let Some(wait) = options.wait.as_ref().filter(|_| options.load.is_some())
        && wait.is_answered()
    {
        return Err(Error::AnswersBefore { wanted: wait.words() });
    }
    if kept::is_failed(&options.folder)
        && let Ok(to) = kept::set_aside(&options.folder)
    {
        watch(Event::SetAside { from: options.folder.clone(), to });
    }
    let folder = Folder::create(&options.folder)?;
    let outcome = record_in(&folder, options, stop, watch);
    let has_no_load = |outcome: &Outcome| outcome.load_code.is_some_and(is_missing);
    if outcome.as_ref().map_or(true, has_no_load) {
        kept::mark_failed(&folder.path);
    }
    outcome
}

/// Records into a folder that was just made.
fn record_in(
    folder: &Folder,
    options: &Options,
    stop: &Stop,
    watch: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let mut facts = Facts::begin(options);
    let clocks = ClockWatch::start();
    facts.write(folder).inspect_err(|_| folder.forget())?;
    let (mut group, way) = program::start(options, folder).inspect_err(|_| folder.forget())?;
    facts.started_by(way);
    watch(Event::Started(way.word()));

    let _typed = group.take_input().map(TerminalReader::pass_on);
    let log = folder.log();
    let file = std::fs::File::create(&log).map_err(Error::io(log))?;
    let file = Arc::new(Mutex::new(file));
    let (sender, lines) = mpsc::channel();
    let (stdout, stderr) = group.take_output();
    let shown = |to: &dyn Fn() -> Box<dyn Write + Send>| -> Box<dyn Write + Send> {
        if options.silent { Box::new(std::io::sink()) } else { to() }
    };
    let copies = [
        stdout.map(|from| {
            output::copy(from, shown(&|| Box::new(std::io::stdout())), file.clone(), sender.clone())
        }),
        stderr.map(|from| {
            output::copy(from, shown(&|| Box::new(std::io::stderr())), file.clone(), sender)
        }),
    ];

    let (mut failure, mut program_failed) = (None, None);
    let (mut load_succeeded, mut load_code, mut load_stopped) = (true, None, false);
    let ended = match &options.load {
        None => {
            // Nobody needs the lines, and they would fill the memory.
            drop(lines);
            watch_alone(folder, &mut group, stop)
        }
        Some(load) => {
            let answered = wait(options, folder, &mut group, stop, lines);
            let is_answered = matches!(answered, Ok(true));
            match answered {
                Ok(true) if is_without_log(folder, options.profiler) => {
                    facts.gather(folder);
                    let why = none::why(folder, &facts, options.profiler, None);
                    failure = Some(Error::NoProfile { why, log: folder.log() });
                }
                Ok(true) => {
                    facts.answered = Some(now());
                    watch(Event::Loading);
                    match run_load(load, folder, &mut group, stop, &mut facts, watch) {
                        Ok(status) => {
                            load_succeeded = status.is_some_and(|status| status.success());
                            load_code = status.and_then(|status| status.code());
                            load_stopped =
                                facts.load.as_ref().is_some_and(|load| load.stopped.is_some());
                            watch(Event::Loaded(status.map_or("stopped".to_owned(), words)));
                        }
                        Err(error) => failure = Some(error),
                    }
                }
                Ok(false) => watch(Event::NotLoaded),
                Err(error) => failure = Some(writes::explained(error, folder)),
            }
            // A program that crashed under the load would otherwise go without a word.
            is_answered && group.ended().is_some()
        }
    };
    let mut grace = LEFT_END;
    if !ended {
        let (asked, since) = (stop.times(), Instant::now());
        // A user who asked twice during the load gets the rest of the log, but the program does
        // not get the whole grace period.
        let hurry =
            || stop.times() > asked.max(1) || asked > 1 && since.elapsed() > Duration::from_secs(1);
        announce(folder, &group, "SIGTERM");
        if group.end(options.grace, &hurry) {
            grace = grace.max(options.grace.saturating_sub(since.elapsed()));
        } else {
            watch(Event::Killed);
        }
    }
    let status = group.ended();
    if let Some(status) = status.filter(|_| ended) {
        let success = status.success() || stop.times() > 0 && is_interrupted(status);
        watch(Event::Ended { status: words(status), success });
        program_failed = (!success).then(|| words(status));
    }
    group.clear();
    let asked = stop.times();
    let left = leftover::end(folder, grace, &|| stop.times() > asked.max(1));
    if left > 0 {
        watch(Event::LeftBehind(left));
    }
    let (mut is_held, mut log_lost) = (false, None);
    for copy in copies.into_iter().flatten() {
        match copy.end() {
            Ok(Some(lost)) => {
                log_lost.get_or_insert(lost.to_string());
                watch(Event::LogLost(lost.to_string()));
            }
            Ok(None) => {}
            Err(output::OpenStream) => is_held = true,
        }
    }
    if is_held {
        watch(Event::OutputHeld);
    }
    facts.gather(folder);
    if options.profiler == Profiler::Perf {
        perf::collect_maps(folder, &facts.pids());
    }
    let unrecorded = || children::unrecorded_ms(folder, &facts.pids());
    if let Some(ms) = (options.profiler != Profiler::Perf).then(unrecorded).flatten() {
        watch(Event::ChildrenNotProfiled(ms));
    }
    if let Some(why) = facts.write_failed.clone() {
        watch(Event::WriteFailed(why));
    }
    facts.write_failed = facts.write_failed.take().or(log_lost);
    facts.ended = Some(now());
    facts.exit = status.map(words);
    facts.clock_steps = clocks.end();
    facts.clock_steps.iter().for_each(|step| watch(Event::ClockStepped(step.ms)));
    let logs = logs(&folder.path, options.profiler);
    let failure = failure.or_else(|| match facts::too_old(folder) {
        _ if !logs.is_empty() => None,
        Some(version) => Some(Error::OldNode { version }),
        None => {
            let why = match stop.times() {
                1.. if folder.path.is_dir() => {
                    "the end was asked for before a script ran under the profiler"
                }
                _ => none::why(folder, &facts, options.profiler, status),
            };
            Some(writes::explained(Error::NoProfile { why, log: folder.log() }, folder))
        }
    });
    facts.failed = failure.as_ref().map(|why| crate::redacted(&[why.to_string()]).join(" "));
    let by_itself =
        program_failed.as_ref().map(|status| format!("the program ended with {status}"));
    facts.failed = facts.failed.take().or(by_itself);
    folder.release();
    // The recordings are more important than this file, so a full disk does not end the run here.
    if let Err(error) = facts.write(folder) {
        watch(Event::FactsLost(error.to_string()));
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Some(version) = facts::too_old(folder) {
        watch(Event::OldNode(version));
    }
    Ok(Outcome {
        folder: folder.path.clone(),
        profiles: logs,
        load_succeeded,
        load_code,
        load_stopped,
        program_failed,
    })
}

/// Returns true when a process listens that has no tick log, which V8 opens before a program begins. A load would
/// then be in vain.
fn is_without_log(folder: &Folder, profiler: Profiler) -> bool {
    profiler == Profiler::Prof && folder.is_listening() && logs(&folder.path, profiler).is_empty()
}

/// Returns the paths of the profiles in a run folder.
pub(crate) fn logs(folder: &Path, profiler: Profiler) -> Vec<PathBuf> {
    let extension = match profiler {
        Profiler::Prof => "-v8.log",
        Profiler::CpuProf => ".cpuprofile",
        Profiler::Perf => perf::RECORDING,
    };
    folder::files(folder, |name| name.ends_with(extension))
}

/// Returns true when a program ended because it was asked to: by the signal, or with the exit code
/// that shells and programs give for it.
fn is_interrupted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    matches!(status.signal(), Some(2 | 15)) || matches!(status.code(), Some(130 | 143))
}

/// Notes that every process of the group is about to get a signal, so that the preloaded module does
/// not pass it on once more.
fn announce(folder: &Folder, group: &Group, signal: &str) {
    // Without the file, the program gets the signal twice.
    let _ = std::fs::write(folder.own(&format!("sent-{signal}")), group.number().to_string());
}

/// Waits for a program that has no load command. The first signal is passed on to the program, and
/// a second one ends the wait. Returns true when the program ended by itself.
fn watch_alone(folder: &Folder, group: &mut Group, stop: &Stop) -> bool {
    let mut passed_on = false;
    loop {
        if group.ended().is_some() {
            return true;
        }
        match stop.times() {
            0 => {}
            // The program gets SIGTERM too, and the grace period begins.
            _ if stop.is_by_supervisor() => return false,
            1 if !passed_on => {
                passed_on = true;
                announce(folder, group, "SIGINT");
                group.ask(Signal::INT);
            }
            1 => {}
            _ => return false,
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits until the program answers. Returns false when the user asked for the end before that.
fn wait(
    options: &Options,
    folder: &Folder,
    group: &mut Group,
    stop: &Stop,
    lines: Receiver<Vec<u8>>,
) -> Result<bool, Error> {
    // Only a line of output is looked for among the lines.
    let lines = matches!(options.wait, Some(Wait::Line(_))).then_some(lines);
    let until = Instant::now() + options.patience;
    let mut last_look = None;
    loop {
        if stop.times() > 0 {
            return Ok(false);
        }
        if let Some(status) = group.ended() {
            let (status, ports) = (words(status), folder.ports());
            return Err(Error::EndedEarly { ports, status, log: folder.log() });
        }
        if let Some(version) = facts::too_old(folder) {
            return Err(Error::OldNode { version });
        }
        let is_there = match &options.wait {
            None => folder.is_listening(),
            Some(wait @ Wait::Line(_)) => {
                lines.iter().flat_map(Receiver::try_iter).any(|line| wait.is_there(Some(&line)))
            }
            Some(wait) => {
                let due = last_look
                    .is_none_or(|last: Instant| last.elapsed() > Duration::from_millis(200));
                if due {
                    last_look = Some(Instant::now());
                }
                due && wait.is_there(None)
            }
        };
        if is_there {
            return Ok(true);
        }
        if Instant::now() > until {
            let wanted = options
                .wait
                .as_ref()
                .map_or_else(|| "a port on which the program listens".to_owned(), Wait::condition);
            let (ports, patience, log) = (folder.ports(), options.patience, folder.log());
            return Err(Error::NoAnswer { ports, wanted, patience, log });
        }
        std::thread::sleep(PAUSE);
    }
}

/// Runs the load until it ends. Returns `None` when the program ends first, or when the user asks
/// for the end.
fn run_load(
    load: &str,
    folder: &Folder,
    group: &mut Group,
    stop: &Stop,
    facts: &mut Facts,
    watch: &mut dyn FnMut(Event),
) -> Result<Option<ExitStatus>, Error> {
    let command = crate::redacted(&[load.to_owned()]).join(" ");
    let note = LoadFacts { command, started: now(), ended: None, exit: None, stopped: None };
    facts.load = Some(note.clone());
    // The file is written again at the end, and a failure is reported then.
    let _ = facts.write(folder);
    let listeners = leftover::listeners(folder);
    let mut running = program::start_load(load, folder)?;
    let status = loop {
        if let Some(status) = running.ended() {
            break Some(status);
        }
        if stop.times() > 0 || group.ended().is_some() {
            running.end(Duration::from_secs(2), &|| stop.times() > 1);
            break None;
        }
        std::thread::sleep(PAUSE);
    };
    if status.is_some() && running.has_children() {
        watch(Event::LoadInBackground);
    }
    let gone = listeners.iter().filter(|pid| !leftover::is_running(**pid)).count();
    // The end of the whole program is an event of its own.
    if status.is_some() && gone > 0 && group.ended().is_none() {
        watch(Event::ListenerEnded(gone));
    }
    running.clear();
    let exit = running.ended().map(words);
    let stopped = stopped(status, stop);
    facts.load = Some(LoadFacts { ended: Some(now()), exit, stopped, ..note });
    Ok(status)
}

/// Returns the reason why a load command was stopped before its own end. `status` is `None` for a load that
/// the recorder ended.
fn stopped(status: Option<ExitStatus>, stop: &Stop) -> Option<&'static str> {
    let is_asked = stop.times() > 0;
    match status {
        None if !is_asked => Some("the program had ended"),
        None => Some("the end was asked for"),
        // k6 ends by itself at Ctrl-C, with an exit code of its own.
        Some(status) if is_asked && !status.success() => Some("the end was asked for"),
        Some(_) => None,
    }
}
