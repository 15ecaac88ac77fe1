//! Names of native code from the binaries themselves: ELF, Mach-O and PE.
//!
//! A [`Module`] is opened when the first address in it is hit. Only the extents of its
//! symbols are stored; names are read for the symbols that were hit.

mod debug;
mod extents;
mod places;
mod shared;
mod stubs;

pub(crate) use places::by_build_id;
pub use shared::SharedSymbols;

use crate::demangle::demangle;
use debug::{debug_symbols, open};
use extents::{Extent, Table, extents};
use hashbrown::HashMap;
use object::read::{File, ReadCache};
use object::{Object, ObjectSegment, SegmentFlags, elf};
use places::beside;
use spikeflame_profile::warning::MissingBinary;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use stubs::{Binary, Stub, stubs};

/// The place of a library in the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// The path in the log.
    pub(crate) path: String,
    /// The address of the file's first byte.
    pub(crate) start: u64,
    /// The address after its last executable byte.
    pub(crate) end: u64,
    /// On macOS, the distance by which it was moved from its linked address.
    pub(crate) slide: u64,
}

/// A binary in a recording that has offsets in files and no addresses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Build<'a> {
    /// The path in the recording.
    pub(crate) path: &'a str,
    /// The build id, when the recording has it.
    pub(crate) id: Option<&'a [u8]>,
    /// The file offsets at which executable mappings of it ended.
    pub(crate) ends: &'a [u64],
    /// True when stubs of calls get the names of the functions that they call.
    pub(crate) stubs: bool,
}

/// The index of a symbol of a [`Module`], or after these, of a stub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymbolId(usize);

/// A binary at its place in a process.
pub(crate) struct Module {
    symbols: Arc<Symbols>,
    place: Place,
}

/// The extents of a binary's functions.
struct Symbols {
    file: Mutex<Names>,
    extents: Vec<Extent>,
    stubs: Vec<Stub>,
    layout: Layout,
    /// The debug file that is there and could not be opened.
    unopened: Option<String>,
}

/// The names of a binary's functions.
struct Names {
    cache: ReadCache<std::fs::File>,
    table: Table,
    /// The names that were read, by the index of the extent.
    known: HashMap<usize, Option<String>>,
}

/// The layout of a file's addresses.
enum Layout {
    /// ELF: segments, as `(file offset, size, address)`.
    Segments(Vec<(u64, u64, u64)>),
    MachO,
    /// PE, and the lowest address in the file.
    From(u64),
}

/// The place of a file's first byte in the process, and on macOS, the distance by which it was moved.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    slide: u64,
}

/// The most extents that are tried for one that contains an address.
const NESTED: usize = 8;

/// Bytes of a page, the unit in which a system maps files.
const PAGE: u64 = 4096;

impl Module {
    /// Opens the binary of a mapping, at its logged path or in one of `folders`. Symbols that were read
    /// before are taken from `shared`.
    pub(crate) fn open(
        mapping: &Mapping,
        folders: &[PathBuf],
        shared: &SharedSymbols,
    ) -> Result<Self, MissingBinary> {
        let length = mapping.end.saturating_sub(mapping.start);
        let symbols = shared.symbols_of(&mapping.path, length, folders, || {
            let logged = Path::new(&mapping.path);
            let paths = std::iter::once(logged.to_owned()).chain(beside(logged, folders));
            let build = Build { path: &mapping.path, id: None, ends: &[length], stubs: false };
            Symbols::first_of(paths, folders, &build).map(Arc::new)
        })?;
        let place = Place { start: mapping.start, slide: mapping.slide };
        Ok(Self { symbols, place })
    }

    /// Opens the binary of a build: at its path, in one of `folders`, or there by its build
    /// id, as in perf's own cache. The addresses of this module are offsets in the file.
    pub(crate) fn open_build(
        build: &Build<'_>,
        folders: &[PathBuf],
    ) -> Result<Self, MissingBinary> {
        let path = Path::new(build.path);
        // Mappings without a file have names such as [vdso].
        let here = path.has_root().then(|| path.to_owned());
        let paths = here.into_iter().chain(beside(path, folders));
        let cached = build.id.map(|id| by_build_id(id, folders, &["/elf", "/vdso"]));
        let paths = paths.chain(cached.into_iter().flatten());
        let symbols = Arc::new(Symbols::first_of(paths, folders, build)?);
        Ok(Self { symbols, place: Place { start: 0, slide: 0 } })
    }

    /// Returns the symbol at an address of the process.
    pub(crate) fn find(&self, address: u64) -> Option<SymbolId> {
        self.symbols.find(address, self.place)
    }

    /// Returns a symbol's name, demangled.
    pub(crate) fn name(&self, id: SymbolId) -> Option<String> {
        self.symbols.name(id)
    }

    /// Returns the path of the binary's debug file when it is there and could not be opened.
    pub(crate) fn unopened(&self) -> Option<&str> {
        self.symbols.unopened.as_deref()
    }
}

impl Symbols {
    fn first_of(
        paths: impl Iterator<Item = PathBuf>,
        folders: &[PathBuf],
        build: &Build<'_>,
    ) -> Result<Self, MissingBinary> {
        let mut reason = MissingBinary::File;
        for path in paths {
            match Self::load(&path, folders, build) {
                Ok(symbols) => return Ok(symbols),
                Err(MissingBinary::File) => {}
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    fn load(path: &Path, folders: &[PathBuf], build: &Build<'_>) -> Result<Self, MissingBinary> {
        if !path.is_file() {
            return Err(MissingBinary::File);
        }
        let cache = ReadCache::new(open(path).ok_or(MissingBinary::Unopened)?);
        let file = File::parse(&cache).map_err(|_| MissingBinary::Unreadable)?;
        let layout = match &file {
            File::Elf32(_) | File::Elf64(_) => {
                if !same_build(&file, build) {
                    return Err(MissingBinary::OtherBuild);
                }
                let segments = file.segments().map(|segment| {
                    let (offset, _) = segment.file_range();
                    (offset, segment.size(), segment.address())
                });
                Layout::Segments(segments.collect())
            }
            File::MachO32(_) | File::MachO64(_) => Layout::MachO,
            _ => Layout::From(file.relative_address_base()),
        };
        let (extents, table) = extents(&file);
        let stubs = if build.stubs { stubs(&file) } else { Vec::new() };
        let (debug, unopened) = match table {
            Table::Symbols => (None, None),
            _ => debug_symbols(&file, path, folders),
        };
        let (cache, extents, table) = debug.unwrap_or((cache, extents, table));
        let file = Mutex::new(Names { cache, table, known: HashMap::new() });
        Ok(Self { file, extents, stubs, layout, unopened })
    }

    fn find(&self, address: u64, place: Place) -> Option<SymbolId> {
        let address = match &self.layout {
            Layout::Segments(segments) => {
                let offset = address.checked_sub(place.start)?;
                let within =
                    |&&(at, size, _): &&(u64, u64, u64)| offset >= at && offset - at < size;
                let &(at, _, base) = segments.iter().find(within)?;
                base.wrapping_add(offset - at)
            }
            Layout::MachO => address.checked_sub(place.slide)?,
            Layout::From(base) => address.checked_sub(place.start.wrapping_sub(*base))?,
        };
        let after = self.extents.partition_point(|extent| extent.start <= address);
        // Extents with the same start are ordered by their rank, best last. After the end
        // of an extent that lies within another, the outer one continues.
        let before = self.extents.get(..after)?.iter().enumerate().rev().take(NESTED);
        let mut holding = before.filter(|(_, extent)| address < extent.end);
        holding.next().map(|(at, _)| SymbolId(at)).or_else(|| {
            let after = self.stubs.partition_point(|stub| stub.start <= address);
            let at = after.checked_sub(1)?;
            let stub = self.stubs.get(at).filter(|stub| address < stub.end);
            stub.map(|_| SymbolId(self.extents.len() + at))
        })
    }

    /// Returns a symbol's name, demangled. Of several names, the one with the fewest
    /// underscores in front is taken, then the shortest (`write`, not `__write`).
    fn name(&self, SymbolId(at): SymbolId) -> Option<String> {
        if let Some(stub) = at.checked_sub(self.extents.len()) {
            return demangle(&self.stubs.get(stub)?.name);
        }
        let mut names = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Names { cache, table, known } = &mut *names;
        known.entry(at).or_insert_with(|| self.read_name(at, cache, table)).clone()
    }

    /// Reads the name of a symbol: of all names for its extent, the shortest with the fewest
    /// underscores before it.
    fn read_name(
        &self,
        at: usize,
        cache: &ReadCache<std::fs::File>,
        table: &Table,
    ) -> Option<String> {
        let extent = self.extents.get(at)?;
        let file = File::parse(cache).ok()?;
        let aliases = self.extents.get(..=at)?.iter().rev();
        let names = aliases
            .take_while(|alias| alias.start == extent.start)
            .filter(|alias| alias.end == extent.end)
            .filter_map(|alias| demangle(table.raw_name(&file, alias)?));
        names.min_by_key(|name| {
            (name.len() - name.trim_start_matches('_').len(), name.len(), name.clone())
        })
    }
}

/// Returns true when the build ids are equal. When one is not known, an executable segment
/// must end where a mapping did.
fn same_build<'a>(file: &Binary<'a>, build: &Build<'_>) -> bool {
    if let (Some(id), Ok(Some(own))) = (build.id, file.build_id()) {
        // Old versions of perf extended short ids with zeros.
        return id.strip_prefix(own).is_some_and(|rest| rest.iter().all(|&byte| byte == 0));
    }
    // The kernel first maps all of a program as its first segment.
    let ends = file.segments().map(|part| part.address().saturating_add(part.size()));
    let starts = file.segments().map(|part| part.address() / PAGE * PAGE);
    let all = ends
        .max()
        .zip(starts.min())
        .and_then(|(end, start)| end.saturating_sub(start).checked_next_multiple_of(PAGE));
    file.segments().any(|segment| {
        let (offset, length) = segment.file_range();
        let executable = matches!(segment.flags(),
            SegmentFlags::Elf { p_flags, .. } if p_flags.contains(elf::PF_X));
        let end = offset.saturating_add(length).checked_next_multiple_of(PAGE);
        let whole = all.filter(|_| offset == 0);
        executable && [end, whole].into_iter().flatten().any(|end| build.ends.contains(&end))
    })
}
