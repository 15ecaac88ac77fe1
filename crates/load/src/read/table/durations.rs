//! Reads the names of durations: `p95`, `latency_95`, `http_req_duration_p(95)`, `avg rt (ms)`.
//!
//! All words of such a name are known. A name with another word (`cpu_p95`, `http_req_waiting_p95`) is
//! the statistic of another quantity.

use super::number;

/// The index of the mean among the durations of a row.
pub(super) const MEAN: usize = 3;

/// The names of the durations, by their index.
pub(super) const NAMES: [&str; 4] = ["p50", "p95", "p99", "mean"];

/// The largest length of a name that is read. Longer names are no sequence of a few words.
const LONGEST_NAME_BYTES: usize = 64;

/// The kind of a word in the name of a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    /// A word that stands beside the number of a percentile: `p`, `th`, `quantile`.
    Rank,
    /// The number of a percentile, as an index: 0 to 2 for p50, p95 and p99. True when it is written as
    /// a fraction (`0.95`).
    Number(usize, bool),
    Median,
    Mean,
    /// A word for the duration of a request that needs no other: `latency`.
    Duration,
    /// A word that names a duration only together with others: `time`.
    Part,
    /// Requests, as what the duration belongs to.
    Request,
    /// A word without a meaning of its own.
    Filler,
    /// The milliseconds of a unit.
    Unit(f64),
}

/// The known words. Single letters are words only where they stand alone.
const WORDS: [(Word, &[&str]); 7] = [
    (
        Word::Rank,
        &[
            "p",
            "q",
            "pct",
            "pctl",
            "pctile",
            "perc",
            "percentile",
            "percentiles",
            "quantile",
            "tp",
            "th",
            "ile",
            "tile",
            "line",
            "%",
        ],
    ),
    (Word::Median, &["median", "med"]),
    (Word::Mean, &["average", "mean", "avg"]),
    (
        Word::Duration,
        &[
            "responsetime",
            "responsetimes",
            "resptime",
            "latency",
            "latencies",
            "lat",
            "rt",
            "durations",
            "duration",
            "dur",
            "elapsed",
            "took",
        ],
    ),
    (Word::Part, &["response", "resp", "time", "times"]),
    (Word::Request, &["requests", "request", "reqs", "req"]),
    (
        Word::Filler,
        &[
            "http",
            "https",
            "of",
            "in",
            "the",
            "all",
            "total",
            "overall",
            "aggregated",
            "server",
            "client",
            "api",
            "endpoint",
            "transaction",
            "event",
            "successful",
            "success",
            "ok",
        ],
    ),
];

/// Percentiles as they are written. A percentile of a table is one of these three.
const NUMBERS: [[&str; 4]; 3] = [
    ["50", "50.0", "0.5", "0.50"],
    ["95", "95.0", "0.95", "0.950"],
    ["99", "99.0", "0.99", "0.990"],
];

/// A duration that a name stands for: its index (0 to 2 for p50, p95 and p99, 3 for the mean), and the
/// milliseconds of its unit, which are 0 without a unit.
pub(super) type NamedDuration = (usize, f64);

/// Returns the duration that a column's name stands for.
pub(super) fn duration(name: &str) -> Option<NamedDuration> {
    let words = words(name)?;
    let has = |word| words.contains(&word);
    let unit = unit(&words)?;
    let numbers = words.iter().filter(|word| matches!(word, Word::Number(..))).count();
    let names_duration = has(Word::Duration) || has(Word::Part);
    let at = match (numbers, has(Word::Median), has(Word::Mean)) {
        (1, false, false) => words.iter().find_map(|word| match word {
            // `0.95` alone is how Grafana names a quantile; `95` alone may be anything.
            Word::Number(at, fraction) => {
                let ranked = has(Word::Rank) || *fraction && words.len() == 1;
                (ranked || is_duration(&words)).then_some(*at)
            }
            _ => None,
        })?,
        (0, true, false) if !has(Word::Rank) => 0,
        (0, false, true) if !has(Word::Rank) => MEAN,
        _ => return None,
    };
    // The requests of a mean or of a percentile may be requests a second.
    (names_duration || !has(Word::Request) || has(Word::Rank)).then_some((at, unit))
}

/// Returns the milliseconds of the unit in the name of a duration without a statistic
/// (`response_time`, `latency_ms`, `Response Time (s)`), and 0 for no unit.
pub(in crate::read) fn bare_duration(name: &str) -> Option<f64> {
    let words = words(name)?;
    let known = |word: &Word| {
        matches!(word, Word::Duration | Word::Part | Word::Request | Word::Filler | Word::Unit(_))
    };
    let unit = unit(&words)?;
    (words.iter().all(known) && is_duration(&words)).then_some(unit)
}

/// Returns the statistic that a column's name stands for when it is none of those that a table can hold:
/// `percentile 90`, `maximum`, `minimum`.
pub(super) fn other_statistic(name: &str) -> Option<String> {
    let mut rank = None;
    let mut extreme = None;
    let mut words = Vec::new();
    for part in parts(name) {
        match part.as_str() {
            "max" | "maximum" | "longest" => extreme = Some("maximum"),
            "min" | "minimum" | "shortest" => extreme = Some("minimum"),
            _ if part.starts_with(|char: char| char.is_ascii_digit()) => {
                rank = Some(part.parse().ok().filter(|_| rank.is_none())?);
            }
            _ => words.append(&mut known_words(&part)?),
        }
    }
    match (rank, extreme) {
        (None, Some(extreme)) => Some(extreme.to_owned()),
        (Some(rank), None) => {
            let rank: f64 = rank;
            let percent = if rank < 1.0 { 100.0 * rank } else { rank };
            // 0.999 times 100 is not exactly 99.9.
            let percent = (percent * 1e6).round() / 1e6;
            let is_rank = words.contains(&Word::Rank)
                || is_duration(&words)
                || rank < 1.0 && words.is_empty();
            (is_rank && percent < 100.0).then(|| format!("percentile {percent}"))
        }
        _ => None,
    }
}

/// Returns true for a name such as `elapsed_s`, which may also be the time since the start of a test.
pub(in crate::read) fn is_elapsed(name: &str) -> bool {
    bare_duration(name).is_some() && name.to_lowercase().contains("elapsed")
}

/// Returns true for words that name a duration by themselves: `latency`, or `response time`.
fn is_duration(words: &[Word]) -> bool {
    let parts = words.iter().filter(|word| **word == Word::Part).count();
    words.contains(&Word::Duration) || parts >= 2
}

/// Returns the milliseconds of the only unit, 0 without one, and `None` with several.
fn unit(words: &[Word]) -> Option<f64> {
    let mut units = words.iter().filter_map(|word| match word {
        Word::Unit(unit) => Some(*unit),
        _ => None,
    });
    let unit = units.next().unwrap_or(0.0);
    units.next().is_none().then_some(unit)
}

/// Splits a name into known words. Returns `None` when a part of it is unknown.
fn words(name: &str) -> Option<Vec<Word>> {
    if name.is_empty() || name.len() > LONGEST_NAME_BYTES {
        return None;
    }
    let lower = name.to_lowercase();
    let name = if lower.starts_with("k6_") { name.get(3..)? } else { name };
    let mut words = Vec::new();
    for part in parts(name) {
        let is_number = part.starts_with(|char: char| char.is_ascii_digit());
        if is_number {
            let at = NUMBERS.iter().position(|known| known.contains(&part.as_str()))?;
            words.push(Word::Number(at, part.starts_with('0')));
        } else {
            let mut known = known_words(&part)?;
            words.append(&mut known);
        }
    }
    Some(words)
}

/// Splits a name where letters meet digits, a small letter meets a capital one, or another character
/// stands. A number keeps its point.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut last = ' ';
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        let is_point =
            char == '.' && last.is_ascii_digit() && chars.peek().is_some_and(char::is_ascii_digit);
        let goes_on = match last {
            '0'..='9' => char.is_ascii_digit() || is_point,
            '.' => char.is_ascii_digit(),
            _ => {
                last.is_alphabetic()
                    && char.is_alphabetic()
                    && !(last.is_lowercase() && char.is_uppercase())
            }
        };
        if goes_on {
            parts.last_mut().into_iter().for_each(|part| part.extend(char.to_lowercase()));
        } else if char.is_alphanumeric() || char == '%' {
            parts.push(char.to_lowercase().collect());
        }
        last = if char == '.' && !is_point { ' ' } else { char };
    }
    parts
}

/// Splits letters into known words. The longest words come first at each place.
fn known_words(letters: &str) -> Option<Vec<Word>> {
    if letters.is_empty() {
        return Some(Vec::new());
    }
    // A name such as `p95_m` or `p95_min` is no duration in minutes.
    let unit = number::milliseconds(letters).filter(|_| !matches!(letters, "m" | "min" | "h"));
    if let Some(unit) = unit {
        return Some(vec![Word::Unit(unit)]);
    }
    let texts = WORDS.iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (*kind, *text)));
    let mut found: Vec<(Word, &str)> =
        texts.filter_map(|(kind, text)| Some((kind, letters.strip_prefix(text)?))).collect();
    found.sort_by_key(|(_, rest)| rest.len());
    found.into_iter().find_map(|(kind, rest)| {
        let is_letter = letters.len() - rest.len() == 1 && !rest.is_empty();
        let mut words = known_words(rest).filter(|_| !is_letter)?;
        words.insert(0, kind);
        Some(words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: `latency_95` and `p0.95` were no durations.
    #[test]
    fn percentiles_have_many_names() {
        let names = "p95;95th;q95;95% line;95% Line;95%ile;pct95;perc95;quantile_95;latency_95;p0.95;\
            0.95;tp95;P95 latency;p95Latency;latencyP95;latencyp95;http_req_duration_p(95);\
            http_req_duration.p95;p(95);response_time_95;rt95;RT 95;resp_time_p95;lat95;q0.95;\
            latency.95;latency[95];95p;95pct;95 %;duration_95th;95-percentile;95th pct;\
            percentile_95;Percentile 95;p95.0;latency (p95);HTTP p95;p95 of latency;http_req_p95;\
            95TH_PERCENTILE;latency_p_95;requests p95 latency;k6_http_req_duration_p95;took_95";
        for name in names.split(';') {
            assert_eq!(duration(name), Some((1, 0.0)), "{name}");
        }
        for name in
            ["p95_ms", "p95ms", "latency_95_ms", "p95 [ms]", "latency ms p95", "95th (msec)"]
        {
            assert_eq!(duration(name), Some((1, 1.0)), "{name}");
        }
        for name in ["p95_s", "p95 [s]", "duration_p95_seconds", "p95 in seconds", "latency95 (s)"]
        {
            assert_eq!(duration(name), Some((1, 1e3)), "{name}");
        }
        for name in ["p50", "median", "med", "50%", "latency_50", "Median Response Time", "p0.5"] {
            assert_eq!(duration(name), Some((0, 0.0)), "{name}");
        }
        for name in ["avg", "mean", "avg rt", "latency_mean", "AverageLatency", "avg_response_time"]
        {
            assert_eq!(duration(name), Some((MEAN, 0.0)), "{name}");
        }
        assert_eq!(duration("avg rt (ms)"), Some((MEAN, 1.0)));
    }

    /// The error was: `cpu_p95` and `http_req_waiting_p95` were taken as the duration of requests.
    #[test]
    fn statistics_of_other_quantities_are_no_durations() {
        let names = "cpu_p95;http_req_waiting_p95;http_req_blocked_p95;iteration_duration_p95;\
            event_loop_lag_p95;queue_p95;db_p95_ms;heap_p95_mb;p95_errors;p95_count;p99.9;p99_9;p9;\
            95;995th;th;q95x;line;p95_m;p95_min;errors_95;users95;vus_p95;p95 (MB);p95 p99;ttfb_p95;\
            avg_cpu;avg_requests;avg_bytes;mean_queue;mean reqs;max_latency;min p95;p75;p90;\
            requests95;connect_95;rps_p95;gc_p95_ms;latency_std;avg_p95_p99";
        for name in names.split(';') {
            assert_eq!(duration(name), None, "{name}");
        }
        for name in
            ["latency_ms", "response time", "Response Time (ms)", "rt_ms", "elapsed", "took"]
        {
            assert!(bare_duration(name).is_some(), "{name}");
        }
        for name in ["time", "responses", "time_ms", "response", "max_latency", "db_latency", "p95"]
        {
            assert_eq!(bare_duration(name), None, "{name}");
        }
    }
}
