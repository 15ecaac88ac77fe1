//! Reading the keys of a profile.

use super::table::{Index, Table};
use super::{
    Category, ENTRY, Lib, Meta, ProcessProfile, RawSamples, RawThread, Reader, Sources, Tables,
    column,
};
use crate::json::{
    self, Admission, LenientObject, List, Object, Record, Records, Room, Scalar, Text, Word, each,
    skip,
};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::{FrameTable, StrId};
use std::fmt;

impl Tables {
    /// Reads a table of a thread, or a table that all threads share. Returns true when the key
    /// names such a table.
    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        names: &mut FrameTable,
        room: &Room,
        map: &mut A,
    ) -> Result<bool, A::Error> {
        match key {
            "stringArray" | "stringTable" => {
                map.next_value_seed(each(|text: Text| {
                    let before = names.strings().bytes();
                    self.strings.push(names.intern(&text.0));
                    room.take(2 * size_of::<StrId>() + names.strings().bytes() - before)
                }))?;
            }
            "frameTable" => map.next_value_seed(LenientObject(&mut self.frames))?,
            "funcTable" => map.next_value_seed(LenientObject(&mut self.functions))?,
            "stackTable" => map.next_value_seed(LenientObject(&mut self.stacks))?,
            "resourceTable" => map.next_value_seed(LenientObject(&mut self.resources))?,
            "sources" => {
                let Self { sources, .. } = self;
                map.next_value_seed(LenientObject(&mut FileNames { sources, names, room }))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Reads files and interns their names.
struct FileNames<'a> {
    sources: &'a mut Sources,
    names: &'a mut FrameTable,
    room: &'a Room,
}

impl Object for FileNames<'_> {
    const OBJECT: &'static str = "sources";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { sources, names, room } = self;
        match key {
            "filename" => map.next_value_seed(each(|Index(number)| {
                sources.numbers.push(number);
                room.take(2 * size_of::<u32>())
            })),
            // Each row has an id and a file.
            "data" => map.next_value_seed(each(|row: List<Word>| {
                let file = row.0.into_iter().nth(1).and_then(|word| word.0).unwrap_or_default();
                let before = names.strings().bytes();
                sources.texts.push(names.intern(&file));
                room.take(2 * size_of::<StrId>() + names.strings().bytes() - before)
            })),
            _ => skip(map),
        }
    }
}

impl Object for Reader {
    const OBJECT: &'static str = "a profile of the Firefox Profiler";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { names, parts, at, room } = self;
        let Some(part) = parts.get_mut(*at) else { return skip(map) };
        match key {
            "meta" => {
                map.next_value_seed(LenientObject(&mut MetaReader { meta: &mut part.meta, room }))
            }
            "libs" => map.next_value_seed(Libs { libs: &mut part.libs, room }),
            "shared" => map.next_value_seed(LenientObject(&mut SharedReader {
                tables: &mut part.shared,
                names,
                room,
            })),
            "threads" => {
                map.next_value_seed(Records(&mut Threads { list: &mut part.threads, names, room }))
            }
            // The DevTools of old versions saved the profile in this field.
            "profile" => map.next_value_seed(LenientObject(self)),
            "processes" => map.next_value_seed(Processes(self)),
            "sources" => part.shared.field(key, names, room, map).map(drop),
            _ => skip(map),
        }
    }
}

/// Reads the profiles of other processes, which are within this one.
struct Processes<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for Processes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Processes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of profiles")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let within = self.0.at;
        loop {
            self.0.at = self.0.parts.len();
            self.0.parts.push(ProcessProfile::new(&self.0.room));
            self.0.room.take(2 * ENTRY).map_err(serde::de::Error::custom)?;
            let more = seq.next_element_seed(LenientObject(&mut *self.0))?.is_some();
            self.0.at = within;
            if !more {
                return Ok(());
            }
        }
    }
}

struct MetaReader<'a> {
    meta: &'a mut Meta,
    room: &'a Room,
}

impl Object for MetaReader<'_> {
    const OBJECT: &'static str = "what the profile says of itself";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { meta, room } = self;
        match key {
            "startTime" => meta.start = map.next_value()?,
            "profilingStartTime" => meta.began = map.next_value()?,
            "interval" => meta.interval = map.next_value()?,
            "product" => meta.product = map.next_value()?,
            "importedFrom" => meta.imported = map.next_value()?,
            "symbolicated" => meta.symbolicated = Some(map.next_value::<json::Flag>()?.0),
            "categories" => map.next_value_seed(each(|category: Category| {
                let names = category.subcategories.0.iter().map(|name| 48 + name.0.len());
                let bytes = 128 + category.name.0.len() + names.sum::<usize>();
                meta.categories.push(category);
                room.take(bytes)
            }))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads libraries. Old profiles have them as a text, which is skipped.
struct Libs<'a> {
    libs: &'a mut Vec<Lib>,
    room: &'a Room,
}

impl<'de> DeserializeSeed<'de> for Libs<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Libs<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of libraries")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(lib) = seq.next_element::<Lib>()? {
            let bytes = 256 + lib.name.0.len() + lib.path.0.len();
            self.libs.push(lib);
            self.room.take(bytes).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

struct SharedReader<'a> {
    tables: &'a mut Tables,
    names: &'a mut FrameTable,
    room: &'a Room,
}

impl Object for SharedReader<'_> {
    const OBJECT: &'static str = "what threads share";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { tables, names, room } = self;
        if tables.field(key, names, room, map)? { Ok(()) } else { skip(map) }
    }
}

struct Threads<'a> {
    list: &'a mut Vec<RawThread>,
    names: &'a mut FrameTable,
    room: &'a Room,
}

impl Object for Threads<'_> {
    const OBJECT: &'static str = "a thread";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { list, names, room } = self;
        if list.last().is_none_or(|thread| thread.whole) {
            room.take(ENTRY).map_err(serde::de::Error::custom)?;
            list.push(RawThread::new(room));
        }
        let Some(thread) = list.last_mut() else { return skip(map) };
        match key {
            "name" => thread.name = map.next_value()?,
            "processName" => thread.process = map.next_value()?,
            "processType" => thread.kind = map.next_value()?,
            "pid" => map.next_value_seed(Scalar(&mut thread.pid))?,
            "tid" => map.next_value_seed(Scalar(&mut thread.tid))?,
            "libs" => map.next_value_seed(Libs { libs: &mut thread.libs, room })?,
            "samples" => {
                thread.samples.open = true;
                map.next_value_seed(LenientObject(&mut thread.samples))?;
                thread.samples.open = false;
            }
            _ if thread.tables.field(key, names, room, map)? => {}
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for Threads<'_> {
    fn end(&mut self) -> Admission {
        if let Some(thread) = self.list.last_mut() {
            thread.whole = true;
        }
        Ok(())
    }
}

impl RawThread {
    fn new(room: &Room) -> Self {
        let table = Table::new(&column::SAMPLE, room);
        Self {
            name: Text::default(),
            process: Text::default(),
            kind: Word::default(),
            pid: String::new(),
            tid: String::new(),
            libs: Vec::new(),
            tables: Tables::new(room),
            samples: RawSamples::new(table),
            whole: false,
        }
    }
}

impl Object for RawSamples {
    const OBJECT: &'static str = "samples";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "weightType" => self.weight_type = map.next_value()?,
            "length" => self.length = map.next_value()?,
            _ => self.table.field(key, map)?,
        }
        Ok(())
    }
}
