//! A limit on the memory that a reader takes for a document. A compressed file of a few
//! kilobytes can unpack to any number of empty objects.

use crate::input::Progress;
use std::cell::Cell;
use std::rc::Rc;

/// The memory in bytes that a document of any size may take: enough for more than 10
/// million samples.
const LEAST_ROOM_BYTES: u64 = 512 << 20;

/// The additional memory in bytes for each byte read from disk. Recordings need less than
/// 15 when they are not compressed, and less than 50 when they are.
const PER_BYTE: u64 = 64;

/// The kind of damage in [`Fact::Damage`](spikeflame_profile::warning::Fact::Damage) and the beginning of
/// [`Error::Damaged::expected`](crate::Error::Damaged) for a file whose content takes too much memory for its
/// size. When the file is unpacked, it may take more.
pub const TOO_MUCH_MEMORY: &str =
    "more than 512 MiB, and 64 bytes for each byte of the packed file, would be held";

/// The result of [`Room::take`]; the error is the reason why no more memory may be taken.
pub(crate) type Admission = Result<(), &'static str>;

/// The limit on the memory of one document, with the bytes that are taken. All parts of a reader
/// share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// The bytes read from disk. For a stream from a user of the library, none are counted.
    progress: Progress,
    held: Cell<u64>,
    /// The limit, as it was last computed.
    most: Cell<u64>,
}

impl Room {
    pub(crate) fn new(progress: &Progress) -> Self {
        Self(Rc::new(Counts { progress: progress.clone(), ..Counts::default() }))
    }

    /// Counts `bytes` more bytes as taken: the approximate size of the data to store. Returns an
    /// error when the limit is exceeded; the bytes are counted all the same.
    pub(crate) fn take(&self, bytes: usize) -> Admission {
        let Counts { progress, held, most } = &*self.0;
        held.set(held.get().saturating_add(bytes as u64));
        if held.get() > most.get() {
            most.set(progress.bytes().saturating_mul(PER_BYTE).saturating_add(LEAST_ROOM_BYTES));
        }
        if held.get() > most.get() { Err(TOO_MUCH_MEMORY) } else { Ok(()) }
    }

    /// Counts `bytes` bytes as free again.
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
        let room = Room::new(&progress);
        assert_eq!(room.take(LEAST_ROOM_BYTES as usize), Ok(()));
        progress.add(1000);
        assert_eq!(room.take(64_000), Ok(()));
        assert_eq!(room.clone().take(1), Err(TOO_MUCH_MEMORY));
        room.give(2);
        assert_eq!(room.take(1), Ok(()));
    }
}
