//! Reads the runs that the user named, with progress and warnings.

use crate::args::{Cli, Command, InputArgs, LoadArgs, MonitorArgs, SelectionArgs};
use crate::failure::Failure;
use crate::{output, words};
use indicatif::{ProgressBar, ProgressStyle};
use regex::Regex;
use spikeflame_parse::{Count, Progress};
use spikeflame_profile::{CallTree, GroupBy, Profile, Selection, Source};
use spikeflame_render::{About, clean, seconds};
use spikeflame_run::{CutRuns, Error, Options, Run, Warning, Window, cut_each, runs_of};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The selected part of a profile, and the facts for its title.
pub(crate) struct SelectedTree {
    pub(crate) tree: CallTree,
    pub(crate) about: About,
}

/// A run, the part of it that was asked for, and the selection that cuts it.
pub(crate) struct SelectedRun {
    pub(crate) run: Run,
    pub(crate) selected: SelectedTree,
    pub(crate) selection: Selection,
}

/// Reads and selects. Prints warnings on standard error.
pub(crate) fn load(
    input: &InputArgs,
    selection: &SelectionArgs,
    cli: &Cli,
) -> Result<SelectedRun, Failure> {
    let lines = selection.selection().group_by == GroupBy::Line;
    load_with(input, selection, lines, cli)
}

/// Reads and selects as [`load`] does. `lines` is true when the lines that ran are needed.
pub(crate) fn load_with(
    input: &InputArgs,
    selection: &SelectionArgs,
    lines: bool,
    cli: &Cli,
) -> Result<SelectedRun, Failure> {
    let run = run_with(input, &selection.load, &MonitorArgs::default(), lines, cli)?;
    let shown = show_all(run, selection.selection(), &selection.load, cli)?;
    if lines && !cli.quiet {
        warn_of_lines(shown.run.profile()?, &shown.selection);
    }
    filled(shown)
}

/// The reason why a recording lacks the lines that ran of a TypeScript file.
pub(crate) const COMPILED: &str = "a program that compiles TypeScript while it runs (tsx, for example) runs other lines than \
     those of the file, and these are left out. Node 24 runs most TypeScript without it, and with its \
     lines: `node main.ts`";

/// Returns true for the path of a TypeScript file.
pub(crate) fn is_typescript(file: &str) -> bool {
    [".ts", ".tsx", ".mts", ".cts"].iter().any(|end| file.ends_with(end))
}

/// Warns when the lines that ran are not known, or when they are not those of the window.
fn warn_of_lines(profile: &Profile, selection: &Selection) {
    if !profile.frames.has_lines() && is_typescript_log(profile) {
        let text = "the recording has no lines that ran: a tick log needs the text of its scripts \
                    (`node --prof` writes it), and";
        output::complain("warning", &format!("{text} {COMPILED}"));
    } else if !profile.frames.has_lines() {
        let text = "the recording has no lines that ran; these have them: a tick log with the text \
                    of its scripts (`node --prof` writes it), a .cpuprofile, a Chrome trace with lines, pprof with line \
                    numbers (for Node `lineNumbers: true`), `perf script -F +srcline` for C and C++, OTLP \
                    profiles, Firefox Profiler JSON";
        output::complain("warning", text);
    }
    let sums = profile.sources.iter().find(|source| source.lines_are_sums);
    if let Some(source) = sums.filter(|_| selection.has_window()) {
        let text = format!(
            "{}: its lines have no times; within the window they have the shares of the whole \
             recording",
            source.name
        );
        output::complain("warning", &text);
    }
}

/// Returns true for tick logs with functions of TypeScript files.
fn is_typescript_log(profile: &Profile) -> bool {
    let frames = &profile.frames;
    profile.sources.iter().all(|source| source.unit == "ticks")
        && frames.functions().any(|(_, one)| is_typescript(frames.strings().get(one.file)))
}

/// Prepares the run that the user named. No recording is read yet.
pub(crate) fn run(input: &InputArgs, load: &LoadArgs, monitors: &MonitorArgs, cli: &Cli) -> Run {
    Run::read(&input.runs, options(input, load, monitors, cli))
}

/// Prepares a run as [`run`] does. `lines` is true when the lines that ran are needed.
pub(crate) fn run_with(
    input: &InputArgs,
    load: &LoadArgs,
    monitors: &MonitorArgs,
    lines: bool,
    cli: &Cli,
) -> Result<Run, Failure> {
    if lines && input.reading.maps.has_maps() {
        return Err(Failure::Selection(
            "the lines that ran are those of the file that ran; leave out --source-maps and \
             --source-root"
                .to_owned(),
        ));
    }
    let mut options = options(input, load, monitors, cli);
    options.recording.lines = lines;
    Ok(Run::read(&input.runs, options))
}

fn options(input: &InputArgs, load: &LoadArgs, monitors: &MonitorArgs, cli: &Cli) -> Options {
    Options {
        recording: input.reading.options(input.count.into(), cli.threads),
        load: load.load.clone(),
        look_beside: load.window() != Window::All,
        reading: load.test.reading(),
        monitors: monitors.with.clone(),
        monitoring: monitors.reading(),
        plateau: load.test.options(None),
        began_us: load.start.profile_start,
    }
}

/// Returns a run that is read beside others, with nothing read yet. It counts only its own bytes.
pub(crate) fn one_of_many(inputs: &[PathBuf], mut options: Options) -> Run {
    options.recording.progress = Progress::default();
    Run::read(inputs, options)
}

/// Reads a run and selects the part that was asked for.
pub(crate) fn show(
    run: Run,
    selection: Selection,
    window: Window,
    cli: &Cli,
) -> Result<SelectedRun, Failure> {
    let profile = read(&run, cli)?;
    warn_of_count(&run, profile, cli);
    let (selection, placed) = heard(&run, run.select(selection, window), cli)?;
    let tree = CallTree::build(profile, &selection);
    let mut about = About::collect(profile, &selection, &tree);
    about.window = placed.as_ref().and_then(words::note);
    Ok(SelectedRun { selected: SelectedTree { tree, about }, selection, run })
}

/// Reads and selects as [`show`] does. When the user named several runs, each is cut to its own
/// window, and their samples are shown together.
pub(crate) fn show_all(
    run: Run,
    selection: Selection,
    load: &LoadArgs,
    cli: &Cli,
) -> Result<SelectedRun, Failure> {
    let window = load.window();
    let options = run.options();
    let runs = match window {
        Window::All => Vec::new(),
        _ if options.load.is_some() || !options.monitors.is_empty() => Vec::new(),
        _ => runs_of(run.inputs(), options),
    };
    if runs.len() < 2 {
        return show(run, selection, window, cli);
    }
    if selection.has_window() {
        return Err(Error::TwoWindows.into());
    }
    if load.start.profile_start.is_some() {
        return Err(Failure::Selection(
            "--profile-start is the start of one recording, and several runs were given: name one \
             run"
            .to_owned(),
        ));
    }
    for run in &runs {
        read(run, cli)?;
    }
    let CutRuns { run, window, windows, left_out } = cut_each(runs, window)?;
    let profile = read(&run, cli)?;
    warn_of_count(&run, profile, cli);
    let tree = CallTree::build(profile, &selection);
    let mut about = About::collect(profile, &selection, &tree);
    about.read += left_out;
    about.left_out.outside_window += left_out;
    let starts = windows.iter().map(|(_, placed)| placed.from_us).min();
    about.window_us =
        starts.zip(windows.iter().map(|(_, placed)| placed.to_us).max()).or(about.window_us);
    about.window = words::note_of_all(window, &windows);
    Ok(SelectedRun { selected: SelectedTree { tree, about }, selection, run })
}

/// Warns when `--count samples` has no effect on a recording.
fn warn_of_count(run: &Run, profile: &Profile, cli: &Cli) {
    let other = |source: &&Source| !matches!(source.unit.as_str(), "samples" | "ticks");
    let asked = run.reading().count == Count::Samples && !cli.quiet;
    if let Some(source) = profile.sources.iter().find(other).filter(|_| asked) {
        let text = format!(
            "{}: --count samples is for recordings of perf; this one counts {}, and --sample-type \
             NAME reads another of its values, if it has one",
            source.name, source.unit
        );
        output::complain("warning", &text);
    }
}

/// Returns the part of a run unless it has no sample: a picture without samples would be empty.
///
/// `errors` does not call this, because "no error in the window" is an answer.
pub(crate) fn filled(shown: SelectedRun) -> Result<SelectedRun, Failure> {
    let SelectedTree { tree, about } = &shown.selected;
    if tree.total() > 0 {
        return Ok(shown);
    }
    Err(Failure::Selection(why_empty(shown.run.profile()?, &shown.selection, about)))
}

fn why_empty(profile: &Profile, selection: &Selection, about: &About) -> String {
    let out = about.left_out;
    if out.other_threads == about.read && selection.thread.is_some() {
        let names: Vec<&str> = profile.threads.iter().map(|t| t.name.as_str()).collect();
        return format!("--thread matches none of the threads: {}", names.join(", "));
    }
    if out.idle == about.read {
        return "every sample is idle; --idle keep shows them".to_owned();
    }
    let all = format!("nothing is left of the recording: {}", about.samples());
    if let (Some(from), Some(to)) = (selection.from_us, selection.to_us)
        && from >= to
    {
        return format!("{all}; the window begins at {}, after its end", seconds(from));
    }
    let ends = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
    if selection.has_window() && ends > 0 && out.outside_window == about.read {
        let next = beside_window(profile, selection).unwrap_or_else(|| {
            format!("it lasts {}: give --from and --to within it", seconds(ends))
        });
        return format!("{all}; {next}");
    }
    match selection.focus.as_ref().and_then(|focus| in_other_case(profile, focus)) {
        Some(name) => format!(
            "{all}; --focus counts upper and lower case, and `{name}` differs only in that: (?i) before the \
             expression ignores case"
        ),
        None => all,
    }
}

/// Returns the places of the nearest samples around a window, which must be empty; `None` where there is none on
/// a side.
fn beside_window(profile: &Profile, selection: &Selection) -> Option<String> {
    let times =
        || profile.threads.iter().flat_map(|thread| thread.samples.iter()).map(|(s, _)| s.time_us);
    let (from, to) = (selection.from_us?, selection.to_us?);
    let before = times().filter(|&us| us < from).max()?;
    let after = times().filter(|&us| us >= to).min()?;
    Some(format!(
        "the last sample before the window is at {}, and the first one after it at {}: give a window \
         that contains one of them",
        seconds(before),
        seconds(after)
    ))
}

/// Returns the first function that a regular expression matches only when case does not count.
fn in_other_case(profile: &Profile, focus: &Regex) -> Option<String> {
    let any_case = Regex::new(&format!("(?i){}", focus.as_str())).ok()?;
    let strings = profile.frames.strings();
    let names = profile.frames.functions().map(|(_, function)| strings.get(function.name));
    let names: Vec<&str> = names.collect();
    if names.iter().any(|name| focus.is_match(name)) {
        return None;
    }
    let found = names.into_iter().find(|name| any_case.is_match(name))?;
    Some(clean::terminal(found))
}

/// Reads the profile of a run with a progress bar. Prints warnings on standard error.
pub(crate) fn read<'a>(run: &'a Run, cli: &Cli) -> Result<&'a Profile, Failure> {
    heard(run, with_progress(run, cli), cli)
}

/// Returns a result, after the run's warnings have been printed on standard error.
pub(crate) fn heard<T>(run: &Run, result: Result<T, Error>, cli: &Cli) -> Result<T, Failure> {
    hear(&[run], cli);
    Ok(result?)
}

/// Prints the warnings of runs on standard error.
pub(crate) fn hear(runs: &[&Run], cli: &Cli) {
    let mut warnings: Vec<Warning> = runs.iter().flat_map(|run| run.take_warnings()).collect();
    warnings.retain(|warning| !cli.quiet && concerns(warning, &cli.command));
    for text in words::warnings(&warnings) {
        output::complain("warning", &text);
    }
}

/// Prints the warnings about the load test and the clocks of a run. A command that shows no samples passes
/// over those about samples.
pub(crate) fn hear_of_test(run: &Run, cli: &Cli) {
    let mut warnings = run.take_warnings();
    warnings.retain(|warning| {
        !cli.quiet
            && matches!(
                warning,
                Warning::ClockStepped { .. }
                    | Warning::LoadStopped { .. }
                    | Warning::OtherClock { .. }
                    | Warning::ForeignAxis { .. }
            )
    });
    for text in words::warnings(&warnings) {
        output::complain("warning", &text);
    }
}

/// Returns true when a warning concerns what a command shows. Only the page lists endpoints.
fn concerns(warning: &Warning, command: &Command) -> bool {
    use spikeflame_load::Warning::{LongEndpoints, ManyEndpoints};
    let is_of_endpoints =
        matches!(warning, Warning::Load { warning: ManyEndpoints | LongEndpoints, .. });
    !is_of_endpoints || matches!(command, Command::Report(_))
}

/// Reads the profile of a run with a progress bar, and prints no warnings.
pub(crate) fn with_progress<'a>(run: &'a Run, cli: &Cli) -> Result<&'a Profile, Error> {
    if cli.quiet || !io::stderr().is_terminal() {
        return run.profile();
    }
    let size = run.inputs().iter().map(|path| size(path)).sum();
    let progress = run.progress();
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || draw(&progress, size, &is_done));
        let profile = run.profile();
        drop(done);
        profile
    })
}

/// Returns the size on disk of a file, or of the files in a folder, in bytes. It is 0 for pipes.
fn size(path: &Path) -> u64 {
    let length = |path: &Path| path.metadata().map_or(0, |data| data.len());
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| length(&entry.path())).sum(),
        Err(_) => length(path),
    }
}

/// Draws a progress bar until `is_done` is closed. Draws nothing for short inputs.
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
