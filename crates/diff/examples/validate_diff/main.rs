//! Validates the method by simulation: `just validate-diff [SEED [WORLD]]`.
//!
//! Prints one Markdown table of this method and of other methods in use, and exits with 1
//! when an acceptance figure is missed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers"
)]

mod rivals;
mod world;

use spikeflame_diff::{Assumptions, Grouping, Verdict, analyse};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use world::{Change, Experiment, Sessions, Setup};

const THREADS: usize = 2;
const METHODS: usize = rivals::NAMES.len() + 1;

/// The results of one method over the experiments of a cell.
#[derive(Clone, Copy, Default)]
struct Score {
    experiments: f64,
    with_false_flag: f64,
    false_flags: f64,
    /// The sum over experiments of false flags / flags.
    false_share: f64,
    /// Planted changes of functions with at least 50 samples a run, and how many of them
    /// were found.
    planted: f64,
    found: f64,
}

/// The results of all methods, and further figures of this method.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// This method first, then those of `rivals`.
    scores: [Score; METHODS],
    intervals: f64,
    covering: f64,
    /// The sum over experiments of the ratio of the totals.
    ratio: f64,
    missing_rows: f64,
    worst_sum: f64,
}

impl Score {
    fn add(&mut self, flags: &[bool], experiment: &Experiment) {
        let (mut right, mut wrong) = (0.0, 0.0);
        for ((&flag, &truth), &expected) in
            flags.iter().zip(&experiment.truth).zip(&experiment.expected)
        {
            let changed = truth != 1.0;
            if changed && expected >= 50.0 {
                self.planted += 1.0;
                self.found += f64::from(u8::from(flag));
            }
            match (flag, changed) {
                (true, true) => right += 1.0,
                (true, false) => wrong += 1.0,
                _ => {}
            }
        }
        self.experiments += 1.0;
        self.false_flags += wrong;
        self.with_false_flag += f64::from(u8::from(wrong > 0.0));
        self.false_share += wrong / f64::max(right + wrong, 1.0);
    }

    fn any_false(&self) -> f64 {
        self.with_false_flag / self.experiments
    }

    fn false_discovery_rate(&self) -> f64 {
        self.false_share / self.experiments
    }

    fn power(&self) -> f64 {
        self.found / self.planted
    }
}

impl Cell {
    fn run(setup: Setup, experiments: u64, seed: u64) -> Self {
        let next = AtomicU64::new(0);
        let cell = Mutex::new(Self::default());
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= experiments {
                            return;
                        }
                        let experiment = Experiment::new(&setup, seed.wrapping_add(number));
                        let one = Self::compare(&experiment);
                        cell.lock().unwrap().merge(&one);
                    }
                });
            }
        });
        cell.into_inner().unwrap()
    }

    fn compare(experiment: &Experiment) -> Self {
        let mut cell = Self::default();
        let runs = experiment.runs.len();
        let functions = Grouping::without_totals(runs, experiment.counts.clone());
        let assumed = Assumptions {
            calls_that_hide_inlining: experiment.calls.clone(),
            with_start_up: experiment.with_start_up,
            waits: experiment.waits.clone(),
            ..Assumptions::default()
        };
        let analysis = analyse(&experiment.runs, &[functions], &assumed).unwrap();
        let measures = &analysis.groupings[0].self_result.measures;
        let flags: Vec<bool> = measures.iter().map(|m| m.verdict == Verdict::Changed).collect();
        cell.scores[0].add(&flags, experiment);
        for (score, flags) in cell.scores[1..].iter_mut().zip(rivals::flags(experiment)) {
            if let Some(flags) = flags {
                score.add(&flags, experiment);
            }
        }
        for (at, (measure, &truth)) in measures.iter().zip(&experiment.truth).enumerate() {
            if measure.p.is_some()
                && experiment.is_paid_by_requests(at)
                && truth > 0.0
                && truth.is_finite()
            {
                cell.intervals += 1.0;
                let covers = measure.ci.0 <= truth && truth <= measure.ci.1;
                cell.covering += f64::from(u8::from(covers));
            }
        }
        // The changes must add up: before and all changes make after.
        let changes: f64 = measures.iter().map(|measure| measure.change).sum();
        let totals = analysis.totals;
        cell.worst_sum = (totals.before + changes - totals.after).abs();
        cell.ratio = totals.ratio;
        let has_row = |row: &[f64], at: usize| {
            let sampled = row.iter().any(|count| *count > 0.0);
            let m = &measures[at];
            !sampled || m.samples_before + m.samples_after == row.iter().sum::<f64>()
        };
        let rows = experiment.counts.rows().enumerate();
        cell.missing_rows = rows.filter(|(at, row)| !has_row(row, *at)).count() as f64;
        cell
    }

    fn merge(&mut self, other: &Self) {
        for (own, other) in self.scores.iter_mut().zip(&other.scores) {
            own.experiments += other.experiments;
            own.with_false_flag += other.with_false_flag;
            own.false_flags += other.false_flags;
            own.false_share += other.false_share;
            own.planted += other.planted;
            own.found += other.found;
        }
        self.intervals += other.intervals;
        self.covering += other.covering;
        self.ratio += other.ratio;
        self.missing_rows += other.missing_rows;
        self.worst_sum = self.worst_sum.max(other.worst_sum);
    }
}

/// The table under construction.
struct Report {
    missed: Vec<String>,
    /// True with fewer experiments than the whole run: a figure is then missed when it lies three
    /// standard errors of its number of experiments beyond its bound.
    coarse: bool,
}

impl Report {
    /// Adds a row: the name of the figure, its bounds, and the values of this method and
    /// the others. `experiments` is the number from which the figure comes; infinite for a figure
    /// without chance.
    fn row(
        &mut self,
        what: &str,
        (low, high): (f64, f64),
        own: f64,
        others: &[Option<f64>],
        experiments: f64,
    ) {
        let bound = match (low.is_finite(), high.is_finite()) {
            (true, true) => format!("{low} to {high}"),
            (true, false) => format!(">= {low}"),
            (false, true) => format!("<= {high}"),
            (false, false) => String::new(),
        };
        let number = |value: f64| {
            if value != 0.0 && value.abs() < 1e-4 {
                format!("{value:.0e}")
            } else {
                format!("{value:.3}")
            }
        };
        let mut line = format!("| {what} | {bound} | **{}** |", number(own));
        for at in 0..rivals::NAMES.len() {
            let other = others.get(at).copied().flatten().filter(|value| !value.is_nan());
            line += &format!(" {} |", other.map(number).unwrap_or_default());
        }
        println!("{line}");
        let error = |bound: f64| match self.coarse && (0.0..=1.0).contains(&bound) {
            true => 3.0 * (bound * (1.0 - bound) / experiments).sqrt(),
            false => 0.0,
        };
        if !(own >= low - error(low) && own <= high + error(high)) {
            self.missed.push(format!("{what}: {} is not {bound}", number(own)));
        }
    }

    /// Adds the share of intervals of a world that contain the true ratio.
    fn coverage(&mut self, name: &str, cell: &Cell) {
        let share = cell.covering / cell.intervals;
        let what = format!("{name}: coverage of 95 % intervals");
        let most = match name {
            COIN => MOST_COVERAGE_BY_COIN,
            // The noise of few functions is assumed, and may be more than they have.
            _ if name.starts_with(FEW) => 1.0,
            _ => MOST_COVERAGE,
        };
        self.row(&what, (0.93, most), share, &[], cell.scores[0].experiments);
    }

    fn scores(&mut self, what: &str, bounds: (f64, f64), cell: &Cell, of: impl Fn(&Score) -> f64) {
        let others: Vec<_> = cell.scores[1..].iter().map(|score| Some(of(score))).collect();
        self.row(what, bounds, of(&cell.scores[0]), &others, cell.scores[0].experiments);
    }
}

/// The share of intervals that may contain the true ratio. Above it, intervals are too wide.
const MOST_COVERAGE: f64 = 0.995;
/// This share is allowed in the world in which a third of the functions is inlined by chance. With two runs a
/// side, nothing shows which ones, so that the intervals of all others are too wide as well.
const MOST_COVERAGE_BY_COIN: f64 = 0.999;
const COIN: &str = "inlined by coin";
const FEW: &str = "6 functions";

type World = (String, Box<dyn Fn(Setup) -> Setup>);

/// Returns worlds with the problems that users have.
fn worlds() -> Vec<World> {
    let mut worlds: Vec<World> = Vec::new();
    for cv in [0.10, 0.15, 0.20] {
        let of = move |setup| Setup { sessions: Sessions::InTurn(cv), ..setup };
        worlds.push((format!("sessions {cv:.2} in turn"), Box::new(of)));
        let of = move |setup| Setup { sessions: Sessions::Separated(cv), ..setup };
        worlds.push((format!("sessions {cv:.2} separated"), Box::new(of)));
    }
    let of = |setup| Setup { start_up: true, load_after: 1.4, ..setup };
    worlds.push(("start-up, 1.4 times the requests".to_owned(), Box::new(of)));
    let of = |setup| Setup { coin: true, ..setup };
    worlds.push((COIN.to_owned(), Box::new(of)));
    let of = |setup| Setup { machine: true, sessions: Sessions::InTurn(0.0), ..setup };
    worlds.push(("system calls follow the machine, in turn".to_owned(), Box::new(of)));
    let of = |setup| Setup { machine: true, sessions: Sessions::Separated(0.15), ..setup };
    worlds.push(("the same, separated, with sessions 0.15".to_owned(), Box::new(of)));
    for modules in [2, 4, 7] {
        let sessions = Sessions::Separated(0.15);
        let of = move |setup| Setup { modules, sessions, ..setup };
        worlds.push((format!("{modules} packages, separated, with sessions 0.15"), Box::new(of)));
    }
    let sessions = Sessions::Separated(0.15);
    let of = move |setup| Setup { without_packages: true, sessions, ..setup };
    worlds.push(("packages not known, separated, with sessions 0.15".to_owned(), Box::new(of)));
    for (waits, what) in [([1.02, 1.02], "equal waiting"), ([1.18, 1.37], "more waiting after")] {
        let of = move |setup| Setup { functions: 6, waits, counts_cpu: true, ..setup };
        worlds.push((format!("{FEW}, {what}"), Box::new(of)));
    }
    worlds
}

fn main() -> ExitCode {
    let seed = match std::env::args().nth(1).map(|seed| seed.parse::<u64>()) {
        None => 1,
        Some(Ok(seed)) => seed,
        Some(Err(error)) => {
            eprintln!("SEED must be a whole number: {error}");
            return ExitCode::from(2);
        }
    };
    // A second argument: only the worlds whose name contains it.
    let only = std::env::args().nth(2);
    const NONE: f64 = f64::NEG_INFINITY;
    const ANY: f64 = f64::INFINITY;
    // `SCALE` makes it faster and coarser.
    let scale = std::env::var("SCALE").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let (many, few) = (1_000 / scale, 200 / scale);
    println!("| seed {seed} | must be | **this method** | {} |", rivals::NAMES.join(" | "));
    println!("|---|---|---|{}", "---|".repeat(rivals::NAMES.len()));
    let mut report = Report { missed: Vec::new(), coarse: scale > 1 };
    let mut number = 0;
    let mut cell = |setup: Setup, experiments| {
        number += 1;
        Cell::run(setup, experiments, (seed << 32) + (number << 24))
    };
    let (mut intervals, mut covering, mut missing, mut worst) = (0.0, 0.0, 0.0, 0.0f64);
    let mut tally = |cell: &Cell| {
        intervals += cell.intervals;
        covering += cell.covering;
        missing += cell.missing_rows;
        worst = worst.max(cell.worst_sum);
    };
    let sides = [
        ([1, 1], 0.05),
        ([2, 2], 0.05),
        ([3, 3], 0.05),
        ([5, 5], 0.05),
        ([10, 10], 0.05),
        ([1, 3], 0.07),
    ];
    for (runs, limit) in sides.into_iter().filter(|_| only.is_none()) {
        let cell = cell(Setup::calm(runs, Change::Nothing), many);
        if runs[0] > 1 {
            tally(&cell);
        }
        let what = format!("A/A {}v{}: experiments with a false flag", runs[0], runs[1]);
        report.scores(&what, (NONE, limit), &cell, Score::any_false);
    }
    if only.is_none() {
        let hotspot = cell(Setup::calm([3, 3], Change::Hotspot), many);
        report.scores("hotspot 3v3: FDR", (NONE, 0.05), &hotspot, Score::false_discovery_rate);
        report.scores("hotspot 3v3: false flags an experiment", (NONE, ANY), &hotspot, |score| {
            score.false_flags / score.experiments
        });
        report.scores("hotspot 3v3: power", (0.95, ANY), &hotspot, Score::power);
        tally(&hotspot);
        for (runs, least) in [([3, 3], 0.70), ([5, 5], 0.82)] {
            let refactor = cell(Setup::calm(runs, Change::Refactor), few);
            let what = format!("refactor {}v{}", runs[0], runs[1]);
            report.scores(
                &format!("{what}: FDR"),
                (NONE, 0.05),
                &refactor,
                Score::false_discovery_rate,
            );
            report.scores(
                &format!("{what}: power, >= 50 samples a run"),
                (least, ANY),
                &refactor,
                Score::power,
            );
            tally(&refactor);
        }
        let nothing = Setup::calm([3, 3], Change::Nothing);
        let slow = cell(Setup { interval_after: 10.0, ..nothing }, few);
        let ratio = slow.ratio / slow.scores[0].experiments;
        report.row(
            "tenfold interval after: cost per request, after / before",
            (0.99, 1.01),
            ratio,
            &[],
            ANY,
        );
        report.scores("tenfold interval after: false flag", (NONE, 0.05), &slow, Score::any_false);
        let double = cell(Setup { load_after: 2.0, ..nothing }, few);
        report.scores(
            "twice the requests after: false flag",
            (NONE, 0.05),
            &double,
            Score::any_false,
        );
        tally(&slow);
        tally(&double);
    }
    let mut worlds = worlds();
    worlds.retain(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only)));
    for (name, of) in worlds {
        for runs in [[2, 2], [3, 3], [5, 5]] {
            let cell = cell(of(Setup::calm(runs, Change::Nothing)), many);
            let what =
                format!("{name}, A/A {}v{}: experiments with a false flag", runs[0], runs[1]);
            report.scores(&what, (NONE, 0.05), &cell, Score::any_false);
            report.coverage(&name, &cell);
        }
        // Few functions have no refactor of 31.
        let large = of(Setup::calm([3, 3], Change::Nothing)).functions > 200;
        for runs in [[3, 3], [5, 5]].into_iter().filter(|_| large) {
            let refactor = cell(of(Setup::calm(runs, Change::Refactor)), few);
            let what = format!("{name}, refactor {}v{}", runs[0], runs[1]);
            let rate = Score::false_discovery_rate;
            report.scores(&format!("{what}: FDR"), (NONE, 0.05), &refactor, rate);
            let what = format!("{what}: power, >= 50 samples a run");
            report.scores(&what, (NONE, ANY), &refactor, Score::power);
        }
        // A function with a noise of 30 %, as 3 % of them have, hides such a change: too few experiments
        // would meet several of these by chance.
        let least = if name.contains("separated") { 0.95 } else { NONE };
        let experiments = if least.is_finite() { many } else { few };
        let fivefold = cell(of(Setup::calm([3, 3], Change::Fivefold)), experiments);
        let what = format!("{name}, fivefold 3v3: power");
        report.scores(&what, (least, ANY), &fivefold, Score::power);
    }
    if only.is_none() {
        report.row(
            "coverage of 95 % intervals",
            (0.93, MOST_COVERAGE),
            covering / intervals,
            &[],
            ANY,
        );
        report.row("rows missing", (NONE, 0.0), missing, &[], ANY);
        report.row("before + all changes - after", (NONE, 1e-9), worst, &[], ANY);
    }
    for missed in &report.missed {
        eprintln!("MISSED {missed}");
    }
    ExitCode::from(u8::from(!report.missed.is_empty()))
}
