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

/// The most digits of a fraction of which the number without its point, and the power of ten by which it is
/// divided, are exact as floats, so that the quotient is rounded as it should be.
const EXACT_DIGITS: usize = 15;

/// Reads the positive decimal fraction at the start of a text, and its length in bytes: `12.5`. Returns
/// `None` for any other number, for one with more than 15 digits, and when the number may continue after the
/// end of the text.
#[inline]
pub(super) fn fraction(text: &[u8]) -> Option<(f64, usize)> {
    const POWERS: [f64; EXACT_DIGITS + 1] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (mut value, mut point) = (0_u64, None);
    for (length, &byte) in text.iter().enumerate().take(EXACT_DIGITS + 2) {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(length),
            _ => {
                let point = point?;
                let places = length - point - 1;
                let is_zero_more = point > 1 && text.first() == Some(&b'0');
                let is_sound = point > 0 && places > 0 && !is_zero_more;
                let is_whole = is_sound && !matches!(byte, b'.' | b'e' | b'E');
                return is_whole.then_some((value as f64 / POWERS.get(places)?, length));
            }
        }
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
