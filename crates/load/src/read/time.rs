//! Converts times in load files to microseconds since 1970.

use crate::flights::SECOND_US as US;
use spikeflame_wall::{Civil, DAYS, MONTHS, half_of_day, read_local, read_zone};

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

/// Reads exactly `count` digits, or all digits when `count` is 0.
fn digits(text: &mut &[u8], count: usize) -> Option<i64> {
    let there = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let taken = if count == 0 { there } else { count };
    if taken == 0 || there < taken || taken > 19 {
        return None;
    }
    let (head, rest) = text.split_at_checked(taken)?;
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
/// time in s, ms, µs or ns. In RFC 3339, a space for the `T`, slashes in the date and a time without
/// seconds are read too; without an offset, the time counts as UTC. Returns `None` for other text,
/// and for times before the year 2000 or from 2100 on.
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

/// Reads RFC 3339 and similar forms: a space for the `T`, slashes in the date, no seconds, or no
/// offset (which counts as UTC).
pub(crate) fn written(text: &[u8]) -> Option<Time> {
    let without_zone = text.strip_suffix(b" UTC").or_else(|| text.strip_suffix(b" GMT"));
    let text = &mut without_zone.unwrap_or(text);
    let year = digits(text, 4)?;
    let dash = take(text, b"-/")?;
    let month = digits(text, 2)?;
    take(text, &[dash])?;
    let day = digits(text, 2)?;
    take(text, b"Tt ")?;
    let hour = digits(text, 2)?;
    take(text, b":")?;
    let minute = digits(text, 2)?;
    let second = if take(text, b":").is_some() { digits(text, 2)? } else { 0 };
    let mut fraction_us = 0;
    let whole = take(text, b".,").is_none();
    if !whole {
        let mut unit = US / 10;
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, rest) = text.split_at_checked(count).filter(|_| count > 0)?;
        for byte in head {
            fraction_us += i64::from(byte - b'0') * unit;
            unit /= 10;
        }
        *text = rest;
    }
    let mut offset_s = 0;
    let local = text.is_empty() && without_zone.is_none();
    if !text.is_empty() {
        take(text, b" ");
        let (zone_s, length) = read_zone(std::str::from_utf8(text).ok()?)?;
        if length != text.len() {
            return None;
        }
        offset_s = i64::from(zone_s);
    }
    let part = |value: i64| u32::try_from(value).ok();
    let civil = Civil {
        year: part(year)?,
        month: part(month)?,
        day: part(day)?,
        hour: part(hour)?,
        minute: part(minute)?,
        second: part(second)?,
        micros: part(fraction_us)?,
    };
    let us = civil.unix_us()? - offset_s * US;
    SANE_S.contains(&us.div_euclid(US)).then_some(Time { us, whole, local })
}

/// Reads Unix time in seconds, milliseconds, microseconds or nanoseconds. The four ranges for this
/// century do not overlap. A number with a fraction or an exponent is in seconds or milliseconds.
pub(crate) fn unix(text: &[u8]) -> Option<Time> {
    let rest = &mut { text };
    let whole_part = digits(rest, 0)?;
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

/// Reads a local date and time of several countries: `11/27/2026, 11:00:15 AM`.
pub(crate) fn local(text: &str) -> Option<Time> {
    let found = read_local(text).filter(|found| found.length == text.len())?;
    let us = found.civil.unix_us()?;
    let whole = found.civil.micros == 0;
    SANE_S.contains(&us.div_euclid(US)).then_some(Time { us, whole, local: true })
}

/// Reads a time with the name of its month: `Fri Nov 27 10:00:00 2026` of `ctime`,
/// `Fri Nov 27 10:00:00 UTC 2026` of `date`, `Fri, 27 Nov 2026 10:00:00 GMT` of HTTP,
/// `Fri Nov 27 2026 10:00:00 GMT+0900` of JavaScript, `Nov 27, 2026, 10:00:00 AM` of its `toLocaleString`, and
/// `27-Nov-2026 10:00:00`, also with AM or PM behind the time. The name of a zone other than UTC has several
/// meanings: such a time counts as one without an offset.
pub(crate) fn named(text: &str) -> Option<Time> {
    // JavaScript's form has 6 words, and the name of its zone in brackets a few more.
    const MOST_WORDS: usize = 12;
    let is = |name: &str, word: &str| name == word || name.get(..3) == Some(word);
    let month_of = |word: &str| MONTHS.iter().position(|month| is(month, word));
    // Dates such as `27-Nov-2026` are one word, and access logs write the time behind a colon.
    let is_joined =
        |rest: &str| text.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(' ');
    let joined = text.split([' ', ':']).next().unwrap_or_default();
    let date = joined.replace(['-', '/'], " ");
    let date = Some(date)
        .filter(|date| is_joined(date) && date.split(' ').any(|word| month_of(word).is_some()));
    let whole =
        date.map(|date| format!("{date} {}", text.get(joined.len() + 1..).unwrap_or_default()));
    let text = whole.as_deref().unwrap_or(text);
    let mut words =
        text.split([' ', ',']).filter(|word| !word.is_empty()).take(MOST_WORDS).peekable();
    words.next_if(|word| DAYS.iter().any(|day| is(day, word)));
    let (mut day, mut month, mut year, mut clock, mut zone) = (None, None, None, None, None);
    let mut later = None;
    for word in words {
        let number = || word.parse::<u32>().ok();
        match word {
            "at" if clock.is_none() => {}
            _ if month.is_none() && month_of(word).is_some() => month = month_of(word),
            _ if word.contains(':') && clock.is_none() => {
                let time =
                    word.trim_end_matches(|char: char| char.is_ascii_alphabetic() || char == '.');
                let behind = word.get(time.len()..).unwrap_or_default();
                later = half_of_day(behind);
                clock = Some(if later.is_some() { time } else { word });
            }
            _ if later.is_none() && half_of_day(&word.to_lowercase()).is_some() => {
                later = half_of_day(&word.to_lowercase());
            }
            "UTC" | "GMT" | "Z" if zone.is_none() => zone = Some(0),
            // JavaScript puts the name of the zone behind it.
            _ if word.starts_with('(') => break,
            _ if day.is_none() && word.len() <= 2 && number().is_some() => day = number(),
            _ if year.is_none() && word.len() == 4 && number().is_some() => year = number(),
            _ if zone.is_none() && clock.is_some() => {
                let offset = word.trim_start_matches("GMT").trim_start_matches("UTC");
                zone =
                    read_zone(offset).filter(|found| found.1 == offset.len()).map(|found| found.0);
                let is_name = word.bytes().all(|byte| byte.is_ascii_uppercase());
                if zone.is_none() && !is_name {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let (hour, rest) = clock?.split_once(':')?;
    let hour: u32 = hour.parse().ok()?;
    let hour = match later {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(later) => hour % 12 + if later { 12 } else { 0 },
        None => hour,
    };
    let iso = format!("{:04}-{:02}-{:02} {hour:02}:{rest}", year?, month? + 1, day?);
    let found = written(iso.as_bytes())?;
    let us = found.us - i64::from(zone.unwrap_or(0)) * US;
    Some(Time { us, local: zone.is_none(), ..found })
}

/// Reads a time without a date: `09:30:07`, `9:30:07.250 PM`. Returns microseconds since midnight.
pub(crate) fn of_day(text: &str) -> Option<i64> {
    if text.matches(':').count() != 2 {
        return None;
    }
    let dated = format!("1/1/2001, {text}");
    let civil = read_local(&dated).filter(|found| found.length == dated.len())?.civil;
    Some((civil.unix_us()?).rem_euclid(86_400 * US))
}

/// The order of day and month in the dates of a file: `03/04/2026` may be either.
#[derive(Debug, Default)]
pub(crate) struct DateOrder {
    /// The first date with two orders.
    example: Option<String>,
    /// True when another date, or AM and PM, shows the order.
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
        let halved = text.trim_end().ends_with(['M', 'm', '.']);
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
