//! Joins two rows of names (`,Requests,Requests,Latency` above `Time,Total,Failed,p95`), and names that have blanks.

use super::{aligned, columns, csv, head, header, text};
use crate::read::ReadOptions;
use std::borrow::Cow;

/// Names of a group that add nothing to those of its columns.
const PLAIN: [&str; 9] =
    ["load", "test", "k6", "locust", "jmeter", "client", "generator", "general", "traffic"];

/// Returns the start of a file with one row of names in place of two, and an empty line that keeps the numbers of
/// the lines. Names of a table with blanks between its columns get `_` for their own blanks. Returns the start
/// unchanged when its first row names all columns, or when both rows together do not.
pub(in crate::read) fn joined<'a>(start: &'a [u8], options: &ReadOptions) -> Cow<'a, [u8]> {
    let parted = || parted_names(start, options);
    joined_names(start, options).or_else(parted).map_or(Cow::Borrowed(start), Cow::Owned)
}

/// Returns the first line that names columns, and its place.
fn first_names<'a>(start: &'a [u8], options: &ReadOptions) -> Option<(usize, &'a [u8])> {
    let mut from = 0;
    for line in start.split(|&byte| byte == b'\n') {
        if !line.trim_ascii().is_empty() && !head::is_above(line, options) {
            return Some((from, line));
        }
        from += line.len() + 1;
    }
    None
}

fn parted_names(start: &[u8], options: &ReadOptions) -> Option<Vec<u8>> {
    let (from, line) = first_names(start, options)?;
    if header(line).is_some() || head::begins(start, options) {
        return None;
    }
    let mut parted = start.get(..from)?.to_vec();
    parted.extend_from_slice(&aligned::parted(line));
    parted.extend_from_slice(start.get(from + line.len()..)?);
    head::begins(&parted, options).then_some(parted)
}

fn joined_names(start: &[u8], options: &ReadOptions) -> Option<Vec<u8>> {
    let (from, first) = first_names(start, options)?;
    let second = start.get(from + first.len() + 1..)?.split(|&byte| byte == b'\n').next()?;
    let (delimiter, groups) = header(first.trim_ascii_end())?;
    let names = csv::split(second.trim_ascii_end(), delimiter)?;
    let names: Vec<String> = names.iter().map(|name| text(name).trim().to_owned()).collect();
    if groups.len() != names.len() || columns::column_meanings(&groups, options).is_ok() {
        return None;
    }
    // A group may be named above its first column only.
    let mut last = String::new();
    let columns = groups.into_iter().zip(&names).map(|(group, name)| {
        if !group.is_empty() {
            last = group;
        }
        named(&last, name)
    });
    let columns: Vec<String> = columns.collect();
    columns::column_meanings(&columns, options).ok()?;
    let quoted = columns.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    let row = quoted.collect::<Vec<_>>().join(&char::from(delimiter).to_string());
    let end = from + first.len() + 1 + second.len();
    let mut joined = start.get(..from)?.to_vec();
    joined.extend_from_slice(row.as_bytes());
    joined.push(b'\n');
    joined.extend_from_slice(start.get(end..)?);
    Some(joined)
}

/// Returns the name of a column in a group.
fn named(group: &str, name: &str) -> String {
    let is_plain = PLAIN.contains(&group.to_lowercase().as_str());
    match (group, name) {
        (_, "") => group.to_owned(),
        ("", _) => name.to_owned(),
        _ if is_plain || columns::is_time(name) => name.to_owned(),
        _ => format!("{group} {name}"),
    }
}
