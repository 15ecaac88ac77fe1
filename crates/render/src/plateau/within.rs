//! Sentences about parts of a plateau, and about requests that were refused in it.

use spikeflame_load::plateau::{Stretch, Window, show_rate};
use spikeflame_load::{Plateau, Timeline};

/// Share of the usual goodput of a plateau below which the system hardly worked for a while.
const HARDLY: f64 = 0.25;
/// Fewest seconds of such a time: a second or two vary by chance.
const SHORTEST_S: usize = 3;
/// Largest part of a plateau that such a time has. A longer one is no exception.
const PART: usize = 3;
/// Usual goodput, in requests a second, below which a few seconds have none by chance.
const ENOUGH: f64 = 10.0;
/// Rows of more seconds do not show such a time.
const LONGEST_ROW_S: u32 = 3;
/// Status of requests that are refused because too many came.
const TOO_MANY: u16 = 429;
/// Share of the requests of a plateau, and of its failed ones, from which refused requests have a sentence.
const SOME: f64 = 0.01;
const MOST: f64 = 0.5;

/// Returns a sentence about the longest time within a plateau in which hardly a request succeeded, such as a deployment;
/// empty without one. The plateau was at its limit before and after it.
pub(super) fn dip(found: &Plateau, timeline: &Timeline) -> String {
    let Window { from, to } = found.window;
    let seconds = timeline.seconds.get(from..to).unwrap_or_default();
    let mut rates: Vec<f64> = seconds.iter().map(|second| second.ok).collect();
    rates.sort_by(f64::total_cmp);
    let usual = rates.get(rates.len() / 2).copied().unwrap_or_default();
    let is_low = |at: &usize| {
        seconds.get(*at).is_some_and(|second| !second.missing && second.ok < HARDLY * usual)
    };
    let low: Vec<usize> = (0..seconds.len()).filter(is_low).collect();
    let inner = |part: &&[usize]| part.first() > Some(&0) && part.last() < Some(&(to - from - 1));
    let longest =
        low.chunk_by(|a, b| a + 1 == *b).filter(inner).rev().max_by_key(|part| part.len());
    let Some((first, last)) = longest.and_then(|part| part.first().zip(part.last())) else {
        return String::new();
    };
    let window = Window { from: from + first, to: from + last + 1 };
    let is_shown = (SHORTEST_S..=seconds.len() / PART).contains(&window.seconds())
        && usual >= ENOUGH
        && timeline.resolution_s <= LONGEST_ROW_S;
    if !is_shown {
        return String::new();
    }
    format!(
        " From {} s to {} s, only {} requests a second succeeded.",
        window.from,
        window.to,
        show_rate(Stretch::measure(timeline, window).rps)
    )
}

/// Returns a sentence about requests that were refused because too many came, when most failed requests of a plateau
/// were, and more than before; else an empty text.
pub(super) fn refused(found: &Plateau) -> String {
    let refused = |of: fn(&spikeflame_load::plateau::FailureCount) -> f64| {
        let kinds = found.failing.iter().filter(|one| one.kind.status == Some(TOO_MANY));
        kinds.map(of).sum::<f64>()
    };
    let share = |stretch: Stretch, refused: f64| {
        refused * (1.0 - stretch.error_rate) / stretch.requests.max(f64::MIN_POSITIVE)
    };
    let failed: f64 = found.failing.iter().map(|one| one.within).sum();
    let (before, within) = (refused(|one| one.before), refused(|one| one.within));
    let share_within = share(found.within, within);
    let share_before = found.before.map_or(0.0, |stretch| share(stretch, before));
    if !(share_within >= SOME && within >= MOST * failed && share_within > 2.0 * share_before) {
        return String::new();
    }
    let percent = super::words::percent(share_within);
    format!(
        " {percent} of the requests were refused with status {TOO_MANY} (too many requests): the limit may be one that a \
         rate limiter sets."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_load::plateau::{self, FailureCount};
    use spikeflame_load::{FailureKind, Load, ReadOptions, read};

    /// Returns the chosen plateau of a table with rows of a second: requests, users, p95 in milliseconds and failures.
    fn found(rows: &[String]) -> (Plateau, Timeline) {
        let rows =
            rows.iter().enumerate().map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at));
        let csv = format!("time,rps,vus,p95_ms,errors\n{}", rows.collect::<String>());
        let load = read(csv.as_bytes(), "a.csv".as_ref(), &ReadOptions::default()).unwrap();
        let Load::Timeline(timeline) = load else { panic!("a table has a timeline") };
        let found = plateau::find(&timeline, &plateau::Options::default()).unwrap();
        (found.chosen().clone(), timeline)
    }

    /// Returns the rows of a ramp to a limit of 490 requests a second, as of a real pool of connections.
    fn ramp(failed: usize) -> Vec<String> {
        let row = |at: usize| {
            let rate = (70 * at).min(490);
            format!("{rate},{},{},{failed}", 5 * at, (5_000 * at / rate).max(72))
        };
        (1..=40).map(row).collect()
    }

    /// The error was: "was 400 requests a second on average" of a limit of 490, without a word about the seconds of a
    /// deployment with a tenth of the requests.
    #[test]
    fn a_dip_amid_a_plateau_has_its_seconds() {
        let mut rows = ramp(0);
        let (whole, timeline) = found(&rows);
        assert_eq!(dip(&whole, &timeline), "");
        for (at, row) in rows.iter_mut().enumerate().skip(20).take(5) {
            *row = format!("49,{},900,0", 5 * (at + 1));
        }
        let (plateau, timeline) = found(&rows);
        assert_eq!(plateau.window.to, whole.window.to, "one plateau");
        let text = dip(&plateau, &timeline);
        assert_eq!(text, " From 20 s to 25 s, only 49 requests a second succeeded.");
    }

    /// The error was: the limit of a rate limiter looked like one of the system.
    #[test]
    fn refused_requests_are_named() {
        let (mut plateau, _) = found(&ramp(0));
        assert_eq!(refused(&plateau), "");
        let of = |status: u16| FailureCount {
            kind: FailureKind { status: Some(status), error_code: None },
            before: 0.0,
            within: plateau.within.requests,
        };
        let (limited, broken) = (of(429), of(500));
        plateau.within.error_rate = 0.5;
        plateau.failing = vec![limited];
        assert!(
            refused(&plateau).starts_with(" 50.0 % of the requests were refused"),
            "{plateau:?}"
        );
        plateau.failing = vec![FailureCount { within: 3.0 * broken.within, ..broken }, limited];
        assert_eq!(refused(&plateau), "");
    }
}
