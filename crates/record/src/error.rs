//! Reasons why a run could not be recorded.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Reasons why a run could not be recorded. Files that were collected before the error stay in the
/// run folder as a rule.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The run folder, or the folder of a new comparison, is not empty; or all runs of a series are complete.
    #[error(
        "{}: the folder is not empty, and a run must not mix with another; name a new folder, or remove \
         this one first",
        folder.display()
    )]
    NotEmpty {
        /// The folder that is not empty.
        folder: PathBuf,
    },
    /// A file or folder could not be written or read.
    #[error("{}: {source}{}", path.display(), room(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// No command was given.
    #[error("no program was named; put it behind --, as in `-- node dist/main.js`")]
    NoCommand,
    /// The program runs in a version of Node before 16.
    #[error("Node {version} is too old: `record` needs Node 16 or newer; put one first on PATH")]
    OldNode {
        /// The version of Node.
        version: String,
    },
    /// The program, or the shell for a command around it, could not be started.
    #[error("{command}: the program could not be started: {source}{}", hint(command, source))]
    NotStarted {
        /// The program that the caller named, `perf` for its recordings, or `sh`.
        command: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The program ended before it answered.
    #[error(
        "the program ended ({status}) before it answered{ports}; its output is in {}",
        log.display()
    )]
    EndedEarly {
        /// The ports that it listened on, or could not listen on, as a part of a sentence; often empty.
        ports: String,
        /// The program's exit code or signal, in words.
        status: String,
        /// The file with the program's output.
        log: PathBuf,
    },
    /// Something answered at the address or the port that the recorder is to wait for ([`Wait`](crate::Wait)) before
    /// the program was started, so that the load would go to another program.
    #[error(
        "{wanted} was there before the program was started: another program answers, and the load \
         would go to it; end that program, or wait for a line of the output"
    )]
    AnswersBefore {
        /// The sign that the recorder waits for, in words.
        wanted: String,
    },
    /// The program did not answer in time.
    #[error(
        "{wanted} did not come within {} s{ports}; the output of the program is in {}; name another sign to wait \
         for, or a longer time",
        patience.as_secs(), log.display()
    )]
    NoAnswer {
        /// The ports that it listened on, or could not listen on, as a part of a sentence; often empty.
        ports: String,
        /// The sign that the recorder waited for, in words.
        wanted: String,
        /// The longest wait that the caller allowed.
        patience: Duration,
        /// The file with the program's output.
        log: PathBuf,
    },
    /// The recording failed, and so did a write into its folder: one before, or a write that was tried
    /// afterwards to find the reason, for example a full disk.
    #[error(
        "{}: files of the run could not be written ({why}); make room there, or name a folder on another \
         disk. After that, {then}",
        folder.display()
    )]
    NotWritten {
        /// The run folder.
        folder: PathBuf,
        /// The reason why the write failed; the time of the write stands before it when it is known.
        why: String,
        /// The error with which the recording failed.
        then: Box<Error>,
    },
    /// The program ended, and there is no profile in the folder.
    #[error(
        "no profile was written: {why}; the output of the program is in {}",
        log.display()
    )]
    NoProfile {
        /// The likely reason.
        why: &'static str,
        /// The file with the program's output.
        log: PathBuf,
    },
    /// A command around the runs failed: a build, a reset, the copy of a side's folder.
    #[error("the command `{command}` failed ({status}); its output is above")]
    CommandFailed {
        /// The command, without secrets.
        command: String,
        /// The command's exit code or signal, in words.
        status: String,
    },
    /// The caller or a signal asked for the end ([`Stop`](crate::Stop)) before all runs of a series or
    /// a comparison were complete. A single recording has [`Error::NoProfile`] when it ends too early.
    #[error("interrupted; complete runs are kept, and the same command goes on with the others")]
    Interrupted,
    /// The shell did not find the load command, or could not run it, as its exit code 127 or 126
    /// states.
    #[error("the load command could not be run ({status}): see its output above")]
    NoLoad {
        /// The exit code of the shell in words: `exit code 127`.
        status: String,
    },
    /// The program of a run in a comparison ended by itself with a failure, so that the run cannot be
    /// compared.
    #[error(
        "{run}: the program ended with {status}, and a run that failed cannot be compared; its output is \
         in {}; mend it, or give it as a shell command that ends with exit code 0",
        log.display()
    )]
    ProgramFailed {
        /// The name of the run, such as `a-1`.
        run: String,
        /// The program's exit code or signal, in words.
        status: String,
        /// The file with the program's output.
        log: PathBuf,
    },
    /// The folder of a comparison belongs to another comparison.
    #[error(
        "{}: it holds a comparison with other settings: {setting} was {was:?} and is {is:?}; \
         name a new folder, or repeat the command as it was",
        folder.display()
    )]
    OtherComparison {
        /// The folder of the comparison.
        folder: PathBuf,
        /// The setting that differs.
        setting: &'static str,
        /// The setting's value in the folder.
        was: String,
        /// The setting's value in this call.
        is: String,
    },
    /// A run of a series is there already, with other settings.
    #[error(
        "{}: the run is there already, with other settings: {setting} was {was:?} and is {is:?}; \
         name a new folder, or repeat the command as it was",
        folder.display()
    )]
    OtherSeries {
        /// The folder of the run.
        folder: PathBuf,
        /// The setting that differs.
        setting: &'static str,
        /// The setting's value in the folder.
        was: String,
        /// The setting's value in this call.
        is: String,
    },
    /// Another process records into the folder of a comparison.
    #[error("{}: another process records into it; wait for its end", folder.display())]
    Busy {
        /// The folder of the comparison.
        folder: PathBuf,
    },
    /// The commit or the folder of a side does not exist or cannot be used.
    #[error("{place}: {why}")]
    NoPlace {
        /// The side: as the caller named it, or its commit or whole path once these were found.
        place: String,
        /// The reason why this side cannot be used.
        why: String,
    },
    /// The operating system refused to report signals to the recorder.
    #[error("cannot listen to signals: {0}")]
    Signals(io::Error),
}

/// Returns the advice for a disk without room.
fn room(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room there, or name a folder on another disk"
        }
        _ => "",
    }
}

/// Returns the advice for a program that does not exist.
fn hint(command: &str, source: &io::Error) -> &'static str {
    match (source.kind(), command) {
        (io::ErrorKind::NotFound, "node" | "npm" | "npx") => {
            "; install Node, or add its folder to PATH"
        }
        (io::ErrorKind::NotFound, "perf") => {
            "; install it (Debian: the package linux-perf), or take a profiler of Node's own"
        }
        (io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied, script)
            if [".js", ".mjs", ".cjs"].iter().any(|end| script.ends_with(end)) =>
        {
            "; put `node` before it, as in `-- node main.js`"
        }
        (io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied, script)
            if [".ts", ".mts", ".cts"].iter().any(|end| script.ends_with(end)) =>
        {
            "; put the program that runs TypeScript before it, as in `-- npx tsx main.ts`"
        }
        (io::ErrorKind::NotFound, _) => "; give its path, or add its folder to PATH",
        _ => "",
    }
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
