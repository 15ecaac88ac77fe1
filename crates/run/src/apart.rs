//! Finds recordings of several executions that were given as one run.

use crate::facts::Facts;
use spikeflame_profile::{ClockSource, Profile, Sample, Samples, Source, Zero, wall};
use std::fmt;

/// Two recordings of one profile whose times do not overlap: the second began after the first had
/// ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoRuns {
    /// Name of the recording that ended last before the first pause.
    pub first: String,
    /// Name of the recording that began first after this pause.
    pub second: String,
    /// Length of this pause in microseconds: from the end of `first` to the start of `second`.
    pub gap_us: u64,
    /// The number of runs that the recordings are of, 2 or more.
    pub runs: usize,
    /// The evidence for the second recording's times.
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
struct RecordingSpan<'a> {
    from: i64,
    to: i64,
    unsure: u64,
    known: ClockSource,
    source: &'a Source,
}

fn span(source: &Source, kind: Kind) -> Option<RecordingSpan<'_>> {
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
    source.timed.then_some(RecordingSpan { from, to, unsure, known, source })
}

/// Microseconds that the recorder's clock may lie behind that of a recording.
const TOLERANCE_US: i64 = 1_000_000;

/// Lays recordings that do not overlap on one clock, when the recorder's `run.json` lists all of their
/// processes: programs that ran one after the other, such as a build and then the server, are one run. Logs of
/// applications are laid on one clock in any case. All times then count from the start of the first. [`find`] finds nothing afterwards. Other
/// recordings stay as they are.
pub(crate) fn lay(profile: &mut Profile) {
    let sources = &profile.sources;
    if are_logs(sources) || find(sources).is_some() && are_listed(sources) {
        lay_all(profile);
    }
}

/// Returns true for logs of applications, whose lines hold the times of one clock: parts of a rotated log, or the logs
/// of a program that was started again.
fn are_logs(sources: &[Source]) -> bool {
    sources.iter().all(|source| source.lines > 0)
}

/// Returns true when the `run.json` in the folder of all these recordings lists their processes.
fn are_listed(sources: &[Source]) -> bool {
    let Some(folder) = sources.first().and_then(|source| source.path.parent()) else {
        return false;
    };
    let Some(facts) = Facts::read(folder).ok().flatten() else { return false };
    (sources.iter()).all(|source| source.path.parent() == Some(folder) && lists(&facts, source))
}

/// Makes all times count from the earliest zero. Only a recording of one thread shows which samples
/// are its own. Nothing is changed without a common clock. A recording without times keeps its place.
fn lay_all(profile: &mut Profile) -> Option<()> {
    let from = |source: &Source, kind: Kind| match source.timed {
        true => span(source, kind).map(|span| Some(span.from)),
        false => Some(None),
    };
    let froms = |kind: Kind| -> Option<Vec<Option<i64>>> {
        profile.sources.iter().map(|source| from(source, kind)).collect()
    };
    let zeros = froms(Kind::Wall).or_else(|| froms(Kind::Monotonic))?;
    let earliest = zeros.iter().flatten().min().copied()?;
    if profile.threads.len() != profile.sources.len() {
        return None;
    }
    let parts = profile.threads.iter_mut().zip(&mut profile.sources);
    for ((thread, source), zero) in parts.zip(zeros) {
        let Some(zero) = zero else { continue };
        let us = zero.saturating_sub(earliest).unsigned_abs();
        let mut later = Samples::default();
        for (sample, weight) in thread.samples.iter() {
            let time_us = sample.time_us.saturating_add(us);
            later.push_weighted(Sample { time_us, ..sample }, weight);
        }
        thread.samples = later;
        source.end_us = source.end_us.saturating_add(us);
        source.zero = match source.zero {
            Zero::Monotonic(zero) => Zero::Monotonic(zero.saturating_sub(us)),
            Zero::Wall(zero) => Zero::Wall(zero.saturating_sub(us)),
            other => other,
        };
        if let Some(clock) = &mut source.clock {
            clock.zero_us = clock.zero_us.saturating_sub_unsigned(us);
        }
    }
    Some(())
}

/// Returns true for a recording of a process that the recorder listed. Its number is in the file's
/// name. Numbers come again, for example in containers, so the recording cannot be older than the
/// run.
fn lists(facts: &Facts, source: &Source) -> bool {
    let name = source.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let mut numbers = name.split(|one: char| !one.is_ascii_alphanumeric());
    let is_named =
        numbers.any(|part| part.parse().is_ok_and(|number: u32| facts.processes.contains(&number)));
    let span = span(source, Kind::Wall);
    let is_older = facts.started_us.zip(span).is_some_and(|(started, span)| {
        span.from.saturating_add_unsigned(span.unsure).saturating_add(TOLERANCE_US) < started
    });
    is_named && !is_older
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
    let mut spans: Vec<RecordingSpan<'_>> =
        sources.iter().filter_map(|source| span(source, kind)).collect();
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use spikeflame_profile::Clock;

    /// The error was: a build step before the server (`node build && node server`) made a run "two
    /// runs", and every window of its load test was refused.
    #[test]
    fn processes_that_the_recorder_lists_are_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let source = |name: &str, zero_s: i64| Source {
            path: folder.path().join(name),
            name: name.to_owned(),
            end_us: 2_000_000,
            timed: true,
            clock: Some(Clock {
                zero_us: 1_795_806_000_000_000 + zero_s * 1_000_000,
                known: ClockSource::Marks,
                uncertainty_us: 1_000,
            }),
            ..Source::default()
        };
        let build = source("isolate-0x41-2664-v8.log", 1);
        let server = source("isolate-0x1d-3000-v8.log", 5);
        let both = [server.clone(), build.clone()];
        assert!(find(&both).is_some() && !are_listed(&both));
        let facts = r#"{ "schema": "spikeflame.run/1", "started": "2026-11-27T19:00:00Z",
            "ended": "2026-11-27T19:00:09Z", "processes": [{ "pid": 2664 }, { "pid": 3000 }] }"#;
        std::fs::write(folder.path().join("run.json"), facts).unwrap();
        assert!(are_listed(&both));
        // A process that is not listed, or that ended before the run, is of another run.
        assert!(!are_listed(&[server.clone(), source("isolate-0x41-77-v8.log", 1)]));
        assert!(!are_listed(&[server, source("isolate-0x41-2664-v8.log", -60)]));
    }
}
