//! Recognises tables and JSON with a row for each request, and without the names of the columns.

use super::{BOM, csv, table, time};

const ROWS: &str = "rows of requests without the names of their columns (a first line such as \
    `time,latency_ms,status` names them)";
const LISTS: &str = "JSON with a list for each request, without the names of its values (a first list such as \
    `[\"time\",\"latency_ms\",\"status\"]`, or objects with these keys, name them)";
/// Number of rows that are looked at, and the fewest that show a status.
const LOOKED_AT: usize = 100;
const FEWEST: usize = 3;
/// The statuses that most tests have.
const STATUSES: [u16; 24] = [
    0, 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 408, 409, 422,
    429, 500, 502, 503, 504,
];

/// Describes a file with a row for each request whose first line does not name the columns, from its first bytes, which
/// must have three rows. Returns `None` for any other file.
///
/// ```
/// use spikeflame_load::nameless_requests;
///
/// let rows = "1795397085123,58.5,200\n1795397085223,61.0,200\n1795397085323,57.5,503\n";
/// assert!(nameless_requests(rows.as_bytes()).is_some());
/// assert_eq!(nameless_requests(format!("time,ms,status\n{rows}").as_bytes()), None);
/// ```
pub fn nameless_requests(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start();
    match head.first()? {
        b'[' => are_requests(&lists(head)).then_some(LISTS),
        b'{' | b'<' => None,
        _ => are_requests(&rows(head)).then_some(ROWS),
    }
}

fn rows(head: &[u8]) -> Vec<Vec<String>> {
    let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
    let Some((delimiter, first)) = lines.next().and_then(table::header) else { return Vec::new() };
    let cells = |line| Some(csv::split(line, delimiter)?.iter().map(|it| text(it)).collect());
    let rest = lines.filter(|line| !line.is_empty()).map_while(cells);
    let count = first.len();
    let rows = std::iter::once(first).chain(rest).take(LOOKED_AT);
    rows.filter(|row: &Vec<String>| row.len() == count).collect()
}

fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

/// Returns the first lists within a list, or in lines.
fn lists(head: &[u8]) -> Vec<Vec<String>> {
    let is_list = head.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"["));
    let mut rest = if is_list { head.get(1..).unwrap_or_default() } else { head };
    let mut found = Vec::new();
    while found.len() < LOOKED_AT {
        let mut lists =
            serde_json::Deserializer::from_slice(rest).into_iter::<Vec<serde_json::Value>>();
        let Some(Ok(list)) = lists.next() else { break };
        let cell = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        found.push(list.into_iter().map(cell).collect());
        rest = rest.get(lists.byte_offset()..).unwrap_or_default().trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest);
    }
    found
}

/// Returns true when each row has a time, another number and a status, and most statuses are those of success.
fn are_requests(rows: &[Vec<String>]) -> bool {
    let Some(first) = rows.first().filter(|_| rows.len() >= FEWEST) else { return false };
    let is_time = |cell: &str| {
        time::either(cell.as_bytes()).is_some() || cell.contains(':') && time::dated(cell).is_some()
    };
    let Some(time) = first.iter().position(|cell| is_time(cell)) else { return false };
    let status = |row: &Vec<String>, at: usize| {
        row.get(at)?.parse::<u16>().ok().filter(|status| STATUSES.contains(status))
    };
    let is_status = |at: &usize| {
        let succeeded = rows.iter().filter_map(|row| status(row, *at));
        rows.iter().all(|row| status(row, *at).is_some())
            && succeeded.filter(|status| (200..300).contains(status)).count() * 2 >= rows.len()
    };
    let Some(status) = (0..first.len()).filter(|at| *at != time).find(is_status) else {
        return false;
    };
    let is_number = |at: usize| first.get(at).is_some_and(|cell| cell.parse::<f64>().is_ok());
    (0..first.len()).any(|at| at != time && at != status && is_number(at))
}
