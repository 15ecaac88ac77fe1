//! Finds the mark before a fraction in the numbers of a table: `1,234` may be a thousand or a little more than one.

use super::meaning::Meaning;
use super::number::{Mark, parts, parts_thousands};
use std::collections::HashMap;
use std::net::Ipv4Addr;

/// Digits of a group of thousands.
const GROUP: usize = 3;
/// Whole numbers below this one have no mark of thousands. Some languages group from five digits on.
const UNGROUPED: f64 = 10_000.0;
/// Digits from which a number before a point is Unix time, which programs write in every table.
const UNIX_DIGITS: usize = 9;

/// How the digits of a cell use the marks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// The number has no mark.
    Whole(f64),
    /// A fraction follows this mark.
    Fraction(char),
    /// Groups of thousands follow this mark.
    Groups(char),
    /// One group of three digits follows this mark: a fraction, or thousands. The number is the one with a fraction.
    Unclear(char, f64),
}

/// The mark of a table, and a cell for which nothing in the table shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FoundMark {
    pub(crate) mark: Mark,
    /// The first such cell, where the mark is a guess.
    pub(crate) unclear: Option<String>,
}

/// The evidence of one column.
#[derive(Clone, Debug, Default)]
struct ColumnShapes<'a> {
    cells: Vec<(Shape, &'a str)>,
    /// The series of each cell: rows with other names are of other series.
    series: Vec<usize>,
    meaning: Option<Meaning>,
}

impl<'a> ColumnShapes<'a> {
    fn new(rows: &[(usize, &'a [String])], at: usize, meaning: Option<Meaning>) -> Self {
        let mut column = Self { meaning, ..Self::default() };
        for (series, row) in rows {
            let cell = row.get(at).map(String::as_str).unwrap_or_default();
            if let Some(shape) = shape(cell) {
                column.cells.push((shape, cell));
                column.series.push(*series);
            }
        }
        if column.is_small() {
            column.cells.iter_mut().for_each(|(shape, _)| {
                if let Shape::Unclear(mark, _) = *shape {
                    *shape = Shape::Fraction(mark);
                }
            });
        }
        column
    }

    /// Returns true for a quantity that is never a thousand: seconds of an answer, and shares.
    fn is_small(&self) -> bool {
        match self.meaning {
            Some(Meaning::Duration(_, ms)) => ms >= 1e3,
            Some(Meaning::ErrorShare(is_percent) | Meaning::SuccessShare(is_percent)) => is_percent,
            _ => false,
        }
    }

    /// Returns true for a column of requests, errors or users.
    fn counts(&self) -> bool {
        !matches!(
            self.meaning,
            None | Some(Meaning::Time(_) | Meaning::Duration(..) | Meaning::Other)
        )
    }

    fn has(&self, wanted: Shape) -> bool {
        self.cells.iter().any(|(shape, _)| *shape == wanted)
    }

    /// Returns the first cell with one group behind `mark`.
    fn unclear(&self, mark: char) -> Option<&'a str> {
        let is_unclear = |shape: &Shape| matches!(shape, Shape::Unclear(own, _) if *own == mark);
        let is_time = matches!(self.meaning, Some(Meaning::Time(_)));
        let mut cells = self.cells.iter().filter(|(shape, _)| !is_time && is_unclear(shape));
        cells.next().map(|(_, cell)| *cell)
    }

    /// Returns true when `mark` stands before thousands: numbers beside a change from cells with the mark to whole
    /// cells are then nearer to each other than with a fraction. Returns `None` where the column does not show it.
    fn are_thousands(&self, mark: char) -> Option<bool> {
        self.unclear(mark)?;
        let (mut most, mut least) = (0.0, f64::INFINITY);
        for (shape, _) in &self.cells {
            match *shape {
                Shape::Whole(number) => most = f64::max(most, number),
                Shape::Unclear(own, number) if own == mark => least = f64::min(least, number),
                _ => return None,
            }
        }
        let (mut grouped, mut whole) = (0.0, 0.0);
        let pairs = self.cells.iter().zip(self.cells.iter().skip(1));
        let pairs = pairs.zip(self.series.iter().zip(self.series.iter().skip(1)));
        let of_one = pairs.filter(|(_, (one, other))| one == other);
        for (((one, _), (other, _)), _) in of_one {
            if let (Shape::Whole(number), Shape::Unclear(_, small))
            | (Shape::Unclear(_, small), Shape::Whole(number)) = (*one, *other)
                && number > 0.0
            {
                grouped += (1e3 * small / number).ln().abs();
                whole += (small / number).ln().abs();
            }
        }
        let fits = most < UNGROUPED && most < 1e3 * least;
        (grouped + whole > 0.0).then_some(fits && grouped < whole)
    }
}

/// Returns the shape of a cell; `None` for a cell that is no number.
fn shape(cell: &str) -> Option<Shape> {
    // Docker writes the limit behind the use: `20MiB / 1GiB`.
    let cell = cell.split_once(" / ").map_or(cell, |(used, _)| used);
    let (digits, unit) = parts(cell.trim());
    if !digits.contains(|char: char| char.is_ascii_digit())
        || unit.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let digits = digits.trim_start_matches(['-', '+']).trim_end();
    let last = digits.rfind(['.', ',']);
    let Some((mark, at)) = last.and_then(|at| Some((digits.get(at..)?.chars().next()?, at))) else {
        let plain = digits.replace(|char| char == ' ' || parts_thousands(char), "");
        return plain.parse().ok().filter(|value: &f64| value.is_finite()).map(Shape::Whole);
    };
    let (before, behind) = (digits.get(..at)?, digits.get(at + 1..)?);
    if before.contains(mark) {
        let mut groups = digits.split(mark).skip(1);
        let are_groups =
            groups.all(|group| group.len() == GROUP) && digits.parse::<Ipv4Addr>().is_err();
        return (mark == ',' || are_groups).then_some(Shape::Groups(mark));
    }
    if before.contains(['.', ',']) {
        return Some(Shape::Fraction(mark));
    }
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if mark == '.' && before.len() >= UNIX_DIGITS {
        return None;
    }
    let is_group = behind.len() == GROUP && are_digits(behind);
    let is_first =
        (1..=GROUP).contains(&before.len()) && are_digits(before) && !before.starts_with('0');
    match format!("{before}.{behind}").parse() {
        Ok(number) if is_group && is_first && !is_scaled(unit) => {
            Some(Shape::Unclear(mark, number))
        }
        _ => Some(Shape::Fraction(mark)),
    }
}

/// Returns true for a unit of numbers below a thousand: `K`, `MiB`, `s`, `%`.
fn is_scaled(unit: &str) -> bool {
    let unit = unit.trim();
    unit.starts_with(['K', 'k', 'M', 'G', 'T']) || ["s", "min", "h", "%"].contains(&unit)
}

/// Returns true for a date with points, `27.11.2026`, in whose countries a comma stands before a fraction.
fn has_points(cell: &str) -> bool {
    let date = cell.trim().get(..10).unwrap_or_default();
    let mut parts = date.split('.').map(|part| (part.len(), part.parse::<u32>().is_ok()));
    (parts.next(), parts.next(), parts.next(), parts.next())
        == (Some((2, true)), Some((2, true)), Some((4, true)), None)
}

/// Returns the rows in the order of their series, each with the number of its series. The names in a row's cells are
/// those of its series.
fn by_series(rows: &[Vec<String>]) -> Vec<(usize, &[String])> {
    let is_name =
        |cell: &&String| cell.trim().starts_with(char::is_alphabetic) && !cell.contains(':');
    let mut known: HashMap<Vec<&str>, usize> = HashMap::new();
    let numbered = rows.iter().map(|row| {
        let names = row.iter().filter(is_name).map(|cell| cell.trim()).collect();
        let next = known.len();
        (*known.entry(names).or_insert(next), row.as_slice())
    });
    let mut rows: Vec<(usize, &[String])> = numbered.collect();
    rows.sort_by_key(|(series, _)| *series);
    rows
}

/// Returns the mark that the rows of a table use, from all of its columns. In a table with semicolons or tabs between
/// its columns, a comma more often stands before a fraction.
pub(super) fn find(rows: &[Vec<String>], meanings: &[Meaning], delimiter: u8) -> FoundMark {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let rows = by_series(rows);
    let column = |at: usize| ColumnShapes::new(&rows, at, meanings.get(at).copied());
    let columns: Vec<ColumnShapes<'_>> = (0..count).map(column).collect();
    let has = |wanted: Shape| columns.iter().any(|column| column.has(wanted));
    let sure = |mark| FoundMark { mark, unclear: None };
    let comma = if has(Shape::Fraction('.')) { Mark::Either } else { Mark::Comma };
    if has(Shape::Groups(',')) {
        return sure(Mark::Point);
    }
    if has(Shape::Fraction(',')) || has(Shape::Groups('.')) {
        return sure(comma);
    }
    let has_dates = || rows.iter().flat_map(|(_, row)| *row).any(|cell| has_points(cell));
    let thousands = |mark: char| {
        let shown: Vec<bool> = columns.iter().filter_map(|it| it.are_thousands(mark)).collect();
        if shown.contains(&true) { Some(true) } else { shown.first().copied() }
    };
    let first = |mark: char| {
        let of_counts = columns.iter().filter(|column| column.counts());
        of_counts.chain(&columns).find_map(|column| column.unclear(mark)).map(str::to_owned)
    };
    // Users are whole numbers.
    let has_users = |mark: char| {
        columns.iter().any(|it| it.meaning == Some(Meaning::Vus) && it.unclear(mark).is_some())
    };
    let counted = |mark: char| columns.iter().any(|it| it.counts() && it.unclear(mark).is_some());
    if let Some(cell) = first(',') {
        return match thousands(',') {
            Some(true) => sure(Mark::Point),
            Some(false) => sure(comma),
            None if has(Shape::Fraction('.')) => sure(Mark::Point),
            None if has_dates() => sure(Mark::Comma),
            None if delimiter == b',' && has_users(',') => sure(Mark::Point),
            None if delimiter == b',' || counted(',') => {
                FoundMark { mark: Mark::Point, unclear: Some(cell) }
            }
            None => FoundMark { mark: Mark::Comma, unclear: Some(cell) },
        };
    }
    let Some(cell) = first('.') else { return sure(Mark::Point) };
    match thousands('.') {
        Some(true) if !has(Shape::Fraction('.')) => sure(Mark::Comma),
        None if has_dates() && counted('.') => sure(Mark::Comma),
        None if delimiter == b';' && counted('.') && !has(Shape::Fraction('.')) => {
            FoundMark { mark: Mark::Point, unclear: Some(cell) }
        }
        _ => sure(Mark::Point),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the mark of a table, and whether it is a guess. Each column is its meaning and its cells.
    fn found(columns: &[(Meaning, &[&str])], delimiter: u8) -> (Mark, bool) {
        let meanings: Vec<Meaning> = columns.iter().map(|(meaning, _)| *meaning).collect();
        let count = columns.iter().map(|(_, cells)| cells.len()).max().unwrap();
        let cell = |(_, cells): &(Meaning, &[&str]), row: usize| {
            cells.get(row).copied().unwrap_or_default().to_owned()
        };
        let rows: Vec<Vec<String>> = (0..count)
            .map(|row| columns.iter().map(|column| cell(column, row)).collect())
            .collect();
        let found = find(&rows, &meanings, delimiter);
        (found.mark, found.unclear.is_some())
    }

    #[test]
    fn the_mark_is_found_from_all_numbers() {
        let of = |cells: &[&str], delimiter| found(&[(Meaning::Other, cells)], delimiter).0;
        assert_eq!(of(&["1,020", "990"], b','), Mark::Point);
        assert_eq!(of(&["1,020", "0,5"], b','), Mark::Comma);
        assert_eq!(of(&["1,020", "1,030"], b';'), Mark::Comma);
        assert_eq!(of(&["1,020.5"], b';'), Mark::Point);
        assert_eq!(of(&["1.020,5 ms"], b','), Mark::Comma);
        assert_eq!(of(&["1,000,000"], b';'), Mark::Point);
        assert_eq!(of(&["12.5", "13"], b';'), Mark::Point);
        // Unix time has a point in any table.
        assert_eq!(of(&["1795773615.123", "1.203", "80,5"], b';'), Mark::Comma);
        assert_eq!(of(&["12.50", "1.203", "80,5"], b';'), Mark::Either);
        // Addresses have points, but no thousands.
        assert_eq!(of(&["192.168.100.200", "1.203"], b','), Mark::Point);
        assert_eq!(of(&["1.234.567", "1.203"], b','), Mark::Comma);
    }

    /// The error was: `1234,500` was 1,234,500 requests a second, and so was `1 234,500`.
    #[test]
    fn a_comma_behind_four_digits_stands_before_a_fraction() {
        for cell in ["1234,500", "1 234,500", "1\u{202f}234,500", "12345,678", "1'234,500"] {
            let columns: [(Meaning, &[&str]); 2] =
                [(Meaning::Rate, &["40,000", cell]), (Meaning::Vus, &["2", "4"])];
            assert_eq!(found(&columns, b','), (Mark::Comma, false), "{cell}");
        }
    }

    /// The error was: a table with `980` and `1.234`, or with `980` and `1,234`, had 1.2 requests a second.
    #[test]
    fn whole_cells_below_a_thousand_show_thousands() {
        let both = |mark: char, delimiter| {
            let cells =
                ["40", "980", "1#000", "1#234"].map(|cell| cell.replace('#', &mark.to_string()));
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            found(&[(Meaning::Rate, &cells), (Meaning::Duration(1, 1.0), &["50", "53"])], delimiter)
        };
        for delimiter in [b',', b';', b'\t'] {
            assert_eq!(both('.', delimiter), (Mark::Comma, false));
            assert_eq!(both(',', delimiter), (Mark::Point, false));
        }
        // The column of errors shows it for that of requests.
        let columns: [(Meaning, &[&str]); 2] = [
            (Meaning::Count, &["2,400", "22,800", "24,000"]),
            (Meaning::Errors, &["120", "960", "1,200"]),
        ];
        assert_eq!(found(&columns, b'\t'), (Mark::Point, false));
        // A column without a known meaning, of a monitor.
        assert_eq!(
            found(&[(Meaning::Other, &["350", "350", "1,250"])], b'\t'),
            (Mark::Point, false)
        );
    }

    #[test]
    fn fractions_of_three_digits_are_no_thousands() {
        for cells in [
            &["1", "1.234", "0", "1.301"][..],
            &["100", "97.125", "98.250", "100"],
            &["60", "45.125", "61.375"],
            &["1.234", "1.301", "2.117"],
            &["999", "998.125", "1204", "1203.250"],
            &["5.5", "350", "1.250"],
            &["0", "1.234", "2.345"],
        ] {
            for meaning in [Meaning::Other, Meaning::Duration(1, 0.0), Meaning::Duration(1, 1e3)] {
                assert_eq!(found(&[(meaning, cells)], b','), (Mark::Point, false), "{cells:?}");
            }
        }
        let comma = |meaning, cells: &[&str]| {
            found(&[(Meaning::Rate, &["100", "200"]), (meaning, cells)], b';')
        };
        assert_eq!(comma(Meaning::Duration(1, 1e3), &["1,234", "1,301"]), (Mark::Comma, false));
        assert_eq!(comma(Meaning::Duration(1, 1.0), &["100", "97,125"]), (Mark::Comma, false));
        assert_eq!(comma(Meaning::Duration(1, 0.0), &["1,234 s", "1,301 s"]), (Mark::Comma, false));
        assert_eq!(comma(Meaning::Other, &["1,234 K", "1,301 K"]), (Mark::Comma, false));
    }

    /// Rows of several series are compared within each: a load of 1.234 is no neighbour of 350 connections.
    #[test]
    fn the_series_of_a_long_table_are_apart() {
        let names: (Meaning, &[&str]) =
            (Meaning::Other, &["load", "conns", "load", "conns", "load", "conns"]);
        let values =
            |cells: &'static [&'static str]| found(&[names, (Meaning::Other, cells)], b',');
        assert_eq!(values(&["1.234", "350", "1.301", "360", "1.117", "340"]), (Mark::Point, false));
        assert_eq!(values(&["350", "980", "360", "1.020", "340", "1.110"]), (Mark::Comma, false));
    }

    #[test]
    fn a_guess_is_told() {
        let cells = ["1,200", "5,432"];
        let users: (Meaning, &[&str]) = (Meaning::Vus, &["60", "70"]);
        for delimiter in [b';', b'\t'] {
            assert_eq!(found(&[users, (Meaning::Rate, &cells)], delimiter), (Mark::Point, true));
            assert_eq!(
                found(&[users, (Meaning::Duration(1, 1.0), &cells)], delimiter),
                (Mark::Comma, true)
            );
        }
        // Programs quote both in a table with commas between its columns.
        assert_eq!(found(&[users, (Meaning::Rate, &cells)], b','), (Mark::Point, true));
        let many: (Meaning, &[&str]) = (Meaning::Vus, &["1,100", "4,200"]);
        assert_eq!(found(&[many, (Meaning::Rate, &cells)], b','), (Mark::Point, false));
        assert_eq!(
            found(&[users, (Meaning::Rate, &["1.200", "5.432"])], b';'),
            (Mark::Point, true)
        );
        assert_eq!(
            found(&[users, (Meaning::Rate, &["1.200", "5.432"])], b','),
            (Mark::Point, false)
        );
        // One cell of the table that is sure shows the others.
        let sure: (Meaning, &[&str]) = (Meaning::Duration(1, 1.0), &["50.5", "51.5"]);
        assert_eq!(found(&[sure, (Meaning::Rate, &cells)], b'\t'), (Mark::Point, false));
        let dated: (Meaning, &[&str]) =
            (Meaning::Time(0.0), &["27.11.2026 11:00:00", "27.11.2026 11:00:01"]);
        assert_eq!(found(&[dated, (Meaning::Rate, &cells)], b';'), (Mark::Comma, false));
    }
}
