//! The messages of `profile.proto` (github.com/google/pprof).
//!
//! Messages contain no text: they refer to a table of strings by index. The outermost message
//! has no struct: the reader and the writer handle its fields one by one.

use prost::Message;
use spikeflame_profile::{Frame, FrameTable, Kind, Tier, parse_label, write_label};

/// Field numbers of the outermost message, `Profile`.
pub mod field {
    /// `repeated ValueType`: the types of a sample's values.
    pub const SAMPLE_TYPE: u32 = 1;
    /// `repeated Sample`.
    pub const SAMPLE: u32 = 2;
    /// `repeated Mapping`.
    pub const MAPPING: u32 = 3;
    /// `repeated Location`.
    pub const LOCATION: u32 = 4;
    /// `repeated Function`.
    pub const FUNCTION: u32 = 5;
    /// `repeated string`: the table of strings; the first is empty.
    pub const STRING: u32 = 6;
    /// Start of the recording in nanoseconds since 1970. Some programs write its end.
    pub const TIME_NANOS: u32 = 9;
    /// Length of the recording in nanoseconds.
    pub const DURATION_NANOS: u32 = 10;
    /// `ValueType`: the event that a period counts.
    pub const PERIOD_TYPE: u32 = 11;
    /// `int64`: the number of such events between two samples.
    pub const PERIOD: u32 = 12;
    /// `repeated int64`: indices of strings, comments for people.
    pub const COMMENT: u32 = 13;
    /// `int64`: index of a string, the type to show first.
    pub const DEFAULT_SAMPLE_TYPE: u32 = 14;
}

/// The type and unit of a value, such as `cpu` in `nanoseconds`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// Index of a string: `cpu`, `samples`, `inuse_space`.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// Index of a string: `nanoseconds`, `count`, `bytes`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack and its measured values.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// Ids of locations, innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// One value for each type.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// Further facts about the sample, such as its thread.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A named fact: a text or a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Label {
    /// Index of a string: the name.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// Index of a string: the text; 0 for a number.
    #[prost(int64, tag = "2")]
    pub str: i64,
    /// The number, for labels without a text.
    #[prost(int64, tag = "3")]
    pub num: i64,
    /// Index of a string: the number's unit.
    #[prost(int64, tag = "4")]
    pub num_unit: i64,
}

/// A file mapped into the process.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// The id that locations refer to, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Index of a string: the file's name.
    #[prost(int64, tag = "5")]
    pub filename: i64,
    /// True when the locations already have function names, so that no symbols are needed.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
}

/// A place in the code: a function, and the functions that were inlined there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// The id that samples refer to, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Id of its mapping; 0 when it is not known.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// The address; 0 when it is not known.
    #[prost(uint64, tag = "3")]
    pub address: u64,
    /// The functions, innermost first. The last is the function that the others were
    /// inlined into.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// Id of the function.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// Line in the function's file, from 1.
    #[prost(int64, tag = "2")]
    pub line: i64,
    /// Column in that line, from 1.
    #[prost(int64, tag = "3")]
    pub column: i64,
}

/// A function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Function {
    /// The id that lines refer to, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Index of a string: the name shown to people.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// Index of a string: the linker's name.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// Index of a string: the source file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
    /// The function's first line, from 1.
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

/// The most lines of one location that are read or written.
pub const INLINED_MOST: usize = 256;

/// The start of the comment by which profiles of our own are recognised.
pub const OURS: &str = "written by spikeflame";

/// The start of the comment that holds the unit of a weight of 1.
pub const UNIT: &str = "unit: ";

/// The start of the comment that names the program that made the recording.
pub const PRODUCER: &str = "recorded by: ";

/// The start of the comment that holds the time of zero on the machine's monotonic clock,
/// in microseconds.
pub const MONOTONIC: &str = "zero in us of the monotonic clock: ";

/// Properties of a frame that `profile.proto` has no field for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The kind of code.
    pub kind: Kind,
    /// The compiler that made the code.
    pub tier: Tier,
    /// True when the function ran inlined.
    pub inlined: bool,
}

impl Mark {
    /// Reads the mark from `Function.system_name` of a profile that [`system_name`] was
    /// used for.
    pub fn read(system_name: &str) -> Self {
        if let Some(mark) = explicit(system_name) {
            return mark;
        }
        let label = parse_label(system_name);
        Self { kind: label.kind, tier: label.tier, inlined: label.inlined }
    }
}

/// Returns the text for `Function.system_name`: the frame's label with its tier's mark and
/// FlameGraph's suffix. When [`Mark::read`] would not get kind, tier and inlining back from
/// that, they are added in brackets: `odd:1:2 [native]`.
pub fn system_name(frames: &FrameTable, frame: Frame) -> String {
    let function = frames.get_function(frame.function);
    let mark = Mark { kind: function.kind, tier: frame.tier, inlined: frame.inlined };
    let mut text = String::new();
    write_label(&mut text, frames.strings(), function, frame.tier);
    text.push_str(match (mark.kind, mark.inlined) {
        (Kind::Kernel, false) => "_[k]",
        (_, true) => "_[i]",
        _ => "",
    });
    if Mark::read(&text) != mark {
        let inlined = if mark.inlined { " inlined" } else { "" };
        text += &format!(" [{}{}{inlined}]", mark.tier.mark(), mark.kind.word());
    }
    text
}

/// Reads a mark that stands at the end of a name: ` [*js inlined]`.
fn explicit(text: &str) -> Option<Mark> {
    let (_, within) = text.strip_suffix(']')?.rsplit_once(" [")?;
    let (within, inlined) = match within.strip_suffix(" inlined") {
        Some(rest) => (rest, true),
        None => (within, false),
    };
    let mut chars = within.chars();
    let (tier, word) = match chars.next().and_then(Tier::from_mark) {
        Some(tier) => (tier, chars.as_str()),
        None => (Tier::None, within),
    };
    Some(Mark { kind: Kind::from_word(word)?, tier, inlined })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_name_tells_kind_tier_and_inlining_whatever_the_name() {
        let names = ["f", "x:1:2", "a /b.js:1:2", "(idle)", "Builtin: X", "*f", "f_[k]", "f [js]"];
        for kind in Kind::ALL {
            for (name, tier) in names.iter().flat_map(|name| Tier::ALL.map(|tier| (name, tier))) {
                for (inlined, file) in [(false, ""), (true, ""), (false, "/c.js"), (true, "/c.js")]
                {
                    let mut frames = FrameTable::default();
                    let function = frames.named(name, kind);
                    let file = frames.intern(file);
                    let function = *frames.get_function(function);
                    let function =
                        frames.function(spikeflame_profile::Function { file, ..function });
                    let frame = Frame { function, tier, inlined };
                    let text = system_name(&frames, frame);
                    assert_eq!(Mark::read(&text), Mark { kind, tier, inlined }, "{text}");
                }
            }
        }
    }
}
