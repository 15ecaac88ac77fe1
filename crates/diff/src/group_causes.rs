//! Causes in the tables of files, packages and categories.
//!
//! A package that calls another one costs more when that one does. Both rows are one change, as a
//! function and its caller are.

use crate::analysis::{ASSUMED_NOISE, Analysis, GroupingResult};
use crate::causes::{Explanation, RowsOfRun, Tables, explained};
use crate::run::RunCounts;
use crate::table::{Grouping, Side};
use spikeflame_profile::Category;

/// Returns the explanation of each row of each grouping but the first, which is that of functions.
/// `labels` are those of the other groupings. `rows_of_runs` has, for each grouping and run, the row of
/// each group of the run.
pub(crate) fn group_causes(
    analysis: &Analysis,
    (groupings, labels): (&[Grouping], &[Vec<String>]),
    runs: &[(Side, &RunCounts)],
    rows_of_runs: &[Vec<Vec<usize>>],
) -> Vec<Vec<Option<Explanation>>> {
    let sides: Vec<Side> = runs.iter().map(|(side, _)| *side).collect();
    let design = analysis.design(&sides, ASSUMED_NOISE);
    let results = analysis.groupings.iter().zip(groupings).zip(rows_of_runs).skip(1);
    let causes = results.enumerate().map(|(place, ((result, counts), rows))| {
        let GroupingResult { self_result, total_result } = result;
        let machine = counts.self_counts.machine();
        let labels = labels.get(place).map_or(&[][..], Vec::as_slice);
        let named = labels.iter().zip(&machine).map(|(label, share)| names(label, *share));
        let named: Vec<bool> = named.collect();
        let tables = Tables {
            design: &design,
            self_table: (&counts.self_counts, &self_result.measures, &self_result.trend),
            total_table: (&counts.total_counts, &total_result.measures, &total_result.trend),
            // Groups have no owner: the application itself is one of them.
            own: &[],
            dependencies: &[],
            named: &named,
        };
        let of_runs = runs.iter().zip(rows);
        let of_runs = of_runs.map(|(&(_, run), rows)| rows_of_entries(run, place, rows));
        explained(&tables, &of_runs.collect::<Vec<_>>())
    });
    causes.collect()
}

/// Returns true for a group that a reader can change: the application, a package, a file. The engine and
/// the machine do what these ask for. `machine` is the machine's share of the group's cost.
fn names(label: &str, machine: f64) -> bool {
    let of_category = [Category::App, Category::Dependency, Category::Wasm].map(Category::word);
    let others = [Category::NodeCore, Category::Builtin, Category::Native, Category::Kernel];
    let is_other = |label: &str| others.map(Category::word).contains(&label);
    let in_parentheses = label.strip_prefix('(').and_then(|label| label.strip_suffix(')'));
    let is_own = match in_parentheses {
        Some(category) => of_category.contains(&category),
        None => !is_other(label) && !label.starts_with("node:"),
    };
    is_own && machine < 0.5
}

/// Returns the row of each function of a run in the table of the groups at `place`.
fn rows_of_entries<'r>(run: &'r RunCounts, place: usize, rows: &[usize]) -> RowsOfRun<'r> {
    let row = |groups: [u32; 3]| rows.get(*groups.get(place)? as usize).copied();
    let entries = run.functions.iter().map(|of| row(of.groups).unwrap_or(usize::MAX));
    (run, entries.collect())
}

#[cfg(test)]
mod tests {
    use super::names;

    /// The error was: `class-transformer` was listed below `(builtin)`, which it calls.
    #[test]
    fn the_engine_does_not_name_a_cause() {
        for label in ["(app)", "app", "dependency", "bcryptjs", "/srv/app/rank.js"] {
            assert!(names(label, 0.1), "{label}");
        }
        for label in [
            "(builtin)",
            "builtin",
            "(native)",
            "(node core)",
            "node core",
            "node:events",
            "(program)",
        ] {
            assert!(!names(label, 0.1), "{label}");
        }
        assert!(!names("/usr/lib/libc.so.6", 1.0));
    }
}
