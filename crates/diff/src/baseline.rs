//! The noise between sessions, measured on runs of one build that were made in several sessions.

use crate::analysis::{Analysis, Assumptions, analyse};
use crate::compare::table_runs;
use crate::error::Error;
use crate::grouping::function_counts;
use crate::history::stem;
use crate::matching::{canonical_files, functions_of, matched};
use crate::math::huber_scale;
use crate::order::{Order, starts};
use crate::run::RunCounts;
use crate::session::{MACHINE_NOISE, SESSION_NOISE, SessionNoise};
use crate::table::Side;
use std::collections::BTreeSet;

/// A pause between two runs that ends a session, in microseconds.
const PAUSE_US: i64 = 1_200_000_000;
/// The number of pairs of sessions that the assumed noise is worth beside measured pairs.
const ASSUMED_PAIRS: f64 = 2.0;
/// The lowest noise between sessions that is accepted.
const LEAST: f64 = 0.05;
/// The number of rows of the machine that are needed to measure its noise.
const ENOUGH_ROWS: usize = 3;

/// Measures the noise between sessions on runs of one build, as
/// [`Assumptions::sessions`](crate::Assumptions). A session ends with a pause of 20 minutes, or where
/// names change for good: `monday-1`, `monday-2`, `friday-1`, `friday-2`. Each session needs two
/// runs. The default noise counts as two pairs of sessions beside those of the runs, and the
/// noise of the machine is never less than its default.
///
/// Returns `None` when the runs are of one session, or their clocks are not known.
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
/// Returns an error for runs without samples, or numbers that are not finite and positive.
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
    let noise = SessionNoise { code: code.max(LEAST), machine: machine.max(MACHINE_NOISE) };
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
    let mut last: Option<i64> = None;
    for (at, &(began, run)) in timed.iter().enumerate() {
        let paused = last.is_none_or(|last| began.saturating_sub(last) >= PAUSE_US);
        let renamed = timed
            .split_at_checked(at)
            .is_some_and(|(earlier, later)| names(earlier).is_disjoint(&names(later)));
        match sessions.last_mut().filter(|_| !paused && !renamed) {
            Some(session) => session.push(run),
            None => sessions.push(vec![run]),
        }
        last = Some(began);
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
