//! The comparison as JSON, schema `spikeflame.diff/1` (`docs/json.md`).

use super::{Compared, Reached, STEPS};
use serde::Serialize;
use spikeflame_diff::{ComparedRun, Measure, Row, Side, Table};
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    unit: &'static str,
    evidence: &'static str,
    order: &'static str,
    window: &'a str,
    runs: Runs<'a>,
    requests: Pair<Option<f64>>,
    rps: Pair<Option<f64>>,
    p95_ms: Pair<Option<f64>>,
    total: Totals,
    shift: Option<Shift>,
    warnings: Vec<String>,
    waterfall: Waterfall<'a>,
    functions: Vec<RowOf<'a>>,
    files: Vec<RowOf<'a>>,
    packages: Vec<RowOf<'a>>,
    categories: Vec<RowOf<'a>>,
}

#[derive(Serialize)]
struct Pair<T> {
    before: T,
    after: T,
}

#[derive(Serialize)]
struct Runs<'a> {
    before: Vec<RunOf<'a>>,
    after: Vec<RunOf<'a>>,
}

#[derive(Serialize)]
struct RunOf<'a> {
    name: &'a str,
    samples: f64,
    requests: Option<f64>,
    interval_ms: Option<f64>,
    seconds: Option<f64>,
    factor: f64,
}

impl<'a> RunOf<'a> {
    fn of(run: &'a ComparedRun) -> Self {
        Self {
            name: &run.name,
            samples: run.samples,
            requests: run.requests,
            interval_ms: run.interval_ms,
            seconds: run.seconds,
            factor: run.factor,
        }
    }
}

#[derive(Serialize)]
struct Totals {
    before: f64,
    after: f64,
    ratio: f64,
    ci: (f64, f64),
}

#[derive(Serialize)]
struct Shift {
    ratio: f64,
    ci: (f64, f64),
    p: f64,
    significant: bool,
}

#[derive(Serialize)]
struct Waterfall<'a> {
    before: f64,
    steps: Vec<Step<'a>>,
    other_rows: usize,
    other: f64,
    after: f64,
}

#[derive(Serialize)]
struct Step<'a> {
    label: &'a str,
    change: f64,
}

#[derive(Serialize)]
struct RowOf<'a> {
    label: &'a str,
    name: &'a str,
    file: &'a str,
    line_before: Option<u32>,
    line_after: Option<u32>,
    kind: Option<&'static str>,
    guessed: bool,
    #[serde(rename = "self")]
    self_cost: Cost,
    total: Cost,
    badges: Vec<&'static str>,
}

#[derive(Serialize)]
struct Cost {
    samples_before: f64,
    samples_after: f64,
    before: f64,
    after: f64,
    change: f64,
    change_ci: (f64, f64),
    ratio: Option<f64>,
    // JSON knows no infinity: null.
    ci: (f64, f64),
    p: Option<f64>,
    q: Option<f64>,
    verdict: &'static str,
    more_runs: Option<u32>,
}

impl Cost {
    fn of(measure: &Measure) -> Self {
        Self {
            samples_before: measure.samples_before,
            samples_after: measure.samples_after,
            before: measure.before,
            after: measure.after,
            change: measure.change,
            change_ci: measure.change_ci,
            ratio: measure.ratio,
            ci: measure.ci,
            p: measure.p,
            q: measure.q,
            verdict: measure.verdict.word(),
            more_runs: measure.more_runs,
        }
    }
}

/// Writes the comparison as JSON of schema `spikeflame.diff/1`; shares are of 1.
///
/// # Errors
/// Those of `out`.
pub fn json(compared: &Compared<'_>, out: &mut impl Write) -> io::Result<()> {
    let comparison = compared.comparison;
    let runs = |side: Side| comparison.runs.iter().filter(move |run| run.side == side);
    let listed = |side| runs(side).map(RunOf::of).collect();
    let requests = |side| runs(side).map(|run| run.requests).sum::<Option<f64>>();
    let reached = |of: fn(&Reached) -> f64| {
        let [before, after] =
            compared.loads.map_or([None, None], |loads| loads.map(|load| Some(of(&load))));
        Pair { before, after }
    };
    let table = compared.table();
    let fall = table.waterfall(STEPS);
    let steps = fall.steps.iter().filter_map(|&(at, change)| {
        table.rows.get(at).map(|row| Step { label: &row.label, change })
    });
    let document = Document {
        schema: "spikeflame.diff/1",
        unit: comparison.unit.word(),
        evidence: comparison.evidence.word(),
        order: comparison.order.word(),
        window: &compared.window,
        runs: Runs { before: listed(Side::Before), after: listed(Side::After) },
        requests: Pair { before: requests(Side::Before), after: requests(Side::After) },
        rps: reached(|load| load.rps),
        p95_ms: reached(|load| load.p95_ms),
        total: Totals {
            before: comparison.totals.before,
            after: comparison.totals.after,
            ratio: comparison.totals.ratio,
            ci: comparison.totals.ci,
        },
        shift: comparison.shift.map(|shift| Shift {
            ratio: shift.ratio,
            ci: shift.ci,
            p: shift.p,
            significant: shift.significant,
        }),
        warnings: comparison.warnings.iter().map(ToString::to_string).collect(),
        waterfall: Waterfall {
            before: fall.before,
            steps: steps.collect(),
            other_rows: fall.other_rows,
            other: fall.other,
            after: fall.after,
        },
        functions: rows(&comparison.functions),
        files: rows(&comparison.files),
        packages: rows(&comparison.packages),
        categories: rows(&comparison.categories),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn rows(table: &Table) -> Vec<RowOf<'_>> {
    table.rows.iter().map(RowOf::of).collect()
}

impl<'a> RowOf<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            label: &row.label,
            name: &row.name,
            file: &row.file,
            line_before: row.line_before,
            line_after: row.line_after,
            kind: row.kind.map(|kind| kind.word()),
            guessed: row.guessed,
            self_cost: Cost::of(&row.self_cost),
            total: Cost::of(&row.total_cost),
            badges: row.badges.iter().map(|badge| badge.word()).collect(),
        }
    }
}
