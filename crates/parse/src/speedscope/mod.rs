//! speedscope's file format: <https://www.speedscope.app/file-format-schema.json>.
//!
//! A file has one list of frames, and profiles that refer to frames by number. `sampled`
//! profiles have a weight for each stack; `evented` ones have the moments at which frames
//! were opened and closed. Keys come in any order.
//!
//! Memory: the distinct frames and stacks, and 36 bytes a sample (52 with the weights and
//! times that our own export adds); all of it within [`Room`].

mod file;
mod frames;
mod measure;
mod recorded;
mod unit;

use crate::error::Error;
use crate::json::{self, Number, Record, Room, StrictObject};
use crate::options::Options;
use file::File;
use spikeflame_profile::Profile;
use std::io::Read;
use std::path::Path;

/// Reads a file into a profile, with a thread for each profile in it.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut file = File::new(&Room::new(&options.progress));
    let damage = json::read(input, path, false, StrictObject(&mut file))?;
    if file.profiles.current.is_begun() {
        // The file ends within this profile. Its samples count, except for the last weight,
        // which may be incomplete.
        if file.profiles.current.weighing {
            file.profiles.current.to.pop();
        }
        // Nothing is known of the time after the last event.
        if file.profiles.current.is_evented() {
            file.profiles.current.end = Number::default();
        }
        // The result does not matter, because the file is damaged already.
        file.profiles.end().unwrap_or_default();
    }
    measure::finish(file, path, name, damage, options.sample_type.as_deref())
}
