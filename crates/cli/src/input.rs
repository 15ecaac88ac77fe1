//! Reading what the user named, with progress and warnings.

use crate::args::{Cli, InputArgs, LoadArgs, SelectionArgs};
use crate::output;
use crate::window;
use indicatif::{ProgressBar, ProgressStyle};
use spikeflame_parse::{Options, Progress, SourceMaps};
use spikeflame_profile::{CallTree, Profile, Selection};
use spikeflame_render::export::ExportError;
use spikeflame_render::{About, count};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}{hint}", hint = format_hint(.0))]
    Parse(#[from] spikeflame_parse::Error),
    #[error("{}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Render(#[from] spikeflame_render::RenderError),
    #[error("{}: {source}", path.display())]
    Export { path: PathBuf, source: ExportError },
    #[error(transparent)]
    Load(#[from] spikeflame_load::Error),
    #[error(transparent)]
    Diff(#[from] spikeflame_diff::Error),
    #[error("a gate was crossed: {0}")]
    Gate(String),
    #[error(transparent)]
    Align(#[from] spikeflame_load::CannotAlign),
    #[error("{0}")]
    Selection(String),
    #[cfg(not(feature = "png"))]
    #[error(
        "this build cannot write PNG: install one with `cargo install spikeflame --features png`, \
         or take the SVG, with --static where scripts are refused"
    )]
    NoPng,
}

/// How to read a file whose content does not show what it is.
fn format_hint(error: &spikeflame_parse::Error) -> String {
    error.may_be().map_or_else(String::new, |format| {
        format!("; --input-format {} reads it as that", format.name())
    })
}

impl Failure {
    /// Says of which run it is, where its words do not.
    pub(crate) fn of(self, path: &Path) -> Self {
        match self {
            Self::Selection(why) => Self::Selection(format!("{}: {why}", path.display())),
            other => other,
        }
    }

    /// True when whoever read the output had enough.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Write { source, .. }
            | Self::Export { source: ExportError::Io(source), .. }
            | Self::Render(spikeflame_render::RenderError::Io(source)) => {
                source.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        }
    }
}

/// A profile as selected, and what to say of it.
pub(crate) struct Selected {
    pub(crate) tree: CallTree,
    pub(crate) about: About,
}

/// Reads and selects; warns on standard error.
pub(crate) fn load(
    input: &InputArgs,
    selection: &SelectionArgs,
    cli: &Cli,
) -> Result<Selected, Failure> {
    load_whole(input, selection.selection(), &selection.load, cli).map(|(_, selected, _)| selected)
}

/// The same, with the profile as it was read, and the selection with its window.
pub(crate) fn load_whole(
    input: &InputArgs,
    mut selection: Selection,
    load: &LoadArgs,
    cli: &Cli,
) -> Result<(Profile, Selected, Selection), Failure> {
    let profile = read(input, cli)?;
    if !cli.quiet {
        warn(&profile);
    }
    let cut = window::cut(&profile, &input.runs, load, cli)?;
    if let Some(cut) = &cut {
        if selection.has_window() {
            let why = "--window and --from or --to both name a window: give one of them";
            return Err(Failure::Selection(why.to_owned()));
        }
        (selection.from_us, selection.to_us) = (Some(cut.from_us), Some(cut.to_us));
    }
    if selection.has_window() && !profile.is_timed() {
        let untimed = profile.sources.iter().find(|source| !source.timed);
        let name = untimed.map_or("the recording", |source| &source.name);
        return Err(Failure::Selection(format!("{name}: {NO_TIMES}")));
    }
    let tree = CallTree::build(&profile, &selection);
    let mut about = About::of(&profile, &selection, &tree);
    about.window = cut.map(|cut| cut.note).filter(|note| !note.is_empty());
    // A log without an error, or a window without one, is an answer.
    if tree.total() == 0 && !input.app_log {
        return Err(Failure::Selection(why_empty(&profile, &selection, &about)));
    }
    Ok((profile, Selected { tree, about }, selection))
}

/// Of a recording.
pub(crate) const NO_TIMES: &str = "a window needs a recording with times, and this one has none";

fn why_empty(profile: &Profile, selection: &Selection, about: &About) -> String {
    let out = about.left_out;
    if out.other_threads == about.read && selection.thread.is_some() {
        let names: Vec<&str> = profile.threads.iter().map(|t| t.name.as_str()).collect();
        return format!("--thread matches none of the threads: {}", names.join(", "));
    }
    if out.idle == about.read {
        return "every sample is idle; --idle keep shows them".to_owned();
    }
    format!("nothing is left of the recording: {}", about.samples())
}

pub(crate) fn read(input: &InputArgs, cli: &Cli) -> Result<Profile, Failure> {
    let progress = Progress::default();
    let options = Options {
        symbols: input.symbols.clone(),
        sample_type: input.sample_type.clone(),
        format: input.input_format,
        raw_names: input.raw_names,
        app_log: input.app_log,
        log_zone_s: input.log_zone,
        source_maps: (input.source_maps || !input.source_root.is_empty())
            .then(|| SourceMaps { roots: input.source_root.clone() }),
        threads: cli.threads,
        progress: progress.clone(),
    };
    if cli.quiet || !io::stderr().is_terminal() {
        return Ok(spikeflame_parse::read(&input.runs, &options)?);
    }
    let size = input.runs.iter().map(|path| size(path)).sum();
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || draw(&progress, size, &is_done));
        let profile = spikeflame_parse::read(&input.runs, &options);
        drop(done);
        Ok(profile?)
    })
}

/// Bytes on disk of a file, or of the files in a folder; 0 for what has none.
fn size(path: &Path) -> u64 {
    let length = |path: &Path| path.metadata().map_or(0, |data| data.len());
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| length(&entry.path())).sum(),
        Err(_) => length(path),
    }
}

/// Draws a bar until the other side hangs up; nothing for short inputs.
fn draw(progress: &Progress, size: u64, is_done: &mpsc::Receiver<()>) {
    let running =
        |ms| is_done.recv_timeout(Duration::from_millis(ms)) == Err(RecvTimeoutError::Timeout);
    if !running(300) {
        return;
    }
    let bar = ProgressBar::new(size);
    let template = match size {
        0 => "reading {bytes}  {bytes_per_sec}",
        _ => "reading {bar:32} {bytes} of {total_bytes}  {eta}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    while running(100) {
        bar.set_position(progress.bytes());
    }
    bar.finish_and_clear();
}

fn plural(number: u64, word: &str) -> String {
    format!("{} {word}{}", count(number), if number == 1 { "" } else { "s" })
}

pub(crate) fn warn(profile: &Profile) {
    for loss in &profile.losses {
        let mut text =
            format!("{}: {} {}: {}", loss.source, loss.counted, loss.first_line, loss.reason);
        if loss.count > 1 {
            text += &format!("; {} in all", plural(loss.count, loss.counted));
        }
        if loss.samples > 0 {
            text += &format!("; {} lost", plural(loss.samples, "sample"));
        }
        output::complain("warning", &text);
    }
    for warning in &profile.warnings {
        output::complain("warning", warning);
    }
}
