//! Values by the bytes that they were made from: a line of a text with its meaning, or a
//! function as a file describes it with its frame.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::ops::Range;

/// The most bytes of keys that are kept; then the table is cleared.
const MOST_KEY_BYTES: usize = 64 << 20;

/// A map from bytes to values, with one piece of memory for all keys.
pub(crate) struct ByteMap<T> {
    text: Vec<u8>,
    known: Vec<(Range<usize>, T)>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for ByteMap<T> {
    fn default() -> Self {
        let (text, known, index, hasher) = Default::default();
        Self { text, known, index, hasher }
    }
}

impl<T: Copy> ByteMap<T> {
    pub(crate) fn get(&self, key: &[u8]) -> Option<T> {
        let entry = |id: u32| self.known.get(id as usize);
        let is_key = |&id: &u32| {
            entry(id).is_some_and(|(range, _)| self.text.get(range.clone()) == Some(key))
        };
        let id = self.index.find(self.hasher.hash_one(key), is_key)?;
        entry(*id).map(|&(_, value)| value)
    }

    /// Adds a key that is not known yet. All earlier keys are forgotten when the keys together would take
    /// more than [`MOST_KEY_BYTES`] bytes.
    pub(crate) fn insert(&mut self, key: &[u8], value: T) {
        if self.text.len() + key.len() > MOST_KEY_BYTES {
            *self = Self::default();
        }
        let Self { text, known, index, hasher } = self;
        let (start, id) = (text.len(), known.len() as u32);
        text.extend_from_slice(key);
        known.push((start..text.len(), value));
        let hash = |id: u32| {
            let range = known.get(id as usize).map(|(range, _)| range.clone());
            hasher.hash_one(range.and_then(|range| text.get(range)).unwrap_or_default())
        };
        index.insert_unique(hash(id), id, |&id| hash(id));
    }
}
