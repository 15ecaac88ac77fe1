//! Doubts about all rows of sides that are not alike.

use crate::analysis::{Analysis, GroupingResult};
use crate::evidence::Evidence;
use crate::measure::{Doubt, Verdict};
use crate::warning::Warning;

/// When functions that both sides have hold less than this share of a side's samples, nothing shows which function is
/// which.
const NOTHING_SHARED: f64 = 0.05;

/// Withdraws the verdict "changed" from all rows, because the sides were recorded in different ways.
pub(crate) fn doubt_recorders(analysis: &mut Analysis) {
    if analysis.evidence == Evidence::Strong {
        analysis.evidence = Evidence::Weak;
    }
    for grouping in &mut analysis.groupings {
        doubt_all(grouping, Doubt::Recorder);
    }
}

/// Withdraws the verdict "changed" from all functions, when the sides have hardly a function in common.
pub(crate) fn doubt_programs(analysis: &mut Analysis, warnings: &[Warning]) {
    let is_unlike = |warning: &Warning| match warning {
        Warning::DifferentPrograms { shared } => *shared < NOTHING_SHARED,
        _ => false,
    };
    if let Some(functions) = analysis.groupings.first_mut()
        && warnings.iter().any(is_unlike)
    {
        doubt_all(functions, Doubt::OtherNames);
    }
}

fn doubt_all(GroupingResult { self_result, total_result }: &mut GroupingResult, doubt: Doubt) {
    let measures = self_result.measures.iter_mut().chain(&mut total_result.measures);
    for measure in measures.filter(|measure| measure.verdict != Verdict::NotResolved) {
        measure.doubted(doubt);
    }
}
