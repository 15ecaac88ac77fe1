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
use prost::Message;
use spikeflame_profile::Profile;
use spikeflame_proto::otlp::{
    AnyValue, Attribute, Function, Head, Location, Mapping, PROCESS_NAME, Sample, Stack,
};
use std::io::Read;
use std::ops::Range;
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
    /// The attributes of resources that are not named yet, each with the range of its profiles. The
    /// table of strings, which may hold the name, comes last in a file.
    resources: Vec<(Range<usize>, Vec<ResourceAttribute>)>,
    room: Room,
}

/// An attribute of a resource, such as `service.name`.
#[derive(Clone, PartialEq, Message)]
struct ResourceAttribute {
    /// The key; empty when it is in the table of strings.
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
    /// The index of the key in the table of strings; 0 when it is written out.
    #[prost(int32, tag = "3")]
    key_index: i32,
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

    /// Returns the text of an attribute's value, when it is one.
    fn text_of<'a>(&'a self, value: &'a AnyValue) -> Option<&'a str> {
        value.text.as_deref().or_else(|| value.text_index.map(|number| self.text(number)))
    }

    /// Keeps the attributes of the resource of all profiles from `first` on.
    fn take_resource(&mut self, first: usize, attributes: Vec<ResourceAttribute>) -> Admission {
        let text = |it: &ResourceAttribute| {
            let value = it.value.as_ref().and_then(|value| value.text.as_ref());
            it.key.len() + value.map_or(0, String::len)
        };
        let texts: usize = attributes.iter().map(text).sum();
        self.room.take(64 + 2 * size_of_val(attributes.as_slice()) + texts)?;
        self.resources.push((first..self.profiles.len(), attributes));
        Ok(())
    }

    /// Gives profiles the names of their resources: of the service, or else of the process.
    fn name_resources(&mut self) {
        for (range, attributes) in std::mem::take(&mut self.resources) {
            let find = |wanted: &str| {
                let key = |it: &ResourceAttribute| match it.key.is_empty() {
                    true => self.text(it.key_index) == wanted,
                    false => it.key == wanted,
                };
                let found = attributes.iter().find(|it| key(it))?;
                Some(self.text_of(found.value.as_ref()?)?.to_owned())
            };
            let name = find("service.name").or_else(|| find(PROCESS_NAME)).unwrap_or_default();
            for profile in self.profiles.get_mut(range).into_iter().flatten() {
                name.clone_into(&mut profile.resource);
            }
        }
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
