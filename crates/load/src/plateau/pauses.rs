//! Short times with late answers in a system that is at rest between them.

use super::model::Window;
use super::reason::NoPlateauReason;
use super::signals::{CLEARLY, STRETCHED, Signals, at};
use std::ops::Range;

/// Fewest pauses: one is a stall, or chance.
const FEWEST: usize = 2;
/// Most seconds of a pause. A pause that ends within a second makes this second and the next one late.
const LONGEST_S: usize = 3;
/// Share of the seconds of a stretch that are at rest, at least.
const AT_REST: f64 = 0.5;

/// Returns the pauses in a stretch whose other seconds are at rest, each by itself: averages over some seconds have those
/// of a pause in them. Returns `None` when the stretch is something else.
pub(super) fn find(signals: &Signals, span: &Range<usize>) -> Option<NoPlateauReason> {
    let is_late = |second: &usize| at(&signals.alone, *second) >= STRETCHED;
    let late: Vec<usize> = span.clone().filter(is_late).collect();
    let runs = late.chunk_by(|a, b| a + 1 == *b);
    let window = |run: &[usize]| Some(Window { from: *run.first()?, to: *run.last()? + 1 });
    let pauses: Vec<Window> = runs.filter_map(window).collect();
    let longest_s = pauses.iter().map(|pause| pause.seconds()).max()?;
    let are_clear = pauses
        .iter()
        .all(|pause| (pause.from..pause.to).any(|second| at(&signals.alone, second) >= CLEARLY));
    let is_most = late.len() as f64 <= (1.0 - AT_REST) * span.len() as f64;
    let found = signals.by_request && pauses.len() >= FEWEST && longest_s <= LONGEST_S;
    (found && are_clear && is_most).then_some(NoPlateauReason::Pauses { pauses, longest_s })
}
