//! Times at the start of a log's lines.

use spikeflame_profile::wall::{SECOND_US, read_date};

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
