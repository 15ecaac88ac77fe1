//! Reads the statements that Sequelize and MikroORM print with their durations: `Executed (default): SQL Elapsed time: 12ms`
//! (Sequelize with `benchmark: true`), and `[query] SQL [took 12 ms, 1 result]` (MikroORM with `debug: ['query']`).

use super::Execution;
use super::tally::Tally;
use super::typeorm::{duration, plain, stamp};

/// Bytes of a statement that are kept.
const LONGEST_STATEMENT_BYTES: usize = 64 * 1024;

/// Lines of a statement.
const MOST_LINES: usize = 200;

/// The words before the duration of a statement of Sequelize, at the end of its last line.
const ELAPSED: &str = " Elapsed time: ";

/// A log of statements while it is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The first lines of a statement of Sequelize, the time of its first line, and the number of lines.
    open: Option<(String, Option<i64>, usize)>,
}

impl Reader {
    /// Reads a line. `at_us` is its time where that stood beside it. Returns false for a line that is no part of a
    /// statement of one of the two.
    pub(super) fn line(&mut self, line: &str, at_us: Option<i64>, tally: &mut Tally) -> bool {
        if self.open.is_none() && !line.contains("Executed (") && !line.contains("[query] ") {
            return false;
        }
        let line = plain(line);
        if let Some((before, sql)) = executed(&line) {
            self.end(tally);
            self.open = Some((String::new(), stamp(before).or(at_us), 0));
            return self.part(sql, tally);
        }
        if self.open.is_some() {
            return self.part(&line, tally);
        }
        let Some((before, text)) = line.split_once("[query] ") else { return false };
        let Some((sql, rest)) = text.rsplit_once(" [took ") else { return false };
        let Some((ms, _)) = rest.split_once(" ms") else { return false };
        let end_us = stamp(before).or(at_us);
        tally.add(sql, &Execution { end_us, seconds: duration(ms), ..Execution::default() });
        true
    }

    /// Adds a line to the statement that is open, and counts it when the line has the duration.
    fn part(&mut self, line: &str, tally: &mut Tally) -> bool {
        let Some((sql, end_us, lines)) = &mut self.open else { return false };
        let ended = line.trim_end().rsplit_once(ELAPSED);
        let ended = ended.and_then(|(sql, ms)| Some((sql, duration(ms.strip_suffix("ms")?)?)));
        let text = ended.map_or(line, |(sql, _)| sql);
        if sql.len() < LONGEST_STATEMENT_BYTES {
            sql.push_str(text);
            sql.push('\n');
        }
        *lines += 1;
        if let Some((_, seconds)) = ended {
            let executed =
                Execution { end_us: *end_us, seconds: Some(seconds), ..Execution::default() };
            tally.add(bare(sql), &executed);
            self.open = None;
        } else if *lines >= MOST_LINES {
            self.end(tally);
        }
        true
    }

    /// Ends the log. A statement without a duration is incomplete.
    pub(super) fn end(&mut self, tally: &mut Tally) {
        if self.open.take().is_some() {
            tally.incomplete();
        }
    }
}

/// Splits a line of Sequelize into the text before it and the statement: `Executed (default): SELECT 1`.
fn executed(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once("Executed (")?;
    let (connection, sql) = rest.split_once("): ")?;
    let is_id = connection.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (is_id && before.len() < 200).then_some((before, sql))
}

/// Returns a statement without its parameters, which `logQueryParameters` puts behind its end: `WHERE id = ?; 7`.
fn bare(sql: &str) -> &str {
    let mut quote = None;
    let end = sql.char_indices().find(|(_, char)| {
        match (quote, char) {
            (None, ';') => return true,
            (None, '\'' | '"' | '`') => quote = Some(*char),
            (Some(open), char) if open == *char => quote = None,
            _ => {}
        }
        false
    });
    end.and_then(|(at, _)| sql.get(..at)).unwrap_or(sql).trim()
}
