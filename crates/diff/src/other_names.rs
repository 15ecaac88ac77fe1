//! Files and packages whose functions have other names on each side, as when one build is minified.
//!
//! A function is matched by its name, so nothing shows which function is which. The file as a whole can
//! still be compared.

use crate::analysis::Analysis;
use crate::matching::{FunctionPair, Matching, SideFunction, SideFunctions};
use crate::measure::{ALPHA, Doubt, Verdict};
use crate::run::RunCounts;
use crate::table::{Grouping, Side};
use crate::warning::Warning;
use spikeflame_profile::{Category, GroupBy, Kind, group_of};
use std::collections::{BTreeMap, BTreeSet};

/// A function with fewer samples can be missing on the other side by chance.
const SEEN: f64 = 5.0;
/// A file with at least this many functions on each side shows by itself that their names changed. A smaller
/// one may have been written anew.
const ENOUGH: usize = 8;
/// The largest part of the functions that have one name on both sides, where names changed: one in this number.
const IN_COMMON: usize = 8;
/// The number of functions on one side only, for each side, that show a minifier when only one side has
/// short names.
const ENOUGH_MINIFIED: usize = 4;
/// Names of at most this length are short. Minifiers use one or two letters for nearly all names.
const SHORT: usize = 2;
/// Two minified builds give the same short names to different functions. Functions of one build keep
/// their order in a file: at least this part of them, in tenths, where names are the same functions.
const IN_ORDER_TENTHS: usize = 7;

/// A part of the program, and its name.
type Place = (Level, String);

/// The size of a part of the program.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    File,
    Package,
    /// The application with its packages, which a bundler may put into one file.
    Program,
}

/// The functions of a file or a package that cannot be recognised.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    All,
    /// Functions with a long name on both sides are recognised.
    WithoutLongName,
}

/// The named functions of a file or a package.
#[derive(Default)]
struct Names {
    /// The number of functions with enough samples on each side.
    seen: [usize; 2],
    /// The number of them whose name is not on the other side, and of the short names among these.
    alone: [(usize, usize); 2],
    /// The positions of the functions with one name on both sides, before and after.
    common: Vec<[(u32, u32); 2]>,
    /// The number of short names on both sides.
    short_in_common: usize,
}

impl Names {
    /// Returns the functions of which nothing shows which is which; `None` when there are no such functions.
    fn lost(&self) -> Option<Lost> {
        let fewer = self.seen[0].min(self.seen[1]);
        if fewer >= ENOUGH && self.common.len() * IN_COMMON < fewer || self.are_shuffled() {
            return Some(Lost::All);
        }
        let enough = self.alone.iter().all(|(names, _)| *names >= ENOUGH_MINIFIED);
        let [before, after] = self.alone.map(|(names, short)| short * 4 >= names * 3);
        (enough && before != after).then_some(Lost::WithoutLongName)
    }

    /// Returns true when the functions that have one short name on both sides are in another order.
    fn are_shuffled(&self) -> bool {
        let mut common = self.common.clone();
        common.sort_unstable();
        let after: Vec<(u32, u32)> = common.into_iter().map(|[_, after]| after).collect();
        after.len() >= ENOUGH
            && self.short_in_common * 4 >= after.len() * 3
            && in_order(&after) * 10 < after.len() * IN_ORDER_TENTHS
    }
}

/// Returns the length of the longest part of a list that is in order.
fn in_order(list: &[(u32, u32)]) -> usize {
    // The least last item of an ordered part of each length.
    let mut ends: Vec<(u32, u32)> = Vec::new();
    for item in list {
        let at = ends.partition_point(|end| end < item);
        match ends.get_mut(at) {
            Some(end) => *end = *item,
            None => ends.push(*item),
        }
    }
    ends.len()
}

/// The rows of functions that cannot be recognised on the other side, and the places of these functions.
#[derive(Default)]
pub(crate) struct OtherNames {
    rows: Vec<usize>,
    warning: Option<Warning>,
}

impl OtherNames {
    /// Finds the files and packages whose functions have other names on each side.
    pub(crate) fn find(
        matching: &Matching<'_>,
        sides: [&SideFunctions<'_>; 2],
        runs: &[(Side, &RunCounts)],
        counts: Option<&Grouping>,
    ) -> Self {
        let Some(Grouping { total_counts: totals, .. }) = counts else { return Self::default() };
        let mut all: BTreeMap<Place, Names> = BTreeMap::new();
        for (row, counts) in matching.rows.iter().zip(totals.rows()) {
            add(&mut all, matching, functions(row, sides), samples(counts, runs));
        }
        let lost =
            all.into_iter().filter_map(|(place, names)| Some((place, (names.lost()?, names))));
        let places: BTreeMap<Place, (Lost, Names)> = lost.collect();
        if places.is_empty() {
            return Self::default();
        }
        let mut rows = Vec::new();
        let mut of_rows: Vec<Vec<&Place>> = Vec::new();
        for (at, row) in matching.rows.iter().enumerate() {
            let functions = functions(row, sides);
            let has_long_name = common_name(functions).is_some_and(|name| !is_short(name));
            let is_lost = |lost: Lost| lost == Lost::All || !has_long_name;
            let of_row = places_of(matching, functions).into_iter().filter_map(|place| {
                let (place, (lost, _)) = places.get_key_value(&place)?;
                is_lost(*lost).then_some(place)
            });
            let of_row: Vec<&Place> = of_row.collect();
            if !of_row.is_empty() {
                rows.push(at);
                of_rows.push(of_row);
            }
        }
        // The smallest parts are named that have all of these rows, and none inside another one.
        let smallest: BTreeSet<&Place> =
            of_rows.iter().filter_map(|of| of.first().copied()).collect();
        let named =
            of_rows.iter().filter_map(|of| of.iter().rfind(|place| smallest.contains(*place)));
        let named: BTreeSet<&Place> = named.copied().collect();
        let named: BTreeMap<&Place, &Names> =
            named.iter().filter_map(|place| Some((*place, &places.get(*place)?.1))).collect();
        let seen = |side: usize| named.values().filter_map(|names| names.seen.get(side)).sum();
        let warning = Warning::OtherNames {
            places: named.keys().map(|(_, label)| label.clone()).collect(),
            functions: [seen(0), seen(1)],
            in_common: named.values().map(|names| names.common.len()).sum(),
        };
        Self { rows, warning: Some(warning) }
    }

    /// Withdraws the verdicts of the rows. They are no tests either: beside many rows that only have other
    /// names, a change by chance would seem certain.
    pub(crate) fn doubt(
        &self,
        analysis: &mut Analysis,
        (sides, counts): (&[Side], &Grouping),
        noise_cv: f64,
    ) {
        if self.rows.is_empty() {
            return;
        }
        let machine = counts.self_counts.machine();
        let Some(mut functions) = analysis.groupings.first().cloned() else { return };
        let design = analysis.design(sides, noise_cv);
        for result in [&mut functions.self_result, &mut functions.total_result] {
            for row in &self.rows {
                let Some(measure) = result.measures.get_mut(*row) else { continue };
                (measure.p, measure.p_of_both, measure.q) = (None, None, None);
                measure.doubted(Doubt::OtherNames);
            }
            result.critical_p = design.adjust(&mut result.measures, &machine);
            for measure in &mut result.measures {
                let certain = measure.q.is_some_and(|q| q <= ALPHA);
                if measure.verdict == Verdict::Changed && !certain {
                    (measure.verdict, measure.more_runs) = (Verdict::NotResolved, None);
                }
            }
        }
        if let Some(first) = analysis.groupings.first_mut() {
            *first = functions;
        }
    }

    pub(crate) fn into_warning(self) -> Option<Warning> {
        self.warning
    }
}

/// Returns the samples of a row before and after.
fn samples(counts: &[f64], runs: &[(Side, &RunCounts)]) -> [f64; 2] {
    Side::ALL.map(|side| {
        let of_side = counts.iter().zip(runs).filter(|(_, (of, _))| *of == side);
        of_side.map(|(count, _)| count).sum()
    })
}

type Functions<'s, 'a> = [Option<&'s SideFunction<'a>>; 2];

/// Returns the JavaScript functions of the program that a row stands for.
fn functions<'s, 'a>(
    row: &FunctionPair,
    [before, after]: [&'s SideFunctions<'a>; 2],
) -> Functions<'s, 'a> {
    let of_program = |function: &&SideFunction<'_>| {
        function.count.kind == Kind::Js
            && matches!(function.count.category, Category::App | Category::Dependency)
    };
    let function =
        |id: Option<usize>, side: &'s SideFunctions<'a>| side.functions.get(id?).filter(of_program);
    [function(row.before, before), function(row.after, after)]
}

/// Returns the parts of the program that contain a row, the smallest first.
fn places_of(matching: &Matching<'_>, [before, after]: Functions<'_, '_>) -> Vec<Place> {
    let file_before = |of: &SideFunction<'_>| {
        matching.files.get(of.file).map_or_else(|| of.file.to_owned(), |file| (*file).to_owned())
    };
    let Some(file) = after.map(|of| of.file.to_owned()).or_else(|| before.map(file_before)) else {
        return Vec::new();
    };
    let package = group_of(GroupBy::Package, Kind::Js, &file).unwrap_or_default();
    let program = "the application and its packages".to_owned();
    vec![(Level::File, file), (Level::Package, package), (Level::Program, program)]
}

/// Returns the name of a function with enough samples; `None` for a function without a name.
fn name_if_seen<'s>(function: Option<&'s SideFunction<'_>>, samples: f64) -> Option<&'s str> {
    let name = function.map(|function| function.count.name.as_str());
    name.filter(|name| samples >= SEEN && !name.is_empty())
}

/// Adds the names of a row to the names of its file and of its package.
fn add(
    places: &mut BTreeMap<Place, Names>,
    matching: &Matching<'_>,
    functions: Functions<'_, '_>,
    samples: [f64; 2],
) {
    let [before, after] = functions;
    let seen = [name_if_seen(before, samples[0]), name_if_seen(after, samples[1])];
    if seen.iter().all(Option::is_none) {
        return;
    }
    let common = common_name(functions);
    for place in places_of(matching, functions) {
        let names = places.entry(place).or_default();
        let counts = names.seen.iter_mut().zip(&mut names.alone);
        for ((seen, (alone, short)), name) in counts.zip(seen) {
            *seen += usize::from(name.is_some());
            *alone += usize::from(name.is_some() && common.is_none());
            *short += usize::from(name.is_some_and(is_short) && common.is_none());
        }
        if let [Some(before), Some(after)] = functions.map(|of| of.map(|of| of.count))
            && let Some(name) = common
        {
            names.common.push([before, after].map(|of| (of.line, of.column)));
            names.short_in_common += usize::from(is_short(name));
        }
    }
}

/// Returns the name that a row's functions have on both sides; `None` when they have none or two.
fn common_name<'s>(functions: Functions<'s, '_>) -> Option<&'s str> {
    let [before, after] = functions.map(|of| of.map(|of| of.count.name.as_str()));
    before.filter(|name| after == Some(*name) && !name.is_empty())
}

fn is_short(name: &str) -> bool {
    name.chars().count() <= SHORT
}
