//! The messages of OTLP profiles (github.com/open-telemetry/opentelemetry-proto,
//! `profiles/v1development`), as far as they are read or written.
//!
//! Messages refer to the tables of one dictionary by index. Entry 0 of each table means
//! "none".

use prost::Message;

/// The field numbers of `ProfilesData`, the outermost message.
pub mod data {
    /// The number of the field `resource_profiles` (`repeated ResourceProfiles`) in `ProfilesData`: the
    /// profiles, grouped by resource, such as a service or a process.
    pub const RESOURCE: u32 = 1;
    /// The number of the field `dictionary` (`ProfilesDictionary`) in `ProfilesData`: the tables to which
    /// all profiles refer.
    pub const DICTIONARY: u32 = 2;
}

/// The numbers of those fields of `ProfilesDictionary` that are read or written. Each field is a table;
/// messages refer to its entries by index.
pub mod dictionary {
    /// The number of the field `mapping_table` (`repeated Mapping`) in `ProfilesDictionary`: the files that
    /// were mapped into processes.
    pub const MAPPING: u32 = 1;
    /// The number of the field `location_table` (`repeated Location`) in `ProfilesDictionary`: the places
    /// in the code.
    pub const LOCATION: u32 = 2;
    /// The number of the field `function_table` (`repeated Function`) in `ProfilesDictionary`: the
    /// functions.
    pub const FUNCTION: u32 = 3;
    /// The number of the field `string_table` (`repeated string`) in `ProfilesDictionary`: the strings; the
    /// first is empty.
    pub const STRING: u32 = 5;
    /// The number of the field `attribute_table` (`repeated KeyValueAndUnit`) in `ProfilesDictionary`: the
    /// attributes of samples and locations.
    pub const ATTRIBUTE: u32 = 6;
    /// The number of the field `stack_table` (`repeated Stack`) in `ProfilesDictionary`: the stacks.
    pub const STACK: u32 = 7;
}

/// The number of the field `repeated Sample` of OTLP's message `Profile`.
pub const SAMPLES: u32 = 2;

/// The type and unit of a value, such as `cpu` in `nanoseconds`. Both are indices in the table of
/// strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// The index, in the table of strings, of the name of the type: `samples`, `cpu`.
    #[prost(int32, tag = "1")]
    pub r#type: i32,
    /// The index, in the table of strings, of the name of the unit: `count`, `nanoseconds`.
    #[prost(int32, tag = "2")]
    pub unit: i32,
}

/// The fields of OTLP's message `Profile` that are read or written, except its samples: these are
/// read and written one by one (field [`SAMPLES`]). The message contains no tables; its indices
/// refer to those of the [`dictionary`].
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Head {
    /// The type and unit of the values of all samples.
    #[prost(message, optional, tag = "1")]
    pub sample_type: Option<ValueType>,
    /// The start of the profile, in nanoseconds since 1970. Spikeflame writes one second when it has no
    /// wall-clock time.
    #[prost(fixed64, tag = "3")]
    pub time_unix_nano: u64,
    /// The length of the profile in nanoseconds.
    #[prost(uint64, tag = "4")]
    pub duration_nano: u64,
    /// The type and unit of `period`.
    #[prost(message, optional, tag = "5")]
    pub period_type: Option<ValueType>,
    /// The distance between two samples, in the unit of `period_type`.
    #[prost(int64, tag = "6")]
    pub period: i64,
}

/// A stack with its measurements. OTLP demands as many values as times, or times alone (each
/// measurement then has the value 1), or values alone. The struct does not check it.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// The index of the stack in the table of stacks.
    #[prost(int32, tag = "1")]
    pub stack: i32,
    /// The indices of the sample's attributes, such as its thread, in the table of attributes.
    #[prost(int32, repeated, tag = "2")]
    pub attributes: Vec<i32>,
    /// The measured values, in the type and unit of [`Head::sample_type`].
    #[prost(int64, repeated, tag = "4")]
    pub values: Vec<i64>,
    /// The times of the measurements, in nanoseconds since 1970.
    #[prost(fixed64, repeated, tag = "5")]
    pub times_unix_nano: Vec<u64>,
}

/// A file that was mapped into the process, such as a shared library.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// The index, in the table of strings ([`dictionary::STRING`]), of the file's name; 0 when it
    /// has none.
    #[prost(int32, tag = "4")]
    pub filename: i32,
}

/// A stack: a list of locations, innermost first.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Stack {
    /// The indices of the stack's locations in the table of locations, innermost first.
    #[prost(int32, repeated, tag = "1")]
    pub locations: Vec<i32>,
}

/// A place in the code: a function, and the functions that were inlined into it there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// The index of the mapping that contains the place; 0 when it is not known.
    #[prost(int32, tag = "1")]
    pub mapping: i32,
    /// The address of the instruction in the memory of the process, as OTLP defines it; 0 when it
    /// is not known. Spikeflame writes 0, and ignores the address when it reads.
    #[prost(uint64, tag = "2")]
    pub address: u64,
    /// The functions at this place, innermost first. The last is the function into which the others
    /// were inlined.
    #[prost(message, repeated, tag = "3")]
    pub lines: Vec<Line>,
    /// The indices of the location's attributes, such as the type of its code ([`FRAME_TYPE`]), in
    /// the table of attributes.
    #[prost(int32, repeated, tag = "4")]
    pub attributes: Vec<i32>,
}

/// A function with a line and column of it.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// The index of the function in the table of functions.
    #[prost(int32, tag = "1")]
    pub function: i32,
    /// The line in the function's file, from 1; 0 when it is not known.
    #[prost(int64, tag = "2")]
    pub line: i64,
    /// The column in `line`, from 1; 0 when it is not known.
    #[prost(int64, tag = "3")]
    pub column: i64,
}

/// A function with its names and the place where it begins.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Function {
    /// The index, in the table of strings, of the name shown to people.
    #[prost(int32, tag = "1")]
    pub name: i32,
    /// The index, in the table of strings, of the name the linker knows. In profiles that Spikeflame wrote it is
    /// the text of [`system_name`](crate::pprof::system_name).
    #[prost(int32, tag = "2")]
    pub system_name: i32,
    /// The index, in the table of strings, of the path of the source file.
    #[prost(int32, tag = "3")]
    pub filename: i32,
    /// The line in which the function begins, from 1; 0 when it is not known.
    #[prost(int64, tag = "4")]
    pub start_line: i64,
}

/// A named value that describes a sample or a location.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    /// The index, in the table of strings, of the name, such as `thread.name`.
    #[prost(int32, tag = "1")]
    pub key: i32,
    /// The value; `None`, or a value whose fields are all `None`, when the file has none.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// The value of an attribute: a text or a whole number. All fields are `None` for other types,
/// which are not read.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// The text; `None` when the value is not a text, or a text in the table of strings.
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    /// The whole number; `None` when the value is not a whole number.
    #[prost(int64, optional, tag = "3")]
    pub number: Option<i64>,
    /// The index of the text in the table of strings (`string_value_strindex`); `None` when the value
    /// is not a text, or is written out.
    #[prost(int32, optional, tag = "8")]
    pub text_index: Option<i32>,
}

/// The program that made a profile, with its version.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Scope {
    /// The name of the program; empty when the file has none. Spikeflame writes several lines here,
    /// with facts about the recording.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The version of the program; empty when the file has none.
    #[prost(string, tag = "2")]
    pub version: String,
}

/// The key of the attribute of a sample that holds the thread's name.
pub const THREAD_NAME: &str = "thread.name";
/// The key of the attribute of a sample that holds the thread's number.
pub const THREAD_ID: &str = "thread.id";
/// The key of the attribute of a sample or of a resource that holds the name of the process.
pub const PROCESS_NAME: &str = "process.executable.name";
/// The key of the attribute of a sample that holds the number of the process.
pub const PROCESS_ID: &str = "process.pid";
/// The key of the attribute of a location that holds the type of its code, such as `native`,
/// `kernel` or `v8js`.
pub const FRAME_TYPE: &str = "profile.frame.type";
/// The value of the attribute [`FRAME_TYPE`] for JavaScript that V8 runs.
pub const V8: &str = "v8js";
/// The value of the attribute [`FRAME_TYPE`] for code of the operating system's kernel.
pub const KERNEL: &str = "kernel";
