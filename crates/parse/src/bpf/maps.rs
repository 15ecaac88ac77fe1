//! The choice of the map to read from bpftrace's output, which can hold several. Their counts have
//! different meanings, so that a sum of them has none.

use spikeflame_profile::warning::UnreadValues;

/// The most maps that are counted by name: a damaged text may have a different one on each line.
const MOST_MAPS: usize = 64;

/// The map to read: the one that the user named, or else the first one with counted stacks.
#[derive(Default)]
pub(super) struct Maps {
    wanted: Option<String>,
    /// The number of stacks of each other map, in the order of the text.
    others: Vec<(String, u64)>,
    /// The number of stacks of maps beyond [`MOST_MAPS`].
    more: u64,
}

impl Maps {
    /// Makes a choice. The user may name the map `@bytes` as `bytes`.
    pub(super) fn new(wanted: Option<&str>) -> Self {
        let wanted = wanted.map(|name| name.strip_prefix('@').unwrap_or(name).to_owned());
        Self { wanted, ..Self::default() }
    }

    /// Returns true for a counted stack of the map to read, and counts the others. The name has no
    /// `@`.
    pub(super) fn wants(&mut self, map: &str) -> bool {
        let wanted = self.wanted.get_or_insert_with(|| map.to_owned());
        if wanted == map {
            return true;
        }
        let full = self.others.len() >= MOST_MAPS;
        match self.others.iter_mut().find(|(other, _)| other == map) {
            Some((_, stacks)) => *stacks += 1,
            None if full => self.more += 1,
            None => self.others.push((map.to_owned(), 1)),
        }
        false
    }

    /// Returns true for the map to read, and false for others that have stacks. Returns `None` for a map
    /// without a stack so far. The name has no `@`.
    pub(super) fn is_wanted(&self, map: &str) -> Option<bool> {
        let is_other = || self.others.iter().any(|(other, _)| other == map);
        match self.wanted.as_deref() == Some(map) {
            true => Some(true),
            false => is_other().then_some(false),
        }
    }

    /// Returns the reason why there are no samples, when other maps than the one that the user named
    /// have stacks.
    pub(super) fn nothing(&self) -> Option<String> {
        let wanted = self.wanted.as_ref()?;
        let there: Vec<String> = self.others.iter().map(|(name, _)| format!("@{name}")).collect();
        let why = format!("none of @{wanted}; there are some of {}", there.join(", "));
        (!there.is_empty()).then_some(why)
    }

    /// Returns the maps that are not read.
    pub(super) fn left_out(&self) -> Option<UnreadValues> {
        let mut others: Vec<(String, u64)> =
            self.others.iter().map(|(name, stacks)| (format!("@{name}"), *stacks)).collect();
        others.extend((self.more > 0).then(|| ("others".to_owned(), self.more)));
        let read = format!("@{}", self.wanted.as_deref().unwrap_or_default());
        (!others.is_empty()).then_some(UnreadValues::Maps { read, others })
    }
}
