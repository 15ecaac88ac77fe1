//! The profilers that recorded the runs, and whether they differ.

use crate::error::Error;
use crate::run::{RunCounts, engine};
use crate::table::Side;
use crate::warning::Warning;
use std::collections::BTreeSet;

/// Returns true when two recordings come from different recorders or versions. A `perf.data` and the
/// text of perf do not hold the same version, so they are not compared.
pub(crate) fn made_otherwise(one: &str, other: &str) -> bool {
    let (one, other) = (engine(one), engine(other));
    let comparable = match (has_version_of_perf(one), has_version_of_perf(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    comparable && one != other
}

/// Returns true for a `perf.data`, which holds the version of perf, and false for the text of perf,
/// which holds the event. Returns `None` for another recorder.
fn has_version_of_perf(engine: &str) -> Option<bool> {
    let rest = engine.strip_prefix("perf ")?;
    Some(rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// Returns the recorder of a run: what was sampled, and how. It is empty when the file does not
/// contain it.
pub(crate) fn recorder(run: &RunCounts) -> &str {
    let engine = engine(&run.producer);
    let word = engine.split(' ').next().unwrap_or_default();
    match word {
        "V8" | "Node" => "V8's tick log",
        // One sampler of V8 writes both.
        "cpuprofile" | "Chrome" => "V8's CPU profiler",
        "perf" | "bpftrace" | "bcc" | "pprof" => word,
        // An export of another program, or a format that many recorders write.
        _ => "",
    }
}

/// Returns a warning when no recorder was used on both sides.
pub(crate) fn recorders_that_differ(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let (before, after) = (recorders(runs, Side::Before)?, recorders(runs, Side::After)?);
    let names = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
    before
        .is_disjoint(&after)
        .then(|| Warning::RecordersDiffer { before: names(before), after: names(after) })
}

/// Returns the recorders of one side; `None` when that of a run is not known.
fn recorders<'r>(runs: &[(Side, &'r RunCounts)], side: Side) -> Option<BTreeSet<&'r str>> {
    let recorders = runs.iter().filter(|(of, _)| *of == side).map(|(_, run)| recorder(run));
    recorders.map(|name| (!name.is_empty()).then_some(name)).collect()
}

/// The weights of a log of an application, which are not costs.
const ERRORS: &str = "errors";
/// The word for weights that are CPU time.
const CPU_TIME: &str = "CPU time";
/// The word for weights that contain the time in which a thread waits.
const WALL_TIME: &str = "wall time";
/// The name of wall time in recordings.
const WALL: &str = "wall";

/// Refuses logs of applications, and runs that count different things.
pub(crate) fn same_counts<'r>(runs: impl Iterator<Item = &'r RunCounts>) -> Result<(), Error> {
    let mut first: Option<&RunCounts> = None;
    for run in runs {
        if run.no_cpu.as_deref() == Some(ERRORS) {
            return Err(Error::Log { run: run.name.clone() });
        }
        let first = *first.get_or_insert(run);
        let is_other_time =
            ![&first.time, &run.time].into_iter().any(String::is_empty) && first.time != run.time;
        if first.no_cpu != run.no_cpu || is_other_time {
            let time = |run: &RunCounts| if run.time == WALL { WALL_TIME } else { CPU_TIME };
            let counts = |run: &RunCounts| run.no_cpu.as_deref().unwrap_or(time(run)).to_owned();
            return Err(Error::OtherCounts {
                first: first.name.clone(),
                first_counts: counts(first),
                second: run.name.clone(),
                second_counts: counts(run),
            });
        }
    }
    Ok(())
}

/// Returns a warning when the recordings count something other than CPU time.
pub(crate) fn no_cpu_time(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let is_wall = || runs.iter().any(|(_, run)| run.time == WALL).then(|| WALL_TIME.to_owned());
    let counts = runs.iter().find_map(|(_, run)| run.no_cpu.clone()).or_else(is_wall)?;
    Some(Warning::NoCpuTime { counts })
}
