//! The errors as Markdown, for pull requests and reports.

use super::{ErrorOptions, Errors, ThrowPlace};
use crate::about::About;
use crate::clean;
use crate::number::{count, share_text};
use std::io::{self, Write};

/// Writes the first [`ErrorOptions::rows`] errors as a table of Markdown, with places and
/// explanations. Without errors, it writes a sentence that says so.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn markdown(
    errors: &Errors,
    about: &About,
    options: &ErrorOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let (rows, more) = errors.shown(options);
    if rows.is_empty() {
        return writeln!(out, "{}", clean::markdown(&errors.none(about)));
    }
    writeln!(out, "{}\n", clean::markdown(&about.line()))?;
    writeln!(out, "| count | | first | last | error | place |")?;
    writeln!(out, "|---:|---:|:---|:---|:---|:---|")?;
    for row in rows {
        let names = std::iter::once(&row.name).chain(&row.causes);
        let names: Vec<String> = names.map(|name| clean::markdown(name)).collect();
        let place = row.thrown.first().map(ThrowPlace::words).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} % | {} | {} | {} | {} |",
            count(row.count),
            share_text(row.count, errors.total),
            errors.short_moment(row, row.first_us),
            errors.short_moment(row, row.last_us),
            names.join("<br>"),
            clean::markdown(&place),
        )?;
    }
    if more > 0 {
        writeln!(out, "\n{} more not shown.", count(more as u64))?;
    }
    let mut told = Vec::new();
    for (row, known) in rows.iter().filter_map(|row| Some((row, row.known?))) {
        if told.contains(&known) {
            continue;
        }
        if told.is_empty() {
            writeln!(out)?;
        }
        told.push(known);
        let name = row.causes.last().unwrap_or(&row.name);
        let (means, look_at) = (clean::markdown(known.means), clean::markdown(known.look_at));
        writeln!(out, "- **{}**: {means}. Look at: {look_at}.", clean::markdown(name))?;
    }
    Ok(())
}
