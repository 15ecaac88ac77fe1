//! Reasons why another program could not be reached or used.

use std::io;
use std::path::PathBuf;

/// Reasons why another program could not be reached or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The run folder is not empty.
    #[error(
        "{}: the folder is not empty, and a run must not mix with another; name a new folder",
        .0.display()
    )]
    NotEmpty(PathBuf),
    /// The connection to an address failed.
    #[error("{address}: no connection: {why}")]
    NoConnection {
        /// The address.
        address: String,
        /// The reason.
        why: String,
    },
    /// The address needs TLS, and this build has none.
    #[error("{0}: this build speaks http only")]
    NoTls(String),
    /// The server refused a request.
    #[error("{address}: the server answered {status}{}{text}", if text.is_empty() { "" } else { ": " })]
    Refused {
        /// The address.
        address: String,
        /// The status of the answer.
        status: u16,
        /// The beginning of the answer's text.
        text: String,
    },
    /// A collector took the request, but rejected profiles in it.
    #[error("{address}: the collector rejected {count} profiles: {text}")]
    Rejected {
        /// The address.
        address: String,
        /// The number of profiles that were rejected.
        count: i64,
        /// The collector's reason.
        text: String,
    },
    /// A server has no samples for a query.
    #[error("{0}: the server has no samples for this query in this time")]
    NoSamples(String),
    /// An answer does not have the expected form.
    #[error("{address}: the answer is not that of {expected}")]
    OtherAnswer {
        /// The address.
        address: String,
        /// The program that was expected.
        expected: &'static str,
    },
    /// Node's inspector refused a command.
    #[error("{target}: the inspector refused {method}: {text}")]
    Inspector {
        /// The target.
        target: String,
        /// The command.
        method: &'static str,
        /// The inspector's reason.
        text: String,
    },
    /// The target ended, or closed the connection, before its profile was there.
    #[error("{target}: the process ended or closed the connection before its profile was there")]
    Gone {
        /// The target.
        target: String,
    },
    /// A process cannot be asked to open its inspector.
    #[error("process {pid}: {why}")]
    NoProcess {
        /// The process number.
        pid: u32,
        /// The reason, with the way to go on.
        why: &'static str,
    },
    /// The inspector at the address belongs to another process.
    #[error("{target}: the inspector there belongs to process {found}, not {pid}")]
    OtherProcess {
        /// The target.
        target: String,
        /// The process number that was asked for.
        pid: u32,
        /// The process number that was found.
        found: u32,
    },
    /// The work was ended early, because the caller's `stop` returned true.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
