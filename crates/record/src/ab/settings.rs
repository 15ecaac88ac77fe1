//! The file `ab.json`: the settings of a comparison, by which an interrupted one is recognised.

use super::builds::Ab;
use super::place::SideSource;
use crate::{Error, Profiler, redacted};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// The settings on which the runs of a comparison depend. The number of runs is not among
/// them: more runs can be added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    schema: String,
    a: String,
    b: String,
    build: String,
    reset: String,
    load: String,
    profiler: String,
    command: Vec<String>,
}

impl Settings {
    pub(super) fn new(ab: &Ab, sides: &[SideSource; 2]) -> Self {
        let hidden = |text: &Option<String>| {
            let text = text.clone().unwrap_or_default();
            redacted(&[text]).join(" ")
        };
        let words: Vec<String> =
            ab.options.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let [a, b] = sides;
        Self {
            schema: "spikeflame.ab/1".to_owned(),
            a: a.to_string(),
            b: b.to_string(),
            build: hidden(&ab.build),
            reset: hidden(&ab.series.reset),
            load: hidden(&ab.options.load),
            profiler: ab.options.profiler.name().to_owned(),
            command: redacted(&words),
        }
    }

    /// Compares these settings with those of the folder, or writes them there.
    pub(super) fn hold_against(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join("ab.json");
        if let Ok(text) = fs::read(&path) {
            let mut was: Self = serde_json::from_slice(&text)
                .map_err(|why| Error::Io { path: path.clone(), source: why.into() })?;
            // Earlier versions wrote the names of the enum's variants.
            let variants = [Profiler::Prof, Profiler::CpuProf, Profiler::Perf];
            if let Some(profiler) = variants.iter().find(|one| format!("{one:?}") == was.profiler) {
                profiler.name().clone_into(&mut was.profiler);
            }
            return match self.differs(&was) {
                None => Ok(()),
                Some((setting, was, is)) => {
                    Err(Error::OtherComparison { folder: folder.to_owned(), setting, was, is })
                }
            };
        }
        let is_other = |name: &str| name != ".ab";
        let entries = fs::read_dir(folder).map_err(Error::io(folder))?;
        if entries.flatten().any(|entry| entry.file_name().to_str().is_none_or(is_other)) {
            return Err(Error::NotEmpty { folder: folder.to_owned() });
        }
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        let beside = folder.join(".ab").join("ab.json");
        fs::write(&beside, text).map_err(Error::io(&beside))?;
        fs::rename(&beside, &path).map_err(Error::io(&path))
    }

    fn differs(&self, was: &Self) -> Option<(&'static str, String, String)> {
        let [a, b] = ["side A", "side B"];
        let texts = [
            ("schema", &was.schema, &self.schema),
            (a, &was.a, &self.a),
            (b, &was.b, &self.b),
            ("the build command", &was.build, &self.build),
            ("the reset command", &was.reset, &self.reset),
            ("the load command", &was.load, &self.load),
            ("the profiler", &was.profiler, &self.profiler),
        ];
        let found = texts.into_iter().find(|(_, was, is)| was != is);
        let found = found.map(|(name, was, is)| (name, was.clone(), is.clone()));
        let command = || {
            (was.command != self.command)
                .then(|| ("the program", was.command.join(" "), self.command.join(" ")))
        };
        found.or_else(command)
    }
}
