//! Reads the slow query log of MySQL, MariaDB and Percona Server. A statement stands below lines
//! that begin with `# `, and may have several lines.

use super::Execution;
use super::digest;
use super::tally::Tally;
use crate::read::time;

/// Bytes of a statement that are kept. Its end is not needed to group it.
const LONGEST_STATEMENT_BYTES: usize = 64 * 1024;

/// Microseconds in a second, for fractions of it.
const SECOND_US: f64 = spikeflame_wall::SECOND_US as f64;

/// Longest valid duration. A longer one is broken.
const LONGEST_S: f64 = 1e7;

/// A slow query log while it is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The statement that is being read, after its head.
    open: Option<Execution>,
    sql: String,
    /// The time of the last `# Time:`, when it has a zone.
    time_us: Option<i64>,
    /// The lines that the server wrote between the head and the statement.
    written: Written,
    /// True when the next statement failed; `None` when no line above its durations shows this.
    failed: Option<bool>,
}

/// The lines between the head of a statement and its text that were read so far. The server writes each once:
/// a second one is the statement.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    database: bool,
    timestamp: bool,
    /// True below `# Warnings` of MariaDB, whose texts may have several lines.
    warnings: bool,
}

impl Reader {
    /// Takes a line. Returns false when it does not belong to a slow query log.
    pub(super) fn line(&mut self, line: &str, tally: &mut Tally) -> bool {
        if self.is_quoted(line) {
            return self.statement(line);
        }
        if let Some(time) = line.strip_prefix("# Time:") {
            self.end(tally);
            let read = time::written(time.trim().as_bytes());
            // MariaDB and old versions of MySQL write the server's local time without a zone.
            self.time_us = read.filter(|time| !time.local).map(|time| time.us);
            return true;
        }
        if line.starts_with("# User@Host:") {
            self.end(tally);
            return true;
        }
        // The next head begins where a statement has ended, even if its line is cut off.
        if line.starts_with('#') && self.sql.trim_end().ends_with(';') {
            self.end(tally);
        }
        if line.starts_with("# ") || line == "#" {
            self.head(line, tally);
            return self.open.is_some() || line.contains("Thread_id:") || line.contains("Schema:");
        }
        if self.open.is_none() {
            return false;
        }
        if is_banner(line) {
            self.end(tally);
            return true;
        }
        if self.sql.is_empty() && (self.set(line) || self.written.warnings) {
            return true;
        }
        self.statement(line)
    }

    /// Adds a line to the statement.
    fn statement(&mut self, line: &str) -> bool {
        if self.sql.len() < LONGEST_STATEMENT_BYTES {
            if !self.sql.is_empty() {
                self.sql.push('\n');
            }
            self.sql.push_str(line);
        }
        true
    }

    /// Returns true for a line that only looks like a head: it lacks the values of one, and stands
    /// within a text of the statement. A statement that was cut off ends at a true head.
    fn is_quoted(&self, line: &str) -> bool {
        let is_head = line.starts_with('#') || is_banner(line);
        self.open.is_some() && is_head && !is_whole_head(line) && digest::is_open(&self.sql)
    }

    /// Takes fields of a statement's head, or a command of the protocol.
    fn head(&mut self, line: &str, tally: &mut Tally) {
        if let Some(command) = line.strip_prefix("# administrator command:") {
            if self.open.is_some() {
                self.sql = format!("administrator command: {}", command.trim());
                self.end(tally);
            }
            return;
        }
        // Their texts have words of the statement and its values.
        let is_warning = line.starts_with("# Warning");
        if self.open.is_some()
            && self.sql.is_empty()
            && (is_warning || line.starts_with("# explain:"))
        {
            self.written.warnings |= is_warning;
            return;
        }
        if line.starts_with("# Query_time:") {
            // A head without User@Host, as RDS leaves it.
            let failed = self.failed.take();
            self.end(tally);
            self.open = Some(Execution { end_us: self.time_us, failed, ..Execution::default() });
        } else if !self.sql.is_empty() {
            // A comment within the statement.
            self.sql.push('\n');
            self.sql.push_str(line);
            return;
        }
        let mut words = line.split_whitespace().skip(1);
        let Some(open) = &mut self.open else {
            // Percona Server writes the error number on a line before the durations.
            let number = words.skip_while(|word| *word != "Last_errno:").nth(1);
            self.failed = number.map(|number| number != "0").or(self.failed);
            return;
        };
        while let Some(word) = words.next() {
            let Some(key) = word.strip_suffix(':') else { continue };
            let known = [
                "Query_time",
                "Lock_time",
                "Rows_sent",
                "Rows_examined",
                "Errno",
                "Last_errno",
                "End",
                "Log_slow_rate_limit",
                // TiDB writes `# Succ: false`.
                "Succ",
            ];
            if !known.contains(&key) {
                continue;
            }
            let Some(value) = words.next() else { return };
            let seconds = || value.parse::<f64>().ok().filter(|s| (0.0..LONGEST_S).contains(s));
            match key {
                "Query_time" => open.seconds = seconds(),
                "Lock_time" => {
                    open.has_costs = true;
                    open.lock_s = seconds().unwrap_or(0.0);
                }
                "Rows_sent" => open.sent = value.parse().unwrap_or(0),
                "Rows_examined" => {
                    open.has_costs = true;
                    open.examined = value.parse().unwrap_or(0);
                }
                "End" => {
                    let end = time::written(value.as_bytes()).filter(|time| !time.local);
                    open.end_us = end.map(|time| time.us).or(open.end_us);
                }
                "Log_slow_rate_limit" => {
                    let limit = value.parse().ok().filter(|limit| *limit > 1);
                    limit.into_iter().for_each(|limit| tally.sampled(limit));
                }
                "Succ" => open.failed = Some(value == "false"),
                _ => open.failed = Some(open.failed == Some(true) || value != "0"),
            }
        }
    }

    /// Handles `use meals;` and `SET timestamp=1795809162;`, which the server writes before a
    /// statement, each once and in this order. The timestamp is the time at which the statement began.
    fn set(&mut self, line: &str) -> bool {
        let lower = line.trim_start().to_lowercase();
        let Written { database, timestamp, .. } = self.written;
        if lower.starts_with("use ") && lower.trim_end().ends_with(';') && !database && !timestamp {
            self.written = Written { database: true, ..Written::default() };
            return true;
        }
        if !lower.starts_with("set ") || !lower.contains("timestamp=") || timestamp {
            return false;
        }
        self.written = Written { database, timestamp: true, warnings: false };
        let value = lower.split("timestamp=").nth(1).unwrap_or_default();
        let end = value.find(|char: char| !(char.is_ascii_digit() || char == '.'));
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        if let (Some(open), Some(began)) = (&mut self.open, time::unix(value.as_bytes()))
            && open.end_us.is_none()
        {
            let took_us = open.seconds.unwrap_or(0.0) * SECOND_US;
            open.end_us = Some(began.us.saturating_add(took_us as i64));
        }
        true
    }

    /// Counts the statement that is open.
    pub(super) fn end(&mut self, tally: &mut Tally) {
        self.failed = None;
        self.written = Written::default();
        let Some(open) = self.open.take() else { return };
        let sql = std::mem::take(&mut self.sql);
        // The server ends every statement in this way. A statement without this end was cut off.
        let whole = sql.trim_end().ends_with(';') || sql.len() >= LONGEST_STATEMENT_BYTES;
        if !whole || open.seconds.is_none() {
            tally.incomplete();
        } else {
            tally.add(&sql, &open);
        }
    }
}

/// Returns true for a line with the values of a head.
fn is_whole_head(line: &str) -> bool {
    let digit = |text: &str| text.trim_start().starts_with(|char: char| char.is_ascii_digit());
    if let Some(time) = line.strip_prefix("# Time:") {
        return digit(time) && time.matches(':').count() >= 2;
    }
    if let Some(user) = line.strip_prefix("# User@Host:") {
        return user.contains('[') && user.contains(" @ ");
    }
    line.strip_prefix("# Query_time:").is_some_and(digit)
        || line.starts_with("# administrator command:")
        || is_banner(line) && line.contains(", Version: ")
}

/// Returns true for the lines that a server writes when it opens the log.
fn is_banner(line: &str) -> bool {
    line.contains(", Version: ") && line.contains("started with:")
        || line.starts_with("Tcp port: ")
        || line.starts_with("TCP Port: ")
        || line.starts_with("Time ") && line.trim_end().ends_with("Argument")
}
