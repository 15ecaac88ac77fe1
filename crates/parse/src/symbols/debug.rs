//! Symbols from the debug file of a binary that was stripped.

use super::extents::{Extent, Table, extents};
use super::places::{checksum, debug_files};
use super::stubs::Binary;
use object::Object;
use object::read::{File, ReadCache};
use std::path::{Path, PathBuf};

/// The extents of a file, and the file with their names.
pub(super) type Debug = (ReadCache<std::fs::File>, Vec<Extent>, Table);

/// Opens a file that is there. It fails when the process has too many open files, or when the user may not
/// read the file.
pub(super) fn open(path: &Path) -> Option<std::fs::File> {
    std::fs::File::open(path).ok()
}

/// Returns the symbols of the debug file to which a binary refers. When there are none, it returns the path
/// of a debug file that is there and could not be opened.
pub(super) fn debug_symbols(
    file: &Binary<'_>,
    path: &Path,
    folders: &[PathBuf],
) -> (Option<Debug>, Option<String>) {
    let files = debug_files(file, path, folders).into_iter().filter(|path| path.is_file());
    let id = |file: &Binary<'_>| file.build_id().ok().flatten().map(<[u8]>::to_owned);
    let link = file.gnu_debuglink().ok().flatten();
    let mut unopened = None;
    let found = files.into_iter().find_map(|path| {
        let Some(opened) = open(&path) else {
            unopened = Some(path.to_string_lossy().into_owned());
            return None;
        };
        let cache = ReadCache::new(opened);
        let debug = File::parse(&cache).ok()?;
        let same = match id(file) {
            Some(own) => id(&debug) == Some(own),
            None => link.is_some_and(|(_, sum)| checksum(&path) == Some(sum)),
        };
        let (extents, table) = extents(&debug);
        let found = same && matches!(table, Table::Symbols) && !extents.is_empty();
        found.then_some((cache, extents, table))
    });
    let unopened = unopened.filter(|_| found.is_none());
    (found, unopened)
}
