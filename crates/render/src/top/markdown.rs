//! The table as Markdown, for pull requests.

use super::{Table, TopOptions, tier_mix};
use crate::about::About;
use crate::clean;
use crate::number::{count, share_text};
use spikeflame_profile::CallTree;
use std::io::{self, Write};

/// Writes the first [`TopOptions::rows`] rows as a table of Markdown, below a line about the
/// recording.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(
    tree: &CallTree,
    about: &About,
    options: &TopOptions<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let table = Table::new(tree, options);
    let total = table.total;
    writeln!(out, "{}\n", clean::markdown(&about.line()))?;
    writeln!(out, "| self | total | | kind | tier | function | where |")?;
    writeln!(out, "|---:|---:|:---|:---|:---|:---|:---|")?;
    for (row, entry) in &table.rows {
        let (name, place) = table.names.parts(row.entry);
        writeln!(
            out,
            "| {} % | {} % | {} | {} | {} | {} | {} |",
            share_text(row.self_weight, total),
            share_text(row.total, total),
            table.bar(row, 8),
            entry.category.word(),
            clean::markdown(&tier_mix(entry)),
            clean::markdown(name),
            clean::markdown(place),
        )?;
    }
    if table.more > 0 {
        writeln!(out, "\n{} more not shown.", count(table.more as u64))?;
    }
    Ok(())
}
