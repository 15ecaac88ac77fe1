//! OTLP profiles (`profiles/v1development` of OpenTelemetry, with a dictionary and a table
//! of stacks), as protobuf and as JSON. The OpenTelemetry eBPF profiler, collectors and our
//! own export write them.
//!
//! Memory: a whole protobuf (at most 512 MiB), its tables, and about 100 bytes a sample;
//! for JSON only the tables and the samples. All of it except the file is within [`Room`].

mod append;
mod finish;
mod json;
mod wire;

use crate::error::Error;
use crate::json::{Admission, Damage, Room};
use crate::options::Options;
use spikeflame_profile::Profile;
use spikeflame_proto::otlp::{
    AnyValue, Attribute, Function, Head, Location, Mapping, Sample, Stack,
};
use std::io::Read;
use std::path::Path;

pub(crate) use wire::is_profiles;

/// Reads profiles as protobuf, with a thread for each one that the samples name.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let room = Room::new(&options.progress);
    let (tables, wrong) = wire::read(input, path, &room)?;
    finish::finish(tables, path, name, wrong, options)
}

/// Reads profiles as JSON.
pub(crate) fn read_json(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let room = Room::new(&options.progress);
    let (tables, damage) = json::read(input, path, &room)?;
    finish::finish(tables, path, name, damage.map(ReadProblem::Json), options)
}

/// The reason why a file was not read to its end.
enum ReadProblem {
    Json(Damage),
    /// The byte of a protobuf, and the problem there.
    Wire(usize, &'static str),
}

/// The tables and profiles of a file.
#[derive(Default)]
struct Tables {
    strings: Vec<String>,
    mappings: Vec<Mapping>,
    locations: Vec<Location>,
    functions: Vec<Function>,
    attributes: Vec<Attribute>,
    stacks: Vec<Stack>,
    profiles: Vec<RawProfile>,
    room: Room,
}

/// A profile, and its origin.
#[derive(Clone, Default)]
struct RawProfile {
    head: Head,
    samples: Vec<Sample>,
    /// The name of its service or process.
    resource: String,
    /// The program that made it.
    scope: String,
}

impl Tables {
    fn new(room: &Room) -> Self {
        Self { room: room.clone(), ..Self::default() }
    }

    /// Returns a string by its number.
    fn text(&self, number: i32) -> &str {
        let at = usize::try_from(number).ok();
        at.and_then(|at| self.strings.get(at)).map_or("", String::as_str)
    }

    fn take_string(&mut self, text: String) -> Admission {
        self.room.take(2 * size_of::<String>() + text.len())?;
        self.strings.push(text);
        Ok(())
    }

    fn take_location(&mut self, location: Location) -> Admission {
        let lines = size_of_val(location.lines.as_slice());
        let attributes = size_of_val(location.attributes.as_slice());
        self.room.take(2 * size_of::<Location>() + 2 * (lines + attributes))?;
        self.locations.push(location);
        Ok(())
    }

    fn take_stack(&mut self, stack: Stack) -> Admission {
        let locations = size_of_val(stack.locations.as_slice());
        self.room.take(2 * (size_of::<Stack>() + locations) + 24 * stack.locations.len())?;
        self.stacks.push(stack);
        Ok(())
    }

    fn take_attribute(&mut self, attribute: Attribute) -> Admission {
        let text = attribute.value.as_ref().and_then(|AnyValue { text, .. }| text.as_ref());
        self.room.take(2 * size_of::<Attribute>() + text.map_or(0, String::len))?;
        self.attributes.push(attribute);
        Ok(())
    }

    fn take_profile(&mut self) -> Admission {
        self.profiles.push(RawProfile::default());
        self.room.take(4 * size_of::<RawProfile>())
    }

    fn take_sample(&mut self, sample: Sample) -> Admission {
        let observed = sample.values.len().max(sample.times_unix_nano.len());
        let attributes = size_of_val(sample.attributes.as_slice());
        self.room.take(2 * (size_of::<Sample>() + attributes) + 64 * observed)?;
        if let Some(profile) = self.profiles.last_mut() {
            profile.samples.push(sample);
        }
        Ok(())
    }
}
