//! The rows that a few more runs may show to have changed.

use super::ComparisonView;
use spikeflame_diff::{Measure, Row};

/// A row is named when at most this number of further runs on each side would decide it.
const FEW_MORE_RUNS: u32 = 10;
/// A row is named when its q is at most this: about a third of such rows did not change.
const LIKELY: f64 = 0.3;
/// A row is named when its cost differs by at least this factor, as a row that is CHANGED must.
const LEAST_RATIO: f64 = 1.1;
/// A row is named when its cost differs by at least this part of the cost of everything, as a row that is
/// CHANGED must.
const LEAST_SHARE: f64 = 5e-4;
/// The highest number of rows that are named.
const MOST_NAMED: usize = 3;

impl<'a> ComparisonView<'a> {
    /// Returns a sentence on the rows of code that few more runs may show to have changed. It is `None` when
    /// there are none, or when a row changed.
    pub(super) fn undecided(&self) -> Option<String> {
        let totals = &self.comparison.totals;
        let least = LEAST_SHARE * totals.before.max(totals.after);
        let few = |cost: &Measure| {
            let runs = cost.more_runs.filter(|runs| *runs <= FEW_MORE_RUNS)?;
            let is_likely = cost.q.is_some_and(|q| q <= LIKELY);
            (is_likely && is_large(cost, least)).then_some(runs)
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
            let (name, place) = self.name_and_place(row, &short);
            format!("{} with {runs} more a side", format!("{name} {place}").trim_end())
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| {
            format!("If more runs show the same ratios, these are CHANGED: {}.", named.join(", "))
        })
    }
}

/// Returns true when both costs of a row, with the correction for the speed of the machine and without it,
/// differ enough for a change.
fn is_large(cost: &Measure, least: f64) -> bool {
    let differ = |before: f64, after: f64| {
        before.max(after) >= LEAST_RATIO * before.min(after) && (after - before).abs() >= least
    };
    differ(cost.before, cost.after) && differ(cost.uncorrected.0, cost.uncorrected.1)
}

#[cfg(test)]
mod tests {
    use crate::diff::{ComparisonView, MarkdownOptions, markdown, text};
    use spikeflame_diff::{Options, Run, RunCounts, compare_counts};
    use spikeflame_profile::{Selection, folded};

    /// Returns a run with the cost of `fresh`, beside 40 functions that vary.
    fn run(fresh: usize, n: usize) -> RunCounts {
        let mut lines = format!("serve /srv/a.js:1:1;fresh /srv/a.js:9:1 {fresh}\n");
        for at in 0..40 {
            let cost = 150 + (at * 31 + n * 17 + 1) * 7_919 % 1_009 % 11 * 2;
            lines += &format!("serve /srv/a.js:1:1;step{at} /srv/s.js:{}:1 {cost}\n", at + 1);
        }
        let profile = folded::read(&mut lines.as_bytes(), "example", None).unwrap();
        let all = Selection::default();
        let run = Run::new("run", &profile, &all);
        RunCounts::count(&Run { requests: Some(100.0), interval_ms: Some(1.0), ..run })
    }

    fn shown(fresh: [usize; 4]) -> [String; 2] {
        let [a, b, c, d] = fresh;
        let sides = [[run(a, 0), run(b, 2)], [run(c, 1), run(d, 3)]];
        let comparison = compare_counts(&sides[0], &sides[1], &Options::default()).unwrap();
        let view = ComparisonView::plain(&comparison);
        let mut out = Vec::new();
        text(&view, &mut out).unwrap();
        let of_text = String::from_utf8(out).unwrap();
        out = Vec::new();
        markdown(&view, &MarkdownOptions::default(), &mut out).unwrap();
        [of_text, String::from_utf8(out).unwrap()]
    }

    /// A planted change was the first row at two runs a side, and no line said that one more run shows it.
    #[test]
    fn a_nearly_certain_change_is_named_with_the_runs_that_decide_it() {
        for text in shown([0, 0, 200, 204]) {
            let text = text.replace('\\', "");
            assert!(text.contains("are CHANGED: fresh a.js:9 with 1 more a side."), "{text}");
        }
        for text in shown([30, 31, 31, 30]) {
            assert!(!text.contains("If more runs"), "{text}");
        }
    }
}
