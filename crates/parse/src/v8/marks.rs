//! Wall-clock marks: functions named `__wallmark_<microseconds since 1970>`, which a
//! `--require` hook compiles from time to time. The records of their code also contain V8's
//! own time, which gives the wall-clock time of the log's zero.

use super::records::CodeCreation;
use spikeflame_profile::{Clock, ClockSource, Tier};

/// Accepted times: from 2000 to 2100.
const BELIEVED: std::ops::Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;

/// The most marks that are kept: a mark every ten seconds for eleven days.
const MOST_MARKS: usize = 100_000;

/// Microseconds from a mark's name to its code when nothing comes in between.
const COMPILING_US: u64 = 200;

/// The wall-clock times of zero that the marks of a log give.
#[derive(Default)]
pub(super) struct Marks {
    /// One for each mark, in microseconds since 1970, in the order of the log.
    zeros: Vec<i64>,
}

impl Marks {
    pub(super) fn see(&mut self, code: &CodeCreation<'_>) {
        // Code of higher tiers is compiled later.
        let Some((_, Tier::Interpreted)) = code.function else { return };
        let Some(digits) = code.name.strip_prefix(b"__wallmark_") else { return };
        let digits = digits.split(|b| !b.is_ascii_digit()).next().unwrap_or_default();
        let wall: Option<i64> = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
        let Some(wall) = wall.filter(|wall| BELIEVED.contains(wall)) else { return };
        if self.zeros.len() < MOST_MARKS {
            self.zeros.push(wall.saturating_sub_unsigned(code.time_us));
        }
    }

    /// Returns the clock.
    ///
    /// Code is compiled after its name was made, never before: a busy machine makes a mark
    /// late, and a late mark gives a zero that is too early. The latest zero is therefore the
    /// most exact one, and late marks do not widen the bound. The bound is the difference
    /// between the latest zeros of the first and of the second half of the marks. It holds a
    /// clock that was set or that drifts. Fewer than four marks are not halved: all of their
    /// spread is the bound.
    pub(super) fn clock(&self) -> Option<Clock> {
        let latest = *self.zeros.iter().max()?;
        let (first, second) = self.zeros.split_at_checked(self.zeros.len() / 2)?;
        let other = match self.zeros.len() {
            ..4 => self.zeros.iter().min(),
            _ => first.iter().max().min(second.iter().max()),
        };
        Some(Clock {
            zero_us: latest,
            known: ClockSource::Marks,
            uncertainty_us: latest.abs_diff(*other?) + COMPILING_US,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(zeros: &[i64]) -> Option<(i64, u64)> {
        let clock = Marks { zeros: zeros.to_vec() }.clock()?;
        Some((clock.zero_us, clock.uncertainty_us))
    }

    #[test]
    fn late_marks_do_not_widen_the_bound() {
        assert_eq!(bound(&[]), None);
        assert_eq!(bound(&[100_000]), Some((100_000, 200)));
        assert_eq!(bound(&[100_000, 60_000, 99_000]), Some((100_000, 40_200)));
        // The second and the fifth mark are 40 and 52 ms late.
        let zeros = [100_000, 60_000, 99_900, 99_950, 48_000, 99_700];
        assert_eq!(bound(&zeros), Some((100_000, 250)));
        // The clock was set back by 30 ms in the middle.
        let stepped = [100_000, 99_990, 99_980, 70_000, 69_990, 69_900];
        assert_eq!(bound(&stepped), Some((100_000, 30_200)));
    }
}
