//! The hotspot table, in several forms.

mod json;
mod markdown;
mod text;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use crate::names::Names;
use crate::number::share;
use spikeflame_profile::{CallTree, Entry, Hotspot, Hotspots, Tier};
use std::fmt;

/// The weight by which the rows of a table are ordered, the largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// The weight of the samples that end in the function (self).
    #[default]
    SelfWeight,
    /// The weight of the samples that have the function anywhere in their stack (total). A sample
    /// counts once, also when the function is in it several times.
    Total,
}

/// A function that returns the address which a terminal opens for an entry; `None` for an entry
/// without a link. An address with other characters than those of printable ASCII makes no link.
pub type LinkOf = dyn Fn(&Entry) -> Option<String>;

/// Settings for the look of a table.
#[derive(Clone, Copy)]
pub struct TopOptions<'a> {
    /// The weight by which the rows are ordered.
    pub order: Order,
    /// The largest number of rows; 0 for all.
    pub rows: usize,
    /// True to show whole paths of files; false to shorten them. JSON has whole paths.
    pub full_paths: bool,
    /// True to write colours for a terminal; formats other than text have no colours.
    pub color: bool,
    /// Links for the places of functions (text only); `None` for a terminal without links.
    pub link: Option<&'a LinkOf>,
    /// The text printed directly after the number of rows that are not shown. It names
    /// the way to show all of them (text output only).
    pub all_rows_hint: &'static str,
}

impl fmt::Debug for TopOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopOptions")
            .field("order", &self.order)
            .field("rows", &self.rows)
            .field("full_paths", &self.full_paths)
            .field("color", &self.color)
            .field("link", &self.link.is_some())
            .field("all_rows_hint", &self.all_rows_hint)
            .finish()
    }
}

impl Default for TopOptions<'_> {
    fn default() -> Self {
        Self {
            order: Order::default(),
            rows: 25,
            full_paths: false,
            color: false,
            link: None,
            all_rows_hint: "",
        }
    }
}

/// The rows to show in order, each with its entry.
struct Table<'a> {
    rows: Vec<(Hotspot, &'a Entry)>,
    names: Names<'a>,
    /// Number of rows that are not shown.
    more: usize,
    /// Weight of the whole tree.
    total: u64,
    order: Order,
}

impl<'a> Table<'a> {
    fn new(tree: &'a CallTree, options: &TopOptions<'_>) -> Self {
        let mut hotspots = Hotspots::from_tree(tree);
        if options.order == Order::Total {
            hotspots.sort_by_total();
        }
        let all = hotspots.rows.len();
        let limit = if options.rows == 0 { all } else { options.rows.min(all) };
        let entry = |row: &Hotspot| Some((*row, tree.entry(Some(row.entry))?));
        Self {
            rows: hotspots.rows.iter().take(limit).filter_map(entry).collect(),
            names: Names::new(tree, options.full_paths),
            more: all - limit,
            total: tree.total(),
            order: options.order,
        }
    }

    /// Returns a bar for the weight by which the table is ordered. The first row's bar has
    /// `width`.
    fn bar(&self, row: &Hotspot, width: usize) -> String {
        let largest = self.rows.first().map_or(0, |(row, _)| self.order.weight(row));
        bar(self.order.weight(row), largest, width)
    }
}

impl Order {
    /// Returns the weight of a row by which this order goes.
    fn weight(self, row: &Hotspot) -> u64 {
        match self {
            Self::SelfWeight => row.self_weight,
            Self::Total => row.total,
        }
    }
}

/// Returns a bar for a weight. The bar of the weight `largest` has `width` characters.
pub(crate) fn bar(weight: u64, largest: u64, width: usize) -> String {
    let eighths = share(weight, largest) / 100.0 * width as f64 * 8.0;
    let eighths = eighths.round() as usize;
    let rest = BLOCKS.get(eighths % 8).copied().unwrap_or("");
    "█".repeat(eighths / 8) + rest
}

const BLOCKS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Returns the self weight by tier in per cent: `*98 ~2`. It is empty without tiers.
fn tier_mix(entry: &Entry) -> String {
    // A function that is never a leaf also ran in some tier: take its total weight.
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
