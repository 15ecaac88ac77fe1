//! Natural numbers of an array, scanned several at once.
//!
//! Recordings have arrays with millions of small numbers. One call for each of them costs more
//! than the number itself.

use super::Stream;
use std::io::Read;

/// The most numbers that are scanned at once.
const MOST: usize = 128;

/// The numbers of the innermost open array that were scanned, but not read yet. They begin at the
/// position of the stream, which moves on with each of them. So a fault is found at its place.
#[derive(Default)]
pub(super) struct Ahead {
    /// Each number with its end in the window.
    numbers: Vec<(u64, usize)>,
    /// The index of the next number.
    next: usize,
}

impl<R: Read> Stream<R> {
    /// Returns the next element of an array when it was scanned already.
    #[inline]
    pub(in crate::json) fn next_scanned(&mut self) -> Option<u64> {
        let &(value, end) = self.ahead.numbers.get(self.ahead.next)?;
        self.ahead.next += 1;
        self.at = end;
        Some(value)
    }

    /// Scans short natural numbers with a comma and white space between them, from the start of an
    /// element. All other elements are left to the general code. Returns true when there are several
    /// such numbers.
    #[inline]
    pub(in crate::json) fn scan_numbers(&mut self) -> bool {
        self.buf.get(self.at).is_some_and(u8::is_ascii_digit) && self.scan_run()
    }

    #[inline(never)]
    fn scan_run(&mut self) -> bool {
        let Self { buf, at, ahead, .. } = self;
        ahead.numbers.clear();
        ahead.next = 0;
        let mut end = *at;
        while ahead.numbers.len() < MOST {
            let Some((value, length)) = buf.get(end..).and_then(element) else { break };
            ahead.numbers.push((value, end + length));
            if buf.get(end + length) != Some(&b',') {
                break;
            }
            end += length + 1;
            if buf.get(end).is_some_and(|byte| *byte <= b' ') {
                end += buf.get(end..).map_or(0, white_space);
            }
        }
        ahead.numbers.len() > 1
    }
}

/// Returns the number of bytes of white space at the start of a text.
#[inline]
fn white_space(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count()
}

/// Reads a natural number of 1 to 7 digits, all of them at once, when a comma, a bracket or white
/// space is behind it. Returns its value and its length; `None` for any other text, and near the
/// end of the window.
#[inline]
fn element(text: &[u8]) -> Option<(u64, usize)> {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let eight = u64::from_le_bytes(*text.first_chunk()?);
    let digits = eight ^ (EACH * 0x30);
    // The top bit of each byte that is not a digit. A carry reaches only the bytes behind such a
    // byte, and the first one decides.
    let others = (digits.wrapping_add(EACH * 0x76) | digits) & (EACH * 0x80);
    let bits = others.trailing_zeros() & !7;
    let length = bits as usize / 8;
    let is_end = matches!(text.get(length), Some(b',' | b']' | b' ' | b'\n' | b'\t' | b'\r'));
    if !is_end || !matches!(bits, 8..=56) || (length > 1 && eight & 0xff == 0x30) {
        return None;
    }
    // The digits move to the end, behind zeros. Then they are added up in pairs, fours, eights.
    let digits = digits << (64 - bits);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_short_numbers_of_an_array_are_elements() {
        for text in ["01,     ", "12345678,", "1.5,    ", "1e3]    ", "1:     ", "x,      ", "1,"] {
            assert_eq!(element(text.as_bytes()), None, "{text}");
        }
        assert_eq!(element(b"12\n  ]   "), Some((12, 2)));
        assert_eq!(element(b"0]\xff\xff\xff\xff\xff\xff"), Some((0, 1)));
    }

    proptest! {
        #[test]
        fn an_element_is_its_number(
            value in 0_u64..10_000_000,
            behind in prop::array::uniform8(any::<u8>()),
        ) {
            let text = [format!("{value},").as_bytes(), &behind].concat();
            prop_assert_eq!(element(&text), Some((value, value.to_string().len())));
        }
    }
}
