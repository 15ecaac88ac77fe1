//! Parts of the sentences about a test.

use super::SOME_FAIL;
use super::model::Window;
use super::ramp::SLOWER;
use super::signals::{LARGEST_STRETCH, STRETCHED};
use crate::series::Axis;

/// Rates from this many a second are whole numbers in sentences.
const WHOLE: f64 = 9.5;

/// Returns a rate, in requests a second, as text, with about two significant digits or as a whole
/// number; `0` for a rate below 0.0005, and `-` for `NAN`.
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

/// Returns the words for answers that take `times` as long as at rest.
pub(super) fn how_late(times: f64) -> String {
    match times {
        LARGEST_STRETCH.. => "answers took a thousand times as long as at rest or more".to_owned(),
        SLOWER.. => format!("answers took {times:.1} times as long as at rest"),
        _ => "the users got fewer successful answers than at rest".to_owned(),
    }
}

/// Load that is written as 0.
const NO_LOAD: f64 = 0.5;

/// Returns the words for late answers under a load that is not the only reason for them.
pub(super) fn at_load((load, unit): (f64, &str), rps: f64, others_rps: Option<f64>) -> String {
    let rps = show_rate(rps);
    let few = load < NO_LOAD;
    let load = if few { show_rate(load) } else { format!("{load:.0}") };
    match few && unit == Axis::Rate.unit() {
        true => format!(
            "at {rps} successful requests a second, and hardly a request in the file began then: a file lacks those \
             that got no answer before its end, so that it does not show how many were wanted"
        ),
        false => format!(
            "at {load} {unit} and {rps} successful requests a second, {}: the load was not the only reason",
            other_times(others_rps)
        ),
    }
}

/// Returns the words for other times of the test in which answers were not late.
fn other_times(rps: Option<f64>) -> String {
    match rps {
        Some(rps) => format!("but the same load got {} at other times of the test", show_rate(rps)),
        None => "but the greatest load got answers about as soon as at rest at other times of the \
                 test"
            .to_owned(),
    }
}

/// Fewest requests that waited at once, beyond those at rest, from which a sentence states their number.
const WAITED: f64 = 10.0;

/// Returns the words for the greatest number of requests that waited at once.
pub(super) fn waited(backlog: f64) -> String {
    match backlog {
        WAITED.. => {
            format!("and up to {backlog:.0} requests piled up that were answered later")
        }
        _ => "but no queue of requests grew".to_owned(),
    }
}

/// Returns the words for a status that follow "failed".
pub(super) fn of_status(status: Option<u16>) -> String {
    match status {
        Some(0) => " (no answer)".to_owned(),
        Some(status) => format!(" (status {status})"),
        None => String::new(),
    }
}

/// Returns the share of failed requests in words.
pub(super) fn failing_too(failed: Option<f64>) -> String {
    match failed {
        None => String::new(),
        Some(share) if share <= 0.0 => " and none fails".to_owned(),
        Some(share) => format!(", and hardly more fail than before ({:.1} %)", 100.0 * share),
    }
}

/// Returns the words for requests that failed beside others; none for `None`.
pub(super) fn and_failed(failed: Option<f64>) -> String {
    failed.map_or_else(String::new, |share| {
        format!(", and {:.1} % of the requests failed", 100.0 * share)
    })
}

/// Returns words for requests that failed as often at rest, and for a file that does not show whether requests failed.
pub(super) fn failing_as_at_rest(failed: Option<f64>) -> String {
    match failed {
        None => "; the file does not show whether requests failed".to_owned(),
        Some(share) if share < SOME_FAIL => String::new(),
        Some(share) => format!("; {:.1} % of the requests failed, as at rest", 100.0 * share),
    }
}

/// Returns a limit of the sentence about served requests when the input has no users.
pub(super) fn without_users(users: bool) -> &'static str {
    if users {
        ""
    } else {
        ". That is of requests that came at a rate; the file has no VUs, and clients that wait for \
         their answers may have been at the system's limit"
    }
}

/// Returns the reason why the load of a table is not known.
pub(super) fn load_unknown(users: bool) -> &'static str {
    if users {
        "the requests of a row do not follow its VUs, which may be those under way at a moment, and the file \
         has no rate that was wanted"
    } else {
        "the file has no VUs"
    }
}

/// Returns words for the time after which requests failed.
pub(super) fn how_soon(soon: bool) -> &'static str {
    if soon {
        ", and answers came about as soon as at rest: these seconds show a failure, not a limit of \
         throughput"
    } else {
        ", and the file does not show how soon they failed: the system may have failed, or have been at its \
         limit"
    }
}

/// Returns the levels of goodput in words.
pub(super) fn show_levels(levels: &[(Window, f64)]) -> String {
    let each = levels.iter().enumerate().map(|(at, (window, rps))| {
        let unit = if at == 0 { " requests a second" } else { "" };
        format!("{}{unit} from {} s to {} s", show_rate(*rps), window.from, window.to)
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Most times that are listed.
const LISTED: usize = 4;

/// Returns the times of pauses in words.
pub(super) fn show_times(pauses: &[Window]) -> String {
    let each = pauses.iter().take(LISTED).map(|at| format!("{} s to {} s", at.from, at.to));
    let more = (pauses.len() > LISTED).then(|| "...".to_owned());
    each.chain(more).collect::<Vec<_>>().join(", ")
}

/// Returns the effect on throughput in words. From [`STRETCHED`] on it is not denied that the system
/// was at its limit.
pub(super) fn held_back(times: f64, stretch: f64, dropped: f64) -> String {
    if dropped > 0.0 && stretch < STRETCHED {
        format!(
            "and {dropped:.0} iterations were dropped: more was wanted than was served, but by too little to be \
             sure that the system was at its limit"
        )
    } else if times < SLOWER && stretch >= STRETCHED {
        format!(
            "and the users sent less often than at rest ({stretch:.2} times): they may have waited in the load \
             generator, or the file does not show how many of them sent"
        )
    } else if stretch >= LARGEST_STRETCH {
        "and the number of users does not fit the answers, so that the file does not show whether throughput was held back"
            .to_owned()
    } else if stretch < 1.05 {
        "and throughput was not held back: at rest, no more requests would have been answered"
            .to_owned()
    } else if stretch < STRETCHED {
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
