//! Statements as Markdown.

use super::{QueryView, Row};
use crate::clean;
use crate::number::count;
use std::io::{self, Write};

/// Characters of a statement in a row.
const WIDTH: usize = 200;

/// Writes a line with the number and the time of all statements, or of those in a window
/// ([`QueryView::window`]), and a table of Markdown with a row for each statement. Long texts
/// are cut. The rows that are not shown are counted below.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(view: &QueryView<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n", clean::markdown(&view.line()))?;
    let (rows, all) = view.shown();
    let (names, marks) =
        if view.has_parts { (" before | plateau |", "---:|---:|") } else { ("", "") };
    writeln!(
        out,
        "| total | count | mean | p95 |{names} rows read | locks | failed | statement |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|{marks}---:|---:|---:|:---|")?;
    for class in &rows {
        let row = Row::new(view, class, WIDTH);
        let parts = row.parts.as_ref().map(|[before, within]| format!(" {before} | {within} |"));
        writeln!(
            out,
            "| {} | {} | {} | {} |{} {} | {} | {} | {} |",
            row.total,
            row.count,
            row.mean,
            row.p95,
            parts.unwrap_or_default(),
            row.examined,
            row.locks,
            row.failed,
            clean::markdown(&row.statement)
        )?;
    }
    if all > rows.len() {
        writeln!(out, "\n{} more.", count((all - rows.len()) as u64))?;
    }
    Ok(())
}
