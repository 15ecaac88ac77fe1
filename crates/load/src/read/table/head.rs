//! Recognises tables by their first lines, which hold the names of the columns and the first rows.

use super::console::{self, ConsoleRows};
use super::marks::{self, FoundMark};
use super::meaning::Meaning;
use super::number::{Mark, Unit, counted, number};
use super::{MOST_COLUMNS, aligned, columns, header, is_absent, text, time, times};
use crate::read::ReadOptions;
use std::borrow::Cow;

/// Returns true for a line that may stand above the names of the columns: a note of the delimiter, a
/// comment, a line of dashes, or a title in one cell of a spreadsheet. A column may be called `#`.
pub(super) fn is_above(line: &[u8], options: &ReadOptions) -> bool {
    let is_name = matches!(line, [b'#', b',' | b';' | b'\t', ..]);
    line.starts_with(b"sep=")
        || line.starts_with(b"#")
            && !is_name
            && !is_header(line, options)
            && !names_all(line, options)
        || is_title(line)
        || aligned::is_rule(line)
}

/// Returns true for a row of at least three cells, of which at most the first has a text.
fn is_title(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let empty = |delimiter: u8| line.iter().rev().take_while(|byte| **byte == delimiter).count();
    let Some(delimiter) = [b',', b';', b'\t'].into_iter().find(|one| empty(*one) >= 2) else {
        return false;
    };
    let title = line.get(..line.len() - empty(delimiter)).unwrap_or_default();
    memchr::memchr(delimiter, title).is_none()
}

/// Returns true for a text whose first line, except for notes and comments, names a column of times and
/// one of requests. The names of a table of CloudWatch's console take several lines.
pub(in crate::read) fn begins(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let Some(first) = lines.find(|line| !is_above(line, options)) else { return false };
    match ConsoleRows::starting(first.trim_ascii_end()) {
        Some(mut console) => {
            lines.any(|line| !console.add(line.trim_ascii_end()))
                && columns::column_meanings(&console.names(), options).is_ok()
        }
        None => is_header(first, options) || is_aligned(first, lines, options),
    }
}

/// Returns true for a line with blanks between the names of a column of times and one of requests.
fn names_all(line: &[u8], options: &ReadOptions) -> bool {
    header(line).is_none()
        && aligned::names(line)
            .is_some_and(|(_, names)| columns::column_meanings(&names, options).is_ok())
}

/// Returns true for names with blanks between them, if the first row below has as many fields and a time.
fn is_aligned<'a>(
    line: &[u8],
    mut rows: impl Iterator<Item = &'a [u8]>,
    options: &ReadOptions,
) -> bool {
    if header(line).is_some() {
        return false;
    }
    let Some((delimiter, names)) = aligned::names(line) else { return false };
    let meanings = columns::column_meanings(&names, options).unwrap_or_default();
    let is_time = |meaning: &Meaning| matches!(meaning, Meaning::Time(_));
    let Some(at) = meanings.iter().position(is_time) else { return false };
    let row = rows.find(|row| !aligned::is_rule(row));
    let fields = row.and_then(|row| aligned::split(row, delimiter)).unwrap_or_default();
    let cell = fields.get(at).map(|cell| text(cell).into_owned()).unwrap_or_default();
    fields.len() == names.len() && times::is_cell(&cell)
}

/// Returns true for a line that names a column of times and one of requests.
fn is_header(line: &[u8], options: &ReadOptions) -> bool {
    header(line).is_some_and(|(_, names)| columns::column_meanings(&names, options).is_ok())
}

/// Returns true for a table whose columns must be explained by the user.
pub(in crate::read) fn may_be(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.starts_with(b"sep="));
    if first.is_some_and(console::begins) {
        return true;
    }
    let aligned = || first.filter(|_| !options.columns.is_empty()).and_then(aligned::names);
    // A log may have bars in each line.
    let is_log = |delimiter: u8| delimiter == aligned::BAR && options.columns.is_empty();
    first.and_then(header).or_else(aligned).is_some_and(|(delimiter, names)| {
        let named = || names.iter().any(|name| columns::is_time(name));
        !options.columns.is_empty()
            || named()
                && (!is_log(delimiter) || names.iter().any(|name| columns::is_of_periods(name)))
            || !is_log(delimiter) && lines.next().is_some_and(has_time(names.len()))
    })
}

/// Returns true for a table without a known column of times: its first line names a column of requests
/// and another one of a load test, and the next line has a number in each of its fields.
pub(in crate::read) fn lacks_time(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let Some((delimiter, names)) =
        lines.find(|line| !is_above(line, options)).and_then(|line| header(line.trim_ascii_end()))
    else {
        return false;
    };
    let row = lines.next().and_then(|line| aligned::split(line.trim_ascii_end(), delimiter));
    let is_number = |field: &Cow<'_, [u8]>| number(&text(field), Mark::default()).is_some();
    columns::are_of_load(&names)
        && row.is_some_and(|row| row.len() == names.len() && row.iter().all(is_number))
}

/// Returns a function that returns true for a row of `count` fields, one of which is a time.
fn has_time(count: usize) -> impl Fn(&[u8]) -> bool {
    move |line| {
        let row = header(line.trim_ascii_end()).filter(|(_, fields)| fields.len() == count);
        row.is_some_and(|(_, fields)| {
            let is_time = |field: &String| {
                time::written(field.as_bytes()).is_some() || time::dated(field).is_some()
            };
            fields.iter().any(is_time)
        })
    }
}

/// The delimiter of a table, the names of its columns, and the fields of its first rows.
type FirstRows = (u8, Vec<String>, Vec<Vec<String>>);

/// Returns the first rows of a table.
fn first_rows(head: &[u8], options: &ReadOptions) -> Option<FirstRows> {
    let lines = head.split(|&byte| byte == b'\n');
    let mut lines = lines.skip_while(|line| is_above(line, options));
    let (delimiter, names) =
        lines.next().and_then(|line| header(line).or_else(|| aligned::names(line)))?;
    // The last line may be cut off.
    let rows: Vec<&[u8]> = lines.collect();
    let whole = rows.split_last().map_or(&[][..], |(_, rows)| rows);
    let rows = if whole.is_empty() { rows.as_slice() } else { whole };
    let rows = rows.iter().filter(|row| delimiter != aligned::BAR || !aligned::is_rule(row));
    let rows = rows.filter_map(|row| aligned::split(row.trim_ascii_end(), delimiter));
    let rows = rows.map(|row| row.iter().map(|field| text(field).into_owned()).collect());
    Some((delimiter, names, rows.collect()))
}

/// Returns the mark before a fraction in the first rows of a table.
pub(crate) fn mark(head: &[u8], options: &ReadOptions) -> FoundMark {
    let Some((delimiter, names, rows)) = first_rows(head, options) else {
        return FoundMark::default();
    };
    let meanings = columns::column_meanings(&names, options).unwrap_or_default();
    marks::find(&rows, &meanings, delimiter)
}

/// Returns the columns whose cells are requests a second (`400 req/s`) in the first rows of a table,
/// counted from 0.
pub(in crate::read) fn rates(head: &[u8], mark: Mark, options: &ReadOptions) -> Vec<usize> {
    let Some((_, _, rows)) = first_rows(head, options) else { return Vec::new() };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST_COLUMNS);
    let is_rate = |at: &usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(*at)).filter(|cell| !is_absent(cell));
        let rate = |cell: &String| number(cell, mark).is_some_and(|(_, unit)| of_requests(unit));
        cells.next().is_some_and(rate) && cells.all(rate)
    };
    (0..columns).filter(is_rate).collect()
}

/// Returns true for the unit of a rate that can only be one of requests.
fn of_requests(unit: &str) -> bool {
    let lower = unit.to_lowercase();
    let is = ["req", "rps", "rpm"].iter().any(|word| lower.contains(word));
    is && counted(unit).is_some_and(|counted| counted.unit == Unit::Rate)
}
