//! Names of columns that are queries of Datadog, such as `sum:k6.http_reqs{*}.as_rate()`. Its export names a column by
//! its query.

use super::meaning::Meaning;

/// A metric that a query asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Query<'a> {
    /// The aggregation before the metric, such as `sum` or `p95`.
    aggregation: &'a str,
    metric: &'a str,
    /// True for a value a second, false for a count; `None` when the query does not state it.
    pub(super) is_rate: Option<bool>,
}

/// Aggregations that are percentiles, with the index of their duration.
const PERCENTILES: [(&str, usize); 4] = [("p50", 0), ("p95", 1), ("p99", 2), ("avg", 3)];
/// Milliseconds of the unit in which Datadog's own tracer writes durations.
const TRACED_MS: f64 = 1e3;

/// Returns the metric that a query asks for. Returns `None` for other names, and for queries that compute with it.
pub(super) fn query(name: &str) -> Option<Query<'_>> {
    let (aggregation, rest) = name.trim().split_once(':')?;
    let (metric, rest) = rest.split_once('{')?;
    let (_, behind) = rest.split_once('}')?;
    let is_rate = match behind {
        "" => None,
        ".as_rate()" => Some(true),
        ".as_count()" => Some(false),
        _ => return None,
    };
    let is_word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    };
    (is_word(aggregation) && is_word(metric)).then_some(Query { aggregation, metric, is_rate })
}

impl Query<'_> {
    /// Returns the meaning of the query. `of_metric` is that of the last part of the metric's name.
    pub(super) fn meaning(&self, of_metric: impl Fn(&str) -> Meaning) -> Meaning {
        let last = self.metric.rsplit('.').next().unwrap_or_default();
        let is_traced = self.metric.starts_with("trace.");
        let percentile = PERCENTILES.iter().find(|(name, _)| *name == self.aggregation);
        if last == "http_req_duration" || is_traced && !matches!(last, "hits" | "errors") {
            let unit_ms = if is_traced { TRACED_MS } else { 0.0 };
            return percentile.map_or(Meaning::Other, |(_, at)| Meaning::Duration(*at, unit_ms));
        }
        match (of_metric(last), self.is_rate) {
            (Meaning::Vus, None) => Meaning::Vus,
            (Meaning::Count, Some(true)) => Meaning::Rate,
            (Meaning::Count, Some(false)) => Meaning::Count,
            (Meaning::Errors | Meaning::ErrorShare(_), Some(_)) => Meaning::Errors,
            _ => Meaning::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_have_a_metric_and_a_unit() {
        let parts = |name| query(name).map(|query| (query.metric, query.is_rate));
        assert_eq!(parts("sum:k6.http_reqs{*}.as_rate()"), Some(("k6.http_reqs", Some(true))));
        assert_eq!(parts("avg:k6.vus{env:a,host:b}"), Some(("k6.vus", None)));
        for other in
            ["sum:a{*}.rollup(60)", "sum:a{*}/sum:b{*}", "11:00", "a{*}", "rate(a{b=\"c:d\"}[1m])"]
        {
            assert_eq!(query(other), None, "{other}");
        }
    }
}
