//! Reads TypeORM's lines: `query is slow: SQL`, followed by `execution time: MS`, and `query
//! failed: SQL`. Loggers and containers may put prefixes before them.

use super::Execution;
use super::tally::Tally;
use crate::read::time;

/// Bytes of a statement that are kept.
const LONGEST: usize = 64 * 1024;

/// Lines of a statement.
const MOST_LINES: usize = 200;

/// A log of TypeORM while it is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    open: Option<OpenQuery>,
}

#[derive(Debug)]
struct OpenQuery {
    sql: String,
    lines: usize,
    executed: Execution,
}

impl Reader {
    pub(super) fn line(&mut self, line: &str, tally: &mut Tally) {
        let line = plain(line);
        for (mark, failed) in [("query is slow:", false), ("query failed:", true)] {
            let Some((before, sql)) = line.split_once(mark) else { continue };
            // A statement may contain these words itself.
            if before.contains("query") {
                continue;
            }
            self.end(tally);
            let executed = Execution { end_us: stamp(before), failed, ..Execution::default() };
            self.open = Some(OpenQuery { sql: bare(sql).to_owned(), lines: 1, executed });
            return;
        }
        let Some(open) = &mut self.open else { return };
        if let Some((_, ms)) = line.split_once("execution time:") {
            let ms = ms.trim().trim_end_matches("ms").trim().parse::<f64>().ok();
            open.executed.seconds = ms.filter(|ms| (0.0..1e10).contains(ms)).map(|ms| ms / 1e3);
            self.end(tally);
        } else if line.contains("error:") || line.contains("query:") || open.lines >= MOST_LINES {
            self.end(tally);
        } else if open.sql.len() < LONGEST && !open.executed.failed {
            open.lines += 1;
            open.sql.push('\n');
            open.sql.push_str(bare(&line));
        }
    }

    /// Counts the statement that is open. A slow one without a duration is incomplete.
    pub(super) fn end(&mut self, tally: &mut Tally) {
        let Some(open) = self.open.take() else { return };
        if open.sql.trim().is_empty() || !open.executed.failed && open.executed.seconds.is_none() {
            tally.incomplete();
        } else {
            tally.add(&open.sql, &open.executed);
        }
    }
}

/// Returns a statement without the list of its parameters.
fn bare(sql: &str) -> &str {
    sql.split(" -- PARAMETERS:").next().unwrap_or(sql).trim()
}

/// Returns the time at the start of a line, when the line contains its time zone.
fn stamp(before: &str) -> Option<i64> {
    let mut words = before.split_whitespace();
    let time = words.find_map(|word| time::written(word.trim_matches(['[', ']', ',']).as_bytes()));
    time.filter(|time| !time.local).map(|time| time.us)
}

/// Returns a line without the escapes of a terminal.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end =
            part.find(|char: char| char.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        text.push_str(part.get(end..).unwrap_or_default());
    }
    text
}
