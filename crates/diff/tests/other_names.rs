//! Builds whose functions have other names on each side.

use spikeflame_diff::{
    Comparison, Doubt, Gate, GateResult, Options, Run, RunCounts, Verdict, Warning, compare_counts,
};
use spikeflame_profile::{GroupBy, Selection, folded};

const LONG: [&str; 10] =
    ["parse", "render", "price", "stock", "total", "search", "format", "encode", "verify", "route"];
const SHORT: [&str; 10] = ["a", "b", "c", "ae", "be", "ce", "i", "o", "fe", "u"];
const SHUFFLED: [&str; 10] = ["o", "fe", "a", "u", "ae", "i", "c", "be", "b", "ce"];

/// Returns run `n` of a program with functions of these names in one bundle, at these lines, beside ten
/// functions of a package that is no part of it.
fn run(names: &[&str], line: impl Fn(usize) -> usize, n: usize) -> RunCounts {
    run_with(names, line, n, |_| 1)
}

fn run_with(
    names: &[&str],
    line: impl Fn(usize) -> usize,
    n: usize,
    times: impl Fn(usize) -> usize,
) -> RunCounts {
    let mut text = String::new();
    for (at, name) in names.iter().enumerate() {
        let cost = times(at) * (200 + 10 * at + (at * 3 + n) % 5);
        let place = format!("/srv/shop/dist/server.js:{}:{}", line(at), 10 + 30 * at);
        text += &format!("serve /srv/shop/node_modules/http/i.js:1:1;{name} {place} {cost}\n");
    }
    for at in 0..10 {
        let place = format!("/srv/shop/node_modules/http/i.js:{}:5", 10 + at);
        let cost = 300 + (at * 7 + n) % 9;
        text += &format!("serve /srv/shop/node_modules/http/i.js:1:1;step{at} {place} {cost}\n");
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let all = Selection::default();
    let run = Run::new("run", &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0 + n as f64), interval_ms: Some(1.0), ..run })
}

fn compared(run: impl Fn(usize, usize) -> RunCounts) -> Comparison {
    let side = |side: usize| [run(side, side), run(side, 2 + side), run(side, 4 + side)];
    compare_counts(&side(0), &side(1), &Options::default()).unwrap()
}

fn changed(comparison: &Comparison, by: GroupBy) -> Vec<&str> {
    let rows = comparison.table(by).rows.iter();
    let of = rows.filter(|row| {
        [&row.self_cost, &row.total_cost].iter().any(|cost| cost.verdict == Verdict::Changed)
    });
    of.map(|row| row.name.as_str()).collect()
}

fn other_names(comparison: &Comparison) -> Option<(&[String], [usize; 2], usize)> {
    comparison.warnings.iter().find_map(|warning| match warning {
        Warning::OtherNames { places, functions, in_common } => {
            Some((places.as_slice(), *functions, *in_common))
        }
        _ => None,
    })
}

/// A minified build against one that was not had 63 functions GONE and NEW, at two runs a side.
#[test]
fn functions_of_a_minified_build_are_not_changed() {
    let names = |side: usize| if side == 0 { LONG } else { SHORT };
    let line = |side: usize| move |at: usize| if side == 0 { 10 + 20 * at } else { 1 };
    let result = compared(|side, n| run(&names(side), line(side), n));
    assert_eq!(changed(&result, GroupBy::Function), [""; 0]);
    assert_eq!(changed(&result, GroupBy::File), [""; 0]);
    let file = ["/srv/shop/dist/server.js".to_owned()];
    assert_eq!(other_names(&result), Some((&file[..], [10, 10], 0)));
    let parse = result.functions.rows.iter().find(|row| row.name == "parse").unwrap();
    assert_eq!(parse.self_cost.doubt, Some(Doubt::OtherNames));
    // The gate of functions does not hold in silence, and the one of files does.
    let check = |gate: &Gate, by: GroupBy| gate.check(&result, by);
    assert!(matches!(check(&Gate::REGRESSION, GroupBy::Function), GateResult::Unknown(_)));
    assert_eq!(check(&Gate::REGRESSION, GroupBy::File), GateResult::Yes);
    let gate = |rule: &str| check(&rule.parse().unwrap(), GroupBy::Function);
    assert!(matches!(gate("self:parse>1%"), GateResult::Unknown(_)));
    assert_eq!(gate("self:step1>10%"), GateResult::Yes);
    assert_eq!(gate("total>5%"), GateResult::Yes);
}

/// A minifier keeps the names of methods. They are still compared.
#[test]
fn long_names_that_a_minifier_kept_are_compared() {
    let kept = |at: usize| if at < 4 { LONG[at] } else { SHORT[at] };
    let minified: Vec<&str> = (0..10).map(kept).collect();
    let names = |side: usize| if side == 0 { LONG.to_vec() } else { minified.clone() };
    let line = |at: usize| 10 + 20 * at;
    let times = |side: usize| move |at: usize| if at == 2 && side == 1 { 3 } else { 1 };
    let result = compared(|side, n| run_with(&names(side), line, n, times(side)));
    assert_eq!(changed(&result, GroupBy::Function), ["price"]);
    assert!(other_names(&result).is_some_and(|(_, _, in_common)| in_common == 4));
}

/// Two minified builds give one name to different functions.
#[test]
fn shuffled_short_names_are_other_functions() {
    let names = |side: usize| if side == 0 { SHORT } else { SHUFFLED };
    let result = compared(|side, n| run(&names(side), |_| 1, n));
    assert_eq!(changed(&result, GroupBy::Function), [""; 0]);
    assert!(has_generated_names(&result));
    // Equal names in one order are equal functions.
    let times = |side: usize| move |at: usize| if at == 2 && side == 1 { 3 } else { 1 };
    let result = compared(|side, n| run_with(&SHORT, |_| 1, n, times(side)));
    assert_eq!((changed(&result, GroupBy::Function), other_names(&result)), (vec!["c"], None));
    assert!(!has_generated_names(&result));
}

/// A new function above all others moved each short name to the next function. 19 of 26 functions were
/// CHANGED, and costs were corrected by 10 % for a speed of the machine that these pairs seemed to show.
#[test]
fn short_names_that_moved_by_one_are_other_functions() {
    let after: Vec<&str> = SHORT.iter().copied().chain(["he"]).collect();
    let names = |side: usize| if side == 0 { SHORT.to_vec() } else { after.clone() };
    let place = |at: usize| 10 + at * at;
    let line =
        |side: usize| move |at: usize| at.checked_sub(side).map_or(1, |at| place(at) + 7 * side);
    let times = |side: usize| {
        move |at: usize| match at.checked_sub(side) {
            Some(at) => 1 + 2 * (at % 3),
            None => 0,
        }
    };
    let result = compared(|side, n| run_with(&names(side), line(side), n, times(side)));
    assert_eq!(changed(&result, GroupBy::Function), [""; 0]);
    assert!(has_generated_names(&result));
    let check = Gate::REGRESSION.check(&result, GroupBy::Function);
    assert!(matches!(check, GateResult::Unknown(why) if why.contains("one to three letters")));
}

/// Short names are compared when both sides ran one text, which a banner may have moved, or when most
/// names are words.
#[test]
fn short_names_of_one_text_and_beside_words_are_compared() {
    let words = ["parse", "render", "price", "stock", "fn", "cb", "get", "set", "add", "run"];
    let times = |side: usize| move |at: usize| if at == 2 && side == 1 { 3 } else { 1 };
    let banner = |side: usize| move |at: usize| 1 + at + side;
    let edited = |side: usize| move |at: usize| 10 + 20 * at + 7 * side * at;
    let of_text = compared(|side, n| run_with(&SHORT, banner(side), n, times(side)));
    assert_eq!(changed(&of_text, GroupBy::Function), ["c"]);
    let of_words = compared(|side, n| run_with(&words, edited(side), n, times(side)));
    assert_eq!(changed(&of_words, GroupBy::Function), ["price"]);
    assert!(!has_generated_names(&of_text) && !has_generated_names(&of_words));
}

/// An edit in the body of `c` moved all functions on its right in the only line of a minified file. None
/// of them was compared, and those without a name were GONE and NEW.
#[test]
fn short_names_on_the_right_of_an_edit_are_compared() {
    let bundle = |side: usize, n: usize, after: &[(&str, usize)]| {
        let mut text = String::new();
        let edit = |column: usize| column + if side == 1 && column > 200 { 37 } else { 0 };
        let names = SHORT.iter().enumerate().map(|(at, name)| (*name, 100 + 41 * at + at * at));
        let names = names.filter(|(name, _)| after.iter().all(|(other, _)| other != name));
        for (at, (name, column)) in names.chain(after.iter().copied()).enumerate() {
            let times = if name == "c" && side == 1 { 3 } else { 1 };
            let cost = times * (200 + 10 * at + (at * 3 + n) % 5);
            text += &format!("main;{name} /srv/dist/out.js:1:{} {cost}\n", edit(column));
            let inner = edit(column + 9);
            text += &format!("main;{name} /srv/dist/out.js:1:{};", edit(column));
            text += &format!(" /srv/dist/out.js:1:{inner} {}\n", 150 + 9 * at + n % 3);
        }
        let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let all = Selection::default();
        let run = Run::new("run", &profile, &all);
        RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..run })
    };
    let result = compared(|side, n| bundle(side, n, &[]));
    let causes = result.functions.rows.iter().filter(|row| row.is_cause());
    assert_eq!(causes.map(|row| row.name.as_str()).collect::<Vec<_>>(), ["c"]);
    assert!(!has_generated_names(&result));
    let both = |row: &&spikeflame_diff::Row| row.total_cost.before * row.total_cost.after == 0.0;
    assert_eq!(result.functions.rows.iter().find(both).map(|row| &row.label), None);
    // The build gave each of two functions the name of the other one.
    let swapped = [("i", 492), ("fe", 382)];
    let result = compared(|side, n| bundle(side, n, if side == 1 { &swapped } else { &[] }));
    let doubts = result.functions.rows.iter().filter(|row| {
        [row.self_cost.doubt, row.total_cost.doubt].contains(&Some(Doubt::OtherNames))
    });
    let mut names: Vec<&str> = doubts.map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.retain(|name| !name.is_empty());
    assert_eq!((names, has_generated_names(&result)), (vec!["fe", "i"], true));
}

/// Returns run `n` of a file in which a minifier gave short names to functions in their order; each has
/// a length and a cost.
fn minified(functions: &[(usize, usize)], n: usize) -> RunCounts {
    let (mut text, mut column) = (String::new(), 1);
    for (at, (length, cost)) in functions.iter().enumerate() {
        let name = char::from(b'a' + u8::try_from(at).unwrap());
        text += &format!("{name} /srv/dist/min.js:1:{column} {}\n", cost + (at * 3 + n) % 5);
        column += length;
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let all = Selection::default();
    let run = Run::new("run", &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..run })
}

/// A tiny function was put before 24 functions of one length, so that all moved alike and each had the name of
/// the next one: 18 were CHANGED. In a build with functions of other lengths, one was.
#[test]
fn short_names_beside_a_function_that_was_added_or_removed_are_other_functions() {
    let equal: Vec<_> = (0..16).map(|at| (100, 200 + 150 * (at * 7 % 16))).collect();
    // Short functions have the lengths of those beside them.
    let alike = equal.iter().enumerate();
    let alike: Vec<_> = alike.map(|(at, (_, cost))| (86 + at / 4, *cost)).collect();
    let mut more = equal.clone();
    for all in [equal, alike] {
        for place in [0, 5, 15] {
            more.clone_from(&all);
            more.insert(place, (40, 300));
            for sides in [[&all, &more], [&more, &all]] {
                let result = compared(|side, n| minified(sides[side], n));
                assert_eq!(changed(&result, GroupBy::Function), [""; 0], "{place}");
                assert!(has_generated_names(&result));
            }
        }
        // Another name and a function on one side only are missing when the new function was not sampled.
        // The lengths still show it where they differ.
        let last = all.len() - 1;
        let shifted: Vec<_> = [(40, 0)].into_iter().chain(all[..last].iter().copied()).collect();
        let result = compared(|side, n| minified(if side == 0 { &all } else { &shifted }, n));
        let is_equal = all.iter().all(|(length, _)| *length == 100);
        assert!(is_equal || changed(&result, GroupBy::Function).is_empty());
    }
}

/// An edit in the first or the last function, or in one between them, leaves the names to their functions.
#[test]
fn short_names_beside_an_edit_are_compared() {
    let all: Vec<_> = (0..16).map(|at| (86 + at / 4, 1_200 + 10 * (at * 7 % 16))).collect();
    for (at, name) in [(0, "a"), (6, "g"), (15, "p")] {
        let mut edited = all.clone();
        edited[at] = (edited[at].0 + 23, 3 * edited[at].1);
        for sides in [[&all, &edited], [&edited, &all]] {
            let result = compared(|side, n| minified(sides[side], n));
            assert_eq!(changed(&result, GroupBy::Function), [name]);
            assert!(!has_generated_names(&result), "{name}");
        }
    }
}

/// Two functions that changed their places changed their names too, and those between them moved alike.
#[test]
fn short_names_of_two_functions_that_were_swapped_are_other_functions() {
    let all: Vec<_> = (0..16).map(|at| (60 + 9 * at, 1_200 * (1 + at % 3))).collect();
    for [one, other] in [[2, 9], [4, 14], [0, 8]] {
        let mut swapped = all.clone();
        swapped.swap(one, other);
        let result = compared(|side, n| minified(if side == 0 { &all } else { &swapped }, n));
        assert_eq!(changed(&result, GroupBy::Function), [""; 0], "{one} and {other}");
        assert!(has_generated_names(&result));
    }
}

/// Returns true with a warning that a minifier gave the names of both sides.
fn has_generated_names(comparison: &Comparison) -> bool {
    comparison.warnings.iter().any(|of| matches!(of, Warning::GeneratedNames { .. }))
}

/// Returns run `n` of a program with the functions of [`LONG`] in the files that `place` returns for each
/// number, and with a function in each of two more places.
fn run_of_files(place: impl Fn(usize) -> &'static str, gets: [&str; 2], n: usize) -> RunCounts {
    let mut text = String::new();
    for (at, name) in LONG.iter().enumerate() {
        let cost = 300 + 10 * at + (at * 3 + n) % 5;
        text += &format!("main /srv/index.js:1:1;{name} {}:{}:5 {cost}\n", place(at), 10 + 9 * at);
    }
    for (at, get) in gets.iter().enumerate() {
        text += &format!("main /srv/index.js:1:1;{get} {}\n", 100 + 400 * at + n % 3);
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let all = Selection::default();
    let run = Run::new("run", &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0 + n as f64), interval_ms: Some(1.0), ..run })
}

/// Two files had a function `get`. The one in the bundle was taken for that of the file with the most names
/// in the bundle, and was another function with a fifth of the cost.
#[test]
fn a_name_of_two_files_shows_no_function_of_a_bundle() {
    let source = |at: usize| if at < 6 { "/srv/src/f0.js" } else { "/srv/src/f1.js" };
    let gets = ["get /srv/src/f1.js:300:2", "get /srv/src/f0.js:300:2"];
    let bundled = ["get /srv/dist/out.js:50:2", "get2 /srv/dist/out.js:900:2"];
    let result = compared(|side, n| match side {
        0 => run_of_files(source, gets, n),
        _ => run_of_files(|_| "/srv/dist/out.js", bundled, n),
    });
    let is_pair = |name: &str| {
        let mut rows = result.functions.rows.iter().filter(|row| row.name == name);
        rows.any(|row| row.self_cost.before > 0.0 && row.self_cost.after > 0.0)
    };
    assert!(!is_pair("get") && is_pair("parse") && is_pair("route"));
    assert_eq!(changed(&result, GroupBy::Function), [""; 0]);
    let is_named = |of: &Warning| matches!(of, Warning::SharedNames { names } if names == &["get"]);
    assert!(result.warnings.iter().any(is_named));
    // Files that moved keep their own functions of one name.
    let moved = |at: usize| if at < 6 { "/srv/lib/f0.js" } else { "/srv/lib/f1.js" };
    let gets_after = ["get /srv/lib/f1.js:300:2", "get /srv/lib/f0.js:300:2"];
    let result = compared(|side, n| match side {
        0 => run_of_files(source, gets, n),
        _ => run_of_files(moved, gets_after, n),
    });
    assert_eq!(changed(&result, GroupBy::Function), [""; 0]);
    assert!(!result.warnings.iter().any(is_named));
}

/// A package that moved out of `node_modules` was GONE, and `(app)` CHANGED.
#[test]
fn functions_of_a_package_that_moved_are_no_change_of_packages() {
    let file = |side: usize| match side {
        0 => "/srv/node_modules/money/index.js",
        _ => "/srv/packages/money/index.js",
    };
    let gets = ["get /srv/src/f1.js:300:2", "get /srv/src/f0.js:300:2"];
    let result = compared(|side, n| run_of_files(|_| file(side), gets, n));
    for by in [GroupBy::Function, GroupBy::Package] {
        assert_eq!(changed(&result, by), [""; 0], "{by:?}");
    }
}

/// A rewritten part of a file is no other build.
#[test]
fn functions_that_were_written_anew_are_gone_and_new() {
    let after =
        ["parse", "render", "price", "stock", "total", "search", "format", "one", "two", "three"];
    let names = |side: usize| if side == 0 { LONG } else { after };
    let line =
        |side: usize| move |at: usize| 10 + 20 * at + if side == 1 && at > 6 { 900 } else { 0 };
    let result = compared(|side, n| run(&names(side), line(side), n));
    assert_eq!(other_names(&result), None);
    assert!(!changed(&result, GroupBy::Function).is_empty());
}

/// A program and its bundle had 61 functions GONE and NEW: the bundler had put all packages into one file.
#[test]
fn functions_of_a_bundle_are_those_of_its_packages() {
    let packages = |bundled: bool, n: usize, times: usize| {
        let place = |package: usize, at: usize| match bundled {
            true => format!("/srv/shop/dist/out.js:{}:5", 500 - 30 * package + 4 * at),
            false => format!("/srv/shop/node_modules/p{package}/index.js:{}:5", 10 + 4 * at),
        };
        let main = if bundled { "/srv/shop/dist/out.js:900:5" } else { "/srv/shop/main.js:1:5" };
        let mut text = String::new();
        for (at, name) in LONG.iter().enumerate() {
            let cost = 250 + 10 * at + (at * 3 + n) % 5;
            let cost = if *name == "price" { cost * times } else { cost };
            text += &format!("serve {main};{name} {} {cost}\n", place(at % 4, at));
            // A function without a name in each, known by its caller.
            let inner = place(at % 4, at + 20);
            text += &format!("serve {main};{name} {};{inner} {}\n", place(at % 4, at), 90 + n % 3);
        }
        let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let all = Selection::default();
        let run = Run::new("run", &profile, &all);
        RunCounts::count(&Run { requests: Some(1_000.0 + n as f64), interval_ms: Some(1.0), ..run })
    };
    let result = compared(|side, n| packages(side == 1, n, 1));
    assert_eq!((changed(&result, GroupBy::Function), other_names(&result)), (vec![], None));
    // The error was: `(app)` was CHANGED, and all packages were GONE.
    for by in [GroupBy::Package, GroupBy::File] {
        assert_eq!(changed(&result, by), [""; 0], "{by:?}");
    }
    let is_named = |of: &Warning| matches!(of, Warning::Regrouped { places } if places.len() == 10);
    assert!(result.warnings.iter().any(is_named), "{:?}", result.warnings);
    let result = compared(|side, n| packages(side == 1, n, if side == 1 { 4 } else { 1 }));
    let causes = result.functions.rows.iter().filter(|row| row.is_cause());
    assert_eq!(causes.map(|row| row.name.as_str()).collect::<Vec<_>>(), ["price"]);
}
