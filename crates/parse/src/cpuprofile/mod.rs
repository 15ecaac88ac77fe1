//! `.cpuprofile`: CPU profiles of `node --cpu-prof`, of DevTools and of old profiler
//! packages.
//!
//! The format is `Profiler.Profile` of the DevTools protocol: `nodes` with `children` ids
//! (or `parent` ids, as in traces), `samples` and `timeDeltas`. Before 2016 it was one
//! nested `head` with lines from 1, `startTime` in seconds, and `timestamps`. Still older
//! files have only each node's `hitCount`.
//!
//! Memory: about 128 bytes a node and 36 bytes a sample, in addition to the distinct names;
//! all of it within [`Room`].

mod bun;
pub(crate) mod clock;
pub(crate) mod file_name;
mod gaps;
mod lines;
mod list;
mod lost_ids;
mod nested;
pub(crate) mod nodes;
mod script_files;

use self::clock::{Clock, LONGEST_STEP_US};
use self::list::NodeList;
use self::nested::Head;
use self::nodes::{Nodes, RawNode, Ticks};
use crate::bursts;
use crate::error::Error;
use crate::extras::Totals;
use crate::floats::Floats;
use crate::idle_part::IdlePart;
use crate::json::{
    self, Amount, Damage, LenientObject, Number, Object, Room, StrictObject, each, runs, skip,
};
use crate::made_code;
use crate::numbers::NumberList;
use crate::options::Options;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use serde::de::MapAccess;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{CpuProfileFact, Fact, Warning};
use spikeflame_profile::{
    FrameTable, Profile, Sample, Samples, Source, StackId, StackTree, Thread, VmState, Zero,
};
use std::io::Read;
use std::path::Path;
use std::thread;

/// The stack in bytes: 16 KiB for each of [`nested::DEEPEST`](self::nested::DEEPEST) calls,
/// which need less than 2 KiB. The system reserves only the part that is used.
const STACK: usize = 64 << 20;

/// Reads a profile of one thread.
pub(crate) fn read(
    input: impl Read + Send,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let parse = || {
        let mut reader = Reader::new(&Room::new(&options.progress), options.lines);
        let damage = json::read(input, path, true, StrictObject(&mut reader))?;
        reader.finish(path, name, damage)
    };
    // The nested layout needs a stack of known size, so it is read in a thread of its own.
    let result = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    result.unwrap_or_else(|source| Err(Error::Io { path: path.to_owned(), source }))
}

/// The most bytes that a sample takes: the number of its node, and two copies of the sample
/// while samples are ordered.
const SAMPLE: usize = 36;

/// The parts of a profile that were read so far.
struct Reader {
    frames: FrameTable,
    stacks: StackTree,
    nodes: Nodes,
    /// True after all nodes were read.
    whole: bool,
    /// True for the old layout with one nested `head`.
    nested: bool,
    /// The node of each sample, by its number.
    samples: NumberList,
    /// True within the array of samples.
    sampling: bool,
    /// Steps between samples that came before the nodes or the samples.
    early: Floats,
    /// The number of samples of `samples` that have been placed.
    placed: usize,
    /// The number of steps that belong to no sample.
    surplus: u64,
    clock: Clock,
    out: Samples,
    /// The first and the last of `timestamps`.
    stamps: Option<(f64, f64)>,
    start: Number,
    end: Number,
    totals: Totals,
    ledger: Ledger,
    /// The number of objects around the current one.
    wraps: u8,
    /// True when the lines that ran are wanted.
    lines: bool,
    room: Room,
}

impl Object for Reader {
    const OBJECT: &'static str = "a CPU profile";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "nodes" => {
                let Self { nodes, frames, .. } = self;
                if self.lines {
                    let take = |node: RawNode<Ticks>| nodes.take_with_lines(&node, frames);
                    map.next_value_seed(each(take))?;
                } else {
                    map.next_value_seed(NodeList { nodes, frames })?;
                }
                self.whole = true;
            }
            "head" => {
                self.nested = true;
                let Self { nodes, frames, .. } = self;
                map.next_value_seed(Head { nodes, frames, parent: None, depth: 1 })?;
                self.whole = true;
            }
            "samples" => {
                let Self { nodes, samples, room, .. } = self;
                self.sampling = true;
                map.next_value_seed(runs(|ids| {
                    samples.extend(ids.iter().map(|&id| nodes.number(id)));
                    nodes.hold()?;
                    room.take(ids.len() * SAMPLE)
                }))?;
                self.sampling = false;
            }
            "timeDeltas" if self.whole && !self.samples.is_empty() => {
                self.nodes.settle(&mut self.stacks, &mut self.frames);
                let stacks = self.nodes.all_stacks();
                map.next_value_seed(runs(|deltas| {
                    self.place_all(deltas, &stacks);
                    Ok(())
                }))?;
            }
            "timeDeltas" => {
                map.next_value_seed(runs(|deltas| {
                    deltas.iter().for_each(|&delta| self.early.push_amount(delta));
                    self.room.take(size_of_val(deltas))
                }))?;
            }
            "timestamps" => {
                let Self { early, stamps, room, .. } = self;
                map.next_value_seed(each(|Number(stamp)| {
                    let (first, last) = stamps.unwrap_or((stamp, stamp));
                    early.push(stamp - last);
                    *stamps = Some((first, if stamp.is_nan() { last } else { stamp }));
                    room.take(size_of::<f64>())
                }))?;
            }
            "startTime" => self.start = map.next_value()?,
            "endTime" => self.end = map.next_value()?,
            "spikeflame" => map.next_value_seed(StrictObject(&mut self.totals))?,
            // The file may be a raw reply of the inspector: `{"result":{"profile":{...}}}`.
            "result" | "params" | "profile" if self.wraps < 2 => {
                self.wraps += 1;
                map.next_value_seed(LenientObject(self))?;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The years 2000 and 2100 in microseconds of Unix time.
const WALL_2000: f64 = 946_684_800e6;
const WALL_2100: f64 = 4_102_444_800e6;

/// Returns the time that the samples cover, in microseconds.
///
/// When the recorder's buffer was full, samples stop long before the end. That is assumed
/// when a tenth of the time and a hundred usual gaps are missing, and when the nodes
/// counted more samples than there are (if they have counts).
fn recorded(span_us: u64, last_us: u64, samples: u64, hits: u64) -> u64 {
    let missing = span_us.saturating_sub(last_us);
    let usual = last_us / samples.max(1);
    let counted_more = hits == 0 || hits > samples * 21 / 20 + 20;
    let is_cut =
        counted_more && missing > span_us / 10 && missing > 100 * usual.max(1) && missing > 100_000;
    if is_cut { last_us } else { span_us }
}

impl Reader {
    fn new(room: &Room, lines: bool) -> Self {
        Self {
            frames: FrameTable::default(),
            stacks: StackTree::default(),
            nodes: Nodes::new(room),
            whole: false,
            nested: false,
            samples: NumberList::default(),
            sampling: false,
            early: Floats::default(),
            placed: 0,
            surplus: 0,
            clock: Clock::default(),
            out: Samples::default(),
            stamps: None,
            start: Number::default(),
            end: Number::default(),
            totals: Totals { room: room.clone(), ..Totals::default() },
            ledger: Ledger::new("sample"),
            wraps: 0,
            lines,
            room: room.clone(),
        }
    }

    /// Places the next samples, each a step after the last. `stacks` has the stack of each node.
    fn place_all(&mut self, deltas: &[Amount], stacks: &[Option<StackId>]) {
        let Self { samples, placed, clock, out, .. } = self;
        let before = *placed;
        match samples {
            NumberList::Short(list) => {
                let ids = list.get(before..).unwrap_or_default().iter().map(|&id| id.into());
                out.extend(clock::placed(ids, deltas, stacks, clock, placed));
            }
            NumberList::Long(list) => {
                let ids = list.get(before..).unwrap_or_default().iter().copied();
                out.extend(clock::placed(ids, deltas, stacks, clock, placed));
            }
        }
        let rest = deltas.get(self.placed - before..).unwrap_or_default();
        rest.iter().for_each(|&delta| self.place(delta));
    }

    /// Places the next sample `delta_us` microseconds after the last.
    #[inline]
    fn place(&mut self, delta_us: Amount) {
        let Some(node) = self.samples.get(self.placed) else {
            self.surplus += 1;
            return;
        };
        let time_us = self.clock.step_by(delta_us);
        match self.nodes.stack(node) {
            Ok(stack) => self.out.push(Sample { time_us, stack, state: VmState::UNKNOWN }),
            Err(reason) => self.ledger.lose(reason, self.placed as u64, 1),
        }
        self.placed += 1;
    }

    fn finish(
        mut self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
    ) -> Result<Profile, Error> {
        let mut facts: Vec<Fact> = damage.iter().map(Damage::fact).collect();
        if self.sampling {
            facts.extend(self.without_all_samples().map(Fact::CpuProfile));
        }
        self.nodes.settle(&mut self.stacks, &mut self.frames);
        let early = std::mem::take(&mut self.early);
        for delta in (0..early.len()).map_while(|at| early.amount(at)) {
            self.place(delta);
        }
        drop(early);
        facts.extend(self.clock.fact().map(Fact::CpuProfile));
        let timed = self.placed > 0 && self.placed == self.samples.len();
        let (times, all) = (self.placed as u64 + self.surplus, self.samples.len());
        if times > 0 && times != all as u64 {
            facts.push(CpuProfileFact::NumberOfTimes { times, samples: all as u64 }.into());
        }
        while self.placed < all {
            self.place(Amount::Natural(0));
        }
        if self.samples.is_empty() && self.whole {
            self.take_hits();
        }
        self.weigh();
        self.samples = NumberList::default();
        if !self.clock.is_steady() {
            self.out.sort();
        }
        let (placed, lost) = (self.out.len() as u64, all.saturating_sub(self.out.len()) as u64);
        if timed && self.clock.fact().is_none() && self.totals.producer.is_none() {
            facts.extend(bursts::thin(&mut self.out).map(Fact::CpuProfile));
        }
        let lines_are_sums = self.lines && {
            let ticks = self.nodes.lines();
            lines::spread(&ticks, &mut self.out, &mut self.frames, &mut self.stacks)
        };
        if self.out.total() == 0 {
            return Err(self.nothing(path, damage));
        }
        facts.extend(made_code::join(&mut self.frames, &self.stacks, &[&self.out]));
        let last = self.out.last().map_or(0, |sample| sample.time_us);
        let (zero, span_us) = self.span();
        let is_bun = matches!(zero, Zero::Wall(_)) && self.totals.producer.is_none();
        let gaps = gaps::fact(&self.out, &self.stacks, &self.frames, !is_bun);
        facts.extend(gaps.map(Fact::CpuProfile));
        if is_bun {
            bun::name_constructors(&mut self.frames);
            bun::name_expressions(&mut self.frames);
            bun::join_bodies(&mut self.frames, &self.stacks);
        }
        let hits = self.nodes.hits().0.fold(0u64, |sum, (_, hits)| sum.saturating_add(hits));
        // A step back in place of one forward makes the samples end early by twice its length: then
        // the times are wrong, and nothing is missing.
        let back = self.clock.back_us().saturating_mul(2);
        let end_us = if timed { recorded(span_us, last, placed, hits) } else { span_us };
        let end_us = if span_us - end_us > back { end_us } else { span_us };
        if end_us < span_us {
            let (samples_us, profile_us) = (end_us, span_us);
            facts.push(CpuProfileFact::EndsEarly { samples_us, profile_us }.into());
        }
        let end_us = if timed { end_us.max(last) } else { 0 };
        let is_of_v8 = !is_bun && self.totals.producer.is_none();
        let is_spread = timed && is_of_v8 && self.clock.fact().is_none();
        let mut idle = IdlePart::default();
        if is_spread {
            idle.add(&self.out, &self.stacks, &self.frames);
        }
        let producer = match self.totals.producer {
            Some(producer) => format!("cpuprofile of {producer}"),
            None => "cpuprofile".to_owned(),
        };
        let thread = name.strip_suffix(".cpuprofile").unwrap_or(&name).to_owned();
        self.ledger.join(self.nodes.into_ledger());
        let losses = self.ledger.close(&name);
        let warnings = facts.into_iter().map(|fact| Warning::new(name.as_str(), fact)).collect();
        Ok(Profile {
            sources: vec![Source {
                name,
                producer,
                interval_us: self.totals.interval_us,
                spread: is_spread.then(|| (end_us, self.out.len() as u64 + lost)),
                idle_spread: idle.of(end_us),
                end_us,
                timed,
                zero,
                lines_are_sums,
                unit: self.totals.unit.unwrap_or_else(|| "samples".to_owned()),
                ..Source::default()
            }],
            frames: self.frames,
            stacks: self.stacks,
            threads: vec![Thread { name: thread, samples: self.out, source: 0 }],
            losses,
            warnings,
            ..Profile::default()
        })
    }

    /// Handles a file that ends among the samples: the counts of the nodes are then used
    /// when they are more complete.
    fn without_all_samples(&mut self) -> Option<CpuProfileFact> {
        let (hits, _) = self.nodes.hits();
        let hits = hits.fold(0u64, |sum, (_, hits)| sum.saturating_add(hits));
        if self.whole && hits >= self.samples.len() as u64 {
            self.samples = NumberList::default();
            return Some(CpuProfileFact::NodeCounts);
        }
        // The last id may be incomplete.
        if self.samples.pop().is_some() {
            self.ledger.lose(json::CUT, self.samples.len() as u64, 1);
        }
        None
    }

    /// Returns the zero of the times, and the length of the profile in microseconds.
    fn span(&self) -> (Zero, u64) {
        let unit = if self.nested { 1e6 } else { 1.0 };
        let (mut start, mut end) = (self.start.0 * unit, self.end.0 * unit);
        if let Some((first, last)) = self.stamps {
            (start, end) = (first, end.max(last));
        }
        let zero = match start {
            // Bun writes wall-clock times; V8's clock starts when the machine does.
            WALL_2000..WALL_2100 => Zero::Wall(start as u64),
            0.0.. => Zero::Monotonic(start as u64),
            _ => Zero::Unknown,
        };
        let length = end - start;
        (zero, if length < LONGEST_STEP_US { length as u64 } else { 0 })
    }

    /// Uses the counts of nodes as samples when the file has no samples.
    fn take_hits(&mut self) {
        let (hits, twice) = self.nodes.hits();
        for (node, hits) in hits {
            let heavy = self.out.total().saturating_add(hits) > HEAVIEST;
            match self.nodes.stack(node) {
                Ok(_) if heavy => self.ledger.lose_somewhere(TOO_HEAVY, 1, 1),
                Ok(stack) => {
                    let sample = Sample { time_us: 0, stack, state: VmState::UNKNOWN };
                    self.out.push_weighted(sample, hits);
                }
                Err(reason) => {
                    let hits = hits.min(HEAVIEST);
                    self.ledger.lose_somewhere(reason, hits, hits);
                }
            }
        }
        let twice = twice.min(HEAVIEST);
        self.ledger.lose_somewhere("a sample of a node with the id of another", twice, twice);
    }

    /// Gives samples the weights that our own export contains.
    fn weigh(&mut self) {
        if self.totals.weights.is_empty() {
            return;
        }
        let samples = std::mem::take(&mut self.out);
        let placed = self.samples.iter().enumerate();
        let placed = placed.filter(|(_, node)| self.nodes.stack(*node).is_ok());
        for ((sample, _), (at, _)) in samples.iter().zip(placed) {
            let weight = self.totals.weights.get(at).copied().unwrap_or(1);
            if self.out.total().saturating_add(weight) > HEAVIEST {
                self.ledger.lose(TOO_HEAVY, at as u64, 1);
            } else {
                self.out.push_weighted(sample, weight);
            }
        }
    }

    /// Returns the error for a file without samples.
    fn nothing(self, path: &Path, damage: Option<Damage>) -> Error {
        let instead = "expected nodes and samples, as `node --cpu-prof` writes them; record anew";
        if let Some(damage) = damage {
            return damage.error(path, instead);
        }
        match self.ledger.close("").first() {
            Some(loss) => Error::Damaged {
                path: path.to_owned(),
                at: loss.place().unwrap_or_else(|| "nodes".to_owned()),
                expected: format!("{}, and so is every other; {instead}", loss.reason),
            },
            None => {
                let why = match self.whole {
                    true => "the profile was stopped before the first one",
                    false => instead,
                };
                Error::NoSamples { path: path.to_owned(), why: why.to_owned() }
            }
        }
    }
}
