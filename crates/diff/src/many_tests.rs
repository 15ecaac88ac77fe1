//! The number of tests of a table: with many rows, some differ by chance.

use crate::math::adjust_both;
use crate::measure::{ALPHA, Design, LEAST_SHARE, Measure};

impl Design<'_> {
    /// Sets q of each row, and returns the highest p that a changed row may have.
    ///
    /// Between runs in turn, a row that is too small to be called changed does not count as a test
    /// (independent filtering, Bourgon, Gentleman and Huber 2010): its size is the sum of both sides, on
    /// which the ratio between them does not depend. Such a row is adjusted among all rows.
    pub(crate) fn adjust(&self, measures: &mut [Measure]) -> f64 {
        // Between sessions, more than 5 % of the changed rows of a simulation would be false.
        let part = if self.between.noise.is_none() { LEAST_SHARE } else { 0.0 };
        let least = part * self.totals[0].max(self.totals[1]);
        let p_of_rows = |least: f64, measures: &[Measure]| -> Vec<Option<[f64; 2]>> {
            let large = |row: &&Measure| row.before + row.after >= least;
            measures.iter().map(|row| Some(row).filter(large)?.p_of_both).collect()
        };
        let of_all = adjust_both(&p_of_rows(0.0, measures));
        let of_large = adjust_both(&p_of_rows(least, measures));
        let tests = of_large.iter().flatten().count();
        let mut critical_p = ALPHA / tests.max(1) as f64;
        for (measure, (among_large, among_all)) in
            measures.iter_mut().zip(of_large.into_iter().zip(of_all))
        {
            measure.q = among_large.or(among_all);
            if let Some(p) = measure.p.filter(|_| among_large.is_some_and(|q| q <= ALPHA)) {
                critical_p = critical_p.max(p);
            }
        }
        critical_p
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Assumptions, analyse};
    use crate::measure::Measure;
    use crate::order::Order;
    use crate::table::{Counts, Grouping, Side, TableRun};

    /// Compares two runs a side, with a row that falls by a third and as many rows as are given that are
    /// too small to be called changed.
    fn measures(small: usize) -> Vec<Measure> {
        let run = |side| TableRun { side, ..TableRun::named("run") };
        let runs = [Side::Before, Side::Before, Side::After, Side::After].map(run);
        let mut counts = Counts::new(4);
        counts.push(&[9_000.0, 9_700.0, 6_000.0, 6_500.0]);
        for row in 0..40 {
            let cost = |at: usize| 4_000.0 * (1.0 + ((row * 7 + at * 5) % 4) as f64 / 30.0);
            counts.push(&[0, 1, 2, 3].map(cost));
        }
        for _ in 0..small {
            counts.push(&[10.0, 11.0, 10.0, 9.0]);
        }
        let functions = Grouping::without_totals(4, counts);
        let assumed = Assumptions { order: Some(Order::InTurn), ..Assumptions::default() };
        analyse(&runs, &[functions], &assumed).unwrap().groupings.remove(0).self_result.measures
    }

    #[test]
    fn rows_that_are_too_small_do_not_make_others_less_certain() {
        let few = measures(0)[0].q.unwrap();
        let many = measures(900);
        assert!(many[0].q.unwrap() < 1.5 * few, "{few} {:?}", many[0].q);
        assert!(many[100].q.is_some_and(|q| q > 0.5), "{:?}", many[100].q);
    }
}
