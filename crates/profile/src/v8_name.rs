//! The names that V8 writes for its code, for perf and in symbol tables.

use crate::frame::{Kind, Tier};
use crate::location::{Label, Location, place_without_column, split_name_and_file};
use std::borrow::Cow;

/// The file that stands for code without a URL, such as that of `eval` or `new Function`.
pub const EVAL: &str = "<eval>";

/// Reads a name of generated code as V8 writes it to perf maps and jitdumps, such as `JS:*name
/// file:line:column`, `LazyCompile:~name file:line`, `Builtin:Name`, `RegExp:pattern`.
/// Returns `None` for names that begin in another way, and for paths of C++ such as `Script::Load`.
///
/// The beginning alone decides, so `symbol` must be of generated code: code of other languages may be called
/// `Handler:run`, too. See [`certain_v8_name`] for other symbols.
///
/// ```
/// use spikeflame_profile::{Tier, v8_name};
///
/// let label = v8_name("LazyCompile:*foo /srv/a.js:1").unwrap();
/// assert_eq!((label.location.name, label.location.file, label.location.line), ("foo", "/srv/a.js", 1));
/// assert_eq!(label.tier, Tier::Optimized);
/// assert_eq!(v8_name("v8::internal::Heap::Run"), None);
/// ```
pub fn v8_name(symbol: &str) -> Option<Label<'_>> {
    let plain = |kind, tier, name| {
        let location = Location { name, file: "", line: 0, column: 0 };
        Some(Label { kind, tier, inlined: false, location })
    };
    if let Some(pattern) = regexp(symbol) {
        return plain(Kind::RegExp, Tier::None, pattern);
    }
    let (tag, rest) = symbol.split_once(':').filter(|(_, rest)| !rest.starts_with(':'))?;
    match tag {
        "Builtin" | "Stub" | "Handler" => return plain(Kind::Builtin, Tier::None, rest),
        "BytecodeHandler" => return plain(Kind::BytecodeHandler, Tier::None, rest),
        "Callback" => return plain(Kind::Native, Tier::None, rest),
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
        return plain(Kind::Wasm, tier, name);
    }
    // Old versions of V8 leave out the column.
    match split_name_and_file(name).or_else(|| place_without_column(name)) {
        Some(at) => {
            let file = if at.file.is_empty() { EVAL } else { at.file };
            let location = Location { file, ..at };
            Some(Label { kind: Kind::Js, tier, inlined: false, location })
        }
        None if name.starts_with("wasm-") => plain(Kind::Wasm, tier, name),
        None => plain(Kind::Js, tier, name),
    }
}

/// Returns the label of a name that V8 alone writes, whatever code has it. In contrast to [`v8_name`], names that
/// other languages may have too (`Handler:run`, `Function:f`) have none.
///
/// ```
/// use spikeflame_profile::certain_v8_name;
///
/// assert_eq!(certain_v8_name("JS:*foo /srv/a.js:1:2").unwrap().location.name, "foo");
/// assert_eq!(certain_v8_name("Handler:run"), None);
/// ```
pub fn certain_v8_name(symbol: &str) -> Option<Label<'_>> {
    let (tag, rest) = symbol.split_once([':', '.'])?;
    let is_v8 = match tag {
        "JS" | "LazyCompile" | "Function" | "Eval" | "Script" => {
            let (mark, name) = marked(rest);
            mark.is_some() || split_name_and_file(name).is_some() || wasm(name).is_some()
        }
        "InterpretedFunction" | "BaselineFunction" => true,
        "Builtin" | "BytecodeHandler" | "RegExp" => {
            !rest.starts_with([':', ' ']) && !rest.is_empty()
        }
        _ => false,
    };
    v8_name(symbol).filter(|_| is_v8)
}

/// Returns the kind and the name of a builtin or bytecode handler of V8 from its symbol in a
/// binary: `Builtins_ArrayMap`. Returns `None` for other symbols.
///
/// ```
/// use spikeflame_profile::{Kind, v8_symbol};
///
/// assert_eq!(v8_symbol("Builtins_ArrayMap"), Some((Kind::Builtin, "ArrayMap".into())));
/// let handler = v8_symbol("Builtins_LdaSmiWideHandler");
/// assert_eq!(handler, Some((Kind::BytecodeHandler, "LdaSmi.Wide".into())));
/// assert_eq!(v8_symbol("write"), None);
/// ```
pub fn v8_symbol(symbol: &str) -> Option<(Kind, Cow<'_, str>)> {
    let builtin = symbol.strip_prefix("Builtins_")?;
    Some(match builtin.strip_suffix("Handler") {
        Some(bytecode) => (Kind::BytecodeHandler, bytecode_name(bytecode)),
        None => (Kind::Builtin, builtin.into()),
    })
}

fn bytecode_name(symbol: &str) -> Cow<'_, str> {
    for width in ["ExtraWide", "Wide"] {
        match symbol.strip_suffix(width) {
            Some("") => break,
            Some(bytecode) => return format!("{bytecode}.{width}").into(),
            None => {}
        }
    }
    symbol.into()
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
}
