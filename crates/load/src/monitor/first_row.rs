//! The rows with which a table begins: those of names, and the first one of values. They show which
//! columns hold the time, further times and names.

use super::cells::{
    is_absent, is_bound, is_half, is_measured, is_passed, is_past, is_time, is_time_of_day, number,
};
use super::gather::SeriesCollector;
use super::sysstat::{is_item, is_sysstat};
use crate::read::table::Mark;
use crate::track::OF_ONE_CORE;

/// Columns of a table.
const MOST_COLUMNS: usize = 300;

/// Columns of `docker stats` and `podman stats` with the CPU use, in per cent of one core.
const CPU_OF_CONTAINERS: [&str; 3] = ["cpu %", "cpu percent", "cpu"];

/// First cells of lines that name the columns, the best first.
const LABELS: [&str; 6] = ["label", "full label", "metric", "metricname", "metric.type", "id"];

pub(super) type Fields = Vec<String>;

/// The columns of the time of a row.
pub(super) struct TimeColumns {
    pub(super) time: usize,
    /// The column of the date, when the time has a column of its own.
    date: Option<usize>,
    /// The column of AM and PM, when these have a column of their own.
    half: Option<usize>,
}

impl TimeColumns {
    /// Returns the text of a row's time.
    pub(super) fn text(&self, row: &[String]) -> String {
        let columns = self.date.into_iter().chain([self.time]).chain(self.half);
        let cells = columns.map(|at| row.get(at).map(String::as_str).unwrap_or_default());
        cells.collect::<Vec<_>>().join(" ")
    }

    /// Returns true for a column of the time.
    pub(super) fn holds(&self, at: usize) -> bool {
        at == self.time || [self.date, self.half].contains(&Some(at))
    }
}

/// The first row of values, below the rows of names.
pub(super) struct FirstRow<'a> {
    pub(super) heads: &'a [Fields],
    pub(super) row: &'a [String],
    /// The mark before a fraction.
    mark: Mark,
}

impl<'a> FirstRow<'a> {
    /// Returns `None` for a row that is too short or too long for one of values.
    pub(super) fn new(heads: &'a [Fields], row: &'a [String], mark: Mark) -> Option<Self> {
        (2..=MOST_COLUMNS).contains(&row.len()).then_some(Self { heads, row, mark })
    }

    /// Finds the columns of the time. Returns `None` when no cell is a time.
    pub(super) fn time_columns(&self, gather: &mut SeriesCollector) -> Option<TimeColumns> {
        let mut found = match self.time_column(gather) {
            Some(time) => TimeColumns { time, date: None, half: None },
            None => self.date_and_time(gather)?,
        };
        let half = found.time + 1;
        if self.row.get(half).is_some_and(|cell| is_half(cell)) {
            found.half = Some(half);
            found.half = found.half.filter(|_| gather.written(&found.text(self.row)).is_some());
        }
        Some(found)
    }

    /// Finds the column of a time with its date.
    fn time_column(&self, gather: &mut SeriesCollector) -> Option<usize> {
        let mut columns = 0..self.row.len();
        // InfluxDB writes the bounds of the query into every row, before the time.
        match self.position(|name| name == "_time").or_else(|| self.position(is_time)) {
            Some(at) if self.name_of(at) == "_time" => self.is_time(at, gather).then_some(at),
            Some(_) => columns.find(|at| is_time(self.name_of(*at)) && self.is_time(*at, gather)),
            None => columns
                .find(|at| !is_past(self.name_of(*at)) && self.is_time(*at, gather))
                .or_else(|| (0..self.row.len()).find(|at| self.is_time(*at, gather))),
        }
    }

    /// Finds two neighbours that are a date and a time of day, in any order.
    fn date_and_time(&self, gather: &mut SeriesCollector) -> Option<TimeColumns> {
        (0..self.row.len()).flat_map(|at| [(at, at + 1), (at + 1, at)]).find_map(|(date, time)| {
            let is_of_day = self.row.get(time).is_some_and(|cell| is_time_of_day(cell));
            let columns = TimeColumns { time, date: Some(date), half: None };
            let fits = is_of_day
                && !is_past(self.name_of(time))
                && gather.written(&columns.text(self.row)).is_some();
            fits.then_some(columns)
        })
    }

    /// Returns the columns that hold further times, or time that has passed.
    pub(super) fn clocks(&self, gather: &mut SeriesCollector) -> Vec<usize> {
        let cells = self.row.iter().enumerate();
        let clocks = cells.filter(|(at, cell)| self.is_clock(cell, self.name_of(*at), gather));
        clocks.map(|(at, _)| at).collect()
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> Fields {
        let labelled = || LABELS.iter().filter_map(|label| self.keyed(label));
        let names = labelled().find(|head| differ(head)).or_else(|| labelled().next());
        let mut names = names.or(self.heads.last()).cloned().unwrap_or_default();
        if is_of_containers(&names) {
            let is_cpu = |name: &&mut String| CPU_OF_CONTAINERS.contains(&lower(name).as_str());
            names.iter_mut().filter(is_cpu).for_each(|name| name.push_str(OF_ONE_CORE));
        }
        names
    }

    /// Returns the row of names whose first cell is `key`, in any case and with or without a colon.
    pub(super) fn keyed(&self, key: &str) -> Option<&'a Fields> {
        self.heads.iter().find(|head| {
            let first = head.first().map(|first| first.to_lowercase()).unwrap_or_default();
            first.trim_end_matches(':') == key
        })
    }

    /// Returns true for a column that holds the end of a period, its length, or another bound.
    pub(super) fn is_bound(&self, at: usize, names: &Fields) -> bool {
        let Some(name) = names.get(at) else { return false };
        is_bound(name) || is_sysstat(self.heads) && name == "interval"
    }

    /// Returns true for a column that holds names.
    pub(super) fn is_label(&self, at: usize, names: &Fields) -> bool {
        let is_text = self.row.get(at).is_some_and(|cell| {
            !is_absent(cell) && number(cell, self.mark).is_none() && !is_measured(cell)
        });
        is_text || is_item(self.heads, names, at)
    }

    /// Returns true for a column that keeps rows of one time apart: one with the number of a process or a thread, or
    /// with names of which the first is empty. `next` is the row behind this one, and has the same time.
    pub(super) fn parts(&self, at: usize, names: &Fields, next: &Fields, ahead: &[Fields]) -> bool {
        let (Some(cell), Some(name)) = (self.row.get(at), names.get(at)) else { return false };
        if cell.is_empty() {
            let filled = ahead.iter().filter_map(|row| row.get(at)).find(|cell| !cell.is_empty());
            return filled.is_some_and(|cell| {
                number(cell, self.mark).is_none() && !is_measured(cell) && !is_passed(cell)
            });
        }
        let is_number =
            |cell: &String| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
        is_number(cell)
            && next.get(at).is_some_and(|other| is_number(other) && other != cell)
            && is_id(name)
    }

    fn position(&self, fits: fn(&str) -> bool) -> Option<usize> {
        self.heads.last()?.iter().position(|name| fits(name))
    }

    fn name_of(&self, at: usize) -> &'a str {
        self.heads.last().and_then(|names| names.get(at)).map_or("", String::as_str)
    }

    fn is_time(&self, at: usize, gather: &mut SeriesCollector) -> bool {
        self.row.get(at).is_some_and(|cell| gather.written(cell).is_some())
    }

    /// Returns true for a cell with a time or a date, in the column `name`.
    fn is_clock(&self, cell: &str, name: &str, gather: &mut SeriesCollector) -> bool {
        !is_absent(cell)
            && number(cell, self.mark).is_none()
            && (is_past(name) && !is_measured(cell)
                || is_passed(cell)
                || gather.written(cell).is_some()
                || gather.written(&format!("{cell} 00:00:00")).is_some())
    }
}

/// Returns true for the columns of `docker stats`, `podman stats` and `nerdctl stats`.
fn is_of_containers(names: &Fields) -> bool {
    const BESIDE: [&str; 6] =
        ["net i/o", "net io", "block i/o", "block io", "mem %", "mem percent"];
    let has = |known: &str| names.iter().any(|name| lower(name) == known);
    has("mem usage / limit") || has("mem usage") && BESIDE.iter().any(|known| has(known))
}

/// Returns true for the name of a column with the numbers of things: `pid`, `pm_id`, `worker`.
fn is_id(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["pid", "tid", "id", "worker", "process", "thread", "instance", "shard", "core"];
    let lower = lower(name);
    lower
        .split(|char: char| !char.is_alphanumeric())
        .next_back()
        .is_some_and(|word| WORDS.contains(&word))
}

/// Returns a name in small letters, with spaces between its words.
fn lower(name: &str) -> String {
    name.trim().to_lowercase().replace('_', " ")
}

/// Returns true when no two names of a row are equal.
fn differ(head: &Fields) -> bool {
    (head.iter().enumerate()).all(|(at, name)| head.iter().take(at).all(|other| other != name))
}
