//! Views of the lines that ran in each function, as text, Markdown and JSON.

mod json;
mod markdown;
mod text;

use crate::{About, clean};
use spikeflame_profile::{FunctionLines, Line};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The number of functions that are shown to people.
const FUNCTIONS: usize = 5;
/// The number of characters that are shown of a line of source.
const WIDTH: usize = 100;

/// The output format in which a [`LinesView`] is written: functions, each with its source lines and their
/// weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinesFormat {
    /// Text for a terminal: a table with bars for each of the first five functions.
    Text {
        /// True to write colours.
        color: bool,
    },
    /// Markdown for pull requests: a table for each of the first five functions.
    Markdown,
    /// JSON of schema `spikeflame.lines/1`, with all functions and all of their lines.
    Json,
}

/// Functions with the lines that ran, and the text of these lines.
#[derive(Clone, Debug, Default)]
pub struct LinesView {
    /// The functions, in the order in which they are shown. Text and Markdown have the first five,
    /// and JSON has all.
    pub functions: Vec<FunctionLines>,
    /// The source text of lines, by the path in [`FunctionLines::file`] and the line's number from 1.
    /// A line without an entry is shown without its text.
    pub source: BTreeMap<String, BTreeMap<u32, String>>,
    /// The weight of all samples that the selection keeps.
    pub total: u64,
    /// The largest number of lines that are shown for one function; 0 for all. The lines with the
    /// largest self weight are kept, in the order of the file. JSON has all lines.
    pub rows: usize,
    /// True to show whole paths of files; false to shorten them. JSON has whole paths.
    pub full_paths: bool,
    /// The text printed directly after the number of lines that are left out, in text only. A program names its
    /// way to list all lines here; it may be empty.
    pub all_rows_hint: &'static str,
}

impl LinesView {
    /// Writes the lines in a format. `about` contains the facts for the title; it must be collected
    /// with the same selection as `functions`.
    ///
    /// ```
    /// use spikeflame_profile::{CallTree, Profile, Selection, function_lines};
    /// use spikeflame_render::{About, LinesFormat, LinesView};
    ///
    /// let profile = spikeflame_profile::folded::read(&mut &b"f /a.js:1:1 3\n"[..], "made", None)?;
    /// let selection = Selection::default();
    /// let tree = CallTree::build(&profile, &selection);
    /// let functions = function_lines(&profile, &selection, &"^f".parse()?);
    /// let view = LinesView { functions, total: tree.total(), ..LinesView::default() };
    /// let mut text = Vec::new();
    /// let about = About::collect(&profile, &selection, &tree);
    /// view.write(&about, LinesFormat::Text { color: false }, &mut text)?;
    /// assert!(String::from_utf8_lossy(&text).contains("not known"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error when `out` fails.
    pub fn write(
        &self,
        about: &About,
        format: LinesFormat,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match format {
            LinesFormat::Text { color } => text::write(self, about, color, out),
            LinesFormat::Markdown => markdown::write(self, about, out),
            LinesFormat::Json => json::write(self, about, out),
        }
    }

    /// Returns the heaviest lines of a function in the order of the file, and the number of lines
    /// that are not shown.
    fn shown<'a>(&self, function: &'a FunctionLines) -> (Vec<&'a Line>, usize) {
        let mut lines: Vec<&Line> = function.lines.iter().collect();
        let all = lines.len();
        if self.rows > 0 && all > self.rows {
            lines.sort_by_key(|line| std::cmp::Reverse((line.self_weight, line.total)));
            lines.truncate(self.rows);
            lines.sort_by_key(|line| (line.line == 0, line.line));
        }
        let more = all - lines.len();
        (lines, more)
    }

    /// Returns the source text of a line, shortened for people. It is empty when the source file
    /// was not found.
    fn source(&self, function: &FunctionLines, line: &Line) -> String {
        let text = self.source.get(&function.file).and_then(|lines| lines.get(&line.line));
        clean::shortened(text.map_or("", |text| text.trim()), WIDTH)
    }
}

/// Returns the number of a line for people.
fn number(line: &Line) -> String {
    if line.line == 0 { "not known".to_owned() } else { line.line.to_string() }
}
