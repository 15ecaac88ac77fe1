//! Writes files, standard output, and messages on standard error.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::place::Place;
use spikeflame_render::clean;
use spikeflame_render::export::ExportError;
use spikeflame_run::Facts;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Returns true for the name that means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Size of the write buffer in bytes.
const BUFFER: usize = 256 << 10;

/// Writes to a file, or to standard output for `None` and `-`.
///
/// A file appears whole or not at all: it is written under a temporary name in the same folder and
/// then renamed. Only what [`Place`] cannot write so is written directly. Files that the command has read,
/// and parts of a run that it has not read, are never overwritten.
pub(crate) fn write<E>(
    path: Option<&Path>,
    inputs: &Inputs,
    job: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), Failure>
where
    Failure: From<WriteError<E>>,
{
    match path.filter(|path| !is_stdout(path)) {
        Some(path) => {
            inputs.spare(path)?;
            let fail = |source| Failure::Write { path: path.to_owned(), source };
            let place = Place::open(path).map_err(fail)?;
            let mut out = BufWriter::with_capacity(BUFFER, &place);
            job(&mut out).map_err(|error| WriteError { error, path: path.to_owned() })?;
            out.flush().map_err(fail)?;
            drop(out);
            place.keep().map_err(fail)
        }
        None => {
            inputs.spare_stdout()?;
            let path = || PathBuf::from("standard output");
            let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
            job(&mut out).map_err(|error| WriteError { error, path: path() })?;
            out.flush().map_err(|source| Failure::Write { path: path(), source })
        }
    }
}

/// Returns an error when the folder to write is a file, or does not exist and has the name of a file.
pub(crate) fn can_be_folder(path: &Path) -> Result<(), Failure> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_named_as_file = ending
        .is_some_and(|ending| ["md", "json", "txt", "html", "svg"].contains(&ending.as_str()));
    match path.is_dir() || !path.exists() {
        true if is_named_as_file && !path.is_dir() => Err(Failure::Selection(format!(
            "{}: -o names a folder for all outputs; for one file, write `--format markdown > FILE` \
             or `--format json > FILE`",
            path.display()
        ))),
        true => Ok(()),
        false => Err(Failure::Selection(format!(
            "{}: this is a file, and -o names the folder to write here; name a new folder",
            path.display()
        ))),
    }
}

/// Returns an error when a folder for outputs is the folder of a run, whose files and outputs would be
/// mixed.
pub(crate) fn is_not_run(path: &Path) -> Result<(), Failure> {
    if matches!(Facts::read(path), Ok(None)) {
        return Ok(());
    }
    let other =
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Err(Failure::Selection(format!(
        "{}: this is the folder of a run, and the outputs would lie among its files; name a new folder{}",
        path.display(),
        if other.is_empty() {
            String::new()
        } else {
            format!(", such as {}", quoted(&path.with_file_name(other + "-diff")))
        }
    )))
}

/// Writes a static SVG as a PNG.
#[cfg(feature = "png")]
pub(crate) fn write_png(path: &Path, inputs: &Inputs, svg: &[u8]) -> Result<(), Failure> {
    let mut png = Vec::new();
    spikeflame_render::png(svg, &mut png)?;
    write(Some(path), inputs, |out| out.write_all(&png))
}

/// Returns `Ok`, because this build can write PNG files.
#[cfg(feature = "png")]
pub(crate) fn can_write_png() -> Result<(), Failure> {
    Ok(())
}

/// Returns an error, because this build cannot write PNG files. The error names a build that can.
#[cfg(not(feature = "png"))]
pub(crate) fn can_write_png() -> Result<(), Failure> {
    Err(Failure::NoPng)
}

/// This build never calls it, because `can_write_png` fails first.
#[cfg(not(feature = "png"))]
pub(crate) fn write_png(_: &Path, _: &Inputs, _: &[u8]) -> Result<(), Failure> {
    can_write_png()
}

/// An error, and the text that was being written.
pub(crate) struct WriteError<E> {
    error: E,
    path: PathBuf,
}

impl From<WriteError<io::Error>> for Failure {
    fn from(wrapped: WriteError<io::Error>) -> Self {
        Self::Write { path: wrapped.path, source: wrapped.error }
    }
}

impl From<WriteError<spikeflame_render::RenderError>> for Failure {
    fn from(wrapped: WriteError<spikeflame_render::RenderError>) -> Self {
        match wrapped.error {
            spikeflame_render::RenderError::Io(source) => {
                Self::Write { path: wrapped.path, source }
            }
            error => Self::Render(error),
        }
    }
}

impl From<WriteError<ExportError>> for Failure {
    fn from(wrapped: WriteError<ExportError>) -> Self {
        Self::Export { path: wrapped.path, source: wrapped.error }
    }
}

/// Returns the first input's name without the ending of its format. It is the default name of an
/// output file. The result is `otherwise` for standard input.
pub(crate) fn stem(runs: &[PathBuf], otherwise: &str) -> String {
    let first = runs.first().map(PathBuf::as_path).filter(|path| !is_stdout(path));
    // A folder may be named `.`: its real path has a name.
    let whole = first.and_then(|path| path.canonicalize().ok());
    let name = whole.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
    let mut name = name.map_or_else(|| otherwise.to_owned(), |name| name.into_owned());
    for ending in ENDINGS {
        if let Some(stem) = name.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
            name.truncate(stem.len());
        }
    }
    name
}

/// Endings of compressed files, followed by endings of formats.
const ENDINGS: [&str; 12] = [
    ".zst",
    ".gz",
    ".log",
    ".txt",
    ".folded",
    ".cpuprofile",
    ".pb",
    ".json",
    ".speedscope",
    ".firefox",
    ".otlp",
    ".data",
];

/// The warnings that were printed. A run that is read again for another window has the same ones.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Prints `kind: text` on standard error, in colour on a terminal. A warning that was printed before is passed over.
pub(crate) fn complain(kind: &str, text: &str) {
    let said = || SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned());
    if kind == "warning" && !said() {
        return;
    }
    let style = if kind == "error" { "\u{1b}[1;31m" } else { "\u{1b}[1;33m" };
    let mut err = anstream::stderr().lock();
    // If this fails, there is no other place for messages.
    let _ = writeln!(err, "{style}{kind}\u{1b}[0m: {}", clean::sentence(text));
}

/// Prints the progress of a command on standard error, unless `--quiet` was given.
pub(crate) fn note(command: &str, text: &str, cli: &Cli) {
    if !cli.quiet {
        complain(command, text);
    }
}

/// Writes the flame graph of this execution of Spikeflame.
#[cfg(feature = "self-profile")]
pub(crate) fn self_profile(path: &Path, guard: &pprof::ProfilerGuard<'_>) {
    let done = guard.report().build().map_err(|error| error.to_string()).and_then(|report| {
        let file = std::fs::File::create(path).map_err(|error| error.to_string())?;
        report.flamegraph(file).map_err(|error| error.to_string())
    });
    if let Err(error) = done {
        complain("warning", &format!("no self profile: {error}"));
    }
}

/// Opens a file in the desktop's program for it. Does not wait for that program.
pub(crate) fn open(path: &Path) -> Result<(), Failure> {
    let (program, first): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let done = Command::new(program)
        .args(first)
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    done.map(drop).map_err(|why| {
        Failure::Selection(format!(
            "{}: written, but {program} does not start ({why}): open the file in a browser",
            path.display()
        ))
    })
}

/// Returns a path, quoted for a shell.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
