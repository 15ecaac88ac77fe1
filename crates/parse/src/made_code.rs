//! Code that `eval`, `new Function` and `vm` made while the program ran. Its scripts have no file of
//! their own, so that functions of several scripts can have one name and one place.
//!
//! A reader stores the number of the script in [`Function::module`], and calls [`join`] at the end: such
//! functions become one row, because the numbers differ from run to run. The result names the rows.

use crate::script_path::{EVAL, VM};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{
    FrameTable, Function, FunctionId, Kind, Samples, StackTree, StrId, Tier, write_label,
};
use std::collections::{BTreeMap, HashMap};

/// A warning is printed when this percentage of the samples is in scripts that have no row of their own.
const WORTH_TELLING: u64 = 1;

/// Returns true for the file of code that was made while the program ran.
pub(crate) fn is_made(file: &str) -> bool {
    file == EVAL || file.starts_with(VM)
}

/// Returns the name that a text has by its last comment `//# sourceURL=NAME`, as the inspector shows it.
pub(crate) fn source_url(text: &str) -> Option<&str> {
    let mut lines = text.lines().rev().map(str::trim_start);
    let name = lines.find_map(|line| line.strip_prefix("//# sourceURL="));
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'');
    name.map(str::trim_end).filter(|name| !name.is_empty() && name.chars().all(plain))
}

/// Gives functions of scripts that have a name the file of this name. `names` has it by the number of the script.
pub(crate) fn name_scripts(names: &HashMap<u64, String>, frames: &mut FrameTable) {
    let strings = frames.strings();
    let named = |(id, function): (FunctionId, &Function)| {
        let script = strings.get(function.module).strip_prefix("script ")?;
        let is_one = function.kind == Kind::Js && is_made(strings.get(function.file));
        Some((id, *function, names.get(&script.parse().ok()?).filter(|_| is_one)?.as_str()))
    };
    let named: Vec<_> = frames.functions().filter_map(named).collect();
    for (id, function, name) in named {
        let file = frames.intern(name);
        frames.set_function(id, Function { file, module: StrId::EMPTY, ..function });
    }
}

/// Returns the function with the number of its script, or `id` for a function of a file.
pub(crate) fn of_script(id: FunctionId, script: u64, frames: &mut FrameTable) -> FunctionId {
    let function = *frames.get_function(id);
    if function.kind != Kind::Js || !is_made(frames.strings().get(function.file)) {
        return id;
    }
    let module = frames.intern(&format!("script {script}"));
    frames.function(Function { module, ..function })
}

/// Returns the number of the script of a function that [`of_script`] returned.
pub(crate) fn script(function: Function, frames: &FrameTable) -> Option<u64> {
    if function.module == StrId::EMPTY || function.kind != Kind::Js {
        return None;
    }
    frames.strings().get(function.module).strip_prefix("script ")?.parse().ok()
}

/// Removes the numbers of scripts from functions. Returns a fact when functions of several scripts are one
/// row, and the scripts after the first have at least 1 % of all samples.
pub(crate) fn join(
    frames: &mut FrameTable,
    stacks: &StackTree,
    threads: &[&Samples],
) -> Option<Fact> {
    let made: Vec<(FunctionId, Function)> = frames
        .functions()
        .filter(|(_, function)| function.kind == Kind::Js && function.module != StrId::EMPTY)
        .filter(|(_, function)| is_made(frames.strings().get(function.file)))
        .map(|(id, function)| (id, Function { module: StrId::EMPTY, ..*function }))
        .collect();
    if made.is_empty() {
        return None;
    }
    let mut rows: BTreeMap<String, Vec<FunctionId>> = BTreeMap::new();
    for (id, function) in made {
        frames.set_function(id, function);
        let mut label = String::new();
        write_label(&mut label, frames.strings(), &function, Tier::None);
        rows.entry(label).or_default().push(id);
    }
    rows.retain(|_, scripts| scripts.len() > 1);
    if rows.is_empty() {
        return None;
    }
    let weights = weights(frames, stacks, threads);
    let weighed = |scripts: Vec<FunctionId>| {
        scripts.iter().filter_map(|id| weights.get(id).copied()).collect()
    };
    let mut rows: BTreeMap<String, Vec<u64>> =
        rows.into_iter().map(|(label, scripts)| (label, weighed(scripts))).collect();
    rows.retain(|_, scripts| scripts.len() > 1);
    let mut rows: Vec<(String, Vec<u64>)> = rows.into_iter().collect();
    rows.sort_by_key(|(_, scripts)| std::cmp::Reverse(further(scripts)));
    let samples = rows.iter().map(|(_, scripts)| further(scripts)).fold(0, u64::saturating_add);
    let all = threads.iter().map(|samples| samples.total()).fold(0, u64::saturating_add);
    let rows = rows.into_iter().map(|(label, scripts)| (label, scripts.len() as u64)).collect();
    let is_much = samples > 0 && samples >= all.saturating_mul(WORTH_TELLING) / 100;
    is_much.then_some(Fact::SeveralScripts { rows, samples, all })
}

/// Returns the weight of all scripts but the one with the most.
fn further(scripts: &[u64]) -> u64 {
    let all = scripts.iter().fold(0, |sum: u64, weight| sum.saturating_add(*weight));
    all - scripts.iter().max().copied().unwrap_or_default()
}

/// Returns the weight of the samples in which each JavaScript function is the innermost one.
fn weights(
    frames: &FrameTable,
    stacks: &StackTree,
    threads: &[&Samples],
) -> HashMap<FunctionId, u64> {
    let mut innermost: Vec<Option<FunctionId>> = vec![None; stacks.len()];
    for (stack, parent, frame) in stacks.nodes() {
        let above = innermost.get(parent.index()).copied().flatten();
        let own = (frames.kind(frame) == Kind::Js).then(|| frames.get(frame).function);
        if let Some(slot) = innermost.get_mut(stack.index()) {
            *slot = own.or(above);
        }
    }
    let mut sums = vec![0; stacks.len()];
    threads.iter().for_each(|samples| samples.add_weights(&mut sums));
    let mut weights: HashMap<FunctionId, u64> = HashMap::new();
    for (function, weight) in innermost.into_iter().zip(sums) {
        if let Some(function) = function.filter(|_| weight > 0) {
            let sum = weights.entry(function).or_default();
            *sum = sum.saturating_add(weight);
        }
    }
    weights
}
