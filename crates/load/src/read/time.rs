//! Converts times in load files to microseconds since 1970.

use crate::flights::SECOND_US as US;
use spikeflame_wall::{Civil, half_of_day, read_date, read_zone_behind};

/// The years 2000 to 2099, in seconds since 1970. A time outside is broken (k6 has written year 1).
const SANE_S: std::ops::Range<i64> = 946_684_800..4_102_444_800;

/// A time, and the form in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time {
    /// Microseconds since 1970.
    pub(crate) us: i64,
    /// True when it was written without a fraction of a second.
    pub(crate) whole: bool,
    /// True when it was written without an offset from UTC.
    pub(crate) local: bool,
}

/// Returns a time in seconds since 1970 as text in UTC: `2026-11-23 01:24:47Z`. A negative time is
/// written as the start of 1970.
///
/// ```
/// assert_eq!(spikeflame_load::show_time(1_795_397_087), "2026-11-23 01:24:47Z");
/// ```
pub fn show(unix_s: i64) -> String {
    let us = unix_s.max(0).unsigned_abs().saturating_mul(US.unsigned_abs());
    let Civil { year, month, day, hour, minute, second, .. } = Civil::of_unix_us(us);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Reads exactly `N` digits.
fn digits<const N: usize>(text: &mut &[u8]) -> Option<u32> {
    let (head, rest) = text.split_first_chunk::<N>()?;
    *text = rest;
    let are_digits = head.iter().all(u8::is_ascii_digit);
    are_digits.then(|| head.iter().fold(0, |value, byte| value * 10 + u32::from(byte - b'0')))
}

/// Reads all digits at the start, of which there must be 1 to 19.
fn all_digits(text: &mut &[u8]) -> Option<i64> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (head, rest) = text.split_at_checked(count).filter(|_| (1..=19).contains(&count))?;
    *text = rest;
    Some(
        head.iter().fold(0_i64, |value, byte| {
            value.saturating_mul(10).saturating_add(i64::from(byte - b'0'))
        }),
    )
}

/// Takes one byte when it is one of `any`.
fn take(text: &mut &[u8], any: &[u8]) -> Option<u8> {
    let (first, rest) = text.split_first()?;
    any.contains(first).then(|| {
        *text = rest;
        *first
    })
}

/// Reads a wall-clock time and returns it in microseconds since 1970. The text is RFC 3339, or Unix
/// time in s, ms, µs or ns. Some variations of RFC 3339 are read too, such as a space for the `T`;
/// without a zone, the time counts as UTC. Returns `None` for other text, and for times outside of
/// the years 2000 to 2099.
///
/// ```
/// use spikeflame_load::wall_time;
///
/// assert_eq!(wall_time("1795397087"), wall_time("2026-11-23T01:24:47Z"));
/// ```
pub fn wall_time(text: &str) -> Option<i64> {
    let text = text.trim().as_bytes();
    written(text).or_else(|| unix(text)).map(|time| time.us)
}

/// Reads RFC 3339 and similar forms: a space for the `T`, slashes in the date, no seconds, the name of a zone,
/// or no zone (which counts as UTC).
pub(crate) fn written(text: &[u8]) -> Option<Time> {
    let text = &mut { text };
    let year = digits::<4>(text)?;
    let dash = take(text, b"-/")?;
    let month = digits::<2>(text)?;
    take(text, &[dash])?;
    let day = digits::<2>(text)?;
    take(text, b"Tt ")?;
    let hour = digits::<2>(text)?;
    take(text, b":")?;
    let minute = digits::<2>(text)?;
    let second = if take(text, b":").is_some() { digits::<2>(text)? } else { 0 };
    let mut micros = 0;
    let whole = take(text, b".,").is_none();
    if !whole {
        let mut unit = 100_000;
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, rest) = text.split_at_checked(count).filter(|_| count > 0)?;
        for byte in head {
            micros += u32::from(byte - b'0') * unit;
            unit /= 10;
        }
        *text = rest;
    }
    let mut offset_s = 0;
    let local = text.is_empty();
    if !local && **text != *b"Z" {
        let (zone_s, length) = read_zone_behind(std::str::from_utf8(text).ok()?)?;
        if length != text.len() {
            return None;
        }
        offset_s = i64::from(zone_s);
    }
    let us = Civil { year, month, day, hour, minute, second, micros }.unix_us()? - offset_s * US;
    SANE_S.contains(&us.div_euclid(US)).then_some(Time { us, whole, local })
}

/// Reads Unix time in seconds, milliseconds, microseconds or nanoseconds. The four ranges for this
/// century do not overlap. A number with a fraction or an exponent is in seconds or milliseconds. A fraction of seconds
/// may stand behind a comma.
pub(crate) fn unix(text: &[u8]) -> Option<Time> {
    let rest = &mut { text };
    let whole_part = all_digits(rest)?;
    if let Some(fraction) = rest.strip_prefix(b",") {
        // Many countries write a comma before a fraction.
        let is_fraction =
            (1..=9).contains(&fraction.len()) && fraction.iter().all(u8::is_ascii_digit);
        let is_seconds = is_fraction && SANE_S.contains(&whole_part);
        let text = is_seconds.then(|| std::str::from_utf8(text).ok())??.replace(',', ".");
        return unix(text.as_bytes());
    }
    if !rest.is_empty() {
        // Forms such as `1795397087.25` and `1.795397087E+12`.
        let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        let unit = if SANE_S.contains(&(value as i64)) { 1e6 } else { 1e3 };
        let us = (value * unit).round() as i64;
        return SANE_S.contains(&us.div_euclid(US)).then_some(Time {
            us,
            whole: us % US == 0,
            local: false,
        });
    }
    let per_second = [1, 1_000, US, 1_000 * US];
    let per_second = per_second.into_iter().find(|unit| SANE_S.contains(&(whole_part / unit)))?;
    let us = if per_second > US { whole_part / 1_000 } else { whole_part * (US / per_second) };
    Some(Time { us, whole: per_second == 1, local: false })
}

/// Reads a time in RFC 3339 or as Unix time.
pub(crate) fn either(text: &[u8]) -> Option<Time> {
    unix(text).or_else(|| written(text))
}

/// Reads a date and time of any form, with its zone if there is one: `11/27/2026, 11:00:15 AM KST`,
/// `Fri, 27 Nov 2026 10:00:00 GMT`. The abbreviation of a zone with several meanings is passed over: such a
/// time counts as one without an offset.
pub(crate) fn dated(text: &str) -> Option<Time> {
    let found = read_date(text)?;
    let rest = text.get(found.length..)?.trim();
    let name = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
    // `IST` and `CST`; the longest ones have five letters.
    let is_name = found.zone_s.is_none()
        && (3..=5).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let us = found.civil.unix_us()? - i64::from(found.zone_s.unwrap_or(0)) * US;
    let time = Time { us, whole: found.civil.micros == 0, local: found.zone_s.is_none() };
    (SANE_S.contains(&us.div_euclid(US)) && (rest.is_empty() || is_name)).then_some(time)
}

/// Reads a time without a date: `09:30:07`, `9:30:07.250 PM`, `09:30:07 KST`. Returns microseconds since
/// midnight, on the clock that the text shows.
pub(crate) fn of_day(text: &str) -> Option<i64> {
    let clock = text.split(' ').find(|word| word.contains(':'))?;
    if clock.matches(':').count() != 2 {
        return None;
    }
    let dated = format!("1/1/2001, {text}");
    let civil = read_date(&dated).filter(|found| found.length == dated.len())?.civil;
    Some((civil.unix_us()?).rem_euclid(86_400 * US))
}

/// The order of day and month in the dates of a file: `03/04/2026` may be either.
#[derive(Debug, Default)]
pub(crate) struct DateOrder {
    /// The first date with two orders.
    example: Option<String>,
    /// True when another date, or AM and PM in capitals, shows the order.
    shown: bool,
}

impl DateOrder {
    /// Looks at a local date and time.
    pub(crate) fn see(&mut self, text: &str) {
        let date = text.split([' ', ',']).next().unwrap_or_default();
        // With points between the numbers, the day is first.
        let mut numbers = date.split(['/', '-']).map(str::parse::<u32>);
        let (Some(Ok(first)), Some(Ok(second)), Some(Ok(_))) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return;
        };
        let is_of_clock = |char: char| char.is_ascii_digit() || matches!(char, ':' | '.');
        let mut words = text.split(' ').map(|word| word.trim_start_matches(is_of_clock));
        // In small letters, several countries write them behind either order.
        let is_small =
            |word: &str| ["am", "pm", "a.m", "p.m"].iter().any(|it| word.starts_with(it));
        let halved = words.any(|word| half_of_day(word).is_some() && !is_small(word));
        if first > 12 || second > 12 || halved {
            self.shown = true;
        } else if first != second && self.example.is_none() {
            self.example = Some(date.to_owned());
        }
    }

    /// Returns a date of the file whose order is not known.
    pub(crate) fn unknown(self) -> Option<String> {
        self.example.filter(|_| !self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn us(text: &str) -> Option<i64> {
        either(text.as_bytes()).map(|time| time.us)
    }

    #[test]
    fn every_way_to_write_a_time() {
        let exact = Some(1_795_397_088_501_187);
        for text in [
            "2026-11-23T01:24:48.501187939Z",
            "2026-11-23T10:24:48.501187939+09:00",
            "2026-11-22t19:54:48.501187-0530",
            "2026-11-23 01:24:48.501187",
            "2026-11-23 01:24:48.501187 UTC",
            "1795397088501187",
            "1795397088501187939",
            "1795397088.501187",
            "1795397088,501187",
        ] {
            assert_eq!(us(text), exact, "{text}");
        }
        assert_eq!(us("1795397088501"), Some(1_795_397_088_501_000));
        assert_eq!(us("1.795397088E+9"), Some(1_795_397_088_000_000));
        assert_eq!(us("2026/11/23 01:24"), Some(1_795_397_040_000_000));
        assert!(either(b"2026-11-23 01:24:47").unwrap().local);
        assert!(!either(b"2026-11-23 01:24:47 UTC").unwrap().local);
        assert!(either(b"1795397088").unwrap().whole);
        // Databases write offsets of whole hours without minutes, as every other reader accepts.
        assert_eq!(us("2026-11-22 22:24:48.501187-03"), exact);
        for text in [
            "",
            "12",
            "2026-11-23T01:24:48+15:00",
            "0001-01-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-23T01:24:48Zx",
            "2026-11-23T01:24:61Z",
            "2026-11-23T01:24:48.Z",
            "99999999999999999999",
            "NaN",
            "1e400",
            "2026-11-23",
            "-1795397088",
            "2026-11/23 01:24",
        ] {
            assert_eq!(us(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(unix_s in SANE_S) {
            prop_assert_eq!(us(&show(unix_s)), Some(unix_s * US));
        }
    }
}
