//! Reads statements of a database: the slow query log of MySQL and MariaDB as a file or as a table, TypeORM's lines about
//! slow and failed queries, as they are or wrapped by CloudWatch, and the statements of Sequelize and MikroORM with their
//! durations. Statements are grouped by their text without values.

mod digest;
mod foreign;
mod orm;
mod slow_log;
mod slow_rows;
mod slow_table;
mod statement;
mod tally;
mod typeorm;
mod wrapped;

use digest::digest;
pub use statement::Parts;
pub use tally::{Queries, StatementClass, StatementTotals};

use crate::read::csv;
use crate::read::lines::Lines;
use crate::read::{UTF_16, is_utf_16};
use serde_json::Value;
use statement::Execution;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use tally::Tally;

/// Reasons why a log of statements could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file has no statement that could be counted.
    #[error(
        "{}: {found}; expected MySQL's slow query log (`SET GLOBAL slow_query_log = 1, \
         long_query_time = 0.1`), an export of the table `mysql.slow_log`, or the lines `query is slow` and `query failed` of TypeORM \
         (`maxQueryExecutionTime`)", path.display()
    )]
    NoStatements {
        /// Path of the file.
        path: PathBuf,
        /// Description of the file's content.
        found: &'static str,
    },
}

/// Reads logs of statements one after another, and adds up their statements by text. `parts` are
/// the times for which statements are also counted separately. The inputs must not be compressed.
/// The paths are used in messages and in [`Queries::damaged`].
///
/// # Errors
///
/// Returns an [`Error`] that names the fault in a log.
pub fn read<R: Read>(
    logs: impl IntoIterator<Item = (R, PathBuf)>,
    parts: &Parts,
) -> Result<Queries, Error> {
    let mut tally = Tally::new(*parts);
    for (log, path) in logs {
        one(log, &path, &mut tally)?;
        tally.end_log();
    }
    Ok(tally.finish())
}

/// The readers of one log.
struct Log<'t> {
    slow_log: slow_log::Reader,
    typeorm: typeorm::Reader,
    orm: orm::Reader,
    tally: &'t mut Tally,
    /// The number of statements that the server logged.
    of_database: u64,
    /// The prefix before each line, which the first record shows.
    prefix: Option<wrapped::Prefix>,
    /// True when that record has come.
    has_begun: bool,
    /// True when the lines before the first record were packed into JSON.
    is_packed: bool,
}

impl<'t> Log<'t> {
    fn new(tally: &'t mut Tally) -> Self {
        let (slow_log, typeorm, orm) = Default::default();
        Self {
            slow_log,
            typeorm,
            orm,
            tally,
            of_database: 0,
            prefix: None,
            has_begun: false,
            is_packed: false,
        }
    }

    /// Reads a line, which may be packed into JSON.
    fn line(&mut self, line: &str) {
        // A statement in a log of plain lines may contain a line of JSON.
        let is_within = self.has_begun || self.typeorm.is_open();
        let packed = wrapped::packed(line).filter(|_| self.is_packed || !is_within);
        let Some(packed) = packed else { return self.plain(line, None) };
        self.is_packed = true;
        // Docker packs the lines of a program that writes JSON itself.
        match wrapped::packed(packed.text.trim_end()).filter(|_| !self.has_begun) {
            Some(inner) => self.lines(&inner.text, inner.at_us.or(packed.at_us)),
            None => self.lines(&packed.text, packed.at_us),
        }
    }

    fn lines(&mut self, text: &str, at_us: Option<i64>) {
        text.lines().for_each(|line| self.plain(line, at_us));
    }

    /// Reads a line that is not packed. `at_us` is the time that stood beside it.
    fn plain(&mut self, line: &str, at_us: Option<i64>) {
        if !self.has_begun {
            self.prefix = wrapped::Prefix::learn(line);
            self.has_begun = self.prefix.is_some() || line.starts_with("# ");
        }
        let bare = self.prefix.and_then(|prefix| prefix.strip(line));
        let line = bare.or_else(|| wrapped::behind_prefix(line)).unwrap_or(line);
        let before = self.tally.statements();
        let is_of_server = self.slow_log.line(line, self.tally);
        self.of_database += self.tally.statements() - before;
        if is_of_server {
            return;
        }
        let is_other = self.has_begun || self.typeorm.is_open();
        if is_other || !self.orm.line(line, at_us, self.tally) {
            self.typeorm.line(line, at_us, self.tally);
        }
    }

    fn end(&mut self) {
        let before = self.tally.statements();
        self.slow_log.end(self.tally);
        self.of_database += self.tally.statements() - before;
        self.typeorm.end(self.tally);
        self.orm.end(self.tally);
    }
}

/// The description of a file of which nothing more is known.
const UNKNOWN: &str = "a text without statements of a database";

impl Error {
    /// Returns true for a file of which nothing more is known than that it has no statements.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::NoStatements { found, .. } if *found == UNKNOWN)
    }
}

/// The description of a log of PostgreSQL with `log_min_duration_statement`.
const POSTGRES: &str = "PostgreSQL's log, which is not read (pgBadger reads it)";

/// The words before the duration of a statement in the forms of that log: text, CSV and JSON.
const POSTGRES_WORDS: [&[u8]; 3] =
    [b"LOG:  duration: ", b",LOG,00000,\"duration: ", b"\"message\":\"duration: "];

/// The description of a log of PostgreSQL without durations.
const POSTGRES_BARE: &str = "PostgreSQL's log, which is not read, and has no durations here \
    (`log_min_duration_statement = 100` writes them, with `lc_messages = 'C'` also in English, and pgBadger \
    reads them)";

/// The words of a message in that log.
const POSTGRES_MESSAGES: [&[u8]; 3] =
    [b"] LOG:  ", b",LOG,00000,\"", b"\"error_severity\":\"LOG\""];

/// Returns the description of a log of PostgreSQL to which a text belongs.
fn postgres(text: &[u8]) -> Option<&'static str> {
    let has = |words: &[&[u8]]| words.iter().any(|it| memchr::memmem::find(text, it).is_some());
    if has(&POSTGRES_WORDS) {
        return Some(POSTGRES);
    }
    has(&POSTGRES_MESSAGES).then_some(POSTGRES_BARE)
}

/// The description of an export of `pg_stat_statements`.
const STATEMENTS: &str = "totals of pg_stat_statements, which hold no single statements and no times of them \
    (`ORDER BY total_exec_time DESC` in the query brings the slowest first)";

/// Returns true for the header of an export of `pg_stat_statements`.
fn is_of_statements(header: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(header, name).is_some();
    has(b"calls") && (has(b"total_exec_time") || has(b"total_time")) && has(b"query")
}

/// Bytes by which a log inside JSON is recognised.
const HEAD: u64 = 4096;

/// Longest row of a table, in bytes.
const LONGEST_ROW: usize = 1 << 20;

fn one(mut input: impl Read, path: &Path, tally: &mut Tally) -> Result<(), Error> {
    let before = tally.statements();
    let io = |source| Error::Io { path: path.to_owned(), source };
    let mut head = Vec::new();
    (&mut input).take(HEAD).read_to_end(&mut head).map_err(io)?;
    let mut found = match is_utf_16(&head) {
        true => UTF_16,
        false if head.split(|byte| *byte == b'\n').next().is_some_and(is_of_statements) => {
            STATEMENTS
        }
        false => postgres(&head).or_else(|| foreign::named(&head)).unwrap_or(UNKNOWN),
    };
    let is_json = wrapped::is_json(&head);
    let any = !head.trim_ascii().is_empty();
    let notation = slow_table::notation(&head);
    let whole = Cursor::new(head).chain(input);
    if let Some(notation) = notation {
        slow_table::read(notation, whole, path, tally)?;
        tally.read(path, tally.statements() - before, 0);
        return Ok(());
    }
    let mut log = Log::new(tally);
    if is_json {
        let json: Value = serde_json::from_reader(whole.take(wrapped::LARGEST_JSON_BYTES))
            .map_err(|error| {
                let found = "JSON of CloudWatch that is cut off or damaged";
                if error.is_io() { io(error.into()) } else { none(path, found) }
            })?;
        for message in wrapped::messages(&json) {
            message.lines().for_each(|line| log.line(line));
        }
    } else if let Some(other) = lines_of(whole, path, &mut log)? {
        found = other;
    }
    log.end();
    let of_database = log.of_database;
    let statements = tally.statements() - before;
    tally.read(path, of_database, statements.saturating_sub(of_database));
    if statements > 0 {
        return Ok(());
    }
    Err(none(path, if any { found } else { "the file is empty" }))
}

/// Reads an export of the table `mysql.slow_log`, for `fuzz/` only.
#[cfg(feature = "fuzzing")]
pub(crate) fn fuzz_table(data: &[u8]) -> Option<Queries> {
    let mut tally = Tally::new(Parts::default());
    slow_table::read(slow_table::notation(data)?, data, Path::new("fuzz"), &mut tally).ok()?;
    tally.end_log();
    Some(tally.finish())
}

fn none(path: &Path, found: &'static str) -> Error {
    Error::NoStatements { path: path.to_owned(), found }
}

/// Reads a log line by line, or a table whose cells hold its lines. Returns a description of a file
/// that is another log of MySQL.
fn lines_of(
    input: impl Read,
    path: &Path,
    log: &mut Log<'_>,
) -> Result<Option<&'static str>, Error> {
    let mut lines = Lines::new(input);
    let mut table = None;
    let mut found = None;
    let before = log.tally.statements();
    let mut row = String::new();
    while let Some((number, line)) = lines.next_of(path).map_err(|error| io_of(error, path))? {
        if number < 10 && line.starts_with(b"Time ") && line.ends_with(b"Argument") {
            found = Some(
                "a log of MySQL without a slow statement, or the general query log, which has no \
                 durations",
            );
        }
        if matches!(found, None | Some(POSTGRES_BARE)) && log.tally.statements() == before {
            found = postgres(line).or(found);
        }
        let text = String::from_utf8_lossy(line);
        if number == 1 {
            table = wrapped::table(&text);
            if table.is_some() {
                continue;
            }
        }
        let Some((message, columns)) = table else {
            log.line(&text);
            continue;
        };
        row.push_str(&text);
        if !csv::is_whole(row.as_bytes()) && row.len() < LONGEST_ROW {
            row.push('\n');
            continue;
        }
        let fields = csv::split(row.as_bytes(), b',').filter(|fields| fields.len() == columns);
        match fields.as_ref().and_then(|fields| fields.get(message)) {
            Some(cell) => String::from_utf8_lossy(cell).lines().for_each(|line| log.line(line)),
            None => log.tally.incomplete(),
        }
        row.clear();
    }
    if lines.is_damaged() {
        log.tally.damaged(path);
    }
    Ok(found)
}

fn io_of(error: crate::Error, path: &Path) -> Error {
    let source = match error {
        crate::Error::Io { source, .. } => source,
        other => io::Error::other(other.to_string()),
    };
    Error::Io { path: path.to_owned(), source }
}
