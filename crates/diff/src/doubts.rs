//! Doubts that the two costs of a row share, and doubts about changes that the whole program shares.

use crate::arising::{Evidence, Row};
use crate::measure::{ALPHA, Doubt, Measure, Verdict};
use crate::table::Grouping;

/// Gives both costs of a row one verdict, when they have the same samples: that of the cost that is called changed, but
/// none when it is withdrawn from one. Both are one cost, which the tables of self and total costs test beside other rows.
pub(crate) fn share_doubts(self_measures: &mut [Measure], total_measures: &mut [Measure]) {
    for (own, total) in self_measures.iter_mut().zip(total_measures) {
        let samples = |measure: &Measure| (measure.samples_before, measure.samples_after);
        if samples(own) != samples(total) {
            continue;
        }
        let Some(doubt) = own.doubt.or(total.doubt) else {
            match (own.verdict, total.verdict) {
                (Verdict::Changed, _) => *total = *own,
                (_, Verdict::Changed) => *own = *total,
                _ => {}
            }
            continue;
        };
        for measure in [own, total] {
            if measure.verdict == Verdict::Changed {
                measure.doubted(doubt);
            }
        }
    }
}

/// Withdraws the verdict "changed" from rows that did not change in the same direction relative to the other
/// rows too. `others` are the results with the shift of the whole program taken out, and `shows` returns
/// whether a row changed in them.
pub(crate) fn with_program(
    measures: &mut [Measure],
    others: &[Measure],
    shows: impl Fn(&Measure) -> bool,
) {
    for (measure, other) in measures.iter_mut().zip(others) {
        doubt_unless(shows(other), measure, other);
    }
}

/// Withdraws the verdict "changed" when a row does not show it, or has another direction in the other measure.
fn doubt_unless(shows: bool, measure: &mut Measure, other: &Measure) {
    let both = shows && measure.change * other.change > 0.0;
    if measure.verdict == Verdict::Changed && !both {
        measure.doubted(Doubt::WithProgram);
    }
}

/// Withdraws the verdict "changed" from rows of a grouping that did not change over as many requests of
/// each run: their cost depends on how far a run came.
pub(crate) fn doubt_later_costs(
    costs: [&mut [Measure]; 2],
    (grouping, table): (usize, &Grouping),
    evidence: &Evidence<'_>,
) {
    let tables = [(false, &table.self_counts), (true, &table.total_counts)];
    for (measures, (is_total, table)) in costs.into_iter().zip(tables) {
        for (at, (measure, counts)) in measures.iter_mut().zip(table.rows()).enumerate() {
            let row = Row { grouping, at, is_total, measure, counts };
            if measure.verdict == Verdict::Changed && !evidence.agrees_at_first(&row) {
                measure.doubted(Doubt::StartUp);
            }
        }
    }
}

/// A function with this share of all samples is most of the program, so its share shows little of its change.
const MOST: f64 = 0.5;

/// Withdraws the verdict "changed" from rows whose share of all samples does not show it: `shares` are the
/// self and total costs as shares. A row that changed is certain already, so p in `shares` is not adjusted for
/// the number of rows.
pub(crate) fn relative_to_program(costs: [&mut [Measure]; 2], shares: [&[Measure]; 2]) {
    let differs = |measure: &Measure| measure.p.is_some_and(|p| p <= ALPHA);
    let is_most: Vec<bool> =
        shares[0].iter().map(|row| row.before.max(row.after) >= MOST).collect();
    for (measures, shares) in costs.into_iter().zip(shares) {
        for ((measure, share), is_most) in measures.iter_mut().zip(shares).zip(&is_most) {
            if !is_most {
                doubt_unless(differs(share), measure, share);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Assumptions, analyse};
    use crate::order::Order;
    use crate::table::{Counts, Grouping, Side, TableRun};

    /// Garbage collection was START-UP? and `total CHANGED` in one row: both costs are the same
    /// samples, but they are tested beside other rows.
    #[test]
    fn a_row_that_calls_nothing_has_one_doubt() {
        let run = |side| TableRun { side, interval_ms: Some(1.0), ..TableRun::named("run") };
        let runs = [Side::Before, Side::Before, Side::After, Side::After].map(run);
        let mut counts = Counts::new(4);
        counts.push(&[900.0, 910.0, 100.0, 95.0]);
        for _ in 0..20 {
            counts.push(&[800.0, 805.0, 795.0, 802.0]);
        }
        let functions = Grouping { self_counts: counts.clone(), total_counts: counts };
        let analysis = analyse(&runs, &[functions], &Assumptions::default()).unwrap();
        let measures = &analysis.groupings[0].self_result.measures;
        let (mut own, mut total) = (measures.clone(), measures.clone());
        assert_eq!(own[0].verdict, Verdict::Changed);
        total[0].doubted(Doubt::StartUp);
        share_doubts(&mut own, &mut total);
        assert_eq!((own[0].verdict, own[0].doubt), (Verdict::NotResolved, Some(Doubt::StartUp)));
        // One of two tests of the same samples was certain, and the row was `total CHANGED` without a callee.
        let (mut own, mut total) = (measures.clone(), measures.clone());
        (own[0].verdict, own[0].q) = (Verdict::NotResolved, Some(0.057));
        share_doubts(&mut own, &mut total);
        assert_eq!((own[0].verdict, own[0].q), (Verdict::Changed, total[0].q));
        // A row that calls others has two costs.
        let (mut own, mut total) = (measures.clone(), measures.clone());
        own[0].samples_before -= 5.0;
        total[0].doubted(Doubt::StartUp);
        share_doubts(&mut own, &mut total);
        assert_eq!(own[0].verdict, Verdict::Changed);
    }

    /// Compares two runs a side in turn: `rows` have the self and total counts.
    fn analysed(rows: &[([f64; 4], [f64; 4])], machine: Vec<f64>) -> Vec<[Measure; 2]> {
        let run = |side| TableRun {
            side,
            interval_ms: Some(1.0),
            requests: Some(100.0),
            ..TableRun::named("run")
        };
        let runs = [Side::Before, Side::Before, Side::After, Side::After].map(run);
        let mut self_counts = Counts::new(4).with_machine(machine.clone());
        let mut total_counts = Counts::new(4).with_machine(machine);
        for (own, total) in rows {
            self_counts.push(own);
            total_counts.push(total);
        }
        let functions = Grouping { self_counts, total_counts };
        let order = Some(Order::InTurn);
        let assumed = Assumptions { order, ..Assumptions::default() };
        let result = analyse(&runs, &[functions], &assumed).unwrap().groupings.remove(0);
        let totals = result.total_result.measures;
        result
            .self_result
            .measures
            .into_iter()
            .zip(totals)
            .map(|(own, total)| [own, total])
            .collect()
    }

    /// In perf at two runs a side, 31 rows fell by a sixth, because all samples did: no function had
    /// enough of them to show the speed of the machine.
    #[test]
    fn without_the_speed_of_the_machine_a_row_changes_relative_to_the_program() {
        let small = ([9.0, 9.0, 7.0, 7.0], [9.0, 9.0, 7.0, 7.0]);
        let sum = [612.0, 612.0, 464.0, 464.0];
        let mut rows = vec![([0.0; 4], sum), ([0.0, 0.0, 30.0, 31.0], [0.0, 0.0, 30.0, 31.0])];
        rows.extend([small; 68]);
        let measures = analysed(&rows, Vec::new());
        let of = |row: usize| (measures[row][1].verdict, measures[row][1].doubt);
        assert_eq!(of(0), (Verdict::NotResolved, Some(Doubt::WithProgram)), "all of the program");
        assert_eq!(of(1), (Verdict::Changed, None), "a new function");
    }

    /// The kernel's waking of other threads was CHANGED by a quarter: both runs of a side were alike.
    #[test]
    fn the_machine_varies_between_runs_that_are_alike() {
        let quiet = ([800.0, 805.0, 795.0, 802.0], [800.0, 805.0, 795.0, 802.0]);
        let fell = ([2_000.0, 2_005.0, 1_500.0, 1_502.0], [2_000.0, 2_005.0, 1_500.0, 1_502.0]);
        let gone = ([2_000.0, 2_005.0, 0.0, 0.0], [2_000.0, 2_005.0, 0.0, 0.0]);
        let mut rows = vec![fell, gone];
        rows.extend([quiet; 40]);
        let verdicts = |share: f64| {
            let mut machine = vec![0.0; rows.len()];
            machine[..2].fill(share);
            let measures = analysed(&rows, machine);
            [0, 1].map(|row| measures[row][0].verdict)
        };
        assert_eq!(verdicts(0.0), [Verdict::Changed; 2]);
        assert_eq!(verdicts(1.0), [Verdict::NotResolved, Verdict::Changed]);
    }
}
