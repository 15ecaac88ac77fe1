//! Files and packages whose functions have other names on each side, as when one build is minified, or names
//! that each build gives anew, as when both are.
//!
//! A function is matched by its name, so nothing shows which function is which. The file as a whole can
//! still be compared.

use crate::analysis::Analysis;
use crate::matching::{FunctionPair, Matching, SideFunction, SideFunctions};
use crate::measure::{ALPHA, Doubt, Verdict};
use crate::run::RunCounts;
use crate::same_lines::last_name;
use crate::table::{Grouping, Side};
use crate::texts::Text;
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
/// Names of at most this length can be those of a minifier that ran out of shorter ones.
const GENERATED: usize = 3;

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
    /// Functions with a long name are recognised, and those that moved like the ones beside them where no
    /// function was added or removed. Another build gives a short name to another function.
    Generated,
}

/// The named functions of a file or a package.
#[derive(Default)]
struct Names {
    /// The number of functions with enough samples on each side.
    seen: [usize; 2],
    /// The number of them whose name is not on the other side, and of the short names among these.
    alone: [(usize, usize); 2],
    /// The number of functions with one name on both sides.
    common: usize,
    /// The places of those with enough samples on both sides, and of those with a short name on one side
    /// only, by file.
    places: BTreeMap<String, Text>,
    /// The number of functions with enough samples on each side whose names have one or two letters, and
    /// of those with up to three.
    short: [(usize, usize); 2],
}

impl Names {
    /// Returns the functions of which nothing shows which is which; `None` when there are no such functions.
    fn lost(&self, level: Level) -> Option<Lost> {
        let fewer = self.seen[0].min(self.seen[1]);
        if fewer >= ENOUGH && self.common * IN_COMMON < fewer {
            return Some(Lost::All);
        }
        let enough = self.alone.iter().all(|(names, _)| *names >= ENOUGH_MINIFIED);
        let [before, after] = self.alone.map(|(names, short)| short * 4 >= names * 3);
        if enough && before != after {
            return Some(Lost::WithoutLongName);
        }
        // Other files of the program can have kept their text.
        let is_generated = level != Level::Program && self.are_generated();
        (is_generated && !self.is_same_text()).then_some(Lost::Generated)
    }

    /// Returns true when a minifier gave the names of both sides: at least half of the functions have
    /// names of one or two letters, or of up to three when a quarter of them have one or two. The words
    /// `get`, `set` and `add` alone are no sign of a minifier.
    fn are_generated(&self) -> bool {
        let is_generated = |(seen, (short, longer)): (&usize, &(usize, usize))| {
            let all = if short * 4 >= *seen { longer } else { short };
            *all >= ENOUGH && all * 2 >= *seen
        };
        self.seen.iter().zip(&self.short).all(is_generated)
    }

    /// Returns true when the places of the functions show that both sides ran the same text.
    fn is_same_text(&self) -> bool {
        self.places.values().all(|text| text.is_same() && !text.has_other_end())
    }

    /// Returns true when the place of a row shows that it is one function on both sides. A row on one side
    /// only is new or gone where all others of its file are in their places.
    fn is_in_place(&self, file: &str, functions: Functions<'_, '_>) -> bool {
        let Some(text) = self.places.get(file) else { return false };
        match functions {
            [Some(before), Some(after)] => text.has_in_place([place(before), place(after)]),
            _ => text.is_kept(),
        }
    }
}

/// The rows of functions that cannot be recognised on the other side, and the places of these functions.
#[derive(Default)]
pub(crate) struct OtherNames {
    rows: Vec<usize>,
    warnings: Vec<Warning>,
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
        let lost = all
            .into_iter()
            .filter_map(|(of, names)| names.lost(of.0).map(|lost| (of, (lost, names))));
        let places: BTreeMap<Place, (Lost, Names)> = lost.collect();
        let shared = shared_rows(matching, sides);
        if places.is_empty() && shared.is_empty() {
            return Self::default();
        }
        let mut rows: BTreeSet<usize> = shared.keys().copied().collect();
        let mut of_rows: Vec<Vec<&Place>> = Vec::new();
        let mut generated_names = [0, 0];
        for (at, row) in matching.rows.iter().enumerate() {
            let functions = functions(row, sides);
            let is_lost = |lost: Lost| is_lost(functions, lost);
            let all = places_of(matching, functions);
            let file = all.first().map_or("", |(_, file)| file.as_str());
            let of_row = all.iter().filter_map(|place| {
                let (place, (lost, names)) = places.get_key_value(place)?;
                let is_known = *lost == Lost::Generated && names.is_in_place(file, functions);
                (is_lost(*lost) && !is_known).then_some(place)
            });
            let of_row: Vec<&Place> = of_row.collect();
            let is_generated = |place: &&Place| {
                places.get(*place).is_some_and(|(lost, _)| *lost == Lost::Generated)
            };
            if of_row.first().is_some_and(is_generated) {
                let counts = totals.row(at).map(|row| samples(row, runs)).unwrap_or_default();
                for (sum, samples) in generated_names.iter_mut().zip(counts) {
                    *sum += usize::from(samples >= SEEN);
                }
            }
            if !of_row.is_empty() {
                rows.insert(at);
                of_rows.push(of_row);
            }
        }
        // The smallest parts are named that have all of these rows, and none inside another one.
        let smallest: BTreeSet<&Place> =
            of_rows.iter().filter_map(|of| of.first().copied()).collect();
        let named =
            of_rows.iter().filter_map(|of| of.iter().rfind(|place| smallest.contains(*place)));
        let named: BTreeSet<&Place> = named.copied().collect();
        let named = named.iter().filter_map(|place| Some((*place, places.get(*place)?)));
        let (generated, named): (Vec<_>, Vec<_>) =
            named.partition(|(_, (lost, _))| *lost == Lost::Generated);
        let seen = |of: &NamedPlaces<'_>| {
            let sides = of.iter().map(|(_, (_, names))| names.seen);
            sides.fold([0, 0], |[before, after], [one, two]| [before + one, after + two])
        };
        let labels =
            |of: &NamedPlaces<'_>| of.iter().map(|((_, label), _)| label.clone()).collect();
        let mut warnings = Vec::new();
        if !named.is_empty() {
            warnings.push(Warning::OtherNames {
                places: labels(&named),
                functions: seen(&named),
                in_common: named.iter().map(|(_, (_, names))| names.common).sum(),
            });
        }
        if !generated.is_empty() {
            let (places, functions) = (labels(&generated), generated_names);
            warnings.push(Warning::GeneratedNames { places, functions });
        }
        let is_seen = |row: &usize| {
            totals.row(*row).is_some_and(|row| samples(row, runs).into_iter().any(|of| of >= SEEN))
        };
        let shared: BTreeSet<&str> =
            shared.iter().filter(|(row, _)| is_seen(row)).map(|(_, name)| *name).collect();
        if !shared.is_empty() {
            let names = shared.into_iter().map(str::to_owned).collect();
            warnings.push(Warning::SharedNames { names });
        }
        Self { rows: rows.into_iter().collect(), warnings }
    }

    /// Returns the rows, in order.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
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

    pub(crate) fn into_warnings(self) -> Vec<Warning> {
        self.warnings
    }
}

/// Places whose functions are lost, each with the names of its functions.
type NamedPlaces<'n> = [(&'n Place, &'n (Lost, Names))];

/// Returns true when a row is one of the functions that are lost.
fn is_lost(functions: Functions<'_, '_>, lost: Lost) -> bool {
    match lost {
        Lost::All => true,
        Lost::WithoutLongName => common_name(functions).is_none_or(is_short),
        Lost::Generated => functions.iter().flatten().all(|of| is_generated(&of.count.name)),
    }
}

/// Returns the rows on one side only whose name functions of several files have that are in one file on the
/// other side, each with that name. A bundler adds a number to the second one: `get2`, `get$1`.
fn shared_rows<'a>(
    matching: &Matching<'a>,
    sides: [&SideFunctions<'a>; 2],
) -> BTreeMap<usize, &'a str> {
    let mut shared = BTreeMap::new();
    for (at, row) in matching.rows.iter().enumerate() {
        let ([Some(one), None] | [None, Some(one)]) = functions(row, sides) else { continue };
        let name = one.count.name.as_str();
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let plain = plain.strip_suffix('$').unwrap_or(plain);
        let known = [name, plain].into_iter().find_map(|name| matching.shared_names.get(name));
        shared.extend(known.map(|name| (at, *name)));
    }
    shared
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
    let of_row = places_of(matching, functions);
    let Some((_, file)) = of_row.first().cloned() else { return };
    for of in of_row {
        let names = places.entry(of).or_default();
        let counts = names.seen.iter_mut().zip(&mut names.alone);
        for ((seen, (alone, short)), name) in counts.zip(seen) {
            *seen += usize::from(name.is_some());
            *alone += usize::from(name.is_some() && common.is_none());
            *short += usize::from(name.is_some_and(is_short) && common.is_none());
        }
        for ((short, longer), name) in names.short.iter_mut().zip(seen) {
            *short += usize::from(name.is_some_and(is_short));
            *longer += usize::from(name.is_some_and(is_generated));
        }
        names.common += usize::from(common.is_some());
        if let ([Some(before), Some(after)], [Some(_), Some(_)], Some(_)) =
            (functions, seen, common)
        {
            let text = names.places.entry(file.clone()).or_default();
            text.add([before, after].map(place));
        }
        for (side, (function, name)) in functions.into_iter().zip(seen).enumerate() {
            let is_alone = common.is_none() && name.is_some_and(is_generated);
            if let Some(function) = function.filter(|_| is_alone) {
                names.places.entry(file.clone()).or_default().add_alone(side, place(function));
            }
        }
    }
}

/// Returns the name that a row's functions have on both sides, perhaps with another word before its last dot;
/// `None` when they have none or two.
fn common_name<'s>(functions: Functions<'s, '_>) -> Option<&'s str> {
    let [before, after] = functions.map(|of| of.map(|of| of.count.name.as_str()));
    before.filter(|name| after.map(last_name) == Some(last_name(name)) && !name.is_empty())
}

fn is_short(name: &str) -> bool {
    name.chars().count() <= SHORT
}

/// Returns the line and the column of a function.
fn place(function: &SideFunction<'_>) -> (u32, u32) {
    (function.count.line, function.count.column)
}

/// Returns true for a name that a minifier can have given; a function without a name has one.
fn is_generated(name: &str) -> bool {
    name.chars().count() <= GENERATED
}
