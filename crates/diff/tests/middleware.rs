//! A function that was removed is GONE, also where recordings hide inlining.

use spikeflame_diff::{Badge, Comparison, Options, Row, Run, RunCounts, compare_counts};
use spikeflame_profile::{Selection, folded};

/// Counts one run; `@` stands for the folder of the application.
fn counted(lines: &[(&str, [u32; 6])], run: usize) -> RunCounts {
    let mut text = String::new();
    for (stack, samples) in lines {
        let samples = samples.get(run).copied().unwrap_or(0);
        if samples > 0 {
            text += &format!("{} {samples}\n", stack.replace('@', "/srv/shop/src/"));
        }
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let selection = Selection::default();
    let name = format!("run {run}");
    let run = Run::new(&name, &profile, &selection);
    RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..run })
}

/// Compares three runs with three. `audit`, called by `cors`, is gone, and `cors` costs more by about
/// as much, but not with certainty.
fn compared(audit: &[(&str, [u32; 6])]) -> Comparison {
    let mut lines: Vec<(&str, [u32; 6])> = vec![
        ("serve @main.js:3:10;cors @cors.js:3:14", [2_900, 3_300, 3_000, 3_300, 3_550, 3_150]),
        ("serve @main.js:3:10;list @list.js:4:14", [3_050, 2_950, 3_000, 2_900, 3_100, 3_000]),
    ];
    lines.extend(audit);
    let names: Vec<String> =
        (0..40).map(|n| format!("serve @main.js:3:10;f{n} @f{n}.js:4:14")).collect();
    lines.extend(names.iter().map(|name| (name.as_str(), [400, 410, 395, 405, 398, 402])));
    let side = |runs: std::ops::Range<usize>| -> Vec<RunCounts> {
        runs.map(|run| counted(&lines, run)).collect()
    };
    compare_counts(&side(0..3), &side(3..6), &Options::default()).unwrap()
}

fn row<'a>(comparison: &'a Comparison, name: &str) -> &'a Row {
    let rows = &comparison.functions.rows;
    rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name}"))
}

const AUDIT: &str = "serve @main.js:3:10;cors @cors.js:3:14;audit @audit.js:5:15";
const DIGEST: &str =
    "serve @main.js:3:10;cors @cors.js:3:14;audit @audit.js:5:15;digest @audit.js:20:16";

/// The middleware was INLINED? and crossed no gate, although the function that it alone calls was
/// gone too.
#[test]
fn a_removed_function_whose_callees_are_gone_too_is_gone() {
    let audit = (AUDIT, [300, 310, 295, 0, 0, 0]);
    let comparison = compared(&[audit, (DIGEST, [700, 690, 705, 0, 0, 0])]);
    let row = row(&comparison, "audit");
    assert!(row.is_changed() && row.badges == [Badge::Gone], "{row:#?}");
}

/// The callee of an inlined function is still on the stacks, and a callee that costs much less than the
/// function proves little: without its call, the function may have been inlined.
#[test]
fn without_such_callees_a_function_may_have_been_inlined() {
    let audit = (AUDIT, [300, 310, 295, 0, 0, 0]);
    const IN_CORS: &str = "serve @main.js:3:10;cors @cors.js:3:14;digest @audit.js:20:16";
    let moved = [(DIGEST, [700, 690, 705, 0, 0, 0]), (IN_CORS, [0, 0, 0, 702, 695, 700])];
    for callees in [&[][..], &moved, &[(DIGEST, [90, 92, 91, 0, 0, 0])]] {
        let comparison = compared(&[&[audit], callees].concat());
        let row = row(&comparison, "audit");
        assert!(!row.is_changed() && row.badges.contains(&Badge::Inlined), "{row:#?}");
    }
}
