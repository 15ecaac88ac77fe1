//! Measures the plateau finder, and other methods, on simulated tests whose knee is known.
//!
//! |    just validate-plateau [SEED [RUNS [CASE [FORM]]]]
//!
//! Prints the table of docs/plateau.md. Fails when the results are worse than they have to be. With
//! a form (`table`, `no-vus`, `no-durations`), the finder gets what such a table has of each test.

#![allow(clippy::indexing_slicing, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

mod cases;
mod forms;
mod peers;
mod random;
mod simulate;

use cases::{Case, NEGATIVE, POSITIVE, RAMPS};
use forms::Form;
use random::Random;
use spikeflame_load::plateau::{self, Knee};
use spikeflame_load::{Series, Timeline};
use std::process::ExitCode;

const SEED: u64 = 20_261_124;

/// Result of a method: the second of the timeline at which the plateau begins, and further results
/// of our method.
type Finding = Option<(f64, Option<Rest>)>;
/// Results that only our method gives.
#[derive(Clone, Copy, Debug)]
struct Rest {
    end: f64,
    level: f64,
    knee: Option<Knee>,
}

type Method = (&'static str, fn(&Timeline) -> Finding);

const METHODS: [Method; 4] = [
    ("plateau", |timeline| {
        let found = plateau::find(timeline, &plateau::Options::default()).ok()?;
        let found = found.chosen();
        let window = found.window;
        let rest = Rest { end: window.to as f64, level: found.level_rps, knee: found.knee };
        Some((window.from as f64, Some(rest)))
    }),
    ("Kneedle", |timeline| peer(timeline, peers::kneedle)),
    ("95 % of max", |timeline| peer(timeline, peers::most)),
    ("PELT", |timeline| peer(timeline, peers::pelt)),
];

fn peer(timeline: &Timeline, method: fn(&Series) -> Option<usize>) -> Finding {
    let series = Series::from_timeline(timeline, None)?;
    Some(((method(&series)? + series.first) as f64, None))
}

#[derive(Default)]
struct Score {
    runs: usize,
    found: usize,
    start: Vec<f64>,
    end: Vec<f64>,
    level: Vec<f64>,
    /// Intersection over union with the truth, in seconds.
    overlap: Vec<f64>,
    /// 1 when the knee's interval contains the true knee, else 0.
    holds: Vec<f64>,
}

impl Score {
    fn share(&self) -> f64 {
        self.found as f64 / self.runs.max(1) as f64
    }
}

fn quantile(values: &[f64], q: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (q * values.len() as f64).ceil().max(1.0) as usize - 1;
    values.get(rank).copied().unwrap_or(f64::NAN)
}

fn measure(case: Case, form: Form, runs: usize, seed: u64) -> Vec<Score> {
    let mut scores: Vec<Score> = METHODS.iter().map(|_| Score::default()).collect();
    let explain = std::env::var_os("EXPLAIN").is_some();
    for run in 0..runs {
        let mut random = Random::new(seed ^ ((case as u64) << 48) ^ ((run as u64) << 24));
        let (timeline, truth) = simulate::run(case, &mut random);
        let timeline = form.shown_by(timeline);
        for ((name, method), score) in METHODS.iter().zip(&mut scores) {
            score.runs += 1;
            let found = method(&timeline);
            if let Some((start, rest)) = &found {
                score.found += 1;
                score.start.push((*start - truth.start).abs());
                if let &Some(Rest { end, level, knee }) = rest {
                    score.end.push((end - truth.end).abs());
                    score.level.push((level / truth.level - 1.0).abs());
                    let both = (end.min(truth.end) - start.max(truth.start)).max(0.0);
                    score.overlap.push(both / (end.max(truth.end) - start.min(truth.start)));
                    if let Some(knee) = knee {
                        let holds = (knee.low..=knee.high).contains(&truth.knee);
                        score.holds.push(f64::from(u8::from(holds)));
                    }
                }
            }
            if explain && *name == "plateau" {
                let all = plateau::find(&timeline, &plateau::Options::default());
                let why = match &all {
                    Ok(all) => format!("{:?}", all.chosen().evidence),
                    Err(why) => why.to_string(),
                };
                println!(
                    "{case:?} {run}: true {:.1} to {:.1} at {:.1}, knee {:.1}; found {found:?}; {}",
                    truth.start, truth.end, truth.level, truth.knee, why
                );
            }
        }
    }
    scores
}

fn main() -> ExitCode {
    // A case's name, or a part of it, runs just those.
    let only = std::env::args().nth(3).unwrap_or_default();
    let Some(form) = Form::named(&std::env::args().nth(4).unwrap_or_default()) else {
        eprintln!("validate-plateau: expected a form: {}", Form::NAMES.join(", "));
        return ExitCode::from(2);
    };
    let mut arguments = std::env::args().skip(1).take(2).map(|argument| argument.parse::<u64>());
    let (Ok(seed), Ok(runs)) =
        (arguments.next().unwrap_or(Ok(SEED)), arguments.next().unwrap_or(Ok(100)))
    else {
        eprintln!("validate-plateau: expected a seed and a number of runs");
        return ExitCode::from(2);
    };
    let runs = runs as usize;
    // Two threads, each with every other case.
    let all = POSITIVE.into_iter().chain(NEGATIVE);
    let cases: Vec<Case> = all.filter(|case| case.name().contains(&only)).collect();
    let half = |which: usize| {
        let mine = cases.iter().copied().skip(which).step_by(2);
        mine.map(|case| (case, measure(case, form, runs, seed))).collect::<Vec<_>>()
    };
    let mut all = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut all = half(0);
        all.extend(other.join().expect("the other half ends"));
        all
    });
    all.sort_by_key(|(case, _)| *case as u8);
    let mut missed: Vec<String> = vec![];
    let mut must = |holds: bool, what: String| {
        if !holds {
            missed.push(what);
        }
    };

    println!(
        "Seed {seed}, {runs} tests a case. Finding, and error of the start in seconds: median / 90th percentile.\n"
    );
    print!("| tests with a plateau |");
    METHODS.iter().for_each(|(name, _)| print!(" {name} |"));
    println!(
        " end, p90 (s) | level, p90 | overlap, median / p10 | knee held |\n|---|---|---|---|---|--:|--:|--:|--:|"
    );
    for (case, scores) in all.iter().filter(|(case, _)| POSITIVE.contains(case)) {
        print!("| {} |", case.name());
        for score in scores {
            let (median, p90) = (quantile(&score.start, 0.5), quantile(&score.start, 0.9));
            print!(" {:.0} %: {median:.1} / {p90:.1} |", 100.0 * score.share());
        }
        let ours = &scores[0];
        let (end, level) = (quantile(&ours.end, 0.9), quantile(&ours.level, 0.9));
        let (half, tenth) = (quantile(&ours.overlap, 0.5), quantile(&ours.overlap, 0.1));
        let holds = ours.holds.iter().sum::<f64>() / ours.holds.len().max(1) as f64;
        println!(
            " {end:.1} | {:.1} % | {half:.2} / {tenth:.2} | {:.0} % |",
            100.0 * level,
            100.0 * holds
        );
        let (start, wide) = (quantile(&ours.start, 0.5), quantile(&ours.start, 0.9));
        let retrograde = *case == Case::Retrograde;
        let what = |what: &str| format!("{}: {what}", case.name());
        must(ours.share() >= 0.99, what("99 % found"));
        must(half >= 0.9 && tenth >= 0.75, what("overlap"));
        must(holds >= 0.95, what("the knee's interval"));
        if !RAMPS.contains(case) {
            continue;
        }
        must(start <= if retrograde { 4.0 } else { 2.0 }, what("median start error"));
        must(wide <= 6.0, what("p90 of the start error"));
        must(end <= 3.0, what("p90 of the end error"));
        must(level <= if retrograde { 0.1 } else { 0.05 }, what("p90 of the level error"));
    }
    let total = |cases: &[Case], method: usize| {
        let of = all.iter().filter(|(case, _)| cases.contains(case));
        of.fold((0, 0), |sum, (_, scores)| {
            (sum.0 + scores[method].found, sum.1 + scores[method].runs)
        })
    };
    println!(
        "\n| tests without one: plateaus found |{}",
        METHODS.map(|m| format!(" {} |", m.0)).concat()
    );
    println!("|---|--:|--:|--:|--:|");
    for (case, scores) in all.iter().filter(|(case, _)| NEGATIVE.contains(case)) {
        let cells: Vec<String> =
            scores.iter().map(|score| format!(" {} of {} |", score.found, score.runs)).collect();
        println!("| {} |{}", case.name(), cells.concat());
        must(scores[0].share() <= 0.01, format!("{}: false alarms", case.name()));
    }
    let (found, of) = total(&POSITIVE, 0);
    let (false_alarms, negatives) = total(&NEGATIVE, 0);
    println!(
        "\nFound: {found} of {of} ({:.1} %). False alarms: {false_alarms} of {negatives} ({:.1} %).",
        100.0 * found as f64 / of as f64,
        100.0 * false_alarms as f64 / negatives as f64
    );
    must(found as f64 >= 0.99 * of as f64, "99 % found".to_owned());
    must(false_alarms as f64 <= 0.01 * negatives as f64, "at most 1 % false alarms".to_owned());
    if missed.is_empty() {
        println!("All figures reached.");
        return ExitCode::SUCCESS;
    }
    println!("MISSED: {}", missed.join("; "));
    ExitCode::FAILURE
}
