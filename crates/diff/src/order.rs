//! In which order the runs of both sides were made.

use crate::run::RunCounts;
use crate::table::{Side, TableRun};
use spikeflame_profile::Known;

/// Whether the machine's moods met both sides alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Runs of both sides took turns: what differs between hours met both.
    InTurn,
    /// The runs of one side were made, then those of the other, or nearly so.
    Separated,
    /// Not every run has a clock.
    #[default]
    Unknown,
}

/// Runs count as in turn while as many of all pairs, one run of each side, are in
/// the less frequent order. A B A B has 1/4 of them, A A B A B B has 1/9.
const MIXED: f64 = 0.2;
/// A pause so many times longer than the usual one ends a session,
const PAUSE: f64 = 4.0;
/// when it lasts at least as many microseconds.
const LEAST_PAUSE_US: f64 = 1_200e6;

impl Order {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InTurn => "in_turn",
            Self::Separated => "separated",
            Self::Unknown => "unknown",
        }
    }

    /// The order of some runs, from the times at which they began.
    pub fn of(runs: &[TableRun]) -> Self {
        let times: Option<Vec<(i64, Side)>> =
            runs.iter().map(|run| Some((run.began_us?, run.side))).collect();
        let Some(mut times) = times else { return Self::Unknown };
        times.sort_unstable_by_key(|(began, side)| (*began, *side == Side::After));
        if mixed(&times) < MIXED || apart(&times) { Self::Separated } else { Self::InTurn }
    }
}

/// When each run began, in microseconds since 1970. The times of files count only
/// while they can be those at which recordings ended: copying and unpacking give many
/// files nearly the same.
pub(crate) fn starts(runs: &[&RunCounts]) -> Vec<Option<i64>> {
    let by_file = |run: &&RunCounts| {
        let began = run.began.filter(|clock| clock.known == Known::FileTime)?;
        Some((began.zero_us.saturating_add_unsigned(run.length_us), run.length_us))
    };
    let mut ends: Vec<(i64, u64)> = runs.iter().filter_map(by_file).collect();
    ends.sort_unstable();
    let mut pairs = ends.iter().zip(ends.iter().skip(1));
    // A run ends a good part of its length after the one before it.
    let copied = pairs.any(|((one, _), (next, length))| next.abs_diff(*one) <= length / 2);
    let start = |run: &&RunCounts| {
        let began = run.began.filter(|clock| !copied || clock.known != Known::FileTime)?;
        Some(began.zero_us)
    };
    runs.iter().map(start).collect()
}

/// The share of the pairs, one run of each side, in the less frequent order.
fn mixed(times: &[(i64, Side)]) -> f64 {
    let (mut before, mut after, mut in_order) = (0.0, 0.0, 0.0);
    for (_, side) in times {
        match side {
            Side::Before => before += 1.0,
            Side::After => {
                after += 1.0;
                in_order += before;
            }
        }
    }
    let pairs: f64 = before * after;
    if pairs > 0.0 { f64::min(in_order, pairs - in_order) / pairs } else { 0.0 }
}

/// True when most runs of a side were made in sessions in which the other has none.
fn apart(times: &[(i64, Side)]) -> bool {
    let starts = times.iter().zip(times.iter().skip(1));
    let pauses: Vec<f64> =
        starts.map(|((one, _), (next, _))| next.saturating_sub(*one) as f64).collect();
    let mut sorted = pauses.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let usual = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let long = (PAUSE * usual).max(LEAST_PAUSE_US);
    let (mut alone, mut all) = ([0usize; 2], [0usize; 2]);
    let mut session = [0usize; 2];
    for (at, (_, side)) in times.iter().enumerate() {
        let place = usize::from(*side == Side::After);
        for counts in [&mut session, &mut all] {
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        if pauses.get(at).is_none_or(|pause| *pause > long) {
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

    /// Runs by letter, a minute apart; a digit is a pause of as many hours.
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
        Order::of(&runs)
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
        assert_eq!(Order::of(&[run]), Order::Unknown);
    }
}
