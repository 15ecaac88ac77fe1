//! Functions from the names that V8 and symbol tables write. A function gets the same label
//! in every format.

use spikeflame_profile::{
    EVAL, FrameTable, Function, FunctionId, Kind, Label, StrId, Tier, certain_v8_name, plain_path,
    v8_name, v8_symbol,
};

/// The name of a function of which nothing is known.
const ANONYMOUS: &str = "<anonymous>";

/// Returns the function of a native symbol in `module`, or the library itself when the
/// symbol is empty. V8's builtins in node's binary have symbols such as `Builtins_...`.
pub(crate) fn native(symbol: &str, module: &str, frames: &mut FrameTable) -> FunctionId {
    if let Some((kind, name)) = v8_symbol(symbol) {
        return frames.named(&name, kind);
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
    let file = if url.is_empty() { EVAL.into() } else { plain_path(url) };
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

/// Returns the function and the tier of a name that V8 wrote; `None` for other names. When the code is not known
/// to be `generated`, it may be of any language, and only the names that V8 alone writes count.
pub(crate) fn jitted(
    symbol: &str,
    generated: bool,
    frames: &mut FrameTable,
) -> Option<(FunctionId, Tier)> {
    let label = if generated { v8_name(symbol) } else { certain_v8_name(symbol) };
    let Label { kind, tier, location: at, .. } = label?;
    let function = match kind {
        Kind::Js if !at.file.is_empty() => javascript(at.name, at.file, at.line, at.column, frames),
        _ => frames.named(at.name, kind),
    };
    Some((function, tier))
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
            let (function, tier) = jitted(symbol, true, &mut frames).unwrap();
            let mut text = String::new();
            let function = frames.get_function(function);
            spikeflame_profile::write_label(&mut text, frames.strings(), function, tier);
            assert_eq!(text, label, "{symbol}");
        }
        let mut frames = FrameTable::default();
        assert_eq!(jitted("v8::internal::Heap::Run", true, &mut frames), None);
    }

    /// The error was: the C++ function `Script::Load()` was the JavaScript function `:Load()`.
    #[test]
    fn names_of_other_languages_are_not_those_of_v8() {
        let mut frames = FrameTable::default();
        for path in [
            "Script::Load()",
            "Handler::run(int)",
            "Callback::call",
            "Builtin::f",
            "BaselineFunction::f",
            "JS::Call(JSContext*)",
            "Function::operator()(int) const",
        ] {
            assert_eq!(jitted(path, true, &mut frames), None, "{path}");
        }
        for name in ["Handler:run", "Callback:f", "Stub:f", "Function:f", "RegExp::exec"] {
            assert_eq!(jitted(name, false, &mut frames), None, "{name}");
            assert!(jitted(name, true, &mut frames).is_some(), "{name}");
        }
        assert!(jitted("JS:wasm-function[0]-0-liftoff", false, &mut frames).is_some());
    }
}
