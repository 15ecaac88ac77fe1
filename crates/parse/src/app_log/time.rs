//! Times at the start of a log's lines: ISO 8601, and the forms of `toLocaleString` in
//! several countries.

use spikeflame_profile::wall::{half_of_day, parse_zone, read_iso, read_local};

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
    if !text.as_bytes().first()?.is_ascii_digit() {
        return local(text);
    }
    if let Some(iso) = read_iso(text)
        && half_of_day(text.get(iso.length..)?) != Some(true)
    {
        let rest = text.get(iso.length..)?;
        let (zone_s, rest) = match iso.zone_s {
            Some(zone_s) => (Some(zone_s), rest),
            None => zone_behind(rest),
        };
        let us = iso.civil.unix_us()? - i64::from(zone_s.unwrap_or(0)) * 1_000_000;
        return Some((Stamp { us, zoned: zone_s.is_some() }, rest));
    }
    local(text)
}

/// Reads the zone that follows a time after a space (pino-pretty's ` +0900`, ` UTC`).
/// Returns the seconds ahead of UTC, and the text after it.
fn zone_behind(text: &str) -> (Option<i32>, &str) {
    let found = text.strip_prefix(' ').and_then(|rest| {
        let end = rest.find([' ', ']', '|', ',']).unwrap_or(rest.len());
        // PM2 writes a colon after it.
        let end = end - usize::from(rest.get(..end)?.ends_with(':'));
        let (word, rest) = rest.split_at_checked(end)?;
        match word {
            "UTC" | "GMT" | "Z" => Some((0, rest)),
            _ if word.starts_with("UTC") || word.starts_with("GMT") => {
                Some((parse_zone(word.get(3..)?)?, rest))
            }
            _ if word.starts_with(['+', '-']) && word.len() >= 5 => Some((parse_zone(word)?, rest)),
            _ => None,
        }
    });
    found.map_or((None, text), |(zone_s, rest)| (Some(zone_s), rest))
}

/// Reads a local date and time, without a zone.
fn local(text: &str) -> Option<(Stamp, &str)> {
    let found = read_local(text)?;
    let stamp = Stamp { us: found.civil.unix_us()?, zoned: false };
    Some((stamp, text.get(found.length..)?))
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
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (moment, ""), "{text}");
        }
        for (text, us) in [
            ("2026-11-23 10:24:47.000 +0900", moment),
            ("2026-11-23 10:24:47 +09:00", moment),
            ("2026-11-23 01:24:47.000 UTC", moment),
            ("Nov 23, 2026 @ 01:24:47.000", moment),
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (us, ""), "{text}");
        }
        // A number with a sign after a time is not a zone.
        assert!(!take("2026-11-23 10:24:47 -5 degrees").unwrap().0.zoned);
        let evening = take("2026. 11. 23. 오후 1:24:47   ERROR [X] y").unwrap();
        assert_eq!(evening.0.us, moment + 12 * 3_600_000_000);
        assert_eq!(evening.1, "   ERROR [X] y");
        // PM after the time is no half of the day.
        let day_first = take("3/4/2026, 01:24:47 [PM2] x").unwrap().0.us;
        assert_eq!(day_first, take("2026-04-03T01:24:47Z").unwrap().0.us);
        // 12 AM is midnight, 12 PM is noon.
        assert_eq!(take("3/4/2026, 12:00:00 AM").unwrap().0.us % 86_400_000_000, 0);
        assert_eq!(take("3/4/2026, 12:00:00 PM").unwrap().0.us % 86_400_000_000, 43_200_000_000);
        for text in ["", "12", "10.0.0.7:3306", "1/2/3", "99/99/2026, 01:24:47", "오전", "1.2.3-4"]
        {
            assert_eq!(take(text), None, "{text}");
        }
    }
}
