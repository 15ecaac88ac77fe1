//! Names of native code, from the binaries themselves: ELF, Mach-O and PE.
//!
//! A [`Module`] is opened when the first address in it is hit. Of its symbols
//! only where they start and end is kept; names are read for hits alone.

use object::read::{ExportTarget, File, NameOrOrdinal, ReadCache, SymbolIndex};
use object::{
    Object, ObjectSegment, ObjectSymbol, ObjectSymbolTable, SegmentFlags, SymbolKind, elf,
};
use std::path::{Path, PathBuf};

/// Where a library lay in the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Its logged path.
    pub(crate) path: String,
    /// Where its first byte would lie.
    pub(crate) start: u64,
    /// One past its last executable byte.
    pub(crate) end: u64,
    /// macOS: how far it was moved from where it was linked.
    pub(crate) slide: u64,
}

/// Why a module gives no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No such file here.
    File,
    /// The file is another build than the one that ran.
    OtherBuild,
    /// Not an object file, or one that cannot be read.
    Unreadable,
}

/// A symbol's extent in the file's own addresses, and where its name is.
#[derive(Clone, Copy, Debug)]
struct Extent {
    start: u64,
    end: u64,
    name: u32,
}

/// A symbol of a [`Module`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SymbolId(usize);

/// A binary with the extents of its functions.
pub(crate) struct Module {
    cache: ReadCache<std::fs::File>,
    extents: Vec<Extent>,
    names: Names,
    place: Place,
}

/// An object file, read as far as it is looked at.
type Binary<'a> = File<'a, &'a ReadCache<std::fs::File>>;

/// Which table [`Extent::name`] points into.
enum Names {
    Symbols,
    Dynamic,
    Exports(Vec<Vec<u8>>),
}

/// From an address in the process to one in the file.
enum Place {
    /// ELF: through the file's segments, as `(file offset, size, address)`.
    Segments { start: u64, segments: Vec<(u64, u64, u64)> },
    /// Mach-O and PE: by a constant.
    Shift(u64),
}

/// An unsized symbol reaches to the next one, but no further than this.
const UNSIZED_REACH: u64 = 64 * 1024;

/// A longer name is left as the library's.
const LONGEST_NAME: usize = 16 * 1024;

const PAGE: u64 = 4096;

impl Module {
    /// Opens the binary of a mapping, at its logged path or under one of `folders`.
    pub(crate) fn open(mapping: &Mapping, folders: &[PathBuf]) -> Result<Self, Missing> {
        let logged = Path::new(&mapping.path);
        let mut reason = Missing::File;
        for path in std::iter::once(logged.to_owned()).chain(beside(logged, folders)) {
            match Self::load(&path, mapping).and_then(|module| module.or_debug(&path, folders)) {
                Ok(module) => return Ok(module),
                Err(Missing::File) => {}
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    fn load(path: &Path, mapping: &Mapping) -> Result<Self, Missing> {
        if !path.is_file() {
            return Err(Missing::File);
        }
        let cache = ReadCache::new(std::fs::File::open(path).map_err(|_| Missing::File)?);
        let file = File::parse(&cache).map_err(|_| Missing::Unreadable)?;
        let place = match &file {
            File::Elf32(_) | File::Elf64(_) => {
                if !same_build(&file, mapping) {
                    return Err(Missing::OtherBuild);
                }
                let segments = file.segments().map(|segment| {
                    let (offset, _) = segment.file_range();
                    (offset, segment.size(), segment.address())
                });
                Place::Segments { start: mapping.start, segments: segments.collect() }
            }
            File::MachO32(_) | File::MachO64(_) => Place::Shift(mapping.slide),
            _ => Place::Shift(mapping.start.wrapping_sub(file.relative_address_base())),
        };
        let (extents, names) = extents(&file);
        Ok(Self { cache, extents, names, place })
    }

    /// This module, or the names of the debug file that it points to.
    fn or_debug(self, path: &Path, folders: &[PathBuf]) -> Result<Self, Missing> {
        if matches!(self.names, Names::Symbols) {
            return Ok(self);
        }
        let Ok(file) = File::parse(&self.cache) else { return Ok(self) };
        let debug = debug_files(&file, path, folders).into_iter().find_map(|path| {
            let cache = ReadCache::new(std::fs::File::open(path).ok()?);
            let debug = File::parse(&cache).ok()?;
            let same = debug.build_id().ok().flatten() == file.build_id().ok().flatten();
            let (extents, names) = extents(&debug);
            let found = same && matches!(names, Names::Symbols) && !extents.is_empty();
            found.then_some((cache, extents, names))
        });
        Ok(match debug {
            Some((cache, extents, names)) => Self { cache, extents, names, place: self.place },
            None => self,
        })
    }

    /// The symbol at an address of the process.
    pub(crate) fn find(&self, address: u64) -> Option<SymbolId> {
        let address = match &self.place {
            Place::Segments { start, segments } => {
                let offset = address.checked_sub(*start)?;
                let within =
                    |&&(at, size, _): &&(u64, u64, u64)| offset >= at && offset - at < size;
                let &(at, _, base) = segments.iter().find(within)?;
                base.wrapping_add(offset - at)
            }
            Place::Shift(shift) => address.checked_sub(*shift)?,
        };
        let after = self.extents.partition_point(|extent| extent.start <= address);
        // Extents that start together are ordered by their worth, best last.
        let at = after.checked_sub(1)?;
        self.extents.get(at).filter(|extent| address < extent.end).map(|_| SymbolId(at))
    }

    /// A symbol's name, demangled; of several, the one with the fewest
    /// underscores before it, then the shortest (`write`, not `__write`).
    pub(crate) fn name(&self, SymbolId(at): SymbolId) -> Option<String> {
        let extent = self.extents.get(at)?;
        let file = File::parse(&self.cache).ok()?;
        let aliases = self.extents.get(..=at)?.iter().rev();
        let names = aliases
            .take_while(|alias| alias.start == extent.start)
            .filter(|alias| alias.end == extent.end)
            .filter_map(|alias| demangle(self.raw_name(&file, alias)?));
        names.min_by_key(|name| {
            (name.len() - name.trim_start_matches('_').len(), name.len(), name.clone())
        })
    }

    fn raw_name<'a>(&'a self, file: &Binary<'a>, extent: &Extent) -> Option<&'a [u8]> {
        let index = SymbolIndex(extent.name as usize);
        match &self.names {
            Names::Symbols => {
                let name = file.symbol_by_index(index).ok()?.name_bytes().ok()?;
                // Mach-O puts an underscore before every name.
                let mach_o = matches!(file, File::MachO32(_) | File::MachO64(_));
                Some(name.strip_prefix(b"_").filter(|_| mach_o).unwrap_or(name))
            }
            Names::Dynamic => {
                file.dynamic_symbol_table()?.symbol_by_index(index).ok()?.name_bytes().ok()
            }
            Names::Exports(names) => names.get(extent.name as usize).map(Vec::as_slice),
        }
    }
}

/// Where else a binary may be: its path, and its name, under each folder.
fn beside(logged: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    // The log may come from a system whose paths lean the other way.
    let text = logged.to_string_lossy().replace('\\', "/");
    let drive = text.get(1..2) == Some(":");
    let relative = text.get(if drive { 2 } else { 0 }..).unwrap_or("").trim_start_matches('/');
    let name = text.rsplit('/').next().unwrap_or("");
    let safe = |path: &&str| !path.is_empty() && !path.split('/').any(|part| part == "..");
    let names: Vec<&str> = [relative, name].into_iter().filter(safe).collect();
    folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).collect()
}

/// True when an executable segment ends where the mapping does.
fn same_build<'a>(file: &Binary<'a>, mapping: &Mapping) -> bool {
    let size = mapping.end.saturating_sub(mapping.start);
    file.segments().any(|segment| {
        let (offset, length) = segment.file_range();
        let executable = matches!(segment.flags(),
            SegmentFlags::Elf { p_flags, .. } if p_flags.contains(elf::PF_X));
        let end = offset.saturating_add(length).checked_next_multiple_of(PAGE);
        executable && end == Some(size)
    })
}

fn extents<'a>(file: &Binary<'a>) -> (Vec<Extent>, Names) {
    let mut found = Vec::new();
    collect(file.symbols(), &mut found);
    let mut names = Names::Symbols;
    if found.is_empty() {
        names = Names::Dynamic;
        collect(file.dynamic_symbols(), &mut found);
    }
    if found.is_empty()
        && let Ok(exports) = file.exports()
    {
        let mut list = Vec::new();
        for export in exports.filter_map(Result::ok) {
            let ExportTarget::Address { address } = export.target() else { continue };
            let NameOrOrdinal::Name(name) = export.name() else { continue };
            found.push((Extent { start: address, end: address, name: list.len() as u32 }, 0));
            list.push(name.to_vec());
        }
        names = Names::Exports(list);
    }
    found.sort_unstable_by_key(|(extent, worth)| {
        (extent.start, *worth, std::cmp::Reverse(extent.name))
    });
    let mut extents: Vec<Extent> = found.into_iter().map(|(extent, _)| extent).collect();
    let mut next = u64::MAX;
    for extent in extents.iter_mut().rev() {
        if extent.end == extent.start {
            extent.end = next.min(extent.start.saturating_add(UNSIZED_REACH));
        }
        if extent.start < next {
            next = extent.start;
        }
    }
    (extents, names)
}

/// Keeps functions; the number beside each is its worth among its aliases.
fn collect<'data>(
    symbols: impl Iterator<Item = impl ObjectSymbol<'data>>,
    found: &mut Vec<(Extent, u8)>,
) {
    for symbol in symbols {
        if symbol.is_undefined() {
            continue;
        }
        let worth = match (symbol.kind(), symbol.size()) {
            (SymbolKind::Text, 0) => 1,
            // Global names before local ones.
            (SymbolKind::Text, _) => 2 + u8::from(symbol.is_global()),
            (SymbolKind::Unknown | SymbolKind::Label, 0) => 0,
            _ => continue,
        };
        let (start, size) = (symbol.address(), symbol.size());
        let extent = Extent {
            start,
            end: start.saturating_add(size),
            name: u32::try_from(symbol.index().0).unwrap_or(u32::MAX),
        };
        found.push((extent, worth));
    }
}

/// Where the debug information of a stripped binary may lie.
fn debug_files<'a>(file: &Binary<'a>, path: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    let system = Path::new("/usr/lib/debug");
    let mut paths = Vec::new();
    if let Some((first, rest)) = file.build_id().ok().flatten().and_then(|id| id.split_first()) {
        let rest: String = rest.iter().map(|byte| format!("{byte:02x}")).collect();
        let tail = format!(".build-id/{first:02x}/{rest}.debug");
        paths.push(system.join(&tail));
        paths.extend(folders.iter().map(|folder| folder.join(&tail)));
    }
    if let Ok(Some((name, _))) = file.gnu_debuglink() {
        let name = PathBuf::from(String::from_utf8_lossy(name).into_owned());
        let plain = name.components().count() == 1;
        let parent = path.parent().filter(|_| plain).unwrap_or(Path::new(""));
        paths.push(parent.join(&name));
        paths.push(parent.join(".debug").join(&name));
        paths.push(system.join(parent.strip_prefix("/").unwrap_or(parent)).join(&name));
        paths.extend(folders.iter().map(|folder| folder.join(&name)));
    }
    paths
}

/// A symbol's name for people: C++ and Rust demangled, without parameters.
pub(crate) fn demangle(raw: &[u8]) -> Option<String> {
    let raw = std::str::from_utf8(raw).ok().filter(|raw| !raw.is_empty())?;
    if raw.len() > LONGEST_NAME {
        return None;
    }
    // Versions follow an @.
    let plain = raw.split_once('@').map_or(raw, |(name, _)| name);
    if let Ok(rust) = rustc_demangle::try_demangle(plain) {
        return Some(format!("{rust:#}"));
    }
    if let Some(mangled) = plain.strip_prefix("_Z") {
        let options = cpp_demangle::DemangleOptions::new().no_params().no_return_type();
        let symbol = cpp_demangle::Symbol::new(plain).ok();
        let name = symbol.and_then(|symbol| symbol.demangle_with_options(&options).ok());
        return Some(name.or_else(|| nested_name(mangled)).unwrap_or_else(|| plain.to_owned()));
    }
    Some(plain.to_owned())
}

/// The beginning of a mangled name, up to what is no plain part of it: for
/// names that the demangler does not know, such as those with C++20's
/// constraints. `mangled` is without its `_Z`.
fn nested_name(mangled: &str) -> Option<String> {
    // Local names hold their function's; nested ones may be const and the like.
    let mut rest = mangled.trim_start_matches('Z');
    rest = rest
        .strip_prefix('N')
        .map_or(rest, |rest| rest.trim_start_matches(['r', 'V', 'K', 'R', 'O']));
    let mut parts: Vec<&str> = Vec::new();
    loop {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest = if digits > 0 {
            let (length, after) = rest.split_at_checked(digits)?;
            let (part, after) = after.split_at_checked(length.parse().ok()?)?;
            parts.push(if part.starts_with("_GLOBAL__N_") {
                "(anonymous namespace)"
            } else {
                part
            });
            after
        } else if let Some(after) = rest.strip_prefix("St") {
            parts.push("std");
            after
        } else if let Some(after) = rest.strip_prefix('L') {
            after
        } else {
            break;
        };
    }
    let cut = if rest.starts_with('I') { "<...>" } else { "" };
    (!parts.is_empty()).then(|| parts.join("::") + cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled_without_parameters() {
        let cases = [
            ("_ZN4node6Buffer3NewEPN2v87IsolateEm", "node::Buffer::New"),
            ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"),
            (
                "_ZN2v88internal7Factory20InternalizeSubStringINS0_16SeqOneByteStringENS0_6Handle\
                 EQsr3stdE16is_convertible_vIT0_IT_EEEEENS4_S7_jjb",
                "v8::internal::Factory::InternalizeSubString<...>",
            ),
            ("_ZNK3std1aEQzz", "std::a"),
            ("_Z99999999999999999999x", "_Z99999999999999999999x"),
            ("_Z9x", "_Z9x"),
            ("write@@GLIBC_2.2.5", "write"),
            ("_Znot", "_Znot"),
        ];
        for (raw, name) in cases {
            assert_eq!(demangle(raw.as_bytes()).as_deref(), Some(name), "{raw}");
        }
    }

    #[test]
    fn binaries_are_looked_for_by_path_and_by_name_and_never_outside() {
        let folders = [PathBuf::from("s")];
        let looked = |path: &str| beside(Path::new(path), &folders);
        assert_eq!(looked("/opt/bin/node"), [PathBuf::from("s/opt/bin/node"), "s/node".into()]);
        assert_eq!(looked(r"C:\x\node.exe"), [PathBuf::from("s/x/node.exe"), "s/node.exe".into()]);
        assert_eq!(looked("/a/../../etc/x"), [PathBuf::from("s/x")]);
    }
}
