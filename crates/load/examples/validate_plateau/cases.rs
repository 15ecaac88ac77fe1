//! The kinds of simulated tests.

use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Case {
    Base,
    /// The server's speed varies by 7 %, and drops for some single seconds.
    Noisy,
    /// Service times with a long tail.
    Lognormal,
    /// Clients give up.
    Timeouts,
    /// Each request in the queue makes the others slower.
    Retrograde,
    /// Requests come at a rate, answered or not.
    OpenLoop,
    JumpAndHold,
    BaseThenJump,
    Stairs,
    ConstantAbove,
    ArrivalAbove,
    /// Many requests at a time, and no more.
    Pool,
    /// A full queue fails at once.
    QueueLimit,
    TwoSpikes,
    /// The whole test takes 20 s.
    Short,
    /// The whole test takes two hours.
    Long,
    /// Seconds of a table are missing at random.
    RowsMissing,
    /// Think times lie between 0 and 5 s.
    Think,
    NoSaturation,
    NearSaturation,
    Constant,
    StepAndHold,
    Stall,
    ArrivalBelow,
    StairsBelow,
    /// All users send at the same moments.
    Bursts,
    /// Answers take seconds, whatever the load.
    SlowServer,
    /// The first seconds are slow.
    WarmUp,
    /// The load generator cannot send more than a certain rate.
    Generator,
    /// A slow server with constant users from the first second, who do not pause.
    SlowConstant,
}

use Case::*;

pub(crate) const POSITIVE: [Case; 18] = [
    Base,
    Noisy,
    Lognormal,
    Timeouts,
    Retrograde,
    OpenLoop,
    JumpAndHold,
    BaseThenJump,
    Stairs,
    ConstantAbove,
    ArrivalAbove,
    Pool,
    QueueLimit,
    TwoSpikes,
    Short,
    Long,
    RowsMissing,
    Think,
];
/// Cases in which the ramp shows the knee: start, end and level have to be exact.
pub(crate) const RAMPS: [Case; 6] = [Base, Noisy, Lognormal, Timeouts, Retrograde, OpenLoop];
pub(crate) const NEGATIVE: [Case; 12] = [
    NoSaturation,
    NearSaturation,
    Constant,
    StepAndHold,
    Stall,
    ArrivalBelow,
    StairsBelow,
    Bursts,
    SlowServer,
    WarmUp,
    Generator,
    SlowConstant,
];

impl Case {
    /// Requests come at a rate.
    pub(crate) fn open(self) -> bool {
        matches!(self, OpenLoop | ArrivalAbove | ArrivalBelow)
    }

    /// The greatest load as a multiple of the limit.
    pub(crate) fn most(self, random: &mut Random) -> f64 {
        match self {
            NoSaturation | Stall | StairsBelow | Bursts | SlowServer | SlowConstant | WarmUp => {
                random.within(0.3, 0.7)
            }
            Constant | StepAndHold | ArrivalBelow => random.within(0.3, 0.8),
            NearSaturation => random.within(0.8, 0.95),
            OpenLoop | ArrivalAbove => random.within(1.4, 2.5),
            _ => random.within(1.6, 4.0),
        }
    }

    /// Load over time, up to `most`.
    pub(crate) fn schedule(self, most: f64, random: &mut Random) -> Vec<(f64, f64)> {
        let (ramp, hold, down) =
            (random.within(60.0, 240.0), random.within(20.0, 60.0), random.within(5.0, 30.0));
        let jump = |base: f64, at: f64, hold: f64| {
            vec![(0.0, base), (at, base), (at + 1.0, most), (at + 1.0 + hold, most)]
        };
        match self {
            Constant | ConstantAbove | ArrivalAbove | ArrivalBelow | Bursts | SlowConstant
            | WarmUp => {
                vec![(0.0, most), (hold, most)]
            }
            StepAndHold | BaseThenJump => {
                let base = most * random.within(0.05, 0.2);
                jump(base, random.within(8.0, 30.0), hold)
            }
            JumpAndHold | QueueLimit | SlowServer => {
                let mut points = jump(0.0, 0.0, hold);
                points.push((hold + 6.0, 0.0));
                points
            }
            Stairs | StairsBelow => {
                let each = random.within(5.0, 15.0);
                let steps = [0.1, 0.2, 0.4, 0.7, 1.0];
                let step = |at: usize, level: f64| {
                    let begin = at as f64 * each;
                    [(begin, level * most), (begin + each - 0.1, level * most)]
                };
                steps.iter().enumerate().flat_map(|(at, level)| step(at, *level)).collect()
            }
            TwoSpikes => {
                let (base, rest) = (0.1 * most, random.within(15.0, 30.0));
                let one = jump(base, 10.0, random.within(10.0, 20.0));
                let end = one[3].0;
                let two = jump(base, rest, random.within(25.0, 40.0));
                let two = two.into_iter().map(|(at, x)| (end + 1.0 + at, x));
                one.into_iter().chain(two).collect()
            }
            Short => vec![(0.0, 0.0), (8.0, most), (16.0, most), (20.0, 0.0)],
            Long => vec![(0.0, 0.0), (3600.0, most), (7000.0, most), (7200.0, 0.0)],
            _ => vec![(0.0, 0.0), (ramp, most), (ramp + hold, most), (ramp + hold + down, 0.0)],
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Base => "base",
            Noisy => "noisy",
            Lognormal => "lognormal service",
            Timeouts => "timeouts",
            Retrograde => "retrograde",
            OpenLoop => "open loop",
            JumpAndHold => "jump and hold",
            BaseThenJump => "base load, then jump",
            Stairs => "stairs",
            ConstantAbove => "constant VUs above the limit",
            ArrivalAbove => "constant arrival rate above it",
            Pool => "a limiting pool",
            QueueLimit => "a queue limit that fails fast",
            TwoSpikes => "two spikes with recovery",
            Short => "a whole test of 20 s",
            Long => "a test of 2 h",
            RowsMissing => "rows missing at random",
            Think => "think time 0 to 5 s",
            NoSaturation => "no saturation",
            NearSaturation => "near saturation",
            Constant => "constant VUs below the limit",
            StepAndHold => "step and hold below it",
            Stall => "a stall of 15 s",
            ArrivalBelow => "constant arrival rate below it",
            StairsBelow => "stairs below it",
            Bursts => "synchronised bursts below it",
            SlowServer => "a slow server that does not queue",
            SlowConstant => "constant VUs on such a server",
            WarmUp => "warm-up",
            Generator => "a load generator at its limit",
        }
    }
}
