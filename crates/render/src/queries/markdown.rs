//! Statements as Markdown.

use super::{QueryView, each, mean_text, p95, text_of};
use crate::clean;
use crate::number::count;
use crate::plateau::millis;
use std::io::{self, Write};

/// Characters of a statement in a row.
const WIDTH: usize = 200;

/// Writes the statements as a table of Markdown.
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
        let of = view.of(class);
        let parts = if view.has_parts {
            format!(" {} | {} |", mean_text(&class.before), mean_text(&class.within))
        } else {
            String::new()
        };
        let text: String = text_of(class).split_whitespace().collect::<Vec<_>>().join(" ");
        let cut: String = text.chars().take(WIDTH).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} |{parts} {} | {} | {} | {} |",
            millis(1e3 * of.seconds),
            count(of.count),
            mean_text(of),
            if of.durations.count() > 0 { millis(p95(of)) } else { "-".to_owned() },
            each(of.examined, of),
            millis(1e3 * of.lock_s),
            count(of.failed),
            clean::markdown(&cut)
        )?;
    }
    if all > rows.len() {
        writeln!(out, "\n{} more.", count((all - rows.len()) as u64))?;
    }
    Ok(())
}
