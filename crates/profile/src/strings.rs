//! Interned strings: one arena, 32-bit ids.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The id of a string in one [`Strings`] table. The default is [`StrId::EMPTY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StrId(u32);

impl StrId {
    /// The id of the empty string, which is the same in every table.
    pub const EMPTY: Self = Self(0);

    /// Returns the string's index in its table: 0 for the empty string, others from 1 in the order
    /// in which they were added.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A table of distinct strings with ids. Strings can be added and not removed.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    text: String,
    /// The end of each string in `text`; it starts at the end of the one before.
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

fn slice<'a>(text: &'a str, ends: &[usize], id: u32) -> &'a str {
    let Some(at) = (id as usize).checked_sub(1) else {
        return "";
    };
    let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied();
    ends.get(at).and_then(|&end| text.get(start.unwrap_or(0)..end)).unwrap_or("")
}

impl Strings {
    /// Returns the id of the string `value`, and adds a copy of it when it is new.
    pub(crate) fn intern(&mut self, value: &str) -> StrId {
        if value.is_empty() {
            return StrId::EMPTY;
        }
        let Self { text, ends, index, hasher } = self;
        let hash = hasher.hash_one(value);
        if let Some(&id) = index.find(hash, |&id| slice(text, ends, id) == value) {
            return StrId(id);
        }
        text.push_str(value);
        ends.push(text.len());
        let id = ends.len() as u32;
        index.insert_unique(hash, id, |&id| hasher.hash_one(slice(text, ends, id)));
        StrId(id)
    }

    /// Returns an estimate of the memory that the table occupies, in bytes.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.len() * 24
    }

    /// Returns the string with this id; `""` for an id beyond the last string. An id of another
    /// table is not noticed.
    pub fn get(&self, id: StrId) -> &str {
        slice(&self.text, &self.ends, id.0)
    }
}
