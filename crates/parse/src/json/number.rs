//! Reads the numbers of JSON.

/// A number of JSON. It is an integer when an integer type can hold it exactly, and a float
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Figure {
    Natural(u64),
    Negative(i64),
    Real(f64),
}

/// The largest number of digits for which every number fits into 64 bits.
const MOST_DIGITS: usize = 19;

/// Reads the natural number at the start of a text, and its length in bytes. Returns `None` for
/// any other number, and when the number may continue after the end of the text.
#[inline]
pub(super) fn natural(text: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (length, &byte) in text.iter().enumerate().take(MOST_DIGITS + 1) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            let is_zero_more = length > 1 && text.first() == Some(&b'0');
            let is_real = matches!(byte, b'.' | b'e' | b'E');
            return (length > 0 && !is_zero_more && !is_real).then_some((value, length));
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    None
}

/// Reads the number at the start of a text, and its length in bytes. Returns `None` when there is
/// no number. A number that is too large for a float becomes infinite.
pub(super) fn figure(text: &[u8]) -> Option<(Figure, usize)> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let is_negative = text.first() == Some(&b'-');
    let mut at = usize::from(is_negative);
    let whole = digits(at);
    if whole == 0 || whole > 1 && text.get(at) == Some(&b'0') {
        return None;
    }
    at += whole;
    let mut is_real = false;
    if text.get(at) == Some(&b'.') {
        let count = digits(at + 1);
        at += 1 + count;
        is_real = true;
        (count > 0).then_some(())?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let count = digits(at);
        at += count;
        is_real = true;
        (count > 0).then_some(())?;
    }
    let text = std::str::from_utf8(text.get(..at)?).ok()?;
    let whole = match (is_real, is_negative) {
        (true, _) => None,
        (false, true) => text.parse().ok().filter(|&value| value != 0).map(Figure::Negative),
        (false, false) => text.parse().ok().map(Figure::Natural),
    };
    let real = || text.parse().ok().map(Figure::Real);
    Some((whole.or_else(real)?, at))
}
