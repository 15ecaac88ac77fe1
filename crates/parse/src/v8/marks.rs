//! Wall-clock marks: functions named `__wallmark_<microseconds since 1970>`, which a
//! `--require` hook compiles from time to time. The records of their code also contain V8's
//! own time, which gives the wall-clock time of the log's zero.

use super::records::CodeCreation;
use spikeflame_profile::{Clock, ClockSource, Tier};

/// Accepted times: from 2000 to 2100.
const BELIEVED: std::ops::Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;

/// The wall-clock times of zero that the marks of a log give.
#[derive(Default)]
pub(super) struct Marks {
    /// The earliest and the latest.
    zeros: Option<(i64, i64)>,
}

impl Marks {
    pub(super) fn see(&mut self, code: &CodeCreation<'_>) {
        // Code of higher tiers is compiled later.
        let Some((_, Tier::Interpreted)) = code.function else { return };
        let Some(digits) = code.name.strip_prefix(b"__wallmark_") else { return };
        let digits = digits.split(|b| !b.is_ascii_digit()).next().unwrap_or_default();
        let wall: Option<i64> = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
        let Some(wall) = wall.filter(|wall| BELIEVED.contains(wall)) else { return };
        let zero = wall.saturating_sub_unsigned(code.time_us);
        let (least, most) = self.zeros.unwrap_or((zero, zero));
        self.zeros = Some((least.min(zero), most.max(zero)));
    }

    /// Returns the clock. Code is compiled soon after its name was made, never before, so
    /// the latest zero is the most exact.
    pub(super) fn clock(&self) -> Option<Clock> {
        self.zeros.map(|(least, most)| Clock {
            zero_us: most,
            known: ClockSource::Marks,
            uncertainty_us: most.abs_diff(least) + 200,
        })
    }
}
