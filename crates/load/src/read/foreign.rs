//! Files that are no load test that is read, by their heads, and what would do.

use crate::error::MONITOR;

/// Names the content of a file that was not recognised.
pub(super) fn found(head: &[u8]) -> &'static str {
    let has = |what: &str| memchr::memmem::find(head, what.as_bytes()).is_some();
    let starts = |what: &[u8]| head.starts_with(what);
    match () {
        () if head.trim_ascii().is_empty() => "the file is empty",
        () if starts(b"FLR\0") => "a recording of Java's Flight Recorder, which is no load test",
        () if starts(b"RUN\t") || starts(b"\0\0\0\0\x06") => {
            "Gatling's simulation log, which is not read"
        }
        () if has("\"attack\":") && has("\"seq\":") => "vegeta's results, which are not read",
        () if has("\"aggregate\"") && has("http.response_time") => {
            "an Artillery summary without periods (`artillery run --output report.json` writes them)"
        }
        () if starts(b"Type,Name,Request Count") => {
            "Locust's totals (the file that ends in _stats_history.csv has the timeline)"
        }
        () if starts(b"starttime\tseconds\tctime") => {
            "the table that `ab -g` writes, which leaves failures out (the totals that ab prints are read)"
        }
        () if has("\"MetricDataResults\"") || has("\"Datapoints\"") || has("\"MetricList\"") => {
            MONITOR
        }
        () if has("# Query_time:") => "a slow query log (`spikeflame queries` reads it)",
        () if matches!(head.first(), Some(b'{' | b'[')) => "JSON of another kind",
        () if head.contains(&0) => "a binary file",
        () => "a text of another kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_named_with_what_would_do() {
        for (head, hint) in [
            ("", "empty"),
            ("Type,Name,Request Count,Failure Count\n", "_stats_history.csv"),
            ("starttime\tseconds\tctime\tdtime\tttime\twait\n", "totals that ab prints"),
            ("{\"attack\":\"\",\"seq\":0,\"code\":200}", "vegeta"),
            ("{\"aggregate\":{\"summaries\":{\"http.response_time\":{}}}}", "--output report.json"),
            ("{\"MetricDataResults\":[]}", "of a monitor"),
            ("# Time: x\n# Query_time: 1\n", "queries"),
            ("RUN\tSim\t\t1795773600000\n", "Gatling"),
            ("{}", "JSON"),
            ("hello", "text"),
        ] {
            assert!(found(head.as_bytes()).contains(hint), "{head}: {}", found(head.as_bytes()));
        }
    }
}
