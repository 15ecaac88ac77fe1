//! Finds recordings of several executions that were given as one run.

use spikeflame_profile::{ClockSource, Source, Zero, wall};
use std::fmt;

/// Two recordings of one profile whose times do not overlap: the second began after the first had
/// ended. This happens when a program was started again and left a second log beside the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoRuns {
    /// Name of the recording that ended first.
    pub first: String,
    /// Name of the recording that began after the end of the first.
    pub second: String,
    /// Microseconds from the end of the first to the start of the second.
    pub gap_us: u64,
    /// The number of runs that the recordings are of, 2 or more. Each pause in which nothing was
    /// recorded separates two of them.
    pub runs: usize,
    /// The evidence for the second recording's times. Both recordings are compared by one kind of
    /// time: wall-clock time, the system's monotonic clock, or the times of files.
    pub known: ClockSource,
}

impl fmt::Display for TwoRuns {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, second, gap_us, runs, .. } = self;
        let gap = wall::seconds_of(*gap_us);
        write!(to, "{second} began {gap:.1} s after {first} had ended: ")?;
        match runs {
            2 => to.write_str("they are two runs"),
            runs => write!(to, "the recordings are of {runs} runs"),
        }
    }
}

/// Kinds of time. Only times of one kind can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Wall-clock time that the recording holds.
    Wall,
    /// Time of the system's monotonic clock.
    Monotonic,
    /// Modification time of the file, which copying may have changed.
    File,
}

impl Kind {
    /// Returns true for clocks that hold this kind of time.
    fn has(self, clock: ClockSource) -> bool {
        use ClockSource::{FileStamp, FileTime, Given, Marks, Recorded};
        match self {
            Self::Wall => matches!(clock, Recorded | Marks | Given | FileStamp),
            Self::File => clock == FileTime,
            Self::Monotonic => false,
        }
    }
}

const KINDS: [Kind; 3] = [Kind::Wall, Kind::Monotonic, Kind::File];

/// Start and end of one recording, in microseconds of one kind of time.
struct Span<'a> {
    from: i64,
    to: i64,
    unsure: u64,
    known: ClockSource,
    source: &'a Source,
}

fn span(source: &Source, kind: Kind) -> Option<Span<'_>> {
    let (from, unsure, known) = match (kind, source.zero) {
        (Kind::Monotonic, Zero::Monotonic(us)) => {
            (i64::try_from(us).ok()?, 0, ClockSource::Recorded)
        }
        _ => {
            let clock = source.clocks().find(|clock| kind.has(clock.known))?;
            (clock.zero_us, clock.uncertainty_us, clock.known)
        }
    };
    let to = from.checked_add_unsigned(source.end_us)?;
    source.timed.then_some(Span { from, to, unsure, known, source })
}

/// Returns the first two recordings with a gap between them in which nothing was recorded, and the
/// number of runs. A gap that is smaller than the uncertainty of the clocks does not count.
pub(crate) fn find(sources: &[Source]) -> Option<TwoRuns> {
    let mut found = KINDS.iter().filter_map(|kind| find_by(sources, *kind));
    let first = found.next()?;
    let runs = found.fold(first.runs, |runs, other| runs.max(other.runs));
    Some(TwoRuns { runs, ..first })
}

fn find_by(sources: &[Source], kind: Kind) -> Option<TwoRuns> {
    let mut spans: Vec<Span<'_>> = sources.iter().filter_map(|source| span(source, kind)).collect();
    spans.sort_by_key(|span| (span.from, span.to));
    let mut spans = spans.into_iter();
    let mut latest = spans.next()?;
    let mut found: Option<TwoRuns> = None;
    for span in spans {
        let unsure = latest.unsure.saturating_add(span.unsure);
        let gap = u64::try_from(span.from.saturating_sub(latest.to)).unwrap_or(0);
        if gap > unsure {
            let (first, second) = (latest.source.name.clone(), span.source.name.clone());
            let apart = TwoRuns { first, second, gap_us: gap, runs: 1, known: span.known };
            found.get_or_insert(apart).runs += 1;
        }
        if span.to > latest.to {
            latest = span;
        }
    }
    found
}
