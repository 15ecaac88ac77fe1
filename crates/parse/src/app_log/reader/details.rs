//! Reads the lines below the name of an error that are no frames.

use super::Reader;
use crate::app_log::open::LineRole;
use crate::app_log::spaced::spaced_name;
use crate::app_log::{header, open};

impl Reader {
    /// Reads the lines between the line that names the current error and its first frame: lines of its
    /// message, or its fields when the line opens them. `[AggregateError: x] {` has its errors there.
    pub(super) fn read_below(&mut self, name: &str, below: &str) {
        let has_fields = name.ends_with(" {");
        for line in below.lines() {
            match &mut self.lane.open {
                Some(open) if !has_fields => open.say(line),
                _ => self.detail(line),
            }
        }
    }

    /// Takes the code of an error without a stack from the properties on its own line: `[Error: x] { code: 'X' }`.
    pub(super) fn take_fields(&mut self, text: &str) {
        let Some((_, fields)) = text.split_once("] { ").filter(|_| text.ends_with('}')) else {
            return;
        };
        for code in fields.split(", ").filter_map(open::code) {
            self.lane.open.iter_mut().for_each(|open| open.set_code(&code, false));
        }
    }

    /// Takes the name of an error without a message, and the error behind it, from its properties. Returns
    /// false for any other line.
    fn takes_property(&mut self, text: &str) -> bool {
        let Some(open) = self.lane.open.as_mut().filter(|open| open.has_bare_class) else {
            return false;
        };
        if let Some(class) = open::class(text) {
            open.rename(self.recorder.error("", class));
            return true;
        }
        let parent = open::parent(text);
        parent.into_iter().for_each(|parent| self.nest("[cause] ", parent));
        parent.is_some()
    }

    /// Returns true while the current error is the message of a logger with an object behind it.
    fn has_object(&self) -> bool {
        let announced = self.lane.open.as_ref().and_then(|open| open.announced.as_ref());
        self.is_unnamed() && announced.is_some_and(|text| text.ends_with(" {"))
    }

    /// Takes the message below the category and the number of an event, as .NET's console writes them: `fail:
    /// Shop.Orders[0]`. Returns false for any other line.
    fn takes_message(&mut self, text: &str) -> bool {
        let is_category = |name: &String| {
            let number = name.strip_suffix(']').and_then(|name| name.rsplit_once('['));
            !name.contains(' ') && number.is_some_and(|(_, digits)| digits.parse::<u32>().is_ok())
        };
        let announced = self.lane.open.as_ref().and_then(|open| open.announced.as_ref());
        let fits = text.starts_with("      ") && self.is_unnamed();
        let is_message = fits && announced.is_some_and(is_category);
        if is_message {
            self.rename(text.trim());
        }
        is_message
    }

    /// Handles a line below the name of an error that is no frame: a cause, a property, or a
    /// line of the message.
    pub(super) fn detail(&mut self, text: &str) {
        if let Some(cause) = open::cause(text) {
            let boxed = header::find(cause).filter(|header| !header.is_within);
            return self.nest("[cause] ", boxed.map_or(cause, |header| header.text));
        }
        if let (Some(code), Some(open)) = (open::code(text), &mut self.lane.open) {
            // Node indents the properties of an error by two spaces, and those of its cause by more.
            open.set_code(&code, text.starts_with("   "));
        }
        if self.takes_property(text) || self.takes_message(text) {
            return;
        }
        if let Some(open) = &mut self.lane.open {
            open.has_fields &= !text.trim_start_matches('\t').starts_with('}');
            open.has_code |= open::marks_code(text);
            if open.begins_list(text) {
                let within = open.within.take();
                return within.into_iter().for_each(|name| self.rename(&name));
            }
        }
        if self.ends_message(text) {
            return;
        }
        if self.listed(text) || self.branch(text) {
            return;
        }
        let is_next = self.lane.open.as_ref().is_some_and(|open| open.lines == 0);
        let named = spaced_name(text).filter(|_| is_next && self.is_unnamed());
        if let Some((name, code)) = named {
            self.rename(&name);
            if let (Some(code), Some(open)) = (code, &mut self.lane.open) {
                open.set_code(code, false);
            }
            return;
        }
        // The object behind a message may hold the error: `Worker failed {` and `  error: Error: x` below it.
        if let Some(error) = open::property(text).filter(|_| self.has_object()) {
            return self.rename(error);
        }
        let text = text.trim_start().strip_prefix("<rejected> ").unwrap_or(text);
        let named = header::find(text);
        // pino-pretty indents the name of the error as it does the stack.
        if let Some(header) = named.filter(|header| !header.is_within)
            && self.is_unnamed()
        {
            return self.rename(header.text);
        }
        if let Some(header) = named
            && self.lane.open.as_mut().is_some_and(|open| open.takes_listed(text))
        {
            return self.nest("[errors] ", header.text);
        }
        let Some(open) = &mut self.lane.open else { return };
        match open.take(text, named.is_some()) {
            LineRole::Within => {}
            LineRole::Message if open.is_whole_message() => {
                self.close();
                text.trim().clone_into(&mut self.lane.last);
            }
            // pino-pretty indents the fields of an event, of which an error of axios has hundreds.
            LineRole::Message if text.starts_with("    ") && open.announced.is_some() => {
                open.lines = open.lines.max(1);
                open.say(text);
            }
            LineRole::Message if open.lines < open::MESSAGE_LINES => {
                open.lines += 1;
                open.say(text);
            }
            LineRole::Message | LineRole::Behind => {
                self.close();
                text.trim().clone_into(&mut self.lane.last);
            }
        }
    }
}
