//! The command `spikeflame ab` records two builds in turn, and compares them.

use crate::args::{AbArgs, Cli};
use crate::commands::{diff, record, report};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{interrupt, output, words};
use spikeflame_parse::SourceMaps;
use spikeflame_record::{AbEvent, AbRuns, Error, Stop, ab};
use spikeflame_render::clean;
use spikeflame_run::{Options, Run, Window};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let stop = Stop::listen()?;
    interrupt::is_handled();
    let note = |text: &str| output::note("ab", text, cli);
    let runs = ab(&args.comparison(), &stop, &mut |event| match event {
        AbEvent::SameCommit(commit) => output::complain(
            "warning",
            &format!(
                "both sides are the commit {}: they differ by chance alone",
                commit.get(..12).unwrap_or(&commit)
            ),
        ),
        AbEvent::Uncommitted => note(
            "the changes that are not committed are in neither side: commit them, or name a copy of \
             the folder as a side",
        ),
        AbEvent::Building(side) => {
            note(&format!("building {side}: {}", args.build().unwrap_or_default()));
        }
        AbEvent::Begins(name) => note(&format!("run {name}")),
        AbEvent::Kept(name) => note(&format!("run {name} is there already")),
        AbEvent::LoadFailed(name) => {
            let text = format!("{name}: the load did not end with exit code 0; the run is kept");
            output::complain("warning", &text);
        }
        AbEvent::Run(event) => record::tell(event, cli),
    });
    let runs = runs.map_err(|why| explained(why, args))?;
    compare(&runs, args, cli)
}

/// Most lines of a program's output that are shown.
const LINES: usize = 12;
/// Most bytes at the end of a program's output that are looked at.
const TAIL_BYTES: u64 = 16 << 10;

/// Returns the failure for an error. The last lines of the program's output are printed before it, because
/// `ab` writes this output to a file only. A module that is missing without a build command shows what to
/// add.
fn explained(why: Error, args: &AbArgs) -> Failure {
    let (Error::EndedEarly { log, .. }
    | Error::ProgramFailed { log, .. }
    | Error::NoAnswer { log, .. }
    | Error::NoProfile { log, .. }) = &why
    else {
        return why.into();
    };
    let lines = last_lines(log);
    for line in &lines {
        output::complain("program", line);
    }
    let is_missing = |line: &String| {
        ["Cannot find module", "Cannot find package"].iter().any(|text| line.contains(text))
    };
    if args.build().is_none() && lines.iter().any(is_missing) {
        return Failure::Selection(format!(
            "{}; a module is missing, and a side from git has no installed modules and no built files: give the \
             command that makes them, such as --build 'npm ci && npm run build'",
            words::recorder(&why)
        ));
    }
    why.into()
}

/// Returns a line without a time such as `2026-11-30T17:44:08.213Z` at its beginning.
fn without_time(line: &str) -> &str {
    const LENGTH: usize = "2026-11-30T17:44:08.213Z".len();
    match line.split_once(' ') {
        Some((time, rest))
            if time.len() == LENGTH
                && time.ends_with('Z')
                && time.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            rest
        }
        _ => line,
    }
}

/// Returns the last lines of a program's output, without the times that the recorder wrote before them,
/// without empty lines, and without frames within Node.
fn last_lines(path: &Path) -> Vec<String> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
        file.read_to_end(&mut text)
    });
    if read.is_err() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&text);
    let is_shown = |line: &&str| !line.trim().is_empty() && !line.contains("node:internal/");
    let lines: Vec<&str> = text.lines().map(without_time).filter(is_shown).collect();
    let from = lines.len().saturating_sub(LINES);
    lines.get(from..).unwrap_or_default().iter().map(|line| (*line).to_owned()).collect()
}

/// Returns the paths of runs in `folder`. They begin as the user named the folder, so that commands
/// in messages can be repeated.
fn within(folder: &Path, runs: &[PathBuf]) -> Vec<PathBuf> {
    runs.iter().filter_map(|run| run.file_name()).map(|name| folder.join(name)).collect()
}

/// Compares the runs as `diff` does, and writes the page as `report` does. The plateaus are compared when all
/// runs have one, because they show what each side can do at its limit.
fn compare(runs: &AbRuns, args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    let folder = &args.output;
    let (before, after) = (within(folder, &runs.before), within(folder, &runs.after));
    let has_plateaus = has_plateaus(before.iter().chain(&after), cli);
    let mut comparison = diff::Plan::of_runs(before.clone(), after.clone(), cli.threads);
    comparison.window = has_plateaus.then_some(Window::Plateau);
    comparison.view.output = Some(args.output.join("diff"));
    comparison.view.brief = true;
    comparison.gates.clone_from(&args.gates.fail_on);
    let maps = args.source_maps.then(SourceMaps::default);
    comparison.reading.recording.source_maps.clone_from(&maps);
    let compared = diff::compare(&comparison, cli);
    // The page of a comparison with a crossed gate shows the reason.
    if !matches!(compared, Ok(()) | Err(Failure::Gate(_))) {
        return compared;
    }
    let mut page = report::Plan::of_runs(before, after, cli.threads);
    // The lines that ran are those of the file that ran, and not of its sources.
    page.reading.recording.lines = maps.is_none();
    page.reading.recording.source_maps = maps;
    // The page is of the window that `diff` compares, so that both show one set of figures.
    page.under_load = !has_plateaus;
    page.output = Some(args.output.join("report.html"));
    report::write(&page, cli)?;
    let pattern = |side: &str| clean::terminal(&output::quoted(&folder.join(format!("{side}-*"))));
    let (before, after) = (pattern("a"), pattern("b"));
    let window = if has_plateaus { " --window plateau" } else { "" };
    let maps = if args.source_maps { " --source-maps" } else { "" };
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "\n  spikeflame diff --before {before} --after {after}{window}{maps}")
    })?;
    compared
}

/// Returns true when the load tests of all runs have a plateau. When some of the load tests have none, a note
/// names these runs.
fn has_plateaus<'a>(folders: impl Iterator<Item = &'a PathBuf>, cli: &Cli) -> bool {
    let (mut all, mut without) = (true, Vec::new());
    for folder in folders {
        let options = Options { look_beside: true, ..Options::default() };
        let run = Run::read(std::slice::from_ref(folder), options);
        let has_test = run.need_timeline().is_ok();
        let has_plateau = has_test && matches!(run.found(), Ok(Ok(_)));
        all &= has_plateau;
        if has_test && !has_plateau {
            without.push(run.name());
        }
    }
    if !without.is_empty() {
        let text = format!(
            "no plateau in {}, so the time under load of all runs is compared; `spikeflame plateau RUN` shows the \
             reason",
            clean::terminal(&without.join(", "))
        );
        output::note("ab", &text, cli);
    }
    all
}
