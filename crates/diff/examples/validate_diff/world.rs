//! A simulated server under load, with the noise of real ones.

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
/// Noise of system calls between sessions: `write` cost 1.89 times as much in another hour.
const MACHINE_CV: f64 = 0.30;
/// Every function at a multiple of this is a system call, in worlds where system calls
/// depend on the machine.
const MACHINE_EVERY: usize = 20;
/// How often a function belongs to the start of a run, and how often it is inlined by
/// chance.
const START_EVERY: usize = 7;
const COIN_EVERY: usize = 3;
/// Noise between runs of the time in which a run waited for a core.
const WAITS_CV: f64 = 0.04;
/// Returns the machine's share of a function's cost, by the function's index.
fn machine_share(function: usize) -> f64 {
    f64::from(u8::from(function % MACHINE_EVERY == 3))
}
/// The cost of a request, in ms of CPU.
const REQUEST_MS: f64 = 10.0;

/// The effect of sessions of the machine on runs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Sessions {
    /// There is no effect.
    None,
    /// The cost of packages varies by this coefficient of variation, and runs of both sides
    /// take turns.
    InTurn(f64),
    /// The runs of one side are one session, those of the other another.
    Separated(f64),
}

/// The planted change.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Change {
    Nothing,
    /// A function with 15 % of the CPU costs five times as much, or a fifth.
    Fivefold,
    /// A function with 15 % of the CPU is cut by 80 %.
    Hotspot,
    /// 31 functions change: some vanish, some are new, some cost less, some more.
    Refactor,
}

/// One experiment: runs of both sides, and the truth about them.
pub(crate) struct Experiment {
    pub(crate) runs: Vec<TableRun>,
    pub(crate) counts: Counts,
    /// The true cost after / before of each function; 0 for vanished, infinite for new.
    pub(crate) truth: Vec<f64>,
    /// The expected samples a run of each function, on the side that has more.
    pub(crate) expected: Vec<f64>,
    /// Caller and callee, when recordings hide inlining.
    pub(crate) calls: Option<Vec<(u32, u32)>>,
    pub(crate) with_start_up: bool,
    /// The time that the samples of each run show, divided by its CPU, when the kernel counted the CPU.
    pub(crate) waits: Option<Vec<f64>>,
}

impl Experiment {
    /// Returns true for functions that are the cost of requests.
    pub(crate) fn is_paid_by_requests(&self, function: usize) -> bool {
        !self.with_start_up || function % START_EVERY != 5
    }
}

/// The differences between the sides in addition to the change.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) runs: [usize; 2],
    pub(crate) change: Change,
    /// The sampling interval after, in ms; before it is 1.
    pub(crate) interval_after: f64,
    /// The load after, relative to the load before.
    pub(crate) load_after: f64,
    pub(crate) sessions: Sessions,
    /// True when functions of the start cost the same in each run.
    pub(crate) start_up: bool,
    /// True when functions are inlined by chance, run by run.
    pub(crate) coin: bool,
    /// True when system calls depend on the machine: they cost differently in each session.
    pub(crate) machine: bool,
    /// The number of packages.
    pub(crate) modules: usize,
    /// True when the recordings do not show which package a function belongs to.
    pub(crate) without_packages: bool,
    /// The number of functions.
    pub(crate) functions: usize,
    /// The time for which the runs of each side have samples, divided by their CPU.
    pub(crate) waits: [f64; 2],
    /// True when the kernel counted the CPU.
    pub(crate) counts_cpu: bool,
}

impl Setup {
    /// Returns a setup with these numbers of runs, in turn, on a calm machine.
    pub(crate) fn calm(runs: [usize; 2], change: Change) -> Self {
        Self {
            runs,
            change,
            interval_after: 1.0,
            load_after: 1.0,
            sessions: Sessions::None,
            start_up: false,
            coin: false,
            machine: false,
            modules: MODULES,
            without_packages: false,
            functions: FUNCTIONS,
            waits: [1.0; 2],
            counts_cpu: false,
        }
    }
}

/// The effect of a session on all costs.
struct Session {
    modules: Vec<f64>,
    machine: f64,
}

impl Session {
    fn new(rng: &mut SmallRng, setup: &Setup) -> Self {
        let cv = match setup.sessions {
            Sessions::None => 0.0,
            Sessions::InTurn(cv) | Sessions::Separated(cv) => cv,
        };
        let normal = Normal::new(0.0, 1.0).unwrap();
        let mut factor = |cv: f64| (cv * normal.sample(rng)).exp();
        let modules = (0..setup.modules).map(|_| factor(cv)).collect();
        let machine = factor(if setup.machine { MACHINE_CV } else { 0.0 });
        Self { modules, machine }
    }
}

struct World {
    /// The cost of each function for one request, in ms.
    costs: Vec<f64>,
    modules: Vec<usize>,
    noise: Vec<f64>,
    /// The CPU of a run in ms, without noise.
    cpu_ms: f64,
    saturated: bool,
    /// The caller of each function.
    callers: Vec<usize>,
}

impl World {
    fn new(rng: &mut SmallRng, modules: usize, functions: usize) -> Self {
        let zipf: Vec<f64> = (1..=functions).map(|rank| 1.0 / rank as f64).collect();
        let sum: f64 = zipf.iter().sum();
        // The median is 6 %.
        let spread = LogNormal::new(FUNCTION_CV.ln(), 0.5).unwrap();
        let noise = |rng: &mut SmallRng| {
            if rng.random_bool(WILD) { WILD_CV } else { spread.sample(rng) }
        };
        Self {
            costs: zipf.iter().map(|share| share / sum * REQUEST_MS).collect(),
            modules: (0..functions).map(|_| rng.random_range(0..modules)).collect(),
            noise: (0..functions).map(|_| noise(rng)).collect(),
            cpu_ms: (rng.random_range(5_000f64.ln()..50_000f64.ln())).exp(),
            saturated: rng.random_bool(0.5),
            callers: (0..functions).map(|at| rng.random_range(0..at.max(1))).collect(),
        }
    }

    /// Returns counts and requests of one run at these costs.
    fn run(
        &self,
        rng: &mut SmallRng,
        setup: &Setup,
        session: &Session,
        costs: &[f64],
        (interval, load, waits): (f64, f64, f64),
    ) -> (Vec<f64>, f64) {
        let factor = |rng: &mut SmallRng, cv: f64| Normal::new(0.0, cv).unwrap().sample(rng).exp();
        let host = factor(rng, HOST_CV);
        let modules: Vec<f64> = (0..setup.modules).map(|_| factor(rng, MODULE_CV)).collect();
        let mut paid = Vec::with_capacity(costs.len());
        for (at, ((cost, &module), &cv)) in
            costs.iter().zip(&self.modules).zip(&self.noise).enumerate()
        {
            let machine = if machine_share(at) > 0.0 { session.machine } else { 1.0 };
            let module = modules[module] * session.modules[module] * machine;
            paid.push(cost * host * module * factor(rng, cv));
        }
        let requests = if self.saturated {
            self.cpu_ms / paid.iter().sum::<f64>()
        } else {
            self.cpu_ms / REQUEST_MS * factor(rng, 0.02)
        };
        let requests = (requests * load).round();
        let planned = self.cpu_ms / REQUEST_MS;
        for (at, cost) in paid.iter_mut().enumerate() {
            // The start of a run costs the same, however many requests follow.
            let is_start = setup.start_up && at % START_EVERY == 5;
            *cost *= if is_start { planned } else { requests };
        }
        if setup.coin {
            for at in (1..paid.len()).rev().filter(|at| at % COIN_EVERY == 1) {
                if rng.random_bool(0.5) {
                    paid[self.callers[at]] += paid[at];
                    paid[at] = 0.0;
                }
            }
        }
        let count = |paid: &f64| {
            let mean = paid * waits / interval;
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

/// Returns the true costs before and after.
fn plant(world: &World, change: Change, rng: &mut SmallRng) -> [Vec<f64>; 2] {
    let mut before = world.costs.clone();
    if matches!(change, Change::Hotspot | Change::Fivefold) {
        let rest: f64 = before[1..].iter().sum();
        before[0] = rest * 0.15 / 0.85;
    }
    let mut after = before.clone();
    match change {
        Change::Nothing => {}
        Change::Hotspot => after[0] *= 0.2,
        Change::Fivefold if rng.random_bool(0.5) => after[0] *= 0.2,
        Change::Fivefold => before[0] *= 0.2,
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
        let world = World::new(rng, setup.modules, setup.functions);
        let [before, after] = plant(&world, setup.change, rng);
        let sides = [
            (Side::Before, &before, setup.runs[0], (1.0, 1.0)),
            (Side::After, &after, setup.runs[1], (setup.interval_after, setup.load_after)),
        ];
        let most = setup.runs[0].max(setup.runs[1]);
        let sessions: Vec<Session> = (0..most.max(2)).map(|_| Session::new(rng, setup)).collect();
        let (mut runs, mut columns, mut waits) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (side, costs, count, how)) in sides.into_iter().enumerate() {
            for number in 0..count {
                // A session has a run of each side, or all runs of one.
                let (session, minute) = match setup.sessions {
                    Sessions::Separated(_) => (place, 1_000 * place + number),
                    _ => (number, 2 * number + place),
                };
                let waited = match setup.waits[place] {
                    // The other worlds draw no number here, so that their experiments stay the same.
                    1.0 => 1.0,
                    usual => usual * Normal::new(0.0, WAITS_CV).unwrap().sample(rng).exp(),
                };
                waits.push(waited);
                let conditions = (how.0, how.1, waited);
                let (column, requests) =
                    world.run(rng, setup, &sessions[session], costs, conditions);
                runs.push(TableRun {
                    name: format!("{}-{number}", side.word()),
                    side,
                    interval_ms: Some(how.0),
                    requests: Some(requests),
                    seconds: None,
                    began_us: Some(60_000_000 * minute as i64),
                });
                columns.push(column);
            }
        }
        let shares =
            (0..setup.functions).map(|at| if setup.machine { machine_share(at) } else { 0.0 });
        let shown =
            |module: &usize| u32::try_from(*module).ok().filter(|_| !setup.without_packages);
        let packages = world.modules.iter().map(shown);
        let mut counts = Counts::new(runs.len())
            .with_machine(shares.collect())
            .with_packages(packages.collect());
        let mut row = Vec::new();
        for function in 0..setup.functions {
            row.clear();
            row.extend(columns.iter().map(|column| column[function]));
            counts.push(&row);
        }
        let samples = |cost: &f64| cost / REQUEST_MS * world.cpu_ms;
        let pairs = || before.iter().zip(&after);
        let calls = || world.callers.iter().enumerate().skip(1);
        let calls = || calls().map(|(at, &caller)| (caller as u32, at as u32)).collect();
        Self {
            calls: setup.coin.then(calls),
            with_start_up: setup.start_up,
            waits: setup.counts_cpu.then_some(waits),
            runs,
            counts,
            truth: pairs().map(|(before, after)| after / before).collect(),
            expected: pairs().map(|(before, after)| samples(before).max(samples(after))).collect(),
        }
    }
}
