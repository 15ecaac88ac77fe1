//! Whether both sides ran one version of Node, by the places of Node's own functions.
//!
//! A `.cpuprofile`, the text of perf, pprof and folded stacks do not hold the version. They hold
//! the lines at which the functions of `node:` files begin, and these differ from version to
//! version.

use crate::run::RunCounts;
use crate::table::Side;
use std::collections::BTreeMap;

/// The prefix of the files that Node contains.
const OF_NODE: &str = "node:";
/// At least this many functions of Node have moved between two versions. Within a version, one of
/// 180 seems to have: two functions of one name in a file, of which each side sampled one.
const LEAST_MOVED: usize = 5;
/// At least this share of Node's functions has moved between two versions. It is 0.6 between Node
/// 24 and 26, and 0.95 between Node 20 and 24.
const LEAST_SHARE: f64 = 0.1;

/// The functions of Node itself that both sides have, and how many of them stand at other lines.
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
    (moved >= LEAST_MOVED && moved as f64 >= LEAST_SHARE * shared as f64).then_some(found)
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

    #[test]
    fn lines_of_nodes_own_functions_show_its_version() {
        assert!(!warned(0, false));
        assert!(!warned(2, false), "names that are used twice in a file");
        assert!(warned(10, false));
        assert!(!warned(10, true), "these are the lines of samples");
    }
}
