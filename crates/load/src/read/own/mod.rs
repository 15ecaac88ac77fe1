//! Reads the log of a load generator of one's own: a table (CSV, TSV) or JSON with an entry for each request,
//! with its time, duration and status.

mod cells;
mod columns;
mod json;
mod settle;

use super::appended::AppendedTests;
use super::csv::{self, Cells, LONGEST_ROW, OPEN, OpenRow};
use super::ledger::Ledger;
use super::names::Names;
use super::{BOM, ReadOptions, lines::Lines};
use crate::error::Error;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use crate::warning::Warning;
use cells::{Moment, Outcome, Request};
use columns::Columns;
use json::FirstItems;
use serde_json::Value;
use settle::Settled;
use std::io::Read;
use std::path::Path;

/// Number of requests by which units are decided.
const FIRST: usize = 20_000;

/// Number of rows at the start of a file by which it is recognised.
const LOOKED_AT: usize = 100;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A table with this delimiter.
    Table(u8),
    /// An object or a list of JSON in each line.
    Lines,
    /// One list of them, which may be within an object.
    List,
}

/// The form and the columns of a file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) form: Form,
    /// The key of the list within an object.
    key: Option<String>,
    columns: Columns,
}

/// Recognises a file by its first bytes.
pub(super) fn plan(head: &[u8], options: &ReadOptions) -> Option<Plan> {
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    let plan = match head.first()? {
        b'{' => objects(Form::Lines, &json::of_lines(head), options)
            .or_else(|| objects(Form::List, &json::of_object(head)?, options)),
        b'[' => objects(Form::List, &json::of_list(head), options)
            .or_else(|| objects(Form::Lines, &json::of_lines(head), options)),
        _ => table(head, options),
    }?;
    Some(plan)
}

fn table(head: &[u8], options: &ReadOptions) -> Option<Plan> {
    // The last line may be cut off.
    let whole = memchr::memrchr(b'\n', head).and_then(|end| head.get(..end))?;
    let mut lines = whole.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let header = lines.find(|line| !line.is_empty() && !is_above(line))?;
    // Fields between bars have blanks around them, and bars may stand at both ends.
    let (delimiter, names) =
        super::table::header(header).filter(|(delimiter, _)| *delimiter != b'|')?;
    let mut columns = Columns::of(names, options)?;
    let form = Form::Table(delimiter);
    let count = columns.names.len();
    let rows = lines.filter(|line| !line.is_empty()).take(LOOKED_AT);
    let rows = rows.filter_map(|line| split(line, delimiter, count));
    columns.see_mark(rows.clone());
    fits(rows, &columns).then_some(Plan { form, key: None, columns })
}

/// Returns true for a line that may stand above the names of the columns.
fn is_above(line: &[u8]) -> bool {
    line.starts_with(b"sep=") || line.starts_with(b"#")
}

fn objects(form: Form, first: &FirstItems, options: &ReadOptions) -> Option<Plan> {
    let columns = Columns::of(first.names(), options)?;
    let items = first.items.iter().filter(|item| !json::is_names(item, &columns));
    let key = first.key.clone();
    fits(items.map(|item| json::row(item, &columns)), &columns).then_some(Plan {
        form,
        key,
        columns,
    })
}

fn split(line: &[u8], delimiter: u8, count: usize) -> Option<Cells<'_>> {
    csv::split(line, delimiter).filter(|fields| fields.len() == count).map(Cells)
}

/// Returns true when most rows are requests, and not each of their statuses is 0, which has another meaning
/// outside of HTTP.
fn fits<'a>(rows: impl Iterator<Item = Cells<'a>>, columns: &Columns) -> bool {
    let (mut all, mut requests, mut answered) = (0, 0, false);
    for cells in rows {
        all += 1;
        if let Ok(request) = columns.request(&cells, 0) {
            requests += 1;
            answered |= request.outcome != Outcome::Unanswered;
        }
    }
    requests > 0 && requests * 2 >= all && answered
}

/// A file while it is read.
struct Requests<'a> {
    columns: &'a Columns,
    path: &'a Path,
    options: &'a ReadOptions,
    /// The first requests, until units are known.
    held: Vec<Request>,
    settled: Option<Settled>,
    recorder: Recorder,
    seen: AppendedTests,
    names: Names,
    /// True when a time was written without an offset from UTC.
    local: bool,
    /// True when a time was not in whole seconds.
    fine: bool,
}

impl Requests<'_> {
    /// Takes a row. Returns the reason for the loss of a row that is no request.
    fn add(&mut self, cells: &Cells<'_>, line: u64) -> Result<(), Lost> {
        let request = self.columns.request(cells, line)?;
        if self.settled.is_some() {
            return self.count(request).map_err(Lost::Row);
        }
        self.held.push(request);
        if self.held.len() >= FIRST {
            self.settle()?;
        }
        Ok(())
    }

    /// Takes an entry of a list, which may be the names of the columns.
    fn add_of_list(
        &mut self,
        request: &Value,
        number: u64,
        losses: &mut Ledger,
    ) -> Result<(), Error> {
        if number == 1 && json::is_names(request, self.columns) {
            return Ok(());
        }
        match self.add(&json::row(request, self.columns), number) {
            Ok(()) => {}
            Err(Lost::Row(reason)) => losses.lose(reason, number, 1),
            Err(Lost::File(error)) => return Err(*error),
        }
        Ok(())
    }

    /// Decides the units and counts the first requests.
    fn settle(&mut self) -> Result<(), Lost> {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            let settled = settle::settle(&held, self.columns, self.path).map_err(Box::new)?;
            self.settled = Some(settled);
        }
        held.into_iter().try_for_each(|request| self.count(request)).map_err(Lost::Row)
    }

    /// Counts a request.
    fn count(&mut self, request: Request) -> Result<(), &'static str> {
        const KIND: &str = "a time of another kind than the first";
        let Some(settled) = &self.settled else { return Ok(()) };
        let time_us = settled.micros(request.moment).ok_or(KIND)?;
        let took_us = match request.end.and_then(|end| settled.micros(end)) {
            Some(end_us) => end_us.saturating_sub(time_us).max(0) as f64,
            None if request.duration.is_nan() => 0.0,
            None if request.cell_ms > 0.0 => request.duration * request.cell_ms * 1e3,
            None => request.duration * settled.duration_ms * 1e3,
        };
        let took_us = took_us as u64;
        let start_us =
            if settled.ends { time_us.saturating_sub_unsigned(took_us) } else { time_us };
        let end_us = start_us.saturating_add_unsigned(took_us);
        match request.moment {
            Moment::Clock(time) => {
                self.local |= time.local;
                self.fine |= !time.whole;
            }
            Moment::Number(_) | Moment::OfDay(_) => self.fine = true,
        }
        self.seen.see(end_us, took_us);
        if let Some(name) = &request.endpoint {
            self.names.add(name, "");
            if self.options.endpoint.as_ref().is_some_and(|wanted| wanted != name) {
                return Ok(());
            }
        }
        self.recorder.at_line(request.line);
        match request.outcome {
            Outcome::Unanswered => self.recorder.request_without_answer(end_us, took_us),
            outcome => self.recorder.request(end_us, took_us, outcome == Outcome::Ok),
        }
        if let Some(users) = request.users {
            self.recorder.vus(end_us, users);
        }
        Ok(())
    }
}

/// The reason for which a row is lost, or for which the file cannot be read.
enum Lost {
    Row(&'static str),
    File(Box<Error>),
}

impl From<&'static str> for Lost {
    fn from(reason: &'static str) -> Self {
        Self::Row(reason)
    }
}

impl From<Box<Error>> for Lost {
    fn from(error: Box<Error>) -> Self {
        Self::File(error)
    }
}

/// Reads a file with a row for each request.
///
/// # Errors
///
/// Returns an [`Error`] for a file without a request, without a sure unit, or with several tests of which the
/// user chose none.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    plan: &Plan,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut requests = Requests {
        columns: &plan.columns,
        path,
        options,
        held: Vec::new(),
        settled: None,
        recorder: Recorder::default().following(),
        seen: AppendedTests::default(),
        names: Names::default(),
        local: false,
        fine: false,
    };
    if plan.form == Form::List {
        let (mut losses, mut fault) = (Ledger::default(), None);
        let mut add = |request: &Value, number| {
            fault = requests.add_of_list(request, number, &mut losses).err();
            fault.is_none()
        };
        let damage = json::list(input, plan.key.as_deref(), &mut add);
        fault.map_or(Ok(()), Err)?;
        settled(&mut requests)?;
        let mut timeline = finish(requests, plan)?;
        timeline.warnings.extend(damage);
        timeline.losses = losses.close();
        return Ok(timeline);
    }
    let mut lines = Lines::new(input);
    rows(&mut lines, &mut requests, plan)?;
    settled(&mut requests)?;
    let mut losses = Vec::new();
    let mut timeline = lines.close(|ledger| {
        losses = ledger.close();
        finish(requests, plan)
    })?;
    timeline.losses = losses;
    Ok(timeline)
}

/// Decides the units of a file with few requests.
fn settled(requests: &mut Requests<'_>) -> Result<(), Error> {
    match requests.settle() {
        Err(Lost::File(error)) => Err(*error),
        _ => Ok(()),
    }
}

fn rows<R: Read>(
    lines: &mut Lines<R>,
    requests: &mut Requests<'_>,
    plan: &Plan,
) -> Result<(), Error> {
    let path = requests.path;
    let mut has_header = false;
    let mut open = OpenRow::default();
    while let Some((number, line)) = lines.next_of(path)? {
        let line = line.trim_ascii_end();
        if line.trim_ascii().is_empty() && open.is_empty() {
            continue;
        }
        let added = match plan.form {
            Form::Table(delimiter) => {
                if !has_header {
                    has_header = !is_above(line);
                    continue;
                }
                let count = plan.columns.names.len();
                let cells = split(line, delimiter, count);
                // A row that is whole alone shows that the quote above it was never closed.
                let is_row = csv::is_whole(line) && (open.is_empty() || cells.is_some());
                if is_row {
                    let lost = if open.is_empty() { None } else { Some(open.take()) };
                    let cells = cells.ok_or("a row with more or fewer fields than the header");
                    let added = cells.map_err(Lost::Row).and_then(|it| requests.add(&it, number));
                    if let Some((_, first, count)) = lost {
                        lines.lose_many(OPEN, first, count);
                    }
                    added
                } else {
                    open.add(line, number);
                    let is_end = open.is_whole() || open.len() > LONGEST_ROW;
                    if !is_end {
                        continue;
                    }
                    let (row, first, lines_of_row) = open.take();
                    let cells = split(&row, delimiter, count).ok_or(OPEN);
                    let added = cells.map_err(Lost::Row).and_then(|it| requests.add(&it, first));
                    match added {
                        Err(Lost::Row(reason)) => {
                            lines.lose_many(reason, first, lines_of_row);
                            Ok(())
                        }
                        other => other,
                    }
                }
            }
            _ => match serde_json::from_slice::<Value>(line) {
                Ok(names) if json::is_names(&names, &plan.columns) => Ok(()),
                Ok(request) => requests.add(&json::row(&request, &plan.columns), number),
                Err(_) => Err(Lost::Row("a line that is no JSON")),
            },
        };
        match added {
            Ok(()) => {}
            Err(Lost::Row(reason)) => lines.lose(reason),
            Err(Lost::File(error)) => return Err(*error),
        }
    }
    if !open.is_empty() {
        let (_, first, count) = open.take();
        lines.lose_many(OPEN, first, count);
    }
    Ok(())
}

/// Makes the timeline.
fn finish(requests: Requests<'_>, plan: &Plan) -> Result<Timeline, Error> {
    let Requests { mut recorder, seen, names, local, fine, settled, path, options, .. } = requests;
    let is_of_day = settled.as_ref().is_some_and(|settled| settled.is_of_day);
    let has_clock = settled.as_ref().is_none_or(|it| it.time_us.is_none() && !it.is_of_day);
    let chosen = seen.choose(&mut recorder, path, options);
    chosen.map_err(|why| if has_clock { why } else { why.without_clock() })?;
    if recorder.is_empty()
        && let Some(asked) = options.endpoint.clone()
    {
        let (path, known, long) = (path.to_owned(), names.known(), names.has_long());
        return Err(Error::UnknownEndpoint { path, asked, known, long });
    }
    let mut timeline = recorder.finish(path, plan.name())?;
    if !fine {
        timeline.coarsen();
    }
    timeline.endpoints = names.busiest();
    timeline.columns = settled.map(|settled| settled.columns).unwrap_or_default();
    timeline.columns.extend(plan.outcome_columns());
    timeline.warnings.extend(local.then_some(Warning::LocalTimes));
    let no_clock = if is_of_day { Warning::NoDate } else { Warning::NoClock };
    timeline.warnings.extend((!has_clock).then_some(no_clock));
    Ok(timeline)
}

impl Plan {
    /// Returns the name of the format.
    pub(super) fn name(&self) -> &'static str {
        self.form.name()
    }

    fn outcome_columns(&self) -> Vec<crate::timeline::Column> {
        let columns = &self.columns;
        let named = [
            (columns.end, "end of a request"),
            (columns.status, "status"),
            (columns.success, "success"),
            (columns.failure, "failure"),
            (columns.endpoint, "endpoint"),
            (columns.users, "virtual users"),
        ];
        let column = |(at, meaning): (Option<usize>, &str)| {
            let (name, meaning, unit) = (columns.name(at?), meaning.to_owned(), String::new());
            Some(crate::timeline::Column { name, meaning, unit, guessed: false })
        };
        named.into_iter().filter_map(column).collect()
    }
}

impl Form {
    /// Returns the name of the format.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Table(_) => "CSV of requests",
            Self::Lines | Self::List => "JSON of requests",
        }
    }
}
