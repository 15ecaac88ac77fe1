//! The messages of OTLP profiles (github.com/open-telemetry/opentelemetry-proto,
//! `profiles/v1development`), as far as they are read or written.
//!
//! Messages refer to the tables of one dictionary by index. Entry 0 of each table means
//! "none".

use prost::Message;

/// Field numbers of `ProfilesData`.
pub mod data {
    /// `repeated ResourceProfiles`.
    pub const RESOURCE: u32 = 1;
    /// `ProfilesDictionary`.
    pub const DICTIONARY: u32 = 2;
}

/// Field numbers of `ProfilesDictionary`.
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

/// The number of the field of `Profile` that holds its samples.
pub const SAMPLES: u32 = 2;

/// The type and unit of a value, such as `cpu` in `nanoseconds`, as indices of strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// Index of a string: `samples`, `cpu`.
    #[prost(int32, tag = "1")]
    pub r#type: i32,
    /// Index of a string: `count`, `nanoseconds`.
    #[prost(int32, tag = "2")]
    pub unit: i32,
}

/// A profile, without its samples.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Head {
    /// The type and unit of the samples' values.
    #[prost(message, optional, tag = "1")]
    pub sample_type: Option<ValueType>,
    /// The start of the profile, in nanoseconds since 1970.
    #[prost(fixed64, tag = "3")]
    pub time_unix_nano: u64,
    /// The length of the profile in nanoseconds.
    #[prost(uint64, tag = "4")]
    pub duration_nano: u64,
    /// The type and unit of the period.
    #[prost(message, optional, tag = "5")]
    pub period_type: Option<ValueType>,
    /// The distance between two samples, in the unit of `period_type`.
    #[prost(int64, tag = "6")]
    pub period: i64,
}

/// A stack and its measurements. There is a value for each time, or times alone (each
/// counts 1), or values without times.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// Index of the stack.
    #[prost(int32, tag = "1")]
    pub stack: i32,
    /// Indices of attributes: the thread, the process.
    #[prost(int32, repeated, tag = "2")]
    pub attributes: Vec<i32>,
    /// Measured values, in the profile's `sample_type`.
    #[prost(int64, repeated, tag = "4")]
    pub values: Vec<i64>,
    /// Times of the measurements, in nanoseconds since 1970.
    #[prost(fixed64, repeated, tag = "5")]
    pub times_unix_nano: Vec<u64>,
}

/// A file mapped into the process.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// Index of a string: the file's name.
    #[prost(int32, tag = "4")]
    pub filename: i32,
}

/// Locations, the innermost first.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Stack {
    /// Indices of locations, the innermost first.
    #[prost(int32, repeated, tag = "1")]
    pub locations: Vec<i32>,
}

/// A place in the code: a function, and the functions that were inlined there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// Index of its mapping.
    #[prost(int32, tag = "1")]
    pub mapping: i32,
    /// The address; 0 when it is not known.
    #[prost(uint64, tag = "2")]
    pub address: u64,
    /// The functions, innermost first. The last is the function that the others were
    /// inlined into.
    #[prost(message, repeated, tag = "3")]
    pub lines: Vec<Line>,
    /// Indices of attributes, such as the type of the code.
    #[prost(int32, repeated, tag = "4")]
    pub attributes: Vec<i32>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// Index of the function.
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
    /// Index of a string: the name shown to people.
    #[prost(int32, tag = "1")]
    pub name: i32,
    /// Index of a string: the linker's name.
    #[prost(int32, tag = "2")]
    pub system_name: i32,
    /// Index of a string: the source file.
    #[prost(int32, tag = "3")]
    pub filename: i32,
    /// The function's first line, from 1.
    #[prost(int64, tag = "4")]
    pub start_line: i64,
}

/// A named fact about a sample or a location.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// Index of a string: `thread.name`.
    #[prost(int32, tag = "1")]
    pub key: i32,
    /// The value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// A value of an attribute: a text or a whole number. Other types are not read.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// A text.
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    /// A whole number.
    #[prost(int64, optional, tag = "3")]
    pub number: Option<i64>,
}

/// The program that made a profile.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Scope {
    /// The name of the program.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The version of the program.
    #[prost(string, tag = "2")]
    pub version: String,
}

/// Attribute of a sample: the thread's name.
pub const THREAD_NAME: &str = "thread.name";
/// Attribute of a sample: the thread's number.
pub const THREAD_ID: &str = "thread.id";
/// Attribute of a sample: the name of the process.
pub const PROCESS_NAME: &str = "process.executable.name";
/// Attribute of a sample: the number of the process.
pub const PROCESS_ID: &str = "process.pid";
/// Attribute of a location: the type of its code, such as `native`, `kernel`, `v8js`.
pub const FRAME_TYPE: &str = "profile.frame.type";
/// The [`FRAME_TYPE`] of JavaScript that V8 runs.
pub const V8: &str = "v8js";
/// The [`FRAME_TYPE`] of the operating system's kernel.
pub const KERNEL: &str = "kernel";
