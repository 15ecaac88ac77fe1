//! Reads TypeORM's lines: `query is slow: SQL`, followed by `execution time: MS`, and `query
//! failed: SQL`, followed by `error: ...`. Its logger `file` writes `[SLOW QUERY: 53 ms]: SQL` with an
//! empty line behind it, and `[FAILED QUERY]: SQL`. Its logger `debug` puts `typeorm:query:slow` before each. Loggers and containers may put prefixes before
//! them.
//!
//! A statement that failed slowly is first reported as slow and then as failed, and counts once.

use super::Execution;
use super::tally::Tally;
use crate::read::time;

/// Bytes of a statement that are kept.
const LONGEST_STATEMENT_BYTES: usize = 64 * 1024;

/// Lines of a statement.
const MOST_LINES: usize = 200;

/// A log of TypeORM while it is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    open: Option<OpenQuery>,
    /// The slow statement before the current line, which may be reported as failed next.
    slow: Option<OpenQuery>,
}

/// The words before a statement: before a slow one, before one that failed, and the same of the logger
/// `file`, whose first one has a duration behind it.
const STATEMENT_MARKS: [(&str, Report); 4] = [
    ("query is slow:", Report::Slow),
    ("query failed:", Report::Failed),
    ("[SLOW QUERY: ", Report::Timed),
    ("[FAILED QUERY]: ", Report::Failed),
];

/// A report about a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    /// The duration follows on a line of its own.
    Slow,
    /// The duration stands before the statement.
    Timed,
    Failed,
}

#[derive(Debug)]
struct OpenQuery {
    report: Report,
    sql: String,
    /// The statement with the list of its parameters.
    whole: String,
    /// Length of the first line of the statement.
    first: usize,
    lines: usize,
    executed: Execution,
}

impl Reader {
    /// Reads a line. `at_us` is its time where that stood beside it.
    pub(super) fn line(&mut self, line: &str, at_us: Option<i64>, tally: &mut Tally) {
        let mut line = plain(line);
        if let Some(text) = behind_namespace(&line) {
            if text.contains(" parameters: ") {
                if let Some(open) = &mut self.open {
                    open.whole.push_str(text.trim_start_matches(|c| c != '['));
                }
                return;
            }
            line = text;
        }
        for (mark, report) in STATEMENT_MARKS {
            let Some((before, sql)) = line.split_once(mark) else { continue };
            // A statement may contain these words itself.
            if before.contains("query") || before.contains("QUERY") {
                continue;
            }
            let (seconds, sql) = match report {
                Report::Timed => match sql.split_once(" ms]: ") {
                    Some((ms, sql)) => (duration(ms), sql),
                    None => continue,
                },
                _ => (None, sql),
            };
            self.close(false, tally);
            // TypeORM reports failed statements only where `logging` has errors.
            let failed = (report == Report::Failed).then_some(true);
            let end_us = stamp(before).or(at_us);
            let executed = Execution { end_us, seconds, failed, ..Execution::default() };
            let (whole, sql) = (sql.trim().to_owned(), bare(sql).to_owned());
            let first = sql.len();
            self.open = Some(OpenQuery { report, sql, whole, first, lines: 1, executed });
            return;
        }
        let Some(open) = &mut self.open else {
            if !line.trim().is_empty() {
                self.count_slow(tally);
            }
            return;
        };
        if let Some((_, ms)) = line.split_once("execution time:") {
            open.executed.seconds = duration(ms);
            self.close(false, tally);
        } else if line.contains("error:") || line.contains("[QUERY ERROR]") {
            self.close(true, tally);
        } else if line.contains("query:")
            || open.lines >= MOST_LINES
            || open.report == Report::Timed && line.trim().is_empty()
        {
            self.close(false, tally);
        } else if open.sql.len() < LONGEST_STATEMENT_BYTES {
            open.lines += 1;
            for (text, line) in [(&mut open.sql, bare(&line)), (&mut open.whole, line.trim())] {
                text.push('\n');
                text.push_str(line);
            }
        }
    }

    /// Returns true while a statement is read.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Counts the statement that is open, and the slow one before it.
    pub(super) fn end(&mut self, tally: &mut Tally) {
        self.close(false, tally);
        self.count_slow(tally);
    }

    /// Ends the statement that is open. A slow one without a duration is incomplete, and another slow
    /// one waits for the next report. `has_error` is true on the line of its error: without it, only the
    /// first line of a statement that failed is known to be its text.
    fn close(&mut self, has_error: bool, tally: &mut Tally) {
        let Some(mut open) = self.open.take() else { return };
        if open.report == Report::Failed
            && let Some(slow) = &mut self.slow
            && slow.whole == open.whole
        {
            slow.executed.failed = Some(true);
            return self.count_slow(tally);
        }
        self.count_slow(tally);
        if open.report == Report::Failed && !has_error {
            open.sql.truncate(open.first);
        }
        let is_slow = open.executed.failed.is_none();
        if open.sql.trim().is_empty() || is_slow && open.executed.seconds.is_none() {
            tally.incomplete();
        } else if open.report == Report::Failed {
            tally.add(&open.sql, &open.executed);
        } else {
            self.slow = Some(open);
        }
    }

    fn count_slow(&mut self, tally: &mut Tally) {
        if let Some(slow) = self.slow.take() {
            tally.add(&slow.sql, &slow.executed);
        }
    }
}

/// Returns a line of TypeORM's logger `debug` without the words before its text: `TIME typeorm:query:slow query is slow: `.
/// The parameters stand on a line of their own.
fn behind_namespace(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("typeorm:query:")?;
    let (kind, text) = rest.split_once(' ')?;
    let is_ours = matches!(kind, "slow" | "error" | "log") && !before.contains("query");
    is_ours.then(|| format!("{before} {text}"))
}

/// Reads milliseconds; returns seconds.
pub(super) fn duration(ms: &str) -> Option<f64> {
    let ms = ms.trim().trim_end_matches("ms").trim().parse::<f64>().ok();
    ms.filter(|ms| (0.0..1e10).contains(ms)).map(|ms| ms / 1e3)
}

/// Returns a statement without the list of its parameters.
fn bare(sql: &str) -> &str {
    sql.split(" -- PARAMETERS:").next().unwrap_or(sql).trim()
}

/// Returns the time at the start of a line, when the line contains its time zone.
pub(super) fn stamp(before: &str) -> Option<i64> {
    let mut words = before.split_whitespace();
    let time = words.find_map(|word| time::written(word.trim_matches(['[', ']', ',']).as_bytes()));
    time.filter(|time| !time.local).map(|time| time.us)
}

/// Returns a line without the escapes of a terminal.
pub(super) fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end =
            part.find(|char: char| char.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        text.push_str(part.get(end..).unwrap_or_default());
    }
    text
}
