//! The plateau of a test of which the user chose only a part of the requests.
//!
//! The limit is one of the system, and all requests reach it together. An endpoint has no users of its own:
//! they pause for it while they call others, and seconds in which nobody called it show nothing.

use super::model::{Basis, Options, Plateau, Plateaus, Stretch, Window};
use super::reason::{NoPlateau, NoPlateauReason};
use super::window::{before, failing};
use crate::timeline::{Second, Timeline};

/// Finds the plateaus of the whole test, and measures the chosen requests in them. When all requests
/// together show no plateau, those of the chosen requests alone are returned.
pub(super) fn find(
    timeline: &Timeline,
    whole: &Timeline,
    options: &Options,
) -> Result<Plateaus, NoPlateau> {
    match super::search(whole, options) {
        Ok(found) => within(timeline, found, options),
        Err(none) => alone(timeline, options).ok_or(none),
    }
}

/// Measures the chosen requests in the plateaus of the whole test.
fn within(timeline: &Timeline, found: Plateaus, options: &Options) -> Result<Plateaus, NoPlateau> {
    let mut least = 0;
    let mut measure = |plateau: &Plateau| {
        let measured = measured(timeline, plateau, least);
        least = plateau.window.to;
        measured
    };
    let all: Vec<Plateau> = found.all.iter().map(&mut measure).collect();
    let has_ended = |at: &usize| all.get(*at).is_some_and(|one| has_requests(&one.within));
    let longest = (0..all.len())
        .rev()
        .filter(has_ended)
        .max_by_key(|at| all.get(*at).map(|one| one.window.seconds()));
    let index = if options.number.is_some() { Some(found.index) } else { longest };
    let index = index.filter(has_ended).unwrap_or(found.index);
    let Some(chosen) = all.get(index).filter(|_| has_ended(&index)).cloned() else {
        let window = found.chosen.window;
        let dropped = timeline.seconds.iter().map(|second| second.dropped).sum();
        let why = NoPlateauReason::NotCalled { window };
        return Err(NoPlateau { why, steadiest: None, dropped });
    };
    Ok(Plateaus { chosen, all, index })
}

/// Returns a plateau of the whole test with the totals of the chosen requests. Their seconds end with the
/// last one in which there was such a request, and begin with the first.
fn measured(timeline: &Timeline, plateau: &Plateau, least: usize) -> Plateau {
    let window = called(timeline, plateau.window).unwrap_or(plateau.window);
    let within = Stretch::measure(timeline, window);
    let end = plateau.before.map(|before| before.window.to);
    let begun = called(timeline, Window { from: 0, to: timeline.seconds.len() });
    let least = begun.map_or(least, |begun| begun.from.max(least));
    let before = end.and_then(|end| before(timeline, end, within.requests, least));
    let before = before.filter(has_requests);
    let after = plateau.after.and_then(|after| called(timeline, after.window));
    Plateau {
        window,
        basis: Basis::WholeTest(plateau.within),
        before,
        within,
        after: after.map(|after| Stretch::measure(timeline, after)),
        dropped: within.dropped,
        failing: failing(timeline, before.map(|before| before.window), window),
        ..plateau.clone()
    }
}

/// Returns true when requests ended, successful or failed.
fn has_requests(stretch: &Stretch) -> bool {
    stretch.requests > 0.0 || stretch.error_rate > 0.0
}

/// Returns true for a second in which there was a chosen request.
fn is_called(second: &Second) -> bool {
    second.requests() + second.started + second.in_flight.unwrap_or_default() > 0.0
}

/// Returns the seconds of a window from the first one with a chosen request to the last one.
fn called(timeline: &Timeline, window: Window) -> Option<Window> {
    let seconds = timeline.seconds.get(window.from..window.to)?;
    let first = seconds.iter().position(is_called)?;
    let last = seconds.iter().rposition(is_called)?;
    Some(Window { from: window.from + first, to: window.from + last + 1 })
}

/// Returns the plateaus of the chosen requests alone, in the seconds from the first one to the last.
fn alone(timeline: &Timeline, options: &Options) -> Option<Plateaus> {
    let window = called(timeline, Window { from: 0, to: timeline.seconds.len() })?;
    let until = Timeline {
        seconds: timeline.seconds.get(..window.to)?.to_vec(),
        whole: None,
        ..timeline.clone()
    };
    let mut found = super::search_from(&until, window.from, options).ok()?;
    found.all.iter_mut().for_each(|plateau| plateau.basis = Basis::PartOfTest);
    found.chosen = found.all.get(found.index)?.clone();
    Some(found)
}
