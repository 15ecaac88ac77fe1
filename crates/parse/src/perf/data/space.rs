//! The mappings of a process's memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The id of a mapped file in [`Images`](super::images::Images).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ImageId(pub(super) u32);

/// A mapped part of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The address after its last byte.
    pub(super) end: u64,
    /// The number that is added to an address to get the offset in the file.
    pub(super) shift: u64,
    pub(super) image: ImageId,
}

/// The memory of a process. A forked process shares it until one of the two changes.
#[derive(Debug, Default)]
pub(super) struct Space {
    mappings: Arc<BTreeMap<u64, Mapping>>,
    /// Addresses that were looked up and are not mapped.
    missed: BTreeSet<u64>,
    /// True when there were more of them than are stored.
    missed_more: bool,
}

impl Space {
    /// Returns the number of mappings.
    pub(super) fn len(&self) -> usize {
        self.mappings.len()
    }

    /// Returns the memory of a process that starts as a copy of this one, without the
    /// looked-up addresses.
    pub(super) fn fork(&self) -> Self {
        Self { mappings: Arc::clone(&self.mappings), ..Self::default() }
    }

    /// Returns the number of mappings that must be copied before the next change.
    pub(super) fn shared(&self) -> usize {
        if Arc::strong_count(&self.mappings) > 1 { self.len() } else { 0 }
    }

    /// Returns the mapping at an address. An address that is not mapped is stored, and then `room`,
    /// the number of addresses that may still be stored, falls by 1.
    pub(super) fn find(&mut self, address: u64, room: &mut usize) -> Option<Mapping> {
        let below = self.mappings.range(..=address).next_back();
        let found = below.map(|(_, &mapping)| mapping).filter(|mapping| address < mapping.end);
        if found.is_none() && *room > 0 {
            *room -= usize::from(self.missed.insert(address));
        } else if found.is_none() {
            self.missed_more = true;
        }
        found
    }

    /// Maps `start..mapping.end` and replaces former mappings there. Returns true when an
    /// earlier answer may change.
    pub(super) fn map(&mut self, start: u64, mapping: Mapping) -> bool {
        let end = mapping.end;
        if start >= end {
            return false;
        }
        let overlapping: Vec<(u64, Mapping)> = self
            .mappings
            .range(..end)
            .rev()
            .take_while(|(_, old)| old.end > start)
            .map(|(&at, &old)| (at, old))
            .collect();
        let same = |old: &Mapping| (old.image, old.shift) == (mapping.image, mapping.shift);
        if let [(at, old)] = overlapping.as_slice()
            && same(old)
            && *at <= start
            && end <= old.end
        {
            return false;
        }
        let mappings = Arc::make_mut(&mut self.mappings);
        for &(at, old) in &overlapping {
            mappings.remove(&at);
            if at < start {
                mappings.insert(at, Mapping { end: start, ..old });
            }
            if old.end > end {
                mappings.insert(end, old);
            }
        }
        mappings.insert(start, mapping);
        let missed = self.missed_more || self.missed.range(start..end).next().is_some();
        if missed {
            self.missed.clear();
            self.missed_more = false;
        }
        missed || !overlapping.iter().all(|(_, old)| same(old))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The peer is an array of bytes, each with its owner. A change of an answer must
        /// always be reported.
        #[test]
        fn later_mappings_replace_earlier_ones(
            steps in prop::collection::vec((0..40u64, 0..12u64, 0..3u32, any::<bool>()), 1..60),
        ) {
            let (mut space, mut bytes) = (Space::default(), [None; 64]);
            for (start, size, image, fork) in steps {
                let find = |space: &mut Space, at| {
                    let mut room = usize::from(at % 3 != 0);
                    space.find(at, &mut room).map(|m| m.image)
                };
                let before: Vec<_> = (0..64).map(|at| find(&mut space, at)).collect();
                let parent = space.fork();
                let mapping = Mapping { end: start + size, shift: 0, image: ImageId(image) };
                let told = space.map(start, mapping);
                bytes[start as usize..(start + size) as usize].fill(Some(ImageId(image)));
                let after: Vec<_> = (0..64).map(|at| find(&mut space, at)).collect();
                prop_assert_eq!(&after, &bytes.to_vec());
                prop_assert!(told || before == after);
                if fork {
                    let mut child = parent.fork();
                    let inherited: Vec<_> = (0..64).map(|at| find(&mut child, at)).collect();
                    prop_assert_eq!(inherited, before);
                }
            }
        }
    }
}
