//! The page's head as JSON: all data of the runs except the columns.

use super::columns::Lengths;
use super::load::{self, LoadHead};
use super::logged::LoggedError;
use super::{GateView, Report, ReportRun, RunSide};
use crate::clean;
use crate::names::root_of;
use hashbrown::HashSet;
use serde::Serialize;
use serde_json::Value;
use spikeflame_diff::Side;
use spikeflame_load::CoreRow;
use spikeflame_profile::{Category, Kind, Source};

/// Version of the page's data format (docs/report.md).
pub(super) const SCHEMA: &str = "spikeflame.report/2";

#[derive(Serialize)]
pub(super) struct Head {
    schema: &'static str,
    title: String,
    command: String,
    command_window: &'static str,
    compared_window: Option<&'static str>,
    runs: Vec<RunHead>,
    comparison: Option<Value>,
    gates: Vec<GateHead>,
}

#[derive(Serialize)]
struct GateHead {
    gate: String,
    crossings: Vec<String>,
}

#[derive(Serialize)]
struct RunHead {
    name: String,
    command: String,
    side: &'static str,
    producer: String,
    unit: String,
    /// The event that was sampled, when it measures no time of running; else empty.
    event: String,
    interval_us: Option<u64>,
    end_us: u64,
    timed: bool,
    unreadable: u64,
    /// True when lines of a window have the shares of the whole recording.
    lines_are_sums: bool,
    /// The folder that the application's files share.
    root: String,
    /// The number of the main thread in `lengths`.
    main_thread: usize,
    /// True when each sample lasts until the next one, as those of V8's CPU profiler do.
    until_next: bool,
    /// True when samples also count time in which a thread waited for a core.
    counts_waits: bool,
    main_cores: Option<MainCores>,
    lengths: Lengths,
    windows: Vec<WindowHead>,
    opens: Option<usize>,
    load: Option<LoadHead>,
    logged: Option<Vec<LoggedError>>,
}

/// Rows of the main thread's share of a core, as the kernel counted it.
#[derive(Serialize)]
struct MainCores {
    from_us: Vec<u64>,
    to_us: Vec<u64>,
    shares: Vec<f64>,
}

fn main_cores(rows: &[CoreRow]) -> Option<MainCores> {
    (!rows.is_empty()).then(|| MainCores {
        from_us: rows.iter().map(|row| row.from_us).collect(),
        to_us: rows.iter().map(|row| row.to_us).collect(),
        shares: rows.iter().map(|row| row.share).collect(),
    })
}

#[derive(Serialize)]
struct WindowHead {
    id: String,
    label: String,
    note: String,
    from_us: u64,
    to_us: u64,
}

impl Head {
    pub(super) fn new(report: &Report<'_>, lengths: Vec<Lengths>) -> Self {
        let runs = report.runs.iter().zip(lengths);
        Self {
            schema: SCHEMA,
            title: clean::xml(&report.title),
            command: clean::xml(&report.command),
            command_window: report.command_window,
            compared_window: report.compared_window,
            runs: runs.map(|(run, lengths)| run_head(run, lengths)).collect(),
            comparison: report.compared.and_then(comparison),
            gates: report.gates.iter().map(gate_head).collect(),
        }
    }
}

fn gate_head(gate: &GateView) -> GateHead {
    let crossings = gate.crossings.iter().map(|crossing| clean::xml(crossing));
    GateHead { gate: clean::xml(&gate.gate), crossings: crossings.collect() }
}

/// Number of rows with the largest changes of self cost, which the page gets even when they are not
/// resolved.
const LARGEST_ROWS: usize = 40;

/// The most functions of each side for which the page gets the label of their row.
const MOST_MOVED: usize = 2_000;

/// Returns the comparison as JSON, without tables of groups. It contains the functions that changed,
/// and those with the largest changes of self cost.
fn comparison(compared: &crate::diff::ComparisonView<'_>) -> Option<Value> {
    let mut text = Vec::new();
    crate::diff::json(compared, &mut text).ok()?;
    let mut whole: Value = serde_json::from_slice(&text).ok()?;
    let fields = whole.as_object_mut()?;
    for table in ["files", "packages", "categories"] {
        fields.remove(table);
    }
    let labels = Side::ALL.map(|side| {
        let moved = compared.comparison.other_labels(side).into_iter().take(MOST_MOVED);
        moved.map(|(own, row)| [own, row]).collect::<Vec<_>>()
    });
    fields.insert("moved".to_owned(), serde_json::to_value(labels).ok()?);
    fields.insert("evidence".to_owned(), compared.evidence().into());
    fields.insert("sentences".to_owned(), compared.sentences().into());
    fields.insert("counts_waits".to_owned(), compared.counts_waits().into());
    let functions = fields.get_mut("functions")?.as_array_mut()?;
    let mut rank: Vec<(usize, f64)> = functions.iter().map(change_of).enumerate().collect();
    rank.sort_by(|a, b| b.1.total_cmp(&a.1));
    let large: HashSet<usize> = rank.iter().take(LARGEST_ROWS).map(|(at, _)| *at).collect();
    let mut at = 0;
    functions.retain(|row| {
        at += 1;
        large.contains(&(at - 1)) || is_changed(row)
    });
    Some(whole)
}

fn change_of(row: &Value) -> f64 {
    row.pointer("/self/change").and_then(Value::as_f64).unwrap_or(0.0).abs()
}

fn is_changed(row: &Value) -> bool {
    // The cost with callees counts too: the row that explains others often has no cost of its own.
    ["/self/verdict", "/total/verdict"]
        .iter()
        .any(|verdict| row.pointer(verdict).and_then(Value::as_str) == Some("changed"))
}

fn run_head(run: &ReportRun<'_>, lengths: Lengths) -> RunHead {
    let profile = run.profile;
    let first = profile.sources.first();
    let strings = profile.frames.strings();
    let own = profile.frames.functions().filter(|(_, function)| {
        function.kind == Kind::Js && Category::classify(function, strings) == Category::App
    });
    RunHead {
        name: clean::xml(&run.name),
        command: clean::xml(&run.command),
        side: match run.side {
            RunSide::Only => "only",
            RunSide::Before => "before",
            RunSide::After => "after",
        },
        producer: clean::xml(first.map_or("", |source| &source.producer)),
        unit: clean::xml(first.map_or("", |source| &source.unit)),
        event: clean::xml(
            first.filter(|source| source.is_no_time()).map_or("", |source| &source.event),
        ),
        interval_us: profile
            .recorded_step_us()
            .or_else(|| first.and_then(|source| source.interval_us))
            .or_else(|| profile.cpu_step_us()),
        end_us: profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0),
        timed: profile.is_timed(),
        unreadable: profile.unreadable(),
        lines_are_sums: profile.sources.iter().any(|source| source.lines_are_sums),
        root: root_of(own.map(|(_, function)| strings.get(function.file))).to_owned(),
        main_thread: profile.main_thread().unwrap_or(0),
        until_next: profile.sources.iter().all(|source| source.spread.is_some()),
        counts_waits: profile.sources.iter().any(Source::counts_waits),
        main_cores: main_cores(&run.main_cores),
        lengths,
        windows: run
            .windows
            .iter()
            .map(|window| WindowHead {
                id: window.id.clone(),
                label: clean::xml(&window.label),
                note: clean::xml(&window.note),
                from_us: window.from_us,
                to_us: window.to_us,
            })
            .collect(),
        opens: run.opens,
        load: run.load.as_ref().map(load::head),
        logged: run.logged.as_ref().map(|logged| logged.head()),
    }
}
