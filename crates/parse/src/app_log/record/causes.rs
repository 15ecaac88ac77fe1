//! The causes of an error, which loggers of JSON write as an object within the error (serialize-error, tslog).

use super::{Place, Record};
use crate::app_log::{frame, header};

/// The longest text of all causes of an error, in bytes.
const LONGEST_CAUSES: usize = 64 * 1024;

/// The text before a cause, as Node's console prints it.
const MARK: &str = "\n  [cause]: ";

/// The fields of an error while its cause is read.
#[derive(Default)]
pub(in crate::app_log) struct OuterError {
    class: String,
    error_message: String,
    stack: String,
    within: Vec<String>,
    code: String,
}

impl Record {
    /// Begins the object with the cause of an error. Its fields are read as those of the error, which are returned.
    pub(in crate::app_log) fn begin_cause(&mut self) -> OuterError {
        OuterError {
            class: std::mem::take(&mut self.class),
            error_message: std::mem::take(&mut self.error_message),
            stack: std::mem::take(&mut self.stack),
            within: std::mem::take(&mut self.within),
            code: std::mem::take(&mut self.code),
        }
    }

    /// Ends that object. The cause is kept as the text that Node's console prints below an error.
    pub(in crate::app_log) fn end_cause(&mut self, outer: OuterError) {
        let cause = self.begin_cause();
        (self.class, self.error_message) = (outer.class, outer.error_message);
        (self.stack, self.within, self.code) = (outer.stack, outer.within, outer.code);
        match cause.text() {
            Some(text) => self.put_cause(&text),
            // winston writes only the fields that the program gave to the cause.
            None if self.code.is_empty() => self.code = cause.code,
            None => {}
        }
    }

    /// Puts a cause before its own causes, which were read first.
    pub(super) fn put_cause(&mut self, text: &str) {
        if self.causes.len() + text.len() < LONGEST_CAUSES {
            self.causes.insert_str(0, &format!("{MARK}{text}"));
        }
    }

    /// Keeps the cause of an error that a logger wrote as a text.
    pub(super) fn set_cause(&mut self, place: Place, key: &str, value: &str) {
        if key == "cause" && place.is_below_cause() && header::starts(value) {
            self.put_cause(value);
        }
    }

    /// Takes a cause for the error of the event, when no other field is of an error.
    pub(super) fn use_cause(&mut self) {
        if !self.is_plain() || !self.causes.contains("\n    at ") {
            return;
        }
        let stack = std::mem::take(&mut self.causes);
        self.stack = stack.strip_prefix(MARK).unwrap_or(&stack).to_owned();
    }

    /// Adds the causes to the stack of the error. Without a stack, the name of the error stands above them.
    pub(super) fn add_causes(&mut self) {
        if self.causes.is_empty() || self.is_plain() {
            return;
        }
        if self.stack.is_empty() {
            self.stack = self.error_name();
        }
        // pino's serializer has the causes in the stack already.
        if !self.stack.contains("\ncaused by: ") {
            self.stack.push_str(&self.causes);
        }
    }
}

impl OuterError {
    /// Returns name, stack and code of the error as lines; `None` without a name.
    fn text(&self) -> Option<String> {
        let first = self.stack.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let is_named = !first.is_empty() && frame::of_line(first).is_none();
        let message = self.error_message.lines().next().unwrap_or_default();
        let mut text = match (self.class.as_str(), message) {
            _ if is_named => self.stack.clone(),
            ("", "") => return None,
            ("", message) => format!("{message}{}", self.stack),
            (class, "") => format!("{class}{}", self.stack),
            (class, message) => format!("{class}: {message}{}", self.stack),
        };
        add_within(&mut text, &self.within);
        match self.code.strip_prefix("errno ") {
            _ if self.code.is_empty() => {}
            Some(number) => text.push_str(&format!("\n    errno: {number}")),
            None => text.push_str(&format!("\n    code: '{}'", self.code)),
        }
        Some(text)
    }
}

impl Place {
    /// Returns true for an object whose field `cause` is the cause of an error. winston's `errors({ cause: true })`
    /// writes it into the event.
    pub(in crate::app_log) fn is_below_cause(self) -> bool {
        matches!(
            self,
            Self::Top | Self::Payload | Self::Inner | Self::Error | Self::Values | Self::Message
        )
    }
}

/// Adds the errors of an `AggregateError` to its stack in the form of Node's console, which the reader of stacks knows.
pub(super) fn add_within(stack: &mut String, within: &[String]) {
    if stack.is_empty() || within.is_empty() {
        return;
    }
    stack.push_str(" {\n  [errors]: [");
    for error in within {
        stack.push_str("\n    ");
        stack.push_str(&error.replace('\n', "\n    "));
    }
}
