//! Splits rows of tables that are printed for people: with blanks between columns (awk, `column -t`), or with bars
//! (psql, MySQL, Markdown).

use super::number::{Mark, counted, milliseconds, number};
use super::{MOST_COLUMNS, csv, text};
use std::borrow::Cow;

/// The delimiter of tables with any number of blanks between columns.
pub(super) const BLANKS: u8 = b' ';
/// The delimiter of tables with bars between columns.
pub(super) const BAR: u8 = b'|';

/// Fewest columns of a table with blanks between them.
const LEAST_COLUMNS: usize = 2;

/// Splits a row of any table into its fields.
pub(super) fn split(row: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    match delimiter {
        BLANKS => Some(words(row)),
        BAR => {
            let row = row.trim_ascii();
            let row = row.strip_prefix(b"|").unwrap_or(row);
            csv::split(row.strip_suffix(b"|").unwrap_or(row), BAR)
        }
        _ => csv::split(row, delimiter),
    }
}

/// Returns the number of bars between columns in a line: all, where no other delimiter is there, and else those
/// with a blank on both sides.
pub(super) fn bars(line: &[u8]) -> usize {
    if !line.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) {
        return memchr::memchr_iter(BAR, line).count();
    }
    line.windows(3).filter(|part| *part == b" | ").count()
}

/// Returns the delimiter and the names of the columns of a table with blanks between them.
pub(super) fn names(line: &[u8]) -> Option<(u8, Vec<String>)> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"#").unwrap_or(line);
    let names: Vec<String> = words(line).iter().map(|name| text(name).into_owned()).collect();
    (LEAST_COLUMNS..=MOST_COLUMNS).contains(&names.len()).then_some((BLANKS, names))
}

/// Returns a line of names with blanks between them where two blanks or more part the names, with `_` for each blank
/// in a name: `95th_percentile`.
pub(super) fn parted(line: &[u8]) -> Vec<u8> {
    let line = text(line.trim_ascii()).replace('\t', "  ");
    let names = line.split("  ").map(str::trim).filter(|name| !name.is_empty());
    // The unit in brackets belongs to its name in any case.
    let names = names.map(|name| name.replace(" (", "(").replace(" [", "[").replace(' ', "_"));
    names.collect::<Vec<_>>().join("  ").into_bytes()
}

/// Returns true for a line that only separates the names from the rows: `----+----`, `|---|---|`.
pub(super) fn is_rule(line: &[u8]) -> bool {
    let is_line = |byte: &u8| matches!(byte, b'-' | b'=' | b'+' | b'|' | b':' | b' ');
    let line = line.trim_ascii();
    line.len() >= 3
        && line.iter().all(is_line)
        && line.iter().any(|byte| matches!(byte, b'-' | b'='))
}

/// Returns true for the line that psql and MySQL print below the rows: `(10 rows)`, `10 rows in set (0.01 sec)`.
pub(super) fn is_footer(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let digits = |line: &[u8]| line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let inner = line.strip_prefix(b"(").unwrap_or(line);
    let count = digits(inner);
    let rest = inner.get(count..).unwrap_or_default();
    count > 0 && [&b" rows"[..], b" row)", b" row in"].iter().any(|word| rest.starts_with(word))
}

/// Splits a line at its blanks. The parts of a time, and a number and its unit, are one field.
fn words(line: &[u8]) -> Vec<Cow<'_, [u8]>> {
    let mut fields: Vec<Cow<'_, [u8]>> = Vec::new();
    for word in line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        match fields.last_mut().filter(|last| belong_together(&text(last), &text(word))) {
            Some(last) => {
                let last = last.to_mut();
                last.push(b' ');
                last.extend_from_slice(word);
            }
            None => fields.push(Cow::Borrowed(word)),
        }
    }
    fields
}

fn belong_together(last: &str, word: &str) -> bool {
    let is_clock =
        |text: &str| text.contains(':') && text.starts_with(|at: char| at.is_ascii_digit());
    let parts = last.split(['-', '/', '.']);
    let is_date = parts.clone().count() == 3
        && parts.clone().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_zone = || {
        let digits = word.strip_prefix(['+', '-']).unwrap_or_default();
        matches!(word, "UTC" | "GMT" | "Z" | "AM" | "PM" | "am" | "pm")
            || digits.len() >= 2 && digits.bytes().all(|at| at.is_ascii_digit() || at == b':')
    };
    let is_unit = || {
        let bare = number(last, Mark::Point).is_some_and(|(_, unit)| unit.is_empty());
        bare && (word == "%" || milliseconds(word).is_some() || counted(word).is_some())
    };
    let is_bracketed = (word.starts_with('(') && word.ends_with(')')
        || word.starts_with('[') && word.ends_with(']'))
        && last.starts_with(char::is_alphabetic);
    let is_named = last.eq_ignore_ascii_case("date") && word.eq_ignore_ascii_case("time");
    is_named
        || is_date && is_clock(word)
        || is_clock(last) && is_zone()
        || is_bracketed
        || is_unit()
}
