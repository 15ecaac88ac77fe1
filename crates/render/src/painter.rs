//! Colours and bold text for a terminal.

use anstyle::Style;

/// Writes text with or without its style.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painter {
    /// True to write styles.
    pub(crate) color: bool,
}

impl Painter {
    /// Returns the text in its style, or unchanged without colours.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        match self.color {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }
}
