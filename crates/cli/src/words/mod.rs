//! Converts the errors and warnings of a run to messages that name the flags to use.

mod alike;
pub(crate) mod content;
pub(crate) mod generators;
mod load;
pub(crate) mod paths;
mod programs;
mod recording;
mod source_maps;
mod views;

pub(crate) use alike::warnings;
pub(crate) use load::{busy_machine, only_totals, without_core_under_load};
#[cfg(unix)]
pub(crate) use programs::recorder;
pub(crate) use programs::remote;
pub(crate) use views::{
    ALL_ROWS, DIFF, LIMITS, MISSING, REPORT, clock, comparison, drawing, export, folding,
    foreign_axis, plateau, stretch_instead, way_out, window_instead,
};

use spikeflame_load::monitor;
use spikeflame_load::plateau::NoPlateauReason;
use spikeflame_profile::warning::some_of;
use spikeflame_profile::{GroupBy, Loss, Profile, Selection, wall};
use spikeflame_render::plateau::core_share;
use spikeflame_render::report::Answer;
use spikeflame_render::{count, percent, seconds};
use spikeflame_run::{
    AlignError, ClockStep, Error, Fallback, NoWindow, PlacedWindow, Run, TwoRuns, Warning, Window,
};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

/// Returns the message for an error, with the flag or the command that helps.
pub(crate) fn error(error: &Error) -> String {
    match error {
        Error::Recording(why) => recording::error(why),
        Error::Load(why) => load::error(why),
        Error::Align(why @ AlignError::Apart { zone_s: Some(zone), .. }) => {
            format!(
                "{why}; the log's times name no zone: with --log-zone {} both are of the same time",
                offset(*zone)
            )
        }
        Error::NoTimes { undated: true, .. }
        | Error::Align(AlignError::NoTimes { undated: true, .. }) => format!(
            "{error}; `spikeflame errors --load FILE` takes the date of a load test whose times have one"
        ),
        Error::Align(why @ AlignError::Apart { .. }) => {
            format!(
                "{why}: by these times they are not of one run; give the load test of this \
                 recording, or, if a clock was wrong, the start of the recording with \
                 --profile-start"
            )
        }
        Error::Align(why @ AlignError::NoTestClock { .. }) => format!(
            "{why}; give a load test whose times have a date, as `k6 run --out json=FILE` writes them; without \
             --window and --load the whole recording is shown"
        ),
        Error::Align(why @ AlignError::CannotTell { between, .. }) => {
            let time = match between {
                Some((from, to)) => {
                    format!("by the lengths of recording and test it lies between {from} and {to}")
                }
                None => "like 2026-11-23T01:24:45Z".to_owned(),
            };
            format!(
                "{why}: give --profile-start, the time at which the process started ({time}); \
                 without --window and --load the whole recording is shown"
            )
        }
        Error::Monitor(why @ monitor::Error::Apart { zone_s, .. }) => match zone_s {
            Some(zone) => format!(
                "{why}; its times name no zone: with --with-zone {} they are of the time of the \
                 test",
                offset(*zone)
            ),
            None => format!(
                "{why}: by these times they are not of one run; ask the monitor for the time of the test"
            ),
        },
        Error::Monitor(why @ monitor::Error::Unrecognised { path, found }) => {
            let general =
                ["JSON of another kind", "a binary file", "a text without a column of times"];
            let known = if general.contains(found) { content::name(path) } else { None };
            let text = why.to_string();
            known.map_or(text.clone(), |known| text.replacen(found, &known, 1))
        }
        Error::Monitor(why @ monitor::Error::NoClock { .. }) => {
            format!(
                "{why}; give a load test with times of a clock, as `k6 run --out json=FILE` writes"
            )
        }
        Error::NoLoad { folder } => format!(
            "{}: it holds no load timeline (a load test second by second), which the window needs: \
             name one with --load; `k6 run --out json=k6.json.gz` writes it{}",
            folder.display(),
            paths::runs_below(folder)
        ),
        Error::SeveralLoads { .. } => format!(
            "{error}; name the one that ran beside the recording with --load (in a comparison \
             --load-before and --load-after); load generators that ran side by side are not added up"
        ),
        Error::LoadNotNamed { .. } => format!(
            "{error}: name it with --load (in a comparison --load-before and --load-after), or \
             give the folder that holds both"
        ),
        Error::SeveralFolders => {
            "--window needs the load of one run, and several were given; name one run, or its load \
             with --load"
                .to_owned()
        }
        Error::NoTimeline { .. } => {
            format!("{error}; give what `k6 run --out json=FILE` writes")
        }
        Error::NoPlateau { why, .. } => {
            if matches!(why.why, NoPlateauReason::NoSuch { .. }) {
                return format!("{error}; leave --plateau out to see them all");
            }
            let (window, stretch) = (window_instead(why), stretch_instead(why));
            format!("{error}; to go on with this test, take {stretch}: --window {window}")
        }
        Error::ClockUnsure { window, seconds: length_s, clock: by } => format!(
            "{} lasts {}, and the profile's clock is less exact (it is known by {}): give the \
             start of the profile with --profile-start",
            window.name(),
            seconds(wall::micros_of(*length_s).max(0).unsigned_abs()),
            clock(by)
        ),
        Error::OutsideRecording { window, clock: by, .. } => format!(
            "{error} (the profile's clock is known by {}); --window {}",
            clock(by),
            match window {
                Window::Load => "all takes the whole recording",
                _ => "load takes the time that lies within both",
            }
        ),
        Error::TwoWindows => {
            "--window and --from or --to both name a window: give one of them".to_owned()
        }
        Error::TwoRuns(apart) => {
            format!("{}; name the recordings of one of them", two_runs(apart))
        }
        other => other.to_string(),
    }
}

fn two_runs(apart: &TwoRuns) -> String {
    let TwoRuns { first, second, gap_us, runs, .. } = apart;
    let runs = match runs {
        2 => "they are two runs".to_owned(),
        runs => format!("the recordings are of {runs} runs"),
    };
    format!("{second} began {} after {first} had ended: {runs}", seconds(*gap_us))
}

/// Returns an offset from UTC as a text: `+09:00`.
pub(crate) fn offset(zone_s: i32) -> String {
    let sign = if zone_s < 0 { '-' } else { '+' };
    let minutes = zone_s.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Returns the sentence for a warning.
pub(crate) fn warning(warning: &Warning) -> String {
    match warning {
        Warning::Lost(loss) => lost(loss),
        Warning::Recording(fact) => recording::warning(fact),
        Warning::LoadLost { path, loss } => format!(
            "{}: line {}: {}; {} in all",
            path.display(),
            loss.first_line,
            loss.reason,
            loss.count
        ),
        Warning::Load { path, warning } => {
            format!("{}: {}", path.display(), load::warning(warning))
        }
        Warning::OtherLoads { used, others } => load::others(used, others),
        Warning::Monitor { path, warning } => {
            format!("{}: {}", path.display(), load::monitored(warning))
        }
        Warning::RecordersTable { path, is_own: true } => format!(
            "{}: this table of the run is already used, and is not read as a monitor: leave --with out for it",
            path.display()
        ),
        Warning::RecordersTable { path, is_own: false } => format!(
            "{}: this is the table of processes of a run folder, and is not read as a monitor: name the run's \
             folder itself to use it",
            path.display()
        ),
        Warning::NoFacts { folder, why } => {
            format!("{}: its run.json is not used: {why}", folder.display())
        }
        Warning::Unfinished { folder } => format!(
            "{}: its run.json has no end: the run is still being recorded, or its recorder was killed; \
             what follows is of the part that is in the files",
            folder.display()
        ),
        Warning::LoadStopped { folder, why } => format!(
            "{}: the load test was stopped before its end, because {why}: the plateau, its limit, and the \
             reason why there is none are of the part that ran",
            folder.display()
        ),
        Warning::WriteFailed { folder, why } => format!(
            "{}: a file of the run could not be written ({why}): profiles and app.log can end there",
            folder.display()
        ),
        Warning::ClockStepped { folder, steps } => format!(
            "{}: the machine's clock was set, or the machine slept, during the run: {}; after that, times \
             of the load test differ from those of the profile",
            folder.display(),
            clock_steps(steps)
        ),
        Warning::OtherClock { run, late_us, zero_us } => format!(
            "{run}: by the clocks, the load test has answers from a time that the recording does \
             not cover, but CPU activity and throughput rise and fall together when the times of \
             the load test are taken as {} {}: the clock of the load generator was probably \
             another one; --profile-start {} corrects that",
            seconds(late_us.unsigned_abs()),
            if *late_us > 0 { "earlier" } else { "later" },
            wall::rfc3339(zero_us.max(&0).unsigned_abs()),
        ),
        Warning::UnknownStarts { recordings } => format!(
            "{} not contain when the recording began, so all recordings are treated as if they had \
             begun together; \
             name one file, or record with `spikeflame record`",
            does(recordings)
        ),
        Warning::PartlyCovered { run, coverage } => format!(
            "{run}: the recording covers only a part of the window, {:.0} %",
            // A part that is not the whole is not written as 100 %.
            (coverage * 100.0).min(99.0)
        ),
        Warning::EndsEarlier { run, end_us, of_test } => format!(
            "{run}: the window goes on after the recording, which ends at {}{}; it is cut there",
            seconds(*end_us),
            if *of_test { " of the load test" } else { "" }
        ),
        Warning::SeveralPrograms { producers } => format!(
            "recordings of several programs or profilers are added up: {}; name the recordings of one of \
             them",
            producers.join("; ")
        ),
        Warning::TwoRuns(apart) => format!(
            "{}; their samples are shown together; for a window by their load tests, each run needs a \
             folder of its own",
            two_runs(apart)
        ),
        Warning::NoCounters(why) => {
            format!("the export has no curves of the load test: {}", error(why))
        }
        Warning::FellBack(fell) => fell_back(fell),
        Warning::ForeignAxis { source, asked, usual } => {
            format!("{source}: {}", foreign_axis(*asked, *usual))
        }
        other => format!("{other:?}"),
    }
}

/// Returns the names of files with the verb of a sentence about them.
fn does(names: &[String]) -> String {
    format!("{} {}", some_of(names), if names.len() == 1 { "does" } else { "do" })
}

/// Lists steps of the clock with their times.
fn clock_steps(steps: &[ClockStep]) -> String {
    some_of(&steps.iter().map(clock_step).collect::<Vec<_>>())
}

fn clock_step(step: &ClockStep) -> String {
    let at = wall::rfc3339(u64::try_from(step.at_us).unwrap_or(0));
    format!("{:+.1} s at {at}", step.ms as f64 / 1e3)
}

pub(crate) fn plural(number: u64, word: &str) -> String {
    format!("{} {word}{}", count(number), if number == 1 { "" } else { "s" })
}

fn lost(loss: &Loss) -> String {
    let place = loss.place().map_or_else(String::new, |place| format!("{place}: "));
    let mut text = format!("{}: {place}{}", loss.source, loss.reason);
    if loss.count > 1 {
        text += &format!("; {} in all", plural(loss.count, loss.counted));
    }
    if loss.samples > 0 {
        text += &format!("; {} lost", plural(loss.samples, "sample"));
    }
    text
}

fn fell_back(fell: &Fallback) -> String {
    let Fallback { asked, taken, without, runs } = fell;
    // Many runs often lack it for one reason.
    let mut by_reason: Vec<(String, Vec<&str>)> = Vec::new();
    for one in without {
        let why = no_window(&one.why);
        match by_reason.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, runs)) => runs.push(&one.run),
            None => by_reason.push((why, vec![&one.run])),
        }
    }
    let lacking: Vec<String> =
        by_reason.iter().map(|(why, runs)| format!("{}: {why}", runs.join(", "))).collect();
    let names: BTreeSet<&str> = without.iter().map(|one| one.run.as_str()).collect();
    format!(
        "{} of {runs} runs cannot show {} ({}); {} is used for all runs",
        names.len(),
        asked.name(),
        lacking.join("; "),
        taken.name()
    )
}

/// Returns the reason why a run lacks a window.
fn no_window(why: &NoWindow) -> String {
    match why {
        NoWindow::NoPlateau(why) => first_sentence(&why.to_string()).to_owned(),
        NoWindow::NothingBefore { after_another: true } => {
            "the plateau begins where another one ends".to_owned()
        }
        NoWindow::NothingBefore { .. } => "no request succeeded before the plateau".to_owned(),
        NoWindow::NotPlaced(why) => error(why),
        _ => "no load timeline".to_owned(),
    }
}

/// Returns the first sentence of a reason, without its full stop. The reasons of many runs stand in one
/// line, and `plateau RUN` has the whole of each.
fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Describes a window for a subtitle: its seconds of the load test, and the source of its times.
/// Returns `None` for times of the recording.
pub(crate) fn note(placed: &PlacedWindow) -> Option<String> {
    let by = placed.clock.as_ref()?;
    Some(format!("{}, {}by {}", named_part(placed)?, test_seconds(placed), clock(by)))
}

/// Describes a window as [`note`] does, for a page that shows its seconds anyway.
pub(crate) fn note_without_times(placed: &PlacedWindow) -> Option<String> {
    let by = placed.clock.as_ref()?;
    let fewer = if placed.fewer_requests { "with fewer requests, " } else { "" };
    Some(format!("{}, {fewer}by {}", named_part(placed)?, clock(by)))
}

/// Returns the words for a window. Without a load test, the time under load is that of a command.
fn named_part(placed: &PlacedWindow) -> Option<&'static str> {
    match (placed.window, placed.test_us) {
        (Window::Load, None) => Some("while the load command ran"),
        (window, _) => named(window),
    }
}

/// Describes the windows of several runs for a subtitle.
pub(crate) fn note_of_all(window: Window, windows: &[(String, PlacedWindow)]) -> Option<String> {
    let name = named(window)?;
    let all: Vec<String> = windows.iter().map(|(run, placed)| note_of_run(run, placed)).collect();
    Some(format!("{name} of each of {} runs ({})", windows.len(), all.join("; ")))
}

/// Describes the window of one run: its name, the times in the recording and in the test, the clock.
fn note_of_run(run: &str, placed: &PlacedWindow) -> String {
    let by = placed.clock.as_ref().map(|by| format!("by {}", clock(by))).unwrap_or_default();
    let name = Path::new(run).file_name().map_or(run.into(), |name| name.to_string_lossy());
    let (from, to) = (seconds(placed.from_us), seconds(placed.to_us));
    format!("{name}: {from} to {to}, {}{by}", test_seconds(placed))
}

fn named(window: Window) -> Option<&'static str> {
    Some(match window {
        Window::All => return None,
        Window::Load => "under load",
        Window::Plateau => "plateau",
        Window::Before => "before the plateau",
        Window::Times { .. } => "window",
    })
}

/// Returns the seconds of a window by the clock of the load test, for a list of facts.
fn test_seconds(placed: &PlacedWindow) -> String {
    let fewer = if placed.fewer_requests { "with fewer requests, " } else { "" };
    let times = placed
        .test_us
        .map(|(from, to)| format!("{} to {} of the load test, ", seconds(from), seconds(to)));
    times.unwrap_or_default() + fewer
}

/// Returns the hottest functions of own code. Returns `None` when the view shows groups, and when no
/// sample passes through own code. The second is no reason when own code cannot be known, because no
/// function has a file; logs and empty selections have `None` then too.
pub(crate) fn answer(profile: &Profile, selection: &Selection) -> Option<Answer> {
    let is_alike = selection.group_by == GroupBy::Function;
    is_alike.then(|| Answer::new(profile, selection)).filter(|answer| {
        let is_log = profile.sources.first().is_some_and(|source| source.unit == "errors");
        !answer.own.is_empty() || (answer.total > 0 && !answer.names_files && !is_log)
    })
}

/// Returns the share of a core that the main thread got in the window, or the share of the time in which it
/// ran by its samples. Returns `None` when neither was measured. A filter for threads shows others than the
/// main thread.
pub(crate) fn core(run: &Run, selection: &Selection) -> Option<String> {
    let end = run.recorded_us().ok().filter(|_| selection.thread.is_none())?;
    let (from, to) = (selection.from_us.unwrap_or(0), selection.to_us.unwrap_or(end).min(end));
    if let Some(text) = load::without_core(run, from, to) {
        return Some(text);
    }
    let share = run.main_thread_cores(from, to).ok().flatten()?;
    let workers = run.profile().ok().and_then(|profile| of_workers(profile, from, to));
    Some(format!("the main thread {}{}", core_share(share), workers.unwrap_or_default()))
}

/// Returns the share of the samples that are of other threads than the main one, as the end of a sentence. Returns
/// `None` when they are fewer than half.
fn of_workers(profile: &Profile, from_us: u64, to_us: u64) -> Option<String> {
    let main = profile.main_thread()?;
    let (mut own, mut all) = (0, 0);
    profile.visit(&Selection::default(), |thread, sample, weight| {
        if (from_us..to_us).contains(&sample.time_us) {
            own += if thread == main { weight } else { 0 };
            all += weight;
        }
    });
    let others = all - own;
    let unit = &profile.sources.first()?.unit;
    (2 * others > all)
        .then(|| format!("; {} of the {unit} are of other threads", percent(others, all)))
}

/// Returns the option that shows the places of compiled code in its sources, when a source map lies beside
/// a file of the hottest functions.
pub(crate) fn compiled(answer: &Answer, run: &Run) -> Option<&'static str> {
    compiled_files(answer.own.iter().map(|own| own.file.as_str()), run)
}

/// Returns the same option as [`compiled`] when a source map lies beside one of `files`.
pub(crate) fn compiled_files<'a>(
    mut files: impl Iterator<Item = &'a str>,
    run: &Run,
) -> Option<&'static str> {
    let has_map = |file: &str| {
        let path = file.strip_prefix("file://").unwrap_or(file);
        Path::new(path).is_absolute() && Path::new(&format!("{path}.map")).is_file()
    };
    (run.reading().source_maps.is_none() && files.any(has_map))
        .then_some("these places are of compiled code; --source-maps shows those of its sources")
}

/// Share of the samples from which packages count as hiding the code that calls them.
const HIDING_SHARE: f64 = 0.2;

/// Prints the flag that moves the time of packages to the functions that call them, when packages
/// hold a large share.
pub(crate) fn dependencies(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let held: u64 = answer.packages.iter().map(|package| package.weight).sum();
    if (held as f64) < HIDING_SHARE * answer.total as f64 {
        return Ok(());
    }
    writeln!(
        out,
        "npm packages and what they call: {} or more. With --hide node_modules, that counts for the \
         functions that call them",
        percent(held, answer.total)
    )
}
