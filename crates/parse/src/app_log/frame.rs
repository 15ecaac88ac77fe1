//! The lines of a stack: `    at fn (file:line:column)`.

use super::elapsed::without_elapsed;
use crate::names;
use spikeflame_profile::{Frame, FrameId, FrameTable, FunctionId, Kind, Tier};

/// Returns the text after `at ` in a line of a stack; `None` for any other line.
pub(super) fn of_line(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let rest = text.strip_prefix("at ").filter(|_| text.len() < line.len())?.trim_end();
    // An opening bracket means that properties of the error follow.
    let rest = rest.strip_suffix(" {").unwrap_or(rest);
    // The next error of a list follows.
    let rest = rest.strip_suffix(',').unwrap_or(rest);
    // winston's `ms()` writes the time since the last message behind the last frame.
    let rest = if rest.ends_with('s') { without_elapsed(rest) } else { rest };
    (is_placed(rest) || rest == "<anonymous>").then_some(rest)
}

fn is_placed(text: &str) -> bool {
    let place = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map(|(_, at)| at);
    match place {
        // The parenthesis may belong to the path.
        Some("<anonymous>" | "native") => true,
        Some(place) if place.starts_with("index ") => true,
        Some(place) => position(place).is_some() || is_wasm(place),
        None => position(text).is_some() || is_wasm(text),
    }
}

fn is_wasm(place: &str) -> bool {
    place.starts_with("wasm://")
}

/// Splits `file:line:column`.
fn position(place: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?)).filter(|(file, ..)| !file.is_empty())
}

/// Interns the frame for the text after `at `.
pub(super) fn intern(text: &str, frames: &mut FrameTable) -> FrameId {
    let function = function(text.strip_prefix("async ").unwrap_or(text), frames);
    frames.frame(Frame { function, tier: Tier::None, inlined: false })
}

fn function(text: &str, frames: &mut FrameTable) -> FunctionId {
    // Paths may contain parentheses too, so the first one after the name is taken. `eval at` may
    // be nested.
    let (name, place) = match text.strip_suffix(')').and_then(|text| text.split_once(" (")) {
        Some((name, place)) => (name, place),
        None => ("", text),
    };
    let name = name.split_once(" [as ").map_or(name, |(name, _)| name);
    let name = if name == "<anonymous>" { "" } else { name };
    let place = match place.strip_prefix("eval at ") {
        Some(_) => place.rsplit_once("), ").map_or(place, |(_, inner)| inner),
        None => place,
    };
    if is_wasm(place) {
        let name = if name.is_empty() { place } else { name };
        return frames.named(name, Kind::Wasm);
    }
    match position(place) {
        Some(("<anonymous>", line, column)) => names::javascript(name, "", line, column, frames),
        Some((file, line, column)) => names::javascript(name, file, line, column, frames),
        None if name.is_empty() => frames.named("", Kind::Js),
        None => frames.named(name, Kind::Builtin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::write_label;

    #[test]
    fn lines_of_stacks_become_frames() {
        let cases = [
            ("f (/srv/a.js:1:2)", "f /srv/a.js:1:2"),
            ("async C.f (/srv/a.js:1:2)", "C.f /srv/a.js:1:2"),
            ("async /srv/a.js:1:2", "<anonymous> /srv/a.js:1:2"),
            ("new Pool (/srv/a b (c)/a.js:1:2)", "new Pool /srv/a b (c)/a.js:1:2"),
            ("new Promise (<anonymous>)", "Builtin: new Promise"),
            ("async Promise.all (index 3)", "Builtin: Promise.all"),
            ("<anonymous> (/srv/a.ts:1:2)", "<anonymous> /srv/a.ts:1:2"),
            ("T.g [as done] (node:net:1611:16)", "T.g node:net:1611:16"),
            ("f (file:///srv/a%20b.mjs:1:2)", "f /srv/a b.mjs:1:2"),
            (r"f (C:\app\a.js:1:2)", r"f C:\app\a.js:1:2"),
            (r"C:\app\a.js:1:2", r"<anonymous> C:\app\a.js:1:2"),
            ("eval (eval at f (/a.js:3:4), <anonymous>:1:2)", "eval <eval>:1:2"),
            ("add (wasm://wasm/0a1b:wasm-function[3]:0x1f)", "add"),
            ("<anonymous>", "<anonymous>"),
        ];
        for (text, label) in cases {
            let line = format!("    at {text}");
            assert_eq!(of_line(&line), Some(text));
            assert_eq!(of_line(&format!("{line} +12ms")), Some(text));
            assert_eq!(of_line(&format!("{line},")), Some(text));
            let mut frames = FrameTable::default();
            let id = intern(text, &mut frames);
            let mut out = String::new();
            let function = *frames.get_function(frames.get(id).function);
            write_label(&mut out, frames.strings(), &function, Tier::None);
            assert_eq!(out, label, "{text}");
        }
        for line in ["at f (/a.js:1:2)", "    at the end", "    at noon: 12", "  attend", "    at "]
        {
            assert_eq!(of_line(line), None, "{line}");
        }
    }
}
