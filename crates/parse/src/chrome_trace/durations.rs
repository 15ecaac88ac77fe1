//! Events with a beginning and an end: `B` and `E`, and `X`, which has both. An event's
//! weight is the time in nanoseconds in which no event within it ran.
//!
//! The events of a thread are ordered by their times; events at the same time keep the
//! order of the file. An end belongs to the innermost open event of its name. Events that
//! overlap without nesting are nested while both last: when `a` is from 0 to 10 and `b`
//! from 5 to 15, `b` is within `a` until 10, and alone after that.

use super::recorded::{Id, thread_name};
use crate::error::Error;
use crate::json::{Admission, Damage, Room};
use crate::names;
use crate::pieces::Pieces;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{TraceFact, Warning};
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Profile, Sample, Samples, Source, StackId, StackTree, Thread, Tier,
    VmState, Zero,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Bytes that an event takes: the event, its copy while events are ordered, and its two
/// samples.
const EVENT: usize = 2 * size_of::<Moment>() + 2 * size_of::<Slice>() + 96;

/// Bytes that a thread or a name takes in addition to its text.
const ENTRY: usize = 256;

/// The latest time in nanoseconds, 290 years.
const LATEST_NS: f64 = 9e18;

/// The effect of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    Begin,
    End,
    /// Begins, and ends at this time in nanoseconds.
    Last(i64),
}

/// An event of a thread.
#[derive(Clone, Copy, Debug)]
struct Moment {
    at_ns: i64,
    does: Effect,
    /// The function; `None` for an end that does not name its event.
    frame: Option<FrameId>,
    /// The event's number in the file, from 0.
    number: u32,
}

/// An event with its beginning and end.
#[derive(Clone, Copy, Debug)]
struct Slice {
    from_ns: i64,
    to_ns: i64,
    frame: FrameId,
}

/// The place of a function, when the event has one (Hermes).
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) url: &'a str,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// An event as it is in the file; times are in microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenEvent<'a> {
    /// The event's number in the file, from 0.
    pub(super) number: u32,
    pub(super) phase: &'a str,
    pub(super) thread: (&'a str, &'a str),
    pub(super) name: &'a str,
    pub(super) place: Option<Place<'a>>,
    pub(super) at_us: f64,
    pub(super) long_us: f64,
}

/// Events with durations, by thread.
#[derive(Default)]
pub(super) struct Durations {
    frames: FrameTable,
    known: HashMap<String, FrameId>,
    threads: BTreeMap<Id, usize>,
    /// The events of each thread, by the thread's number.
    moments: Vec<Vec<Moment>>,
    /// The thread of the last event: consecutive events are mostly of one thread.
    last: Option<(Id, usize)>,
    /// The number of asynchronous events, which belong to no thread's stack.
    asynchronous: u64,
    /// The number of events without a time.
    timeless: u64,
    /// The number of complete events (`X`) without a duration.
    endless: u64,
    /// The number of events whose phase is none of the format.
    phaseless: u64,
    room: Room,
}

impl Durations {
    pub(super) fn new(room: &Room) -> Self {
        Self { room: room.clone(), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.threads.is_empty()
    }

    /// Returns the explanation for a trace without durations that has other events.
    pub(super) fn why_none(&self) -> Option<String> {
        (self.asynchronous > 0).then(|| {
            format!(
                "its {} events are asynchronous (`b`, `e`), so that they are on no thread's stack; \
                 ui.perfetto.dev shows them",
                self.asynchronous
            )
        })
    }

    /// Adds an event.
    pub(super) fn take(&mut self, event: WrittenEvent<'_>) -> Admission {
        let WrittenEvent { number, phase, thread: (pid, tid), name, place, at_us, long_us } = event;
        // Wall-clock times have more digits in nanoseconds than a float.
        let nanos = |us: f64| {
            let parts = || us.trunc() as i64 * 1000 + (us.fract() * 1e3).round() as i64;
            (us.abs() < LATEST_NS / 1e3).then(parts)
        };
        let length = if long_us.is_nan() { 0.0 } else { long_us };
        let ends = || nanos(at_us)?.checked_add(nanos(length).filter(|ns| *ns >= 0)?);
        let (does, named) = match phase {
            "B" => (Some(Effect::Begin), true),
            "E" => (Some(Effect::End), !name.is_empty()),
            "X" => (ends().map(Effect::Last), true),
            "b" | "e" | "S" | "F" => {
                self.asynchronous += 1;
                return Ok(());
            }
            "n" | "T" | "p" | "s" | "t" | "f" | "P" | "N" | "O" | "D" | "M" | "V" | "v" | "R"
            | "c" | "C" | "i" | "I" | "(" | ")" | "(," | ")," | "=" => return Ok(()),
            _ => {
                self.phaseless += 1;
                return Ok(());
            }
        };
        self.endless += u64::from(phase == "X" && long_us.is_nan());
        let (Some(at_ns), Some(does)) = (nanos(at_us), does) else {
            self.timeless += 1;
            return Ok(());
        };
        let frame = if named { Some(self.frame(name, place)?) } else { None };
        let moment = Moment { at_ns, does, frame, number };
        let thread = self.thread(pid, tid)?;
        if let Some(moments) = self.moments.get_mut(thread) {
            moments.push(moment);
        }
        self.room.take(EVENT)
    }

    /// Returns the number of a thread.
    fn thread(&mut self, pid: &str, tid: &str) -> Result<usize, &'static str> {
        if let Some(((last_pid, last_tid), number)) = &self.last
            && (last_pid.as_str(), last_tid.as_str()) == (pid, tid)
        {
            return Ok(*number);
        }
        let id = (pid.to_owned(), tid.to_owned());
        let number = match self.threads.get(&id) {
            Some(&number) => number,
            None => {
                self.room.take(2 * ENTRY + pid.len() + tid.len())?;
                self.threads.insert(id.clone(), self.moments.len());
                self.moments.push(Vec::new());
                self.moments.len() - 1
            }
        };
        self.last = Some((id, number));
        Ok(number)
    }

    fn frame(&mut self, name: &str, place: Option<Place<'_>>) -> Result<FrameId, &'static str> {
        if let Some(Place { url, line, column }) = place {
            let before = self.frames.bytes();
            let name = crate::names::without_placeholder(name);
            let function = names::javascript(name, url, line, column, &mut self.frames);
            let frame = self.frames.frame(Frame { function, tier: Tier::None, inlined: false });
            self.room.take(self.frames.bytes() - before)?;
            return Ok(frame);
        }
        if let Some(&known) = self.known.get(name) {
            return Ok(known);
        }
        let before = self.frames.bytes();
        let frame = self.frames.labelled(name);
        self.known.insert(name.to_owned(), frame);
        self.room.take(ENTRY + name.len() + self.frames.bytes() - before)?;
        Ok(frame)
    }

    /// Returns the pieces for as many threads as there are, which may all run to the last event.
    fn pieces(&self, zero_ns: i64) -> Pieces {
        let end = |moment: &Moment| match moment.does {
            Effect::Last(to_ns) => to_ns,
            Effect::Begin | Effect::End => moment.at_ns,
        };
        let last_ns = self.moments.iter().flatten().map(end).max().unwrap_or(zero_ns);
        let span_ns = u64::try_from(last_ns.saturating_sub(zero_ns)).unwrap_or(0);
        Pieces::of_file(span_ns.saturating_mul(self.moments.len() as u64))
    }

    /// Makes the profile, after the whole file was read.
    pub(super) fn finish(
        mut self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
        thread_names: &HashMap<Id, String>,
    ) -> Result<Profile, Error> {
        let mut ledger = Ledger::new("event");
        let zero_ns = self.moments.iter().flatten().map(|moment| moment.at_ns).min().unwrap_or(0);
        let pieces = self.pieces(zero_ns);
        let mut out = Profile { frames: self.frames, ..Profile::default() };
        out.warnings.extend(damage.iter().map(|damage| damage.warning(&name)));
        let timeless = "an event without a time, or with a negative duration";
        ledger.lose_somewhere(timeless, self.timeless, 0);
        ledger.lose_somewhere("a complete event (`X`) without a duration", self.endless, 0);
        ledger.lose_somewhere("an event without a known phase (`ph`)", self.phaseless, 0);
        let (mut end_us, mut total, mut used) = (0, 0, HashMap::new());
        let (mut overlaps, mut first) = (0, None);
        for (thread, number) in self.threads {
            let moments = self.moments.get_mut(number).map(std::mem::take).unwrap_or_default();
            let mut sweep = Sweep { zero_ns, total, pieces, ..Sweep::default() };
            sweep.run(slices(moments, &mut ledger), &mut out.stacks, &mut ledger);
            total += sweep.samples.total();
            end_us = end_us.max(sweep.end_us);
            let name = thread_name(&thread, thread_names);
            if sweep.overlaps > 0 {
                overlaps += sweep.overlaps;
                first = first.or(Some(name.clone()));
            }
            if !sweep.samples.is_empty() {
                let name = crate::distinct::distinct(name, &mut used);
                out.threads.push(Thread { name, samples: sweep.samples, source: 0 });
            }
        }
        if let Some(first) = first {
            let fact = TraceFact::Overlaps { events: overlaps, thread: first };
            out.warnings.push(Warning::new(name.as_str(), fact));
        }
        out.losses = ledger.close(&name);
        if out.threads.is_empty() {
            let why = "none of its events takes time";
            return Err(match damage {
                Some(damage) => damage.error(path, why),
                None => Error::NoSamples { path: path.to_owned(), why: why.to_owned() },
            });
        }
        let zero = u64::try_from(zero_ns / 1000).map_or(Zero::Unknown, Zero::Monotonic);
        out.sources.push(Source {
            name,
            producer: "trace events".to_owned(),
            end_us,
            timed: true,
            zero,
            unit: "nanoseconds".to_owned(),
            ..Source::default()
        });
        Ok(out)
    }
}

const NOT_BEGUN: &str = "an end without a beginning";
const NOT_ENDED: &str = "an event that does not end: it lasts to the last one of its thread";

/// Joins beginnings and ends. The events are ordered by their beginnings, of two with the
/// same beginning the longer first.
fn slices(mut moments: Vec<Moment>, ledger: &mut Ledger) -> Vec<Slice> {
    moments.sort_by_key(|moment| moment.at_ns);
    let last_ns = moments.iter().map(|moment| match moment.does {
        Effect::Last(to_ns) => to_ns,
        Effect::Begin | Effect::End => moment.at_ns,
    });
    let last_ns = last_ns.max().unwrap_or(0);
    let mut slices: Vec<Slice> = Vec::with_capacity(moments.len());
    // The open events as indices in `slices`, and the number of times that each frame is
    // open.
    let mut open: Vec<(usize, u32)> = Vec::new();
    let mut count: HashMap<FrameId, u32> = HashMap::new();
    // Ends at this moment whose beginning may still follow.
    let mut early: Vec<(FrameId, u32)> = Vec::new();
    let mut early_ns = i64::MIN;
    let mut lose = |reason, number: u32| ledger.lose(reason, number.into(), 0);
    for Moment { at_ns, does, frame, number } in moments {
        if at_ns != early_ns {
            early.drain(..).for_each(|(_, number)| lose(NOT_BEGUN, number));
            early_ns = at_ns;
        }
        match (does, frame) {
            (Effect::Last(to_ns), Some(frame)) => {
                slices.push(Slice { from_ns: at_ns, to_ns: to_ns.max(at_ns), frame });
            }
            (Effect::Begin, Some(frame)) => {
                if let Some(at) = early.iter().position(|(known, _)| *known == frame) {
                    // The event took no time.
                    early.remove(at);
                    continue;
                }
                open.push((slices.len(), number));
                *count.entry(frame).or_default() += 1;
                slices.push(Slice { from_ns: at_ns, to_ns: last_ns, frame });
            }
            (Effect::End, frame) => {
                let is_open = |frame| count.get(&frame).is_some_and(|count| *count > 0);
                let at = match frame {
                    Some(frame) if !is_open(frame) => None,
                    Some(frame) => open.iter().rposition(|&(at, _)| {
                        slices.get(at).is_some_and(|slice| slice.frame == frame)
                    }),
                    None => open.len().checked_sub(1),
                };
                let Some(slice) = at.and_then(|at| slices.get_mut(open.remove(at).0)) else {
                    match frame {
                        Some(frame) => early.push((frame, number)),
                        None => lose(NOT_BEGUN, number),
                    }
                    continue;
                };
                slice.to_ns = at_ns;
                if let Some(count) = count.get_mut(&slice.frame) {
                    *count -= 1;
                }
            }
            (_, None) => {}
        }
    }
    early.into_iter().for_each(|(_, number)| lose(NOT_BEGUN, number));
    open.into_iter().for_each(|(_, number)| lose(NOT_ENDED, number));
    slices.sort_by_key(|slice| (slice.from_ns, std::cmp::Reverse(slice.to_ns)));
    slices
}

/// The state of a walk over a thread's events in the order of time.
#[derive(Default)]
struct Sweep {
    zero_ns: i64,
    /// Open events and their stacks, outermost first.
    open: Vec<(Slice, StackId)>,
    /// The time up to which the durations were counted.
    now_ns: i64,
    samples: Samples,
    overlaps: u64,
    end_us: u64,
    /// The weight of the threads before.
    total: u64,
    pieces: Pieces,
    moments: u64,
}

impl Sweep {
    fn run(&mut self, slices: Vec<Slice>, stacks: &mut StackTree, ledger: &mut Ledger) {
        for slice in slices {
            self.close_until(slice.from_ns, stacks, ledger);
            self.lapse(slice.from_ns, ledger);
            let (caller, within) = match self.open.last() {
                Some((outer, stack)) => (*stack, slice.to_ns <= outer.to_ns),
                None => (StackId::ROOT, true),
            };
            self.overlaps += u64::from(!within);
            self.open.push((slice, stacks.child(caller, slice.frame)));
        }
        self.close_until(i64::MAX, stacks, ledger);
    }

    /// Ends all events that end by `until_ns`, the earliest first.
    fn close_until(&mut self, until_ns: i64, stacks: &mut StackTree, ledger: &mut Ledger) {
        loop {
            // The innermost of the events that end together is first; mostly it is the last
            // of the list.
            let nested = self.overlaps == 0;
            let earliest = match nested {
                true => self.open.len().checked_sub(1),
                false => (0..self.open.len())
                    .rev()
                    .min_by_key(|&at| self.open.get(at).map_or(i64::MAX, |(slice, _)| slice.to_ns)),
            };
            let Some(at) = earliest else { return };
            let Some(&(slice, _)) = self.open.get(at) else { return };
            if slice.to_ns > until_ns {
                return;
            }
            self.lapse(slice.to_ns, ledger);
            self.open.remove(at);
            // The events within it continue without it.
            let outer = at.checked_sub(1).and_then(|outer| self.open.get(outer));
            let mut caller = outer.map_or(StackId::ROOT, |(_, stack)| *stack);
            for (slice, stack) in self.open.iter_mut().skip(at) {
                *stack = stacks.child(caller, slice.frame);
                caller = *stack;
            }
        }
    }

    /// Adds the time until `at_ns` to the innermost open event.
    fn lapse(&mut self, at_ns: i64, ledger: &mut Ledger) {
        let from_ns = std::mem::replace(&mut self.now_ns, at_ns);
        let Some((_, stack)) = self.open.last() else { return };
        let weight = u64::try_from(at_ns.saturating_sub(from_ns)).unwrap_or(0);
        if weight == 0 {
            return;
        }
        self.moments += 1;
        let us = |ns: i64| u64::try_from(ns.saturating_sub(self.zero_ns) / 1000).unwrap_or(0);
        if (self.total + self.samples.total()).saturating_add(weight) > HEAVIEST {
            return ledger.lose(TOO_HEAVY, self.moments - 1, 1);
        }
        self.end_us = us(at_ns);
        let (stack, state) = (*stack, VmState::UNKNOWN);
        for (start, length) in self.pieces.cut(weight) {
            let time_us = us(from_ns.saturating_add_unsigned(start));
            self.samples.push_weighted(Sample { time_us, stack, state }, length);
        }
    }
}
