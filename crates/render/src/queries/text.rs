//! Statements as a table.

use super::{QueryView, Row};
use crate::clean;
use crate::number::count;
use std::io::{self, Write};

/// Characters of a statement in a row.
const WIDTH: usize = 110;

/// Writes a line with the number and the time of all statements, or of those in a window
/// ([`QueryView::window`]), and a table for a terminal with a row for each statement. Long
/// texts are cut. The rows that are not shown are counted below.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(view: &QueryView<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n", clean::terminal(&view.line()))?;
    let (rows, all) = view.shown();
    let parts =
        if view.has_parts { format!(" {:>9} {:>9}", "BEFORE", "PLATEAU") } else { String::new() };
    writeln!(
        out,
        "{:>9} {:>8} {:>9} {:>9}{parts} {:>9} {:>9} {:>7}  STATEMENT",
        "TOTAL", "COUNT", "MEAN", "P95", "ROWS READ", "LOCKS", "FAILED"
    )?;
    for class in &rows {
        let row = Row::new(view, class, WIDTH);
        let parts = row.parts.as_ref().map(|[before, within]| format!(" {before:>9} {within:>9}"));
        writeln!(
            out,
            "{:>9} {:>8} {:>9} {:>9}{} {:>9} {:>9} {:>7}  {}",
            row.total,
            row.count,
            row.mean,
            row.p95,
            parts.unwrap_or_default(),
            row.examined,
            row.locks,
            row.failed,
            clean::terminal(&row.statement)
        )?;
    }
    if all > rows.len() {
        let more = count((all - rows.len()) as u64);
        writeln!(out, "{:>9} {more} more{}", "", view.all_rows_hint)?;
    }
    if view.has_parts {
        writeln!(out, "\n(BEFORE and PLATEAU are mean durations before and within the plateau.)")?;
    }
    Ok(())
}
