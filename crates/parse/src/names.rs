//! Functions from the names that V8 and symbol tables write. A function gets the same label
//! in every format.

use crate::script_path::{EVAL, plain_path};
use spikeflame_profile::{
    FrameTable, Function, FunctionId, Kind, StrId, Tier, split_name_and_file,
};

/// The name of a function of which nothing is known.
const ANONYMOUS: &str = "<anonymous>";

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

/// Returns the WebAssembly function with that name when `url` is that of a module; `None` for
/// others. Every module has a `wasm-function[0]`, so the URL identifies the module, and the
/// reader calls [`crate::wasm::by_url`] at the end.
pub(crate) fn of_module(name: &str, url: &str, frames: &mut FrameTable) -> Option<FunctionId> {
    url.starts_with("wasm:").then(|| {
        let (name, module, file) = (frames.intern(name), frames.intern(url), StrId::EMPTY);
        frames.function(Function { name, file, line: 0, column: 0, kind: Kind::Wasm, module })
    })
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

/// Returns a function's own name: empty for the names that viewers show for anonymous
/// functions.
pub(crate) fn without_placeholder(name: &str) -> &str {
    if matches!(name, "<anonymous>" | "(anonymous)") { "" } else { name }
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
}
