//! Reads load files. The result is a [`Timeline`], or a [`Summary`] for files with totals only.

mod ab_plot;
mod appended;
mod artillery;
mod autocannon;
pub(crate) mod contents;
pub(crate) mod csv;
mod foreign;
#[cfg(feature = "fuzzing")]
mod fuzzing;
pub(crate) use foreign::{UTF_16, is_general};
mod gatling;
mod h2load_log;
mod jmeter_xml;
mod json_totals;
mod k6;
mod k6_csv;
mod k6_dashboard;
mod k6_json;
mod k6_summary;
mod k6_text;
mod ledger;
pub(crate) mod lines;
mod locust;
mod locust_totals;
mod nameless;
mod names;
mod oha;
mod order;
mod others;
mod own;
mod periods;
mod requests;
mod summary;
pub(crate) mod table;
pub(crate) mod time;
mod totals;
mod vegeta;

#[cfg(feature = "fuzzing")]
pub(crate) use fuzzing::fuzz;
pub use nameless::nameless_requests;
pub use summary::{Summary, Threshold};

use crate::error::Error;
use crate::timeline::Timeline;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// Number of bytes by which a format is recognised.
const HEAD: u64 = 64 * 1024;

/// Largest size of a summary in JSON, in bytes. Real ones have a few kilobytes.
const LONGEST_SUMMARY: u64 = 8 * 1024 * 1024;

/// Largest size of an Artillery report, in bytes. Real ones have some kilobytes for each period of
/// ten seconds.
const LONGEST_REPORT: u64 = 256 * 1024 * 1024;

/// Settings for reading a load file. The default keeps everything.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The endpoint whose requests are kept, by its name, label, URL or group in the file. `None` keeps
    /// all requests. [`read`] returns an error when the file has no such endpoint.
    pub endpoint: Option<String>,
    /// The scenario of k6 whose requests are kept. `None` keeps all requests. [`read`] returns an
    /// error when the file has no such scenario.
    pub scenario: Option<String>,
    /// Pairs of a meaning and the name of the table's column that has it, such as `rps` and
    /// `throughput`. Meanings are `time`, `time_end` (of rows that end at their time), `rps`
    /// (requests a second), `requests` (of a row), `total` (requests since the start), `success`
    /// (successful requests), `vus`, `mean`, `p50`, `p95`, `p99`, `errors`, `errors_total` (since
    /// the start), `error_rate` and `success_rate`. Several columns of requests, of errors or of users with one
    /// meaning are added up. A duration, and a time since the start, can have its unit: `p95_s`, `time_ms`. In a
    /// file with an entry for each request, `time` is its start, `time_end` its end and `mean` its duration. Files
    /// of load generators with a format of their own ignore these pairs.
    pub columns: Vec<(String, String)>,
    /// Number of the test to read, from 1, when the file has several. [`read`] then returns an
    /// error without a number, and for a number that the file does not have. Formats whose files
    /// have one test ignore it.
    pub test: Option<usize>,
}

/// The content of a load file: a timeline when the file has numbers over time, or else totals.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// The load test second by second.
    Timeline(Timeline),
    /// Totals of the whole test, from a file that has no numbers over time.
    Summary(Summary),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    K6Json,
    K6Csv,
    K6Summary,
    K6Text,
    K6Dashboard,
    Autocannon,
    Oha,
    Artillery,
    Locust,
    LocustTotals,
    Vegeta(vegeta::Encoding),
    VegetaReport,
    Gatling,
    AbPlot,
    H2loadLog,
    JMeterXml,
    JsonTotals(&'static str),
    Requests(requests::Writer),
    Totals(totals::Tool),
    /// A row for each request, by a program of the user's own.
    Own(own::Form),
    Table,
}

impl Format {
    /// Returns the name for messages.
    fn name(self) -> &'static str {
        match self {
            Self::K6Json => "k6 JSON",
            Self::K6Csv => "k6 CSV",
            Self::K6Summary => "k6 summary (JSON)",
            Self::K6Text => "k6 summary (text)",
            Self::K6Dashboard => "k6 dashboard",
            Self::Autocannon => "autocannon",
            Self::Oha => "oha",
            Self::Artillery => "Artillery report",
            Self::Locust => "Locust history",
            Self::LocustTotals => "Locust's totals",
            Self::Vegeta(_) => "vegeta",
            Self::VegetaReport => "vegeta's totals",
            Self::Gatling => "Gatling",
            Self::AbPlot => "ab's table",
            Self::H2loadLog => "h2load's log",
            Self::JMeterXml | Self::Requests(requests::Writer::JMeter) => "JMeter",
            Self::JsonTotals(name) => name,
            Self::Requests(requests::Writer::Hey) => "hey",
            Self::Totals(tool) => tool.name(),
            Self::Own(form) => form.name(),
            Self::Table => "CSV",
        }
    }

    fn content(self) -> Content {
        match self {
            Self::K6Json | Self::Vegeta(_) | Self::Gatling | Self::H2loadLog => Content::Requests,
            Self::K6Csv => Content::RequestsBySecond,
            Self::JMeterXml | Self::Requests(requests::Writer::JMeter) => Content::Requests,
            Self::AbPlot | Self::Requests(requests::Writer::Hey) => Content::Answers,
            Self::K6Dashboard | Self::Artillery | Self::Locust => Content::Periods,
            // An application's log of its answers may have the same names.
            Self::Table | Self::Own(_) => Content::Table,
            Self::K6Summary
            | Self::K6Text
            | Self::Autocannon
            | Self::Oha
            | Self::JsonTotals(_)
            | Self::LocustTotals
            | Self::VegetaReport
            | Self::Totals(_) => Content::Totals,
        }
    }

    /// Returns true when a file of this format names endpoints.
    fn has_endpoints(self) -> bool {
        matches!(
            self,
            Self::K6Json
                | Self::K6Csv
                | Self::Locust
                | Self::LocustTotals
                | Self::Gatling
                | Self::JMeterXml
                | Self::Requests(requests::Writer::JMeter)
                | Self::Own(_)
        )
    }
}

/// The kind of data in a load file. The kinds are ordered by how exactly they show a plateau, the
/// most exact first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// The file has an entry for each request, with exact times as a rule. The log of h2load lacks the requests
    /// whose connection broke off.
    Requests,
    /// The file has an entry for each request, with times in whole seconds as a rule (k6 CSV).
    RequestsBySecond,
    /// The file has totals for periods of a few seconds as a rule. An Artillery report may lack them: [`read`] then
    /// returns a [`Summary`].
    Periods,
    /// The file is a table with a row for each time, as a dashboard exports it, or a table or JSON with an
    /// entry for each request, as a load generator of the user's own writes it.
    Table,
    /// The file has an entry for every answered request, but none for other requests, and no exact
    /// wall-clock times (`ab -g`, hey).
    Answers,
    /// The file has only totals of the whole test, so [`read`] returns a [`Summary`].
    Totals,
}

/// The format of a load file, as [`recognise`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadFormat {
    /// The name of the format, such as `k6 JSON`.
    pub name: &'static str,
    /// The kind of data in the file.
    pub content: Content,
}

/// Returns the format of a load file from its first bytes, which must not be compressed. 64 KiB are
/// enough. Returns `None` when the format is not a known one. [`read`] may accept a table all the same, such as one
/// whose columns [`ReadOptions::columns`] names.
///
/// ```
/// use spikeflame_load::{Content, recognise};
///
/// let found = recognise(b"metric_name,timestamp,metric_value\n").ok_or("not recognised")?;
/// assert_eq!((found.name, found.content), ("k6 CSV", Content::RequestsBySecond));
/// assert_eq!(recognise(b"Dear diary,"), None);
/// # Ok::<(), &str>(())
/// ```
pub fn recognise(head: &[u8]) -> Option<LoadFormat> {
    let format = format_of(head, &ReadOptions::default())?;
    Some(LoadFormat { name: format.name(), content: format.content() })
}

fn format_of(head: &[u8], options: &ReadOptions) -> Option<Format> {
    if is_utf_16(head) {
        return None;
    }
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    if k6_json::is_head(head) {
        return Some(Format::K6Json);
    }
    if k6_csv::is_header(head) {
        return Some(Format::K6Csv);
    }
    if head.starts_with(b"{") {
        let formats = [
            (autocannon::is_head(head), Format::Autocannon),
            (oha::is_head(head), Format::Oha),
            (artillery::is_head(head), Format::Artillery),
            (vegeta::is_report(head), Format::VegetaReport),
            (totals::tool(head) == Some(totals::Tool::Siege), Format::Totals(totals::Tool::Siege)),
            (k6_dashboard::is_recording(head), Format::K6Dashboard),
            (k6_summary::is_head(head), Format::K6Summary),
        ];
        if let Some(encoding) = vegeta::encoding(head) {
            return Some(Format::Vegeta(encoding));
        }
        if let Some(name) = json_totals::format(head) {
            return Some(Format::JsonTotals(name));
        }
        let known = formats.into_iter().find_map(|(is, format)| is.then_some(format));
        return known.or_else(|| own::plan(head, options).map(|plan| Format::Own(plan.form)));
    }
    if head.starts_with(b"[")
        && let Some(plan) = own::plan(head, options)
    {
        return Some(Format::Own(plan.form));
    }
    if k6_dashboard::is_head(head) {
        return Some(Format::K6Dashboard);
    }
    if jmeter_xml::is_head(head) {
        return Some(Format::JMeterXml);
    }
    let first = lines.find(|line| !line.starts_with(b"sep="))?;
    if let Some(writer) = requests::writer(first) {
        return Some(Format::Requests(writer));
    }
    if locust::is_header(first) {
        return Some(Format::Locust);
    }
    if locust_totals::is_header(first) {
        return Some(Format::LocustTotals);
    }
    if ab_plot::is_header(first) {
        return Some(Format::AbPlot);
    }
    if h2load_log::is_first(first) {
        return Some(Format::H2loadLog);
    }
    if gatling::is_head(head) {
        return Some(Format::Gatling);
    }
    if let Some(encoding) = vegeta::encoding(head) {
        return Some(Format::Vegeta(encoding));
    }
    // siege's log of its runs looks like a table, and Taurus logs what ab prints.
    let own = foreign::own_log(head);
    if own.is_none()
        && let Some(plan) = own::plan(head, options)
    {
        return Some(Format::Own(plan.form));
    }
    if own.is_none() && table::begins(head, options) {
        return Some(Format::Table);
    }
    if let Some(tool) = totals::tool(head)
        && !foreign::hides_totals(head)
    {
        return Some(Format::Totals(tool));
    }
    if k6_text::is_head(head) {
        return Some(Format::K6Text);
    }
    let has_two_rows = || table::begins(&table::joined(head, options), options);
    (own.is_none() && has_two_rows()).then_some(Format::Table)
}

/// Returns true for a text in UTF-16, whose header would look like one in UTF-8.
pub(crate) fn is_utf_16(head: &[u8]) -> bool {
    head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff")
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads an unpacked load file of any supported format, which is recognised from the content. The
/// input is read once, so pipes work too. `path` becomes the `source` of the result, and is used in
/// messages.
///
/// ```
/// use spikeflame_load::{Load, ReadOptions, read};
///
/// let table = "time,rps\n1795397085,10\n1795397086,20\n1795397087,20\n";
/// let load = read(table.as_bytes(), "table.csv".as_ref(), &ReadOptions::default())?;
/// let Load::Timeline(timeline) = load else { panic!("a table has a timeline") };
/// assert_eq!(timeline.seconds.len(), 3);
/// # Ok::<(), spikeflame_load::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] that names the fault in the file, or the choice that is needed.
pub fn read(mut input: impl Read, path: &Path, options: &ReadOptions) -> Result<Load, Error> {
    let mut head = Vec::new();
    let failure = match (&mut input).take(HEAD).read_to_end(&mut head) {
        Ok(_) => None,
        Err(source) if head.is_empty() => {
            return Err(Error::Io { path: path.to_owned(), source });
        }
        Err(error) => Some(error),
    };
    if head.starts_with(BOM) {
        head.drain(..BOM.len());
    }
    let known = format_of(&head, options);
    // Rows of k6 without a header have columns of numbers, which would be read as requests.
    let is_of_k6 = k6_csv::has_rows(&head);
    let format = known
        .filter(|format| !matches!(format, Format::Table) || !is_of_k6)
        .or_else(|| {
            let is_long = options.columns.is_empty() && foreign::is_long_table(&head);
            let is_other =
                is_utf_16(&head) || is_of_k6 || is_long || foreign::own_log(&head).is_some();
            let is_other =
                is_other || options.columns.is_empty() && nameless_requests(&head).is_some();
            let is_general = || is_general(foreign::found(&head));
            let may_be = !is_other
                && (table::may_be(&head, options)
                    || is_general() && table::lacks_time(&head, options));
            may_be.then_some(Format::Table)
        })
        .ok_or_else(|| unrecognised(&head, path))?;
    read_as(format, head, Failure(failure).chain(input), path, options)
}

/// Reads a file of a known format. `head` holds its first bytes, and `rest` those behind them.
fn read_as(
    format: Format,
    mut head: Vec<u8>,
    rest: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Load, Error> {
    if let Some(asked) = options.endpoint.clone().filter(|_| !format.has_endpoints()) {
        let (path, known) = (path.to_owned(), Vec::new());
        return Err(Error::UnknownEndpoint { path, asked, known, long: false });
    }
    let scenarios = matches!(format, Format::K6Json | Format::K6Csv);
    if let Some(asked) = options.scenario.clone().filter(|_| !scenarios) {
        return Err(Error::UnknownScenario { path: path.to_owned(), asked, known: Vec::new() });
    }
    let (mark, rates) = match format {
        Format::Table => {
            head = table::joined(&head, options).into_owned();
            let found = table::mark(&head, options);
            let rates = table::rates(&head, found.mark, options);
            (found, rates)
        }
        _ => Default::default(),
    };
    let plan = own::plan(&head, options).filter(|_| matches!(format, Format::Own(_)));
    let whole = Cursor::new(head).chain(rest);
    if let Some(plan) = plan {
        return Ok(Load::Timeline(own::read(whole, path, &plan, options)?));
    }
    Ok(match format {
        Format::K6Json => Load::Timeline(k6_json::read(whole, path, options)?),
        Format::K6Csv => Load::Timeline(k6_csv::read(whole, path, options)?),
        Format::Table | Format::Own(_) => {
            Load::Timeline(table::read(whole, path, options, mark, &rates)?)
        }
        Format::K6Text => Load::Summary(k6_text::read(whole, path)?),
        Format::Totals(tool) => {
            Load::Summary(totals::read(&whole_file(whole, LONGEST_SUMMARY, path)?, path, tool)?)
        }
        Format::Locust => Load::Timeline(locust::read(whole, path, options)?),
        Format::LocustTotals => Load::Summary(locust_totals::read(whole, path, options)?),
        Format::Vegeta(encoding) => Load::Timeline(vegeta::read(whole, path, encoding, options)?),
        Format::Gatling => Load::Timeline(gatling::read(whole, path, options)?),
        Format::AbPlot => Load::Timeline(ab_plot::read(whole, path)?),
        Format::H2loadLog => Load::Timeline(h2load_log::read(whole, path, options)?),
        Format::JMeterXml => Load::Timeline(jmeter_xml::read(whole, path, options)?),
        Format::Requests(writer) => Load::Timeline(requests::read(whole, path, writer, options)?),
        Format::Artillery => artillery::read(&whole_file(whole, LONGEST_REPORT, path)?, path)?,
        Format::K6Dashboard => {
            let page = whole_file(whole, k6_dashboard::LONGEST_PAGE, path)?;
            Load::Timeline(k6_dashboard::read(&page, path)?)
        }
        Format::K6Summary
        | Format::Autocannon
        | Format::Oha
        | Format::JsonTotals(_)
        | Format::VegetaReport => Load::Summary(json_summary(whole, path)?),
    })
}

/// A reader that returns its error once, if it has one.
struct Failure(Option<io::Error>);

impl Read for Failure {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Reads the whole of a file that is usually small, up to `longest` bytes.
fn whole_file(input: impl Read, longest: u64, path: &Path) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    (input.take(longest).read_to_end(&mut text))
        .map_err(|source| Error::Io { path: path.to_owned(), source })?;
    Ok(text)
}

fn json_summary(input: impl Read, path: &Path) -> Result<Summary, Error> {
    let text = whole_file(input, LONGEST_SUMMARY, path)?;
    let json = serde_json::from_slice(&text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        at: format!("line {} column {}", error.line(), error.column()),
        expected: format!("{error}; expected the whole summary, one JSON object"),
    })?;
    let summary = oha::read(&json)
        .or_else(|| autocannon::read(&json))
        .or_else(|| vegeta::report(&json))
        .or_else(|| json_totals::read(&json))
        .or_else(|| k6_summary::read(&json));
    let mut summary = summary.ok_or_else(|| Error::NoRequests {
        path: path.to_owned(),
        why: "the summary counts neither http_reqs nor iterations".into(),
    })?;
    summary.source = path.display().to_string();
    Ok(summary)
}

fn unrecognised(head: &[u8], path: &Path) -> Error {
    let found = foreign::found(head);
    Error::Unrecognised { path: path.to_owned(), found }
}
