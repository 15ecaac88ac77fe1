//! Lines that a container's runtime split because they are longer than its buffer, usually of 16 KiB.
//!
//! Kubernetes' files mark each part (`stdout P text`, and the last one `stdout F text`), collectors keep
//! that mark in a field, and Docker's files leave out the line break at the end of a part.

use super::record::Record;
use hashbrown::HashMap;

/// The reason for the loss of a line.
pub(super) const LONG: &str = "a line longer than 8 MiB";

/// The bytes of all parts that are held. Lines that are longer are lost, as in a file without parts.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most lines of which parts are held; lines of further streams are not joined.
const MOST_LINES: usize = 1_000;
/// The bytes of a part in Docker's files.
const PART_BYTES: usize = 16 * 1024;

/// A line or one of its parts, after the parts before it were looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum JoinOutcome {
    /// The line is whole as it is.
    Whole,
    /// The part is kept until the last one comes.
    Held,
    /// The parts of a line.
    Line(String),
    /// The line ended and was too long to be kept.
    Long,
}

/// The parts of lines whose last part is still to come.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The texts by their streams; `None` for a line that is too long.
    open: HashMap<String, Option<String>>,
    bytes: usize,
    /// True after a record whose text ends with a line break, as Docker writes a whole line.
    has_breaks: bool,
    /// True when whole lines are written without their line breaks.
    is_bare: bool,
}

impl Parts {
    /// Takes a line as Kubernetes writes it; `stream` is the one that the file belongs to.
    pub(super) fn line(&mut self, stream: &str, raw: &str) -> JoinOutcome {
        let Some(part) = part_of(raw) else { return JoinOutcome::Whole };
        if !part.is_part && self.open.is_empty() {
            return JoinOutcome::Whole;
        }
        let key = format!("{stream}\n{}", part.source);
        let text = if self.open.contains_key(&key) { part.text } else { raw };
        self.take(key, text, part.is_part)
    }

    /// Takes the text that a program printed from a record of Docker or of a collector.
    pub(super) fn record(&mut self, stream: &str, record: &Record) -> JoinOutcome {
        let Some(text) = &record.log else { return JoinOutcome::Whole };
        let is_part = record.part.is_part().unwrap_or_else(|| self.is_full(text));
        if !is_part && self.open.is_empty() {
            return JoinOutcome::Whole;
        }
        self.take(format!("{stream}\n{}", record.part.source()), text, is_part)
    }

    /// Returns the texts of the lines whose last part never came, in the order of their streams, and the
    /// number of those that are too long.
    pub(super) fn close(&mut self) -> (Vec<String>, u64) {
        let mut open: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        open.sort_unstable();
        let count = open.len();
        let texts: Vec<String> = open.into_iter().filter_map(|(_, text)| text).collect();
        let long = count - texts.len();
        (texts, long as u64)
    }

    /// Returns true for a text without a line break that fills Docker's buffer, in a log whose whole
    /// lines may have one.
    fn is_full(&mut self, text: &str) -> bool {
        if text.ends_with('\n') {
            self.has_breaks = true;
            return false;
        }
        if text.len() < PART_BYTES {
            self.is_bare |= !self.has_breaks;
            return false;
        }
        // A character that the cut divides is replaced by one of three bytes for each of its bytes.
        let replaced = text.matches(char::REPLACEMENT_CHARACTER).count();
        !self.is_bare && text.len().saturating_sub(2 * replaced) <= PART_BYTES
    }

    fn take(&mut self, key: String, text: &str, is_part: bool) -> JoinOutcome {
        let Some(open) = self.open.get_mut(&key) else {
            if !is_part || self.open.len() >= MOST_LINES {
                return JoinOutcome::Whole;
            }
            let text = (self.bytes + text.len() <= MOST_BYTES).then(|| text.to_owned());
            self.bytes += text.as_ref().map_or(0, String::len);
            self.open.insert(key, text);
            return JoinOutcome::Held;
        };
        if let Some(held) = open {
            let before = held.len();
            match self.bytes + text.len() <= MOST_BYTES {
                true => held.push_str(text),
                false => *open = None,
            }
            self.bytes = self.bytes - before + open.as_ref().map_or(0, String::len);
        }
        if is_part {
            return JoinOutcome::Held;
        }
        let whole = self.open.remove(&key).flatten();
        self.bytes -= whole.as_ref().map_or(0, String::len);
        whole.map_or(JoinOutcome::Long, JoinOutcome::Line)
    }
}

/// Returns true for the first or a middle part of a line in a file of Kubernetes.
pub(super) fn is_part(raw: &str) -> bool {
    part_of(raw).is_some_and(|part| part.is_part)
}

/// A line of a file of Kubernetes.
struct LinePart<'a> {
    source: &'a str,
    is_part: bool,
    text: &'a str,
}

/// Splits `2026-11-29T10:00:00.123456780Z stdout P text`. Further tags may follow the first one behind
/// colons.
fn part_of(raw: &str) -> Option<LinePart<'_>> {
    const LONGEST_TIME: usize = "2026-11-29T10:00:00.123456780+00:00".len();
    if !raw.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let head = raw.as_bytes().get(..=LONGEST_TIME).unwrap_or(raw.as_bytes());
    let rest = raw.get(memchr::memchr(b' ', head)? + 1..)?;
    let (source, rest) = rest.split_at_checked("stdout".len())?;
    let rest = rest.strip_prefix(' ').filter(|_| matches!(source, "stdout" | "stderr"))?;
    let (tags, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_part = match tags.split(':').next()? {
        "P" => true,
        "F" => false,
        _ => return None,
    };
    Some(LinePart { source, is_part, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(parts: &mut Parts, text: &str) -> JoinOutcome {
        parts.line("", &format!("2026-11-29T10:00:00.1Z {text}"))
    }

    #[test]
    fn parts_of_a_line_are_joined_in_their_stream() {
        let mut parts = Parts::default();
        assert_eq!(line(&mut parts, "stdout F whole"), JoinOutcome::Whole);
        for part in ["stdout P Error: ", "stderr P Type", "stdout P bo", "stderr P:x Error: "] {
            assert_eq!(line(&mut parts, part), JoinOutcome::Held, "{part}");
        }
        let joined = |text: &str| JoinOutcome::Line(format!("2026-11-29T10:00:00.1Z {text}"));
        assert_eq!(line(&mut parts, "stdout F om"), joined("stdout P Error: boom"));
        assert_eq!(line(&mut parts, "stdout F om"), JoinOutcome::Whole);
        assert_eq!(line(&mut parts, "stderr F"), joined("stderr P TypeError: "));
        assert_eq!(line(&mut parts, "stdout X text"), JoinOutcome::Whole);
        assert_eq!((parts.bytes, parts.open.len()), (0, 0));
    }

    #[test]
    fn the_memory_of_parts_is_bounded() {
        let mut parts = Parts::default();
        let part = format!("stdout P {}", "x".repeat(PART_BYTES));
        for _ in 0..2 * MOST_BYTES / PART_BYTES {
            assert_eq!(line(&mut parts, &part), JoinOutcome::Held);
            assert!(parts.bytes <= MOST_BYTES);
        }
        assert_eq!(line(&mut parts, "stdout F x"), JoinOutcome::Long);
        assert_eq!(line(&mut parts, &part), JoinOutcome::Held);
        assert!(matches!(line(&mut parts, "stdout F x"), JoinOutcome::Line(_)));
        for stream in 0..2 * MOST_LINES {
            parts.line(&stream.to_string(), "2026-11-29T10:00:00.1Z stdout P x");
        }
        assert_eq!(parts.close().0.len(), MOST_LINES);
    }
}
