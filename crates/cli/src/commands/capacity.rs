//! The command `spikeflame capacity` calculates connections: in flight, needed, and possible.

use crate::args::{CapacityArgs, CapacityFormat, Cli};
use crate::failure::Failure;
use crate::inputs::Inputs as Files;
use crate::{input, output, words};
use spikeflame_load::Load;
use spikeflame_load::capacity::{Inputs, capacity};
use spikeflame_load::plateau::{Stretch, Window as Seconds};
use spikeflame_render::capacity as view;
use spikeflame_render::plateau::starvation;
use spikeflame_run::{Error, Options, Run, Window};
use std::path::Path;

/// Share of requests without an answer from which the rest is a special part of the test.
const UNANSWERED_SHARE: f64 = 0.1;

pub(crate) fn run(args: &CapacityArgs, cli: &Cli) -> Result<(), Failure> {
    let mut known = args.inputs();
    let mut inputs = Files::none();
    if let Some(path) = args.load() {
        let options = Options {
            load: Some(path.clone()),
            reading: args.test.reading(),
            plateau: args.test.options(None),
            ..Options::default()
        };
        // The recordings of a folder show which load test ran beside them.
        let recordings = if path.is_dir() { vec![path.clone()] } else { Vec::new() };
        let run = Run::read(&recordings, options);
        let seen = match input::heard(&run, run.load(), cli)? {
            Some(Load::Summary(summary)) => Inputs {
                rps: summary.rps,
                failed_share: summary.error_rate,
                mean_s: summary.avg_ms.map(|ms| ms / 1e3),
                ..Inputs::default()
            },
            _ => of_window(&run, path, args.window, cli)?,
        };
        inputs.extend(Files::from_run(&run));
        // The share is of the requests whose rate the load test gives.
        known.failed_share = seen.failed_share.filter(|_| known.rps.is_none());
        let is_used = |own: Option<f64>, seen: Option<f64>| own.is_none() && seen.is_some();
        known.of_load_test = is_used(known.rps, seen.rps)
            || is_used(known.mean_s, seen.mean_s)
            || is_used(known.hold_s, seen.hold_s);
        known.rps = known.rps.or(seen.rps);
        known.mean_s = known.mean_s.or(seen.mean_s);
        known.hold_at_most = known.hold_s.is_none() && seen.hold_at_most;
        known.hold_s = known.hold_s.or(seen.hold_s);
    }
    let found = capacity(&known);
    if (found.in_flight, found.needed, found.possible) == (None, None, None) {
        let without_mean = args.load().filter(|_| known.rps.is_some());
        return Err(Failure::Selection(match without_mean {
            Some(path) => no_mean(path),
            None => too_little(&known),
        }));
    }
    output::write(args.output.path(), &inputs, |mut out| match args.format.format {
        CapacityFormat::Text => view::text(&known, &found, &words::MISSING, &mut out),
        CapacityFormat::Json => view::json(&known, &found, &mut out),
    })
}

/// Returns the numbers that a window of a load test gives.
fn of_window(run: &Run, path: &Path, window: Window, cli: &Cli) -> Result<Inputs, Failure> {
    let path = path.display();
    let found = run.found().map_err(|why| match why {
        Error::NoLoad { folder } => Failure::Selection(format!(
            "{path}: no load test in it to take numbers from: name its result with --load, or give --rps \
             with --mean or --hold{}",
            words::paths::runs_below(&folder)
        )),
        why => Failure::Run(why),
    })?;
    let found = found.as_ref().map(|found| found.chosen());
    input::hear_of_test(run, cli);
    let seconds = run.seconds(window).map_err(|why| match why {
        Error::NoPlateau { why, .. } => {
            let from = match has_mean(run) {
                true => "or take them from another part:",
                false => {
                    "or give --mean or --hold (the file has no mean durations) and take the rate from \
                     another part:"
                }
            };
            Failure::Selection(format!(
                "{path}: no plateau to take numbers from: {why}; give them yourself: --rps, --mean and \
                 --hold, {from} --window {}",
                words::window_instead(&why)
            ))
        }
        why => Failure::Run(why),
    })?;
    let timeline = run.need_timeline()?;
    // Failed requests also take their time and hold a connection, if they are answered.
    let (rps, waits) = timeline.answered(seconds);
    let unanswered = timeline.unanswered_share(seconds);
    if unanswered >= UNANSWERED_SHARE {
        let (share, part) = (100.0 * unanswered, window.name());
        output::complain(
            "warning",
            &format!(
                "{path}: {share:.0} % of the requests in {part} got no answer, and the numbers are \
                 those of the others"
            ),
        );
    }
    let starved = starvation(&run.starved(), found.ok(), false);
    if !starved.is_empty() {
        output::complain("warning", &format!("{path}: {starved}"));
    }
    let told = |ms: f64| Some(ms / 1e3).filter(|seconds| seconds.is_finite());
    // A request cannot hold its connection longer than it lasts at rest. The time before the
    // plateau may have slow seconds of its own.
    let hold_s = found
        .ok()
        .and_then(|found| told(found.rest_ms.unwrap_or(f64::INFINITY).min(found.before?.mean_ms)));
    let mean_s = waits.or_else(|| told(Stretch::measure(timeline, seconds).mean_ms));
    let failed_share = Some(timeline.failed_answer_share(seconds));
    let hold_at_most = found.is_ok_and(|found| !found.rest_seen);
    let rps = Some(rps);
    Ok(Inputs { rps, failed_share, mean_s, hold_s, hold_at_most, ..Inputs::default() })
}

/// Returns true when a load test shows the mean duration of its requests.
fn has_mean(run: &Run) -> bool {
    let Ok(timeline) = run.need_timeline() else { return true };
    let whole = Seconds { from: 0, to: timeline.seconds.len() };
    timeline.answered(whole).1.is_some() || Stretch::measure(timeline, whole).mean_ms.is_finite()
}

/// Returns the way on from a load test whose rate is known and whose mean duration is not.
fn no_mean(path: &Path) -> String {
    format!(
        "{}: it has requests a second, but no mean duration of a request (percentiles cannot stand for \
         it), and the rate alone gives no number of connections: give --mean for those in flight, or \
         --hold for those needed, or, if it has a column of means, name it with --columns mean=NAME",
        path.display()
    )
}

/// Names the numbers that are missing for each of the three results.
fn too_little(known: &Inputs) -> String {
    if known.rps.is_some() || known.target_rps.is_some() {
        return "the rate alone gives no number of connections: give --mean for those in flight, or \
                --hold for those needed, or a load test with --load"
            .to_owned();
    }
    if known.mean_s.is_some() || known.hold_s.is_some() {
        return "a duration alone gives no number of connections: give --rps, or a load test with \
                --load"
            .to_owned();
    }
    if known.memory.is_some() || known.per_connection.is_some() {
        return "the memory of the machine and of one connection belong together: give --memory and \
                --per-connection"
            .to_owned();
    }
    "nothing to calculate with: name a run with a load test, as in `spikeflame capacity runs/before-1`, \
     or give --rps with --mean or --hold, or --memory with --per-connection"
        .to_owned()
}
