//! Lines as Markdown, for pull requests.

use super::{FUNCTIONS, LinesView, number};
use crate::About;
use crate::clean;
use crate::names::Shortener;
use crate::number::{count, share_text};
use std::io::{self, Write};

pub(super) fn write(view: &LinesView, about: &About, out: &mut impl Write) -> io::Result<()> {
    let files = view.functions.iter().map(|function| function.file.as_str());
    let shortener = Shortener::new(files, view.full_paths);
    writeln!(out, "{}", clean::markdown(&about.line()))?;
    for function in view.functions.iter().take(FUNCTIONS) {
        let name = if function.name.is_empty() { "<anonymous>" } else { &function.name };
        let place = shortener.place(&function.file, function.line);
        writeln!(out, "\n{}\n", clean::markdown(&format!("{name} {place}")))?;
        writeln!(out, "| line | self | total | source |")?;
        writeln!(out, "|---:|---:|---:|:---|")?;
        let (lines, more) = view.shown(function);
        for line in lines {
            writeln!(
                out,
                "| {} | {} % | {} % | {} |",
                number(line),
                share_text(line.self_weight, view.total),
                share_text(line.total, view.total),
                clean::markdown(&view.source(function, line)),
            )?;
        }
        if more > 0 {
            writeln!(out, "\n{} more lines not shown.", count(more as u64))?;
        }
    }
    let others = view.functions.len().saturating_sub(FUNCTIONS);
    if others > 0 {
        writeln!(out, "\n{} more functions match.", count(others as u64))?;
    }
    Ok(())
}
