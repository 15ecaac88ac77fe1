//! Doubts that the two costs of a row share, and doubts that all rows share.

use crate::analysis::{Analysis, GroupingResult};
use crate::evidence::Evidence;
use crate::measure::{Doubt, Measure, Verdict};

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
