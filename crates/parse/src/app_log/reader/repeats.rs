//! Lines that stand for several errors. consola prints the first five equal lines of a second, and then one that ends
//! with `(repeated 14 times)`, which stands for 14. rsyslog writes `message repeated 14 times: [ text]`.

use super::Reader;
use crate::app_log::frame;
use crate::app_log::open::OpenError;

/// The most errors that one line can stand for. A program hardly logs more in a second.
const MOST_REPEATS: u32 = 1_000_000;

impl Reader {
    /// Reads a line that ends with the number of equal lines that it stands for; returns false for any other line. An
    /// error without a stack counts so often only when the one before it had the same name, because another logger
    /// may end a message with these words.
    pub(super) fn repeats_error(&mut self, raw: &str, packed: u8) -> bool {
        if let Some((line, number)) = reduced(raw) {
            let begun = self.begun;
            self.line(&line, packed);
            let open = self.lane.open.as_mut().filter(|_| self.begun != begun);
            open.into_iter().for_each(|open| open.repeats = number);
            return true;
        }
        let Some((line, number)) = repeated(raw) else { return false };
        let begun = self.begun;
        self.line(line, packed);
        let twin = self.lane.twin.as_ref().and_then(OpenError::error);
        let befores = [self.lane.closed, twin];
        // The mark behind a frame is that of the error above it.
        let is_frame = self.begun == begun && frame::of_line(line).is_some();
        let Some(open) = &mut self.lane.open else { return true };
        if is_frame || self.begun != begun && befores.contains(&open.error()) {
            open.repeats = number;
        }
        true
    }
}

/// Splits a line from the number in `(repeated 14 times)` at its end.
fn repeated(raw: &str) -> Option<(&str, u32)> {
    let text = raw.trim_end().strip_suffix(" times)")?;
    let (line, number) = text.rsplit_once(" (repeated ")?;
    let number = number.parse().ok().filter(|number| (1..=MOST_REPEATS).contains(number))?;
    Some((line, number))
}

/// Returns the line of which rsyslog states how often it came again, with its number.
fn reduced(raw: &str) -> Option<(String, u32)> {
    let text = raw.trim_end().strip_suffix(']')?;
    let (before, rest) = text.split_once(": message repeated ")?;
    let (number, message) = rest.split_once(" times: [ ")?;
    let number = number.parse().ok().filter(|number| (1..=MOST_REPEATS).contains(number))?;
    Some((format!("{before}: {message}"), number))
}

#[cfg(test)]
mod tests {
    use super::{reduced, repeated};

    #[test]
    fn only_a_number_at_the_end_of_a_line_counts() {
        assert_eq!(repeated("[error] x (repeated 14 times)\r"), Some(("[error] x", 14)));
        for line in [
            "x (repeated times)",
            "x (repeated 0 times)",
            "x (repeated 9999999 times)",
            "x (repeated 2 times) y",
        ] {
            assert_eq!(repeated(line), None, "{line}");
        }
    }
    #[test]
    fn the_text_of_a_repeated_message_stands_in_brackets() {
        let line = "Nov 30 05:53:17 web shop[7]: message repeated 4 times: [ [error] a [b]]";
        assert_eq!(
            reduced(line),
            Some(("Nov 30 05:53:17 web shop[7]: [error] a [b]".to_owned(), 4))
        );
        assert_eq!(reduced("web: message repeated 4 times: [ x"), None);
        assert_eq!(reduced("web: message repeated x times: [ x]"), None);
    }
}
