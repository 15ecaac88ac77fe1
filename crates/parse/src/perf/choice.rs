//! Choosing the event to read from a text with several events.

use super::event::{Event, without_modifiers};
use super::unit::{Unit, are_twins, plain_name};
use crate::error::Error;
use spikeflame_profile::warning::PerfFact;
use std::borrow::Cow;
use std::path::Path;

/// The event to read: the one that the user named, or else the first one that is CPU time, or else the first
/// one.
#[derive(Default)]
pub(super) struct Choice {
    wanted: Option<String>,
    /// True when the user gave no modifiers, so that any fit.
    any: bool,
    /// True when the user named the event.
    is_asked: bool,
    /// The number of samples of each other event, in the order of the text.
    others: Vec<(String, u64)>,
    /// The number of samples of events beyond [`MOST_EVENTS`].
    more: u64,
}

/// The most events that are counted by name: a text may have a different one on each line.
const MOST_EVENTS: usize = 64;

impl Choice {
    pub(super) fn new(wanted: Option<String>) -> Self {
        let any = wanted.as_ref().is_some_and(|name| without_modifiers(name) == name);
        Self { is_asked: wanted.is_some(), wanted, any, ..Self::default() }
    }

    /// Returns true when the line is incomplete: it has no event's name, but other lines
    /// have one.
    pub(super) fn is_torn(&self, event: &Event<'_>) -> bool {
        self.wanted.is_some() && event.name.is_none()
    }

    /// Returns true for the event to read, and counts the others.
    pub(super) fn wants(&mut self, event: &Event<'_>) -> bool {
        let (Some(wanted), Some(name)) = (&self.wanted, event.name) else {
            self.wanted = self.wanted.take().or(event.name.map(str::to_owned));
            return true;
        };
        if wanted == name {
            return true;
        }
        // An event is that of all kinds of cores, as in perf.data.
        let is_called = wanted == without_modifiers(name) || *wanted == plain_name(name);
        if are_twins(wanted, name) && !self.is_asked || self.any && is_called {
            return true;
        }
        self.leave_out(name, 1);
        false
    }

    fn leave_out(&mut self, name: &str, samples: u64) {
        let full = self.others.len() >= MOST_EVENTS;
        match self.others.iter_mut().find(|(other, _)| other == name) {
            Some((_, count)) => *count += samples,
            None if full => self.more += samples,
            None => self.others.push((name.to_owned(), samples)),
        }
    }

    /// Returns true when the event is CPU time, and the chosen one is not and was not named by the user.
    pub(super) fn prefers(&self, event: &Event<'_>) -> bool {
        let is_time = |name: &str| Unit::from_event(name).is_time;
        match (&self.wanted, event.name) {
            (Some(wanted), Some(name)) if !self.is_asked && wanted != name => {
                is_time(name) && !is_time(wanted)
            }
            _ => false,
        }
    }

    /// Chooses another event. The one before it had this number of samples.
    pub(super) fn choose(&mut self, event: &Event<'_>, samples: u64) {
        let before = std::mem::replace(&mut self.wanted, event.name.map(str::to_owned));
        if let Some(before) = before {
            self.leave_out(&before, samples);
        }
    }

    /// Returns the reason why there are no samples, when the event that the user named has none.
    pub(super) fn nothing(&self, path: &Path) -> Option<Error> {
        let wanted = self.wanted.as_ref()?;
        let there: Vec<&str> = self.others.iter().map(|(name, _)| name.as_str()).collect();
        let why = format!("none of {wanted}; there are some of {}", there.join(", "));
        (!there.is_empty()).then(|| Error::NoSamples { path: path.to_owned(), why })
    }

    /// Returns the events that are not read.
    pub(super) fn left_out(&self) -> Option<PerfFact> {
        let mut others = self.others.clone();
        others.extend((self.more > 0).then(|| ("others".to_owned(), self.more)));
        let read = self.wanted.clone().unwrap_or_default();
        (!others.is_empty()).then_some(PerfFact::OtherEvents { read, others })
    }

    /// Returns the event that was read, in the form that profiles use.
    pub(super) fn name(&self) -> Cow<'_, str> {
        plain_name(self.wanted.as_deref().unwrap_or_default())
    }
}
