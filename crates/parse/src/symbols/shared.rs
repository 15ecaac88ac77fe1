//! Symbols of binaries that several recordings share.

use super::Symbols;
use hashbrown::HashMap;
use spikeflame_profile::warning::MissingBinary;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The most binaries of which symbols are kept.
const MOST_BINARIES: usize = 64;

/// Symbols of binaries, shared by tick logs that are read one after the other or by several
/// threads. Most runs of a program have the same binary of Node, whose symbols are then read once.
///
/// [`SharedSymbols::new`] makes a store, and clones share it until the last is dropped. The default
/// shares nothing: symbols are freed when a log has been read.
#[derive(Clone, Default)]
pub struct SharedSymbols(Option<Arc<Mutex<Slots>>>);

/// The path of a binary, the length of its mapping, and the folders in which it is looked for.
type Key = (String, u64, Vec<PathBuf>);
type Lookup = Result<Arc<Symbols>, MissingBinary>;
type Slot = OnceLock<Lookup>;
type Slots = HashMap<Key, Arc<Slot>>;

impl SharedSymbols {
    /// Makes a store without symbols, to be cloned for the readers that are to share it.
    ///
    /// ```
    /// use spikeflame_parse::{Options, SharedSymbols};
    ///
    /// let options = Options { shared_symbols: SharedSymbols::new(), ..Options::default() };
    /// # let _ = options;
    /// ```
    pub fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Returns the symbols of a binary. They are read with `open` when no other recording needed them.
    pub(super) fn symbols_of(
        &self,
        path: &str,
        length: u64,
        folders: &[PathBuf],
        open: impl FnOnce() -> Lookup,
    ) -> Lookup {
        let Some(shared) = &self.0 else { return open() };
        let mut all = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), length, folders.to_owned());
        let slot = match all.get(&key) {
            Some(slot) => Arc::clone(slot),
            None => {
                let slot = Arc::<Slot>::default();
                if all.len() < MOST_BINARIES {
                    all.insert(key, Arc::clone(&slot));
                }
                slot
            }
        };
        // Other threads can look up other binaries meanwhile.
        drop(all);
        slot.get_or_init(open).clone()
    }
}

impl fmt::Debug for SharedSymbols {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedSymbols").finish_non_exhaustive()
    }
}
