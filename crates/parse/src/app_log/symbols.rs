//! Lines of loggers that write a symbol for the level: signale and logdown.

use super::level::{self, Level, bracketed, split_level};
use super::time::{self, Stamp};
use spikeflame_profile::wall::Civil;

/// Splits a line of signale: `✖  error     text`, behind a date, a time and scopes in brackets when it
/// is set to write them.
pub(super) fn signale(line: &str) -> Option<(Option<Stamp>, Level, &str)> {
    let bytes = line.as_bytes();
    // The borders of tables are no symbols.
    let is_border = |text: &str| text.starts_with(|c| ('\u{2500}'..='\u{257f}').contains(&c));
    let is_symbol = bytes.first().is_some_and(|byte| !byte.is_ascii()) && !is_border(line);
    // Other lines with a bracket have no symbol behind it.
    if !is_symbol && bytes.first() != Some(&b'[') {
        return None;
    }
    let mut rest = line;
    let mut stamp = None;
    if !is_symbol {
        let mut head;
        (head, rest) = line.get(..LONGEST_HEAD.min(line.len())).map_or_else(
            || line.split_once(" › "),
            |start| start.split_once(" › ").map(|(head, _)| (head, "")),
        )?;
        rest = if rest.is_empty() { line.get(head.len() + " › ".len()..)? } else { rest };
        let mut parts = ["", ""];
        for part in &mut parts {
            let Some((within, behind)) = bracketed(head) else { break };
            (*part, head) = (within, behind.trim_start());
        }
        stamp = time::take(&parts.join(", ")).map(|(stamp, _)| stamp);
    }
    let behind = rest.trim_start_matches(|c: char| !c.is_ascii());
    let word = behind.strip_prefix(' ')?.trim_start();
    if behind.len() == rest.len() {
        return None;
    }
    let end = word.bytes().take_while(u8::is_ascii_lowercase).count();
    let (word, text) = word.split_at_checked(end)?;
    // The label is padded to the longest one.
    let is_padded = text.starts_with("  ") || word.len() >= LONGEST_LABEL;
    let is_label = SIGNALE.contains(&word) && is_padded;
    is_label.then_some(())?;
    Some((stamp, level::of_word(word)?, text.trim_start()))
}

/// Splits a line that begins with a mark for its level: `✘ [ERROR] text` of esbuild and wrangler, `✗ error [shop] text`
/// of diary, `E1127 11:00:01.123456  1 a.go:7] text` of klog, and `E, [TIME #77] ERROR -- : text` of Ruby.
pub(super) fn marked(line: &str) -> Option<(Option<Stamp>, Level, &str)> {
    match line.as_bytes().first()? {
        0xe2 => {
            let rest = line.strip_prefix(['✘', '✗', '✖'])?;
            split_level(rest.trim_start()).map(|(level, text)| (None, level, text))
        }
        b'I' | b'W' | b'E' | b'F' | b'D' => klog(line).or_else(|| ruby(line)),
        _ => None,
    }
}

/// Splits a line of klog, which has no year, or of CockroachDB, whose times are in UTC: `E261127 11:00:01.123456 77
/// server/node.go:123 ⋮ [n1] 45  text`.
fn klog(line: &str) -> Option<(Option<Stamp>, Level, &str)> {
    let level = || level::of_word(line.get(..1)?);
    let clock = line.get(1..)?.split_once(' ')?;
    let number = |text: &str, at: usize| {
        let digits = text.get(at..at + 2).filter(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        digits?.parse::<u32>().ok()
    };
    let (date, rest) = clock;
    let (time, rest) = rest.split_at_checked("11:00:01.".len())?;
    let part = |at: usize| number(time, at);
    let (hour, minute, second) = (part(0)?, part(3)?, part(6)?);
    if !time.ends_with('.') {
        return None;
    }
    match date.len() {
        4 => {
            number(date, 0).zip(number(date, 2))?;
            let (place, text) = rest.split_once("] ")?;
            let fits = place.contains(':') && place.contains(' ');
            fits.then(|| Some((None, level()?, text)))?
        }
        6 => {
            let (year, month, day) = (number(date, 0)?, number(date, 2)?, number(date, 4)?);
            let (fraction, rest) = rest.split_once(' ')?;
            let micros = fraction.parse().ok().filter(|_| fraction.len() == 6)?;
            let (place, text) = rest.split_once(" ⋮ ")?;
            // The tags in brackets and the number of the entry stand before the text.
            let text = text.split_once("] ").map_or(text, |(_, text)| text);
            let text = text.trim_start_matches(|char: char| char.is_ascii_digit() || char == ' ');
            let civil = Civil { year: 2000 + year, month, day, hour, minute, second, micros };
            let stamp = Stamp { us: civil.unix_us()?, zoned: true };
            place.contains(':').then(|| Some((Some(stamp), level()?, text)))?
        }
        _ => None,
    }
}

/// Splits a line of Ruby's logger.
fn ruby(line: &str) -> Option<(Option<Stamp>, Level, &str)> {
    let (stamp, rest) = time::take(line.get(1..)?.strip_prefix(", [")?)?;
    let (level, rest) = rest.split_once("] ")?.1.split_once(" -- ")?;
    let (_, text) = rest.split_once(": ")?;
    Some((Some(stamp), level::of_word(level)?, text))
}

/// Splits the level that Prisma's client writes before an event: `prisma:error `, `prisma:query SELECT 1`.
pub(super) fn prisma(text: &str) -> Option<(Level, &str)> {
    let event = text.strip_prefix("prisma:")?;
    let (word, text) = event.split_once(' ').unwrap_or((event, ""));
    match word.trim_end() {
        "error" => Some((Level::Error, text)),
        "warn" | "info" | "query" => Some((Level::Other, text)),
        _ => None,
    }
}

/// Splits a line of logdown, which writes a symbol for the level, two spaces, and the name of the
/// logger: `❌  web text`.
pub(super) fn logdown(line: &str) -> Option<(Level, &str)> {
    // Nearly every line begins with a letter, a digit or a bracket.
    if line.as_bytes().first()?.is_ascii() {
        return None;
    }
    let (symbol, text) = line.split_once("  ")?;
    let level = match symbol.trim_end_matches('\u{fe0f}') {
        "❌" => Level::Error,
        "⚠" | "ℹ" | "🐛" => Level::Other,
        _ => return None,
    };
    (!text.is_empty() && !text.starts_with(' ')).then_some((level, text))
}

/// The longest text before the symbol of a line of signale.
const LONGEST_HEAD: usize = 160;
/// The length of `favorite`, the longest label of signale.
const LONGEST_LABEL: usize = 8;

/// The labels of signale.
const SIGNALE: [&str; 17] = [
    "error", "fatal", "info", "warn", "warning", "debug", "log", "success", "await", "complete",
    "favorite", "note", "pause", "pending", "star", "start", "watch",
];
