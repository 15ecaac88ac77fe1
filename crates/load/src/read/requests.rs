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
const LARGEST_NUMBER: f64 = 1e15;

/// Reads a date, which JMeter writes where the user set `timestamp_format`.
fn date(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?;
    time::written(text.as_bytes()).or_else(|| time::dated(text))
}

/// A row with the figures of one request.
#[derive(Debug)]
struct Request {
    label: Option<String>,
    end_us: i64,
    duration_us: u64,
    is_ok: bool,
    is_unanswered: bool,
    threads: Option<f64>,
    line: u64,
    /// The label of the page whose redirect or resource this is, and true when the page failed although none
    /// of these failed so far. An assertion makes a page fail so.
    page: Option<(String, bool)>,
}

impl Request {
    /// Finds the page of a row behind the row `before` of the same thread: JMeter calls the redirects and
    /// resources of `home` `home-0`, `home-1`. Returns true when `before` is that page.
    fn joins(&mut self, before: &Self) -> bool {
        let own = self.label.as_deref().unwrap_or_default();
        let number = |page: &str| own.strip_prefix(page)?.strip_prefix('-')?.parse::<u32>().ok();
        if let Some(label) = before.label.as_ref().filter(|label| number(label) == Some(0)) {
            self.page = Some((label.clone(), !before.is_ok && self.is_ok));
            return true;
        }
        if let Some((label, owes)) = before.page.as_ref().filter(|page| number(&page.0).is_some()) {
            self.page = Some((label.clone(), *owes && self.is_ok));
        }
        false
    }
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
    /// True when a time was not a date in whole seconds.
    fine: bool,
    transactions: Transactions,
    /// The last row of each thread of JMeter. When the rows of its redirects and embedded resources follow it,
    /// it is no request of its own.
    held: BTreeMap<Vec<u8>, Request>,
}

impl Rows<'_> {
    /// Reads a row, which ends on line `number`. Returns the reason for the loss of a row that is none.
    fn add(&mut self, row: &[u8], columns: &Columns, number: u64) -> Result<(), &'static str> {
        let cells = Cells(columns.split(row).ok_or(FIELDS)?);
        let thread = columns.thread.map(|at| cells.bytes(at)).unwrap_or_default();
        let value = |at: usize| cells.number(at).filter(|value| *value < LARGEST_NUMBER);
        let time = match (self.writer, value(columns.time)) {
            (Writer::JMeter, None) => {
                let date = date(cells.bytes(columns.time)).ok_or(NUMBERS)?;
                self.local |= date.local;
                self.fine |= !date.whole;
                date.us as f64 / 1e3
            }
            (_, time) => {
                self.fine = true;
                time.ok_or(NUMBERS)?
            }
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
        let is_ok = match columns.success {
            Some(at) => cells.bytes(at).eq_ignore_ascii_case(b"true"),
            None => columns.status.and_then(value).is_some_and(|status| status < 400.0),
        };
        let is_unanswered =
            columns.status.is_some_and(|at| cells.bytes(at).starts_with(UNANSWERED)) && !is_ok;
        let mut request = Request {
            label: columns.name.map(|at| cells.text(at).into_owned()),
            end_us,
            duration_us,
            is_ok,
            is_unanswered,
            threads: columns.threads.and_then(value),
            line: number,
            page: None,
        };
        if self.writer == Writer::Hey || thread.is_empty() {
            self.count(request);
            return Ok(());
        }
        let is_full = self.held.len() >= Transactions::MOST_THREADS;
        match self.held.get_mut(thread) {
            Some(held) => {
                let is_page = request.joins(held);
                // The last part of a page owes its failure.
                let is_last = request.page.is_none();
                let mut before = std::mem::replace(held, request);
                before.is_ok &= !(is_last && before.page.as_ref().is_some_and(|page| page.1));
                if !is_page {
                    self.count(before);
                }
            }
            None if is_full => self.count(request),
            None => drop(self.held.insert(thread.to_owned(), request)),
        }
        Ok(())
    }

    /// Counts a request.
    fn count(&mut self, request: Request) {
        let Request { label, end_us, duration_us, .. } = request;
        self.seen.see(end_us, duration_us);
        if let Some(name) = label {
            let fits = self.options.endpoint.as_ref().is_none_or(|wanted| *wanted == name);
            if self.names.len() < MOST_NAMES || self.names.contains_key(&name) {
                *self.names.entry(name).or_default() += 1;
            }
            if !fits {
                return;
            }
        }
        self.recorder.at_line(request.line);
        match request.is_unanswered {
            true => self.recorder.request_without_answer(end_us, duration_us),
            false => self.recorder.request(end_us, duration_us, request.is_ok),
        }
        if let Some(threads) = request.threads {
            self.recorder.vus(end_us, threads);
        }
    }

    /// Counts the last request of each thread.
    fn count_held(&mut self) {
        for mut request in std::mem::take(&mut self.held).into_values() {
            request.is_ok &= !request.page.as_ref().is_some_and(|page| page.1);
            self.count(request);
        }
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
        recorder: Recorder::default().following(),
        seen: AppendedTests::default(),
        names: BTreeMap::new(),
        local: false,
        fine: false,
        transactions: Transactions::default(),
        held: BTreeMap::new(),
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
    rows.count_held();
    let Rows { mut recorder, seen, names, local, fine, .. } = rows;
    let is_hey = writer == Writer::Hey;
    let chosen = seen.choose(&mut recorder, path, options);
    chosen.map_err(|why| if is_hey { why.without_clock() } else { why })?;
    let mut names: Vec<(String, u64)> = names.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if recorder.is_empty()
        && let Some(asked) = &options.endpoint
    {
        let known = names.into_iter().map(|(name, _)| name).collect();
        let (path, asked) = (path.to_owned(), asked.clone());
        return Err(Error::UnknownEndpoint { path, asked, known, long: false });
    }
    if recorder.is_empty() && alone {
        return Err(requests_left_out(path));
    }
    lines.close(|ledger| {
        let format = if writer == Writer::JMeter { "JMeter" } else { "hey" };
        let mut timeline = recorder.finish(path, format)?;
        if !fine {
            timeline.coarsen();
        }
        timeline.endpoints = names;
        timeline.losses = ledger.close();
        timeline.warnings.extend(local.then_some(Warning::LocalTimes));
        timeline.warnings.extend(is_hey.then_some(Warning::Hey));
        Ok(timeline)
    })
}

#[cfg(test)]
mod tests {
    use crate::read::{Load, ReadOptions, read};
    use std::path::Path;

    const HEAD: &str = "timeStamp,elapsed,label,responseCode,threadName,success,allThreads\n";

    fn counts(rows: &str) -> (f64, f64) {
        let text = format!("{HEAD}{rows}");
        let load = read(text.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap();
        let Load::Timeline(timeline) = load else { panic!("totals") };
        let sum = |of: fn(&crate::Second) -> f64| timeline.seconds.iter().map(of).sum::<f64>();
        (sum(|second| second.ok), sum(|second| second.failed))
    }

    /// The error was: a page of JMeter 5.5 with a redirect and two resources was five requests, two of
    /// which failed. Rows of several threads may alternate.
    #[test]
    fn a_page_is_the_requests_in_it() {
        let row = |ms: u64, label: &str, thread: u64, ok: bool| {
            format!("17953970{ms},9,{label},200,u 1-{thread},{ok},2\n")
        };
        let page = |thread: u64, parts_ok: bool| {
            [
                row(85_000, "home", thread, false),
                row(85_000, "home-0", thread, true),
                row(85_020, "home-1", thread, true),
                row(85_040, "home-2", thread, parts_ok),
                row(85_060, "home-3", thread, true),
            ]
        };
        let (one, two) = (page(1, false), page(2, false));
        assert_eq!(counts(&one.concat()), (3.0, 1.0));
        let mixed: String = one.iter().zip(&two).flat_map(|(a, b)| [a.as_str(), b]).collect();
        assert_eq!(counts(&mixed), (6.0, 2.0));
        // An assertion failed, and no request did.
        let next = row(86_000, "other", 1, true) + &row(87_000, "home-0", 1, true);
        assert_eq!(counts(&(page(1, true).concat() + &next)), (5.0, 1.0));
        assert_eq!(counts(&page(1, true).concat()), (3.0, 1.0));
    }
}
