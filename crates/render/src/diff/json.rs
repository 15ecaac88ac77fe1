//! The comparison as JSON, schema `spikeflame.diff/1` (`docs/json.md`).

use super::{ComparisonView, LoadLevel, STEPS};
use serde::Serialize;
use spikeflame_diff::{
    ComparedRun, Comparison, Condition, GateCheck, GateResult, Measure, Order, Row, Side, Table,
};
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    unit: &'static str,
    equal_work: bool,
    evidence: &'static str,
    order: &'static str,
    window: &'a str,
    runs: Runs<'a>,
    requests: Pair<Option<f64>>,
    rps: Pair<Option<f64>>,
    p95_ms: Pair<Option<f64>>,
    total: Totals,
    code: Pair<f64>,
    machine: Pair<f64>,
    sessions: Option<Sessions>,
    settings: Vec<SettingJson<'a>>,
    conditions: Vec<ConditionJson>,
    causes: usize,
    shift: Option<Shift>,
    warnings: Vec<String>,
    gates: Vec<GateJson<'a>>,
    waterfall: Waterfall<'a>,
    functions: Vec<RowJson<'a>>,
    files: Vec<RowJson<'a>>,
    packages: Vec<RowJson<'a>>,
    categories: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct Pair<T> {
    before: T,
    after: T,
}

/// Returns the cost of the machine's rows, or of the other rows.
fn part(comparison: &Comparison, machine: bool) -> Pair<f64> {
    let (before, after) = comparison.functions.part(machine);
    Pair { before, after }
}

#[derive(Serialize)]
struct Runs<'a> {
    before: Vec<RunJson<'a>>,
    after: Vec<RunJson<'a>>,
}

#[derive(Serialize)]
struct RunJson<'a> {
    name: &'a str,
    samples: f64,
    requests: Option<f64>,
    interval_ms: Option<f64>,
    seconds: Option<f64>,
    factor: f64,
    producer: &'a str,
    start_up_ms: Option<f64>,
    tail_ms: Option<f64>,
    cores: Option<f64>,
    loop_utilisation: Option<f64>,
    gc_share: Option<f64>,
    lost: Option<f64>,
}

impl<'a> RunJson<'a> {
    fn new(run: &'a ComparedRun) -> Self {
        Self {
            name: &run.name,
            samples: run.samples,
            requests: run.requests,
            interval_ms: run.interval_ms,
            seconds: run.seconds,
            factor: run.factor,
            producer: &run.producer,
            start_up_ms: run.around_ms.and_then(|[before, _]| before),
            tail_ms: run.around_ms.and_then(|[_, after]| after),
            cores: run.environment.cores,
            loop_utilisation: run.environment.loop_utilisation,
            gc_share: run.environment.gc_share,
            lost: run.environment.lost,
        }
    }
}

#[derive(Serialize)]
struct Totals {
    before: f64,
    after: f64,
    ratio: f64,
    ci: (f64, f64),
    uncorrected: UncorrectedCosts,
}

/// Costs without the correction for the speed of the machine.
#[derive(Serialize)]
struct UncorrectedCosts {
    before: f64,
    after: f64,
    ratio: f64,
}

/// The noise between sessions that the comparison used.
#[derive(Serialize)]
struct Sessions {
    code: f64,
    machine: f64,
}

/// A version or a part of the machine, with its values on both sides. They are empty where they are
/// not known.
#[derive(Serialize)]
struct SettingJson<'a> {
    name: &'static str,
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

/// A condition of the runs, as a share from 0 to 1.
#[derive(Serialize)]
struct ConditionJson {
    name: &'static str,
    before: Option<f64>,
    after: Option<f64>,
}

#[derive(Serialize)]
struct Shift {
    ratio: f64,
    ci: (f64, f64),
    p: f64,
    significant: bool,
}

/// A gate. It was not checked when `holds` is null.
#[derive(Serialize)]
struct GateJson<'a> {
    gate: &'a str,
    holds: Option<bool>,
    crossings: &'a [String],
    smaller: usize,
}

impl<'a> GateJson<'a> {
    fn new(check: &'a GateCheck) -> Self {
        let (holds, crossings): (_, &[String]) = match &check.result {
            GateResult::Yes => (Some(true), &[]),
            GateResult::No(crossings) => (Some(false), crossings),
            GateResult::Unknown(_) => (None, &[]),
        };
        Self { gate: &check.rule, holds, crossings, smaller: check.smaller }
    }
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
    rows: usize,
}

#[derive(Serialize)]
struct RowJson<'a> {
    label: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called_by: Option<&'a str>,
    file: &'a str,
    line_before: Option<u32>,
    line_after: Option<u32>,
    kind: Option<&'static str>,
    guessed: bool,
    machine: bool,
    explained_by: Option<&'a str>,
    explained: Option<&'static str>,
    together: f64,
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
    // JSON has no infinity: it becomes null.
    ci: (f64, f64),
    p: Option<f64>,
    q: Option<f64>,
    verdict: &'static str,
    doubt: Option<&'static str>,
    more_runs: Option<u32>,
}

impl Cost {
    fn from_measure(measure: &Measure) -> Self {
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
            doubt: measure.doubt.map(|doubt| doubt.word()),
            more_runs: measure.more_runs,
        }
    }
}

/// Writes the comparison as JSON of schema `spikeflame.diff/1`. It has all rows of all groupings,
/// whatever the view's `rows` are. Shares are fractions (1 is all of it), and a number that is
/// unknown or infinite is `null`.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(compared: &ComparisonView<'_>, out: &mut impl Write) -> io::Result<()> {
    let comparison = compared.comparison;
    let [before, after] = [Side::Before, Side::After]
        .map(|side| comparison.runs.iter().filter(|run| run.side == side).collect::<Vec<_>>());
    let table = compared.table();
    let fall = table.waterfall(STEPS);
    let steps = fall.steps.iter().filter_map(|step| {
        let row = table.rows.get(step.row)?;
        Some(Step { label: &row.label, change: step.change, rows: step.rows })
    });
    let document = Document {
        schema: "spikeflame.diff/1",
        unit: comparison.unit.word(),
        equal_work: comparison.equal_work,
        evidence: comparison.evidence.word(),
        order: comparison.order.word(),
        window: &compared.window,
        runs: Runs { before: listed(&before), after: listed(&after) },
        requests: Pair { before: requests(&before), after: requests(&after) },
        rps: reached(compared, |load| load.rps),
        p95_ms: reached(compared, |load| load.p95_ms),
        total: Totals {
            before: comparison.totals.before,
            after: comparison.totals.after,
            ratio: comparison.totals.ratio,
            ci: comparison.totals.ci,
            uncorrected: UncorrectedCosts {
                before: comparison.totals.uncorrected.0,
                after: comparison.totals.uncorrected.1,
                ratio: comparison.totals.uncorrected.1 / comparison.totals.uncorrected.0,
            },
        },
        code: part(comparison, false),
        machine: part(comparison, true),
        sessions: (comparison.order == Order::Separated).then_some(Sessions {
            code: comparison.sessions.code,
            machine: comparison.sessions.machine,
        }),
        settings: comparison
            .setting_names()
            .into_iter()
            .map(|name| setting_of(comparison, name))
            .collect(),
        conditions: Condition::ALL.iter().map(|&of| condition(comparison, of)).collect(),
        causes: comparison.functions.rows.iter().filter(|row| row.is_cause()).count(),
        shift: comparison.shift.map(|shift| Shift {
            ratio: shift.ratio,
            ci: shift.ci,
            p: shift.p,
            significant: shift.significant,
        }),
        warnings: comparison.warnings.iter().map(compared.words.warning).collect(),
        gates: compared.gates.iter().map(GateJson::new).collect(),
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

fn listed<'a>(runs: &[&'a ComparedRun]) -> Vec<RunJson<'a>> {
    runs.iter().map(|run| RunJson::new(run)).collect()
}

/// Returns the requests of a side, or `None` when those of a run are not known.
fn requests(runs: &[&ComparedRun]) -> Option<f64> {
    runs.iter().map(|run| run.requests).sum()
}

fn reached(compared: &ComparisonView<'_>, of: fn(&LoadLevel) -> f64) -> Pair<Option<f64>> {
    let [before, after] =
        compared.loads.map_or([None, None], |loads| loads.map(|load| Some(of(&load))));
    Pair { before, after }
}

fn setting_of<'a>(comparison: &'a Comparison, name: &'static str) -> SettingJson<'a> {
    let of = |side| comparison.setting(side, name);
    SettingJson { name, before: of(Side::Before), after: of(Side::After) }
}

fn condition(comparison: &Comparison, condition: Condition) -> ConditionJson {
    let of = |side| comparison.environment(side, condition);
    ConditionJson { name: condition.word(), before: of(Side::Before), after: of(Side::After) }
}

fn rows(table: &Table) -> Vec<RowJson<'_>> {
    let rows = table.rows.iter().zip(table.steps());
    rows.map(|(row, step)| RowJson::new(table, row, step.change)).collect()
}

impl<'a> RowJson<'a> {
    fn new(table: &'a Table, row: &'a Row, together: f64) -> Self {
        let by = row.explained.and_then(|explained| table.rows.get(explained.by));
        Self {
            machine: row.is_machine,
            explained_by: by.map(|row| row.label.as_str()),
            explained: row.explained.map(|explained| explained.relation.word()),
            together,
            label: &row.label,
            name: &row.name,
            name_before: row.name_before.as_deref(),
            called_by: row.called_by.as_deref(),
            file: &row.file,
            line_before: row.line_before,
            line_after: row.line_after,
            kind: row.kind.map(|kind| kind.word()),
            guessed: row.guessed,
            self_cost: Cost::from_measure(&row.self_cost),
            total: Cost::from_measure(&row.total_cost),
            badges: row.badges.iter().map(|badge| badge.word()).collect(),
        }
    }
}
