//! Names of the stubs through which a library calls others (ELF, x86-64).
//!
//! A stub has no symbol. It jumps to the address in a slot, and a relocation of that slot
//! names the function.

use hashbrown::HashMap;
use object::read::{File, ReadCache, RelocationTarget};
use object::{Architecture, Object, ObjectSection, ObjectSymbol, ObjectSymbolTable};

/// An object file, whose parts are read when they are needed.
pub(super) type Binary<'a> = File<'a, &'a ReadCache<std::fs::File>>;

/// The most bytes of stubs in a section: enough for a library that calls 65,536 functions of others.
const MOST_CODE: u64 = 1 << 20;
/// The most bytes of all names: 64 for each of those functions.
const MOST_NAMES: usize = 4 << 20;

/// `endbr64`, and `jmp *SLOT(%rip)` up to its distance.
const BRANCH_MARK: &[u8] = b"\xf3\x0f\x1e\xfa";
const JUMP: &[u8] = b"\xff\x25";

/// A stub's addresses in the file, and the function that it calls.
#[derive(Clone, Debug)]
pub(super) struct Stub {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) name: Vec<u8>,
}

/// Returns the stubs of a binary, in the order of their addresses.
pub(super) fn stubs(file: &Binary<'_>) -> Vec<Stub> {
    let mut found = Vec::new();
    let relocations = file.dynamic_relocations().zip(file.dynamic_symbol_table());
    let Some((relocations, symbols)) = relocations else { return found };
    let mut slots =
        if file.architecture() == Architecture::X86_64 { slots(file) } else { return found };
    let mut left = MOST_NAMES;
    for (slot, relocation) in relocations {
        let RelocationTarget::Symbol(index) = relocation.target() else { continue };
        let Some((start, end)) = slots.remove(&slot) else { continue };
        let symbol = symbols.symbol_by_index(index);
        let Ok(name) = symbol.and_then(|symbol| symbol.name_bytes()) else { continue };
        let Some(rest) = left.checked_sub(name.len()) else { break };
        left = rest;
        found.push(Stub { start, end, name: name.to_vec() });
    }
    found.sort_unstable_by_key(|stub| stub.start);
    found
}

/// Returns the start and end of the stub of each slot.
fn slots(file: &Binary<'_>) -> HashMap<u64, (u64, u64)> {
    let mut slots = HashMap::new();
    for section in file.sections().filter(|section| section.size() <= MOST_CODE) {
        let short = match section.name_bytes() {
            Ok(b".plt" | b".plt.sec") => false,
            Ok(b".plt.got") => true,
            _ => continue,
        };
        let code = section.data().unwrap_or_default();
        let size = if short && !code.starts_with(BRANCH_MARK) { 8 } else { 16 };
        for (stub, start) in code.chunks_exact(size).zip((section.address()..).step_by(size)) {
            let jump = memchr::memmem::find(stub, JUMP).map(|at| at + JUMP.len());
            let distance = jump.and_then(|at| stub.get(at..)?.first_chunk::<4>());
            if let Some((at, distance)) = jump.zip(distance) {
                let distance = i64::from(i32::from_le_bytes(*distance));
                let next = start.wrapping_add(at as u64 + 4);
                slots.insert(next.wrapping_add_signed(distance), (start, start + size as u64));
            }
        }
    }
    slots
}
