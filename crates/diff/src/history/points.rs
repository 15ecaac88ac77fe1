//! The points of a history: runs of one build, made one after the other, are one point.

use crate::order::starts;
use crate::run::RunCounts;
use crate::table::{Side, TableRun};

/// The time from the start of a run to the start of the next that ends a point, in microseconds.
const PAUSE_US: i64 = 1_200_000_000;

/// A point of a history: one build, with all runs of it that follow each other and begin less than
/// 20 minutes apart. A point has a single run when a run of the history has no clock, or when there
/// would be fewer than five points.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPoint {
    /// The names of the runs of this build.
    pub runs: Vec<String>,
    /// The start of the point's first run, in microseconds since 1970. It is `None` at all points
    /// when one run of the history has no clock.
    pub began_us: Option<i64>,
}

/// Returns the runs of each point, as indices in order of time, and true when their clocks gave the
/// order. Without clocks, each run is a point, in the order of the input.
pub(super) fn points(runs: &[&RunCounts], least: usize) -> (Vec<Vec<usize>>, bool) {
    let clocks: Option<Vec<i64>> = starts(runs).into_iter().collect();
    let Some(clocks) = clocks else { return (alone(0..runs.len()), false) };
    let mut order: Vec<(i64, usize, &str)> = clocks
        .into_iter()
        .zip(runs)
        .enumerate()
        .map(|(run, (began, counts))| (began, run, stem(&counts.name)))
        .collect();
    order.sort_unstable();
    let follows = |(began, _, name): (i64, usize, &str),
                   (earlier, _, other): (i64, usize, &str)| {
        name == other && began.saturating_sub(earlier) < PAUSE_US
    };
    let points = order.chunk_by(|&earlier, &run| follows(run, earlier));
    let points: Vec<Vec<usize>> =
        points.map(|point| point.iter().map(|(_, run, _)| *run).collect()).collect();
    // Builds of one name may follow each other without a pause.
    if points.len() < least {
        (alone(order.iter().map(|(_, run, _)| *run)), true)
    } else {
        (points, true)
    }
}

/// Makes each run a point.
fn alone(runs: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    runs.map(|run| vec![run]).collect()
}

/// The name without its number: `before-12` is a run of `before`.
pub(crate) fn stem(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', '_', '.'])
}

/// Adds up the facts of a point's runs.
pub(super) fn merged(runs: &[&RunCounts]) -> TableRun {
    let sum = |of: fn(&RunCounts) -> Option<f64>| runs.iter().map(|run| of(run)).sum();
    TableRun {
        name: runs.first().map_or_else(String::new, |run| run.name.clone()),
        side: Side::Before,
        interval_ms: runs.first().and_then(|run| run.interval_ms),
        requests: sum(|run| run.requests),
        seconds: sum(|run| run.seconds),
        began_us: None,
    }
}

/// Counts of the first run that one count of `run` is worth.
pub(super) fn scale(run: &RunCounts, first: Option<&&RunCounts>) -> f64 {
    let pair = run.interval_ms.zip(first.and_then(|first| first.interval_ms));
    pair.map_or(1.0, |(run, first)| run / first)
}
