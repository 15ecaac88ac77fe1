//! The rows that a few more runs may show to have changed.

use super::ComparisonView;
use spikeflame_diff::{Measure, Row};

/// A row is named when at most this number of further runs on each side would decide it.
const FEW_MORE_RUNS: u32 = 10;
/// A row is named when its q is at most this: about a third of such rows did not change.
const LIKELY: f64 = 0.3;
/// The highest number of rows that are named.
const MOST_NAMED: usize = 3;

impl<'a> ComparisonView<'a> {
    /// Returns a sentence on the rows of code that few more runs may show to have changed. It is `None` when
    /// there are none, or when a row changed.
    pub(super) fn undecided(&self) -> Option<String> {
        let few = |cost: &Measure| {
            let runs = cost.more_runs.filter(|runs| *runs <= FEW_MORE_RUNS)?;
            cost.q.is_some_and(|q| q <= LIKELY).then_some(runs)
        };
        if self.table().rows.iter().any(Row::is_changed) {
            return None;
        }
        let rows = self.table().rows.iter().filter(|row| !row.is_machine);
        let rows =
            rows.filter_map(|row| Some((row, few(&row.self_cost).or(few(&row.total_cost))?)));
        let mut rows: Vec<(&'a Row, u32)> = rows.collect();
        let size = |row: &Row| row.self_cost.change.abs().max(row.total_cost.change.abs());
        rows.sort_by(|(one, _), (other, _)| size(other).total_cmp(&size(one)));
        rows.truncate(MOST_NAMED);
        let short = self.shortener();
        let named = rows.iter().map(|(row, runs)| {
            let (name, place) = self.names(row, &short);
            format!("{} with {runs} more a side", format!("{name} {place}").trim_end())
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| {
            format!("If more runs show the same ratios, these are CHANGED: {}.", named.join(", "))
        })
    }
}
