//! The JSON that `node --prof-process --preprocess` makes of a V8 tick log: the code, and
//! the frames of each tick as pairs of code and offset.
//!
//! Times and states are those of the log. An address outside all code is the pair of -1 and
//! the address itself. In ticks of native callbacks, the callback stands for what it
//! called, as in V8's log processor.
//!
//! Memory: the code with its inlining, and 16 bytes a tick (32 while they are ordered); all
//! of it within [`Room`].

use crate::error::Error;
use crate::json::{
    self, Admission, Damage, List, Number, Object, Room, StrictObject, Text, Word, each, fail, skip,
};
use crate::names;
use crate::options::Options;
use crate::v8::{Inlining, inlining_of, waits};
use crate::wasm;
use serde::Deserialize;
use serde::de::MapAccess;
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, FunctionId, Kind, Profile, Sample, Samples, Source,
    StackId, StackTree, StrId, Thread, Tier, VmState, Zero, split_name_and_file,
};
use std::io::Read;
use std::path::Path;

/// A piece of code, or a library.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawCode {
    name: Text,
    r#type: Word,
    kind: Word,
    /// The number of its function.
    func: Option<u32>,
    source: Option<RawSource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawSource {
    positions: Text,
    inlined: Text,
    /// Numbers of the inlined functions.
    fns: List<Option<u32>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawTick {
    /// The time in microseconds.
    tm: Number,
    /// V8's state, with the numbers of the log. `null` when the log's line was damaged.
    vm: Number,
    /// Code and offset of each frame, innermost first.
    s: List<Number>,
}

/// The kind of a piece of code, which decides how ticks in it are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Code,
    Symbol,
    Waits,
    /// A library whose function at the address is not known.
    Nameless,
}

struct Code {
    frame: FrameId,
    role: Role,
    inlining: Option<Box<Inlining>>,
}

struct Reader {
    frames: FrameTable,
    stacks: StackTree,
    code: Vec<Code>,
    /// Functions by number, and the sources that are resolved when all functions are known.
    functions: Vec<Option<FunctionId>>,
    sources: Vec<(usize, RawSource)>,
    samples: Samples,
    ledger: Ledger,
    ticks: u64,
    room: Room,
}

impl Object for Reader {
    const OBJECT: &'static str = "a preprocessed log";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "code" => {
                map.next_value_seed(each(|code| self.take(code)))?;
                self.inline();
            }
            "ticks" if self.code.is_empty() => {
                return fail("expected `code` before `ticks`, as V8's processor writes them");
            }
            "ticks" => map.next_value_seed(each(|tick: RawTick| self.tick(&tick)))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads a preprocessed log into a profile of one thread.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader {
        frames: FrameTable::default(),
        stacks: StackTree::default(),
        code: Vec::new(),
        functions: Vec::new(),
        sources: Vec::new(),
        samples: Samples::default(),
        ledger: Ledger::new("tick"),
        ticks: 0,
        room: Room::new(&options.progress),
    };
    let damage = json::read(input, path, false, StrictObject(&mut reader))?;
    reader.finish(path, name, damage)
}

impl Reader {
    fn take(&mut self, raw: RawCode) -> Admission {
        let Self { frames, functions, .. } = self;
        let before = frames.bytes();
        let Text(name) = &raw.name;
        let kind = raw.kind.0.as_deref().unwrap_or_default();
        let (function, tier, role) = match raw.r#type.0.as_deref() {
            Some("JS") => (script_function(name, raw.func, frames), tier(kind), Role::Code),
            Some("CPP") => {
                let symbol = crate::demangle::without_parameters(name);
                let role = if waits(symbol) { Role::Waits } else { Role::Symbol };
                (names::native(symbol, "", frames), Tier::None, role)
            }
            Some("SHARED_LIB") => (names::native("", name, frames), Tier::None, Role::Nameless),
            _ => {
                let kind = match kind {
                    "BytecodeHandler" => Kind::BytecodeHandler,
                    "RegExp" => Kind::RegExp,
                    "Callback" => Kind::Native,
                    // WebAssembly: the code belongs to a function outside scripts.
                    "JS" => Kind::Wasm,
                    _ => Kind::Builtin,
                };
                (frames.named(name, kind), Tier::None, Role::Code)
            }
        };
        // A native function that is one of V8's builtins counts as code.
        let native = frames.get_function(function).kind == Kind::Native;
        let role = if native || role == Role::Code { role } else { Role::Code };
        let number = raw.func.and_then(|number| usize::try_from(number).ok());
        // Functions are numbered in the order of the file.
        if let Some(number) = number.filter(|number| *number <= self.code.len()) {
            if functions.len() <= number {
                functions.resize(number + 1, None);
            }
            if let Some(slot) = functions.get_mut(number) {
                *slot = Some(function);
            }
        }
        if let Some(source) = raw.source.filter(|source| !source.inlined.0.is_empty()) {
            let RawSource { positions, inlined, fns } = &source;
            let fns = fns.0.len() * size_of::<Option<u32>>();
            self.room.take(size_of::<RawSource>() + positions.0.len() + inlined.0.len() + fns)?;
            self.sources.push((self.code.len(), source));
        }
        let frame = frames.frame(Frame { function, tier, inlined: false });
        let code = 2 * (size_of::<Code>() + size_of::<Option<FunctionId>>());
        let bytes = code + frames.bytes() - before;
        self.code.push(Code { frame, role, inlining: None });
        self.room.take(bytes)
    }

    /// Adds the inlined functions, after all functions are known.
    fn inline(&mut self) {
        for (at, source) in std::mem::take(&mut self.sources) {
            let function = |number: u32| self.functions.get(number as usize).copied().flatten();
            let functions: Vec<_> =
                source.fns.0.iter().map(|number| number.and_then(function)).collect();
            let inlining = inlining_of(&source.positions.0, &source.inlined.0, &functions);
            if let Some(code) = self.code.get_mut(at) {
                code.inlining = inlining.map(Box::new);
            }
        }
    }

    fn tick(&mut self, tick: &RawTick) -> Admission {
        let number = self.ticks;
        self.ticks += 1;
        let whole = |frame: &[Number; 2]| frame.map(|Number(number)| number as i64);
        let (frames, _) = tick.s.0.as_chunks::<2>();
        let Some((leaf, callers)) = frames.split_first() else {
            self.ledger.lose("a tick without a frame", number, 1);
            return Ok(());
        };
        let before = self.stacks.bytes();
        let mut stack = StackId::ROOT;
        for [code, offset] in callers.iter().rev().map(whole) {
            // The offset is that of the instruction after the call.
            stack = self.child(stack, [code, offset.saturating_sub(1)]);
        }
        let Number(state) = tick.vm;
        let state = if state.is_nan() { VmState::UNKNOWN } else { VmState(state as u8) };
        let stack = self.with_leaf(stack, whole(leaf), state);
        self.samples.push(Sample { time_us: tick.tm.0 as u64, stack, state });
        self.room.take(2 * size_of::<Sample>() + self.stacks.bytes() - before)
    }

    fn code(&self, number: i64) -> Option<&Code> {
        self.code.get(usize::try_from(number).ok()?)
    }

    fn child(&mut self, mut stack: StackId, [number, offset]: [i64; 2]) -> StackId {
        let Some(code) = usize::try_from(number).ok().and_then(|at| self.code.get(at)) else {
            return stack;
        };
        let above = self.stacks.get(stack).map(|(_, frame)| frame);
        // Without symbols, repeated frames of one library carry no information: one is
        // kept.
        if code.role == Role::Nameless && above == Some(code.frame) {
            return stack;
        }
        stack = self.stacks.child(stack, code.frame);
        let tier = self.frames.get(code.frame).tier;
        let offset = u64::try_from(offset).unwrap_or(0);
        let inlined = code.inlining.as_ref().map_or(&[][..], |inlining| inlining.at(offset));
        for &function in inlined {
            let frame = self.frames.frame(Frame { function, tier, inlined: true });
            stack = self.stacks.child(stack, frame);
        }
        stack
    }

    /// Adds the leaf of a tick, from its address and its state, as for a log.
    fn with_leaf(&mut self, caller: StackId, leaf: [i64; 2], state: VmState) -> StackId {
        let role = self.code(leaf[0]).map(|code| code.role);
        let base = if role == Some(Role::Code) { self.child(caller, leaf) } else { caller };
        let kind = match (state, role) {
            (VmState::GC, _) => Kind::Gc,
            (VmState::BYTECODE_COMPILER | VmState::COMPILER, _) => Kind::Compiler,
            (VmState::ATOMICS_WAIT, _) => Kind::Idle,
            (VmState::IDLE | VmState::IDLE_EXTERNAL, Some(Role::Waits | Role::Nameless) | None) => {
                Kind::Idle
            }
            (_, Some(Role::Code)) => return base,
            (_, Some(_)) => return self.child(base, leaf),
            // V8 was in JavaScript and could not walk the stack.
            (_, None) if leaf == [-1, 0] => Kind::Program,
            (_, None) => Kind::Unresolved,
        };
        let function = self.frames.named("", kind);
        let frame = self.frames.frame(Frame { function, tier: Tier::None, inlined: false });
        self.stacks.child(base, frame)
    }

    fn finish(
        mut self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
    ) -> Result<Profile, Error> {
        if self.samples.is_empty() {
            if let Some(damage) = damage {
                let instead = "expected the output of `node --prof-process --preprocess LOG`; make \
                               it anew, or give the log itself";
                return Err(damage.error(path, instead));
            }
            let why = "the log that it was made from has no ticks".to_owned();
            return Err(Error::NoSamples { path: path.to_owned(), why });
        }
        self.samples.sort();
        wasm::by_address(&mut self.frames);
        let end_us = self.samples.last().map_or(0, |sample| sample.time_us);
        let warnings = damage.iter().map(|damage| damage.warning(&name)).collect();
        let thread = name.strip_suffix(".json").unwrap_or(&name).to_owned();
        Ok(Profile {
            losses: self.ledger.close(&name),
            sources: vec![Source {
                name,
                producer: "V8 (node --prof-process --preprocess)".to_owned(),
                interval_us: None,
                end_us,
                timed: true,
                zero: Zero::Unknown,
                unit: "ticks".to_owned(),
                ..Source::default()
            }],
            frames: self.frames,
            stacks: self.stacks,
            threads: vec![Thread { name: thread, samples: self.samples, source: 0 }],
            warnings,
            ..Profile::default()
        })
    }
}

/// Returns a function by its name and place, or a WebAssembly function by its number.
fn script_function(name: &str, number: Option<u32>, frames: &mut FrameTable) -> FunctionId {
    if let Some(at) = split_name_and_file(name) {
        return names::javascript(at.name, at.file, at.line, at.column, frames);
    }
    let number = number.map(|number| format!("number {number}")).unwrap_or_default();
    let (name, module) = (frames.intern(name), frames.intern(&number));
    let (file, kind) = (StrId::EMPTY, Kind::Wasm);
    frames.function(Function { name, file, line: 0, column: 0, kind, module })
}

/// Returns the tier for V8's word.
fn tier(kind: &str) -> Tier {
    match kind {
        "Unopt" | "Ignition" => Tier::Interpreted,
        "Sparkplug" | "Baseline" => Tier::Baseline,
        "Maglev" => Tier::Maglev,
        "Opt" => Tier::Optimized,
        _ => Tier::None,
    }
}
