//! The table as text with bars.

use super::{Table, TopOptions, tier_mix};
use crate::about::About;
use crate::clean;
use crate::number::{self, count, share_text};
use crate::painter::Painter;
use anstyle::{AnsiColor, Style};
use spikeflame_profile::{CallTree, Category, Hotspot};
use std::io::{self, Write};

const fn style(category: Category) -> Style {
    let color = match category {
        Category::App => AnsiColor::Yellow,
        Category::Gc => AnsiColor::Red,
        Category::Error => AnsiColor::BrightRed,
        Category::Compiler => AnsiColor::Magenta,
        Category::Builtin | Category::Native | Category::Kernel => AnsiColor::Blue,
        Category::NodeCore => AnsiColor::Green,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// Writes the first [`TopOptions::rows`] rows as text with bars, below lines about the recording.
/// The bar of the first row is the longest.
///
/// ```
/// use spikeflame_profile::{CallTree, Selection, folded};
/// use spikeflame_render::{About, TopOptions, text};
///
/// let profile = folded::read(&mut &b"main;work 3\nmain 1\n"[..], "made", None)?;
/// let selection = Selection::default();
/// let tree = CallTree::build(&profile, &selection);
/// let mut table = Vec::new();
/// text(&tree, &About::collect(&profile, &selection, &tree), &TopOptions::default(), &mut table)?;
/// assert!(String::from_utf8_lossy(&table).contains("75.00 %"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(
    tree: &CallTree,
    about: &About,
    options: &TopOptions<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let table = Table::new(tree, options);
    let total = table.total;
    let (dim, bold) = (Style::new().dimmed(), Style::new().bold());
    let painter = Painter { color: options.color };
    writeln!(out, "{}", clean::terminal(&about.line()))?;
    let written = |value| number::time_or_count(value, &about.unit);
    for (weight, what) in
        [(about.unresolved, "unresolved"), (about.without_address, "without an address: (program)")]
    {
        if weight > 0 {
            let weighed = number::with_event(weight, &about.unit);
            writeln!(out, "{weighed} {what} ({} %)", share_text(weight, total))?;
        }
    }
    // Bytes have more digits than ticks.
    let widest = |of: fn(&Hotspot) -> u64| {
        let lengths = table.rows.iter().map(|(row, _)| written(of(row)).chars().count());
        lengths.max().unwrap_or(0).max(8)
    };
    let (self_width, total_width) = (widest(|row| row.self_weight), widest(|row| row.total));
    let head = format!(
        "{:>self_width$} {:>8}  {:>total_width$} {:>8}  {:<12} {:<10}  {:<12} {}",
        "SELF", "", "TOTAL", "", "", "KIND", "TIER", "FUNCTION"
    );
    writeln!(out, "\n{}", painter.paint(bold, &head))?;
    for (row, entry) in &table.rows {
        let (name, place) = table.names.parts(row.entry);
        let bar = table.bar(row, 12);
        let pad = " ".repeat(12usize.saturating_sub(bar.chars().count()));
        let kind = painter.paint(style(entry.category), &format!("{:<10}", entry.category.word()));
        write!(
            out,
            "{:>self_width$} {:>6} %  {:>total_width$} {:>6} %  {bar}{pad} {kind}  {:<12} {}",
            written(row.self_weight),
            share_text(row.self_weight, total),
            written(row.total),
            share_text(row.total, total),
            tier_mix(entry),
            clean::terminal(name),
        )?;
        if !place.is_empty() {
            let shown = painter.paint(dim, &clean::terminal(place));
            let address = options.link.and_then(|link| link(entry));
            write!(out, "  {}", linked(&shown, address.as_deref()))?;
        }
        writeln!(out)?;
    }
    if table.more > 0 {
        let rest = format!("… {} more{}", count(table.more as u64), options.all_rows_hint);
        writeln!(out, "{}", painter.paint(dim, &rest))?;
    }
    Ok(())
}

/// Returns a text that a terminal opens at an address (OSC 8). An address with anything but
/// printable ASCII is left out.
fn linked(text: &str, address: Option<&str>) -> String {
    match address.filter(|address| address.bytes().all(|byte| byte.is_ascii_graphic())) {
        Some(address) => format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
        None => text.to_owned(),
    }
}
