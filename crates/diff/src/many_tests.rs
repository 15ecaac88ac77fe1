//! The number of tests of a table: with many rows, some differ by chance.

use crate::math::adjust_both;
use crate::measure::{ALPHA, Design, LEAST_SHARE, Measure};

impl Design<'_> {
    /// Sets q of each row, and returns the highest p that a changed row may have.
    ///
    /// Between runs in turn, a row that is too small to be called changed does not count as a test
    /// (independent filtering, Bourgon, Gentleman and Huber 2010): its size is the sum of both sides, on
    /// which the ratio between them does not depend. Such a row is adjusted among all rows.
    ///
    /// A row of the machine is also adjusted among these rows alone, and `q` is the larger value: beside
    /// many functions that changed, the noise of system calls would seem certain. `machine_shares` has the
    /// part of each row's own samples that is the machine's.
    pub(crate) fn adjust(&self, measures: &mut [Measure], machine_shares: &[f64]) -> f64 {
        // Between sessions, more than 5 % of the changed rows of a simulation would be false.
        let part = if self.between.noise.is_none() { LEAST_SHARE } else { 0.0 };
        let least = part * self.totals[0].max(self.totals[1]);
        let adjusted = |is_test: fn(f64) -> bool, measures: &[Measure]| {
            let rows = measures.iter().zip(machine_shares);
            let rows = rows.map(|(row, share)| Some(row).filter(|_| is_test(*share)));
            among_large_rows(&rows.collect::<Vec<_>>(), least)
        };
        let of_all = adjusted(|_| true, measures);
        let of_machine = adjusted(|share| share > 0.5, measures);
        let tests = of_all.iter().filter(|(large, _)| large.is_some()).count();
        let mut critical_p = ALPHA / tests.max(1) as f64;
        for (measure, (of_all, of_machine)) in
            measures.iter_mut().zip(of_all.iter().zip(of_machine))
        {
            let q = |(large, all): (Option<f64>, Option<f64>)| large.or(all);
            measure.q = q(*of_all).map(|joint| joint.max(q(of_machine).unwrap_or(0.0)));
            let is_certain = of_all.0.is_some() && measure.q.is_some_and(|q| q <= ALPHA);
            if let Some(p) = measure.p.filter(|_| is_certain) {
                critical_p = critical_p.max(p);
            }
        }
        critical_p
    }
}

/// Adjusts the rows that are large enough among themselves, and all rows. `None` stands for no test.
fn among_large_rows(rows: &[Option<&Measure>], least: f64) -> Vec<(Option<f64>, Option<f64>)> {
    let of_rows = |least: f64| {
        let large = |row: &&Measure| row.before + row.after >= least;
        let p = rows.iter().map(|row| row.filter(large)?.p_of_both);
        adjust_both(&p.collect::<Vec<_>>())
    };
    of_rows(least).into_iter().zip(of_rows(0.0)).collect()
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
