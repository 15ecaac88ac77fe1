//! Reads `k6 run --out csv=FILE`: one row for each point; the header names the columns.

use super::k6::{Metric, Points, Tags};
use super::{ReadOptions, csv, lines::Lines, time};
use crate::error::Error;
use crate::timeline::Timeline;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Largest size in bytes of a row over several lines. A longer one is lost.
const LONGEST_ROW: usize = 64 * 1024;

const FIELDS: &str = "a row with more or fewer fields than the header";
const OPEN: &str = "a row with a quote that is not closed";

/// Reads a file. Memory does not grow with its size.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut points = Points::new(options);
    let mut columns = Columns::default();
    let mut open = OpenRow::default();
    while let Some((number, line)) = lines.next_of(path)? {
        if line.is_empty() {
            continue;
        }
        if open.lines == 0 && csv::is_whole(line) {
            if let Err(reason) = take(&mut points, &mut columns, line, number) {
                if line.starts_with(b"vus,") {
                    points.lose_vus();
                }
                lines.lose(reason);
            }
            continue;
        }
        // This is a row over several lines, or one without its end. If the next line is a complete
        // row, it is read as such.
        let fresh = csv::is_whole(line) && columns.is_row(line);
        if !fresh {
            open.add(line, number);
        }
        if open.is_whole() {
            let (row, first, count) = open.take();
            if let Err(reason) = take(&mut points, &mut columns, &row, first) {
                lines.lose_many(reason, first, count);
            }
        } else if fresh || open.row.len() > LONGEST_ROW {
            let result = if fresh { take(&mut points, &mut columns, line, number) } else { Ok(()) };
            let (_, first, count) = open.take();
            lines.lose_many(OPEN, first, count);
            if let Err(reason) = result {
                lines.lose(reason);
            }
        }
    }
    if open.lines > 0 {
        let (_, first, count) = open.take();
        lines.lose_many(OPEN, first, count);
    }
    lines.close(|ledger| points.finish(path, "k6 CSV", ledger))
}

/// Returns true for k6's header.
pub(super) fn is_header(line: &[u8]) -> bool {
    line.starts_with(b"metric_name,timestamp,metric_value")
}

/// A row with a quote that is not closed yet.
#[derive(Default)]
struct OpenRow {
    row: Vec<u8>,
    first: u64,
    lines: u64,
}

impl OpenRow {
    fn add(&mut self, line: &[u8], number: u64) {
        if self.lines == 0 {
            self.first = number;
        } else {
            self.row.push(b'\n');
        }
        self.row.extend_from_slice(line);
        self.lines += 1;
    }

    fn is_whole(&self) -> bool {
        self.lines > 0 && csv::is_whole(&self.row)
    }

    /// Takes the row, its first line, and the number of its lines.
    fn take(&mut self) -> (Vec<u8>, u64, u64) {
        (std::mem::take(&mut self.row), self.first, std::mem::take(&mut self.lines))
    }
}

/// Columns by their names in the header.
#[derive(Default)]
struct Columns {
    count: usize,
    time: usize,
    value: usize,
    /// Columns with tags that are used.
    tags: Vec<(usize, Vec<u8>)>,
}

impl Columns {
    fn from_header(header: &[u8]) -> Self {
        let names = csv::split(header, b',').unwrap_or_default();
        let place = |wanted: &[u8]| names.iter().position(|name| name.as_ref() == wanted);
        let tags = names.iter().enumerate().map(|(at, name)| (at, name.to_vec()));
        Self {
            count: names.len(),
            time: place(b"timestamp").unwrap_or(1),
            value: place(b"metric_value").unwrap_or(2),
            tags: tags.filter(|(_, name)| Tags::<()>::default().slot(name).is_some()).collect(),
        }
    }

    fn is_row(&self, line: &[u8]) -> bool {
        csv::split(line, b',').is_some_and(|fields| {
            let time = fields.get(self.time).and_then(|field| time::either(field));
            fields.len() == self.count && time.is_some()
        })
    }
}

/// Adds a row.
fn take(
    points: &mut Points<'_>,
    columns: &mut Columns,
    row: &[u8],
    number: u64,
) -> Result<(), &'static str> {
    if is_header(row) {
        // The header of another file.
        points.next_run();
        *columns = Columns::from_header(row);
        return Ok(());
    }
    let plain = memchr::memchr(b'"', row).is_none();
    if plain && memchr::memchr_iter(b',', row).count() + 1 != columns.count {
        return Err(FIELDS);
    }
    let name = row.get(..memchr::memchr(b',', row).unwrap_or(0)).unwrap_or_default();
    let metric = Metric::from_name(name).filter(|&metric| points.wants(metric));
    if metric.is_none() && plain {
        return Ok(());
    }
    let fields = csv::split(row, b',').ok_or(OPEN)?;
    if fields.len() != columns.count {
        return Err(FIELDS);
    }
    let Some(metric) = metric else { return Ok(()) };
    let field = |at: usize| fields.get(at).map(Cow::as_ref).unwrap_or_default();
    let time = time::either(field(columns.time))
        .ok_or("a time that is neither Unix time nor RFC 3339, or outside 2000 to 2100")?;
    let value = std::str::from_utf8(field(columns.value)).ok().and_then(|text| text.parse().ok());
    let mut tags = Tags::<Cow<'_, str>>::default();
    for (at, name) in &columns.tags {
        if let Some(slot) = tags.slot(name) {
            *slot = String::from_utf8_lossy(field(*at));
        }
    }
    points.add(metric, time, value.ok_or("a value that is not a number")?, &tags, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "metric_name,timestamp,metric_value,error,expected_response,name,status\n";

    fn read_text(text: &str) -> Result<Timeline, Error> {
        read(text.as_bytes(), Path::new("x.csv"), &ReadOptions::default())
    }

    #[test]
    fn rows_over_several_lines_and_rows_cut_off() {
        let text = format!(
            "{HEADER}http_req_duration,1795397087,10.5,\"a, \"\"b\"\"\nc\",false,GET /,500\n\
             checks,1795397087,1.0,\"cut off\n\
             http_req_duration,1795397088,7,,true,GET /,200\r\n\
             http_req_duration,1795397088,7,,true,GET /\n\
             http_req_duration,1795397089,NaN,,true,GET /,200\n\
             http_req_duration,1795397089,-1,,true,GET /,200\n\
             http_req_duration,soon,1,,true,GET /,200\n\
             vus,1795397088,3.0,,,,\n\
             http_req_duration,179539708"
        );
        let timeline = read_text(&text).unwrap();
        let [first, second] = timeline.seconds.as_slice() else { panic!("{timeline:?}") };
        assert_eq!((first.failed, second.ok, second.vus), (1.0, 1.0, Some(3.0)));
        assert!(timeline.coarse);
        assert_eq!(second.tenths, [0.1; 10]);
        let losses: Vec<(u64, u64)> =
            timeline.losses.iter().map(|loss| (loss.first_line, loss.count)).collect();
        assert_eq!(losses, [(4, 1), (6, 1), (7, 1), (8, 1), (9, 1), (11, 1)], "{timeline:?}");
    }

    #[test]
    fn two_files_in_one_are_two_tests() {
        let row = |at: u64| format!("http_req_duration,{at},5,,true,GET /,200\n");
        let text = format!("{HEADER}{}{HEADER}{}", row(1_795_397_087), row(1_795_397_090));
        let error = read_text(&text).unwrap_err();
        assert!(matches!(&error, Error::SeveralTests { tests, .. } if tests.len() == 2), "{error}");
    }
}
