//! The code at each address, as the log reports it record by record.

use super::lines::CodeLines;
use hashbrown::HashSet;
use spikeflame_profile::{FrameId, FunctionId};
use std::collections::BTreeMap;

/// Code within this distance of an address is of the same kind: V8 made it.
pub(super) const SAME_KIND_BYTES: u64 = 1 << 20;

/// The kind of a piece of code.
#[derive(Clone, Debug)]
pub(super) enum CodeKind {
    /// A builtin, handler, regexp, callback or stub.
    Plain(FrameId),
    /// Code of a function.
    Function {
        /// The function in its tier.
        frame: FrameId,
        /// True for a copy of the interpreter's entry
        /// (`--interpreted-frames-native-stack`).
        trampoline: bool,
        /// The functions that were inlined into it.
        inlining: Option<Box<Inlining>>,
        /// The positions in scripts, when the lines that ran are wanted.
        lines: Option<Box<CodeLines>>,
    },
}

/// The functions that were inlined in a piece of optimised code, by place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inlining {
    /// Pairs of `(code offset, index into chains or MAX)`; each is valid up to the next.
    pub(super) positions: Vec<(u32, u32)>,
    /// The functions of each inlining, from the outermost inlined one inward.
    pub(super) chains: Vec<Vec<FunctionId>>,
}

impl Inlining {
    /// Returns the inlined functions at an offset, outermost first.
    pub(crate) fn at(&self, offset: u64) -> &[FunctionId] {
        let after = self.positions.partition_point(|&(start, _)| u64::from(start) <= offset);
        let at = after.checked_sub(1).and_then(|at| self.positions.get(at));
        at.and_then(|&(_, chain)| self.chains.get(chain as usize)).map_or(&[], Vec::as_slice)
    }
}

/// A piece of code.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) size: u64,
    pub(super) what: CodeKind,
    /// True after an address in it was looked up.
    hit: bool,
}

/// Bytes of a block of addresses, by which look-ups without a result are remembered. V8 reserves space
/// for code by pages of this size.
const PAGE: u64 = 4096;

/// Code by address. Its [`generation`](Self::generation) rises whenever the result for an
/// address that was looked up may have changed.
#[derive(Debug, Default)]
pub(super) struct CodeMap {
    codes: BTreeMap<u64, Code>,
    generation: u32,
    /// Pages in which an address was looked up and no code found.
    bare: HashSet<u64>,
}

impl CodeMap {
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Raises the generation for changes outside the map, such as of a library or a range.
    pub(super) fn invalidate(&mut self) {
        self.generation += 1;
        self.bare.clear();
    }

    /// Adds code at `start`, and removes code that it overlaps.
    pub(super) fn add(&mut self, start: u64, size: u64, what: CodeKind) {
        self.clear(start, start.saturating_add(size));
        self.insert(start, Code { size, what, hit: false });
    }

    fn insert(&mut self, start: u64, code: Code) {
        let end = start.saturating_add(code.size.max(1) - 1);
        let pages = (end / PAGE).saturating_sub(start / PAGE);
        let touched = if pages < self.bare.len() as u64 {
            (start / PAGE..=end / PAGE).any(|page| self.bare.contains(&page))
        } else {
            self.bare.iter().any(|page| (start / PAGE..=end / PAGE).contains(page))
        };
        if touched {
            self.invalidate();
        }
        self.codes.insert(start, code);
    }

    fn clear(&mut self, start: u64, end: u64) {
        // An empty code hides nothing, but must not be there twice.
        let end = end.max(start.saturating_add(1));
        while let Some((&at, code)) = self.codes.range(..end).next_back()
            && (at >= start || at.saturating_add(code.size) > start)
        {
            self.remove(at);
        }
    }

    /// Removes the code that starts at `start`.
    pub(super) fn remove(&mut self, start: u64) -> Option<Code> {
        let code = self.codes.remove(&start)?;
        if code.hit {
            self.generation += 1;
        }
        Some(code)
    }

    /// Moves code; returns false when there was none at `from`.
    pub(super) fn relocate(&mut self, from: u64, to: u64) -> bool {
        let Some(mut code) = self.remove(from) else { return false };
        code.hit = false;
        self.clear(to, to.saturating_add(code.size));
        self.insert(to, code);
        true
    }

    /// Returns the code that starts exactly at `start`.
    pub(super) fn starting_at(&mut self, start: u64) -> Option<&mut Code> {
        self.codes.get_mut(&start)
    }

    /// Returns the code at an address, and the distance of the address from its start.
    pub(super) fn find(&mut self, address: u64) -> Option<(u64, &Code)> {
        if let Some((&start, code)) = self.codes.range_mut(..=address).next_back()
            && address - start < code.size
        {
            code.hit = true;
            return Some((address - start, code));
        }
        self.bare.insert(address / PAGE);
        None
    }

    /// Returns true when there is code within `distance` of an address.
    pub(super) fn is_near(&self, address: u64, distance: u64) -> bool {
        let before = self.codes.range(..=address).next_back();
        before.is_some_and(|(&at, code)| address - at <= code.size.saturating_add(distance))
            || self.next_after(address).is_some_and(|(far, _)| far <= distance)
    }

    /// Returns the first code after an address, and the distance to its start.
    pub(super) fn next_after(&self, address: u64) -> Option<(u64, &Code)> {
        let (&start, code) = self.codes.range(address..).next()?;
        Some((start - address, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spikeflame_profile::{Frame, FrameTable, Kind, Tier};

    #[derive(Clone, Debug)]
    enum Step {
        Add(u64, u64),
        Move(u64, u64),
        Find(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let at = 0..40u64;
        prop_oneof![
            (at.clone(), 1..9u64).prop_map(|(start, size)| Step::Add(start, size)),
            (at.clone(), at.clone()).prop_map(|(from, to)| Step::Move(from, to)),
            at.prop_map(Step::Find),
        ]
    }

    proptest! {
        /// The peer is an array of bytes, each with its owner. A change of an answer must
        /// always come with a new generation.
        #[test]
        fn finds_what_was_put_there_last(steps in prop::collection::vec(step(), 1..60)) {
            let mut table = FrameTable::default();
            let (mut map, mut bytes) = (CodeMap::default(), [None::<(FrameId, u64)>; 64]);
            let mut sizes = std::collections::HashMap::new();
            let mut told = std::collections::HashMap::new();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Add(start, size) => {
                        let function = table.named(&number.to_string(), Kind::Builtin);
                        let frame = table.frame(Frame { function, tier: Tier::None, inlined: false });
                        map.add(start, size, CodeKind::Plain(frame));
                        put(&mut bytes, frame, start, size);
                        sizes.insert(frame, size);
                    }
                    Step::Move(from, to) => {
                        let code = bytes[from as usize].filter(|&(_, start)| start == from);
                        prop_assert_eq!(map.relocate(from, to), code.is_some());
                        if let Some((frame, _)) = code {
                            bytes.iter_mut().filter(|b| b.is_some_and(|b| b.0 == frame)).for_each(|b| *b = None);
                            put(&mut bytes, frame, to, sizes[&frame]);
                        }
                    }
                    Step::Find(address) => {
                        let found = map.find(address).map(|(offset, code)| match code.what {
                            CodeKind::Plain(frame) => (frame, address - offset),
                            CodeKind::Function { frame, .. } => (frame, 0),
                        });
                        prop_assert_eq!(found, bytes[address as usize]);
                        let before = told.insert(address, (map.generation(), found));
                        if let Some((generation, answer)) = before && answer != found {
                            prop_assert_ne!(generation, map.generation());
                        }
                    }
                }
            }
        }
    }

    /// Overwriting a part of a code ends all of it.
    fn put(bytes: &mut [Option<(FrameId, u64)>; 64], frame: FrameId, start: u64, size: u64) {
        let range = start as usize..(start + size) as usize;
        let gone: Vec<_> = bytes[range.clone()].iter().flatten().copied().collect();
        bytes.iter_mut().filter(|b| b.is_some_and(|b| gone.contains(&b))).for_each(|b| *b = None);
        bytes[range].fill(Some((frame, start)));
    }
}
