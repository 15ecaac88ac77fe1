//! The named fields that a logger wrote about one event, in any notation.

mod causes;
mod fields;
mod insights;
mod items;
mod members;
mod name;
mod part;
mod place;
mod source;

use super::frame;
use super::level::{self, Level};
use super::time::{self, Stamp};
use members::Members;
use part::PartFields;
pub(super) use place::Place;
use place::Rank;

/// The most errors within an `AggregateError` whose stacks are kept.
const MOST_WITHIN: usize = 10;

/// The name of an error of a record without any text.
pub(super) const NO_MESSAGE: &str = "(no message)";

/// The fields of one event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) level: Option<Level>,
    /// The rank of the field that the level is from: of its place, and of its name there.
    rank: (Rank, u8),
    /// The level that the service gave to the line. It is from the stream that the line was printed
    /// to, and no logger's.
    pub(super) outer: Option<Level>,
    /// True for an entry of a service, which has fields of its own beside those of the program.
    is_entry: bool,
    pub(super) stamp: Option<Stamp>,
    pub(super) message: String,
    /// The error's class, when it has a field of its own.
    pub(super) class: String,
    /// The error's message, when it has a field of its own.
    pub(super) error_message: String,
    pub(super) stack: String,
    /// The stack in an object below any other key: `{ e: error }`.
    other_stack: String,
    /// The causes of the error as lines, which belong below its stack.
    causes: String,
    /// The stacks of the errors within an `AggregateError`, which itself has no message.
    within: Vec<String>,
    /// The error's code: `ER_CON_COUNT_ERROR`, or `errno 1040` when there is only a number.
    pub(super) code: String,
    /// The line that a program printed, which docker has packed into JSON.
    pub(super) log: Option<String>,
    /// The container or the process that printed that line, by the fields of a collector. The lines of
    /// several may alternate.
    pub(super) source: String,
    /// The fields of a line that was split into parts.
    pub(super) part: PartFields,
    /// True when a field names the container that printed the line.
    is_of_container: bool,
    /// True for a record of Graylog (GELF), whose levels are those of syslog.
    is_graylog: bool,
    /// The messages of such a record, and the levels, which have a meaning only there: that of
    /// syslog, which is often the stream's, and a word for the level that the logger wrote.
    graylog: (String, String, Option<f64>, Option<Level>),
    log4js: Log4js,
    /// True when the level is a number below 10, which each logger counts in a way of its own.
    pub(super) is_odd: bool,
    /// A text in a field that some programs have in place of a message, when they name none of the usual keys.
    other_text: String,
    /// The members of an object that was logged as the message.
    members: Members,
    /// The word for a level that no logger is known to have; empty for any other level.
    pub(super) unknown_level: String,
    /// True when the logger wrote an error as an object without fields.
    has_empty_error: bool,
    /// True for a record of Serilog, which writes no level for information.
    is_serilog: bool,
    /// The status of the request that a service logged: of HTTP, or how AWS Lambda ended it.
    request_status: String,
    /// True for the answer of NestJS to a request that failed: `error` is then the name of its status.
    is_answer: bool,
    /// True for the report that AWS Lambda writes at the end of a request.
    is_report: bool,
}

/// The fields of log4js, which have a meaning only with the object that it writes as the level.
#[derive(Clone, Debug, Default, PartialEq)]
struct Log4js {
    is_ours: bool,
    start: Option<Stamp>,
    /// The texts that were logged.
    data: String,
}

impl Record {
    /// Makes the record of an entry of a service, without fields.
    pub(super) fn entry(stamp: Option<Stamp>) -> Self {
        Self { is_entry: true, stamp, ..Self::default() }
    }

    /// Sets a field with a text or a number.
    pub(super) fn set(&mut self, place: Place, key: &str, value: &str) {
        if matches!(place, Place::Top | Place::Other) {
            self.part.set(key, value);
        }
        if place == Place::Message {
            self.members.add_text(key, value);
        }
        self.set_source(place, key, value);
        self.set_other_stack(place, key, value);
        self.set_cause(place, key, value);
        if self.set_exception(place, key, value) {
            return;
        }
        if place == Place::Other || value.is_empty() {
            return;
        }
        if place == Place::Within {
            if key == "stack" && self.within.len() < MOST_WITHIN {
                self.within.push(value.to_owned());
            }
            return;
        }
        if place == Place::Constraints {
            let before = std::mem::replace(&mut self.message, value.to_owned());
            return self.join_item(before);
        }
        if place == Place::Time {
            return self.set_time_part(key, value);
        }
        if place == Place::Level {
            // log4js writes a number on a scale of its own beside the name.
            self.log4js.is_ours |= key == "levelStr";
            if matches!(key, "levelStr" | "name" | "label") {
                self.set_level("level", value, Rank::Own);
            }
            return;
        }
        if place == Place::Beside {
            if key == "date" && self.stamp.is_none() {
                self.stamp = stamp(value);
            }
            return self.set_level(key, value, Rank::Beside);
        }
        if place == Place::Frame {
            return self.set_frame(key, value);
        }
        if matches!(place, Place::Request | Place::Report) {
            if key == "status" {
                value.clone_into(&mut self.request_status);
            }
            return;
        }
        let top = matches!(place, Place::Top | Place::Payload | Place::Inner);
        if top
            && self.is_entry
            && place != Place::Payload
            && key == "status"
            && value.parse::<f64>().is_err()
        {
            self.outer = level::of_word(value);
            return;
        }
        if top {
            let rank = match place {
                Place::Inner => Rank::Inner,
                Place::Payload => Rank::Payload,
                _ => Rank::Own,
            };
            self.set_level(key, value, rank);
        }
        // Elastic's and Datadog's loggers write `error.stack_trace` as one key.
        let error = key.split_once('.').filter(|_| top);
        if let Some(("err" | "error" | "exception", key)) = error {
            return self.set(Place::Error, key, value);
        }
        // Ts.ED's logger has them in keys of this form.
        if let Some(key @ ("name" | "message" | "stack")) =
            key.strip_prefix("error_").filter(|_| top || place == Place::Message)
        {
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
            // NestJS takes a stack below a message of several lines for the name of a context.
            "context" if top && has_stack && self.stack.is_empty() => {
                value.clone_into(&mut self.stack);
            }
            "statusCode" if place != Place::Error => self.is_answer = true,
            "errorType" => value.clone_into(&mut self.class),
            "errorMessage" => value.clone_into(&mut self.error_message),
            "err" | "error" | "exception" if place != Place::Error => {
                let slot = if has_stack { &mut self.stack } else { &mut self.error_message };
                value.clone_into(slot);
            }
            "error" if place == Place::Error && self.error_message.is_empty() => {
                value.clone_into(&mut self.error_message);
            }
            "type" | "name" | "kind" if place == Place::Error => value.clone_into(&mut self.class),
            "name" if place == Place::Message && value.ends_with("Error") => {
                value.clone_into(&mut self.class);
            }
            "message" if place == Place::Error => value.clone_into(&mut self.error_message),
            "name" if place == Place::Values && value.ends_with("Error") => {
                value.clone_into(&mut self.class);
            }
            "message" if place == Place::Values && !self.class.is_empty() => {
                value.clone_into(&mut self.error_message);
            }
            "msg" | "message" | "@message"
                if !matches!(place, Place::Inner | Place::Values) || self.message.is_empty() =>
            {
                value.clone_into(&mut self.message);
            }
            "code" | "state_code" if is_code(value) => value.clone_into(&mut self.code),
            "errno" if self.code.is_empty() && value.parse::<u32>().is_ok() => {
                self.code = format!("errno {value}");
            }
            "time"
            | "timestamp"
            | "@timestamp"
            | "ts"
            | "__REALTIME_TIMESTAMP"
            | "@t"
            | "TimeGenerated"
            | "TimeStamp"
            | "Timestamp"
            | "asctime"
            | "datetime"
                if top =>
            {
                self.is_serilog |= key == "@t";
                let known = self.stamp.filter(|_| place == Place::Inner);
                self.stamp = known.or_else(|| stamp(value)).or(self.stamp);
            }
            // Fluent Bit writes the time as `date`, log15 as `t`, Axiom as `_time`, Better Stack as `dt`.
            "date" | "t" | "receiveTimestamp" | "_time" | "dt" if top && self.stamp.is_none() => {
                self.stamp = stamp(value)
            }
            "container_name" | "container_id" if top => self.is_of_container = true,
            "stream" if top && matches!(value, "stdout" | "stderr") => self.is_of_container = true,
            "version" if top && matches!(value, "1.0" | "1.1") => self.is_graylog = true,
            "short_message" if top => value.clone_into(&mut self.graylog.0),
            "full_message" if top && has_stack => value.clone_into(&mut self.graylog.1),
            // OpenTelemetry writes the type of a text before it.
            "stringValue" if place == Place::Message => value.clone_into(&mut self.message),
            "timeUnixNano" | "observedTimeUnixNano" if top && self.stamp.is_none() => {
                self.stamp = stamp(value);
            }
            "log" | "textPayload" | "Log" | "LogEntry" | "Log_s" | "resultDescription"
            | "ResultDescription"
                if top =>
            {
                self.log = Some(value.to_owned());
            }
            // journald, Loki's client, Azure, OpenTelemetry, and the values that tslog and consola
            // list.
            "MESSAGE" | "line" | "LogMessage" | "Message" | "body" | "Body" | "0" | "1"
            | "args" | "@m" | "@mt"
                if top && self.message.is_empty() =>
            {
                value.clone_into(&mut self.message);
            }
            // consola has the name of a level beside its number.
            "type" if top && !self.is_entry && self.rank.0 == Rank::Nothing && is_label(value) => {
                self.level = level::of_word(value);
                self.rank = (Rank::Kind, 0);
            }
            // Datadog's name of the level.
            "status" if top && self.rank.0 == Rank::Nothing && level::is_name(value) => {
                self.level = level::of_word(value);
                self.rank = (Rank::Kind, 0);
            }
            "type" if place == Place::Top && value == "platform.report" => self.is_report = true,
            "startTime" if place == Place::Top => self.log4js.start = stamp(value),
            "data" if place == Place::Top => {
                let gap = if self.log4js.data.is_empty() { "" } else { " " };
                self.log4js.data.push_str(gap);
                self.log4js.data.push_str(value);
            }
            "@x" if top && self.stack.is_empty() => value.clone_into(&mut self.stack),
            // Sentry's name of an error's message.
            "value" if place == Place::Error => value.clone_into(&mut self.error_message),
            _ if top && self.other_text.is_empty() && is_text(key) => {
                value.clone_into(&mut self.other_text);
            }
            _ => {}
        }
    }

    /// Notes an object without fields. `JSON.stringify` writes an error in this way.
    pub(super) fn set_empty(&mut self, place: Place, key: &str) {
        let is_event = matches!(place, Place::Top | Place::Payload | Place::Inner);
        let names = ["err", "error", "exception", "data", "message", "msg", "0", "args"];
        self.has_empty_error |= is_event && names.contains(&key);
    }

    /// Completes the record. When the message contains a stack, it becomes the record's stack. A
    /// message without a level is what a program printed: PM2, journald and Filebeat pack lines in
    /// this way.
    pub(super) fn complete(&mut self) {
        self.use_cause();
        self.use_other_stack();
        if self.level.is_some() && self.message.is_empty() && self.is_plain() {
            self.message = std::mem::take(&mut self.other_text);
        }
        if self.log4js.is_ours {
            self.stamp = self.stamp.or(self.log4js.start);
            if self.message.is_empty() {
                self.message = std::mem::take(&mut self.log4js.data);
            }
        }
        // A collector's level, or one of an object beside the message, may stand before a line that
        // has its own.
        let is_collected = self.is_entry || self.rank.0 < Rank::Own;
        let is_bare = (self.level.is_none() || is_collected) && self.is_plain();
        let is_json = || self.is_entry && self.message.trim_start().starts_with('{');
        if (is_bare || is_json())
            && self.log.is_none()
            && self.stamp.is_some()
            && !self.message.is_empty()
        {
            self.log = Some(std::mem::take(&mut self.message));
        }
        if self.is_graylog && !self.graylog.0.is_empty() {
            let (short, full, number, word) = std::mem::take(&mut self.graylog);
            let of = |number| if number <= 3.0 { Level::Error } else { Level::Other };
            self.level = word.or(number.map(of)).or(self.level);
            // Docker's driver writes the line that the program printed.
            match full.is_empty() && self.stack.is_empty() {
                true => (self.log, self.is_of_container) = (Some(short), true),
                false => self.message = short,
            }
            if !full.is_empty() {
                self.stack = full;
            }
        } else {
            self.is_graylog = false;
        }
        self.is_odd &= self.level.is_none() && !self.is_graylog;
        if self.is_serilog && self.level.is_none() {
            self.level = Some(Level::Other);
        }
        if self.log.is_some() {
            self.outer = self.level.or(self.outer);
        } else if self.level.is_none() {
            self.level = self.outer;
        }
        // Lambda has no other line about a request that took too long.
        if self.is_report && self.request_status == "timeout" {
            self.level = Some(Level::Error);
            "Task timed out".clone_into(&mut self.message);
        }
        // An entry about a request has no text.
        let is_failed = self.level == Some(Level::Error) && !self.request_status.is_empty();
        if is_failed && !self.has_text() {
            "an HTTP request failed".clone_into(&mut self.message);
        }
        if self.stack.is_empty() && (self.message.contains("\n    at ") || self.is_of_inspect()) {
            self.stack.clone_from(&self.message);
        }
        causes::add_within(&mut self.stack, &self.within);
        self.add_causes();
    }

    /// Returns true when the record has a stack with frames.
    pub(super) fn has_stack(&self) -> bool {
        self.stack.lines().any(|line| frame::of_line(line).is_some())
    }

    /// Returns true when the record has a text and no level: an object that a program logged.
    pub(super) fn is_object(&self) -> bool {
        self.level.is_none() && (self.log.is_some() || self.has_text())
    }

    /// Returns the record of an object that a program logged as an error.
    pub(super) fn into_error(mut self) -> Self {
        self.message = self.log.take().unwrap_or(self.message);
        Self { level: Some(Level::Error), ..self }
    }

    /// Returns true when no field is of an error.
    pub(super) fn is_plain(&self) -> bool {
        [&self.stack, &self.class, &self.error_message, &self.code].iter().all(|it| it.is_empty())
    }

    /// Takes the message as the line that a program printed, for a record whose time stands before it.
    pub(super) fn unpack(&mut self) {
        if self.level.is_none() && self.is_plain() && !self.message.is_empty() {
            self.log = Some(std::mem::take(&mut self.message));
        }
    }

    /// Returns the record with its message as the line that a program printed, and its level as the
    /// collector's.
    pub(super) fn as_line(&self) -> Self {
        Self { log: Some(self.message.clone()), outer: self.level, ..self.clone() }
    }

    /// Returns true when the record looks like a logger's.
    pub(super) fn is_log(&self) -> bool {
        self.is_of_container && self.log.is_some()
            || self.stamp.is_some() && (self.log.is_some() || self.stack.contains("\n    at "))
            || self.level.is_some()
                && (self.stamp.is_some() || !self.message.is_empty() || !self.stack.is_empty())
    }

    /// Returns true when the record has any text of an event.
    pub(super) fn has_text(&self) -> bool {
        [&self.message, &self.stack, &self.class, &self.error_message]
            .iter()
            .any(|text| !text.is_empty())
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

/// Returns true for a key under which programs log their message when it is none of the usual ones.
fn is_text(key: &str) -> bool {
    matches!(
        key,
        "text"
            | "event"
            | "description"
            | "details"
            | "detail"
            | "reason"
            | "title"
            | "content"
            | "eventMessage"
            | "log_message"
            | "logMessage"
            | "m"
            | "M"
            | "Msg"
            | "MSG"
            | "summary"
            | "error_description"
    )
}

/// Returns true for the name of a level of consola.
fn is_label(text: &str) -> bool {
    ["fatal", "error", "fail", "warn", "info", "success", "debug", "trace", "verbose"]
        .contains(&text)
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
