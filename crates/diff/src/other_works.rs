//! Costs that do not arise with each request: those of the start of a run and of compiling, and
//! those of timers.
//!
//! When the sides served different numbers of requests, such a cost differs per request without a
//! change of the code.

use crate::exposure::Exposures;
use crate::table::{Side, TableRun};
use crate::unit::Unit;

/// Sides whose requests in the mean of a run differ by less than this factor did the same work.
const SAME_WORK: f64 = 1.02;
/// Without the start of the runs, such sides differ by less than this factor: little is left that does not arise with requests.
const SAME_LOAD: f64 = 1.5;

/// Another work than requests, with which a cost may arise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Every run did the same work.
    Run,
    /// The work of a run is its length.
    Second,
}

/// Returns exposures for each work with which costs may arise in place of requests. The truth of
/// each row lies between these and the same work for each request. Returns none when they are alike.
pub(crate) fn other_works(
    runs: &[TableRun],
    exposures: &Exposures,
    with_start_up: bool,
) -> Vec<(Work, Vec<f64>)> {
    let requests: Option<Vec<f64>> = runs.iter().map(|run| run.requests).collect();
    let Some(requests) = requests.filter(|_| exposures.unit == Unit::CpuMsPerRequest) else {
        return Vec::new();
    };
    if sides_differ(runs, &requests) <= if with_start_up { SAME_WORK } else { SAME_LOAD } {
        return Vec::new();
    }
    let per_request = exposures.of_run.iter().zip(&requests);
    let middle = mean(&requests);
    let per_run: Vec<f64> = per_request.map(|(work, n)| work * middle / n).collect();
    let per_second = lengths(runs).filter(|lengths| differ(lengths) > SAME_WORK).map(|lengths| {
        let middle = mean(&lengths);
        per_run.iter().zip(&lengths).map(|(work, seconds)| work * seconds / middle).collect()
    });
    let per_second = per_second.unwrap_or_else(|| per_run.clone());
    vec![(Work::Run, per_run), (Work::Second, per_second)]
}

/// Returns true when one side served half as many requests again as the other, or more. A cost that grows
/// in the course of a run then differs, whatever the window.
pub(crate) fn one_side_went_further(runs: &[TableRun], unit: Unit) -> bool {
    let requests: Option<Vec<f64>> = runs.iter().map(|run| run.requests).collect();
    let requests = requests.filter(|_| unit == Unit::CpuMsPerRequest);
    requests.is_some_and(|requests| sides_differ(runs, &requests) >= SAME_LOAD)
}

/// Returns the ratio of the requests of both sides. A cost is that of all runs of a side, so runs that
/// differ on both sides alike do not change it.
fn sides_differ(runs: &[TableRun], requests: &[f64]) -> f64 {
    let of_sides = Side::ALL.map(|side| {
        let of_side = runs.iter().zip(requests).filter(|(run, _)| run.side == side);
        let of_side: Vec<f64> = of_side.map(|(_, requests)| *requests).collect();
        mean(&of_side)
    });
    differ(&of_sides)
}

/// Returns the lengths of all runs in seconds; `None` when one is not known.
pub(crate) fn lengths(runs: &[TableRun]) -> Option<Vec<f64>> {
    runs.iter().map(|run| run.seconds).collect()
}

/// Returns the highest value divided by the lowest.
fn differ(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(0.0, f64::max);
    most / values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Analysis, Assumptions, analyse};
    use crate::measure::{Doubt, Verdict};
    use crate::table::Grouping;
    use crate::table::{Counts, Side, TableRun};

    /// Compares three runs a side in turn; `requests` has a number for each run.
    fn compared(requests: [f64; 6], with_start_up: bool, rows: &[[f64; 6]]) -> Analysis {
        let sides = [Side::Before, Side::After].into_iter().cycle();
        let runs: Vec<TableRun> = sides
            .zip(requests)
            .map(|(side, requests)| TableRun {
                side,
                interval_ms: Some(1.0),
                requests: Some(requests),
                seconds: Some(10.0),
                ..TableRun::named("run")
            })
            .collect();
        let mut counts = Counts::new(6);
        for row in rows {
            counts.push(row);
        }
        // Requests cost the same in these, with some noise.
        for noise in 0..30_u32 {
            let cost = |(at, n): (usize, f64)| {
                n * 0.1 * (1.0 + f64::from((noise * 7 + at as u32 * 5) % 4) / 40.0)
            };
            counts.push(&requests.into_iter().enumerate().map(cost).collect::<Vec<_>>());
        }
        let functions = Grouping::without_totals(6, counts);
        analyse(&runs, &[functions], &Assumptions { with_start_up, ..Assumptions::default() })
            .unwrap()
    }

    /// In A/A runs of samples/app, 6 of them beside four programs that used the CPU, one side
    /// served 20 times the requests of the other. Timers, and code that V8 compiled, were CHANGED:
    /// they cost the same in each run.
    #[test]
    fn a_cost_of_each_run_is_no_change_when_one_side_serves_far_fewer_requests() {
        let requests = [2_000.0, 100.0, 2_100.0, 110.0, 1_900.0, 105.0];
        let timers = [40.0, 42.0, 38.0, 41.0, 43.0, 39.0];
        // Each request costs a hundredth of what it cost.
        let fixed = [1_000.0, 0.5, 1_050.0, 0.6, 950.0, 0.5];
        let analysis = compared(requests, false, &[timers, fixed]);
        let measures = &analysis.groupings[0].self_result.measures;
        assert!(measures[0].q.unwrap() < 0.05, "per request, it costs 20 times as much");
        assert_eq!(
            (measures[0].verdict, measures[0].doubt),
            (Verdict::NotResolved, Some(Doubt::StartUp))
        );
        assert_eq!(measures[1].verdict, Verdict::Changed);
    }

    /// The planted change of samples/app was START-UP? in runs with 80 to 1,600 requests: its cost
    /// per run varied with the requests.
    #[test]
    fn runs_with_other_numbers_of_requests_show_a_change_in_each_request() {
        let requests = [1_600.0, 900.0, 250.0, 500.0, 80.0, 90.0];
        let fixed = [805.0, 9.0, 122.0, 5.0, 41.0, 1.0];
        let analysis = compared(requests, true, &[fixed]);
        let measure = &analysis.groupings[0].self_result.measures[0];
        assert_eq!(measure.verdict, Verdict::Changed, "{measure:?}");
    }
}
