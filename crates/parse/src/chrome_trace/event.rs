//! The fields that are used of an event of a trace.

use crate::cpuprofile::nodes::RawNode;
use crate::json::{Amount, Id, LenientObject, Number, Object, Room, Scalar, each, runs, skip};
use serde::de::MapAccess;

/// The fields that are used of the current event.
#[derive(Default)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) pid: String,
    pub(super) tid: String,
    pub(super) phase: String,
    pub(super) at_us: Number,
    pub(super) long_us: Number,
    pub(super) thread_us: Number,
    pub(super) args: Args,
}

#[derive(Default)]
pub(super) struct Args {
    /// The thread's name, in a `thread_name` event.
    pub(super) name: String,
    /// The place of a function, in events of Hermes.
    pub(super) url: String,
    pub(super) line: Number,
    pub(super) column: Number,
    pub(super) data: Data,
    /// True when the event has data. Most events of other programs than V8 have none.
    has_data: bool,
}

#[derive(Default)]
pub(super) struct Data {
    pub(super) chunk: Chunk,
    pub(super) start_us: Number,
    pub(super) end_us: Number,
}

/// A part of a profile, or a whole profile.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) nodes: Vec<RawNode>,
    pub(super) samples: Vec<Id>,
    /// True within the array of samples.
    pub(super) sampling: bool,
    pub(super) deltas: Vec<Amount>,
    /// The line that ran in each sample, 0 when it is not known. Traces without any line have no
    /// such array.
    pub(super) lines: Vec<u32>,
    pub(super) start_us: Number,
    pub(super) end_us: Number,
    pub(super) room: Room,
    /// The number of bytes of this chunk that are counted in `room`.
    pub(super) taken: usize,
}

impl Event {
    /// Clears all fields, but keeps the memory of the texts.
    pub(super) fn clear(&mut self) {
        let Self { name, id, pid, tid, phase, at_us, long_us, thread_us, args } = self;
        for text in [name, id, pid, tid, phase, &mut args.name, &mut args.url] {
            text.clear();
        }
        for number in [at_us, long_us, thread_us, &mut args.line, &mut args.column] {
            *number = Number::default();
        }
        if std::mem::take(&mut args.has_data) {
            let mut chunk = std::mem::take(&mut args.data).chunk;
            chunk.clear();
            args.data.chunk = chunk;
        }
    }
}

/// The most elements of a list whose memory the next chunk uses again. A chunk has about a hundred.
const REUSED: usize = 1 << 12;

impl Chunk {
    /// Clears all fields, but keeps the memory of short lists.
    fn clear(&mut self) {
        let Self { samples, deltas, lines, room, taken, .. } = std::mem::take(self);
        room.give(taken);
        let (samples, deltas, lines) = (emptied(samples), emptied(deltas), emptied(lines));
        *self = Self { samples, deltas, lines, room, ..Self::default() };
    }
}

/// Returns an empty list in the memory of a short one.
fn emptied<T>(mut list: Vec<T>) -> Vec<T> {
    if list.capacity() > REUSED {
        return Vec::new();
    }
    list.clear();
    list
}

impl Object for Args {
    const OBJECT: &'static str = "arguments";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => map.next_value_seed(Scalar(&mut self.name)),
            "url" => map.next_value_seed(Scalar(&mut self.url)),
            "line" => map.next_value().map(|line| self.line = line),
            "column" => map.next_value().map(|column| self.column = column),
            "data" => {
                self.has_data = true;
                map.next_value_seed(LenientObject(&mut self.data))
            }
            _ => skip(map),
        }
    }
}

impl Object for Data {
    const OBJECT: &'static str = "data";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "cpuProfile" => map.next_value_seed(LenientObject(&mut self.chunk))?,
            "timeDeltas" | "lines" => self.chunk.field(key, map)?,
            "startTime" => self.start_us = map.next_value()?,
            "endTime" => self.end_us = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Object for Chunk {
    const OBJECT: &'static str = "a profile";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { room, taken, .. } = self;
        let mut take = |bytes: usize| {
            *taken += bytes;
            room.take(bytes)
        };
        match key {
            "nodes" => map.next_value_seed(each(|node: RawNode| {
                take(node.bytes())?;
                self.nodes.push(node);
                Ok(())
            }))?,
            "samples" => {
                self.sampling = true;
                map.next_value_seed(runs(|ids| {
                    self.samples.extend_from_slice(ids);
                    take(2 * size_of_val(ids))
                }))?;
                self.sampling = false;
            }
            "lines" => map.next_value_seed(runs(|lines: &[Number]| {
                self.lines.extend(lines.iter().map(|&Number(line)| line as u32));
                take(lines.len() * size_of::<u32>())
            }))?,
            // In chunks, this field is beside the profile; in whole profiles, within it.
            "timeDeltas" => map.next_value_seed(runs(|deltas| {
                self.deltas.extend_from_slice(deltas);
                take(2 * size_of_val(deltas))
            }))?,
            "startTime" => self.start_us = map.next_value()?,
            "endTime" => self.end_us = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}
