//! Reads exports of the table `mysql.slow_log`, which MySQL and MariaDB fill with
//! `log_output = TABLE`, as RDS does by default: the columns between tabs of `mysql -B`, CSV, rows of
//! JSON, the lines of `\G`, the boxes of a terminal, and the table's own file.
//!
//! The column `start_time` holds the time at which a statement ended in MySQL, and began in MariaDB, which
//! has a column `rows_affected` too. The time is in the time zone of the session that exported it.

use super::slow_rows::{
    begins_row, by_column, escaped_fields, fields_of, goes_on, has_doubled_quotes, is_null, is_raw,
    moment,
};
use super::statement::Execution;
use super::tally::Tally;
use super::{Error, io_of, none, wrapped};
use crate::flights::SECOND_US;
use crate::read::lines::Lines;
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// The columns of the table, in their order. MariaDB has `rows_affected` behind them.
const COLUMNS: [&str; 13] = [
    "start_time",
    "user_host",
    "query_time",
    "lock_time",
    "rows_sent",
    "rows_examined",
    "db",
    "last_insert_id",
    "insert_id",
    "server_id",
    "sql_text",
    "thread_id",
    "rows_affected",
];
/// The fewest columns of a row without a heading: those of MySQL 5.5.
const FEWEST_COLUMNS: usize = 11;
/// Longest row, in bytes.
const LONGEST_ROW: usize = 8 << 20;
/// Longest valid duration, in seconds.
const LONGEST_S: f64 = 1e7;
/// Depth to which rows are looked for within JSON.
const DEEPEST: u32 = 4;

/// Descriptions of tables whose statements are missing.
const BLOBS: &str = "a table of mysql.slow_log without its statements, which were exported as the word \
                     BLOB (`SELECT start_time, query_time, lock_time, rows_sent, rows_examined, \
                     CONVERT(sql_text USING utf8mb4) AS sql_text FROM mysql.slow_log` has them)";
const EMPTY: &str = "the table mysql.slow_log without a row that could be read (its columns `query_time` and \
                     `sql_text` are needed)";

/// The notation of an export.
#[derive(Debug, PartialEq)]
pub(super) enum Notation {
    /// Rows of JSON, in a list or one below another.
    Json,
    /// Columns between delimiters, with their names in the first line or without.
    Delimited { delimiter: u8, columns: Vec<String>, has_heading: bool },
    /// A line for each column, as `\G` writes it.
    Vertical,
    /// A table with borders.
    Boxed,
}

/// Returns the notation of an export of the table; `None` for any other file.
pub(super) fn notation(head: &[u8]) -> Option<Notation> {
    let text = String::from_utf8_lossy(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head));
    let text = text.trim_start();
    let lower = text.to_lowercase();
    let has_names = lower.contains("query_time") && lower.contains("sql_text");
    if text.starts_with(['{', '[']) {
        return has_names.then_some(Notation::Json);
    }
    let first = text.lines().next()?;
    if first.starts_with("*****") && first.contains(". row *") {
        return has_names.then_some(Notation::Vertical);
    }
    if first.starts_with("+--") {
        let second = lower.lines().nth(1)?;
        let is_ours = second.contains(" query_time ") && second.contains(" sql_text ");
        return is_ours.then_some(Notation::Boxed);
    }
    [b'\t', b',', b';', b'|'].into_iter().find_map(|delimiter| {
        let fields = fields_of(first, delimiter, false)?;
        let names: Vec<String> = fields.iter().map(|name| name.trim().to_lowercase()).collect();
        let has = |name: &str| names.iter().any(|own| own == name);
        if has("query_time") && has("sql_text") {
            return Some(Notation::Delimited { delimiter, columns: names, has_heading: true });
        }
        let is_row = fields.len() >= FEWEST_COLUMNS
            && fields.first().is_some_and(|time| moment(time, 0).is_some())
            && fields.get(2..4)?.iter().all(|time| time.contains(':') && seconds(time).is_some())
            && fields.get(4..6)?.iter().all(|number| number.parse::<u64>().is_ok());
        is_row.then(|| Notation::Delimited {
            delimiter,
            columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            has_heading: false,
        })
    })
}

/// Reads an export, and adds its statements to `tally`.
pub(super) fn read(
    notation: Notation,
    input: impl Read,
    path: &Path,
    tally: &mut Tally,
) -> Result<(), Error> {
    let before = tally.statements();
    let mut rows = Rows { tally, blobs: 0 };
    match notation {
        Notation::Json => json(input, path, &mut rows)?,
        Notation::Delimited { delimiter, columns, has_heading } => {
            let form = Form { delimiter, columns: &columns, has_heading };
            delimited(input, path, &form, &mut rows)?;
        }
        Notation::Vertical => vertical(input, path, &mut rows)?,
        Notation::Boxed => boxed(input, path, &mut rows)?,
    }
    let has_blobs = rows.blobs > 0;
    match tally.statements() > before {
        true => Ok(()),
        false => Err(none(path, if has_blobs { BLOBS } else { EMPTY })),
    }
}

/// The rows of a table while they are read.
struct Rows<'t> {
    tally: &'t mut Tally,
    /// Number of rows whose statement was exported as the word BLOB.
    blobs: u64,
}

impl Rows<'_> {
    /// Adds a row; `value` returns the text of a column.
    fn add(&mut self, value: impl Fn(&str) -> Option<String>) {
        let Some(sql) = value("sql_text") else { return self.tally.incomplete() };
        if ["BLOB", "[BLOB]", "(BLOB)", "<BLOB>", "..."].contains(&sql.trim()) {
            self.blobs += 1;
            return self.tally.incomplete();
        }
        let sql = decoded(sql);
        let took = value("query_time").and_then(|text| seconds(&text));
        if sql.trim().is_empty() || took.is_none() {
            return self.tally.incomplete();
        }
        let number =
            |name: &str| value(name).and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        let zone_s = self.tally.zone_s();
        let end = value("start_time").and_then(|text| moment(&text, zone_s.unwrap_or(0)));
        if end.is_some_and(|end| end.1) && zone_s.is_none() {
            self.tally.zoneless();
        }
        let took_us =
            took.filter(|_| value("rows_affected").is_some()).map(|took| took * SECOND_US as f64);
        let executed = Execution {
            end_us: end.map(|end| end.0.saturating_add(took_us.unwrap_or(0.0) as i64)),
            seconds: took,
            lock_s: value("lock_time").and_then(|text| seconds(&text)).unwrap_or(0.0),
            sent: number("rows_sent"),
            examined: number("rows_examined"),
            has_costs: true,
            failed: None,
        };
        self.tally.add(&sql, &executed);
    }

    /// Adds a row whose fields are in the order of `columns`.
    fn add_fields(&mut self, columns: &[String], fields: &[String]) {
        self.add(|name| {
            let at = columns.iter().position(|column| column == name)?;
            fields.get(at).filter(|text| !is_null(text)).cloned()
        });
    }
}

/// Reads the value of a column of the type TIME, `00:00:01.250000`, or a number of seconds.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let mut sum = 0.0;
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    for part in &parts {
        sum = 60.0 * sum + part.parse::<f64>().ok()?;
    }
    (0.0..LONGEST_S).contains(&sum).then_some(sum)
}

/// Returns a statement that was exported as hexadecimal digits (`0x53...`) or in base64.
fn decoded(sql: String) -> String {
    let hex = sql.trim().strip_prefix("0x");
    if let Some(bytes) = hex.and_then(|hex| {
        data_encoding::HEXUPPER_PERMISSIVE.decode(hex.as_bytes()).ok().filter(|it| !it.is_empty())
    }) {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    // MySQL writes a type before it; a statement has spaces.
    let packed = sql
        .strip_prefix("base64:")
        .map_or(sql.as_str(), |rest| rest.split_once(':').map_or(rest, |(_, packed)| packed));
    let is_marked = packed.len() < sql.len();
    let plain = data_encoding::BASE64.decode(packed.trim().as_bytes()).ok();
    let text = plain.and_then(|plain| String::from_utf8(plain).ok());
    match text.filter(|text| is_marked || text.contains(' ') && packed.len() >= 8) {
        Some(text) => text,
        None => sql,
    }
}

fn json(input: impl Read, path: &Path, rows: &mut Rows<'_>) -> Result<(), Error> {
    let input = input.take(wrapped::LARGEST_JSON_BYTES);
    let values = serde_json::Deserializer::from_reader(input).into_iter::<Value>();
    for value in values {
        match value {
            Ok(value) => objects(&value, rows, 0),
            Err(error) if error.is_io() => {
                return Err(Error::Io { path: path.to_owned(), source: error.into() });
            }
            Err(_) => {
                rows.tally.incomplete();
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Adds the rows in a value of JSON, which may stand within other objects.
fn objects(value: &Value, rows: &mut Rows<'_>, depth: u32) {
    let is_row = |key: &str| key.eq_ignore_ascii_case("query_time");
    match value {
        Value::Object(fields) if fields.keys().any(|key| is_row(key)) => rows.add(|name| {
            let found = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            text_of(found?.1)
        }),
        Value::Object(fields) if depth < DEEPEST => {
            fields.values().for_each(|value| objects(value, rows, depth + 1));
        }
        Value::Array(all) if depth < DEEPEST => {
            all.iter().for_each(|value| objects(value, rows, depth + 1));
        }
        _ => {}
    }
}

/// Returns a value as text. Node writes a column of bytes as a list of numbers.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(fields) => {
            let bytes = fields.get("data")?.as_array()?;
            let bytes: Option<Vec<u8>> =
                bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
            Some(String::from_utf8_lossy(&bytes?).into_owned())
        }
        _ => None,
    }
}

/// The form of a table whose columns stand beside one another.
struct Form<'a> {
    delimiter: u8,
    columns: &'a [String],
    has_heading: bool,
}

impl Form<'_> {
    /// Returns true for as many fields as a row has.
    fn fits(&self, fields: &[String]) -> bool {
        match self.has_heading {
            true => fields.len() == self.columns.len(),
            false => (FEWEST_COLUMNS..=self.columns.len()).contains(&fields.len()),
        }
    }

    /// Splits a row into its fields. Returns `None` for a row that is not whole.
    fn fields(&self, row: &str, raw: bool) -> Option<Vec<String>> {
        let plain = || fields_of(row, self.delimiter, raw);
        let fitting = || plain().filter(|fields| self.fits(fields));
        match (self.has_heading, self.delimiter) {
            (false, _) => self.escaped(row),
            (true, b'\t') => plain().and_then(|fields| by_column(fields, self.columns)),
            // Quotes of a value that are escaped with a backslash look like the ends of two values.
            _ if has_doubled_quotes(row) => fitting().or_else(|| self.escaped(row)),
            _ => self.escaped(row).or_else(fitting),
        }
    }

    /// Splits a row in which backslashes escape characters.
    fn escaped(&self, row: &str) -> Option<Vec<String>> {
        let fields = escaped_fields(row, self.delimiter)?;
        let columns = self.columns.get(..fields.len().min(self.columns.len()))?;
        by_column(fields, columns).filter(|fields| self.fits(fields))
    }

    /// Returns true when the next line may belong to a row.
    fn is_open(&self, row: &str) -> bool {
        match self.has_heading {
            true => goes_on(row, self.delimiter, self.columns.len()),
            false => escaped_fields(row, self.delimiter)
                .is_none_or(|fields| fields.len() < FEWEST_COLUMNS),
        }
    }
}

fn delimited(
    input: impl Read,
    path: &Path,
    form: &Form<'_>,
    rows: &mut Rows<'_>,
) -> Result<(), Error> {
    let &Form { delimiter, columns, has_heading } = form;
    let mut lines = Lines::new(input);
    let mut row = String::new();
    let mut raw = false;
    while let Some((number, line)) = lines.next_of(path).map_err(|error| io_of(error, path))? {
        let text = String::from_utf8_lossy(line);
        if number == 1 && has_heading || row.is_empty() && text.trim().is_empty() {
            continue;
        }
        // A time begins the next row where the one above it has no end.
        let may_begin = delimiter == b'\t' || !has_heading;
        if !row.is_empty() && may_begin && begins_row(&text, delimiter) {
            rows.tally.incomplete();
            row.clear();
        }
        row.push_str(&text);
        // A quote may be open: the value has several lines.
        raw |= delimiter == b'\t' && has_heading && is_raw(&row);
        match form.fields(&row, raw) {
            Some(fields) => {
                rows.add_fields(columns, &fields);
                row.clear();
            }
            None if row.len() < LONGEST_ROW && form.is_open(&row) => row.push('\n'),
            None => {
                rows.tally.incomplete();
                row.clear();
            }
        }
    }
    if !row.is_empty() {
        rows.tally.incomplete();
    }
    if lines.is_damaged() {
        rows.tally.damaged(path);
    }
    Ok(())
}

/// Reads rows whose columns stand below one another, behind a line of stars.
fn vertical(input: impl Read, path: &Path, rows: &mut Rows<'_>) -> Result<(), Error> {
    let mut lines = Lines::new(input);
    let (mut names, mut values) = (Vec::<String>::new(), Vec::<String>::new());
    while let Some((_, line)) = lines.next_of(path).map_err(|error| io_of(error, path))? {
        let text = String::from_utf8_lossy(line);
        if text.starts_with("*****") && text.contains(". row *") {
            if !names.is_empty() {
                rows.add_fields(&names, &values);
            }
            names.clear();
            values.clear();
            continue;
        }
        let column = text.split_once(": ").or_else(|| Some((text.strip_suffix(':')?, "")));
        let known = column
            .map(|(name, value)| (name.trim().to_lowercase(), value))
            .filter(|(name, _)| COLUMNS.contains(&name.as_str()) && !names.contains(name));
        match (known, values.last_mut()) {
            (Some((name, value)), _) => {
                names.push(name);
                values.push(value.to_owned());
            }
            (None, Some(last)) if last.len() < LONGEST_ROW => {
                last.push('\n');
                last.push_str(&text);
            }
            _ => {}
        }
    }
    if !names.is_empty() {
        rows.add_fields(&names, &values);
    }
    if lines.is_damaged() {
        rows.tally.damaged(path);
    }
    Ok(())
}

/// Reads a table with borders. A value of several lines breaks the borders; its row is incomplete.
fn boxed(input: impl Read, path: &Path, rows: &mut Rows<'_>) -> Result<(), Error> {
    let mut lines = Lines::new(input);
    let mut borders: Vec<usize> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    while let Some((_, line)) = lines.next_of(path).map_err(|error| io_of(error, path))? {
        let text = String::from_utf8_lossy(line);
        if text.starts_with("+-") {
            borders = text.char_indices().filter(|(_, c)| *c == '+').map(|(at, _)| at).collect();
            continue;
        }
        if !text.starts_with('|') {
            if !text.trim().is_empty() && !columns.is_empty() && !text.contains(" in set") {
                rows.tally.incomplete();
            }
            continue;
        }
        match cells(&text, &borders) {
            Some(cells) if columns.is_empty() => {
                columns = cells.iter().map(|name| name.to_lowercase()).collect();
            }
            Some(cells) => rows.add_fields(&columns, &cells),
            None => rows.tally.incomplete(),
        }
    }
    if lines.is_damaged() {
        rows.tally.damaged(path);
    }
    Ok(())
}

/// Returns the cells of a line of a table, whose borders stand at these characters.
fn cells(line: &str, borders: &[usize]) -> Option<Vec<String>> {
    let chars: Vec<char> = line.chars().collect();
    let pairs = borders.iter().zip(borders.iter().skip(1));
    pairs
        .map(|(&from, &to)| {
            let is_border = |at: usize| chars.get(at) == Some(&'|');
            let cell: String = chars.get(from + 1..to)?.iter().collect();
            (is_border(from) && is_border(to)).then(|| cell.trim().to_owned())
        })
        .collect()
}
