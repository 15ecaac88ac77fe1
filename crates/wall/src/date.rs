//! Dates and times in every form that is known, with the zone behind them.

use crate::place::{ascii_digit, offset_s};
use crate::zone::without_place;
use crate::{Civil, DAYS, FoundTime, MONTHS, half_of_day, read_iso, read_local, read_zone_behind};

/// Reads a date and time with its zone from the start of a text, in these forms of logs and tables:
///
/// - ISO 8601, as [`read_iso`] reads it, and its basic form (`20261129T230851Z`),
/// - the forms that `toLocaleString` of browsers and of Node gives in several countries, such as
///   `11/24/2026, 9:30:03 AM`, `24.11.2026, 09:30:07`, `2026. 11. 24. 오전 9:30:00` and `21:30:07 24/11/2026`,
/// - Kibana's `Nov 24, 2026 @ 09:30:07.123`,
/// - dates with the name of the month, in English, as `date`, `ctime`, HTTP, access logs and JavaScript
///   write them, with AM or PM too,
/// - log4js's `29 11 2026 23:08:51.123`.
///
/// A zone may follow each of them, as [`read_zone_behind`] reads it; the program `date` writes the zone before the
/// year. A place whose clocks change in summer may follow too, such as ` Europe/Berlin`: from 2008 on, the zone is
/// then its offset on that date, for many places of Europe and some of North America, Australia and New Zealand.
/// Places that are not known are passed over. Digits may be those of other scripts
/// ([`ascii_digit`](crate::ascii_digit)). Any text may follow a time with seconds. Returns `None` for other texts,
/// for dates or times that do not exist or are before 1970, and in the form of `date` for years from 2100.
///
/// In a date of three numbers, a first number above 31 is the year, and month and day follow. Otherwise the month
/// is first if the second number is above 12, or if the text has AM or PM in capitals (or words of a language that
/// writes so) and the first number is at most 12 (but not behind an Arabic comma); else the day is first. Years
/// from 2400 to 2699 are those of the Buddhist calendar of Thailand.
///
/// ```
/// use spikeflame_wall::read_date;
///
/// let found = read_date("29/Nov/2026:23:08:51 +0900] GET /").unwrap();
/// assert_eq!((found.civil.hour, found.zone_s, found.length), (23, Some(32_400), 26));
/// assert_eq!(read_date("11/29/2026, 9:08:51 PM KST").unwrap().zone_s, Some(32_400));
/// ```
pub fn read_date(text: &str) -> Option<FoundTime> {
    match text.as_bytes() {
        [b'0'..=b'9', ..] => {}
        // A month or a day of the week. Nearly every other text begins with something else.
        [b'A' | b'D' | b'F' | b'J' | b'M'..=b'O' | b'S' | b'T' | b'W', b'a'..=b'z', ..] => {
            return local(text);
        }
        // The first bytes of the digits of other scripts.
        [0xd9 | 0xdb | 0xe0 | 0xe1 | 0xef, ..] => return of_other_digits(text),
        _ => return None,
    }
    let Some(iso) = read_iso(text) else { return local(text).or_else(|| compact(text)) };
    let rest = text.get(iso.length..)?;
    // A word after an hour of 24 is not a half of the day.
    if half_of_day(rest).is_some()
        && let Some(halved) = local(text)
    {
        return Some(halved);
    }
    iso.civil.unix_us()?;
    zoned(text, rest, iso.civil, iso.zone_s)
}

/// Reads a date and time that begins with digits of another script: `٢٩/١١/٢٠٢٦`.
fn of_other_digits(text: &str) -> Option<FoundTime> {
    /// The longest date with its zone, in characters.
    const LONGEST: usize = 80;
    ascii_digit(text.chars().next()?)?;
    let ascii: String =
        text.chars().take(LONGEST).map(|char| ascii_digit(char).unwrap_or(char)).collect();
    let found = read_date(&ascii)?;
    let chars = ascii.get(..found.length)?.chars().count();
    let length = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    Some(FoundTime { length, ..found })
}

/// Returns the time that ends before `rest`, a part of `text`, with its zone: the one that was found in the
/// time, or else the one behind it.
fn zoned(text: &str, rest: &str, civil: Civil, zone_s: Option<i32>) -> Option<FoundTime> {
    let (zone_s, rest) = match zone_s {
        Some(zone_s) => (Some(zone_s), without_place(rest)),
        None => match read_zone_behind(rest) {
            Some((zone_s, length)) => (Some(zone_s), rest.get(length..)?),
            None => match place_behind(rest) {
                Some((place, rest)) => (offset_s(place, &civil), rest),
                None => (None, rest),
            },
        },
    };
    Some(FoundTime { civil, zone_s, length: text.len() - rest.len() })
}

/// Reads the name of a place behind a time, also in square brackets: ` Europe/Berlin`, `[Europe/Berlin]`. Also
/// returns the text after it.
fn place_behind(text: &str) -> Option<(&str, &str)> {
    const REGIONS: [&str; 11] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
    ];
    let apart = text.strip_prefix(' ').unwrap_or(text);
    let (place, rest) = match apart.strip_prefix('[') {
        Some(within) => within.split_once(']')?,
        None if apart.len() == text.len() => return None,
        None => apart.split_at_checked(apart.find([' ', '\t', ']']).unwrap_or(apart.len()))?,
    };
    let (region, city) = place.split_once('/')?;
    let is_city = city.starts_with(|c: char| c.is_ascii_uppercase())
        && city.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '_' | '-'));
    (REGIONS.contains(&region) && is_city).then_some((place, rest))
}

/// Reads the basic form of ISO 8601 and a date in this form: `20261129T230851Z`, `20261129-230851`, `20261129 23:08:51`.
fn compact(text: &str) -> Option<FoundTime> {
    let all = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let date = text.get(..8).filter(|date| all(date))?;
    let behind = text.get(8..)?.strip_prefix(['T', ' ', '-', '_'])?;
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
    iso.civil.unix_us()?;
    zoned(text, rest, iso.civil, iso.zone_s)
}

/// Reads a local date and time. A zone may follow.
fn local(text: &str) -> Option<FoundTime> {
    let (civil, zone_s, rest) = match read_local(text) {
        Some(found) => (found.civil, None, text.get(found.length..)?),
        None => named(text).or_else(|| spaced(text).map(|(civil, rest)| (civil, None, rest)))?,
    };
    zoned(text, rest, civil, zone_s)
}

/// The marks between the parts of a date.
const MARKS: [char; 4] = [' ', '/', '-', ','];

/// Removes a name, or its first three letters, from the start of a text. Returns its index, from 0.
fn word<'a>(text: &'a str, names: &[&str]) -> Option<(u32, &'a str)> {
    // nmon and Oracle write `30-NOV-2026`.
    if text.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase) {
        let (word, rest) = text.split_at_checked(3)?;
        let is_named = |name: &&str| name.get(..3).is_some_and(|it| it.eq_ignore_ascii_case(word));
        let at = names.iter().position(is_named)?;
        return Some((u32::try_from(at).ok()?, rest));
    }
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
    // The year comes later. In 2000, every day of every year exists.
    let (civil, rest) = clock(2000, month, day, text)?;
    let (civil, rest) = halved(civil, rest)?;
    let (zone_s, rest) = match read_zone_behind(rest) {
        Some((zone_s, length)) => (Some(zone_s), rest.get(length..)?),
        None => (None, rest),
    };
    let rest = rest.strip_prefix(' ')?;
    let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = rest.get(letters..)?;
    let (year, rest) = number(rest.strip_prefix(' ').unwrap_or(rest), 4)?;
    let civil = Civil { year, ..civil };
    civil.unix_us()?;
    // Logs of syslog have no year, and any number may follow their time.
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
    // Spreadsheets leave out seconds. Then the time ends the text, or AM or PM follow.
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None if rest.is_empty() || half_of_day(rest).is_some() => (0, rest),
        None => return None,
    };
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
    use super::read_date;

    /// The error was: the day was checked in 1970, which has no 29 February.
    #[test]
    fn a_leap_day_before_its_year_is_read() {
        let day = |text: &str| read_date(text).map(|found| (found.civil.month, found.civil.day));
        assert_eq!(day("Thu Feb 29 10:00:00 UTC 2024"), Some((2, 29)));
        assert_eq!(day("Thu Feb 29 10:00:00 2024"), Some((2, 29)));
        assert_eq!(day("Wed Feb 29 10:00:00 UTC 2023"), None);
        assert_eq!(day("Fri Feb 30 10:00:00 UTC 2024"), None);
    }

    /// The error was: the offset behind `GMT` was passed over, so that the time was 9 h late.
    #[test]
    fn an_offset_behind_a_name_that_follows_the_time_counts() {
        for text in ["2026-11-29 23:08:51GMT+9", "29/Nov/2026:23:08:51UTC+09:00 GET /"] {
            assert_eq!(read_date(text).and_then(|found| found.zone_s), Some(32_400), "{text}");
        }
    }
}
