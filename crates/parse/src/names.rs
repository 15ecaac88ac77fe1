//! Functions from the names that V8 and symbol tables write. A function gets the same label
//! in every format.

use hashbrown::HashMap;
use spikeflame_profile::{
    FrameTable, Function, FunctionId, Kind, StrId, Tier, split_name_and_file,
};

/// The name of a function of which nothing is known.
const ANONYMOUS: &str = "<anonymous>";

/// The file of code that was made by `eval` or `new Function` and has no URL.
pub(crate) const EVAL: &str = "<eval>";

/// Converts a symbol to a bytecode's name: V8 writes `LdaSmi.Wide` where the symbol is
/// `LdaSmiWide`.
fn bytecode_name(symbol: &str) -> String {
    for width in ["ExtraWide", "Wide"] {
        match symbol.strip_suffix(width) {
            Some("") => break,
            Some(bytecode) => return format!("{bytecode}.{width}"),
            None => {}
        }
    }
    symbol.to_owned()
}

/// Returns the function of a native symbol in `module`, or the library itself when the
/// symbol is empty. V8's builtins in node's binary have symbols such as `Builtins_...`.
pub(crate) fn native(symbol: &str, module: &str, frames: &mut FrameTable) -> FunctionId {
    if let Some(builtin) = symbol.strip_prefix("Builtins_") {
        return match builtin.strip_suffix("Handler") {
            Some(bytecode) => frames.named(&bytecode_name(bytecode), Kind::BytecodeHandler),
            None => frames.named(builtin, Kind::Builtin),
        };
    }
    let symbol = if symbol.is_empty() && module.is_empty() { ANONYMOUS } else { symbol };
    let (name, module) = (frames.intern(symbol), frames.intern(module));
    let (file, kind) = (StrId::EMPTY, Kind::Native);
    frames.function(Function { name, module, file, line: 0, column: 0, kind })
}

/// Returns the JavaScript function with that name. `url` is V8's; line and column start
/// from 1.
pub(crate) fn javascript(
    name: &str,
    url: &str,
    line: u32,
    column: u32,
    frames: &mut FrameTable,
) -> FunctionId {
    let file = if url.is_empty() { EVAL.to_owned() } else { plain_path(url) };
    let (name, file) = (frames.intern(name), frames.intern(&file));
    let (kind, module) = (Kind::Js, StrId::EMPTY);
    frames.function(Function { name, file, line, column, kind, module })
}

/// Reads a name of generated code as V8 writes it to perf maps and jitdumps: `JS:*name
/// file:line:column`, `LazyCompile:~name file:line`, `Builtin:Name`, `RegExp:pattern`.
/// Returns `None` for other names.
pub(crate) fn jitted(symbol: &str, frames: &mut FrameTable) -> Option<(FunctionId, Tier)> {
    if let Some(pattern) = regexp(symbol) {
        return Some((frames.named(pattern, Kind::RegExp), Tier::None));
    }
    let (tag, rest) = symbol.split_once(':')?;
    let plain = |kind, frames: &mut FrameTable| Some((frames.named(rest, kind), Tier::None));
    match tag {
        "Builtin" | "Stub" | "Handler" => return plain(Kind::Builtin, frames),
        "BytecodeHandler" => return plain(Kind::BytecodeHandler, frames),
        "Callback" => return plain(Kind::Native, frames),
        "JS" | "LazyCompile" | "Function" | "Eval" | "Script" => {}
        "InterpretedFunction" | "BaselineFunction" => {}
        _ => return None,
    }
    let (marked, name) = marked(rest);
    let tier = match (marked, tag) {
        (Some(tier), _) => tier,
        (None, "InterpretedFunction") => Tier::Interpreted,
        (None, "BaselineFunction") => Tier::Baseline,
        (None, _) => Tier::None,
    };
    if let Some((name, tier)) = wasm(name).filter(|_| marked.is_none()) {
        return Some((frames.named(name, Kind::Wasm), tier));
    }
    // Old versions of V8 leave out the column.
    let without_column = || format!("{name}:0");
    let at = split_name_and_file(name);
    let longer;
    let at = match at {
        Some(at) => at,
        None => {
            longer = without_column();
            match split_name_and_file(&longer) {
                Some(at) => at,
                None => {
                    let kind = if name.starts_with("wasm-") { Kind::Wasm } else { Kind::Js };
                    return Some((frames.named(name, kind), tier));
                }
            }
        }
    };
    Some((javascript(at.name, at.file, at.line, at.column, frames), tier))
}

/// Returns the pattern from the name of a regular expression's code: `RegExp:pattern`, or
/// since Node 24 `RegExp.> src: 'pattern' flags: 'gi'` (the way of compiling is before
/// `src`).
fn regexp(symbol: &str) -> Option<&str> {
    let rest = symbol.strip_prefix("RegExp")?;
    if let Some(pattern) = rest.strip_prefix(':') {
        return Some(pattern);
    }
    let (how, quoted) = rest.strip_prefix('.')?.split_once(" src: '")?;
    let (pattern, flags) = quoted.strip_suffix('\'')?.rsplit_once("' flags: '")?;
    let plain = !how.contains(' ') && flags.bytes().all(|b| b.is_ascii_lowercase());
    plain.then_some(pattern)
}

/// Splits WebAssembly's `name-index-compiler` into the name and tier that a tick log has.
/// The tier is only known for optimised code.
fn wasm(name: &str) -> Option<(&str, Tier)> {
    let (rest, compiler) = name.rsplit_once('-')?;
    let tier = match compiler {
        // Wrappers of imports have no tier.
        "turbofan" if !rest.starts_with("wasm-to-js") => Tier::Optimized,
        "turbofan" | "liftoff" | "none" => Tier::None,
        _ => return None,
    };
    let (name, index) = rest.rsplit_once('-')?;
    let number = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
    let is_index = number || index == "<anonymous>";
    (is_index && !name.is_empty()).then_some((name, tier))
}

/// Removes V8's mark of the tier from the start of a name: `~`, `^`, `+` or `*`. V8 14
/// writes `o` (OSR) before it and `'` (specialised to a context) after it.
fn marked(name: &str) -> (Option<Tier>, &str) {
    let after = name.strip_prefix('o').unwrap_or(name);
    let mut chars = after.chars();
    match chars.next().and_then(Tier::from_mark) {
        Some(tier) => {
            let rest = chars.as_str();
            (Some(tier), rest.strip_prefix('\'').unwrap_or(rest))
        }
        None => (None, name),
    }
}

/// Returns a name that is not in `used`: `name` itself, or with a number behind it. `used`
/// maps each name to the last number tried.
pub(crate) fn distinct(name: String, used: &mut HashMap<String, u64>) -> String {
    let mut distinct = name.clone();
    while used.contains_key(&distinct) {
        let number = used.entry_ref(&name).or_insert(1);
        *number += 1;
        distinct = format!("{name} ({number})");
    }
    used.insert(distinct.clone(), 1);
    distinct
}

/// Returns a C++ name in the style of `nm --demangle`, without parameters, return type, and
/// the additions of compilers and linkers.
pub(crate) fn without_parameters(name: &str) -> &str {
    let name = name.split_once(" [clone ").map_or(name, |(name, _)| name);
    // An @ and a version may follow the name.
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    let name = name.strip_suffix(" const").unwrap_or(name);
    let mut depth = 0u32;
    let opened = name.char_indices().rev().find(|(_, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let open = opened.filter(|_| name.ends_with(')')).map_or(name.len(), |(at, _)| at);
    let bare = name.get(..open).filter(|bare| !bare.is_empty() && !bare.ends_with("operator"));
    let bare = bare.unwrap_or(name);
    // Only names of templates have a return type in front.
    if !bare.ends_with('>') || bare.contains("operator") {
        return bare;
    }
    let mut depth = 0i32;
    let space = bare.char_indices().rev().find(|(_, c)| {
        match c {
            '>' | ')' | '}' | ']' => depth += 1,
            '<' | '(' | '{' | '[' => depth -= 1,
            _ => {}
        }
        depth == 0 && *c == ' '
    });
    space.and_then(|(at, _)| bare.get(at + 1..)).unwrap_or(bare)
}

/// Returns true for the path or URL of a script that V8 runs, or of the source of such a
/// script.
pub(crate) fn is_script(file: &str) -> bool {
    const STARTS: [&str; 8] =
        ["node:", "internal/", "http://", "https://", "webpack:", "file:", "evalmachine.", EVAL];
    const ENDS: [&str; 11] = [
        ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".vue", ".svelte", ".coffee",
    ];
    let path = file.split_once('?').map_or(file, |(path, _)| path);
    STARTS.iter().any(|start| file.starts_with(start)) || ENDS.iter().any(|end| path.ends_with(end))
}

/// Converts a URL to a path: `file:///srv/a%20b.mjs` becomes `/srv/a b.mjs`.
pub(crate) fn plain_path(url: &str) -> String {
    let Some(path) = url.strip_prefix("file://") else { return url.to_owned() };
    // On Windows the URL is file:///C:/x.
    let drive = |b: &[u8]| matches!(b, [b'/', d, b':', ..] if d.is_ascii_alphabetic());
    let path = if drive(path.as_bytes()) { path.get(1..).unwrap_or(path) } else { path };
    percent_decoded(path)
}

/// Decodes `a%20b` to `a b`. Returns the text unchanged when the result is not valid text.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytecodes_of_symbols_are_called_as_v8_calls_them() {
        for (symbol, name) in [
            ("LdaSmi", "LdaSmi"),
            ("LdaSmiWide", "LdaSmi.Wide"),
            ("LdaSmiExtraWide", "LdaSmi.ExtraWide"),
            ("Wide", "Wide"),
            ("ExtraWide", "ExtraWide"),
        ] {
            assert_eq!(bytecode_name(symbol), name);
        }
    }

    #[test]
    fn scripts_are_told_from_compiled_sources() {
        for file in ["/a/b.js", "b.mts", "node:fs", "file:///a/b", "https://x/y?v=1", "/a.js?x=1"] {
            assert!(is_script(file), "{file}");
        }
        for file in ["/go/src/main.go", "x.cc", "", "/a/b.py", "/bin/js"] {
            assert!(!is_script(file), "{file}");
        }
    }

    #[test]
    fn jit_names_carry_the_label_of_the_tick_log() {
        let cases = [
            ("LazyCompile:*foo /srv/a.js:1:2", "*foo /srv/a.js:1:2"),
            ("LazyCompile:~foo /srv/a.js:1", "~foo /srv/a.js:1:0"),
            ("JS:^get x file:///srv/a%20b.mjs:3:4", "^get x /srv/a b.mjs:3:4"),
            ("JS:o+'foo node:net:5:6", "+foo node:net:5:6"),
            ("JS:*of node:net:5:6", "*of node:net:5:6"),
            ("JS:of node:net:5:6", "of node:net:5:6"),
            ("InterpretedFunction:foo /a.js:1:2", "~foo /a.js:1:2"),
            ("Function:~ /a.js:1:2", "~<anonymous> /a.js:1:2"),
            ("Eval:~ :1:2", "~<anonymous> <eval>:1:2"),
            ("JS:*wasm-function[3]", "*wasm-function[3]"),
            ("Builtin:ArrayMap", "Builtin: ArrayMap"),
            ("BytecodeHandler:LdaZero", "BytecodeHandler: LdaZero"),
            (r"RegExp:\d+:x", r"RegExp: \d+:x"),
            ("RegExp.> src: 'a(b)?:c' flags: 'gi'", "RegExp: a(b)?:c"),
            ("RegExp.< src: 'x' flags: 'q' flags: ''", "RegExp: x' flags: 'q"),
            ("JS:wasm-function[0]-0-turbofan", "*wasm-function[0]"),
            ("JS:wasm-function[0]-0-liftoff", "wasm-function[0]"),
            ("JS:wasm-to-js:i:i-0-turbofan", "wasm-to-js:i:i"),
            ("JS:wasm-to-js-<anonymous>-none", "wasm-to-js"),
            ("Function:my app::run(int, char)-12-turbofan", "*my app::run(int, char)"),
            // These are JavaScript functions with such names.
            ("JS:*wasm-function[3] file:///a.mjs:1:2", "*wasm-function[3] /a.mjs:1:2"),
            ("JS:~a-0-turbofan /a.mjs:1:2", "~a-0-turbofan /a.mjs:1:2"),
        ];
        for (symbol, label) in cases {
            let mut frames = FrameTable::default();
            let (function, tier) = jitted(symbol, &mut frames).unwrap();
            let mut text = String::new();
            let function = frames.get_function(function);
            spikeflame_profile::write_label(&mut text, frames.strings(), function, tier);
            assert_eq!(text, label, "{symbol}");
        }
        let mut frames = FrameTable::default();
        assert_eq!(jitted("v8::internal::Heap::Run", &mut frames), None);
    }

    #[test]
    fn names_are_made_distinct() {
        let mut used = HashMap::new();
        let mut name = |name: &str| distinct(name.to_owned(), &mut used);
        let all = ["a", "a (2)", "a", "a", "b"].map(&mut name);
        assert_eq!(all, ["a", "a (2)", "a (3)", "a (4)", "b"]);
    }

    #[test]
    fn parameters_and_return_types_are_left_out() {
        let cases = [
            ("main", "main"),
            ("node::Buffer::New(v8::Isolate*, unsigned long)", "node::Buffer::New"),
            ("node::(anonymous namespace)::F::g() const", "node::(anonymous namespace)::F::g"),
            ("a::(anonymous namespace)::F(int*) [clone .cold]", "a::(anonymous namespace)::F"),
            (
                "std::basic_string<char, x> node::SPrintF<char const*>(char)",
                "node::SPrintF<char const*>",
            ),
            ("void f<int (*)(char)>(int (*)(char))", "f<int (*)(char)>"),
            ("A::operator()(int) const", "A::operator()"),
            ("write@@GLIBC_2.2.5", "write"),
            ("(anonymous)", "(anonymous)"),
            ("", ""),
            (")", ")"),
        ];
        for (name, plain) in cases {
            assert_eq!(without_parameters(name), plain);
        }
    }
}
