//! Profiles processes that are already running, through their inspectors.

use crate::Error;
use crate::inspector::process::InspectorPort;
use crate::inspector::session::Session;
use crate::inspector::{LOCALHOST, Target, process};
use crate::together::{Together, close_of, close_opened, connected};
use serde_json::{Value, json};
use spikeflame_profile::wall;
use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Settings of [`attach`]: the processes to profile, the time, and the folder for the results.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The run folder, which gets all files of the run. It is made when it does not exist, and must be empty
    /// when it does.
    pub folder: PathBuf,
    /// The processes to profile, all at the same time. With an empty list, only
    /// `run.json` is written.
    pub targets: Vec<Target>,
    /// The time for which each process is profiled. It is shorter when `stop` of [`attach`] returns
    /// true or when the process exits.
    pub duration: Duration,
    /// The time between two samples in microseconds, as it is given to V8's profiler.
    pub interval_us: u32,
}

/// A step of [`attach`] that concerns one target, for the caller to display.
#[derive(Debug)]
pub enum AttachEvent {
    /// A process has not answered for two seconds: its event loop may be blocked, or the machine busy.
    Waiting {
        /// The target, as the caller named it.
        target: Target,
    },
    /// The profiler of a process was started.
    Started {
        /// The target, as the caller named it.
        target: Target,
        /// The number of the process, as it reports it (within a container, its number there); 0 when it is not known.
        pid: u32,
        /// The port of the inspector when a signal (SIGUSR1) opened it; [`attach`] then asks the process
        /// to close it at the end. `None` when the inspector was open before.
        opened: Option<u16>,
    },
    /// A process used clearly more CPU than its profile has. A profile is of the main thread alone.
    OtherThreads {
        /// The target, as the caller named it.
        target: Target,
        /// The CPU of the whole process, in cores.
        process: f64,
        /// The time in which the main thread was not idle by the profile's samples, in cores.
        profile: f64,
    },
    /// No profile could be made of a target. When no target has a profile, [`attach`] returns the
    /// first failure as its error, and the others are events.
    Failed {
        /// The target, as the caller named it.
        target: Target,
        /// The reason why there is no profile.
        error: Error,
    },
}

/// The files that [`attach`] wrote, and the number of targets that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachResult {
    /// The run folder, as in [`Attach::folder`].
    pub folder: PathBuf,
    /// The paths of the `.cpuprofile` files, one for each target that could be profiled, in the
    /// order of the targets.
    pub profiles: Vec<PathBuf>,
    /// The number of targets without a profile.
    pub failed: usize,
}

/// Profiles the main threads of all targets at the same time, and waits for the end. It writes one
/// `.cpuprofile` for each target that could be profiled, and a `run.json`, into the run folder. When `stop`
/// returns true, the profiles that have begun end early and are kept, and no others begin. `watch` is called
/// with each event, on the thread of the caller.
///
/// ```no_run
/// use spikeflame_remote::{Attach, attach};
/// use std::time::Duration;
///
/// let options = Attach {
///     folder: "runs/live".into(),
///     targets: vec!["127.0.0.1:9229".parse()?],
///     duration: Duration::from_secs(60),
///     interval_us: 1000,
/// };
/// let attached = attach(&options, &|| false, &mut |event| println!("{event:?}"))?;
/// println!("{:?}", attached.profiles);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error when the folder is not empty or cannot be written, and when there are targets
/// and none has a profile. Other failures are events.
pub fn attach(
    options: &Attach,
    stop: &(dyn Fn() -> bool + Sync),
    watch: &mut dyn FnMut(AttachEvent),
) -> Result<AttachResult, Error> {
    let folder = &options.folder;
    let is_new = !folder.exists();
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    if fs::read_dir(folder).map_err(Error::io(folder))?.next().is_some() {
        return Err(Error::NotEmpty(folder.clone()));
    }
    let started = now();
    let (sender, events) = mpsc::channel();
    let all = Together::new(&options.targets);
    let results: Vec<Result<TargetProfile, Error>> = std::thread::scope(|scope| {
        let running: Vec<_> = options
            .targets
            .iter()
            .enumerate()
            .map(|(at, target)| {
                let (sender, all) = (sender.clone(), &all);
                scope.spawn(move || one(at, target, options, stop, &sender, all))
            })
            .collect();
        drop(sender);
        events.iter().for_each(&mut *watch);
        // A fault of this program is no interruption by the user.
        let joined = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        joined.map(|one| one.unwrap_or_else(|fault| resume_unwind(fault))).collect()
    });
    let (mut profiles, mut processes, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for (target, result) in options.targets.iter().zip(results) {
        match result {
            Ok(one) => {
                profiles.push(one.path);
                processes.push(one.facts);
            }
            Err(error) => failures.push((target.clone(), error)),
        }
    }
    let failed = failures.len();
    let mut failures = failures.into_iter();
    // Without any profile, the first failure is the result.
    let fatal = if profiles.is_empty() { failures.next() } else { None };
    failures.for_each(|(target, error)| watch(AttachEvent::Failed { target, error }));
    if let Some((_, error)) = fatal {
        if is_new {
            // Only an empty folder is removed.
            let _ = fs::remove_dir(folder);
        }
        return Err(error);
    }
    write_facts(folder, started, &processes)?;
    Ok(AttachResult { folder: folder.clone(), profiles, failed })
}

/// The profile of one target.
struct TargetProfile {
    path: PathBuf,
    facts: Value,
}

/// An expression that returns facts about the process in which it is evaluated. `clock` is the
/// offset that converts a time of the monotonic clock, which profiles use, to wall-clock time.
const FACTS: &str = "(() => {
  const os = require('os');
  const cpus = os.cpus();
  return {
    pid: process.pid, ppid: process.ppid, node: process.version, v8: process.versions.v8,
    exec: process.execPath, architecture: process.arch, system: process.platform,
    name: os.hostname(), cores: cpus.length, cpu: cpus.length ? cpus[0].model : null,
    clock: Date.now() * 1000 - Number(process.hrtime.bigint() / 1000n),
    began: typeof performance === 'object' ? String(performance.timeOrigin) : '',
  };
})()";

/// An expression that returns the CPU of the process so far, in microseconds.
const CPU: &str = "(({ user, system }) => user + system)(process.cpuUsage())";

/// Least CPU in cores that other threads use before they are named. V8's profiler alone uses less.
const LEAST_OTHER_CORES: f64 = 0.1;
/// Least ratio of the CPU of a process to that of its main thread before other threads are named. V8's helpers
/// use a part of it that grows with the work of the main thread.
const LEAST_RATIO: f64 = 1.5;

/// Returns the CPU of a process and the busy time of its profile, both in cores, when the process used clearly more.
fn beside(used_us: f64, profile: &Value) -> Option<(f64, f64)> {
    let number = |name: &str| profile.get(name).and_then(Value::as_f64);
    let list = |name: &str| profile.get(name).and_then(Value::as_array);
    let length_us = number("endTime")? - number("startTime")?;
    let is_idle = |node: &&Value| {
        node.pointer("/callFrame/functionName").and_then(Value::as_str) == Some("(idle)")
    };
    let idle: HashSet<u64> =
        list("nodes")?.iter().filter(is_idle).filter_map(|node| node.get("id")?.as_u64()).collect();
    // A sample lasts until the next one.
    let lengths = list("timeDeltas")?.iter().skip(1).filter_map(Value::as_f64);
    let busy = list("samples")?.iter().filter_map(Value::as_u64).zip(lengths);
    let busy_us: f64 = busy.filter(|(id, _)| !idle.contains(id)).map(|(_, us)| us).sum();
    let (process, profile) = (used_us / length_us, busy_us / length_us);
    let is_clear = process - profile >= LEAST_OTHER_CORES && process >= LEAST_RATIO * profile;
    (length_us > 0.0 && is_clear).then_some((process, profile))
}

fn one(
    at: usize,
    target: &Target,
    options: &Attach,
    stop: &(dyn Fn() -> bool + Sync),
    events: &Sender<AttachEvent>,
    all: &Together,
) -> Result<TargetProfile, Error> {
    let stop_late = late(stop, || {
        let _ = events.send(AttachEvent::Waiting { target: target.clone() });
    });
    let (host, port, asked, opened) = match target {
        Target::Inspector { host, port } => (host.clone(), *port, None, None),
        Target::Process(pid) => {
            let InspectorPort { port, opened } = all.open(*pid, &stop_late)?;
            (LOCALHOST.to_owned(), port, Some(*pid), opened.then_some(port))
        }
    };
    // An inspector that a signal opened is closed again, whatever fails.
    let to_close = asked.filter(|_| opened.is_some());
    let session = connected(&host, port, &target.to_string());
    let mut session = session.inspect_err(|_| {
        to_close.into_iter().for_each(|pid| close_opened(pid, port));
    })?;
    let taken = facts_of(&mut session, target, asked, all, &stop_late).and_then(|facts| {
        if stop() {
            return Err(Error::Interrupted);
        }
        let before_us = session.evaluate(CPU).ok().as_ref().and_then(Value::as_f64);
        let profile = profiled(&mut session, options, stop, || {
            let pid = pid_in(&facts);
            let _ = events.send(AttachEvent::Started { target: target.clone(), pid, opened });
        })?;
        let after_us = session.evaluate(CPU).ok().as_ref().and_then(Value::as_f64);
        let used_us = before_us.zip(after_us).map(|(before, after)| after - before);
        if let Some((process, profile)) = used_us.and_then(|used_us| beside(used_us, &profile)) {
            let target = target.clone();
            let _ = events.send(AttachEvent::OtherThreads { target, process, profile });
        }
        Ok((facts, profile))
    });
    // Another target has a session in a process that is named twice. Its inspector would wait for that.
    if let Some(pid) = to_close.filter(|_| !matches!(taken, Err(Error::SameProcess { .. }))) {
        // An inspector that cannot be closed is not an error of the profile.
        let _ = session.evaluate(&close_of(pid));
    }
    session.close();
    let (facts, profile) = taken?;
    let pid = pid_in(&facts);
    let number = |name: &str| facts.get(name).and_then(Value::as_i64);
    let began = profile.get("startTime").and_then(Value::as_i64).unwrap_or(0);
    let began_us = number("clock").map_or(0, |clock| clock.saturating_add(began));
    let path = free_path(&options.folder, began_us / 1000, pid, at);
    let file = fs::File::create(&path).map_err(Error::io(&path))?;
    let mut file = std::io::BufWriter::new(file);
    let written = serde_json::to_writer(&mut file, &profile).map_err(std::io::Error::from);
    written.and_then(|()| std::io::Write::flush(&mut file)).map_err(Error::io(&path))?;
    Ok(TargetProfile { path, facts })
}

/// The time without an answer after which a target is named.
const LATE: Duration = Duration::from_secs(2);

/// Returns `stop` as a function that also calls `tell` once, [`LATE`] after its own first call.
fn late(stop: impl Fn() -> bool, tell: impl Fn()) -> impl Fn() -> bool {
    let (began, is_told) = (OnceCell::new(), Cell::new(false));
    move || {
        if began.get_or_init(Instant::now).elapsed() > LATE && !is_told.replace(true) {
            tell();
        }
        stop()
    }
}

/// Returns the facts about the process of a session, when it is the one that was asked for and no other target's.
fn facts_of(
    session: &mut Session,
    target: &Target,
    asked: Option<u32>,
    all: &Together,
    stop: &dyn Fn() -> bool,
) -> Result<Value, Error> {
    let facts = session.evaluate_unless(FACTS, stop)?;
    let pid = pid_in(&facts);
    if let Some(asked) = asked.filter(|asked| !process::numbers(*asked).contains(&pid)) {
        let target = session.place();
        return Err(Error::OtherProcess { target, pid: asked, found: pid });
    }
    let text = |name: &str| facts.get(name).and_then(Value::as_str).unwrap_or_default();
    // The samples of a process that is profiled twice would count twice.
    if !all.add(text("name"), pid, text("began")) {
        return Err(Error::SameProcess { target: target.to_string(), pid });
    }
    Ok(facts)
}

/// Returns the number of the process in facts about it; 0 when they have none.
fn pid_in(facts: &Value) -> u32 {
    let pid = facts.get("pid").and_then(Value::as_u64);
    pid.and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
}

/// Returns the path of a new profile. The name contains the start in milliseconds since 1970, from
/// which readers take the clock.
fn free_path(folder: &Path, began_ms: i64, pid: u32, at: usize) -> PathBuf {
    let path = folder.join(format!("CPU.{began_ms}.{pid}.cpuprofile"));
    if path.exists() { folder.join(format!("CPU.{began_ms}.{pid}.{at}.cpuprofile")) } else { path }
}

fn profiled(
    session: &mut Session,
    options: &Attach,
    stop: &(dyn Fn() -> bool + Sync),
    started: impl FnOnce(),
) -> Result<Value, Error> {
    let patience = Duration::from_secs(30);
    session.call("Profiler.enable", json!({}), patience)?;
    let interval = json!({ "interval": options.interval_us });
    session.call("Profiler.setSamplingInterval", interval, patience)?;
    let notify = json!({ "enabled": true });
    session.call("NodeRuntime.notifyWhenWaitingForDisconnect", notify, patience)?;
    session.call("Profiler.start", json!({}), patience)?;
    started();
    session.wait(options.duration, stop)?;
    // V8 needs some time to write a long profile.
    let mut answer = session.call("Profiler.stop", json!({}), Duration::from_secs(300))?;
    let profile = answer.get_mut("profile").map(Value::take);
    session.call("Profiler.disable", json!({}), patience)?;
    let address = session.target().to_owned();
    profile.ok_or(Error::OtherAnswer { address, expected: "V8's profiler" })
}

fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    wall::rfc3339(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// Writes `run.json` in the schema of `record`. The host is that of the first process.
fn write_facts(folder: &Path, started: String, processes: &[Value]) -> Result<(), Error> {
    let first = processes.first().cloned().unwrap_or_default();
    let of = |name: &str| first.get(name).cloned().unwrap_or_default();
    let processes: Vec<Value> = processes
        .iter()
        .map(|facts| {
            let names = ["pid", "ppid", "node", "v8", "exec"];
            let kept =
                names.map(|name| (name.to_owned(), facts.get(name).cloned().unwrap_or_default()));
            Value::Object(kept.into_iter().collect())
        })
        .collect();
    let host: serde_json::Map<String, Value> = ["name", "system", "architecture", "cpu", "cores"]
        .map(|name| (name.to_owned(), of(name)))
        .into_iter()
        .collect();
    let facts = json!({
        "schema": "spikeflame.run/1",
        "recorder": env!("CARGO_PKG_VERSION"),
        "started": started,
        "ended": now(),
        "profiler": "inspector",
        "way": "attach",
        "processes": processes,
        "host": host,
    });
    let path = folder.join("run.json");
    let mut text = serde_json::to_vec_pretty(&facts).unwrap_or_default();
    text.push(b'\n');
    fs::write(&path, text).map_err(Error::io(path))
}

#[cfg(test)]
mod tests {
    use super::{Attach, attach, beside};
    use crate::Error;
    use serde_json::{Value, json};
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;
    use tungstenite::Message;

    /// Answers as an inspector whose results are all empty.
    fn answer_nothing(listener: &TcpListener) {
        let (mut list, _) = listener.accept().unwrap();
        let _ = list.read(&mut [0; 1024]).unwrap();
        let body = r#"[{"webSocketDebuggerUrl":"ws://127.0.0.1/x"}]"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        list.write_all((head + body).as_bytes()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let mut socket = tungstenite::accept(stream).unwrap();
        while let Ok(Message::Text(text)) = socket.read() {
            let command: Value = serde_json::from_str(&text).unwrap();
            let answer = json!({ "id": command["id"], "result": {} });
            let _ = socket.send(Message::text(answer.to_string()));
        }
    }

    /// The error was: a profile of a process whose worker threads did most of the work had no word of them.
    #[test]
    fn a_process_that_uses_more_than_its_main_thread_is_named() {
        let profile = json!({
            "startTime": 0, "endTime": 4_000_000,
            "nodes": [
                { "id": 1, "callFrame": { "functionName": "(idle)" } },
                { "id": 2, "callFrame": { "functionName": "mainHot" } },
            ],
            "samples": [1, 2, 1, 1], "timeDeltas": [0, 1_000_000, 800_000, 2_200_000],
        });
        assert_eq!(beside(3_200_000.0, &profile), Some((0.8, 0.2)));
        // The profiler and V8's helpers use some CPU too.
        assert_eq!(beside(1_100_000.0, &profile), None);
        assert_eq!(beside(4_400_000.0, &json!({})), None);
    }

    /// The error was: the address of an answer without a profile was the folder of the run.
    #[test]
    fn an_answer_without_a_profile_is_that_of_the_target() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let folder = tempfile::tempdir().unwrap();
        let options = Attach {
            folder: folder.path().join("live"),
            targets: vec![address.parse().unwrap()],
            duration: Duration::from_millis(10),
            interval_us: 1_000,
        };
        let inspector = std::thread::spawn(move || answer_nothing(&listener));
        let error = attach(&options, &|| false, &mut |_| {}).unwrap_err();
        inspector.join().unwrap();
        let Error::OtherAnswer { address: named, .. } = error else { panic!("{error}") };
        assert_eq!(named, address);
    }
}
