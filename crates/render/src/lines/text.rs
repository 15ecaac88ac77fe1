//! Lines as text with bars.

use super::{FUNCTIONS, LinesView, number};
use crate::About;
use crate::clean;
use crate::names::Shortener;
use crate::number::{self as numbers, count, share_text};
use crate::painter::Painter;
use crate::top::bar;
use anstyle::Style;
use std::io::{self, Write};

pub(super) fn write(
    view: &LinesView,
    about: &About,
    color: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let (dim, bold) = (Style::new().dimmed(), Style::new().bold());
    let painter = Painter { color };
    let files = view.functions.iter().map(|function| function.file.as_str());
    let shortener = Shortener::new(files, view.full_paths);
    writeln!(out, "{}", clean::terminal(&about.line()))?;
    let written = |weight| numbers::time_or_count(weight, &about.unit);
    for function in view.functions.iter().take(FUNCTIONS) {
        let name = if function.name.is_empty() { "<anonymous>" } else { &function.name };
        let place = shortener.place(&function.file, function.line);
        writeln!(
            out,
            "\n{}  {}  self {} ({} %), total {} ({} %)",
            painter.paint(bold, &clean::terminal(name)),
            clean::terminal(&place),
            written(function.self_weight),
            share_text(function.self_weight, view.total),
            written(function.total),
            share_text(function.total, view.total),
        )?;
        let (lines, more) = view.shown(function);
        let largest = lines.iter().map(|line| line.self_weight).max().unwrap_or(0);
        let head = format!("{:>9}  {:>10} {:>8}  {:>10} {:>8}", "LINE", "SELF", "", "TOTAL", "");
        writeln!(out, "{}", painter.paint(bold, &head))?;
        for line in lines {
            let row = format!(
                "{:>9}  {:>10} {:>6} %  {:>10} {:>6} %  {:<12}  {}",
                number(line),
                written(line.self_weight),
                share_text(line.self_weight, view.total),
                written(line.total),
                share_text(line.total, view.total),
                bar(line.self_weight, largest, 12),
                clean::terminal(&view.source(function, line)),
            );
            writeln!(out, "{}", row.trim_end())?;
        }
        if more > 0 {
            let rest = format!("… {} more lines{}", count(more as u64), view.all_rows_hint);
            writeln!(out, "{}", painter.paint(dim, &rest))?;
        }
    }
    let others = view.functions.len().saturating_sub(FUNCTIONS);
    if others > 0 {
        writeln!(out, "\n… {} more functions match", count(others as u64))?;
    }
    Ok(())
}
