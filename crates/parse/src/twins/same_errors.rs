//! Errors that several logs of one program have, as winston writes them to `error.log` and to `combined.log`.

use super::Recording;
use crate::sniff::format::Format;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{Profile, Sample, Samples, StackId, VmState, Zero};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// The number of errors at the same microseconds or milliseconds that are not the same by chance.
const LEAST_ERRORS: u64 = 8;
/// The number of errors of which one may be missing in the other logs, which lose lines when they are rotated.
const LOST: u64 = 10;
/// Times of whole seconds have at least this uncertainty, in microseconds.
const SECOND_US: u64 = 1_000_000;

/// Leaves out the errors of a log that other logs have at the same times, with the same texts and stacks, and
/// adds a warning to each such log.
pub(super) fn leave_out(all: &mut [Recording]) {
    let of_log = |one: &Recording| one.format == Format::AppLog && one.profile.total() > 0;
    let mut order: Vec<usize> =
        (0..all.len()).filter(|at| all.get(*at).is_some_and(of_log)).collect();
    if order.len() < 2 {
        return;
    }
    // A log of errors alone is shorter than one of all lines.
    order.sort_by_key(|at| all.get(*at).map(|one| (one.profile.samples(), lines(one))));
    for at in order {
        let others = all.iter().enumerate().filter(|(other, _)| *other != at);
        let Some(log) = all.get(at).and_then(Log::of) else { continue };
        // The parts of a rotated log have no time in common.
        let others = others.filter_map(|(_, other)| Log::of(other).filter(|it| it.meets(&log)));
        let others: Vec<Log<'_>> = others.collect();
        let Some(found) = find(log, others) else { continue };
        let Some(one) = all.get_mut(at) else { continue };
        let mut profile = std::mem::take(&mut one.profile);
        let name = profile.sources.first().map(|source| source.name.clone()).unwrap_or_default();
        let fact = Fact::SameErrors { errors: found.same, all: profile.total() };
        profile.threads.iter_mut().for_each(|thread| thread.samples = found.own.clone());
        profile.warnings.push(Warning::new(name, fact));
        *one = Recording::new(one.format, profile);
    }
}

fn lines(one: &Recording) -> u64 {
    one.profile.sources.iter().map(|source| source.lines).sum()
}

/// The errors of a log that other logs have too.
struct Found {
    same: u64,
    /// The errors that no other log has.
    own: Samples,
}

/// Returns the errors of a log that others have too, when nearly all of those within the others' time are.
fn find(mut log: Log<'_>, mut others: Vec<Log<'_>>) -> Option<Found> {
    if others.is_empty() {
        return None;
    }
    let has_more = others.iter().any(Log::has_other_lines);
    let (mut same, mut missing, mut own) = (0, 0, Samples::default());
    let mut at_time: (i64, HashMap<u64, u64>) = (i64::MIN, HashMap::new());
    for (sample, weight) in log.samples() {
        let us = log.time(sample);
        if sample.state != VmState::NO_TIME && at_time.0 != us {
            at_time = (us, HashMap::new());
            others.iter_mut().for_each(|other| other.take(us, &mut at_time.1));
        }
        let hash = log.hash(sample.stack);
        let left = at_time.1.get_mut(&hash).filter(|left| **left >= weight);
        match left.filter(|_| sample.state != VmState::NO_TIME) {
            Some(left) => {
                *left -= weight;
                same += weight;
            }
            None => {
                own.push_weighted(sample, weight);
                missing += u64::from(others.iter().any(|other| other.covers(us)));
            }
        }
        if missing > log.profile.samples() / LOST {
            return None;
        }
    }
    // The errors of two processes may be of the same second, or of the same event.
    let is_part = log.has_only_errors() && has_more || same >= LEAST_ERRORS && !log.is_whole;
    (same > 0 && missing <= same / LOST && is_part).then_some(Found { same, own })
}

/// A log whose errors are compared with those of others, in the order of time.
struct Log<'a> {
    profile: &'a Profile,
    zero_us: i64,
    /// True when the times are whole seconds.
    is_whole: bool,
    errors: Box<dyn Iterator<Item = (Sample, u64)> + 'a>,
    next: Option<(Sample, u64)>,
    hashes: HashMap<StackId, u64>,
}

impl<'a> Log<'a> {
    /// Returns the errors of a log with times.
    fn of(one: &'a Recording) -> Option<Self> {
        let profile = &one.profile;
        let ([source], [thread]) = (&*profile.sources, &*profile.threads) else { return None };
        let Zero::Wall(zero_us) = source.zero else { return None };
        let is_log = one.format == Format::AppLog && source.timed;
        let mut errors = Box::new(thread.samples.iter());
        is_log.then(|| Self {
            profile,
            zero_us: i64::try_from(zero_us).unwrap_or(i64::MAX),
            is_whole: source.clock.is_some_and(|clock| clock.uncertainty_us >= SECOND_US),
            next: errors.next(),
            errors,
            hashes: HashMap::new(),
        })
    }

    fn samples(&self) -> impl Iterator<Item = (Sample, u64)> + use<'a> {
        let profile = self.profile;
        profile.threads.iter().flat_map(|thread| thread.samples.iter())
    }

    /// Returns the time of an error, in microseconds since 1970.
    fn time(&self, sample: Sample) -> i64 {
        self.zero_us.saturating_add_unsigned(sample.time_us)
    }

    /// Returns the moment of the last line, in microseconds since 1970.
    fn end_us(&self) -> i64 {
        let end_us = self.profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
        self.zero_us.saturating_add_unsigned(end_us)
    }

    /// Returns true when the times of two logs overlap.
    fn meets(&self, other: &Self) -> bool {
        self.zero_us < other.end_us() && other.zero_us < self.end_us()
    }

    /// Returns true for a moment between the first and the last line of the log.
    fn covers(&self, us: i64) -> bool {
        us > self.zero_us && us.saturating_add(1) < self.end_us()
    }

    /// Adds the errors of a moment, and passes over those before it.
    fn take(&mut self, us: i64, found: &mut HashMap<u64, u64>) {
        while let Some((sample, weight)) = self.next.filter(|(it, _)| self.time(*it) <= us) {
            if self.time(sample) == us && sample.state != VmState::NO_TIME {
                *found.entry(self.hash(sample.stack)).or_default() += weight;
            }
            self.next = self.errors.next();
        }
    }

    /// Returns true when every line with a level is an error.
    fn has_only_errors(&self) -> bool {
        !self.has_other_lines()
    }

    /// Returns true when some lines with a level are no errors.
    fn has_other_lines(&self) -> bool {
        let levels: u64 = self.profile.sources.iter().map(|source| source.levels).sum();
        levels > self.profile.total()
    }

    /// Returns the hash of a stack: of its errors with their texts, and of its frames.
    fn hash(&mut self, stack: StackId) -> u64 {
        let profile = self.profile;
        *self.hashes.entry(stack).or_insert_with(|| {
            let mut hasher = DefaultHasher::new();
            for frame in profile.stacks.frames(stack) {
                let function = profile.frames.get_function(profile.frames.get(frame).function);
                let text = |id| profile.frames.strings().get(id);
                (text(function.name), text(function.file)).hash(&mut hasher);
                (function.line, function.column).hash(&mut hasher);
            }
            hasher.finish()
        })
    }
}
