//! The journal of a push: the chunks that a server has taken.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The longest line in bytes. A longer line was not written by the journal.
const LONGEST_LINE_BYTES: u64 = 4096;

/// A step of a chunk on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// A request begins that may reach the server.
    Sending,
    /// The server has taken it.
    Sent,
    /// The server has not taken the last request.
    Refused,
}

/// The knowledge about a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChunkState {
    /// Number of requests that the server may have taken.
    requests: u32,
    /// True when the server has answered that it took the chunk.
    pub(crate) is_sent: bool,
}

impl ChunkState {
    fn note(&mut self, state: State) {
        match state {
            State::Sending => self.requests = self.requests.saturating_add(1),
            State::Sent => self.is_sent = true,
            State::Refused => self.requests = self.requests.saturating_sub(1),
        }
    }

    /// Returns true when the server has the chunk, and may have it more than once, because no answer
    /// came for a request.
    pub(crate) fn may_be_twice(self) -> bool {
        self.is_sent && self.requests > 1
    }
}

#[derive(Serialize, Deserialize)]
struct Entry {
    chunk: String,
    state: State,
}

/// A file in which a push notes, line by line, the states of its chunks, so that the next push sends only
/// those that the server is not known to have. It contains hashes of chunks and their states, and neither
/// profiles nor secrets.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    chunks: HashMap<String, ChunkState>,
}

impl Journal {
    /// Opens the journal at `path` and reads it, or makes a new one with the folders above it. The
    /// journal is locked until it is dropped, where the file system can lock files: two pushes at
    /// the same time could send chunks twice.
    ///
    /// # Errors
    ///
    /// Returns an error when the file cannot be read or written or its folder cannot be made, and
    /// [`Error::Busy`] when another push has locked it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        let file = OpenOptions::new().create(true).read(true).append(true).open(path);
        let file = file.map_err(Error::io(path))?;
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(Error::Busy(path.to_owned()));
        }
        let mut chunks = HashMap::<String, ChunkState>::new();
        let mut is_cut = false;
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        while lines
            .by_ref()
            .take(LONGEST_LINE_BYTES)
            .read_until(b'\n', &mut line)
            .map_err(Error::io(path))?
            > 0
        {
            if let Ok(Entry { chunk, state }) = serde_json::from_slice(&line) {
                chunks.entry(chunk).or_default().note(state);
            }
            is_cut = !line.ends_with(b"\n");
            line.clear();
        }
        let mut journal = Self { path: path.to_owned(), file, chunks };
        if is_cut {
            journal.file.write_all(b"\n").map_err(Error::io(path))?;
        }
        Ok(journal)
    }

    pub(crate) fn known(&self, chunk: &str) -> ChunkState {
        self.chunks.get(chunk).copied().unwrap_or_default()
    }

    pub(crate) fn note(&mut self, chunk: &str, state: State) -> Result<(), Error> {
        let entry = Entry { chunk: chunk.to_owned(), state };
        let mut line = serde_json::to_vec(&entry).unwrap_or_default();
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.map_err(Error::io(&self.path))?;
        self.chunks.entry(entry.chunk).or_default().note(state);
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
        assert!(journal.known("a").is_sent && !journal.known("b").is_sent);
        journal.note("c", State::Sent).unwrap();
        // A second push of the same run would send everything twice.
        assert!(matches!(Journal::open(&path), Err(Error::Busy(_))));
        drop(journal);
        let journal = Journal::open(&path).unwrap();
        assert!(journal.known("c").is_sent && !journal.known("c").may_be_twice());
    }
}
