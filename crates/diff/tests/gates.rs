//! Rows that the engine or another number of requests may explain do not cross gates.

use spikeflame_diff::{
    Assumptions, Badge, Comparison, Gate, GateResult, Options, Row, Run, RunCounts, compare_counts,
};
use spikeflame_profile::{GroupBy, Selection, folded};

/// Compares three runs with three, in which each stack has these samples. The runs after served
/// `requests` of them. Costs of the start are part of the counts.
fn compared(lines: &[(&str, [u32; 6])], requests: [f64; 2], hides_inlining: bool) -> Comparison {
    let others: Vec<String> =
        (0..40).map(|n| format!("serve /srv/main.js:3:10;f{n} /srv/f{n}.js:4:14")).collect();
    let count = |run: usize| {
        let requests = requests[run / 3];
        let mut text = String::new();
        for (stack, samples) in lines.iter().filter(|(_, samples)| samples[run] > 0) {
            text += &format!("{stack} {}\n", samples[run]);
        }
        for (at, stack) in others.iter().enumerate() {
            let noise = 1.0 + f64::from((at as u32 * 7 + run as u32 * 5) % 4) / 40.0;
            text += &format!("{stack} {}\n", (0.4 * requests * noise) as u32);
        }
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        if !hides_inlining {
            profile.sources[0].producer = "Node 20, V8 11.3".to_owned();
        }
        let selection = Selection::default();
        let name = format!("run {run}");
        let run = Run::new(&name, &profile, &selection);
        RunCounts::count(&Run { requests: Some(requests), interval_ms: Some(1.0), ..run })
    };
    let side = |runs: std::ops::Range<usize>| runs.map(count).collect::<Vec<_>>();
    let assumed = Assumptions { with_start_up: true, ..Assumptions::default() };
    let options = Options { assumed, ..Options::default() };
    compare_counts(&side(0..3), &side(3..6), &options).unwrap()
}

fn row<'a>(comparison: &'a Comparison, name: &str) -> &'a Row {
    let rows = &comparison.functions.rows;
    rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}"))
}

fn holds(comparison: &Comparison, gate: &str) -> bool {
    gate.parse::<Gate>().unwrap().check(comparison, GroupBy::Function) == GateResult::Yes
}

const HOT: &str = "serve /srv/main.js:3:10;hot /srv/hot.js:4:14";
const BOOT: &str = "load /srv/main.js:1:10;boot /srv/boot.js:4:14";

/// A function of which a part became another one, with the same cost together, crossed the gate.
#[test]
fn a_function_that_was_split_in_two_crosses_no_gate() {
    let part = "serve /srv/main.js:3:10;part /srv/hot.js:20:14";
    let after = |hot: u32, new: u32| {
        let hot = (HOT, [1_000, 1_015, 990, hot, hot + 5, hot - 6]);
        let part = (part, [0, 0, 0, new, new - 7, new + 4]);
        holds(&compared(&[hot, part], [1_000.0, 1_000.0], false), "regression")
    };
    assert!(after(400, 600));
    assert!(!after(400, 1_500), "the file costs more");
    assert!(!after(1_000, 600), "nothing fell");
    // The part may be in another file, and may call others.
    let moved = |place: &str, below: [u32; 3]| {
        let part = format!("serve /srv/main.js:3:10;part {place}");
        let native = format!("{part};sha256_block_data_order");
        let [one, two, three] = below;
        let hot = (HOT, [1_000, 1_015, 990, 400, 405, 394]);
        let part = (&*part, [0, 0, 0, 600, 593, 604]);
        let lines = [hot, part, (&native, [0, 0, 0, one, two, three])];
        holds(&compared(&lines, [1_000.0, 1_000.0], false), "regression")
    };
    assert!(moved("/srv/other.js:20:14", [0; 3]));
    // An async function that a compiler rewrote gave its cost, with that of all that it calls, to another one.
    let of = |place: &str, own: [u32; 6]| {
        let stack = format!("serve /srv/main.js:3:10;work {place}");
        [(format!("{stack};sha256"), own), (stack, own)]
    };
    let lines = [
        of("/srv/src/work.js:4:14", [1_000, 1_015, 990, 10, 11, 9]),
        of("/srv/dist/work.js:5:54", [0, 0, 0, 995, 1_002, 990]),
    ];
    let lines: Vec<(&str, [u32; 6])> =
        lines.iter().flatten().map(|(stack, own)| (stack.as_str(), *own)).collect();
    assert!(holds(&compared(&lines, [1_000.0, 1_000.0], false), "regression"));
    assert!(!moved("/srv/node_modules/b/index.js:2:2", [0; 3]), "of another package");
    assert!(!moved("/srv/hot.js:20:14", [900, 894, 905]), "what it calls is new");
}

/// A builtin that calls functions back has their cost as its total.
#[test]
fn a_builtin_that_only_passes_calls_on_crosses_no_gate() {
    let below = |between: &str, own| {
        (format!("serve /srv/main.js:3:10{between};hot /srv/hot.js:4:14"), own)
    };
    let lines = [
        below("", [1_000, 1_015, 990, 0, 0, 0]),
        below(";Builtin: PromiseConstructor", [0, 0, 0, 1_005, 1_010, 995]),
    ];
    let lines = lines.each_ref().map(|(stack, own)| (stack.as_str(), *own));
    let comparison = compared(&lines, [1_000.0, 1_000.0], false);
    let builtin =
        comparison.functions.rows.iter().find(|row| row.label.starts_with("Builtin")).unwrap();
    assert!(builtin.total_cost.after > 0.9 && builtin.self_cost.after == 0.0, "{builtin:#?}");
    assert!(holds(&comparison, "regression"));
}

/// With half of the requests, the start costs twice as much per request.
#[test]
fn a_cost_of_the_start_crosses_no_gate() {
    let boot = (BOOT, [2_000, 2_030, 1_990, 2_010, 2_020, 1_985]);
    let hot = (HOT, [1_000, 1_015, 990, 2_500, 2_480, 2_520]);
    let comparison = compared(&[boot, hot], [1_000.0, 500.0], false);
    assert_eq!(
        row(&comparison, "boot").badges,
        [Badge::StartUp],
        "{:#?}",
        row(&comparison, "boot")
    );
    for gate in ["self:boot>5%", "total:boot>5%", "self:boot>0.1ms", "total:load>5%"] {
        assert!(holds(&comparison, gate), "{gate}");
    }
    assert!(row(&comparison, "hot").is_changed(), "{:#?}", row(&comparison, "hot"));
    for gate in ["self:hot>5%", "total:hot>5%", "regression"] {
        assert!(!holds(&comparison, gate), "{gate}");
    }
    let without = compared(&[boot], [1_000.0, 500.0], false);
    assert!(holds(&without, "regression") && holds(&without, "regression>0%"));
}

/// The samples of an inlined function belong to its caller in recordings that hide inlining.
#[test]
fn a_cost_that_the_engine_moved_crosses_no_gate() {
    let part = "serve /srv/main.js:3:10;hot /srv/hot.js:4:14;part /srv/hot.js:20:5";
    let lines =
        [(HOT, [1_000, 1_015, 990, 2_000, 2_010, 1_990]), (part, [1_000, 990, 1_010, 0, 0, 0])];
    for hides in [true, false] {
        let comparison = compared(&lines, [1_000.0, 1_000.0], hides);
        for name in ["hot", "part"] {
            let row = row(&comparison, name);
            assert!(row.badges.contains(&Badge::Inlined), "{row:#?}");
        }
        for gate in ["self:hot>5%", "total:hot>5%", "regression", "regression>0%"] {
            assert!(holds(&comparison, gate), "{gate}, hidden: {hides}");
        }
    }
}

/// A typing error, or a function that was renamed, would switch the gate off in silence.
#[test]
fn a_gate_on_a_name_that_no_row_has_does_not_hold() {
    let hot = (HOT, [1_000, 1_015, 990, 1_005, 1_010, 995]);
    let comparison = compared(&[hot], [1_000.0, 1_000.0], false);
    for text in ["self:hott>1ms", "self:hott>1%", "total:hott>1ms", "total:hott>1%"] {
        let gate = text.parse::<Gate>().unwrap();
        let check = gate.review(&comparison, GroupBy::Function);
        let GateResult::Unknown(why) = &check.result else { panic!("{check}") };
        assert!(why.contains("contains hott"), "{why}");
    }
    // A name is a part of the name and place of a row.
    for text in ["self:hot>1%", "total:/srv/hot.js>1%", "self:f1>1%"] {
        assert!(holds(&comparison, text), "{text}");
    }
}

/// A function that counts with a map cost a fifth, and the builtins of maps below it were causes of their own.
#[test]
fn builtins_that_one_edited_function_calls_are_part_of_its_change() {
    let map = format!("{HOT};Builtin: FindOrderedHashMapEntry");
    let set = format!("{HOT};Builtin: MapPrototypeSet");
    let lines = [
        (HOT, [3_000, 3_045, 2_970, 300, 305, 298]),
        (map.as_str(), [0, 0, 0, 150, 148, 152]),
        (set.as_str(), [0, 0, 0, 140, 138, 142]),
    ];
    let comparison = compared(&lines, [1_000.0, 1_000.0], false);
    let causes: Vec<&str> = (comparison.functions.rows.iter())
        .filter(|row| row.is_cause())
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(causes, ["hot"]);
    for name in ["FindOrderedHashMapEntry", "MapPrototypeSet"] {
        let row = comparison.functions.rows.iter().find(|row| row.label.ends_with(name)).unwrap();
        assert!(row.is_changed() && row.explained.is_some(), "{row:#?}");
    }
    assert!(holds(&comparison, "regression") && holds(&comparison, "regression>0%"));
    // Another function calls the builtins too, so they are not part of one function's change.
    let shared = "serve /srv/main.js:3:10;f1 /srv/f1.js:4:14;Builtin: MapPrototypeSet";
    let lines = [lines[0], lines[1], lines[2], (shared, [0, 0, 0, 140, 138, 142])];
    let comparison = compared(&lines, [1_000.0, 1_000.0], false);
    assert!(!holds(&comparison, "regression"));
}
