//! The cost of all functions together, and how certain it is.

use crate::dispersion::Trend;
use crate::math::{joined_df, t_quantile};
use crate::measure::{ALPHA, Design, Measure};
use crate::table::Counts;

/// The cost of all functions together, before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Cost before, in the comparison's unit.
    pub before: f64,
    /// Cost after, in the comparison's unit.
    pub after: f64,
    /// `after / before`. A ratio below 1 is a fall of the cost.
    pub ratio: f64,
    /// Lower and upper end of the 95 % interval of `ratio`.
    pub ci: (f64, f64),
    /// A second pair of costs, before and after. They are, as a rule, those without the correction for the
    /// speed of the machine, and `before` and `after` when costs are not corrected, or are shares of runs whose
    /// work is not taken to be equal. With
    /// [`Comparison::two_scales`](crate::Comparison::two_scales), they are the shares with the other
    /// factor, and with [`Comparison::without_waits`](crate::Comparison::without_waits) the costs without
    /// waiting for a core.
    pub uncorrected: (f64, f64),
}

/// Returns the cost of all functions. Its spread is taken from the sums of the runs, but is
/// never less than the spread of the functions together.
pub(crate) fn totals(
    design: &Design<'_>,
    counts: &Counts,
    functions: Option<(&[Measure], f64)>,
) -> Totals {
    let sums = counts.column_sums();
    let rows = counts.rows().zip(counts.machine());
    let machine: f64 = rows.map(|(row, share)| share * row.iter().sum::<f64>()).sum();
    let mut all = Counts::new(sums.len()).with_machine(vec![machine / sums.iter().sum::<f64>()]);
    all.push(&sums);
    let none = Trend::assumed(0.0, 0.0);
    let Some((whole, (rows, prior_df))) = design.measures(&all, &none).pop().zip(functions) else {
        let ci = (0.0, f64::INFINITY);
        return Totals { before: 0.0, after: 0.0, ratio: 1.0, ci, uncorrected: (0.0, 0.0) };
    };
    let samples = |measure: &Measure| measure.samples_before + measure.samples_after;
    let parts = rows.iter().map(|row| row.dispersion * samples(row)).sum::<f64>();
    let parts = parts / samples(&whole);
    let (dispersion, df) = if whole.dispersion > parts {
        (whole.dispersion, whole.within_df)
    } else {
        (parts, whole.within_df + prior_df)
    };
    let within = dispersion / whole.dispersion * whole.within();
    let error = (within + whole.between).sqrt();
    let df = joined_df([(within, df), (whole.between, whole.between_df)]);
    let reach = t_quantile(1.0 - ALPHA / 2.0, df) * error;
    let Measure { before, after, uncorrected, .. } = whole;
    let (low, high) = whole.open_logs();
    let ci = ((low - reach).exp(), (high + reach).exp());
    Totals { before, after, ratio: after / before, ci, uncorrected }
}
