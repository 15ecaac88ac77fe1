//! The decisions of a selection, made once for each frame and each stack of a profile.

use crate::frame::{FrameId, FrameTable, Function, Kind, Tier};
use crate::label::write_label;
use crate::profile::{Profile, Thread};
use crate::samples::Sample;
use crate::selection::{Idle, Inlining, LeftOutWeights, Selection};

const FOCUSED: u8 = 1;
const IGNORED: u8 = 2;
const HIDDEN: u8 = 4;
const IDLE: u8 = 8;
const NAMELESS: u8 = 16;

/// A selection, applied to the frames and stacks of one profile.
pub(crate) struct Sieve<'a> {
    selection: &'a Selection,
    frames: &'a FrameTable,
    /// Bits of each frame.
    of_frame: Vec<u8>,
    /// Bits of each stack: the bits of all its frames, and whether it is idle.
    of_stack: Vec<u8>,
}

impl<'a> Sieve<'a> {
    pub(crate) fn new(profile: &'a Profile, selection: &'a Selection) -> Self {
        let of_frame = frame_bits(&profile.frames, selection);
        let mut of_stack = vec![0u8; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let above = of_stack.get(parent.index()).copied().unwrap_or(0) & !IDLE;
            let own = of_frame.get(frame.index()).copied().unwrap_or(0);
            let idle = if profile.frames.kind(frame) == Kind::Idle { IDLE } else { 0 };
            if let Some(bits) = of_stack.get_mut(stack.index()) {
                *bits = above | own | idle;
            }
        }
        Self { selection, frames: &profile.frames, of_frame, of_stack }
    }

    /// Calls `each` with every sample that is kept, its thread's index and its weight.
    /// Returns the weights that were left out.
    pub(crate) fn visit(
        &self,
        profile: &Profile,
        mut each: impl FnMut(usize, &Sample, u64),
    ) -> LeftOutWeights {
        let mut out = LeftOutWeights::default();
        for (number, thread) in profile.threads.iter().enumerate() {
            if !self.takes_thread(thread, &mut out) {
                continue;
            }
            // This is much faster than a loop, because each chunk of samples is a loop of its own.
            thread.samples.iter().for_each(|(sample, weight)| {
                if self.takes(&sample, weight, &mut out) {
                    each(number, &sample, weight);
                }
            });
        }
        out
    }

    /// Adds the weight of the samples that are kept to `weights`, by stack. Returns the weights that
    /// were left out. A selection with a window decides by sample: it gives `None`, and nothing is added.
    pub(crate) fn weigh_all(
        &self,
        profile: &Profile,
        weights: &mut [u64],
    ) -> Option<LeftOutWeights> {
        if self.selection.has_window() {
            return None;
        }
        let mut out = LeftOutWeights::default();
        for thread in &profile.threads {
            if self.takes_thread(thread, &mut out) {
                thread.samples.add_weights(weights);
            }
        }
        for (weight, &bits) in weights.iter_mut().zip(&self.of_stack).filter(|(sum, _)| **sum > 0) {
            if let Some(slot) = self.left_out(bits, &mut out) {
                *slot += *weight;
                *weight = 0;
            }
        }
        Some(out)
    }

    /// Returns true when the thread's samples are kept; otherwise adds their weight to
    /// `out`.
    pub(crate) fn takes_thread(&self, thread: &Thread, out: &mut LeftOutWeights) -> bool {
        let wanted = &self.selection.thread;
        let takes = wanted.as_ref().is_none_or(|regex| regex.is_match(&thread.name));
        if !takes {
            out.other_threads += thread.samples.total();
        }
        takes
    }

    /// Returns true when the sample is kept; otherwise adds its weight to `out`.
    pub(crate) fn takes(&self, sample: &Sample, weight: u64, out: &mut LeftOutWeights) -> bool {
        let slot = if !self.selection.in_window(sample) {
            Some(&mut out.outside_window)
        } else {
            let bits = self.of_stack.get(sample.stack.index()).copied().unwrap_or(0);
            self.left_out(bits, out)
        };
        let Some(slot) = slot else { return true };
        *slot += weight;
        false
    }

    /// Returns the sum for the samples of a stack that is left out; `None` for one that is kept.
    fn left_out<'w>(&self, bits: u8, out: &'w mut LeftOutWeights) -> Option<&'w mut u64> {
        if bits & IDLE != 0 && self.selection.idle == Idle::Drop {
            Some(&mut out.idle)
        } else if self.selection.focus.is_some() && bits & FOCUSED == 0 {
            Some(&mut out.unfocused)
        } else if bits & IGNORED != 0 {
            Some(&mut out.ignored)
        } else {
            None
        }
    }

    /// Returns true when `frame` is not shown as a frame of its own below `caller`, the
    /// innermost frame that is shown.
    pub(crate) fn hides(&self, frame: FrameId, caller: Option<FrameId>) -> bool {
        let kind = |frame| self.frames.kind(frame);
        // The handler of a bytecode is part of the function that it runs, as in V8's own
        // log processor.
        let folds = || kind(frame) == Kind::BytecodeHandler && caller.map(kind) == Some(Kind::Js);
        let bits = self.of_frame.get(frame.index()).copied().unwrap_or(HIDDEN);
        // Without symbols, repeated frames of one module carry no information: one is kept.
        let again = || bits & NAMELESS != 0 && caller == Some(frame);
        bits & HIDDEN != 0 || folds() || again()
    }
}

impl Profile {
    /// Calls `each` with every sample that the selection keeps: the index of its thread in
    /// [`Profile::threads`], the sample, and its weight. Threads come in their order, and the
    /// samples of a thread in theirs. Grouping and hiding have no effect. Returns the weights of
    /// the samples that were left out.
    pub fn visit(
        &self,
        selection: &Selection,
        each: impl FnMut(usize, &Sample, u64),
    ) -> LeftOutWeights {
        Sieve::new(self, selection).visit(self, each)
    }
}

fn frame_bits(frames: &FrameTable, selection: &Selection) -> Vec<u8> {
    let collapse = selection.inlined == Inlining::Collapse;
    let tests =
        [(&selection.focus, FOCUSED), (&selection.ignore, IGNORED), (&selection.hide, HIDDEN)];
    let wanted = tests.iter().any(|(regex, _)| regex.is_some());
    let mut label = String::new();
    let mut all = Vec::with_capacity(frames.frames().len());
    for (_, frame) in frames.frames() {
        if frame.inlined && collapse {
            all.push(HIDDEN);
            continue;
        }
        let function = frames.get_function(frame.function);
        let mut bits = if is_nameless(function, frames) { NAMELESS } else { 0 };
        if wanted {
            label.clear();
            write_label(&mut label, frames.strings(), function, Tier::None);
            let matching = tests
                .iter()
                .filter(|(regex, _)| regex.as_ref().is_some_and(|regex| regex.is_match(&label)));
            bits |= matching.fold(0, |bits, (_, bit)| bits | bit);
        }
        all.push(bits);
    }
    all
}

/// Returns true for a frame of which only the module is known.
fn is_nameless(function: &Function, frames: &FrameTable) -> bool {
    let name = frames.strings().get(function.name);
    match function.kind {
        Kind::Unresolved => true,
        // perf writes the kernel and its modules in brackets.
        Kind::Kernel => name.starts_with('['),
        Kind::Native => name.is_empty(),
        _ => false,
    }
}
