//! A made-up server under load, as noisy as real ones.

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, LogNormal, Normal, Poisson};
use spikeflame_diff::{Counts, Side, TableRun};

const FUNCTIONS: usize = 2_000;
const MODULES: usize = 40;
/// Noise between runs, as coefficients of variation.
const HOST_CV: f64 = 0.04;
const MODULE_CV: f64 = 0.04;
const FUNCTION_CV: f64 = 0.06;
const WILD_CV: f64 = 0.30;
const WILD: f64 = 0.03;
/// Variance / mean of counts within a run: samples come in bursts.
const DESIGN_EFFECT: f64 = 1.3;
/// What a request costs, in ms of CPU.
const REQUEST_MS: f64 = 10.0;

/// What is planted.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Nothing,
    /// A function of 15 % of the CPU, cut by 80 %.
    Hotspot,
    /// 31 functions: some vanish, some are new, some cost less, some more.
    Refactor,
}

/// One experiment: runs of both sides, and what is true of them.
pub(crate) struct Experiment {
    pub(crate) runs: Vec<TableRun>,
    pub(crate) counts: Counts,
    /// By function: true cost after / before; 0 for vanished, infinite for new.
    pub(crate) truth: Vec<f64>,
    /// By function: expected samples a run, on the side that has more.
    pub(crate) expected: Vec<f64>,
}

/// What differs between the sides beside the change.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) runs: [usize; 2],
    pub(crate) change: Change,
    /// The sampling interval after, in ms; 1 before.
    pub(crate) interval_after: f64,
    /// How much more load there is after.
    pub(crate) load_after: f64,
}

struct World {
    /// Cost of each function for one request, in ms.
    costs: Vec<f64>,
    modules: Vec<usize>,
    noise: Vec<f64>,
    /// CPU of a run in ms, when all goes as planned.
    cpu_ms: f64,
    saturated: bool,
}

impl World {
    fn new(rng: &mut SmallRng) -> Self {
        let zipf: Vec<f64> = (1..=FUNCTIONS).map(|rank| 1.0 / rank as f64).collect();
        let sum: f64 = zipf.iter().sum();
        // Median 6 %.
        let spread = LogNormal::new(FUNCTION_CV.ln(), 0.5).unwrap();
        let noise = |rng: &mut SmallRng| {
            if rng.random_bool(WILD) { WILD_CV } else { spread.sample(rng) }
        };
        Self {
            costs: zipf.iter().map(|share| share / sum * REQUEST_MS).collect(),
            modules: (0..FUNCTIONS).map(|_| rng.random_range(0..MODULES)).collect(),
            noise: (0..FUNCTIONS).map(|_| noise(rng)).collect(),
            cpu_ms: (rng.random_range(5_000f64.ln()..50_000f64.ln())).exp(),
            saturated: rng.random_bool(0.5),
        }
    }

    /// Counts and requests of one run at these costs.
    fn run(&self, rng: &mut SmallRng, costs: &[f64], interval: f64, load: f64) -> (Vec<f64>, f64) {
        let factor = |rng: &mut SmallRng, cv: f64| Normal::new(0.0, cv).unwrap().sample(rng).exp();
        let host = factor(rng, HOST_CV);
        let modules: Vec<f64> = (0..MODULES).map(|_| factor(rng, MODULE_CV)).collect();
        let mut paid = Vec::with_capacity(costs.len());
        for ((cost, &module), &cv) in costs.iter().zip(&self.modules).zip(&self.noise) {
            paid.push(cost * host * modules[module] * factor(rng, cv));
        }
        let requests = if self.saturated {
            self.cpu_ms / paid.iter().sum::<f64>()
        } else {
            self.cpu_ms / REQUEST_MS * factor(rng, 0.02)
        };
        let requests = (requests * load).round();
        let count = |paid: &f64| {
            let mean = paid * requests / interval;
            if mean < 1e-9 {
                return 0.0;
            }
            let extra = DESIGN_EFFECT - 1.0;
            let rate: f64 = Gamma::new(mean / extra, extra).unwrap().sample(rng);
            if rate > 0.0 { Poisson::new(rate).unwrap().sample(rng) } else { 0.0 }
        };
        (paid.iter().map(count).collect(), requests)
    }
}

/// True costs before and after.
fn plant(world: &World, change: Change, rng: &mut SmallRng) -> [Vec<f64>; 2] {
    let mut before = world.costs.clone();
    if change == Change::Hotspot {
        let rest: f64 = before[1..].iter().sum();
        before[0] = rest * 0.15 / 0.85;
    }
    let mut after = before.clone();
    match change {
        Change::Nothing => {}
        Change::Hotspot => after[0] *= 0.2,
        Change::Refactor => {
            let mut ranks: Vec<usize> = (1..200).collect();
            ranks.shuffle(rng);
            for (at, &rank) in ranks.iter().take(31).enumerate() {
                match at {
                    0..8 => after[rank] = 0.0,
                    8..16 => before[rank] = 0.0,
                    16..24 => after[rank] *= rng.random_range(0.3..0.7),
                    _ => after[rank] *= rng.random_range(1.4..2.5),
                }
            }
        }
    }
    [before, after]
}

impl Experiment {
    pub(crate) fn new(setup: &Setup, seed: u64) -> Self {
        let rng = &mut SmallRng::seed_from_u64(seed);
        let world = World::new(rng);
        let [before, after] = plant(&world, setup.change, rng);
        let sides = [
            (Side::Before, &before, setup.runs[0], 1.0, 1.0),
            (Side::After, &after, setup.runs[1], setup.interval_after, setup.load_after),
        ];
        let (mut runs, mut columns) = (Vec::new(), Vec::new());
        for (side, costs, count, interval, load) in sides {
            for number in 1..=count {
                let (column, requests) = world.run(rng, costs, interval, load);
                let name = format!("{}-{number}", side.word());
                let (interval_ms, requests) = (Some(interval), Some(requests));
                let began_us = None;
                runs.push(TableRun { name, side, interval_ms, requests, began_us });
                columns.push(column);
            }
        }
        let mut counts = Counts::new(runs.len());
        let mut row = Vec::new();
        for function in 0..FUNCTIONS {
            row.clear();
            row.extend(columns.iter().map(|column| column[function]));
            counts.push(&row);
        }
        let samples = |cost: &f64| cost / REQUEST_MS * world.cpu_ms;
        let pairs = || before.iter().zip(&after);
        Self {
            runs,
            counts,
            truth: pairs().map(|(before, after)| after / before).collect(),
            expected: pairs().map(|(before, after)| samples(before).max(samples(after))).collect(),
        }
    }
}
