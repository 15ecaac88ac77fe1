//! Numbers given to the ids of a file, and long lists of such numbers.

use hashbrown::HashMap;
use std::ops::Range;

/// Ids below this have a place in a list, which is faster than a map. The list takes at most
/// 4 MiB.
const DENSE: u64 = 1 << 20;

/// The mark of an id without a number.
const NONE: u32 = u32::MAX;

/// A map from ids to numbers below `u32::MAX`. Recorders count ids from 0 or 1.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// The numbers of ids below [`DENSE`], by id.
    dense: Vec<u32>,
    /// The numbers of all other ids.
    sparse: HashMap<u64, u32>,
}

impl Numbers {
    #[inline]
    pub(crate) fn get(&self, id: u64) -> Option<u32> {
        match usize::try_from(id).ok().and_then(|at| self.dense.get(at)) {
            Some(&number) => (number != NONE).then_some(number),
            None => self.sparse_number(id),
        }
    }

    #[inline(never)]
    fn sparse_number(&self, id: u64) -> Option<u32> {
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

/// A list of numbers. It takes 2 bytes for each while all of them fit, which the numbers of nodes
/// mostly do, and 4 bytes otherwise.
#[derive(Clone, Debug)]
pub(crate) enum NumberList {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl Default for NumberList {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl NumberList {
    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        match (u16::try_from(number), self) {
            (Ok(number), Self::Short(list)) => list.push(number),
            (_, list) => list.push_long(number),
        }
    }

    /// Adds numbers at the end, which for many of them is faster than [`NumberList::push`].
    #[inline]
    pub(crate) fn extend(&mut self, mut numbers: impl ExactSizeIterator<Item = u32>) {
        if let Self::Short(list) = self {
            list.reserve(numbers.len());
            for number in numbers.by_ref() {
                match u16::try_from(number) {
                    Ok(short) => list.push(short),
                    Err(_) => return self.extend_long(number, numbers),
                }
            }
        } else {
            numbers.for_each(|number| self.push(number));
        }
    }

    #[inline(never)]
    fn extend_long(&mut self, first: u32, rest: impl Iterator<Item = u32>) {
        self.push_long(first);
        rest.for_each(|number| self.push(number));
    }

    #[inline(never)]
    fn push_long(&mut self, number: u32) {
        if let Self::Short(list) = self {
            *self = Self::Long(list.iter().copied().map(u32::from).collect());
        }
        if let Self::Long(list) = self {
            list.push(number);
        }
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<u32> {
        match self {
            Self::Short(list) => list.get(at).copied().map(u32::from),
            Self::Long(list) => list.get(at).copied(),
        }
    }

    /// Replaces the numbers of `to` with those at these places.
    pub(crate) fn copy(&self, places: Range<usize>, to: &mut Vec<u32>) {
        to.clear();
        match self {
            Self::Short(list) => {
                let numbers = list.get(places).unwrap_or_default().iter();
                to.extend(numbers.copied().map(u32::from));
            }
            Self::Long(list) => to.extend_from_slice(list.get(places).unwrap_or_default()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Short(list) => list.len(),
            Self::Long(list) => list.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn pop(&mut self) -> Option<u32> {
        match self {
            Self::Short(list) => list.pop().map(u32::from),
            Self::Long(list) => list.pop(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len()).map_while(|at| self.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_hold_the_numbers_that_were_added(
            numbers in prop::collection::vec(
                prop_oneof![20 => 0_u32..70, 2 => 65_530_u32..65_540, 1 => any::<u32>()],
                0..60,
            ),
        ) {
            let mut list = NumberList::default();
            numbers.iter().for_each(|&number| list.push(number));
            prop_assert_eq!(list.iter().collect::<Vec<_>>(), numbers.clone());
            prop_assert_eq!(list.get(numbers.len()), None);
            prop_assert_eq!((list.pop(), list.is_empty()), (numbers.last().copied(), numbers.len() < 2));
        }

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
