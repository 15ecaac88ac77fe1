//! The two builds of a comparison.

use super::place::Place;
use crate::{Options, Series};

/// Two builds to compare, with settings for their recordings.
#[derive(Clone, Debug)]
pub struct Ab {
    /// The sources of the build before the change.
    pub before: Place,
    /// The sources of the build after the change.
    pub after: Place,
    /// A shell command that builds a side, where its program runs, once for each side; `None` when nothing
    /// must be built.
    pub build: Option<String>,
    /// Number of recordings for each side, and the commands around them.
    pub series: Series,
    /// The program and its load. `folder` is the folder of the whole comparison. The program runs
    /// in the folder of its side, and `directory` is not used.
    pub options: Options,
}
