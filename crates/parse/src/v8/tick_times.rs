//! Checks the times of ticks: they do not go back, they have no long gap while the program
//! runs, they are those of the code around them, and they are as frequent as was asked for.
//!
//! V8 takes no tick while the program waits in the event loop. Up to V8 13, the first tick
//! after a wait has the state `IDLE`, because the signal for it was held back until then. So a
//! gap before a tick in another state is no wait. V8 14 writes no such tick.

use super::interval;
use spikeflame_profile::warning::V8Fact;
use spikeflame_profile::{Samples, VmState};

/// The most microseconds by which a sound tick may be earlier than the one before it.
const BACK_US: u64 = 10_000;
/// The most microseconds by which ticks and the code between them differ in a sound log.
const APART_US: u64 = 1_000_000;
/// A gap of this many microseconds is too long for a busy machine.
const LONG_US: u64 = 10_000_000;
/// A shorter gap is reported when it is at least the log's length divided by this number.
const GAP_PART: u64 = 4;
/// No shorter gap is reported: a pause of the garbage collector can be nearly as long.
const SHORT_US: u64 = 100_000;
/// The size of a script's text in bytes that takes long to write.
pub(super) const LONG_TEXT: usize = 1 << 19;
/// The first major version of V8 that writes no tick after a wait.
const WITHOUT_IDLE: u32 = 14;

/// The microseconds by which V8's sampler is late on a machine with a free core.
const LATE_US: u64 = 70;
/// The fewest gaps by which the interval is judged.
const FEWEST_GAPS: usize = 200;

/// A place in the log at which times do not fit together.
#[derive(Clone, Copy)]
struct Place {
    line: u64,
    us: u64,
}

/// The times that were seen.
#[derive(Default)]
pub(super) struct TickTimes {
    first_us: Option<u64>,
    last_us: u64,
    /// The largest step back, and the number of all.
    back: Option<Place>,
    backs: u64,
    /// The longest gap before a tick that does not follow a wait.
    gap: Option<Place>,
    /// True after V8 wrote a long text to the log. It logs no tick meanwhile: 0.54 s for 3.8 MB on a machine with
    /// a load of 25.
    wrote: bool,
    /// The time of the last code that was created, 0 before it.
    code_us: u64,
    /// The first place where ticks are behind or ahead of the code, when it is far.
    apart: Option<Place>,
}

impl TickTimes {
    /// Takes the next tick of the file; `line` counts from 0.
    pub(super) fn tick(&mut self, time_us: u64, state: VmState, line: u64) {
        let first = *self.first_us.get_or_insert(time_us);
        let last = std::mem::replace(&mut self.last_us, time_us);
        let wrote = std::mem::take(&mut self.wrote);
        if time_us == first && last == 0 {
            return;
        }
        if time_us.saturating_add(BACK_US) < last {
            self.backs += 1;
            larger(&mut self.back, Place { line, us: last - time_us });
        }
        let gap = time_us.saturating_sub(last);
        if gap > SHORT_US && !waited(state) && !wrote {
            larger(&mut self.gap, Place { line, us: gap });
        }
        if self.code_us > 0 && time_us.saturating_add(APART_US) < self.code_us {
            self.apart.get_or_insert(Place { line, us: self.code_us - time_us });
        }
    }

    /// Takes the text of a script.
    pub(super) fn text(&mut self, bytes: usize) {
        self.wrote |= bytes >= LONG_TEXT;
    }

    /// Takes the next code of the file, with the time at which it was created, or 0.
    pub(super) fn code(&mut self, time_us: u64, line: u64) {
        if time_us == 0 {
            return;
        }
        self.code_us = time_us;
        if time_us.saturating_add(APART_US) < self.last_us {
            self.apart.get_or_insert(Place { line, us: self.last_us - time_us });
        }
    }

    /// Returns the facts about times that do not fit together; `major` is V8's version.
    pub(super) fn facts(&self, major: u32) -> Vec<V8Fact> {
        let mut facts = Vec::new();
        if let Some(Place { line, us }) = self.back {
            facts.push(V8Fact::ClockBack { line: line + 1, by_us: us, places: self.backs });
        }
        let span = self.last_us.saturating_sub(self.first_us.unwrap_or_default());
        let too_long = |gap: &Place| gap.us >= LONG_US || gap.us >= span / GAP_PART;
        let known = major > 0 && major < WITHOUT_IDLE && self.back.is_none();
        if let Some(Place { line, us }) = self.gap.filter(too_long).filter(|_| known) {
            facts.push(V8Fact::NoTicks { line: line + 1, for_us: us });
        } else if let Some(Place { line, us }) = self.apart.filter(|_| self.back.is_none()) {
            facts.push(V8Fact::ClockApart { line: line + 1, by_us: us });
        }
        facts
    }
}

/// Returns true for the state of the first tick after a wait.
fn waited(state: VmState) -> bool {
    matches!(state, VmState::IDLE | VmState::IDLE_EXTERNAL | VmState::ATOMICS_WAIT)
}

fn larger(slot: &mut Option<Place>, new: Place) {
    if slot.is_none_or(|old| old.us < new.us) {
        *slot = Some(new);
    }
}

/// Returns a fact when ticks are missing from the log: at least every second one, or some of
/// them here and there. `major` is V8's version.
pub(super) fn missing(samples: &Samples, asked_us: u64, major: u32) -> Option<V8Fact> {
    let mut gaps: Vec<u64> = Vec::new();
    let mut last: Option<(u64, VmState)> = None;
    for (sample, _) in samples.iter() {
        let before = last.replace((sample.time_us, sample.state));
        let busy = before.filter(|(_, state)| !waited(*state) && !waited(sample.state));
        gaps.extend(busy.and_then(|(us, _)| sample.time_us.checked_sub(us)));
    }
    if asked_us == 0 || gaps.len() < FEWEST_GAPS {
        return None;
    }
    let due = interval::measured(samples, asked_us);
    sparse(&mut gaps, asked_us, major).or_else(|| thinned(&gaps, due?))
}

/// Returns a fact when ticks are at least twice as far apart as they should be, although the
/// program did not wait. A few ticks at the right distance, as on a busy machine, show that
/// the log itself is whole; then they must be four times as far apart. In a log of V8 14 and later, long
/// gaps may be waits, so that it is whole then. Ticks that follow at once show a process that had to
/// wait for a core: no tick was due in its long gaps.
fn sparse(gaps: &mut [u64], asked_us: u64, major: u32) -> Option<V8Fact> {
    let due = asked_us.saturating_add(LATE_US);
    let middle = gaps.len() / 2;
    let &mut apart_us = gaps.select_nth_unstable(middle).1;
    let single = gaps.iter().filter(|&&gap| gap < due + due / 2).count();
    let is_whole = single * 20 >= gaps.len();
    if is_whole && major >= WITHOUT_IDLE {
        return None;
    }
    // Another process had the core before a tick that is late, and the next one is due at once.
    let short = gaps.iter().filter(|&&gap| gap < due / 2).count();
    if short * 20 >= gaps.len() {
        return None;
    }
    let times = if is_whole { 4 } else { 2 };
    (apart_us >= due.saturating_mul(times)).then_some(V8Fact::SparseTicks { apart_us, asked_us })
}

/// Returns a fact when many gaps are two or three intervals long, as when ticks are left out
/// at random.
///
/// On a busy machine, gaps of two intervals are frequent too. But gaps of three are rare there,
/// and a tick that was late is soon followed by the next one.
fn thinned(gaps: &[u64], due: u64) -> Option<V8Fact> {
    let due = due.max(1);
    let mut counts = [0u64; 4];
    let mut missing = 0;
    for gap in gaps {
        let intervals = gap.saturating_add(due / 2) / due;
        if let Some(count) = counts.get_mut(usize::try_from(intervals).unwrap_or(usize::MAX)) {
            *count += 1;
            missing += intervals.saturating_sub(1);
        }
    }
    let [short, single, double, triple] = counts;
    let all = short + single + double + triple;
    let is_random = double * 4 > single && triple * 4 > double && short * 33 < all;
    is_random.then_some(V8Fact::MissingTicks { missing, due: all + missing })
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{Sample, StackId};

    /// The error was: a server of Node 26 that waited most of the time seemed to lack most of its ticks.
    #[test]
    fn waits_without_a_mark_are_no_missing_ticks() {
        let mut samples = Samples::default();
        let mut time_us = 0;
        for at in 0..400 {
            // Four ticks, and a wait after each of the last three.
            time_us += if at % 4 == 0 { 1_070 } else { 21_000 };
            samples.push(Sample { time_us, stack: StackId::ROOT, state: VmState::JS });
        }
        assert!(missing(&samples, 1_000, WITHOUT_IDLE).is_none());
        let before = missing(&samples, 1_000, WITHOUT_IDLE - 1);
        assert!(matches!(before, Some(V8Fact::SparseTicks { apart_us: 21_000, .. })));
    }

    /// The error was: a program that had to wait for a core seemed to lack most of its ticks. The gaps
    /// are those of a loop under Node 24 beside eight other programs on two cores.
    #[test]
    fn a_program_without_a_core_lacks_no_ticks() {
        let gaps = [
            6836, 5436, 2186, 1814, 8002, 5013, 4711, 9648, 8930, 10_009, 6181, 6600, 5403, 22,
            3278, 13_183, 7, 5478, 1088, 142, 10_599, 159, 6903, 7691, 14, 12_534, 11, 2687, 6041,
            6,
        ];
        let mut samples = Samples::default();
        let mut time_us = 0;
        for gap in gaps.iter().cycle().take(600) {
            time_us += gap;
            samples.push(Sample { time_us, stack: StackId::ROOT, state: VmState::JS });
        }
        assert!(missing(&samples, 1_000, WITHOUT_IDLE - 1).is_none());
    }
}
