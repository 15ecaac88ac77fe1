//! The errors as text.

use super::{ErrorOptions, Errors};
use crate::about::About;
use crate::clean;
use crate::number::{count, share_text};
use crate::painter::Painter;
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Number of places that are shown for one error. JSON contains all places.
const PLACES: usize = 3;

/// Writes the first [`ErrorOptions::rows`] errors as a table for a terminal, with causes, places
/// and explanations. Without errors, it writes a sentence that says so.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(
    errors: &Errors,
    about: &About,
    options: &ErrorOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let (dim, bold) = (Style::new().dimmed(), Style::new().bold());
    let red = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::BrightRed)));
    let painter = Painter { color: options.color };
    let (rows, more) = errors.shown(options);
    if rows.is_empty() {
        return writeln!(out, "{}", clean::terminal(&errors.none(about)));
    }
    writeln!(out, "{}\n", clean::terminal(&about.line()))?;
    let line = format!("{:>7} {:>8}  {:<19}  {:<19}  ERROR", "COUNT", "", "FIRST", "LAST");
    writeln!(out, "{}", painter.paint(bold, &line))?;
    for row in rows {
        writeln!(
            out,
            "{:>7} {:>6} %  {:<19}  {:<19}  {}",
            count(row.count),
            share_text(row.count, errors.total),
            errors.short_moment(row, row.first_us),
            errors.short_moment(row, row.last_us),
            painter.paint(red, &clean::terminal(&row.name)),
        )?;
        let indent = " ".repeat(18);
        for cause in &row.causes {
            writeln!(out, "{indent}{}", clean::terminal(cause))?;
        }
        for thrown in row.thrown.iter().take(PLACES) {
            let place = thrown.words();
            let often = match row.thrown.len() {
                1 => String::new(),
                _ => format!("{} × ", count(thrown.count)),
            };
            writeln!(
                out,
                "{indent}{}",
                painter.paint(dim, &clean::terminal(&format!("{often}{place}")))
            )?;
        }
        if row.thrown.len() > PLACES {
            let rest = format!("… {} more places", count((row.thrown.len() - PLACES) as u64));
            writeln!(out, "{indent}{}", painter.paint(dim, &rest))?;
        }
        if let Some(known) = row.known {
            writeln!(out, "{indent}means: {}", known.means)?;
            writeln!(out, "{indent}look at: {}", known.look_at)?;
        }
    }
    if more > 0 {
        let rest = format!("… {} more{}", count(more as u64), options.all_rows_hint);
        writeln!(out, "{}", painter.paint(dim, &rest))?;
    }
    Ok(())
}
