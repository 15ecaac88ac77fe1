//! Statements as a table.

use super::{QueryView, each, mean_text, p95, text_of};
use crate::clean;
use crate::number::count;
use crate::plateau::millis;
use std::io::{self, Write};

/// Characters of a statement in a row.
const WIDTH: usize = 110;

/// Writes the statements as a table.
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
        let of = view.of(class);
        let parts = if view.has_parts {
            format!(" {:>9} {:>9}", mean_text(&class.before), mean_text(&class.within))
        } else {
            String::new()
        };
        let text: String = text_of(class).split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = text.chars().take(WIDTH).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        writeln!(
            out,
            "{:>9} {:>8} {:>9} {:>9}{parts} {:>9} {:>9} {:>7}  {}{more}",
            millis(1e3 * of.seconds),
            count(of.count),
            mean_text(of),
            if of.durations.count() > 0 { millis(p95(of)) } else { "-".to_owned() },
            each(of.examined, of),
            millis(1e3 * of.lock_s),
            count(of.failed),
            clean::terminal(&cut)
        )?;
    }
    if all > rows.len() {
        writeln!(out, "{:>9} {} more; -n 0 shows all", "", count((all - rows.len()) as u64))?;
    }
    if view.has_parts {
        writeln!(out, "\n(BEFORE and PLATEAU are mean durations before and within the plateau.)")?;
    }
    Ok(())
}
