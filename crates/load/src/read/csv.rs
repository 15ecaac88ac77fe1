//! Rows of delimited text.

use std::borrow::Cow;

/// Largest size in bytes of a row over several lines. A longer one is lost.
pub(crate) const LONGEST_ROW: usize = 64 * 1024;

/// The reason for the loss of a row over several lines.
pub(crate) const OPEN: &str = "a row with a quote that is not closed";

/// Returns true when every quote of `text` is closed.
pub(crate) fn is_whole(text: &[u8]) -> bool {
    count(text, b'"').is_multiple_of(2)
}

/// Returns how often `wanted` is in `text`. For text as short as a row, this is faster than a search.
pub(crate) fn count(text: &[u8], wanted: u8) -> usize {
    // A part is counted in a byte, so that many bytes are compared at once.
    let part = |part: &[u8]| part.iter().fold(0_u8, |sum, byte| sum + u8::from(*byte == wanted));
    text.chunks(255).map(|chunk| usize::from(part(chunk))).sum()
}

/// The fields of a row.
pub(crate) struct Cells<'a>(pub(crate) Vec<Cow<'a, [u8]>>);

impl Cells<'_> {
    /// Returns the content of a field; empty when the row has no such field.
    pub(crate) fn bytes(&self, at: usize) -> &[u8] {
        self.0.get(at).map_or(&b""[..], |field| field.trim_ascii())
    }

    pub(crate) fn text(&self, at: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(at))
    }

    /// Returns a number that is neither infinite nor negative.
    pub(crate) fn number(&self, at: usize) -> Option<f64> {
        let value: f64 = std::str::from_utf8(self.bytes(at)).ok()?.parse().ok()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    }
}

/// Splits a row into its fields. Quoted fields may contain the delimiter, line breaks and doubled
/// quotes. Returns `None` when a quote is not closed.
pub(crate) fn split(row: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    let mut fields = Vec::new();
    let mut rest = row;
    loop {
        let quoted = rest.first() == Some(&b'"');
        let end = if quoted { closing(rest)? + 1 } else { 0 };
        let length = memchr::memchr(delimiter, rest.get(end..)?).map(|at| end + at);
        let field = rest.get(..length.unwrap_or(rest.len()))?;
        let inside =
            field.strip_prefix(b"\"").and_then(|field| field.trim_ascii_end().strip_suffix(b"\""));
        fields.push(match inside {
            Some(inside) if memchr::memchr(b'"', inside).is_some() => Cow::Owned(undouble(inside)),
            Some(inside) => Cow::Borrowed(inside),
            None => Cow::Borrowed(field),
        });
        match length {
            Some(length) => rest = rest.get(length + 1..)?,
            None => return Some(fields),
        }
    }
}

/// A row with a quote that is not closed yet.
#[derive(Default)]
pub(crate) struct OpenRow {
    row: Vec<u8>,
    first: u64,
    lines: u64,
}

impl OpenRow {
    pub(crate) fn add(&mut self, line: &[u8], number: u64) {
        if self.lines == 0 {
            self.first = number;
        } else {
            self.row.push(b'\n');
        }
        self.row.extend_from_slice(line);
        self.lines += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.lines > 0 && is_whole(&self.row)
    }

    /// Takes the row, its first line, and the number of its lines.
    pub(crate) fn take(&mut self) -> (Vec<u8>, u64, u64) {
        (std::mem::take(&mut self.row), self.first, std::mem::take(&mut self.lines))
    }
}

/// Returns the position of the quote that closes the one at the start of `text`.
fn closing(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr(b'"', text.get(at..)?)?;
        if text.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

fn undouble(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut after_quote = false;
    for &byte in text {
        after_quote = byte == b'"' && !after_quote;
        if byte != b'"' || after_quote {
            plain.push(byte);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(row: &str) -> Option<Vec<String>> {
        let fields = split(row.as_bytes(), b',')?;
        Some(fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
    }

    #[test]
    fn quotes_hold_commas_quotes_and_breaks() {
        assert_eq!(
            fields("a,,\"b,c\",\"d \"\"e\"\"\",\"f\ng\"").unwrap(),
            ["a", "", "b,c", "d \"e\"", "f\ng"]
        );
        assert_eq!(fields("").unwrap(), [""]);
        assert_eq!(fields("\"\",x\"y,").unwrap(), ["", "x\"y", ""]);
        assert_eq!(fields("a,\"b"), None);
        assert!(is_whole(b"\"a\"\"b\"") && !is_whole(b"a\""));
    }
}
