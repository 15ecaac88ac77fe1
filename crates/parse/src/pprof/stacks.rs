//! Stacks of a profile's samples.

use super::names::Namer;

use spikeflame_profile::{Ledger, StackId, StackTree};
use spikeflame_proto::pprof::Sample;

/// The most frames of a stack.
const DEEPEST: usize = 1 << 16;

/// The most distinct stacks; each is counted with all of its callers.
const MOST_STACKS: usize = 1 << 25;

/// Builds the tree of stacks. Most samples have the callers of the sample before, so that
/// only the rest of a stack is looked up.
pub(super) struct Stacker<'t, 'a> {
    pub(super) stacks: StackTree,
    pub(super) namer: Namer<'t, 'a>,
    /// The locations of the last stack, outermost first.
    last: Vec<Step>,
}

/// A location of a stack.
struct Step {
    location: u64,
    stack: StackId,
    /// The number of frames down to this location.
    depth: usize,
    /// True when this location and all of its callers are in the file.
    whole: bool,
}

impl<'t, 'a> Stacker<'t, 'a> {
    pub(super) fn new(namer: Namer<'t, 'a>) -> Self {
        Self { stacks: StackTree::default(), namer, last: Vec::new() }
    }

    /// Returns the stack of a sample, and whether all of its locations exist.
    pub(super) fn stack(
        &mut self,
        sample: &Sample,
        records: &mut Ledger,
    ) -> Result<(StackId, bool), &'static str> {
        if self.stacks.len() > MOST_STACKS {
            return Err("more than 33,554,432 distinct stacks");
        }
        let outermost_first = sample.location_id.iter().rev();
        let same = outermost_first.zip(&self.last).take_while(|(id, step)| **id == step.location);
        let same = same.count();
        self.last.truncate(same);
        let unresolved = [self.namer.unresolved()];
        let (mut stack, mut depth, mut whole) =
            self.last.last().map_or((StackId::ROOT, 0, true), |s| (s.stack, s.depth, s.whole));
        for &location in sample.location_id.iter().rev().skip(same) {
            let frames = self.namer.frames_of(location, records);
            whole &= frames.is_some();
            for &frame in frames.unwrap_or(&unresolved) {
                depth += 1;
                if depth > DEEPEST {
                    return Err("a stack of more than 65,536 frames");
                }
                stack = self.stacks.child(stack, frame);
            }
            self.last.push(Step { location, stack, depth, whole });
        }
        Ok((stack, whole))
    }
}
