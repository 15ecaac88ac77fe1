//! The current error: its beginning, its name and its end.

use super::Reader;
use crate::app_log::header;
use crate::app_log::open::{self, OpenError};
use crate::app_log::record::NO_MESSAGE;

impl Reader {
    pub(super) fn begin(&mut self, mark: &str, text: &str) {
        self.lane.skipping = false;
        self.lane.last.clear();
        self.lane.named.forget();
        self.begun += 1;
        let frame = self.recorder.error(mark, text);
        let mut open = OpenError::new(frame, self.recorder.now());
        open.has_message = !text.trim().is_empty() && text != NO_MESSAGE;
        if mark.is_empty() {
            open.named(text);
        }
        self.lane.open = Some(open);
    }

    /// Marks the current error as announced by a logger: its own name may follow below.
    pub(super) fn announce(&mut self, text: &str) {
        if let Some(open) = &mut self.lane.open {
            open.at_place = header::ends_with_place(text);
            let message = text.split_once(": ").map_or(text, |(_, message)| message);
            open.announced = Some(message.trim().to_owned());
        }
    }

    /// Continues with a cause of the current error.
    pub(super) fn nest(&mut self, mark: &str, text: &str) {
        let frame = self.recorder.error(mark, text);
        if let Some(open) = &mut self.lane.open {
            open.nest(frame);
        }
    }

    /// Returns true while the message of an error of Prisma is read.
    pub(super) fn reads_prisma(&self) -> bool {
        self.lane.open.as_ref().is_some_and(OpenError::reads_prisma)
    }

    pub(super) fn is_unnamed(&self) -> bool {
        self.lane.open.as_ref().is_some_and(|open| open.announced.is_some() && open.is_bare())
    }

    /// Adds the message below the name of the current error to that name.
    pub(super) fn complete_name(&mut self) {
        let Some(open) = &mut self.lane.open else { return };
        if let Some(name) = open.whole_name() {
            open.has_bare_class = name == "Error";
            open.rename(self.recorder.error("", &name));
        }
    }

    /// Renames the current error, because the stack below has the error's own name. A bare `Error`, as Sequelize
    /// has it above the stack, is no better name than the message of the logger.
    pub(super) fn rename(&mut self, text: &str) {
        let open = self.lane.open.as_mut().filter(|open| open.has_message);
        if let Some(open) = open.filter(|_| text.trim_end_matches(':') == "Error") {
            open.announced = None;
            return;
        }
        if let Some(twin) = self.lane.twin.take() {
            self.recorder.sample(twin);
        }
        let frame = self.recorder.error("", text);
        if let Some(open) = &mut self.lane.open {
            open.rename(frame);
            open.named(text);
            open.announced = None;
        }
    }

    /// Notes the value that was thrown, when the line is the mark under the code that threw it, or the next one.
    pub(super) fn see_thrown(&mut self, text: &str) {
        let plain = text.trim();
        if open::marks_code(plain) {
            self.lane.thrown = Some((self.begun, String::new()));
        } else if let Some((_, value)) = &mut self.lane.thrown
            && value.is_empty()
        {
            plain.clone_into(value);
        }
    }

    /// Begins the error of a program that ended because of a value that is no error, at one of the last lines
    /// that Node prints then. Returns false for any other line.
    pub(super) fn takes_thrown(&mut self, text: &str) -> bool {
        let value = match open::thrown_value(&self.lane.last, text) {
            Some(value) => value.to_owned(),
            None if text.starts_with("Node.js v") => match self.lane.thrown.take() {
                Some((begun, value)) if begun == self.begun && self.lane.open.is_none() => value,
                _ => return false,
            },
            None => return false,
        };
        self.close();
        let is_hint = value.is_empty() || value.starts_with("(Use `node --trace-uncaught");
        let value = if is_hint { "(a value without a text)" } else { &value };
        self.begin("", &format!("Uncaught {value}"));
        true
    }

    /// Ends the current error and adds its sample.
    pub(super) fn close(&mut self) {
        self.lane.skipping = false;
        self.lane.last.clear();
        self.lane.query_failed = false;
        if let Some(open) = &mut self.lane.open {
            open.within = None;
        }
        self.complete_name();
        let twin = self.lane.twin.take();
        // Without a stack, two equal lines are two errors.
        if let Some(twin) = twin.filter(|_| self.lane.open.as_ref().is_none_or(OpenError::is_bare))
        {
            self.recorder.sample(twin);
        }
        if let Some(open) =
            self.lane.open.take().filter(|open| !open.needs_stack || !open.is_bare())
        {
            self.lane.closed = open.error();
            self.recorder.sample(open);
        }
    }

    /// Takes the current error when it is one line, and the next line `line` can be its name: `error: ` and
    /// `text`. The class of PostgreSQL's errors is `error`, so that their stack begins like the line of a
    /// logger. When lines of this logger stand above each other, only an equal text is that of one error.
    pub(super) fn take_twin(&mut self, line: &str, text: &str) -> Option<OpenError> {
        let is_class = !text.is_empty() && line.trim_end().strip_suffix(text) == Some("error: ");
        let may_be = |open: &OpenError| {
            let repeats = |said: &String| !text.is_empty() && said.ends_with(text);
            let is_other_logger = is_class && !open.is_alone;
            let is_announced = |said| is_other_logger || repeats(said);
            open.lines == 0 && open.is_bare() && open.announced.as_ref().is_some_and(is_announced)
        };
        if !self.lane.open.as_ref().is_some_and(may_be) {
            return None;
        }
        self.lane.open.take()
    }
}
