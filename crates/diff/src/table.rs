//! What the statistics work on: counts by row and run.

use crate::error::Error;

/// Which side of the comparison a run is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// As it was.
    Before,
    /// As it is now.
    After,
}

impl Side {
    /// Both sides, in their order.
    pub const ALL: [Self; 2] = [Self::Before, Self::After];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// What a column of the tables is.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRun {
    /// A name to tell it by in messages.
    pub name: String,
    /// Its side.
    pub side: Side,
    /// Milliseconds of CPU that a count of 1 stands for; `None` when not known.
    pub interval_ms: Option<f64>,
    /// Successful requests completed while the counts were taken.
    pub requests: Option<f64>,
    /// Length of the time in which the counts were taken.
    pub seconds: Option<f64>,
    /// When it began, in microseconds since 1970; `None` when not known.
    pub began_us: Option<i64>,
}

impl TableRun {
    /// A run before, of which nothing is known.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let (interval_ms, requests, seconds, began_us) = (None, None, None, None);
        Self { name, side: Side::Before, interval_ms, requests, seconds, began_us }
    }
}

/// Counts of samples: a row for each function (or group), a column for each run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    columns: usize,
    cells: Vec<f64>,
    /// By row: the share of its cost that is the machine's; rows beyond are code.
    machine: Vec<f64>,
}

impl Counts {
    /// An empty table of so many columns.
    pub fn new(columns: usize) -> Self {
        Self { columns, cells: Vec::new(), machine: Vec::new() }
    }

    /// A table of nothing but zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { columns, cells: vec![0.0; rows * columns], machine: Vec::new() }
    }

    /// Names the share of each row's cost that is the machine's, not the code's:
    /// system calls, the kernel, garbage collection.
    #[must_use]
    pub fn with_machine(self, machine: Vec<f64>) -> Self {
        Self { machine, ..self }
    }

    /// The share of each row's cost that is the machine's.
    pub(crate) fn machine(&self) -> Vec<f64> {
        let rows = self.rows().len();
        self.machine.iter().copied().chain(std::iter::repeat(0.0)).take(rows).collect()
    }

    /// Adds a row; a shorter one is filled up with zeros.
    pub fn push(&mut self, row: &[f64]) {
        let cells = row.iter().copied().chain(std::iter::repeat(0.0)).take(self.columns);
        self.cells.extend(cells);
    }

    /// Adds to a cell.
    pub(crate) fn add(&mut self, row: usize, column: usize, count: f64) {
        if let Some(cell) = self.cells.get_mut(row * self.columns + column) {
            *cell += count;
        }
    }

    /// Every row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.cells.chunks_exact(self.columns.max(1))
    }

    /// One row.
    pub(crate) fn row(&self, row: usize) -> Option<&[f64]> {
        let start = row.checked_mul(self.columns)?;
        self.cells.get(start..start.checked_add(self.columns)?)
    }

    /// The sum of each column.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns];
        for row in self.rows() {
            for (sum, count) in sums.iter_mut().zip(row) {
                *sum += count;
            }
        }
        sums
    }

    pub(crate) fn check(&self, columns: usize) -> Result<(), Error> {
        let usable = |count: &f64| count.is_finite() && *count >= 0.0;
        if self.columns == columns && self.cells.iter().all(usable) {
            return Ok(());
        }
        Err(Error::Counts)
    }
}
