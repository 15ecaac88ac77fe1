//! Fields that Spikeflame's exporter adds to other formats, so that an export can be read
//! back without loss. Other programs' files do not have them.

use crate::json::{Flag, Object, Room, Word, rows, runs, skip};
use crate::names::without_placeholder;
use serde::Deserialize;
use serde::de::MapAccess;
use spikeflame_profile::{Frame, FrameId, FrameTable, Function, Kind, StrId, Tier, parse_label};

/// Facts about a frame in addition to its name and place.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Extra {
    /// The frame's [`Kind::word`].
    pub(crate) kind: Word,
    /// The frame's [`Tier::mark`].
    pub(crate) tier: Word,
    pub(crate) inlined: Flag,
    pub(crate) module: Word,
}

/// Facts about a whole profile, and about each sample in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) unit: Option<String>,
    pub(crate) interval_us: Option<u64>,
    pub(crate) producer: Option<String>,
    /// The weight of each sample (.cpuprofile).
    pub(crate) weights: Vec<u64>,
    /// The count of each sample of each profile (speedscope); the next field has their
    /// times.
    pub(crate) counts: Vec<Vec<u64>>,
    pub(crate) times_us: Vec<Vec<u64>>,
    pub(crate) room: Room,
}

impl Object for Totals {
    const OBJECT: &'static str = "what Spikeflame adds";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { room, .. } = self;
        match key {
            "unit" => self.unit = map.next_value()?,
            "interval_us" => self.interval_us = map.next_value()?,
            "producer" => self.producer = map.next_value()?,
            "weights" => map.next_value_seed(runs(|weights| {
                self.weights.extend_from_slice(weights);
                room.take(2 * size_of_val(weights))
            }))?,
            "counts" | "times_us" => {
                let lists = if key == "counts" { &mut self.counts } else { &mut self.times_us };
                map.next_value_seed(rows(room, |row| {
                    lists.push(std::mem::take(row.numbers()?));
                    room.take(2 * size_of::<Vec<u64>>())
                }))?;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Extra {
    /// Returns the frame as it was before the export; `None` when the file is not an
    /// export. Line and column start from 1.
    pub(crate) fn frame(
        &self,
        name: &str,
        file: &str,
        (line, column): (u32, u32),
        frames: &mut FrameTable,
    ) -> Option<FrameId> {
        let word = self.kind.0.as_deref()?;
        let kind = Kind::from_word(word)?;
        let name = match kind {
            _ if kind.state_label().is_some() => "",
            Kind::Js => without_placeholder(name),
            // The name may have the prefix of the label.
            Kind::Builtin | Kind::BytecodeHandler | Kind::RegExp => {
                Some(parse_label(name)).filter(|l| l.kind == kind).map_or(name, |l| l.location.name)
            }
            _ => name,
        };
        let module = frames.intern(self.module.0.as_deref().unwrap_or_default());
        let file = if kind == Kind::Js { frames.intern(file) } else { StrId::EMPTY };
        let name = frames.intern(name);
        let function = frames.function(Function { name, file, line, column, kind, module });
        let tier = self.tier.0.as_deref().and_then(|mark| Tier::from_mark(mark.chars().next()?));
        let tier = tier.unwrap_or_default();
        Some(frames.frame(Frame { function, tier, inlined: self.inlined.0 }))
    }
}
