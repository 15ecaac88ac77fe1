//! Times at the start of a log's lines: ISO 8601, and the forms of `toLocaleString` in
//! several countries.

use spikeflame_profile::wall::{
    Civil, DAYS, MONTHS, half_of_day, parse_zone, read_iso, read_local,
};

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
    local(text).or_else(|| compact(text)).or_else(|| unix(text))
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

/// Reads the basic form of ISO 8601 and a date in this form: `20261129T230851Z`, `20261129 23:08:51`.
fn compact(text: &str) -> Option<(Stamp, &str)> {
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let date = text.get(..8).filter(|date| all(date))?;
    let behind = text.get(8..)?.strip_prefix(['T', ' '])?;
    let clock = match behind.get(..6).filter(|clock| all(clock)) {
        Some(clock) => {
            let parts = [clock.get(..2)?, clock.get(2..4)?, clock.get(4..)?];
            format!("{}{}", parts.join(":"), behind.get(6..)?)
        }
        None => behind.to_owned(),
    };
    let whole = format!("{}-{}-{}T{clock}", date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let iso = read_iso(&whole)?;
    let rest = text.get(text.len() - (whole.len() - iso.length)..)?;
    let (zone_s, rest) = match iso.zone_s {
        Some(zone_s) => (Some(zone_s), rest),
        None => zone_behind(rest),
    };
    let us = iso.civil.unix_us()? - i64::from(zone_s.unwrap_or(0)) * 1_000_000;
    Some((Stamp { us, zoned: zone_s.is_some() }, rest))
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
                let offset = word.get(3..)?;
                let zone_s = parse_zone(offset).or_else(|| short_offset(offset))?;
                Some((zone_s, without_zone_name(rest)))
            }
            _ if word.starts_with(['+', '-']) && word.len() >= 5 => Some((parse_zone(word)?, rest)),
            _ => None,
        }
    });
    found.map_or((None, text), |(zone_s, rest)| (Some(zone_s), rest))
}

/// Reads an offset whose hour has one digit: `+9` of `toLocaleString`, `-3:30`.
fn short_offset(text: &str) -> Option<i32> {
    let ahead = text.starts_with('+');
    let (hours, rest) = number(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    let fits = rest.is_empty() && hours <= 14 && minutes < 60;
    fits.then_some(if ahead { seconds } else { -seconds })
}

/// Removes the name of the zone that JavaScript writes behind an offset: ` (Coordinated Universal Time)`.
fn without_zone_name(text: &str) -> &str {
    const LONGEST: usize = 60;
    let within = text.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
    let is_name =
        |name: &str| name.len() <= LONGEST && !name.contains(|c: char| c.is_ascii_digit());
    within.filter(|(name, _)| is_name(name)).map_or(text, |(_, rest)| rest)
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
    let (civil, zone_s, rest) = match read_local(text) {
        Some(found) => (found.civil, None, text.get(found.length..)?),
        None => named(text).or_else(|| spaced(text).map(|(civil, rest)| (civil, None, rest)))?,
    };
    let (zone_s, rest) = match zone_s {
        Some(zone_s) => (Some(zone_s), rest),
        None => zone_behind(rest),
    };
    let us = civil.unix_us()? - i64::from(zone_s.unwrap_or(0)) * 1_000_000;
    Some((Stamp { us, zoned: zone_s.is_some() }, rest))
}

/// The marks between the parts of a date.
const MARKS: [char; 4] = [' ', '/', '-', ','];

/// Removes a name, or its first three letters, from the start of a text. Returns its index, from 0.
fn word<'a>(text: &'a str, names: &[&str]) -> Option<(u32, &'a str)> {
    let strip = |name: &str| text.strip_prefix(name).or_else(|| text.strip_prefix(name.get(..3)?));
    let found = names.iter().enumerate().find_map(|(at, name)| Some((at, strip(name)?)));
    found.and_then(|(at, rest)| Some((u32::try_from(at).ok()?, rest)))
}

/// Reads a date with the name of its month: `29/Nov/2026:23:08:51` of access logs, `Nov-29-2026 23:08:51`,
/// `29 Nov 2026 23:08:51`, `Sun, Nov 29, 2026, 11:08:51 PM`, `Sun Nov 29 23:08:51 UTC 2026`.
fn named(text: &str) -> Option<(Civil, Option<i32>, &str)> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        return None;
    }
    let rest = match word(text, &DAYS) {
        Some((_, rest)) => rest.strip_prefix(',').unwrap_or(rest).strip_prefix(' ')?,
        None => text,
    };
    let (month, day, rest) = match word(rest, &MONTHS) {
        Some((month, rest)) => {
            let (day, rest) = number(rest.strip_prefix(MARKS)?.trim_start(), 2)?;
            (month + 1, day, rest)
        }
        None => {
            let (day, rest) = number(rest, 2)?;
            let (month, rest) = word(rest.strip_prefix(MARKS)?, &MONTHS)?;
            (month + 1, day, rest)
        }
    };
    let rest = rest.strip_prefix(MARKS)?;
    if rest.as_bytes().get(2) == Some(&b':') {
        return year_last(month, day, rest);
    }
    let (year, rest) = number(rest.strip_prefix(' ').unwrap_or(rest), 4)?;
    let starts = [", ", " at ", " ", ":"];
    let rest = starts.iter().find_map(|start| rest.strip_prefix(start))?;
    let (civil, rest) = clock(year, month, day, rest)?;
    let (civil, rest) = halved(civil, rest)?;
    Some((civil, None, rest))
}

/// Reads the time of day and the year behind a day, as `date` and `ctime` write them: `23:08:51 UTC 2026`.
fn year_last(month: u32, day: u32, text: &str) -> Option<(Civil, Option<i32>, &str)> {
    let (civil, rest) = clock(1970, month, day, text)?;
    let (zone_s, rest) = zone_behind(rest);
    let rest = rest.strip_prefix(' ')?;
    let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = rest.get(letters..)?;
    let (year, rest) = number(rest.strip_prefix(' ').unwrap_or(rest), 4)?;
    let civil = Civil { year, ..civil };
    civil.unix_us()?;
    (1_970..2_100).contains(&year).then_some((civil, zone_s, rest))
}

/// Applies the half of the day behind a time, if there is one.
fn halved(civil: Civil, text: &str) -> Option<(Civil, &str)> {
    const HALVES: [&str; 6] = ["AM", "PM", "am", "pm", "a.m.", "p.m."];
    let Some(later) = half_of_day(text) else { return Some((civil, text)) };
    let start = text.trim_start();
    let Some(rest) = HALVES.iter().find_map(|half| start.strip_prefix(half)) else {
        return Some((civil, text));
    };
    if !(1..=12).contains(&civil.hour) {
        return Some((civil, text));
    }
    Some((Civil { hour: civil.hour % 12 + if later { 12 } else { 0 }, ..civil }, rest))
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
            "Nov 23, 2026, 1:24:47 AM",
            "Monday, November 23, 2026 at 1:24:47 AM UTC",
            "Mon Nov 23 01:24:47 2026",
            "Mon Nov 23 01:24:47 UTC 2026",
            "Mon Nov 23 01:24:47 IST 2026",
            "Mon Nov 23 2026 10:24:47 GMT+0900 (Korean Standard Time)",
            "20261123T012447Z",
            "20261123 01:24:47",
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
        for text in ["1795397087 x", "9795397087123 x", "20261323T012447Z", "Mayor 7, 2026"] {
            assert_eq!(take(text), None, "{text}");
        }
        for text in ["", "12", "10.0.0.7:3306", "1/2/3", "99/99/2026, 01:24:47", "오전", "1.2.3-4"]
        {
            assert_eq!(take(text), None, "{text}");
        }
    }
}
