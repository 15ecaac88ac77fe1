//! CPU use of the busiest thread in a window, from the samples of a profile.

use crate::time::{SECOND_US, TOLERANCE_US, length_us};
use spikeflame_load::plateau::Window;
use spikeflame_load::{Starvation, Usage};
use spikeflame_profile::{Idle, Kind, Profile, Selection, Source};

/// Share of a second in which the event loop does not wait, from which it had work all the time.
pub(crate) const HAD_WORK: f64 = 0.9;
/// Share of a core below which a thread with work got little.
pub(crate) const LITTLE: f64 = 0.5;
/// Longest time with more of a core that does not end a stretch, in seconds.
const RELIEF: usize = 1;
/// Shortest stretch, in seconds. A single second may be a pause of the machine.
const SHORTEST: usize = 2;

/// Returns the CPU use of the busiest thread ([`Profile::busiest_thread`]) in a time, from `from_us`
/// to `to_us` (microseconds since the recording's zero; the end is not included). Returns `None`
/// when this thread has no sample in this time, or the recording ends before it.
///
/// ```
/// use spikeflame_profile::Profile;
///
/// assert!(spikeflame_run::usage(&Profile::default(), 0, 1_000_000).is_none());
/// ```
pub fn usage(profile: &Profile, from_us: u64, to_us: u64) -> Option<Usage> {
    usage_of_life(profile, from_us, to_us).map(|(usage, _)| usage)
}

/// Returns what [`usage`] does, with the time that its shares are of: the part of `from_us` to `to_us` in which the
/// thread existed. Only idle samples show that, so it is the whole time for a thread without them.
pub(crate) fn usage_of_life(
    profile: &Profile,
    from_us: u64,
    to_us: u64,
) -> Option<(Usage, (u64, u64))> {
    let main = profile.busiest_thread(from_us, to_us)?;
    let selection = Selection { idle: Idle::Keep, ..Selection::default() };
    let (mut busy, mut idle, mut gc, mut waited_us, mut last_us) = (0, 0, 0, 0, 0);
    let (mut entries, mut born_us) = (0, None);
    let (mut waits, mut collects) = (false, false);
    profile.visit(&selection, |thread, sample, weight| {
        if thread != main {
            return;
        }
        let born_us = *born_us.get_or_insert(later_start(sample.time_us, from_us));
        let frame = profile.stacks.get(sample.stack).map(|(_, frame)| frame);
        let kind = frame.map(|frame| profile.frames.kind(frame));
        waits |= kind == Some(Kind::Idle);
        collects |= kind == Some(Kind::Gc);
        if sample.time_us >= from_us && sample.time_us < to_us {
            if kind == Some(Kind::Idle) {
                idle += weight;
            } else {
                busy += weight;
                entries += 1;
                gc += if kind == Some(Kind::Gc) { weight } else { 0 };
            }
        }
        if kind == Some(Kind::Idle) {
            // A wait may end after the window.
            waited_us += sample.time_us.min(to_us).saturating_sub(last_us.max(born_us));
        }
        last_us = sample.time_us;
    });
    if busy + idle == 0 {
        return None;
    }
    let (_, coverage) = covered(profile, from_us, to_us)?;
    let life = match born_us.filter(|_| waits) {
        Some(born_us) if last_us.saturating_add(TOLERANCE_US) < to_us => (born_us, last_us),
        Some(born_us) => (born_us, to_us),
        None => (from_us, to_us),
    };
    let (covered, _) = self::covered(profile, life.0, life.1)?;
    let nanos = weight_ns(profile, main);
    let cores = nanos.map(|nanos| busy as f64 * nanos as f64 / 1e3 / covered);
    // A loop that waits often has short work beside its waits, which the time of a whole tick counts as waiting.
    let worked = cores.unwrap_or_default().min(1.0);
    let did_not_wait = 1.0 - (waited_us as f64 / covered).min(1.0);
    let usage = Usage {
        cpu_utilisation: busy as f64 / (busy + idle) as f64,
        loop_utilisation: waits.then(|| did_not_wait.max(worked)),
        // Such a recording has no addresses: a tick log's reader knows from them whether libuv
        // waited or read from a socket.
        idle_may_work: waits && profile.sources.iter().any(Source::is_of_cpu_profiler),
        cores,
        counts_waits: profile.sources.iter().any(Source::counts_waits),
        gc_share: collects.then(|| gc as f64 / busy.max(1) as f64),
        samples: if counts_samples(profile) { busy } else { entries },
        coverage,
        main_cores: None,
        is_worker: profile.is_worker(main),
        other_cores: None,
    };
    Some((usage, life))
}

/// Returns the start of a time, or the first sample of a thread that began later than that.
fn later_start(first_us: u64, from_us: u64) -> u64 {
    if first_us > from_us.saturating_add(TOLERANCE_US) { first_us } else { from_us }
}

/// The longest sampling interval, in microseconds, with which V8's ticks show the share of a core. On a
/// busy machine, ticks every 10 ms showed twice the share that the kernel counted. Those every
/// millisecond were near it.
const LONGEST_TICK_US: u64 = 2_500;

/// Returns the length of the part of a time that the recording covers, in microseconds, and its
/// share of the time. A recording that ends within the last second covers all of it: the last sample
/// is taken before the process ends. Returns `None` when nothing is covered.
fn covered(profile: &Profile, from_us: u64, to_us: u64) -> Option<(f64, f64)> {
    let end_us = profile.sources.iter().map(|source| source.end_us).max()?;
    let (length, part) = (to_us.checked_sub(from_us)?, to_us.min(end_us).checked_sub(from_us)?);
    let share = if length - part <= TOLERANCE_US { 1.0 } else { part as f64 / length as f64 };
    (part > 0).then_some((part as f64, share))
}

/// Returns the nanoseconds of CPU time that a weight of 1 of a thread stands for. Returns `None` when the
/// recording does not show it.
fn weight_ns(profile: &Profile, thread: usize) -> Option<u64> {
    let source = profile.sources.get(profile.threads.get(thread)?.source)?;
    let asked_us = source.asked_us.or(source.interval_us).unwrap_or(0);
    if source.unit == "ticks" && asked_us > LONGEST_TICK_US {
        return None;
    }
    let step = || profile.cpu_step_us().filter(|_| counts_samples(profile));
    source.weight_ns().or_else(|| step()?.checked_mul(1000))
}

/// Returns true when weights are numbers of samples, and not a time or another quantity.
fn counts_samples(profile: &Profile) -> bool {
    let unit = profile.sources.first().map(|source| source.unit.as_str());
    matches!(unit, Some("samples" | "ticks"))
}

/// Returns the mean number of cores that all threads but the busiest one used, from `from_us` to
/// `to_us` (microseconds since the recording's zero; the end is not included). It may be above 1.
/// Returns `None` when the recording does not show it, such as one that does not contain all
/// threads.
///
/// ```
/// use spikeflame_profile::Profile;
///
/// assert!(spikeflame_run::other_threads(&Profile::default(), 0, 1_000_000).is_none());
/// ```
pub fn other_threads(profile: &Profile, from_us: u64, to_us: u64) -> Option<f64> {
    // One thread of bpftrace or bcc stands for all of them.
    let with_threads = profile.threads.len() > 1;
    let (window, _) = covered(profile, from_us, to_us)?;
    if !profile.sources.iter().all(|source| has_all_threads(source, with_threads)) {
        return None;
    }
    let nanos = profile.sources.first().and_then(Source::weight_ns)?;
    let main = profile.busiest_thread(from_us, to_us)?;
    let selection = Selection { idle: Idle::Drop, ..Selection::default() };
    let mut used = 0;
    profile.visit(&selection, |thread, sample, weight| {
        let is_within = sample.time_us >= from_us && sample.time_us < to_us;
        used += if thread != main && is_within { weight } else { 0 };
    });
    Some(used as f64 * nanos as f64 / 1e3 / window)
}

/// Use of the thread that is the busiest one in each second of a load test. A worker that dies and is replaced has the
/// seconds until then, and its successor those after them.
#[derive(Clone, Debug)]
pub(crate) struct UsePerSecond {
    /// The share in which the event loop did not wait. It is `NAN` for a second that the recording
    /// does not cover completely.
    pub(crate) busy: Vec<f64>,
    /// The share of a core that the thread got. It is `None` without an interval of the samples.
    cores: Option<Vec<f64>>,
}

/// Returns the use of the busiest thread in each of `count` seconds from `start_us` on, in
/// microseconds of the recording. Returns `None` for a recording without idle samples, because it
/// does not show when the loop waited.
pub(crate) fn per_second(profile: &Profile, start_us: i64, count: usize) -> Option<UsePerSecond> {
    let selection = Selection { idle: Idle::Keep, ..Selection::default() };
    let mut all = Busiest { ran: vec![-1.0; count], busy: vec![f64::NAN; count], waits: false };
    let mut now = ThreadSeconds::new(0, count);
    profile.visit(&selection, |thread, sample, weight| {
        if thread != now.thread {
            let done = std::mem::replace(&mut now, ThreadSeconds::new(thread, count));
            all.add(done, profile, start_us);
        }
        let frame = profile.stacks.get(sample.stack).map(|(_, frame)| frame);
        let is_idle = frame.map(|frame| profile.frames.kind(frame)) == Some(Kind::Idle);
        now.add(sample.time_us, (!is_idle).then_some(weight), start_us);
    });
    all.add(now, profile, start_us);
    let has_cores = (0..profile.threads.len()).all(|thread| weight_ns(profile, thread).is_some());
    let cores = has_cores.then(|| all.ran.iter().map(|ran| ran.max(0.0) / 1e9).collect());
    all.waits.then_some(UsePerSecond { busy: all.busy, cores })
}

/// The thread that ran most in each second.
struct Busiest {
    /// The nanoseconds for which it ran, or its weight where these are not known; -1 before the first thread.
    ran: Vec<f64>,
    /// Its share of the second in which it did not wait, as in [`UsePerSecond::busy`].
    busy: Vec<f64>,
    /// True when a thread has idle samples.
    waits: bool,
}

impl Busiest {
    /// Takes the seconds in which a thread ran more than the threads before it.
    fn add(&mut self, thread: ThreadSeconds, profile: &Profile, start_us: i64) {
        let Some(first_us) = thread.first_us else { return };
        self.waits |= thread.waits;
        let nanos = weight_ns(profile, thread.thread).map_or(1.0, |nanos| nanos as f64);
        let seconds = self.ran.iter_mut().zip(&mut self.busy).enumerate();
        for ((at, (most, busy)), (waited, ran)) in
            seconds.zip(thread.waited_us.iter().zip(thread.ran))
        {
            let ran = ran as f64 * nanos;
            let from = start_us.saturating_add_unsigned(length_us(at));
            let life = (first_us, thread.last_us);
            let is_covered = thread.waits && covers(life, from, from.saturating_add(SECOND_US));
            // A thread that had ended, or had not begun, is not the busiest one of those that did nothing.
            if ran > *most || ran == 0.0 && *most == 0.0 && is_covered && busy.is_nan() {
                *most = ran;
                let share = 1.0 - (*waited as f64 / SECOND_US as f64).min(1.0);
                *busy = if is_covered { share } else { f64::NAN };
            }
        }
    }
}

/// The use of one thread in each second.
struct ThreadSeconds {
    thread: usize,
    waited_us: Vec<u64>,
    /// Weights of its samples that are not idle.
    ran: Vec<u64>,
    first_us: Option<u64>,
    last_us: u64,
    waits: bool,
}

impl ThreadSeconds {
    fn new(thread: usize, count: usize) -> Self {
        let (waited_us, ran) = (vec![0; count], vec![0; count]);
        Self { thread, waited_us, ran, first_us: None, last_us: 0, waits: false }
    }

    /// Adds a sample. `ran` is its weight; `None` for an idle one.
    fn add(&mut self, time_us: u64, ran: Option<u64>, start_us: i64) {
        self.first_us.get_or_insert(time_us);
        match ran {
            None => {
                self.waits = true;
                add(&mut self.waited_us, start_us, self.last_us, time_us);
            }
            Some(weight) => {
                let second = usize::try_from(second_of(time_us, start_us)).ok();
                if let Some(sum) = second.and_then(|at| self.ran.get_mut(at)) {
                    *sum += weight;
                }
            }
        }
        self.last_us = time_us;
    }
}

/// Returns true for a recorder that samples all threads of a process. `with_threads` is true for a
/// recording of several threads.
fn has_all_threads(source: &Source, with_threads: bool) -> bool {
    match source.producer.split(' ').next().unwrap_or_default() {
        "perf" => true,
        recorder => with_threads && matches!(recorder, "bpftrace" | "bcc"),
    }
}

/// Returns true when a time of the recording, from `from` to `to`, lies between the first and the
/// last sample. All times are in microseconds.
fn covers((first_us, last_us): (u64, u64), from: i64, to: i64) -> bool {
    from >= 0 && from.unsigned_abs() >= first_us && to.unsigned_abs() <= last_us
}

impl UsePerSecond {
    /// Returns the stretches in which the thread had work all the time, but got little of a core.
    pub(crate) fn starved(&self) -> Vec<Starvation> {
        let cores = self.cores.as_deref().unwrap_or_default();
        let mut found: Vec<Starvation> = Vec::new();
        for (at, (busy, got)) in self.busy.iter().zip(cores).enumerate() {
            if !(*busy >= HAD_WORK && *got < LITTLE) {
                continue;
            }
            match found.last_mut() {
                Some(last) if at <= last.window.to + RELIEF => last.window.to = at + 1,
                _ => found.push(Starvation { window: Window { from: at, to: at + 1 }, cores: 0.0 }),
            }
        }
        found.retain(|one| one.window.seconds() >= SHORTEST);
        for one in &mut found {
            let part = cores.get(one.window.from..one.window.to).unwrap_or_default();
            one.cores = part.iter().sum::<f64>() / one.window.seconds() as f64;
        }
        found
    }
}

/// Returns the second in which a time of the recording lies. It is negative before the first one.
fn second_of(us: u64, start_us: i64) -> i64 {
    let us = i64::try_from(us).unwrap_or(i64::MAX);
    us.saturating_sub(start_us).div_euclid(SECOND_US)
}

/// Adds the time between two moments of the recording to the seconds that it lies in.
fn add(seconds: &mut [u64], start_us: i64, from_us: u64, to_us: u64) {
    let at = |us: u64| i64::try_from(us).unwrap_or(i64::MAX).saturating_sub(start_us);
    let (mut from, to) = (at(from_us).max(0), at(to_us));
    while from < to {
        let second = from / SECOND_US;
        let Some(sum) = seconds.get_mut(second as usize) else { return };
        let end = to.min((second + 1) * SECOND_US);
        *sum += (end - from).unsigned_abs();
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{Sample, Samples, StackId, Thread, VmState};

    fn starved(busy: &[f64], cores: &[f64]) -> Vec<(usize, usize)> {
        let used = UsePerSecond { busy: busy.to_vec(), cores: Some(cores.to_vec()) };
        let found = used.starved();
        found.iter().map(|one| (one.window.from, one.window.to)).collect()
    }

    /// The error was: the weights of a profile in nanoseconds were printed as a number of samples.
    #[test]
    fn nanoseconds_are_no_samples() {
        let used = |unit: &str| {
            let source = Source { unit: unit.to_owned(), end_us: 1_000_000, ..Source::default() };
            let mut profile = Profile { sources: vec![source], ..Profile::default() };
            let frame = profile.frames.labelled("main /srv/app.js:1:1");
            let stack = profile.stacks.child(StackId::ROOT, frame);
            let mut samples = Samples::default();
            for time_us in [1, 2] {
                samples.push_weighted(Sample { time_us, stack, state: VmState::JS }, 5_000);
            }
            profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
            usage(&profile, 0, 1_000_000).unwrap().samples
        };
        assert_eq!((used("nanoseconds"), used("samples")), (2, 10_000));
    }

    /// Two workers that follow each other, each with a tick in a tenth of its milliseconds, and one wait.
    fn replaced_worker() -> Profile {
        let source = |path: &str| Source {
            unit: "ticks".to_owned(),
            interval_us: Some(1_000),
            end_us: 10_000_000,
            path: path.into(),
            ..Source::default()
        };
        let sources = vec![source("isolate-0x1-1-v8.log"), source("isolate-0x2-2-v8.log")];
        let mut profile = Profile { sources, ..Profile::default() };
        let stack = |profile: &mut Profile, label: &str| {
            let frame = profile.frames.labelled(label);
            profile.stacks.child(StackId::ROOT, frame)
        };
        let (work, wait) =
            (stack(&mut profile, "work /srv/app.js:1:1"), stack(&mut profile, "(idle)"));
        for (at, (from_ms, to_ms)) in [(0, 4_000), (5_000, 10_000)].into_iter().enumerate() {
            let mut samples = Samples::default();
            for ms in (from_ms..=to_ms).step_by(10) {
                let stack = if ms == from_ms + 500 { wait } else { work };
                samples.push(Sample { time_us: ms * 1_000, stack, state: VmState::JS });
            }
            profile.threads.push(Thread { name: format!("worker {at}"), samples, source: at });
        }
        profile
    }

    /// The error was: a worker that died and was replaced was busy in its own seconds only, and its share of a
    /// core was divided by a time in which it did not exist.
    #[test]
    fn a_worker_and_its_successor_are_busy_one_after_the_other() {
        let profile = replaced_worker();
        let used = per_second(&profile, 0, 10).unwrap();
        let known: Vec<bool> = used.busy.iter().map(|busy| *busy > 0.9).collect();
        assert_eq!(known, [true, true, true, true, false, true, true, true, true, true]);
        let starved = used.starved();
        assert_eq!((starved[0].window.from, starved[0].window.to), (0, 10), "{starved:?}");
        let (usage, life) = usage_of_life(&profile, 0, 10_000_000).unwrap();
        assert_eq!(life, (5_000_000, 10_000_000));
        assert!((0.09..0.11).contains(&usage.cores.unwrap()), "{usage:?}");
    }

    /// The error was: a thread that got a tenth of a core for 13 s was reported as busy all the
    /// time, and nothing more.
    #[test]
    fn a_thread_with_work_but_without_a_core_is_starved() {
        let all = [1.0; 8];
        assert_eq!(starved(&all, &[1.0, 0.1, 0.1, 0.9, 0.2, 1.0, 1.0, 1.0]), [(1, 5)]);
        // A single second may be a pause of the machine.
        assert_eq!(starved(&all, &[1.0, 0.1, 1.0, 1.0, 1.0, 0.1, 1.0, 1.0]), []);
        // An idle thread needs no core, and unknown seconds show nothing.
        assert_eq!(starved(&[0.1; 8], &[0.1; 8]), []);
        assert_eq!(starved(&[f64::NAN; 8], &[0.0; 8]), []);
        let used = UsePerSecond { busy: vec![1.0; 8], cores: None };
        assert_eq!(used.starved(), []);
    }
}
