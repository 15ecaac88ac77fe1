//! The command `spikeflame top --lines` prints the lines of a function that ran.

use crate::args::{Cli, Format, TopArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun, SelectedTree};
use crate::inputs::Inputs;
use crate::{output, words};
use anstream::ColorChoice;
use regex::Regex;
use spikeflame_parse::{SourceText, recorded_lines};
use spikeflame_profile::{FunctionLines, Kind, Line, Profile, Source, function_lines};
use spikeflame_render::{LinesFormat, LinesView};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) fn run(args: &TopArgs, wanted: &Regex, cli: &Cli) -> Result<(), Failure> {
    let SelectedRun { run, selected, selection } =
        input::load_with(&args.input, &args.selection, true, cli)?;
    let (table, profile) = (&args.table, run.profile()?);
    let mut functions = function_lines(profile, &selection, wanted);
    if functions.is_empty() {
        return Err(Failure::Selection(format!(
            "--lines {wanted} matches no function of the selected samples; `spikeflame top` without \
             it lists them"
        )));
    }
    let Found { source, changed, shorter } = source_of(&functions, profile, &run.files());
    for file in &shorter {
        let of_file = functions.iter_mut().filter(|function| function.file == *file);
        of_file.for_each(|function| forget_lines(function, source.get(file)));
    }
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
    let recorded = recorded_us.and_then(|us| u64::try_from(us).ok()).map(Duration::from_micros);
    modified.zip(recorded).is_some_and(|(modified, recorded)| modified > recorded)
}

/// The text of functions' lines, and what is known about their files.
struct Found {
    /// The text by file and line.
    source: BTreeMap<String, BTreeMap<u32, String>>,
    /// A file that seems to have changed after the recording.
    changed: Option<LaterFile>,
    /// Files that end before some of the lines, and that were not written after the recording. V8's CPU profiler
    /// counts lines of inlined functions, which may be in other files.
    shorter: Vec<String>,
}

/// Makes the lines of a function that are not in the text of its file a part of those that are not known.
fn forget_lines(function: &mut FunctionLines, text: Option<&BTreeMap<u32, String>>) {
    let is_there = |line: &Line| line.line == 0 || text.is_some_and(|t| t.contains_key(&line.line));
    let (mut kept, beyond): (Vec<Line>, Vec<Line>) = function.lines.drain(..).partition(is_there);
    if !beyond.is_empty() && !kept.iter().any(|line| line.line == 0) {
        kept.push(Line { line: 0, self_weight: 0, total: 0 });
    }
    if let Some(unknown) = kept.iter_mut().find(|line| line.line == 0) {
        for line in beyond {
            unknown.self_weight = unknown.self_weight.saturating_add(line.self_weight);
            unknown.total = unknown.total.saturating_add(line.total).min(function.total);
        }
    }
    function.lines = kept;
}

/// Returns the text of the functions' lines. The text in a tick log comes before that of a file.
fn source_of(functions: &[FunctionLines], profile: &Profile, recordings: &[PathBuf]) -> Found {
    let mut wanted: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for function in functions {
        let lines = function.lines.iter().map(|line| line.line).filter(|line| *line > 0);
        wanted.entry(&function.file).or_default().extend(lines);
    }
    wanted.retain(|_, lines| !lines.is_empty());
    let recorded_us = profile.sources.iter().filter_map(|source| source.modified_us).min();
    let mut source = recorded_lines(recordings, &wanted);
    let counts_inlined = profile.sources.iter().all(Source::is_of_cpu_profiler);
    let (mut changed, mut shorter) = (None, Vec::new());
    for (file, lines) in wanted {
        let Some(text) = SourceText::read(file, &lines) else { continue };
        match source.get(file) {
            Some(logged) if *logged != text.lines => {
                changed.get_or_insert_with(|| LaterFile::Logged(file.to_owned()));
            }
            Some(_) => {}
            None => {
                let is_later = is_later(text.modified, recorded_us);
                if text.is_shorter && !is_later && counts_inlined {
                    shorter.push(file.to_owned());
                } else if text.is_shorter || is_later {
                    changed.get_or_insert_with(|| LaterFile::Unknown(file.to_owned()));
                }
                source.insert(file.to_owned(), text.lines);
            }
        }
    }
    Found { source, changed, shorter }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: lines of functions that V8 had inlined, in files that are longer, were lines of this file,
    /// and a warning stated that it is not the file that ran.
    #[test]
    fn lines_beyond_the_end_of_a_file_are_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.js").to_string_lossy().into_owned();
        std::fs::write(&file, "exports.slow = () => performance.now();\n").unwrap();
        let line = |line, self_weight| Line { line, self_weight, total: self_weight };
        let mut function = FunctionLines {
            label: String::new(),
            name: "slow".to_owned(),
            file: file.clone(),
            line: 1,
            kind: Kind::Js,
            self_weight: 9,
            total: 9,
            lines: vec![line(1, 4), line(139, 3), line(546, 2)],
        };
        let mut profile = Profile::default();
        for (producer, expected) in [("cpuprofile", 1), ("V8 11.3", 0)] {
            profile.sources = vec![Source { producer: producer.to_owned(), ..Source::default() }];
            let found = source_of(std::slice::from_ref(&function), &profile, &[]);
            assert_eq!((found.shorter.len(), found.changed.is_none()), (expected, expected == 1));
        }
        let text = BTreeMap::from([(1, String::new())]);
        forget_lines(&mut function, Some(&text));
        assert_eq!(function.lines, [line(1, 4), line(0, 5)]);
    }
}
