//! Reads lines that a service or a collector has a level for.

use super::Reader;
use crate::app_log::level::Level;
use crate::app_log::record::Record;
use crate::app_log::{frame, header, line, naming, open};
use spikeflame_profile::FrameId;

impl Reader {
    /// Reads a text that a program printed, of one line or several. `level` is that of the service
    /// that collected it. The text is one error at most by that level.
    pub(in crate::app_log) fn printed(&mut self, text: &str, level: Option<Level>, packed: u8) {
        let before = std::mem::replace(&mut self.outer, level);
        // The next entry of a collector is no name for the one before it.
        if let Some(open) = self.lane.open.as_mut().filter(|open| open.by_collector) {
            open.announced = None;
        }
        for line in text.lines() {
            self.line(line, packed);
            self.outer = level.filter(|level| *level == Level::Other);
        }
        self.outer = before;
    }

    /// Returns the line that a program printed, when a collector has made a record of it and given it a
    /// level, as Railway does: a frame of a stack, the name of an error, or the line of another logger. In
    /// a log with such a frame, each record is a line. Returns `None` for the event of a logger.
    pub(super) fn line_of(&mut self, record: &Record) -> Option<Record> {
        let text = record.message.as_str();
        if record.log.is_some() || text.is_empty() || !record.is_plain() {
            return None;
        }
        let is_frame = text.starts_with([' ', '\t']) && frame::of_line(text).is_some();
        self.by_line |= is_frame;
        let has_prefix = || {
            let line = line::parse(text);
            line.is_nest || line.level.is_some() && line.stamp.is_some()
        };
        let is_line = self.by_line
            || header::starts(text) && header::find(text).is_some_and(|header| !header.is_within)
            || text.starts_with(|c: char| c == '[' || c.is_ascii_digit()) && has_prefix();
        is_line.then(|| record.as_line())
    }

    /// Handles a line without a logger's prefix that a collector gave a level to.
    pub(super) fn levelled(&mut self, level: Level, text: &str) -> Option<FrameId> {
        let continues = text.trim().is_empty()
            || text.starts_with([' ', '\t', '}', ']'])
            || header::starts(text)
            || header::find(text).is_some_and(|header| !header.is_within)
            || header::is_no_error(text)
            || header::is_of_crash(text)
            || open::cause(text).is_some();
        if level == Level::Error && !continues && !naming::is_only_named(text, false) {
            self.message(level, text);
            if let Some(open) = &mut self.lane.open {
                open.by_collector = true;
            }
            return None;
        }
        // Each line has its own level, so that an error's name begins another one.
        if let Some(open) = self.lane.open.as_mut().filter(|open| open.by_collector) {
            open.announced = None;
        }
        let before = self.begun;
        let frame = self.text(text);
        if let Some(open) = &mut self.lane.open
            && self.begun != before
        {
            open.needs_stack = level == Level::Other;
        }
        frame
    }
}
