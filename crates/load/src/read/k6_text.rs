//! Reads the summary that k6 prints, of the old kind (before 1.0) and of the new one.

use super::contents::has;
use super::lines::Lines;
use super::others::OtherProtocols;
use super::summary::{Summary, Threshold};
use crate::error::Error;
use crate::warning::Warning;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// The metrics from which totals are built.
const METRICS: [&str; 7] = [
    "http_reqs",
    "http_req_duration",
    "http_req_failed",
    "iterations",
    "iteration_duration",
    "vus",
    "vus_max",
];

/// Largest number of thresholds that are kept.
const MOST_THRESHOLDS: usize = 1_000;

/// Largest length of a threshold's name, in bytes.
const LONGEST_NAME_BYTES: usize = 512;

/// Returns true for a text with a line of a summary, or with the text that k6 prints before or
/// during the test.
pub(super) fn is_head(head: &[u8]) -> bool {
    METRICS.iter().any(|name| has(head, format!("{name}..")))
        || has(head, "execution: local") && has(head, "scenarios: (")
        || has(head, "running (") && has(head, " interrupted iterations")
}

/// Reads the totals. A metric that is printed again (by group or scenario) counts once.
pub(super) fn read(input: impl Read, path: &Path) -> Result<Summary, Error> {
    let mut lines = Lines::new(input);
    let mut found: HashMap<&'static str, String> = HashMap::new();
    let mut thresholds = Thresholds::default();
    let mut is_progress = false;
    let mut used = OtherProtocols::default();
    while let Some((_, line)) = lines.next_of(path)? {
        let line = plain(&String::from_utf8_lossy(line));
        let text = line.trim();
        is_progress |= text.starts_with("running (") && text.contains(" interrupted iterations");
        thresholds.line(text);
        let (mark, text) = marked(text);
        let Some((name, rest)) = text.split_once("..: ") else { continue };
        let bare = name.trim_end_matches('.');
        // In the old kind, the mark belongs to the thresholds of the metric, or of a part of it.
        thresholds.of_metric(mark, bare);
        used |= OtherProtocols::of_metric(bare.as_bytes());
        let known = METRICS.iter().find(|known| **known == bare);
        if let Some(known) = known.filter(|known| !found.contains_key(*known)) {
            found.insert(known, rest.trim().to_owned());
        }
    }
    let part = |metric: &str, name: &str| {
        let mut parts = found.get(metric)?.split_whitespace();
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    let word =
        |metric: &str, at: usize| found.get(metric)?.split_whitespace().nth(at).map(str::to_owned);
    // A threshold on http_req_duration has a line of zeros in a test without any request.
    let is_answered = found.contains_key("http_req_duration")
        && part("http_req_duration", "max").is_none_or(|longest| longest != "0s");
    let http = found.contains_key("http_reqs") || is_answered;
    let (count, duration) = if http {
        ("http_reqs", "http_req_duration")
    } else {
        ("iterations", "iteration_duration")
    };
    let is_there = |metric: &str| found.contains_key(metric);
    if !is_there(count) && !is_there(duration) && !is_there("http_req_duration") {
        return Err(Error::NoRequests {
            path: path.to_owned(),
            why: match is_progress {
                true => {
                    "it is what k6 prints while it runs, and the summary behind it is missing; \
                     `k6 run --out json=k6.json.gz` writes what is read"
                }
                false => {
                    "k6's summary has no line for http_reqs or iterations; is it the whole text?"
                }
            }
            .into(),
        });
    }
    let time = |name: &str| milliseconds(&part(duration, name)?);
    let (failed, all) = found.get("http_req_failed").map_or((None, None), |text| failures(text));
    let failed = failed.filter(|_| http);
    let requests = word(count, 0).and_then(|word| word.parse().ok()).or(all.filter(|_| http));
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    // Half of the answers may have taken 0 ms; the longest shows that none came.
    for threshold in &mut thresholds.all {
        let metric = threshold.name.split(' ').next().unwrap_or_default();
        threshold.unanswered &= part(metric, "max").is_none_or(|longest| longest == "0s");
    }
    let iterations = (!http).then_some(Warning::Iterations { successful: false });
    let others = if http { used.warning() } else { None };
    let warnings = iterations.into_iter().chain(others).chain(lines.damage()).collect();
    let summary = Summary {
        format: "k6 summary (text)",
        source: path.display().to_string(),
        requests,
        rps: number(word(count, 1).and_then(|word| Some(word.strip_suffix("/s")?.to_owned()))),
        failed,
        error_rate: None,
        avg_ms: time("avg"),
        med_ms: time("med").or_else(|| time("p(50)")),
        p90_ms: time("p(90)"),
        p95_ms: time("p(95)"),
        p99_ms: time("p(99)"),
        max_ms: time("max"),
        vus_max: number(part("vus", "max").or_else(|| part("vus_max", "max"))),
        duration_s: None,
        thresholds: thresholds.all,
        warnings,
    };
    Ok(summary.complete())
}

/// Reads `2 out of 168824`, or `✓ 2 ✗ 168822` (✓ counts points in which "failed" was true).
fn failures(text: &str) -> (Option<u64>, Option<u64>) {
    let mut words = text.split_whitespace().skip(1);
    let mut next = || words.next();
    match (next(), next(), next(), next()) {
        (Some(failed), Some("out"), Some("of"), Some(all)) => {
            (failed.parse().ok(), all.parse().ok())
        }
        (Some("✓"), Some(failed), Some("✗"), Some(good)) => {
            let (failed, good) = (failed.parse::<u64>().ok(), good.parse::<u64>().ok());
            (failed, failed.zip(good).and_then(|(failed, good)| failed.checked_add(good)))
        }
        _ => (None, None),
    }
}

/// Reads a `✓` or `✗` before a text.
fn marked(text: &str) -> (Option<bool>, &str) {
    if let Some(rest) = text.strip_prefix('✓') {
        (Some(true), rest.trim_start())
    } else if let Some(rest) = text.strip_prefix('✗') {
        (Some(false), rest.trim_start())
    } else {
        (None, text)
    }
}

/// Removes the escapes of a terminal.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\u{1b}' {
            plain.push(char);
        } else if chars.next() == Some('[') {
            chars.by_ref().find(char::is_ascii_alphabetic);
        }
    }
    plain
}

/// Reads a duration of Go, such as `361.91µs`, `1m12s` or `0s`. Returns milliseconds.
fn milliseconds(mut text: &str) -> Option<f64> {
    let mut sum = 0.0;
    loop {
        let digits = text.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (value, rest) = text.split_at_checked(digits)?;
        let unit = rest.find(|char: char| char.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at_checked(unit)?;
        let scale = match unit {
            "ns" => 1e-6,
            "µs" | "us" | "μs" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            "m" => 60e3,
            "h" => 3_600e3,
            _ => return None,
        };
        sum += value.parse::<f64>().ok()? * scale;
        if rest.is_empty() {
            return Some(sum);
        }
        text = rest;
    }
}

/// The thresholds. The new kind has them in a section before the totals.
#[derive(Default)]
struct Thresholds {
    inside: bool,
    metric: String,
    all: Vec<Threshold>,
}

impl Thresholds {
    fn line(&mut self, text: &str) {
        if let Some(title) = text.strip_prefix('█') {
            self.inside = title.trim() == "THRESHOLDS";
        } else if self.inside && !text.is_empty() {
            match marked(text) {
                (None, of) if of.starts_with('{') => {
                    let bare = self.metric.split('{').next().unwrap_or_default();
                    self.metric = format!("{bare}{of}");
                }
                (None, metric) => self.metric = metric.to_owned(),
                (mark, condition) => {
                    let mut parts = condition.split('\'').skip(1);
                    let rule = parts.next().unwrap_or(condition);
                    let unanswered = self.metric.contains("duration")
                        && parts.next().is_some_and(|value| value.trim_end().ends_with("=0s"));
                    self.add(mark, &format!("{} {rule}", self.metric), unanswered);
                }
            }
        }
    }

    /// Takes the line of a metric, or of a part of the metric above it: `{ scenario:a }`.
    fn of_metric(&mut self, mark: Option<bool>, name: &str) {
        let part = name.strip_prefix('{').map(|tags| tags.trim_matches(['}', ' ']));
        match part {
            Some(tags) => self.add(mark, &format!("{}{{{tags}}}", self.metric), false),
            None => {
                self.metric = name.to_owned();
                // Old versions mark the line of all checks, which need no threshold.
                self.add(mark.filter(|_| name != "checks"), name, false);
            }
        }
    }

    fn add(&mut self, mark: Option<bool>, name: &str, unanswered: bool) {
        if let Some(passed) = mark
            && self.all.len() < MOST_THRESHOLDS
            && name.len() <= LONGEST_NAME_BYTES
        {
            self.all.push(Threshold { name: name.to_owned(), passed, unanswered });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations() {
        for (text, ms) in
            [("361.91µs", 0.361_91), ("1m12.5s", 72_500.0), ("0s", 0.0), ("12.46s", 12_460.0)]
        {
            let got = milliseconds(text).unwrap();
            assert!((got - ms).abs() < 1e-9, "{text}: {got}");
        }
        for text in ["", "12", "s", "1.2.3s", "5 MB"] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn what_k6_prints_while_it_runs_is_named() {
        let head = "  execution: local\n     scenarios: (100.00%) 1 scenario, 20 max VUs\n\n";
        let running = "\u{1b}[0Grunning (0m01.0s), 20/20 VUs, 180 complete and 0 interrupted iterations\n\
                       default   [   3% ] 20 VUs  01.0s/30s\n";
        for text in [running.to_owned(), format!("{head}{running}")] {
            assert!(is_head(text.as_bytes()), "{text}");
            let error = read(text.as_bytes(), Path::new("x")).unwrap_err().to_string();
            assert!(error.contains("while it runs") && error.contains("--out json"), "{error}");
        }
        let summary = "     http_reqs......................: 180 90.1/s\n";
        let whole = read(format!("{running}{summary}").as_bytes(), Path::new("x")).unwrap();
        assert_eq!(whole.requests, Some(180));
    }

    #[test]
    fn the_old_kind() {
        let text = "
     \u{1b}[32m✓\u{1b}[0m checks.........................: 100.00% ✓ 200 ✗ 0
       data_received..................: 1.5 GB 6.2 MB/s
     ✗ http_req_duration..............: avg=252.83ms min=361.91µs med=79.95ms max=12.46s   p(90)=674.24ms p(95)=787.24ms
         { expected_response:true }...: avg=1s min=2.27ms   med=79.96ms max=12.46s   p(90)=1s p(95)=1s
       ✗ { scenario:a }...............: avg=1s min=2.27ms   med=79.96ms max=12.46s   p(90)=1s p(95)=1s
     ✓ my_trend.......................: avg=3  min=3        med=3       max=3        p(90)=3  p(95)=3
     http_req_failed................: 0.00%  ✓ 2 ✗ 168822
     vus............................: 3      min=3      max=2000
";
        assert!(is_head(text.as_bytes()));
        let summary = read(text.as_bytes(), Path::new("x")).unwrap();
        assert_eq!((summary.requests, summary.failed), (Some(168_824), Some(2)));
        assert_eq!((summary.avg_ms, summary.max_ms), (Some(252.83), Some(12_460.0)));
        assert_eq!((summary.p95_ms, summary.vus_max), (Some(787.24), Some(2_000.0)));
        // The error was: a threshold of a part of a metric, or of a metric of the script's own, was lost.
        let thresholds: Vec<_> =
            summary.thresholds.iter().map(|one| (one.name.as_str(), one.passed)).collect();
        assert_eq!(
            thresholds,
            [
                ("http_req_duration", false),
                ("http_req_duration{scenario:a}", false),
                ("my_trend", true)
            ]
        );
    }
}
