//! Chrome traces: what Chromium's tracing, DevTools' performance panel and
//! Node's `trace_events` write, as far as it is of CPU profiles.
//!
//! A profile is a `Profile` event and many `ProfileChunk` events that share its
//! process and id; each chunk holds the nodes that are new in it, samples, and
//! the time before each. Chromium up to 2016 wrote one `CpuProfile` event. A
//! trace may be a bare array that is never closed.
//!
//! Memory: about 128 bytes a node and 36 bytes a sample, beside the distinct
//! names and the largest event; all of it within [`Room`].

mod recorded;

use crate::cpuprofile::nodes::RawNode;
use crate::error::Error;
use crate::json::{
    self, Held, Id, Lenient, Number, Object, Record, Records, Room, Scalar, Strict, each, skip,
};
use crate::read::Options;
use recorded::Recorder;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::Profile;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// Reads a trace into a profile, a thread for each that it holds.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut trace = Trace::of(&Room::of(&options.progress));
    let damage = json::read(input, path, false, Whole(&mut trace))?;
    // An array without its end is legal.
    let damage = damage.filter(|damage| !(damage.cut && trace.bare && trace.between));
    if !trace.between {
        Events(&mut trace).end_early();
    }
    trace.recorder.finish(path, name, damage)
}

struct Trace {
    /// An array and no object around it.
    bare: bool,
    /// The last event is whole.
    between: bool,
    event: Event,
    recorder: Recorder,
}

impl Trace {
    fn of(room: &Room) -> Self {
        let mut event = Event::default();
        event.args.data.chunk.room = room.clone();
        Self { bare: false, between: false, event, recorder: Recorder::new(room) }
    }
}

/// What is of interest in the event at hand.
#[derive(Default)]
struct Event {
    name: String,
    id: String,
    pid: String,
    tid: String,
    at_us: Number,
    args: Args,
}

#[derive(Default)]
struct Args {
    /// The thread's name, of a `thread_name` event.
    name: String,
    data: Data,
}

#[derive(Default)]
struct Data {
    chunk: Chunk,
    start_us: Number,
    end_us: Number,
}

/// A part of a profile, or a whole one.
#[derive(Default)]
struct Chunk {
    nodes: Vec<RawNode>,
    samples: Vec<Id>,
    /// True within the array of samples.
    sampling: bool,
    deltas: Vec<f64>,
    start_us: Number,
    end_us: Number,
    room: Room,
    /// What it has taken of it.
    taken: usize,
}

/// The object around the events, or their bare array.
struct Whole<'a>(&'a mut Trace);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `traceEvents`, or an array of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Strict(self.0).visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        (self.0.bare, self.0.between) = (true, true);
        Records(&mut Events(self.0)).visit_seq(seq)
    }
}

impl Object for Trace {
    const WHAT: &'static str = "a trace";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "traceEvents" => map.next_value_seed(Records(&mut Events(self))),
            _ => skip(map),
        }
    }
}

struct Events<'a>(&'a mut Trace);

impl Object for Events<'_> {
    const WHAT: &'static str = "an event";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Trace { event, between, .. } = &mut *self.0;
        *between = false;
        match key {
            "name" => map.next_value_seed(Scalar(&mut event.name))?,
            "id" => map.next_value_seed(Scalar(&mut event.id))?,
            "pid" => map.next_value_seed(Scalar(&mut event.pid))?,
            "tid" => map.next_value_seed(Scalar(&mut event.tid))?,
            "ts" => event.at_us = map.next_value()?,
            "args" => map.next_value_seed(Lenient(&mut event.args))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for Events<'_> {
    fn end(&mut self) -> Held {
        let Trace { event, between, recorder, .. } = &mut *self.0;
        *between = true;
        let held = match event.name.as_str() {
            "Profile" => recorder.begin(event),
            "ProfileChunk" => recorder.chunk(event),
            "CpuProfile" => recorder.whole(event),
            "thread_name" => recorder.thread_name(event),
            _ => Ok(()),
        };
        event.clear();
        held
    }
}

impl Events<'_> {
    /// The file ends within an event: what it has of samples counts.
    fn end_early(&mut self) {
        let Trace { event, recorder, .. } = &mut *self.0;
        let chunk = &mut event.args.data.chunk;
        if chunk.sampling {
            // Of the last id there may be more to come.
            recorder.lose(u64::from(chunk.samples.pop().is_some()));
        }
        match event.name.as_str() {
            // Whatever there is no room for: the file is damaged already.
            "ProfileChunk" | "CpuProfile" => self.end().unwrap_or_default(),
            _ => recorder.lose(chunk.samples.len() as u64),
        }
    }
}

impl Event {
    /// Forgets all but the room that the texts take.
    fn clear(&mut self) {
        let Self { name, id, pid, tid, at_us, args } = self;
        for text in [name, id, pid, tid, &mut args.name] {
            text.clear();
        }
        *at_us = Number::default();
        let Chunk { room, taken, .. } = std::mem::take(&mut args.data).chunk;
        room.give(taken);
        args.data.chunk.room = room;
    }
}

impl Object for Args {
    const WHAT: &'static str = "arguments";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => map.next_value_seed(Scalar(&mut self.name)),
            "data" => map.next_value_seed(Lenient(&mut self.data)),
            _ => skip(map),
        }
    }
}

impl Object for Data {
    const WHAT: &'static str = "data";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "cpuProfile" => map.next_value_seed(Lenient(&mut self.chunk))?,
            "timeDeltas" => self.chunk.field(key, map)?,
            "startTime" => self.start_us = map.next_value()?,
            "endTime" => self.end_us = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Object for Chunk {
    const WHAT: &'static str = "a profile";

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
                map.next_value_seed(each(|id| {
                    self.samples.push(id);
                    take(2 * size_of::<Id>())
                }))?;
                self.sampling = false;
            }
            // Of chunks they stand beside the profile, of whole ones in it.
            "timeDeltas" => map.next_value_seed(each(|Number(delta)| {
                self.deltas.push(delta);
                take(2 * size_of::<f64>())
            }))?,
            "startTime" => self.start_us = map.next_value()?,
            "endTime" => self.end_us = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}
