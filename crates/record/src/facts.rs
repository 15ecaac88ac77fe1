//! The file `run.json`: when, where and how a run was recorded.

use crate::limits::Limits;
use crate::program::Way;
use crate::steps::ClockStep;
use crate::{Error, Options, folder::Folder, redacted, steps, writes};
use serde::Serialize;
use spikeflame_profile::wall;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The facts of a run, schema `spikeflame.run/1` (`docs/record.md`). Environment variables
/// are named without their values, and values of arguments that look like secrets are replaced by
/// `***`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Facts {
    schema: &'static str,
    /// The version of Spikeflame.
    recorder: &'static str,
    /// The start of the run, as RFC 3339 in UTC.
    started: String,
    /// The end of the run, as RFC 3339 in UTC. It is `None` while the run lasts. It stays `None`
    /// when the recorder is killed, and when the program cannot be started.
    pub(crate) ended: Option<String>,
    command: Vec<String>,
    profiler: &'static str,
    /// How the profiler's flags reached Node: `flags` or `preload`.
    pub(crate) way: Option<&'static str>,
    pub(crate) exit: Option<String>,
    /// The time at which the program gave the sign that it answers, or listened on its first port.
    pub(crate) answered: Option<String>,
    /// The reason why the recording, or the program by itself, failed.
    pub(crate) failed: Option<String>,
    pub(crate) load: Option<LoadFacts>,
    pub(crate) processes: Vec<serde_json::Value>,
    /// The times at which the machine's clock was set, or at which the machine slept.
    pub(crate) clock_steps: Vec<ClockStep>,
    /// The time and the reason of a write into the run folder that failed. The profiler gets no room
    /// for its log then either, and does not report that.
    pub(crate) write_failed: Option<String>,
    git: Option<Git>,
    host: Host,
    /// Names of the environment variables, in alphabetical order.
    environment: Vec<String>,
}

/// The command that loaded the program, and how it ended.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LoadFacts {
    pub(crate) command: String,
    pub(crate) started: String,
    pub(crate) ended: Option<String>,
    pub(crate) exit: Option<String>,
    /// The reason why the load command was stopped before its own end.
    pub(crate) stopped: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct Git {
    commit: String,
    /// True when files that git tracks have changes.
    dirty: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Host {
    name: String,
    system: &'static str,
    architecture: &'static str,
    /// Model of the processor.
    cpu: Option<String>,
    cores: usize,
    /// The tightest limit of the control groups: microseconds of CPU and of the period.
    cgroup_cpu: Option<String>,
    /// The tightest limit of the control groups, in bytes.
    cgroup_memory: Option<String>,
    /// Load average over one minute at the start.
    load_average: Option<f64>,
}

pub(crate) fn now() -> String {
    wall::rfc3339(crate::output::now_us())
}

/// Returns the text of a file of the system without spaces around it; `None` for an empty one.
fn text(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Facts {
    pub(crate) fn begin(options: &Options) -> Self {
        let average = text("/proc/loadavg")
            .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
        let limits = Limits::of_this_process();
        let mut environment: Vec<String> =
            std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
        environment.sort();
        let command: Vec<String> =
            options.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Self {
            schema: "spikeflame.run/1",
            recorder: env!("CARGO_PKG_VERSION"),
            started: now(),
            ended: None,
            command: redacted(&command),
            profiler: options.profiler.name(),
            way: None,
            exit: None,
            answered: None,
            failed: None,
            load: None,
            processes: Vec::new(),
            clock_steps: Vec::new(),
            write_failed: None,
            git: git(options.directory.as_deref()),
            host: Host {
                name: text("/proc/sys/kernel/hostname").unwrap_or_default(),
                system: std::env::consts::OS,
                architecture: std::env::consts::ARCH,
                cpu: text("/proc/cpuinfo").and_then(|text| processor(&text)),
                cores: std::thread::available_parallelism().map_or(1, usize::from),
                cgroup_cpu: limits.cpu,
                cgroup_memory: limits.memory,
                load_average: average,
            },
            environment,
        }
    }

    pub(crate) fn started_by(&mut self, way: Way) {
        self.way = Some(way.word());
    }

    /// Reads the files that the preloaded module wrote in each Node process.
    pub(crate) fn gather(&mut self, folder: &Folder) {
        let files = folder.files(true, |name| name.starts_with("process-"));
        self.processes = files.iter().filter_map(|path| process(path)).collect();
        self.write_failed = writes::noted(folder);
        self.answered =
            self.answered.take().or_else(|| folder.first_listening().map(steps::rfc3339));
    }

    /// Returns the numbers of the Node processes, after [`Facts::gather`].
    pub(crate) fn pids(&self) -> Vec<u64> {
        self.processes.iter().filter_map(|process| process.get("pid")?.as_u64()).collect()
    }

    pub(crate) fn write(&self, folder: &Folder) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        folder.replace("run.json", &text)
    }
}

/// Returns the version of a Node that is too old for the preloaded module, when one was started.
pub(crate) fn too_old(folder: &Folder) -> Option<String> {
    let files = folder.files(true, |name| name.starts_with("old-"));
    // The file is empty for a moment before the process has written into it.
    fs::read_to_string(files.first()?).ok().filter(|version| !version.is_empty())
}

/// Returns the model of the first processor in the text of `/proc/cpuinfo`. ARM machines have no
/// such line.
fn processor(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

fn process(path: &Path) -> Option<serde_json::Value> {
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    if let Some(words) = value.get("argv").and_then(|argv| argv.as_array()) {
        let words: Vec<String> =
            words.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect();
        let words = redacted(&words);
        value.as_object_mut()?.insert("argv".to_owned(), words.into());
    }
    Some(value)
}

/// The note after a commit for changes that are not in it.
pub(crate) const WITH_CHANGES: &str = " with changes";

/// Returns the commit of the repository around a folder, with a note of changes that are not in it.
/// The text is empty without a repository.
pub(crate) fn commit(directory: Option<&Path>) -> String {
    git(directory).map_or(String::new(), |git| match git.dirty {
        true => git.commit + WITH_CHANGES,
        false => git.commit,
    })
}

fn git(directory: Option<&Path>) -> Option<Git> {
    let commit = ask_git(directory, &["rev-parse", "HEAD"])?;
    let changed = ask_git(directory, &["status", "--porcelain", "--untracked-files=no"])?;
    Some(Git { commit, dirty: !changed.is_empty() })
}

/// Returns the output of git in a directory, without spaces around it. Returns `None` when git is not
/// installed or fails.
fn ask_git(directory: Option<&Path>, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    if let Some(directory) = directory {
        git.current_dir(directory);
    }
    let output = git.args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
