//! Files of a history under one name, although a build moved them or gave them other names.

use crate::files::{Names, pair};
use crate::run::RunCounts;
use hashbrown::HashMap;
use spikeflame_profile::Kind;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a run, each with its name beside the other runs.
type Files<'a> = BTreeMap<&'a str, Cow<'a, str>>;

/// Returns the earlier name of each file that has another name from some point on. Two files that one point
/// has both of are never one file.
pub(super) fn earlier_names<'f>(
    runs: &[&'f RunCounts],
    points: &[Vec<usize>],
    files: &'f [Files<'f>],
) -> HashMap<&'f str, &'f str> {
    let columns: Vec<Names<'f>> = points.iter().map(|point| names(runs, point, files)).collect();
    let mut seen: HashMap<&str, BTreeSet<usize>> = HashMap::new();
    for (at, column) in columns.iter().enumerate() {
        for file in column.keys() {
            seen.entry(file).or_default().insert(at);
        }
    }
    let mut earlier: HashMap<&'f str, &'f str> = HashMap::new();
    let mut known: Names<'f> = Names::new();
    for column in &columns {
        let is_new = |file: &&str| !known.contains_key(*file) && !earlier.contains_key(*file);
        let new: Vec<&'f str> = column.keys().copied().filter(is_new).collect();
        if !new.is_empty() {
            let of_new: Names<'f> = column
                .iter()
                .filter(|(file, _)| new.contains(file))
                .map(|(file, names)| (*file, names.clone()))
                .collect();
            for (before, after) in moved(&known, &of_new, &seen) {
                let both: BTreeSet<usize> = [before, after]
                    .iter()
                    .filter_map(|file| seen.get(file))
                    .flat_map(|points| points.iter().copied())
                    .collect();
                seen.insert(before, both);
                earlier.insert(after, before);
            }
        }
        for (file, names) in column {
            let file = earlier.get(file).copied().unwrap_or(file);
            known.entry(file).or_default().extend(names);
        }
    }
    earlier
}

/// Returns pairs of a known file and a new one that is the same. The points that have them differ.
fn moved<'f>(
    known: &Names<'f>,
    new: &Names<'f>,
    seen: &HashMap<&str, BTreeSet<usize>>,
) -> Vec<(&'f str, &'f str)> {
    let of = |file: &str| seen.get(file);
    let apart = |one: &str, other: &str| {
        of(one).zip(of(other)).is_some_and(|(one, other)| one.is_disjoint(other))
    };
    // A known file that no new one can be would take the place of another.
    let mut known: Names<'f> = known
        .iter()
        .filter(|(file, _)| new.keys().any(|other| apart(file, other)))
        .map(|(file, names)| (*file, names.clone()))
        .collect();
    loop {
        let pairs = pair(&known, new);
        let (fit, other): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|pair| apart(pair.before, pair.after));
        if other.is_empty() {
            return fit.into_iter().map(|pair| (pair.before, pair.after)).collect();
        }
        known.retain(|file, _| other.iter().all(|pair| pair.before != *file));
    }
}

/// Returns the names of the functions in each file of a point.
fn names<'f>(runs: &[&'f RunCounts], point: &[usize], files: &'f [Files<'f>]) -> Names<'f> {
    let mut names = Names::new();
    for (run, files) in point.iter().filter_map(|&run| runs.get(run).zip(files.get(run))) {
        let named = run.functions.iter().filter(|f| f.kind == Kind::Js && !f.name.is_empty());
        for function in named {
            if let Some(file) = files.get(function.file.as_str()) {
                names.entry(file.as_ref()).or_default().insert(function.name.as_str());
            }
        }
    }
    names
}
