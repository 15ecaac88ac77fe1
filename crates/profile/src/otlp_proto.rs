//! The messages of OTLP profiles (github.com/open-telemetry/opentelemetry-proto,
//! `profiles/v1development`), as far as they are read or written. They number into tables of
//! one dictionary, of which entry 0 means that there is none. Here because the reader and
//! the writer are in crates that do not know each other.

use prost::Message;

/// Numbers of the fields of `ProfilesData`.
pub mod data {
    /// `repeated ResourceProfiles`.
    pub const RESOURCE: u32 = 1;
    /// `ProfilesDictionary`.
    pub const DICTIONARY: u32 = 2;
}

/// Numbers of the fields of `ProfilesDictionary`.
pub mod dictionary {
    /// `repeated Mapping`.
    pub const MAPPING: u32 = 1;
    /// `repeated Location`.
    pub const LOCATION: u32 = 2;
    /// `repeated Function`.
    pub const FUNCTION: u32 = 3;
    /// `repeated Link`.
    pub const LINK: u32 = 4;
    /// `repeated string`.
    pub const STRING: u32 = 5;
    /// `repeated KeyValueAndUnit`.
    pub const ATTRIBUTE: u32 = 6;
    /// `repeated Stack`.
    pub const STACK: u32 = 7;
}

/// Number of the field of `Profile` with its samples.
pub const SAMPLES: u32 = 2;

/// What a value is: `cpu` in `nanoseconds`, both numbers of strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// String: `samples`, `cpu`.
    #[prost(int32, tag = "1")]
    pub r#type: i32,
    /// String: `count`, `nanoseconds`.
    #[prost(int32, tag = "2")]
    pub unit: i32,
}

/// A profile, without its samples.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Head {
    /// What the values of its samples are.
    #[prost(message, optional, tag = "1")]
    pub sample_type: Option<ValueType>,
    /// Its beginning, in nanoseconds since 1970.
    #[prost(fixed64, tag = "3")]
    pub time_unix_nano: u64,
    /// Its length in nanoseconds.
    #[prost(uint64, tag = "4")]
    pub duration_nano: u64,
    /// What a period is measured in.
    #[prost(message, optional, tag = "5")]
    pub period_type: Option<ValueType>,
    /// What lies between two samples.
    #[prost(int64, tag = "6")]
    pub period: i64,
}

/// A stack, and what was measured in it: a value for each time, times alone (each counts
/// 1), or values without times.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// Its stack.
    #[prost(int32, tag = "1")]
    pub stack: i32,
    /// What else is known of it.
    #[prost(int32, repeated, tag = "2")]
    pub attributes: Vec<i32>,
    /// What was measured.
    #[prost(int64, repeated, tag = "4")]
    pub values: Vec<i64>,
    /// When, in nanoseconds since 1970.
    #[prost(fixed64, repeated, tag = "5")]
    pub times_unix_nano: Vec<u64>,
}

/// A file mapped into the process.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// String: the file.
    #[prost(int32, tag = "4")]
    pub filename: i32,
}

/// Locations, the innermost first.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Stack {
    /// The locations.
    #[prost(int32, repeated, tag = "1")]
    pub locations: Vec<i32>,
}

/// A place in the code: a function and those inlined there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// Its mapping.
    #[prost(int32, tag = "1")]
    pub mapping: i32,
    /// Its address; 0 when not known.
    #[prost(uint64, tag = "2")]
    pub address: u64,
    /// Innermost first: the last is the function whose code it is.
    #[prost(message, repeated, tag = "3")]
    pub lines: Vec<Line>,
    /// What else is known of it, as what sort of code it is.
    #[prost(int32, repeated, tag = "4")]
    pub attributes: Vec<i32>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// The function.
    #[prost(int32, tag = "1")]
    pub function: i32,
    /// Line in its file, from 1.
    #[prost(int64, tag = "2")]
    pub line: i64,
    /// Column in that line, from 1.
    #[prost(int64, tag = "3")]
    pub column: i64,
}

/// A function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Function {
    /// String: its name for people.
    #[prost(int32, tag = "1")]
    pub name: i32,
    /// String: its name for the linker.
    #[prost(int32, tag = "2")]
    pub system_name: i32,
    /// String: its source file.
    #[prost(int32, tag = "3")]
    pub filename: i32,
    /// Its first line, from 1.
    #[prost(int64, tag = "4")]
    pub start_line: i64,
}

/// What is known of something, by its name.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// String: `thread.name`.
    #[prost(int32, tag = "1")]
    pub key: i32,
    /// The value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// A text or a whole number, of the values that there are.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// A text.
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    /// A whole number.
    #[prost(int64, optional, tag = "3")]
    pub number: Option<i64>,
}

/// What made a profile.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Scope {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its version.
    #[prost(string, tag = "2")]
    pub version: String,
}

/// The name of a thread, of a sample.
pub const THREAD_NAME: &str = "thread.name";
/// The number of a thread, of a sample.
pub const THREAD_ID: &str = "thread.id";
/// The name of a process, of a sample.
pub const PROCESS_NAME: &str = "process.executable.name";
/// The number of a process, of a sample.
pub const PROCESS_ID: &str = "process.pid";
/// What a location's code is: `native`, `kernel`, `v8js`, ...
pub const FRAME_TYPE: &str = "profile.frame.type";
/// [`FRAME_TYPE`] of JavaScript that V8 runs.
pub const V8: &str = "v8js";
/// [`FRAME_TYPE`] of the operating system's kernel.
pub const KERNEL: &str = "kernel";
