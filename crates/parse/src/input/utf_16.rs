//! Texts in UTF-16 with a mark of the order of their bytes, as Excel and PowerShell write them.

use std::io::{self, BufReader, Read};

/// A reader that returns a text in UTF-16 as UTF-8, without the mark before it.
pub(super) struct Utf16<R> {
    inner: BufReader<R>,
    is_little: bool,
    /// The first half of a character, whose second half comes next.
    half: Option<u16>,
    /// Bytes of UTF-8 that were not returned yet, the next one last.
    left: Vec<u8>,
}

/// Returns true for the first bytes of such a text. A text in UTF-32 begins like one.
pub(super) fn is_marked(head: &[u8]) -> bool {
    (head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff"))
        && !head.starts_with(b"\xff\xfe\0\0")
}

impl<R: Read> Utf16<R> {
    /// Reads a text after its mark.
    pub(super) fn new(inner: R) -> io::Result<Self> {
        let mut inner = BufReader::new(inner);
        let mut mark = [0; 2];
        inner.read_exact(&mut mark)?;
        Ok(Self { inner, is_little: mark == [0xff, 0xfe], half: None, left: Vec::new() })
    }

    /// Returns the next two bytes as a number; `None` at the end. A single last byte is lost.
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut pair = [0; 2];
        match self.inner.read_exact(&mut pair) {
            Ok(()) if self.is_little => Ok(Some(u16::from_le_bytes(pair))),
            Ok(()) => Ok(Some(u16::from_be_bytes(pair))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Decodes the next character into `left`; returns false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let Some(first) = self.half.take().map_or_else(|| self.unit(), |half| Ok(Some(half)))?
        else {
            return Ok(false);
        };
        let is_high = (0xd800..0xdc00).contains(&first);
        let second = if is_high { self.unit()? } else { None };
        let mut decoded = char::decode_utf16(std::iter::once(first).chain(second));
        let char = decoded.next().and_then(Result::ok);
        // Two numbers that form no pair are two characters, of which the first is broken.
        self.half = second.filter(|_| char.is_none());
        let mut bytes = [0; 4];
        let text = char.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut bytes);
        self.left.extend(text.bytes().rev());
        Ok(true)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        for slot in buf {
            if self.left.is_empty() && !self.decode()? {
                break;
            }
            let Some(byte) = self.left.pop() else { break };
            *slot = byte;
            count += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_in_both_orders_of_bytes() {
        let text = "time;\u{c0}\u{20ac}\u{1f525}\n\u{c11c}\u{bc84}";
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [&little, &big] {
            let mut found = String::new();
            assert!(is_marked(bytes));
            Utf16::new(&bytes[..]).unwrap().read_to_string(&mut found).unwrap();
            assert_eq!(found, text);
        }
        // Halves of characters, and a byte that is left at the end.
        let broken = b"\xff\xfe\x00\xd8a\0\x00\xdcb\0c";
        let mut found = String::new();
        Utf16::new(&broken[..]).unwrap().read_to_string(&mut found).unwrap();
        assert_eq!(found, "\u{fffd}a\u{fffd}b");
        assert!(!is_marked(b"\xff\xfe\0\0a\0\0\0") && !is_marked(b"a"));
    }
}
