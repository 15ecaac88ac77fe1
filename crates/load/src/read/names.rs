//! Counts the requests to each endpoint, in bounded memory.

use std::collections::{BTreeSet, HashMap};

/// Largest number of names while reading. The number of different URLs with an id in them has no
/// limit.
const MOST_NAMES: usize = 1_000;

/// Largest number of names in the timeline.
const LISTED: usize = 100;

/// Largest length of a name, in bytes.
const LONGEST_NAME_BYTES: usize = 512;

/// Names of k6's scenarios.
#[derive(Debug, Default)]
pub(crate) struct Scenarios(BTreeSet<String>);

impl Scenarios {
    /// Adds a name.
    pub(crate) fn see(&mut self, name: &str) {
        if self.0.len() < LISTED && name.len() <= LONGEST_NAME_BYTES && !self.0.contains(name) {
            self.0.insert(name.to_owned());
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Returns the names, without the empty one.
    pub(crate) fn known(&self) -> Vec<String> {
        self.0.iter().filter(|name| !name.is_empty()).cloned().collect()
    }
}

/// The endpoints to which requests went.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The number of each name in order of appearance, and its requests.
    counts: HashMap<String, (usize, u64)>,
    groups: BTreeSet<String>,
    /// True when there were more than [`MOST_NAMES`] names.
    many: bool,
    /// True when a name was longer than [`LONGEST_NAME_BYTES`].
    long: bool,
}

impl Names {
    /// Counts a request. Returns the number of its name, or `None` when the name is not kept.
    pub(crate) fn add(&mut self, name: &str, group: &str) -> Option<usize> {
        let mut number = None;
        if let Some((known, count)) = self.counts.get_mut(name) {
            *count += 1;
            number = Some(*known);
        } else if name.len() > LONGEST_NAME_BYTES {
            self.long = true;
        } else if self.counts.len() < MOST_NAMES {
            number = Some(self.counts.len());
            self.counts.insert(name.to_owned(), (self.counts.len(), 1));
        } else {
            self.many = true;
        }
        let fits = self.groups.len() < LISTED && group.len() <= LONGEST_NAME_BYTES;
        if !group.is_empty() && fits && !self.groups.contains(group) {
            self.groups.insert(group.to_owned());
        }
        number
    }

    /// Returns true when there were more names than are kept, without the long ones.
    pub(crate) fn has_more(&self) -> bool {
        self.many
    }

    /// Returns true when a name was too long to be kept.
    pub(crate) fn has_long(&self) -> bool {
        self.long
    }

    /// Returns the names, those with most requests first, then groups.
    pub(crate) fn known(&self) -> Vec<String> {
        let names = self.busiest().into_iter().map(|(name, _)| name);
        names.chain(self.groups.iter().cloned()).collect()
    }

    /// Returns the place of each name in the order of all names, by the number of the name.
    #[expect(clippy::disallowed_methods, reason = "sorted at once")]
    pub(crate) fn places(&self) -> Vec<usize> {
        let mut all: Vec<(&String, usize)> =
            self.counts.iter().map(|(name, (number, _))| (name, *number)).collect();
        all.sort_unstable();
        let mut places = vec![0; all.len()];
        for (place, (_, number)) in all.into_iter().enumerate() {
            if let Some(known) = places.get_mut(number) {
                *known = place;
            }
        }
        places
    }

    /// Returns the names with most requests, and their numbers.
    #[expect(clippy::disallowed_methods, reason = "sorted at once")]
    pub(crate) fn busiest(&self) -> Vec<(String, u64)> {
        let mut all: Vec<(String, u64)> =
            self.counts.iter().map(|(name, (_, count))| (name.clone(), *count)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.truncate(LISTED);
        all
    }
}
