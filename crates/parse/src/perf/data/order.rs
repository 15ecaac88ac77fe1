//! Records in the order of their times.
//!
//! Each processor fills its own buffer, and perf empties the buffers in rounds. A record may be
//! older than records before it in the file, but not older than the records that were written two
//! rounds earlier. At the end of a round, all records up to the time of the youngest record of the
//! round before are therefore returned.

use super::records::Head;
use std::ops::Range;

/// Nanoseconds by which a record may be older than those that were due before it. perf itself allows
/// none; a record of a busy machine may be late by less than this.
const LATENESS_NS: u64 = 1_000_000_000;

/// The most bytes that are held. Without ends of rounds, records are only ordered within
/// this much.
const MOST_HELD_BYTES: usize = 64 << 20;

/// Records that wait for their turn.
#[derive(Default)]
pub(super) struct Order {
    bytes: Vec<u8>,
    held: Vec<QueuedRecord>,
    /// The times of the youngest record of the round before this one, and of all.
    due: u64,
    youngest: u64,
    /// The time up to which ends of rounds have returned records.
    returned: u64,
    /// The number of records that are older than that.
    pub(super) late: u64,
}

/// A record in the queue.
#[derive(Clone, Debug)]
pub(super) struct QueuedRecord {
    pub(super) kind: u32,
    pub(super) misc: u16,
    pub(super) number: u64,
    /// The number of its event.
    pub(super) event: u32,
    time: u64,
    body: Range<usize>,
}

impl Order {
    /// Adds a record; one without a time keeps its place.
    pub(super) fn push(&mut self, head: &Head, body: &[u8], event: u32, time: Option<u64>) {
        // Records that perf makes itself have the time 0.
        let is_late = |&time: &u64| time > 0 && time.saturating_add(LATENESS_NS) < self.returned;
        self.late += u64::from(time.as_ref().is_some_and(is_late));
        let time = time.unwrap_or(self.youngest);
        self.youngest = self.youngest.max(time);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(body);
        let body = start..self.bytes.len();
        let &Head { kind, misc, number, .. } = head;
        self.held.push(QueuedRecord { kind, misc, number, event, time, body });
    }

    /// Returns true when records must be returned, even if older ones may follow.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() + self.held.len() * size_of::<QueuedRecord>() > MOST_HELD_BYTES
    }

    /// Ends a round, and returns the records that are due.
    pub(super) fn end_round(&mut self, take: impl FnMut(&QueuedRecord, &[u8])) {
        let due = std::mem::replace(&mut self.due, self.youngest);
        self.returned = self.returned.max(due);
        self.flush(due, take);
    }

    /// Returns the older half of the records.
    pub(super) fn make_room(&mut self, take: impl FnMut(&QueuedRecord, &[u8])) {
        let middle = self.held.len() / 2;
        let (_, half, _) = self.held.select_nth_unstable_by_key(middle, |held| held.time);
        let half = half.time;
        self.flush(half, take);
    }

    /// Returns all remaining records.
    pub(super) fn finish(&mut self, take: impl FnMut(&QueuedRecord, &[u8])) {
        self.flush(u64::MAX, take);
    }

    fn flush(&mut self, due: u64, mut take: impl FnMut(&QueuedRecord, &[u8])) {
        self.held.sort_unstable_by_key(|held| (held.time, held.number));
        let count = self.held.partition_point(|held| held.time <= due);
        let bytes = std::mem::take(&mut self.bytes);
        for held in self.held.drain(..count) {
            take(&held, bytes.get(held.body.clone()).unwrap_or_default());
        }
        for held in &mut self.held {
            let body = bytes.get(held.body.clone()).unwrap_or_default();
            let start = self.bytes.len();
            self.bytes.extend_from_slice(body);
            held.body = start..self.bytes.len();
        }
    }
}
