//! Totals as wrk, wrk2, hey, oha, ab, siege and h2load print them, and siege's as JSON.

use super::contents::has;
use super::oha;
use super::summary::Summary;
use crate::error::Error;
use crate::warning::Warning;
use std::path::Path;

/// A program that prints totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Wrk,
    Wrk2,
    Hey,
    Oha,
    Ab,
    Siege,
    H2load,
}

impl Tool {
    /// Returns the name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk's totals",
            Self::Wrk2 => "wrk2's totals",
            Self::Hey => "hey's totals",
            Self::Oha => "oha's totals",
            Self::Ab => "ab's totals",
            Self::Siege => "siege's totals",
            Self::H2load => "h2load's totals",
        }
    }
}

/// Returns the program that printed a text.
pub(super) fn tool(head: &[u8]) -> Option<Tool> {
    if has(head, "Running ") && has(head, " test @ ") && has(head, "Thread Stats") {
        // wrk2 alone sends at a rate, and writes histograms.
        let is_wrk2 = has(head, "(HdrHistogram - ") || has(head, "Thread calibration:");
        Some(if is_wrk2 { Tool::Wrk2 } else { Tool::Wrk })
    } else if has(head, "This is ApacheBench") || has(head, "Complete requests:") {
        Some(Tool::Ab)
    } else if has(head, "Response time histogram:") && has(head, "Requests/sec:") {
        Some(if has(head, "Success rate:") { Tool::Oha } else { Tool::Hey })
    } else if has(head, "\nfinished in ") && has(head, "\ntime for request:") {
        Some(Tool::H2load)
    } else if has(head, "Transactions:") && has(head, "Availability:") || is_siege_json(head) {
        Some(Tool::Siege)
    } else {
        None
    }
}

/// Returns true for siege's totals as JSON, which it prints by default since 4.0.5.
fn is_siege_json(head: &[u8]) -> bool {
    has(head, "\"transaction_rate\"") && has(head, "\"availability\"")
}

/// Reads the totals in a text.
///
/// # Errors
///
/// Returns [`Error::NoRequests`] for a text without the number of requests.
pub(super) fn read(text: &[u8], path: &Path, tool: Tool) -> Result<Summary, Error> {
    let text = String::from_utf8_lossy(text);
    let lines = Lines(&text);
    let summary = match tool {
        Tool::Wrk | Tool::Wrk2 => wrk(&lines, tool),
        Tool::Hey | Tool::Oha => hey(&lines),
        Tool::Ab => ab(&lines),
        Tool::Siege => siege(&lines),
        Tool::H2load => h2load(&lines),
    };
    let Some(summary) = summary else {
        return Err(Error::NoRequests {
            path: path.to_owned(),
            why: "the text is cut off before the number of requests".into(),
        });
    };
    let source = path.display().to_string();
    Ok(Summary { source, format: tool.name(), ..summary }.complete())
}

struct Lines<'a>(&'a str);

impl<'a> Lines<'a> {
    /// Returns the text after a key at the start of a line.
    fn after(&self, key: &str) -> Option<&'a str> {
        let bare = |line: &'a str| {
            line.trim_start_matches(|char: char| char.is_whitespace() || char == '{')
        };
        self.0.lines().find_map(|line| bare(line).strip_prefix(key)).map(str::trim)
    }

    /// Returns the number after a key.
    fn number(&self, key: &str) -> Option<f64> {
        number(self.after(key)?.split_whitespace().next()?)
    }

    fn count(&self, key: &str) -> Option<u64> {
        self.number(key).map(|value| value as u64)
    }

    /// Returns the text after a rank such as `50%`. wrk2 and oha write it with decimals.
    fn percentile(&self, rank: u8, decimals: usize) -> Option<&'a str> {
        let precise = || self.after(&format!("{:.decimals$}%", f64::from(rank)));
        self.after(&format!("{rank}%")).or_else(precise)
    }

    /// Returns the lines below a heading, up to the next empty line.
    fn below(&self, heading: &str) -> impl Iterator<Item = &'a str> {
        let start = self.0.find(heading).and_then(|at| self.0.get(at + heading.len()..));
        start.unwrap_or_default().lines().skip(1).take_while(|line| !line.trim().is_empty())
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| (0.0..1e15).contains(value))
}

/// Reads a duration such as `6.15ms`, `1.20s` or `80.00us`. Returns milliseconds.
fn duration(text: &str) -> Option<f64> {
    let at = text.find(|char: char| !(char.is_ascii_digit() || char == '.'))?;
    let (value, unit) = text.split_at_checked(at)?;
    let scale = match unit {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3_600e3,
        _ => return None,
    };
    Some(number(value)? * scale)
}

/// The factor by which wrk's mean latency must exceed the mean that its connections had time for. Above
/// it, wrk added latencies that nothing measured.
const ADDED: f64 = 1.2;

/// Reads the totals of wrk, which counts answers of any status as requests, and does not count
/// failed connections. wrk2 measures a latency from the moment at which the request was due by its
/// rate, so that the sum of its latencies may be longer than the test.
fn wrk(lines: &Lines<'_>, tool: Tool) -> Option<Summary> {
    let line = lines.0.lines().find(|line| line.contains(" requests in "))?;
    let mut words = line.split_whitespace();
    let answered = number(words.next()?)? as u64;
    let took = words.nth(2).and_then(|word| duration(word.trim_end_matches(',')));
    let latency: Vec<&str> =
        lines.after("Latency ").unwrap_or_default().split_whitespace().collect();
    let column = |at: usize| duration(latency.get(at)?);
    let errors = lines.after("Socket errors:").unwrap_or_default();
    let error = |name: &str| {
        let part = errors.split(',').find_map(|part| part.trim().strip_prefix(name))?;
        number(part.trim()).map(|value| value as u64)
    };
    let sockets: u64 = ["connect", "read", "write"].into_iter().filter_map(error).sum();
    let mut warnings = Vec::new();
    if let Some(late) = error("timeout").filter(|late| *late > 0) {
        warnings.push(Warning::LateAnswers { answers: late });
    }
    let connections = lines.0.lines().find_map(|line| line.trim().split_once(" threads and "));
    let connections = connections.and_then(|(_, rest)| number(rest.split_whitespace().next()?));
    // A connection has one request at a time. The latencies of its answers cannot be longer in
    // all than the test, but those that wrk adds make them so (seen with wrk 4.1.0).
    let mean = connections.zip(took).map(|(all, took)| all * took / answered as f64);
    let padded =
        column(0).zip(mean).filter(|(printed, mean)| tool == Tool::Wrk && *printed > ADDED * mean);
    if let Some((printed_ms, mean_ms)) = padded {
        warnings.push(Warning::AddedLatencies { printed_ms, mean_ms });
    }
    // wrk2 writes `50.000%`.
    let percentile =
        |rank| lines.percentile(rank, 3).and_then(duration).filter(|_| padded.is_none());
    Some(Summary {
        requests: answered.checked_add(sockets),
        failed: lines.count("Non-2xx or 3xx responses:").unwrap_or(0).checked_add(sockets),
        avg_ms: padded.map_or_else(|| column(0), |(_, mean)| Some(mean)),
        max_ms: column(2),
        med_ms: percentile(50),
        p90_ms: percentile(90),
        p99_ms: percentile(99),
        vus_max: connections,
        duration_s: took.map(|ms| ms / 1e3),
        warnings,
        ..Summary::default()
    })
}

/// Reads the totals of hey, and of oha, which writes a similar text with a unit after each time. The
/// rate that hey prints also counts requests without an answer, so it is not used.
fn hey(lines: &Lines<'_>) -> Option<Summary> {
    let (mut answered, mut failed) = (0_u64, 0_u64);
    for (status, rest) in lines.below("Status code distribution:").filter_map(bracket) {
        let count = rest.split_whitespace().next().and_then(number)? as u64;
        answered = answered.checked_add(count)?;
        failed += if status >= 400 { count } else { 0 };
    }
    // oha breaks requests off at its own end, and its JSON is read without them too. The text may
    // be cut within the line of these requests.
    let errors = lines.below("Error distribution:").filter_map(bracket);
    let errors = errors.filter(|(_, error)| !oha::DEADLINE.starts_with(error));
    let errors: u64 = errors.map(|one| one.0).sum();
    let all = answered.checked_add(errors).filter(|all| *all > 0)?;
    let milliseconds = |key: &str| timed(lines.after(key)?);
    // oha writes `50.00%`.
    let percentile = |rank| timed(lines.percentile(rank, 2)?.strip_prefix("in ")?);
    Some(Summary {
        requests: Some(all),
        failed: failed.checked_add(errors),
        avg_ms: milliseconds("Average:"),
        max_ms: milliseconds("Slowest:"),
        med_ms: percentile(50),
        p90_ms: percentile(90),
        p95_ms: percentile(95),
        p99_ms: percentile(99),
        duration_s: milliseconds("Total:").map(|ms| ms / 1e3),
        ..Summary::default()
    })
}

/// Reads a line that begins with a number in brackets, such as `[200] 1834 responses`.
fn bracket(line: &str) -> Option<(u64, &str)> {
    let (inside, rest) = line.trim().strip_prefix('[')?.split_once(']')?;
    Some((number(inside)? as u64, rest.trim()))
}

/// Reads a time with its unit after a space, such as `0.0511 sec` or `51.1 ms`; without a unit it is in
/// seconds. Returns milliseconds.
fn timed(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let value = number(words.next()?)?;
    let scale = match words.next().unwrap_or_default() {
        "ns" => 1e-6,
        "us" | "µs" | "μs" => 1e-3,
        "ms" => 1.0,
        "m" | "min" | "mins" => 60e3,
        "h" | "hour" | "hours" => 3_600e3,
        _ => 1e3,
    };
    Some(value * scale)
}

/// Reads the totals of ab. Its `Failed requests` do not include answers with a status of 400 or
/// more, which are in `Non-2xx responses`. A connection that breaks off (`ab -r`) counts three
/// times: in `Receive`, in `Exceptions`, and in `Length`, because it returned no body. Answers
/// that are not as long as the first one also count in `Length`.
fn ab(lines: &Lines<'_>) -> Option<Summary> {
    let requests = lines.count("Complete requests:")?;
    let failed = lines.count("Failed requests:").unwrap_or(0);
    let parts = lines.after("(Connect:").map(|rest| format!("Connect:{rest}"));
    let part = |name: &str| -> Option<u64> {
        let rest = parts.as_deref()?.split(name).nth(1)?.trim_start_matches([':', ' ']);
        let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    };
    let count = |name: &str| part(name).unwrap_or(0);
    let broken = count("Connect").checked_add(count("Receive").max(count("Exceptions")))?;
    let broken = if parts.is_some() { broken } else { failed };
    let lengths = count("Length").saturating_sub(broken);
    let mut warnings = Vec::new();
    if lengths > 0 {
        warnings.push(Warning::OtherLengths { answers: lengths });
    }
    let statuses = lines.count("Non-2xx responses:").unwrap_or(0);
    Some(Summary {
        requests: Some(requests),
        failed: broken.checked_add(statuses).map(|all| all.min(requests)),
        avg_ms: lines.number("Time per request:"),
        med_ms: lines.number("50%"),
        p90_ms: lines.number("90%"),
        p95_ms: lines.number("95%"),
        p99_ms: lines.number("99%"),
        max_ms: lines.number("100%"),
        vus_max: lines.number("Concurrency Level:"),
        duration_s: lines.number("Time taken for tests:"),
        warnings,
        ..Summary::default()
    })
}

/// Reads the totals of h2load. Its `failed` are statuses of 400 and more, and requests without an
/// answer (`errored`, `timeout`), and its `started` holds those that were under way at its end.
///
/// A client whose connection is reset does not connect again. It adds the requests that it had left,
/// which were never sent, to `total`, `failed` and `errored`. They are neither requests nor failures
/// here. When no client could connect, all requests failed.
fn h2load(lines: &Lines<'_>) -> Option<Summary> {
    let parts = lines.after("requests:")?;
    let part = |name: &str| {
        let count = parts.split(',').find_map(|part| part.trim().strip_suffix(name))?;
        number(count.trim()).map(|value| value as u64)
    };
    let took = lines.after("finished in ")?.split(',').next().and_then(duration);
    let times: Vec<&str> = lines.after("time for request:")?.split_whitespace().collect();
    let column = |at: usize| times.get(at).copied().and_then(duration);
    let total = part(" total").or(part(" done"));
    let started = part(" started").filter(|started| *started > 0);
    let never_sent = match (total, started) {
        (Some(total), Some(started)) => total.saturating_sub(started),
        _ => 0,
    };
    let mut warnings = Vec::new();
    if never_sent > 0 {
        warnings.push(Warning::NeverSent { requests: never_sent });
    }
    Some(Summary {
        requests: total.map(|total| total - never_sent),
        failed: part(" failed").map(|failed| failed.saturating_sub(never_sent)),
        max_ms: column(1),
        avg_ms: column(2),
        duration_s: took.map(|ms| ms / 1e3),
        warnings,
        ..Summary::default()
    })
}

/// Reads the totals of siege. Its `Transactions` are answers with a status below 500, of which those
/// from 400 are not successful; JSON has the number of successful ones. Its mean adds the times of failed
/// answers to those of transactions, so it is used only when none failed. Times have two
/// decimals of a second. In JSON the names are `transactions`, `failed_transactions` and so on.
fn siege(lines: &Lines<'_>) -> Option<Summary> {
    let number = |title: &str| {
        let key = format!("\"{}\":", title.to_lowercase().replace(' ', "_"));
        let json = || number(lines.after(&key)?.trim_end_matches(',').trim());
        lines.number(&format!("{title}:")).or_else(json)
    };
    // A time below 5 ms is written as 0.00, which is no time.
    let seconds = |title: &str| number(title).filter(|seconds| *seconds > 0.0);
    let transactions = number("Transactions")? as u64;
    let broken = number("Failed transactions").unwrap_or(0.0) as u64;
    let refused = number("Successful transactions")
        .map_or(0, |successful| transactions.saturating_sub(successful as u64));
    let failed = broken.saturating_add(refused);
    Some(Summary {
        requests: transactions.checked_add(broken),
        failed: Some(failed),
        avg_ms: seconds("Response time").filter(|_| broken == 0).map(|seconds| seconds * 1e3),
        max_ms: seconds("Longest transaction").map(|seconds| seconds * 1e3),
        duration_s: seconds("Elapsed time"),
        ..Summary::default()
    })
}
