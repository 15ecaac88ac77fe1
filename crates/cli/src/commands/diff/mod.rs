//! The command `spikeflame diff` compares runs before and runs after a change.

mod history;
mod parallel;
mod pictures;
mod runs;

use crate::args::{Cli, DiffArgs, DiffFormat};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use crate::words;
use anstream::ColorChoice;
use runs::{ReadRun, Sides};
pub(crate) use runs::{environment, settings};
use spikeflame_diff::{
    Assumptions, Gate, GateResult, Options, RunCounts, compare_counts, noise_of, sessions_of,
};
use spikeflame_profile::GroupBy;
use spikeflame_render::diff::{self as view, ComparisonView, LoadLevel, MarkdownOptions};
use std::path::Path;

pub(crate) fn run(args: &DiffArgs, cli: &Cli) -> Result<(), Failure> {
    if args.group_by() == GroupBy::Line {
        let why = "lines are not compared, because they move when the file changes; `spikeflame \
                   top --lines FUNCTION` shows those of one run";
        return Err(Failure::Selection(why.to_owned()));
    }
    if let Some(folder) = &args.against_history {
        return history::run(folder, args, cli);
    }
    args.view.output.as_deref().map_or(Ok(()), output::can_be_folder)?;
    let mut options = Options { path_map: args.path_map(), ..Options::default() };
    let mut inputs = Inputs::none();
    if let Some(folder) = &args.method.baseline {
        let (counts, files) = runs::of_baseline(folder, args, cli)?;
        inputs.extend(files);
        assume(&mut options.assumed, folder, &counts)?;
    }
    let mut sides = runs::read(args, cli)?;
    sides.inputs.extend(inputs);
    options.assumed.order = args.method.order();
    options.assumed.unit = args.method.unit();
    options.assumed.with_start_up = sides.whole;
    let [before, after] = &sides.counts;
    let comparison = compare_counts(before, after, &options)?;
    let compared = ComparisonView {
        comparison: &comparison,
        loads: loads(&sides),
        window: sides.window.clone(),
        group_by: args.group_by(),
        order: args.view.sort.into(),
        rows: args.view.rows,
        full_paths: args.view.full_paths,
        color: false,
        words: words::DIFF,
    };
    match &args.view.output {
        Some(folder) => write_all(&compared, &sides, args, folder)?,
        None => write(&compared, &sides, args)?,
    }
    gates(args, |gate| gate.check(&comparison, args.group_by()))
}

fn write(compared: &ComparisonView<'_>, sides: &Sides, args: &DiffArgs) -> Result<(), Failure> {
    let color = anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never;
    let colored = ComparisonView { color, ..compared.clone() };
    output::write(None, &sides.inputs, |mut out| match (args.method.power, args.view.format) {
        (Some(ratio), _) => view::power(compared, ratio, &mut out),
        (None, DiffFormat::Text) => view::text(&colored, &mut out),
        (None, DiffFormat::Markdown) => view::markdown(compared, &markdown(args), &mut out),
        (None, DiffFormat::Json) => view::json(compared, &mut out),
    })
}

fn markdown(args: &DiffArgs) -> MarkdownOptions {
    MarkdownOptions {
        key: args.view.comment_key.clone(),
        image_base_url: args.view.image_base_url.clone(),
    }
}

/// Writes all outputs into a folder, and the text for the user.
fn write_all(
    compared: &ComparisonView<'_>,
    sides: &Sides,
    args: &DiffArgs,
    folder: &Path,
) -> Result<(), Failure> {
    let fail = |source| Failure::Write { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let path = |name: &str| folder.join(name);
    output::write(Some(&path("diff.txt")), &sides.inputs, |mut out| {
        view::text(compared, &mut out)
    })?;
    output::write(Some(&path("diff.md")), &sides.inputs, |mut out| {
        view::markdown(compared, &markdown(args), &mut out)
    })?;
    output::write(Some(&path("diff.json")), &sides.inputs, |mut out| {
        view::json(compared, &mut out)
    })?;
    pictures::write(compared, sides, args, folder)?;
    write(compared, sides, args)?;
    output::write(None, &sides.inputs, |out| writeln!(out, "\n{}", folder.display()))
}

/// Returns the means of the values that the load tests of each side reached; `None` when a run has
/// no load test.
fn loads(sides: &Sides) -> Option<[LoadLevel; 2]> {
    let mean = |runs: &[ReadRun]| {
        let reached: Option<Vec<LoadLevel>> = runs.iter().map(|run| run.reached).collect();
        let reached = reached?;
        let mean =
            |of: fn(&LoadLevel) -> f64| reached.iter().map(of).sum::<f64>() / reached.len() as f64;
        Some(LoadLevel { rps: mean(|load| load.rps), p95_ms: mean(|load| load.p95_ms) })
    };
    Some([mean(&sides.before)?, mean(&sides.after)?])
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
fn gates(args: &DiffArgs, check: impl Fn(&Gate) -> GateResult) -> Result<(), Failure> {
    let mut crossed = Vec::new();
    for gate in &args.method.fail_on {
        match check(gate) {
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
