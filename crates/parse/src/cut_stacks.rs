//! Stacks from which the recorder cut the outermost frames.
//!
//! V8 and perf keep the innermost frames of a stack up to a limit. A cut stack has no mark: it looks
//! as if its outermost frame had been called by nobody.

use crate::sniff::format::Format;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{FrameId, Profile, StackId};

/// V8 records at most this many frames of a stack (`TickSample::kMaxFramesCount`). Inlined functions
/// and the native function at the innermost end come on top.
const MOST_OF_V8: u16 = 255;

/// perf records at most this many frames of a stack, unless the user chooses another number
/// (`kernel.perf_event_max_stack`).
const MOST_OF_PERF: u16 = 127;

/// The smallest part of the samples that is worth a warning: one in this many.
const WORTH: u64 = 100;

/// Returns a warning when at least 1 % of the samples of a recording have stacks as long as its
/// recorder's limit.
pub(crate) fn warning(profile: &Profile, format: Format, name: &str) -> Option<Warning> {
    let limit = match format {
        Format::V8Log | Format::CpuProfile => MOST_OF_V8,
        Format::PerfText | Format::PerfData => MOST_OF_PERF,
        _ => return None,
    };
    // Nearly all recordings end here: looking up each frame would cost more.
    if depths(profile, |_| true).iter().all(|depth| *depth < limit) {
        return None;
    }
    let depths = depths(profile, |frame| !profile.frames.get(frame).inlined);
    // A longer stack shows that the recorder had another limit. V8 adds a native function.
    let longest = limit + u16::from(limit == MOST_OF_V8);
    if depths.iter().any(|depth| *depth > longest) {
        return None;
    }
    let is_full = |stack: StackId| depths.get(stack.index()).is_some_and(|depth| *depth >= limit);
    let samples = profile.threads.iter().flat_map(|thread| thread.samples.iter());
    let cut = samples.filter(|(sample, _)| is_full(sample.stack)).map(|(_, weight)| weight).sum();
    let all = profile.total();
    (cut >= all.div_ceil(WORTH)).then(|| {
        Warning::new(
            name,
            Fact::CutStacks { frames: limit, cut, all, by_perf: limit == MOST_OF_PERF },
        )
    })
}

/// Returns the number of frames of each stack for which `counts` is true.
fn depths(profile: &Profile, counts: impl Fn(FrameId) -> bool) -> Vec<u16> {
    let mut depths = Vec::with_capacity(profile.stacks.len());
    depths.push(0u16);
    for (_, parent, frame) in profile.stacks.nodes() {
        let outer = depths.get(parent.index()).copied().unwrap_or_default();
        depths.push(outer.saturating_add(u16::from(counts(frame))));
    }
    depths
}
