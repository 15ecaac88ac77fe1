//! The command `spikeflame top --lines` prints the lines of a function that ran.

use crate::args::{Cli, Format, TopArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun, SelectedTree};
use crate::inputs::Inputs;
use crate::{output, words};
use anstream::ColorChoice;
use regex::Regex;
use spikeflame_parse::{SourceText, recorded_lines};
use spikeflame_profile::{FunctionLines, Kind, Profile, function_lines};
use spikeflame_render::{LinesFormat, LinesView};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn run(args: &TopArgs, wanted: &Regex, cli: &Cli) -> Result<(), Failure> {
    let SelectedRun { run, selected, selection } =
        input::load_with(&args.input, &args.selection, true, cli)?;
    let (table, profile) = (&args.table, run.profile()?);
    let functions = function_lines(profile, &selection, wanted);
    if functions.is_empty() {
        return Err(Failure::Selection(format!(
            "--lines {wanted} matches no function of the selected samples; `spikeflame top` without \
             it lists them"
        )));
    }
    let (source, changed) = source_of(&functions, profile, &run.files());
    if let Some(changed) = changed.filter(|_| !cli.quiet) {
        let text = match changed {
            LaterFile::Unknown(file) => format!(
                "{file}: the file is not the one that ran (it is newer than the recording, or \
                 shorter): the text of its lines may be another"
            ),
            LaterFile::Logged(file) => format!(
                "{file}: the file has changed since it ran: the text of its lines is that in the log"
            ),
        };
        output::complain("warning", &text);
    }
    if let Some(text) = without_lines(&functions, profile).filter(|_| !cli.quiet) {
        output::complain("warning", &text);
    }
    let view = LinesView {
        functions,
        source,
        total: selected.tree.total(),
        rows: table.rows.number(table.format.format == Format::Json),
        full_paths: table.paths.full_paths,
        all_rows_hint: words::ALL_ROWS,
    };
    let to_stdout = table.output.path().is_none_or(output::is_stdout);
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let format = match table.format.format {
        Format::Text => LinesFormat::Text { color: to_stdout && choice != ColorChoice::Never },
        Format::Markdown => LinesFormat::Markdown,
        Format::Json => LinesFormat::Json,
    };
    let SelectedTree { about, .. } = &selected;
    output::write(table.output.path(), &Inputs::from_run(&run), |mut out| {
        view.write(about, format, &mut out)?;
        out.flush()
    })
}

/// Returns a sentence about JavaScript functions whose lines are not known, although the recording has those of
/// others. A recording without any lines has another warning.
fn without_lines(functions: &[FunctionLines], profile: &Profile) -> Option<String> {
    let is_without = |of: &&FunctionLines| {
        of.kind == Kind::Js && !of.lines.is_empty() && of.lines.iter().all(|line| line.line == 0)
    };
    let without: Vec<&FunctionLines> = functions.iter().filter(is_without).collect();
    let first = without.first().filter(|_| profile.frames.has_lines())?;
    let name = if first.name.is_empty() { "<anonymous>" } else { &first.name };
    let more = match without.len() - 1 {
        0 => String::new(),
        more => format!(" and of {} more", words::plural(more as u64, "function")),
    };
    let why = match input::is_typescript(&first.file) {
        true => input::COMPILED,
        false => "the recording has those of other functions only",
    };
    Some(format!("the lines of {name}{more} that ran are not known; {why}"))
}

/// A file on this machine that is not the one that ran.
enum LaterFile {
    /// The lines of this file are shown, because the recording holds no text of it.
    Unknown(String),
    /// The recording holds the lines that ran, and these are shown.
    Logged(String),
}

/// Returns true when a file was written after a recording, whose time is in microseconds since 1970.
/// It is false when one of the times is not known.
fn is_later(modified: Option<SystemTime>, recorded_us: Option<i64>) -> bool {
    let modified = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let recorded = recorded_us.and_then(|us| u128::try_from(us).ok());
    modified.zip(recorded).is_some_and(|(modified, recorded)| modified.as_micros() > recorded)
}

/// Returns the text of the functions' lines, by file and line, and a file that seems to have
/// changed after the recording. The text in a tick log comes before that of a file.
fn source_of(
    functions: &[FunctionLines],
    profile: &Profile,
    recordings: &[PathBuf],
) -> (BTreeMap<String, BTreeMap<u32, String>>, Option<LaterFile>) {
    let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for function in functions {
        let lines = function.lines.iter().map(|line| line.line).filter(|line| *line > 0);
        wanted.entry(&function.file).or_default().extend(lines);
    }
    wanted.retain(|_, lines| !lines.is_empty());
    let recorded_us = profile.sources.iter().filter_map(|source| source.modified_us).min();
    let mut source = recorded_lines(recordings, &wanted);
    let mut changed = None;
    for (file, lines) in wanted {
        let Some(text) = SourceText::read(file, &lines) else { continue };
        match source.get(file) {
            Some(logged) if *logged != text.lines => {
                changed.get_or_insert_with(|| LaterFile::Logged(file.to_owned()));
            }
            Some(_) => {}
            None => {
                if text.is_shorter || is_later(text.modified, recorded_us) {
                    changed.get_or_insert_with(|| LaterFile::Unknown(file.to_owned()));
                }
                source.insert(file.to_owned(), text.lines);
            }
        }
    }
    (source, changed)
}
