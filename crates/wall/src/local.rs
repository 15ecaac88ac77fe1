//! Local dates and times as programs write them in several countries.

use crate::{Civil, FoundTime, MONTHS};

/// Words for the two halves of the day; true stands for the second half (PM).
const HALVES: [(&str, bool); 61] = [
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
    ("फुं", false),
    ("सवेर", false),
    ("स’ञ", true),
    ("भ्यागा", false),
    ("दपेहरा/संजा", true),
    ("पूर्वाह्न", false),
    ("अपराह्न", true),
    ("পূৰ্বাহ্ন", false),
    ("অপৰাহ্ন", true),
    ("নুমাং", false),
    ("ᏌᎾᎴ", false),
    ("ᏒᎯᏱᎢ", true),
    ("ቅ.ቀ.", false),
    ("ድ.ቀ.", true),
    ("ጥዋት", false),
    ("ከሰዓት", true),
    ("ᐊᒼ", false),
    ("ᐲᒼ", true),
    ("སྔ་དྲོ་", false),
    ("ཕྱི་དྲོ་", true),
    ("སྔ་ཆ་", false),
    ("ཕྱི་ཆ་", true),
    ("܏ܩܛ\u{200c}", false),
    ("܏ܒܛ\u{200c}", true),
    ("ǁgoagas", false),
    ("ǃuias", true),
    ("n tufat", false),
    ("n tmeddit", true),
    ("TŊ", true),
    ("uluchelo", false),
    ("akasuba", true),
];

/// Words for the halves of the day that may also be another word of a log, such as the name of a logger: Malay, Akan,
/// Oromo, Somali, Tongan and Nuer.
const SHORT_HALVES: [(&str, bool); 10] = [
    ("PG", false),
    ("ANW", true),
    ("AN", false),
    ("WD", false),
    ("WB", true),
    ("GH", false),
    ("GD", true),
    ("HH", false),
    ("EA", true),
    ("RW", false),
];

/// Words for the halves of the day of the languages that write the month first, as the United States do.
const MONTH_FIRST: [&str; 10] = ["AM", "PM", "WD", "WB", "GH", "GD", "ᏌᎾᎴ", "ᏒᎯᏱᎢ", "ቅ.ቀ.", "ድ.ቀ."];

/// Years of the Buddhist calendar, which Thai programs write, and the distance of that calendar.
const BUDDHIST: std::ops::Range<u32> = 2_400..2_700;
const BUDDHIST_BEFORE: u32 = 543;

/// A mark for the direction of a text, which Arabic dates have between their parts.
const RIGHT_TO_LEFT: char = '\u{200f}';

/// Reads a date and time from the start of a text, in the forms of `toLocaleString` and of Kibana, without a zone:
/// also `2026年11月24日 9:30:00`, `24.11.2026 klo 9.30.07`, `24.11.2026 г., 9:30:07 ч.`, and with the time in brackets,
/// `2026/11/24 (09:30:07)`. Seconds may be missing only at the end of the text or before AM or PM, and not in Kibana's
/// form.
pub(crate) fn read_local(text: &str) -> Option<FoundTime> {
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
    // PostgreSQL is `PG` too.
    let may_be_short = behind_date_has_comma || !behind_time.starts_with("PG");
    let behind =
        half(behind_time).or_else(|| half_before_level(behind_time).filter(|_| may_be_short));
    // Where the hours go to 24, such a word is another one.
    let behind = behind.filter(|_| (1..=12).contains(&hour) || !is_short(behind_time));
    // Any text may follow.
    let rest = behind.map_or(rest, |(rest, _)| rest);
    let halved = before.or(behind).map(|(_, later)| {
        let word = if before.is_some() { behind_date } else { behind_time };
        (later, MONTH_FIRST.iter().any(|it| word.starts_with(it)))
    });
    let (year, month, day) = if first > 31 {
        (first, second, third)
    } else {
        let is_of_halves = !is_arabic && halved.is_some_and(|half| half.1);
        let month_first = second > 12 || first <= 12 && is_of_halves;
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

/// Reads a word of [`SHORT_HALVES`] that stands before the level of a log's line: `PG ERROR`. Also returns the text
/// after the word.
fn half_before_level(text: &str) -> Option<(&str, bool)> {
    const LEVELS: [&str; 8] =
        ["ERROR", "WARN", "WARNING", "INFO", "DEBUG", "FATAL", "TRACE", "VERBOSE"];
    let (rest, later) = short_half(text)?;
    let word = rest.strip_prefix(' ')?.split(' ').next()?;
    LEVELS.contains(&word).then_some((rest, later))
}

/// Removes a word of [`SHORT_HALVES`] from the start of a text.
fn short_half(text: &str) -> Option<(&str, bool)> {
    SHORT_HALVES.iter().find_map(|(word, later)| Some((text.strip_prefix(word)?, *later)))
}

fn is_short(text: &str) -> bool {
    short_half(text).is_some()
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
    // Nearly every text begins with something else.
    match text.as_bytes() {
        [b'A' | b'P' | b'a' | b'p' | b'm' | 0x80.., ..] => {}
        [b'W', b'B' | b'D', ..] | [b'G', b'D' | b'H', ..] | [b'T', 0xc5, ..] => {}
        [b'H', b'H', ..] | [b'E', b'A', ..] | [b'R', b'W', ..] => {}
        [b'u', b'l', ..] | [b'n', b' ', ..] => {}
        _ => return None,
    }
    let found = HALVES.iter().find_map(|(word, later)| Some((text.strip_prefix(word)?, *later)));
    // A message may begin with `PG`, for PostgreSQL. Loggers write a gap before the level.
    let is_gap =
        |rest: &str| rest.is_empty() || rest.starts_with("  ") || rest.starts_with([']', ',']);
    let found = found.or_else(|| short_half(text).filter(|(rest, _)| is_gap(rest)));
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
    use super::{half_of_day, read_local};

    /// The error was: times of these countries in the afternoon were read as those of the morning.
    #[test]
    fn rare_halves_of_the_day_are_read() {
        for text in [
            "2026/11/4, 9:05:07 ANW",
            "4/11/2026 ከሰዓት 9:05:07",
            "11/4/2026, 9:05:07 WB",
            "11/4/2026, 9:05:07 GD",
            "11/4/2026, 9:05:07 GD ERROR x",
            "11/4/2026 9:05:07 ድ.ቀ.",
            "4/11/2026 9:05:07 EA",
            "4/11/2026 9:05:07 TŊ",
            "4/11/2026 9:05:07 akasuba",
            "4/11/2026, 9:05:07 दपेहरा/संजा",
            "2026-11-4 9:05:07 n tmeddit",
            "2026-11-4 9:05:07 ǃuias",
            "2026-11-4 9:05:07 ᐲᒼ",
            "2026-11-4 9:05:07 ཕྱི་དྲོ་",
            "4/11/2026، 9:05:07 ܏ܒܛ\u{200c}",
        ] {
            let civil = read_local(text).map(|found| found.civil);
            let read = civil.map(|civil| (civil.month, civil.day, civil.hour));
            assert_eq!(read, Some((11, 4, 21)), "{text}");
        }
        for text in
            ["4/11/2026, 9:05:07 ANX", "4/11/2026, 9:05:07 EA x", "4/11/2026, 09:05:07 GH: x"]
        {
            assert_eq!(read_local(text).map(|found| found.civil.hour), Some(9), "{text}");
        }
        // The name of a logger.
        assert_eq!(read_local("4/11/2026, 21:05:07 GH ERROR").map(|it| it.civil.hour), Some(21));
    }

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
