//! Doubts that the two costs of a row share, and doubts that all rows share.

use crate::analysis::{Analysis, GroupingResult};
use crate::evidence::Evidence;
use crate::measure::{ALPHA, Doubt, Measure, Verdict};

/// Withdraws the verdict "changed" from both costs of a row when it is withdrawn from one, and the self and
/// the total cost have the same samples. Both are one cost, which the tables of self and total costs test beside other rows.
pub(crate) fn share_doubts(self_measures: &mut [Measure], total_measures: &mut [Measure]) {
    for (own, total) in self_measures.iter_mut().zip(total_measures) {
        let samples = |measure: &Measure| (measure.samples_before, measure.samples_after);
        let doubt = own.doubt.or(total.doubt).filter(|_| samples(own) == samples(total));
        let Some(doubt) = doubt else { continue };
        for measure in [own, total] {
            if measure.verdict == Verdict::Changed {
                measure.doubted(doubt);
            }
        }
    }
}

/// Withdraws the verdict "changed" from all rows, because the sides were recorded in different ways.
pub(crate) fn doubt_all(analysis: &mut Analysis) {
    if analysis.evidence == Evidence::Strong {
        analysis.evidence = Evidence::Weak;
    }
    for GroupingResult { self_result, total_result } in &mut analysis.groupings {
        let measures = self_result.measures.iter_mut().chain(&mut total_result.measures);
        for measure in measures.filter(|measure| measure.verdict != Verdict::NotResolved) {
            measure.doubted(Doubt::Recorder);
        }
    }
}

/// Withdraws the verdict "changed" from rows that did not change in the same direction relative to the other
/// rows too. `others` are the results with the shift of the whole program taken out, and `shows` returns
/// whether a row changed in them.
pub(crate) fn with_program(
    results: &mut [GroupingResult],
    others: &[GroupingResult],
    shows: impl Fn(&Measure) -> bool,
) {
    for (result, other) in results.iter_mut().zip(others) {
        let own = (&mut result.self_result.measures, &other.self_result.measures);
        let total = (&mut result.total_result.measures, &other.total_result.measures);
        for (measures, others) in [own, total] {
            for (measure, other) in measures.iter_mut().zip(others) {
                doubt_unless(shows(other), measure, other);
            }
        }
    }
}

/// Withdraws the verdict "changed" when a row does not show it, or has another direction in the other measure.
fn doubt_unless(shows: bool, measure: &mut Measure, other: &Measure) {
    let both = shows && measure.change * other.change > 0.0;
    if measure.verdict == Verdict::Changed && !both {
        measure.doubted(Doubt::WithProgram);
    }
}

/// A function with this share of all samples is most of the program, so its share shows little of its change.
const MOST: f64 = 0.5;

/// Withdraws the verdict "changed" from rows whose share of all samples does not show it: `shares` are the
/// results for shares. A row that changed is certain already, so p in `shares` is not adjusted for the number
/// of rows.
pub(crate) fn relative_to_program(results: &mut [GroupingResult], shares: &[GroupingResult]) {
    for (result, share) in results.iter_mut().zip(shares) {
        let of_row = |measure: &Measure| measure.p.is_some_and(|p| p <= ALPHA);
        let own = &share.self_result.measures;
        let is_most: Vec<bool> = own.iter().map(|row| row.before.max(row.after) >= MOST).collect();
        let own = (&mut result.self_result.measures, own);
        let total = (&mut result.total_result.measures, &share.total_result.measures);
        for (measures, shares) in [own, total] {
            for ((measure, share), is_most) in measures.iter_mut().zip(shares).zip(&is_most) {
                if !is_most {
                    doubt_unless(of_row(share), measure, share);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Assumptions, analyse};
    use crate::table::{Counts, Side};
    use crate::table::{Grouping, TableRun};

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
        // A row that calls others has two costs.
        let (mut own, mut total) = (measures.clone(), measures.clone());
        own[0].samples_before -= 5.0;
        total[0].doubted(Doubt::StartUp);
        share_doubts(&mut own, &mut total);
        assert_eq!(own[0].verdict, Verdict::Changed);
    }
}
