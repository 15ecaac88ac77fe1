//! The extents of a binary's functions.

use super::stubs::Binary;
use object::read::elf::{FileHeader, Sym, SymbolTable};
use object::read::{ExportTarget, File, NameOrOrdinal, ReadCache, SymbolIndex};
use object::{Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, SymbolKind, elf};

/// A symbol's extent in the file's own addresses, and the place of its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) name: u32,
    /// The symbol with the highest rank is taken where several lie at one place.
    pub(super) rank: u8,
}

/// The table that [`Extent::name`] refers to.
pub(super) enum Table {
    Symbols,
    Dynamic,
    Exports(Vec<Vec<u8>>),
}

/// A symbol without a size reaches to the next one, but at most this many bytes.
const UNSIZED_REACH: u64 = 64 * 1024;

impl Table {
    pub(super) fn raw_name<'a>(&'a self, file: &Binary<'a>, extent: &Extent) -> Option<&'a [u8]> {
        let index = SymbolIndex(extent.name as usize);
        match self {
            Self::Symbols => {
                let name = file.symbol_by_index(index).ok()?.name_bytes().ok()?;
                // Mach-O puts an underscore before every name.
                let mach_o = matches!(file, File::MachO32(_) | File::MachO64(_));
                Some(name.strip_prefix(b"_").filter(|_| mach_o).unwrap_or(name))
            }
            Self::Dynamic => {
                file.dynamic_symbol_table()?.symbol_by_index(index).ok()?.name_bytes().ok()
            }
            Self::Exports(names) => names.get(extent.name as usize).map(Vec::as_slice),
        }
    }
}

/// Returns the extents of a file's functions in ascending order, and the table that has their names.
pub(super) fn extents<'a>(file: &Binary<'a>) -> (Vec<Extent>, Table) {
    let mut found = Vec::new();
    match file {
        File::Elf64(file) => collect_elf(file.elf_symbol_table(), file.endian(), &mut found),
        file => collect(file.symbols(), &mut found),
    }
    let mut table = Table::Symbols;
    if found.is_empty() {
        table = Table::Dynamic;
        collect(file.dynamic_symbols(), &mut found);
    }
    if found.is_empty()
        && let Ok(exports) = file.exports()
    {
        let mut list = Vec::new();
        for export in exports.filter_map(Result::ok) {
            let ExportTarget::Address { address } = export.target() else { continue };
            let NameOrOrdinal::Name(name) = export.name() else { continue };
            found.push(Extent { start: address, end: address, name: list.len() as u32, rank: 0 });
            list.push(name.to_vec());
        }
        table = Table::Exports(list);
    }
    let mut extents = in_order(&found);
    // A label within a function does not begin another function.
    let mut held = 0..0;
    extents.retain(|extent| {
        if extent.end > held.end {
            held = extent.start..extent.end;
        }
        extent.end > extent.start || extent.start <= held.start || extent.start >= held.end
    });
    let mut sections: Vec<(u64, u64)> =
        file.sections().map(|part| (part.address(), part.size())).collect();
    sections.sort_unstable();
    let section_end = |address| {
        let after = sections.partition_point(|&(start, _)| start <= address);
        let &(start, size) = sections.get(after.checked_sub(1)?)?;
        Some(start.saturating_add(size)).filter(|&end| address < end)
    };
    let mut next = u64::MAX;
    for extent in extents.iter_mut().rev() {
        if extent.end == extent.start {
            let reach = extent.start.saturating_add(UNSIZED_REACH);
            let end = section_end(extent.start).unwrap_or(u64::MAX);
            extent.end = next.min(reach).min(end);
        }
        if extent.start < next {
            next = extent.start;
        }
    }
    (extents, table)
}

/// Returns symbols by their starts, then by their ranks, and by their indices in reverse. Node
/// has some 100,000 of them, so they are first put into as many buckets of equal width, and
/// only the buckets are sorted by comparing.
fn in_order(found: &[Extent]) -> Vec<Extent> {
    let starts = || found.iter().map(|extent| extent.start);
    let low = starts().min().unwrap_or(0);
    let span = starts().max().unwrap_or(0).saturating_sub(low);
    let width = (span / (found.len() as u64).max(1)).saturating_add(1);
    let shift = width.checked_next_power_of_two().map_or(63, u64::trailing_zeros);
    let bucket = |extent: &Extent| ((extent.start - low) >> shift) as usize;
    let mut lengths = vec![0u32; (span >> shift) as usize + 1];
    for extent in found {
        if let Some(length) = lengths.get_mut(bucket(extent)) {
            *length += 1;
        }
    }
    let mut next: Vec<u32> =
        lengths.iter().scan(0, |sum, length| Some(std::mem::replace(sum, *sum + length))).collect();
    let mut sorted = found.to_vec();
    for extent in found {
        let Some(at) = next.get_mut(bucket(extent)) else { continue };
        if let Some(place) = sorted.get_mut(*at as usize) {
            *place = *extent;
        }
        *at += 1;
    }
    let mut rest = sorted.as_mut_slice();
    for length in lengths {
        let Some((bucket, after)) = rest.split_at_mut_checked(length as usize) else { break };
        // One number, because it is compared faster than three.
        bucket.sort_unstable_by_key(|Extent { start, rank, name, .. }| {
            u128::from(*start) << 64 | u128::from(*rank) << 32 | u128::from(!name)
        });
        rest = after;
    }
    sorted
}

/// Adds functions.
fn collect<'data>(
    symbols: impl Iterator<Item = impl ObjectSymbol<'data>>,
    found: &mut Vec<Extent>,
) {
    for symbol in symbols {
        if symbol.is_undefined() {
            continue;
        }
        let rank = match (symbol.kind(), symbol.size()) {
            (SymbolKind::Text, 0) => 1,
            // Global names rank above local ones.
            (SymbolKind::Text, _) => 2 + u8::from(symbol.is_global()),
            (SymbolKind::Unknown | SymbolKind::Label, 0) => 0,
            _ => continue,
        };
        let (start, size) = (symbol.address(), symbol.size());
        let extent = Extent {
            start,
            end: start.saturating_add(size),
            name: u32::try_from(symbol.index().0).unwrap_or(u32::MAX),
            rank,
        };
        found.push(extent);
    }
}

/// Adds functions of an ELF file, as [`collect`] does. It is faster, because it does not ask for the
/// format at each symbol.
fn collect_elf<'a, Elf: FileHeader>(
    table: &SymbolTable<'a, Elf, &'a ReadCache<std::fs::File>>,
    endian: Elf::Endian,
    found: &mut Vec<Extent>,
) {
    found.reserve(table.len());
    for (index, symbol) in table.enumerate().skip(1) {
        let (start, size) = (symbol.st_value(endian).into(), symbol.st_size(endian).into());
        let rank = match symbol.st_type() {
            _ if symbol.is_undefined(endian) => continue,
            elf::STT_FUNC | elf::STT_GNU_IFUNC if size == 0 => 1,
            // Global names rank above local ones.
            elf::STT_FUNC | elf::STT_GNU_IFUNC => 2 + u8::from(!symbol.is_local()),
            elf::STT_OBJECT | elf::STT_COMMON | elf::STT_SECTION | elf::STT_FILE | elf::STT_TLS => {
                continue;
            }
            _ if size == 0 => 0,
            _ => continue,
        };
        let name = u32::try_from(index.0).unwrap_or(u32::MAX);
        found.push(Extent { start, end: start.saturating_add(size), name, rank });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn symbols_are_in_the_order_of_one_whole_sort(
            starts in proptest::collection::vec(
                proptest::prop_oneof![0..40u64, proptest::num::u64::ANY, u64::MAX - 9..], 0..200
            ),
            ranks in proptest::collection::vec(0..4u8, 200),
        ) {
            let extent = |((name, start), rank)| Extent { start, end: start, name, rank };
            let found: Vec<_> = (0..).zip(starts).zip(ranks).map(extent).collect();
            let key = |extent: &Extent| (extent.start, extent.rank, u32::MAX - extent.name);
            let mut sorted = found.clone();
            sorted.sort_unstable_by_key(key);
            let keys = |list: &[Extent]| list.iter().map(key).collect::<Vec<_>>();
            proptest::prop_assert_eq!(keys(&in_order(&found)), keys(&sorted));
        }
    }
}
