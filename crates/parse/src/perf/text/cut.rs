//! Lines of a stack without their addresses. Lines that are equal then stand for the same frame.

use crate::byte_map::ByteMap;
use crate::perf::stack_line::in_kernel;

/// The parts of `address symbol+0xoffset (module)` that decide which frame the line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CutLine<'a> {
    flags: u8,
    /// The symbol without its offset.
    name: &'a [u8],
    module: &'a [u8],
}

impl<'a> CutLine<'a> {
    /// Removes the address and the offset of a line. Returns `None` for lines of other forms.
    pub(super) fn new(line: &'a [u8], is_java: bool) -> Option<Self> {
        let (indent, address, rest) = split_address(line)?;
        let inner = rest.strip_suffix(b")")?;
        let open = memchr::memrchr(b'(', inner)?;
        let symbol = inner.get(..open)?.strip_suffix(b" ")?;
        let module = inner.get(open + 1..)?;
        let offset = symbol.iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let before = symbol.get(..symbol.len() - offset)?;
        let name = match before.strip_suffix(b"+0x").filter(|_| offset > 0) {
            Some(name) => name,
            // Without an offset, only this symbol shows that the parenthesis is the module's.
            None if symbol == b"[unknown]" && !module.contains(&b')') => symbol,
            None => return None,
        };
        let has_module = !matches!(module, b"" | b"inlined")
            && !module.starts_with(b"[unknown]")
            && !module.starts_with(b"+0x");
        // Without a module, the address shows whether the frame is the kernel's.
        let is_kernel = !has_module && str::from_utf8(address).is_ok_and(in_kernel);
        // A line after one tab may be code between branches.
        let has_one_tab = indent == 1 && line.starts_with(b"\t");
        let flags = u8::from(is_java) | u8::from(has_one_tab) << 1 | u8::from(is_kernel) << 2;
        Some(Self { flags, name, module })
    }
}

/// Returns the number of spaces and tabs before the address, the address, and the text behind the space
/// after it.
fn split_address(line: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    const WIDTH: usize = 16;
    // perf writes a tab, and the address to the right in a column.
    if let Some((&[b'\t', column @ .., b' '], rest)) = line.split_first_chunk::<{ WIDTH + 2 }>() {
        let spaces =
            (u128::from_le_bytes(column) ^ u128::from_le_bytes([b' '; WIDTH])).trailing_zeros();
        let spaces = spaces as usize / 8;
        let digits: u8 = column.iter().map(|byte| u8::from(byte.is_ascii_hexdigit())).sum();
        if spaces < WIDTH && spaces + usize::from(digits) == WIDTH {
            return Some((1 + spaces, line.get(1 + spaces..=WIDTH)?, rest));
        }
    }
    let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let text = line.get(indent..)?;
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (address, rest) = text.split_at_checked(digits)?;
    Some((indent, address, rest.strip_prefix(b" ")?)).filter(|_| digits > 0)
}

/// The most bytes of lines that are kept; then all are forgotten.
const MOST_BYTES: usize = 64 << 20;
/// An estimate of the bytes that a module takes without its names.
const MODULE_BYTES: usize = 256;

/// Values by cut lines.
pub(super) struct CutLines<T> {
    /// The index in `names` by flags and module.
    modules: ByteMap<usize>,
    /// The values of each module by name.
    names: Vec<ByteMap<T>>,
    /// The flags and the module of the last line, and its index.
    last: (Vec<u8>, usize),
    bytes: usize,
}

impl<T> Default for CutLines<T> {
    fn default() -> Self {
        let (modules, names, last, bytes) = Default::default();
        Self { modules, names, last, bytes }
    }
}

impl<T: Copy> CutLines<T> {
    pub(super) fn get(&mut self, line: CutLine<'_>) -> Option<T> {
        let module = self.module(line);
        self.names.get(module)?.get(line.name)
    }

    /// Adds a line that is not known yet.
    pub(super) fn insert(&mut self, line: CutLine<'_>, value: T) {
        if self.bytes > MOST_BYTES {
            *self = Self::default();
        }
        let module = self.module(line);
        self.bytes += line.name.len();
        if let Some(names) = self.names.get_mut(module) {
            names.insert(line.name, value);
        }
    }

    fn module(&mut self, line: CutLine<'_>) -> usize {
        let (last, at) = (&mut self.last.0, self.last.1);
        // Most lines have the module of the line before.
        if last.split_last() == Some((&line.flags, line.module)) {
            return at;
        }
        last.clear();
        last.extend_from_slice(line.module);
        last.push(line.flags);
        let known = self.modules.get(last);
        let at = known.unwrap_or_else(|| {
            self.modules.insert(last, self.names.len());
            self.names.push(ByteMap::default());
            self.bytes += last.len() + MODULE_BYTES;
            self.names.len() - 1
        });
        self.last.1 = at;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perf::stack_line;

    #[test]
    fn lines_that_are_equal_without_addresses_have_one_meaning() {
        let symbols =
            ["f+0x1", "f+0xab", "[unknown]", "f", "a (b+0x1", "a:\tb+0x1", " f+0x1", "+0x1"];
        let modules =
            ["/bin/a", "[unknown]", "inlined", "", "+0x1", "/a (x)", "/a)b", "/a (deleted)"];
        let addresses =
            ["1f", "ffffffff8158a35e", "12 34", "x", "              1f", "        12 34 56"];
        let lines = ["", " ", "\t", "\t  "].into_iter().flat_map(|indent| {
            let starts = addresses.into_iter().map(move |address| format!("{indent}{address}"));
            starts.flat_map(|start| symbols.map(|symbol| format!("{start} {symbol}")))
        });
        let lines: Vec<String> =
            lines.flat_map(|frame| modules.map(|module| format!("{frame} ({module})"))).collect();
        let meaning = |line: &str| {
            let at = stack_line::parse(line)?;
            let parts = (at.symbol.to_owned(), at.module.to_owned(), at.inlined);
            Some((parts, stack_line::is_branch_code(line)))
        };
        let mut known = std::collections::HashMap::new();
        for line in &lines {
            let Some(key) = CutLine::new(line.as_bytes(), false) else { continue };
            let same = *known.entry(key).or_insert(line);
            assert_eq!(meaning(same), meaning(line), "{same} | {line}");
        }
        assert!(known.len() > 20);
    }
}
