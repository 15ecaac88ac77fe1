//! OTLP profiles as JSON: the messages of the protobuf with keys in camel case or with the names
//! of the protobuf's fields, 64-bit numbers as texts.

use super::{RawProfile, ResourceAttribute, Tables};
use crate::error::Error;
use crate::json::{
    self, Admission, Damage, Id, LenientObject, List, Object, Record, Records, Room, Text, Word,
    each, skip,
};
use serde::Deserialize;
use serde::de::MapAccess;
use spikeflame_proto::otlp::{
    AnyValue, Attribute, Function, Head, Line, Location, Mapping, Sample, Stack, ValueType,
};
use std::io::Read;
use std::path::Path;

/// Reads the tables and the samples. A collector writes a document a line, each with tables of its
/// own.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    room: &Room,
) -> Result<(Tables, Option<Damage>), Error> {
    let mut file = File(Tables::new(room));
    let mut all = Tables::new(room);
    let damage = json::read_all(input, path, &mut file, |file| {
        file.0.name_resources();
        all.append(std::mem::replace(&mut file.0, Tables::new(room)));
    })?;
    Ok((all, damage))
}

struct File(Tables);

impl Object for File {
    const OBJECT: &'static str = "OTLP profiles";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "resourceProfiles" | "resource_profiles" => {
                map.next_value_seed(Records(&mut Resource {
                    first: self.0.profiles.len(),
                    tables: &mut self.0,
                    attributes: Vec::new(),
                }))
            }
            "dictionary" => map.next_value_seed(LenientObject(&mut Dictionary(&mut self.0))),
            _ => skip(map),
        }
    }
}

struct Dictionary<'a>(&'a mut Tables);

impl Object for Dictionary<'_> {
    const OBJECT: &'static str = "a dictionary";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let tables = &mut *self.0;
        match key {
            "stringTable" | "string_table" => {
                map.next_value_seed(each(|Text(text)| tables.take_string(text)))
            }
            "mappingTable" | "mapping_table" => map.next_value_seed(each(|raw: RawMapping| {
                tables.mappings.push(Mapping { filename: raw.filename_strindex.whole() });
                tables.room.take(16)
            })),
            "locationTable" | "location_table" => {
                map.next_value_seed(each(|raw: RawLocation| tables.take_location(raw.message())))
            }
            "functionTable" | "function_table" => map.next_value_seed(each(|raw: RawFunction| {
                tables.functions.push(raw.message());
                tables.room.take(64)
            })),
            "attributeTable" | "attribute_table" => {
                map.next_value_seed(each(|raw: RawAttribute| tables.take_attribute(raw.message())))
            }
            "stackTable" | "stack_table" => map.next_value_seed(each(|raw: RawStack| {
                tables.take_stack(Stack { locations: wholes(&raw.location_indices) })
            })),
            _ => skip(map),
        }
    }
}

struct Resource<'a> {
    tables: &'a mut Tables,
    /// The index of this resource's first profile.
    first: usize,
    attributes: Vec<ResourceAttribute>,
}

impl Object for Resource<'_> {
    const OBJECT: &'static str = "profiles of a resource";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "resource" => {
                let RawResource { attributes } = map.next_value()?;
                self.attributes = attributes.0.into_iter().map(RawKeyValue::message).collect();
                Ok(())
            }
            "scopeProfiles" | "scope_profiles" => {
                map.next_value_seed(Records(&mut ScopeProfiles {
                    first: self.tables.profiles.len(),
                    tables: self.tables,
                    name: String::new(),
                }))
            }
            _ => skip(map),
        }
    }
}

impl Record for Resource<'_> {
    fn end(&mut self) -> Admission {
        let attributes = std::mem::take(&mut self.attributes);
        self.tables.take_resource(self.first, attributes)?;
        self.first = self.tables.profiles.len();
        Ok(())
    }
}

struct ScopeProfiles<'a> {
    tables: &'a mut Tables,
    first: usize,
    name: String,
}

impl Object for ScopeProfiles<'_> {
    const OBJECT: &'static str = "profiles of a scope";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "scope" => {
                let RawScope { name, version } = map.next_value()?;
                self.name = [name.0, version.0].join(" ").trim().to_owned();
                Ok(())
            }
            "profiles" => {
                map.next_value_seed(Records(&mut Profiles { tables: self.tables, begun: false }))
            }
            _ => skip(map),
        }
    }
}

impl Record for ScopeProfiles<'_> {
    fn end(&mut self) -> Admission {
        let name = std::mem::take(&mut self.name);
        for profile in self.tables.profiles.iter_mut().skip(self.first) {
            name.clone_into(&mut profile.scope);
        }
        self.first = self.tables.profiles.len();
        Ok(())
    }
}

struct Profiles<'a> {
    tables: &'a mut Tables,
    /// True after the current profile was added.
    begun: bool,
}

impl Object for Profiles<'_> {
    const OBJECT: &'static str = "a profile";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if !std::mem::replace(&mut self.begun, true) {
            self.tables.take_profile().map_err(serde::de::Error::custom)?;
        }
        let tables = &mut *self.tables;
        if key == "samples" {
            return map.next_value_seed(each(|raw: RawSample| tables.take_sample(raw.message())));
        }
        let Some(RawProfile { head, .. }) = tables.profiles.last_mut() else { return skip(map) };
        let Head { sample_type, time_unix_nano, duration_nano, period_type, period } = head;
        match key {
            "sampleType" | "sample_type" => {
                *sample_type = Some(map.next_value::<RawValueType>()?.message())
            }
            "periodType" | "period_type" => {
                *period_type = Some(map.next_value::<RawValueType>()?.message())
            }
            "timeUnixNano" | "time_unix_nano" => *time_unix_nano = map.next_value::<Id>()?.0,
            "durationNano" | "duration_nano" => *duration_nano = map.next_value::<Id>()?.0,
            "period" => *period = map.next_value::<Id>()?.0.cast_signed(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for Profiles<'_> {
    fn end(&mut self) -> Admission {
        self.begun = false;
        Ok(())
    }
}

/// A conversion to a 32-bit index; a number that is too large refers to nothing.
trait IndexConversion {
    fn whole(self) -> i32;
}

impl IndexConversion for Id {
    fn whole(self) -> i32 {
        i32::try_from(self.0.cast_signed()).unwrap_or(-1)
    }
}

fn wholes(list: &List<Id>) -> Vec<i32> {
    list.0.iter().map(|id| id.whole()).collect()
}

/// Defines a message with the keys that it has in JSON: the field's name, and the same in camel
/// case.
macro_rules! raw {
    ($name:ident { $($field:ident $camel:literal: $type:ty),* }) => {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct $name { $(#[serde(alias = $camel)] $field: $type),* }
    };
}

raw!(RawMapping { filename_strindex "filenameStrindex": Id });
raw!(RawStack { location_indices "locationIndices": List<Id> });
raw!(RawValueType { type_strindex "typeStrindex": Id, unit_strindex "unitStrindex": Id });
raw!(RawLine { function_index "functionIndex": Id, line "line": Id, column "column": Id });
raw!(RawLocation { mapping_index "mappingIndex": Id, address "address": Id, lines "lines": List<RawLine>, attribute_indices "attributeIndices": List<Id> });
raw!(RawFunction {
    name_strindex "nameStrindex": Id,
    system_name_strindex "systemNameStrindex": Id,
    filename_strindex "filenameStrindex": Id,
    start_line "startLine": Id
});
raw!(RawSample { stack_index "stackIndex": Id, attribute_indices "attributeIndices": List<Id>, values "values": List<Id>, timestamps_unix_nano "timestampsUnixNano": List<Id> });
raw!(RawAny { string_value "stringValue": Word, string_value_strindex "stringValueStrindex": Option<Id>, int_value "intValue": Option<Id> });
raw!(RawAttribute { key_strindex "keyStrindex": Id, value "value": RawAny });
raw!(RawKeyValue { key "key": Text, key_strindex "keyStrindex": Id, value "value": RawAny });
raw!(RawResource { attributes "attributes": List<RawKeyValue> });
raw!(RawScope { name "name": Text, version "version": Text });

impl RawValueType {
    fn message(self) -> ValueType {
        ValueType { r#type: self.type_strindex.whole(), unit: self.unit_strindex.whole() }
    }
}

impl RawLocation {
    fn message(self) -> Location {
        let line = |raw: RawLine| Line {
            function: raw.function_index.whole(),
            line: raw.line.0.cast_signed(),
            column: raw.column.0.cast_signed(),
        };
        Location {
            mapping: self.mapping_index.whole(),
            address: self.address.0,
            attributes: wholes(&self.attribute_indices),
            lines: self.lines.0.into_iter().map(line).collect(),
        }
    }
}

impl RawFunction {
    fn message(self) -> Function {
        Function {
            name: self.name_strindex.whole(),
            system_name: self.system_name_strindex.whole(),
            filename: self.filename_strindex.whole(),
            start_line: self.start_line.0.cast_signed(),
        }
    }
}

impl RawAny {
    fn message(self) -> AnyValue {
        let text_index = self.string_value_strindex.map(IndexConversion::whole);
        let number = self.int_value.map(|id| id.0.cast_signed());
        AnyValue { text: self.string_value.0, number, text_index }
    }
}

impl RawKeyValue {
    fn message(self) -> ResourceAttribute {
        let value = Some(self.value.message());
        ResourceAttribute { key: self.key.0, value, key_index: self.key_strindex.whole() }
    }
}

impl RawAttribute {
    fn message(self) -> Attribute {
        Attribute { key: self.key_strindex.whole(), value: Some(self.value.message()) }
    }
}

impl RawSample {
    fn message(self) -> Sample {
        Sample {
            stack: self.stack_index.whole(),
            attributes: wholes(&self.attribute_indices),
            values: self.values.0.into_iter().map(|id| id.0.cast_signed()).collect(),
            times_unix_nano: self.timestamps_unix_nano.0.into_iter().map(|id| id.0).collect(),
        }
    }
}
