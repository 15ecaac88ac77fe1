//! Times at the start of a log's lines.

use spikeflame_profile::wall::{Civil, MONTHS, SECOND_US, read_date};

/// The time of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Microseconds since 1970. A time without a zone is taken as UTC.
    pub(super) us: i64,
    /// True when the line contains the zone.
    pub(super) zoned: bool,
}

/// Reads a time from the start of a text; also returns the text after it.
pub(super) fn take(text: &str) -> Option<(Stamp, &str)> {
    let Some(found) = read_date(text) else { return unix(text) };
    let us = found.civil.unix_us()? - i64::from(found.zone_s.unwrap_or(0)) * SECOND_US;
    Some((Stamp { us, zoned: found.zone_s.is_some() }, text.get(found.length..)?))
}

/// The most bytes before a time of day at the start of a line.
const LONGEST_HEAD: usize = 40;

/// A day in microseconds.
const DAY_US: i64 = 86_400 * SECOND_US;

/// A time of day at the start of a line, with the month and the day when the line has them, and without a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undated {
    civil: Civil,
    has_day: bool,
    zone_s: Option<i32>,
}

impl Undated {
    /// Returns the time on the date that is nearest to `near_us`, a moment in microseconds since 1970. `zone_s` is the
    /// zone of times without one.
    pub(super) fn near(self, near_us: i64, zone_s: Option<i32>) -> Option<Stamp> {
        let offset_s = self.zone_s.or(zone_s).unwrap_or(0);
        let near_us = near_us.saturating_add(i64::from(offset_s) * SECOND_US);
        let near = Civil::of_unix_us(near_us.unsigned_abs());
        let years = [near.year.saturating_sub(1), near.year, near.year.saturating_add(1)];
        let found = years.into_iter().filter_map(|year| match self.has_day {
            true => Civil { year, ..self.civil }.unix_us(),
            false => {
                let clock_us = self.civil.unix_us()?.rem_euclid(DAY_US);
                let days = (near_us - clock_us + DAY_US / 2).div_euclid(DAY_US);
                Some(days * DAY_US + clock_us)
            }
        });
        let us = found.min_by_key(|us| us.abs_diff(near_us))?;
        let us = us - self.zone_s.map_or(0, |zone_s| i64::from(zone_s) * SECOND_US);
        Some(Stamp { us, zoned: self.zone_s.is_some() })
    }
}

/// Reads a time without a year near the start of a line: `11:00:01.123 ERROR x`, `[shop] 3:00:01 PM x`, `Nov 27
/// 11:00:01 web x`, `E1127 11:00:01.123 x`, `11-27 11:00:01.123 x`.
pub(super) fn undated(line: &str) -> Option<Undated> {
    let bytes = line.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let head = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
    let is_clock = |colon: &usize| {
        let behind = [1, 2, 4, 5].into_iter().all(|at| is_digit(colon + at));
        behind && bytes.get(colon + 3) == Some(&b':') && *colon > 0 && is_digit(colon - 1)
    };
    let colon = memchr::memchr_iter(b':', head).find(is_clock)?;
    let start = if colon > 1 && is_digit(colon - 2) { colon - 2 } else { colon - 1 };
    let (before, clock) = line.split_at_checked(start)?;
    if before.ends_with([':', '.']) {
        return None;
    }
    let (day, before) = month_and_day(before.trim_end())?;
    let is_bare = |word: &&str| word.ends_with(|c: char| c.is_alphanumeric());
    if before.split_whitespace().filter(is_bare).count() > 1 {
        return None;
    }
    let (month, of_month) = day.unwrap_or((1, 1));
    // 2000 had the 29th of February.
    let dated: String = clock.chars().take(LONGEST_HEAD).collect();
    let found = read_date(&format!("2000-{month:02}-{of_month:02} {dated}"))?;
    Some(Undated { civil: found.civil, has_day: day.is_some(), zone_s: found.zone_s })
}

/// Splits a month and a day from the end of a text: `Nov 27`, `27 Nov`, `11-27`, `E1127`. Returns `None` for a date of
/// another form.
fn month_and_day(text: &str) -> Option<(Option<(u32, u32)>, &str)> {
    let (rest, last) = text.rsplit_once([' ', '[', '(']).unwrap_or(("", text));
    let number = |word: &str| word.parse::<u32>().ok().filter(|day| (1..=31).contains(day));
    let month = |word: &str| {
        let at = MONTHS.iter().position(|name| name.get(..3) == Some(word))?;
        u32::try_from(at + 1).ok()
    };
    let klog = last.strip_prefix(['I', 'W', 'E', 'F']).filter(|date| date.len() == 4);
    if let Some((first, second)) = klog.and_then(|date| date.split_at_checked(2)) {
        return Some((Some((number(first)?, number(second)?)), rest));
    }
    if let Some((first, second)) =
        last.split_once(['-', '/', '.']).filter(|_| number(last.get(..2).unwrap_or("")).is_some())
    {
        return Some((Some((number(first)?, number(second)?)), rest));
    }
    let (before, word) =
        rest.trim_end().rsplit_once([' ', '[', '(']).unwrap_or(("", rest.trim_end()));
    if let Some(day) = number(last) {
        return Some((Some((month(word)?, day)), before));
    }
    if let (Some(month), Some(day)) = (month(last), number(word)) {
        return Some((Some((month, day)), before));
    }
    (!last.ends_with(|c: char| c.is_ascii_digit()) || last.len() < 5).then_some((None, text))
}

/// Reads Unix time in milliseconds, or in seconds with a fraction, as pino-pretty and printf of one's own
/// write it. Other numbers may be ids.
fn unix(text: &str) -> Option<(Stamp, &str)> {
    const MARKS: [char; 6] = [' ', ']', '\t', '|', ',', ':'];
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let (seconds, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_milliseconds = seconds.len() == 13 && fraction.len() <= 6;
    let is_seconds = seconds.len() == 10 && (3..=9).contains(&fraction.len());
    let fits = (is_milliseconds || is_seconds)
        && seconds.starts_with('1')
        && (rest.is_empty() || rest.starts_with(MARKS));
    let number: f64 = Some(number).filter(|_| fits)?.parse().ok()?;
    let us = (number * if is_milliseconds { 1e3 } else { 1e6 }).round() as i64;
    Some((Stamp { us, zoned: true }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_year_is_near_a_known_moment() {
        let moment = |text: &str| take(text).unwrap().0.us;
        let near_us = moment("2026-11-27T01:00:00Z");
        for (text, date) in [
            ("01:24:47 ERROR x", "2026-11-27 01:24:47"),
            ("[shop] [23:24:47.5] x", "2026-11-26 23:24:47.5"),
            ("error: 1:24:47 PM x", "2026-11-26 13:24:47"),
            ("E1127 01:24:47.123456 77 a.go:7] x", "2026-11-27 01:24:47.123456"),
            ("Nov  7 01:24:47 web-1 shop[7]: x", "2026-11-07 01:24:47"),
            ("27 Nov 01:24:47 - [error] x", "2026-11-27 01:24:47"),
            ("01-02 01:24:47.123 x", "2027-01-02 01:24:47.123"),
            ("10:24:47 KST x", "2026-11-27 01:24:47"),
        ] {
            let found = undated(text).and_then(|time| time.near(near_us, None));
            assert_eq!(found.map(|stamp| stamp.us), Some(moment(date)), "{text}");
        }
        for text in ["the job began at 01:24:47", "26-11-27 01:24:47 x", "::1:24:47", "", "7:24 x"]
        {
            assert_eq!(undated(text), None, "{text}");
        }
        let local = undated("10:24:47 x").unwrap().near(near_us, Some(9 * 3_600)).unwrap();
        assert_eq!(local, Stamp { us: moment("2026-11-27 10:24:47"), zoned: false });
    }

    #[test]
    fn one_moment_in_many_countries() {
        let moment = 1_795_397_087_000_000;
        for text in [
            "2026-11-23T01:24:47Z",
            "2026-11-23T10:24:47+09:00",
            "2026-11-23 01:24:47",
            "11/23/2026, 1:24:47 AM",
            "11/23/2026, 1:24:47\u{202f}AM",
            "11/23/2026, 01:24:47",
            "23/11/2026, 01:24:47",
            "23/11/2026, 1:24:47 am",
            "23/11/2026 01:24:47",
            "23.11.2026, 01:24:47",
            "23.11.2026 01:24:47.000",
            "23-11-2026, 01:24:47",
            "2026. 11. 23. 오전 1:24:47",
            "2026. 11. 23. AM 1:24:47",
            "2026/11/23 1:24:47",
            "2026/11/23 上午1:24:47",
            "2026-11-23, 1:24:47 a.m.",
            "2026-11-23 01:24:47 AM",
            "23/Nov/2026:01:24:47 +0000",
            "23/Nov/2026:10:24:47 +0900",
            "Nov-23-2026 01:24:47",
            "Nov 23, 2026 01:24:47",
            "Nov 23 2026 01:24:47",
            "23 Nov 2026 01:24:47",
            "23-Nov-2026 01:24:47.000",
            "Mon, 23 Nov 2026 01:24:47 GMT",
            "Mon Nov 23 2026 01:24:47 GMT+0000",
            "23 11 2026 01:24:47.000",
            "11/23/2026, 1:24:47 AM UTC",
            "Nov 23, 2026, 1:24:47 AM",
            "Monday, November 23, 2026 at 1:24:47 AM UTC",
            "Mon Nov 23 01:24:47 2026",
            "Mon Nov 23 01:24:47 UTC 2026",
            "Mon Nov 23 01:24:47 IST 2026",
            "Mon Nov 23 2026 10:24:47 GMT+0900 (Korean Standard Time)",
            "20261123T012447Z",
            "20261123 01:24:47",
            // The forms of `toLocaleString` in Finland, Denmark, Vietnam, French Canada, Bulgaria, Greece,
            // Malaysia, Albania, the Arab countries, Thailand and Pakistan (ICU of Node 20).
            "23.11.2026 klo 1.24.47",
            "23.11.2026, 01.24.47",
            "01:24:47 23/11/2026",
            "2026-11-23 01 h 24 min 47 s",
            "23.11.2026 г., 01:24:47",
            "23/11/2026, 1:24:47 π.μ.",
            "23/11/2026, 1:24:47 PG",
            "23.11.2026, 1:24:47 p.d.",
            "23\u{200f}/11\u{200f}/2026، 1:24:47 ص",
            "23/11/2569 01:24:47",
            "23/11/2026، 1:24:47 AM",
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (moment, ""), "{text}");
        }
        for (text, us) in [
            ("2026-11-23 10:24:47.000 +0900", moment),
            ("2026-11-23 10:24:47 +09:00", moment),
            ("2026-11-23 01:24:47.000 UTC", moment),
            ("2026-11-23 10:24:47 KST", moment),
            ("11/22/2026, 5:24:47 PM PST", moment),
            ("Nov 23, 2026 @ 01:24:47.000", moment),
            ("2026-11-23 10:24:47 GMT+9", moment),
            ("11/22/2026, 9:54:47 PM GMT-3:30", moment),
            ("Nov 23, 2026 1:24:47 PM", moment + 12 * 3_600_000_000),
            ("20261123T102447.000+09:00", moment),
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (us, ""), "{text}");
        }
        for text in ["1795397087000] INFO (7): x", "1795397087.000 x"] {
            assert_eq!(take(text).unwrap().0, Stamp { us: moment, zoned: true }, "{text}");
        }
        // The errors of such logs were lost.
        for (text, hour, behind) in [
            ("24.11.2026 г., 21:05:07 ч. ERROR x", 21, " ERROR x"),
            ("24/11/2026, 12:05:07 PG ERROR x", 0, " ERROR x"),
            ("24/11/2026 12:05:07 PG ERROR x", 12, " PG ERROR x"),
            ("24/11/2026, 12:05:07 PG pool is full", 12, " PG pool is full"),
            ("2026/11/24 (21:05:07) ERROR x", 21, " ERROR x"),
            ("2026/11/24 (21:05:07.250 x", 0, ""),
            ("2026-11-24 21:05:07 Europe/Berlin ERROR x", 20, " ERROR x"),
            ("2026-11-24 21:05:07 Africa/Cairo ERROR x", 21, " ERROR x"),
            ("2026-11-24 21:05:07 web/Server ERROR x", 21, " web/Server ERROR x"),
            ("2026-11-24 21:05:07 (GMT+9) ERROR x", 12, " ERROR x"),
            ("2026-11-24 21:05:07 [GMT+9] ERROR x", 12, " ERROR x"),
            ("2026-11-24 21:05:07 [5] ERROR x", 21, " [5] ERROR x"),
            ("2026-11-24 21:05:07 [+5] ERROR x", 21, " [+5] ERROR x"),
        ] {
            let found = take(text).map(|(stamp, rest)| (stamp.us / 3_600_000_000 % 24, rest));
            assert_eq!(found, (!behind.is_empty()).then_some((hour, behind)), "{text}");
        }
        // A number with a sign after a time is not a zone.
        assert!(!take("2026-11-23 10:24:47 -5 degrees").unwrap().0.zoned);
        let evening = take("2026. 11. 23. 오후 1:24:47   ERROR [X] y").unwrap();
        assert_eq!(evening.0.us, moment + 12 * 3_600_000_000);
        assert_eq!(evening.1, "   ERROR [X] y");
        let (noon, rest) = take("2026-11-23 12:24:47.000 AM] error: x").unwrap();
        assert_eq!((noon.us, rest), (moment - 3_600_000_000, "] error: x"));
        let (started, rest) = take("2026-11-23 13:24:47 PM2 x").unwrap();
        assert_eq!((started.us, rest), (moment + 12 * 3_600_000_000, " PM2 x"));
        // PM after the time is no half of the day.
        let day_first = take("3/4/2026, 01:24:47 [PM2] x").unwrap().0.us;
        assert_eq!(day_first, take("2026-04-03T01:24:47Z").unwrap().0.us);
        // 12 AM is midnight, 12 PM is noon.
        assert_eq!(take("3/4/2026, 12:00:00 AM").unwrap().0.us % 86_400_000_000, 0);
        assert_eq!(take("3/4/2026, 12:00:00 PM").unwrap().0.us % 86_400_000_000, 43_200_000_000);
        for later in [
            "9/11/2026, 9:05:07 PTG",
            "9/11/2026, 9:05:07 μ.μ.",
            "9.11.2026, 9:05:07 m.d.",
            "9/11/2026، 9:05:07 PM",
        ] {
            assert_eq!(
                take(later).unwrap().0.us,
                take("2026-11-09T21:05:07Z").unwrap().0.us,
                "{later}"
            );
        }
        // A word behind a time that begins like a half of the day.
        for (text, behind) in [
            ("9/11/2026, 09:05:07 PGADMIN x", " PGADMIN x"),
            ("9.11.2026 09.05.07 مرحبا", " مرحبا"),
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (take("2026-11-09T09:05:07Z").unwrap().0.us, behind));
        }
        for text in ["1795397087 x", "9795397087123 x", "20261323T012447Z", "Mayor 7, 2026"] {
            assert_eq!(take(text), None, "{text}");
        }
        for text in ["", "12", "10.0.0.7:3306", "1/2/3", "99/99/2026, 01:24:47", "오전", "1.2.3-4"]
        {
            assert_eq!(take(text), None, "{text}");
        }
    }
}
