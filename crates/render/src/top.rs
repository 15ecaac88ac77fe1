//! The hotspot table: text, Markdown, JSON.

use crate::about::About;
use crate::clean;
use crate::names::Names;
use crate::number::{count, share};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use spikeflame_profile::{CallTree, Category, Entry, Hotspot, Hotspots, Tier};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What the table is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// Weight of the samples that end in a function.
    #[default]
    SelfWeight,
    /// Weight of the samples that a function is anywhere in.
    Total,
}

/// How a table looks.
#[derive(Clone, Copy, Debug)]
pub struct TopOptions {
    /// Order.
    pub order: Order,
    /// Rows to show; 0 for all.
    pub rows: usize,
    /// Whole paths.
    pub full_paths: bool,
    /// Colours (text only).
    pub color: bool,
}

impl Default for TopOptions {
    fn default() -> Self {
        Self { order: Order::default(), rows: 25, full_paths: false, color: false }
    }
}

/// The rows to show, ordered, with their entries; and how many there are.
fn rows<'a>(tree: &'a CallTree, options: &TopOptions) -> (Vec<(Hotspot, &'a Entry)>, usize) {
    let mut hotspots = Hotspots::of(tree);
    if options.order == Order::Total {
        hotspots.sort_by_total();
    }
    let all = hotspots.rows.len();
    let limit = if options.rows == 0 { all } else { options.rows };
    let entry = |row: &Hotspot| Some((*row, tree.entry(Some(row.entry))?));
    (hotspots.rows.iter().take(limit).filter_map(entry).collect(), all)
}

/// `*98 ~2`: self weight by tier, in per cent, where there is any.
fn tier_mix(entry: &Entry) -> String {
    // A function that is never the leaf still runs in some tier.
    let mut weights = entry.self_tiers;
    if weights.iter().sum::<u64>() == 0 {
        weights = entry.total_tiers;
    }
    let sum: u64 = weights.iter().sum();
    let part = |tier: &Tier| weights.get(tier.index()).copied().unwrap_or(0);
    let mut tiers: Vec<Tier> =
        Tier::ALL.into_iter().filter(|tier| *tier != Tier::None && part(tier) > 0).collect();
    tiers.sort_by_key(|tier| std::cmp::Reverse(part(tier)));
    let words = tiers.iter().map(|tier| {
        let share = share(part(tier), sum);
        if share < 0.5 {
            format!("{}<1", tier.mark())
        } else {
            format!("{}{share:.0}", tier.mark())
        }
    });
    words.take(3).collect::<Vec<_>>().join(" ")
}

const BLOCKS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar of `width` characters at most, in eighths.
fn bar(share: f64, largest: f64, width: usize) -> String {
    let eighths = if largest > 0.0 { (share / largest * width as f64 * 8.0).round() } else { 0.0 };
    let eighths = eighths as usize;
    let rest = BLOCKS.get(eighths % 8).copied().unwrap_or("");
    "█".repeat(eighths / 8) + rest
}

const fn style(category: Category) -> Style {
    let color = match category {
        Category::App => AnsiColor::Yellow,
        Category::Gc => AnsiColor::Red,
        Category::Compiler => AnsiColor::Magenta,
        Category::Builtin | Category::Native | Category::Kernel => AnsiColor::Blue,
        Category::NodeCore => AnsiColor::Green,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

/// Writes the table as text with bars.
///
/// # Errors
/// Those of `out`.
pub fn text(
    tree: &CallTree,
    about: &About,
    options: &TopOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = Names::new(tree, options.full_paths);
    let (rows, all) = rows(tree, options);
    let total = tree.total();
    let (dim, bold) = (Style::new().dimmed(), Style::new().bold());
    let paint = |style: Style, text: &str| match options.color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_owned(),
    };
    writeln!(out, "{}", clean::terminal(&about.line()))?;
    for (weight, what) in
        [(about.unresolved, "unresolved"), (about.without_address, "without an address: (program)")]
    {
        if weight > 0 {
            writeln!(out, "{} {what} ({:.2} %)", count(weight), share(weight, total))?;
        }
    }
    let by_self = options.order == Order::SelfWeight;
    let weight = |row: &Hotspot| if by_self { row.self_weight } else { row.total };
    let largest = rows.first().map_or(0.0, |(row, _)| share(weight(row), total));
    let head = format!(
        "{:>8} {:>8}  {:>8} {:>8}  {:<12} {:<10}  {:<12} {}",
        "SELF", "", "TOTAL", "", "", "KIND", "TIER", "FUNCTION"
    );
    writeln!(out, "\n{}", paint(bold, &head))?;
    for (row, entry) in &rows {
        let (name, place) = names.parts(row.entry);
        let bar = bar(share(weight(row), total), largest, 12);
        let pad = " ".repeat(12usize.saturating_sub(bar.chars().count()));
        let kind = paint(style(entry.category), &format!("{:<10}", entry.category.word()));
        write!(
            out,
            "{:>8} {:>6.2} %  {:>8} {:>6.2} %  {bar}{pad} {kind}  {:<12} {}",
            count(row.self_weight),
            share(row.self_weight, total),
            count(row.total),
            share(row.total, total),
            tier_mix(entry),
            clean::terminal(name),
        )?;
        if !place.is_empty() {
            write!(out, "  {}", paint(dim, &clean::terminal(place)))?;
        }
        writeln!(out)?;
    }
    if rows.len() < all {
        let rest = format!("… {} more; --rows 0 shows all", count((all - rows.len()) as u64));
        writeln!(out, "{}", paint(dim, &rest))?;
    }
    Ok(())
}

/// Writes the table as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown(
    tree: &CallTree,
    about: &About,
    options: &TopOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = Names::new(tree, options.full_paths);
    let (rows, all) = rows(tree, options);
    let total = tree.total();
    writeln!(out, "{}\n", clean::markdown(&about.line()))?;
    writeln!(out, "| self | total | | kind | tier | function | where |")?;
    writeln!(out, "|---:|---:|:---|:---|:---|:---|:---|")?;
    let by_self = options.order == Order::SelfWeight;
    let weight = |row: &Hotspot| if by_self { row.self_weight } else { row.total };
    let largest = rows.first().map_or(0.0, |(row, _)| share(weight(row), total));
    for (row, entry) in &rows {
        let (name, place) = names.parts(row.entry);
        writeln!(
            out,
            "| {:.2} % | {:.2} % | {} | {} | {} | {} | {} |",
            share(row.self_weight, total),
            share(row.total, total),
            bar(share(weight(row), total), largest, 8),
            entry.category.word(),
            clean::markdown(&tier_mix(entry)),
            clean::markdown(name),
            clean::markdown(place),
        )?;
    }
    if rows.len() < all {
        writeln!(out, "\n{} more not shown.", count((all - rows.len()) as u64))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Top<'a> {
    schema: &'static str,
    files: &'a str,
    producer: &'a str,
    samples: u64,
    read: u64,
    unreadable: u64,
    unresolved: u64,
    without_address: u64,
    idle: u64,
    left_out: u64,
    duration_ms: Option<f64>,
    interval_us: Option<u64>,
    window: Option<Window>,
    functions: Vec<FunctionRow<'a>>,
}

#[derive(Serialize)]
struct Window {
    from_ms: f64,
    to_ms: f64,
}

#[derive(Serialize)]
struct FunctionRow<'a> {
    label: &'a str,
    name: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    kind: &'static str,
    category: &'static str,
    #[serde(rename = "self")]
    self_weight: u64,
    total: u64,
    self_share: f64,
    total_share: f64,
    tiers: BTreeMap<&'static str, u64>,
}

/// Writes the table as JSON of schema `spikeflame.top/1`; shares are of 1.
///
/// # Errors
/// Those of `out`.
pub fn json(
    tree: &CallTree,
    about: &About,
    options: &TopOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let (rows, _) = rows(tree, options);
    let total = tree.total();
    let functions = rows.iter().map(|(row, entry)| FunctionRow {
        label: &entry.label,
        name: &entry.name,
        file: &entry.file,
        line: entry.line,
        column: entry.column,
        kind: entry.kind.word(),
        category: entry.category.word(),
        self_weight: row.self_weight,
        total: row.total,
        self_share: share(row.self_weight, total) / 100.0,
        total_share: share(row.total, total) / 100.0,
        tiers: Tier::ALL
            .into_iter()
            .filter(|tier| *tier != Tier::None)
            .map(|tier| (tier.mark(), entry.self_tiers.get(tier.index()).copied().unwrap_or(0)))
            .filter(|(_, weight)| *weight > 0)
            .collect(),
    });
    let ms = |us: u64| us as f64 / 1000.0;
    let window = about.window_us.map(|(from, to)| Window { from_ms: ms(from), to_ms: ms(to) });
    let top = Top {
        schema: "spikeflame.top/1",
        files: &about.files,
        producer: &about.producer,
        samples: total,
        read: about.read,
        unreadable: about.unreadable,
        unresolved: about.unresolved,
        without_address: about.without_address,
        idle: about.left_out.idle,
        left_out: about.left_out.total(),
        duration_ms: about.window_us.map(|(from, to)| ms(to - from)),
        interval_us: about.interval_us,
        window,
        functions: functions.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &top)?;
    writeln!(out)
}
