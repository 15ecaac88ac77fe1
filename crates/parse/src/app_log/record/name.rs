//! The name of the error that a record holds.

use super::{NO_MESSAGE, Place, Record};
use crate::app_log::{frame, header};

impl Record {
    /// Keeps the stack of an error in an object below a key of the program's own.
    pub(super) fn set_other_stack(&mut self, place: Place, key: &str, value: &str) {
        let is_stack = place == Place::Other && key == "stack" && self.other_stack.is_empty();
        if is_stack && header::starts(value) && value.contains("\n    at ") {
            value.clone_into(&mut self.other_stack);
        }
    }

    /// Takes such a stack for that of the event, when no other field is of an error.
    pub(super) fn use_other_stack(&mut self) {
        if !self.other_stack.is_empty() && self.is_plain() {
            self.stack = std::mem::take(&mut self.other_stack);
        }
    }

    /// Adds a member of the message whose value is neither text nor number: `false`, `null`, `[…]`, `{…}`.
    pub(in crate::app_log) fn set_member(&mut self, place: Place, key: &str, value: &str) {
        if place == Place::Message {
            self.members.add(key, value);
        }
    }

    /// Takes the text of an object that a logger wrote behind the level of a line.
    pub(in crate::app_log) fn set_object(&mut self, text: &str) {
        self.members.take(text);
    }

    /// Returns true for a message that is an error as Node prints it, whose frames are those of the errors or the
    /// cause within it: `[AggregateError: x] {` with `[errors]: [` below.
    pub(super) fn is_of_inspect(&self) -> bool {
        let is_marked = |mark: &str| self.message.contains(mark);
        self.message.starts_with('[')
            && (is_marked("\n  [errors]: [") || is_marked("\n  [cause]: "))
            && header::find(self.message.lines().next().unwrap_or_default()).is_some()
    }

    /// Returns true when the stack has no error above it, or only a bare `Error`, as `new Error().stack` has it.
    pub(in crate::app_log) fn has_bare_trace(&self) -> bool {
        let first = self.stack.trim_start().lines().next().unwrap_or_default().trim();
        self.class.is_empty()
            && self.error_message.is_empty()
            && (matches!(first, "Error" | "Error:")
                || frame::of_line(&format!("    {first}")).is_some())
    }

    /// Returns the name of the error: class and message, or the texts that are used in
    /// their place.
    pub(in crate::app_log) fn error_name(&self) -> String {
        let named = match (self.class.as_str(), self.error_message.as_str()) {
            ("", status) if self.is_answer && !status.is_empty() && !self.message.is_empty() => {
                format!("{status}: {}", self.message)
            }
            // A bare text beside the message, such as `timeout`, stands for many failures.
            ("", text)
                if self.stack.is_empty() && is_sentence(&self.message) && is_remark(text) =>
            {
                match text.starts_with("[object") || self.message.contains(text) {
                    true => self.message.clone(),
                    false => format!("{}: {text}", self.message),
                }
            }
            ("", message) => message.to_owned(),
            // winston's JSON keeps of an error only its own fields, such as the name.
            (_, "") if self.stack.is_empty() && !self.message.is_empty() => self.message.clone(),
            (class, "") => class.to_owned(),
            (class, message) => format!("{class}: {message}"),
        };
        let object = self.members.object();
        let texts = [&named, &self.message, &self.code, &object];
        let name = texts.into_iter().find(|text| !text.is_empty());
        let none = match self.has_empty_error {
            true => "(an error that was logged as {})",
            false => NO_MESSAGE,
        };
        name.and_then(|name| name.lines().next()).unwrap_or(none).to_owned()
    }
}

/// Returns true for the message of a logger that names a failure in words of its own: `Failed to write`.
fn is_sentence(message: &str) -> bool {
    message.trim_end().contains(' ') && !message.contains(['\n', '{'])
}

/// Returns true for the text of an error beside such a message that is no name of a class with its message.
fn is_remark(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\n', '{']) && !text.contains("Error: ")
}
