//! The distinct lines of a text, each with its meaning.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::ops::Range;

/// The most bytes of lines that are kept; then the table is cleared.
const MOST: usize = 64 << 20;

/// A map from the bytes of lines to values.
pub(super) struct Lines<T> {
    text: Vec<u8>,
    known: Vec<(Range<usize>, T)>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        let (text, known, index, hasher) = Default::default();
        Self { text, known, index, hasher }
    }
}

impl<T: Copy> Lines<T> {
    pub(super) fn get(&self, line: &[u8]) -> Option<T> {
        let entry = |id: u32| self.known.get(id as usize);
        let is_line = |&id: &u32| {
            entry(id).is_some_and(|(range, _)| self.text.get(range.clone()) == Some(line))
        };
        let id = self.index.find(self.hasher.hash_one(line), is_line)?;
        entry(*id).map(|&(_, value)| value)
    }

    /// Adds a line that is not known yet.
    pub(super) fn insert(&mut self, line: &[u8], value: T) {
        if self.text.len() + line.len() > MOST {
            *self = Self::default();
        }
        let Self { text, known, index, hasher } = self;
        let (start, id) = (text.len(), known.len() as u32);
        text.extend_from_slice(line);
        known.push((start..text.len(), value));
        let hash = |id: u32| {
            let range = known.get(id as usize).map(|(range, _)| range.clone());
            hasher.hash_one(range.and_then(|range| text.get(range)).unwrap_or_default())
        };
        index.insert_unique(hash(id), id, |&id| hash(id));
    }
}
