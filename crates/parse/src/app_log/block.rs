//! Objects that loggers print over several lines. Their lines are gathered until the object
//! ends.

use super::elapsed::{is_elapsed, without_elapsed};
use super::inspect;
use super::json_line;
use super::level::Level;
use super::record::Record;

/// The most lines and bytes of one object. The lines of a longer one are read one by one. An error of
/// axios has 2,100 lines with its request.
const MOST_LINES: u32 = 20_000;
const MOST_BYTES: usize = 1 << 20;
/// The most lines that are tried as the end of one object, because each try reads all of
/// it.
const MOST_TRIES: u32 = 50;

/// An object whose lines are being gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// The level in front of the object, when a logger wrote one.
    pub(super) level: Option<Level>,
    /// The message in front of the object.
    pub(super) message: String,
    pub(super) text: String,
    /// The number of layers (such as docker's JSON) that its lines were packed in.
    pub(super) packed: u8,
    /// The time of its first line, in microseconds since 1970.
    pub(super) time: Option<i64>,
    lines: u32,
    /// The number of lines that were tried as its end.
    tries: u32,
}

impl Block {
    pub(super) fn new(level: Option<Level>, message: &str, text: &str) -> Self {
        let (message, text) = (message.to_owned(), text.to_owned());
        Self { level, message, text, lines: 1, ..Self::default() }
    }

    /// Sets the layers that the object is packed in, and the time of its first line.
    pub(super) fn begun(self, packed: u8, time: Option<i64>) -> Self {
        Self { packed, time, ..self }
    }

    /// Returns true for a line that begins an object of fields: `{`, or `{ level:
    /// 'error',`.
    pub(super) fn begins(line: &str) -> bool {
        let Some(rest) = line.strip_prefix('{') else { return false };
        let rest = rest.trim_end();
        let key = rest.trim_start().split(':').next().unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '@' | '\'');
        rest.is_empty() || rest.contains(": ") && !key.is_empty() && key.chars().all(is_word)
    }

    /// Returns true for a line that begins a list, as NestJS 10 prints it below `Object:`: `[`, `[]`.
    pub(super) fn begins_list(line: &str) -> bool {
        matches!(line.trim_end(), "[" | "[]")
    }

    /// Adds a line; returns false when the object is too long.
    pub(super) fn push(&mut self, line: &str) -> bool {
        self.lines += 1;
        self.text.push('\n');
        self.text.push_str(line);
        self.lines < MOST_LINES && self.text.len() < MOST_BYTES
    }

    /// Returns true when the object ends with the last line.
    ///
    /// An object that begins with a bare `{` ends with a bracket at the start of a line.
    /// For other objects, each line that looks like an end is tried, a bounded number of
    /// times.
    pub(super) fn is_whole(&mut self) -> bool {
        let end = without_elapsed(self.text.trim_end());
        let last = end.rsplit('\n').next().unwrap_or_default();
        let opens_alone =
            self.text.lines().next().is_some_and(|line| line.trim_end().ends_with(['{', '[']));
        let bracket = if self.text.starts_with('[') { ']' } else { '}' };
        let looks_over = end.ends_with(bracket) && (!opens_alone || last.starts_with(bracket));
        if !looks_over || self.tries >= MOST_TRIES {
            return false;
        }
        self.tries += 1;
        self.record().is_some()
    }

    /// Returns the fields of the object. The level and the message in front of it are used
    /// when the object has none.
    pub(super) fn record(&self) -> Option<Record> {
        let mut record = match self.text.starts_with('[') {
            true => self.list()?,
            false => match json_line::parse(without_elapsed(&self.text)) {
                Some(record) => record,
                None => inspect::parse(&self.text).filter(|(_, rest)| is_elapsed(rest))?.0,
            },
        };
        record.level = self.level.or(record.level);
        if self.level.is_some() && self.message.is_empty() {
            record.set_object(without_elapsed(&self.text));
        }
        match record.message.is_empty() || !self.message.ends_with(':') {
            true if self.message.is_empty() => {}
            true => record.message.clone_from(&self.message),
            // `Request failed: {"message":"no board"}` is one sentence.
            false => record.message.insert_str(0, &format!("{} ", self.message)),
        }
        (self.level.is_some() || record.is_log()).then_some(record)
    }
}

impl Block {
    /// Returns the record of a list, whose texts are the message.
    fn list(&self) -> Option<Record> {
        let list = without_elapsed(self.text.trim_end());
        let json = json_line::parse(&format!("{{\"message\":{list}}}"));
        json.or_else(|| inspect::parse(&format!("{{ message: {list} }}")).map(|(record, _)| record))
    }
}

/// Splits a message from the object that a logger prints after it: nest-winston's ` - {`,
/// NestJS's `Object(2) {` and `Array(2) [`, and the JSON of winston's `simple()`.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    // log4js writes an object behind its category.
    if text.trim() == "{" {
        return Some(("", text));
    }
    if let Some(rest) = text.strip_prefix("Object(") {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        return rest.get(digits..)?.starts_with(") {").then_some(("", text));
    }
    if let Some(rest) = text.strip_prefix("Array(") {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        return rest
            .get(digits..)?
            .strip_prefix(") ")
            .filter(|list| list.starts_with('['))
            .map(|list| ("", list));
    }
    let bytes = text.as_bytes();
    let behind = |before: &'static [u8]| {
        move |at: &usize| bytes.get(..*at).is_some_and(|head| head.ends_with(before))
    };
    let brackets = memchr::memchr_iter(b'{', bytes);
    brackets.clone().next()?;
    if let Some(at) = brackets.clone().rev().find(behind(b" - ")) {
        let object = text.get(at + 1..).unwrap_or_default();
        let begins = object.is_empty() || object.starts_with([' ', '"', '}']);
        return begins
            .then(|| (text.get(..at - 3).unwrap_or_default(), text.get(at..).unwrap_or_default()));
    }
    // AWS Lambda puts a tab before the object.
    let is_json = |at: &usize| bytes.get(at + 1) == Some(&b'"');
    let at = (brackets.clone().filter(is_json).find(behind(b" ")))
        .or_else(|| brackets.filter(is_json).find(behind(b"\t")))?
        - 1;
    let (message, object) = text.split_at_checked(at)?;
    let object = object.trim_start();
    json_line::parse(without_elapsed(object)).map(|_| (message, object))
}
