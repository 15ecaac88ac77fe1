//! Shows the files in a run's folder, which of them fit together, and what is missing for each
//! command, as text and as JSON.

mod json;
mod text;

pub use json::json;
pub use text::text;

use serde::Serialize;

/// The answer of `doctor` about a run: its files, the checks, and for each command whether it can
/// run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Diagnosis {
    /// The folder or the file, as the user named it.
    pub run: String,
    /// The first 500 files, ordered by name. For a folder of several runs, they are its first 50
    /// runs, the folders that are not compared, and `ab.json`.
    pub files: Vec<FileView>,
    /// Number of further files, or further runs, in the folder, which are not described.
    pub more_files: usize,
    /// The checks. A check that does not apply is left out.
    pub checks: Vec<Check>,
    /// The commands for a run, ready or not ([`Step::ready`]), in a fixed order.
    pub commands: Vec<Step>,
    /// Warnings, each of one sentence or more.
    pub warnings: Vec<String>,
}

/// A file of the run, described in words.
#[derive(Clone, Debug, Serialize)]
pub struct FileView {
    /// The name of the file. In a folder of several runs, it is the name of a run's folder, or `ab.json`.
    pub name: String,
    /// The content in a word: `recording`, `log`, `load test`, `totals` (of a load test), `facts` (of the
    /// recorder, on Node and the machine), `usage` (of CPU and memory), `addresses` (of libraries), `names` (of
    /// JavaScript functions, for perf), `monitor` (such as CloudWatch), `unusable`, `other`. In a folder of
    /// several runs, it is `run` or, for `ab.json`, `settings`. In a folder above them, it is also `runs`.
    pub content: &'static str,
    /// Facts about the content in a sentence, or the reason why the file is not used.
    pub about: String,
}

/// The result of checking one part of a run, or whether two parts fit together.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The subject in a word or two:
    ///
    /// - `end`: the recording, the program or the load command failed. The check appears only then.
    /// - `load`: the run has one load test with times.
    /// - `clocks`: the times of the load test fit those of the recording, or of a log that is shown like
    ///   one. This check needs both.
    /// - `cpu`: the busiest thread did not get the CPU that it could use. The check appears only in
    ///   this case.
    /// - `plateau`: the load test has a steady part. This check needs a load test with times.
    /// - `builds`: all recordings are of one program. The check is left out when no program is
    ///   known.
    /// - `records`: samples or other parts of a recording cannot be read, or the recording cannot be
    ///   used. The check appears only in these cases.
    /// - `symbols`: less than 1 % of the samples end in native code without a name.
    /// - `source maps`: whether the application's own functions are shown in their original
    ///   language. The check is left out when there are no such functions.
    ///
    /// The last four need a recording. When the recording cannot be used, `records` is the only one
    /// of these four.
    ///
    /// About a folder of several runs, there are also these: `sides` (it has two sides with several runs),
    /// `order` (they were recorded in turn; only for two sides with two or more runs) and `settings` (all are of one
    /// version of Node, one machine and one profiler).
    #[serde(rename = "what")]
    pub subject: &'static str,
    /// The result of the check.
    pub state: State,
    /// The result of the check in a sentence.
    pub text: String,
    /// The next step for the user; `None` when there is none to propose.
    pub way: Option<String>,
}

/// The result of a check: whether a part of the run folder, such as its clock, can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is missing.
    Good,
    /// The part is there, but it can be used only in part.
    Partly,
    /// The part is missing, or it cannot be used.
    Missing,
}

/// A command, and whether it can run.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// The command: `top`, `top --window plateau`.
    pub command: &'static str,
    /// True when nothing is missing for the command.
    pub ready: bool,
    /// The command line of this command, or, while it is not ready, another one to go on with.
    pub line: String,
    /// The parts that are missing, in words; empty when the command is ready.
    pub missing: String,
}
