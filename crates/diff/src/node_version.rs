//! Whether both sides ran one version of Node, by the places of Node's own functions.
//!
//! A `.cpuprofile`, the text of perf, pprof and folded stacks do not hold the version. They hold
//! the lines at which the functions of `node:` files begin, and these differ from version to
//! version.

use crate::run::RunCounts;
use crate::table::Side;
use std::collections::{BTreeMap, BTreeSet};

/// The prefix of the files that Node contains.
const OF_NODE: &str = "node:";
/// At least this many functions of Node have moved between two versions. Within a version, one of
/// 180 seems to have: two functions of one name in a file, of which each side sampled one.
const LEAST_MOVED: usize = 5;
/// At least this share of Node's functions has moved between two versions. It is 0.6 between Node
/// 24 and 26, and 0.95 between Node 20 and 24.
const LEAST_SHARE: f64 = 0.1;

/// The fewest places of Node's functions on each side from which sides with hardly one in common ran
/// different versions.
const LEAST_PLACES: usize = 10;
/// Less than this share of the places of the side with fewer is on the other side, too.
const HARDLY_ONE: f64 = 0.1;

/// Functions of Node itself, and how many of them are not at the same lines on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) moved: usize,
    pub(crate) shared: usize,
}

/// A function that stands at several lines on a side has no place: its name is used more than once
/// in the file, or the recording has the lines of samples.
type PlaceOf<'a> = BTreeMap<(&'a str, &'a str), Option<(u32, u32)>>;

/// Returns the places when they show that the sides ran different versions of Node.
pub(crate) fn other_version(runs: &[(Side, &RunCounts)]) -> Option<Places> {
    let (before, after) = (places(runs, Side::Before), places(runs, Side::After));
    let mut found = Places { moved: 0, shared: 0 };
    for (function, place) in &before {
        if let (Some(one), Some(Some(other))) = (place, after.get(function)) {
            found.shared += 1;
            found.moved += usize::from(one != other);
        }
    }
    let Places { moved, shared } = found;
    if moved >= LEAST_MOVED && moved as f64 >= LEAST_SHARE * shared as f64 {
        return Some(found);
    }
    // Versions that are far apart hardly have a name in common.
    let (before, after) = (all_places(runs, Side::Before), all_places(runs, Side::After));
    let shared = before.len().min(after.len());
    let common = before.intersection(&after).count();
    let differs = shared >= LEAST_PLACES && (common as f64) < HARDLY_ONE * shared as f64;
    differs.then(|| Places { moved: shared - common, shared })
}

/// Returns the places of the functions of Node that every run of a side has, with and without a name.
fn all_places<'a>(runs: &[(Side, &'a RunCounts)], side: Side) -> BTreeSet<(&'a str, u32, u32)> {
    let own = runs.iter().filter(|(of, _)| *of == side);
    let mut places = own.map(|(_, run)| -> BTreeSet<(&'a str, u32, u32)> {
        let functions = run.functions.iter();
        let of_node = functions.filter(|of| of.line > 0 && of.file.starts_with(OF_NODE));
        of_node.map(|of| (of.file.as_str(), of.line, of.column)).collect()
    });
    let first = places.next().unwrap_or_default();
    places.fold(first, |all, of_run| &all & &of_run)
}

fn places<'a>(runs: &[(Side, &'a RunCounts)], side: Side) -> PlaceOf<'a> {
    let mut places = PlaceOf::new();
    let own = runs.iter().filter(|(of, _)| *of == side);
    let functions = own.flat_map(|(_, run)| &run.functions);
    for of in functions.filter(|of| of.line > 0 && of.file.starts_with(OF_NODE)) {
        if of.name.is_empty() {
            continue;
        }
        let place = (of.line, of.column);
        let known = places.entry((of.file.as_str(), of.name.as_str())).or_insert(Some(place));
        if *known != Some(place) {
            *known = None;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use crate::compare::{Options, compare};
    use crate::run::Run;
    use spikeflame_profile::{Selection, folded};
    use std::fmt::Write;

    /// Returns true when the comparison warns of another version of Node. Each side has twelve
    /// functions of Node, of which `moved` stand ten lines further down after.
    fn warned(moved: u32, twice: bool) -> bool {
        let text = |side: u32| {
            let mut text = String::from("main /srv/a.js:1:1 500\n");
            for at in 0..12 {
                let line = 10 + at * 20 + if at < moved { 10 * side } else { 0 };
                writeln!(text, "main /srv/a.js:1:1;f{at} node:fs:{line}:3 {}", 90 + side).unwrap();
                if twice {
                    writeln!(text, "main /srv/a.js:1:1;f{at} node:fs:{}:3 9", line + 5).unwrap();
                }
            }
            folded::read(&mut text.as_bytes(), "example", None).unwrap()
        };
        let (before, after, all) = (text(0), text(1), Selection::default());
        let [one, other] = [Run::new("a", &before, &all), Run::new("b", &after, &all)];
        let compared = compare(&[one], &[other], &Options::default()).unwrap();
        compared.warnings.iter().any(|warning| warning.to_string().contains("versions of Node"))
    }

    /// Node 16 and 25 had four named functions of Node in common, and there was no warning.
    #[test]
    fn versions_without_a_place_in_common_differ() {
        let warned = |kept: u32| {
            let text = |side: u32| {
                let mut text = String::from("main /srv/a.js:1:1 500\n");
                for at in 0..12 {
                    let side = if at < kept { 0 } else { side };
                    let line = 10 + at * 20 + 7 * side;
                    writeln!(text, "main /srv/a.js:1:1;f{side}{at} node:fs:{line}:3 90").unwrap();
                }
                folded::read(&mut text.as_bytes(), "example", None).unwrap()
            };
            let (before, after, all) = (text(0), text(1), Selection::default());
            let [one, other] = [Run::new("a", &before, &all), Run::new("b", &after, &all)];
            let compared = compare(&[one], &[other], &Options::default()).unwrap();
            compared.warnings.iter().any(|of| of.to_string().contains("versions of Node"))
        };
        assert!(warned(0));
        assert!(!warned(4), "each side sampled other functions");
    }

    #[test]
    fn lines_of_nodes_own_functions_show_its_version() {
        assert!(!warned(0, false));
        assert!(!warned(2, false), "names that are used twice in a file");
        assert!(warned(10, false));
        assert!(!warned(10, true), "these are the lines of samples");
    }
}
