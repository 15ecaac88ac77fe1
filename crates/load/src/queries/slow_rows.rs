//! Rows of an export of `mysql.slow_log` between delimiters, split into their fields.

use crate::flights::SECOND_US;
use crate::read::{csv, time};

/// Reads a time; returns microseconds since 1970, and true when the time has no zone. Such a time is
/// in the zone `zone_s`, in seconds east of UTC.
pub(super) fn moment(text: &str, zone_s: i32) -> Option<(i64, bool)> {
    let text = text.trim();
    let found = time::either(text.as_bytes()).or_else(|| time::dated(text))?;
    let shift_us = if found.local { i64::from(zone_s) * SECOND_US } else { 0 };
    Some((found.us - shift_us, found.local))
}

/// Returns true for a value that the table does not have.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "NULL" | "\\N")
}

/// Splits a row. Values between tabs have no quotes as a rule, and their marks are escaped with
/// backslashes, unless the export `is_raw`.
pub(super) fn fields_of(row: &str, delimiter: u8, is_raw: bool) -> Option<Vec<String>> {
    if delimiter != b'\t' {
        let fields = csv::split(row.as_bytes(), delimiter)?;
        return Some(
            fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect(),
        );
    }
    let field = |text: &str| {
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match quoted {
            Some(text) => text.replace("\"\"", "\""),
            None if is_raw => text.to_owned(),
            None => unescaped(text),
        }
    };
    Some(row.split('\t').map(field).collect())
}

/// Returns true for a row between tabs whose values are as they were: `mysql -B -r` escapes nothing.
pub(super) fn is_raw(row: &str) -> bool {
    let mut chars = row.chars();
    let mut has_other = false;
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next() } else { None };
        has_other |= c == '\\' && escaped.is_none();
        has_other |= escaped.is_some_and(|c| !matches!(c, '\\' | 'n' | 't' | '0' | 'N'));
    }
    has_other || row.contains('\n')
}

/// Returns the fields of a row by column. Tabs within a statement, which `mysql -B -r` writes as they are,
/// make further fields. Returns `None` when a column of numbers has another value: then the row goes on.
pub(super) fn by_column(mut fields: Vec<String>, columns: &[String]) -> Option<Vec<String>> {
    const NUMBERS: [&str; 4] = ["rows_sent", "rows_examined", "thread_id", "rows_affected"];
    let more = fields.len().checked_sub(columns.len())?;
    if more > 0 {
        let at = columns.iter().position(|name| name == "sql_text")?;
        let sql = fields.splice(at..=at + more, [String::new()]).collect::<Vec<_>>().join("\t");
        *fields.get_mut(at)? = sql;
    }
    let is_number = |text: &String| is_null(text) || text.trim().parse::<u64>().is_ok();
    let fits = |(name, field): (&String, &String)| {
        !NUMBERS.contains(&name.as_str()) || field.is_empty() || is_number(field)
    };
    columns.iter().zip(&fields).all(fits).then_some(fields)
}

/// Splits a row in which a backslash stands before each mark of a value, as the table's own file has it
/// and `INTO OUTFILE` writes it. Returns `None` when a quote is not closed.
pub(super) fn escaped_fields(row: &str, delimiter: u8) -> Option<Vec<String>> {
    let delimiter = char::from(delimiter);
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = row.chars();
    while let Some(c) = chars.next() {
        let field = fields.last_mut()?;
        match c {
            '\\' => match chars.next()? {
                'n' => field.push('\n'),
                't' => field.push('\t'),
                'r' => field.push('\r'),
                '0' => field.push('\0'),
                'N' => field.push_str("NULL"),
                other => field.push(other),
            },
            '"' if is_quoted || field.is_empty() => is_quoted = !is_quoted,
            c if c == delimiter && !is_quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    (!is_quoted).then_some(fields)
}

/// Replaces the escapes of `mysql -B`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some('0')) => out.push('\0'),
            ('\\', Some('N')) if text == "\\N" => out.push_str("NULL"),
            ('\\', Some(other)) => out.push(other),
            ('\\', None) => out.push('\\'),
            (c, _) => out.push(c),
        }
    }
    out
}

/// Returns true for a row of CSV whose quotes are doubled, or that has no quotes to escape.
pub(super) fn has_doubled_quotes(row: &str) -> bool {
    row.contains("\\\"\"") || !row.contains("\\\"")
}

/// Returns true for a line that begins with a time, as the rows of the whole table do.
pub(super) fn begins_row(line: &str, delimiter: u8) -> bool {
    let first = line.split(char::from(delimiter)).next().unwrap_or_default();
    first.len() >= "2026-11-29 06:28:40".len() && moment(first.trim_matches('"'), 0).is_some()
}

/// Returns true when a value of a row goes on behind the end of the line. `mysql -B -r` writes line breaks
/// without quotes.
pub(super) fn goes_on(row: &str, delimiter: u8, columns: usize) -> bool {
    match delimiter {
        b'\t' if !row.starts_with('"') => {
            row.split('\t').count() < columns || row.contains('\n') || is_raw(row)
        }
        _ => !csv::is_whole(row.as_bytes()),
    }
}
