//! Recordings of two executions that were given as one run.

use spikeflame_profile::{Clock, Known, Source};
use std::fmt;

/// Two recordings whose times do not overlap: a program that was started again
/// leaves a second log beside the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The recording that ended first.
    pub first: String,
    /// The one that began after that.
    pub second: String,
    /// Microseconds from the end of the first to the start of the second.
    pub gap_us: u64,
    /// How the times are known.
    pub known: Known,
}

impl fmt::Display for Apart {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second, gap_us, .. } = self;
        let gap = *gap_us as f64 / 1e6;
        write!(to, "{second} began {gap:.1} s after {first} had ended: they are two runs")
    }
}

/// When a source was recorded, in wall-clock microseconds.
struct Span {
    from: i64,
    to: i64,
    clock: Clock,
}

fn span(source: &Source) -> Option<Span> {
    // A name's hour depends on a zone that is not known.
    let clock = source.clocks().find(|clock| clock.known != Known::FileName)?;
    let to = clock.zero_us.checked_add_unsigned(source.end_us)?;
    source.timed.then_some(Span { from: clock.zero_us, to, clock })
}

/// The first two recordings, by time, between which nothing was recorded. A gap
/// within the uncertainty of the clocks does not count.
pub(crate) fn find(sources: &[Source]) -> Option<Apart> {
    let mut spans: Vec<(Span, &Source)> =
        sources.iter().filter_map(|source| Some((span(source)?, source))).collect();
    spans.sort_by_key(|(span, _)| (span.from, span.to));
    let mut latest: Option<(Span, &Source)> = None;
    for (span, source) in spans {
        let Some((before, first)) = &latest else {
            latest = Some((span, source));
            continue;
        };
        let unsure = before.clock.uncertainty_us.saturating_add(span.clock.uncertainty_us);
        let gap = span.from.saturating_sub(before.to);
        if gap > 0 && gap.unsigned_abs() > unsure {
            return Some(Apart {
                first: first.name.clone(),
                second: source.name.clone(),
                gap_us: gap.unsigned_abs(),
                known: span.clock.known,
            });
        }
        if span.to > before.to {
            latest = Some((span, source));
        }
    }
    None
}
