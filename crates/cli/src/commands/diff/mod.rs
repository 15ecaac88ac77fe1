//! The command `spikeflame diff` compares runs before and runs after a change.

mod entries;
mod history;
mod parallel;
mod pictures;
mod plan;
mod runs;

use crate::args::{Cli, DiffArgs, DiffFormat};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use crate::words;
use anstream::ColorChoice;
pub(crate) use plan::Plan;
use runs::{ReadRun, Sides};
pub(crate) use runs::{Served, environment, of_stretch, request_mix, settings, slices, whole};
use spikeflame_diff::{
    Assumptions, GateCheck, GateResult, RunCounts, compare_counts, noise_of, sessions_of,
};
use spikeflame_profile::GroupBy;
use spikeflame_render::clean;
use spikeflame_render::diff::{self as view, ComparisonView, LoadLevel, MarkdownOptions};
use std::path::Path;

pub(crate) fn run(args: &DiffArgs, cli: &Cli) -> Result<(), Failure> {
    if args.group_by() == GroupBy::Line {
        let why = "lines are not compared, because they move when the file changes; `spikeflame \
                   top --lines FUNCTION` shows those of one run";
        return Err(Failure::Selection(why.to_owned()));
    }
    let plan = Plan::of_args(args, cli.threads);
    match &args.against_history {
        Some(folder) => history::run(folder, &plan, cli),
        None => compare(&plan, cli),
    }
}

/// Compares two lists of runs, and writes the result.
pub(crate) fn compare(plan: &Plan, cli: &Cli) -> Result<(), Failure> {
    if let Some(folder) = plan.view.output.as_deref() {
        output::can_be_folder(folder)?;
        output::is_not_run(folder)?;
    }
    let mut options = plan.method.clone();
    let mut inputs = Inputs::none();
    if let Some(folder) = &plan.baseline {
        let (counts, files) = runs::of_baseline(folder, plan, cli)?;
        inputs.extend(files);
        assume(&mut options.assumed, folder, &counts)?;
    }
    let mut sides = runs::read(plan, cli)?;
    sides.inputs.extend(inputs);
    options.assumed.with_start_up = sides.whole;
    let [before, after] = &sides.counts;
    let comparison = compare_counts(before, after, &options)?;
    let checks: Vec<GateCheck> =
        plan.gates.iter().map(|gate| gate.review(&comparison, plan.group_by())).collect();
    let compared = ComparisonView {
        comparison: &comparison,
        gates: &checks,
        loads: loads(&sides),
        window: sides.window.clone(),
        group_by: plan.group_by(),
        order: plan.view.order,
        rows: plan.view.rows,
        full_paths: plan.view.full_paths,
        color: false,
        words: words::DIFF,
    };
    match &plan.view.output {
        Some(folder) => write_all(&compared, &sides, plan, folder)?,
        None => write(&compared, &sides, plan)?,
    }
    gates(checks.into_iter().map(|check| check.result))
}

fn write(compared: &ComparisonView<'_>, sides: &Sides, plan: &Plan) -> Result<(), Failure> {
    let color = anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
    let colored = ComparisonView { color, ..compared.clone() };
    output::write(None, &sides.inputs, |mut out| match (plan.power, plan.view.format) {
        (Some(ratio), _) => view::power(compared, ratio, &mut out),
        (None, DiffFormat::Text) if plan.view.brief => view::summary(&colored, &mut out),
        (None, DiffFormat::Text) => view::text(&colored, &mut out),
        (None, DiffFormat::Markdown) => view::markdown(compared, &markdown(plan), &mut out),
        (None, DiffFormat::Json) => view::json(compared, &mut out),
    })
}

fn markdown(plan: &Plan) -> MarkdownOptions {
    MarkdownOptions {
        key: plan.view.comment_key.clone(),
        image_base_url: plan.view.image_base_url.clone(),
    }
}

/// Writes all outputs into a folder, and the text for the user.
fn write_all(
    compared: &ComparisonView<'_>,
    sides: &Sides,
    plan: &Plan,
    folder: &Path,
) -> Result<(), Failure> {
    let fail = |source| Failure::Write { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let path = |name: &str| folder.join(name);
    output::write(Some(&path("diff.txt")), &sides.inputs, |mut out| {
        view::text(compared, &mut out)
    })?;
    output::write(Some(&path("diff.md")), &sides.inputs, |mut out| {
        view::markdown(compared, &markdown(plan), &mut out)
    })?;
    output::write(Some(&path("diff.json")), &sides.inputs, |mut out| {
        view::json(compared, &mut out)
    })?;
    pictures::write(compared, sides, plan, folder)?;
    write(compared, sides, plan)?;
    let folder = clean::terminal(&folder.display().to_string());
    output::write(None, &sides.inputs, |out| {
        writeln!(
            out,
            "\nwrote diff.txt, diff.md, diff.json, before.svg, after.svg and diff.svg into the folder \
             {folder}"
        )
    })
}

/// Returns the means of the values that the load tests of each side reached; `None` when a run has
/// no load test.
fn loads(sides: &Sides) -> Option<[LoadLevel; 2]> {
    Some([mean_load(&sides.before)?, mean_load(&sides.after)?])
}

fn mean_load(runs: &[ReadRun]) -> Option<LoadLevel> {
    let reached: Vec<LoadLevel> = runs.iter().map(|run| run.reached).collect::<Option<_>>()?;
    let mean =
        |of: fn(&LoadLevel) -> f64| reached.iter().map(of).sum::<f64>() / reached.len() as f64;
    Some(LoadLevel { rps: mean(|load| load.rps), p95_ms: mean(|load| load.p95_ms) })
}

/// Assumes the noise that runs of the same code show: between runs, and between their sessions.
fn assume(assumed: &mut Assumptions, folder: &Path, counts: &[RunCounts]) -> Result<(), Failure> {
    match noise_of(counts)? {
        Some(noise) => assumed.noise_cv = noise,
        None => {
            let why = "too few samples in each function to tell the noise; the usual is assumed";
            output::complain("warning", &format!("{}: {why}", folder.display()));
        }
    }
    if let Some(sessions) = sessions_of(counts)? {
        assumed.sessions = sessions;
    }
    Ok(())
}

/// Checks the gates. A crossed gate becomes the exit code.
fn gates(results: impl Iterator<Item = GateResult>) -> Result<(), Failure> {
    let mut crossed = Vec::new();
    for result in results {
        match result {
            GateResult::Yes => {}
            GateResult::No(by) => crossed.extend(by),
            GateResult::Unknown(why) => {
                return Err(Failure::Selection(format!("--fail-on: {why}")));
            }
        }
    }
    gate_failure(crossed)
}

/// Returns the error for crossed gates. Without a crossed gate, it returns `Ok`.
pub(crate) fn gate_failure(crossed: Vec<String>) -> Result<(), Failure> {
    match crossed.as_slice() {
        [] => Ok(()),
        [first] => Err(Failure::Gate(first.clone())),
        [first, rest @ ..] => {
            Err(Failure::Gate(format!("{first}; and {} more: {}", rest.len(), rest.join("; "))))
        }
    }
}
