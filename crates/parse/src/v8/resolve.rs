//! The part of reading that follows the order of the file: the code map as it
//! was at each tick, and addresses to frames.

use super::code_map::{Code, CodeMap, What};
use super::fields::{unescape, whole_decimal, whole_hex};
use super::ledger::{Ledger, Reason};
use super::native::Libraries;
use super::records::{CodeCreation, FunctionName, SharedLibrary, source_info, version};
use super::scan::{Batch, Event, RawTick, Record, Tail};
use crate::chunks::Ending;
use crate::symbols::{Mapping, Missing};
use hashbrown::HashMap;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, FunctionId, Kind, Profile, Sample, Source, StackId,
    StrId, Thread, Tier, VmState,
};
use std::path::PathBuf;

/// A function's name may hold line breaks; more than this and it is damage.
const NAME_LINES: u32 = 16;

/// What V8 reserves for code when it copies its builtins there.
const CODE_RANGE: u64 = 512 << 20;
/// To which the size of that copy is rounded.
const COPY_ALIGNMENT: u64 = 256 << 10;

/// Fewer ticks than this say nothing.
const FEW: u64 = 50;

/// A table of WebAssembly's jumps is no longer than this.
const JUMP_TABLE: u64 = 1 << 20;

/// The frames of an address, outermost first, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RunId(u32);

/// What an address is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Run {
    frames: Vec<FrameId>,
    /// What it says of a tick whose program counter it is.
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Code that the log told of.
    Code,
    /// The interpreter's entry, copied for one function.
    Trampoline,
    /// A native function with a name.
    Symbol,
    /// A native function in which a thread waits.
    Waits,
    /// A library of whose function the name is not known.
    Nameless,
    Nothing,
}

/// A scanner's tail: its frames' addresses, and its stack as of a generation.
struct Callers {
    tail: Tail,
    start: usize,
    generation: u32,
    stack: StackId,
}

/// One scanner's tails.
#[derive(Default)]
struct Tails {
    addresses: Vec<u64>,
    list: Vec<Callers>,
}

/// Frames for the states of the virtual machine.
struct States {
    gc: FrameId,
    compiler: FrameId,
    idle: FrameId,
    program: FrameId,
    unresolved: FrameId,
    jump_table: FrameId,
}

/// A function's record whose name may go on in the next line.
struct Pending {
    text: Vec<u8>,
    first_line: u64,
    next_line: u64,
    lines: u32,
}

/// Follows a log record by record.
pub(super) struct Resolver {
    name: String,
    frames: FrameTable,
    stacks: spikeflame_profile::StackTree,
    thread: Thread,
    codes: CodeMap,
    sfis: HashMap<u64, FunctionId>,
    libraries: Libraries,
    /// Where the logged builtins lie.
    builtins: Option<(u64, u64)>,
    code_range: Option<u64>,
    runs: Vec<Run>,
    run_ids: HashMap<Run, RunId>,
    /// `address -> (generation, run)`, for program counters and return addresses.
    leaves: HashMap<u64, (u32, RunId)>,
    callers: HashMap<u64, (u32, RunId)>,
    tails: Vec<Tails>,
    /// `(stack of the tail, leaf, state) -> stack`.
    whole: HashMap<(StackId, RunId, VmState), StackId>,
    states: States,
    pending: Option<Pending>,
    ledger: Ledger,
    /// Line of the batch at hand, from 0.
    line: u64,
    /// The file's last line, when it has no line break.
    cut_line: Option<u64>,
    version: String,
    interval_us: Option<u64>,
    /// Ticks before which V8 lost others.
    overflows: u64,
    /// `profiler,begin` and `profiler,end` records.
    begins: u32,
    ends: u32,
    /// The last moment that any record tells.
    last_us: u64,
}

impl Resolver {
    pub(super) fn new(name: String, folders: Vec<PathBuf>) -> Self {
        let mut frames = FrameTable::default();
        let mut named = |name, kind| {
            let function = frames.named(name, kind);
            frames.frame(Frame { function, tier: Tier::None, inlined: false })
        };
        let states = States {
            gc: named("", Kind::Gc),
            compiler: named("", Kind::Compiler),
            idle: named("", Kind::Idle),
            program: named("", Kind::Program),
            unresolved: named("", Kind::Unresolved),
            jump_table: named("(jump table)", Kind::Wasm),
        };
        Self {
            thread: Thread { name: thread_name(&name), ..Thread::default() },
            name,
            frames,
            stacks: Default::default(),
            codes: CodeMap::default(),
            sfis: HashMap::new(),
            libraries: Libraries::new(folders),
            builtins: None,
            code_range: None,
            runs: Vec::new(),
            run_ids: HashMap::new(),
            leaves: HashMap::new(),
            callers: HashMap::new(),
            tails: Vec::new(),
            whole: HashMap::new(),
            states,
            pending: None,
            ledger: Ledger::default(),
            line: 0,
            cut_line: None,
            version: "V8".to_owned(),
            interval_us: None,
            overflows: 0,
            begins: 0,
            ends: 0,
            last_us: 0,
        }
    }

    /// Takes the next batch of the file.
    pub(super) fn take(&mut self, batch: &Batch) {
        let (long, sources) = batch.chunk.dropped;
        self.ledger.lose_many(Reason::Long, self.line, long, 0);
        self.line += long + sources;
        self.take_tails(batch);
        let mut ticks = batch.ticks.iter();
        let mut taken = 0;
        for event in &batch.events {
            let due = event.after - taken;
            taken = event.after;
            for tick in ticks.by_ref().take(due as usize) {
                self.tick(batch.scanner, tick);
            }
            if event.text.end == batch.chunk.bytes.len() {
                self.cut_line = Some(self.line + event.line);
            }
            self.event(event, batch.chunk.bytes.get(event.text.clone()).unwrap_or_default());
        }
        for tick in ticks {
            self.tick(batch.scanner, tick);
        }
        self.line += batch.lines;
    }

    fn take_tails(&mut self, batch: &Batch) {
        while self.tails.len() <= batch.scanner {
            self.tails.push(Tails::default());
        }
        let Some(tails) = self.tails.get_mut(batch.scanner) else { return };
        if batch.fresh_tails {
            *tails = Tails::default();
        }
        let base = tails.addresses.len();
        tails.addresses.extend_from_slice(&batch.addresses);
        let mut start = base;
        for &tail in &batch.tails {
            let tail = Tail { end: base + tail.end, ..tail };
            let (generation, stack) = (u32::MAX, StackId::ROOT);
            tails.list.push(Callers { tail, start, generation, stack });
            start = tail.end;
        }
    }

    fn tick(&mut self, scanner: usize, tick: &RawTick) {
        let Some((mut caller, tail)) = self.callers(scanner, tick.tail) else { return };
        let mut leaf = self.leaf(tick.pc);
        if tail.external {
            (caller, leaf) = self.with_callback(caller, tail.other, leaf);
        } else if tail.other != 0 {
            caller = self.with_top_of_stack(caller, tail.other);
        }
        self.overflows += u64::from(tail.overflow);
        let state = VmState(tail.state);
        let stack = match self.whole.get(&(caller, leaf, state)) {
            Some(&stack) => stack,
            None => {
                let stack = self.put_together(caller, leaf, state);
                self.whole.insert((caller, leaf, state), stack);
                stack
            }
        };
        self.last_us = self.last_us.max(tick.time_us);
        self.thread.samples.push(Sample { time_us: tick.time_us, stack, state });
    }

    /// The stack of a tick's callers; `None` for a tail that no scanner told of.
    fn callers(&mut self, scanner: usize, tail: u32) -> Option<(StackId, Tail)> {
        let generation = self.codes.generation();
        let known = self.tails.get(scanner)?.list.get(tail as usize)?;
        let (start, tail_data) = (known.start, known.tail);
        if known.generation == generation {
            return Some((known.stack, tail_data));
        }
        let mut stack = StackId::ROOT;
        for at in (start..tail_data.end).rev() {
            let address = *self.tails.get(scanner)?.addresses.get(at)?;
            let run = self.caller(address);
            stack = self.extend(stack, run);
        }
        // Looking up may itself have raised the generation; the next tick sees.
        let known = self.tails.get_mut(scanner)?.list.get_mut(tail as usize)?;
        (known.generation, known.stack) = (generation, stack);
        Some((stack, tail_data))
    }

    fn extend(&mut self, mut stack: StackId, run: RunId) -> StackId {
        if let Some(run) = self.runs.get(run.0 as usize) {
            for &frame in &run.frames {
                // A library calling itself says no more than that it is there.
                let again = run.role == Role::Nameless
                    && self.stacks.get(stack).is_some_and(|(_, above)| above == frame);
                if !again {
                    stack = self.stacks.child(stack, frame);
                }
            }
        }
        stack
    }

    /// A function whose frame was not set up yet when the tick came.
    fn with_top_of_stack(&mut self, caller: StackId, address: u64) -> StackId {
        let Some((_, code)) = self.codes.find(address) else { return caller };
        match code.what {
            What::Function { frame, .. } => self.stacks.child(caller, frame),
            What::Plain(_) => caller,
        }
    }

    /// A tick in a callback of the embedder: the callback, and below it the
    /// native code that it was in.
    fn with_callback(&mut self, caller: StackId, entry: u64, leaf: RunId) -> (StackId, RunId) {
        let callback = self.leaf(entry);
        let role = |run: RunId| self.runs.get(run.0 as usize).map_or(Role::Nothing, |run| run.role);
        match (role(callback), role(leaf)) {
            (Role::Nothing, _) => (caller, leaf),
            (_, Role::Symbol | Role::Waits | Role::Nameless) if callback != leaf => {
                (self.extend(caller, callback), leaf)
            }
            _ => (caller, callback),
        }
    }

    /// Adds the leaf and what the state says to the callers' stack.
    fn put_together(&mut self, caller: StackId, leaf: RunId, state: VmState) -> StackId {
        let role = self.runs.get(leaf.0 as usize).map_or(Role::Nothing, |run| run.role);
        // A state's frame stands for the native code that it is about.
        let base = match role {
            Role::Code | Role::Trampoline => self.with_leaf(caller, leaf, role),
            _ => caller,
        };
        let state = match state {
            VmState::GC => Some(self.states.gc),
            VmState::BYTECODE_COMPILER | VmState::COMPILER => Some(self.states.compiler),
            VmState::ATOMICS_WAIT => Some(self.states.idle),
            VmState::IDLE | VmState::IDLE_EXTERNAL
                if matches!(role, Role::Waits | Role::Nameless | Role::Nothing) =>
            {
                Some(self.states.idle)
            }
            _ => None,
        };
        match (state, role) {
            (Some(frame), _) => self.stacks.child(base, frame),
            (None, Role::Nothing) => self.stacks.child(base, self.states.unresolved),
            (None, Role::Code | Role::Trampoline) => base,
            (None, Role::Symbol | Role::Waits | Role::Nameless) => self.extend(base, leaf),
        }
    }

    fn with_leaf(&mut self, caller: StackId, leaf: RunId, role: Role) -> StackId {
        let same_function = || {
            let frame = self.runs.get(leaf.0 as usize)?.frames.last()?;
            let (_, above) = self.stacks.get(caller)?;
            Some(self.frames.get(*frame).function == self.frames.get(above).function)
        };
        // The entry belongs to the activation that the interpreter set up.
        if role == Role::Trampoline && same_function() == Some(true) {
            return caller;
        }
        self.extend(caller, leaf)
    }

    fn leaf(&mut self, address: u64) -> RunId {
        let generation = self.codes.generation();
        if let Some(&(seen, run)) = self.leaves.get(&address)
            && seen == generation
        {
            return run;
        }
        let run = self.resolve(address, address);
        self.leaves.insert(address, (self.codes.generation(), run));
        run
    }

    fn caller(&mut self, address: u64) -> RunId {
        let generation = self.codes.generation();
        if let Some(&(seen, run)) = self.callers.get(&address)
            && seen == generation
        {
            return run;
        }
        // A return address is that of the instruction after the call.
        let run = self.resolve(address, address.saturating_sub(1));
        self.callers.insert(address, (self.codes.generation(), run));
        run
    }

    /// What an address is; `executing` is an address within the instruction.
    fn resolve(&mut self, address: u64, executing: u64) -> RunId {
        let mut at = address;
        if self.codes.find(address).is_none() {
            at = [Some(executing), self.original_of(address)]
                .into_iter()
                .flatten()
                .find(|&other| other != address && self.codes.find(other).is_some())
                .unwrap_or(address);
        }
        let back = address - executing;
        let run = match self.codes.find(at) {
            Some((offset, code)) => code_run(code, offset.saturating_sub(back), &mut self.frames),
            None => self.native_run(address),
        };
        self.intern(run)
    }

    fn native_run(&mut self, address: u64) -> Run {
        // V8 was in JavaScript and could not walk the stack: it logs no address.
        if address == 0 {
            return Run { frames: vec![self.states.program], role: Role::Nameless };
        }
        let Some(native) = self.libraries.find(address, &mut self.frames) else {
            return match self.is_jump_table(address) {
                true => Run { frames: vec![self.states.jump_table], role: Role::Code },
                false => Run { frames: Vec::new(), role: Role::Nothing },
            };
        };
        let Frame { function, tier, inlined } =
            Frame { function: native.function, tier: Tier::None, inlined: false };
        let role = match self.frames.get_function(function).kind {
            Kind::Native if native.waits => Role::Waits,
            Kind::Native if native.named => Role::Symbol,
            Kind::Native => Role::Nameless,
            _ => Role::Code,
        };
        Run { frames: vec![self.frames.frame(Frame { function, tier, inlined })], role }
    }

    /// WebAssembly calls its functions through a table of jumps that V8 puts
    /// before their code and does not log up to Node 22.
    fn is_jump_table(&self, address: u64) -> bool {
        let Some((distance, code)) = self.codes.next_after(address) else { return false };
        let What::Function { frame, .. } = code.what else { return false };
        distance < JUMP_TABLE && self.frames.kind(frame) == Kind::Wasm
    }

    fn intern(&mut self, run: Run) -> RunId {
        if let Some(&id) = self.run_ids.get(&run) {
            return id;
        }
        let id = RunId(self.runs.len() as u32);
        self.runs.push(run.clone());
        self.run_ids.insert(run, id);
        id
    }

    /// Where a builtin lies in the binary when `address` is in the copy that
    /// V8 made at the end of its code range without logging it (Node 20; later
    /// versions log the copy, earlier ones make none).
    fn original_of(&self, address: u64) -> Option<u64> {
        let (range, (low, high)) = (self.code_range?, self.builtins?);
        self.libraries.path_at(low)?;
        let size = high - low;
        let copied = size.checked_next_multiple_of(COPY_ALIGNMENT)?;
        let copy = range.checked_add(CODE_RANGE)?.checked_sub(copied)?;
        let offset = address.checked_sub(copy - copy % COPY_ALIGNMENT)?;
        (offset < size).then_some(low + offset)
    }

    fn event(&mut self, event: &Event, line: &[u8]) {
        let number = self.line + event.line;
        if let Some(pending) = self
            .pending
            .take_if(|pending| pending.next_line != number || event.record != Record::Unknown)
        {
            self.give_up(pending);
        }
        let fields = memchr::memchr(b',', line).and_then(|at| line.get(at + 1..));
        let fields = fields.unwrap_or_default();
        let understood = match event.record {
            Record::BadTick => return self.lose(Reason::Tick, number, true),
            Record::Unknown => return self.unknown(line, number),
            Record::CodeCreation => return self.code_creation(line, number),
            Record::Version => {
                self.version = version(fields);
                Some(())
            }
            Record::Profiler => self.profiler(fields),
            Record::SharedLibrary => SharedLibrary::parse(fields).map(|library| {
                let SharedLibrary { path, start, end, slide } = library;
                self.libraries.add(Mapping { path, start, end, slide });
                self.codes.invalidate();
            }),
            Record::CodeRange => self.set_code_range(fields),
            Record::CodeMove => pair(fields).map(|(from, to)| {
                self.codes.relocate(from, to);
            }),
            Record::SfiMove => pair(fields).map(|(from, to)| {
                if let Some(function) = self.sfis.remove(&from) {
                    self.sfis.insert(to, function);
                }
            }),
            Record::CodeDelete => whole_hex(fields).map(|start| {
                self.codes.remove(start);
            }),
            Record::CodeSourceInfo => self.source_info(fields),
        };
        if understood.is_none() {
            self.lose(Reason::Record, number, false);
        }
    }

    fn lose(&mut self, reason: Reason, line: u64, is_tick: bool) {
        let cut = self.cut_line == Some(line);
        self.ledger.lose_many(if cut { Reason::Cut } else { reason }, line, 1, u64::from(is_tick));
    }

    fn profiler(&mut self, fields: &[u8]) -> Option<()> {
        if let Some(interval) = fields.strip_prefix(b"begin,") {
            self.interval_us = Some(whole_decimal(interval).filter(|&us| us > 0)?);
            self.begins += 1;
        } else if fields == b"end" {
            self.ends += 1;
        } else {
            return None;
        }
        Some(())
    }

    fn set_code_range(&mut self, fields: &[u8]) -> Option<()> {
        let start = fields.split(|&b| b == b',').nth(1)?;
        self.code_range = Some(whole_hex(start)?);
        self.codes.invalidate();
        Some(())
    }

    fn source_info(&mut self, fields: &[u8]) -> Option<()> {
        let sfis = &self.sfis;
        let (start, inlining) = source_info(fields, |address| sfis.get(&address).copied())?;
        if let Some(Code { what: What::Function { inlining: slot, .. }, .. }) =
            self.codes.starting_at(start)
        {
            *slot = Some(Box::new(inlining));
        }
        Some(())
    }

    fn unknown(&mut self, line: &[u8], number: u64) {
        if let Some(mut pending) = self.pending.take() {
            pending.text.push(b'\n');
            pending.text.extend_from_slice(line);
            pending.next_line += 1;
            pending.lines += 1;
            return self.try_pending(pending);
        }
        // A record of a version to come is none of our business; a torn line is.
        let name = line.split(|&b| b == b',').next().unwrap_or_default();
        let wordlike = name.len() > 2
            && name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
        if !wordlike {
            self.lose(Reason::NoRecord, number, false);
        }
    }

    fn code_creation(&mut self, line: &[u8], number: u64) {
        let text = line.to_vec();
        self.try_pending(Pending { text, first_line: number, next_line: number + 1, lines: 1 });
    }

    fn try_pending(&mut self, pending: Pending) {
        let fields = pending.text.strip_prefix(b"code-creation,").unwrap_or_default();
        match CodeCreation::parse(fields) {
            Some(code) if code.is_plain() || code.function.is_some() => self.add_code(&code),
            // A function's line with more to come, unless it is just torn.
            Some(_) if pending.lines < NAME_LINES => self.pending = Some(pending),
            _ => self.give_up(pending),
        }
    }

    fn give_up(&mut self, pending: Pending) {
        if self.cut_line == Some(pending.next_line - 1) {
            return self.lose(Reason::Cut, pending.first_line, false);
        }
        self.ledger.lose_many(Reason::Code, pending.first_line, u64::from(pending.lines), 0);
    }

    fn add_code(&mut self, code: &CodeCreation<'_>) {
        let Some((sfi, tier)) = code.function else {
            let (kind, named) = match code.tag {
                b"BytecodeHandler" => (Kind::BytecodeHandler, true),
                b"RegExp" => (Kind::RegExp, false),
                b"Callback" => (Kind::Native, false),
                _ => (Kind::Builtin, true),
            };
            let function = self.frames.named(&unescape(code.name), kind);
            let frame = self.frames.frame(Frame { function, tier: Tier::None, inlined: false });
            if named {
                let (low, high) = self.builtins.unwrap_or((u64::MAX, 0));
                let end = code.start.saturating_add(code.size);
                self.builtins = Some((low.min(code.start), high.max(end)));
            }
            return self.codes.add(code.start, code.size, What::Plain(frame));
        };
        let FunctionName { name, place } = FunctionName::parse(code.name);
        let kind = if place.is_some() { Kind::Js } else { Kind::Wasm };
        let (file, line, column) = place.unwrap_or_default();
        let (name, file) = (self.frames.intern(&name), self.frames.intern(&file));
        let module = StrId::EMPTY;
        let function = self.frames.function(Function { name, file, line, column, kind, module });
        self.sfis.insert(sfi, function);
        let frame = self.frames.frame(Frame { function, tier, inlined: false });
        // Interpreted code is bytecode (kind 9 and up), but for the entry's copies.
        let trampoline = tier == Tier::Interpreted && code.kind <= 3;
        let what = What::Function { frame, trampoline, inlining: None };
        self.codes.add(code.start, code.size, what);
    }

    /// The profile, once the whole file was taken; or why there is none.
    pub(super) fn finish(mut self, ending: Ending) -> Result<Profile, &'static str> {
        if let Some(pending) = self.pending.take() {
            self.give_up(pending);
        }
        self.thread.samples.sort();
        if self.thread.samples.is_empty() {
            return Err(match self.version.is_empty() {
                _ if self.begins == 0 => {
                    "the log has no `profiler,begin`: was it made with --prof?"
                }
                _ => "the program ended before the first tick, or --cpu-prof ran beside --prof",
            });
        }
        let mut profile = Profile { warnings: self.warnings(ending), ..Profile::default() };
        profile.losses = std::mem::take(&mut self.ledger).close(&self.name);
        profile.sources.push(Source {
            name: self.name,
            producer: self.version,
            interval_us: self.interval_us,
            end_us: self.last_us,
            timed: true,
        });
        profile.frames = self.frames;
        profile.stacks = self.stacks;
        profile.threads.push(self.thread);
        Ok(profile)
    }

    fn warnings(&self, ending: Ending) -> Vec<String> {
        let name = &self.name;
        let mut warnings = Vec::new();
        let killed = "the process was killed, or is still running";
        if ending.damaged {
            warnings.push(format!("{name}: the packed data is damaged; used up to the damage"));
        } else if self.ledger.has(Reason::Cut) {
            // The account of losses tells it.
        } else if self.ends == 0 {
            warnings.push(format!("{name}: no `profiler,end`; {killed}"));
        }
        if self.begins > 1 || self.ends > 1 {
            warnings.push(format!(
                "{name}: several isolates wrote to this log (--no-logfile-per-isolate), so code of \
                 one may be taken for another's; record without that flag"
            ));
        }
        if self.overflows > 0 {
            warnings.push(format!(
                "{name}: V8 lost ticks in {} places, its buffer being full; record on a machine \
                 with a core to spare",
                self.overflows
            ));
        }
        let ticks = self.thread.samples.len() as u64;
        let due = self.last_us / self.interval_us.unwrap_or(u64::MAX);
        // A log that was cut early is short for another reason.
        let (few, starved) = (self.ends > 0 && ticks < FEW, due > FEW && ticks < due / 10);
        if few || starved {
            warnings.push(format!(
                "{name}: only {ticks} ticks{}: run longer, and without --cpu-prof, beside which \
                 V8 stops writing ticks",
                if starved { format!(" where about {due} were due") } else { String::new() }
            ));
        }
        for (path, why) in self.libraries.nameless() {
            let why = match why {
                Missing::File => continue,
                Missing::OtherBuild => "is another build than the one that ran",
                Missing::Unreadable => "is no object file",
            };
            warnings.push(format!("{name}: {path} {why}; give --symbols DIR for its names"));
        }
        warnings
    }
}

/// The frames of an offset in a code object.
fn code_run(code: &Code, offset: u64, frames: &mut FrameTable) -> Run {
    match &code.what {
        What::Plain(frame) => Run { frames: vec![*frame], role: Role::Code },
        What::Function { frame, trampoline, inlining } => {
            let tier = frames.get(*frame).tier;
            let mut run = vec![*frame];
            for &function in inlining.as_ref().map_or(&[][..], |inlining| inlining.at(offset)) {
                run.push(frames.frame(Frame { function, tier, inlined: true }));
            }
            let role = if *trampoline { Role::Trampoline } else { Role::Code };
            Run { frames: run, role }
        }
    }
}

/// Two addresses that are the whole of the fields.
fn pair(fields: &[u8]) -> Option<(u64, u64)> {
    let comma = memchr::memchr(b',', fields)?;
    Some((whole_hex(fields.get(..comma)?)?, whole_hex(fields.get(comma + 1..)?)?))
}

/// `isolate-0x5581-1234-v8.log` is thread `isolate-0x5581-1234-v8`.
fn thread_name(source: &str) -> String {
    source.strip_suffix(".log").unwrap_or(source).to_owned()
}
