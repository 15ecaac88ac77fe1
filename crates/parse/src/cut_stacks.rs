//! Stacks from which the recorder cut the outermost frames.
//!
//! V8, perf and others keep the innermost frames of a stack up to a limit. A cut stack has no mark: it looks
//! as if its outermost frame had been called by nobody. A frame is put above such stacks, so that this
//! function does not look like the beginning of a thread.

use crate::sniff::format::Format;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{
    Frame, FrameId, FunctionId, Kind, Profile, Sample, StackId, StackTree, Tier,
};

/// The name of the frame above a stack of which the outermost frames are missing.
const CUT_OFF: &str = "(callers cut off)";

/// V8 records at most this many frames of a stack (`TickSample::kMaxFramesCount`). Inlined functions
/// and the native function at the innermost end come on top.
const MOST_OF_V8: u16 = 255;

/// perf and programs in the kernel record at most this many frames of a stack, unless the user chooses
/// another number (`kernel.perf_event_max_stack`, `--max-stack`).
const MOST_OF_PERF: u16 = 127;

/// The smallest part of the samples that is worth a warning at a known limit: one in this many.
const WORTH: u64 = 100;

/// The smallest part of the samples that shows a limit that is not known: one in this many.
const SHOWS: u64 = 20;

/// The fewest samples that show a limit that is not known.
const LEAST_SAMPLES: u64 = 20;

/// The smallest limit of a recorder: the shortest record of branches (LBR) of a processor has 8.
const SMALLEST: u16 = 8;

/// The most frames that a recorder keeps of a stack.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    V8,
    /// perf's own, or another number that the user chose.
    Perf,
    /// No number is known.
    Other,
}

impl Limit {
    /// Returns the recorder's own limit, and the most frames that a stack has with it.
    fn known(self) -> Option<(u16, u16)> {
        match self {
            // V8 adds a native function.
            Self::V8 => Some((MOST_OF_V8, MOST_OF_V8 + 1)),
            Self::Perf => Some((MOST_OF_PERF, MOST_OF_PERF)),
            Self::Other => None,
        }
    }
}

/// Marks the cut stacks of a recording of V8, or of other formats whose recorders have limits. Returns a
/// warning about them.
pub(crate) fn of_format(profile: &mut Profile, format: Format, name: &str) -> Option<Warning> {
    let limit = match format {
        Format::V8Log | Format::CpuProfile => Limit::V8,
        Format::Pprof | Format::Otlp | Format::OtlpJson => Limit::Other,
        _ => return None,
    };
    mark(profile, limit, &[]).map(|fact| Warning::new(name, fact))
}

/// Puts a frame above the stacks of which the outermost frames are missing, and returns a fact about them.
/// `merged` has, for each stack, the number of frames that were recorded and became part of others.
pub(crate) fn mark(profile: &mut Profile, limit: Limit, merged: &[u16]) -> Option<Fact> {
    let least = match limit {
        Limit::V8 => MOST_OF_V8,
        Limit::Perf | Limit::Other => SMALLEST,
    };
    // Nearly all recordings of V8 end here: looking up each frame would cost more.
    if depths(&profile.stacks, merged, |_| true).iter().all(|depth| *depth < least) {
        return None;
    }
    let frames = &profile.frames;
    let counted = |frame| !frames.get(frame).inlined;
    let whole = depths(&profile.stacks, merged, counted);
    let find = || {
        let stacks = Sampled::new(profile, &whole, limit)?;
        stacks.known(limit).or_else(|| stacks.unknown(limit, &whole, profile))
    };
    let cut = find().or_else(|| {
        // The kernel's part of a stack may have a limit of its own, or none (LBR).
        let counted = |frame| counted(frame) && frames.kind(frame) != Kind::Kernel;
        let user = depths(&profile.stacks, merged, counted);
        Sampled::new(profile, &user, limit)?.unknown(limit, &user, profile)
    })?;
    let fact = Fact::CutStacks {
        frames: cut.frames,
        cut: cut.weight,
        all: profile.total(),
        by_perf: matches!(limit, Limit::Perf),
    };
    put_below(&cut.stacks, profile);
    Some(fact)
}

/// The stacks that lack their outermost frames.
struct Cut {
    frames: u16,
    weight: u64,
    stacks: HashSet<StackId>,
}

/// A stack of samples.
#[derive(Clone, Copy)]
struct Seen {
    stack: StackId,
    depth: u16,
    outermost: FunctionId,
    weight: u64,
    samples: u64,
}

/// The stacks of the samples.
struct Sampled {
    list: Vec<Seen>,
    /// The function of a frame that stands for missing ones already, in an export of ours.
    stands_for_cut: Option<FunctionId>,
    longest: u16,
    all: u64,
}

impl Sampled {
    /// Returns the stacks of the samples. Returns `None` when there is no limit at which enough samples have
    /// as many frames.
    fn new(profile: &Profile, depths: &[u16], limit: Limit) -> Option<Self> {
        let all = profile.total();
        let samples = || profile.threads.iter().flat_map(|thread| thread.samples.iter());
        let depth_of = |stack: StackId| depths.get(stack.index()).copied().unwrap_or_default();
        let longest = samples().map(|(sample, _)| depth_of(sample.stack)).max()?;
        let weigh = |least: u16| -> u64 {
            let long = samples().filter(|(sample, _)| depth_of(sample.stack) >= least);
            long.map(|(_, weight)| weight).fold(0, u64::saturating_add)
        };
        let (known, _) = limit.known().unwrap_or_default();
        if weigh(longest) < all.div_ceil(SHOWS)
            && (known == 0 || weigh(known) < all.div_ceil(WORTH))
        {
            return None;
        }
        let mut list: Vec<Seen> = Vec::new();
        // The place of each stack in the list, from 1, and the function that each stack begins with.
        let mut places = vec![0u32; profile.stacks.len()];
        let mut outermost: Vec<Option<FunctionId>> = vec![None; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let above = outermost.get(parent.index()).copied().flatten();
            let function = above.unwrap_or_else(|| profile.frames.get(frame).function);
            if let Some(slot) = outermost.get_mut(stack.index()) {
                *slot = Some(function);
            }
        }
        for (Sample { stack, .. }, weight) in samples() {
            let at = stack.index();
            let Some(&Some(outermost)) = outermost.get(at) else { continue };
            let Some(place) = places.get_mut(at) else { continue };
            if *place == 0 {
                let depth = depth_of(stack);
                list.push(Seen { stack, depth, outermost, weight: 0, samples: 0 });
                *place = list.len() as u32;
            }
            if let Some(seen) = list.get_mut(*place as usize - 1) {
                seen.weight = seen.weight.saturating_add(weight);
                seen.samples += 1;
            }
        }
        let strings = profile.frames.strings();
        let mut functions = profile.frames.functions();
        let own = functions.find(|(_, function)| strings.get(function.name) == CUT_OFF);
        let stands_for_cut = own.map(|(id, _)| id);
        Some(Self { list, stands_for_cut, longest, all })
    }

    /// Returns the stacks at the limit that the recorder has when the user chooses none.
    fn known(&self, limit: Limit) -> Option<Cut> {
        let (frames, longest) = limit.known()?;
        // A longer stack shows that the recorder had another limit.
        if self.longest < frames || self.longest > longest {
            return None;
        }
        let cut = self.cut_at(frames, |_| true);
        (cut.weight >= self.all.div_ceil(WORTH)).then_some(cut)
    }

    /// Returns the stacks at a limit that only the stacks show: many have as many frames as the longest, and
    /// begin with functions that have callers in other stacks.
    fn unknown(&self, limit: Limit, depths: &[u16], profile: &Profile) -> Option<Cut> {
        if matches!(limit, Limit::V8) || self.longest < SMALLEST {
            return None;
        }
        let long = self.list.iter().filter(|seen| seen.depth == self.longest);
        let weight: u64 = long.map(|seen| seen.weight).sum();
        if weight < self.all.div_ceil(SHOWS) {
            return None;
        }
        let inner = profile.stacks.nodes().filter(|(_, parent, _)| *parent != StackId::ROOT);
        let called: HashSet<FunctionId> = inner
            .filter(|(stack, ..)| depths.get(stack.index()).is_some_and(|&depth| depth > 1))
            .map(|(.., frame)| profile.frames.get(frame))
            .filter(|frame| !frame.inlined)
            .map(|frame| frame.function)
            .collect();
        let cut = self.cut_at(self.longest, |function| called.contains(&function));
        let seen = || self.list.iter().filter(|seen| cut.stacks.contains(&seen.stack));
        let functions: HashSet<FunctionId> = seen().map(|seen| seen.outermost).collect();
        let samples: u64 = seen().map(|seen| seen.samples).sum();
        let shows = cut.weight >= self.all.div_ceil(SHOWS)
            && functions.len() > 1
            && samples >= LEAST_SAMPLES;
        shows.then_some(cut)
    }

    /// Returns the stacks with so many frames, if no shorter one begins with their outermost function, and if
    /// `may_be` is true for it.
    fn cut_at(&self, frames: u16, may_be: impl Fn(FunctionId) -> bool) -> Cut {
        let shorter = self.list.iter().filter(|seen| seen.depth < frames);
        let begins: HashSet<FunctionId> = shorter.map(|seen| seen.outermost).collect();
        let mut cut = Cut { frames, weight: 0, stacks: HashSet::new() };
        for seen in &self.list {
            let is_marked = self.stands_for_cut == Some(seen.outermost);
            let has_begun = is_marked || begins.contains(&seen.outermost);
            if seen.depth >= frames && !has_begun && may_be(seen.outermost) {
                cut.weight += seen.weight;
                cut.stacks.insert(seen.stack);
            }
        }
        cut
    }
}

/// Puts these stacks below a frame that stands for the missing ones.
fn put_below(cut: &HashSet<StackId>, profile: &mut Profile) {
    let Profile { frames, stacks, threads, .. } = profile;
    let function = frames.named(CUT_OFF, Kind::Native);
    let frame = frames.frame(Frame { function, tier: Tier::None, inlined: false });
    let top = stacks.child(StackId::ROOT, frame);
    let mut moved: HashMap<StackId, StackId> = HashMap::new();
    for thread in threads {
        thread.samples.map_stacks(|stack| match cut.contains(&stack) {
            true => *moved.entry(stack).or_insert_with(|| below(top, stack, stacks)),
            false => stack,
        });
    }
}

/// Returns the stack with the frames of `stack` below `top`.
fn below(top: StackId, stack: StackId, stacks: &mut StackTree) -> StackId {
    let path: Vec<FrameId> = stacks.frames(stack).collect();
    path.iter().rev().fold(top, |stack, &frame| stacks.child(stack, frame))
}

/// Returns the number of frames of each stack for which `counts` is true, with those that became part of
/// others.
fn depths(stacks: &StackTree, merged: &[u16], counts: impl Fn(FrameId) -> bool) -> Vec<u16> {
    let mut depths = Vec::with_capacity(stacks.len());
    depths.push(0u16);
    for (_, parent, frame) in stacks.nodes() {
        let outer = depths.get(parent.index()).copied().unwrap_or_default();
        depths.push(outer.saturating_add(u16::from(counts(frame))));
    }
    for (depth, merged) in depths.iter_mut().zip(merged) {
        *depth = depth.saturating_add(*merged);
    }
    depths
}
