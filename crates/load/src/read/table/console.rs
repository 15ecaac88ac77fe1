//! Reads the rows that CloudWatch's console writes above the values of a table: `Full label`, `Period`,
//! `Statistics`, `Unit`.

use super::{csv, header, text};
use crate::read::time;

/// First cell of the first line. Tables of other programs begin with `Label`.
const FIRST_CELL: &str = "full label";

/// Most rows above the values. Those of a metric's dimensions are among them.
const MOST_HEAD_ROWS: usize = 40;

/// Returns true for the first line of such a table.
pub(super) fn begins(line: &[u8]) -> bool {
    header(line).is_some_and(|(_, cells)| cells.first().is_some_and(|cell| key(cell) == FIRST_CELL))
}

/// Returns the first cell of a row in a simple form.
fn key(cell: &str) -> String {
    cell.trim().trim_end_matches(':').to_lowercase()
}

/// The rows above the values.
#[derive(Debug)]
pub(super) struct ConsoleRows {
    pub(super) delimiter: u8,
    rows: Vec<Vec<String>>,
}

impl ConsoleRows {
    /// Takes the first line of such a table; returns `None` for a line of another one.
    pub(super) fn starting(line: &[u8]) -> Option<Self> {
        let (delimiter, cells) = header(line)?;
        begins(line).then(|| Self { delimiter, rows: vec![cells] })
    }

    /// Takes a further line above the values. Returns false for a row of values, which begins with a
    /// time.
    pub(super) fn add(&mut self, line: &[u8]) -> bool {
        let cells = csv::split(line, self.delimiter).unwrap_or_default();
        let cells: Vec<String> = cells.iter().map(|cell| text(cell).trim().to_owned()).collect();
        let first = cells.first().map(String::as_str).unwrap_or_default();
        let is_time = time::either(first.as_bytes()).is_some() || time::dated(first).is_some();
        let is_above = !is_time && self.rows.len() < MOST_HEAD_ROWS;
        if is_above {
            self.rows.push(cells);
        }
        is_above
    }

    /// Returns the names of the columns, with their statistics and units.
    pub(super) fn names(&self) -> Vec<String> {
        let row = |keys: &[&str]| {
            self.rows
                .iter()
                .rfind(|row| row.first().is_some_and(|cell| keys.contains(&key(cell).as_str())))
        };
        let cell = |row: Option<&Vec<String>>, at: usize| {
            row.and_then(|row| row.get(at)).cloned().unwrap_or_default()
        };
        let (own, full) = (row(&["label"]), row(&[FIRST_CELL]));
        let (statistics, units) =
            (row(&["statistic", "statistics", "stat"]), row(&["unit", "units"]));
        let count = self.rows.first().map_or(0, Vec::len);
        let column = |at: usize| {
            let label = Some(cell(own, at)).filter(|label| !label.is_empty());
            let label = label.unwrap_or_else(|| cell(full, at));
            named(&label, &cell(statistics, at).to_lowercase(), &cell(units, at).to_lowercase())
        };
        let names = (1..count).map(column);
        std::iter::once("Time".to_owned()).chain(names).collect()
    }
}

/// Returns the name of a column with its statistic and unit, as tables of other programs have it.
fn named(label: &str, statistic: &str, unit: &str) -> String {
    let scale = match unit {
        "seconds" => Some("s"),
        "milliseconds" => Some("ms"),
        "microseconds" => Some("us"),
        _ => None,
    };
    // The time of a load balancer's target is the duration of a request.
    let duration = label.strip_prefix("Target").unwrap_or(label);
    match (statistic, scale) {
        ("", None) => label.to_owned(),
        ("", Some(scale)) => format!("{duration} ({scale})"),
        ("sum", _) if unit == "count/second" => format!("{label}/s"),
        ("sum", _) => label.to_owned(),
        ("average", Some(scale)) => format!("{duration} mean ({scale})"),
        // CloudFront's shares of failed requests are means of each period.
        ("average", None) if unit == "percent" => {
            format!("{} (%)", label.strip_prefix("Total").unwrap_or(label))
        }
        // API Gateway counts a 0 or a 1 for each request, whose mean is the share of the failed ones.
        ("average", None) if ["4XXError", "5XXError"].contains(&label) => format!("{label} ratio"),
        // Without a unit, the values decide it.
        ("average", None) if unit.is_empty() => format!("{duration} mean"),
        (percentile, None) if is_percentile(percentile) => format!("{duration} {percentile}"),
        (percentile, Some(scale)) if is_percentile(percentile) => {
            format!("{duration} {percentile} ({scale})")
        }
        (other, _) => format!("{label} ({other})"),
    }
}

/// Returns true for a statistic such as `p95` or `p99.9`.
fn is_percentile(statistic: &str) -> bool {
    statistic.strip_prefix('p').is_some_and(|rank| rank.parse::<f64>().is_ok())
}
