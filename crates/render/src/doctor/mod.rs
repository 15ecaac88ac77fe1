//! What is in a run's folder, what fits together, and what is missing for each command: as text and
//! as JSON.

mod json;
mod text;

pub use json::json;
pub use text::text;

use serde::Serialize;

/// The answer about a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Diagnosis {
    /// The folder or the file, as the user named it.
    pub run: String,
    /// The files, by name.
    pub files: Vec<FileShown>,
    /// Number of further files that were not looked at.
    pub more_files: usize,
    /// The parts that were compared with each other.
    pub checks: Vec<Check>,
    /// The commands, and what each needs.
    pub commands: Vec<Step>,
    /// Warnings, one sentence each.
    pub warnings: Vec<String>,
}

/// A file in words.
#[derive(Clone, Debug, Serialize)]
pub struct FileShown {
    /// The file's name.
    pub name: String,
    /// The content in a word: `recording`, `log`, `load test`, `totals`, `facts`, `unusable`,
    /// `other`.
    pub content: &'static str,
    /// The content in numbers, or the reason why it is not used.
    pub about: String,
}

/// Whether two parts fit together.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The subject: `load`, `clocks`, `plateau`, `builds`, `records`, `symbols`, `maps`.
    pub what: &'static str,
    /// The result.
    pub state: State,
    /// The result in a sentence.
    pub text: String,
    /// The way to go on, where something is missing.
    pub way: Option<String>,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is missing.
    Good,
    /// Something is there, with a limit.
    Partly,
    /// Nothing is there, or it cannot be used.
    Missing,
}

/// A command, and whether it can run.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The command: `top`, `top --window plateau`.
    pub command: &'static str,
    /// True when everything is there.
    pub ready: bool,
    /// The line that runs it, or the one that makes what is missing.
    pub line: String,
    /// The parts that are missing, in words; empty when the command is ready.
    pub missing: String,
}
