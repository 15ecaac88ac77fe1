//! Functions of several WebAssembly modules. Every module has a `wasm-function[0]`, so such
//! functions get different names.
//!
//! A reader stores the module of a function in [`Function::module`]. When all recordings are
//! read, the module becomes a part of the name, where that is needed.

use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{FrameTable, Function, FunctionId, Kind, StrId};

/// Returns the WebAssembly functions that have a module, in the order of the recording.
fn functions(frames: &FrameTable) -> Vec<(FunctionId, Function)> {
    let is_one =
        |function: &Function| function.kind == Kind::Wasm && function.module != StrId::EMPTY;
    frames.functions().filter(|(_, f)| is_one(f)).map(|(id, f)| (id, *f)).collect()
}

fn rename(frames: &mut FrameTable, id: FunctionId, function: Function, suffix: Option<String>) {
    let name = match suffix {
        Some(suffix) => {
            let name = format!("{} ({suffix})", frames.strings().get(function.name));
            frames.intern(&name)
        }
        None => function.name,
    };
    frames.set_function(id, Function { name, module: StrId::EMPTY, ..function });
}

/// Adds the URL of the module to functions' names, when the recordings have several modules
/// together: `wasm-function[0] (wasm://wasm/ff3400ca)`.
pub(crate) fn by_url(recordings: &mut [&mut FrameTable]) {
    let mut modules = HashSet::new();
    for frames in recordings.iter() {
        let urls = functions(frames);
        modules.extend(urls.iter().map(|(_, f)| frames.strings().get(f.module).to_owned()));
    }
    for frames in recordings {
        for (id, function) in functions(frames) {
            let several = modules.len() > 1;
            let url = several.then(|| frames.strings().get(function.module).to_owned());
            rename(frames, id, function, url);
        }
    }
}

/// Adds a number to functions whose modules have no name: the number of the module for
/// functions that V8 numbers, `wasm-function[0] (module 2)`; a number of their own for
/// others with one name, `step (2)`.
///
/// Here [`Function::module`] is V8's id of the function in hexadecimal: an address in the
/// module plus the function's index.
pub(crate) fn by_address(frames: &mut FrameTable) {
    let functions = functions(frames);
    let mut modules: HashMap<u64, usize> = HashMap::new();
    let mut names: HashMap<StrId, Vec<StrId>> = HashMap::new();
    for (_, function) in &functions {
        if let Some(module) = module_of(frames, function) {
            let next = modules.len() + 1;
            modules.entry(module).or_insert(next);
        }
        let keys = names.entry(function.name).or_default();
        if !keys.contains(&function.module) {
            keys.push(function.module);
        }
    }
    for (id, function) in functions {
        let module = module_of(frames, &function).and_then(|module| modules.get(&module));
        let keys = names.get(&function.name).map_or(&[][..], Vec::as_slice);
        let number = keys.iter().position(|key| *key == function.module);
        let suffix = match (module, number) {
            (Some(module), _) => (modules.len() > 1).then(|| format!("module {module}")),
            (None, Some(at)) => (keys.len() > 1).then(|| (at + 1).to_string()),
            (None, None) => None,
        };
        rename(frames, id, function, suffix);
    }
}

/// Returns the address of the module of `wasm-function[3]`, using the number in the name.
fn module_of(frames: &FrameTable, function: &Function) -> Option<u64> {
    let name = frames.strings().get(function.name);
    let index: u64 = name.strip_prefix("wasm-function[")?.strip_suffix(']')?.parse().ok()?;
    let key = u64::from_str_radix(frames.strings().get(function.module), 16).ok()?;
    key.checked_sub(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(given: &[(&str, &str)], by: fn(&mut FrameTable)) -> Vec<String> {
        let mut frames = FrameTable::default();
        for (name, module) in given {
            let (name, module) = (frames.intern(name), frames.intern(module));
            let (file, kind) = (StrId::EMPTY, Kind::Wasm);
            frames.function(Function { name, file, line: 0, column: 0, kind, module });
        }
        by(&mut frames);
        let name = |(_, f): (_, &Function)| frames.strings().get(f.name).to_owned();
        frames.functions().map(name).collect()
    }

    #[test]
    fn functions_of_two_modules_are_two() {
        let [one, other] = ["wasm://wasm/1", "wasm://wasm/2"];
        let by_url = |frames: &mut FrameTable| by_url(&mut [frames]);
        let both =
            names(&[("wasm-function[0]", one), ("wasm-function[0]", other), ("f", one)], by_url);
        let expected = [
            "wasm-function[0] (wasm://wasm/1)",
            "wasm-function[0] (wasm://wasm/2)",
            "f (wasm://wasm/1)",
        ];
        assert_eq!(both, expected);
        assert_eq!(names(&[("f", one), ("g", one)], by_url), ["f", "g"]);
    }

    #[test]
    fn modules_without_a_url_are_numbered() {
        let given = [
            ("wasm-function[1]", "3e6796f1"),
            ("wasm-function[0]", "3e6796f0"),
            ("wasm-function[0]", "3e679130"),
            ("step", "3e679131"),
            ("step", "3e679220"),
            ("alone", "3e679221"),
        ];
        let expected = [
            "wasm-function[1] (module 1)",
            "wasm-function[0] (module 1)",
            "wasm-function[0] (module 2)",
            "step (1)",
            "step (2)",
            "alone",
        ];
        assert_eq!(names(&given, by_address), expected);
        let one = [("wasm-function[1]", "3e6796f1"), ("wasm-function[7]", "3e6796f7")];
        assert_eq!(names(&one, by_address), ["wasm-function[1]", "wasm-function[7]"]);
    }
}
