//! Gathers the data of a run for its page.

use super::plan::Plan;
use crate::args::Cli;
use crate::failure::Failure;
use crate::{input, output, words};
use spikeflame_load::monitor::beside;
use spikeflame_load::{Load, NoPlateau, Plateaus, Timeline};
use spikeflame_profile::{Profile, Zero};
use spikeflame_render::plateau::{
    grade, is_of_machine, monitored, sentence, starvation, verdict_beside,
};
use spikeflame_render::report::{LoggedErrors, ReportRun, RunLoad, RunSide, RunWindow};
use spikeflame_run::{Error, Options, PlacedWindow, Run, Window, length_us, seconds_us};

/// A run, and the data of it that the page shows.
pub(super) type ReportedRun<'a> = (&'a Run, ReportRun<'a>);

/// Reads every run.
pub(super) fn all<'a>(
    runs: &'a [(RunSide, Run)],
    plan: &Plan,
    cli: &Cli,
) -> Result<Vec<ReportedRun<'a>>, Failure> {
    runs.iter().map(|(side, run)| Ok((run, one(run, *side, plan, cli)?))).collect()
}

fn one<'a>(run: &'a Run, side: RunSide, plan: &Plan, cli: &Cli) -> Result<ReportRun<'a>, Failure> {
    let profile = input::with_progress(run, cli)?;
    let mut warnings = Warnings { texts: Vec::new(), quiet: cli.quiet };
    warnings.hear(run);
    let load = load_of(run, plan, &mut warnings)?;
    let mut shown = ReportRun {
        name: name_of(run),
        command: format!("spikeflame top {}", command_inputs(run)),
        side,
        profile,
        windows: Vec::new(),
        opens: None,
        plateau: String::new(),
        grade: String::new(),
        verdicts: String::new(),
        warnings: Vec::new(),
        main_cores: run.main_thread_rows().unwrap_or_default(),
        load,
        logged: None,
    };
    warnings.hear(run);
    shown.logged = logged(run, &shown, plan, &mut warnings)?;
    plateau(run, &mut shown);
    // A window that the run lacks ends the command. The warnings may show why.
    warnings.hear(run);
    windows(run, plan, &mut shown)?;
    warnings.hear(run);
    shown.warnings = warnings.texts;
    Ok(shown)
}

/// Returns the last part of the first path without its ending, by which the page names a run.
fn name_of(run: &Run) -> String {
    output::stem(run.inputs(), "standard input")
}

/// Returns the paths of a run as a shell takes them.
fn command_inputs(run: &Run) -> String {
    run.inputs().iter().map(|path| output::quoted(path)).collect::<Vec<_>>().join(" ")
}

/// Collects warnings for the page, and prints them too.
struct Warnings {
    texts: Vec<String>,
    quiet: bool,
}

impl Warnings {
    fn hear(&mut self, run: &Run) {
        for text in words::warnings(&run.take_warnings()) {
            self.add(text);
        }
    }

    fn add(&mut self, text: String) {
        if self.texts.contains(&text) {
            return;
        }
        if !self.quiet {
            output::complain("warning", &text);
        }
        self.texts.push(text);
    }
}

/// Returns the load test of the run, when there is one. A load test that lies beside the recording
/// but ran at another time does not belong to this run.
fn load_of<'a>(
    run: &'a Run,
    plan: &Plan,
    warnings: &mut Warnings,
) -> Result<Option<RunLoad<'a>>, Failure> {
    let named = plan.names_load();
    let timeline = match run.timeline() {
        Ok(timeline) => timeline,
        Err(why) if named => return Err(why.into()),
        Err(why) => {
            warnings.add(words::error(&why));
            None
        }
    };
    let Some(timeline) = timeline else {
        // Without a load test, the page has no chart for values of a monitor.
        return if named {
            Err(run
                .need_timeline()
                .err()
                .map_or(Failure::from(Error::LoadNotNamed { run: run.name() }), Failure::from))
        } else {
            Ok(None)
        };
    };
    Ok(match run.alignment() {
        Ok(alignment) => Some(RunLoad {
            timeline,
            test_start_us: Some(alignment.test_start_us),
            clock: format!("aligned by {}", words::clock(&alignment.clock)),
            notes: Vec::new(),
        }),
        Err(why) if named => return Err(why.into()),
        Err(why) if run.inputs().iter().all(|input| input.is_dir()) => {
            let clock = words::error(&why);
            warnings.add(clock.clone());
            Some(RunLoad { timeline, test_start_us: None, clock, notes: Vec::new() })
        }
        Err(_) => None,
    })
}

/// Reads the errors of the application's log in the run's folder. A run without a log has none.
fn logged(
    run: &Run,
    shown: &ReportRun<'_>,
    plan: &Plan,
    warnings: &mut Warnings,
) -> Result<Option<LoggedErrors>, Failure> {
    if !run.inputs().iter().all(|input| input.is_dir()) || run.reading().app_log {
        return Ok(None);
    }
    let recording = spikeflame_parse::Options {
        app_log: true,
        source_maps: plan.reading.recording.source_maps.clone(),
        log_zone_s: plan.reading.recording.log_zone_s,
        threads: plan.reading.recording.threads,
        ..spikeflame_parse::Options::default()
    };
    let log = Run::read(run.inputs(), Options { recording, ..Options::default() });
    let profile = match log.profile() {
        Ok(profile) => profile,
        Err(Error::Recording(spikeflame_parse::Error::NoRecording { .. })) => return Ok(None),
        Err(why) => return Err(why.into()),
    };
    warnings.hear(&log);
    let shift_us = log_start(profile)
        .zip(recording_start(run, shown)?)
        .map(|(log_us, recording_us)| log_us.saturating_sub(recording_us));
    Ok(Some(LoggedErrors::collect(profile, shift_us)))
}

/// Returns the zero of a log's times in microseconds since 1970.
fn log_start(log: &Profile) -> Option<i64> {
    match log.sources.first()?.zero {
        Zero::Wall(us) if log.is_timed() => i64::try_from(us).ok(),
        _ => None,
    }
}

/// Returns the zero of the recording's times in microseconds since 1970: by its load test, or, without a load
/// test that has a clock, by its own clock.
fn recording_start(run: &Run, shown: &ReportRun<'_>) -> Result<Option<i64>, Failure> {
    Ok(match &shown.load {
        Some(load) if load.timeline.has_clock() => load
            .test_start_us
            .map(|start_us| seconds_us(load.timeline.start_s).saturating_sub(start_us)),
        _ => run.began()?.map(|clock| clock.zero_us),
    })
}

/// Adds the plateau in words, and the resource that limits it.
fn plateau(run: &Run, shown: &mut ReportRun<'_>) {
    let mut noted = Vec::new();
    let Some(load) = &shown.load else {
        shown.plateau = totals_beside(run).unwrap_or_else(|| NO_LOAD.to_owned());
        if let Some(text) = words::without_core_under_load(run) {
            let (first, rest) = text.split_at_checked(1).unwrap_or_default();
            shown.verdicts = format!("{}{rest}.", first.to_uppercase());
        }
        return;
    };
    match run.found() {
        Ok(Ok(found)) => {
            let found = found.chosen();
            shown.plateau = sentence(found, load.timeline);
            shown.grade = grade(found.grade).to_owned();
            let usage = run.usage(found.window).ok().flatten();
            shown.verdicts =
                verdict_beside(usage.as_ref(), &beside(load.timeline, Some(found)), words::LIMITS);
            let is_told = usage.as_ref().is_some_and(is_of_machine);
            let starved = starvation(&run.starved(), Some(found), is_told);
            if !starved.is_empty() {
                shown.verdicts += if shown.verdicts.is_empty() { "" } else { " " };
                shown.verdicts += &starved;
            }
            let notes = beside(load.timeline, Some(found));
            let notes: Vec<String> = notes
                .iter()
                .map(|track| monitored(track, words::LIMITS).unwrap_or_default())
                .collect();
            // The likely limit stands there already.
            let said = shown.verdicts.clone();
            let new = |note: &&String| !note.is_empty() && !said.contains(note.as_str());
            for note in notes.iter().filter(new) {
                shown.verdicts += if shown.verdicts.is_empty() { "" } else { " " };
                shown.verdicts += note;
            }
            noted = notes;
        }
        Ok(Err(why)) => shown.plateau = refusal(why, load.timeline),
        Err(why) => shown.plateau = words::error(&why),
    }
    if load.test_start_us.is_none() {
        shown.plateau +=
            &format!(" The load test cannot be laid beside the recording: {}.", load.clock);
    }
    if let Some(load) = &mut shown.load {
        load.notes = noted;
    }
}

const NO_LOAD: &str = "No load test lies beside this recording, so that load and plateau are not \
     known. Put what k6 run --out json=k6.json.gz writes into the run's folder, or name it \
     with --load.";

/// Returns the sentence about a load test in the run's folder that has only totals. [`Run::load`] looks for such a
/// test only where it is named.
fn totals_beside(run: &Run) -> Option<String> {
    let [folder] = run.inputs() else { return None };
    let load = Some(folder.clone()).filter(|folder| folder.is_dir());
    let beside = Run::read(&[], Options { load: Some(load?), ..Options::default() });
    match beside.load() {
        Ok(Some(Load::Summary(summary))) => Some(words::only_totals(summary)),
        _ => None,
    }
}

fn refusal(why: &NoPlateau, timeline: &Timeline) -> String {
    format!("No plateau: {why}. {}", words::way_out(why, timeline))
}

/// Adds the windows of the run, and the one that the page shows first.
fn windows(run: &Run, plan: &Plan, shown: &mut ReportRun<'_>) -> Result<(), Failure> {
    let asked = plan.window;
    let aligned = shown.load.as_ref().is_some_and(|load| load.test_start_us.is_some());
    let named = [
        (Window::Load, "load", "Under load"),
        (Window::Before, "before", "Before the plateau"),
        (Window::Plateau, "plateau", "Plateau"),
    ];
    // Without a load test, the recorder may know when the load command ran.
    let is_alone = shown.load.is_none();
    let named = named.into_iter().filter(|(of, ..)| aligned || is_alone && *of == Window::Load);
    for (window, id, label) in named {
        match run.place(window) {
            Ok(Some(placed)) => shown.windows.push(window_of(&placed, id, label)),
            Ok(None) => {}
            Err(why) if asked == window => return Err(why.into()),
            Err(_) => {}
        }
    }
    if aligned && let Ok(Ok(found)) = run.found() {
        others(run, found, shown);
    }
    if matches!(asked, Window::Times { .. }) {
        let placed = run.place(asked)?;
        shown.windows.extend(placed.map(|placed| window_of(&placed, "asked", "Window")));
    }
    let place = |id: &str| shown.windows.iter().position(|window| window.id == id);
    shown.opens = match asked {
        Window::All if plan.under_load => place("load"),
        Window::All => place("plateau").or_else(|| place("load")),
        Window::Load => place("load"),
        Window::Before => place("before"),
        Window::Plateau => place("plateau"),
        Window::Times { .. } => place("asked"),
    };
    if shown.opens.is_none() && !matches!(asked, Window::All) {
        return Err(match run.place(asked) {
            Err(why) => why.into(),
            Ok(_) => Failure::Run(Error::LoadNotNamed { run: run.name() }),
        });
    }
    Ok(())
}

/// Adds windows for the plateaus that were not chosen.
fn others(run: &Run, found: &Plateaus, shown: &mut ReportRun<'_>) {
    for (at, plateau) in found.all.iter().enumerate().filter(|(at, _)| *at != found.index) {
        let seconds = plateau.window;
        let window =
            Window::Times { from_us: length_us(seconds.from), to_us: length_us(seconds.to) };
        // A window outside the recording gets no button.
        if let Ok(Some(placed)) = run.place(window) {
            let number = at + 1;
            let (id, label) = (format!("plateau-{number}"), format!("Plateau {number}"));
            shown.windows.push(window_of(&placed, &id, &label));
        }
    }
    if found.all.len() > 1
        && let Some(chosen) = shown.windows.iter_mut().find(|window| window.id == "plateau")
    {
        chosen.label = format!("Plateau {}", found.index + 1);
    }
}

fn window_of(placed: &PlacedWindow, id: &str, label: &str) -> RunWindow {
    let mut note = words::note_without_times(placed).unwrap_or_default();
    if placed.coverage < 1.0 {
        note += &format!("; the recording has {:.0} % of it", 100.0 * placed.coverage);
    }
    RunWindow {
        id: id.to_owned(),
        label: label.to_owned(),
        note,
        from_us: placed.from_us,
        to_us: placed.to_us,
    }
}
