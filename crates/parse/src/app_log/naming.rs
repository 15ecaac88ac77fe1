//! Texts that only name an error: `error: none`, `ERROR RATE 0.1%`, `❌  0 failed`. A count, a state
//! or the name of a thing stands behind the word, and no error has happened.

/// Words for an absent value or a state.
const STATES: [&str; 19] = [
    "none",
    "null",
    "undefined",
    "nil",
    "false",
    "off",
    "n/a",
    "na",
    "nan",
    "disabled",
    "enabled",
    "no",
    "on",
    "ok",
    "never",
    "inactive",
    "skipped",
    "-",
    "—",
];
/// States of the last line of a list of things that a program has: `❌  Cache disabled`.
const OFF: [&str; 6] = ["disabled", "off", "inactive", "skipped", "false", "none"];
/// Things that are counted.
const COUNTED: [&str; 18] = [
    "error",
    "errors",
    "failed",
    "failure",
    "failures",
    "failing",
    "problem",
    "problems",
    "issue",
    "issues",
    "warning",
    "warnings",
    "exception",
    "exceptions",
    "vulnerabilities",
    "crashes",
    "timeouts",
    "alerts",
];
/// Words behind `no errors`. Other words make it a statement: `no error handler is registered`.
const BEHIND_COUNTED: [&str; 14] = [
    "found", "detected", "occurred", "so", "since", "yet", "reported", "logged", "at", "were",
    "in", "to", "during", "and",
];
/// Names of quantities.
const QUANTITIES: [&str; 10] =
    ["count", "counts", "rate", "rates", "total", "totals", "ratio", "number", "budget", "percent"];
/// Things that have the word for a level in their name: `ERROR HANDLER registered`.
const THINGS: [&str; 17] = [
    "handler",
    "handlers",
    "handling",
    "log",
    "logs",
    "logging",
    "reporting",
    "tracking",
    "boundary",
    "page",
    "pages",
    "rules",
    "level",
    "levels",
    "css",
    "stats",
    "summary",
];
/// States of such things.
const READY: [&str; 17] = [
    "registered",
    "enabled",
    "disabled",
    "loaded",
    "installed",
    "ready",
    "configured",
    "inlined",
    "extracted",
    "set",
    "on",
    "off",
    "to",
    "at",
    "in",
    "is",
    "path",
];
/// Words for levels, in a summary of all levels: `3 WARN: 12 INFO: 300`.
const LEVELS: [&str; 12] = [
    "fatal", "critical", "error", "errors", "warn", "warning", "warnings", "info", "debug",
    "trace", "verbose", "notice",
];

/// Returns true when the text behind a word such as `error` only names a quantity, a state, a thing or
/// nothing. An empty text may have the error on the next line. `is_apart` is true when only spaces stand
/// between the two: then the word may be the first one of a thing's name.
pub(super) fn is_only_named(text: &str, is_apart: bool) -> bool {
    if text.len() > LONGEST_TEXT_BYTES {
        return false;
    }
    let text = text.to_lowercase();
    let words: Vec<&str> = words(&text).collect();
    let Some((first, rest)) = words.split_first() else { return false };
    is_none(&words)
        || words.len() > 1 && words.iter().all(|word| is_number(word) || is_bar(word))
        || is_quantity(&words)
        || is_apart
            && THINGS.contains(first)
            && rest
                .iter()
                .all(|word| READY.contains(word) || is_number(word) || word.contains(['/', '.']))
        || is_number(first) && has_levels(rest)
}

/// Returns true for the text behind a level in a summary of all levels: `0 WARN: 0 INFO: 12`.
pub(super) fn is_summary(text: &str) -> bool {
    // Nearly every text begins with something else.
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.len() > LONGEST_TEXT_BYTES {
        return false;
    }
    let text = text.to_lowercase();
    let words: Vec<&str> = words(&text).collect();
    words.split_first().is_some_and(|(first, rest)| is_number(first) && has_levels(rest))
}

/// Returns true for a value in place of an error's message: `none`, `0`, `no errors found`.
pub(super) fn is_none(words: &[&str]) -> bool {
    match words {
        [] => false,
        [word] => STATES.contains(word) || is_number(word) && !is_status(word),
        ["no" | "zero" | "without", rest @ ..] => {
            let rest = match rest {
                ["known" | "new" | "further" | "other" | "more", rest @ ..] => rest,
                rest => rest,
            };
            rest.split_first().is_some_and(|(first, behind)| {
                COUNTED.contains(first)
                    && behind.first().is_none_or(|word| BEHIND_COUNTED.contains(word))
            })
        }
        // `0 lines`
        [first, _] if is_zero(first) => true,
        [first, second, ..] => {
            is_zero(first)
                && (COUNTED.contains(second) || is_number(second) || LEVELS.contains(second))
        }
    }
}

/// Returns true for the message of an error without a stack that is no message: `Error: none`.
pub(super) fn is_no_message(text: &str) -> bool {
    let Some((_, message)) = text.split_once(": ").filter(|_| text.len() <= LONGEST_TEXT_BYTES)
    else {
        return false;
    };
    let message = message.to_lowercase();
    let words: Vec<&str> = words(&message).collect();
    is_none(&words)
}

/// Returns true for the name of a thing that is switched off.
pub(super) fn is_off(text: &str) -> bool {
    let text = text.to_lowercase();
    words(&text).last().is_some_and(|word| OFF.contains(&word))
}

/// The longest text that is looked at, in bytes. A longer one is a sentence.
const LONGEST_TEXT_BYTES: usize = 160;

/// Returns the words and the numbers of a text, without marks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| {
        c.is_whitespace()
            || matches!(c, ',' | ';' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '=' | ':')
            || ('\u{2500}'..='\u{257f}').contains(&c)
    };
    text.split(is_mark)
        .map(|word| word.trim_matches(['!', '"', '\'', '`']).trim_end_matches('.'))
        .filter(|word| !word.is_empty())
}

/// Returns true for a number without a sign, also in per cent: `12`, `3.4%`, `1,204`.
fn is_number(word: &str) -> bool {
    let number = word.strip_suffix('%').unwrap_or(word);
    let is_mark = |byte: u8| matches!(byte, b'.' | b',');
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || is_mark(byte))
        && number.bytes().filter(|byte| *byte == b'.').count() <= 1
}

fn is_zero(word: &str) -> bool {
    is_number(word) && word.bytes().all(|byte| !matches!(byte, b'1'..=b'9'))
}

/// Returns true for a status of HTTP that is an error's.
fn is_status(word: &str) -> bool {
    word.parse::<u16>().is_ok_and(|status| (400..600).contains(&status))
}

/// Returns true for the bar of a diagram.
fn is_bar(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '#' | '*' | '.' | '-' | '+' | '█' | '▇' | '■' | '%'))
}

/// Returns true for a quantity with its value: `rate 0.1%`, `count = 0`, `failed: 0`.
fn is_quantity(words: &[&str]) -> bool {
    let Some((last, names)) = words.split_last() else { return false };
    let is_name = |word: &&str| QUANTITIES.contains(word) || COUNTED.contains(word);
    let is_value = match names.last() {
        Some(name) if QUANTITIES.contains(name) => is_number(last),
        _ => is_zero(last),
    };
    !names.is_empty() && names.iter().all(is_name) && is_value
}

/// Returns true when a level and its number are among the words.
fn has_levels(words: &[&str]) -> bool {
    let is_pair = |pair: &[&str]| match pair {
        [level, number] => LEVELS.contains(level) && is_number(number),
        _ => false,
    };
    words.windows(2).any(is_pair)
}
