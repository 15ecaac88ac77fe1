//! Where a command writes.

use clap::Args;
use std::path::{Path, PathBuf};

/// Where a command writes.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// The file; `None` and `-` are standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }
}
