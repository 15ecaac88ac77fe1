//! The functions that the first screen of a comparison names.

use super::ComparisonView;
use super::figures::cost;
use spikeflame_diff::{Measure, Row, Verdict};

/// A function that changed by itself, in words.
pub(crate) struct Cause {
    pub(crate) name: String,
    /// File and line; empty for native code.
    pub(crate) place: String,
    /// The cost before and after, with its unit.
    pub(crate) costs: [String; 2],
    /// True when the costs are those with all that the function calls.
    pub(crate) with_callees: bool,
}

/// Least change of the total, as a multiple of the change of self, from which the total is shown.
const MOSTLY_CALLED: f64 = 2.0;

impl<'a> ComparisonView<'a> {
    /// Returns the functions that changed by themselves, those of the application's own code first, each
    /// with its place and its cost before and after: at most `most`.
    pub(crate) fn first_causes(&self, most: usize) -> Vec<Cause> {
        let short = self.shortener();
        let all = ComparisonView { rows: 0, ..self.clone() };
        let mut rows = all.rows(None).0;
        rows.retain(|row| row.is_cause());
        let is_own = |row: &&Row| row.category == Some(spikeflame_profile::Category::App);
        rows.sort_by_key(|row| !is_own(row));
        let unit = self.comparison.unit;
        let cause = |row: &'a Row| {
            let (shown, (name, place)) = (self.effect(row), self.names(row, &short));
            let costs = [shown.before, shown.after].map(|value| cost(value, unit));
            let with_callees = !std::ptr::eq(shown, &row.self_cost);
            Cause { name, place, costs, with_callees }
        };
        rows.into_iter().take(most).map(cause).collect()
    }

    /// Returns the cost that shows the effect of a row: the total, when most of a certain change is in the
    /// functions that the row's function calls.
    pub(super) fn effect(&self, row: &'a Row) -> &'a Measure {
        let [own, total] = [&row.self_cost, &row.total_cost];
        let is_mostly_called = total.change.abs() >= MOSTLY_CALLED * own.change.abs();
        match total.verdict == Verdict::Changed && is_mostly_called {
            true => total,
            false => self.cost(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diff::{ComparisonView, MarkdownOptions, markdown};
    use spikeflame_diff::{Options, Run, RunCounts, compare_counts};
    use spikeflame_profile::{Selection, folded};

    /// Returns a run in which `slow` has `own` samples of its own and `called` ones of a package.
    fn run(own: usize, called: usize, n: usize) -> RunCounts {
        let mut lines = format!(
            "serve /srv/a.js:1:1;slow /srv/a.js:9:1 {own}\n\
             serve /srv/a.js:1:1;slow /srv/a.js:9:1;text /srv/node_modules/x/x.js:1:1 {called}\n"
        );
        for at in 0..40 {
            let cost = 150 + (at * 31 + n * 17 + 1) * 7_919 % 1_009 % 11 * 2;
            lines += &format!("serve /srv/a.js:1:1;step{at} /srv/s.js:{}:1 {cost}\n", at + 1);
        }
        let profile = folded::read(&mut lines.as_bytes(), "example", None).unwrap();
        let all = Selection::default();
        let run = Run::new("run", &profile, &all);
        RunCounts::count(&Run { requests: Some(100.0), interval_ms: Some(1.0), ..run })
    }

    /// The error was: a function of which nearly all is in the functions that it calls had its self cost on the
    /// first screen, a small part of the effect.
    #[test]
    fn the_effect_of_a_function_includes_the_functions_that_it_calls() {
        let sides = [0, 4].map(|from| {
            let (own, called) = if from == 0 { (400, 6_000) } else { (40, 600) };
            (from..from + 4).map(|n| run(own + n, called + n, n)).collect::<Vec<_>>()
        });
        let [before, after] = &sides;
        let comparison = compare_counts(before, after, &Options::default()).unwrap();
        let view = ComparisonView::plain(&comparison);
        let causes = view.first_causes(9);
        let slow = causes.iter().find(|cause| cause.name == "slow").unwrap();
        assert!(slow.with_callees && slow.costs[0].starts_with("63.8"), "{:?}", slow.costs);
        let mut text = Vec::new();
        markdown(&view, &MarkdownOptions::default(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let row = text.lines().find(|line| line.starts_with("| <b>slow")).unwrap();
        assert!(row.contains("63.8") && row.contains("with callees"), "{row}");
    }
}
