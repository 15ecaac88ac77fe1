//! Writing profiles by hand.

#![allow(dead_code, reason = "each test file uses a part of it")]

use prost::Message;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{CallTree, Idle, Profile, Selection, folded};
use spikeflame_proto::pprof::{Function, Label, Line, Location, Mapping, Sample, ValueType, field};
use std::path::Path;

/// A profile under construction, field by field.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) bytes: Vec<u8>,
    strings: Vec<String>,
}

impl Builder {
    /// Begins a profile with values of `types`: `[("samples", "count")]`.
    pub(crate) fn new(types: &[(&str, &str)]) -> Self {
        let mut builder = Self::default();
        builder.string("");
        for (r#type, unit) in types {
            let value = ValueType { r#type: builder.string(r#type), unit: builder.string(unit) };
            builder.message(field::SAMPLE_TYPE, &value);
        }
        builder
    }

    pub(crate) fn string(&mut self, text: &str) -> i64 {
        let at = self.strings.iter().position(|known| known == text);
        at.unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        }) as i64
    }

    pub(crate) fn message(&mut self, number: u32, message: &impl Message) {
        self.bytes.push((number << 3 | 2) as u8);
        message.encode_length_delimited(&mut self.bytes).unwrap();
    }

    pub(crate) fn number(&mut self, number: u32, value: i64) {
        self.bytes.push((number << 3) as u8);
        prost::encoding::encode_varint(value as u64, &mut self.bytes);
    }

    /// Adds a function; the location with this id is its first line.
    pub(crate) fn function(&mut self, id: u64, name: &str, file: &str, line: i64) -> &mut Self {
        self.function_record(id, name, name, file);
        let line = vec![Line { function_id: id, line, column: 0 }];
        self.message(field::LOCATION, &Location { id, line, ..Location::default() });
        self
    }

    pub(crate) fn function_record(&mut self, id: u64, name: &str, system_name: &str, file: &str) {
        let [name, system_name, filename] = [name, system_name, file].map(|t| self.string(t));
        self.message(field::FUNCTION, &Function { id, name, system_name, filename, start_line: 0 });
    }

    pub(crate) fn mapping(&mut self, id: u64, file: &str) {
        let filename = self.string(file);
        self.message(field::MAPPING, &Mapping { id, filename, has_functions: true });
    }

    /// Adds a sample, with its locations outermost first.
    pub(crate) fn sample(&mut self, locations: &[u64], values: &[i64]) -> &mut Self {
        self.labelled(locations, values, &[])
    }

    /// Adds a sample with labels; a text of `#12` is the number 12.
    pub(crate) fn labelled(
        &mut self,
        locations: &[u64],
        values: &[i64],
        labels: &[(&str, &str)],
    ) -> &mut Self {
        let label = labels.iter().map(|(key, text)| {
            let key = self.string(key);
            match text.strip_prefix('#') {
                Some(num) => Label { key, num: num.parse().unwrap(), ..Label::default() },
                None => Label { key, str: self.string(text), ..Label::default() },
            }
        });
        let label = label.collect();
        let location_id = locations.iter().rev().copied().collect();
        self.message(field::SAMPLE, &Sample { location_id, value: values.to_vec(), label });
        self
    }

    /// Returns the bytes, with the strings last.
    pub(crate) fn build(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        for text in &self.strings {
            bytes.push((field::STRING << 3 | 2) as u8);
            prost::encoding::encode_varint(text.len() as u64, &mut bytes);
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

pub(crate) fn parse_as(bytes: &[u8], options: &Options) -> Result<Profile, Error> {
    read_stream(bytes, Path::new("some.pb"), options)
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Profile, Error> {
    parse_as(bytes, &Options::default())
}

/// Returns the whole profile as folded stacks.
pub(crate) fn fold(profile: &Profile) -> String {
    let all = Selection { idle: Idle::Keep, annotate: true, ..Selection::default() };
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &all), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}
