//! Finds out whether the first run of a series differs from the others.

use spikeflame_profile::{Profile, Selection};
use spikeflame_record::Outcome;
use spikeflame_run::{Options, Run, Window};

/// Smallest number of runs: two show how much runs differ, and the first is compared with them.
const FEWEST_RUNS: usize = 3;
/// Least difference between the first run and the mean of the others, as a share of this mean.
const LEAST_DIFFERENCE: f64 = 0.1;
/// The number of times that the first run must differ more than the others do from each other.
const CLEARLY: f64 = 3.0;

/// Returns the advice to warm up when the first run of a series clearly needed more or less CPU for a
/// request than the others.
pub(super) fn hint(runs: &[Outcome]) -> Option<String> {
    if runs.len() < FEWEST_RUNS {
        return None;
    }
    let costs = runs.iter().map(cost).collect::<Option<Vec<f64>>>()?;
    let ratio = differs(&costs)?;
    let name = runs.first()?.folder.file_name()?.to_string_lossy().into_owned();
    let word = if ratio > 1.0 { "more" } else { "less" };
    Some(format!(
        "{name} took {:.0} % {word} CPU for each request than the mean of the runs after it. When caches \
         are the reason (of the machine, or of a database), `--warmup 1` makes a run first that is not \
         compared",
        100.0 * (ratio - 1.0).abs()
    ))
}

/// Returns the first value divided by the mean of the others, when it differs clearly.
fn differs(costs: &[f64]) -> Option<f64> {
    let (first, rest) = costs.split_first()?;
    let mean = rest.iter().sum::<f64>() / rest.len() as f64;
    let least = rest.iter().copied().fold(f64::INFINITY, f64::min);
    let most = rest.iter().copied().fold(0.0, f64::max);
    let away = (first - mean).abs();
    (mean > 0.0 && away > LEAST_DIFFERENCE * mean && away > CLEARLY * (most - least))
        .then_some(first / mean)
}

/// Returns the weight of the samples under load for each request. Returns `None` without a load test.
fn cost(outcome: &Outcome) -> Option<f64> {
    let run = Run::read(std::slice::from_ref(&outcome.folder), Options::default());
    run.timeline().ok()??;
    let (selection, placed) = run.select(Selection::default(), Window::Load).ok()?;
    let requests = placed?.stretch?.requests;
    let weight = weight(run.profile().ok()?, &selection);
    (requests > 0.0).then(|| weight as f64 / requests)
}

fn weight(profile: &Profile, selection: &Selection) -> u64 {
    let mut sum = 0_u64;
    profile.visit(selection, |_, _, weight| sum = sum.saturating_add(weight));
    sum
}

#[cfg(test)]
mod tests {
    use super::differs;

    #[test]
    fn a_first_run_differs_by_more_than_the_others_do() {
        assert_eq!(differs(&[1.5, 1.0, 1.0]), Some(1.5));
        assert_eq!(differs(&[0.5, 1.0, 1.0]), Some(0.5));
        // The others differ as much, or the difference is small.
        assert_eq!((differs(&[1.5, 1.0, 1.4]), differs(&[1.05, 1.0, 1.0])), (None, None));
    }
}
