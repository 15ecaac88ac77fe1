//! What a logger wrote of one event with named fields, whatever the notation.

use super::line::Level;
use super::time::{self, Stamp};

/// The fields of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) level: Option<Level>,
    pub(super) stamp: Option<Stamp>,
    pub(super) message: String,
    /// The error's class, where a field of its own holds it.
    pub(super) class: String,
    /// The error's message, where a field of its own holds it.
    pub(super) error_message: String,
    pub(super) stack: String,
    /// The error's code: `ER_CON_COUNT_ERROR`, or `errno 1040` where only a number is there.
    pub(super) code: String,
    /// The line that a program printed, where docker has packed it.
    pub(super) log: Option<String>,
}

/// The object whose fields are being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The event.
    Top,
    /// An object that was logged as the event's message.
    Message,
    /// The event's error.
    Error,
    /// Any other object.
    Other,
}

impl Place {
    /// The place of the object that `key` holds.
    pub(super) fn below(self, key: &str) -> Self {
        match key {
            "err" | "error" | "exception" if self != Self::Error => Self::Error,
            "message" | "msg" | "@message" if self == Self::Top => Self::Message,
            // winston's logstash format.
            "@fields" if self == Self::Top => Self::Top,
            _ => Self::Other,
        }
    }
}

impl Record {
    /// Takes a field with a text or a number.
    pub(super) fn set(&mut self, place: Place, key: &str, value: &str) {
        if place == Place::Other || value.is_empty() {
            return;
        }
        let top = place == Place::Top;
        let has_stack = value.contains("\n    at ") || value.contains("\n\tat ");
        match key {
            // Winston 3 with an error among its arguments has it twice.
            "stack" | "trace" | "stack_trace" | "stackTrace"
                if self.stack.is_empty() && value != "null" =>
            {
                value.clone_into(&mut self.stack);
            }
            "err" | "error" | "exception" if place != Place::Error => {
                let slot = if has_stack { &mut self.stack } else { &mut self.error_message };
                value.clone_into(slot);
            }
            "type" | "name" if place == Place::Error => value.clone_into(&mut self.class),
            "name" if place == Place::Message && value.ends_with("Error") => {
                value.clone_into(&mut self.class);
            }
            "message" if place == Place::Error => value.clone_into(&mut self.error_message),
            "msg" | "message" | "@message" => value.clone_into(&mut self.message),
            "code" if is_code(value) => value.clone_into(&mut self.code),
            "errno" if self.code.is_empty() && value.parse::<u32>().is_ok() => {
                self.code = format!("errno {value}");
            }
            "level" | "severity" if top => self.level = level(value),
            "time" | "timestamp" | "@timestamp" | "ts" if top => self.stamp = stamp(value),
            "log" if top => self.log = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Ends the record: a stack that stands in the message is its stack.
    pub(super) fn complete(&mut self) {
        if self.stack.is_empty() && self.message.contains("\n    at ") {
            self.stack.clone_from(&self.message);
        }
    }

    /// True when it looks like a logger's.
    pub(super) fn is_log(&self) -> bool {
        self.log.is_some() && self.stamp.is_some()
            || self.level.is_some()
                && (self.stamp.is_some() || !self.message.is_empty() || !self.stack.is_empty())
    }

    /// The name of its error: class and message, or what stands for them.
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

/// True for the code of an error: capitals, digits and underscores, or the five
/// characters of an SQL state.
pub(super) fn is_code(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    (3..=64).contains(&text.len())
        && text.bytes().all(is_part)
        && (text.len() == 5 || text.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// pino's numbers (50 is an error), or a word.
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

/// Reads a time: ISO 8601, or Unix time in seconds, milliseconds, micro- or nanoseconds.
pub(super) fn stamp(value: &str) -> Option<Stamp> {
    if let Some((stamp, _)) = time::take(value).filter(|_| value.contains(':')) {
        return Some(stamp);
    }
    let number: f64 = value.parse().ok()?;
    let scale = match number {
        // 1985 to 2286, in each unit.
        5e8..1e10 => 1e6,
        5e11..1e13 => 1e3,
        5e14..1e16 => 1.0,
        5e17..1e19 => 1e-3,
        _ => return None,
    };
    Some(Stamp { us: (number * scale) as i64, zoned: true })
}
