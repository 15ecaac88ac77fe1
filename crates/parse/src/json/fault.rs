//! The errors of the scanner of JSON.

use serde::de;
use std::fmt;
use std::io;

const TOO_LONG: &str = "a text of more than 64 MiB";

/// The reason why a document cannot be read further.
#[derive(Debug)]
pub(super) enum Reason {
    /// The stream failed.
    Io(io::Error),
    /// The document ends too early.
    Cut,
    /// A text has no end within the limit.
    TooLong,
    /// The text is not JSON. The place is the next byte.
    Syntax(&'static str),
    /// A reader refuses a value. The place is the end of that value.
    Refused(String),
}

/// An error, in one word of memory.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Box<Reason>);

impl Fault {
    #[cold]
    pub(super) fn syntax(what: &'static str) -> Self {
        Self(Box::new(Reason::Syntax(what)))
    }

    #[cold]
    pub(super) fn early_end() -> Self {
        Self(Box::new(Reason::Cut))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Io(error) => error.fmt(f),
            Reason::Cut => f.write_str("the file ends in the middle"),
            Reason::TooLong => f.write_str(TOO_LONG),
            Reason::Syntax(what) => f.write_str(what),
            Reason::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    #[cold]
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(Box::new(Reason::Refused(what.to_string())))
    }
}
