//! `run.json`: the facts that the recorder wrote of a run.

use crate::time::SECOND_US;
use serde::{Deserialize, Deserializer};
use spikeflame_profile::wall;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The schema that is read.
const SCHEMA: &str = "spikeflame.run/1";
/// Largest size in bytes. A longer file is not the `run.json` of a recorder.
const LARGEST_FACTS_BYTES: u64 = 8 << 20;

/// The facts about a run that the recorder wrote to `run.json` in its folder.
///
/// ```
/// use spikeflame_run::Facts;
///
/// # let folder = tempfile::tempdir()?;
/// let text = r#"{ "schema": "spikeflame.run/1", "started": "2026-11-27T19:00:00Z",
///     "processes": [{ "node": "v24.1.0" }], "host": { "cores": 2 } }"#;
/// std::fs::write(folder.path().join("run.json"), text)?;
/// let facts = Facts::read(folder.path())?.ok_or("no run.json")?;
/// assert_eq!(facts.settings()[0].value, "v24.1.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The start of the recorded program, in microseconds since 1970; `None` when the file has
    /// none.
    pub started_us: Option<i64>,
    /// The start of the load command, in microseconds since 1970; `None` when the file has none.
    pub load_started_us: Option<i64>,
    /// The end of the load command, in microseconds since 1970; `None` when it is not known.
    pub load_ended_us: Option<i64>,
    /// The program that was recorded and its arguments, with `***` in place of values that look like secrets.
    /// Empty when the file has none.
    pub command: Vec<String>,
    /// The shell command of the load, with `***` in place of secrets; `None` for a run without one.
    pub load_command: Option<String>,
    /// The exit code or the signal of the load command in words, such as `exit code 0`. `None` for a run
    /// without one, and when the recorder did not see its end.
    pub load_exit: Option<String>,
    /// The reason in words why the load command was stopped before its own end, such as `the end was asked
    /// for`. `None` for a load that ended by itself, and for a run without one.
    pub load_stopped: Option<String>,
    /// The exit code or the signal of the program in words; `None` when the file has none.
    pub exit: Option<String>,
    /// The reason why the recording, or the program by itself, failed; `None` when the file has none.
    pub failed: Option<String>,
    /// The time at which the condition held for which the load command waited, or else at which the
    /// program first listened on a port, in microseconds since 1970. `None` when it is not known.
    pub answered_us: Option<i64>,
    /// False when the end of the run in `run.json` is `null`: the run is still recorded, or its
    /// recorder was killed.
    pub is_finished: bool,
    /// The steps of the machine's clock during the run, in their order.
    pub clock_steps: Vec<ClockStep>,
    /// The reason of a write into the run's folder that failed; `None` when no write failed.
    pub write_failed: Option<String>,
    /// The git commit of the program's working directory; `None` when the file has none.
    pub commit: Option<String>,
    /// The name of the host; `None` when the file has none.
    pub host: Option<String>,
    /// The process ids of the program's Node processes, in the order of the file. A process without
    /// an id in the file is left out.
    pub processes: Vec<u32>,
    /// The load average of the machine when the run began: the mean number of processes that ran or
    /// waited for a core in the minute before. `None` when the file has none.
    pub load_average: Option<f64>,
    /// The number of the machine's cores; `None` when the file has none.
    pub cores: Option<u32>,
    /// The time at which each of `processes` began, in microseconds since 1970, as far as the file has it.
    pub(crate) began_us: HashMap<u32, i64>,
    settings: Vec<Setting>,
}

/// A step of the machine's clock: it was set, or the machine slept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStep {
    /// The time at which the recorder saw the step, in microseconds since 1970, by the clock after the
    /// step.
    pub at_us: i64,
    /// Milliseconds by which the clock moved more than the time that passed; negative when it was
    /// set back.
    pub ms: i64,
}

/// A fact on which the costs of a run depend, such as the version of Node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of the fact in words: `Node`, `profiler`, `architecture`, `processor`, `cores` or
    /// `CPU limit of the control group`.
    pub name: &'static str,
    /// The value of the fact in this run, such as `v24.1.0`; several versions of Node have commas
    /// between them.
    pub value: String,
}

/// Reasons why the recorder's `run.json` could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoFacts {
    /// The file could not be opened or read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file is not valid JSON of its schema.
    #[error("{0}")]
    Damaged(#[from] serde_json::Error),
    /// The file has another version of the schema. The value is its name.
    #[error("its schema is {0:?}, and this version reads {SCHEMA:?}")]
    OtherSchema(String),
}

/// Converts a time of RFC 3339 to microseconds since 1970.
pub(crate) fn wall_us(text: &str) -> Option<i64> {
    let iso = wall::read_iso(text)?;
    let zone_us = i64::from(iso.zone_s.unwrap_or(0)).checked_mul(SECOND_US)?;
    iso.civil.unix_us()?.checked_sub(zone_us)
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    started: Option<String>,
    /// `Some(None)` for the `null` that the recorder writes while a run lasts.
    #[serde(default, deserialize_with = "present")]
    ended: Option<Option<String>>,
    #[serde(default)]
    command: Vec<String>,
    profiler: Option<String>,
    load: Option<LoadJson>,
    exit: Option<String>,
    failed: Option<String>,
    answered: Option<String>,
    #[serde(default)]
    processes: Vec<ProcessJson>,
    #[serde(default)]
    clock_steps: Vec<StepJson>,
    write_failed: Option<String>,
    git: Option<GitJson>,
    #[serde(default)]
    host: HostJson,
}

/// Reads a value that may be `null`, for a key that is there.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

#[derive(Default, Deserialize)]
struct LoadJson {
    command: Option<String>,
    started: Option<String>,
    ended: Option<String>,
    exit: Option<String>,
    stopped: Option<String>,
}

#[derive(Deserialize)]
struct ProcessJson {
    pid: Option<u32>,
    began: Option<String>,
    node: Option<String>,
}

#[derive(Deserialize)]
struct StepJson {
    at: String,
    ms: i64,
}

fn step(step: StepJson) -> Option<ClockStep> {
    Some(ClockStep { at_us: wall_us(&step.at)?, ms: step.ms })
}

#[derive(Deserialize)]
struct GitJson {
    commit: Option<String>,
}

#[derive(Default, Deserialize)]
struct HostJson {
    name: Option<String>,
    architecture: Option<String>,
    cpu: Option<String>,
    cores: Option<u32>,
    load_average: Option<f64>,
    cgroup_cpu: Option<String>,
}

impl Facts {
    /// Reads `run.json` in `folder`. Returns `None` when there is no such file, or when it does not look like
    /// one of the recorder.
    ///
    /// # Errors
    ///
    /// Returns the reason when the recorder's file cannot be used.
    pub fn read(folder: &Path) -> Result<Option<Self>, NoFacts> {
        let path = folder.join("run.json");
        if !path.is_file() {
            return Ok(None);
        }
        let mut text = Vec::new();
        File::open(path)?.take(LARGEST_FACTS_BYTES).read_to_end(&mut text)?;
        let of_recorder = memchr::memmem::find(&text, b"spikeflame.run/").is_some();
        match serde_json::from_slice::<Document>(&text) {
            Ok(document) if document.schema == SCHEMA => Ok(Some(Self::from_document(document))),
            Ok(document) if document.schema.starts_with("spikeflame.run/") => {
                Err(NoFacts::OtherSchema(document.schema))
            }
            Err(why) if of_recorder => Err(why.into()),
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// Returns the facts on which costs depend, in a fixed order; facts that the file lacks are
    /// left out.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    fn from_document(document: Document) -> Self {
        let time = |text: Option<String>| wall_us(&text?);
        let Document { host, processes, load, .. } = document;
        let load = load.unwrap_or_default();
        let versions: BTreeSet<String> =
            processes.iter().filter_map(|process| process.node.clone()).collect();
        let node = versions.into_iter().collect::<Vec<_>>().join(", ");
        let values = [
            ("Node", Some(node)),
            ("profiler", document.profiler),
            ("architecture", host.architecture),
            ("processor", host.cpu),
            ("cores", host.cores.map(|cores| cores.to_string())),
            ("CPU limit of the control group", host.cgroup_cpu.map(|limit| limit_in_cores(&limit))),
        ];
        let settings = values.into_iter().filter_map(|(name, value)| {
            Some(Setting { name, value: value.filter(|value| !value.is_empty())? })
        });
        let began = |of: &ProcessJson| Some((of.pid?, wall_us(of.began.as_deref()?)?));
        Self {
            started_us: time(document.started),
            is_finished: document.ended != Some(None),
            load_started_us: time(load.started),
            load_ended_us: time(load.ended),
            command: document.command,
            load_command: load.command,
            load_exit: load.exit,
            load_stopped: load.stopped,
            exit: document.exit,
            failed: document.failed,
            answered_us: time(document.answered),
            clock_steps: document.clock_steps.into_iter().filter_map(step).collect(),
            write_failed: document.write_failed,
            host: host.name,
            commit: document.git.and_then(|git| git.commit),
            processes: processes.iter().filter_map(|process| process.pid).collect(),
            began_us: processes.iter().filter_map(began).collect(),
            load_average: host.load_average,
            cores: host.cores,
            settings: settings.collect(),
        }
    }
}

/// Returns the kernel's words for a CPU limit (`max 100000`: a quota and a period in microseconds) as a number
/// of cores, and `none` without a limit. Other texts stay.
fn limit_in_cores(limit: &str) -> String {
    let words: Vec<&str> = limit.split_whitespace().collect();
    let [quota, period @ ..] = words.as_slice() else { return String::new() };
    if *quota == "max" {
        return "none".to_owned();
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|us| us.is_finite() && *us > 0.0);
    match period.first().and_then(|period| number(period)).zip(number(quota)) {
        // Two digits tell limits apart, and 2.00 is written as 2.
        Some((period, quota)) => {
            let cores = (100.0 * quota / period).round() / 100.0;
            format!("{cores} core{}", if cores == 1.0 { "" } else { "s" })
        }
        None => limit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::limit_in_cores;

    /// The error was: the text of the kernel, `max 100000`, was a condition of a comparison.
    #[test]
    fn limits_of_cpu_are_numbers_of_cores() {
        let texts = ["max 100000", "max", "150000 100000", "50000 50000", "high 1", "100000", ""];
        let read = texts.map(limit_in_cores);
        assert_eq!(read, ["none", "none", "1.5 cores", "1 core", "high 1", "100000", ""]);
    }
}
