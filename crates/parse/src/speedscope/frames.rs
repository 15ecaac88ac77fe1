//! Frames of speedscope files.

use crate::extras::Extra;
use crate::json::{Admission, Flag, Number, Room, Text, Word};
use crate::names;
use crate::names::without_placeholder;
use serde::Deserialize;
use spikeflame_profile::{Frame, FrameId, FrameTable, Kind, Tier};

/// A frame; line and column start from 1. Only our own export writes the last four fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawFrame {
    name: Text,
    file: Text,
    line: Number,
    col: Number,
    kind: Word,
    tier: Word,
    inlined: Flag,
    module: Word,
}

/// The file's list `shared.frames`.
#[derive(Debug, Default)]
pub(super) struct Frames {
    pub(super) table: FrameTable,
    /// The frame of each number.
    pub(super) list: Vec<FrameId>,
    pub(super) room: Room,
}

impl Frames {
    pub(super) fn take(&mut self, raw: &RawFrame) -> Admission {
        let before = self.table.bytes();
        let id = frame(raw, &mut self.table);
        self.list.push(id);
        self.room.take(2 * size_of::<FrameId>() + self.table.bytes() - before)
    }

    /// Returns the frame that stands for one that is not in the file.
    pub(super) fn unresolved(&mut self) -> FrameId {
        let function = self.table.named("", Kind::Unresolved);
        self.table.frame(Frame { function, tier: Tier::None, inlined: false })
    }
}

fn frame(raw: &RawFrame, table: &mut FrameTable) -> FrameId {
    let RawFrame { name: Text(name), file: Text(file), .. } = raw;
    // A value that is not a number becomes 0.
    let place = (raw.line.0 as u32, raw.col.0 as u32);
    let extra = Extra {
        kind: raw.kind.clone(),
        tier: raw.tier.clone(),
        inlined: raw.inlined,
        module: raw.module.clone(),
    };
    if let Some(frame) = extra.frame(name, file, place, table) {
        return frame;
    }
    if file.is_empty() {
        return table.labelled(name);
    }
    let function = if let Some(function) = names::of_module(name, file, table) {
        function
    } else if crate::script_path::is_script(file) {
        names::javascript(without_placeholder(name), file, place.0, place.1, table)
    } else {
        names::native(name, file, table)
    };
    table.frame(Frame { function, tier: Tier::None, inlined: false })
}
