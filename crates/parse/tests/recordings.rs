//! Real logs of Node 16 to 26, compared with V8's own processor, and with the known
//! behaviour of the programs that wrote them.

use crate::common;

use common::{Processor, all_logs, label, load, logs_in, node_version, root, stem};
use spikeflame_profile::{
    CallTree, Function, Hotspots, Idle, Inlining, Kind, Profile, Selection, Tiers,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Returns self ticks by label with inlining collapsed: ticks with the leaf in the
/// function's own code, and ticks in the handler of one of its bytecodes.
fn self_ticks(profile: &Profile) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let (mut own, mut handled) = (BTreeMap::new(), BTreeMap::new());
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let frames = &profile.frames;
        let mut stack = profile.stacks.frames(sample.stack).filter(|&id| !frames.get(id).inlined);
        let Some(mut leaf) = stack.next() else { continue };
        let mut ticks = &mut own;
        if frames.kind(leaf) == Kind::BytecodeHandler {
            let Some(caller) = stack.next() else { continue };
            (leaf, ticks) = (caller, &mut handled);
        }
        if frames.kind(leaf) == Kind::Js {
            let frame = frames.get(leaf);
            let label = label(profile, frames.get_function(frame.function), frame.tier);
            *ticks.entry(label.replace(NAMED_BY_TEXT, EVALUATED)).or_default() += weight;
        }
    }
    (own, handled)
}

/// The file of a function of `mix.js`, by the `//# sourceURL` in its text, and V8's processor's name for it.
const NAMED_BY_TEXT: &str = "webpack:///./src/mapped.ts";
const EVALUATED: &str = "evalmachine.<anonymous>";

/// Returns true for names that V8's processor splits wrongly. A comma shifts the fields, a
/// line break ends the record, a backslash is read as an escape, a space at the beginning
/// as a function without a name, and one in a URL as the end of the function's name.
fn is_garbled_by_v8(label: &str) -> bool {
    let name = label.trim_start_matches(['~', '^', '+', '*']);
    label.contains([',', '\n', '\r', '\\', '\t', '\0', '\u{fffd}'])
        || name.starts_with("<anonymous> leading")
        || name.starts_with(' ')
        || name.contains("vm named")
}

/// With inlining collapsed and tiers split, every JavaScript function has the self ticks
/// that V8's own processor gives it; total and GC ticks agree too.
///
/// Exceptions, each counted:
/// - up to Node 20, V8's processor counts every bytecode handler for the binary that
///   contains it, so ticks in handlers are missing from its functions;
/// - functions whose names it cannot read (above) lose their ticks there, or the ticks
///   count for the code that was at that address before;
/// - the `edge` logs with damage on which it stops or fails;
/// - torn logs, in which the code of several isolates is mixed.
#[test]
fn self_ticks_equal_those_of_v8s_own_processor() {
    let trips =
        ["edge-blank", "edge-crlf", "edge-midline", "edge-winpath", "edge-overflow", "torn"];
    let mut compared = 0;
    for log in all_logs() {
        let Some(v8) = Processor::beside(&log) else { continue };
        let name = stem(&log);
        if trips.iter().any(|trip| name.starts_with(trip)) {
            continue;
        }
        let profile = load(&log);
        assert_eq!(profile.total(), v8.ticks, "{name}: ticks");
        let gc: u64 = leaf_weight(&profile, Kind::Gc);
        assert_eq!(gc, v8.gc, "{name}: GC ticks");
        let (mut ours, handled) = self_ticks(&profile);
        if node_version(&log, &profile) > 20 {
            for (label, ticks) in handled {
                *ours.entry(label).or_default() += ticks;
            }
        }
        let garbled: u64 =
            ours.iter().filter(|(label, _)| is_garbled_by_v8(label)).map(|(_, ticks)| ticks).sum();
        let mut strays = 0;
        let labels =
            ours.keys().chain(v8.functions.keys()).filter(|label| !is_garbled_by_v8(label));
        for label in labels.collect::<std::collections::BTreeSet<_>>() {
            let ticks = ours.get(label).copied().unwrap_or(0);
            let theirs = v8.functions.get(label).copied().unwrap_or(0);
            if theirs > ticks && theirs - ticks <= garbled {
                // V8 could not read a function, and counts an earlier one at that address.
                strays += theirs - ticks;
                continue;
            }
            assert_eq!(ticks, theirs, "{name}: {label}");
        }
        assert!(strays <= garbled, "{name}: {strays} stray ticks, {garbled} garbled ones");
        compared += 1;
    }
    println!("compared {compared} logs with V8's own processor");
    assert!(compared >= 30, "the shipped recordings are missing");
}

fn leaf_weight(profile: &Profile, kind: Kind) -> u64 {
    let samples = profile.threads.iter().flat_map(|thread| thread.samples.iter());
    let of_kind = samples.filter(|(sample, _)| {
        let leaf = profile.stacks.frames(sample.stack).next();
        leaf.is_some_and(|leaf| profile.frames.kind(leaf) == kind)
    });
    of_kind.map(|(_, weight)| weight).sum()
}

/// At most 1 % of ticks are unresolved, compared with V8's own processor. Ticks that V8
/// wrote without an address (`pc` 0x0: it was in JavaScript, but could not walk the stack)
/// cannot be resolved. They are `(program)`, and counted separately.
#[test]
fn hardly_a_tick_stays_unresolved() {
    println!(
        "{:<32} {:>7} {:>11} {:>11} {:>8}",
        "log", "ticks", "unresolved", "no address", "V8's"
    );
    for log in all_logs() {
        // The log has two address spaces: no tool can separate them.
        if stem(&log).starts_with("torn") {
            continue;
        }
        let profile = load(&log);
        let share = |kind| 100.0 * leaf_weight(&profile, kind) as f64 / profile.total() as f64;
        let v8 = Processor::beside(&log)
            .map(|v8| format!("{:.1} %", 100.0 * v8.unaccounted as f64 / v8.ticks as f64));
        let run = log.parent().and_then(Path::file_name).unwrap().to_string_lossy();
        println!(
            "{:<36} {:>7} {:>9.2} % {:>9.2} % {:>8}",
            format!("{run}/{}", stem(&log)),
            profile.total(),
            share(Kind::Unresolved),
            share(Kind::Program),
            v8.unwrap_or_default()
        );
        assert!(share(Kind::Unresolved) <= 1.0, "{}", log.display());
        assert!(share(Kind::Program) <= 15.0, "{}", log.display());
    }
}

/// Returns the self and total share of functions by name, in per cent, and the ticks that
/// they are shares of.
fn shares(log: &Path, selection: &Selection) -> (BTreeMap<String, (f64, f64)>, f64) {
    let tree = CallTree::build(&load(log), selection);
    let share = |weight| 100.0 * weight as f64 / tree.total() as f64;
    let mut shares = BTreeMap::<String, (f64, f64)>::new();
    for row in Hotspots::from_tree(&tree).rows {
        let entry = tree.entry(Some(row.entry)).unwrap();
        let sum = shares.entry(entry.name.clone()).or_default();
        *sum = (sum.0 + share(row.self_weight), sum.1 + share(row.total));
    }
    (shares, tree.total() as f64)
}

const PLANTED: [&str; 6] = ["outer", "walk", "middle", "leaf", "mixA", "mixB"];

/// Planted functions, three deep, were recorded with inlining on and off. The two are
/// recordings of their own, so that their shares differ by chance: totals agree within 2
/// points and four standard errors of that difference, self shares within 15 points, and in
/// the same order when they are far enough apart. Plain attribution gives nearly all to one
/// caller, unless V8 was late to inline.
#[test]
fn inlined_functions_have_the_shares_that_they_have_without_inlining() {
    println!("self / total in per cent; plain is without inlining data");
    let (mut logs, mut lost) = (0, 0);
    for on in all_logs().iter().filter(|log| stem(log).starts_with("nested-on")) {
        let off =
            on.with_file_name(on.file_name().unwrap().to_string_lossy().replace("-on-", "-off-"));
        let (seen, seen_ticks) = shares(on, &Selection::default());
        let (truth, true_ticks) = shares(&off, &Selection::default());
        let collapse = Selection { inlined: Inlining::Collapse, ..Selection::default() };
        let (plain, _) = shares(on, &collapse);
        let of = |shares: &BTreeMap<String, (f64, f64)>, name: &str| {
            shares.get(name).copied().unwrap_or_default()
        };
        let row = |shares| {
            PLANTED
                .map(|name| {
                    let (own, total) = of(shares, name);
                    format!("{name} {own:.0}/{total:.0}")
                })
                .join("  ")
        };
        println!(
            "{}, {seen_ticks} and {true_ticks} ticks\n  plain    {}\n  inlined  {}\n  off      {}",
            stem(on),
            row(&plain),
            row(&seen),
            row(&truth)
        );
        for name in PLANTED {
            let ((own, total), (true_own, true_total)) = (of(&seen, name), of(&truth, name));
            let variance = |share: f64, ticks: f64| share * (100.0 - share) / ticks;
            let error = variance(total, seen_ticks) + variance(true_total, true_ticks);
            assert!(
                (total - true_total).abs() <= 2.0 + 4.0 * error.sqrt(),
                "{}: {name} total {total} for {true_total}",
                stem(on)
            );
            assert!(
                (own - true_own).abs() <= 15.0,
                "{}: {name} self {own} for {true_own}",
                stem(on)
            );
            for other in PLANTED {
                let ((other_own, _), (true_other, _)) = (of(&seen, other), of(&truth, other));
                if true_own > true_other + 5.0 {
                    assert!(own > other_own, "{}: {name} and {other} change places", stem(on));
                }
            }
        }
        logs += 1;
        lost += usize::from(of(&plain, "mixB").0 < of(&truth, "mixB").0 - 10.0);
    }
    assert!(lost * 2 > logs, "the leaves are there without inlining data in {logs} - {lost} logs");
}

/// The server of `shop-node*.log` has a hot function that V8 inlines. A leaf-only prototype
/// found this many of its ticks.
#[test]
fn the_planted_hot_function_of_the_shop_is_found() {
    let least = [(16, 427), (18, 429), (20, 711), (22, 723), (24, 760), (26, 706)];
    let logs = logs_in("../shared/data/v8");
    for log in logs.iter().filter(|log| stem(log).starts_with("shop-node")) {
        let profile = load(log);
        let tree = CallTree::build(&profile, &Selection::default());
        let rows = Hotspots::from_tree(&tree).rows;
        let named = |name: &str| {
            rows.iter().copied().find(|row| tree.entry(Some(row.entry)).unwrap().name == name)
        };
        let found = named("levenshtein").unwrap();
        let (_, least) =
            least.into_iter().find(|&(node, _)| node == node_version(log, &profile)).unwrap();
        println!("{}: self {} total {}", stem(log), found.self_weight, found.total);
        assert!(found.self_weight >= least, "{}: {} < {least}", stem(log), found.self_weight);
        assert!(found.total > found.self_weight, "{}: only ever the leaf", stem(log));
    }
}

/// `drive` calls two functions that use the same CPU time, as the program measured. One of them spends it in
/// `array.includes`, whose builtin has no frame, so that V8 logged 280 of 1,008 ticks without this function.
#[test]
fn a_caller_that_v8_left_out_has_its_share() {
    let log = root("samples/v8/frameless-node20.log.zst");
    let (shares, _) = shares(&log, &Selection::default());
    let total = |name| shares.get(name).map_or(0.0, |&(_, total)| total);
    let (includes, roots, both) = (total("includes"), total("roots"), total("drive"));
    println!("includes {includes:.1} %, roots {roots:.1} %, drive {both:.1} %");
    assert!((includes - roots).abs() < 4.0 && both - includes - roots < 2.0);
}

/// The error was: a builtin such as `Call_ReceiverIsAny`, `JSConstructStubGeneric` or `GetProperty` stood below the
/// function that it was about to call, in 38 ticks of this log. The functions `callee` of the program call nothing.
#[test]
fn a_builtin_does_not_stand_below_the_function_that_it_calls() {
    let profile = load(&root("samples/v8/calls-node24.log.zst"));
    let function = |frame| profile.frames.get_function(profile.frames.get(frame).function);
    // These are the beginning or the end of the function itself.
    let own = ["InterpreterEntryTrampoline", "BaselineOutOfLinePrologue", "BaselineLeaveFrame"];
    let (mut of_callers, mut of_callees) = (0, Vec::new());
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let mut stack = profile.stacks.frames(sample.stack).map(function);
        let Some(leaf) = stack.next().filter(|leaf| leaf.kind == Kind::Builtin) else { continue };
        let name = |function: &Function| profile.frames.strings().get(function.name);
        match stack.next().map(name) {
            Some(callee) if callee.starts_with("callee") && !own.contains(&name(leaf)) => {
                of_callees.push(name(leaf));
            }
            Some(caller) if caller.starts_with("a_") => of_callers += weight,
            _ => {}
        }
    }
    println!(
        "{of_callers} ticks in builtins below callers, and below the called functions: {of_callees:?}"
    );
    assert!(of_callers > 100 && of_callees.is_empty());
}

/// Node 20 copies its builtins without logging it. They get names nevertheless, in the main
/// thread and in workers, whose copies have other addresses.
#[test]
fn builtins_that_node_20_copied_are_named() {
    for name in ["mix-node20", "idle-node20", "workers-node20.worker2"] {
        let profile = load(&root(&format!("samples/v8/{name}.log.zst")));
        let builtins =
            leaf_weight(&profile, Kind::Builtin) + leaf_weight(&profile, Kind::BytecodeHandler);
        println!("{name}: {builtins} of {} ticks in builtins", profile.total());
        assert!(builtins * 10 > profile.total(), "{name}: {builtins} of {}", profile.total());
    }
}

/// Native code gets names from the binaries, when these are available.
#[test]
fn native_functions_are_named_from_their_binaries() {
    let logs = logs_in("target/recordings");
    // Node 24 and later log the native leaf alone, and few leaves are node's: one short recording
    // may have no tick in them. All recordings together have some.
    let (mut read, mut of_node) = (0, 0);
    for log in logs.iter().filter(|log| stem(log).starts_with("native-node")) {
        let profile = load(log);
        let tree =
            CallTree::build(&profile, &Selection { idle: Idle::Keep, ..Selection::default() });
        let natives = || tree.entries().iter().filter(|entry| entry.kind == Kind::Native);
        let own = |entry: &&spikeflame_profile::Entry| entry.self_tiers.iter().sum::<u64>();
        let nodes: Vec<_> = natives().filter(|e| e.file.ends_with("bin/node")).collect();
        let named: u64 = nodes.iter().filter(|entry| entry.label != "node").map(own).sum();
        let nameless: u64 = nodes.iter().filter(|entry| entry.label == "node").map(own).sum();
        println!("{}: {named} ticks of node's own code named, {nameless} not", stem(log));
        assert!(named > 20 * nameless && named > 100, "{}", stem(log));
        let has = |part: &str| natives().any(|entry| entry.label.contains(part));
        assert!(has("v8::internal::"), "{}: no function of V8", stem(log));
        read += 1;
        of_node += usize::from(has("node::"));
        assert!(!natives().any(|e| e.label.starts_with("_Z")), "{}: mangled names", stem(log));
    }
    assert!(read == 0 || of_node > 0, "no function of node in {read} recordings");
}

/// Names that break parsers are read completely.
#[test]
fn odd_names_are_read_as_they_were_written() {
    for log in logs_in("samples/v8").iter().filter(|log| stem(log).starts_with("mix-")) {
        let profile = load(log);
        let tree = CallTree::build(&profile, &Selection::default());
        let names: Vec<&str> = tree.entries().iter().map(|entry| entry.name.as_str()).collect();
        for odd in ["comma, in name", "two\nlines", "back\\slash\\x2C", "GET /boards", " leading"] {
            assert!(names.contains(&odd), "{}: no {odd:?} in {names:?}", stem(log));
        }
        let losses = &profile.losses;
        assert!(losses.is_empty(), "{}: {losses:?}", stem(log));
    }
}

/// The `edge` logs are one recording with damage that costs V8's own processor between one
/// tick and all of its functions. Readable parts are read, the rest is counted and
/// reported.
#[test]
fn nothing_readable_is_lost_to_damage() {
    let logs = logs_in("../shared/data/v8");
    let Some(whole) = logs.iter().find(|log| stem(log) == "nosrc-node22") else { return };
    let whole = load(whole);
    let (ours, _) = self_ticks(&whole);
    for log in logs.iter().filter(|log| stem(log).starts_with("edge-")) {
        let profile = load(log);
        let name = stem(log);
        let told = profile.losses.len() + profile.warnings.len();
        let names: Vec<_> = profile.losses.iter().map(|loss| loss.reason).collect();
        match name.trim_start_matches("edge-").trim_end_matches("-node22") {
            "midline" => {
                assert_eq!((profile.total(), profile.unreadable(), told), (247, 1, 1), "{names:?}");
            }
            "midline-nl" => assert_eq!((profile.total(), profile.unreadable()), (247, 1)),
            "overflow-delta-tos" => {
                assert_eq!((profile.total(), told), (whole.total(), 1), "{:?}", profile.warnings);
                let (edge, _) = self_ticks(&profile);
                assert!(edge.keys().count() > ours.keys().count() / 2);
            }
            // A bad byte in a name, another version, other slashes: all ticks are read.
            "winpath" | "nonutf8" | "nul" => {
                assert_eq!((profile.total(), told), (whole.total(), 0), "{name}");
            }
            _ => {
                assert_eq!((profile.total(), told), (whole.total(), 0), "{name}");
                assert_eq!(self_ticks(&profile), self_ticks(&whole), "{name}");
            }
        }
    }
}

/// A log that several isolates wrote at once is read, with a warning.
#[test]
fn torn_logs_are_survived_and_told() {
    for log in all_logs().iter().filter(|log| stem(log).starts_with("torn")) {
        let profile = load(log);
        assert!(profile.total() > 100);
        assert!(
            profile.warnings.iter().any(|warning| warning.to_string().contains("several isolates")),
            "{}: {:?}",
            stem(log),
            profile.warnings
        );
        // The error was: JavaScript of the first isolate, whose names the second one had
        // overwritten, was called an addon that was loaded later.
        let texts = profile.warnings.iter().map(ToString::to_string);
        let addons = texts.filter(|text| text.contains("loaded while the program ran")).count();
        assert_eq!(addons, 0, "{}", stem(log));
    }
}

/// `--cpu-prof` beside `--prof` leaves few ticks in the log, which a warning reports.
#[test]
fn starved_logs_are_told() {
    let profile = load(&root("samples/v8/cpuprof-node22.log.zst"));
    assert!(
        profile.warnings.iter().any(|w| w.to_string().contains("--cpu-prof")),
        "{:?}",
        profile.warnings
    );
    let profile = load(&root("samples/v8/idle-node20.log.zst"));
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
}

/// Each isolate's log is a thread of the one profile.
#[test]
fn several_logs_are_several_threads() {
    let logs = ["main", "worker1", "worker2"]
        .map(|part| root(&format!("samples/v8/workers-node20.{part}.log.zst")));
    let sums: u64 = logs.iter().map(|log| load(log).total()).sum();
    let profile = spikeflame_parse::read(&logs, &Default::default()).unwrap();
    let names: Vec<_> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["workers-node20.main", "workers-node20.worker1", "workers-node20.worker2"]);
    assert_eq!(profile.total(), sums);
    let only = Selection { thread: "worker1".parse().ok(), ..Selection::default() };
    let tree = CallTree::build(&profile, &only);
    let has = |name: &str| tree.entries().iter().any(|entry| entry.name == name);
    assert!(has("alphaHot") && !has("betaHot"));
    assert_eq!(tree.total() + tree.left_out().total(), sums);
}

/// The result does not depend on the number of threads.
#[test]
fn one_thread_and_several_give_the_same() {
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    let fold = |threads| {
        let options = spikeflame_parse::Options { threads, ..Default::default() };
        let profile = spikeflame_parse::read(std::slice::from_ref(&log), &options).unwrap();
        let selection = Selection { tiers: Tiers::Split, idle: Idle::Keep, ..Selection::default() };
        let mut text = Vec::new();
        spikeflame_profile::folded::write(&CallTree::build(&profile, &selection), &mut text)
            .unwrap();
        text
    };
    let one = fold(1);
    assert!(one.len() > 1_000_000);
    assert!(one == fold(2) && one == fold(5));
}
