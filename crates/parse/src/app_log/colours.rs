//! Colours of a terminal: most are taken off, and those of evlog show the level of a line.

use std::borrow::Cow;

/// The byte that begins an escape sequence.
pub(super) const ESCAPE: u8 = 0x1b;

/// Returns a line without its line break and colours.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    match memchr::memchr(ESCAPE, text.as_bytes()).is_some() {
        true => Cow::Owned(evlog(text).unwrap_or_else(|| without_colours(text))),
        false => Cow::Borrowed(text),
    }
}

/// Returns a line of evlog with its level, which only the colour of the tag shows:
/// `13:13:09.232 [web] text` with a red tag.
fn evlog(text: &str) -> Option<String> {
    let (time, rest) = text.strip_prefix("\x1b[2m")?.split_once("\x1b[0m \x1b[3")?;
    let (colour, rest) = rest.split_at_checked(1)?;
    let (tag, rest) = rest.strip_prefix("m[")?.split_once("]\x1b[0m ")?;
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let fits = time.len() == "13:13:09.232".len() && time.chars().all(is_part);
    let level = if colour == "1" { "ERROR" } else { "INFO" };
    fits.then(|| format!("{time} {level} [{tag}] {}", without_colours(rest)))
}

/// Returns the text without escape sequences.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(ESCAPE, rest.as_bytes()) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        rest = match after.strip_prefix('[') {
            // A sequence has parameters and ends with a letter.
            Some(sequence) => {
                let end = sequence.bytes().position(|byte| (b'@'..=b'~').contains(&byte));
                end.and_then(|end| sequence.get(end + 1..)).unwrap_or_default()
            }
            None => after,
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_and_those_of_evlog_are_a_level() {
        assert_eq!(without_colours("\u{1b}[38;5;3m[X] \u{1b}[39mred\u{1b}["), "[X] red");
        let evlog =
            |colour| format!("\u{1b}[2m16:30:15.522\u{1b}[0m \u{1b}[{colour}m[web]\u{1b}[0m x");
        assert_eq!(plain(&evlog(31)), "16:30:15.522 ERROR [web] x");
        assert_eq!(plain(&evlog(33)), "16:30:15.522 INFO [web] x");
    }
}
