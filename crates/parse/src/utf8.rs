//! Text of bytes that are nearly always UTF-8.

use std::borrow::Cow;

/// Returns the bytes as text. Parts that are not UTF-8 are replaced by U+FFFD.
///
/// [`String::from_utf8_lossy`] looks at each byte on its own, also where all is well; the check
/// of a whole text is several times faster.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_text_is_that_of_the_standard_library() {
        for bytes in
            [&b"plain"[..], "\u{e9}\u{1f525}".as_bytes(), b"", b"a\xffb", b"\xc3", b"\xed\xa0\x80"]
        {
            assert_eq!(lossy(bytes), String::from_utf8_lossy(bytes));
        }
    }
}
