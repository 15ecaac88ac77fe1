//! Times at the start of a log's lines: ISO 8601, and the forms of `toLocaleString` in
//! several countries.

use spikeflame_profile::wall::{Civil, half_of_day, parse_zone, read_iso, read_local};

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
    match text.as_bytes() {
        [b'0'..=b'9', ..] => {}
        // A month or a day of the week. Nearly every other text begins with something else.
        [b'A' | b'D' | b'F' | b'J' | b'M'..=b'O' | b'S' | b'T' | b'W', b'a'..=b'z', ..] => {
            return local(text);
        }
        _ => return None,
    }
    if let Some(iso) = read_iso(text) {
        let rest = text.get(iso.length..)?;
        // A word after an hour of 24 is not a half of the day.
        if half_of_day(rest).is_some()
            && let Some(halved) = local(text)
        {
            return Some(halved);
        }
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
            _ if hours_of(word).is_some() => Some((hours_of(word)? * 3_600, rest)),
            _ if word.starts_with("UTC") || word.starts_with("GMT") => {
                Some((parse_zone(word.get(3..)?)?, rest))
            }
            _ if word.starts_with(['+', '-']) && word.len() >= 5 => Some((parse_zone(word)?, rest)),
            _ => None,
        }
    });
    found.map_or((None, text), |(zone_s, rest)| (Some(zone_s), rest))
}

/// Returns the hours ahead of UTC of a zone with one meaning: `IST`, `CST` and `BST` have several.
fn hours_of(zone: &str) -> Option<i32> {
    Some(match zone {
        "KST" | "JST" => 9,
        "MSK" | "EEST" => 3,
        "EET" | "CEST" => 2,
        "CET" => 1,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "MDT" => -6,
        "PDT" => -7,
        "PST" => -8,
        _ => return None,
    })
}

/// Reads a local date and time. A zone may follow.
fn local(text: &str) -> Option<(Stamp, &str)> {
    let (civil, rest) = match read_local(text) {
        Some(found) => (found.civil, text.get(found.length..)?),
        None => named(text).or_else(|| spaced(text))?,
    };
    let (zone_s, rest) = zone_behind(rest);
    let us = civil.unix_us()? - i64::from(zone_s.unwrap_or(0)) * 1_000_000;
    Some((Stamp { us, zoned: zone_s.is_some() }, rest))
}

/// Reads a date with the name of its month: `29/Nov/2026:23:08:51` of access logs, `Nov-29-2026 23:08:51`,
/// `29 Nov 2026 23:08:51`, `Sun, Nov 29, 2026 23:08:51`.
fn named(text: &str) -> Option<(Civil, &str)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MARKS: [char; 4] = [' ', '/', '-', ','];
    let month = |text: &str| {
        let word = text.get(..3)?;
        let month = MONTHS.iter().position(|month| *month == word)?;
        Some((u32::try_from(month).ok()? + 1, 3))
    };
    if !text.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        return None;
    }
    let rest = match DAYS.iter().find_map(|day| text.strip_prefix(day)) {
        Some(rest) => rest.strip_prefix(',').unwrap_or(rest).strip_prefix(' ')?,
        None => text,
    };
    let (month, day, rest) = match month(rest) {
        Some((month, length)) => {
            let (day, rest) = number(rest.get(length..)?.strip_prefix(MARKS)?, 2)?;
            (month, day, rest)
        }
        None => {
            let (day, rest) = number(rest, 2)?;
            let rest = rest.strip_prefix(MARKS)?;
            let (month, length) = month(rest)?;
            (month, day, rest.get(length..)?)
        }
    };
    let rest = rest.strip_prefix(MARKS)?;
    let (year, rest) = number(rest.strip_prefix(' ').unwrap_or(rest), 4)?;
    let rest = rest.strip_prefix(", ").or_else(|| rest.strip_prefix([' ', ':']))?;
    clock(year, month, day, rest)
}

/// Reads log4js's `DATETIME`: `29 11 2026 23:08:51.123`.
fn spaced(text: &str) -> Option<(Civil, &str)> {
    let (day, rest) = number(text, 2)?;
    let (month, rest) = number(rest.strip_prefix(' ')?, 2)?;
    let (year, rest) = number(rest.strip_prefix(' ')?, 4)?;
    clock(year, month, day, rest.strip_prefix(' ')?)
}

/// Reads the time of day behind a date.
fn clock(year: u32, month: u32, day: u32, text: &str) -> Option<(Civil, &str)> {
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2)?;
    let digits = rest.strip_prefix(['.', ',']).unwrap_or_default();
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (micros, rest) = match digits.get(..count).filter(|digits| !digits.is_empty()) {
        Some(fraction) => (format!("{fraction:0<6.6}").parse().ok()?, digits.get(count..)?),
        None => (0, rest),
    };
    let civil = Civil { year, month, day, hour, minute, second, micros };
    civil.unix_us()?;
    (year >= 1970).then_some((civil, rest))
}

/// Reads a number of at most `most` digits.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(count)?;
    Some((digits.parse().ok()?, rest))
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
        ] {
            let (stamp, rest) = take(text).unwrap();
            assert_eq!((stamp.us, rest), (us, ""), "{text}");
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
        for text in ["", "12", "10.0.0.7:3306", "1/2/3", "99/99/2026, 01:24:47", "오전", "1.2.3-4"]
        {
            assert_eq!(take(text), None, "{text}");
        }
    }
}
