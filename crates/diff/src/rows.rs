//! The rows of a comparison: their heads, costs and badges.

use crate::analysis::GroupingResult;
use crate::causes::Explanation;
use crate::comparison::{Badge, Row, Table};
use crate::grouping::rows_of_sides;
use crate::inlining::only_before;
use crate::matching::{FunctionPair, SideFunctions};
use crate::measure::{Doubt, Measure, Verdict};
use crate::run::FunctionCount;
use spikeflame_profile::GroupBy;
use std::collections::{BTreeMap, BTreeSet};

/// The part of the cost of a function on one side only that its caller must take back, for the cost to have moved
/// there. With this part, the two errors are equally rare in runs of one build (`tests/accept/by_hand.py`): 4.0 % of
/// the functions that were removed would be taken for moved, and 4.2 % of those that were moved for removed.
const BY_HAND: f64 = 0.4;

/// A row without its costs.
#[derive(Default)]
pub(crate) struct Head {
    label: String,
    name: String,
    file: String,
    kind: Option<spikeflame_profile::Kind>,
    category: Option<spikeflame_profile::Category>,
    line_before: Option<u32>,
    line_after: Option<u32>,
    guessed: bool,
    name_before: Option<String>,
    called_by: Option<String>,
    badges: Vec<Badge>,
    /// `None` for groups: their counts decide.
    is_machine: Option<bool>,
}

impl Head {
    pub(crate) fn of_group(label: String) -> Self {
        Self { name: label.clone(), label, ..Self::default() }
    }
}

/// Returns the head of a function's row.
pub(crate) fn function_head(
    row: &FunctionPair,
    [before, after]: [&SideFunctions<'_>; 2],
    badges: Vec<Badge>,
) -> Head {
    let before = row.before.and_then(|id| before.functions.get(id)).map(|f| f.count);
    let after = row.after.and_then(|id| after.functions.get(id)).map(|f| f.count);
    let Some(shown) = after.or(before) else { return Head { badges, ..Head::default() } };
    let old_name = before.filter(|_| row.renamed).map(|function| function.name.clone());
    let line = |of: Option<&FunctionCount>| of.map(|f| f.line).filter(|line| *line > 0);
    Head {
        label: shown.label.clone(),
        name: shown.name.clone(),
        file: shown.file.clone(),
        kind: Some(shown.kind),
        category: Some(shown.category),
        line_before: line(before),
        line_after: line(after),
        guessed: row.guessed,
        name_before: old_name,
        called_by: shown.called_by.clone(),
        badges,
        is_machine: Some(shown.is_machine),
    }
}

/// Joins heads and costs, the largest change first. Also returns the new index of each row.
pub(crate) fn table(
    by: GroupBy,
    heads: Vec<Head>,
    GroupingResult { self_result, total_result }: GroupingResult,
    machine_shares: &[f64],
) -> (Table, Vec<usize>) {
    let costs = self_result.measures.into_iter().zip(total_result.measures);
    let costs = costs.zip(machine_shares);
    let rows = heads.into_iter().zip(costs);
    let rows = rows.map(|(head, (costs, share))| joined(head, costs, *share));
    let mut rows: Vec<(usize, Row)> = rows.enumerate().collect();
    rows.sort_by(|(_, a), (_, b)| {
        let size = |measure: &Measure| measure.change.abs();
        (size(&b.self_cost).total_cmp(&size(&a.self_cost)))
            .then_with(|| size(&b.total_cost).total_cmp(&size(&a.total_cost)))
            .then_with(|| a.label.cmp(&b.label))
    });
    let mut order = vec![0; rows.len()];
    for (place, (at, _)) in rows.iter().enumerate() {
        if let Some(slot) = order.get_mut(*at) {
            *slot = place;
        }
    }
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let plans = [self_result.plan, total_result.plan];
    (Table { by, rows, plans }, order)
}

fn joined(head: Head, (self_cost, total_cost): (Measure, Measure), share: f64) -> Row {
    let mut badges = head.badges;
    if [&self_cost, &total_cost].iter().any(|cost| cost.doubt == Some(Doubt::StartUp)) {
        badges.push(Badge::StartUp);
    }
    if total_cost.doubt == Some(Doubt::Moved) {
        badges.push(Badge::Moved);
    }
    if head.name_before.is_some() {
        badges.push(Badge::Renamed);
    }
    // Neither the function nor its callees have a sample on that side.
    if total_cost.samples_after == 0.0 && total_cost.samples_before > 0.0 {
        badges.push(Badge::Gone);
    }
    if total_cost.samples_before == 0.0 && total_cost.samples_after > 0.0 {
        badges.push(Badge::New);
    }
    Row {
        label: head.label,
        name: head.name,
        file: head.file,
        kind: head.kind,
        category: head.category,
        line_before: head.line_before,
        line_after: head.line_after,
        guessed: head.guessed,
        name_before: head.name_before,
        called_by: head.called_by,
        self_cost,
        total_cost,
        badges,
        is_machine: head.is_machine.unwrap_or(share > 0.5),
        explained: None,
    }
}

/// Marks rows `INLINED?`: self cost moved between a function and a caller of it whose total
/// did not change. Rows with [`Doubt::Inlined`] are marked too. `gone` has the rows that are certainly
/// new or gone, in order.
pub(crate) fn inlined_badges(
    rows: &[FunctionPair],
    sides: [&SideFunctions<'_>; 2],
    GroupingResult { self_result, total_result }: &GroupingResult,
    gone: &[usize],
) -> Vec<Vec<Badge>> {
    let mut inlined = vec![Vec::new(); rows.len()];
    let row_of = rows_of_sides(rows, sides);
    let change = |row: usize| self_result.measures.get(row).map_or(0.0, |cost| cost.change);
    // Code that was written into its only caller by hand is on no stack either.
    let is_on_one_side =
        |row: usize| total_result.measures.get(row).and_then(only_before).is_some();
    let is_part = |of: usize, part: usize| change(part).abs() >= BY_HAND * change(of).abs();
    let mut calls: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (side, row_of) in sides.into_iter().zip(&row_of) {
        let row = |id: usize| row_of.get(id).copied();
        let changed = |row: usize| is_changed(self_result.measures.get(row));
        let rows = side.calls.iter().filter_map(|&(caller, callee)| row(caller).zip(row(callee)));
        let rows = with_calls_through(rows.collect(), is_on_one_side);
        calls.extend(rows.into_iter().filter(|&(caller, callee)| {
            match (changed(caller), changed(callee)) {
                (true, true) => true,
                (false, true) => is_on_one_side(callee) && is_part(callee, caller),
                (true, false) => is_on_one_side(callee) && is_part(caller, callee),
                (false, false) => false,
            }
        }));
    }
    for (caller, callee) in calls {
        let moved = change(caller) * change(callee) < 0.0;
        let is_gone = [caller, callee].iter().any(|row| gone.binary_search(row).is_ok());
        if !moved || is_gone || is_changed(total_result.measures.get(caller)) {
            continue;
        }
        for row in [caller, callee] {
            if let Some(badges) = inlined.get_mut(row).filter(|badges| badges.is_empty()) {
                badges.push(Badge::Inlined);
            }
        }
    }
    for (at, badges) in inlined.iter_mut().enumerate() {
        let doubted =
            [self_result, total_result].into_iter().filter_map(|table| table.measures.get(at));
        if badges.is_empty() && doubted.into_iter().any(|m| m.doubt == Some(Doubt::Inlined)) {
            badges.push(Badge::Inlined);
        }
    }
    inlined
}

/// Adds the calls from a function to a function on one side through others on one side, in order. A function
/// that was split into two that call each other had the cost of both.
fn with_calls_through(
    mut calls: Vec<(usize, usize)>,
    is_on_one_side: impl Fn(usize) -> bool,
) -> Vec<(usize, usize)> {
    /// The number of functions between both.
    const BETWEEN: usize = 2;
    let mut of_callers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(caller, callee) in &calls {
        if caller != callee && is_on_one_side(caller) && is_on_one_side(callee) {
            of_callers.entry(caller).or_default().push(callee);
        }
    }
    let mut edge = calls.clone();
    for _ in 0..BETWEEN {
        let next = edge.iter().flat_map(|&(caller, callee)| {
            let below = of_callers.get(&callee).into_iter().flatten();
            below.map(move |below| (caller, *below)).filter(|(caller, below)| caller != below)
        });
        edge = next.collect();
        calls.extend(&edge);
    }
    calls
}

/// Returns true for the top level of a script. It runs once in each process. When the load begins
/// while modules are still read, it differs without a change of the code, whatever the window.
pub(crate) fn is_top_level(row: &FunctionPair, sides: [&SideFunctions<'_>; 2]) -> bool {
    let ids = [row.before, row.after].into_iter().zip(sides);
    let mut shown = ids.filter_map(|(id, side)| side.functions.get(id?));
    shown.next_back().is_some_and(|function| {
        let label = &function.count.label;
        label.starts_with("<anonymous> ") && label.ends_with(":1:1")
    })
}

/// Withdraws the verdict "changed" from rows that are `INLINED?`, from the top levels of scripts
/// (`start_up`, one value for each row), and from rows that changed only because of such a row.
pub(crate) fn doubt_with_causes(
    GroupingResult { self_result, total_result }: &mut GroupingResult,
    badges: &mut [Vec<Badge>],
    start_up: &[bool],
    causes: &mut [Option<Explanation>],
) {
    let doubt = |(badges, &start_up): (&Vec<Badge>, &bool)| match badges.contains(&Badge::Inlined) {
        true => Some(Doubt::Inlined),
        false => start_up.then_some(Doubt::StartUp),
    };
    let doubts: Vec<Option<Doubt>> = badges.iter().zip(start_up).map(doubt).collect();
    for (at, badges) in badges.iter_mut().enumerate() {
        let cause = causes.get(at).copied().flatten();
        let of_row = |row: usize| doubts.get(row).copied().flatten();
        // A certain cause explains a total, and leaves the row's own cost in doubt.
        let own = of_row(at).filter(|doubt| cause.is_none() || *doubt == Doubt::Inlined);
        let Some(doubt) = cause.and_then(|cause| of_row(cause.by)).or(own) else { continue };
        let measures = [self_result.measures.get_mut(at), total_result.measures.get_mut(at)];
        for measure in measures.into_iter().flatten().filter(|measure| is_changed(Some(measure))) {
            measure.doubted(doubt);
        }
        if doubt == Doubt::Inlined && !badges.contains(&Badge::Inlined) {
            badges.push(Badge::Inlined);
        }
        if let Some(cause) = causes.get_mut(at) {
            *cause = None;
        }
    }
}

fn is_changed(measure: Option<&Measure>) -> bool {
    measure.is_some_and(|measure| measure.verdict == Verdict::Changed)
}
