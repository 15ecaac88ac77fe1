//! Recordings of one format whose samples are the same, one by one: a copy of a file.
//!
//! The sums of stacks are not enough. The workers of a cluster do the same work, and have as many samples of
//! nearly the same stacks. On a clock with a coarse grid, their samples also have the same times.

use super::{Recording, hash_letters};
use spikeflame_profile::{Profile, StackId, Tier, write_label};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// Returns true when two recordings have the same stacks, with the same weights, at the same times.
pub(super) fn is_in(one: &Recording, other: &Recording) -> bool {
    let (threads, of_other) = (&one.profile.threads, &other.profile.threads);
    let counts = threads.iter().map(|thread| thread.samples.len());
    if !counts.eq(of_other.iter().map(|thread| thread.samples.len()))
        || one.weights() != other.weights()
    {
        return false;
    }
    let (stacks, of_stacks) = (hashes(&one.profile), hashes(&other.profile));
    let hash = |all: &[u64], stack: StackId| all.get(stack.index()).copied();
    threads.iter().zip(of_other).all(|(thread, of)| {
        let own =
            thread.samples.iter().map(|(it, count)| (it.time_us, count, hash(&stacks, it.stack)));
        let others =
            of.samples.iter().map(|(it, count)| (it.time_us, count, hash(&of_stacks, it.stack)));
        own.eq(others)
    })
}

/// Returns a hash of the labels of each stack, by its number.
fn hashes(profile: &Profile) -> Vec<u64> {
    let mut of: Vec<u64> = vec![0; profile.stacks.len()];
    for (stack, parent, frame) in profile.stacks.nodes() {
        let mut hasher = DefaultHasher::new();
        of.get(parent.index()).hash(&mut hasher);
        let mut label = String::new();
        let function = profile.frames.get_function(profile.frames.get(frame).function);
        write_label(&mut label, profile.frames.strings(), function, Tier::None);
        hash_letters(&label, &mut hasher);
        if let Some(slot) = of.get_mut(stack.index()) {
            *slot = hasher.finish();
        }
    }
    of
}
