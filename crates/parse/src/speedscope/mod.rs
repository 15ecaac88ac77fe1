//! speedscope's file format: <https://www.speedscope.app/file-format-schema.json>.
//!
//! A file has one list of frames, and profiles that refer to frames by number. `sampled`
//! profiles have a weight for each stack; `evented` ones have the moments at which frames
//! were opened and closed. Keys come in any order.
//!
//! Memory: the distinct frames and stacks, and 36 bytes a sample (52 with the weights and
//! times that our own export adds); all of it within [`Room`].

mod frames;
mod measure;
mod recorded;

use crate::error::Error;
use crate::extras::Totals;
use crate::json::{
    self, Held, Number, Object, Record, Records, Room, Strict, Word, each, rows, skip,
};
use crate::options::Options;
use frames::{Frames, RawFrame};
use measure::Measure;
use recorded::{Event, RecordedProfile, Stacks};
use serde::de::MapAccess;
use spikeflame_profile::Profile;
use std::io::Read;
use std::path::Path;

/// The parts of a file that were read so far.
#[derive(Default)]
struct File {
    frames: Frames,
    profiles: Profiles,
    exporter: Word,
    active: Number,
    totals: Totals,
}

#[derive(Default)]
struct Profiles {
    room: Room,
    stacks: Stacks,
    /// The current profile.
    current: RecordedProfile,
    /// The complete profiles.
    done: Vec<RecordedProfile>,
}

/// Bytes that a profile takes in addition to its samples.
const ENTRY: usize = 512;

/// The most bytes that a sample takes.
const SAMPLE: usize = 36;

impl File {
    fn new(room: &Room) -> Self {
        let mut file = Self::default();
        for slot in [&mut file.frames.room, &mut file.profiles.room, &mut file.totals.room] {
            slot.clone_from(room);
        }
        file
    }
}

/// Reads a file into a profile, with a thread for each profile in it.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut file = File::new(&Room::of(&options.progress));
    let damage = json::read(input, path, false, Strict(&mut file))?;
    if file.profiles.current.is_begun() {
        // The file ends within this profile. Its samples count, except for the last weight,
        // which may be incomplete.
        if file.profiles.current.weighing {
            file.profiles.current.to.pop();
        }
        // The result does not matter, because the file is damaged already.
        file.profiles.end().unwrap_or_default();
    }
    measure::finish(file, path, name, damage, options.sample_type.as_deref())
}

impl Object for File {
    const WHAT: &'static str = "a speedscope file";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "shared" => map.next_value_seed(Strict(&mut self.frames))?,
            "profiles" => map.next_value_seed(Records(&mut self.profiles))?,
            "exporter" => self.exporter = map.next_value()?,
            "activeProfileIndex" => self.active = map.next_value()?,
            "spikeflame" => map.next_value_seed(Strict(&mut self.totals))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Object for Frames {
    const WHAT: &'static str = "an object with `frames`";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "frames" => map.next_value_seed(each(|frame: RawFrame| self.take(&frame))),
            _ => skip(map),
        }
    }
}

impl Object for Profiles {
    const WHAT: &'static str = "a profile";

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
                    current.stacks.push(stacks.stack(row));
                    room.take(SAMPLE + stacks.bytes() - before)
                }))?;
            }
            "weights" => {
                current.weighing = true;
                map.next_value_seed(each(|Number(weight)| {
                    current.to.push(weight);
                    room.take(2 * size_of::<f64>())
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
    fn end(&mut self) -> Held {
        let mut recorded = std::mem::take(&mut self.current);
        recorded.close();
        let bytes = ENTRY + recorded.name.0.len();
        self.done.push(recorded);
        self.room.take(bytes)
    }
}
