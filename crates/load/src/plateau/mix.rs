//! Answers that take longer because slower requests are sent.

use super::model::{Grade, Plateau};
use super::reason::NoPlateauReason;
use super::signals::SLOWER;
use crate::timeline::Timeline;

/// Share of failed requests up to which a limit shows in durations alone.
const HARDLY_ANY_FAILS: f64 = 0.01;

/// Returns the reason why a stretch is no plateau, when the answers of each endpoint took about as long in it as at rest.
/// Where the load was high from the start, no other time shows that.
pub(super) fn changed(timeline: &Timeline, plateau: &Plateau) -> Option<NoPlateauReason> {
    let window = plateau.window;
    let second = |at: usize| timeline.start_s.saturating_add_unsigned(at as u64);
    let seconds = timeline.seconds.get(window.from..window.to)?;
    let all: f64 = seconds.iter().map(|second| second.ok).sum();
    let grows = matches!(plateau.grade, Grade::Knee | Grade::Saturated) && plateau.dropped <= 0.0;
    if !grows || plateau.within.error_rate > HARDLY_ANY_FAILS {
        return None;
    }
    let durations = &timeline.endpoint_durations;
    let slower = durations.slower(second(window.from)..second(window.to), all)?;
    let times = plateau.stretch.filter(|_| slower < SLOWER)?;
    Some(NoPlateauReason::OtherMix { window, times, slower })
}
