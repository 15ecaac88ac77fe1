//! Numbers and escapes of V8's log fields.

use crate::utf8::lossy;
use std::borrow::Cow;

/// The value of each byte as a hexadecimal digit; [`NO_DIGIT`] for others.
const DIGITS: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut digit = 0;
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

const NO_DIGIT: u8 = 255;

#[inline]
fn digit(byte: u8) -> u8 {
    DIGITS.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT)
}

/// Returns the text after a number of `length` digits: a comma and the rest, or nothing.
#[inline]
fn behind(text: &[u8], length: usize) -> Option<Option<&[u8]>> {
    match text.get(length..)? {
        [] if length > 0 => Some(None),
        [b',', rest @ ..] if length > 0 => Some(Some(rest)),
        _ => None,
    }
}

/// Reads `0x…` or bare hexadecimal digits up to a comma or the end. Returns the number, and
/// the text after the comma (`None` at the end).
#[inline]
pub(super) fn hex(text: &[u8]) -> Option<(u64, Option<&[u8]>)> {
    let digits = text.strip_prefix(b"0x").unwrap_or(text);
    let (mut value, mut length) = (0u64, 0);
    for &byte in digits {
        let digit = digit(byte);
        if digit == NO_DIGIT {
            break;
        }
        value = value << 4 | u64::from(digit);
        length += 1;
    }
    Some((value, behind(digits, length).filter(|_| length <= 16)?))
}

/// Reads decimal digits up to a comma or the end, like [`hex`].
#[inline]
pub(super) fn decimal(text: &[u8]) -> Option<(u64, Option<&[u8]>)> {
    let (mut value, mut length) = (0u64, 0);
    for &byte in text {
        let digit = digit(byte);
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    // Any number of 19 digits fits.
    Some((value, behind(text, length).filter(|_| length <= 19)?))
}

/// Reads a hexadecimal number that is a whole field.
pub(super) fn whole_hex(text: &[u8]) -> Option<u64> {
    hex(text).filter(|(_, rest)| rest.is_none()).map(|(value, _)| value)
}

/// Reads two addresses that are the whole of the fields.
pub(super) fn pair(fields: &[u8]) -> Option<(u64, u64)> {
    let comma = memchr::memchr(b',', fields)?;
    Some((whole_hex(fields.get(..comma)?)?, whole_hex(fields.get(comma + 1..)?)?))
}

/// Reads a decimal number that is a whole field.
pub(super) fn whole_decimal(text: &[u8]) -> Option<u64> {
    decimal(text).filter(|(_, rest)| rest.is_none()).map(|(value, _)| value)
}

/// Decodes V8's escapes, as [`unescaped`] does; bytes that are not UTF-8 become U+FFFD.
pub(super) fn unescape(text: &[u8]) -> String {
    unescaped(&lossy(text)).into_owned()
}

/// Decodes V8's escapes: `\n`, `\\`, `\xhh` (Latin-1) and `\uhhhh` (UTF-16). Other text
/// does not change.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        if !before.is_empty() {
            flush(&mut out, &mut units);
        }
        out.push_str(before);
        let mut chars = escape.chars();
        let code = |from: usize, to: usize| {
            u16::from_str_radix(escape.get(from..to)?, 16).ok().map(|unit| (unit, to))
        };
        let (unit, length) = match chars.nth(1) {
            Some('n') => (u16::from(b'\n'), 2),
            Some('\\') => (u16::from(b'\\'), 2),
            Some('x') => code(2, 4).unwrap_or((u16::from(b'\\'), 1)),
            Some('u') => code(2, 6).unwrap_or((u16::from(b'\\'), 1)),
            _ => (u16::from(b'\\'), 1),
        };
        units.push(unit);
        rest = escape.get(length..).unwrap_or("");
    }
    flush(&mut out, &mut units);
    out.push_str(rest);
    Cow::Owned(out)
}

fn flush(out: &mut String, units: &mut Vec<u16>) {
    out.extend(
        char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_as_v8_wrote_them() {
        let cases = [
            (r"/a\x2Cb", "/a,b"),
            (r"C:\\node", r"C:\node"),
            (r"a\nb", "a\nb"),
            (r"\u65e5\u672c", "日本"),
            (r"\ud835\udcb3", "𝒳"),
            (r"\ud835x", "\u{fffd}x"),
            (r"\xe9", "é"),
            (r"C:\node\x", "C:\node\\x"),
            (r"\q\u12", r"\q\u12"),
        ];
        for (text, plain) in cases {
            assert_eq!(unescape(text.as_bytes()), plain, "{text}");
        }
    }

    #[test]
    fn numbers_end_at_a_comma_or_the_end() {
        assert_eq!(hex(b"0x1f,7"), Some((31, Some(&b"7"[..]))));
        assert_eq!(hex(b"1F"), Some((31, None)));
        for bad in ["", "0x", ",", "0x1g", "0x12345678901234567"] {
            assert_eq!(hex(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(decimal(b"12,"), Some((12, Some(&b""[..]))));
        for bad in ["", ",", "-1", "99999999999999999999"] {
            assert_eq!(decimal(bad.as_bytes()), None, "{bad}");
        }
    }
}
