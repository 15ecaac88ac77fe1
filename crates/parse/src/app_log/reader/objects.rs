//! Reads objects: those over several lines, and whole records of JSON.

use super::Reader;
use crate::app_log::block::Block;
use crate::app_log::level::Level;
use crate::app_log::parts::{JoinOutcome, LONG};
use crate::app_log::record::Record;
use crate::app_log::{colours, header, line};

const NO_SCALE: &str = "its `level` is a number below 10, which each logger counts in a way of its own, \
                        so that it was not used; a word (`error`) would be";

impl Reader {
    /// Begins an object that may continue on the next lines.
    pub(super) fn begin_block(&mut self, mut block: Block, packed: u8) {
        let is_whole = block.is_whole();
        self.lane.block = Some(block.begun(packed, self.recorder.now()));
        if is_whole {
            self.end_block();
        }
    }

    /// Adds a line to the current object; returns true when the line does not belong to it.
    pub(super) fn ends_block(&mut self, line: &line::Line<'_>) -> bool {
        let Some(block) = &mut self.lane.block else { return true };
        let is_next = line.level.is_some() || Block::begins(line.text);
        if is_next || !block.push(line.text) {
            self.end_block();
            return true;
        }
        if block.is_whole() {
            self.end_block();
        }
        false
    }

    /// Reads the current object. Lines that do not form an object are read one by one.
    pub(super) fn end_block(&mut self) {
        let Some(block) = self.lane.block.take() else { return };
        // The line after the object may have set a later time.
        let now = self.recorder.set_now(block.time);
        match block.record() {
            Some(record) => {
                self.event(&record, block.packed);
                // pino-pretty with `singleLine` writes the properties after the message, and the
                // error below.
                if block.level.is_none() || !record.stack.is_empty() {
                    self.close();
                }
            }
            None => {
                let mut lines = block.text.lines();
                if let (Some(level), Some(first)) = (block.level, lines.next()) {
                    let text = format!("{} {first}", block.message);
                    self.message(level, text.trim());
                }
                let rest: Vec<&str> = if block.level.is_some() {
                    lines.collect()
                } else {
                    block.text.lines().collect()
                };
                for line in rest {
                    self.text(line);
                }
            }
        }
        if now != block.time {
            self.recorder.set_now(now);
        }
    }

    /// Handles a JSON record that is whole, whose text may be a part of a line.
    pub(in crate::app_log) fn record(&mut self, record: &Record, packed: u8) {
        if record.log.is_some() && !record.source.is_empty() {
            self.follow(&record.source);
        }
        match self.parts.record(&self.stream, record) {
            JoinOutcome::Whole => self.entry(record, packed),
            JoinOutcome::Held => {}
            JoinOutcome::Line(text) => {
                let mut record = record.clone();
                record.log = Some(text);
                self.entry(&record, packed);
            }
            JoinOutcome::Long => self.recorder.ledger.lose(LONG, self.number, 0),
        }
    }

    fn entry(&mut self, record: &Record, packed: u8) {
        if let Some(line) = self.line_of(record) {
            return self.event(&line, packed);
        }
        self.event(record, packed);
        if record.log.is_none() {
            self.close();
        }
    }

    /// Handles a JSON record. It may be an error, which stays open, or another event.
    pub(super) fn event(&mut self, record: &Record, packed: u8) {
        if let Some(stamp) = record.stamp {
            self.recorder.tick(stamp);
        }
        self.recorder.levels += u64::from(record.level.is_some());
        if !record.unknown_level.is_empty() {
            self.recorder.see_unknown_level(&record.unknown_level);
        }
        if let Some(log) = &record.log {
            let (before, begun) = (self.zoned_outside, self.begun);
            self.zoned_outside |= record.stamp.is_some_and(|stamp| stamp.zoned);
            self.printed(log, record.outer, packed + 1);
            self.zoned_outside = before;
            if record.is_odd && self.begun == begun && self.lane.open.is_none() {
                self.recorder.ledger.lose(NO_SCALE, self.number, 0);
            }
            return;
        }
        self.close();
        let is_error = record.level.or(self.outer) == Some(Level::Error);
        // A logger may add a trace to a line of another level.
        let is_other = record.level == Some(Level::Other);
        if is_error || record.has_stack() && !(is_other && record.has_bare_trace()) {
            self.begin("", &record.error_name());
            self.announce("");
            self.stack_of(record);
        }
    }

    /// Handles a record whose last text continues on the next lines.
    pub(super) fn quoted(&mut self, record: &Record, packed: u8) {
        self.event(record, packed);
        self.lane.in_quote = true;
        if record.level != Some(Level::Error) {
            // It is an error only when a stack follows.
            let first = record.stack.lines().next().unwrap_or(&record.message);
            first.clone_into(&mut self.lane.last);
        }
    }

    /// Reads the stack and the code of a record, which belong to the current error.
    pub(super) fn stack_of(&mut self, record: &Record) {
        /// The most lines of one stack with its causes.
        const MOST_STACK_LINES: usize = 10_000;
        for line in record.stack.lines().take(MOST_STACK_LINES) {
            if let Some(open) = self.lane.open.as_mut().filter(|open| !open.is_bare())
                && line.trim().is_empty()
            {
                open.blank();
                continue;
            }
            // The first error in the message is the current one.
            match header::find(line).filter(|header| !header.is_within && self.is_unnamed()) {
                Some(header) => self.rename(header.text),
                _ => drop(self.below(&colours::plain(line))),
            }
        }
        if let Some(open) = &mut self.lane.open {
            open.set_code(&record.code, false);
        }
    }

    /// Returns the level of the object that begins on this line, when the line before it is `Object:`, as
    /// NestJS 10 and older print above an object. That line is then no error of its own.
    pub(super) fn level_of_object(&mut self) -> Option<Level> {
        const ABOVE: &str = "Object:";
        if self.lane.last == ABOVE {
            return Some(Level::Other);
        }
        let open = self.lane.open.as_ref()?;
        let said = open.announced.as_deref()?;
        if said != ABOVE || !open.is_bare() || open.lines > 0 {
            return None;
        }
        self.lane.open = None;
        Some(Level::Error)
    }

    /// Begins the object that axe and cabin print behind a message, when this line is its level:
    /// `message {` and below it `  level: 'error',`.
    pub(super) fn begins_object(&mut self, text: &str, packed: u8) -> bool {
        if !text.starts_with("  level: '") {
            return false;
        }
        let message = match &self.lane.open {
            // The message may look like an error, whatever its level is.
            Some(open) if open.is_bare() && open.lines == 0 => open.opened.clone(),
            Some(_) => None,
            None => Some(self.lane.last.clone()),
        };
        let message = message.and_then(|text| text.strip_suffix(" {").map(str::to_owned));
        let Some(message) = message else { return false };
        self.lane.open = None;
        let object = format!("{{\n{text}");
        self.begin_block(Block::new(None, &message, &object), packed);
        true
    }
}
