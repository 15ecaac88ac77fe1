//! Statements as JSON, schema `spikeflame.queries/1` (`docs/json.md`).

use super::{QueryView, failed, mean, text_of};
use serde::Serialize;
use spikeflame_load::queries::{StatementClass, StatementTotals};
use spikeflame_profile::wall;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: &'a str,
    statements: u64,
    untimed: u64,
    incomplete: u64,
    first: Option<String>,
    last: Option<String>,
    window: Option<&'static str>,
    queries: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    text: &'a str,
    example: &'a str,
    all: FigureRow,
    before: Option<FigureRow>,
    within: Option<FigureRow>,
    selected: Option<FigureRow>,
}

#[derive(Serialize)]
struct FigureRow {
    count: u64,
    failed: Option<u64>,
    total_s: f64,
    mean_ms: Option<f64>,
    p95_ms: Option<f64>,
    lock_s: Option<f64>,
    rows_sent: Option<u64>,
    rows_examined: Option<u64>,
}

impl FigureRow {
    fn new(class: &StatementClass, figures: &StatementTotals) -> Self {
        Self {
            count: figures.count,
            failed: failed(class, figures),
            total_s: figures.seconds,
            mean_ms: mean(figures),
            p95_ms: figures.quantile_ms(0.95),
            lock_s: class.costs_known.then_some(figures.lock_s),
            rows_sent: class.costs_known.then_some(figures.sent),
            rows_examined: class.costs_known.then_some(figures.examined),
        }
    }
}

/// Writes the statements as JSON of schema `spikeflame.queries/1`, in the order and number of the
/// view. `before` and `within` are `null` when [`QueryView::has_parts`] is false, and `window` and `selected` when no
/// window is selected. Mean and 95th
/// percentile are `null` for statements without a duration. `failed` is `null` where a log does not
/// show failures and none is known, and times of locks and numbers of rows are where no log has
/// them.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(view: &QueryView<'_>, out: &mut impl Write) -> io::Result<()> {
    let queries = view.queries;
    let time = |us: i64| wall::rfc3339(us.max(0).unsigned_abs());
    let document = Document {
        schema: "spikeflame.queries/1",
        files: &view.files,
        statements: queries.statements,
        untimed: queries.untimed,
        incomplete: queries.incomplete,
        first: queries.span.map(|span| time(span.from_us)),
        last: queries.span.map(|span| time(span.to_us)),
        window: view.window,
        queries: view.shown().0.into_iter().map(|class| row(view, class)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn row<'a>(view: &QueryView<'_>, class: &'a StatementClass) -> Row<'a> {
    let part = |figures: &StatementTotals| view.has_parts.then(|| FigureRow::new(class, figures));
    Row {
        text: text_of(class),
        example: &class.example,
        all: FigureRow::new(class, &class.all),
        before: part(&class.before),
        within: part(&class.within),
        selected: view.window.map(|_| FigureRow::new(class, &class.selected)),
    }
}
