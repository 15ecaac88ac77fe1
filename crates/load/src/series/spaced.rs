//! The spread of requests over the seconds: a load generator with an arrival rate spaces them.

use super::each::wanted;
use crate::stats::median;
use crate::timeline::Second;

/// Spread of the begun requests in half of the seconds, in standard deviations of chance (Poisson), below which a
/// load generator spaces them. Requests that begin when others end have a spread of about 1.7.
pub(super) const SPACED: f64 = 0.5;
/// Seconds that are added up where ends are whole seconds, so that a request seems to begin up to a second away.
const COARSE_S: usize = 3;

/// Returns true when the numbers of begun requests follow a line more closely than chance allows. They end with the
/// first second without one. `coarse` is true for ends in whole seconds, where the last second with a request is the
/// end.
pub(super) fn are_spaced(seconds: &[Second], coarse: bool) -> bool {
    spread(seconds, coarse).is_some_and(|spread| spread < SPACED)
}

/// Returns the spread of the begun requests, as for [`SPACED`]; `None` where they begin in less than half of the seconds.
pub(super) fn spread(seconds: &[Second], coarse: bool) -> Option<f64> {
    // Rows of a table have no requests of their own.
    let coarse = coarse && seconds.iter().any(|second| second.in_flight.is_some());
    let mut begun: Vec<f64> = seconds.iter().map(wanted).collect();
    begun.truncate(match coarse {
        true => begun.iter().rposition(|begun| *begun > 0.0).map_or(0, |last| last + 1),
        false => begun.iter().position(|begun| *begun <= 0.0).unwrap_or(begun.len()),
    });
    let is_most = begun.len() * 2 > seconds.len();
    if coarse {
        begun = begun.chunks_exact(COARSE_S).map(|some| some.iter().sum()).collect();
    }
    let bends = begun.windows(3).filter_map(|three| bend(three.iter().copied()));
    // A rate may jump in a few seconds.
    if is_most { median(bends) } else { None }
}

/// Returns by how much the middle one of three counts differs from the line between the others, in standard
/// deviations of chance (Poisson). Returns `None` when one of them is 0.
pub(super) fn bend(three: impl Iterator<Item = f64>) -> Option<f64> {
    match three.collect::<Vec<f64>>().as_slice() {
        [a, b, c] if a.min(*b).min(*c) > 0.0 => Some((a - 2.0 * b + c).abs() / b.sqrt()),
        _ => None,
    }
}
