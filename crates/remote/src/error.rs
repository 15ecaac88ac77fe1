//! Reasons why another program could not be reached or used.

use std::io;
use std::path::PathBuf;

/// The error of [`attach`](fn@crate::attach), of [`pull`](fn@crate::pull), of a [`Pusher`](crate::Pusher) and
/// of a [`Journal`](crate::Journal).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of this machine could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path of the file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The run folder, whose path is the field, is not empty. Nothing was written into it.
    #[error(
        "{}: the folder is not empty, and a run must not mix with another; name a new folder",
        .0.display()
    )]
    NotEmpty(PathBuf),
    /// Another push has locked a journal, whose path is the field.
    #[error("{}: another push of this run is under way; wait for its end", .0.display())]
    Busy(PathBuf),
    /// No connection could be made to an address, or it failed before the answer was complete.
    #[error("{address}: no connection: {why}")]
    NoConnection {
        /// The address: a URL without the password, `HOST:PORT`, or `process PID`.
        address: String,
        /// The reason, in words.
        why: String,
    },
    /// The address, which is the field, needs TLS (`https`), and this build cannot use it.
    #[error("{0}: this build of the program can use http, but not https")]
    NoTls(String),
    /// A server answered a request with a status other than success.
    #[error("{address}: the server answered {status}{}{text}", if text.is_empty() { "" } else { ": " })]
    Refused {
        /// The URL of the request, without the password.
        address: String,
        /// The HTTP status of the answer, such as 404.
        status: u16,
        /// The beginning of the answer's text, without control characters; may be empty.
        text: String,
    },
    /// An OTLP collector answered with success, but rejected profiles of the request.
    #[error("{address}: the collector rejected {count} profiles: {text}")]
    Rejected {
        /// The URL of the request, without the password.
        address: String,
        /// The number of profiles that the collector rejected, at least 1.
        count: i64,
        /// The collector's reason; may be empty.
        text: String,
    },
    /// The answer to a query has no samples. The field is the URL of the request, without the password.
    #[error("{0}: the server has no samples for this query in this time")]
    NoSamples(String),
    /// An answer does not have the expected form, so another program seems to have sent it.
    #[error("{address}: the answer is not that of {expected}")]
    OtherAnswer {
        /// The address that answered, or the target of an attachment, as its `Display` shows it.
        address: String,
        /// The program that was expected, in words: `a Pyroscope server`.
        expected: &'static str,
    },
    /// Node's inspector refused a command, or did not answer it in time.
    #[error("{target}: the inspector refused {method}: {text}")]
    Inspector {
        /// The target, as its `Display` shows it.
        target: String,
        /// The name of the command, such as `Profiler.start`.
        method: &'static str,
        /// The inspector's reason, or a text that begins with `no answer in time`.
        text: String,
    },
    /// The connection to the inspector ended or failed during the work, for example because the
    /// process ended.
    #[error("{target}: the process ended or closed the connection before its profile was there")]
    Gone {
        /// The target, as its `Display` shows it.
        target: String,
    },
    /// A process could not be brought to open its inspector, or to move it to another port.
    #[error("process {pid}: {why}")]
    NoProcess {
        /// The number of the process that the caller named.
        pid: u32,
        /// The reason, often with advice, in words.
        why: &'static str,
    },
    /// The inspector that was found belongs to another process than the target, or does not report its process.
    #[error("{target}: the inspector there {}", owner(*found, *pid))]
    OtherProcess {
        /// The address of the inspector, as `HOST:PORT`.
        target: String,
        /// The number of the process that the caller named.
        pid: u32,
        /// The number of the process to which the inspector belongs; 0 when it reports none.
        found: u32,
    },
    /// The target is the same process as another target, and is not profiled a second time.
    #[error("{target}: process {pid} is profiled already, by another target; name it once")]
    SameProcess {
        /// The target, as its `Display` shows it.
        target: String,
        /// The number of the process, as the caller named it or the process reports it.
        pid: u32,
    },
    /// The work ended early because the caller's `stop` returned true.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// Returns the words for the process of an inspector that is not that of the process `asked`.
fn owner(found: u32, asked: u32) -> String {
    match found {
        0 => format!("does not report its process, which should be {asked}"),
        found => format!("belongs to process {found}, not {asked}"),
    }
}
