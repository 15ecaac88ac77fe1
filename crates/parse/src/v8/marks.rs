//! Wall-clock marks: functions named `__wallmark_<microseconds since 1970>`,
//! which a `--require` hook compiles now and then. The record of their code has
//! V8's own time beside, and so tells where the log's zero lies.

use super::records::CodeCreation;
use spikeflame_profile::{Clock, Known, Tier};

/// Later than 2000 and earlier than 2100.
const BELIEVED: std::ops::Range<i64> = 946_684_800_000_000..4_102_444_800_000_000;

/// What the marks of a log say of its zero.
#[derive(Default)]
pub(super) struct Marks {
    /// The least and the greatest.
    zeros: Option<(i64, i64)>,
}

impl Marks {
    pub(super) fn see(&mut self, code: &CodeCreation<'_>) {
        // Higher tiers are compiled later.
        let Some((_, Tier::Interpreted)) = code.function else { return };
        let Some(digits) = code.name.strip_prefix(b"__wallmark_") else { return };
        let digits = digits.split(|b| !b.is_ascii_digit()).next().unwrap_or_default();
        let wall: Option<i64> = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
        let Some(wall) = wall.filter(|wall| BELIEVED.contains(wall)) else { return };
        let zero = wall.saturating_sub_unsigned(code.time_us);
        let (least, most) = self.zeros.unwrap_or((zero, zero));
        self.zeros = Some((least.min(zero), most.max(zero)));
    }

    /// Code is compiled soon after its name was made, never before: the greatest
    /// zero is nearest.
    pub(super) fn clock(&self) -> Option<Clock> {
        self.zeros.map(|(least, most)| Clock {
            zero_us: most,
            known: Known::Marks,
            uncertainty_us: most.abs_diff(least) + 200,
        })
    }
}
