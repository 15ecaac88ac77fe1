//! Removes what loggers write before a text: a time without a date, a place, a process, a category.

use crate::app_log::level::{
    self, LONGEST_LEVEL, Level, bracketed, split_level, split_other_level, split_short_level,
};
use crate::app_log::naming::is_only_named;
use crate::app_log::time;

/// Marks between a level and the text.
pub(super) const LEVEL_MARKS: [char; 5] = [' ', ':', '|', '-', '\t'];

/// Removes the time of day in front of a text: `[11:54:54.360] `, as pino-pretty writes it.
/// It has no date, so it cannot be the time of an event.
pub(super) fn time_of_day(text: &str) -> Option<&str> {
    let (within, rest) = bracketed(text)?;
    let is_part = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = within.split(['.', ',']).next()?.split(':');
    let fits = parts.clone().count() == 3 && parts.all(is_part);
    let is_unix = within.len() == 13 && within.bytes().all(|b| b.is_ascii_digit());
    (fits || is_unix).then_some(rest.trim_start())
}

/// Removes the time of day in front of a level: `09:33:15.006Z ERROR web: x`, as bunyan writes it,
/// `09:33:25 [ERROR] web - x`, as log4js does, and `[09:33:25.006]  18ms error: x`, as roarr does. It
/// has no date.
pub(super) fn time_before_level(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let rest = if bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':') {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',');
        let rest = text.trim_start_matches(is_part);
        rest.strip_prefix('Z').unwrap_or(rest)
    } else {
        let rest = time_of_day(text)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(digits..)?.strip_prefix("ms ")?
    };
    let rest = rest.trim_start();
    split_level(rest).or_else(|| split_short_level(rest)).is_some().then_some(rest)
}

/// Removes the place and the name that tslog writes before a message: `app.ts:25\tweb\ttext`.
pub(in crate::app_log) fn behind_place(text: &str) -> &str {
    let found = text.trim_start_matches('\t').split_once('\t').and_then(|(place, rest)| {
        let (path, line) = place.rsplit_once(':')?;
        let fits = !path.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
        // zap writes the text there, and fields behind it.
        let behind = rest.split_once('\t');
        let named = |(text, behind): (&'_ str, &'_ str)| {
            if behind.starts_with('{') { text.len() } else { 0 }
        };
        let text_end = behind.map(named).filter(|end| *end > 0);
        fits.then(|| match (text_end, behind) {
            (Some(end), _) => rest.get(..end).unwrap_or(rest),
            (None, Some((_, behind))) => behind,
            (None, None) => rest,
        })
    });
    found.unwrap_or(text)
}

/// Splits a level in a column of its own behind a time: between tabs, commas or semicolons, or in round brackets.
pub(super) fn column_level(text: &str) -> Option<(Level, &str)> {
    let (mark, within) = match text.chars().next()? {
        mark @ ('\t' | ',' | ';') => (mark, text.get(1..)?),
        ' ' | '(' => (')', text.trim_start().strip_prefix('(')?),
        _ => return None,
    };
    let (word, rest) = within.split_once(mark)?;
    let word = word.trim();
    // A table of numbers by level is no log.
    let is_text = |rest: &str| rest.bytes().any(|byte| byte.is_ascii_alphabetic());
    (level::is_name(word) && is_text(rest))
        .then(|| Some((level::of_word(word)?, rest.trim_start())))?
}

/// Removes the place of a call behind a time: ` CassandraDaemon.java:749 - text`.
pub(super) fn behind_file(text: &str) -> &str {
    let found = text.trim_start().split_once(" - ").filter(|(place, _)| {
        let line = place.rsplit_once(':').map_or("", |(_, line)| line);
        !place.contains(' ') && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    });
    found.map_or(text, |(_, rest)| rest)
}

/// Removes the category in front of a text of log4js: ` shop - text`.
pub(super) fn behind_category(text: &str) -> &str {
    let found = text.strip_prefix(' ').and_then(|rest| rest.split_once(" - "));
    found
        .filter(|(category, _)| !category.is_empty() && !category.contains(char::is_whitespace))
        .map_or(text, |(_, rest)| rest)
}

/// Removes what pino-pretty writes for a time that is no time, such as `[i44+0000DaaeAi11e] ` or
/// `[2026-11-29_06:30:42] `, before a level in capitals.
pub(super) fn garbled_time(text: &str) -> Option<&str> {
    let (_, rest) = bracketed(text)?;
    let rest = rest.strip_prefix(' ')?;
    let word = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let behind = rest.get(word..)?;
    let is_level = split_level(rest).is_some() && (3..=LONGEST_LEVEL).contains(&word);
    let fits = behind.starts_with(": ") || behind_process(behind).len() < behind.len();
    (is_level && fits).then_some(rest)
}

/// Removes the process and the request that egg and Midway write before a text: ` 4711 [-/10.0.0.7/-/2ms GET
/// /x] nodejs.Error: text`. They also write `nodejs.` before the class of an error.
fn behind_request(text: &str) -> Option<&str> {
    let behind = text.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = behind.strip_prefix(' ').filter(|_| behind.len() < text.trim_start().len())?;
    let request = bracketed(rest).filter(|(within, _)| {
        within.split_once("ms ").is_some_and(|(head, _)| head.matches('/').count() >= 3)
    });
    let text = request.and_then(|(_, text)| text.strip_prefix(' '));
    let named = text.unwrap_or(rest).strip_prefix("nodejs.");
    named.or(text)
}

/// Removes the process or the logger in front of a text: ` (27186): `, ` (web/27186 on host): `,
/// ` (shop): `.
pub(in crate::app_log) fn behind_process(text: &str) -> &str {
    if let Some(text) = behind_request(text) {
        return text;
    }
    let found = text.trim_start().strip_prefix('(').and_then(|rest| {
        let (within, rest) = rest.split_once("): ")?;
        let name = within.split_once(" on ").map_or(within, |(name, _)| name);
        (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(rest)
    });
    found.unwrap_or(text)
}

/// The longest name of a logger or a host before a level.
const LONGEST_NAME: usize = 80;
/// The most names before a level: a logger, a process and a thread.
const MOST_NAMES: usize = 3;
/// Abbreviations of time zones that have several meanings, so that the time stays without a zone.
const ZONES: [&str; 5] = ["IST", "CST", "BST", "AST", "MST"];
/// Words behind a number and a level that make a count of them: `12 ERROR lines`.
const COUNTED: [&str; 16] = [
    "lines",
    "line",
    "entries",
    "events",
    "logs",
    "records",
    "rows",
    "responses",
    "codes",
    "results",
    "messages",
    "found",
    "total",
    "and",
    "or",
    "of",
];

/// Removes the names between a time and a level: `[main] ERROR - text` of log4j, `UserService - ERROR -
/// text` of Python, `12345 ERROR text` with a process, `web-1 ERROR text` with a host, and the place of the call
/// that ProxySQL writes. Returns `None` for any other text.
pub(super) fn behind_names(text: &str) -> Option<&str> {
    behind_brackets(text)
        .or_else(|| between(text))
        .or_else(|| behind_host(text))
        .or_else(|| behind_function(text))
}

/// Removes the place of a call before a level in brackets, as ProxySQL writes it: `a.cpp:29:f(): [ERROR] text`.
fn behind_function(text: &str) -> Option<&str> {
    let (place, rest) = text.split_once("(): ")?;
    let is_place = place.len() <= LONGEST_NAME && place.contains(':') && !place.contains(' ');
    Some(rest).filter(|rest| is_place && rest.starts_with('[') && split_level(rest).is_some())
}

/// Removes up to three names in brackets before a level.
fn behind_brackets(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..MOST_NAMES {
        rest = bracketed(rest)?.1.trim_start();
        // ClickHouse writes `[ 77 ] {QUERY} <Error> text`.
        let of_query = rest.strip_prefix('{').and_then(|rest| rest.split_once("} "));
        if let Some((_, rest)) = of_query.filter(|(_, rest)| split_other_level(rest).is_some()) {
            return Some(rest);
        }
        if split_level(rest).or_else(|| split_short_level(rest)).is_some() {
            return Some(rest);
        }
        // PostgreSQL writes `[4242] shop@shop ERROR:  text`.
        if let Some(rest) = behind_host(rest) {
            return Some(rest);
        }
    }
    None
}

/// Removes up to three names with one mark behind each of them and behind the level.
fn between(text: &str) -> Option<&str> {
    let (_, behind) = text.trim_start().split_once(' ')?;
    let mark = behind.trim_start().chars().next().filter(|c| matches!(c, '-' | '|' | ':'))?;
    let (_, mut rest) = behind_name(text, mark)?;
    for _ in 0..MOST_NAMES {
        let (word, behind) = behind_name(rest, mark)?;
        let is_short = word.len() <= LONGEST_LEVEL;
        if is_short && split_level(&format!("{word}: ")).is_some_and(|(_, rest)| rest == ": ") {
            return Some(rest);
        }
        rest = behind;
    }
    None
}

/// Splits a name and what stands behind the mark that follows it.
fn behind_name(text: &str, mark: char) -> Option<(&str, &str)> {
    let (name, behind) = text.trim_start().split_once(' ')?;
    let behind = behind.trim_start().strip_prefix(mark)?.strip_prefix(' ')?;
    let is_name = name.len() <= LONGEST_NAME && !name.contains(char::is_whitespace);
    is_name.then_some((name, behind.trim_start()))
}

/// Removes the word before a level in capitals when it is a number or has the form of a host's name. Any
/// other word may belong to a message: `no ERROR in it`.
fn behind_host(text: &str) -> Option<&str> {
    let (word, rest) = text.split_once(' ')?;
    let rest = rest.trim_start();
    // MySQL and MariaDB write the number of a thread and the level in brackets: `0 [ERROR] [MY-010119] text`.
    let upper =
        Some(rest).filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase() || c == '['));
    let (_, behind) = upper.and_then(split_level)?;
    let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '@');
    let is_host = word.len() <= LONGEST_NAME
        && word.chars().all(is_of_name)
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
        && word.contains(['-', '.', '_', '@']);
    let is_count = is_number && {
        let first = behind.split_whitespace().next().unwrap_or_default().to_lowercase();
        let first = first.trim_end_matches([',', ';', ':', '.']);
        first.is_empty() || COUNTED.contains(&first) || is_only_named(behind, true)
    };
    // `shop(4711) ERROR: text`
    let process = word.strip_suffix(')').and_then(|word| word.split_once('('));
    let is_process = process.is_some_and(|(name, number)| {
        name.chars().all(is_of_name) && number.parse::<u32>().is_ok()
    });
    (is_number && !is_count || is_host || is_process || ZONES.contains(&word)).then_some(rest)
}

/// Returns true when a text begins with a level that is no error's, and a word such as `error` in small letters
/// stands before it: `[error] INFO listening`. That word is then the name of a service.
pub(super) fn is_behind_service(line: &str, text: &str) -> bool {
    const NAMES: [&str; 5] = ["error", "fatal", "alert", "crit", "panic"];
    const LEVELS: [&str; 8] =
        ["INFO", "WARN", "WARNING", "DEBUG", "info:", "warn:", "warning:", "debug:"];
    let text = text.trim_start();
    let text = time::take(text).map_or(text, |(_, rest)| rest.trim_start());
    let word = text.split(' ').next().unwrap_or_default();
    let is_level =
        LEVELS.contains(&word) || word.strip_suffix(':').is_some_and(|word| LEVELS.contains(&word));
    is_level && line.strip_suffix(text).is_some_and(|head| NAMES.iter().any(|it| head.contains(it)))
}

/// Removes a time of day, `11:00:01` or `11:00:01.123Z`, from the start of a text.
pub(in crate::app_log) fn clock(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let has_marks = bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':');
    if !has_marks || ![0, 1, 3, 4, 6, 7].into_iter().all(is_digit) {
        return None;
    }
    let rest =
        text.get(8..)?.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    Some(rest.strip_prefix('Z').unwrap_or(rest))
}

/// Removes the `[Context] ` before a message.
pub(in crate::app_log) fn context(text: &str) -> &str {
    let text = text.trim_start_matches(LEVEL_MARKS);
    match bracketed(text) {
        Some((within, rest))
            if !within.contains(char::is_whitespace)
                && (rest.starts_with(' ') || rest.starts_with(": ")) =>
        {
            rest.trim_start_matches(':').trim_start()
        }
        _ => text,
    }
}

/// Removes a time in a form that is not read before a level of NestJS, which has three spaces or more before it.
pub(super) fn behind_time(text: &str) -> Option<&str> {
    let at = text.find("   ")?;
    let rest = text.get(at..)?;
    (text.get(..at)?.contains(':') && split_level(rest.trim_start()).is_some()).then_some(rest)
}
