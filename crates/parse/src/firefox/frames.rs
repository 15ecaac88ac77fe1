//! Functions from the frames in a profile's tables.

use super::{Category, Lib, ProcessProfile, Tables, column, flag};
use crate::names;
use crate::perf::recorder::{is_kernel, is_of_generated_code};
use spikeflame_profile::{
    Category as Ours, Frame, FrameId, FrameTable, Function, FunctionId, Kind, StrId, Tier,
    split_name_and_file,
};

/// The way in which a frame was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameForm {
    Plain,
    /// A label for a JavaScript function, which samply writes next to its machine code.
    JsLabel,
    /// Machine code that V8 made of a JavaScript function.
    Jit,
    /// An address in a library without a known function.
    Nameless,
}

/// A frame of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameDescription {
    /// The frame; `None` for the root.
    pub(super) frame: Option<FrameId>,
    pub(super) how: FrameForm,
    /// Whether the frame's category means that the thread waits; `None` when it is as in
    /// the caller.
    pub(super) idle: Option<bool>,
}

/// Names the frames of a table.
pub(super) struct Namer<'a> {
    pub(super) names: &'a mut FrameTable,
    pub(super) part: &'a ProcessProfile,
    /// The thread's own tables, or those that threads share.
    pub(super) tables: &'a Tables,
    /// The thread's libraries, in old profiles.
    pub(super) libs: &'a [Lib],
    /// True when the file is an export of ours.
    pub(super) own: bool,
    /// True when the lines that ran are wanted.
    pub(super) lines: bool,
}

/// Returns true when the categories are those of our own export.
pub(super) fn are_ours(categories: &[Category]) -> bool {
    let ours = |name: &str| Ours::ALL.iter().any(|category| category.word() == name);
    let mut named = categories.iter().map(|category| category.name.0.as_str());
    categories.len() > 1 && named.all(|name| name == "Other" || ours(name))
}

impl Namer<'_> {
    /// Describes frame number `at`.
    pub(super) fn describe(&mut self, at: usize) -> FrameDescription {
        let frames = &self.tables.frames;
        let flagged = |number, bit| frames.flagged(number, (column::FRAME_FLAGS, bit), at);
        let is_deep = || frames.index(column::DEPTH, at).is_some_and(|depth| depth > 0);
        let inlined = frames.has_flag((column::FRAME_FLAGS, flag::INLINED), at);
        let inlined = inlined.unwrap_or_else(is_deep);
        let (category, sub) = self.category(at);
        let idle = category.map(|category| {
            let waits = category.color.0.as_deref() == Some("transparent");
            waits || category.name.0.eq_ignore_ascii_case("idle")
        });
        let in_kernel = category.is_some_and(|c| c.name.0.eq_ignore_ascii_case("kernel"));
        let word = category.map(|category| category.name.0.clone()).unwrap_or_default();
        let (sub, implementation) = (sub.to_owned(), self.implementation(at));
        let (function, tier, how) = match (self.own, frames.index(column::FUNC, at)) {
            (true, Some(func)) => {
                let frame = self.own_frame(func, &word, &sub);
                return FrameDescription {
                    frame: Some(frame),
                    how: FrameForm::Plain,
                    idle: Some(false),
                };
            }
            (_, Some(func)) => {
                self.function(func, flagged(column::FRAME_LIB, flag::FRAME_LIB), in_kernel)
            }
            (_, None) => {
                let location = self.string(frames.index(column::LOCATION, at));
                self.location(&location, in_kernel)
            }
        };
        let Some(function) = function else {
            return FrameDescription { frame: None, how, idle };
        };
        let is_js = self.names.get_function(function).kind == Kind::Js;
        let tiers = [implementation, sub, word];
        let tier = match tier {
            Tier::None if is_js => {
                tiers.iter().map(|word| tier_of(word)).find(|t| *t != Tier::None)
            }
            tier => Some(tier),
        };
        let frame = Frame { function, tier: tier.unwrap_or_default(), inlined };
        let frame = self.names.frame(frame);
        FrameDescription { frame: Some(self.at_line(frame, at)), how, idle }
    }

    /// Returns the frame at the line that ran, when lines are wanted and the table has it.
    fn at_line(&mut self, frame: FrameId, at: usize) -> FrameId {
        let flags = (column::FRAME_FLAGS, flag::FRAME_LINE);
        let line = self.tables.frames.flagged(column::FRAME_LINE, flags, at);
        let line = line.filter(|_| self.lines);
        let function = self.names.get(frame).function;
        let has_file = self.names.get_function(function).file != StrId::EMPTY;
        match line.and_then(|line| u32::try_from(line).ok()).filter(|_| has_file) {
            Some(line) => self.names.at_line(frame, line),
            None => frame,
        }
    }

    /// Returns a frame's category, and its subcategory.
    fn category(&self, at: usize) -> (Option<&Category>, &str) {
        let frames = &self.tables.frames;
        let number = frames.flagged(column::CATEGORY, (column::FRAME_FLAGS, flag::CATEGORY), at);
        let category = number.and_then(|number| self.part.meta.categories.get(number));
        let sub = frames.index(column::SUBCATEGORY, at).unwrap_or(0);
        let sub = category.and_then(|category| category.subcategories.0.get(sub));
        (category, sub.map_or("", |sub| sub.0.as_str()))
    }

    fn implementation(&self, at: usize) -> String {
        self.string(self.tables.frames.index(column::IMPLEMENTATION, at))
    }

    /// Returns a string by its number in the thread's table or the shared one.
    fn string(&self, number: Option<usize>) -> String {
        let own = &self.tables.strings;
        let strings = if own.is_empty() { &self.part.shared.strings } else { own };
        let id = number.and_then(|number| strings.get(number)).copied().unwrap_or(StrId::EMPTY);
        self.names.strings().get(id).to_owned()
    }

    fn lib(&self, number: usize) -> Option<&Lib> {
        let libs = if self.libs.is_empty() { &self.part.libs } else { self.libs };
        libs.get(number)
    }

    /// Returns the path or name of a function's library.
    fn module(&self, func: usize, lib: Option<usize>) -> String {
        let Tables { functions, resources, .. } = self.tables;
        let flags = (column::FUNCTION_FLAGS, flag::RESOURCE);
        let resource = functions.flagged(column::RESOURCE, flags, func);
        let of_resource = || resources.index(column::RESOURCE_LIB, resource?);
        match lib.or_else(of_resource).and_then(|number| self.lib(number)) {
            Some(lib) if lib.path.0.is_empty() => lib.name.0.clone(),
            Some(lib) => lib.path.0.clone(),
            None => self.string(resource.and_then(|at| resources.index(column::RESOURCE_NAME, at))),
        }
    }

    /// Returns the file of a function; empty when it has none.
    fn file(&self, func: usize) -> String {
        let functions = &self.tables.functions;
        let flags = (column::FUNCTION_FLAGS, flag::SOURCE);
        if let Some(source) = functions.flagged(column::SOURCE, flags, func) {
            let sources = &self.part.shared.sources;
            let number = sources.numbers.get(source).map(|number| *number as usize);
            return self.string(number);
        }
        self.string(functions.index(column::FILE, func))
    }

    /// Returns a frame as it was before our export.
    fn own_frame(&mut self, func: usize, category: &str, how: &str) -> FrameId {
        let name = self.string(self.tables.functions.index(column::NAME, func));
        let module = self.module(func, None);
        let is_js = matches!(category, "app" | "dependency" | "node core");
        let mut function = if module.is_empty() || is_js {
            let frame = self.names.labelled(&name);
            let function = *self.names.get_function(self.names.get(frame).function);
            let module = self.names.intern(&module);
            self.names.function(Function { module, ..function })
        } else {
            names::native(&name, &module, self.names)
        };
        let plain = self.names.get_function(function).kind == Kind::Native;
        let kind = match category {
            "kernel" => Some(Kind::Kernel),
            "wasm" => Some(Kind::Wasm),
            "error" => Some(Kind::Error),
            _ => None,
        };
        if let Some(kind) = kind.filter(|_| plain) {
            function = self.names.named(&name, kind);
        }
        let mut words = how.split(", ");
        let tier = words.clone().map(tier_of).find(|tier| *tier != Tier::None);
        let inlined = words.any(|word| word == "inlined");
        self.names.frame(Frame { function, tier: tier.unwrap_or_default(), inlined })
    }

    /// Returns function number `func` of a processed profile.
    fn function(
        &mut self,
        func: usize,
        lib: Option<usize>,
        in_kernel: bool,
    ) -> (Option<FunctionId>, Tier, FrameForm) {
        let functions = &self.tables.functions;
        let name = self.string(functions.index(column::NAME, func));
        let module = self.module(func, lib);
        let is_js = functions.has_flag((column::FUNCTION_FLAGS, flag::IS_JS), func);
        let is_js = is_js.unwrap_or_else(|| functions.index(column::IS_JS, func) == Some(1));
        if is_js {
            let file = self.file(func);
            let number = |number, bit| {
                let flags = (column::FUNCTION_FLAGS, bit);
                functions.flagged(number, flags, func).unwrap_or(0) as u32
            };
            let line = number(column::LINE, flag::LINE);
            let place = (line, number(column::COLUMN, flag::COLUMN));
            return (Some(self.javascript(&name, &file, place)), Tier::None, FrameForm::JsLabel);
        }
        self.native(&name, &module, in_kernel)
    }

    fn javascript(&mut self, name: &str, file: &str, place: (u32, u32)) -> FunctionId {
        if let Some(function) = names::of_module(name, file, self.names) {
            return function;
        }
        let bare = crate::names::without_placeholder(name);
        if !file.is_empty() {
            return names::javascript(bare, file, place.0, place.1, self.names);
        }
        // Old profiles, and samply, have file and line in the name.
        if let Some((name, file, (line, column))) = script(name).filter(|_| name.ends_with(')')) {
            return names::javascript(name, file, line, column, self.names);
        }
        match split_name_and_file(name).filter(|at| !at.file.is_empty()) {
            Some(at) => names::javascript(at.name, at.file, at.line, at.column, self.names),
            None => self.names.named(bare, Kind::Js),
        }
    }

    fn native(
        &mut self,
        name: &str,
        module: &str,
        in_kernel: bool,
    ) -> (Option<FunctionId>, Tier, FrameForm) {
        let generated = is_of_generated_code(module);
        if let Some((function, tier)) = names::jitted(name, generated, self.names) {
            return (Some(function), tier, FrameForm::Jit);
        }
        let in_kernel = in_kernel || is_kernel(module);
        if is_address(name) {
            let function = match module {
                "" => self.names.named("", Kind::Unresolved),
                _ if in_kernel => self.names.named(module, Kind::Kernel),
                _ => names::native("", module, self.names),
            };
            return (Some(function), Tier::None, FrameForm::Nameless);
        }
        if module.is_empty() {
            if name == "(root)" {
                return (None, Tier::None, FrameForm::Plain);
            }
            if in_kernel {
                return (Some(self.names.named(name, Kind::Kernel)), Tier::None, FrameForm::Plain);
            }
            let frame = self.names.labelled(name);
            let Frame { function, tier, .. } = self.names.get(frame);
            return (Some(function), tier, FrameForm::Plain);
        }
        let name = crate::demangle::without_parameters(name);
        let function = match in_kernel {
            true => self.names.named(name, Kind::Kernel),
            false => names::native(name, module, self.names),
        };
        (Some(function), Tier::None, FrameForm::Plain)
    }

    /// Returns the function that a gecko profile's location names.
    fn location(
        &mut self,
        location: &str,
        in_kernel: bool,
    ) -> (Option<FunctionId>, Tier, FrameForm) {
        if is_address(location) {
            let module = self.mapped(location);
            return self.native(location, &module, in_kernel);
        }
        if let Some((name, rest)) = location.rsplit_once(" (in ") {
            let module = rest.split(')').next().unwrap_or_default();
            return self.native(name, module, in_kernel);
        }
        match script(location) {
            Some((name, file, place)) => {
                let file = match self.numbered_source(location) {
                    Some(source) if file.is_empty() => source,
                    _ => file.rsplit(" -> ").next().unwrap_or(file).to_owned(),
                };
                (Some(self.javascript(name, &file, place)), Tier::None, FrameForm::JsLabel)
            }
            None => self.native(location, "", in_kernel),
        }
    }

    /// Returns the library that contains an address.
    fn mapped(&self, address: &str) -> String {
        let hex = address.trim_start_matches("0x");
        let address = u64::from_str_radix(hex, 16).map_or(f64::NAN, |address| address as f64);
        let libs = if self.libs.is_empty() { &self.part.libs } else { self.libs };
        let lib = libs.iter().find(|lib| lib.start.0 <= address && address < lib.end.0);
        lib.map(|lib| if lib.path.0.is_empty() { &lib.name.0 } else { &lib.path.0 })
            .cloned()
            .unwrap_or_default()
    }

    /// Returns the file that a location refers to by its number: `f (:1:2)[5]`.
    fn numbered_source(&self, location: &str) -> Option<String> {
        let number = location.strip_suffix(']')?.rsplit_once('[')?.1;
        let id = self.part.shared.sources.texts.get(number.parse::<usize>().ok()?)?;
        Some(self.names.strings().get(*id).to_owned())
    }
}

/// Splits a location: `name (file:line:column)` or `file:line:column`. The column may be
/// missing, and the number of a file may follow (`[5]`).
fn script(location: &str) -> Option<(&str, &str, (u32, u32))> {
    let bare = match location.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((rest, number)) if number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => location,
    };
    let (name, place) = match bare.strip_suffix(')') {
        Some(rest) => rest.rsplit_once(" (").or_else(|| Some(("", rest.strip_prefix('(')?)))?,
        None => ("", bare),
    };
    let (rest, last) = place.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    let two = rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    let (file, place) = match two {
        Some((file, line)) => (file, (line, last)),
        None => (rest, (last, 0)),
    };
    // A label such as `a: 1` is not a place.
    (!file.is_empty() || location.ends_with(']')).then_some((name, file, place))
}

/// Returns true for an address in place of a name.
fn is_address(name: &str) -> bool {
    let hex = name.strip_prefix("0x").unwrap_or_default();
    !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns the tier of a category's name, or of an old profile's `implementation`.
fn tier_of(word: &str) -> Tier {
    let word = word.split(" (").next().unwrap_or(word);
    match word.to_ascii_lowercase().as_str() {
        "interpreter" | "interpreted" | "blinterp" | "baseline interpreter" => Tier::Interpreted,
        "baseline" => Tier::Baseline,
        "maglev" => Tier::Maglev,
        "turbofan" | "optimized" | "ion" | "dfg" | "ftl" => Tier::Optimized,
        _ => Tier::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_taken_apart() {
        for (location, name, file, place) in [
            ("f (http://a/b.js:12:3)", "f", "http://a/b.js", (12, 3)),
            ("f (http://a/b.js:12)", "f", "http://a/b.js", (12, 0)),
            ("f (http://a/b.js:12:3)[7]", "f", "http://a/b.js", (12, 3)),
            ("get x (a (b).js:12:3)", "get x", "a (b).js", (12, 3)),
            ("http://a/b.js:12:3", "", "http://a/b.js", (12, 3)),
            ("f (:12:3)[7]", "f", "", (12, 3)),
        ] {
            let found = script(location);
            if location.contains("(b)") {
                // The name ends at the last bracket.
                assert!(found.is_some(), "{location}");
                continue;
            }
            assert_eq!(found, Some((name, file, place)), "{location}");
        }
        for label in ["Startup::XRE_Main", "js::RunScript", "PollWrapper", "", "a)", "(root)"] {
            assert_eq!(script(label), None, "{label}");
        }
    }
}
