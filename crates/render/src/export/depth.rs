//! Bounds the files of formats that hold a stack as a list of all its frames.

use super::{ExportError, Format};
use spikeflame_profile::{Profile, folded};

/// The largest number of frames in an OTLP file, which is built in memory.
const MOST_IN_MEMORY: u64 = 100_000_000;

/// Checks that the lists of frames in a file end. Formats that hold a tree have no such lists.
pub(super) fn check(profile: &Profile, format: Format) -> Result<(), ExportError> {
    let (each_sample, most) = match format {
        Format::Firefox | Format::CpuProfile => return Ok(()),
        Format::Pprof => (profile.is_timed(), folded::MOST_FRAMES),
        Format::Speedscope => (true, folded::MOST_FRAMES),
        Format::Otlp | Format::OtlpJson => (false, MOST_IN_MEMORY),
    };
    let frames = frames(profile, each_sample);
    if frames > most { Err(ExportError::TooDeep { frames, most }) } else { Ok(()) }
}

/// Returns the number of frames in the stacks of all samples, or in the distinct stacks of them.
fn frames(profile: &Profile, each_sample: bool) -> u64 {
    let mut depths = vec![0_u32; profile.stacks.len()];
    for (stack, parent, _) in profile.stacks.nodes() {
        let above = depths.get(parent.index()).copied().unwrap_or(0);
        if let Some(depth) = depths.get_mut(stack.index()) {
            *depth = above + 1;
        }
    }
    let mut sum = 0_u64;
    for thread in &profile.threads {
        for (sample, _) in thread.samples.iter() {
            let Some(depth) = depths.get_mut(sample.stack.index()) else { continue };
            sum = sum.saturating_add(u64::from(*depth));
            if !each_sample {
                *depth = 0;
            }
        }
    }
    sum
}
