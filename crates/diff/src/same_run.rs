//! Recordings that are given twice.

use crate::error::Error;
use crate::run::RunCounts;
use crate::table::{Counts, Side};

/// Runs with equal counts are the same recording when they have at least this many samples, and when other runs
/// of one program would have equal counts in fewer than one of this many pairs.
const NO_CHANCE: f64 = 50.0;
const MANY_PAIRS: f64 = 1_000.0;
/// Windows of two formats of one recording hold the same samples, but for this share, since some
/// formats lack idle or unreadable samples.
const ROUNDED: f64 = 0.02;

/// Refuses runs that are the same recording, also in another format: all counts are equal or all
/// times of samples are, and so are the requests.
pub(crate) fn same_runs(
    runs: &[(Side, &RunCounts)],
    [self_counts, total_counts]: [&Counts; 2],
) -> Result<(), Error> {
    // Columns are grouped by content, so that only equal ones are compared.
    let mut seen: hashbrown::HashMap<Vec<u64>, usize> = hashbrown::HashMap::new();
    for (at, (_, run)) in runs.iter().enumerate() {
        let mut same = None;
        let own = self_counts.rows().map(|row| row.get(at).copied().unwrap_or(0.0));
        if are_no_chance(own) {
            let rows = self_counts.rows().chain(total_counts.rows());
            let column = rows.map(|row| row.get(at).map_or(0, |count| count.to_bits())).collect();
            let first = *seen.entry(column).or_insert(at);
            let other = runs.get(first).filter(|_| first != at);
            same = other.filter(|(_, other)| have_same_requests(run, other));
        }
        let mut earlier = runs.iter().take(at);
        let same = same.or_else(|| {
            earlier.find(|(_, other)| have_same_times(run, other) && have_same_requests(run, other))
        });
        if let Some((_, other)) = same {
            return Err(Error::SameRun { first: other.name.clone(), second: run.name.clone() });
        }
    }
    Ok(())
}

/// Returns true when another run does not have these self counts by chance: two counts of a Poisson distribution with
/// the mean k are equal in one of √(4πk) pairs. A focus can leave one function, and then counts are often equal.
fn are_no_chance(counts: impl Iterator<Item = f64>) -> bool {
    let (mut samples, mut log_pairs) = (0.0, 0.0);
    for count in counts.filter(|count| *count > 0.0) {
        samples += count;
        log_pairs += 0.5 * (4.0 * std::f64::consts::PI * count).max(1.0).ln();
    }
    samples >= NO_CHANCE && log_pairs >= MANY_PAIRS.ln()
}

/// Returns true when two runs served the same number of requests, or when one number is not known.
fn have_same_requests(run: &RunCounts, other: &RunCounts) -> bool {
    other.requests.zip(run.requests).is_none_or(|(one, other)| one == other)
}

/// Returns true when the samples of two runs have the same times. Another format of one recording has
/// other names, but these times. Two windows of one recording are two runs.
fn have_same_times(run: &RunCounts, other: &RunCounts) -> bool {
    let times = run.times.as_ref().zip(other.times.as_ref());
    times.is_some_and(|(one, other)| one.is_same(other))
        && (run.samples - other.samples).abs() <= ROUNDED * run.samples
}

/// Refuses runs of a history that are the same recording. A copy would count as a further run of its build,
/// whose runs then seem more alike than they are.
pub(crate) fn same_runs_of_history(runs: &[&RunCounts]) -> Result<(), Error> {
    let mut seen: hashbrown::HashMap<(u64, usize), Vec<&RunCounts>> = hashbrown::HashMap::new();
    let of_run = |run: &&&RunCounts| are_no_chance(run.functions.iter().map(|of| of.self_count));
    for run in runs.iter().filter(of_run) {
        let alike = seen.entry((run.samples.to_bits(), run.functions.len())).or_default();
        let is_same = |other: &&&RunCounts| have_same_counts(run, other);
        if let Some(other) = alike.iter().find(is_same) {
            return Err(Error::SameRun { first: other.name.clone(), second: run.name.clone() });
        }
        alike.push(run);
    }
    Ok(())
}

/// Returns true when all functions of two runs have the same counts, and the runs have the same requests.
fn have_same_counts(run: &RunCounts, other: &RunCounts) -> bool {
    let mut both = run.functions.iter().zip(&other.functions);
    have_same_requests(run, other)
        && both.all(|(one, other)| {
            let counts = |of: &crate::run::FunctionCount| {
                (of.self_count.to_bits(), of.total_count.to_bits())
            };
            one.label == other.label && counts(one) == counts(other)
        })
}

#[cfg(test)]
mod tests {
    use super::are_no_chance;
    use crate::compare::Options;
    use crate::history::history;
    use crate::run::{Run, RunCounts};
    use spikeflame_profile::{Selection, folded};

    /// A copy of a run counted as a further run of its build.
    #[test]
    fn a_history_with_a_run_twice_is_refused() {
        let all = Selection::default();
        let run = |name: &str, parse: u32| {
            let text = format!("main;parse {parse}\nmain;write 600\n");
            let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
            let run = Run::new(name, &profile, &all);
            RunCounts::count(&Run { requests: Some(100.0), interval_ms: Some(1.0), ..run })
        };
        let mut runs: Vec<RunCounts> =
            [401, 402, 403, 404, 405].map(|parse| run(&format!("v{parse}"), parse)).into();
        assert!(history(&runs, &Options::default()).is_ok());
        runs.push(run("copy", 403));
        let error = history(&runs, &Options::default()).unwrap_err().to_string();
        assert!(error.contains("v403 and copy are the same recording"), "{error}");
        // The error was: two runs with one function in focus, each with 278 samples, were one recording.
        assert!(!are_no_chance([278.0].into_iter()) && are_no_chance([278.0, 301.0].into_iter()));
    }
}
