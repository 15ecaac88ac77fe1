//! The input of the statistics: counts by row and run.

use crate::error::Error;

/// The side of a comparison that a run is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The program before the change.
    Before,
    /// The program after the change.
    After,
}

impl Side {
    /// Both sides, in their order.
    pub const ALL: [Self; 2] = [Self::Before, Self::After];

    /// Returns the word for the side: `before` or `after`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// A run, whose counts are one column of each table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRun {
    /// The run's name in messages.
    pub name: String,
    /// The side that the run is on: before or after.
    pub side: Side,
    /// Milliseconds of CPU that a count of 1 stands for; `None` when it is not known.
    pub interval_ms: Option<f64>,
    /// The number of successful requests that completed while the counts were taken; `None` when it
    /// is not known.
    pub requests: Option<f64>,
    /// The length in seconds of the time in which the counts were taken; `None` when it is not
    /// known.
    pub seconds: Option<f64>,
    /// The start of the run, in microseconds since 1970; `None` when it is not known.
    pub began_us: Option<i64>,
}

impl TableRun {
    /// Makes a run of the side before, with all other facts unknown.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let (interval_ms, requests, seconds, began_us) = (None, None, None, None);
        Self { name, side: Side::Before, interval_ms, requests, seconds, began_us }
    }
}

/// The samples of one row on one side, and the work in which they were taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SideSum {
    pub(crate) samples: f64,
    work: f64,
    pub(crate) runs: f64,
}

impl SideSum {
    /// Adds up the runs of `side`. Row, exposures and sides have one value for each run.
    pub(crate) fn new(
        row: &[f64],
        exposures: &[f64],
        sides: impl IntoIterator<Item = Side>,
        side: Side,
    ) -> Self {
        let mut sum = Self::default();
        for ((count, exposure), _) in
            row.iter().zip(exposures).zip(sides).filter(|(_, of)| *of == side)
        {
            sum.samples += count;
            sum.work += exposure;
            sum.runs += 1.0;
        }
        sum
    }

    /// Returns the logarithm of the cost. Half a sample is added, because there may be none.
    pub(crate) fn log_cost(self) -> f64 {
        ((self.samples + 0.5) / self.work).ln()
    }
}

/// Returns the sum of the values of each side's runs.
pub(crate) fn sums_by_side(sides: &[Side], values: &[f64]) -> [f64; 2] {
    Side::ALL.map(|side| {
        let of_side = sides.iter().zip(values).filter(|(of, _)| **of == side);
        of_side.map(|(_, value)| value).sum()
    })
}

/// Counts of samples: one row for each function (or group), one column for each run.
///
/// ```
/// use spikeflame_diff::Counts;
///
/// let mut counts = Counts::new(3);
/// counts.push(&[400.0, 90.0]);
/// assert_eq!(counts.rows().next(), Some([400.0, 90.0, 0.0].as_slice()));
/// assert_eq!(counts.column_sums(), [400.0, 90.0, 0.0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    columns: usize,
    cells: Vec<f64>,
    /// For each row, the share (0 to 1) of its cost that comes from the machine and not from code.
    /// A row beyond the end of this list has the share 0.
    machine: Vec<f64>,
    /// The package of each row. A row beyond the end of this list has no package.
    packages: Vec<Option<u32>>,
    /// True for each row that is a builtin, which V8 compiles into its callers. A row beyond the end
    /// of this list is no builtin.
    builtins: Vec<bool>,
}

impl Counts {
    /// Makes a table with `columns` columns (one for each run) and no rows.
    pub fn new(columns: usize) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Makes a table with `rows` rows and `columns` columns in which every count is 0.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self { columns, cells: vec![0.0; rows * columns], ..Self::default() }
    }

    /// Sets for each row the share (0 to 1) of its cost that is the machine's and not the code's
    /// ([`Row::is_machine`](crate::Row::is_machine)). `machine` has one number for each row, which
    /// is not checked. Rows beyond its end are code (0), and further numbers are ignored.
    #[must_use]
    pub fn with_machine(self, machine: Vec<f64>) -> Self {
        Self { machine, ..self }
    }

    /// Sets the package of each row, as any number; `None` for rows of no package, as are those
    /// beyond the end of `packages`.
    #[must_use]
    pub fn with_packages(self, packages: Vec<Option<u32>>) -> Self {
        Self { packages, ..self }
    }

    /// Marks the rows that are builtins.
    pub(crate) fn with_builtins(self, builtins: Vec<bool>) -> Self {
        Self { builtins, ..self }
    }

    /// Returns true for a row that is a builtin.
    pub(crate) fn is_builtin(&self, row: usize) -> bool {
        self.builtins.get(row) == Some(&true)
    }

    /// Returns the package of each row.
    pub(crate) fn packages(&self) -> &[Option<u32>] {
        &self.packages
    }

    /// Returns the share of each row's cost that is the machine's.
    pub(crate) fn machine(&self) -> Vec<f64> {
        let rows = self.rows().len();
        self.machine.iter().copied().chain(std::iter::repeat(0.0)).take(rows).collect()
    }

    /// Adds a row. A shorter one is extended with zeros, a longer one is cut.
    pub fn push(&mut self, row: &[f64]) {
        let cells = row.iter().copied().chain(std::iter::repeat(0.0)).take(self.columns);
        self.cells.extend(cells);
    }

    /// Adds the counts of some rows to the first of them, and makes the others 0.
    pub(crate) fn joined(mut self, rows: &[usize]) -> Self {
        let Some((first, rest)) = rows.split_first() else { return self };
        for row in rest {
            let counts = self.row(*row).map(<[f64]>::to_vec).unwrap_or_default();
            for (column, count) in counts.into_iter().enumerate() {
                self.add(*first, column, count);
                self.add(*row, column, -count);
            }
        }
        self
    }

    /// Adds `count` to a cell. A cell outside of the table is ignored.
    pub(crate) fn add(&mut self, row: usize, column: usize, count: f64) {
        let at = row.checked_mul(self.columns).and_then(|start| start.checked_add(column));
        if let Some(cell) = at.and_then(|at| self.cells.get_mut(at)) {
            *cell += count;
        }
    }

    /// Returns all rows in order, each with one count for each column; none for a table without columns.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.cells.chunks_exact(self.columns.max(1))
    }

    /// Returns one row.
    pub(crate) fn row(&self, row: usize) -> Option<&[f64]> {
        let start = row.checked_mul(self.columns)?;
        self.cells.get(start..start.checked_add(self.columns)?)
    }

    /// Returns the sum of each column. For self counts, it is the number of samples of each run.
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

/// The counts of one grouping of functions: each function by itself, or by file, package or
/// category. Tables have one column for each run.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// Samples whose innermost function belongs to the row (self).
    pub self_counts: Counts,
    /// Samples with a function of the row anywhere on the stack (total).
    pub total_counts: Counts,
}

impl Grouping {
    /// Makes a grouping from self counts alone, for `runs` runs. Its total counts have no rows.
    pub fn without_totals(runs: usize, self_counts: Counts) -> Self {
        Self { self_counts, total_counts: Counts::new(runs) }
    }
}
