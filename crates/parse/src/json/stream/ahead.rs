//! Natural numbers of an array, scanned without a call for each of them.
//!
//! Recordings have arrays with millions of numbers. One call for each of them costs more than the
//! number itself.

use super::{Place, Stream};
use std::io::Read;

impl<R: Read> Stream<R> {
    /// Reads a natural number of up to 15 digits at the start of an element. Returns `None`, and
    /// reads nothing, when the element may be something else.
    #[inline]
    pub(in crate::json) fn scan_number(&mut self) -> Option<u64> {
        let (value, length) = self.buf.get(self.at..).and_then(element)?;
        self.at += length;
        Some(value)
    }

    /// Reads a whole array of natural numbers of up to 15 digits, when nothing but commas is between
    /// them. Returns the place of the text between its brackets. Returns `None`, and reads nothing, when the
    /// array may be something else.
    pub(in crate::json) fn scan_row(&mut self) -> Option<Place> {
        let rest = self.buf.get(self.at..)?.strip_prefix(b"[")?;
        let text = rest.get(..memchr::memchr(b']', rest)?)?;
        if self.depth >= self.deepest || !are_numbers(text) {
            return None;
        }
        let (start, end) = (self.at + 1, self.at + 1 + text.len());
        self.at = end + 1;
        Some(Place::Window(start, end))
    }

    /// Reads the next elements of an array, each with the comma in front of it, while they are
    /// natural numbers of up to 15 digits. All other elements, and faults, are left to the general
    /// code. Returns the number of elements, which is at most the length of `numbers`.
    #[inline(always)]
    pub(in crate::json) fn scan_next_numbers(&mut self, numbers: &mut [u64]) -> usize {
        let mut count = if numbers.len() < BLOCK { 0 } else { self.scan_blocks(numbers) };
        let mut rest = self.buf.get(self.at..).unwrap_or_default();
        let all = rest.len();
        for slot in numbers.iter_mut().skip(count) {
            let Some((b',', element)) = rest.split_first() else { break };
            let found = short_element(element).or_else(|| spaced_element(element));
            let Some((value, length)) = found else { break };
            *slot = value;
            count += 1;
            rest = element.get(length..).unwrap_or_default();
        }
        self.at += all - rest.len();
        count
    }

    /// Reads elements like [`Stream::scan_next_numbers`], as long as they have up to seven digits and
    /// a comma is directly after each of them. The ends of all numbers of a block are found together,
    /// so that the processor need not know the length of a number before it reads the next one.
    fn scan_blocks(&mut self, numbers: &mut [u64]) -> usize {
        let Self { buf, at, .. } = self;
        if buf.get(*at) != Some(&b',') {
            return 0;
        }
        let (mut start, mut block, mut count) = (*at + 1, *at + 1, 0);
        while let Some(bytes) = buf.get(block..).and_then(<[u8]>::first_chunk) {
            let mut ends = ends_of_digits(bytes);
            while ends != 0 {
                let end = block + ends.trailing_zeros() as usize;
                let element = buf.get(end.wrapping_sub(7)..=end).and_then(<[u8]>::first_chunk);
                let value = element.and_then(|eight| element_before_comma(*eight, end - start));
                let (Some(value), Some(slot)) = (value, numbers.get_mut(count)) else {
                    *at = start - 1;
                    return count;
                };
                *slot = value;
                count += 1;
                start = end + 1;
                ends &= ends - 1;
            }
            block += BLOCK;
        }
        *at = start - 1;
        count
    }
}

/// Returns true for natural numbers of 1 to 15 digits with one comma between them.
fn are_numbers(text: &[u8]) -> bool {
    let (mut length, mut is_zero) = (0, false);
    for &byte in text {
        match byte {
            b'0'..=b'9' if length < 15 && !is_zero => {
                is_zero = length == 0 && byte == b'0';
                length += 1;
            }
            b',' if length > 0 => (length, is_zero) = (0, false),
            _ => return false,
        }
    }
    length > 0
}

/// The bytes that are searched together for the ends of numbers: one for each bit of a word.
const BLOCK: usize = 64;

/// Returns a bit for each byte that is not a digit, the lowest for the first byte.
#[inline(always)]
fn ends_of_digits(bytes: &[u8; BLOCK]) -> u64 {
    let (words, _) = bytes.as_chunks();
    words.iter().rev().fold(0, |ends, &word| {
        let digits = u64::from_le_bytes(word) ^ (EACH * 0x30);
        // The top bit of each byte that is not a digit. No byte carries into the next one.
        let others = (((digits & (EACH * 0x7f)) + EACH * 0x76) | digits) & (EACH * 0x80);
        // The product has the eight top bits, one after the other, in its last byte.
        ends << 8 | (others >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

/// Returns the natural number of `length` digits that a comma ends. The comma is the last of the
/// eight bytes. Returns `None` for more than seven digits, and when the bytes are something else.
#[inline(always)]
fn element_before_comma(eight: [u8; 8], length: usize) -> Option<u64> {
    let eight = u64::from_le_bytes(eight);
    let unused = 64_u32.checked_sub(8 * length as u32)?;
    // Only the digits remain, with zeros after them.
    let digits = ((eight ^ (EACH * 0x30)) << 8).checked_shr(unused)?;
    let is_zero_more = length > 1 && digits as u8 == 0;
    let is_sound = eight >> 56 == u64::from(b',') && length < 8 && !is_zero_more;
    is_sound.then(|| sum_of_digits(digits << unused))
}

/// Reads a natural number of 1 to 7 digits, when a comma or a bracket is directly after it.
/// Returns its value and its length; `None` for any other text.
#[inline(always)]
fn short_element(text: &[u8]) -> Option<(u64, usize)> {
    let eight = u64::from_le_bytes(*text.first_chunk()?);
    let bits = digit_bits(eight);
    let behind = eight.checked_shr(bits)? as u8;
    let is_zero_more = bits > 8 && eight as u8 == b'0';
    let is_sound = matches!(behind, b',' | b']') && bits > 0 && !is_zero_more;
    is_sound.then(|| (value(eight, bits), bits as usize / 8))
}

/// Reads white space and a natural number of up to 15 digits. Returns the value and the length of
/// both.
fn spaced_element(text: &[u8]) -> Option<(u64, usize)> {
    let space = match text.first() {
        Some(..=b' ') => white_space(text),
        _ => 0,
    };
    let (value, length) = text.get(space..).and_then(element)?;
    Some((value, space + length))
}

/// Returns the number of bytes of white space at the start of a text.
#[inline]
fn white_space(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count()
}

/// A byte 1 in each place.
pub(super) const EACH: u64 = u64::from_ne_bytes([1; 8]);

/// Reads a natural number of 1 to 15 digits, up to eight of them at once, when a comma, a bracket
/// or white space is after it. Returns its value and its length; `None` for any other text, and
/// near the end of the window.
#[inline]
fn element(text: &[u8]) -> Option<(u64, usize)> {
    let eight = u64::from_le_bytes(*text.first_chunk()?);
    let bits = digit_bits(eight);
    let length = bits as usize / 8;
    if !matches!(bits, 8..=56) {
        return if bits == 64 { long_element(text, eight) } else { None };
    }
    let is_zero_more = length > 1 && eight & 0xff == 0x30;
    (is_end(text, length) && !is_zero_more).then(|| (value(eight, bits), length))
}

/// Reads a number whose first eight bytes are digits.
fn long_element(text: &[u8], eight: u64) -> Option<(u64, usize)> {
    const POWERS: [u64; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];
    let more = u64::from_le_bytes(*text.get(8..)?.first_chunk()?);
    let bits = digit_bits(more);
    let length = bits as usize / 8;
    let power = POWERS.get(length)?;
    let low = if bits == 0 { 0 } else { value(more, bits) };
    let is_sound = is_end(text, 8 + length) && eight & 0xff != 0x30;
    is_sound.then(|| (value(eight, 64) * power + low, 8 + length))
}

/// Returns the number of bits of the digits at the start of eight bytes.
#[inline]
fn digit_bits(eight: u64) -> u32 {
    let digits = eight ^ (EACH * 0x30);
    // The top bit of each byte that is not a digit. A carry reaches only the bytes after such a
    // byte, and the first one decides.
    let others = (digits.wrapping_add(EACH * 0x76) | digits) & (EACH * 0x80);
    others.trailing_zeros() & !7
}

/// Returns the value of the digits in the first `bits` bits, which are 8 at least.
#[inline]
fn value(eight: u64, bits: u32) -> u64 {
    // The digits move to the end, after zeros.
    sum_of_digits((eight ^ (EACH * 0x30)) << (64 - bits))
}

/// Returns the number of eight decimal digits, the first one in the lowest byte.
#[inline]
fn sum_of_digits(digits: u64) -> u64 {
    // They are added up in pairs, fours, eights.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

#[inline]
fn is_end(text: &[u8], length: usize) -> bool {
    matches!(text.get(length), Some(b',' | b']' | b' ' | b'\n' | b'\t' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_short_numbers_of_an_array_are_elements() {
        for text in [
            "01,     ",
            "12345678,",
            "1.5,    ",
            "1e3]    ",
            "1:     ",
            "x,      ",
            "1,",
            "0123456789,      ",
            "1234567890123456,       ",
            "123456789.5,       ",
            "12345678e,        ",
        ] {
            assert_eq!(element(text.as_bytes()), None, "{text}");
            assert_eq!(short_element(text.as_bytes()), None, "{text}");
            assert_eq!(spaced_element(text.as_bytes()), None, "{text}");
        }
        assert_eq!(element(b"12\n  ]   "), Some((12, 2)));
        assert_eq!(element(b"0]\xff\xff\xff\xff\xff\xff"), Some((0, 1)));
    }

    /// Blocks are read as single elements are, at any place of the window.
    #[test]
    fn blocks_of_numbers_are_their_numbers() {
        let filling = ["7", "12", "999", "1500", "65535", "1234567", "0"];
        for odd in ["", "12345678,", "012,", " 5,", "-1,", "1.5,", ",", "x", "5]", "12:"] {
            for place in 0..90 {
                let few: String =
                    filling.iter().cycle().take(place).map(|one| format!(",{one}")).collect();
                // The first bytes of a window, and the last ones, are left to the general code.
                let text = format!("       [{few},{odd}{}       ]", "123,".repeat(40));
                let mut stream = Stream::new(text.as_bytes(), false);
                stream.skip_mark(b"       [").unwrap();
                let mut numbers = [0; 256];
                let mut one = [0; 1];
                let count = stream.scan_blocks(&mut numbers);
                let (end, mut slow) = (stream.at, Vec::new());
                stream.at = 8;
                while stream.at < end && stream.scan_next_numbers(&mut one) == 1 {
                    slow.push(one[0]);
                }
                assert_eq!((&numbers[..count], end), (slow.as_slice(), stream.at), "{text}");
                assert!(count + 2 >= place, "{count} {text}");
            }
        }
    }

    #[test]
    fn a_row_is_numbers_and_commas() {
        for (text, is_row) in [
            ("[0,10,123456789012345]", true),
            ("[7]", true),
            ("[]", false),
            ("[01]", false),
            ("[1,]", false),
            ("[,1]", false),
            ("[1,,2]", false),
            ("[1, 2]", false),
            ("[1234567890123456]", false),
            ("[-1]", false),
            ("[1.5]", false),
            ("[[1]]", false),
            ("[1", false),
        ] {
            let mut stream = Stream::new(text.as_bytes(), false);
            stream.skip_mark(b"").unwrap();
            let found = stream.scan_row().map(|place| stream.at_place(place).to_vec());
            let inside = text.trim_matches(['[', ']']).as_bytes().to_vec();
            assert_eq!(found, is_row.then_some(inside), "{text}");
            assert_eq!(stream.at, if is_row { text.len() } else { 0 }, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_element_is_its_number(
            large in 0_u64..1_000_000_000_000_000,
            digits in 1_u32..=15,
            behind in prop::array::uniform16(any::<u8>()),
        ) {
            let value = large % 10_u64.pow(digits);
            let text = [format!("{value},").as_bytes(), &behind].concat();
            let length = value.to_string().len();
            prop_assert_eq!(element(&text), Some((value, length)));
            prop_assert_eq!(short_element(&text), (length < 8).then_some((value, length)));
            let spaced = [b" \n", text.as_slice()].concat();
            prop_assert_eq!(spaced_element(&spaced), Some((value, 2 + length)));
        }
    }
}
