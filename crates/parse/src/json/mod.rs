//! JSON as a stream: objects key by key, arrays element by element, so that no document is
//! in memory as a whole. Values go directly into the reader's own state, so that everything
//! before the damage of a damaged file is used.
//!
//! A text is at most 64 MiB and an array at most 2^26 elements long. A reader holds at most
//! as much as its [`Room`], so that the content of a small compressed file cannot take all
//! memory. A document beyond these limits counts as damaged.

#[macro_use]
mod passed_over;
mod bridge;
mod fault;
mod number;
mod room;
mod seeds;
mod stream;
mod values;

pub(crate) use bridge::NODE;
pub(crate) use passed_over::nothing_else;
pub use room::TOO_MUCH_MEMORY;
pub(crate) use room::{Admission, Room};
pub(crate) use seeds::{
    LenientObject, List, MOST_ELEMENTS, Object, Record, Records, Row, StrictObject, count, each,
    rows, runs, skip,
};
pub(crate) use values::{Amount, Flag, Id, Key, Number, Scalar, Text, Word};

use crate::error::Error;
use fault::{Fault, Reason};
use serde::de::{self, DeserializeSeed, Deserializer};
use spikeflame_profile::warning::{Fact, Warning};
use std::io::Read;
use std::path::Path;
use stream::Stream;

/// The byte order mark, which programs on Windows write at the start of a text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The reason for losing the last sample of a damaged file.
pub(crate) const CUT: &str = "a sample at which the file ends, or is damaged";

/// The reason why a document was not read to its end.
#[derive(Debug)]
pub(crate) struct Damage {
    /// The place: `line 3 column 7`.
    at: String,
    what: String,
    /// True when the document only ends too early.
    pub(crate) cut: bool,
}

impl Damage {
    /// Returns the warning for a file that could be used in part.
    pub(crate) fn warning(&self, name: &str) -> Warning {
        Warning::new(name, self.fact())
    }

    /// Returns the place and the kind of the damage.
    pub(crate) fn fact(&self) -> Fact {
        Fact::Damage { at: self.at.clone(), what: self.what.clone() }
    }

    /// Returns the error for a file of which nothing could be used; `instead` states what
    /// was expected, and the advice.
    pub(crate) fn error(self, path: &Path, instead: &str) -> Error {
        let expected = format!("{}; {instead}", self.what);
        Error::Damaged { path: path.to_owned(), at: self.at, expected }
    }
}

/// Reads one document into the state behind `seed`. `deep` removes the limit on nesting,
/// for readers with a limit of their own.
///
/// # Errors
///
/// Returns an error when the file cannot be read. Damage of the JSON or of the compressed data is
/// not an error: the state then holds what was read before it.
pub(crate) fn read<'de>(
    input: impl Read,
    path: &Path,
    deep: bool,
    seed: impl DeserializeSeed<'de, Value = ()>,
) -> Result<Option<Damage>, Error> {
    let mut stream = Stream::new(input, deep);
    let done = stream
        .skip_mark(BYTE_ORDER_MARK)
        .and_then(|()| seed.deserialize(&mut stream))
        .and_then(|()| stream.end());
    ending(done, &stream, path)
}

/// A file of one or several documents.
pub(crate) trait Documents {
    /// Reads the next document.
    fn document<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error>;

    /// Handles the end of a document. Returns true when documents after it are read too.
    fn end_document(&mut self) -> Result<bool, &'static str>;
}

/// Reads documents that follow each other, also with a comma between them, as long as `state`
/// wants the next one.
///
/// # Errors
///
/// Returns the errors of [`read`].
pub(crate) fn read_documents(
    input: impl Read,
    path: &Path,
    state: &mut impl Documents,
) -> Result<Option<Damage>, Error> {
    let mut stream = Stream::new(input, false);
    let done = documents(&mut stream, state);
    ending(done, &stream, path)
}

fn documents<R: Read>(stream: &mut Stream<R>, state: &mut impl Documents) -> Result<(), Fault> {
    stream.skip_mark(BYTE_ORDER_MARK)?;
    loop {
        state.document(&mut *stream)?;
        if !state.end_document().map_err(de::Error::custom)? {
            return stream.end();
        }
        stream.skip_comma()?;
        if !stream.has_another()? {
            return Ok(());
        }
    }
}

/// Reads documents that follow each other into `state`; `end` is called after each of them.
///
/// # Errors
///
/// Returns the errors of [`read`].
pub(crate) fn read_all<T: Object>(
    input: impl Read,
    path: &Path,
    state: &mut T,
    end: impl FnMut(&mut T),
) -> Result<Option<Damage>, Error> {
    let mut stream = Stream::new(input, false);
    let done = objects(&mut stream, state, end);
    ending(done, &stream, path)
}

fn objects<R: Read, T: Object>(
    stream: &mut Stream<R>,
    state: &mut T,
    mut end: impl FnMut(&mut T),
) -> Result<(), Fault> {
    stream.skip_mark(BYTE_ORDER_MARK)?;
    loop {
        let done = StrictObject(&mut *state).deserialize(&mut *stream);
        end(state);
        done?;
        if !stream.has_another()? {
            return Ok(());
        }
    }
}

fn ending<R: Read>(
    done: Result<(), Fault>,
    stream: &Stream<R>,
    path: &Path,
) -> Result<Option<Damage>, Error> {
    match done {
        Ok(()) => Ok(None),
        Err(Fault(reason)) => match *reason {
            Reason::Io(source) if !crate::chunks::is_damage(&source) => {
                Err(Error::Io { path: path.to_owned(), source })
            }
            reason => Ok(Some(damage(reason, stream))),
        },
    }
}

fn damage<R: Read>(reason: Reason, stream: &Stream<R>) -> Damage {
    let cut = matches!(reason, Reason::Io(_) | Reason::Cut | Reason::TooLong);
    let (line, column) = stream.position();
    let at = match reason {
        Reason::Io(_) => format!("byte {} of the data", stream.taken()),
        Reason::Syntax(_) => format!("line {line} column {}", column + 1),
        _ => format!("line {line} column {column}"),
    };
    Damage { at, what: Fault(Box::new(reason)).to_string(), cut }
}

/// Returns an error at the current position.
pub(crate) fn fail<T, E: de::Error>(what: &str) -> Result<T, E> {
    Err(E::custom(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::MapAccess;

    #[test]
    fn a_text_that_does_not_end_is_damage() {
        #[derive(Default)]
        struct Names(u64);
        impl Object for Names {
            const OBJECT: &'static str = "names";
            fn field<'de, A: MapAccess<'de>>(
                &mut self,
                _: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                self.0 += map.next_value::<Text>()?.0.len() as u64;
                Ok(())
            }
        }
        let read = |start: &[u8], repeated: u8, count: u64| {
            let (mut names, path) = (Names::default(), Path::new("x"));
            let input = start.chain(std::io::repeat(repeated).take(count));
            let damage = super::read(input, path, false, StrictObject(&mut names)).unwrap();
            (names.0, damage.map(|damage| damage.fact().to_string()).unwrap_or_default())
        };
        let (kept, why) = read(br#"{"a":"b\\\"c","b":"\""#, b'x', u64::MAX);
        assert!(kept == 4 && why.contains("a text of more than 64 MiB"), "{kept} {why}");
        // An escaped quote does not end the text.
        let (kept, why) = read(br#"{"a":"b\\\"c","b":""#, b'\\', u64::MAX);
        assert!(kept == 4 && why.contains("a text of more than 64 MiB"), "{kept} {why}");
        let (kept, why) = read(br#"{"a":"b\\\"c"}"#, b' ', 1 << 27);
        assert_eq!((kept, why.as_str()), (4, ""));
    }
}
