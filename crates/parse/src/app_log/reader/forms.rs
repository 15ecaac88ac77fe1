//! Lines below an error that some loggers write in a form of their own.

use super::Reader;
use crate::app_log::level::Level;
use crate::app_log::line::Line;
use crate::app_log::record::Record;
use crate::app_log::{frame, json_line, time};

/// Returns the line with its time and its message, when a logger prints both as values behind the level, as log-driver
/// does: `[error] "2026-11-27T11:00:02.123Z"  'text'`.
pub(super) fn of_values(line: Line<'_>) -> Line<'_> {
    let values = || {
        let (time, text) = line.text.strip_prefix('"')?.split_once("\"  ")?;
        let (stamp, _) = time::take(time).filter(|(_, rest)| rest.is_empty())?;
        let text =
            text.strip_suffix(" +").unwrap_or(text).strip_prefix(['\'', '"']).unwrap_or(text);
        let text = text.strip_suffix(['\'', '"']).unwrap_or(text);
        Some(Line { stamp: Some(stamp), text: text.strip_suffix("\\n").unwrap_or(text), ..line })
    };
    line.level.and_then(|_| values()).unwrap_or(line)
}

impl Reader {
    /// Removes the quotes of a line of a stack that Node prints as the parts of a text: `'    at f (/a.js:1:2)\\n' +`.
    pub(super) fn unquoted<'a>(&self, line: &'a str) -> &'a str {
        let text = line.trim_start_matches(' ');
        if !text.starts_with("'    at ") || self.lane.open.is_none() || self.lane.block.is_some() {
            return line;
        }
        let text = text.strip_prefix('\'').unwrap_or(text);
        text.strip_suffix("\\n' +").or_else(|| text.strip_suffix('\'')).unwrap_or(text)
    }

    /// Returns the line with the level of an error when it is the message of an error of SQL Server, whose number
    /// stands on the line before: `TIME spid7  Error: 18456, Severity: 14, State: 8.` Severities up to 10 are
    /// information.
    pub(super) fn of_sql_server<'a>(&mut self, line: Line<'a>) -> Line<'a> {
        /// The least severity of an error.
        const ERROR: u32 = 11;
        if line.stamp.is_none() || line.level.is_some() {
            return line;
        }
        let behind = || {
            let (source, rest) = line.text.trim_start().split_once(' ')?;
            Some(rest.trim_start()).filter(|_| !source.is_empty())
        };
        if std::mem::take(&mut self.is_numbered) {
            return Line { level: Some(Level::Error), text: behind().unwrap_or(line.text), ..line };
        }
        if !line.text.ends_with('.') {
            return line;
        }
        let number = behind().and_then(|rest| rest.strip_prefix("Error: "));
        let severity = number.and_then(|rest| rest.split_once(", Severity: "));
        let severity =
            severity.and_then(|(_, rest)| rest.split_once(", State: ")?.0.parse::<u32>().ok());
        self.is_numbered = severity.is_some_and(|severity| severity >= ERROR);
        match severity {
            Some(_) => Line { level: Some(Level::Other), ..line },
            None => line,
        }
    }

    /// Ends a log whose last line has the number of an error of SQL Server.
    pub(super) fn end_numbered(&mut self) {
        if std::mem::take(&mut self.is_numbered) {
            self.message(Level::Error, "an error of SQL Server");
        }
    }

    /// Adds a frame as tslog writes it, over two lines: `  • app.ts\tfn` and `\tapp.ts:7`. Returns false
    /// for any other line.
    pub(super) fn listed(&mut self, text: &str) -> bool {
        if let Some(rest) = text.trim_start().strip_prefix("• ") {
            let method = rest.split_once('\t').map_or("", |(_, method)| method);
            self.lane.method = Some(method.trim().to_owned());
            return true;
        }
        let Some(method) = self.lane.method.take().filter(|_| text.starts_with('\t')) else {
            return false;
        };
        let place = text.trim();
        let is_line = place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok());
        if is_line {
            // There is no column.
            let frame = format!("{method} ({place}:0)");
            let id = frame::intern(&frame, &mut self.recorder.profile.frames);
            if let Some(open) = &mut self.lane.open {
                open.push(id);
            }
        }
        is_line
    }

    /// Handles a line of the tree that evlog prints below an event: a field, `├─ error: text`, or a
    /// frame, `│   at f (app.js:7)`. Returns false for any other line.
    pub(super) fn branch(&mut self, text: &str) -> bool {
        let plain = text.trim_start();
        if let Some(rest) = plain.strip_prefix('│') {
            let place =
                rest.trim_start().strip_prefix("at ").and_then(|rest| rest.strip_suffix(')'));
            let is_line = |place: &str| {
                place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok())
            };
            if let Some(place) = place.filter(|place| is_line(place)) {
                // There is no column.
                let id = frame::intern(&format!("{place}:0)"), &mut self.recorder.profile.frames);
                if let Some(open) = &mut self.lane.open {
                    open.push(id);
                }
            }
            return true;
        }
        let Some(field) = plain.strip_prefix("├─ ").or_else(|| plain.strip_prefix("└─ "))
        else {
            return false;
        };
        let named =
            field.split_once(": ").filter(|(key, _)| matches!(*key, "error" | "msg" | "message"));
        if let Some((_, value)) = named.filter(|_| self.is_unnamed()) {
            self.rename(value);
        }
        true
    }

    /// Returns the line without a level when it is a property of the current error, such as mysql2's
    /// `fatal: true`: Node indents it, and only the time before it makes it look like a logger's line.
    pub(super) fn without_key<'a>(&self, line: Line<'a>) -> Line<'a> {
        let has_fields = self.lane.open.as_ref().is_some_and(|open| open.has_fields);
        if has_fields && line.level.is_some() && line.with_level.starts_with("  ") {
            return Line { level: None, text: line.with_level, alone: None, ..line };
        }
        line
    }

    /// Takes the time of a request from a line of an access log, which errors may follow:
    /// `10.0.0.7 - - [29/Nov/2026:23:08:51 +0000] "GET / HTTP/1.1" 500`.
    pub(super) fn tick_of_access(&mut self, line: &Line<'_>) {
        /// The longest address and user before the time, in bytes.
        const LONGEST_ADDRESS: usize = 120;
        let text = line.text;
        let is_plain = line.level.is_none() && line.stamp.is_none();
        if !is_plain || !text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':') {
            return;
        }
        let head = text.as_bytes().get(..LONGEST_ADDRESS).unwrap_or(text.as_bytes());
        let Some(at) = memchr::memchr(b'[', head) else { return };
        let found = text.get(at + 1..).and_then(time::take);
        let stamp = found.filter(|(stamp, rest)| stamp.zoned && rest.starts_with("] \""));
        if let Some((stamp, _)) = stamp {
            self.recorder.tick(stamp);
        }
    }

    /// Handles the last line of a message of several lines when fields follow it as JSON, as winston's
    /// `printf` writes them: `  - card 2 {"stack":"Error: ..."}`. Returns false for any other line.
    pub(super) fn ends_message(&mut self, text: &str) -> bool {
        if !text.ends_with('}') || !self.is_unnamed() {
            return false;
        }
        let at = memchr::memmem::find(text.as_bytes(), b" {\"");
        let record = at.and_then(|at| json_line::parse(text.get(at + 1..)?));
        let is_end = |record: &Record| {
            let is_event = record.level.is_some() || !record.message.is_empty();
            !record.stack.is_empty() || record.stamp.is_some() && !is_event
        };
        let Some(record) = record.filter(is_end) else { return false };
        if let Some(stamp) = record.stamp.filter(|stamp| stamp.zoned || !self.zoned_outside) {
            self.recorder.tick(stamp);
            let now = self.recorder.now();
            if let Some(open) = &mut self.lane.open {
                open.time = now;
            }
        }
        self.stack_of(&record);
        true
    }
}
