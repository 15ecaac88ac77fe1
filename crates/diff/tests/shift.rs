//! Whether all functions shifted together, for programs whose cost lies in builtins.

use spikeflame_diff::{Comparison, Options, Row, Run, RunCounts, Verdict, compare_counts};
use spikeflame_profile::{Selection, folded};
use std::fmt::Write;

/// Returns a run in which `rank` calls 30 builtins, beside 14 functions of other files that call one
/// builtin each. The costs are in samples; `noise` differs from run to run.
fn run(noise: u64, builtin: u64, other: u64) -> RunCounts {
    let mut text = String::new();
    for n in 0..30 {
        let cost = builtin + (n + noise) % 3;
        writeln!(text, "serve /app/main.js:1:1;rank /app/rank.js:9:1;Builtin: Step{n} {cost}")
            .unwrap();
    }
    for n in 0..14 {
        let (own, below) = (other + (n * 7 + noise * 5) % 11, other / 2 + (n + noise) % 5);
        let stack = format!("serve /app/main.js:1:1;work{n} /app/work{n}.js:5:1");
        writeln!(text, "{stack} {own}\n{stack};Builtin: RunPart{n} {below}").unwrap();
    }
    counted(&text, &format!("run {noise} {builtin} {other}"))
}

fn counted(text: &str, name: &str) -> RunCounts {
    let profile = folded::read(&mut text.as_bytes(), "folded", None).unwrap();
    let all = Selection::default();
    let facts = Run::new(name, &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..facts })
}

fn compared(before: [RunCounts; 2], after: [RunCounts; 2]) -> Comparison {
    compare_counts(&before, &after, &Options::default()).unwrap()
}

#[test]
fn a_mended_function_that_calls_most_builtins_is_no_shift_of_the_program() {
    // Once nearly all of its cost is gone, and once half of it, as a machine could do.
    for builtin in [8, 200] {
        let before = [run(0, 400, 200), run(1, 400, 200)];
        let result = compared(before, [run(2, builtin, 200), run(3, builtin, 200)]);
        assert!(result.shift.is_none_or(|shift| !shift.significant), "{:?}", result.shift);
        let of = |name: &str| result.functions.rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(of("rank").total_cost.verdict, Verdict::Changed);
        assert_ne!(of("work3").total_cost.verdict, Verdict::Changed);
    }
}

#[test]
fn a_slower_machine_is_a_shift_of_the_program() {
    let before = [run(0, 400, 200), run(1, 400, 200)];
    let result = compared(before, [run(2, 560, 280), run(3, 560, 280)]);
    let shift = result.shift.unwrap();
    assert!(shift.significant && (shift.ratio - 1.4).abs() < 0.05, "{shift:?}");
}

/// Returns a run in which four functions of the program share 40 builtins. Their cost is in samples
/// for each builtin: of the first function, and of the others.
fn run_of_few(noise: u64, first: u64, other: u64) -> RunCounts {
    let mut text = String::new();
    for function in 0..4 {
        let cost = if function == 0 { first } else { other };
        let stack = format!("serve /app/main.js:1:1;work{function} /app/work.js:1{function}:1");
        writeln!(text, "{stack} {}", cost * 20 + (function + noise) % 5).unwrap();
        for n in 0..40 {
            writeln!(text, "{stack};Builtin: Step{n} {}", cost + (n + noise) % 3).unwrap();
        }
    }
    counted(&text, &format!("few {noise} {first} {other}"))
}

#[test]
fn a_much_slower_machine_is_a_shift_of_a_program_with_few_functions() {
    let before = [run_of_few(0, 20, 20), run_of_few(1, 20, 20)];
    let result = compared(before.clone(), [run_of_few(2, 40, 40), run_of_few(3, 40, 40)]);
    let shift = result.shift.unwrap();
    assert!(shift.significant && (shift.ratio - 2.0).abs() < 0.1, "{shift:?}");
    let changed = |row: &&Row| row.self_cost.verdict == Verdict::Changed;
    assert_eq!(result.functions.rows.iter().filter(changed).count(), 0);
    // One of the few functions costs eight times as much: most builtins follow it, its peers do not.
    let result = compared(before, [run_of_few(2, 160, 20), run_of_few(3, 160, 20)]);
    assert!(result.shift.is_none_or(|shift| !shift.significant), "{:?}", result.shift);
    let of = |name: &str| result.functions.rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(of("work0").self_cost.verdict, Verdict::Changed);
    assert_ne!(of("work1").self_cost.verdict, Verdict::Changed);
}

/// Returns a run of a program whose `serve` has 40 functions below it and 40 beside it, each with a
/// builtin. The costs are in samples for each function; `noise` differs from run to run.
fn run_of_two_halves(noise: u64, below: u64, beside: u64) -> RunCounts {
    let mut text = String::new();
    for n in 0..40 {
        for (root, cost) in [("serve", below), ("other", beside)] {
            let stack = format!("main /app/main.js:1:1;{root} /app/{root}.js:1:1");
            let stack = format!("{stack};{root}{n} /app/{root}{n}.js:5:1");
            let own = cost + (n * 7 + noise * 5) % 11;
            writeln!(text, "{stack} {own}\n{stack};Builtin: RunPart{n} {}", own / 2).unwrap();
        }
    }
    counted(&text, &format!("halves {noise} {below} {beside}"))
}

/// `slugify` of a NestJS application had 40 % of its CPU and more than half of its rows, builtins and
/// natives. A doubled loop in it was "the whole program shifted by 91.6 %", and nothing was CHANGED.
#[test]
fn a_function_with_most_of_the_cost_is_no_shift_of_the_program() {
    let before = [run_of_two_halves(0, 300, 100), run_of_two_halves(1, 300, 100)];
    for below in [600, 150] {
        let after = [run_of_two_halves(2, below, 100), run_of_two_halves(3, below, 100)];
        let result = compared(before.clone(), after);
        assert!(result.shift.is_none_or(|shift| !shift.significant), "{:?}", result.shift);
        let of = |name: &str| result.functions.rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(of("serve").total_cost.verdict, Verdict::Changed);
        assert_eq!(of("serve3").self_cost.verdict, Verdict::Changed);
        assert_ne!(of("other").total_cost.verdict, Verdict::Changed);
        assert_ne!(of("other3").self_cost.verdict, Verdict::Changed);
    }
    // The machine is slower too: this part of the shift is common, and is taken out.
    let after = [run_of_two_halves(2, 840, 140), run_of_two_halves(3, 840, 140)];
    let result = compared(before, after);
    let shift = result.shift.unwrap();
    assert!(shift.significant && (shift.ratio - 1.4).abs() < 0.05, "{shift:?}");
    let of = |name: &str| result.functions.rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(of("serve").total_cost.verdict, Verdict::Changed);
    assert_ne!(of("other").total_cost.verdict, Verdict::Changed);
}

/// Returns a run of 80 functions without a common caller, half of which cost `half` samples.
fn run_of_halves_apart(noise: u64, half: u64, other: u64) -> RunCounts {
    let mut text = String::new();
    for n in 0..80 {
        let cost = if n % 2 == 0 { half } else { other } + (n * 7 + noise * 5) % 11;
        writeln!(text, "work{n} /app/work{n}.js:5:1 {cost}").unwrap();
    }
    counted(&text, &format!("apart {noise} {half} {other}"))
}

#[test]
fn a_change_of_half_of_all_functions_is_no_shift_of_the_program() {
    let before = [run_of_halves_apart(0, 200, 180), run_of_halves_apart(1, 200, 180)];
    let after = [run_of_halves_apart(2, 400, 180), run_of_halves_apart(3, 400, 180)];
    let result = compared(before.clone(), after);
    assert!(result.shift.is_none_or(|shift| !shift.significant), "{:?}", result.shift);
    let of = |name: &str| result.functions.rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(of("work4").self_cost.verdict, Verdict::Changed);
    assert_ne!(of("work5").self_cost.verdict, Verdict::Changed);
    let result =
        compared(before, [run_of_halves_apart(2, 400, 360), run_of_halves_apart(3, 400, 360)]);
    let shift = result.shift.unwrap();
    assert!(shift.significant && (shift.ratio - 2.0).abs() < 0.05, "{shift:?}");
    assert!(result.functions.rows.iter().all(|row| row.self_cost.verdict != Verdict::Changed));
}
