//! Frames of a profile's functions.

use super::spelling::{anonymous, name_of};
use super::tables::{Place, Tables};
use super::writer::{COLLECTOR, Writer, is_compiled, is_no_file};
use crate::demangle::demangle;
use crate::names;
use crate::perf::recorder::is_kernel;
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, FunctionId, Kind, Tier, bare_name, parse_label,
};
use spikeflame_proto::pprof::{Function as Record, Line, Mark, module_of_label};
use std::ops::Range;

/// Names the locations of a profile.
pub(super) struct Namer<'t, 'a> {
    tables: &'t Tables<'a>,
    writer: Writer,
    pub(super) frames: FrameTable,
    /// The range of each location's frames in `list`, by the location's id. Nearly all
    /// programs count locations from 1: their ranges are in `near`.
    known: HashMap<u64, Range<u32>>,
    near: Vec<Option<Range<u32>>>,
    /// Frames of locations, outermost first.
    list: Vec<FrameId>,
    unresolved: FrameId,
    /// True when frames have the lines that ran.
    lines: bool,
}

impl<'t, 'a> Namer<'t, 'a> {
    /// `lines` is true when the lines that ran are wanted.
    pub(super) fn new(tables: &'t Tables<'a>, writer: Writer, lines: bool) -> Self {
        let mut frames = FrameTable::default();
        let function = frames.named("", Kind::Unresolved);
        let unresolved = frames.frame(Frame { function, tier: Tier::None, inlined: false });
        let (known, list) = Default::default();
        let near = vec![None; tables.locations.len() + 1];
        let lines = lines && writer.has_lines(tables);
        Self { tables, writer, frames, known, near, list, unresolved, lines }
    }

    /// Returns true for a profile that we wrote.
    pub(super) fn is_ours(&self) -> bool {
        self.writer == Writer::Ours
    }

    /// Returns the frame for locations of which nothing is known.
    pub(super) fn unresolved(&self) -> FrameId {
        self.unresolved
    }

    /// Returns the frames of a location, outermost first; `None` when there is no such
    /// location.
    pub(super) fn frames_of(&mut self, location: u64, losses: &mut Ledger) -> Option<&[FrameId]> {
        let place = usize::try_from(location).ok().filter(|at| *at < self.near.len());
        let known = match place {
            Some(at) => self.near.get(at).and_then(Option::as_ref),
            None => self.known.get(&location),
        };
        let range = match known {
            Some(range) => range.clone(),
            None => {
                let range = self.name(self.tables.locations.get(&location)?, losses);
                match place.and_then(|at| self.near.get_mut(at)) {
                    Some(slot) => *slot = Some(range.clone()),
                    None => _ = self.known.insert(location, range.clone()),
                }
                range
            }
        };
        self.list.get(range.start as usize..range.end as usize)
    }

    fn name(&mut self, place: &Place, losses: &mut Ledger) -> Range<u32> {
        let module = self.tables.module(place);
        let start = self.list.len() as u32;
        let lines = self.tables.lines(place);
        let (mut nowhere, mut nameless) = (false, false);
        for (depth, line) in lines.iter().rev().enumerate() {
            let record = self.tables.functions.get(&line.function_id).copied();
            nowhere |= record.is_none();
            nameless |= record.is_some_and(|record| self.tables.known(record.name).is_none());
            let (function, tier, marked) =
                self.function(&record.unwrap_or_default(), line, &module);
            let inlined = depth > 0 || marked;
            let frame = self.frames.frame(Frame { function, tier, inlined });
            let ran = if self.lines { line.line as u32 } else { 0 };
            self.list.push(self.frames.at_line(frame, ran));
        }
        if nowhere {
            losses.lose("a function that is not in the file", place.record, 0);
        }
        if nameless {
            losses.lose("a name that is not in the file", place.record, 0);
        }
        if lines.is_empty() {
            let nothing = (Record::default(), Line::default());
            let (function, tier, inlined) = self.function(&nothing.0, &nothing.1, &module);
            self.list.push(self.frames.frame(Frame { function, tier, inlined }));
        }
        start..self.list.len() as u32
    }

    /// Returns the function of a record, the tier of its code, and whether a mark states
    /// that it ran inlined.
    fn function(&mut self, record: &Record, line: &Line, module: &str) -> (FunctionId, Tier, bool) {
        let name = name_of(self.tables, record);
        let system_name = self.tables.string(record.system_name);
        let file = self.tables.string(record.filename);
        if self.writer == Writer::Ours {
            let mark = Mark::read(&system_name);
            // The record is another program's, merged into a profile of ours: it has only
            // one name.
            let foreign = mark.kind == Kind::Native && !file.is_empty() && system_name == name;
            if !foreign {
                let nameless = mark.kind == Kind::Js && anonymous(&name).is_some();
                let name = if nameless { "" } else { bare_name(&name, mark.kind) };
                // A mapping belongs to the function that others are inlined in.
                let module = match mark.kind {
                    Kind::Native => module,
                    Kind::Js => module_of_label(&system_name).unwrap_or_default(),
                    _ => "",
                };
                let (line, column) = start(record, line);
                let function = self.place(name, &file, line, column, mark.kind, module);
                return (function, mark.tier, mark.inlined);
            }
        }
        if let Some(function) = names::of_module(&name, &file, &mut self.frames) {
            return (function, Tier::None, false);
        }
        if crate::script_path::is_script(&file)
            || self.is_node() && !file.is_empty() && !is_compiled(&file)
        {
            return (self.script(&name, &file, record, line), Tier::None, false);
        }
        if file.is_empty() {
            // A perf map has such names for V8's code. In recordings of Node, they are an application's.
            let generated = !module.is_empty() && is_no_file(module);
            if !self.is_node()
                && let Some((function, tier)) = names::jitted(&name, generated, &mut self.frames)
            {
                return (function, tier, false);
            }
            if let Some(function) = self.without_file(&name, record, line) {
                return (function, Tier::None, false);
            }
        }
        let symbol = match (name.as_ref(), system_name.as_ref()) {
            ("", mangled) => mangled,
            // Our own demangled names have no parameters.
            (_, mangled) if mangled.starts_with("_Z") || mangled.starts_with("_R") => mangled,
            (name, _) => name,
        };
        if symbol.is_empty() && is_no_file(module) {
            return (self.frames.get(self.unresolved).function, Tier::None, false);
        }
        let symbol = demangle(symbol.as_bytes()).unwrap_or_else(|| symbol.to_owned());
        let function = self.native(&symbol, &file, module);
        (function, Tier::None, false)
    }

    /// Returns true for a profile of a library for Node.
    pub(super) fn is_node(&self) -> bool {
        matches!(self.writer, Writer::Node | Writer::NodeByLine)
    }

    /// Returns a JavaScript function.
    fn script(&mut self, name: &str, file: &str, record: &Record, line: &Line) -> FunctionId {
        let (name, place) = match anonymous(name) {
            Some(place) => ("", place),
            None => (name, None),
        };
        let (line, column) = match (self.writer, place) {
            _ if record.start_line > 0 => start(record, line),
            (Writer::NodeByLine, Some((line, _))) => (line, 0),
            (Writer::NodeByLine, None) => (0, 0),
            (_, Some(place)) => place,
            // With an option, @datadog/pprof stores the column in the upper half of the
            // line.
            (_, None) => match u64::try_from(line.line).unwrap_or(0) {
                packed if packed >> 32 > 0 => (packed as u32, (packed >> 32) as u32),
                number => (number as u32, u32::try_from(line.column).unwrap_or(0)),
            },
        };
        // On Windows, file:///C:/x without `file://` is left.
        let drive = |b: &[u8]| matches!(b, [b'/', d, b':', ..] if d.is_ascii_alphabetic());
        let file = if drive(file.as_bytes()) { file.get(1..).unwrap_or(file) } else { file };
        names::javascript(name, file, line, column, &mut self.frames)
    }

    /// Returns a function without a file whose name shows its kind; `None` for machine
    /// code.
    fn without_file(&mut self, name: &str, record: &Record, line: &Line) -> Option<FunctionId> {
        if name.starts_with('(') {
            let state = parse_label(name);
            if state.location.name.is_empty() {
                return Some(self.frames.named("", state.kind));
            }
        }
        if !self.is_node() {
            return None;
        }
        if let Some(pattern) = name.strip_prefix("RegExp: ") {
            return Some(self.frames.named(pattern, Kind::RegExp));
        }
        match (name, anonymous(name)) {
            (COLLECTOR, _) => Some(self.frames.named("", Kind::Gc)),
            // Code made by `eval` has lines.
            (_, Some(Some(_))) => Some(self.script(name, "", record, line)),
            (_, Some(None)) => Some(self.frames.named("", Kind::Native)),
            _ if line.line > 0 && self.writer == Writer::Node => {
                Some(self.script(name, "", record, line))
            }
            _ => None,
        }
    }

    /// Returns a function of machine code; `file` is its source when it is known.
    fn native(&mut self, symbol: &str, file: &str, module: &str) -> FunctionId {
        if is_kernel(module) {
            let name = if symbol.is_empty() { module } else { symbol };
            return self.frames.named(name, Kind::Kernel);
        }
        let module = if is_no_file(module) { "" } else { module };
        let function = names::native(symbol, module, &mut self.frames);
        match self.frames.get_function(function) {
            Function { kind: Kind::Native, .. } if !file.is_empty() => {
                self.place(symbol, file, 0, 0, Kind::Native, module)
            }
            _ => function,
        }
    }

    fn place(
        &mut self,
        name: &str,
        file: &str,
        line: u32,
        column: u32,
        kind: Kind,
        module: &str,
    ) -> FunctionId {
        let frames = &mut self.frames;
        let [name, file, module] = [name, file, module].map(|text| frames.intern(text));
        frames.function(Function { name, file, line, column, kind, module })
    }
}

/// Returns line and column of a function's beginning, when the profile contains the line.
fn start(record: &Record, line: &Line) -> (u32, u32) {
    let number = |n: i64| u32::try_from(n).unwrap_or(0);
    let column = if line.line == record.start_line { number(line.column) } else { 0 };
    (number(record.start_line), column)
}
