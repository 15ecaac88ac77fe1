//! STUB
use crate::error::Error;
use crate::read::Options;
use spikeflame_profile::Profile;
use std::io::Read;
use std::path::Path;

pub(crate) fn read(
    _input: impl Read,
    path: &Path,
    _name: String,
    _options: &Options,
) -> Result<Profile, Error> {
    Err(Error::Unrecognised { path: path.to_owned(), found: "not yet" })
}
