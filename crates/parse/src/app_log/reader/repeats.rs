//! Lines that stand for several errors. consola prints the first five equal lines of a second, and then one that ends
//! with `(repeated 14 times)`, which stands for 14.

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

#[cfg(test)]
mod tests {
    use super::repeated;

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
}
