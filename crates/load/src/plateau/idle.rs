//! The rows of a table before its load test begins.
//!
//! A dashboard is usually exported from some minutes before the test on. Its first rows then have no requests. One of them
//! shows that the load began from nothing, and further ones must not change the plateau.

use super::model::{Plateau, Window};
use super::reason::{NoPlateau, NoPlateauReason};
use crate::timeline::{Second, Timeline};

/// Returns the number of seconds at the start of a table without requests and users, without the last row of them. It is
/// 0 for an input with single requests, whose starts and ends are known.
pub(super) fn before_test(timeline: &Timeline) -> usize {
    let seconds = timeline.seconds.as_slice();
    if seconds.iter().any(|second| second.latencies.count() > 0) {
        return 0;
    }
    let is_idle =
        |second: &&Second| second.requests() <= 0.0 && second.vus.is_none_or(|users| users <= 0.0);
    let idle = seconds.iter().take_while(is_idle).count();
    let row_s = timeline.resolution_s.max(1) as usize;
    if idle < seconds.len() { (idle / row_s).saturating_sub(1) * row_s } else { 0 }
}

/// Returns a timeline without its first seconds.
pub(super) fn without_start(timeline: &Timeline, by: usize) -> Timeline {
    Timeline {
        seconds: timeline.seconds.get(by..).unwrap_or_default().to_vec(),
        start_s: timeline.start_s.saturating_add_unsigned(by as u64),
        whole: None,
        ..timeline.clone()
    }
}

impl Window {
    fn later(self, by: usize) -> Self {
        Self { from: self.from + by, to: self.to + by }
    }
}

impl Plateau {
    /// Counts the seconds of a plateau from a moment that is earlier by some seconds.
    pub(super) fn move_by(&mut self, by: usize) {
        self.window = self.window.later(by);
        let rows = [Some(&mut self.within), self.before.as_mut(), self.after.as_mut()];
        rows.into_iter().flatten().for_each(|row| row.window = row.window.later(by));
    }
}

impl NoPlateau {
    /// Returns the reason with its seconds counted from a moment that is earlier by some seconds.
    pub(super) fn later(mut self, by: usize) -> Self {
        use NoPlateauReason as Why;
        self.steadiest = self.steadiest.map(|window| window.later(by));
        match &mut self.why {
            Why::StillRising { window, .. }
            | Why::NotCalled { window }
            | Why::TooBrief { window }
            | Why::TooFewAnswers { window, .. }
            | Why::SlowPhase { window, .. }
            | Why::AsManyFaster { window }
            | Why::OtherMix { window, .. }
            | Why::Stalled { window, .. }
            | Why::Fails { window, .. }
            | Why::PiledUp { window, .. } => *window = window.later(by),
            Why::LevelsDiffer { levels, .. } => {
                levels.iter_mut().for_each(|(window, _)| *window = window.later(by));
            }
            Why::Pauses { pauses, .. } => {
                pauses.iter_mut().for_each(|window| *window = window.later(by));
            }
            _ => {}
        }
        self
    }
}
