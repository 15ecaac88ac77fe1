//! Lines below an error that some loggers write in a form of their own.

use super::Reader;
use crate::app_log::line::Line;
use crate::app_log::record::Record;
use crate::app_log::{frame, json_line, time};

impl Reader {
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
