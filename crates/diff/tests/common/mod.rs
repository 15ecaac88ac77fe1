//! Real runs, counted.

#![allow(dead_code, reason = "each test file uses a part of it")]

use spikeflame_diff::{Comparison, Options, Row, Run, RunCounts, Table, Verdict, compare_counts};
use spikeflame_profile::{Inlining, Profile, Selection};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns a path of the shared recordings, or prints that it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = root("../shared/data").join(path);
    let path = path.exists().then_some(path);
    if path.is_none() {
        println!("SKIPPED: no shared recordings");
    }
    path
}

pub(crate) fn read(path: &Path) -> Profile {
    spikeflame_parse::read(&[path.to_owned()], &spikeflame_parse::Options::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Counts the whole run, with requests when they are known.
pub(crate) fn count(path: &Path, inlined: Inlining, requests: Option<f64>) -> RunCounts {
    let profile = read(path);
    count_profile(&path.to_string_lossy(), &profile, inlined, requests)
}

pub(crate) fn count_profile(
    name: &str,
    profile: &Profile,
    inlined: Inlining,
    requests: Option<f64>,
) -> RunCounts {
    let selection = Selection { inlined, ..Selection::default() };
    RunCounts::count(&Run { requests, ..Run::new(name, profile, &selection) })
}

/// Returns the requests from a shared spike's `truth.json`.
pub(crate) fn requests(run: &Path) -> f64 {
    let text = std::fs::read_to_string(run.join("truth.json")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
    truth["requests"].as_f64().unwrap()
}

/// Returns runs 1 to 3 of a variant of the shared spike; each log is read once.
pub(crate) fn spike(variant: &str, inlined: Inlining) -> Vec<RunCounts> {
    type CountedSides = (&'static str, [Vec<RunCounts>; 2]);
    static RUNS: LazyLock<Vec<CountedSides>> = LazyLock::new(|| {
        let Some(folder) = shared("spike") else { return Vec::new() };
        let of = |variant| {
            let mut counts = [Vec::new(), Vec::new()];
            for number in 1..=3 {
                let run = folder.join(format!("{variant}-{number}"));
                let (profile, requests) = (read(&run.join("isolate-v8.log.zst")), requests(&run));
                for (counts, inlined) in
                    counts.iter_mut().zip([Inlining::Expand, Inlining::Collapse])
                {
                    let name = run.to_string_lossy();
                    counts.push(count_profile(&name, &profile, inlined, Some(requests)));
                }
            }
            (variant, counts)
        };
        ["before", "after"].map(of).into()
    });
    let found = RUNS.iter().find(|(of, _)| *of == variant);
    found.map_or(Vec::new(), |(_, counts)| {
        counts[usize::from(inlined == Inlining::Collapse)].clone()
    })
}

pub(crate) fn compared(before: &[RunCounts], after: &[RunCounts]) -> Comparison {
    compare_counts(before, after, &Options::default()).unwrap()
}

/// Returns every split of the runs into two sides of at least one run, each pair once.
pub(crate) fn splits(runs: &[RunCounts]) -> Vec<(Vec<RunCounts>, Vec<RunCounts>)> {
    let of = |mask: usize, wanted: bool| {
        let chosen = runs.iter().enumerate().filter(|(at, _)| (mask >> at & 1 == 1) == wanted);
        chosen.map(|(_, run)| run.clone()).collect::<Vec<_>>()
    };
    // The first run is always before, because swapped sides give the mirror image.
    (1..1usize << runs.len())
        .filter(|mask| mask & 1 == 1 && *mask != (1 << runs.len()) - 1)
        .map(|mask| (of(mask, true), of(mask, false)))
        .collect()
}

/// Every grouping.
pub(crate) fn tables(comparison: &Comparison) -> [&Table; 4] {
    let Comparison { functions, files, packages, categories, .. } = comparison;
    [functions, files, packages, categories]
}

/// Returns rows that are called changed: by self, by total.
pub(crate) fn changed(table: &Table) -> [Vec<&Row>; 2] {
    let of = |total: bool| {
        let verdict = |row: &&Row| {
            let cost = if total { &row.total_cost } else { &row.self_cost };
            cost.verdict == Verdict::Changed
        };
        table.rows.iter().filter(verdict).collect()
    };
    [of(false), of(true)]
}

/// Formats a row for a test's output.
pub(crate) fn line(row: &Row) -> String {
    let cost = |cost: &spikeflame_diff::Measure| {
        format!(
            "{:.4} -> {:.4} ({} / {} samples, ratio {:.2}, q {:.4}, {})",
            cost.before,
            cost.after,
            cost.samples_before,
            cost.samples_after,
            cost.log_ratio.exp(),
            cost.q.unwrap_or(f64::NAN),
            cost.verdict.word()
        )
    };
    let lines = format!("{:?} -> {:?}", row.line_before, row.line_after);
    format!(
        "{} [{lines}] self {} total {} {:?}{}",
        row.label,
        cost(&row.self_cost),
        cost(&row.total_cost),
        row.badges,
        if row.guessed { " guessed" } else { "" }
    )
}
