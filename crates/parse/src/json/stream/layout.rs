//! The beginning of an object in the layout of one program, scanned without a look-up of its members.

use super::Stream;
use super::text::end_of_piece;
use crate::json::number::natural;
use std::io::Read;
use std::ops::Range;

/// The form of a value in a [`Layout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::json) enum Form {
    /// A whole number.
    Number,
    /// The inside of a text, in ASCII and without escapes.
    Text,
}

/// The beginning of an object: for each value, the bytes before it and its form.
pub(in crate::json) type Layout = [(&'static [u8], Form); VALUES];

/// The number of values of a layout.
pub(in crate::json) const VALUES: usize = 7;

/// A value that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::json) enum Value {
    Number(i64),
    /// The place of a text in the window.
    Text(Range<usize>),
}

/// The layout in which V8 writes a node of a CPU profile.
pub(in crate::json) const V8_NODE: Layout = [
    (b"{\"id\":", Form::Number),
    (b",\"callFrame\":{\"functionName\":\"", Form::Text),
    (b"\",\"scriptId\":\"", Form::Number),
    (b"\",\"url\":\"", Form::Text),
    (b"\",\"lineNumber\":", Form::Number),
    (b",\"columnNumber\":", Form::Number),
    (b"},\"hitCount\":", Form::Number),
];

impl<R: Read> Stream<R> {
    /// Reads the beginning of an object up to the last value of a layout. Returns `None`, and reads
    /// nothing, when the window has another beginning, or ends before it.
    pub(in crate::json) fn scan_layout(&mut self, layout: &Layout) -> Option<[Value; VALUES]> {
        let mut at = self.at;
        let mut values = [const { Value::Number(0) }; VALUES];
        for (slot, (before, form)) in values.iter_mut().zip(layout) {
            let rest = self.buf.get(at..)?.strip_prefix(*before)?;
            at += before.len();
            let (value, length) = match form {
                Form::Number => {
                    whole(rest).map(|(value, length)| (Value::Number(value), length))?
                }
                Form::Text => plain(rest).map(|length| (Value::Text(at..at + length), length))?,
            };
            at += length;
            *slot = value;
        }
        self.at = at;
        Some(values)
    }
}

/// Returns the whole number at the start of a text, and its length in bytes.
#[inline]
fn whole(text: &[u8]) -> Option<(i64, usize)> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (value, length) = natural(digits)?;
    let value = i64::try_from(value).ok()?;
    match text.len() - digits.len() {
        0 => Some((value, length)),
        // -0 is a float.
        sign => (value != 0).then_some((-value, sign + length)),
    }
}

/// Returns the length of a text up to its closing quote.
#[inline]
fn plain(text: &[u8]) -> Option<usize> {
    let (end, has_control) = end_of_piece(text);
    let end = end.filter(|_| !has_control)?;
    let is_plain = text.get(end) == Some(&b'"') && text.get(..end)?.is_ascii();
    is_plain.then_some(end)
}
