//! A bound on what a reader holds of a document, which packing may have made
//! small: a few kilobytes can unpack to any number of empty objects.

use crate::input::Progress;
use std::cell::Cell;
use std::rc::Rc;

/// What a document of any size may take: 10 million samples and more.
const LEAST: u64 = 512 << 20;

/// What it may take beside that for each byte that was read from disk. Recordings
/// need less than 15 as they lie there plain, and less than 50 packed.
const PER_BYTE: u64 = 64;

const FULL: &str = "more than 512 MiB, and 64 bytes for each byte of the packed file, would be \
    held; unpack the file first if it is to be trusted";

/// That there was room, or why not.
pub(crate) type Held = Result<(), &'static str>;

/// The room that the parts of a reader share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Bytes read from disk; none are counted of a stream that a library's user
    /// hands over.
    progress: Progress,
    held: Cell<u64>,
    /// The bound as it was last computed.
    most: Cell<u64>,
}

impl Room {
    pub(crate) fn of(progress: &Progress) -> Self {
        Self(Rc::new(Counts { progress: progress.clone(), ..Counts::default() }))
    }

    /// Takes so many bytes, about as many as what is to be held needs.
    pub(crate) fn take(&self, bytes: usize) -> Held {
        let Counts { progress, held, most } = &*self.0;
        held.set(held.get().saturating_add(bytes as u64));
        if held.get() > most.get() {
            most.set(progress.bytes().saturating_mul(PER_BYTE).saturating_add(LEAST));
        }
        if held.get() > most.get() { Err(FULL) } else { Ok(()) }
    }

    /// Gives back what is no longer held.
    pub(crate) fn give(&self, bytes: usize) {
        let held = &self.0.held;
        held.set(held.get().saturating_sub(bytes as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_with_what_was_read() {
        let progress = Progress::default();
        let room = Room::of(&progress);
        assert_eq!(room.take(LEAST as usize), Ok(()));
        progress.add(1000);
        assert_eq!(room.take(64_000), Ok(()));
        assert_eq!(room.clone().take(1), Err(FULL));
        room.give(2);
        assert_eq!(room.take(1), Ok(()));
    }
}
