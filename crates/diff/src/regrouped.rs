//! Files and packages whose functions are in another file or package on the other side, as in a bundle.

use crate::analysis::{Analysis, GroupingResult};
use crate::levels::GROUPS;
use crate::matching::{Matching, SideFunction, SideFunctions};
use crate::measure::{Doubt, Verdict};
use crate::warning::Warning;
use hashbrown::HashMap;
use spikeflame_profile::{GroupBy, Kind, group_of};
use std::collections::BTreeSet;

/// The part of a group's change that lies in functions which came from or went to another group, from which
/// on nothing shows whether the group changed by itself.
const MOST_MOVED: f64 = 0.5;
/// The part, as above, from which on a group that is on one side only is not judged.
const MOST_MOVED_OF_ALL: f64 = 1.0 / 3.0;

/// Withdraws the verdict "changed" from files and packages that changed because their functions are in
/// another file or package on the other side. `labels` are those of the groupings after that of the
/// functions. Returns a warning that names them.
pub(crate) fn doubt_regrouped(
    analysis: &mut Analysis,
    matching: &Matching<'_>,
    sides: [&SideFunctions<'_>; 2],
    labels: &[Vec<String>],
) -> Option<Warning> {
    let mut places = BTreeSet::new();
    let functions = analysis.groupings.first()?.clone();
    let groups = analysis.groupings.iter_mut().skip(1).zip(labels).zip(GROUPS);
    for ((result, labels), by) in groups.filter(|(_, by)| *by != GroupBy::Category) {
        let moved = moved_costs(by, matching, sides, &functions);
        if moved.is_empty() {
            continue;
        }
        for (at, label) in labels.iter().enumerate() {
            let moved = moved.get(label.as_str());
            if moved.is_some_and(|moved| doubt(result, at, *moved)) {
                places.insert(label.clone());
            }
        }
    }
    let places: Vec<String> = places.into_iter().collect();
    (!places.is_empty()).then_some(Warning::Regrouped { places })
}

/// Returns the self and the total cost of the functions that each group of one kind got from other groups, less
/// the costs of those that went to others.
fn moved_costs(
    by: GroupBy,
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    GroupingResult { self_result, total_result }: &GroupingResult,
) -> HashMap<String, [f64; 2]> {
    // A file keeps its row under another name, and a package is that of the path as it was recorded.
    let group = |function: &SideFunction<'_>, file: &str| {
        let file = if by == GroupBy::File { file } else { function.count.file.as_str() };
        let is_script = function.count.kind == Kind::Js;
        is_script.then(|| group_of(by, Kind::Js, file)).flatten()
    };
    let mut moved: HashMap<String, [f64; 2]> = HashMap::new();
    let mut add = |group: String, costs: [f64; 2]| {
        for (sum, cost) in moved.entry(group).or_default().iter_mut().zip(costs) {
            *sum += cost;
        }
    };
    let costs = self_result.measures.iter().zip(&total_result.measures);
    for (row, (own, total)) in matching.rows.iter().zip(costs) {
        let Some((one, two)) = row.before.zip(row.after) else { continue };
        let Some((one, two)) = before.functions.get(one).zip(after.functions.get(two)) else {
            continue;
        };
        if one.count.file == two.count.file {
            continue;
        }
        let file = matching.files.get(one.file).copied().unwrap_or(one.file);
        if let Some((from, to)) = group(one, file).zip(group(two, two.file))
            && from != to
        {
            add(from, [-own.before, -total.before]);
            add(to, [own.after, total.after]);
        }
    }
    moved
}

/// Withdraws the verdict from the self and the total cost of a group of which `moved` came from other groups.
/// Returns true when a cost had been called changed.
fn doubt(result: &mut GroupingResult, at: usize, moved: [f64; 2]) -> bool {
    let GroupingResult { self_result, total_result } = result;
    let mut was_changed = false;
    for (table, moved) in [self_result, total_result].into_iter().zip(moved) {
        let Some(measure) = table.measures.get_mut(at) else { continue };
        let is_one_sided = measure.before == 0.0 || measure.after == 0.0;
        let most = if is_one_sided { MOST_MOVED_OF_ALL } else { MOST_MOVED };
        if measure.verdict == Verdict::Changed && moved / measure.change >= most {
            measure.doubted(Doubt::Moved);
            was_changed = true;
        }
    }
    was_changed
}
