//! Finds a word for a level behind the time of a line, with up to one name between the two, and learns in
//! which places such words are levels.

use crate::app_log::level::{Level, bracketed};

/// A word in a place in which levels may stand.
pub(super) struct LevelWord<'a> {
    /// The form of what stands before the word: one bit for each form. 0 for a level that its key names.
    pub(super) place: u16,
    /// The level that the word names; `None` for any other word.
    pub(super) level: Option<Level>,
    /// True for a word such as `info`, which shows that levels stand in its place. `log`, `http` and `W` may be
    /// names of things.
    is_sure: bool,
    /// The text behind the word.
    pub(super) text: &'a str,
}

/// The words in the places of lines so far.
#[derive(Debug, Default)]
pub(in crate::app_log) struct Words {
    /// For each place, the number of sure levels, and of words that are no levels.
    counts: Vec<(u16, u32, u32)>,
}

impl Words {
    /// Counts a word. Returns the bits of its place when it shows that levels stand there.
    pub(super) fn see(&mut self, word: &LevelWord<'_>) -> u16 {
        let is_other = word.level.is_none();
        if !is_other && !word.is_sure {
            return 0;
        }
        let key = place_of(word);
        let at = self.counts.iter().position(|(place, ..)| *place == key);
        let at = at.unwrap_or_else(|| {
            self.counts.push((key, 0, 0));
            self.counts.len() - 1
        });
        if let Some((_, levels, others)) = self.counts.get_mut(at) {
            let count = if is_other { others } else { levels };
            *count = count.saturating_add(1);
        }
        if is_other { 0 } else { word.place }
    }

    /// Returns true when other words than levels are rare in the place of a word. Names of users and of queues
    /// may stand there, and one of them may be `error`.
    pub(super) fn are_levels(&self, word: &LevelWord<'_>) -> bool {
        let key = place_of(word);
        let found = self.counts.iter().find(|(place, ..)| *place == key);
        found.is_none_or(|(_, levels, others)| others.saturating_mul(2) <= *levels)
    }
}

/// Returns the place of a word, also when it is padded or a single letter.
fn place_of(word: &LevelWord<'_>) -> u16 {
    word.place & !(GAP | LETTER)
}

/// Forms of what stands before a word.
const PLAIN: u16 = 1;
const CLOCK: u16 = 1 << 1;
const GAP: u16 = 1 << 2;
const NUMBER: u16 = 1 << 3;
const BRACKETS: u16 = 1 << 4;
const ARROW: u16 = 1 << 5;
const BAR: u16 = 1 << 6;
const BRACES: u16 = 1 << 7;
const LETTER: u16 = 1 << 8;
const SHORT: u16 = 1 << 9;

const SURE: [&str; 6] = ["info", "warn", "warning", "debug", "verbose", "silly"];
const OTHERS: [&str; 4] = ["http", "trace", "log", "notice"];
const ERRORS: [&str; 7] = ["error", "fatal", "crit", "critical", "alert", "emerg", "panic"];

/// Finds the word in the text of a line, whose time was taken off when `has_time` is true.
pub(super) fn find(text: &str, has_time: bool) -> Option<LevelWord<'_>> {
    let mut place = PLAIN;
    let mut rest = text;
    if !has_time {
        match clock(text) {
            Some(behind) => (place, rest) = (CLOCK, behind),
            // `INF text`, as the logger of GraphQL Yoga writes it.
            None => return short(text),
        }
    }
    let trimmed = rest.trim_start_matches([' ', '\t']);
    // A time of day keeps the space behind it.
    let usual = usize::from(!has_time);
    if rest.len() - trimmed.len() > usual {
        place |= GAP;
    }
    rest = trimmed;
    match rest.as_bytes().first()? {
        b'0'..=b'9' => {
            let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            (place, rest) = (place | NUMBER, behind.strip_prefix(' ')?);
        }
        b'[' => (place, rest) = (place | BRACKETS, bracketed(rest)?.1.strip_prefix(' ')?),
        b'=' => (place, rest) = (place | ARROW, rest.strip_prefix("=> ")?),
        b'|' => (place, rest) = (place | BAR, rest.strip_prefix("| ")?),
        b'{' => {
            let (word, text) = rest.strip_prefix('{')?.split_once("} ")?;
            return level_of(word).map(|level| level_word(place | BRACES, level, word, text));
        }
        b'p' if rest.starts_with("pid=") => rest = rest.split_once(' ')?.1,
        _ => {}
    }
    if let Some(named) = rest.strip_prefix("level=") {
        let (word, text) = named.split_once(' ')?;
        return level_of(word).map(|level| level_word(0, level, word, text));
    }
    let end = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, behind) = rest.split_at_checked(end)?;
    let text = behind.trim_start_matches([' ', '\t']);
    let text = match place & (ARROW | BAR) {
        0 => Some(text),
        _ => text.strip_prefix("=> ").or_else(|| text.strip_prefix("| ")),
    }?;
    if text.len() == behind.len() {
        return None;
    }
    let level = match word {
        "E" | "F" => Some(Level::Error),
        "I" | "W" | "D" | "V" => Some(Level::Other),
        _ => None,
    };
    if let Some(level) = level {
        return Some(level_word(place | LETTER, level, word, text));
    }
    let is_small = word.starts_with(|c: char| c.is_ascii_lowercase());
    match level_of(word) {
        // A word in capitals behind a time is a level without this.
        Some(level) if is_small || place & (ARROW | BAR) != 0 => {
            Some(level_word(place, level, word, text))
        }
        Some(_) => None,
        // A sentence begins with a capital, and lines of a message are indented.
        None => (place & GAP == 0 && (is_small || word.len() == 1)).then_some(LevelWord {
            place,
            level: None,
            is_sure: false,
            text,
        }),
    }
}

fn level_word<'a>(place: u16, level: Level, word: &str, text: &'a str) -> LevelWord<'a> {
    let is_sure = word == "I" || SURE.iter().any(|sure| sure.eq_ignore_ascii_case(word));
    LevelWord { place, level: Some(level), is_sure, text }
}

fn level_of(word: &str) -> Option<Level> {
    let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is(&ERRORS) {
        return Some(Level::Error);
    }
    (is(&SURE) || is(&OTHERS)).then_some(Level::Other)
}

/// Finds a level of three capital letters at the start of a line without a time.
fn short(text: &str) -> Option<LevelWord<'_>> {
    // Nearly every line begins with another character.
    if text.as_bytes().get(3) != Some(&b' ') {
        return None;
    }
    let (word, text) = text.split_at_checked(3)?;
    let level = match word {
        "ERR" | "FTL" => Level::Error,
        "INF" | "WRN" | "DBG" | "TRC" => Level::Other,
        _ => return None,
    };
    let level = Some(level);
    text.strip_prefix(' ').map(|text| LevelWord { place: SHORT, level, is_sure: true, text })
}

/// Removes a time of day, `11:00:01` or `11:00:01.123Z`, from the start of a text.
fn clock(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let has_marks = bytes.get(2) == Some(&b':') && bytes.get(5) == Some(&b':');
    if !has_marks || ![0, 1, 3, 4, 6, 7].into_iter().all(is_digit) {
        return None;
    }
    let rest =
        text.get(8..)?.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    let rest = rest.strip_prefix('Z').unwrap_or(rest);
    rest.starts_with([' ', '\t']).then_some(rest)
}
