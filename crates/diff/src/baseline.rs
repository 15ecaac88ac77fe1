//! The noise between sessions, measured on runs of one build that were made in several sessions.

use crate::analysis::{Analysis, Assumptions, analyse};
use crate::compare::table_runs;
use crate::error::Error;
use crate::grouping::function_counts;
use crate::history::{is_pause, stem};
use crate::matching::{canonical_files, functions_of, matched};
use crate::math::huber_scale;
use crate::order::{Order, starts};
use crate::run::RunCounts;
use crate::session::{MACHINE_NOISE, SESSION_NOISE, SessionNoise};
use crate::table::Side;
use std::collections::BTreeSet;

/// The number of pairs of sessions that the assumed noise is worth beside measured pairs.
const ASSUMED_PAIRS: f64 = 2.0;
/// The lowest noise between sessions that is accepted.
const LEAST_SESSION_NOISE: f64 = 0.05;
/// The number of rows of the machine that are needed to measure its noise.
const ENOUGH_ROWS: usize = 3;

/// Measures the noise between sessions on runs of one build, as
/// [`Assumptions::sessions`](crate::Assumptions). A session ends with a pause of 20 minutes, and where no
/// later run has the name of an earlier one: `monday-1`, `monday-2`, then `friday-1`, `friday-2`. The default noise
/// counts as two more pairs of sessions, and the result is at least 0.05 for code and 0.40 for the machine.
///
/// Returns `None` when the runs do not show the noise: every run needs a clock, and at least two sessions
/// need two runs each.
///
/// ```
/// use spikeflame_diff::sessions_of;
///
/// assert_eq!(sessions_of(&[])?, None);
/// # Ok::<(), spikeflame_diff::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] for a run whose costs cannot be computed.
pub fn sessions_of(runs: &[RunCounts]) -> Result<Option<SessionNoise>, Error> {
    let sessions = sessions(&runs.iter().collect::<Vec<_>>());
    let mut squares =
        [ASSUMED_PAIRS * SESSION_NOISE.powi(2), ASSUMED_PAIRS * MACHINE_NOISE.powi(2)];
    let mut pairs = ASSUMED_PAIRS;
    for (one, next) in sessions.iter().zip(sessions.iter().skip(1)) {
        let [code, machine] = between(one, next)?;
        for (sum, square) in squares.iter_mut().zip([code, machine]) {
            *sum += square;
        }
        pairs += 1.0;
    }
    let [code, machine] = squares.map(|sum| (sum / pairs).sqrt());
    let noise =
        SessionNoise { code: code.max(LEAST_SESSION_NOISE), machine: machine.max(MACHINE_NOISE) };
    Ok((pairs > ASSUMED_PAIRS).then_some(noise))
}

/// Returns the sessions that have two runs or more, in order of time.
fn sessions<'r>(runs: &[&'r RunCounts]) -> Vec<Vec<&'r RunCounts>> {
    let clocks: Option<Vec<i64>> = starts(runs).into_iter().collect();
    let Some(clocks) = clocks else { return Vec::new() };
    let mut timed: Vec<(i64, &RunCounts)> = clocks.into_iter().zip(runs.iter().copied()).collect();
    timed.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.name.cmp(&b.1.name)));
    let names = |part: &[(i64, &'r RunCounts)]| -> BTreeSet<&'r str> {
        part.iter().map(|(_, run)| stem(&run.name)).collect()
    };
    let mut sessions: Vec<Vec<&RunCounts>> = Vec::new();
    let mut last_end: Option<i64> = None;
    for (at, &(began, run)) in timed.iter().enumerate() {
        let paused = last_end.is_none_or(|end_us| is_pause(end_us, began));
        let renamed = timed
            .split_at_checked(at)
            .is_some_and(|(earlier, later)| names(earlier).is_disjoint(&names(later)));
        match sessions.last_mut().filter(|_| !paused && !renamed) {
            Some(session) => session.push(run),
            None => sessions.push(vec![run]),
        }
        last_end = Some(began.saturating_add_unsigned(run.length_us));
    }
    sessions.retain(|session| session.len() > 1);
    sessions
}

/// Returns the squares of the noise between two sessions: of code, and of the machine.
fn between(before: &[&RunCounts], after: &[&RunCounts]) -> Result<[f64; 2], Error> {
    let runs: Vec<&RunCounts> = before.iter().chain(after).copied().collect();
    let sides = std::iter::repeat_n(Side::Before, before.len())
        .chain(std::iter::repeat_n(Side::After, after.len()));
    let sided: Vec<(Side, &RunCounts)> = sides.zip(runs.iter().copied()).collect();
    let files = canonical_files(&runs, &[]);
    let (first, last) = files.split_at_checked(before.len()).ok_or(Error::Counts)?;
    let (of_before, of_after) = (functions_of(before, first), functions_of(after, last));
    let sides = [&of_before, &of_after];
    let counts = function_counts(&matched(sides[0], sides[1]), sides, &sided);
    let assumed = Assumptions {
        order: Some(Order::Separated),
        sessions: SessionNoise::NONE,
        ..Assumptions::default()
    };
    let shares = counts.self_counts.machine();
    let analysis = analyse(&table_runs(&sided, &vec![None; runs.len()]), &[counts], &assumed)?;
    let code = analysis.sessions.code.powi(2);
    Ok([code, of_machine(&analysis, &shares).unwrap_or(MACHINE_NOISE.powi(2)).max(code)])
}

/// Returns the square of the noise of the machine's rows.
fn of_machine(analysis: &Analysis, shares: &[f64]) -> Option<f64> {
    let shift = analysis.shift.filter(|shift| shift.significant).map_or(0.0, |s| s.ratio.ln());
    let measures = &analysis.groupings.first()?.self_result.measures;
    let rows = measures.iter().zip(shares);
    let rows = rows.filter(|(row, share)| **share >= 0.5 && row.p.is_some());
    let rows: Vec<(f64, f64)> =
        rows.map(|(row, _)| (row.log_ratio - shift, row.within())).collect();
    (rows.len() >= ENOUGH_ROWS).then(|| huber_scale(&rows).powi(2) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use spikeflame_profile::{Clock, ClockSource, Selection, folded};

    /// A run in which the functions of package `p` cost `1 + cv` times as much, or less.
    fn run(name: &str, minute: i64, cv: f64, session: u32) -> RunCounts {
        let mut text = String::new();
        for row in 0..200_u32 {
            let package = row % 20;
            let up = (package * 7 + session * 11) % 4 < 2;
            let cost = 2_000.0 * if up { 1.0 + cv } else { 1.0 / (1.0 + cv) };
            let count = cost as i64 + (i64::from(row) * 31 + minute * 17) % 60;
            text += &format!("main;f{row} /srv/node_modules/p{package}/index.js:{row}:1 {count}\n");
        }
        let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let known = ClockSource::Given;
        let began = Clock { zero_us: minute * 60_000_000, known, uncertainty_us: 0 };
        let all = Selection::default();
        RunCounts::count(&Run { began: Some(began), ..Run::new(name, &profile, &all) })
    }

    fn code(cv: f64, names: [&str; 3]) -> Option<f64> {
        let mut runs = Vec::new();
        for (session, name) in (0_u32..).zip(names) {
            for number in 0..3 {
                let minute = i64::from(session) * 10 + number;
                runs.push(run(&format!("{name}-{number}"), minute, cv, session));
            }
        }
        sessions_of(&runs).unwrap().map(|noise| noise.code)
    }

    #[test]
    fn sessions_that_differ_raise_the_noise_and_calm_ones_lower_it() {
        let days = ["monday", "tuesday", "friday"];
        let (calm, rough) = (code(0.0, days).unwrap(), code(0.5, days).unwrap());
        assert!((0.05..SESSION_NOISE).contains(&calm), "{calm}");
        assert!((0.2..0.5).contains(&rough), "{rough}");
        assert_eq!(code(0.5, ["day"; 3]), None, "one session");
    }

    #[test]
    fn a_pause_and_names_that_do_not_return_end_a_session() {
        let of = |runs: &[(&str, i64)]| -> Vec<usize> {
            let runs: Vec<RunCounts> =
                runs.iter().map(|(name, minute)| run(name, *minute, 0.0, 0)).collect();
            sessions(&runs.iter().collect::<Vec<_>>()).iter().map(Vec::len).collect()
        };
        assert_eq!(of(&[("a-1", 0), ("b-1", 1), ("a-2", 2), ("b-2", 3)]), [4], "in turn");
        assert_eq!(of(&[("a-1", 0), ("a-2", 1), ("b-1", 2), ("b-2", 3)]), [2, 2]);
        assert_eq!(of(&[("a-1", 0), ("a-2", 1), ("a-3", 60), ("a-4", 61)]), [2, 2]);
        assert_eq!(of(&[("a-1", 0), ("a-2", 1), ("b-1", 2)]), [2], "one run shows no noise");
    }

    /// The error was: runs of 20 minutes or more were a session each, because pauses were counted from start
    /// to start.
    #[test]
    fn a_pause_begins_with_the_end_of_a_run() {
        let runs = |minutes: [i64; 4], length: u64| -> Vec<RunCounts> {
            let of = |(number, minute): (usize, &i64)| RunCounts {
                length_us: length * 60_000_000,
                ..run(&format!("a-{number}"), *minute, 0.0, 0)
            };
            minutes.iter().enumerate().map(of).collect()
        };
        for (minutes, length, expected) in [
            ([0, 26, 52, 78], 25, vec![4]),
            ([0, 61, 122, 183], 60, vec![4]),
            ([0, 26, 80, 106], 25, vec![2, 2]),
        ] {
            let runs = runs(minutes, length);
            let all: Vec<&RunCounts> = runs.iter().collect();
            let found: Vec<usize> = sessions(&all).iter().map(Vec::len).collect();
            assert_eq!(found, expected, "{minutes:?}");
        }
    }
}
