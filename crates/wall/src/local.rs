//! Local dates and times as programs write them in several countries.

use crate::{Civil, FoundTime, MONTHS};

/// Words for the two halves of the day; true stands for the second half (PM).
const HALVES: [(&str, bool); 34] = [
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
    ("π.μ.", false),
    ("μ.μ.", true),
    ("PG", false),
    ("PTG", true),
    ("p.d.", false),
    ("m.d.", true),
    // The Arabic words are single letters, with which longer ones begin.
    ("صبح", false),
    ("شام", true),
    ("ص", false),
    ("م", true),
    ("ب.ن", false),
    ("د.ن", true),
    ("上晝", false),
    ("下晝", true),
    ("भोर", false),
    ("सांझ", true),
    ("बेलासे", true),
    ("स’ञ", true),
    ("ᏒᎯᏱᎢ", true),
    ("ድ.ቀ.", true),
];

/// Years of the Buddhist calendar, which Thai programs write, and the distance of that calendar.
const BUDDHIST: std::ops::Range<u32> = 2_400..2_700;
const BUDDHIST_BEFORE: u32 = 543;

/// A mark for the direction of a text, which Arabic dates have between their parts.
const RIGHT_TO_LEFT: char = '\u{200f}';

/// Reads a date and time from the start of a text, in the forms that `toLocaleString` of browsers
/// and of Node gives in several countries: `11/24/2026, 9:30:03 AM`, `24.11.2026, 09:30:07`,
/// `2026. 11. 24. 오전 9:30:00`, `2026年11月24日 9:30:00`, `24.11.2026 klo 9.30.07`, `24.11.2026 г., 9:30:07 ч.`, `21:30:07 24/11/2026`,
/// and with the time in brackets, `2026/11/24 (09:30:07)`. Years from 2400 to 2699 are
/// those of the Buddhist calendar of Thailand. It also reads Kibana's `Nov 24, 2026 @ 09:30:07.123`. Any text may
/// follow, and [`FoundTime::zone_s`] is always `None`.
///
/// A first number above 31 is the year, and month and day follow. Otherwise the month is first if
/// the second number is above 12, or if the text has AM or PM in capitals and the first number is
/// at most 12 (but not behind an Arabic comma); else the day is first. Seconds may be missing only at the end
/// of the text or before AM or PM, and never in Kibana's form. Returns `None` for other texts, and for dates or
/// times that do not exist or are before 1970.
///
/// ```
/// use spikeflame_wall::read_local;
///
/// let found = read_local("11/24/2026, 9:30:03 PM ERROR").unwrap();
/// assert_eq!((found.civil.month, found.civil.hour, found.length), (11, 21, 22));
/// ```
pub fn read_local(text: &str) -> Option<FoundTime> {
    let (civil, rest) = kibana(text).or_else(|| local(text))?;
    civil.unix_us()?;
    Some(FoundTime { civil, zone_s: None, length: text.len() - rest.len() })
}

/// Reads the word for AM or PM at the start of a text, after any white space, in English and some
/// other languages. Returns `Some(true)` for PM, such as `PM`, `p.m.` and `오후`, and `Some(false)`
/// for AM. Returns `None` for other texts, such as `AMOUNT`.
pub fn half_of_day(text: &str) -> Option<bool> {
    half(text.trim_start()).map(|(_, later)| later)
}

/// Reads `Nov 27, 2026 @ 11:05:01.123`, the form in which Kibana shows and exports times.
fn kibana(text: &str) -> Option<(Civil, &str)> {
    if !text.starts_with(|char: char| char.is_ascii_uppercase()) {
        return None;
    }
    let month = MONTHS.iter().position(|month| text.get(..3) == month.get(..3))?;
    let (day, rest) = number(text.get(3..)?.strip_prefix(' ')?, 2)?;
    let (year, rest) = number(rest.strip_prefix(", ")?, 4)?;
    let (hour, rest) = number(rest.strip_prefix(" @ ")?, 2)?;
    let (minute, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = number(rest.strip_prefix(':')?, 2)?;
    let (micros, rest) = fraction(rest);
    let month = u32::try_from(month).ok()? + 1;
    Some((Civil { year, month, day, hour, minute, second, micros }, rest))
}

/// Reads `11/24/2026, 9:30:03 AM`, `24.11.2026, 09:30:07`, `2026. 11. 24. 오전 9:30:00`.
fn local(text: &str) -> Option<(Civil, &str)> {
    let (first, rest) = number(text, 4)?;
    if rest.starts_with(':') {
        return time_first(text);
    }
    let (second, rest) = number(separator(rest)?, 2)?;
    let (third, rest) = number(separator(rest)?, 4)?;
    let is_arabic = rest.starts_with('،');
    // Bulgarian has the word for the year between the two.
    let rest = rest.strip_prefix(['日', '일']).unwrap_or(rest);
    let behind = rest.strip_prefix(" г.").unwrap_or(rest);
    let behind_date_has_comma = behind.starts_with(',');
    let rest = behind.trim_start_matches(['.', ',', '،']).trim_start();
    let at = ["klo ", "u "].iter().find_map(|at| rest.strip_prefix(at));
    let behind_date = at.unwrap_or(rest);
    let before = half(behind_date);
    let rest = before.map_or(behind_date, |(rest, _)| rest.trim_start());
    let (Clock { hour, minute, second: seconds, micros }, rest) = bracketed_clock(rest)?;
    // Bulgarian has the word for the hour behind the time.
    let rest = rest.strip_prefix(" ч.").unwrap_or(rest);
    let behind_time = rest.trim_start();
    let is_malay = || behind_date_has_comma && is_level_behind_morning(behind_time);
    let morning = || behind_time.strip_prefix("PG").filter(|_| is_malay()).map(|it| (it, false));
    let behind = half(behind_time).or_else(morning);
    // Any text may follow.
    let rest = behind.map_or(rest, |(rest, _)| rest);
    let halved = before.or(behind).map(|(_, later)| {
        let word = if before.is_some() { behind_date } else { behind_time };
        (later, word.starts_with("AM") || word.starts_with("PM"))
    });
    let (year, month, day) = if first > 31 {
        (first, second, third)
    } else {
        // The United States put the month first, and write AM in capitals.
        let capitals = !is_arabic && halved.is_some_and(|half| half.1);
        let month_first = second > 12 || first <= 12 && capitals;
        if month_first { (third, first, second) } else { (third, second, first) }
    };
    let year = if BUDDHIST.contains(&year) { year - BUDDHIST_BEFORE } else { year };
    let hour = match halved {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some((later, _)) => hour % 12 + if later { 12 } else { 0 },
        None => hour,
    };
    Some((Civil { year, month, day, hour, minute, second: seconds, micros }, rest))
}

/// Reads a time of day, alone or in brackets.
fn bracketed_clock(text: &str) -> Option<(Clock, &str)> {
    let Some(within) = text.strip_prefix('(') else { return clock(text) };
    let (clock, rest) = clock(within)?;
    Some((clock, rest.strip_prefix(')')?))
}

/// Returns true for the Malay word for the morning and the level of a log's line: `PG ERROR`.
fn is_level_behind_morning(text: &str) -> bool {
    const LEVELS: [&str; 8] =
        ["ERROR", "WARN", "WARNING", "INFO", "DEBUG", "FATAL", "TRACE", "VERBOSE"];
    let word = text.strip_prefix("PG ").and_then(|rest| rest.split(' ').next());
    word.is_some_and(|word| LEVELS.contains(&word))
}

/// Reads `21:30:07 24/11/2026`, which is the order of Vietnam.
fn time_first(text: &str) -> Option<(Civil, &str)> {
    let (Clock { hour, minute, second, micros }, rest) = clock(text)?;
    let (day, rest) = number(rest.strip_prefix(' ')?, 2)?;
    let (month, rest) = number(rest.strip_prefix('/')?, 2)?;
    let (year, rest) = number(rest.strip_prefix('/')?, 4)?;
    Some((Civil { year, month, day, hour, minute, second, micros }, rest))
}

/// A time of day.
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
}

/// Reads a time of day: `9:30:03`, `9:30:03.123`, `09.30.03` of Denmark, Finland and Indonesia, and
/// `9 h 30 min 03 s` of Canada.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = number(text, 2)?;
    if let Some(rest) = unit(rest, "h") {
        let (minute, rest) = number(rest, 2)?;
        let (second, rest) = number(unit(rest, "min")?, 2)?;
        let rest = rest.trim_start().strip_prefix('s')?;
        return Some((Clock { hour, minute, second, micros: 0 }, rest));
    }
    let mark = rest.chars().next().filter(|mark| matches!(mark, ':' | '.'))?;
    let (minute, rest) = number(rest.strip_prefix(mark)?, 2)?;
    // A spreadsheet leaves out seconds. Then the time must end the text, or AM or PM follow.
    let (second, rest) = match rest.strip_prefix(mark) {
        Some(rest) => number(rest, 2)?,
        None if mark == '.' => return None,
        None if rest.is_empty() || half(rest.trim_start()).is_some() => (0, rest),
        None => return None,
    };
    let (micros, rest) = fraction(rest);
    Some((Clock { hour, minute, second, micros }, rest))
}

/// Reads a number of at most `most` digits, which are nine at most.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit);
    let (count, value) = digits
        .fold((0, 0), |(count, value), digit| (count + 1, 10 * value + u32::from(digit - b'0')));
    (count > 0).then(|| Some((value, text.get(count..)?)))?
}

/// Removes the unit of a number, and the spaces around it.
fn unit<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    text.trim_start().strip_prefix(unit).map(str::trim_start)
}

fn separator(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(RIGHT_TO_LEFT);
    text.strip_prefix(['/', '.', '-', '年', '月', '년', '월']).map(str::trim_start)
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
    let first = text.as_bytes().first()?;
    if !(matches!(first, b'A' | b'P' | b'a' | b'p' | b'm') || *first >= 0x80) {
        return None;
    }
    let found = HALVES.iter().find_map(|(word, later)| Some((text.strip_prefix(word)?, *later)));
    // A message may begin with `PG`, for PostgreSQL. Loggers write a gap before the level.
    let is_gap =
        |rest: &str| rest.is_empty() || rest.starts_with("  ") || rest.starts_with([']', ',']);
    let found = found.filter(|(rest, _)| !text.starts_with("PG") || is_gap(rest));
    found.filter(|(rest, _)| match rest.as_bytes().first() {
        // `AMOUNT` and `PM_ERROR` are words of their own.
        Some(b'A'..=b'Z' | b'a'..=b'z' | b'_') => false,
        // `PM9:30` and `上午9:30` are times, and `PM2` is a program.
        Some(b'0'..=b'9') => {
            let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            behind.starts_with(':') && behind.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
        }
        // Another word that begins with one of the Arabic letters.
        Some(0xd8..=0xdb) => false,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::half_of_day;

    /// The error was: of all programs with such a name, only PM2 was no half of the day, and `PM2:30`
    /// was not one either.
    #[test]
    fn a_name_that_begins_with_a_half_of_the_day_is_none() {
        for name in [
            "PM2",
            "PM3 online",
            "AM2",
            "am5: x",
            "PM10",
            "PM_ERROR",
            "AMOUNT",
            "PM2:x",
            "PG pool is full",
        ] {
            assert_eq!(half_of_day(name), None, "{name}");
        }
        for (text, later) in [
            ("PM2:30", true),
            ("AM10:05", false),
            ("PM", true),
            (" PM, x", true),
            ("上午9:30", false),
            ("오후 9:30", true),
            ("a.m.] x", false),
            ("PG   ERROR x", false),
            ("PTG ERROR x", true),
        ] {
            assert_eq!(half_of_day(text), Some(later), "{text}");
        }
    }
}
