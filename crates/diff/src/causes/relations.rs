//! How an explained row and its cause call each other, by the stacks of all runs.

use super::weights::WeightsBefore;
use super::{Explanation, Relation, RowsOfRun};

/// The samples that a row and its cause share.
#[derive(Clone, Copy, Default)]
struct Together {
    /// Samples of the cause below the row.
    cause_below: f64,
    /// Samples of the row below the cause.
    row_below: f64,
}

/// Sets the relation of each explained row to its cause. A chain of explanations has steps in both
/// directions, so its first step does not show the relation to the cause at its end.
pub(super) fn relate(found: &mut [Option<Explanation>], runs: &[RowsOfRun<'_>]) {
    let mut is_marked = vec![false; found.len()];
    for (row, by) in found.iter().enumerate().filter_map(|(row, of)| Some((row, of.as_ref()?.by))) {
        for marked in [row, by] {
            is_marked.get_mut(marked).into_iter().for_each(|mark| *mark = true);
        }
    }
    let mut together = vec![Together::default(); found.len()];
    for (run, row_of) in runs {
        let weights = WeightsBefore::add_up(run);
        // The marked rows on the path, each once, with the end of its outermost node.
        let mut path: Vec<(usize, usize)> = Vec::new();
        for (at, node) in run.nodes.iter().enumerate() {
            while path.last().is_some_and(|(end, _)| *end <= at) {
                path.pop();
            }
            let Some(&row) = row_of.get(node.entry as usize) else { continue };
            let is_open = path.iter().any(|(_, open)| *open == row);
            if is_open || is_marked.get(row) != Some(&true) {
                continue;
            }
            let end = node.end as usize;
            let weight = weights.of_tree(at, end);
            for (_, above) in &path {
                add(&mut together, found, (*above, row), weight);
            }
            path.push((end, row));
        }
    }
    for (explanation, together) in found.iter_mut().zip(together) {
        if let Some(explanation) = explanation {
            explanation.relation = together.relation();
        }
    }
}

/// Counts samples of `below`, which lie below `above`, for the one of both that the other explains.
fn add(
    together: &mut [Together],
    found: &[Option<Explanation>],
    (above, below): (usize, usize),
    weight: f64,
) {
    let explains =
        |row: usize, by: usize| found.get(row).copied().flatten().is_some_and(|of| of.by == by);
    if explains(above, below) {
        together.get_mut(above).into_iter().for_each(|of| of.cause_below += weight);
    }
    if explains(below, above) {
        together.get_mut(below).into_iter().for_each(|of| of.row_below += weight);
    }
}

impl Together {
    fn relation(self) -> Relation {
        match self {
            Self { cause_below, row_below } if cause_below <= 0.0 && row_below <= 0.0 => {
                Relation::Beside
            }
            Self { cause_below, row_below } if cause_below >= row_below => Relation::Callee,
            Self { .. } => Relation::Caller,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Run, RunCounts};
    use spikeflame_profile::{Selection, folded};

    /// `handler` was shown as a callee of `parse`, because the first of the steps from it to `parse` led
    /// to `main`, which calls it.
    #[test]
    fn the_relation_is_that_to_the_cause_and_not_that_of_the_first_step() {
        let mut text: &[u8] = b"main;handler 5\nmain;read;parse 20\nmain;read;parse;copy 9\n";
        let profile = folded::read(&mut text, "example", None).unwrap();
        let counts = RunCounts::count(&Run::new("run", &profile, &Selection::default()));
        let row_of: Vec<usize> = (0..counts.functions.len()).collect();
        let row = |name: &str| {
            let of = |entry: &crate::run::FunctionCount| entry.name == name;
            counts.functions.iter().position(of).unwrap()
        };
        let by = Explanation { by: row("parse"), relation: Relation::Caller };
        let mut found = vec![Some(by); counts.functions.len()];
        found[row("parse")] = None;
        relate(&mut found, &[(&counts, row_of)]);
        let relation = |name| found[row(name)].map(|of| of.relation);
        assert_eq!(relation("main"), Some(Relation::Callee));
        assert_eq!(relation("read"), Some(Relation::Callee));
        assert_eq!(relation("copy"), Some(Relation::Caller));
        assert_eq!(relation("handler"), Some(Relation::Beside));
        assert_eq!(relation("parse"), None);
    }
}
