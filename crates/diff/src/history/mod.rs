//! A history of many builds: which functions changed, at which build, or little by little.

mod drift;
mod energy;
mod files;
mod gate;
mod pairs;
mod points;
mod renamed;
mod rows;

use crate::compare::Options;
use crate::conditions::failed;
use crate::error::Error;
use crate::mix::{self, MixRange};
use crate::recorders::same_counts;
use crate::run::RunCounts;
use crate::same_run::same_runs_of_history;
use crate::table::TableRun;
use crate::unit::Unit;
use drift::LEAST_POINTS;
pub use drift::{ChangePoint, Course, Drift, Drifts, drifts};
pub use points::HistoryPoint;
pub(crate) use points::{is_pause, stem};

/// The costs of functions over several builds of a program, and the builds at which they changed.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The unit of all costs in the history.
    pub unit: Unit,
    /// True when the clocks of the runs gave their order, and false when the order is that of the
    /// input.
    pub ordered: bool,
    /// The points, in order of time, or in that of the input when `ordered` is false.
    pub points: Vec<HistoryPoint>,
    /// The endpoint whose share of the requests differs most between two points; `None` when none does with
    /// certainty, and when the endpoints of a run are not known.
    pub mix: Option<MixRange>,
    /// The cost of all functions together over the history.
    pub total: Drift,
    /// The least lasting rise of `total` that would have been called a change, as the first such ratio of a list
    /// from 1.03 to 2. `None` when `total` changed, and when even twice the cost would not have been certain.
    pub visible_rise: Option<f64>,
    /// Functions with enough samples for a test. Those that changed come first, ordered by the distance between
    /// their first and last cost ([`Drift::ends`]), the largest first; then the others, the most expensive first.
    pub functions: Vec<HistoryRow>,
    /// Number of functions that are not tested, because they have too few samples.
    pub untested: usize,
}

/// A function of a history. JavaScript functions of one name in a file are one row, because their lines move
/// from build to build; other code is one row by its label. A file or a function that moved, or has another name
/// in later builds, is one where names, calls and costs show it.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryRow {
    /// The label in the first run that has it.
    pub label: String,
    /// The name; empty for the anonymous functions of a file.
    pub name: String,
    /// The file, with its name in the first run that has it; empty for code that is not JavaScript.
    pub file: String,
    /// True when the cost is the machine's, as for [`Row::is_machine`](crate::Row::is_machine).
    pub is_machine: bool,
    /// The self cost of the function at each point, and its changes.
    pub drift: Drift,
}

/// Finds the changes in a history of runs. It uses only [`Options::path_map`] and the unit of
/// `options`. The clocks of the runs give their order, or that of `runs` when a run has no clock.
/// Runs with clocks whose names differ only in the number at the end are of one build. They are one point when
/// less than 20 minutes lie between the end of one and the start of the next, unless fewer than five points would
/// remain.
///
/// ```
/// use spikeflame_diff::{Error, Options, history};
///
/// assert!(matches!(history(&[], &Options::default()), Err(Error::ShortHistory { .. })));
/// ```
///
/// # Errors
///
/// Returns an [`Error`] when there are fewer than five runs, and when the runs cannot be compared,
/// for example because two are the same recording.
pub fn history(runs: &[RunCounts], options: &Options) -> Result<History, Error> {
    let runs: Vec<&RunCounts> = runs.iter().collect();
    same_counts(runs.iter().copied())?;
    if let Some(empty) = runs.iter().find(|run| run.samples <= 0.0) {
        return Err(Error::EmptyRun { run: empty.name.clone() });
    }
    same_runs_of_history(&runs)?;
    let (points, ordered) = points::points(&runs, LEAST_POINTS);
    let per_run = options.assumed.unit == Some(Unit::CpuMsPerRun);
    let of = |point: &Vec<usize>| -> Vec<&RunCounts> {
        point.iter().filter_map(|&run| runs.get(run).copied()).collect()
    };
    let mut table: Vec<TableRun> = points.iter().map(|point| points::merged(&of(point))).collect();
    if per_run {
        for (run, point) in table.iter_mut().zip(&points) {
            run.requests = Some(point.len() as f64);
        }
    }
    let unit = if per_run { Some(Unit::CpuMsPerRequest) } else { options.assumed.unit };
    let (heads, counts) = rows::counted(&runs, &points, &options.path_map);
    let named = |error| if per_run { of_runs(error) } else { error };
    let Drifts { unit, total, visible_rise, rows } =
        drifts(&table, &counts, unit).map_err(named)?;
    let all = rows.len();
    let rows = heads.into_iter().zip(rows).map(|(head, drift)| HistoryRow { drift, ..head });
    let mut functions: Vec<HistoryRow> = rows.filter(|row| row.drift.p.is_some()).collect();
    let size = |row: &HistoryRow| {
        let change = row.drift.ends().map(|(first, last)| (last - first).abs());
        (change.is_some(), change.unwrap_or_else(|| row.drift.costs.iter().sum()))
    };
    functions.sort_by(|a, b| {
        let ((a_changed, a_size), (b_changed, b_size)) = (size(a), size(b));
        b_changed
            .cmp(&a_changed)
            .then(b_size.total_cmp(&a_size))
            .then_with(|| a.label.cmp(&b.label))
    });
    let mix = mix::range(&points.iter().map(of).collect::<Vec<_>>());
    let clocks = crate::order::starts(&runs);
    let began = |point: &Vec<usize>| point.first().and_then(|&run| *clocks.get(run)?);
    let points = points.iter().map(|point| HistoryPoint {
        runs: of(point).iter().map(|run| run.name.clone()).collect(),
        began_us: if ordered { began(point) } else { None },
        failed: failed(&of(point)),
    });
    let unit = if per_run { Unit::CpuMsPerRun } else { unit };
    let (points, untested) = (points.collect(), all - functions.len());
    Ok(History { unit, ordered, points, mix, total, visible_rise, functions, untested })
}

/// Returns the error for costs per run, whose runs were counted as requests.
fn of_runs(error: Error) -> Error {
    match error {
        Error::Unknown { run, what, .. } => Error::Unknown { run, what, unit: Unit::CpuMsPerRun },
        other => other,
    }
}
