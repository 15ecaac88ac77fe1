//! The journal of a push: the chunks that a server has taken.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The longest line in bytes. A longer line was not written by the journal.
const LONGEST: u64 = 4096;

/// The last known state of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// A request began, and no answer came.
    Sending,
    /// The server has taken it.
    Sent,
    /// The server has refused it.
    Refused,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    chunk: String,
    state: State,
}

/// A file with one line for each step of a push. A push that was interrupted continues with it
/// where it stopped. It contains a hash of each chunk and its state, and neither profiles nor
/// secrets.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    states: HashMap<String, State>,
}

impl Journal {
    /// Opens the journal at `path` and reads it, or makes a new one with the folders above it.
    /// Lines that are not entries, such as one that a crash cut off, are ignored.
    ///
    /// # Errors
    ///
    /// Returns an error when the file cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        let mut states = HashMap::new();
        let mut is_cut = false;
        if let Ok(file) = File::open(path) {
            let mut lines = BufReader::new(file);
            let mut line = Vec::new();
            while lines
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut line)
                .map_err(Error::io(path))?
                > 0
            {
                if let Ok(Entry { chunk, state }) = serde_json::from_slice(&line) {
                    states.insert(chunk, state);
                }
                is_cut = !line.ends_with(b"\n");
                line.clear();
            }
        }
        let file = OpenOptions::new().create(true).append(true).open(path);
        let mut journal =
            Self { path: path.to_owned(), file: file.map_err(Error::io(path))?, states };
        if is_cut {
            journal.file.write_all(b"\n").map_err(Error::io(path))?;
        }
        Ok(journal)
    }

    pub(crate) fn state(&self, chunk: &str) -> Option<State> {
        self.states.get(chunk).copied()
    }

    pub(crate) fn note(&mut self, chunk: &str, state: State) -> Result<(), Error> {
        let entry = Entry { chunk: chunk.to_owned(), state };
        let mut line = serde_json::to_vec(&entry).unwrap_or_default();
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.map_err(Error::io(&self.path))?;
        self.states.insert(entry.chunk, state);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_loses_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own/push.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.note("a", State::Sending).unwrap();
        journal.note("a", State::Sent).unwrap();
        drop(journal);
        let mut text = fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"chunk\":\"b\",\"sta");
        fs::write(&path, text).unwrap();
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!((journal.state("a"), journal.state("b")), (Some(State::Sent), None));
        journal.note("c", State::Sent).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.state("c"), Some(State::Sent));
    }
}
