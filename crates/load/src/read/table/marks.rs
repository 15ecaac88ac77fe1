//! Finds the mark before a fraction in the numbers of a table: `1,234` may be a thousand or a little more than one.

use super::meaning::Meaning;
use super::number::{Mark, parts, parts_thousands};
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
    meaning: Option<Meaning>,
}

impl<'a> ColumnShapes<'a> {
    fn new(cells: impl Iterator<Item = &'a str>, meaning: Option<Meaning>) -> Self {
        let shapes = cells.filter_map(|cell| Some((shape(cell)?, cell)));
        let mut column = Self { cells: shapes.collect(), meaning };
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
        for ((one, _), (other, _)) in self.cells.iter().zip(self.cells.iter().skip(1)) {
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

/// Returns the mark that the rows of a table use, from all of its columns. In a table with semicolons or tabs between
/// its columns, a comma more often stands before a fraction.
pub(super) fn find(rows: &[Vec<String>], meanings: &[Meaning], delimiter: u8) -> FoundMark {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |at: usize| {
        let cells = rows.iter().filter_map(move |row| Some(row.get(at)?.as_str()));
        ColumnShapes::new(cells, meanings.get(at).copied())
    };
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
    let has_dates = || rows.iter().flatten().any(|cell| has_points(cell));
    let thousands = |mark: char| {
        let shown: Vec<bool> = columns.iter().filter_map(|it| it.are_thousands(mark)).collect();
        if shown.contains(&true) { Some(true) } else { shown.first().copied() }
    };
    let first = |mark: char| {
        let of_counts = columns.iter().filter(|column| column.counts());
        of_counts.chain(&columns).find_map(|column| column.unclear(mark)).map(str::to_owned)
    };
    let counted = |mark: char| columns.iter().any(|it| it.counts() && it.unclear(mark).is_some());
    if let Some(cell) = first(',') {
        return match thousands(',') {
            Some(true) => sure(Mark::Point),
            Some(false) => sure(comma),
            None if has(Shape::Fraction('.')) => sure(Mark::Point),
            None if has_dates() => sure(Mark::Comma),
            None if delimiter == b',' => sure(Mark::Point),
            None if counted(',') => FoundMark { mark: Mark::Point, unclear: Some(cell) },
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
