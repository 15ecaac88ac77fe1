//! The Firefox Profiler's JSON: *processed* profiles, which profiler.firefox.com, samply
//! and our own export write, and *gecko* profiles, which Firefox itself writes.
//!
//! A processed profile has tables of columns (stacks, frames, functions), in each thread
//! or, since version 60, once for all threads. A gecko profile has rows with a schema in
//! each thread, and contains the profiles of other processes. Tables and their keys come in
//! any order, so all of them are held and put together at the end.
//!
//! Memory: the distinct names, about 60 bytes a frame, a function or a stack, and 100 bytes
//! a sample; all of it within [`Room`].

mod finish;
mod frames;
mod keys;
mod samples;
mod table;

use crate::error::Error;
use crate::json::{self, List, Number, Room, StrictObject, Text, Word};
use crate::options::Options;
use serde::Deserialize;
use spikeflame_profile::{FrameTable, Profile, StrId};
use std::io::Read;
use std::path::Path;
use table::{Index, Table, Value};

/// Reads a profile, with a thread for each that has samples.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader::new(&Room::new(&options.progress));
    let damage = json::read(input, path, false, StrictObject(&mut reader))?;
    reader.finish(path, name, damage, options)
}

/// The parts of a profile that were read so far.
struct Reader {
    names: FrameTable,
    /// The profile of the main process, and those of the others.
    parts: Vec<ProcessProfile>,
    /// The index of the current part.
    at: usize,
    room: Room,
}

/// The profile of one process, or of all of them.
struct ProcessProfile {
    meta: Meta,
    libs: Vec<Lib>,
    shared: Tables,
    threads: Vec<RawThread>,
}

/// The facts that a profile contains about itself.
#[derive(Debug, Default)]
struct Meta {
    /// The zero of all times, in milliseconds since 1970.
    start: Number,
    /// The start of the recording, in milliseconds after `start`.
    began: Number,
    /// The sampling interval in milliseconds.
    interval: Number,
    product: Word,
    imported: Word,
    symbolicated: Option<bool>,
    categories: Vec<Category>,
}

/// A category of frames.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Category {
    name: Text,
    color: Word,
    subcategories: List<Text>,
}

/// A library.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Lib {
    name: Text,
    path: Text,
    /// The library's first address, in gecko profiles.
    start: Number,
    end: Number,
}

/// The tables that samples refer to by number.
struct Tables {
    strings: Vec<StrId>,
    frames: Table<Index>,
    functions: Table<Index>,
    stacks: Table<Index>,
    resources: Table<Index>,
    sources: Sources,
}

/// The columns of each table, in the order of their numbers.
mod column {
    pub(super) const FRAME: [&str; 9] = [
        "func",
        "location",
        "category",
        "subcategory",
        "inlineDepth",
        "implementation",
        "lib",
        "line",
        "flags",
    ];
    pub(super) const FUNC: usize = 0;
    pub(super) const LOCATION: usize = 1;
    pub(super) const CATEGORY: usize = 2;
    pub(super) const SUBCATEGORY: usize = 3;
    pub(super) const DEPTH: usize = 4;
    pub(super) const IMPLEMENTATION: usize = 5;
    pub(super) const FRAME_LIB: usize = 6;
    pub(super) const FRAME_LINE: usize = 7;
    pub(super) const FRAME_FLAGS: usize = 8;

    pub(super) const FUNCTION: [&str; 8] =
        ["name", "isJS", "resource", "fileName", "source", "lineNumber", "columnNumber", "flags"];
    pub(super) const NAME: usize = 0;
    pub(super) const IS_JS: usize = 1;
    pub(super) const RESOURCE: usize = 2;
    pub(super) const FILE: usize = 3;
    pub(super) const SOURCE: usize = 4;
    pub(super) const LINE: usize = 5;
    pub(super) const COLUMN: usize = 6;
    pub(super) const FUNCTION_FLAGS: usize = 7;

    pub(super) const STACK: [&str; 3] = ["frame", "prefix", "prefixOffset"];
    pub(super) const STACK_FRAME: usize = 0;
    pub(super) const PREFIX: usize = 1;
    pub(super) const OFFSET: usize = 2;

    pub(super) const RESOURCES: [&str; 2] = ["name", "lib"];
    pub(super) const RESOURCE_NAME: usize = 0;
    pub(super) const RESOURCE_LIB: usize = 1;

    pub(super) const SAMPLE: [&str; 5] =
        ["stack", "time", "timeDeltas", "weight", "threadCPUDelta"];
    pub(super) const SAMPLE_STACK: usize = 0;
    pub(super) const TIME: usize = 1;
    pub(super) const DELTA: usize = 2;
    pub(super) const WEIGHT: usize = 3;
    pub(super) const CPU: usize = 4;
}

/// The bits of a table's `flags`. Version 71 of the format has them for frames, and version 75 for functions. A
/// cell whose bit is not set has the value 0, which stands for nothing.
mod flag {
    pub(super) const INLINED: usize = 1;
    pub(super) const FRAME_LIB: usize = 2;
    pub(super) const CATEGORY: usize = 4;
    pub(super) const FRAME_LINE: usize = 16;

    pub(super) const IS_JS: usize = 1;
    pub(super) const RESOURCE: usize = 4;
    pub(super) const SOURCE: usize = 8;
    pub(super) const LINE: usize = 16;
    pub(super) const COLUMN: usize = 32;
}

/// Files by number: as numbers of strings (processed), or as texts (gecko).
struct Sources {
    numbers: Vec<u32>,
    texts: Vec<StrId>,
}

/// A thread as it is in the file.
struct RawThread {
    name: Text,
    process: Text,
    kind: Word,
    pid: String,
    tid: String,
    libs: Vec<Lib>,
    tables: Tables,
    samples: RawSamples,
    /// False while the thread is being read.
    whole: bool,
}

/// The samples of a thread.
struct RawSamples {
    table: Table<Value>,
    weight_type: Word,
    /// The number of samples, where the file contains it.
    length: Number,
    /// The number of stacks that were counted as lost, because the file ends within them.
    cut: u64,
    /// True within the table.
    open: bool,
}

impl RawSamples {
    fn new(table: Table<Value>) -> Self {
        Self { table, weight_type: Word::default(), length: Number::default(), cut: 0, open: false }
    }

    /// Returns the number of samples, of which some may have no stack in a file that is damaged or
    /// was written by hand.
    fn count(&self) -> u64 {
        let columns = (0..column::SAMPLE.len()).map(|number| self.table.column(number).len());
        let rows = columns.max().unwrap_or(0) as u64;
        // A number that is not one, or below 0, becomes 0.
        rows.max(self.length.0 as u64)
    }
}

/// Bytes that a thread or a library takes in addition to its texts.
const ENTRY: usize = 1024;

impl Reader {
    fn new(room: &Room) -> Self {
        let parts = vec![ProcessProfile::new(room)];
        Self { names: FrameTable::default(), parts, at: 0, room: room.clone() }
    }
}

impl ProcessProfile {
    fn new(room: &Room) -> Self {
        let (meta, libs, threads) = (Meta::default(), Vec::new(), Vec::new());
        Self { meta, libs, shared: Tables::new(room), threads }
    }
}

impl Tables {
    fn new(room: &Room) -> Self {
        Self {
            strings: Vec::new(),
            frames: Table::new(&column::FRAME, room),
            functions: Table::new(&column::FUNCTION, room),
            stacks: Table::new(&column::STACK, room),
            resources: Table::new(&column::RESOURCES, room),
            sources: Sources { numbers: Vec::new(), texts: Vec::new() },
        }
    }

    fn settle(&mut self) {
        for table in [&mut self.frames, &mut self.functions, &mut self.stacks, &mut self.resources]
        {
            table.settle();
        }
    }
}
