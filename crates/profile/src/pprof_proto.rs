//! The messages of `profile.proto` (github.com/google/pprof), which hold no
//! text: they number into a table of strings. Here because the reader and the
//! writer are in crates that do not know each other.
//!
//! The outermost message has no struct: both go through its fields one by one.

use crate::frame::{Frame, FrameTable, Kind, Tier};
use crate::label::{parse_label, write_label};
use prost::Message;

/// Numbers of the fields of the outermost message, `Profile`.
pub mod field {
    /// `repeated ValueType`: what the values of a sample are.
    pub const SAMPLE_TYPE: u32 = 1;
    /// `repeated Sample`.
    pub const SAMPLE: u32 = 2;
    /// `repeated Mapping`.
    pub const MAPPING: u32 = 3;
    /// `repeated Location`.
    pub const LOCATION: u32 = 4;
    /// `repeated Function`.
    pub const FUNCTION: u32 = 5;
    /// `repeated string`; the first is empty.
    pub const STRING: u32 = 6;
    /// Start of the recording in nanoseconds since 1970 (some write its end).
    pub const TIME_NANOS: u32 = 9;
    /// Its length in nanoseconds.
    pub const DURATION_NANOS: u32 = 10;
    /// `ValueType`: the event between two of which lies a period.
    pub const PERIOD_TYPE: u32 = 11;
    /// The period.
    pub const PERIOD: u32 = 12;
    /// `repeated int64`: strings for people.
    pub const COMMENT: u32 = 13;
    /// String: the type to show first.
    pub const DEFAULT_SAMPLE_TYPE: u32 = 14;
}

/// What a value is: `cpu` in `nanoseconds`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// String: `cpu`, `samples`, `inuse_space`.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// String: `nanoseconds`, `count`, `bytes`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack and what was measured in it.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// Locations, innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// A value for each type.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// What else is known of it.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A name and a text or a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Label {
    /// String: what it is.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// String: its text; 0 for a number.
    #[prost(int64, tag = "2")]
    pub str: i64,
    /// The number.
    #[prost(int64, tag = "3")]
    pub num: i64,
    /// String: the number's unit.
    #[prost(int64, tag = "4")]
    pub num_unit: i64,
}

/// A file mapped into the process.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// What locations name it by, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// String: the file.
    #[prost(int64, tag = "5")]
    pub filename: i64,
    /// True when names are known, and no symbols need to be looked for.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
}

/// A place in the code: a function and those inlined there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// What samples name it by, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Its mapping; 0 when not known.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// Its address; 0 when not known.
    #[prost(uint64, tag = "3")]
    pub address: u64,
    /// Innermost first: the last is the function whose code it is.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// Its function.
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
    /// What lines name it by, not 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// String: its name for people.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// String: its name for the linker.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// String: its source file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
    /// Its first line, from 1.
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

/// Most lines that are read, and written, of one location.
pub const INLINED_MOST: usize = 256;

/// Begins the comment that tells our own profiles.
pub const OURS: &str = "written by spikeflame";

/// Begins the comment with what a weight of 1 is.
pub const UNIT: &str = "unit: ";

/// Begins the comment with what made the recording.
pub const PRODUCER: &str = "recorded by: ";

/// Begins the comment with where zero lies on the monotonic clock, in
/// microseconds.
pub const MONOTONIC: &str = "zero in us of the monotonic clock: ";

/// What a frame is, as far as `profile.proto` has no field for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What the function is made of.
    pub kind: Kind,
    /// How its code was made.
    pub tier: Tier,
    /// True when it ran inlined.
    pub inlined: bool,
}

impl Mark {
    /// The mark in `Function.system_name` of a profile of our own.
    pub fn read(system_name: &str) -> Self {
        if let Some(mark) = explicit(system_name) {
            return mark;
        }
        let label = parse_label(system_name);
        Self { kind: label.kind, tier: label.tier, inlined: label.inlined }
    }
}

/// Text for `Function.system_name`: the frame's label with its tier's mark and
/// FlameGraph's suffix, and where that does not tell what the frame is, with
/// its kind: `odd:1:2 [native]`.
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

/// ` [*js inlined]` at the end of a name.
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
                    let function = frames.function(crate::Function { file, ..function });
                    let frame = Frame { function, tier, inlined };
                    let text = system_name(&frames, frame);
                    assert_eq!(Mark::read(&text), Mark { kind, tier, inlined }, "{text}");
                }
            }
        }
    }
}
