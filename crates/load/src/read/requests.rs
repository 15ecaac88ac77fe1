//! Reads tables with a row for each request: JMeter's JTL, and the CSV of `hey -o csv`.

use super::appended::AppendedTests;
use super::contents::has;
use super::csv::{self, Cells, LONGEST_ROW, OPEN, OpenRow};
use super::time::{self, Time};
use super::{ReadOptions, lines::Lines};
use crate::error::{ColumnFault, Error};
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

const FIELDS: &str = "a row with more or fewer fields than the header";
const NUMBERS: &str = "a row without a time or a duration";
const SEVERAL: &str = "a row for several requests, as JMeter's mode `Statistical` writes it";

/// The program that wrote the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    JMeter,
    Hey,
}

/// Recognises the program from the header.
pub(super) fn writer(line: &[u8]) -> Option<Writer> {
    if has(line, "timeStamp") && has(line, "elapsed") && has(line, "success") {
        return Some(Writer::JMeter);
    }
    (line.starts_with(b"response-time,") && has(line, "offset")).then_some(Writer::Hey)
}

/// Columns by their names in the header.
struct Columns {
    count: usize,
    delimiter: u8,
    time: usize,
    duration: usize,
    success: Option<usize>,
    status: Option<usize>,
    name: Option<usize>,
    threads: Option<usize>,
    message: Option<usize>,
    samples: Option<usize>,
    thread: Option<usize>,
}

/// The message of a row that sums the requests of a transaction controller, which have rows of
/// their own.
pub(super) const TRANSACTION: &[u8] = b"Number of samples in transaction";

/// The reason for the loss of the row of a transaction when its requests have no rows.
pub(super) const ALONE: &str =
    "a transaction of JMeter without its requests (`Generate parent sample`)";

/// The time at which each thread of JMeter began its last request. A transaction whose thread has begun none
/// since the transaction began has no rows of its requests.
#[derive(Debug, Default)]
pub(super) struct Transactions(HashMap<Vec<u8>, f64>);

impl Transactions {
    /// The most threads that are followed. Hardly any test has more users.
    const MOST_THREADS: usize = 100_000;
    /// Times are cut to whole milliseconds.
    const STEP_MS: f64 = 1.0;

    /// Notes a request.
    pub(super) fn see(&mut self, thread: &[u8], start_ms: f64) {
        if let Some(last) = self.0.get_mut(thread) {
            *last = last.max(start_ms);
        } else if self.0.len() < Self::MOST_THREADS {
            self.0.insert(thread.to_owned(), start_ms);
        }
    }

    /// Returns true when the requests of a transaction have rows, as far as that is known.
    pub(super) fn has_requests(&self, thread: &[u8], start_ms: f64) -> bool {
        match self.0.get(thread) {
            Some(last) => *last + Self::STEP_MS >= start_ms,
            None => self.0.len() >= Self::MOST_THREADS,
        }
    }
}

/// Returns the error for a file whose transactions have no rows of their requests.
pub(super) fn requests_left_out(path: &Path) -> Error {
    Error::NoRequests {
        path: path.to_owned(),
        why: "its rows are transactions, and the requests in them have none: switch `Generate parent \
              sample` off in the transaction controllers of the plan"
            .into(),
    }
}

/// JMeter's status of a request that got no answer. The class of an exception follows.
pub(super) const UNANSWERED: &[u8] = b"Non HTTP response code";

impl Columns {
    fn from_header(line: &[u8], writer: Writer) -> Option<Self> {
        let delimiter = *[b',', b';', b'\t', b'|']
            .iter()
            .max_by_key(|delimiter| memchr::memchr_iter(**delimiter, line).count())?;
        let names = csv::split(line, delimiter)?;
        let find =
            |wanted: &str| names.iter().position(|name| name.trim_ascii() == wanted.as_bytes());
        let (time, duration) = match writer {
            Writer::JMeter => (find("timeStamp")?, find("elapsed")?),
            Writer::Hey => (find("offset")?, find("response-time")?),
        };
        Some(Self {
            count: names.len(),
            delimiter,
            time,
            duration,
            success: find("success"),
            status: find("responseCode").or_else(|| find("status-code")),
            name: find("label"),
            threads: find("allThreads"),
            message: find("responseMessage"),
            samples: find("SampleCount"),
            thread: find("threadName"),
        })
    }

    /// Splits a row. Returns `None` for a row with more or fewer fields than the header.
    fn split<'a>(&self, row: &'a [u8]) -> Option<Vec<Cow<'a, [u8]>>> {
        csv::split(row, self.delimiter).filter(|fields| fields.len() == self.count)
    }
}

/// Largest number of labels that are listed.
const MOST_NAMES: usize = 100;

/// Numbers from this one on are damage: milliseconds since 1970 have thirteen digits.
const LARGEST: f64 = 1e15;

/// Reads a date, which JMeter writes where the user set `timestamp_format`.
fn date(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?;
    time::written(text.as_bytes()).or_else(|| time::dated(text))
}

/// A table while it is read.
struct Rows<'o> {
    writer: Writer,
    options: &'o ReadOptions,
    recorder: Recorder,
    seen: AppendedTests,
    /// The numbers of requests by their labels.
    names: BTreeMap<String, u64>,
    /// True when a time was written without an offset from UTC.
    local: bool,
    transactions: Transactions,
}

impl Rows<'_> {
    /// Reads a row, which ends on line `number`. Returns the reason for the loss of a row that is none.
    fn add(&mut self, row: &[u8], columns: &Columns, number: u64) -> Result<(), &'static str> {
        let cells = Cells(columns.split(row).ok_or(FIELDS)?);
        let thread = columns.thread.map(|at| cells.bytes(at)).unwrap_or_default();
        let value = |at: usize| cells.number(at).filter(|value| *value < LARGEST);
        let time = match (self.writer, value(columns.time)) {
            (Writer::JMeter, None) => {
                let date = date(cells.bytes(columns.time)).ok_or(NUMBERS)?;
                self.local |= date.local;
                date.us as f64 / 1e3
            }
            (_, time) => time.ok_or(NUMBERS)?,
        };
        if columns.message.is_some_and(|at| cells.bytes(at).starts_with(TRANSACTION)) {
            let has_requests = self.transactions.has_requests(thread, time);
            return if has_requests { Ok(()) } else { Err(ALONE) };
        }
        self.transactions.see(thread, time);
        let duration = value(columns.duration).ok_or(NUMBERS)?;
        if columns.samples.and_then(value).is_some_and(|samples| samples > 1.0) {
            return Err(SEVERAL);
        }
        let scale = if self.writer == Writer::JMeter { 1e3 } else { 1e6 };
        let (start_us, duration_us) = ((time * scale) as i64, (duration * scale) as u64);
        let end_us = start_us.saturating_add_unsigned(duration_us);
        self.seen.see(end_us, duration_us);
        if let Some(at) = columns.name {
            let name = cells.text(at).into_owned();
            let fits = self.options.endpoint.as_ref().is_none_or(|wanted| *wanted == name);
            if self.names.len() < MOST_NAMES || self.names.contains_key(&name) {
                *self.names.entry(name).or_default() += 1;
            }
            if !fits {
                return Ok(());
            }
        }
        let ok = match columns.success {
            Some(at) => cells.bytes(at).eq_ignore_ascii_case(b"true"),
            None => columns.status.and_then(value).is_some_and(|status| status < 400.0),
        };
        let unanswered = columns.status.is_some_and(|at| cells.bytes(at).starts_with(UNANSWERED));
        self.recorder.at_line(number);
        match unanswered && !ok {
            true => self.recorder.request_without_answer(end_us, duration_us),
            false => self.recorder.request(end_us, duration_us, ok),
        }
        if let Some(threads) = columns.threads.and_then(value) {
            self.recorder.vus(end_us, threads);
        }
        Ok(())
    }
}

/// Reads a table. A row of JMeter contains the moment at which a request began, and its
/// milliseconds. A row of hey contains seconds since the start of the test.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    writer: Writer,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut rows = Rows {
        writer,
        options,
        recorder: Recorder::default(),
        seen: AppendedTests::default(),
        names: BTreeMap::new(),
        local: false,
        transactions: Transactions::default(),
    };
    let mut columns = None;
    let mut alone = false;
    // JMeter puts quotes around a message with line breaks.
    let mut open = OpenRow::default();
    while let Some((number, line)) = lines.next_of(path)? {
        let line = line.trim_ascii_end();
        if line.is_empty() && open.is_empty() {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Columns::from_header(line, writer);
            if columns.is_none() {
                let problem = "its header lacks a time or a duration".to_owned();
                let problem = ColumnFault::Words(problem);
                return Err(Error::Columns { path: path.to_owned(), problem, found: Vec::new() });
            }
            continue;
        };
        // A row that is whole alone shows that the quote above it was never closed.
        let is_row = csv::is_whole(line) && (open.is_empty() || columns.split(line).is_some());
        if !is_row {
            open.add(line, number);
        }
        let added = if is_row { rows.add(line, columns, number) } else { Ok(()) };
        if open.is_whole() {
            let (row, first, count) = open.take();
            if let Err(reason) = rows.add(&row, columns, number) {
                alone |= reason == ALONE;
                lines.lose_many(reason, first, count);
            }
        } else if !open.is_empty() && (is_row || open.len() > LONGEST_ROW) {
            let (_, first, count) = open.take();
            lines.lose_many(OPEN, first, count);
        }
        if let Err(reason) = added {
            alone |= reason == ALONE;
            lines.lose(reason);
        }
    }
    if !open.is_empty() {
        let (_, first, count) = open.take();
        lines.lose_many(OPEN, first, count);
    }
    let Rows { mut recorder, seen, names, local, .. } = rows;
    seen.choose(&mut recorder, path, options)?;
    let mut names: Vec<(String, u64)> = names.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if recorder.is_empty()
        && let Some(asked) = &options.endpoint
    {
        let known = names.into_iter().map(|(name, _)| name).collect();
        return Err(Error::UnknownEndpoint { path: path.to_owned(), asked: asked.clone(), known });
    }
    if recorder.is_empty() && alone {
        return Err(requests_left_out(path));
    }
    lines.close(|ledger| {
        let format = if writer == Writer::JMeter { "JMeter" } else { "hey" };
        let mut timeline = recorder.finish(path, format)?;
        timeline.endpoints = names;
        timeline.losses = ledger.close();
        timeline.warnings.extend(local.then_some(Warning::LocalTimes));
        if writer == Writer::Hey {
            timeline.warnings.push(Warning::Hey);
        }
        Ok(timeline)
    })
}
