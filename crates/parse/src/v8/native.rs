//! Addresses outside the log's code: libraries, their symbols, and builtins that V8 copied
//! without logging it.

use crate::names;
use crate::symbols::{Mapping, Module, SharedSymbols, SymbolId};
use hashbrown::HashMap;
use spikeflame_profile::warning::MissingBinary;
use spikeflame_profile::{FrameTable, FunctionId};
use std::path::PathBuf;

struct Library {
    mapping: Mapping,
    /// The binary; `None` until an address in it is hit.
    module: Option<Result<Module, MissingBinary>>,
    /// The function of each symbol; `None` is the library itself.
    natives: HashMap<Option<SymbolId>, Native>,
}

/// The libraries of the process.
#[derive(Default)]
pub(super) struct Libraries {
    list: Vec<Library>,
    folders: Vec<PathBuf>,
    shared: SharedSymbols,
}

/// The function at a native address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Native {
    pub(super) function: FunctionId,
    /// False when only the library is known.
    pub(super) named: bool,
    /// True for a function that waits for something to happen.
    pub(super) waits: bool,
}

/// Calls in which an event loop waits.
const WAITS: [&str; 8] = [
    "epoll_wait",
    "epoll_pwait",
    "epoll_pwait2",
    "kevent",
    "kevent64",
    "poll",
    "GetQueuedCompletionStatus",
    "GetQueuedCompletionStatusEx",
];

/// Returns true for a function in which an event loop waits.
pub(crate) fn waits(symbol: &str) -> bool {
    WAITS.contains(&symbol.trim_start_matches('_'))
}

impl Libraries {
    pub(super) fn new(folders: Vec<PathBuf>, shared: SharedSymbols) -> Self {
        Self { list: Vec::new(), folders, shared }
    }

    /// Adds a mapping; mappings of one path at one place become one.
    pub(super) fn add(&mut self, mapping: Mapping) {
        let same =
            |l: &&mut Library| l.mapping.path == mapping.path && l.mapping.start == mapping.start;
        match self.list.iter_mut().find(same) {
            Some(library) if mapping.end > library.mapping.end => {
                library.mapping.end = mapping.end;
                library.module = None;
                library.natives.clear();
            }
            Some(_) => {}
            None => self.list.push(Library { mapping, module: None, natives: HashMap::new() }),
        }
    }

    /// Returns the path of the library at an address.
    pub(super) fn path_at(&self, address: u64) -> Option<&str> {
        let at = self.list.iter().find(|library| library.holds(address))?;
        Some(&at.mapping.path)
    }

    /// Returns the start of the next library after an address.
    pub(super) fn next_start(&self, address: u64) -> Option<u64> {
        self.list.iter().map(|library| library.mapping.start).filter(|&s| s > address).min()
    }

    /// Returns the mappings.
    pub(super) fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.list.iter().map(|library| &library.mapping)
    }

    /// Returns the symbol at an address, or else the library.
    pub(super) fn find(&mut self, address: u64, table: &mut FrameTable) -> Option<Native> {
        let Self { list, folders, shared } = self;
        let library = list.iter_mut().find(|library| library.holds(address))?;
        let Library { mapping, module, natives } = library;
        let open = || Module::open(mapping, folders, shared);
        let module = module.get_or_insert_with(open).as_ref().ok();
        let id = module.and_then(|module| module.find(address));
        let native = natives.entry(id).or_insert_with(|| {
            let symbol = id.and_then(|id| module?.name(id));
            Native::new(symbol, &mapping.path, table)
        });
        Some(*native)
    }

    /// Returns the libraries that were hit and whose binary was not available. A library that has names
    /// at another of its places is not one of them. Debug files that could not be opened are.
    pub(super) fn nameless(&self) -> impl Iterator<Item = (&str, MissingBinary)> {
        let has_names = |path: &str| {
            let mut same = self.list.iter().filter(|library| library.mapping.path == path);
            same.any(|library| matches!(library.module, Some(Ok(_))))
        };
        self.list
            .iter()
            .filter_map(move |library| match &library.module {
                Some(Err(why)) => Some((library.mapping.path.as_str(), *why)),
                Some(Ok(module)) => Some((module.unopened()?, MissingBinary::Unopened)),
                None => None,
            })
            .filter(move |(path, _)| !has_names(path))
    }
}

impl Native {
    fn new(symbol: Option<String>, library: &str, table: &mut FrameTable) -> Self {
        let named = symbol.is_some();
        let symbol = symbol.unwrap_or_default();
        let waits = waits(&symbol);
        Self { function: names::native(&symbol, library, table), named, waits }
    }
}

impl Library {
    fn holds(&self, address: u64) -> bool {
        (self.mapping.start..self.mapping.end).contains(&address)
    }
}
