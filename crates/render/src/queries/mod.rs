//! Statements of a database, in the order of the time that they take or of another quantity.

mod json;
mod markdown;
mod text;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use crate::clean;
use crate::number::{count, seconds};
use crate::plateau::millis;
use spikeflame_load::queries::{Queries, StatementClass, StatementTotals};
use spikeflame_profile::wall::micros_of;

/// The quantity by which statements are ordered, the largest first. Equal ones keep the order of
/// [`Queries::classes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryOrder {
    /// Sum of the durations of a statement.
    #[default]
    Total,
    /// Number of times that a statement ran or failed.
    Count,
    /// 95th percentile of the durations of a statement; 0 when none is known.
    P95,
    /// Sum of the rows that the server examined for a statement.
    Examined,
    /// Sum of the times for which a statement waited for locks.
    Lock,
}

/// Statements of a database, with settings for [`text()`], [`markdown()`] and [`json()`].
#[derive(Clone, Debug)]
pub struct QueryView<'a> {
    /// The statements to show, as one or several logs contain them.
    pub queries: &'a Queries,
    /// Paths of the logs, with commas between them.
    pub files: String,
    /// True when a plateau of a load test is known, so that durations before it and within it are
    /// shown beside those of the whole log.
    pub has_parts: bool,
    /// The name of the selected time: only its statements are shown, counted and ordered. `None` does so with all
    /// statements of the log. JSON has the totals of all statements too.
    pub window: Option<&'static str>,
    /// The order of the rows.
    pub order: QueryOrder,
    /// The largest number of rows in every format; 0 for all.
    pub rows: usize,
    /// The text printed directly after the number of rows that are not shown, in text only. A program names its
    /// way to show all of them here; it may be empty.
    pub all_rows_hint: &'static str,
}

impl QueryView<'_> {
    /// Returns the totals by which rows are ordered and shown.
    fn figures<'b>(&self, class: &'b StatementClass) -> &'b StatementTotals {
        if self.window.is_some() { &class.selected } else { &class.all }
    }

    /// Returns the figure by which rows are ordered.
    fn size(&self, class: &StatementClass) -> f64 {
        let figures = self.figures(class);
        match self.order {
            QueryOrder::Total => figures.seconds,
            QueryOrder::Count => figures.count as f64,
            QueryOrder::P95 => p95(figures),
            QueryOrder::Examined => figures.examined as f64,
            QueryOrder::Lock => figures.lock_s,
        }
    }

    /// Returns the rows in order, and the number of all rows.
    fn shown(&self) -> (Vec<&StatementClass>, usize) {
        let mut rows: Vec<&StatementClass> = self.queries.classes.iter().collect();
        rows.retain(|class| self.figures(class).count > 0);
        rows.sort_by(|a, b| self.size(b).total_cmp(&self.size(a)));
        let all = rows.len();
        if self.rows > 0 {
            rows.truncate(self.rows);
        }
        (rows, all)
    }

    /// Returns a line about all statements that are shown.
    fn line(&self) -> String {
        let figures = self.queries.classes.iter().map(|class| self.figures(class));
        let (number, took) =
            figures.fold((0, 0.0), |(number, took), one| (number + one.count, took + one.seconds));
        let place = self.window.map(|name| format!(" within {name}")).unwrap_or_default();
        format!(
            "{}: {} statement{}{place}, {} in all",
            self.files,
            count(number),
            if number == 1 { "" } else { "s" },
            seconds(micros_of(took).max(0).unsigned_abs())
        )
    }
}

/// The cells of a class, in words.
struct Row {
    total: String,
    count: String,
    mean: String,
    p95: String,
    /// Mean durations before and within the plateau, where a load test separates them.
    parts: Option<[String; 2]>,
    examined: String,
    locks: String,
    failed: String,
    /// The statement in one line, cut with an ellipsis.
    statement: String,
}

impl Row {
    fn new(view: &QueryView<'_>, class: &StatementClass, width: usize) -> Self {
        let figures = view.figures(class);
        let text = text_of(class).split_whitespace().collect::<Vec<_>>().join(" ");
        let cost = |text| if class.costs_known { text } else { "-".to_owned() };
        let has_durations = figures.durations.count() > 0;
        Self {
            total: millis(1e3 * figures.seconds),
            count: count(figures.count),
            mean: mean_text(figures),
            p95: if has_durations { millis(p95(figures)) } else { "-".to_owned() },
            parts: view.has_parts.then(|| [&class.before, &class.within].map(mean_text)),
            examined: cost(count(figures.examined)),
            locks: cost(millis(1e3 * figures.lock_s)),
            failed: failed(class, figures).map_or_else(|| "-".to_owned(), count),
            statement: clean::shortened(&text, width),
        }
    }
}

/// Returns the number of failed statements; `None` when a log does not show it.
fn failed(class: &StatementClass, figures: &StatementTotals) -> Option<u64> {
    Some(figures.failed).filter(|failed| *failed > 0 || !class.failures_unknown)
}

fn p95(figures: &StatementTotals) -> f64 {
    figures.quantile_ms(0.95).unwrap_or(0.0)
}

/// Returns the text of a class.
fn text_of(class: &StatementClass) -> &str {
    if class.text.is_empty() { "(statements of other texts)" } else { &class.text }
}

/// Returns the mean duration in milliseconds.
fn mean(figures: &StatementTotals) -> Option<f64> {
    let timed = figures.durations.count();
    (timed > 0).then(|| 1e3 * figures.seconds / timed as f64)
}

/// Returns the mean duration for a table.
fn mean_text(figures: &StatementTotals) -> String {
    mean(figures).map_or_else(|| "-".to_owned(), millis)
}
