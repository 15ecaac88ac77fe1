//! The named fields that a logger wrote about one event, in any notation.

use super::line::Level;
use super::time::{self, Stamp};

/// The fields of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) level: Option<Level>,
    pub(super) stamp: Option<Stamp>,
    pub(super) message: String,
    /// The error's class, when it has a field of its own.
    pub(super) class: String,
    /// The error's message, when it has a field of its own.
    pub(super) error_message: String,
    pub(super) stack: String,
    /// The stack of the first error within an `AggregateError`, which itself has no message.
    first_within: String,
    /// The error's code: `ER_CON_COUNT_ERROR`, or `errno 1040` when there is only a number.
    pub(super) code: String,
    /// The line that a program printed, which docker has packed into JSON.
    pub(super) log: Option<String>,
    /// True when a field names the container that printed the line.
    is_of_container: bool,
}

/// The object whose fields are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The event itself.
    Top,
    /// An object that was logged as the event's message.
    Message,
    /// The event's error.
    Error,
    /// An error of the list within an `AggregateError`.
    Within,
    /// The event's time in parts.
    Time,
    /// Any other object.
    Other,
}

impl Place {
    /// Returns the place of the object in the field `key`.
    pub(super) fn below(self, key: &str) -> Self {
        match key {
            "err" | "error" | "exception" if self != Self::Error => Self::Error,
            // pino's name, and the property's own.
            "aggregateErrors" | "errors" if self == Self::Error => Self::Within,
            "message" | "msg" | "@message" if self == Self::Top => Self::Message,
            "time" | "timestamp" if self == Self::Top => Self::Time,
            // winston's logstash format has this field.
            "@fields" if self == Self::Top => Self::Top,
            _ => Self::Other,
        }
    }
}

impl Record {
    /// Sets a field with a text or a number.
    pub(super) fn set(&mut self, place: Place, key: &str, value: &str) {
        if place == Place::Other || value.is_empty() {
            return;
        }
        if place == Place::Within {
            if key == "stack" && self.first_within.is_empty() {
                value.clone_into(&mut self.first_within);
            }
            return;
        }
        if place == Place::Time {
            return self.set_time_part(key, value);
        }
        let top = place == Place::Top;
        // Elastic's and Datadog's loggers write `error.stack_trace` as one key.
        let error = key.split_once('.').filter(|_| top);
        if let Some(("err" | "error" | "exception", key)) = error {
            return self.set(Place::Error, key, value);
        }
        let has_stack = value.contains("\n    at ") || value.contains("\n\tat ");
        match key {
            // winston 3 writes the stack twice when an error is among the arguments.
            "stack" | "trace" | "stack_trace" | "stackTrace" | "stacktrace"
                if self.stack.is_empty()
                    && value != "null"
                    && !value.trim_start().starts_with("at ") =>
            {
                value.clone_into(&mut self.stack);
            }
            // AWS Lambda writes a list of lines.
            "stack" | "trace" | "stackTrace" if value.trim_start().starts_with("at ") => {
                self.stack += "\n    ";
                self.stack += value.trim_start();
            }
            "errorType" => value.clone_into(&mut self.class),
            "errorMessage" => value.clone_into(&mut self.error_message),
            "err" | "error" | "exception" if place != Place::Error => {
                let slot = if has_stack { &mut self.stack } else { &mut self.error_message };
                value.clone_into(slot);
            }
            "type" | "name" | "kind" if place == Place::Error => value.clone_into(&mut self.class),
            "name" if place == Place::Message && value.ends_with("Error") => {
                value.clone_into(&mut self.class);
            }
            "message" if place == Place::Error => value.clone_into(&mut self.error_message),
            "msg" | "message" | "@message" => value.clone_into(&mut self.message),
            "code" if is_code(value) => value.clone_into(&mut self.code),
            "errno" if self.code.is_empty() && value.parse::<u32>().is_ok() => {
                self.code = format!("errno {value}");
            }
            "level" | "severity" | "log.level" | "severityText" | "severity_text" if top => {
                self.level = level(value)
            }
            "time" | "timestamp" | "@timestamp" | "ts" | "__REALTIME_TIMESTAMP" if top => {
                self.stamp = stamp(value);
            }
            // Fluent Bit writes the time as `date`, and FireLens on ECS writes none.
            "date" if top && self.stamp.is_none() => self.stamp = stamp(value),
            "container_name" | "container_id" if top => self.is_of_container = true,
            "log" | "textPayload" if top => self.log = Some(value.to_owned()),
            // journald and Loki's client.
            "MESSAGE" | "line" if top && self.message.is_empty() => {
                value.clone_into(&mut self.message);
            }
            _ => {}
        }
    }

    /// Sets seconds or nanoseconds of the event's time, as Google Cloud's loggers write it.
    fn set_time_part(&mut self, key: &str, value: &str) {
        let before = self.stamp.map_or(0, |stamp| stamp.us);
        let us = match (key, value.parse::<f64>()) {
            ("seconds", Ok(seconds)) if (5e8..1e10).contains(&seconds) => (seconds * 1e6) as i64,
            ("nanos", Ok(nanos)) if (0.0..1e9).contains(&nanos) => (nanos / 1e3) as i64,
            _ => return,
        };
        self.stamp = Some(Stamp { us: before.saturating_add(us), zoned: true });
    }

    /// Completes the record. When the message contains a stack, it becomes the record's stack. A
    /// message without a level is what a program printed: PM2, journald and Filebeat pack lines in
    /// this way.
    pub(super) fn complete(&mut self) {
        let is_bare = self.level.is_none()
            && self.stack.is_empty()
            && self.class.is_empty()
            && self.error_message.is_empty();
        if is_bare && self.log.is_none() && self.stamp.is_some() && !self.message.is_empty() {
            self.log = Some(std::mem::take(&mut self.message));
        }
        if self.stack.is_empty() && self.message.contains("\n    at ") {
            self.stack.clone_from(&self.message);
        }
        // Node's console writes the list in this form, which the reader of stacks knows.
        if !self.stack.is_empty() && !self.first_within.is_empty() {
            self.stack += " {\n  [errors]: [\n    ";
            self.stack += &self.first_within.replace('\n', "\n    ");
        }
    }

    /// Returns true when the record looks like a logger's.
    pub(super) fn is_log(&self) -> bool {
        self.is_of_container && self.log.is_some()
            || self.stamp.is_some() && (self.log.is_some() || self.stack.contains("\n    at "))
            || self.level.is_some()
                && (self.stamp.is_some() || !self.message.is_empty() || !self.stack.is_empty())
    }

    /// Returns the name of the error: class and message, or the texts that are used in
    /// their place.
    pub(super) fn error_name(&self) -> String {
        let named = match (self.class.as_str(), self.error_message.as_str()) {
            ("", message) => message.to_owned(),
            (class, "") => class.to_owned(),
            (class, message) => format!("{class}: {message}"),
        };
        let name = [&named, &self.message, &self.code].into_iter().find(|text| !text.is_empty());
        name.and_then(|name| name.lines().next()).unwrap_or("(no message)").to_owned()
    }
}

/// Returns true for an error code: capitals, digits and underscores, or the five characters
/// of an SQL state.
pub(super) fn is_code(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    (3..=64).contains(&text.len())
        && text.bytes().all(is_part)
        && (text.len() == 5 || text.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Reads a level: a word, or one of pino's numbers (50 is an error).
fn level(value: &str) -> Option<Level> {
    if let Ok(number) = value.parse::<f64>() {
        return Some(if number >= 50.0 { Level::Error } else { Level::Other });
    }
    let word = value.to_ascii_lowercase();
    let errors = ["error", "fatal", "crit", "emerg", "alert", "severe", "panic"];
    match errors.iter().any(|error| word.contains(error)) {
        true => Some(Level::Error),
        false => (!word.is_empty()).then_some(Level::Other),
    }
}

/// Reads a time: ISO 8601, or Unix time in seconds, milliseconds, microseconds or
/// nanoseconds.
pub(super) fn stamp(value: &str) -> Option<Stamp> {
    if let Some((stamp, _)) = time::take(value).filter(|_| value.contains(':')) {
        return Some(stamp);
    }
    let number: f64 = value.parse().ok()?;
    let scale = match number {
        // These ranges are the years 1985 to 2286, in each unit.
        5e8..1e10 => 1e6,
        5e11..1e13 => 1e3,
        5e14..1e16 => 1.0,
        5e17..1e19 => 1e-3,
        _ => return None,
    };
    Some(Stamp { us: (number * scale) as i64, zoned: true })
}
