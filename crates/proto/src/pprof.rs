//! The messages of `profile.proto` (github.com/google/pprof).
//!
//! Messages contain no text: they refer to a table of strings by index. The outermost message
//! has no struct: the reader and the writer handle its fields one by one.

use prost::Message;
use spikeflame_profile::{Frame, FrameTable, Kind, Tier, parse_label, write_label};

/// The numbers of those fields of `Profile`, the outermost message of `profile.proto`, that are read or
/// written.
pub mod field {
    /// The number of the field `sample_type` (`repeated ValueType`) in `Profile`: the types of the values
    /// that each sample has.
    pub const SAMPLE_TYPE: u32 = 1;
    /// The number of the field `sample` (`repeated Sample`) in `Profile`: the samples.
    pub const SAMPLE: u32 = 2;
    /// The number of the field `mapping` (`repeated Mapping`) in `Profile`: the files that were mapped into
    /// the process.
    pub const MAPPING: u32 = 3;
    /// The number of the field `location` (`repeated Location`) in `Profile`: the places in the code that
    /// samples refer to.
    pub const LOCATION: u32 = 4;
    /// The number of the field `function` (`repeated Function`) in `Profile`: the functions that locations
    /// refer to.
    pub const FUNCTION: u32 = 5;
    /// The number of the field `string_table` (`repeated string`) in `Profile`: the table of strings, to
    /// which the messages refer by index. The first is empty.
    pub const STRING: u32 = 6;
    /// The number of the field `time_nanos` (`int64`) in `Profile`: the start of the recording in
    /// nanoseconds since 1970. Some programs write the end of the recording here.
    pub const TIME_NANOS: u32 = 9;
    /// The number of the field `duration_nanos` (`int64`) in `Profile`: the length of the recording in
    /// nanoseconds.
    pub const DURATION_NANOS: u32 = 10;
    /// The number of the field `period_type` (`ValueType`) in `Profile`: the event that is counted between
    /// two samples.
    pub const PERIOD_TYPE: u32 = 11;
    /// The number of the field `period` (`int64`) in `Profile`: the number of events of [`PERIOD_TYPE`]
    /// between two samples.
    pub const PERIOD: u32 = 12;
    /// The number of the field `comment` (`repeated int64`) in `Profile`: indices of strings that are
    /// comments for people.
    pub const COMMENT: u32 = 13;
    /// The number of the field `default_sample_type` (`int64`) in `Profile`: the index of a string, which
    /// is the name of the type of value to show first.
    pub const DEFAULT_SAMPLE_TYPE: u32 = 14;
}

/// The type and unit of a value, such as `cpu` in `nanoseconds`. Both are indices in the table of
/// strings.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct ValueType {
    /// The index, in the table of strings, of the name of the type: `cpu`, `samples`,
    /// `inuse_space`.
    #[prost(int64, tag = "1")]
    pub r#type: i64,
    /// The index, in the table of strings, of the name of the unit: `nanoseconds`, `count`,
    /// `bytes`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// A stack with its measured values.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Sample {
    /// The ids of the locations of the stack, innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// The values of the sample, one for each type in the field
    /// [`SAMPLE_TYPE`](field::SAMPLE_TYPE), in that order.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// Further facts about the sample, such as its thread.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A named fact about a sample: a text, or a number, which may have a unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Label {
    /// The index, in the table of strings, of the name, such as `thread`.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// The index, in the table of strings, of the text; 0 (the empty string) when the fact is a
    /// number.
    #[prost(int64, tag = "2")]
    pub str: i64,
    /// The number; 0 when the fact is a text.
    #[prost(int64, tag = "3")]
    pub num: i64,
    /// The index, in the table of strings, of the name of the unit of `num`; 0 without a unit.
    #[prost(int64, tag = "4")]
    pub num_unit: i64,
}

/// A file that was mapped into the process, such as a shared library.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Mapping {
    /// The id by which locations refer to the mapping; never 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The index, in the table of strings, of the file's name.
    #[prost(int64, tag = "5")]
    pub filename: i64,
    /// True when the locations of this mapping already have the names of functions, so that no
    /// symbols are needed.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
}

/// A place in the code: a function, and the functions that were inlined into it there.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Location {
    /// The id by which samples refer to the location; never 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The id of the mapping that contains the place; 0 when it is not known.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// The address of the instruction in the memory of the process, as `profile.proto` defines it. It is
    /// 0 when it is not known. Spikeflame writes 0, and ignores the address when it reads.
    #[prost(uint64, tag = "3")]
    pub address: u64,
    /// The functions at this place, innermost first. The last is the function into which the others
    /// were inlined.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A function with a line and column of it.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Line {
    /// The id of the function.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// The line in the function's file, from 1; 0 when it is not known.
    #[prost(int64, tag = "2")]
    pub line: i64,
    /// The column in `line`, from 1; 0 when it is not known.
    #[prost(int64, tag = "3")]
    pub column: i64,
}

/// A function with its names and the place where it begins.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Function {
    /// The id by which lines refer to the function; never 0.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The index, in the table of strings, of the name shown to people.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// The index, in the table of strings, of the name the linker knows. In profiles that
    /// Spikeflame wrote it is the text of [`system_name`].
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// The index, in the table of strings, of the path of the source file.
    #[prost(int64, tag = "4")]
    pub filename: i64,
    /// The line in which the function begins, from 1; 0 when it is not known.
    #[prost(int64, tag = "5")]
    pub start_line: i64,
}

/// The most lines (functions) of one location that are read or written. Further ones, the innermost,
/// are dropped when a profile is read, and go to another location when it is written.
pub const INLINED_MOST: usize = 256;

/// The start of the comment by which a profile that Spikeflame wrote is recognised. OTLP has no comments:
/// there, this text and the three below begin lines of [`Scope::name`](crate::otlp::Scope::name).
pub const OURS: &str = "written by spikeflame";

/// The start of a comment in profiles that Spikeflame wrote. The rest of the comment is the unit of
/// a weight of 1.
pub const UNIT: &str = "unit: ";

/// The start of a comment in profiles that Spikeflame wrote. The rest of the comment is the name of
/// the program that made the recording.
pub const PRODUCER: &str = "recorded by: ";

/// The start of a comment in profiles that Spikeflame wrote. The rest of the comment is the time of
/// the recording's zero, as a whole number of microseconds on the machine's monotonic clock.
pub const MONOTONIC: &str = "zero in us of the monotonic clock: ";

/// The properties of a frame for which `profile.proto` has no field. They are written into
/// `Function.system_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The kind of code, such as JavaScript, native or kernel.
    pub kind: Kind,
    /// The tier of the code; [`Tier::None`] when it is not known.
    pub tier: Tier,
    /// True when the frame's code was inlined into that of its caller.
    pub inlined: bool,
}

impl Mark {
    /// Reads the mark from a text that [`system_name`] returned. A text without a mark in brackets at its
    /// end is read as a label, as [`parse_label`] does it.
    pub fn read(system_name: &str) -> Self {
        let system_name = split_owner(system_name).map_or(system_name, |(label, _)| label);
        if let Some(mark) = explicit(system_name) {
            return mark;
        }
        let label = parse_label(system_name);
        Self { kind: label.kind, tier: label.tier, inlined: label.inlined }
    }
}

/// Returns the text for `Function.system_name`, from which [`Mark::read`] gets kind, tier and
/// inlining back. The text is the frame's label; facts that it does not show are added in brackets,
/// such as `odd:1:2 [native]`.
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
    if Mark::read(&text) != mark || split_owner(&text).is_some() {
        let inlined = if mark.inlined { " inlined" } else { "" };
        text += &format!(" [{}{}{inlined}]", mark.tier.mark(), mark.kind.word());
    }
    let owner = frames.strings().get(function.module);
    if function.kind == Kind::Js && !owner.is_empty() {
        text += &format!("{OWNER}{owner}]");
    }
    text
}

/// Returns the [`Function::module`](spikeflame_profile::Function::module) of a JavaScript function from the
/// text that [`system_name`] returned for it: the path in `[ran as /srv/node_modules/db/f.js]` at its end.
/// Returns `None` when the function has none, and for other code.
pub fn module_of_label(system_name: &str) -> Option<&str> {
    split_owner(system_name).map(|(_, owner)| owner)
}

/// The text before the file that ran.
const OWNER: &str = " [ran as ";

fn split_owner(text: &str) -> Option<(&str, &str)> {
    if explicit(text).is_some() {
        return None;
    }
    text.strip_suffix(']')?.rsplit_once(OWNER)
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
        let names = [
            "f",
            "x:1:2",
            "a /b.js:1:2",
            "(idle)",
            "Builtin: X",
            "*f",
            "f_[k]",
            "f [js]",
            "f [ran as x]",
        ];
        for kind in Kind::ALL {
            for (name, tier) in names.iter().flat_map(|name| Tier::ALL.map(|tier| (name, tier))) {
                let files = ["", "/c.js"].map(|file| [(false, file), (true, file)]);
                for (inlined, file) in files.into_iter().flatten() {
                    let mut frames = FrameTable::default();
                    let function = frames.named(name, kind);
                    let file = frames.intern(file);
                    let function = *frames.get_function(function);
                    let function_of = spikeflame_profile::Function { file, ..function };
                    let function = frames.function(function_of);
                    let frame = Frame { function, tier, inlined };
                    let text = system_name(&frames, frame);
                    assert_eq!(Mark::read(&text), Mark { kind, tier, inlined }, "{text}");
                    assert_eq!(module_of_label(&text), None, "{text}");
                    let module = frames.intern("/node_modules/a [b]/c.js");
                    let moved = spikeflame_profile::Function { module, ..function_of };
                    let function = frames.function(moved);
                    let text = system_name(&frames, Frame { function, ..frame });
                    assert_eq!(Mark::read(&text), Mark { kind, tier, inlined }, "{text}");
                    let is_js = kind == Kind::Js;
                    let expected = is_js.then_some("/node_modules/a [b]/c.js");
                    assert_eq!(module_of_label(&text), expected, "{text}");
                }
            }
        }
    }
}
