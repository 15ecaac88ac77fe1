//! Which event's samples are read, of a text that holds several.

use super::event::{Event, without_modifiers};
use crate::error::Error;
use std::path::Path;

/// The event to read: the first one, unless told.
#[derive(Default)]
pub(super) struct Choice {
    wanted: Option<String>,
    /// With any modifiers: the user gave none.
    any: bool,
    /// Samples of other events, in the order they came.
    others: Vec<(String, u64)>,
    /// Samples of events beyond [`MOST`].
    more: u64,
}

/// Events that are counted by name; a text may name as many as it has lines.
const MOST: usize = 64;

impl Choice {
    pub(super) fn new(wanted: Option<String>) -> Self {
        let any = wanted.as_ref().is_some_and(|name| without_modifiers(name) == name);
        Self { wanted, any, ..Self::default() }
    }

    /// True when a line without an event's name is torn: others have names.
    pub(super) fn is_torn(&self, event: &Event<'_>) -> bool {
        self.wanted.is_some() && event.name.is_none()
    }

    /// True when it is the event to read; counts the others.
    pub(super) fn wants(&mut self, event: &Event<'_>) -> bool {
        let (Some(wanted), Some(name)) = (&self.wanted, event.name) else {
            self.wanted = self.wanted.take().or(event.name.map(str::to_owned));
            return true;
        };
        if wanted == name || self.any && wanted == without_modifiers(name) {
            return true;
        }
        let full = self.others.len() >= MOST;
        match self.others.iter_mut().find(|(other, _)| other == name) {
            Some((_, count)) => *count += 1,
            None if full => self.more += 1,
            None => self.others.push((name.to_owned(), 1)),
        }
        false
    }

    /// Why there is no sample, when the event that was asked for has none.
    pub(super) fn nothing(&self, path: &Path) -> Option<Error> {
        let wanted = self.wanted.as_ref()?;
        let there: Vec<&str> = self.others.iter().map(|(name, _)| name.as_str()).collect();
        let why = format!("none of {wanted}; there are some of {}", there.join(", "));
        (!there.is_empty()).then(|| Error::NoSamples { path: path.to_owned(), why })
    }

    /// What is told of the other events.
    pub(super) fn left_out(&self) -> Option<String> {
        let mut others: Vec<String> =
            self.others.iter().map(|(name, count)| format!("{name} ({count})")).collect();
        others.extend((self.more > 0).then(|| format!("others ({})", self.more)));
        let wanted = self.wanted.as_deref().unwrap_or_default();
        (!others.is_empty()).then(|| {
            format!(
                "samples of {wanted} only; left out: {}; --sample-type NAME reads those",
                others.join(", ")
            )
        })
    }

    /// The event that was read, as profiles name it.
    pub(super) fn name(&self) -> &str {
        without_modifiers(self.wanted.as_deref().unwrap_or_default())
    }
}
