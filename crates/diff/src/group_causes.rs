//! Causes in the tables of files, packages and categories.
//!
//! A package that calls another one costs more when that one does. Both rows are one change, as a
//! function and its caller are.

use crate::analysis::{Analysis, GroupingResult};
use crate::causes::{Explanation, RowsOfRun, Tables, explained};
use crate::run::RunCounts;
use crate::table::{Grouping, Side};

/// Returns the explanation of each row of each grouping but the first, which is that of functions.
/// `rows_of_runs` has, for each grouping and run, the row of each group of the run.
pub(crate) fn group_causes(
    analysis: &Analysis,
    groupings: &[Grouping],
    runs: &[(Side, &RunCounts)],
    rows_of_runs: &[Vec<Vec<usize>>],
    noise_cv: f64,
) -> Vec<Vec<Option<Explanation>>> {
    let sides: Vec<Side> = runs.iter().map(|(side, _)| *side).collect();
    let design = analysis.design(&sides, noise_cv);
    let results = analysis.groupings.iter().zip(groupings).zip(rows_of_runs).skip(1);
    let causes = results.enumerate().map(|(place, ((result, counts), rows))| {
        let GroupingResult { self_result, total_result } = result;
        let tables = Tables {
            design: &design,
            self_table: (&counts.self_counts, &self_result.measures, &self_result.trend),
            total_table: (&counts.total_counts, &total_result.measures, &total_result.trend),
            // Groups have no owner: the application itself is one of them.
            own: &[],
            dependencies: &[],
        };
        let of_runs = runs.iter().zip(rows);
        let of_runs = of_runs.map(|(&(_, run), rows)| rows_of_entries(run, place, rows));
        explained(&tables, &of_runs.collect::<Vec<_>>())
    });
    causes.collect()
}

/// Returns the row of each function of a run in the table of the groups at `place`.
fn rows_of_entries<'r>(run: &'r RunCounts, place: usize, rows: &[usize]) -> RowsOfRun<'r> {
    let row = |groups: [u32; 3]| rows.get(*groups.get(place)? as usize).copied();
    let entries = run.functions.iter().map(|of| row(of.groups).unwrap_or(usize::MAX));
    (run, entries.collect())
}
