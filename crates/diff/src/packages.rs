//! Rows that move together between sessions: the functions of a package.

use crate::math::weighted_median;

/// A package shows how it moved only with this many other rows.
const ENOUGH_OTHERS: usize = 3;

/// The package of each row of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packages<'a> {
    /// The package of each row; `None` for rows of no package. Missing rows have none.
    of_rows: &'a [Option<u32>],
}

/// The ratio of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) row: usize,
    pub(crate) log: f64,
    /// The variance of `log` within the sessions.
    pub(crate) variance: f64,
}

/// The movement of a package, without one of its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PackageMovement {
    /// The logarithm of the ratio that is expected for the row.
    pub(crate) log: f64,
    /// The variance of `log`.
    pub(crate) variance: f64,
}

impl<'a> Packages<'a> {
    pub(crate) fn new(of_rows: &'a [Option<u32>]) -> Self {
        Self { of_rows }
    }

    /// Returns true when the package of some row is known.
    pub(crate) fn known(&self) -> bool {
        self.of_rows.iter().any(Option::is_some)
    }

    fn package(&self, row: usize) -> Option<u32> {
        self.of_rows.get(row).copied().flatten()
    }

    /// Returns the ratios of each package, in the order of packages. Rows of no package are
    /// groups of their own.
    pub(crate) fn groups(&self, ratios: &[Ratio]) -> impl Iterator<Item = Vec<Ratio>> {
        let mut sorted: Vec<(Option<u32>, usize, Ratio)> =
            ratios.iter().map(|ratio| (self.package(ratio.row), ratio.row, *ratio)).collect();
        sorted.sort_by_key(|(package, row, _)| (*package, *row));
        let groups = sorted.chunk_by(|a, b| a.0.is_some() && a.0 == b.0);
        let groups: Vec<Vec<Ratio>> =
            groups.map(|group| group.iter().map(|(_, _, ratio)| *ratio).collect()).collect();
        groups.into_iter()
    }

    /// Returns how the other rows of each row's package moved. `between` is the variance of
    /// ln(ratio) between packages, `within` the variance of functions within them. The
    /// movement is drawn towards none by as much as it is uncertain.
    pub(crate) fn moved(
        &self,
        ratios: &[Ratio],
        rows: &[usize],
        [between, within]: [f64; 2],
    ) -> Vec<Option<PackageMovement>> {
        let wanted: std::collections::BTreeSet<u32> =
            rows.iter().filter_map(|row| self.package(*row)).collect();
        let near = |ratio: &&Ratio| self.package(ratio.row).is_some_and(|of| wanted.contains(&of));
        let ratios: Vec<Ratio> = ratios.iter().filter(near).copied().collect();
        let groups: std::collections::BTreeMap<Option<u32>, Vec<Ratio>> = self
            .groups(&ratios)
            .filter_map(|group| Some((self.package(group.first()?.row), group)))
            .collect();
        let moved = |row: &usize| {
            let group = groups.get(&self.package(*row))?;
            movement(group.iter().filter(|ratio| ratio.row != *row), between, within)
        };
        rows.iter().map(moved).collect()
    }
}

/// Returns the movement of some rows together, drawn towards none by as much as it is uncertain.
/// Returns `None` when there are too few rows.
fn movement<'r>(
    ratios: impl Iterator<Item = &'r Ratio>,
    between: f64,
    within: f64,
) -> Option<PackageMovement> {
    let mut ratios: Vec<(f64, f64)> =
        ratios.map(|ratio| (ratio.log, 1.0 / (ratio.variance + within))).collect();
    if ratios.len() < ENOUGH_OTHERS {
        return None;
    }
    let weights: f64 = ratios.iter().map(|(_, weight)| weight).sum();
    let counting = std::f64::consts::FRAC_PI_2 / weights;
    let share = between / (between + counting);
    let log = share * weighted_median(&mut ratios);
    Some(PackageMovement { log, variance: between * (1.0 - share) })
}
