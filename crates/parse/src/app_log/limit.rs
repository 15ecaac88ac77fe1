//! The names of errors, and the number of them that is kept.
//!
//! A message may hold words that differ from one error to the next, such as the names of users. No
//! rule finds such words, so a log may have as many names as errors.

use hashbrown::{HashMap, HashSet};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{Frame, FrameId, FrameTable, Kind, Tier};

/// The most names of errors in one log. A program has some hundreds of places that log errors, and a
/// list that is longer than this is of values in the messages. In memory a name takes about 2 kB, with
/// its row and its places: 40 MB in all.
pub(super) const MOST_NAMES: usize = 20_000;
/// The most names that are looked at. A line of a logger has a name too, until the name of the error
/// itself follows in its stack: such names are not among the ones that are kept.
const MOST_SEEN: usize = 5 * MOST_NAMES;
/// The name of the errors that have further names. The mark shows that it is no name in the log.
const REMAINDER: &str = "[error] (further names)";

#[derive(Debug, Default)]
pub(super) struct Names {
    /// The frame of each name that was seen.
    seen: HashMap<Box<str>, FrameId>,
    /// The frames of the names that errors have.
    kept: HashSet<FrameId>,
    remainder: Option<FrameId>,
    /// The number of errors that have a further name, or a cause with one.
    errors: u64,
}

impl Names {
    /// Returns the frame of a name; that of the remainder when too many names were seen.
    pub(super) fn frame(&mut self, name: &str, frames: &mut FrameTable) -> FrameId {
        if let Some(frame) = self.seen.get(name) {
            return *frame;
        }
        if self.seen.len() >= MOST_SEEN {
            return self.further(frames);
        }
        let frame = error_frame(name, frames);
        self.seen.insert(name.into(), frame);
        frame
    }

    /// Counts an error with the names of itself and its causes. Those beyond the limit become the
    /// remainder.
    pub(super) fn count<'a>(
        &mut self,
        names: impl Iterator<Item = &'a mut FrameId>,
        frames: &mut FrameTable,
    ) {
        let mut is_further = false;
        for name in names {
            let is_kept = !self.is_remainder(*name)
                && (self.kept.contains(name)
                    || self.kept.len() < MOST_NAMES && self.kept.insert(*name));
            if !is_kept {
                is_further = true;
                *name = self.further(frames);
            }
        }
        self.errors += u64::from(is_further);
    }

    /// Returns true for the frame of the errors that have further names.
    pub(super) fn is_remainder(&self, frame: FrameId) -> bool {
        self.remainder == Some(frame)
    }

    /// Returns the warning about errors with further names.
    pub(super) fn warning(&self) -> Option<Fact> {
        (self.errors > 0).then(|| Fact::FurtherNames {
            errors: self.errors,
            kept: self.kept.len() as u64,
            row: REMAINDER.to_owned(),
        })
    }

    fn further(&mut self, frames: &mut FrameTable) -> FrameId {
        *self.remainder.get_or_insert_with(|| error_frame(REMAINDER, frames))
    }
}

fn error_frame(name: &str, frames: &mut FrameTable) -> FrameId {
    let function = frames.named(name, Kind::Error);
    frames.frame(Frame { function, tier: Tier::None, inlined: false })
}
