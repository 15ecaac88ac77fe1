//! Time zones behind a time: offsets from UTC, and the names of zones that have one meaning.

use crate::digits;

const HOUR_S: i32 = 3_600;
const MINUTE_S: i32 = 60;

/// Reads a time zone from the start of a text: `Z` or `z`, or a sign, two digits of hours and
/// optional minutes (`+09:00`, `+0900`, `-03`). Any text may follow. Returns the seconds ahead of
/// UTC (negative for `-`) and the number of bytes read. Returns `None` for other texts, and when the
/// number of hours is above 14 or that of minutes above 59.
pub(crate) fn read_zone(text: &str) -> Option<(i32, usize)> {
    let sign = match text.as_bytes().first()? {
        b'Z' | b'z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| digits(text, at, 2).and_then(|number| i32::try_from(number).ok());
    let hours = two(1)?;
    let colon = usize::from(text.as_bytes().get(3) == Some(&b':'));
    let (minutes, length) = two(3 + colon).map_or((0, 3), |minutes| (minutes, 5 + colon));
    (hours <= 14 && minutes < 60).then_some((sign * (hours * HOUR_S + minutes * MINUTE_S), length))
}

/// Reads a text that is a time zone as a whole: `UTC` (in any case), `Z`, or an offset (`+09:00`, `+0900`, `-03`).
/// Returns the seconds ahead of UTC, negative when behind. Returns `None` for every other text, such as
/// `Asia/Seoul` or `+09:00` followed by a space, and when there are more than 14 hours or 59 minutes.
pub fn parse_zone(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    read_zone(text).filter(|(_, length)| *length == text.len()).map(|(zone, _)| zone)
}

/// Reads the time zone behind a time, as programs print it: an offset (`+0900`), a name (`KST`,
/// `[GMT+9]`, `Asia/Seoul`), or both (`GMT+0900 (Korean Standard Time)`). Returns the seconds ahead
/// of UTC and the number of bytes read. Returns `None` for names that are not in its list: `IST`
/// and `CST`, which have several meanings, and places whose clocks change in summer are not.
///
/// ```
/// use spikeflame_wall::read_zone_behind;
///
/// assert_eq!(read_zone_behind(" KST GET /"), Some((32_400, 4)));
/// assert_eq!(read_zone_behind(" GMT-3:30"), Some((-12_600, 9)));
/// assert_eq!(read_zone_behind(" IST"), None);
/// ```
pub fn read_zone_behind(text: &str) -> Option<(i32, usize)> {
    let (zone_s, rest) = match text.strip_prefix(' ') {
        Some(apart) => behind_space(apart)?,
        None => {
            let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (name, rest) = text.split_at_checked(letters)?;
            match named(name) {
                // In `GMT+9`, the name is not the whole zone.
                Some(_) if is_offset(rest) => behind_space(text)?,
                Some(zone_s) => (zone_s, rest),
                None => read_zone(text).and_then(|(zone, end)| Some((zone, text.get(end..)?)))?,
            }
        }
    };
    let rest = without_place(rest);
    let is_apart = !rest.starts_with(|c: char| c.is_alphanumeric());
    is_apart.then_some((zone_s, text.len() - rest.len()))
}

/// Returns true for a text that begins with a sign and a digit.
fn is_offset(text: &str) -> bool {
    text.strip_prefix(['+', '-']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Reads a zone that is a word of its own; also returns the text after it.
fn behind_space(text: &str) -> Option<(i32, &str)> {
    let open = [('(', ')'), ('[', ']')];
    let within = |(from, to)| text.strip_prefix(from).and_then(|within| within.split_once(to));
    if let Some((name, rest)) = open.into_iter().find_map(within) {
        return Some((bracketed(name)?, rest));
    }
    const MARKS: [char; 9] = [' ', '\t', ']', '[', ')', '|', ',', ';', '"'];
    let end = text.find(MARKS).unwrap_or(text.len());
    // PM2 writes a colon after it.
    let end = end - usize::from(text.get(..end)?.ends_with(':'));
    let (word, rest) = text.split_at_checked(end)?;
    // PostgreSQL's prefixes of lines have a colon or the number of a session behind the zone, without a blank.
    if let Some((name, _)) = word.split_once([':', '-'])
        && let Some(rest) = text.get(name.len()..)
        && (rest.starts_with(':') || is_session(rest))
        && let Some(zone_s) = named(name)
    {
        return Some((zone_s, rest));
    }
    let is_of_utc = word.len() > 3 && ["UTC", "GMT"].iter().any(|name| word.starts_with(name));
    let zone_s = match () {
        () if is_of_utc => return Some((offset_of(word)?, without_words(rest))),
        () if word.starts_with(['+', '-']) && word.len() >= 5 => parse_zone(word),
        () => named(word),
    };
    Some((zone_s?, rest))
}

/// Returns true for the number of a session of PostgreSQL behind a dash: `-5f1b2c3d.1a10`.
fn is_session(text: &str) -> bool {
    let start =
        text.strip_prefix('-').and_then(|text| text.split_once('.')).map(|(start, _)| start);
    start
        .is_some_and(|start| start.len() >= 8 && start.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Reads an offset behind the name of UTC: `GMT+9`, `UTC+09:00`.
fn offset_of(word: &str) -> Option<i32> {
    let offset = ["UTC", "GMT"].iter().find_map(|name| word.strip_prefix(name))?;
    read_offset(offset)
}

/// Reads a zone that stands in brackets. Single letters and short numbers there may be anything.
fn bracketed(name: &str) -> Option<i32> {
    let offset = || read_offset(name).filter(|_| name.len() >= 5);
    offset_of(name).or_else(offset).or_else(|| named(name).filter(|_| name.len() >= 3))
}

fn read_offset(offset: &str) -> Option<i32> {
    is_offset(offset).then(|| parse_zone(offset).or_else(|| short_offset(offset)))?
}

/// Reads an offset whose hour has one digit: `+9` of `toLocaleString`, `-3:30`.
fn short_offset(text: &str) -> Option<i32> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let hours_and_minutes = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = hours_and_minutes.split_once(':').unwrap_or((hours_and_minutes, "00"));
    let number = |text: &str, length: std::ops::RangeInclusive<usize>| -> Option<i32> {
        let fits = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| fits)
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * HOUR_S + minutes * MINUTE_S))
}

/// Removes the name that JavaScript writes behind an offset: ` (Coordinated Universal Time)`.
fn without_words(text: &str) -> &str {
    const LONGEST: usize = 60;
    let within = text.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
    let is_name =
        |name: &str| name.len() <= LONGEST && !name.contains(|c: char| c.is_ascii_digit());
    within.filter(|(name, _)| is_name(name)).map_or(text, |(_, rest)| rest)
}

/// Removes the place that Java writes behind an offset, `[Asia/Seoul]`, and the name of the zone that
/// Python writes there, ` (KST)`. Other texts in brackets may be a process or the name of a logger.
pub(crate) fn without_place(text: &str) -> &str {
    let place = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let place = place.filter(|(name, _)| {
        let is_place = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_' | '-');
        named(name).is_some() || name.contains('/') && name.chars().all(is_place)
    });
    let name = || text.strip_prefix(" (").and_then(|rest| rest.split_once(')'));
    let found = place.or_else(|| name().filter(|(name, _)| named(name).is_some()));
    found.map_or(text, |(_, rest)| rest)
}

/// Returns the seconds ahead of UTC of a zone with one meaning. `IST`, `CST`, `BST`, `AST` and `MST`
/// have several. Places are those without a summer time.
fn named(zone: &str) -> Option<i32> {
    let half = HOUR_S / 2;
    Some(match zone {
        "UTC" | "GMT" | "UT" | "Z" | "WET" | "Etc/UTC" | "Etc/GMT" => 0,
        "CET" | "MEZ" | "WEST" => HOUR_S,
        "CEST" | "MESZ" | "EET" => 2 * HOUR_S,
        "MSK" | "EEST" | "Europe/Moscow" | "Europe/Istanbul" => 3 * HOUR_S,
        "PKT" | "Asia/Karachi" => 5 * HOUR_S,
        "Asia/Kolkata" | "Asia/Calcutta" => 5 * HOUR_S + half,
        "WIB" | "ICT" | "Asia/Jakarta" | "Asia/Bangkok" | "Asia/Ho_Chi_Minh" => 7 * HOUR_S,
        "HKT" | "SGT" | "AWST" | "Asia/Shanghai" | "Asia/Hong_Kong" | "Asia/Singapore"
        | "Asia/Taipei" | "Asia/Manila" => 8 * HOUR_S,
        "KST" | "JST" | "Asia/Seoul" | "Asia/Tokyo" => 9 * HOUR_S,
        "ACST" => 9 * HOUR_S + half,
        "AEST" => 10 * HOUR_S,
        "ACDT" => 10 * HOUR_S + half,
        "AEDT" => 11 * HOUR_S,
        "NZST" => 12 * HOUR_S,
        "NZDT" => 13 * HOUR_S,
        "BRT" | "ART" | "America/Sao_Paulo" => -3 * HOUR_S,
        "EDT" => -4 * HOUR_S,
        "EST" | "CDT" => -5 * HOUR_S,
        "MDT" => -6 * HOUR_S,
        "PDT" => -7 * HOUR_S,
        "PST" | "AKDT" => -8 * HOUR_S,
        "AKST" => -9 * HOUR_S,
        "HST" => -10 * HOUR_S,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: the logs' reader knew `KST` and `GMT+9`, and the tables' reader refused both.
    #[test]
    fn zones_are_read_in_every_way_of_writing_them() {
        for text in [
            "+09:00",
            "+0900",
            "+09",
            "KST",
            " +0900",
            " +09:00",
            " KST",
            " JST",
            " (KST)",
            " [KST]",
            " (GMT+9)",
            " [GMT+9]",
            " (UTC+09:00)",
            " [+09:00]",
            " (+0900)",
            " GMT+9",
            " UTC+9",
            " GMT+09:00",
            " GMT+0900 (Korean Standard Time)",
            "GMT+9",
            "UTC+09:00",
            "GMT+0900 (Korean Standard Time)",
            "+09:00[Asia/Seoul]",
            " Asia/Seoul",
            " +0900 (KST)",
        ] {
            assert_eq!(read_zone_behind(text), Some((32_400, text.len())), "{text}");
        }
        assert_eq!(read_zone_behind(" KST] x"), Some((32_400, 4)));
        assert_eq!(read_zone_behind(" KST: x"), Some((32_400, 4)));
        assert_eq!(read_zone_behind("GMT+9)"), Some((32_400, 5)));
        assert_eq!(read_zone_behind(" KST\tx"), Some((32_400, 4)));
        assert_eq!(read_zone_behind("UTC-x"), Some((0, 3)));
        assert_eq!(read_zone_behind(" UTC [web] x"), Some((0, 4)));
        assert_eq!(read_zone_behind("Z [id=7] x"), Some((0, 1)));
        for text in [
            "",
            " ",
            " IST",
            " CST",
            " -5 degrees",
            " ERROR x",
            " GMTx",
            "GMTx",
            "GMT+99",
            "GMT+9x",
            "KST+9",
            "Z+9",
            " UTC+99",
            "Zone",
            " KSTx",
            " Europe/Berlin",
            " (x)",
            " [web] x",
        ] {
            assert_eq!(read_zone_behind(text), None, "{text}");
        }
    }
}
