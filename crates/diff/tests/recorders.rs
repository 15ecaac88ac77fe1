//! Sides of other recorders, files and units give a warning, or are compared.

use crate::common;

use crate::bad_input::{assert_unchanged, run};
use common::{changed, compared, count_profile};
use spikeflame_diff::{
    Evidence, Gate, GateResult, Options, RunCounts, Unit, Warning, compare_counts,
};
use spikeflame_profile::{Inlining, Samples, folded};

/// Counts a run of folded stacks that this recorder made.
fn run_of(producer: &str, name: &str, text: &str) -> RunCounts {
    let mut profile = folded::read(&mut text.as_bytes(), name, None).unwrap();
    profile.sources[0].producer = producer.to_owned();
    let selection = spikeflame_profile::Selection::default();
    RunCounts::count(&spikeflame_diff::Run {
        requests: Some(100.0),
        interval_ms: Some(1.0),
        ..spikeflame_diff::Run::new(name, &profile, &selection)
    })
}

/// A tick log against a `.cpuprofile` of the same code had 61 CHANGED rows, from 52 causes, and "what
/// changed may be the engine". Against perf, the cost of code became 1758 % of the CPU.
#[test]
fn sides_of_two_recorders_have_no_changed_rows_and_no_gate() {
    let text = |hot: u32, other: &str, extra: u32| {
        let rows = (0..20).map(|n| format!("main;f{n} /srv/a.js:{n}1:1 {}\n", 400 + n * 7 + extra));
        let rows = rows.chain([format!("main;hot /srv/a.js:900:1 {hot}\nmain;{other} 900\n")]);
        rows.collect::<String>()
    };
    let side = |producer: &str, hot: u32, other: &str| {
        let run = |n| run_of(producer, &format!("{producer} {n}"), &text(hot, other, n));
        [run(1), run(2)]
    };
    let logs = side("Node 20, V8 11.3", 5_000, "LoadIC");
    for (other, name) in [("cpuprofile", "V8's CPU profiler"), ("perf 6.1", "perf")] {
        let comparison = compared(&logs, &side(other, 400, "write"));
        assert_unchanged(&comparison);
        let differ = Warning::RecordersDiffer {
            before: vec!["V8's tick log".to_owned()],
            after: vec![name.to_owned()],
        };
        assert_eq!(comparison.warnings[0], differ);
        let engine = |warning: &Warning| matches!(warning, Warning::ProducersDiffer { .. });
        assert!(!comparison.warnings.iter().any(engine), "{:?}", comparison.warnings);
        assert_eq!(comparison.evidence, Evidence::Weak);
        assert!(comparison.runs.iter().all(|run| run.factor == 1.0));
        let by = spikeflame_profile::GroupBy::Function;
        assert!(matches!(Gate::REGRESSION.check(&comparison, by), GateResult::Unknown(_)));
    }
    // One recorder, or a recorder on both sides: nothing is withdrawn.
    let comparison = compared(&logs, &side("speedscope of Node 20, V8 11.3", 400, "LoadIC"));
    assert_eq!(changed(&comparison.functions)[0].len(), 1);
    let [before, after] = [side("perf 6.1", 5_000, "write"), side("perf 6.1", 400, "write")];
    assert_eq!(changed(&compared(&before, &after).functions)[0].len(), 1);
}

/// The costs of a `.cpuprofile` were shares, "because the sampling interval is not known", also with
/// a load test. Its samples have times.
#[test]
fn a_cpu_profile_shows_its_interval_by_the_times_of_its_samples() {
    let late_by = |producer: &str, gap_us: u64, late: fn(u64) -> u64| {
        let text = "main /srv/a.js:1:1;work /srv/a.js:2:1 1\n";
        let mut profile = folded::read(&mut text.as_bytes(), "a", None).unwrap();
        let first = profile.threads[0].samples.iter().next().unwrap().0;
        let (mut samples, mut lost_us) = (Samples::default(), 0);
        for at in 0..gap_us - 200 {
            lost_us += late(at);
            let time_us = at * gap_us + lost_us;
            samples.push_weighted(spikeflame_profile::Sample { time_us, ..first }, 1);
        }
        profile.threads[0].samples = samples;
        profile.sources[0] = spikeflame_profile::Source {
            producer: producer.to_owned(),
            unit: "samples".to_owned(),
            timed: true,
            end_us: 9_000_000,
            ..Default::default()
        };
        count_profile(producer, &profile, Inlining::Expand, Some(100.0))
    };
    // One long pause is no interval.
    let pause = |at| if at == 400 { 5_000_000 } else { 0 };
    let profile = |producer, gap_us| late_by(producer, gap_us, pause);
    let costs_of = |after: RunCounts| {
        let comparison = compared(&[profile("cpuprofile", 1_250)], &[after]);
        let micros = |ms: f64| (ms * 1e3).round() as u64;
        let totals = comparison.totals;
        (comparison.unit, micros(totals.before), micros(totals.after))
    };
    assert_eq!(costs_of(profile("cpuprofile", 1_100)), (Unit::CpuMsPerRequest, 13_125, 9_900));
    // On a machine with busy cores the median of the gaps was three times the interval, and so were
    // the costs.
    let some_late = |at| [0, 0, 1_900, 0, 2_800][at as usize % 5] * (1 + at % 3);
    let busy = late_by("cpuprofile", 1_100, some_late);
    assert_eq!(costs_of(busy), (Unit::CpuMsPerRequest, 13_125, 9_900));
    // Where most samples are late, they show no interval.
    let most_late = |at| at * 7_919 % 20_000;
    let comparison =
        compared(&[profile("cpuprofile", 1_250)], &[late_by("cpuprofile", 1_100, most_late)]);
    let unknown = Warning::NoInterval { runs: vec!["cpuprofile".to_owned()], waited: true };
    assert_eq!(comparison.unit, Unit::Share);
    assert!(comparison.warnings.contains(&unknown), "{:?}", comparison.warnings);
    // Other recorders do not sample a thread that waits.
    let comparison = compared(&[profile("perf", 1_250)], &[profile("perf", 1_100)]);
    assert_eq!(comparison.unit, Unit::Share);
}

/// A function that moved to another file was GONE and NEW, and failed the gate `regression`.
#[test]
fn a_function_that_moved_to_another_file_is_one_row() {
    let text = |file: &str, helper: &str, extra: u32| {
        let mut text = String::new();
        for n in 0..20 {
            text +=
                &format!("main /srv/app/a.js:1:1;f{n} /srv/app/a.js:{n}0:1 {}\n", 300 + n + extra);
        }
        let caller = "main /srv/app/a.js:1:1;render /srv/app/a.js:400:1";
        text + &format!(
            "{caller} 100\n{caller};distance {file}:500:1 2000\n\
             {caller};distance {file}:500:1;cell {helper}:510:1 500\n"
        )
    };
    let runs = |file: &str, helper: &str, first: u32| {
        [first, first + 1].map(|n| run("a", &text(file, helper, n), 1.0, 100.0))
    };
    let rows = |before: [&str; 2], after: [&str; 2]| {
        let comparison = compared(&runs(before[0], before[1], 1), &runs(after[0], after[1], 3));
        let one =
            |name: &str| comparison.functions.rows.iter().filter(|row| row.name == name).count();
        [one("distance"), one("cell"), changed(&comparison.functions)[0].len()]
    };
    let [own, text_js] = ["/srv/app/a.js", "/srv/app/lib/text.js"];
    assert_eq!(
        rows([own, own], [text_js, text_js]),
        [1, 1, 0],
        "the helper of a moved function too"
    );
    assert_eq!(rows([own, own], [own, text_js]), [1, 1, 0]);
    // A package's function of the same name is other code.
    let package = "/srv/app/node_modules/fast-text/index.js";
    assert_eq!(rows([own, own], [package, package])[..2], [2, 2]);
}

/// `--per share` without load tests printed "because the requests are not known"; `--per run` with
/// other numbers of requests compared other work without a word.
#[test]
fn the_unit_that_was_asked_for_is_no_lack_and_must_fit_the_work() {
    let compare = |runs: [RunCounts; 2], unit| {
        let mut options = Options::default();
        options.assumed.unit = unit;
        compare_counts(&runs[..1], &runs[1..], &options).unwrap().warnings
    };
    let text = "main /srv/a.js:1:1;f /srv/a.js:2:1 900\n";
    let without = || {
        ["a", "b"].map(|name| {
            let profile = folded::read(&mut text.as_bytes(), name, None).unwrap();
            let selection = spikeflame_profile::Selection::default();
            let run = spikeflame_diff::Run::new(name, &profile, &selection);
            RunCounts::count(&spikeflame_diff::Run {
                interval_ms: Some(if name == "a" { 1.0 } else { 1.01 }),
                requests: None,
                ..run
            })
        })
    };
    let lacks = |warning: &Warning| matches!(warning, Warning::NoRequests { .. });
    let other = "main /srv/a.js:1:1;f /srv/a.js:2:1 901\n";
    let pair = || {
        let [a, _] = without();
        let profile = folded::read(&mut other.as_bytes(), "b", None).unwrap();
        [a, count_profile("b", &profile, Inlining::Expand, None)]
    };
    assert!(compare(pair(), None).iter().any(lacks));
    assert!(!compare(pair(), Some(Unit::Share)).iter().any(lacks));
    let work = Warning::WorkDiffers { fewest: 100.0, most: 1000.0 };
    let served = || [run("a", text, 1.0, 100.0), run("b", other, 1.0, 1000.0)];
    assert!(compare(served(), Some(Unit::CpuMsPerRun)).contains(&work));
    assert!(!compare(served(), None).contains(&work));
}
