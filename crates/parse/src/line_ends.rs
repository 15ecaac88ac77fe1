//! Texts whose lines end in a carriage return alone, as programs of old Macs and some serial
//! consoles write them.

use crate::input;
use std::io::{self, Read};

/// Returns true for the beginning of a text that has carriage returns and no line feed.
pub(crate) fn lacks_line_feeds(head: &[u8]) -> bool {
    memchr::memchr2(b'\n', 0, head).is_none() && memchr::memchr(b'\r', head).is_some()
}

/// A stream in which each carriage return that ends a line is a line feed. A carriage return with
/// a line feed after it stays.
pub(crate) struct LineFeeds<R> {
    inner: R,
    /// The byte after a carriage return at the end of the last read.
    ahead: Option<u8>,
}

impl<R: Read> LineFeeds<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, ahead: None }
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = buf.split_first_mut() else { return Ok(0) };
        let mut count = match self.ahead.take() {
            Some(byte) => {
                *first = byte;
                1
            }
            None => self.inner.read(std::slice::from_mut(first))?,
        };
        if count == 1 && *first != b'\r' {
            count += self.inner.read(rest)?;
        }
        let read = buf.get_mut(..count).unwrap_or_default();
        if read.last() == Some(&b'\r') {
            self.ahead = input::fill(&mut self.inner, 1)?.first().copied();
        }
        let mut behind = self.ahead;
        for byte in read.iter_mut().rev() {
            let written = *byte;
            if written == b'\r' && behind != Some(b'\n') {
                *byte = b'\n';
            }
            behind = Some(written);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_lone_carriage_returns_become_line_feeds(
            text in "[ab\r\n]{0,40}",
            size in 1..7usize,
        ) {
            let mut stream = LineFeeds::new(text.as_bytes());
            let (mut all, mut part) = (Vec::new(), vec![0; size]);
            while let Ok(count @ 1..) = stream.read(&mut part) {
                all.extend_from_slice(&part[..count]);
            }
            let marked = text.replace("\r\n", "\0").replace('\r', "\n").replace('\0', "\r\n");
            prop_assert_eq!(String::from_utf8_lossy(&all), marked);
        }
    }

    #[test]
    fn a_text_with_a_line_feed_stays_as_it_is() {
        assert!(lacks_line_feeds(b"a;b 1\ra;c 2\r"));
        for head in [&b"a 1\r\n"[..], b"a 1", b"a\rb 1\n", b"\x1f\r\0"] {
            assert!(!lacks_line_feeds(head));
        }
    }
}
