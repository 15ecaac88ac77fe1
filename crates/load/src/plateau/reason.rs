//! Why a test has no plateau.

use super::window::Window;

/// There is no plateau.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct NoPlateau {
    /// The reason.
    pub why: Why,
    /// The steadiest seconds of high load, which a user may choose in its place.
    pub steadiest: Option<Window>,
}

/// The reason, with what was measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Why {
    /// Nothing says how large the load was.
    #[error("the file has neither VUs nor requests over time: there is no load to compare with")]
    NoLoad,
    /// The load is known, but no duration is.
    #[error(
        "the file has no durations and throughput alone cannot show that answers were late: \
         record the test with durations (k6 JSON or CSV have them, or a column with p50 or p95)"
    )]
    NoDurations,
    /// Not enough seconds.
    #[error("the test lasts {seconds} s, and a plateau alone takes {}", super::spans::SHORTEST)]
    TooShort {
        /// Whole seconds there are.
        seconds: usize,
    },
    /// No request succeeded.
    #[error("no request succeeded: there is no time at rest to compare with")]
    NothingSucceeded,
    /// Answers under the greatest load came as fast as at rest.
    #[error(
        "the test did not reach the system's limit: at {high:.0} {unit} ({rps:.0} requests a \
         second) a request took {then_ms:.1} ms, and {rest_ms:.1} ms at rest"
    )]
    NotReached {
        /// Greatest load.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Goodput there.
        rps: f64,
        /// Mean duration at rest in ms.
        rest_ms: f64,
        /// The same under the greatest load.
        then_ms: f64,
    },
    /// Answers are later than at rest, but the load still gets most of what it would at rest.
    #[error(
        "answers under the greatest load ({high:.0} {unit}) took {times:.1} times as long as at \
         rest, but throughput is not held back by that yet: {stretch:.2} times as many requests \
         would have been answered at rest"
    )]
    NotHeldBack {
        /// Greatest load.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Duration then over that at rest.
        times: f64,
        /// Requests at rest over requests then.
        stretch: f64,
    },
    /// Load and answers were the same all the time.
    #[error(
        "the load stood still at {load:.0} {unit} and answers took as long all the time \
         ({then_ms:.1} ms): the file does not show whether that is the system at rest or at its limit"
    )]
    NothingToCompare {
        /// Load.
        load: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Mean duration in ms.
        then_ms: f64,
    },
    /// Goodput grows with the load while answers are late.
    #[error(
        "from {} s to {} s answers were late, but throughput was still rising with the load \
         (at {high:.0} {unit}, {rps:.0} requests a second)", window.from, window.to
    )]
    StillRising {
        /// Those seconds.
        window: Window,
        /// Greatest load.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Goodput within.
        rps: f64,
    },
    /// Too few saturated seconds.
    #[error(
        "the system was at its limit for {} s only (from {} s to {} s), too short to be sure",
        window.seconds(), window.from, window.to
    )]
    TooBrief {
        /// Those seconds.
        window: Window,
    },
    /// Late answers that are not due to the load.
    #[error(
        "from {} s to {} s answers were late, but the same load got more answers at other times \
         of the test: the system was slow for a while, not at its limit", window.from, window.to
    )]
    SlowPhase {
        /// Those seconds.
        window: Window,
    },
    /// Whatever was wanted was served.
    #[error(
        "the system served all {rps:.0} requests a second that were wanted: later than at rest, \
         but without leaving any behind"
    )]
    AllServed {
        /// Goodput.
        rps: f64,
    },
    /// Throughput stops growing, and answers come as fast as before.
    #[error(
        "throughput stops growing at {knee:.0} {unit}, but answers come as fast as before (p95 \
         {before_ms:.0} ms before, {within_ms:.0} ms then) and none fails: not the system was the \
         limit, but the load generator or its script"
    )]
    NothingClimbs {
        /// Load where it bends.
        knee: f64,
        /// What it is counted in.
        unit: &'static str,
        /// p95 in ms before.
        before_ms: f64,
        /// p95 in ms within.
        within_ms: f64,
    },
    /// Fewer plateaus than the number asked for.
    #[error("there is no plateau number {asked}: the test has {found}")]
    NoSuch {
        /// The number asked for, from 1.
        asked: usize,
        /// Plateaus there are.
        found: usize,
    },
}
