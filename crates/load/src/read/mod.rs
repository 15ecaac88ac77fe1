//! Load files to a [`Timeline`](crate::Timeline).

mod csv;
mod k6;
mod k6_csv;
mod k6_json;
mod ledger;
mod lines;
mod names;
mod order;
pub(crate) mod time;

use crate::error::Error;
use crate::timeline::Timeline;
use std::io::Read;
use std::path::Path;

const HEAD: u64 = 64 * 1024;

/// What of a file is read, and how.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Only requests whose `name`, `url` or `group` tag is this.
    pub endpoint: Option<String>,
    /// What the columns of a table mean, as (meaning, name of the column): `rps` and
    /// `throughput`.
    pub columns: Vec<(String, String)>,
    /// Which of several tests in the file, from 1.
    pub test: Option<usize>,
}

/// What was in a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// What happened second by second.
    Timeline(Timeline),
}

/// Reads a load file (unpacked) of any format; `path` is for messages.
///
/// # Errors
///
/// [`Error`] says what is wrong with the file.
pub fn read(input: impl Read, path: &Path, options: &ReadOptions) -> Result<Load, Error> {
    let mut input = input;
    let mut head = Vec::new();
    let fail = |source| Error::Io { path: path.to_owned(), source };
    (&mut input).take(HEAD).read_to_end(&mut head).map_err(fail)?;
    let whole = std::io::Cursor::new(head.clone()).chain(input);
    if k6_csv::is_header(&head) {
        return Ok(Load::Timeline(k6_csv::read(whole, path, options)?));
    }
    Ok(Load::Timeline(k6_json::read(whole, path, options)?))
}
