//! Reads `k6 run --out csv=FILE`: one row for each point; the header names the columns.

use super::contents::has;
use super::csv::{self, LONGEST_ROW, OPEN, OpenRow};
use super::k6::{KnownTags, Metric, Points, Tags};
use super::{ReadOptions, lines::Lines, time};
use crate::error::Error;
use crate::timeline::Timeline;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

const FIELDS: &str = "a row with more or fewer fields than the header";

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
        if open.is_empty() {
            let result = quickly(&mut points, &mut columns, line, number).or_else(|| {
                csv::is_whole(line).then(|| take(&mut points, &mut columns, line, number))
            });
            if let Some(result) = result {
                if let Err(reason) = result {
                    if columns.metric_of(line) == b"vus" {
                        points.lose_vus();
                    }
                    lines.lose(reason);
                }
                continue;
            }
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
        } else if fresh || open.len() > LONGEST_ROW {
            let result = if fresh { take(&mut points, &mut columns, line, number) } else { Ok(()) };
            let (_, first, count) = open.take();
            lines.lose_many(OPEN, first, count);
            if let Err(reason) = result {
                lines.lose(reason);
            }
        }
    }
    if !open.is_empty() {
        let (_, first, count) = open.take();
        lines.lose_many(OPEN, first, count);
    }
    lines.close(|ledger| points.finish(path, "k6 CSV", ledger))
}

/// The columns without which no row can be read.
const NEEDED: [&[u8]; 3] = [b"metric_name", b"timestamp", b"metric_value"];

/// Returns true for a header with k6's columns, in any order. `text` may go on after its first
/// line.
pub(super) fn is_header(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    has(line, b"metric_name")
        && csv::split(line, b',').is_some_and(|names| {
            NEEDED.iter().all(|needed| names.iter().any(|name| name.as_ref() == *needed))
        })
}

/// Returns true when one of the first three lines of a text is a row of k6: a metric, a time and a value.
pub(super) fn has_rows(head: &[u8]) -> bool {
    let is_metric = |field: &[u8]| ROWS.contains(&field.trim_ascii());
    let is_delimiter = |byte: &u8| matches!(byte, b',' | b';' | b'\t');
    let mut lines = head.split(|&byte| byte == b'\n').take(3);
    let is_number = |field: &[u8]| field.first().is_some_and(u8::is_ascii_digit);
    lines.any(|line| {
        let mut fields = line.split(is_delimiter);
        fields.next().is_some_and(is_metric) && fields.take(2).all(is_number)
    })
}

/// Metrics with which the rows of a test begin.
const ROWS: [&[u8]; 5] = [b"http_reqs", b"http_req_duration", b"data_sent", b"iterations", b"vus"];

/// Columns by their names in the header.
#[derive(Default)]
struct Columns {
    header: Vec<u8>,
    count: usize,
    name: usize,
    time: usize,
    value: usize,
    /// Columns with tags that are used.
    tags: Vec<(usize, Vec<u8>)>,
    /// The texts of all fields behind the first three.
    known: KnownTags,
}

impl Columns {
    fn from_header(header: &[u8]) -> Self {
        let names = csv::split(header, b',').unwrap_or_default();
        let place = |wanted: &[u8]| names.iter().position(|name| name.as_ref() == wanted);
        let tags = names.iter().enumerate().map(|(at, name)| (at, name.to_vec()));
        Self {
            header: header.to_vec(),
            count: names.len(),
            name: place(b"metric_name").unwrap_or(0),
            time: place(b"timestamp").unwrap_or(1),
            value: place(b"metric_value").unwrap_or(2),
            tags: tags.filter(|(_, name)| Tags::<()>::default().slot(name).is_some()).collect(),
            known: KnownTags::default(),
        }
    }

    /// Returns true for a header. The first header may have its columns in any order. A later one,
    /// that of another file, must begin like the first one or like k6's own.
    fn is_header(&self, line: &[u8]) -> bool {
        let begins = [self.header.as_slice(), b"metric_name,timestamp,metric_value"];
        match self.count {
            0 => is_header(line),
            _ => begins.iter().any(|begin| line.starts_with(begin)),
        }
    }

    /// Returns the metric of a row without quotes.
    fn metric_of<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        match self.name {
            // This is much faster than a split.
            0 => line.get(..memchr::memchr(b',', line).unwrap_or(0)).unwrap_or_default(),
            name => line.split(|&byte| byte == b',').nth(name).unwrap_or_default(),
        }
    }

    fn is_row(&self, line: &[u8]) -> bool {
        csv::split(line, b',').is_some_and(|fields| {
            let time = fields.get(self.time).and_then(|field| time::either(field));
            fields.len() == self.count && time.is_some()
        })
    }
}

/// The fields of a row.
enum Fields<'r> {
    /// A row without quotes, and the end of each field.
    Plain(&'r [u8], Vec<usize>),
    Quoted(Vec<Cow<'r, [u8]>>),
}

impl<'r> Fields<'r> {
    fn plain(row: &'r [u8], count: usize) -> Self {
        let mut ends = Vec::with_capacity(count);
        let commas = row.iter().enumerate().filter(|(_, byte)| **byte == b',');
        ends.extend(commas.map(|(at, _)| at).chain([row.len()]));
        Self::Plain(row, ends)
    }

    fn count(&self) -> usize {
        match self {
            Self::Plain(_, ends) => ends.len(),
            Self::Quoted(fields) => fields.len(),
        }
    }

    fn get(&self, at: usize) -> Option<&[u8]> {
        match self {
            Self::Plain(row, ends) => {
                let before = at.checked_sub(1).and_then(|before| ends.get(before));
                row.get(before.map_or(0, |end| end + 1)..*ends.get(at)?)
            }
            Self::Quoted(fields) => fields.get(at).map(Cow::as_ref),
        }
    }

    fn tags<'f, S: Default + From<Cow<'f, str>>>(
        &'f self,
        columns: &[(usize, Vec<u8>)],
    ) -> Tags<S> {
        let mut tags = Tags::default();
        for (at, name) in columns {
            if let Some(slot) = tags.slot(name) {
                *slot = String::from_utf8_lossy(self.get(*at).unwrap_or_default()).into();
            }
        }
        tags
    }
}

/// Adds a row.
fn take(
    points: &mut Points<'_>,
    columns: &mut Columns,
    row: &[u8],
    number: u64,
) -> Result<(), &'static str> {
    if columns.is_header(row) {
        // The header of another file.
        points.next_run();
        *columns = Columns::from_header(row);
        return Ok(());
    }
    let plain = csv::count(row, b'"') == 0;
    if plain && csv::count(row, b',') + 1 != columns.count {
        return Err(FIELDS);
    }
    let quoted = if plain { None } else { csv::split(row, b',') };
    let name = quoted.as_ref().and_then(|fields| fields.get(columns.name));
    let name = name.map_or_else(|| columns.metric_of(row), |name| name.as_ref());
    let metric = Metric::from_name(name);
    if metric.is_none() {
        points.pass(name);
    }
    let metric = metric.filter(|&metric| points.wants(metric));
    if metric.is_none() && plain {
        return Ok(());
    }
    let fields = match quoted {
        Some(fields) => Fields::Quoted(fields),
        None if plain => Fields::plain(row, columns.count),
        None => return Err(OPEN),
    };
    if fields.count() != columns.count {
        return Err(FIELDS);
    }
    let Some(metric) = metric else { return Ok(()) };
    let field = |at: usize| fields.get(at).unwrap_or_default();
    let (time, value) = (field(columns.time), field(columns.value));
    let tags: Tags<Cow<'_, str>> = fields.tags(&columns.tags);
    add(points, metric, (time, value), &tags, number)
}

/// Adds a point with the text of its time and of its value.
fn add<S: AsRef<str>>(
    points: &mut Points<'_>,
    metric: Metric,
    (time, value): (&[u8], &[u8]),
    tags: &Tags<S>,
    number: u64,
) -> Result<(), &'static str> {
    let time = time::either(time)
        .ok_or("a time that is neither Unix time nor RFC 3339, or outside 2000 to 2100")?;
    let value = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    points.add(metric, time, value.ok_or("a value that is not a number")?, tags, number)
}

/// Adds a row without quotes that has its columns in k6's order. Returns `None` for any other row.
fn quickly(
    points: &mut Points<'_>,
    columns: &mut Columns,
    row: &[u8],
    number: u64,
) -> Option<Result<(), &'static str>> {
    if (columns.name, columns.time, columns.value) != (0, 1, 2) || columns.is_header(row) {
        return None;
    }
    let (name, rest) = field(row)?;
    let (time, rest) = field(rest)?;
    let (value, rest) = field(rest)?;
    if csv::count(row.get(..row.len() - rest.len())?, b'"') > 0 {
        return None;
    }
    let Columns { count, tags, known, .. } = columns;
    let read = || {
        let fields = Fields::plain(row, *count);
        let fits = csv::count(rest, b'"') == 0 && fields.count() == *count;
        fits.then(|| (rest, Some(fields.tags(tags))))
    };
    let tags = known.find_or(|text| text == rest, read)?.tags.as_ref()?;
    let metric = Metric::from_name(name);
    if metric.is_none() {
        points.pass(name);
    }
    let metric = metric.filter(|&metric| points.wants(metric));
    Some(metric.map_or(Ok(()), |metric| add(points, metric, (time, value), tags, number)))
}

/// Returns the text before the first comma, and the text after it.
fn field(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|byte| *byte == b',')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    /// Rows of each kind: usual ones, and those that are not read quickly.
    const KINDS: [&[u8]; 12] = [
        b"http_req_duration,1795397087,10.5,,true,GET /,200",
        b"http_req_duration,1795397088,7,,false,GET /a,500",
        b"http_req_duration,1795397088,7,\"a, b\",false,GET /a,500",
        b"\"http_req_duration\",1795397088,7,,true,GET /,200",
        b"http_req_duration,1795397088,7,,true,GET /",
        b"http_req_duration,1795397088,-7,,true,GET /,200",
        b"http_req_duration,soon,7,,true,GET /,200",
        b"http_req_duration,1795397088,7,,true,GET /\xff,200",
        b"http_req_failed,1795397088,0,,,GET /,200",
        b"vus,1795397089,3,,,,",
        b"checks,1795397089,1,,,,",
        b"vus",
    ];

    proptest! {
        #[test]
        fn the_quick_way_and_the_thorough_way_agree(
            rows in prop::collection::vec(prop::sample::select(KINDS.to_vec()), 1..30),
        ) {
            let read_rows = |is_quick: bool| {
                let options = ReadOptions::default();
                let (mut points, mut columns) = (Points::new(&options), Columns::default());
                take(&mut points, &mut columns, HEADER.trim().as_bytes(), 1).unwrap();
                let mut results = Vec::new();
                for (row, at) in rows.iter().zip(2..) {
                    let quick = is_quick.then(|| quickly(&mut points, &mut columns, row, at));
                    results.push(match quick.flatten() {
                        Some(result) => result,
                        None => take(&mut points, &mut columns, row, at),
                    });
                }
                let end = points.finish(Path::new("x"), "k6 CSV", Default::default());
                (results, format!("{end:?}"))
            };
            prop_assert_eq!(read_rows(true), read_rows(false));
        }
    }

    /// The error was: a file whose columns stood in another order was read as a table without
    /// requests.
    #[test]
    fn columns_may_stand_in_any_order() {
        let text = "timestamp,name,metric_name,metric_value,status\n\
                    1795397087,\"GET /a,b\",http_req_duration,10.5,200\n\
                    1795397088,,vus,3,\n\
                    1795397088,GET /,http_req_duration,7,500\n";
        assert!(is_header(text.as_bytes()));
        let timeline = read_text(text).unwrap();
        let [first, second] = timeline.seconds.as_slice() else { panic!("{timeline:?}") };
        assert_eq!((first.ok, second.failed, second.vus), (1.0, 1.0, Some(3.0)));
        assert_eq!(timeline.losses, []);
        for text in ["metric,time,value\nhttp_reqs,1795397087,1\n", "vus;1795397087;1\n"] {
            assert!(!is_header(text.as_bytes()) && has_rows(text.as_bytes()), "{text}");
        }
        for text in ["time,vus,http_reqs\n1795397087,1,2\n", "Time,vus,200,500\n1795397087,1,2,0\n"]
        {
            assert!(!has_rows(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn two_files_in_one_are_two_tests() {
        let row = |at: u64| format!("http_req_duration,{at},5,,true,GET /,200\n");
        let text = format!("{HEADER}{}{HEADER}{}", row(1_795_397_087), row(1_795_397_090));
        let error = read_text(&text).unwrap_err();
        assert!(matches!(&error, Error::SeveralTests { tests, .. } if tests.len() == 2), "{error}");
    }
}
