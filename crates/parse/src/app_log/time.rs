//! Times at the start of a log's lines: ISO 8601, and the forms of `toLocaleString` in
//! several countries.

use spikeflame_profile::wall::{Civil, parse_zone, read_iso};

/// The time of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Microseconds since 1970. A time without a zone is taken as UTC.
    pub(super) us: i64,
    /// True when the line contains the zone.
    pub(super) zoned: bool,
}

/// Words for the halves of the day, and whether it is the second half.
const HALVES: [(&str, bool); 14] = [
    ("AM", false),
    ("PM", true),
    ("am", false),
    ("pm", true),
    ("a.m.", false),
    ("p.m.", true),
    ("a. m.", false),
    ("p. m.", true),
    ("오전", false),
    ("오후", true),
    ("上午", false),
    ("下午", true),
    ("午前", false),
    ("午後", true),
];

/// Reads a time from the start of a text; also returns the text after it.
pub(super) fn take(text: &str) -> Option<(Stamp, &str)> {
    if let Some(found) = kibana(text) {
        return Some(found);
    }
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    if let Some(iso) = read_iso(text)
        && !half(text.get(iso.length..)?.trim_start()).is_some_and(|(_, later)| later)
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
        let (word, rest) = rest.split_at_checked(end)?;
        match word {
            "UTC" | "GMT" | "Z" => Some((0, rest)),
            _ if word.starts_with(['+', '-']) && word.len() >= 5 => Some((parse_zone(word)?, rest)),
            _ => None,
        }
    });
    found.map_or((None, text), |(zone_s, rest)| (Some(zone_s), rest))
}

/// Reads `Nov 27, 2026 @ 11:05:01.123`, the form in which Kibana shows and exports times.
fn kibana(text: &str) -> Option<(Stamp, &str)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|month| text.starts_with(month))?;
    let (day, rest) = number(text.get(3..)?.strip_prefix(' ')?, 2)?;
    let (year, rest) = number(rest.strip_prefix(", ")?, 4)?;
    let (hour, rest) = number(rest.strip_prefix(" @ ")?, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (micros, rest) = fraction(rest);
    let month = u32::try_from(month).ok()? + 1;
    let civil = Civil { year, month, day, hour, minute, second, micros };
    Some((Stamp { us: civil.unix_us()?, zoned: false }, rest))
}

/// Reads `11/24/2026, 9:30:03 AM`, `24.11.2026, 09:30:07`, `2026. 11. 24. 오전 9:30:00`.
fn local(text: &str) -> Option<(Stamp, &str)> {
    let (first, rest) = number(text, 4)?;
    let rest = separator(rest)?;
    let (second, rest) = number(rest, 2)?;
    let rest = separator(rest)?;
    let (third, rest) = number(rest, 4)?;
    let rest = rest.trim_start_matches(['.', ',']).trim_start();
    let before = half(rest);
    let rest = before.map_or(rest, |(rest, _)| rest.trim_start());
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (seconds, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (micros, rest) = fraction(rest);
    let behind = half(rest.trim_start());
    // Any text may follow.
    let rest = behind.map_or(rest, |(rest, _)| rest);
    let halved = before.or(behind);
    let (year, month, day) = if first > 31 {
        (first, second, third)
    } else {
        // The United States put the month first, and write AM in capitals.
        let capitals = text.contains("AM") || text.contains("PM");
        let month_first = second > 12 || first <= 12 && capitals;
        if month_first { (third, first, second) } else { (third, second, first) }
    };
    let hour = match halved {
        Some((_, _)) if !(1..=12).contains(&hour) => return None,
        Some((_, later)) => hour % 12 + if later { 12 } else { 0 },
        None => hour,
    };
    let civil = Civil { year, month, day, hour, minute, second: seconds, micros };
    Some((Stamp { us: civil.unix_us()?, zoned: false }, rest))
}

fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    Some((digits.parse().ok()?, rest))
}

fn separator(text: &str) -> Option<&str> {
    text.strip_prefix(['/', '.', '-']).map(str::trim_start)
}

fn fraction(text: &str) -> (u32, &str) {
    let Some(digits) = text.strip_prefix(['.', ',']) else { return (0, text) };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let Some((digits, rest)) = digits.split_at_checked(count).filter(|_| count > 0) else {
        return (0, text);
    };
    (format!("{digits:0<6.6}").parse().unwrap_or(0), rest)
}

/// Reads the half of the day at the start of a text; also returns the text after it.
fn half(text: &str) -> Option<(&str, bool)> {
    let found = HALVES.iter().find_map(|(word, later)| Some((text.strip_prefix(word)?, *later)));
    // A word such as `AMOUNT` is not a half of the day.
    found.filter(|(rest, _)| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
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
        // 12 AM is midnight, 12 PM is noon.
        assert_eq!(take("3/4/2026, 12:00:00 AM").unwrap().0.us % 86_400_000_000, 0);
        assert_eq!(take("3/4/2026, 12:00:00 PM").unwrap().0.us % 86_400_000_000, 43_200_000_000);
        for text in ["", "12", "10.0.0.7:3306", "1/2/3", "99/99/2026, 01:24:47", "오전", "1.2.3-4"]
        {
            assert_eq!(take(text), None, "{text}");
        }
    }
}
