//! The option `--against-history`: changes over runs of many builds.

use super::entries::runs_in;
use super::gates;
use super::plan::Plan;
use super::runs::{common, counted_runs, in_words, named, wider};
use crate::args::{Cli, DiffFormat};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{output, words};
use spikeflame_diff::{RunCounts, history};
use spikeflame_render::diff::history::{HistoryView, json, markdown, text};
use std::path::{Path, PathBuf};

pub(super) fn run(folder: &Path, plan: &Plan, cli: &Cli) -> Result<(), Failure> {
    let read = of_history(folder, plan, cli)?;
    let history = history(&read.counts, &plan.method)?;
    let view = HistoryView {
        history: &history,
        window: read.window,
        rows: plan.view.rows,
        full_paths: plan.view.full_paths,
        all_rows_hint: words::ALL_ROWS,
    };
    output::write(None, &read.inputs, |mut out| match plan.view.format {
        DiffFormat::Text => text(&view, &mut out),
        DiffFormat::Markdown => markdown(&view, &mut out),
        DiffFormat::Json => json(&view, &mut out),
    })?;
    gates(plan.gates.iter().map(|gate| history.check(gate)))
}

/// The runs of a history, as they were read.
struct HistoryRuns {
    counts: Vec<RunCounts>,
    /// The window that is compared, in words.
    window: String,
    inputs: Inputs,
}

/// Reads the runs in a folder, and those given with `--after`.
fn of_history(folder: &Path, plan: &Plan, cli: &Cli) -> Result<HistoryRuns, Failure> {
    let mut paths = runs_in(folder, plan, cli)?;
    paths.sort_by_cached_key(|path| natural(&path.to_string_lossy()));
    // A run of `--after` may lie in the folder, too.
    let place = |path: &PathBuf| std::fs::canonicalize(path).ok();
    let after: Vec<_> = plan.after.iter().filter_map(place).collect();
    paths.retain(|path| place(path).is_none_or(|place| !after.contains(&place)));
    paths.extend_from_slice(&plan.after);
    let all = || named(&paths, &[], &vec![None; paths.len()], "after", plan);
    let runs = all()?;
    let window = common(&[], &runs, plan, cli)?;
    let (mut read, mut window) = (counted_runs(runs, window, plan, cli), window);
    while let Err(Failure::Run(why)) = &read
        && let Some(wider) = wider(window, why, cli)
    {
        window = wider;
        read = counted_runs(all()?, window, plan, cli);
    }
    let runs = read?;
    let mut inputs = Inputs::none();
    let (counts, runs): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
    runs.into_iter().for_each(|run| inputs.extend(run.inputs));
    Ok(HistoryRuns { counts, window: in_words(window, plan).to_owned(), inputs })
}

/// A key by which `run-10` comes after `run-9`.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = vec![(0, String::new())];
    let mut in_number = false;
    for c in name.chars() {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((number, _))) if in_number => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => parts.push((digit.into(), String::new())),
            (None, Some((_, text))) => text.push(c),
            (None, None) => {}
        }
        in_number = c.is_ascii_digit();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_in_their_order() {
        let mut names = ["run-10", "run-9", "v1.10-2", "v1.2-11", "a"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["a", "run-9", "run-10", "v1.2-11", "v1.10-2"]);
    }
}
