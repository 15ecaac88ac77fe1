//! Matches the functions of all runs. Within a side they are matched by place. Between the sides
//! they are matched by name and file, and by line only as far as functions around them show how lines
//! moved.

use crate::files::{LoneFiles, Names, common_roots, pair as pair_files, replaced};
use crate::functions::pair as pair_functions;
use crate::moved::{FunctionNames, bundled, moved, nameless};
use crate::run::{FunctionCount, RunCounts};
use crate::same_lines::FunctionPlace;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{Category, GroupBy, Kind, group_of};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a run, each with the name that it has in the first run, as far as that is known.
type Canonical<'a> = BTreeMap<&'a str, Cow<'a, str>>;

/// A function of one side.
pub(crate) struct SideFunction<'a> {
    /// The function in the first run that has it.
    pub(crate) count: &'a FunctionCount,
    /// The file, with its name in the first run.
    pub(crate) file: &'a str,
}

impl SideFunction<'_> {
    /// Returns the name of a JavaScript function and its package, which is empty when it has none.
    /// Returns `None` for other code and for anonymous functions.
    fn name_and_package(&self) -> Option<(&str, String)> {
        let is_named = self.count.kind == Kind::Js && !self.count.name.is_empty();
        let package = || group_of(GroupBy::Package, Kind::Js, self.file).unwrap_or_default();
        is_named.then(|| (self.count.name.as_str(), package()))
    }
}

/// All functions of one side.
pub(crate) struct SideFunctions<'a> {
    pub(crate) functions: Vec<SideFunction<'a>>,
    /// The index in `functions` of each function of each run.
    pub(crate) of_run: Vec<Vec<usize>>,
    /// Pairs of caller and callee, as indices in `functions`: in order, each once.
    pub(crate) calls: Vec<(usize, usize)>,
}

/// A row: a function of one side or of both.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FunctionPair {
    pub(crate) before: Option<usize>,
    pub(crate) after: Option<usize>,
    pub(crate) guessed: bool,
    /// True when the function probably has another name on each side.
    pub(crate) renamed: bool,
}

/// Maps the files of every run to their names in the first run. It replaces other install
/// paths, and the prefixes that the user mapped.
pub(crate) fn canonical_files<'a>(
    runs: &[&'a RunCounts],
    path_map: &[(String, String)],
) -> Vec<Canonical<'a>> {
    let mut all = runs.iter().map(|run| mapped(run, path_map));
    let Some(first) = all.next() else { return Vec::new() };
    let model: BTreeSet<&str> = first.values().map(Cow::as_ref).collect();
    let mut aligned: Vec<Canonical<'a>> = all.map(|files| align(files, &model)).collect();
    drop(model);
    aligned.insert(0, first);
    aligned
}

fn align<'a>(mut canonical: Canonical<'a>, model: &BTreeSet<&str>) -> Canonical<'a> {
    let roots = common_roots(model, &canonical.values().map(Cow::as_ref).collect());
    if !roots.is_empty() {
        for file in canonical.values_mut().filter(|file| !model.contains(file.as_ref())) {
            if let Some(moved) = replaced(file, &roots, true) {
                *file = Cow::Owned(moved);
            }
        }
    }
    canonical
}

fn mapped<'a>(run: &'a RunCounts, path_map: &[(String, String)]) -> Canonical<'a> {
    let mut canonical = Canonical::new();
    let [files, ..] = &run.groups;
    let grouped = files.iter().map(|group| group.label.as_str());
    // Most functions have the file of their group.
    let of_functions = run.functions.iter().filter_map(|function| {
        let file = function.file.as_str();
        (run.file_of(function) != Some(file)).then_some(file)
    });
    for file in of_functions.chain(grouped) {
        canonical.entry(file).or_insert_with(|| match replaced(file, path_map, false) {
            Some(moved) => Cow::Owned(moved),
            // webpack's `eval` ends the name of a module with an empty query.
            None => Cow::Borrowed(file.strip_suffix('?').unwrap_or(file)),
        });
    }
    canonical
}

/// Returns the functions of one side's runs.
pub(crate) fn functions_of<'a>(
    runs: &[&'a RunCounts],
    files: &'a [Canonical<'a>],
) -> SideFunctions<'a> {
    let mut known: HashMap<(Kind, &str, &str, u32, u32), usize> = HashMap::new();
    let mut functions = Vec::new();
    let mut of_run = Vec::with_capacity(runs.len());
    let mut calls = HashSet::new();
    for (run, canonical) in runs.iter().zip(files) {
        let mut ids = Vec::with_capacity(run.functions.len());
        let find = |file: &str| canonical.get(file).map_or("", Cow::as_ref);
        let [groups, ..] = &run.groups;
        let of_group: Vec<&str> = groups.iter().map(|group| find(&group.label)).collect();
        for count in &run.functions {
            let [group, ..] = count.groups;
            let file = match of_group.get(group as usize) {
                Some(file) if run.file_of(count) == Some(count.file.as_str()) => file,
                _ => find(&count.file),
            };
            // Code other than JavaScript is identified by its label alone.
            let key = match count.kind {
                Kind::Js => (Kind::Js, file, count.name.as_str(), count.line, count.column),
                kind => (kind, "", count.label.as_str(), 0, 0),
            };
            ids.push(*known.entry(key).or_insert_with(|| {
                functions.push(SideFunction { count, file });
                functions.len() - 1
            }));
        }
        for &(caller, callee) in &run.calls {
            let id = |at: u32| ids.get(at as usize).copied();
            calls.extend(id(caller).zip(id(callee)));
        }
        of_run.push(ids);
    }
    let mut calls: Vec<(usize, usize)> = calls.into_iter().collect();
    calls.sort_unstable();
    SideFunctions { functions, of_run, calls }
}

impl<'a> SideFunctions<'a> {
    /// Returns the names of the JavaScript functions, by which they can be found in another file.
    fn named(&self) -> FunctionNames<'_> {
        FunctionNames {
            names: self.functions.iter().map(SideFunction::name_and_package).collect(),
            calls: &self.calls,
        }
    }

    /// Returns the builtins, machine code and states of the side by kind and label. They have no place in
    /// a file, so they are matched by their labels.
    fn without_place(&self) -> HashMap<(Kind, &'a str), usize> {
        let list = self.functions.iter().enumerate();
        let others = list.filter(|(_, function)| function.count.kind != Kind::Js);
        others.map(|(id, f)| ((f.count.kind, f.count.label.as_str()), id)).collect()
    }

    /// Returns the side's JavaScript functions by file, each with the names of its callers and callees.
    fn by_file(&self) -> BTreeMap<&'a str, Vec<FunctionPlace<'a>>> {
        let mut callers: Vec<HashSet<&'a str>> = vec![HashSet::new(); self.functions.len()];
        let mut callees: Vec<BTreeSet<&'a str>> = vec![BTreeSet::new(); self.functions.len()];
        let name = |id: usize| self.functions.get(id).map(|function| function.count.name.as_str());
        for &(caller, callee) in &self.calls {
            if let Some((callers, name)) = callers.get_mut(callee).zip(name(caller)) {
                callers.insert(name);
            }
            if let Some((callees, name)) = callees.get_mut(caller).zip(name(callee)) {
                callees.insert(name);
            }
        }
        let mut files: BTreeMap<&'a str, Vec<FunctionPlace<'a>>> = BTreeMap::new();
        let near = callers.into_iter().zip(callees);
        for (id, (function, (callers, callees))) in self.functions.iter().zip(near).enumerate() {
            let &FunctionCount { ref name, line, column, kind, .. } = function.count;
            if kind == Kind::Js {
                let placed = FunctionPlace { id, name, line, column, callers, callees };
                files.entry(function.file).or_default().push(placed);
            }
        }
        files
    }
}

/// Returns the names of the functions of each file, without anonymous functions.
fn names_by_file<'a>(files: &BTreeMap<&'a str, Vec<FunctionPlace<'a>>>) -> Names<'a> {
    let named = |list: &[FunctionPlace<'a>]| {
        list.iter().map(|f| f.name).filter(|name| !name.is_empty()).collect()
    };
    files.iter().map(|(file, list)| (*file, named(list))).collect()
}

/// The matches between the two sides.
pub(crate) struct Matching<'a> {
    pub(crate) rows: Vec<FunctionPair>,
    /// The name after of each file whose name before differs.
    pub(crate) files: HashMap<&'a str, &'a str>,
    /// The names that functions of several files have, which are in one file on the other side.
    pub(crate) shared_names: BTreeSet<&'a str>,
}

/// Matches the functions of both sides.
pub(crate) fn matched<'a>(before: &SideFunctions<'a>, after: &SideFunctions<'a>) -> Matching<'a> {
    let mut rows: Vec<FunctionPair> = Vec::new();
    let there = after.without_place();
    // The order is that of the functions, not of a map, so that rows are the same in every
    // process.
    for (id, function) in before.functions.iter().enumerate() {
        let key = (function.count.kind, function.count.label.as_str());
        if let Some(&other) = there.get(&key).filter(|_| key.0 != Kind::Js) {
            rows.push(FunctionPair {
                before: Some(id),
                after: Some(other),
                ..FunctionPair::default()
            });
        }
    }
    let (mut files_before, mut files_after) = (before.by_file(), after.by_file());
    let mut files = HashMap::new();
    let mut shared_names = BTreeSet::new();
    let (names_before, names_after) = (names_by_file(&files_before), names_by_file(&files_after));
    let same_files = pair_files(&names_before, &names_after);
    let lone = LoneFiles::new(&same_files, [&names_before, &names_after]);
    for same in same_files {
        let both = files_before.remove(same.before).zip(files_after.remove(same.after));
        let Some((mut before, mut after)) = both else { continue };
        // A file that moved may be a bundle of several, of which two had a function of one name.
        let names = names_before.get(same.before).zip(names_after.get(same.after));
        if let Some((one, other)) = names.filter(|_| same.guessed) {
            let shared = lone.shared_names(one, other);
            before.retain(|function| !shared.contains(function.name));
            after.retain(|function| !shared.contains(function.name));
            shared_names.extend(
                shared.into_iter().filter(|name| one.contains(name) && other.contains(name)),
            );
        }
        for pair in pair_functions(before, after) {
            let guessed = same.guessed || pair.guessed;
            let (before, after) = (Some(pair.before), Some(pair.after));
            rows.push(FunctionPair { before, after, guessed, renamed: false });
        }
        if same.before != same.after {
            files.insert(same.before, same.after);
        }
    }
    let names = (before.named(), after.named());
    let pairs = rows.iter().filter_map(|row| row.before.zip(row.after));
    let mut known: Vec<(usize, usize)> = pairs.collect();
    let mut moved = moved(&names.0, &names.1, known.iter().copied());
    known.extend(&moved);
    let of_bundle = bundled(&names.0, &names.1, known.iter().copied());
    if !of_bundle.is_empty() {
        moved.extend(&of_bundle);
        known.extend(of_bundle);
        moved.extend(nameless_pairs(before, after, &known));
    }
    rows.extend(moved.into_iter().map(|(before, after)| FunctionPair {
        before: Some(before),
        after: Some(after),
        guessed: true,
        renamed: false,
    }));
    // All other functions are on one side only.
    let mut paired_before = vec![false; before.functions.len()];
    let mut paired_after = vec![false; after.functions.len()];
    for row in &rows {
        for (list, id) in [(&mut paired_before, row.before), (&mut paired_after, row.after)] {
            if let Some(slot) = id.and_then(|id| list.get_mut(id)) {
                *slot = true;
            }
        }
    }
    let lone =
        |has: Vec<bool>| has.into_iter().enumerate().filter(|(_, has)| !has).map(|(id, _)| id);
    rows.extend(
        lone(paired_before).map(|id| FunctionPair { before: Some(id), ..FunctionPair::default() }),
    );
    rows.extend(
        lone(paired_after).map(|id| FunctionPair { after: Some(id), ..FunctionPair::default() }),
    );
    Matching { rows, files, shared_names }
}

/// Returns pairs of JavaScript functions of the program that `known` does not have, by what they call.
fn nameless_pairs(
    before: &SideFunctions<'_>,
    after: &SideFunctions<'_>,
    known: &[(usize, usize)],
) -> Vec<(usize, usize)> {
    /// With more functions left over, few would be known by their calls.
    const MOST_OPEN: usize = 300;
    const ROUNDS: usize = 4;
    let (mut ones, mut others): (HashSet<usize>, HashSet<usize>) = known.iter().copied().unzip();
    let mut known: HashMap<usize, usize> = known.iter().copied().collect();
    let open = |side: &SideFunctions<'_>, paired: &HashSet<usize>| -> Vec<usize> {
        let list = side.functions.iter().enumerate();
        let open = list.filter(|(id, of)| of.count.kind == Kind::Js && !paired.contains(id));
        let open = open.filter(|(_, of)| !matches!(of.count.category, Category::NodeCore));
        open.map(|(id, _)| id).collect()
    };
    let mut found = Vec::new();
    // Each round finds functions by those of the last.
    for _ in 0..ROUNDS {
        let open_before = open(before, &ones);
        let open_after = open(after, &others);
        if open_before.len().max(open_after.len()) > MOST_OPEN {
            break;
        }
        let next = nameless((&before.calls, &open_before), (&after.calls, &open_after), &known);
        if next.is_empty() {
            break;
        }
        ones.extend(next.iter().map(|(one, _)| one));
        others.extend(next.iter().map(|(_, other)| other));
        known.extend(next.iter().copied());
        found.extend(next);
    }
    found
}

impl Matching<'_> {
    /// Makes one row of each pair of rows, which are one function under two names.
    pub(crate) fn join(&mut self, renamed: &[(usize, usize)]) {
        let mut gone: HashSet<usize> = HashSet::new();
        for &(before, after) in renamed {
            let id = self.rows.get(after).and_then(|row| row.after);
            if let Some(row) = self.rows.get_mut(before) {
                (row.after, row.guessed, row.renamed) = (id, true, true);
                gone.insert(after);
            }
        }
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
}
