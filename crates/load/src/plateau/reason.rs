//! Reasons why a test has no plateau.

use super::model::Window;
use super::signals::STRETCHED;

/// Rates from this many a second are whole numbers in sentences.
const WHOLE: f64 = 9.5;

/// Returns a rate, in requests a second, in the form of a sentence: as a whole number, or with as
/// many decimals as a low one needs for two digits.
///
/// ```
/// use spikeflame_load::plateau::show_rate;
///
/// assert_eq!([52.7, 4.25, 0.043].map(show_rate), ["53", "4.2", "0.043"]);
/// ```
pub fn show_rate(rps: f64) -> String {
    match rps {
        WHOLE.. => format!("{rps:.0}"),
        0.95.. => format!("{rps:.1}"),
        0.095.. => format!("{rps:.2}"),
        0.0005.. => format!("{rps:.3}"),
        _ if rps.is_nan() => "-".to_owned(),
        _ => "0".to_owned(),
    }
}

/// The result of a search that found no plateau.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct NoPlateau {
    /// The rule of the search that failed, with the measured values.
    pub why: NoPlateauReason,
    /// The steadiest seconds of high load. A user may choose them instead of a plateau.
    pub steadiest: Option<Window>,
    /// Number of iterations that the load generator did not start, because no virtual user was free.
    pub dropped: f64,
}

/// Returns a status in words behind "failed".
fn of_status(status: Option<u16>) -> String {
    match status {
        Some(0) => " (no answer)".to_owned(),
        Some(status) => format!(" (status {status})"),
        None => String::new(),
    }
}

/// Returns the effect on throughput in words. From [`STRETCHED`] on it is not denied that the system
/// was at its limit.
fn held_back(stretch: f64) -> String {
    if stretch < STRETCHED {
        format!(
            "but throughput is not held back by that yet: {stretch:.2} times as many requests would \
             have been answered at rest"
        )
    } else {
        format!(
            "and {stretch:.2} times as many requests would have been answered at rest: the system \
             may have been at its limit, but too few seconds show it to be sure"
        )
    }
}

/// The reasons why a test has no plateau, with the measured values.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPlateauReason {
    /// The file does not contain the size of the load.
    #[error("the file has neither VUs nor requests over time: there is no load to compare with")]
    NoLoad,
    /// The load is known, but durations are missing.
    #[error(
        "the file has no durations and throughput alone cannot show that answers were late: \
         record the test with durations (k6 JSON or CSV have them, or a column with p50 or p95)"
    )]
    NoDurations,
    /// The test has too few seconds.
    #[error("the test lasts {seconds} s, and a plateau alone takes {}", super::signals::SHORTEST)]
    TooShort {
        /// Number of whole seconds.
        seconds: usize,
    },
    /// No request of the test succeeded.
    #[error("no request succeeded{}: there is no time at rest to compare with", of_status(*status))]
    NothingSucceeded {
        /// The most frequent HTTP status; 0 where no answer came.
        status: Option<u16>,
    },
    /// Hardly any request was answered under the greatest load, so no duration shows how long
    /// answers took.
    #[error(
        "under the greatest load ({high:.0} {unit}) {} requests a second succeeded, and up to {} \
         with less load: the system did not answer, and no durations show why", show_rate(*rps),
        show_rate(*most)
    )]
    NoAnswers {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Goodput at that load, in requests a second.
        rps: f64,
        /// The greatest goodput of a second, in requests a second.
        most: f64,
    },
    /// Answers under the greatest load were as fast as at rest.
    #[error(
        "the test did not reach the system's limit: at {high:.0} {unit} ({} requests a \
         second) a request took {then_ms:.1} ms, and {rest_ms:.1} ms at rest", show_rate(*rps)
    )]
    NotReached {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Goodput at that load, in requests a second.
        rps: f64,
        /// Mean duration at rest, in milliseconds.
        rest_ms: f64,
        /// Mean duration under the greatest load, in milliseconds.
        then_ms: f64,
    },
    /// Answers are later than at rest, but the load still gets most of the answers that it would
    /// get at rest.
    #[error(
        "answers under the greatest load ({high:.0} {unit}) took {times:.1} times as long as at \
         rest, {}", held_back(*stretch)
    )]
    NotHeldBack {
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Duration under the greatest load, as a multiple of that at rest.
        times: f64,
        /// Requests at rest, divided by requests under the greatest load.
        stretch: f64,
    },
    /// The load did not change during the test.
    #[error(
        "the load stood still at {load:.0} {unit}, and a request took {then_ms:.1} ms on average: \
         the file does not show whether that is the system at rest or at its limit"
    )]
    NothingToCompare {
        /// Load.
        load: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Mean duration, in milliseconds.
        then_ms: f64,
    },
    /// Answers are late, but goodput still grows with the load.
    #[error(
        "from {} s to {} s answers were late, but throughput was still rising with the load \
         (at {high:.0} {unit}, {} requests a second)", window.from, window.to, show_rate(*rps)
    )]
    StillRising {
        /// The seconds with late answers.
        window: Window,
        /// The greatest load.
        high: f64,
        /// Unit of the load.
        unit: &'static str,
        /// Goodput in these seconds, in requests a second.
        rps: f64,
    },
    /// Too few seconds were saturated.
    #[error(
        "the system was at its limit for {} s only (from {} s to {} s), too short to be sure",
        window.seconds(), window.from, window.to
    )]
    TooBrief {
        /// The saturated seconds.
        window: Window,
    },
    /// Answers were late for another reason than the load.
    #[error(
        "from {} s to {} s answers were late, but the same load got more answers at other times \
         of the test: the system was slower in this time, and not because of a greater load", window.from, window.to
    )]
    SlowPhase {
        /// The seconds with late answers.
        window: Window,
    },
    /// Nearly all requests failed, and none was held back.
    #[error(
        "from {} s to {} s nearly all requests failed{}, and answers came about as soon as at rest: \
         these seconds show a failure, not a limit of throughput",
        window.from, window.to, of_status(*status)
    )]
    Fails {
        /// The seconds of the failure.
        window: Window,
        /// The most frequent HTTP status of the failed requests; 0 where no answer came.
        status: Option<u16>,
    },
    /// All wanted requests were served.
    #[error(
        "the system served all {} requests a second that were wanted: later than at rest, \
         but without leaving any behind", show_rate(*rps)
    )]
    AllServed {
        /// Goodput, in requests a second.
        rps: f64,
    },
    /// Throughput stops growing, and answers are as fast as before.
    #[error(
        "throughput stops growing at {knee:.0} {unit}, but answers come as fast as before (p95 \
         {before_ms:.0} ms before, {within_ms:.0} ms then) and none fails: not the system was the \
         limit, but the load generator or its script"
    )]
    NothingClimbs {
        /// The load at which throughput stops growing.
        knee: f64,
        /// Unit of the load.
        unit: &'static str,
        /// p95 before, in milliseconds.
        before_ms: f64,
        /// p95 in the plateau, in milliseconds.
        within_ms: f64,
    },
    /// The test has fewer plateaus than the number asked for.
    #[error("there is no plateau number {asked}: the test has {found}")]
    NoSuch {
        /// The number that was asked for, from 1.
        asked: usize,
        /// Number of plateaus.
        found: usize,
    },
}
