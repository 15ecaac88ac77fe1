//! Prefixes that stand before every line of a program, in forms that no list knows.
//!
//! `concurrently` writes `[0] `, Turborepo `web:dev: `, stern `pod container `, and a program with
//! several workers what it likes. A prefix is learned from a line in which it stands before a line
//! of a stack, before Nest's `[Nest] 42  - `, before a logger's line of JSON, or before a level.

use super::{block, collected, frame, header, json_line, line, time};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The most prefixes that are kept. A program has one for each of its workers.
const MOST_PREFIXES: usize = 64;
/// The longest prefix, in bytes.
const LONGEST_PREFIX_BYTES: usize = 80;
/// The most words of a prefix. A sentence has more.
const MOST_WORDS: usize = 4;

static FRAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("    at "));
static OBJECT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("{\""));
static NEST: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("[Nest] "));

/// The prefixes of a log, and the line before the current one.
#[derive(Debug, Default)]
pub(super) struct Prefixes {
    known: Vec<String>,
    /// The last line that does not begin with a space.
    previous: String,
    /// The number of that line.
    number: u64,
}

/// A prefix that a line has shown.
#[derive(Debug)]
pub(super) struct LearnedPrefix {
    pub(super) name: String,
    /// The line before it without the prefix, when it had the same one.
    pub(super) previous: Option<String>,
}

impl Prefixes {
    /// Returns the known prefix of a text.
    pub(super) fn find_known(&self, text: &str) -> Option<&str> {
        self.known.iter().map(String::as_str).find(|known| text.starts_with(known))
    }

    /// Learns the prefix of a text, if there is one.
    pub(super) fn learn(&mut self, text: &str) -> Option<LearnedPrefix> {
        if self.known.len() >= MOST_PREFIXES {
            return None;
        }
        let prefix = label(text).or_else(|| find(text))?;
        let previous = self.previous.strip_prefix(prefix).map(str::to_owned);
        self.known.push(prefix.to_owned());
        Some(LearnedPrefix { name: prefix.to_owned(), previous })
    }

    /// Returns true when the line before line `number` is the heading of a table whose second column
    /// begins at `column`: `STATUS  NAME`.
    pub(super) fn is_heading(&self, number: u64, column: usize) -> bool {
        let bytes = self.previous.as_bytes();
        let gap = column.checked_sub(2).and_then(|start| bytes.get(start..column));
        let is_text = |byte: Option<&u8>| byte.is_some_and(|byte| !byte.is_ascii_whitespace());
        self.number + 1 == number
            && gap.is_some_and(|gap| gap == b"  ")
            && is_text(bytes.first())
            && is_text(bytes.get(column))
    }

    /// Keeps line `number` for the next one.
    pub(super) fn keep(&mut self, text: &str, number: u64) {
        self.number = number;
        if self.known.len() < MOST_PREFIXES && !text.starts_with([' ', '\t']) {
            self.previous.clear();
            self.previous.push_str(text);
        }
    }
}

/// Returns the text before a line of a stack, before the start of a line of Nest, or before a
/// logger's line of JSON.
fn find(text: &str) -> Option<&str> {
    let mut length = LONGEST_PREFIX_BYTES.min(text.len());
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    // The text after the prefix shows what it is.
    let head = text.get(..length)?.as_bytes();
    let is_frame = |at: &usize| text.get(*at..).is_some_and(|rest| frame::of_line(rest).is_some());
    let is_nest = |at: &usize| {
        let rest = text.get(at + NEST.needle().len()..).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_object = |at: &usize| {
        let rest = text.get(*at..).unwrap_or_default();
        rest.trim_end().ends_with('}') && json_line::parse(rest).is_some_and(|it| it.is_log())
    };
    let is_deep = FRAME.find(head).filter(is_frame);
    let at = is_deep
        .or_else(|| NEST.find(head).filter(is_nest))
        .or_else(|| OBJECT.find(head).filter(is_object))?;
    let mut prefix = text.get(..at)?;
    // pino-pretty indents a stack by more.
    if is_deep.is_some() && prefix.ends_with("  ") {
        prefix = text.get(..prefix.trim_end().len() + 1)?;
    }
    // Kubernetes' time of the line may stand between the two. Each line has another one.
    let names = prefix.strip_suffix(' ').and_then(|names| names.rsplit_once(' '));
    if let Some((names, word)) = names
        && time::take(word).is_some_and(|(stamp, rest)| stamp.zoned && rest.is_empty())
    {
        prefix = text.get(..=names.len())?;
    }
    let ends = prefix.ends_with([' ', ':', '|', '>', ']', ')']);
    let is_short = prefix.split_whitespace().count() <= MOST_WORDS;
    let fits = ends && is_short && !prefix.starts_with([' ', '\t']);
    // `Error: x     at f (/a.js:1:2)` is an error in one line.
    (fits && header::find(prefix).is_none()).then_some(prefix)
}

/// Returns the label before the line of a logger: before a time and a level, `[api] 2026-11-30 05:53:16
/// error: x`, or before winston's `simple`, `[api] error: x {"code":"E"}`. stern's label is the names of a
/// pod and a container.
fn label(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once(' ')?;
    let is_marked = first.len() > 1 && first.ends_with([']', ':', '|', '>', ')']);
    // A pod of a StatefulSet ends with its number. Only the time behind it shows that it is one.
    let is_name = !is_marked && first.contains('-') && first.chars().all(is_of_pod);
    if !is_marked && !is_name || first.len() > LONGEST_PREFIX_BYTES {
        return None;
    }
    let rest = if is_name { rest.split_once(' ')?.1 } else { rest };
    let line = line::parse(rest);
    let is_simple = || line.alone.is_some() && rest.starts_with(|c: char| c.is_ascii_lowercase());
    // `stern --timestamps` writes Kubernetes' time of the line.
    let is_timed = || time::take(rest).is_some_and(|(stamp, _)| stamp.zoned);
    let is_logger = match is_marked {
        true => {
            let is_first = || first.starts_with('[') || block::split(line.text).is_some();
            line.level.is_some() && (line.stamp.is_some() || is_simple() && is_first())
        }
        false => {
            let is_logged = || line.level.is_some() || collected::is_logfmt(rest);
            is_pod(first) && is_logged() || is_timed()
        }
    };
    let label = text.get(..text.len() - rest.len())?;
    (is_logger && header::find(label).is_none()).then_some(label)
}

/// Returns true for the name of a pod of Kubernetes, which ends with five random characters: the
/// vowels and some digits are not among them.
fn is_pod(word: &str) -> bool {
    const RANDOM: &str = "bcdfghjklmnpqrstvwxz2456789";
    let end = word.rsplit_once('-').map_or("", |(_, end)| end);
    end.len() == 5 && end.chars().all(|c| RANDOM.contains(c)) && word.chars().all(is_of_pod)
}

/// Returns true for a character of the name of a pod.
fn is_of_pod(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

/// Removes the marks of a quotation in Markdown: `> `.
pub(super) fn unquoted(line: &str) -> &str {
    const DEEPEST: usize = 4;
    let mut text = line;
    for _ in 0..DEEPEST {
        let Some(rest) = text.strip_prefix("> ") else { break };
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_stands_before_a_stack_or_a_line_of_nest() {
        for prefix in
            ["[0] ", "[api] ", "web:dev: ", "api-7d9-x api ", "worker 1: ", "app[web.1]: "]
        {
            assert_eq!(find(&format!("{prefix}    at f (/a.js:1:2)")), Some(prefix));
            assert_eq!(find(&format!("{prefix}[Nest] 42  - x")), Some(prefix));
            let json = r#"{"level":50,"time":1795480210395,"msg":"x"}"#;
            assert_eq!(find(&format!("{prefix}{json}")), Some(prefix));
            assert_eq!(find(&format!("{prefix}          at f (/a.js:1:2)")), Some(prefix));
            let timed = format!("{prefix}2026-11-30T05:53:10.200000123Z     at f (/a.js:1:2)");
            assert_eq!(find(&timed), Some(prefix));
            assert_eq!(find(&format!("{prefix}some text")), None);
        }
        for (label_of, text) in [
            ("[api] ", "2026-11-30 05:53:16 error: x"),
            ("[api] ", "info: x"),
            ("web:dev: ", "2026-11-30T05:53:16.864Z ERROR x"),
            ("web: ", "error: x {\"stack\":\"Error: x\"}"),
            ("web-7d9f8b6c5-x2x2x app ", "error: x"),
            ("web-0 app ", "2026-11-30T05:53:10.200000123Z Error: x"),
        ] {
            assert_eq!(label(&format!("{label_of}{text}")), Some(label_of));
        }
        for line in [
            "Note: error: x",
            "TypeError: error: x {\"a\":1}",
            "[api] ERROR x",
            "[api] no error: x",
            "web-7d9f8b6c5-aeiou app error: x",
            "the-first one error: x",
        ] {
            assert_eq!(label(line), None, "{line}");
        }
        for line in [
            "    at f (/a.js:1:2)",
            "Error: x     at f (/a.js:1:2)",
            "it was seen    at night",
            "the error came from there:     at f (/a.js:1:2)",
            "",
        ] {
            assert_eq!(find(line), None, "{line}");
        }
        assert_eq!(unquoted("> > Error: x"), "Error: x");
        assert_eq!(unquoted(">     at f (/a.js:1:2)"), "    at f (/a.js:1:2)");
    }
}
