//! Wall-clock times, in microseconds since 1970-01-01T00:00:00Z: dates, and the one reader
//! of dates and zones that recordings and load tests share.
//!
//! ```
//! let found = spikeflame_wall::read_iso("2026-11-23 10:24:47+09:00").unwrap();
//! let utc_us = found.civil.unix_us().unwrap() - i64::from(found.zone_s.unwrap()) * 1_000_000;
//! assert_eq!(spikeflame_wall::rfc3339(utc_us as u64), "2026-11-23T01:24:47.000Z");
//! ```

mod date;
mod local;
mod place;
mod short_year;
mod zone;

pub use date::read_date;
pub use local::half_of_day;
use local::read_local;
pub use place::ascii_digit;
pub use short_year::behind_short_year;
use zone::read_zone;
pub use zone::{parse_zone, read_zone_behind};

/// The English names of the months, in order.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The full English names of the days of the week, from Sunday.
pub(crate) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A calendar date and a time of day, without a time zone. The fields are not checked when they are
/// set: [`Civil::unix_us`] returns `None` for a date or time that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Civil {
    /// The year, such as 2026. [`Civil::unix_us`] converts years from 1970 to 9999.
    pub year: u32,
    /// The month, from 1 to 12.
    pub month: u32,
    /// The day of the month, from 1 to 31.
    pub day: u32,
    /// The hour, from 0 to 23.
    pub hour: u32,
    /// The minute, from 0 to 59.
    pub minute: u32,
    /// The second, from 0 to 59, or 60 in a leap second.
    pub second: u32,
    /// The microseconds after the second, from 0 to 999,999.
    pub micros: u32,
}

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;

/// Microseconds in a day.
const DAY_US: i64 = 86_400 * SECOND_US;

/// Converts microseconds to seconds.
///
/// ```
/// assert_eq!(spikeflame_wall::seconds_of(1_500_000_i64), 1.5);
/// ```
pub fn seconds_of(us: impl Into<i128>) -> f64 {
    us.into() as f64 / SECOND_US as f64
}

/// Converts seconds to microseconds, and rounds to the nearest one. A number that is too large becomes the
/// nearest number that fits, and NaN becomes 0.
///
/// ```
/// assert_eq!(spikeflame_wall::micros_of(1.001), 1_001_000);
/// assert_eq!(spikeflame_wall::micros_of(-1.5), -1_500_000);
/// assert_eq!(spikeflame_wall::micros_of(f64::INFINITY), i64::MAX);
/// ```
pub fn micros_of(seconds: f64) -> i64 {
    (seconds * SECOND_US as f64).round() as i64
}

impl Civil {
    /// Converts this date and time, taken as UTC, to microseconds since 1970-01-01T00:00:00Z.
    /// Returns `None` for a date or time that does not exist, and for years before 1970 or after
    /// 9999. A second of 60 gives the same value as second 0 of the next minute.
    ///
    /// ```
    /// use spikeflame_wall::Civil;
    ///
    /// let day = Civil { year: 1970, month: 1, day: 2, ..Civil::default() };
    /// assert_eq!(day.unix_us(), Some(86_400_000_000));
    /// assert_eq!(Civil { month: 13, ..day }.unix_us(), None);
    /// ```
    pub fn unix_us(&self) -> Option<i64> {
        let leap = |y: i64| y % 4 == 0 && y % 100 != 0 || y % 400 == 0;
        let year = i64::from(self.year);
        let length = match self.month {
            2 => 28 + u32::from(leap(year)),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let fits = (1970..=9999).contains(&year)
            && (1..=length).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
            && self.micros < 1_000_000;
        if !fits {
            return None;
        }
        // In years that begin in March, the 29th of February is the last day.
        let month = i64::from(self.month);
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = year * 365 + year / 4 - year / 100
            + year / 400
            + (month * 153 + 2) / 5
            + i64::from(self.day)
            - 1
            - 719_468;
        let seconds =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        Some(days * DAY_US + seconds * SECOND_US + i64::from(self.micros))
    }

    /// Converts `us`, microseconds since 1970-01-01T00:00:00Z, to the date and time in UTC, also in
    /// years after 9999. [`Civil::unix_us`] converts the result back up to 9999.
    pub fn of_unix_us(us: u64) -> Self {
        let part = |unit: u64, of: u64| (us / unit % of) as u32;
        let days = us / DAY_US.unsigned_abs() + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day + day / 36_524 - day / 1_460 - day / 146_096) / 365;
        let day = day + year / 100 - year / 4 - 365 * year;
        let month = (5 * day + 2) / 153;
        let day = day + 1 - (153 * month + 2) / 5;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self {
            year: (year + era * 400 + u64::from(month <= 2)) as u32,
            month: month as u32,
            day: day as u32,
            hour: part(3_600_000_000, 24),
            minute: part(60_000_000, 60),
            second: part(1_000_000, 60),
            micros: part(1, 1_000_000),
        }
    }
}

/// A date and time that [`read_date`] or [`read_iso`] found at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundTime {
    /// The date and time as written in the text, without the zone applied. AM and PM are applied (9 PM is hour
    /// 21), and years of the Buddhist calendar are converted. From [`read_iso`], it may be a date or time that
    /// does not exist.
    pub civil: Civil,
    /// Seconds that the clock is ahead of UTC, negative when it is behind; `None` when the text has no zone there
    /// that the function can read.
    pub zone_s: Option<i32>,
    /// The number of bytes from the start of the text to the end of all that was read of it: the date, the
    /// time, AM or PM, and the zone.
    pub length: usize,
}

/// Reads the number in `count` digits that begin at the byte `at`.
fn digits(text: &str, at: usize, count: usize) -> Option<u32> {
    let part = text.get(at..at.checked_add(count)?)?;
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
}

/// Reads a date and time with seconds in the extended form of ISO 8601 or in RFC 3339 from the start of
/// a text: `2026-11-23T01:24:47.123+09:00`. Any text may follow.
///
/// The fraction (after `.` or `,`) and the zone (`Z`, `+09:00`, `+0900`, `+09`) are optional. Digits after the
/// sixth decimal are dropped. A `t`, a space, or a comma and a space may stand in place of the `T`. Returns `None`
/// for other texts. The ranges of the numbers are not checked: [`Civil::unix_us`] returns `None`
/// for a date that does not exist.
///
/// ```
/// use spikeflame_wall::{read_iso, rfc3339};
///
/// let found = read_iso("2026-11-23T01:24:47.123+09:00 GET /").unwrap();
/// assert_eq!((found.zone_s, found.length), (Some(9 * 3600), 29));
/// assert_eq!(rfc3339(1_000), "1970-01-01T00:00:00.001Z");
/// ```
pub fn read_iso(text: &str) -> Option<FoundTime> {
    let bytes = text.as_bytes();
    let digits = |at: usize, count: usize| digits(text, at, count);
    let is = |at: usize, set: &[u8]| bytes.get(at).is_some_and(|b| set.contains(b));
    if !is(4, b"-") || !is(7, b"-") {
        return None;
    }
    let at = if is(10, b",") && is(11, b" ") { 12 } else { 11 };
    if !is(at - 1, b"Tt ") || !is(at + 2, b":") || !is(at + 5, b":") {
        return None;
    }
    let mut civil = Civil {
        year: digits(0, 4)?,
        month: digits(5, 2)?,
        day: digits(8, 2)?,
        hour: digits(at, 2)?,
        minute: digits(at + 3, 2)?,
        second: digits(at + 6, 2)?,
        micros: 0,
    };
    let mut end = at + 8;
    if is(end, b".,") && digits(end + 1, 1).is_some() {
        end += 1;
        let mut scale = 100_000;
        while let Some(digit) = digits(end, 1) {
            civil.micros += digit * scale;
            scale /= 10;
            end += 1;
        }
    }
    let mut zone_s = None;
    if let Some((zone, length)) = text.get(end..).and_then(read_zone) {
        (zone_s, end) = (Some(zone), end + length);
    }
    Some(FoundTime { civil, zone_s, length: end })
}

/// Formats a time in microseconds since 1970 as RFC 3339 in UTC with three decimals, such as
/// `2026-11-23T01:24:47.123Z`. Microseconds below a millisecond are cut off, not rounded. A year
/// after 9999 has more than four digits.
pub fn rfc3339(us: u64) -> String {
    let Civil { year, month, day, hour, minute, second, micros } = Civil::of_unix_us(us);
    let ms = micros / 1000;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse_rfc3339(text: &str) -> Option<u64> {
        let iso = read_iso(text).filter(|iso| iso.length == text.len())?;
        u64::try_from(iso.civil.unix_us()? - i64::from(iso.zone_s?) * 1_000_000).ok()
    }

    #[test]
    fn times_are_read_in_every_way_of_writing_them() {
        let us = 1_795_397_087_123_000;
        for text in [
            "2026-11-23T01:24:47.123Z",
            "2026-11-23T10:24:47.123+09:00",
            "2026-11-23 10:24:47,123+0900",
            "2026-11-22T22:24:47.123000999-03",
        ] {
            assert_eq!(parse_rfc3339(text), Some(us), "{text}");
        }
        assert_eq!(rfc3339(us), "2026-11-23T01:24:47.123Z");
        for text in ["2026-11-23T01:24:47", "2026-02-29T01:24:47Z", "2026-13-01T00:00:00Z", ""] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
        let iso = read_iso("2026-11-23, 01:24:47 a.m.").unwrap();
        assert_eq!((iso.zone_s, iso.length), (None, 20));
        assert_eq!(parse_zone("-03:30"), Some(-12_600));
        assert_eq!(parse_zone("Asia/Seoul"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ms in 0u64..=253_402_300_799_999) {
            prop_assert_eq!(parse_rfc3339(&rfc3339(ms * 1000)), Some(ms * 1000));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}", digits in "[0-9:T., +Z-]{0,40}") {
            let _ = (read_iso(&text), read_iso(&digits), parse_zone(&text), parse_rfc3339(&digits));
        }
    }
}
