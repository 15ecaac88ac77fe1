//! Functions of the kernel, from a `kallsyms` that belongs to it.
//!
//! perf.data does not contain the kernel's symbols. Those of this machine are used when it
//! runs the recorded kernel. Otherwise `kallsyms` is searched in the user's folders, and in
//! perf's cache under the kernel's build id. The kernel is at other addresses after each
//! boot: perf records the address of one symbol, and all others are moved by the same
//! distance.

use super::super::recorder::Recorder;
use super::fields::Fields;
use crate::input;
use crate::options::Options;
use crate::symbols::by_build_id;
use crate::utf8::lossy;
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use spikeflame_profile::warning::MissingKernel;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

pub(super) const NAME: &str = "[kernel.kallsyms]";

/// A symbol reaches to the next one, but at most this many bytes.
const LONGEST_FUNCTION: u64 = 1 << 20;
/// The most bytes of `kallsyms` that are read, more than any kernel has.
const MOST_TEXT: u64 = 64 << 20;
/// The most addresses whose frames are cached.
const MOST_KNOWN: usize = 1 << 22;
/// The most modules and programs of the kernel that are kept. A running kernel has some hundred.
const MOST_MAPPINGS: usize = 1 << 16;
/// The longest name that is kept of modules and of programs that are loaded later.
const MOST_NAME: usize = 512;

struct KernelCode {
    end: u64,
    name: String,
}

/// The kernel's memory.
#[derive(Default)]
pub(super) struct Kernel {
    /// The kernel itself and its modules.
    mappings: BTreeMap<u64, KernelCode>,
    /// Code that was loaded while recording (BPF programs, trampolines).
    late: BTreeMap<u64, KernelCode>,
    /// A symbol and its recorded address.
    reference: Option<(Vec<u8>, u64)>,
    /// The symbols; `None` until an address is hit.
    symbols: Option<Result<Kallsyms, MissingKernel>>,
    known: HashMap<u64, FrameId>,
}

/// Facts that identify a kernel.
pub(super) struct Identity<'a> {
    pub(super) build_id: Option<&'a [u8]>,
    pub(super) release: &'a str,
}

impl Kernel {
    /// Adds a mapping: `[kernel.kallsyms]_text` (with a symbol whose address was `offset`),
    /// or a module's path.
    pub(super) fn map(&mut self, start: u64, end: u64, offset: u64, path: &[u8]) {
        let path = path.get(..MOST_NAME).unwrap_or(path);
        let bracket = memchr::memchr(b']', path).filter(|_| path.starts_with(b"["));
        let name = match bracket {
            Some(at) => {
                let (name, symbol) = path.split_at_checked(at + 1).unwrap_or_default();
                if name == NAME.as_bytes() && !symbol.is_empty() {
                    self.reference = Some((symbol.to_owned(), offset));
                }
                lossy(name).into_owned()
            }
            None => module_name(path),
        };
        insert(&mut self.mappings, start, KernelCode { end, name });
        self.known = HashMap::new();
    }

    /// Adds code that was placed at `start`.
    pub(super) fn add(&mut self, start: u64, size: u64, name: &[u8]) {
        let name = lossy(name.get(..MOST_NAME).unwrap_or(name)).into_owned();
        insert(&mut self.late, start, KernelCode { end: start.saturating_add(size), name });
        self.known = HashMap::new();
    }

    /// Returns the frame at an address.
    pub(super) fn frame(
        &mut self,
        address: u64,
        identity: impl FnOnce() -> SymbolSearch,
        to: &mut Recorder,
    ) -> FrameId {
        if let Some(&frame) = self.known.get(&address) {
            return frame;
        }
        let reference = self.reference.as_ref();
        let symbols = self.symbols.get_or_insert_with(|| identity().load(reference));
        let (start, module) = at(&self.mappings, address)
            .map_or((0, NAME), |(start, part)| (start, part.name.as_str()));
        let late = at(&self.late, address).map(|(_, part)| part.name.as_str());
        let listed = || symbols.as_ref().ok()?.find(address, start);
        let symbol = late.or_else(listed).unwrap_or_default();
        let frame = to.frame(symbol, module, false);
        if self.known.len() >= MOST_KNOWN {
            self.known = HashMap::new();
        }
        self.known.insert(address, frame);
        frame
    }

    /// Returns the reason why the kernel's frames have no names; `None` when they have
    /// names, or when there are no such frames.
    pub(super) fn why_nameless(&self) -> Option<MissingKernel> {
        self.symbols.as_ref()?.as_ref().err().copied()
    }
}

fn insert(parts: &mut BTreeMap<u64, KernelCode>, start: u64, part: KernelCode) {
    if parts.len() < MOST_MAPPINGS {
        parts.insert(start, part);
    }
}

/// Returns the part at an address, with its start.
fn at(parts: &BTreeMap<u64, KernelCode>, address: u64) -> Option<(u64, &KernelCode)> {
    let (&start, part) = parts.range(..=address).next_back()?;
    (address < part.end).then_some((start, part))
}

/// Returns perf's name of a module: `[nf_x]` for `/lib/modules/6.1/kernel/net/nf-x.ko.xz`.
fn module_name(path: &[u8]) -> String {
    let path = lossy(path);
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.split_once(".ko").map_or(file, |(stem, _)| stem);
    format!("[{}]", stem.replace('-', "_"))
}

/// The places in which a kernel's symbols are searched.
pub(super) struct SymbolSearch {
    folders: Vec<PathBuf>,
    build_id: Option<Vec<u8>>,
    /// True when this machine runs the kernel that was recorded.
    runs_here: bool,
    /// True when the recording identifies its kernel.
    known: bool,
    options: Options,
}

impl SymbolSearch {
    pub(super) fn new(kernel: &Identity<'_>, folders: &[PathBuf], options: &Options) -> Self {
        let notes = std::fs::read("/sys/kernel/notes").unwrap_or_default();
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let runs_here = match (kernel.build_id, build_id_note(&notes)) {
            (Some(recorded), Some(own)) => recorded.starts_with(own),
            _ => kernel.release == release.trim_end() && !kernel.release.is_empty(),
        };
        Self {
            folders: folders.to_owned(),
            build_id: kernel.build_id.map(<[u8]>::to_owned),
            runs_here,
            known: kernel.build_id.is_some() || !kernel.release.is_empty(),
            options: options.clone(),
        }
    }

    fn load(self, reference: Option<&(Vec<u8>, u64)>) -> Result<Kallsyms, MissingKernel> {
        let mut paths: Vec<PathBuf> =
            self.folders.iter().map(|folder| folder.join("kallsyms")).collect();
        if let Some(id) = &self.build_id {
            paths.extend(by_build_id(id, &self.folders, &["/kallsyms"]));
        }
        let own = Path::new("/proc/kallsyms");
        paths.extend(self.runs_here.then(|| own.to_owned()));
        let mut reason =
            if self.known { MissingKernel::NoUsableList } else { MissingKernel::Unknown };
        for path in paths {
            if !path.is_file() {
                continue;
            }
            match Kallsyms::read(&path, reference, &self.options) {
                // After another boot of the same kernel, its modules are at other
                // addresses.
                Ok(symbols) if symbols.moved && path == own => {}
                Ok(symbols) => return Ok(symbols),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }
}

/// Returns the build id from ELF notes.
fn build_id_note(notes: &[u8]) -> Option<&[u8]> {
    let mut fields = Fields(notes);
    loop {
        let (name, size, kind) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let name = fields.bytes(u64::from(name).next_multiple_of(4))?;
        let text = fields.bytes(u64::from(size).next_multiple_of(4))?;
        if name == b"GNU\0" && kind == 3 {
            return text.get(..size as usize);
        }
    }
}

/// The symbols of a kernel, in the order of their addresses.
struct Kallsyms {
    /// The address, and the start and end of the name in `names`.
    symbols: Vec<(u64, u32, u32)>,
    names: String,
    moved: bool,
}

impl Kallsyms {
    fn read(
        path: &Path,
        reference: Option<&(Vec<u8>, u64)>,
        options: &Options,
    ) -> Result<Self, MissingKernel> {
        let gone = |_| MissingKernel::NoUsableList;
        let input =
            input::open(path, &options.progress).map_err(|_| MissingKernel::NoUsableList)?;
        let mut lines = BufReader::with_capacity(1 << 16, input.take(MOST_TEXT));
        let (mut symbols, mut names, mut line) = (Vec::new(), String::new(), Vec::new());
        let mut shift = 0;
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line).map_err(gone)? == 0 {
                break;
            }
            // A line has address, type, name and, after a tab, the module.
            let mut words = line.trim_ascii_end().split(|&b| b == b' ' || b == b'\t');
            let (address, kind, name) = (words.next(), words.next(), words.next());
            let Some(((address, kind), name)) = address.and_then(hex).zip(kind).zip(name) else {
                continue;
            };
            if let Some((symbol, there)) = reference
                && symbol == name
            {
                shift = there.wrapping_sub(address);
            }
            if !matches!(kind, b"T" | b"t" | b"W" | b"w") {
                continue;
            }
            let Ok(text) = std::str::from_utf8(name) else { continue };
            let start = names.len() as u32;
            names.push_str(text);
            let of_module = words.next().is_some();
            symbols.push((address, of_module, start, names.len() as u32));
        }
        if symbols.iter().all(|&(address, ..)| address == 0) {
            return Err(if symbols.is_empty() {
                MissingKernel::NoUsableList
            } else {
                MissingKernel::Hidden
            });
        }
        // In that case the modules were at other addresses.
        symbols.retain(|&(_, of_module, ..)| shift == 0 || !of_module);
        // When several symbols have one address, perf takes the last, so their order is
        // kept.
        symbols.sort_by_key(|&(address, ..)| address);
        let symbols = symbols
            .into_iter()
            .map(|(address, _, start, end)| (address.wrapping_add(shift), start, end));
        Ok(Self { symbols: symbols.collect(), names, moved: shift != 0 })
    }

    /// Returns the symbol at an address in the part that starts at `part`.
    fn find(&self, address: u64, part: u64) -> Option<&str> {
        let after = self.symbols.partition_point(|&(start, ..)| start <= address);
        let &(first, start, end) = self.symbols.get(after.checked_sub(1)?)?;
        if address - first > LONGEST_FUNCTION || first < part {
            return None;
        }
        self.names.get(start as usize..end as usize)
    }
}

fn hex(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
