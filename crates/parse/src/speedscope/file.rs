//! The parts of a speedscope file, while it is read.

use super::frames::{Frames, RawFrame};
use super::recorded::{Event, RecordedProfile, Stacks};
use super::unit::Measure;
use crate::extras::Totals;
use crate::json::{
    Admission, Number, Object, Record, Records, Room, StrictObject, Word, each, rows, runs, skip,
};
use serde::de::MapAccess;

/// The parts of a file that were read so far.
#[derive(Default)]
pub(super) struct File {
    pub(super) frames: Frames,
    pub(super) profiles: Profiles,
    pub(super) exporter: Word,
    pub(super) active: Number,
    pub(super) totals: Totals,
}

#[derive(Default)]
pub(super) struct Profiles {
    pub(super) room: Room,
    pub(super) stacks: Stacks,
    /// The current profile.
    pub(super) current: RecordedProfile,
    /// The complete profiles.
    pub(super) done: Vec<RecordedProfile>,
}

/// Bytes that a profile takes in addition to its samples.
const ENTRY: usize = 512;

/// The most bytes that a sample takes.
const SAMPLE: usize = 36;

impl File {
    pub(super) fn new(room: &Room) -> Self {
        let mut file = Self::default();
        for slot in [&mut file.frames.room, &mut file.profiles.room, &mut file.totals.room] {
            slot.clone_from(room);
        }
        file
    }
}

impl Object for File {
    const OBJECT: &'static str = "a speedscope file";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "shared" => map.next_value_seed(StrictObject(&mut self.frames))?,
            "profiles" => map.next_value_seed(Records(&mut self.profiles))?,
            "exporter" => self.exporter = map.next_value()?,
            "activeProfileIndex" => self.active = map.next_value()?,
            "spikeflame" => map.next_value_seed(StrictObject(&mut self.totals))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Object for Frames {
    const OBJECT: &'static str = "an object with `frames`";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "frames" => map.next_value_seed(each(|frame: RawFrame| self.take(&frame))),
            _ => skip(map),
        }
    }
}

impl Object for Profiles {
    const OBJECT: &'static str = "a profile";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { stacks, current, room, .. } = self;
        match key {
            "name" => current.name = map.next_value()?,
            "unit" => current.unit = Measure::from_unit(&map.next_value::<Word>()?),
            "startValue" => current.start = map.next_value()?,
            "endValue" => current.end = map.next_value()?,
            "samples" => {
                map.next_value_seed(rows(room, |row| {
                    let before = stacks.bytes();
                    current.stacks.push(stacks.of_row(row)?);
                    room.take(SAMPLE + stacks.bytes() - before)
                }))?;
            }
            "weights" => {
                current.weighing = true;
                map.next_value_seed(runs(|weights: &[Number]| {
                    weights.iter().for_each(|&Number(weight)| current.to.push(weight));
                    room.take(2 * size_of_val(weights))
                }))?;
                current.weighing = false;
            }
            "events" => {
                map.next_value_seed(each(|event: Event| {
                    let before = stacks.bytes();
                    current.event(&event, stacks);
                    // Open frames are stored in a separate list.
                    room.take(2 * SAMPLE + stacks.bytes() - before)
                }))?;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for Profiles {
    fn end(&mut self) -> Admission {
        let mut recorded = std::mem::take(&mut self.current);
        recorded.close();
        let bytes = ENTRY + recorded.name.0.len();
        self.done.push(recorded);
        self.room.take(bytes)
    }
}
