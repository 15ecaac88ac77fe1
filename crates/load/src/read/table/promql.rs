//! Names of columns that are queries of Prometheus, such as `sum(rate(http_requests_total[30s]))`.
//! Grafana names a curve by its query when nobody gave it a name.

use super::durations::bare_duration;
use super::meaning::Meaning;
use super::names;
use crate::warning::Warning;

/// A counter's growth that a query asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Growth<'a> {
    /// The name of the counter.
    metric: &'a str,
    /// The selector in braces behind the name; empty without one.
    selector: &'a str,
    /// Seconds in which the values grew by so much: 1 for `rate`, and the range for `increase`.
    pub(super) period_s: f64,
    /// Seconds of the range; `None` for a variable.
    range_s: Option<f64>,
    /// True for `irate`, which takes the last two values of its range.
    is_last: bool,
}

/// Functions of a counter, and whether their result is for one second.
const FUNCTIONS: [(&str, bool); 3] = [("irate(", true), ("rate(", true), ("increase(", false)];
/// Names of labels with the status of an answer.
const STATUS: [&str; 5] = ["status", "code", "status_code", "http_status", "http_status_code"];

/// Returns the growth that a query asks for. Returns `None` for other names, and for queries that
/// compute with it.
pub(super) fn growth(name: &str) -> Option<Growth<'_>> {
    let name = name.trim();
    let lower = name.to_ascii_lowercase();
    let begins = |word: &str| lower.starts_with(word);
    if !begins("sum") && !FUNCTIONS.iter().any(|(function, _)| begins(function)) {
        return None;
    }
    let (at, function, is_rate) = (FUNCTIONS.iter())
        .filter_map(|(function, is_rate)| Some((lower.find(function)?, *function, *is_rate)))
        .min_by_key(|(at, ..)| *at)?;
    let inner = name.get(at + function.len()..)?;
    // A selector may have brackets of its own: `{code=~"[45].."}`.
    let is_open = |at: &usize| inner.find('{').is_some_and(|brace| brace < *at);
    let first = inner.find('[')?;
    let from = if is_open(&first) { inner.find('}')? } else { 0 };
    let (series, rest) = inner.split_at_checked(from + inner.get(from..)?.find('[')?)?;
    let (range, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let around = [name.get(..at)?, rest];
    let is_plain = |text: &str| !text.contains(['*', '/', '+', '-', '%', '<', '>', '[']);
    if !rest.trim_start().starts_with(')') || !around.into_iter().all(is_plain) {
        return None;
    }
    let (metric, selector) = match series.split_once('{') {
        Some((metric, selector)) => (metric, selector.trim().strip_suffix('}')?),
        None => (series, ""),
    };
    let range_s = length_s(range);
    let period_s = if is_rate { 1.0 } else { range_s? };
    let is_last = function == "irate(";
    Some(Growth { metric: metric.trim(), selector, period_s, range_s, is_last })
}

/// Rows within the range of a query from which its rate clearly lags behind. Prometheus needs two values for a rate.
const MANY_ROWS: f64 = 3.0;

/// Returns the note about the first of these columns that is the mean rate of many rows.
pub(super) fn lagging<'a>(mut names: impl Iterator<Item = &'a str>, row_s: i64) -> Option<Warning> {
    names.find_map(|name| {
        let growth = growth(name).filter(|growth| !growth.is_last)?;
        let range_s = growth.range_s.filter(|range_s| *range_s >= MANY_ROWS * row_s as f64)?;
        Some(Warning::LaggingRate { name: name.to_owned(), range_s, row_s })
    })
}

/// Words of a histogram whose requests are those that a program sent to other systems.
const SENT: [&str; 7] = ["client", "outgoing", "upstream", "db", "sql", "redis", "queue"];

/// Returns the percentile of durations that a query computes from a histogram, such as `histogram_quantile(0.95,
/// sum(rate(http_request_duration_seconds_bucket[1m])) by (le))`: its index (0 to 2 for p50, p95 and p99), and the
/// milliseconds of its unit.
pub(super) fn quantile(name: &str) -> Option<(usize, f64)> {
    let name = name.trim();
    let (thousand, query) = match name.strip_suffix("1000").map(str::trim_end) {
        Some(query) => (1.0, query.strip_suffix('*')?.trim_end()),
        None => (1e3, name),
    };
    let inner = query.strip_prefix("histogram_quantile(")?.strip_suffix(')')?;
    let (rank, series) = inner.split_once(',')?;
    let rank: f64 = rank.trim().parse().ok()?;
    let at = [0.5, 0.95, 0.99].iter().position(|known| (known - rank).abs() < 1e-9)?;
    let function =
        ["rate(", "increase("].iter().find_map(|of| Some(series.find(of)? + of.len()))?;
    let metric = series.get(function..)?.split(['{', '[', ')']).next()?.trim();
    let metric = metric.strip_suffix("_bucket").unwrap_or(metric);
    let words = names::split(metric);
    let has = |word: &str| words.iter().any(|known| known == word);
    let is_sent = SENT.iter().any(|word| has(word));
    let is_duration = has("duration") || has("latency") || has("seconds") && has("requests");
    let is_known = bare_duration(metric).is_some()
        || is_duration && ["http", "request", "requests", "req"].iter().any(|word| has(word));
    let unit_ms = match words.last()?.as_str() {
        "seconds" => thousand,
        "milliseconds" | "ms" if thousand > 1.0 => 1.0,
        _ => return None,
    };
    (is_known && !is_sent).then_some((at, unit_ms))
}

/// Returns a length in seconds: `30s`, `1m30s`. Returns `None` for a variable such as `$__interval`.
fn length_s(range: &str) -> Option<f64> {
    let (mut sum, mut number) = (0.0, String::new());
    for char in range.trim().chars() {
        let unit = match char {
            '0'..='9' => {
                number.push(char);
                continue;
            }
            's' => 1.0,
            'm' => 60.0,
            'h' => 3_600.0,
            'd' => 86_400.0,
            _ => return None,
        };
        sum += unit * std::mem::take(&mut number).parse::<f64>().ok()?;
    }
    (number.is_empty() && sum > 0.0).then_some(sum)
}

impl Growth<'_> {
    /// Returns true when two queries are of one counter.
    pub(super) fn is_of_counter(&self, other: &Self) -> bool {
        self.metric == other.metric
    }

    /// Returns true when a label of both queries has another value in each, so that they count other requests.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let labels = |of: &Self| -> Vec<(String, String)> {
            let labels = of.selector.split(',').filter_map(|label| label.split_once('='));
            let plain =
                labels.filter(|(name, value)| !name.ends_with('!') && !value.starts_with('~'));
            plain.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
        };
        let others = labels(other);
        labels(self)
            .iter()
            .any(|(name, value)| others.iter().any(|(other, its)| other == name && its != value))
    }

    /// Returns the meaning of the query. `of_metric` is that of the counter's name. A label with a
    /// status keeps only the requests with it.
    pub(super) fn meaning(&self, of_metric: impl Fn(&str) -> Meaning) -> Meaning {
        match of_metric(self.metric) {
            Meaning::Count | Meaning::Rate => self.kept(),
            Meaning::Errors => Meaning::Errors,
            _ => Meaning::Other,
        }
    }

    fn kept(&self) -> Meaning {
        let labels = self.selector.split(',').filter_map(|label| label.split_once('='));
        let mut meaning = Meaning::Rate;
        for (label, value) in labels {
            let label = label.trim();
            let value = value.trim_start_matches('~').trim().trim_matches('"');
            let is_status = STATUS.contains(&label.trim_end_matches('!'));
            let is_outcome = label == "expected_response";
            meaning = match value.as_bytes().first() {
                _ if !is_status && !is_outcome => meaning,
                Some(b'2' | b'3') if is_status && !label.ends_with('!') => Meaning::Succeeded,
                Some(b'4' | b'5') if is_status && !label.ends_with('!') => Meaning::Errors,
                Some(b't') if is_outcome => Meaning::Succeeded,
                Some(b'f') if is_outcome => Meaning::Errors,
                _ => Meaning::Other,
            };
        }
        meaning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_name_their_period() {
        let period = |name| growth(name).map(|growth| (growth.metric, growth.period_s));
        assert_eq!(period("rate(k6_http_reqs_total[30s])"), Some(("k6_http_reqs_total", 1.0)));
        let sum = "sum by (job) (increase(http_requests_total{code=~\"[45]..\"}[1m30s]))";
        assert_eq!(period(sum), Some(("http_requests_total", 90.0)));
        assert_eq!(period("sum(irate(a_total[$__rate_interval]))"), Some(("a_total", 1.0)));
        for (query, found) in [
            (
                "histogram_quantile(0.95, sum(rate(k6_http_req_duration_seconds_bucket[15s])) by (le))",
                Some((1, 1e3)),
            ),
            (
                "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_ms_bucket{job=\"a\"}[1m])))",
                Some((2, 1.0)),
            ),
            (
                "histogram_quantile(0.5, rate(http_server_requests_seconds_bucket[1m])) * 1000",
                Some((0, 1.0)),
            ),
            ("histogram_quantile(0.9, rate(http_request_duration_seconds_bucket[1m]))", None),
            (
                "histogram_quantile(0.95, rate(http_client_request_duration_seconds_bucket[1m]))",
                None,
            ),
            ("histogram_quantile(0.95, rate(nodejs_gc_duration_seconds_bucket[1m]))", None),
        ] {
            assert_eq!(quantile(query), found, "{query}");
        }
        let others = "increase(a[$__interval]) sum(rate(a[1m]))/sum(rate(b[1m])) rate(a[1m])*60 \
            error_rate(%) rate(%) histogram_quantile(0.95,rate(a_bucket[1m])) rate( rate([";
        for other in others.split(' ') {
            assert_eq!(growth(other), None, "{other}");
        }
    }
}
