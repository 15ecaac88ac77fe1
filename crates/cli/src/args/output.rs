//! Arguments about the file to write.

use clap::Args;
use std::path::{Path, PathBuf};

/// The file to write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// File to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// The file to write. `None` and `-` stand for standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }
}
