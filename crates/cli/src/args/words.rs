//! Options of one command line as words of another one, for the commands that `doctor` proposes.

use super::input::{ReadingArgs, ZoneArgs};
use super::load::{LoadAxis, StartArgs, TestArgs};
use crate::output::quoted;
use crate::words::offset;
use clap::ValueEnum;
use spikeflame_profile::wall;
use std::path::Path;

/// Options for a shell, each with a space before it.
#[derive(Default)]
struct Words(String);

impl Words {
    /// Adds an option with its value, when there is a value.
    fn add(&mut self, option: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0 += &format!(" {option} {}", quoted(Path::new(value)));
        }
    }

    /// Adds an option that has no value.
    fn mark(&mut self, option: &str, is_set: bool) {
        if is_set {
            self.0 += &format!(" {option}");
        }
    }
}

impl ReadingArgs {
    /// Returns the options that the user gave, as words for a shell.
    pub(crate) fn words(&self) -> String {
        let mut words = Words::default();
        for folder in &self.symbols {
            words.add("--symbols", folder.to_str());
        }
        words.add("--sample-type", self.sample_type.as_deref());
        words.add("--input-format", self.input_format.map(|format| format.name()));
        words.mark("--raw-names", self.raw_names);
        words.0 += &self.zone.words();
        words.mark("--source-maps", self.maps.source_maps);
        for (prefix, folder) in &self.maps.source_root {
            words.add("--source-root", Some(&format!("{prefix}={}", folder.display())));
        }
        words.0
    }
}

impl ZoneArgs {
    /// Returns the option that the user gave, as words for a shell.
    pub(crate) fn words(&self) -> String {
        let mut words = Words::default();
        words.add("--log-zone", self.log_zone.map(offset).as_deref());
        words.0
    }
}

impl StartArgs {
    /// Returns the option that the user gave, as words for a shell.
    pub(crate) fn words(self) -> String {
        let mut words = Words::default();
        let start = self.profile_start.and_then(|us| u64::try_from(us).ok()).map(wall::rfc3339);
        words.add("--profile-start", start.as_deref());
        words.0
    }
}

impl TestArgs {
    /// Returns the options that the user gave, as words for a shell.
    pub(crate) fn words(&self) -> String {
        let mut words = Words::default();
        words.add("--endpoint", self.endpoint.as_deref());
        words.add("--scenario", self.scenario.as_deref());
        for (meaning, column) in self.file.columns.iter().flat_map(|columns| &columns.0) {
            words.add("--columns", Some(&format!("{meaning}={column}")));
        }
        let number = |number: Option<usize>| number.map(|number| number.to_string());
        words.add("--test", number(self.file.test).as_deref());
        words.add("--plateau", number(self.file.plateau).as_deref());
        let axis = self.axis.as_ref().and_then(LoadAxis::to_possible_value);
        words.add("--axis", axis.as_ref().map(|value| value.get_name()));
        words.0
    }
}
