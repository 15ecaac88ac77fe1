//! Numbers given to the ids of a file.

use hashbrown::HashMap;

/// Ids below this have a place in a list, which is faster than a map. The list takes at most
/// 4 MiB.
const DENSE: u64 = 1 << 20;

/// The mark of an id without a number.
const NONE: u32 = u32::MAX;

/// A map from ids to numbers below `u32::MAX`. Recorders count ids from 0 or 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// The numbers of small ids, by id.
    dense: Vec<u32>,
    /// The numbers of all other ids.
    sparse: HashMap<u64, u32>,
}

impl Numbers {
    #[inline]
    pub(crate) fn get(&self, id: u64) -> Option<u32> {
        if id < DENSE {
            return self.dense.get(id as usize).copied().filter(|&number| number != NONE);
        }
        self.sparse.get(&id).copied()
    }

    pub(crate) fn insert(&mut self, id: u64, number: u32) {
        if id >= DENSE {
            self.sparse.insert(id, number);
            return;
        }
        let at = id as usize;
        if at >= self.dense.len() {
            self.dense.resize(at + 1, NONE);
        }
        if let Some(slot) = self.dense.get_mut(at) {
            *slot = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_those_of_a_map(
            entries in prop::collection::vec((0..2 * DENSE, 0..NONE), 0..50),
            small in prop::collection::vec((0_u64..9, 0..NONE), 0..9),
        ) {
            let (mut ours, mut map) = (Numbers::default(), HashMap::new());
            for (id, number) in entries.into_iter().chain(small) {
                ours.insert(id, number);
                map.insert(id, number);
            }
            for id in map.keys().copied().chain([0, 1, DENSE - 1, DENSE, u64::MAX]) {
                prop_assert_eq!(ours.get(id), map.get(&id).copied());
            }
        }
    }
}
