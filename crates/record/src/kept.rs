//! The mark of a series in each of its run folders. By it, the same command goes on after a run that
//! failed.

use crate::facts;
use crate::{Error, Options, Outcome, Profiler, Series, redacted};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

const NAME: &str = ".spikeflame/series.json";

/// The mark of a run in its folder: the settings on which it depends, and its result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mark {
    settings: Settings,
    /// The result of a complete run; `None` for a run that is not complete.
    load: Option<Load>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Load {
    succeeded: bool,
    code: Option<i32>,
    /// True when the load was cut short.
    #[serde(default)]
    stopped: bool,
    /// The end of a program that failed by itself.
    #[serde(default)]
    program_failed: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    command: String,
    load: String,
    reset: String,
    profiler: String,
    /// The commit of the repository around the program, and whether it has changes.
    commit: String,
}

/// The state of a run's folder before the series begins.
pub(crate) enum State {
    /// The folder does not exist or is empty.
    Free,
    /// An earlier call left a complete run with these settings.
    Complete(Outcome),
    /// An earlier call left a run that failed.
    Failed,
}

impl Mark {
    pub(crate) fn new(options: &Options, series: &Series) -> Self {
        let hidden = |text: &Option<String>| {
            text.as_ref()
                .map_or(String::new(), |text| redacted(std::slice::from_ref(text)).join(" "))
        };
        let words: Vec<String> =
            options.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Self {
            settings: Settings {
                command: redacted(&words).join(" "),
                load: hidden(&options.load),
                reset: hidden(&series.reset),
                profiler: format!("{:?}", options.profiler),
                commit: facts::commit(options.directory.as_deref()),
            },
            load: None,
        }
    }

    /// Returns the state of a run's folder.
    ///
    /// # Errors
    ///
    /// Returns an error for a folder that is not of this series.
    pub(crate) fn state(&self, folder: &Path, profiler: Profiler) -> Result<State, Error> {
        let is_free = match fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => !folder.exists(),
        };
        if is_free {
            return Ok(State::Free);
        }
        if is_failed(folder) {
            return Ok(State::Failed);
        }
        let text = fs::read(folder.join(NAME)).unwrap_or_default();
        let Ok(was) = serde_json::from_slice::<Self>(&text) else {
            return Err(Error::NotEmpty { folder: folder.to_owned() });
        };
        let Some(load) = &was.load else { return Ok(State::Failed) };
        if let Some((setting, was, is)) = self.settings.differs(&was.settings) {
            return Err(Error::OtherSeries { folder: folder.to_owned(), setting, was, is });
        }
        let folder = folder.canonicalize().map_err(Error::io(folder))?;
        let logs = crate::session::logs(&folder, profiler);
        if logs.is_empty() {
            return Ok(State::Failed);
        }
        Ok(State::Complete(Outcome {
            folder,
            profiles: logs,
            load_succeeded: load.succeeded,
            load_code: load.code,
            load_stopped: load.stopped,
            program_failed: load.program_failed.clone(),
        }))
    }

    /// Writes the mark of a run that has begun.
    pub(crate) fn begin(&self, folder: &Path) {
        // A run without a mark is complete too; only the series cannot go on after it.
        let _ = serde_json::to_vec(self).map(|text| fs::write(folder.join(NAME), text));
    }

    /// Writes the mark of a complete run.
    pub(crate) fn complete(&self, outcome: &Outcome) {
        let load = Load {
            succeeded: outcome.load_succeeded,
            code: outcome.load_code,
            stopped: outcome.load_stopped,
            program_failed: outcome.program_failed.clone(),
        };
        Self { load: Some(load), ..self.clone() }.begin(&outcome.folder);
    }
}

impl Settings {
    fn differs(&self, was: &Self) -> Option<(&'static str, String, String)> {
        let texts = [
            ("the program", &was.command, &self.command),
            ("the load command", &was.load, &self.load),
            ("the reset command", &was.reset, &self.reset),
            ("the profiler", &was.profiler, &self.profiler),
            ("the commit", &was.commit, &self.commit),
        ];
        let found = texts.into_iter().find(|(_, was, is)| was != is);
        found.map(|(name, was, is)| (name, was.clone(), is.clone()))
    }
}

/// The mark of a recording that failed: its folder holds no run.
const FAILED: &str = ".spikeflame/failed";

/// Returns true for the folder of a recording that failed.
pub(crate) fn is_failed(folder: &Path) -> bool {
    folder.join(FAILED).is_file()
}

/// Marks the folder of a recording that failed.
pub(crate) fn mark_failed(folder: &Path) {
    // A recording that did not start has left no files, and gets no mark.
    let _ = fs::write(folder.join(FAILED), "");
}

/// Renames the folder of a run that failed, so that patterns such as `before-*` leave it out, and
/// returns its new path.
///
/// # Errors
///
/// Returns an error when the folder cannot be renamed.
pub(crate) fn set_aside(folder: &Path) -> Result<PathBuf, Error> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let named = |at: u32| match at {
        1 => folder.with_file_name(format!("failed-{name}")),
        _ => folder.with_file_name(format!("failed-{name}-{at}")),
    };
    let aside = (1..).map(named).find(|path| !path.exists()).unwrap_or_else(|| named(1));
    fs::rename(folder, &aside).map_err(Error::io(folder))?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the same call again stated another reason for the failure of a run that it kept.
    #[test]
    fn a_kept_run_remembers_that_its_load_was_stopped() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".spikeflame")).unwrap();
        fs::write(folder.path().join("CPU.1.cpuprofile"), "{}").unwrap();
        let mark = r#"{"settings":{"command":"","load":"","reset":"","profiler":"","commit":""},"load":null}"#;
        let mark: Mark = serde_json::from_str(mark).unwrap();
        for load_stopped in [true, false] {
            mark.complete(&Outcome {
                folder: folder.path().to_owned(),
                profiles: Vec::new(),
                load_succeeded: false,
                load_code: None,
                load_stopped,
                program_failed: None,
            });
            let State::Complete(kept) = mark.state(folder.path(), Profiler::CpuProf).unwrap()
            else {
                panic!("the run is complete")
            };
            assert_eq!(kept.load_stopped, load_stopped);
        }
    }
}
