//! Profiles that are put together from the events of a trace.

use super::event::{Data, Event};
use crate::bursts;
use crate::cpuprofile::clock::{self, Clock, LONGEST_STEP_US};
use crate::cpuprofile::nodes::Nodes;
use crate::error::Error;
use crate::floats::Floats;
use crate::idle_part::IdlePart;
use crate::json::{self, Admission, Damage, Number, Room};
use crate::made_code;
use crate::numbers::NumberList;
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{TraceFact, Warning};
use spikeflame_profile::{
    FrameTable, Kind, Profile, Sample, Samples, Source, StackId, StackTree, Thread, VmState, Zero,
};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::path::Path;

/// The advice for a trace without profiles.
const RECORD: &str = "the trace holds no CPU profile: the category \
    `disabled-by-default-v8.cpu_profiler` was off, or came on where it starts no profiler, as by \
    Node's --trace-event-categories. In Node it must be turned on from within, by \
    require('node:trace_events').createTracing({ categories: ['disabled-by-default-v8.cpu_profiler'] \
    }).enable()";

/// The ids of a process and of a thread or profile in it.
pub(super) type Id = (String, String);

/// Bytes that a profile or a thread's name takes in addition to its texts.
const ENTRY: usize = 640;

/// The most bytes that a sample takes: its node, its time, its line, and the sample that
/// is made of them.
const SAMPLE: usize = 40;

/// The profiles of a trace.
pub(super) struct Recorder {
    frames: FrameTable,
    /// Profiles in the order of their ids, so that a file always gives the same result.
    profiles: BTreeMap<Id, RecordedProfile>,
    thread_names: HashMap<Id, String>,
    /// Samples of a profile whose id the file does not contain, because it ends too early.
    lost: u64,
    /// The number of samples in events that do not have the name of a profile.
    unnamed: u64,
    /// True when the lines that ran are wanted.
    pub(super) lines_wanted: bool,
    room: Room,
}

struct RecordedProfile {
    thread: Id,
    /// The start that the trace contains; NaN when it contains none.
    start_us: f64,
    /// The time of the event that began the profile.
    begun_us: f64,
    end_us: f64,
    nodes: Nodes,
    /// The node of each sample, by its number.
    samples: NumberList,
    deltas: Floats,
    /// The line that ran in each sample, 0 when it is not known; `None` when lines are not
    /// wanted.
    lines: Option<Vec<u32>>,
    /// The time at which each chunk was written, and the range of its samples.
    chunks: Vec<(f64, Range<usize>)>,
    /// The number of samples without a time.
    timeless: u64,
}

impl Recorder {
    pub(super) fn new(room: &Room) -> Self {
        Self {
            frames: FrameTable::default(),
            profiles: BTreeMap::new(),
            thread_names: HashMap::new(),
            lost: 0,
            unnamed: 0,
            lines_wanted: false,
            room: room.clone(),
        }
    }

    /// Returns true without any profile.
    pub(super) fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// Returns the names of threads.
    pub(super) fn thread_names(&self) -> &HashMap<Id, String> {
        &self.thread_names
    }

    pub(super) fn begin(&mut self, event: &Event) -> Admission {
        let id = (event.pid.clone(), event.id.clone());
        let (profile, _) = self.profile(id, event)?;
        let start = told(event.args.data.start_us);
        if !start.is_nan() {
            profile.start_us = start;
        }
        profile.begun_us = event.at_us.0;
        // The chunks are written by another thread.
        profile.thread = (event.pid.clone(), event.tid.clone());
        Ok(())
    }

    pub(super) fn chunk(&mut self, event: &Event) -> Admission {
        let id = (event.pid.clone(), event.id.clone());
        let room = self.room.clone();
        let (profile, frames) = self.profile(id, event)?;
        profile.take(event, frames, &room)
    }

    /// Adds a profile that is in one event.
    pub(super) fn whole(&mut self, event: &Event) -> Admission {
        // The id is made up, so that no other profile has it.
        let id = (event.pid.clone(), format!("CpuProfile {}", self.profiles.len()));
        let room = self.room.clone();
        let (profile, frames) = self.profile(id, event)?;
        profile.take(event, frames, &room)
    }

    /// Counts samples whose profile is not known.
    pub(super) fn lose(&mut self, samples: u64) {
        self.lost += samples;
    }

    /// Counts samples in an event that does not have the name of a profile.
    pub(super) fn lose_unnamed(&mut self, samples: u64) {
        self.unnamed += samples;
    }

    pub(super) fn thread_name(&mut self, event: &Event) -> Admission {
        let id = (event.pid.clone(), event.tid.clone());
        let bytes = ENTRY + id.0.len() + id.1.len() + event.args.name.len();
        self.thread_names.insert(id, event.args.name.clone());
        self.room.take(bytes)
    }

    fn profile(
        &mut self,
        id: Id,
        event: &Event,
    ) -> Result<(&mut RecordedProfile, &mut FrameTable), &'static str> {
        let Self { profiles, room, frames, lines_wanted, .. } = self;
        let profile = match profiles.entry(id) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                let thread = (event.pid.clone(), event.tid.clone());
                let texts = [&slot.key().0, &slot.key().1, &thread.0, &thread.1];
                room.take(ENTRY + texts.iter().map(|text| text.len()).sum::<usize>())?;
                slot.insert(RecordedProfile {
                    thread,
                    start_us: f64::NAN,
                    begun_us: f64::NAN,
                    end_us: f64::NAN,
                    nodes: Nodes::new(room),
                    samples: NumberList::default(),
                    deltas: Floats::default(),
                    lines: lines_wanted.then(Vec::new),
                    chunks: Vec::new(),
                    timeless: 0,
                })
            }
        };
        Ok((profile, frames))
    }

    /// Makes the profile, after the whole file was read.
    pub(super) fn finish(
        self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
    ) -> Result<Profile, Error> {
        let none = self.profiles.is_empty();
        let starts = self.profiles.values().map(|profile| profile.start());
        let zero_us = starts.filter(|start| *start >= 0.0).reduce(f64::min);
        let mut profile = Profile { frames: self.frames, ..Profile::default() };
        profile.warnings.extend(damage.iter().map(|damage| damage.warning(&name)));
        let mut ledger = Ledger::new("sample");
        ledger.lose_somewhere(json::CUT, self.lost, self.lost);
        let unnamed = "a sample in an event that does not have the name of a profile";
        ledger.lose_somewhere(unnamed, self.unnamed, self.unnamed);
        let mut of_nodes = Ledger::new("node");
        let (mut end_us, mut timeless, mut used) = (0, 0, HashMap::new());
        let (mut spread, mut idle) = (Some((0, 0)), IdlePart::default());
        let mut spans = Vec::new();
        for mut recorded in self.profiles.into_values() {
            let zero_us = zero_us.unwrap_or(0.0);
            let (stacks, frames) = (&mut profile.stacks, &mut profile.frames);
            let (all, after_us) = (recorded.samples.len(), recorded.after_us(zero_us));
            let (mut samples, clock) = recorded.place(zero_us, stacks, frames, &mut ledger);
            let length = recorded.end_us - zero_us;
            end_us = end_us.max(clock.now()).max(if length < LONGEST_STEP_US {
                length as u64
            } else {
                0
            });
            timeless += recorded.timeless;
            let wrong = clock.fact();
            let is_timed = wrong.is_none() && recorded.timeless == 0;
            let lost = all.saturating_sub(samples.len()) as u64;
            let bursts = is_timed.then(|| bursts::thin(&mut samples)).flatten();
            let facts = wrong.into_iter().chain(bursts);
            profile.warnings.extend(facts.map(|fact| Warning::new(name.as_str(), fact)));
            of_nodes.join(recorded.nodes.into_ledger());
            if !samples.is_empty() {
                let name = thread_name(&recorded.thread, &self.thread_names);
                let name = crate::distinct::distinct(name, &mut used);
                let first = samples.iter().next().map_or(0, |(sample, _)| sample.time_us);
                let last = samples.last().map_or(first, |sample| sample.time_us);
                let lasted = clock.now().saturating_sub(after_us);
                let count = samples.len() as u64 + lost;
                let add = |(us, all): (u64, u64)| (us.saturating_add(lasted), all + count);
                spread = spread.filter(|_| is_timed).map(add);
                idle.add(&samples, &profile.stacks, &profile.frames);
                spans.push((recorded.thread, first, last, name.clone()));
                profile.threads.push(Thread { name, samples, source: 0 });
            }
        }
        let samples: Vec<&Samples> = profile.threads.iter().map(|thread| &thread.samples).collect();
        let scripts = made_code::join(&mut profile.frames, &profile.stacks, &samples);
        // Each thread has its own numbers of scripts.
        let scripts = scripts.filter(|_| samples.len() == 1);
        profile.warnings.extend(scripts.map(|fact| Warning::new(name.as_str(), fact)));
        let timeless = (timeless > 0).then_some(TraceFact::NoTimes { samples: timeless });
        let facts = twice(spans).into_iter().chain(timeless);
        profile.warnings.extend(facts.map(|fact| Warning::new(name.as_str(), fact)));
        of_nodes.join(ledger);
        profile.losses.extend(of_nodes.close(&name));
        if profile.threads.is_empty() {
            let why = if none { RECORD } else { "its profiles were stopped before the first one" };
            return Err(match damage {
                Some(damage) => damage.error(path, why),
                None => Error::NoSamples { path: path.to_owned(), why: why.to_owned() },
            });
        }
        profile.sources.push(Source {
            name,
            producer: "Chrome trace".to_owned(),
            spread,
            idle_spread: spread.and_then(|(us, _)| idle.of(us)),
            end_us,
            timed: true,
            zero: zero_us.map_or(Zero::Unknown, |zero| Zero::Monotonic(zero as u64)),
            unit: "samples".to_owned(),
            ..Source::default()
        });
        Ok(profile)
    }
}

/// Returns the start of a profile, or NaN when it is not known. Some programs that put a CPU profile
/// into a trace of their own write 0 into its first event, and the real start into a later one.
fn told(Number(start): Number) -> f64 {
    if start == 0.0 { f64::NAN } else { start }
}

/// Returns a fact when two profiles recorded one thread at the same time. Each entry of
/// `spans` is a profile's thread, its first and last time, and its name.
fn twice(mut spans: Vec<(Id, u64, u64, String)>) -> Option<TraceFact> {
    spans.sort();
    let mut twice: Vec<&str> = Vec::new();
    let mut before: Option<(&Id, u64)> = None;
    for (thread, first, last, profile) in &spans {
        let until = before.filter(|(id, _)| *id == thread).map(|(_, until)| until);
        if until.is_some_and(|until| *first < until) {
            twice.push(profile);
        }
        before = Some((thread, until.map_or(*last, |until| until.max(*last))));
    }
    let thread = (*twice.first()?).to_owned();
    Some(TraceFact::Twice { profiles: twice.len() as u64, thread })
}

impl RecordedProfile {
    /// Adds the nodes, samples and times of an event.
    fn take(&mut self, event: &Event, frames: &mut FrameTable, room: &Room) -> Admission {
        let Data { chunk, start_us, end_us } = &event.args.data;
        for node in &chunk.nodes {
            self.nodes.take(node, frames)?;
        }
        room.take(size_of::<(f64, Range<usize>)>() + chunk.samples.len() * SAMPLE)?;
        let first = self.samples.len();
        self.samples.extend(chunk.samples.iter().map(|&id| self.nodes.number(id)));
        self.deltas.extend(chunk.deltas.iter().copied().take(chunk.samples.len()));
        let timeless = self.samples.len() - self.deltas.len();
        self.timeless += timeless as u64;
        self.deltas.fill(self.samples.len());
        if let Some(lines) = &mut self.lines {
            lines.resize(first, 0);
            lines.extend(chunk.lines.iter().copied().take(chunk.samples.len()));
        }
        self.chunks.push((event.at_us.0, first..self.samples.len()));
        for start in [*start_us, chunk.start_us] {
            if self.start_us.is_nan() {
                self.start_us = told(start);
            }
        }
        self.end_us = self.end_us.max(end_us.0).max(chunk.end_us.0);
        self.nodes.hold()
    }

    /// Returns the start of the profile, when the trace contains it.
    fn start(&self) -> f64 {
        let first = self.chunks.first().map_or(f64::NAN, |(at, _)| *at);
        let starts = [self.start_us, self.begun_us, first];
        starts.into_iter().find(|start| !start.is_nan()).unwrap_or(f64::NAN)
    }

    /// Returns the microseconds from `zero_us` to the start of the profile.
    fn after_us(&self, zero_us: f64) -> u64 {
        Clock::at(self.start() - zero_us).now()
    }

    /// Gives every sample its stack and time.
    fn place(
        &mut self,
        zero_us: f64,
        stacks: &mut StackTree,
        frames: &mut FrameTable,
        ledger: &mut Ledger,
    ) -> (Samples, Clock) {
        self.nodes.settle(stacks, frames);
        // The chunks of a trace are not ordered by time.
        self.chunks.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let mut clock = Clock::at(self.start() - zero_us);
        let mut samples = Samples::default();
        let of_nodes = self.nodes.all_stacks();
        let (mut nodes, mut deltas) = (Vec::new(), Vec::new());
        for (_, range) in &self.chunks {
            let mut placed = 0;
            if self.lines.is_none() {
                self.samples.copy(range.clone(), &mut nodes);
                self.deltas.copy(range.clone(), &mut deltas);
                let ids = nodes.iter().copied();
                samples.extend(clock::placed(ids, &deltas, &of_nodes, &mut clock, &mut placed));
            }
            for at in range.clone().skip(placed) {
                let (Some(node), Some(delta)) = (self.samples.get(at), self.deltas.amount(at))
                else {
                    continue;
                };
                let time_us = clock.step_by(delta);
                match self.nodes.stack(node) {
                    Ok(stack) => {
                        let line = self.lines.as_ref().and_then(|lines| lines.get(at));
                        let stack =
                            line.map_or(stack, |&line| at_line(stack, line, frames, stacks));
                        samples.push(Sample { time_us, stack, state: VmState::UNKNOWN });
                    }
                    Err(reason) => ledger.lose(reason, at as u64, 1),
                }
            }
        }
        if !clock.is_steady() {
            samples.sort();
        }
        (samples, clock)
    }
}

/// Returns the stack whose innermost function is in a line, when that can be its own line. See
/// [`crate::cpuprofile`] for the lines of inlined functions.
fn at_line(stack: StackId, line: u32, frames: &mut FrameTable, stacks: &mut StackTree) -> StackId {
    let Some((caller, frame)) = stacks.get(stack) else { return stack };
    let first = frames.get_function(frames.get(frame).function).line.max(1);
    if line < first || frames.kind(frame) != Kind::Js {
        return stack;
    }
    stacks.child(caller, frames.at_line(frame, line))
}

/// Returns a name such as `CrRendererMain 4242`, or the ids of the process and thread.
pub(super) fn thread_name(thread: &Id, names: &HashMap<Id, String>) -> String {
    let (pid, tid) = thread;
    match names.get(thread) {
        Some(name) if !name.is_empty() => format!("{name} {pid}"),
        _ => format!("thread {pid}/{tid}"),
    }
}
