//! Rows of tables that begin with the word for a level: `error   web` below `STATUS  NAME`.

use super::Reader;
use crate::app_log::level::Level;
use crate::app_log::line::Line;

/// The tables of a log, as far as they look like lines of a logger.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The number of the last row, and the width of its first column.
    last: Option<(u64, usize)>,
    /// True after a line with a label in a column of its own, and several words behind it. Loggers
    /// write such lines, and the cell of a table is one word.
    has_labels: bool,
}

impl Reader {
    /// Returns a line without the level of an error, when it is the row of a table.
    pub(super) fn without_row<'a>(&mut self, line: Line<'a>) -> Line<'a> {
        let Some(width) = line.alone else { return line };
        let number = self.number;
        let is_below = self.rows.last == Some((number.wrapping_sub(1), width));
        let is_row = is_below || self.prefixes.is_heading(number, width);
        if is_row {
            self.rows.last = Some((number, width));
        }
        let is_word = line.is_label && !line.text.trim_end().contains(' ');
        self.rows.has_labels |= line.is_label && !is_word && !is_row;
        match is_row || is_word && !self.rows.has_labels {
            true => Line { level: Some(Level::Other), ..line },
            false => line,
        }
    }
}
