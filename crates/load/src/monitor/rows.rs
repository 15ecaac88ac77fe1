//! Divides a text into the rows of its table.

use crate::read::csv;

/// The most rows above the values of a table: titles, headings, units. A text with more of them is no table.
pub(super) const MOST_HEADS: usize = 30;

/// The most rows behind the first one of values that show the kinds of its columns.
const MOST_AHEAD: usize = 40;

/// The rows of a text. A row continues on the next line while a quote is open.
#[derive(Clone)]
pub(super) struct Rows<'a> {
    rest: &'a [u8],
    line: u64,
    pub(super) delimiter: u8,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a [u8]) -> Option<Self> {
        let mut rest = text;
        let mut line = 0;
        let first = text.split(|&byte| byte == b'\n').next()?;
        if first.starts_with(b"sep=") {
            rest = text.get(first.len() + 1..)?;
            line = 1;
        }
        // A title may stand above the table.
        let count = |line: &[u8], one: u8| memchr::memchr_iter(one, line).count();
        let delimiters = [b',', b';', b'\t'];
        let lines = rest.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        let mut lines = lines.take(MOST_HEADS);
        let first = lines.find(|line| delimiters.iter().any(|one| count(line, *one) > 0))?;
        let delimiter =
            delimiters.into_iter().max_by_key(|one| (count(first, *one), *one == b','))?;
        Some(Self { rest, line, delimiter })
    }

    /// Returns the cells of the next rows, which are read again later.
    pub(super) fn ahead(&self) -> Vec<Vec<String>> {
        let mut rows = self.clone();
        let mut ahead = Vec::new();
        while ahead.len() < MOST_AHEAD {
            let Some((_, Some(row))) = rows.next() else { break };
            ahead.extend(csv::split(row, self.delimiter).map(|row| texts(&row)));
        }
        ahead
    }

    /// Returns the next row, with the number of its first line. The row is `None` when a quote is
    /// still open at the end of the text.
    pub(super) fn next(&mut self) -> Option<(u64, Option<&'a [u8]>)> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let mut end = 0;
            let mut lines = 0;
            let row = loop {
                let rest = self.rest.get(end..).unwrap_or_default();
                let next = memchr::memchr(b'\n', rest);
                end += next.unwrap_or(rest.len());
                lines += 1;
                let row = self.rest.get(..end).unwrap_or_default();
                // A quote that stays open for this long is not the start of a quoted text.
                if csv::is_whole(row) || next.is_none() || lines > 100 {
                    break row;
                }
                end += 1;
            };
            let number = self.line + 1;
            self.line += lines;
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            let row = row.strip_suffix(b"\r").unwrap_or(row);
            if !row.trim_ascii().is_empty() {
                return Some((number, csv::is_whole(row).then_some(row)));
            }
        }
    }
}

/// Returns the texts of the cells of a row.
pub(super) fn texts(row: &[impl AsRef<[u8]>]) -> Vec<String> {
    row.iter().map(|cell| String::from_utf8_lossy(cell.as_ref()).trim().to_owned()).collect()
}
