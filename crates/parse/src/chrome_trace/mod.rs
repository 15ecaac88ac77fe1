//! CPU profiles in Chrome traces, which Chromium's tracing, DevTools' performance panel and
//! Node's `trace_events` write.
//!
//! A profile is a `Profile` event and many `ProfileChunk` events with the same process and
//! id. Each chunk contains new nodes, samples, and the time before each sample. Chromium up
//! to 2016 wrote one `CpuProfile` event. A trace may be a bare array that is never closed, or have
//! one event a line.
//!
//! A trace without profiles is read for its samples and stacks, if it has some (Hermes), or
//! else for the durations of its events (`B`, `E` and `X`).
//!
//! Memory: about 250 bytes an event with a duration, about 128 bytes a node and 36 bytes a
//! sample, in addition to the distinct names and the largest event; all of it within
//! [`Room`].

mod durations;
mod event;
mod recorded;
mod sampled;

use crate::error::Error;
use crate::json::{
    self, Admission, Documents, LenientObject, Object, Record, Records, Room, Scalar, StrictObject,
    skip,
};
use crate::options::Options;
use durations::{Durations, Place, WrittenEvent};
use event::Event;
use recorded::Recorder;
use sampled::{SampleReader, StackFrames};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::Profile;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// Reads a trace into a profile with a thread for each profile in it.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut trace = Trace::new(&Room::new(&options.progress));
    trace.recorder.lines_wanted = options.lines;
    trace.sampled.lines = options.lines;
    trace.events_wanted = options.sample_type.as_deref() == Some(EVENTS);
    let damage = json::read_documents(input, path, &mut trace)?;
    // An array without its closing bracket is legal.
    let damage = damage.filter(|damage| !(damage.cut && trace.bare && trace.between));
    if !trace.between {
        Events(&mut trace).end_early();
    }
    let Trace { recorder, durations, sampled, events_wanted, .. } = trace;
    let names = recorder.thread_names();
    if events_wanted && !durations.is_empty() {
        return durations.finish(path, name, damage, names);
    }
    if recorder.is_empty() && !sampled.is_empty() {
        return sampled.finish(path, name, damage, names);
    }
    if recorder.is_empty() && !durations.is_empty() {
        return durations.finish(path, name, damage, names);
    }
    let other = if recorder.is_empty() { durations.why_none() } else { None };
    match other.filter(|_| damage.is_none()) {
        Some(why) => Err(Error::NoSamples { path: path.to_owned(), why }),
        None => recorder.finish(path, name, damage),
    }
}

/// The option value that asks for the durations of events in a trace that also has
/// profiles.
const EVENTS: &str = "events";

struct Trace {
    /// True for a bare array, without an object around it.
    bare: bool,
    /// True for an object with `traceEvents`.
    wrapped: bool,
    /// True when the events have no array around them.
    lines: bool,
    /// True after a complete event.
    between: bool,
    event: Event,
    recorder: Recorder,
    durations: Durations,
    sampled: SampleReader,
    /// True when the caller asked for durations.
    events_wanted: bool,
    /// The number of events.
    events: u32,
}

impl Trace {
    fn new(room: &Room) -> Self {
        let mut event = Event::default();
        event.args.data.chunk.room = room.clone();
        Self {
            bare: false,
            wrapped: false,
            lines: false,
            between: false,
            event,
            recorder: Recorder::new(room),
            durations: Durations::new(room),
            sampled: SampleReader::new(room),
            events_wanted: false,
            events: 0,
        }
    }
}

/// Reads the object around the events, or the bare array.
struct TraceFile<'a>(&'a mut Trace);

impl<'de> DeserializeSeed<'de> for TraceFile<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TraceFile<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `traceEvents`, or an array of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        StrictObject(self.0).visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        (self.0.bare, self.0.between) = (true, true);
        Records(&mut Events(self.0)).visit_seq(seq)
    }
}

impl Documents for Trace {
    fn document<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        self.wrapped = false;
        TraceFile(self).deserialize(deserializer)
    }

    fn end_document(&mut self) -> Result<bool, &'static str> {
        // The fields of an object with `traceEvents` are none of an event.
        self.lines |= !self.wrapped && !self.bare && !self.event.phase.is_empty();
        if self.lines && !self.wrapped {
            Events(self).end()?;
        }
        self.between = true;
        Ok(self.lines)
    }
}

impl Object for Trace {
    const OBJECT: &'static str = "a trace";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "traceEvents" => {
                self.wrapped = true;
                self.event.clear();
                map.next_value_seed(Records(&mut Events(self)))
            }
            "samples" => map.next_value_seed(Records(&mut self.sampled)),
            "stackFrames" => map.next_value_seed(StackFrames(&mut self.sampled)),
            // The object may be an event by itself, one of many.
            _ if !self.wrapped => Events(self).field(key, map),
            _ => skip(map),
        }
    }
}

struct Events<'a>(&'a mut Trace);

impl Object for Events<'_> {
    const OBJECT: &'static str = "an event";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Trace { event, between, .. } = &mut *self.0;
        *between = false;
        match key {
            "name" => map.next_value_seed(Scalar(&mut event.name))?,
            "id" => map.next_value_seed(Scalar(&mut event.id))?,
            "pid" => map.next_value_seed(Scalar(&mut event.pid))?,
            "tid" => map.next_value_seed(Scalar(&mut event.tid))?,
            "ph" => map.next_value_seed(Scalar(&mut event.phase))?,
            "ts" => event.at_us = map.next_value()?,
            "dur" => event.long_us = map.next_value()?,
            "tdur" => event.thread_us = map.next_value()?,
            "args" => map.next_value_seed(LenientObject(&mut event.args))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for Events<'_> {
    fn end(&mut self) -> Admission {
        let Trace { event, between, recorder, durations, events_wanted, events, .. } = &mut *self.0;
        *between = true;
        let number = *events;
        *events = events.saturating_add(1);
        // Durations are not kept when there are profiles.
        let wanted = *events_wanted || recorder.is_empty();
        if wanted {
            last(event, number, durations)?;
        }
        let held = match event.name.as_str() {
            "Profile" => recorder.begin(event),
            "ProfileChunk" => recorder.chunk(event),
            "CpuProfile" => recorder.whole(event),
            "thread_name" => recorder.thread_name(event),
            _ => {
                recorder.lose_unnamed(event.args.data.chunk.samples.len() as u64);
                Ok(())
            }
        };
        event.clear();
        held
    }
}

impl Events<'_> {
    /// Handles a file that ends within an event: the complete samples of the event count.
    fn end_early(&mut self) {
        let Trace { event, recorder, .. } = &mut *self.0;
        let chunk = &mut event.args.data.chunk;
        if chunk.sampling {
            // The last id may be incomplete.
            recorder.lose(u64::from(chunk.samples.pop().is_some()));
        }
        match event.name.as_str() {
            // The result does not matter, because the file is damaged already.
            "ProfileChunk" | "CpuProfile" => self.end().unwrap_or_default(),
            _ => recorder.lose(chunk.samples.len() as u64),
        }
    }
}

/// Adds the beginning and the end of an event, when it has a duration.
fn last(event: &Event, number: u32, durations: &mut Durations) -> Admission {
    let Event { name, pid, tid, phase, at_us, long_us, thread_us, args, .. } = event;
    // Some programs write only the thread's running time.
    let long_us = if long_us.0.is_nan() { thread_us } else { long_us };
    let is_place = args.line.0 >= 0.0 && !args.url.is_empty();
    let place = is_place.then(|| Place {
        url: &args.url,
        line: args.line.0 as u32,
        column: args.column.0 as u32,
    });
    durations.take(WrittenEvent {
        number,
        phase,
        thread: (pid, tid),
        name,
        place,
        at_us: at_us.0,
        long_us: long_us.0,
    })
}
