//! Reads tables with a row for each request: JMeter's JTL, and the CSV of `hey -o csv`.

use super::{ReadOptions, csv, lines::Lines, time};
use crate::error::{ColumnFault, Error};
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::io::Read;
use std::path::Path;

const FIELDS: &str = "a row with more or fewer fields than the header";
const NUMBERS: &str = "a row without a time or a duration";

/// The program that wrote the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    JMeter,
    Hey,
}

/// Recognises the program from the header.
pub(super) fn writer(line: &[u8]) -> Option<Writer> {
    let has = |name: &str| memchr::memmem::find(line, name.as_bytes()).is_some();
    if has("timeStamp") && has("elapsed") && has("success") {
        return Some(Writer::JMeter);
    }
    (line.starts_with(b"response-time,") && has("offset")).then_some(Writer::Hey)
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
}

/// The message of a row that sums the requests of a transaction controller, which have rows of
/// their own.
const TRANSACTION: &[u8] = b"Number of samples in transaction";

/// JMeter's status of a request that got no answer. The class of an exception follows.
const UNANSWERED: &[u8] = b"Non HTTP response code";

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
        })
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
    let mut recorder = Recorder::default();
    let mut local = false;
    let (mut columns, mut names) = (None, std::collections::BTreeMap::<String, u64>::new());
    while let Some((number, line)) = lines.next_of(path)? {
        let line = line.trim_ascii_end();
        if line.is_empty() {
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
        let fields = csv::split(line, columns.delimiter);
        let Some(fields) = fields.filter(|fields| fields.len() == columns.count) else {
            lines.lose(FIELDS);
            continue;
        };
        let field = |at: usize| fields.get(at).map_or(&b""[..], |field| field.trim_ascii());
        if columns.message.is_some_and(|at| field(at).starts_with(TRANSACTION)) {
            continue;
        }
        let value = |at: usize| {
            let value: f64 = std::str::from_utf8(field(at)).ok()?.parse().ok()?;
            (0.0..1e15).contains(&value).then_some(value)
        };
        // JMeter writes a date where the user set `timestamp_format`.
        let date = || {
            let text = std::str::from_utf8(field(columns.time)).ok()?;
            let date = time::written(text.as_bytes()).or_else(|| time::local(text))?;
            local |= date.local;
            Some(date.us as f64 / 1e3)
        };
        let time = match writer {
            Writer::JMeter => value(columns.time).or_else(date),
            Writer::Hey => value(columns.time),
        };
        let (Some(time), Some(duration)) = (time, value(columns.duration)) else {
            lines.lose(NUMBERS);
            continue;
        };
        if let Some(at) = columns.name {
            let name = String::from_utf8_lossy(field(at)).into_owned();
            let fits = options.endpoint.as_ref().is_none_or(|wanted| *wanted == name);
            if names.len() < 100 || names.contains_key(&name) {
                *names.entry(name).or_default() += 1;
            }
            if !fits {
                continue;
            }
        }
        let scale = if writer == Writer::JMeter { 1e3 } else { 1e6 };
        let (start_us, duration_us) = ((time * scale) as i64, (duration * scale) as u64);
        let end_us = start_us.saturating_add_unsigned(duration_us);
        let ok = match columns.success {
            Some(at) => field(at).eq_ignore_ascii_case(b"true"),
            None => columns.status.and_then(value).is_some_and(|status| status < 400.0),
        };
        let unanswered = columns.status.is_some_and(|at| field(at).starts_with(UNANSWERED));
        recorder.at_line(number);
        match unanswered && !ok {
            true => recorder.request_without_answer(end_us, duration_us),
            false => recorder.request(end_us, duration_us, ok),
        }
        if let Some(threads) = columns.threads.and_then(value) {
            recorder.vus(end_us, threads);
        }
    }
    let mut names: Vec<(String, u64)> = names.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if recorder.is_empty()
        && let Some(asked) = &options.endpoint
    {
        let known = names.into_iter().map(|(name, _)| name).collect();
        return Err(Error::UnknownEndpoint { path: path.to_owned(), asked: asked.clone(), known });
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
