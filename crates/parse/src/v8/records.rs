//! Values of records other than ticks.

use super::code_map::Inlining;
use super::fields::{unescape, unescaped, whole_decimal, whole_hex};
use crate::utf8::lossy;
use spikeflame_profile::{EVAL, FunctionId, Tier, plain_path, split_name_and_file};
use std::borrow::Cow;

/// The fields of a `code-creation` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CodeCreation<'a> {
    pub(super) tag: &'a [u8],
    /// V8's `CodeKind`, which differs between versions; negative for callbacks.
    pub(super) kind: i64,
    /// Microseconds since the log's zero; 0 in old logs without times.
    pub(super) time_us: u64,
    pub(super) start: u64,
    pub(super) size: u64,
    /// The name field as written.
    pub(super) name: &'a [u8],
    /// For functions: the address of the SharedFunctionInfo, and the tier.
    pub(super) function: Option<(u64, Tier)>,
}

/// Tags of code that belongs to no function.
const PLAIN: [&[u8]; 6] =
    [b"Builtin", b"BytecodeHandler", b"RegExp", b"Callback", b"Stub", b"Handler"];

impl<'a> CodeCreation<'a> {
    /// Reads the fields after `code-creation,`.
    ///
    /// A function's name may contain commas, so the two fields after it are found from the
    /// end. With `quoted`, the name is in quotes, and may contain quotes itself.
    pub(super) fn parse(fields: &'a [u8], quoted: bool) -> Option<Self> {
        let mut parts = fields.splitn(6, |&b| b == b',');
        let tag = parts.next().filter(|tag| !tag.is_empty())?;
        let kind = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
        let time_us = whole_decimal(parts.next()?).unwrap_or(0);
        let start = whole_hex(parts.next()?)?;
        let size = whole_decimal(parts.next()?)?;
        let name = parts.next()?;
        let plain = Self { tag, kind, time_us, start, size, name, function: None };
        let bare = |name: &'a [u8]| {
            let inner = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\""));
            inner.filter(|_| quoted).unwrap_or(name)
        };
        if plain.is_plain() {
            return Some(Self { name: bare(name), ..plain });
        }
        let mut ends = name.rsplitn(3, |&b| b == b',');
        let tail = (|| Some((tier(ends.next()?)?, whole_hex(ends.next()?)?, ends.next()?)))();
        Some(match tail {
            Some((tier, sfi, name)) => {
                Self { name: bare(name), function: Some((sfi, tier)), ..plain }
            }
            None => plain,
        })
    }

    /// Returns true when the line may have no function.
    pub(super) fn is_plain(&self) -> bool {
        // Node 8 has code of inline caches: `LoadIC`, `KeyedStoreIC`.
        PLAIN.contains(&self.tag) || self.tag.ends_with(b"IC")
    }
}

/// Returns the tier of a marker: `~`, `^`, `+`, `*`, or empty for none. V8 14 writes `o`
/// (OSR) before it and `'` (specialised to a context) after it.
fn tier(marker: &[u8]) -> Option<Tier> {
    let marker = marker.strip_prefix(b"o").unwrap_or(marker);
    match marker.strip_suffix(b"'").unwrap_or(marker) {
        [] => Some(Tier::None),
        [mark] => Tier::from_mark(char::from(*mark)),
        _ => None,
    }
}

/// The content of a function's name field: its name, and its place when it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FunctionName<'a> {
    pub(super) name: Cow<'a, str>,
    /// File, line, column; `None` for WebAssembly.
    pub(super) place: Option<(Cow<'a, str>, u32, u32)>,
}

impl<'a> FunctionName<'a> {
    /// Splits a name field, in which the name is raw and the URL is escaped.
    pub(super) fn parse(field: &'a str) -> Self {
        // Names of WebAssembly, in contrast to JavaScript's, are escaped.
        let Some(at) = split_name_and_file(field) else {
            return Self { name: unescaped(field), place: None };
        };
        let file = match unescaped(at.file) {
            file if file.is_empty() => Cow::Borrowed(EVAL),
            Cow::Borrowed(file) => plain_path(file),
            Cow::Owned(file) => Cow::Owned(plain_path(&file).into_owned()),
        };
        Self { name: Cow::Borrowed(at.name), place: Some((file, at.line, at.column)) }
    }
}

/// Reads `start,script,from,to,positions,inlining,functions` (after `code-source-info,`);
/// `function` returns the function at an SFI's address.
///
/// Returns `None` when the line contains no inlining or cannot be read.
pub(super) fn source_info(
    fields: &[u8],
    function: impl Fn(u64) -> Option<FunctionId>,
) -> Option<(u64, Inlining)> {
    let mut parts = fields.split(|&b| b == b',');
    let start = whole_hex(parts.next()?)?;
    let [positions, inlining, functions] =
        [parts.nth(3)?, parts.next()?, parts.next()?].map(|field| std::str::from_utf8(field).ok());
    let functions: Vec<_> = functions?
        .split('S')
        .skip(1)
        .map(|address| whole_hex(address.as_bytes()).and_then(&function))
        .collect();
    Some((start, inlining_of(positions?, inlining?, &functions)?))
}

/// Reads the places at which `functions` were inlined, in V8's form: positions like
/// `C0O12I3`, inlining like `F0O5I1`.
///
/// Returns `None` when they contain no inlining or cannot be read.
pub(crate) fn inlining_of(
    positions: &str,
    inlining: &str,
    functions: &[Option<FunctionId>],
) -> Option<Inlining> {
    let parents: Vec<(Option<FunctionId>, Option<usize>)> = inlining
        .split('F')
        .skip(1)
        .map(|entry| {
            let (index, rest) = entry.split_once('O')?;
            // Without an index, the function is one that V8 does not name.
            let function = index.parse().ok().and_then(|at: usize| functions.get(at).copied());
            let parent = rest.split_once('I').map(|(_, parent)| parent.parse());
            Some((function.flatten(), parent.transpose().ok()?))
        })
        .collect::<Option<_>>()?;
    let chains = (0..parents.len()).map(|id| chain(&parents, id)).collect::<Vec<_>>();
    let mut steps: Vec<(u32, u32)> = Vec::new();
    let (mut rest, mut before) = (positions.as_bytes(), u32::MAX);
    while let [b'C', entry @ ..] = rest {
        let (offset, entry) = number(entry)?;
        let (_, entry) = number(entry.strip_prefix(b"O")?)?;
        let (chain, entry) = match entry {
            [b'I', id @ ..] => number(id)?,
            _ => (u32::MAX, entry),
        };
        if chain != before {
            steps.push((offset, chain));
        }
        (rest, before) = (entry, chain);
    }
    if !rest.is_empty() {
        return None;
    }
    (!steps.is_empty()).then_some(Inlining { positions: steps, chains })
}

/// Reads the decimal number at the start of a text. Returns it with the text after it.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let (mut number, mut rest) = (0u32, text);
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        number = number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
        rest = more;
    }
    (rest.len() < text.len()).then_some((number, rest))
}

/// Returns the functions from the outermost inlined one to `id`'s. A circular chain (in a
/// damaged line) ends after it has used every entry.
fn chain(parents: &[(Option<FunctionId>, Option<usize>)], id: usize) -> Vec<FunctionId> {
    let mut functions = Vec::new();
    let mut next = Some(id);
    for _ in 0..parents.len() {
        let Some(&(function, parent)) = next.and_then(|id| parents.get(id)) else { break };
        functions.extend(function);
        next = parent;
    }
    functions.reverse();
    functions
}

/// The fields `path,start,end,slide` after `shared-library,`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedLibrary {
    pub(super) path: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) slide: u64,
    /// True when the path is in quotes, as V8 up to 6.2 writes it.
    pub(super) quoted: bool,
}

impl SharedLibrary {
    pub(super) fn parse(fields: &[u8]) -> Option<Self> {
        let mut ends = fields.rsplitn(4, |&b| b == b',');
        // A negative slide has a minus sign; it is not needed here.
        let slide = whole_decimal(ends.next()?).unwrap_or(0);
        let (end, start) = (whole_hex(ends.next()?)?, whole_hex(ends.next()?)?);
        let path = ends.next().filter(|path| !path.is_empty())?;
        let inner = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\""));
        let (quoted, path) = (inner.is_some(), inner.unwrap_or(path));
        Some(Self { path: unescape(path), start, end, slide, quoted })
    }
}

/// Returns `major,minor,build,patch[,embedder],candidate` in the usual form, with the line
/// of Node that has this V8 version when it is known.
pub(super) fn version(fields: &[u8]) -> String {
    let text = lossy(fields);
    let parts: Vec<&str> = text.split(',').collect();
    let (numbers, rest) = parts.split_at(parts.len().min(4));
    let embedder = rest.first().filter(|word| word.starts_with('-')).unwrap_or(&"");
    let node = match numbers {
        ["6", "2", ..] => "Node 8, ",
        ["6", "8", ..] => "Node 10, ",
        ["7", "8", ..] => "Node 12, ",
        ["8", "4", ..] => "Node 14, ",
        ["9", "4", ..] => "Node 16, ",
        ["10", "2", ..] => "Node 18, ",
        ["11", "3", ..] => "Node 20, ",
        ["12", "4", ..] => "Node 22, ",
        ["13", "6", ..] => "Node 24, ",
        ["14", "6", ..] => "Node 26, ",
        _ => "",
    };
    format!("{node}V8 {}{embedder}", numbers.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_leave_the_last_two_fields_alone() {
        let line = b"JS,10,7,0x10,17,name, with comma /a.js:1:2,0xab,~";
        let code = CodeCreation::parse(line, false).unwrap();
        assert_eq!(code.name, b"name, with comma /a.js:1:2");
        assert_eq!(code.function, Some((0xab, Tier::Interpreted)));
        let cut = CodeCreation::parse(b"JS,10,7,0x10,17,new", false).unwrap();
        assert_eq!((cut.function, cut.is_plain()), (None, false));
        for (marker, tier) in [("o+'", Tier::Maglev), ("*'", Tier::Optimized), ("", Tier::None)] {
            let line = format!("JS,10,7,0x10,17,f /a.js:1:2,0xab,{marker}");
            let code = CodeCreation::parse(line.as_bytes(), false).unwrap();
            assert_eq!(code.function, Some((0xab, tier)), "{marker}");
        }
    }

    #[test]
    fn file_urls_become_paths() {
        let cases = [
            ("f file:///srv/a%20b.mjs:1:2", "/srv/a b.mjs"),
            ("f file:///C:/a.mjs:1:2", "C:/a.mjs"),
            ("f /srv/\\x2Ca.js:1:2", "/srv/,a.js"),
            ("f :1:2", EVAL),
        ];
        for (field, file) in cases {
            let name = FunctionName::parse(field);
            assert_eq!(name.place, Some((file.into(), 1, 2)));
        }
    }

    #[test]
    fn inlining_is_walked_to_the_root_and_circles_end() {
        let mut table = spikeflame_profile::FrameTable::default();
        let [a, b] = ["a", "b"].map(|name| table.named(name, spikeflame_profile::Kind::Js));
        let by_address = |address| [a, b].get(address as usize - 1).copied();
        let line = b"0x10,1,0,9,C0O1C4O2I0C8O3I1C12O4,F0O5F1O6I0,S0x1S0x2";
        let (start, inlining) = source_info(line, by_address).unwrap();
        assert_eq!(start, 0x10);
        let at = |offset| inlining.at(offset).to_vec();
        assert_eq!(
            [at(0), at(4), at(7), at(8), at(12)],
            [vec![], vec![a], vec![a], vec![a, b], vec![]]
        );
        let circle = b"0x10,1,0,9,C0O1I0,F0O5I1F1O6I0,S0x1S0x2";
        let (_, inlining) = source_info(circle, by_address).unwrap();
        assert_eq!(inlining.at(0).len(), 2);
    }
}
