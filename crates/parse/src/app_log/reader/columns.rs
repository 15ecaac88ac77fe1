//! Finds the place in which the levels of a log stand, by the words that many of its lines have there.
//!
//! The place of a word is described by its marks, its letters (capitals or not) and the forms of the words before it.
//! A place holds levels when words such as `info` stand in it, and hardly any other words.

use super::Reader;
use crate::app_log::level::{self, Level};
use crate::app_log::line::{self, Line};
use crate::app_log::naming;
use crate::app_log::time;
use hashbrown::HashMap;

/// The most words of a line, and the most bytes before one, that are looked at.
const MOST_WORDS: usize = 7;
const LONGEST_HEAD: usize = 100;
/// The longest word for an error's level.
const LONGEST_WORD: usize = 8;
/// The most words without marks before a level: the names of a host and a program.
const MOST_PLAIN: usize = 2;
/// The most places, and the most texts behind words, that are kept.
const MOST_PLACES: usize = 1_024;
const MOST_TEXTS: usize = 16_384;
/// The most lines without a level that places are learned from.
const MOST_LINES: u32 = 20_000;

const SURE: [&str; 9] =
    ["info", "warn", "warning", "debug", "verbose", "silly", "inf", "wrn", "dbg"];
/// Words that are levels of some loggers and names of things elsewhere. They show nothing.
const UNCLEAR: [&str; 9] =
    ["http", "trace", "log", "notice", "trc", "success", "audit", "severe", "emergency"];
const ERRORS: [&str; 13] = [
    "error", "fatal", "crit", "critical", "alert", "emerg", "panic", "failure", "err", "erro",
    "eror", "ftl", "fail",
];
/// Signs that stand before a time of day in place of a level.
const SIGNS: [(&str, Level); 10] = [
    ("✖", Level::Error),
    ("✗", Level::Error),
    ("✘", Level::Error),
    ("❌", Level::Error),
    ("⨯", Level::Error),
    ("✔", Level::Other),
    ("✓", Level::Other),
    ("✅", Level::Other),
    ("ℹ", Level::Other),
    ("⚠", Level::Other),
];

/// The places of the words in the lines of a log.
#[derive(Debug, Default)]
pub(in crate::app_log) struct Columns {
    /// The words in each place, of the whole log and of one stream.
    places: HashMap<u64, Place>,
    /// For each place and text behind it, the numbers of errors and of words that are no levels.
    texts: HashMap<(u64, u64), (u32, u32)>,
    /// The number of lines that were counted.
    lines: u32,
    /// True while the first lines are read only to find the places.
    is_survey: bool,
    /// True when some place may hold levels.
    has_levels: bool,
    /// True when some place holds names.
    has_names: bool,
    /// The prefix of every line, when it is that of a container with the name of a level: `error  | `.
    service: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    sure: u32,
    others: u32,
    /// True for a place with names, such as `error` beside `web` and `db` before equal texts.
    has_names: bool,
}

impl Place {
    /// Returns true when words that are no levels are rare in the place.
    fn is_of_levels(&self) -> bool {
        self.others.saturating_mul(2) <= self.sure
    }
}

/// A word of a line, and its place.
struct Word<'a> {
    place: u64,
    /// Further places in which a word that is no level counts: those of a level of one letter, and of a level in small
    /// letters when this word has capitals.
    wider: [Option<u64>; 2],
    level: Option<Level>,
    is_sure: bool,
    /// True for a word that begins with a letter, and may be a name when it is no level.
    is_name: bool,
    /// True when words of a sentence may stand before it.
    is_in_text: bool,
    /// True for a word whose key names a level: `severity=ERROR`.
    has_key: bool,
    /// The text behind the word, with the mark that closes its brackets.
    behind: &'a str,
}

impl Columns {
    /// Makes the columns of a reader that reads the first lines of a log only to find the places.
    pub(in crate::app_log) fn survey(head: &[u8]) -> Self {
        Self { is_survey: true, service: service(head), ..Self::default() }
    }

    /// Removes the prefix of a container with the name of a level.
    pub(super) fn without_service<'a>(&self, line: &'a str) -> &'a str {
        self.service.as_ref().and_then(|prefix| line.strip_prefix(prefix)).unwrap_or(line)
    }

    /// Returns the columns for the reader of the whole log.
    pub(in crate::app_log) fn settled(mut self) -> Self {
        let mut shares: HashMap<u64, (u32, u32)> = HashMap::new();
        for ((place, _), (errors, others)) in self.texts.drain() {
            let (all, shared) = shares.entry(place).or_default();
            *all += errors;
            *shared += if others > 0 { errors } else { 0 };
        }
        for (place, (all, shared)) in shares {
            let place = self.places.entry(place).or_default();
            if all > 0 && shared * 2 >= all && !place.is_of_levels() {
                place.has_names = true;
                self.has_names = true;
            }
        }
        Self { is_survey: false, lines: 0, ..self }
    }

    /// Counts the words of a line, which has an indented text when `is_indented` is true.
    fn count(&mut self, text: &str, stream: &str, is_indented: bool) {
        self.lines += 1;
        let stream = (!stream.is_empty()).then(|| mixed(SEED, stream.as_bytes()));
        for word in words(text) {
            let is_other = word.level.is_none() && word.is_name;
            self.has_levels |= word.is_sure || word.has_key && word.level.is_some();
            let wider = word.wider.into_iter().flatten().filter(|_| is_other);
            for place in wider.chain([word.place]) {
                if word.is_sure || is_other && !is_indented {
                    self.count_word(place, word.is_sure);
                    stream.into_iter().for_each(|it| self.count_word(it ^ place, word.is_sure));
                }
                let is_error = word.level == Some(Level::Error);
                if self.is_survey && !word.is_in_text && (is_other || is_error) {
                    self.count_text((place, template(word.behind)), is_other);
                }
            }
            if word.level.is_some() {
                return;
            }
        }
        if let Some((_, word)) = last(text).filter(|(_, word)| word.level.is_some() || word.is_name)
        {
            self.has_levels |= word.is_sure;
            if word.is_sure || word.level.is_none() {
                self.count_word(word.place, word.is_sure);
            }
        }
    }

    fn count_text(&mut self, key: (u64, u64), is_other: bool) {
        // The last word of a line has no text behind it.
        if key.1 == SEED {
            return;
        }
        if self.texts.len() < MOST_TEXTS || self.texts.contains_key(&key) {
            let (errors, others) = self.texts.entry(key).or_default();
            *(if is_other { others } else { errors }) += 1;
        }
    }

    fn count_word(&mut self, place: u64, is_sure: bool) {
        if self.places.len() >= MOST_PLACES && !self.places.contains_key(&place) {
            return;
        }
        let place = self.places.entry(place).or_default();
        let count = if is_sure { &mut place.sure } else { &mut place.others };
        *count = count.saturating_add(1);
    }

    /// Returns the level of a line and the text behind it, when an error's level stands in a place of levels.
    fn error<'a>(&self, text: &'a str, stream: &str) -> Option<Word<'a>> {
        // Nearly every line has no such word.
        if !may_have_error(text) {
            return None;
        }
        let word = words(text).find(|word| word.level.is_some())?;
        // A logger has letters or words for its levels. Beside `info`, the word `I` is of a sentence.
        let of_letters = word.wider[0].filter(|place| *place != word.place);
        if of_letters.and_then(|place| self.places.get(&place)).is_some_and(|it| it.sure > 0) {
            return None;
        }
        // A level alone, such as `level: error` in a printed configuration, has no text.
        if word.level != Some(Level::Error) || word.behind.trim().is_empty() {
            return None;
        }
        let place = self.places.get(&word.place).copied().unwrap_or_default();
        let stream = (!stream.is_empty()).then(|| mixed(SEED, stream.as_bytes()));
        let of_stream = stream.and_then(|stream| self.places.get(&(stream ^ word.place)));
        let least = if word.is_in_text { 2 } else { 1 };
        let is_level = place.sure >= least && of_stream.unwrap_or(&place).is_of_levels();
        ((is_level || word.has_key) && !place.has_names).then_some(word)
    }

    /// Returns the text before an error's level at the end of a line, where other lines of the log have their levels.
    fn error_at_end<'a>(&self, text: &'a str) -> Option<&'a str> {
        let (before, word) = last(text).filter(|(_, word)| word.level == Some(Level::Error))?;
        let place = self.places.get(&word.place).copied().unwrap_or_default();
        (place.sure > 0 && place.is_of_levels()).then_some(before)
    }

    /// Returns true when the first word for an error's level in a line is a name.
    fn is_name(&self, text: &str) -> bool {
        let word = words(text).find(|word| word.level.is_some() && !word.is_in_text);
        let place = word.and_then(|word| self.places.get(&word.place));
        place.is_some_and(|place| place.has_names)
    }
}

impl Reader {
    /// Returns the line with the level of an error that stands where other lines of the log have their levels, and
    /// without one that is the name of a user or a service there. `plain` is the whole line.
    pub(super) fn with_column<'a>(&mut self, plain: &'a str, line: Line<'a>) -> Line<'a> {
        let columns = &mut self.columns;
        if line.is_nest || line.level.is_some() && !columns.is_survey && !columns.has_names {
            return line;
        }
        if line.level.is_some() {
            if columns.is_survey {
                columns.count(plain, line.stream, false);
            }
            let is_name = line.level == Some(Level::Error) && columns.is_name(plain);
            return if is_name { Line { level: Some(Level::Other), ..line } } else { line };
        }
        // A property of an object is no line of a logger.
        let is_object = line.text.starts_with("{\"") || self.lane.block.is_some();
        if is_object || plain.starts_with("  ") || plain.starts_with(['\t', '{']) {
            return line;
        }
        if columns.lines < MOST_LINES {
            let is_indented = line.text.starts_with("  ") || line.text.starts_with('\t');
            columns.count(plain, line.stream, is_indented);
        }
        if !columns.has_levels {
            return line;
        }
        let found = columns.error(plain, line.stream);
        let Some(found) = found.map(|word| with_level(line, plain, word.behind)) else {
            let before = columns.error_at_end(line.text);
            return before.map_or(line, |text| Line { level: Some(Level::Error), text, ..line });
        };
        if naming::is_only_named(found.text, true) { line } else { found }
    }
}

/// Returns the line with the level of an error before `behind`, which stands where other lines have their levels. A
/// time may stand before the level, follow within its brackets, or behind it.
fn with_level<'a>(whole: Line<'a>, plain: &str, behind: &'a str) -> Line<'a> {
    const MARKS: [char; 12] = [' ', ':', '|', '-', '\t', ']', ')', '}', '>', '*', '`', '='];
    let text = behind.trim_start_matches(MARKS);
    let (time, text) = match time::take(text) {
        Some((time, rest)) => (Some(time), rest.trim_start_matches(MARKS)),
        None => (None, line::clock(text).map_or(text, |rest| rest.trim_start_matches(MARKS))),
    };
    let text = line::context(line::behind_place(line::behind_process(text)));
    let head = plain.get(..plain.len().saturating_sub(behind.len())).unwrap_or_default();
    let starts = head.match_indices([' ', '[', '(']).map(|(at, mark)| at + mark.len());
    let time = time.or_else(|| {
        starts.filter_map(|at| time::take(head.get(at..)?)).map(|(time, _)| time).next()
    });
    Line { level: Some(Level::Error), stamp: line::best(whole.stamp, time), text, ..whole }
}

/// Returns the word at the end of a line, in brackets, behind a bar or a dash, or with a key, and the text before it.
fn last(text: &str) -> Option<(&str, Word<'_>)> {
    let end = text.trim_end();
    // Nearly every line ends in another way.
    if !end.ends_with(|c: char| c.is_ascii_alphabetic() || matches!(c, ']' | ')' | '>')) {
        return None;
    }
    let (before, token) = end.rsplit_once(' ')?;
    let before = before.trim_end();
    let is_apart = before.ends_with(['|', '-']);
    if !is_apart && !token.starts_with(['[', '(', '<']) && !token.contains('=') {
        return None;
    }
    let text = before.trim_end_matches(['|', '-']).trim_end();
    let word = word(token, "", mixed(SEED, b"end"), 0);
    Some((text, word)).filter(|_| !text.is_empty())
}

/// Returns true when the start of a line has a word, a letter or a sign that may be an error's level.
fn may_have_error(text: &str) -> bool {
    let head = text.as_bytes().get(..LONGEST_HEAD + LONGEST_WORD).unwrap_or(text.as_bytes());
    let mut rest = head;
    while let Some((first, behind)) = rest.split_first() {
        let length = match first {
            b'A'..=b'Z' | b'a'..=b'z' => {
                1 + behind.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()
            }
            // A sign, or a letter of another script.
            0x80.. => return true,
            _ => 0,
        };
        let Some((word, behind)) = rest.split_at_checked(length.max(1)) else { return true };
        rest = behind;
        let is_level = match first.to_ascii_lowercase() {
            b'e' | b'f' if length == 1 => true,
            b'a' | b'c' | b'e' | b'f' | b'p' if (3..=LONGEST_WORD).contains(&length) => {
                ERRORS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
            }
            _ => false,
        };
        if is_level {
            return true;
        }
    }
    false
}

/// Returns the prefix of a container that docker compose writes before every line, when its name is the word for a
/// level: `error  | `. A logger that fills its levels up to one width writes other words too.
fn service(head: &[u8]) -> Option<String> {
    /// The fewest lines that show a prefix.
    const LEAST_LINES: usize = 4;
    const NAMES: [&str; 5] = ["error", "fatal", "alert", "crit", "panic"];
    let prefix = NAMES
        .iter()
        .map(|name| format!("{name}  | "))
        .find(|it| head.starts_with(it.as_bytes()))?;
    let whole = head.get(..=memchr::memrchr(b'\n', head)?)?;
    let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let starts = |line: &&[u8]| line.starts_with(prefix.trim_end().as_bytes());
    let (with, all) =
        lines.fold((0, 0), |(with, all), line| (with + usize::from(starts(&line)), all + 1));
    (with == all && all >= LEAST_LINES).then_some(prefix)
}

/// Returns the words of a line with their places, as far as levels may stand in it.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let (mut rest, mut before, mut plain) = (text, SEED, 0);
    let (mut is_open, mut is_signed) = (false, false);
    let words = std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() || text.len() - rest.len() > LONGEST_HEAD || is_signed {
            return None;
        }
        let end = rest.bytes().position(|byte| matches!(byte, b' ' | b'\t' | b'|'));
        let end = end.map_or(rest.len(), |end| end.max(1));
        let (token, behind) = rest.split_at_checked(end)?;
        rest = behind;
        let found = word(token, behind, before, plain);
        // A sign behind a time is the level of its line, and a word behind it is none.
        is_signed = found.level.is_none() && sign_of(token).is_some();
        before = mixed(before, form(token));
        is_open |= token.starts_with('[');
        let is_plain = !is_open && token.bytes().all(|byte| byte.is_ascii_alphabetic());
        plain += usize::from(is_plain);
        is_open &= !token.contains(']');
        Some(found)
    });
    words.take(MOST_WORDS)
}

/// Returns the word within a token, which may have brackets, other marks, and a key before it. `plain` is the number of
/// words without marks before it: more than two, or one before small letters, are a sentence.
fn word<'a>(token: &'a str, behind: &'a str, before: u64, plain: usize) -> Word<'a> {
    let within = token.trim_start_matches(|c: char| !c.is_alphanumeric());
    let open = token.get(..token.len() - within.len()).unwrap_or_default();
    let core = within.trim_end_matches(|c: char| !c.is_alphanumeric());
    let close = within.get(core.len()..).unwrap_or_default();
    // Unicode has `ℹ` among the letters.
    if core.is_empty() || core == "ℹ" {
        return sign(token, behind, before);
    }
    let named = core.split_once('=').or_else(|| {
        core.split_once(':').filter(|(key, _)| key.bytes().all(|byte| byte.is_ascii_alphabetic()))
    });
    let (key, core) = named.map_or((None, core), |(key, value)| (Some(key), value));
    let core = core.trim_start_matches('"');
    // `E/shop: text`, as Android's logcat writes it, and `ERROR/MainProcess] text` of Celery.
    let (core, close) = match core.split_once('/').filter(|(word, _)| level_of(word).is_some()) {
        Some((word, _)) => (word, if close.contains(']') { "/]" } else { "/" }),
        None => (core, close),
    };
    let letters = match core.as_bytes() {
        [_] => b"l",
        [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => b"U",
        [first, ..] if first.is_ascii_uppercase() => b"T",
        _ => b"w",
    };
    let of_key = match key {
        Some(key) if token.contains('=') => key.as_bytes(),
        Some(_) => b":",
        None => b"",
    };
    let marks = [open.as_bytes(), close.as_bytes(), of_key];
    let any = marks.into_iter().fold(before, |hash, part| mixed(mixed(hash, part), b"/"));
    let is_marked = open.ends_with(['[', '(', '{', '<']);
    let is_sentence = plain > MOST_PLAIN || plain > 0 && letters != b"U" && !is_marked;
    let is_quoted = open.contains(['\'', '"', '#']);
    let is_header = open.is_empty() && letters == b"T" && close.starts_with(':');
    let has_key = key.is_some_and(|key| token.contains('=') && level::scale(key).is_some());
    let is_value = key.is_some() && token.contains('=') && !has_key;
    let is_notice = is_marked && core.eq_ignore_ascii_case("notice");
    let level = level_of(core).or_else(|| is_notice.then_some(Level::Other));
    // `Error: text` begins a stack, and Node's own `Warning: text` no line of a logger.
    let level = level.filter(|_| !is_sentence && !is_quoted && !is_header && !is_value);
    let closing = [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>')];
    let end = closing.into_iter().find(|(mark, _)| open.ends_with(*mark)).map(|(_, end)| end);
    let behind = match end.filter(|end| !close.contains(*end)) {
        Some(end) => within_brackets(behind, end),
        None => behind,
    };
    Word {
        place: if letters == b"l" { any } else { mixed(any, letters) },
        wider: [Some(any), (letters == b"U").then(|| mixed(any, b"w"))],
        level,
        is_sure: level == Some(Level::Other)
            && (is_notice
                || core == "I"
                || SURE.iter().any(|sure| sure.eq_ignore_ascii_case(core))),
        is_name: !is_sentence
            && core.starts_with(char::is_alphabetic)
            && !UNCLEAR.iter().any(|word| word.eq_ignore_ascii_case(core)),
        is_in_text: plain > 0,
        has_key,
        behind,
    }
}

/// Returns the text that follows an open bracket, when the bracket is closed soon.
fn within_brackets(text: &str, end: char) -> &str {
    /// The longest time or name beside a level in brackets.
    const LONGEST: usize = 60;
    let at = text.find(end).filter(|at| *at < LONGEST);
    at.map_or("", |_| text)
}

/// Returns a token of marks, which may be a sign for a level before a time of day.
fn sign<'a>(token: &'a str, behind: &'a str, before: u64) -> Word<'a> {
    let level = sign_of(token).filter(|_| line::clock(behind.trim_start()).is_some());
    Word {
        place: mixed(before, b"sign"),
        wider: [None; 2],
        level,
        is_sure: level == Some(Level::Other),
        is_name: false,
        is_in_text: false,
        has_key: false,
        behind,
    }
}

/// Returns the level of a token that is a sign alone.
fn sign_of(token: &str) -> Option<Level> {
    let plain = token.trim_end_matches('\u{fe0f}');
    SIGNS.iter().find(|(sign, _)| *sign == plain).map(|(_, level)| *level)
}

fn level_of(word: &str) -> Option<Level> {
    match word {
        "E" | "F" => return Some(Level::Error),
        "I" | "W" | "D" | "V" => return Some(Level::Other),
        _ if !(3..=8).contains(&word.len()) => return None,
        _ => {}
    }
    let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is(&ERRORS) {
        return Some(Level::Error);
    }
    is(&SURE).then_some(Level::Other)
}

/// The start of each hash (FNV-1a).
const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn mixed(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Returns the form of a token before a word: its marks, and whether it is a number.
fn form(token: &str) -> &'static [u8] {
    let is_open = |mark: char| token.starts_with(mark);
    match token.chars().find(|c| c.is_alphanumeric()) {
        _ if is_open('[') => b"[",
        _ if is_open('(') => b"(",
        _ if is_open('{') => b"{",
        _ if is_open('<') => b"<",
        Some(first) if first.is_numeric() => b"0",
        Some(_) if token.ends_with(':') => b":",
        Some(_) if token.contains('=') => b"=",
        Some(_) => b"w",
        None if is_open('|') => b"|",
        None => b"-",
    }
}

/// Returns the hash of the start of a text, in which each number counts as one digit.
fn template(text: &str) -> u64 {
    const LONGEST: usize = 60;
    let mut is_digit = false;
    text.bytes().take(LONGEST).fold(SEED, |hash, byte| {
        let was_digit = std::mem::replace(&mut is_digit, byte.is_ascii_digit());
        match byte {
            b'0'..=b'9' if was_digit => hash,
            b'0'..=b'9' => mixed(hash, b"0"),
            b' ' => hash,
            byte => mixed(hash, &[byte]),
        }
    })
}
