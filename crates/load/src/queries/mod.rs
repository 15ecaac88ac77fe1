//! Reads statements of a database: the slow query log of MySQL and MariaDB, and TypeORM's lines
//! about slow and failed queries. Statements are grouped by their text without values.

mod digest;
mod slow_log;
mod statement;
mod tally;
mod typeorm;

pub use digest::digest;
pub use statement::Parts;
pub use tally::{Class, Figures, Queries};

use crate::read::lines::Lines;
use statement::Executed;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tally::Tally;

/// Reason why a log of statements could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// There is no statement with a duration in the file.
    #[error(
        "{}: {found}; expected MySQL's slow query log (`SET GLOBAL slow_query_log = 1, \
         long_query_time = 0.1`), or the lines `query is slow` and `query failed` of TypeORM \
         (`maxQueryExecutionTime`)", path.display()
    )]
    NoStatements {
        /// The file.
        path: PathBuf,
        /// Description of the content.
        found: &'static str,
    },
}

/// Reads logs of statements one after another, and adds them up.
///
/// # Errors
///
/// Returns an [`Error`] for a file that cannot be read, and for one without a statement.
pub fn read<R: Read>(
    logs: impl IntoIterator<Item = (R, PathBuf)>,
    parts: &Parts,
) -> Result<Queries, Error> {
    let mut tally = Tally::new(*parts);
    for (log, path) in logs {
        one(log, &path, &mut tally)?;
    }
    Ok(tally.finish())
}

fn one(input: impl Read, path: &Path, tally: &mut Tally) -> Result<(), Error> {
    let before = tally.statements();
    let mut lines = Lines::new(input);
    let mut slow_log = slow_log::Reader::default();
    let mut typeorm = typeorm::Reader::default();
    let mut found = "a text without them";
    let mut any = false;
    while let Some((number, line)) = lines.next_of(path).map_err(|error| io_of(error, path))? {
        any |= !line.trim_ascii().is_empty();
        if number < 10 && line.starts_with(b"Time ") && line.ends_with(b"Argument") {
            found = "a log of MySQL without a slow statement, or the general query log, which has \
                     no durations";
        }
        let text = String::from_utf8_lossy(line);
        if !slow_log.line(&text, tally) {
            typeorm.line(&text, tally);
        }
    }
    slow_log.end(tally);
    typeorm.end(tally);
    if tally.statements() > before {
        return Ok(());
    }
    let found = if any { found } else { "the file is empty" };
    Err(Error::NoStatements { path: path.to_owned(), found })
}

fn io_of(error: crate::Error, path: &Path) -> Error {
    let source = match error {
        crate::Error::Io { source, .. } => source,
        other => io::Error::other(other.to_string()),
    };
    Error::Io { path: path.to_owned(), source }
}
