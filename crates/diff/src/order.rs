//! The order in which the runs of both sides were made.

use crate::run::RunCounts;
use crate::table::{Side, TableRun};
use spikeflame_profile::{Clock, ClockSource};

/// The order of the runs, which decides whether changes of the machine affect both sides
/// alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The sides took turns: differences between hours affect both.
    InTurn,
    /// The sides were recorded apart: the runs of one side first, then those of the other, or
    /// almost so, or in other sessions. [`compare`](crate::compare) also takes sides on different
    /// machines for such ones.
    Separated,
    /// At least one run has no clock that can be used, so the order is not known. The times of files that
    /// were copied cannot be used.
    #[default]
    Unknown,
}

/// Consider all pairs with one run of each side. Runs are in turn when at least this share
/// of the pairs is in the less frequent order. For A B A B the share is 1/4, for A A B A B
/// B it is 1/9.
const MIXED: f64 = 0.2;
/// The time from the start of a run to the start of the next ends a session when it is more than this many
/// times as long as usual, and longer than [`LEAST_STEP_US`]. Where runs are long, the usual time is, too.
const TIMES_USUAL: f64 = 4.0;
/// A time from start to start that is no longer than this does not end a session, in microseconds.
const LEAST_STEP_US: f64 = 1_200e6;

/// The start of 2009, the year of the first Node, in microseconds since 1970. An earlier time is that of a
/// machine whose clock was not set.
const FIRST_NODE_US: i64 = 1_230_768_000_000_000;

impl Order {
    /// Returns the word in JSON for the order in which the runs of both sides were recorded: `in_turn`,
    /// `separated` or `unknown`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InTurn => "in_turn",
            Self::Separated => "separated",
            Self::Unknown => "unknown",
        }
    }

    /// Finds the order of runs from the times at which they began; their order in `runs` does not
    /// matter. The result is [`Order::Unknown`] when a run has no time. It is [`Order::Separated`]
    /// when fewer than a fifth of the pairs with one run of each side are in the less frequent
    /// order; a pair of runs at one time, whose lengths are known, counts half for each order. It is also
    /// [`Order::Separated`] when more than half of the runs of a side were made
    /// in sessions without the other side; a session ends with a time from start to start of more
    /// than 20 minutes and more than four times the usual one. One run on each side, unless both ran at one
    /// time, one side without runs, and no runs at all are [`Order::Separated`].
    pub(crate) fn detect(runs: &[TableRun]) -> Self {
        let times: Option<Vec<(i64, Side)>> =
            runs.iter().map(|run| Some((run.began_us?, run.side))).collect();
        let Some(mut times) = times else { return Self::Unknown };
        times.sort_unstable_by_key(|(began, side)| (*began, *side == Side::After));
        if mixed(runs) < MIXED || apart(&times) { Self::Separated } else { Self::InTurn }
    }
}

/// Returns true when two runs ran at one time for at least half of the shorter one. Returns false when a start
/// or a length is not known.
fn overlap(one: &TableRun, other: &TableRun) -> bool {
    let span = |run: &TableRun| Some((run.began_us? as f64, run.seconds? * 1e6));
    let Some(((began, length), (other_began, other_length))) = span(one).zip(span(other)) else {
        return false;
    };
    let common = (began + length).min(other_began + other_length) - began.max(other_began);
    let shorter = length.min(other_length);
    shorter > 0.0 && common * 2.0 >= shorter
}

/// Returns the pairs of runs that ran at one time.
pub(crate) fn overlaps(runs: &[TableRun]) -> Vec<[&TableRun; 2]> {
    let pairs = runs.iter().enumerate().flat_map(|(at, one)| {
        runs.iter().skip(at + 1).filter(|other| overlap(one, other)).map(move |other| [one, other])
    });
    pairs.collect()
}

/// Returns true when each run after began before each run before, and none of them ran at one time.
pub(crate) fn is_swapped(runs: &[TableRun]) -> bool {
    let starts = |side| -> Option<Vec<i64>> {
        runs.iter().filter(|run| run.side == side).map(|run| run.began_us).collect()
    };
    let first = starts(Side::Before).and_then(|starts| starts.into_iter().min());
    let last = starts(Side::After).and_then(|starts| starts.into_iter().max());
    first.zip(last).is_some_and(|(first, last)| last < first) && overlaps(runs).is_empty()
}

/// Returns the start of each run, in microseconds since 1970. The times of files are used
/// only when they can be the ends of the recordings: copying and unpacking give many files
/// nearly the same time. Folded stacks have no length to check this with, and are usually written
/// by a converter, in another order than that of the runs.
pub(crate) fn starts(runs: &[&RunCounts]) -> Vec<Option<i64>> {
    let by_file = |run: &&RunCounts| {
        let began = run.began.filter(|clock| clock.known == ClockSource::FileTime)?;
        Some((began.zero_us.saturating_add_unsigned(run.length_us), run.length_us))
    };
    let mut ends: Vec<(i64, u64)> = runs.iter().filter_map(by_file).collect();
    ends.sort_unstable();
    let mut pairs = ends.iter().zip(ends.iter().skip(1));
    // Consecutive runs end at least half of a run's length apart.
    let copied = pairs.any(|((one, _), (next, length))| next.abs_diff(*one) <= length / 2);
    let converted = ends.iter().any(|(_, length)| *length == 0);
    let is_usable = |clock: &Clock| match clock.known {
        ClockSource::FileTime => !copied && !converted,
        ClockSource::Given => true,
        _ => clock.zero_us >= FIRST_NODE_US,
    };
    let start = |run: &&RunCounts| Some(run.began.filter(is_usable)?.zero_us);
    runs.iter().map(start).collect()
}

/// Returns the starts without those that two runs have: copied clocks do not show when runs were made.
pub(crate) fn own_starts(runs: &[&RunCounts]) -> Vec<Option<i64>> {
    let starts = starts(runs);
    let is_own = |start: &i64| starts.iter().flatten().filter(|other| *other == start).count() == 1;
    starts.iter().map(|start| start.filter(is_own)).collect()
}

/// Returns the share of the pairs with one run of each side that are in the less frequent
/// order.
fn mixed(runs: &[TableRun]) -> f64 {
    let of = |side| runs.iter().filter(move |run| run.side == side);
    let (mut pairs, mut in_order) = (0.0, 0.0);
    for before in of(Side::Before) {
        for after in of(Side::After) {
            pairs += 1.0;
            in_order += match overlap(before, after) {
                true => 0.5,
                false if before.began_us <= after.began_us => 1.0,
                false => 0.0,
            };
        }
    }
    if pairs > 0.0 { f64::min(in_order, pairs - in_order) / pairs } else { 0.0 }
}

/// Returns true when most runs of a side were made in sessions without runs of the other
/// side.
fn apart(times: &[(i64, Side)]) -> bool {
    let starts = times.iter().zip(times.iter().skip(1));
    let steps: Vec<f64> =
        starts.map(|((one, _), (next, _))| next.saturating_sub(*one) as f64).collect();
    let mut sorted = steps.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let long = (TIMES_USUAL * usual).max(LEAST_STEP_US);
    let (mut alone, mut all) = ([0usize; 2], [0usize; 2]);
    let mut session = [0usize; 2];
    for (at, (_, side)) in times.iter().enumerate() {
        let place = usize::from(*side == Side::After);
        for counts in [&mut session, &mut all] {
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        if steps.get(at).is_none_or(|step| *step > long) {
            if session.contains(&0) {
                alone = [alone[0] + session[0], alone[1] + session[1]];
            }
            session = [0; 2];
        }
    }
    alone[0] * 2 > all[0] || alone[1] * 2 > all[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use spikeflame_profile::{Selection, folded};

    /// Six folded files that a script wrote, one side first, were said to be recorded one side after
    /// the other.
    #[test]
    fn times_of_files_without_a_length_and_copied_clocks_are_no_order() {
        let profile = folded::read(&mut &b"main;parse 3\n"[..], "example", None).unwrap();
        let all = Selection::default();
        let run = |zero_us, known| {
            let began = Some(Clock { zero_us, known, uncertainty_us: 0 });
            RunCounts::count(&Run { began, ..Run::new("a", &profile, &all) })
        };
        let of_files = [0, 60_000_000].map(|zero_us| run(zero_us, ClockSource::FileTime));
        assert_eq!(starts(&of_files.iter().collect::<Vec<_>>()), [None, None]);
        let given = run(60_000_000, ClockSource::Given);
        assert_eq!(starts(&[&of_files[0], &given]), [None, Some(60_000_000)]);
        // Six runs with copies of one `run.json` were said to be recorded one side after the other.
        assert_eq!(own_starts(&[&given, &given]), [None, None]);
        // A machine without a clock begins at 1970.
        let unset = run(60_000_000, ClockSource::Recorded);
        assert_eq!(starts(&[&unset, &given]), [None, Some(60_000_000)]);
    }

    /// Runs of 60 s at one time were said to be recorded one side after the other.
    #[test]
    fn runs_at_one_time_are_not_one_after_the_other() {
        let runs = |starts: [i64; 4], seconds: f64| {
            let mut runs = starts.map(|began_s| TableRun {
                began_us: Some(began_s * 1_000_000),
                seconds: Some(seconds),
                ..TableRun::named("run")
            });
            runs[2].side = Side::After;
            runs[3].side = Side::After;
            runs
        };
        let together = runs([0, 1, 2, 3], 60.0);
        assert_eq!((Order::detect(&together), overlaps(&together).len()), (Order::InTurn, 6));
        assert!(!is_swapped(&runs([2, 3, 0, 1], 60.0)));
        let apart = runs([0, 60, 120, 180], 65.0);
        assert_eq!((Order::detect(&apart), overlaps(&apart).len()), (Order::Separated, 0));
        assert!(!is_swapped(&apart) && is_swapped(&runs([120, 180, 0, 60], 60.0)));
        assert!(!is_swapped(&runs([120, 60, 0, 180], 60.0)), "in turn");
    }

    /// Each letter is a run, a minute after the last; a digit is a pause of as many hours.
    fn order(text: &str) -> Order {
        let mut began_us = 0;
        let mut runs = Vec::new();
        for c in text.chars() {
            if let Some(hours) = c.to_digit(10) {
                began_us += i64::from(hours) * 3_600_000_000;
                continue;
            }
            began_us += 60_000_000;
            let side = if c == 'A' { Side::Before } else { Side::After };
            runs.push(TableRun { side, began_us: Some(began_us), ..TableRun::named("") });
        }
        Order::detect(&runs)
    }

    #[test]
    fn turns_and_sessions_are_told_apart() {
        for text in ["ABAB", "ABBA", "BAABAB", "ABABABABAB", "BAB", "AB9AB", "AB9BA", "BABB"] {
            assert_eq!(order(text), Order::InTurn, "{text}");
        }
        for text in ["AABB", "AAA9BBB", "AB", "ABB", "AABABB", "BBBA", "AAA9BBBA", "AAAA2BABBB"] {
            assert_eq!(order(text), Order::Separated, "{text}");
        }
        let run = TableRun::named("");
        assert_eq!(Order::detect(&[run]), Order::Unknown);
    }
}
