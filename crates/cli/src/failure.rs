//! Reasons why a command failed.

use crate::words;
use spikeflame_render::export::ExportError;
use std::io;
use std::path::PathBuf;

/// Reasons why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}", words::error(.0))]
    Run(#[from] spikeflame_run::Error),
    #[error("{}", words::paths::unwritable(path, source))]
    Write { path: PathBuf, source: io::Error },
    #[error("{}", words::drawing(.0))]
    Render(#[from] spikeflame_render::RenderError),
    #[error("{}: {}", path.display(), words::export(source))]
    Export { path: PathBuf, source: ExportError },
    #[error("{}", words::comparison(.0))]
    Diff(#[from] spikeflame_diff::Error),
    #[cfg(unix)]
    #[error("{}", words::recorder(.0))]
    Record(#[from] spikeflame_record::Error),
    #[error("{}", words::remote(.0))]
    Remote(#[from] spikeflame_remote::Error),
    #[error("a gate was crossed: {0}")]
    Gate(String),
    /// The run was recorded, but its load command or its program failed.
    #[error("{0}")]
    Recorded(String),
    #[error("{0}")]
    Selection(String),
    #[cfg(not(feature = "png"))]
    #[error(
        "this build cannot write PNG: install one with `cargo install spikeflame --features png`, \
         or take the SVG, with --static where scripts are refused"
    )]
    NoPng,
}

impl Failure {
    /// Returns true when the reader of the output closed the pipe.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Write { source, .. }
            | Self::Export { source: ExportError::Io(source), .. }
            | Self::Render(spikeflame_render::RenderError::Io(source)) => {
                source.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        }
    }
}
