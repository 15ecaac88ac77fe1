//! Assigns the lines that ran to samples of V8's CPU profiler.
//!
//! A node contains the number of its samples in each line (`positionTicks`), but not the line of
//! each sample. The samples of a node are therefore assigned to its lines in turn. The sums are
//! exact for the whole recording. For a part of it they are estimates, in the proportions of the
//! whole.
//!
//! V8 up to 13 counts the lines of an inlined function for the function that contains its code,
//! even when the inlined function is in another file. A line before the first line of the function
//! is certainly such a line, and stays unknown.

use hashbrown::HashMap;
use spikeflame_profile::{FrameTable, Kind, Samples, StackId, StackTree};
use std::collections::BTreeMap;

/// The lines of one stack.
struct Turn {
    /// `(stack at the line, samples in the line, credit)`.
    lines: Vec<(StackId, u64, i128)>,
    sum: i128,
}

/// Gives samples of JavaScript the lines that `ticks` contains for their stacks. When a stack has
/// more samples than its lines together, the remaining samples get no line. Returns true when a
/// sample has a line.
pub(super) fn spread(
    ticks: &HashMap<StackId, BTreeMap<u32, u64>>,
    samples: &mut Samples,
    frames: &mut FrameTable,
    stacks: &mut StackTree,
) -> bool {
    let mut weights: BTreeMap<StackId, u64> = BTreeMap::new();
    for (sample, weight) in samples.iter().filter(|(sample, _)| ticks.contains_key(&sample.stack)) {
        let sum = weights.entry(sample.stack).or_default();
        *sum = sum.saturating_add(weight);
    }
    let mut turns: HashMap<StackId, Turn> = HashMap::new();
    for (&stack, &weight) in &weights {
        if let Some(turn) = ticks.get(&stack).and_then(|t| turn(stack, t, weight, frames, stacks)) {
            turns.insert(stack, turn);
        }
    }
    if turns.is_empty() {
        return false;
    }
    let before = std::mem::take(samples);
    for (mut sample, weight) in before.iter() {
        match turns.get_mut(&sample.stack) {
            None => samples.push_weighted(sample, weight),
            Some(turn) if weight == 1 => {
                sample.stack = turn.next();
                samples.push(sample);
            }
            Some(turn) => {
                for (stack, part) in turn.parts(weight) {
                    sample.stack = stack;
                    samples.push_weighted(sample, part);
                }
            }
        }
    }
    true
}

/// Returns the lines of a stack whose samples weigh `weight`; `None` when its innermost
/// function has none.
fn turn(
    stack: StackId,
    ticks: &BTreeMap<u32, u64>,
    weight: u64,
    frames: &mut FrameTable,
    stacks: &mut StackTree,
) -> Option<Turn> {
    let (caller, frame) = stacks.get(stack)?;
    if frames.kind(frame) != Kind::Js {
        return None;
    }
    let first = frames.get_function(frames.get(frame).function).line.max(1);
    let ticks = ticks.iter().filter(|(line, ticks)| **line >= first && **ticks > 0);
    let mut lines: Vec<(StackId, u64, i128)> = ticks
        .map(|(&line, &ticks)| {
            let frame = frames.at_line(frame, line);
            (stacks.child(caller, frame), ticks, 0)
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    let known = lines.iter().fold(0u64, |sum, (_, ticks, _)| sum.saturating_add(*ticks));
    if known < weight {
        lines.push((stack, weight - known, 0));
    }
    let sum = lines.iter().map(|(_, ticks, _)| i128::from(*ticks)).sum();
    Some(Turn { lines, sum })
}

impl Turn {
    /// Returns the stack of the next sample. Let `n` be the number of samples of all lines. In `n`
    /// calls, each line is returned as often as its own number of samples.
    fn next(&mut self) -> StackId {
        for (_, ticks, credit) in &mut self.lines {
            *credit += i128::from(*ticks);
        }
        let largest = self.lines.iter().map(|(_, _, credit)| *credit).max();
        let line = self.lines.iter_mut().find(|(_, _, credit)| Some(*credit) == largest);
        line.map_or(StackId::ROOT, |(stack, _, credit)| {
            *credit -= self.sum;
            *stack
        })
    }

    /// Divides the weight of one sample by the numbers of samples in the lines. The line with the
    /// most samples gets the remainder of the division.
    fn parts(&self, weight: u64) -> Vec<(StackId, u64)> {
        let share = |ticks: u64| (i128::from(ticks) * i128::from(weight) / self.sum.max(1)) as u64;
        let mut parts: Vec<(StackId, u64)> =
            self.lines.iter().map(|(stack, ticks, _)| (*stack, share(*ticks))).collect();
        let given: u64 = parts.iter().map(|(_, part)| part).sum();
        if let Some((_, largest)) = parts.iter_mut().max_by_key(|(_, part)| *part) {
            *largest += weight - given;
        }
        parts.retain(|(_, part)| *part > 0);
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spikeflame_profile::{Sample, VmState};

    proptest! {
        /// The weight stays that of the samples, and each line gets its number when the
        /// lines have as many samples as there are.
        #[test]
        fn every_line_gets_its_samples(
            lines in prop::collection::btree_map(1..50u32, 1..9u64, 1..9),
            missing in 0..5u64,
            heavy in any::<bool>(),
        ) {
            let (mut frames, mut stacks) = (FrameTable::default(), StackTree::default());
            let frame = frames.labelled("f /a.js:1:1");
            let stack = stacks.child(StackId::ROOT, frame);
            let count = lines.values().sum::<u64>() + missing;
            let mut samples = Samples::default();
            let sample = |time_us| Sample { time_us, stack, state: VmState::UNKNOWN };
            if heavy {
                samples.push_weighted(sample(0), count);
            } else {
                (0..count).for_each(|time_us| samples.push(sample(time_us)));
            }
            let ticks = HashMap::from([(stack, lines.clone())]);
            prop_assert!(spread(&ticks, &mut samples, &mut frames, &mut stacks));
            prop_assert_eq!(samples.total(), count);
            let mut found: BTreeMap<u32, u64> = BTreeMap::new();
            for (sample, weight) in samples.iter() {
                let line = stacks.get(sample.stack).map_or(0, |(_, frame)| frames.line(frame));
                *found.entry(line).or_default() += weight;
            }
            let unknown = found.remove(&0).unwrap_or(0);
            prop_assert_eq!(unknown, missing);
            prop_assert_eq!(found, lines);
        }
    }
}
