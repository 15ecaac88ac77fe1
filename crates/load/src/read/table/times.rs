//! Reads the names of columns of times.

use super::{names, queries};
use crate::read::{ReadOptions, time};
use crate::track::Track;
use spikeflame_wall::behind_short_year;

/// The meaning of a column of times at which the rows end.
pub(super) const END: &str = "time_end";

/// A name that a column of times has: a smaller rank is surer. A table may have several such columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::read) struct TimeName {
    pub(in crate::read) rank: u8,
    /// The seconds of the unit in the name, for times that count from the start; 0 without a unit.
    pub(in crate::read) unit_s: f64,
}

/// Words for a moment on a clock. A duration may be called `time`, but not so.
const CLOCKS: [&str; 12] = [
    "timestamp",
    "timestamps",
    "datetime",
    "ts",
    "epoch",
    "epochs",
    "unixtime",
    "unix",
    "utc",
    "gmt",
    "bucket",
    "stamp",
];
/// Words for a time, also in other languages. Beside a column of the first kind, this may be a duration.
const TIMES: [&str; 22] = [
    "time",
    "date",
    "times",
    "zeit",
    "uhrzeit",
    "zeitpunkt",
    "datum",
    "zeitstempel",
    "heure",
    "hora",
    "fecha",
    "tiempo",
    "tempo",
    "시간",
    "시각",
    "일시",
    "時間",
    "時刻",
    "日時",
    "时间",
    "日期",
    "время",
];
/// Words that make a time of a unit: `elapsed_s`, `test second`.
const STARTS: [&str; 12] = [
    "elapsed", "start", "started", "starts", "begin", "begins", "began", "since", "offset",
    "window", "interval", "from",
];
/// Words that stand beside others.
const FILLERS: [&str; 10] =
    ["local", "of", "the", "test", "in", "iso", "iso8601", "day", "relative", "rel"];
/// Short names of a time, alone or with a unit, and names of a moment.
const SHORT_TIME_NAMES: [&str; 4] = ["t", "at", "when", "ds"];

/// Returns the name of a time that `name` is; `None` for the name of anything else.
pub(in crate::read) fn time(name: &str) -> Option<TimeName> {
    if queries::is_period(name, |of| time(of).is_some()) {
        return Some(TimeName { rank: 1, unit_s: 0.0 });
    }
    if let Some(before) = queries::before_period(name) {
        return time(before);
    }
    if let Some(before) = before_clock(name) {
        return if before.is_empty() {
            Some(TimeName { rank: 3, unit_s: 0.0 })
        } else {
            time(before)
        };
    }
    let words = names::split(name);
    let words = words.iter().map(String::as_str).filter(|word| !FILLERS.contains(word));
    let (units, others): (Vec<&str>, Vec<&str>) = words.partition(|word| seconds(word).is_some());
    let has = |known: &[&str]| others.iter().any(|word| known.contains(word));
    let is_known = |word: &&str| {
        [&CLOCKS[..], &TIMES, &STARTS, &SHORT_TIME_NAMES].iter().any(|of| of.contains(word))
    };
    if units.len() > 1 || !others.iter().all(is_known) {
        return None;
    }
    let unit_s = units.first().and_then(|unit| seconds(unit)).unwrap_or(0.0);
    let rank = match (others.as_slice(), units.as_slice()) {
        _ if has(&CLOCKS) => 1,
        (_, []) if has(&TIMES) => 2,
        _ if has(&TIMES) => 3,
        // `ms` and `min` alone are durations.
        ([], ["second" | "seconds" | "sec" | "secs" | "minute" | "minutes"]) => 4,
        // The length of an interval is no time.
        ([] | ["window" | "interval" | "from" | "since"], _) => return None,
        _ => 5,
    };
    Some(TimeName { rank, unit_s })
}

/// Returns the seconds in a unit of time.
fn seconds(word: &str) -> Option<f64> {
    Some(match word {
        "ns" | "nanos" | "nanoseconds" => 1e-9,
        "us" | "µs" | "μs" | "micros" | "microseconds" => 1e-6,
        "ms" | "msec" | "millis" | "milliseconds" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        _ => return None,
    })
}

/// Returns true for a cell with a time, or a number of seconds.
pub(super) fn is_cell(cell: &str) -> bool {
    let cell = cell.trim();
    let is_number = cell.parse::<f64>().is_ok_and(|number| number >= 0.0);
    let is_clock =
        time::of_day(cell).is_some() || [2, 3].iter().any(|of| clock_s(cell, *of).is_some());
    is_number || is_clock || time::either(cell.as_bytes()).is_some() || time::dated(cell).is_some()
}

/// Returns true when the user stated that rows end at their times.
pub(super) fn are_ends(options: &ReadOptions) -> bool {
    options.columns.iter().any(|(meaning, _)| meaning == END)
}

/// Returns true when the rows of a table end at their times. The user can state it. A rate of Prometheus
/// at a time is that of the seconds before it, and k6 names its metrics and the panels of its dashboard for
/// Prometheus so.
pub(super) fn end_at_times(header: &[String], options: &ReadOptions) -> bool {
    let mut told = options.columns.iter().map(|(meaning, _)| meaning.as_str());
    match told.rfind(|meaning| ["time", "time_s", "time_ms", END].contains(meaning)) {
        Some(told) => told == END,
        None => header.iter().any(|name| is_rate_of_prometheus(name)),
    }
}

fn is_rate_of_prometheus(name: &str) -> bool {
    let lower = name.to_lowercase();
    // `rate(http_requests_total[15s])`, but not `error rate(%)`.
    let is_function = ["rate(", "increase("].iter().any(|function| lower.contains(function));
    is_function && lower.contains("])")
        || ["http_req_s", "http_req_s_errors"].contains(&lower.as_str())
        || lower.starts_with("k6_http_req")
}

/// Seconds since 1970 of a time that programs write: from 2001 on, and before 2100.
const UNIX_S: std::ops::Range<f64> = 1e9..4.1e9;

/// Returns true for a further column of times: its name has a word for a time, and its numbers are those of clocks.
pub(super) fn are_times(track: &Track) -> bool {
    let words = names::split(&track.name);
    let is_time = |word: &String| CLOCKS.contains(&word.as_str()) || TIMES.contains(&word.as_str());
    let of_clock = |value: f64| UNIX_S.contains(&value) || UNIX_S.contains(&(value / 1e3));
    words.iter().any(is_time) && track.points.iter().all(|point| of_clock(point.1))
}

/// Days since the end of 1899 that Excel writes for times from 2009 on, before 2064.
const EXCEL_DAYS: std::ops::Range<f64> = 40_000.0..60_000.0;

/// Returns true for the name of a time that counts from the start of a test and not from midnight.
pub(super) fn is_since_start(name: &str) -> bool {
    let since = ["elapsed", "since", "offset", "relative", "rel"];
    names::split(name).iter().any(|word| since.contains(&word.as_str()))
        || before_clock(name).is_some() && !name.to_lowercase().contains("h:")
}

/// Returns the name before the form of a clock: `Elapsed (mm:ss)`, `hh:mm:ss`.
fn before_clock(name: &str) -> Option<&str> {
    let inner = name.trim().trim_end_matches([')', ']']);
    let is_form = |char: char| matches!(char, 'h' | 'm' | 's' | 'H' | 'M' | 'S' | ':' | '.');
    let before = inner.trim_end_matches(is_form);
    let form = inner.get(before.len()..)?;
    let is_alone = before.is_empty() || before.ends_with([' ', '(', '[']);
    (form.contains(':') && is_alone).then(|| before.trim_end_matches([' ', '(', '[']))
}

/// Returns the seconds of a clock that counts from the start: `1:05`, or `1:02:03.5` with three `parts`.
pub(super) fn clock_s(cell: &str, parts: usize) -> Option<f64> {
    let words: Vec<&str> = cell.trim().split(':').collect();
    let (seconds, others) = words.split_last().filter(|_| words.len() == parts)?;
    let is_short = |text: &str| (1..=3).contains(&text.len());
    let whole = seconds.split(['.', ',']).next().unwrap_or_default();
    let first = whole.parse::<u32>().ok().filter(|s| *s < 60 && whole.len() == 2)?;
    let fraction: f64 = format!("0{}", seconds.get(2..)?.replace(',', ".")).parse().ok()?;
    let minutes = others.iter().enumerate().try_fold(0, |sum, (at, text)| {
        let number = text.parse::<u32>().ok().filter(|number| at == 0 || *number < 60)?;
        is_short(text).then_some(60 * sum + number)
    })?;
    Some(f64::from(60 * minutes + first) + fraction)
}

/// Returns the first time of a range, or the last one: `11:00:00 - 11:00:05`, `0-5`, `[0, 5)`.
pub(super) fn of_range(cell: &str, last: bool) -> Option<&str> {
    const MARKS: [&str; 9] = [" - ", " – ", " — ", " to ", " .. ", "..", " -> ", " → ", "–"];
    let is_digit = |text: &str| text.starts_with(|char: char| char.is_ascii_digit());
    let inner = cell.strip_prefix(['[', '(']).and_then(|rest| rest.strip_suffix([')', ']']));
    let pair = match inner {
        Some(inner) => inner.split_once(','),
        None => MARKS.iter().find_map(|mark| cell.split_once(mark)),
    };
    let interval = || cell.split_once('/').filter(|(first, _)| first.contains('T'));
    let (first, end) = pair.or_else(interval).or_else(|| short_range(cell))?;
    let (first, end) = (first.trim(), end.trim());
    let is_range = is_digit(first) && (is_digit(end) || !last && end.starts_with('P'));
    is_range.then_some(if last { end } else { first })
}

/// Splits a range without blanks, whose parts are both clocks or both numbers: `11:00:00-11:00:05`, `5-10`.
fn short_range(cell: &str) -> Option<(&str, &str)> {
    let (first, end) = cell.split_once('-')?;
    let is_plain = |text: &str| {
        text.chars().all(|char| char.is_ascii_digit() || matches!(char, ':' | '.'))
            && !text.is_empty()
    };
    let colons = |text: &str| text.matches(':').count();
    let grows = || Some(first.parse::<f64>().ok()? < end.parse::<f64>().ok()?);
    let fits = colons(first) == colons(end) && (colons(first) > 0 || grows() == Some(true));
    (is_plain(first) && is_plain(end) && fits).then_some((first, end))
}

/// Returns the reason why a cell of times cannot be read. Excel writes times in the format of their cells.
pub(super) fn unreadable(cell: &str) -> &'static str {
    let number = || cell.replace(',', ".").parse::<f64>();
    let is_day = cell.contains([',', '.']) && number().is_ok_and(|days| EXCEL_DAYS.contains(&days));
    let is_minutes = cell.split_once(':').is_some_and(|(minutes, seconds)| {
        minutes.len() == 2 && minutes.parse::<u32>().is_ok() && seconds.len() == 4 && {
            seconds.replace(',', ".").parse::<f64>().is_ok()
        }
    });
    if is_day {
        "a time that is a number of days: give the cells of Excel the format yyyy-mm-dd hh:mm:ss"
    } else if is_minutes {
        "a time without its hour: give the cells of Excel the format yyyy-mm-dd hh:mm:ss"
    } else if clock_s(cell, 2).is_some() {
        "a time of two numbers: minutes and seconds are read in a column named elapsed or given as time_s"
    } else if behind_short_year(cell).is_some() {
        "a time whose year has two digits, so that nobody knows which number it is"
    } else {
        "a time that cannot be read"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a table whose times were called `t` or `start` was refused, and one with `time_ms`
    /// was a thousand times as long as the test.
    #[test]
    fn times_have_many_names() {
        let unit = |name: &str| time(name).map(|time| time.unit_s);
        let names = "time;Time;timestamp;Timestamp;@timestamp;_time;timeStamp;datetime;Date;date_time;\
            time_utc;Time (UTC);ts;epoch;start;start_time;startTime;window_start;bucket;t;when;at;ds;\
            elapsed;Elapsed time;interval_start;begin;began at;started_at;Date/Time;date & time;\
            time of day;시간;Zeit;時刻;since_start;local time;relative_time;Relative Time;Test Time;offset;unix_time;unixTime;timestamps";
        for name in names.split(';') {
            assert_eq!(unit(name), Some(0.0), "{name}");
        }
        for name in [
            "time_s",
            "t_s",
            "t [s]",
            "sec",
            "second",
            "elapsed_s",
            "seconds",
            "epoch_s",
            "Seconds since start",
            "time (sec)",
            "elapsedSeconds",
            "test second",
            "offset_s",
            "relative_time_s",
        ] {
            assert_eq!(unit(name), Some(1.0), "{name}");
        }
        for name in ["time_ms", "timestamp_ms", "elapsed_ms", "t (ms)", "epochMs", "timestampMs"] {
            assert_eq!(unit(name), Some(1e-3), "{name}");
        }
        for name in ["minute", "minutes", "elapsed_min", "t_min", "minute of test"] {
            assert_eq!(unit(name), Some(60.0), "{name}");
        }
        let names = "response_time;min;ms;s;h;hour;end;interval;window;from;timeout;runtime;uptime;\
            time_to_first_byte;wait_time;cpu time;test;of;day;rt;latency;think time;p95;time_ms_s;\
            interval_s;tps;users;5m;date_of_birth;test_id;relative;rel_s;period;step";
        for name in names.split(';') {
            assert_eq!(time(name), None, "{name}");
        }
        let rank = |name: &str| time(name).map(|time| time.rank);
        assert!(rank("timestamp") < rank("time") && rank("time") < rank("time_ms"));
        assert!(rank("time_ms") < rank("elapsed") && rank("second") < rank("t"));
    }
}
