//! The points of a history: runs of one build, made one after the other, are one point.

use crate::order::starts;
use crate::run::RunCounts;
use crate::table::{Side, TableRun};

/// The time from the end of a run to the start of the next that ends a point, and a session, in
/// microseconds.
const PAUSE_US: i64 = 1_200_000_000;

/// A point of a history: one run, or several runs of one build that were made one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPoint {
    /// The names of the point's runs, in order of time. A point has at least one.
    pub runs: Vec<String>,
    /// The start of the point's first run, in microseconds since 1970. `None` for all points when
    /// the start of any run is not known ([`History::ordered`](crate::History::ordered)).
    pub began_us: Option<i64>,
    /// The share of failed requests among all that ended, from 0 to 1. `None` when it is not known of each run.
    pub failed: Option<f64>,
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
                   (earlier, run, other): (i64, usize, &str)| {
        let length_us = runs.get(run).map_or(0, |run| run.length_us);
        name == other && !is_pause(earlier.saturating_add_unsigned(length_us), began)
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

/// Returns true when the time from the end of a run to the start of the next is a pause.
pub(crate) fn is_pause(end_us: i64, next_us: i64) -> bool {
    next_us.saturating_sub(end_us) >= PAUSE_US
}

/// Makes each run a point.
fn alone(runs: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
    runs.map(|run| vec![run]).collect()
}

/// The name without its number: `before-12` is a run of `before`. A version such as `v1.4` has no number of
/// a run.
pub(crate) fn stem(name: &str) -> &str {
    let is_digit = |c: char| c.is_ascii_digit();
    let plain = name.trim_end_matches(is_digit);
    match plain.strip_suffix('.') {
        Some(version) if version.ends_with(is_digit) => name,
        _ => plain.trim_end_matches(['-', '_', '.']),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use spikeflame_profile::{Clock, ClockSource, Selection, folded};

    /// Patch releases that a script recorded one after the other were one build.
    #[test]
    fn versions_are_no_numbers_of_runs() {
        assert_eq!(
            ["v1.4.2", "v1.4", "v1.4-2", "run.3", "run_3", "run3"].map(stem),
            ["v1.4.2", "v1.4", "v1.4", "run", "run", "run"]
        );
    }

    /// The error was: runs of 20 minutes or more never were one point, because pauses were counted from start
    /// to start.
    #[test]
    fn long_runs_that_follow_each_other_are_one_point() {
        let profile = folded::read(&mut &b"main;parse 3\n"[..], "example", None).unwrap();
        let all = Selection::default();
        let run = |name, minute: i64, minutes: u64| {
            let known = ClockSource::Given;
            let began = Clock { zero_us: minute * 60_000_000, known, uncertainty_us: 0 };
            let run = Run { began: Some(began), ..Run::new(name, &profile, &all) };
            RunCounts { length_us: minutes * 60_000_000, ..RunCounts::count(&run) }
        };
        for (second, third, minutes, expected) in [
            (26, 52, 25, vec![3]),
            (61, 122, 60, vec![3]),
            (26, 80, 25, vec![2, 1]),
            (1, 21, 1, vec![3]),
            (1, 22, 1, vec![2, 1]),
        ] {
            let runs =
                [run("a-1", 0, minutes), run("a-2", second, minutes), run("a-3", third, minutes)];
            let (points, timed) = points(&runs.iter().collect::<Vec<_>>(), 1);
            let lengths: Vec<usize> = points.iter().map(Vec::len).collect();
            assert!(timed && lengths == expected, "{second} {third}: {lengths:?}");
        }
    }
}
