//! Real spikes: the same code must not differ, and changed code must differ where it was
//! changed (see `../shared/data/README.md`).

use crate::common;

use common::{changed, compared, count, line, root, shared, spike, splits, tables};
use spikeflame_diff::{
    Assumptions, Badge, Comparison, Doubt, Evidence, Options, Order, Row, RunCounts, Side, Unit,
    Verdict, Warning, compare_counts, noise_of,
};
use spikeflame_profile::Inlining;
use std::sync::LazyLock;

/// Asserts that no row of any grouping is called changed, for all splits of the runs.
fn assert_nothing_changed(runs: &[RunCounts]) {
    for (before, after) in splits(runs) {
        let comparison = compared(&before, &after);
        for table in tables(&comparison) {
            let rows: Vec<String> = changed(table).concat().into_iter().map(line).collect();
            let split = format!("{}v{} by {:?}", before.len(), after.len(), table.by);
            assert!(rows.is_empty(), "{split}: {rows:#?}");
        }
    }
}

#[test]
fn the_same_spike_again_changes_nothing() {
    assert_nothing_changed(&spike("before", Inlining::Expand));
    assert_nothing_changed(&spike("after", Inlining::Expand));
}

#[test]
fn five_profiles_of_the_same_code_change_nothing() {
    let Some(folder) = shared("noise") else { return };
    let file = |number| folder.join(format!("same-code-{number}.cpuprofile.zst"));
    let runs: Vec<_> = (1..=5).map(|n| count(&file(n), Inlining::Expand, None)).collect();
    assert_nothing_changed(&runs);
    let comparison = compared(&runs[..2], &runs[2..]);
    assert_eq!(comparison.unit, Unit::Share);
    assert!((comparison.totals.before - 1.0).abs() < 1e-9);
    assert!(
        matches!(&comparison.warnings[..],
            [Warning::HidesInlining, Warning::NoRequests { runs }] if runs.len() == 5),
        "{:?}",
        comparison.warnings
    );
}

/// Returns true for functions that nobody changed, although their shares rise.
fn is_untouched(row: &&Row) -> bool {
    ["/moment/", "/text.js", "deepClone", "/node_modules/typeorm/", "/mysql2/"]
        .iter()
        .any(|part| row.label.contains(part))
}

/// Counts the tested untouched functions, and returns those called changed, by self and by
/// total.
fn untouched(comparison: &Comparison) -> [(usize, Vec<&Row>); 2] {
    let rows = || comparison.functions.rows.iter().filter(is_untouched);
    let tested = [
        rows().filter(|row| row.self_cost.p.is_some()).count(),
        rows().filter(|row| row.total_cost.p.is_some()).count(),
    ];
    let changed = changed(&comparison.functions);
    let mut counts = tested.into_iter().zip(changed);
    [(); 2].map(|()| {
        let (tested, rows) = counts.next().unwrap();
        (tested, rows.into_iter().filter(is_untouched).collect())
    })
}

fn find<'a>(rows: &'a [Row], part: &str) -> &'a Row {
    rows.iter().find(|row| row.label.contains(part)).unwrap_or_else(|| panic!("no {part}"))
}

#[test]
fn the_changed_spike_shows_what_was_changed_and_no_more() {
    let [before, after] = ["before", "after"].map(|side| spike(side, Inlining::Expand));
    if before.is_empty() {
        return;
    }
    // Read from their files alone, the runs have no times. They were recorded in turn.
    let unknown = compared(&before, &after);
    assert_eq!(unknown.evidence, Evidence::Weak);
    assert!(unknown.warnings.contains(&Warning::OrderUnknown), "{:?}", unknown.warnings);
    let assumed = Assumptions { order: Some(Order::InTurn), ..Assumptions::default() };
    let options = Options { assumed, ..Options::default() };
    let comparison = compare_counts(&before, &after, &options).unwrap();
    assert_eq!(comparison.unit, Unit::CpuMsPerRequest);
    assert_eq!(comparison.evidence, Evidence::Strong);
    assert!(comparison.totals.ci.1 < 1.0, "{:?}", comparison.totals);
    assert_truth(&comparison, 20.0);
    let [of_self, of_total] = untouched(&comparison);
    for (tested, rows) in [&of_self, &of_total] {
        for row in rows {
            println!("untouched, but changed: {}", line(row));
        }
        assert!(*tested > 150 && rows.len() * 100 <= *tested, "{} of {tested}", rows.len());
    }
    // The comparison without inlining shows why inlining-aware attribution is needed.
    let [before, after] = ["before", "after"].map(|side| spike(side, Inlining::Collapse));
    let plain = compared(&before, &after);
    println!("| | inlining-aware | plain |\n|---|---|---|");
    for (what, (tested, rows), (plain_tested, plain_rows)) in
        [("self", &of_self, &untouched(&plain)[0]), ("total", &of_total, &untouched(&plain)[1])]
    {
        let (flagged, plain) = (rows.len(), plain_rows.len());
        println!("| untouched, {what} | {flagged} of {tested} | {plain} of {plain_tested} |");
    }
    let (tested, rows) = &untouched(&plain)[0];
    assert!(rows.len() * 50 <= *tested, "{} of {tested}", rows.len());
}

/// Asserts the known changes, in functions with at least `enough` samples before.
fn assert_truth(comparison: &Comparison, enough: f64) {
    let functions = &comparison.functions.rows;
    let mut gone = 0;
    for row in functions.iter().filter(|row| row.label.contains("/bcryptjs/")) {
        if row.total_cost.samples_before >= enough {
            assert!(row.badges.contains(&Badge::Gone), "{}", line(row));
            gone += 1;
        }
    }
    assert!(gone >= 8, "{gone}");
    assert_eq!(find(functions, "_encipher").self_cost.verdict, Verdict::Changed);
    assert_eq!(find(functions, "_encipher").line_before, Some(959));
    let package = find(&comparison.packages.rows, "class-transformer");
    let mut hot = 0;
    let of_package = functions.iter().filter(|row| row.label.contains("/class-transformer/"));
    let costs = of_package.map(|row| (row, row.self_cost)).filter(|(_, c)| c.samples_before > 70.0);
    for (row, cost) in costs.chain([(package, package.self_cost), (package, package.total_cost)]) {
        assert_eq!(cost.verdict, Verdict::Changed, "{}", line(row));
        assert!(cost.ratio.unwrap() < 0.1, "{}", line(row));
        hot += 1;
    }
    assert!(hot >= 10, "{hot}");
    for name in ["serialiseMember", "serialiseParticipation"] {
        assert!(find(functions, name).badges.contains(&Badge::New), "{name}");
    }
    // These functions are on other lines.
    for (name, lines) in [("serialisePage ", (80, 79)), ("serialiseBoard ", (86, 85))] {
        let row = find(functions, name);
        assert_eq!((row.line_before, row.line_after), (Some(lines.0), Some(lines.1)));
        assert!(!row.guessed);
        assert_eq!(row.total_cost.verdict, Verdict::Changed, "{}", line(row));
        assert!(row.total_cost.ratio.unwrap() < 0.5, "{}", line(row));
        assert_eq!(comparison.row_of(Side::After, &row.label), Some(row));
    }
}

/// Returns the runs in the repository, so that this is tested everywhere.
fn samples(variant: &str) -> Vec<RunCounts> {
    static RUNS: LazyLock<[Vec<RunCounts>; 2]> = LazyLock::new(|| {
        // The numbers are from the k6 output of these runs.
        let requests = [("before", [3_536.0, 4_448.0]), ("after", [4_198.0, 5_248.0])];
        requests.map(|(variant, requests)| {
            let log = |n| root(&format!("samples/spike/{variant}-{n}/isolate-v8.log.zst"));
            [1, 2].map(|n| count(&log(n), Inlining::Expand, Some(requests[n - 1]))).into()
        })
    });
    RUNS[usize::from(variant == "after")].clone()
}

#[test]
fn two_runs_a_side_show_it_too_and_the_mirror_image_agrees() {
    let (before, after) = (samples("before"), samples("after"));
    let comparison = compared(&before, &after);
    assert_truth(&comparison, 20.0);
    let mirror = compared(&after, &before);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
    assert!(near(comparison.totals.ratio, 1.0 / mirror.totals.ratio));
    let mut changes = 0;
    for row in &comparison.functions.rows {
        // The label is that of the side after, when the function exists there.
        let is_after = comparison.row_of(Side::After, &row.label) == Some(row);
        let side = if is_after { Side::Before } else { Side::After };
        let twin = mirror.row_of(side, &row.label).unwrap();
        assert_eq!((row.line_before, row.line_after), (twin.line_after, twin.line_before));
        for (cost, other) in [(row.self_cost, twin.self_cost), (row.total_cost, twin.total_cost)] {
            assert!(near(cost.change, -other.change), "{}", line(row));
            assert!(near(cost.log_ratio, -other.log_ratio), "{}", line(row));
            assert_eq!(cost.verdict, other.verdict, "{}", line(row));
            changes += usize::from(cost.verdict == Verdict::Changed);
        }
    }
    assert!(changes > 50, "{changes}");
}

#[test]
fn one_run_a_side_is_provisional_and_one_against_two_weak() {
    let (before, after) = (samples("before"), samples("after"));
    let comparison = compared(&before[..1], &after[..1]);
    assert_eq!(comparison.evidence, Evidence::Provisional);
    assert!(comparison.warnings.contains(&Warning::FewRuns { before: 1, after: 1 }));
    let bcrypt = find(&comparison.packages.rows, "bcryptjs");
    assert_eq!(bcrypt.self_cost.verdict, Verdict::Changed);
    assert!(bcrypt.badges.contains(&Badge::Gone));
    let comparison = compared(&before[..1], &after);
    assert_eq!(comparison.evidence, Evidence::Weak);
    let bcrypt = find(&comparison.packages.rows, "bcryptjs");
    assert_eq!(bcrypt.self_cost.verdict, Verdict::Changed);
}

#[test]
fn plain_attribution_shows_the_engine_moving_cost_to_callers() {
    let [before, after] = ["before", "after"].map(|side| spike(side, Inlining::Collapse));
    if before.is_empty() {
        return;
    }
    let comparison = compared(&before, &after);
    let inlined = |row: &&Row| row.badges.contains(&Badge::Inlined);
    let rows: Vec<&Row> = comparison.functions.rows.iter().filter(inlined).collect();
    assert!(rows.iter().any(|row| row.name == "createFromConfig"), "{rows:#?}");
    // A row was INLINED? by its self cost and CHANGED by its total, with its callers: "6 of 80
    // functions changed, from 0 causes".
    assert!(!rows.iter().any(|row| row.is_changed()), "{rows:#?}");
    let explained = comparison.functions.rows.iter().filter(|row| row.is_changed());
    let by = explained.filter_map(|row| comparison.functions.rows.get(row.explained?.by));
    assert!(by.into_iter().all(Row::is_cause));
    // Rows that may have traded costs are not called changed, and cross no gate.
    assert!(rows.iter().any(|row| row.self_cost.doubt == Some(Doubt::Inlined)), "{rows:#?}");
}

#[test]
fn power_says_what_could_have_been_seen_and_noise_is_measured_on_runs_of_one_build() {
    let (before, after) = (samples("before"), samples("after"));
    let comparison = compared(&before, &after);
    let table = &comparison.functions;
    for (row, power) in table.rows.iter().zip(table.power(1.2)) {
        let [Some(power), _] = power else { continue };
        assert!(power.fall < 1.0 && power.rise >= 1.1, "{power:?}");
        // A change of 20 % needs more runs exactly when smaller changes cannot be found.
        assert_eq!(
            power.rise > 1.2 + 1e-6,
            power.runs_a_side.is_none_or(|runs| runs > 2),
            "{}",
            line(row)
        );
    }
    // Changes of the largest functions are found best.
    let powers: Vec<_> = table.rows.iter().zip(table.power(1.2)).collect();
    let rise = |name: &str| {
        let (_, [power, _]) = powers.iter().find(|(row, _)| row.name == name).unwrap();
        power.unwrap().rise
    };
    assert!(rise("transform") < rise("getMetadata"));
    let noise = noise_of(&before).unwrap().unwrap();
    assert!((0.05..0.5).contains(&noise), "{noise}");
}

#[test]
fn the_waterfall_adds_up() {
    let comparison = compared(&samples("before"), &samples("after"));
    for table in tables(&comparison) {
        for top in [0, 5, usize::MAX] {
            let waterfall = table.waterfall(top);
            let steps: f64 = waterfall.steps.iter().map(|step| step.change).sum();
            let sum = waterfall.before + steps + waterfall.other;
            assert!((sum - waterfall.after).abs() < 1e-9, "{waterfall:?}");
            assert!((waterfall.before - comparison.totals.before).abs() < 1e-9);
            assert!((waterfall.after - comparison.totals.after).abs() < 1e-9);
            let rows: usize = waterfall.steps.iter().map(|step| step.rows).sum();
            assert_eq!(waterfall.other_rows + rows, table.rows.len());
        }
    }
}
