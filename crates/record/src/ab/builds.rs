//! The two builds of a comparison.

use super::place::Place;
use crate::{Options, Series};

/// Two builds to compare, and how each is recorded.
#[derive(Clone, Debug)]
pub struct Ab {
    /// The build before.
    pub before: Place,
    /// The build after.
    pub after: Place,
    /// A shell command that builds a side in its folder; `None` where nothing is to build.
    pub build: Option<String>,
    /// How often each side is recorded.
    pub series: Series,
    /// The program and its load. `folder` is that of the whole comparison, and the program
    /// runs in the folder of its side.
    pub options: Options,
}
