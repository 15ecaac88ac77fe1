//! Stacks of addresses, by the code map at the current line of the log.

use super::code_map::{Code, CodeKind, CodeMap, SAME_KIND_BYTES};
use super::frameless::{CallSite, CallSites};
use super::later::LaterCode;
use super::lines::ScriptLines;
use super::native::Libraries;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{Frame, FrameId, FrameTable, Kind, StackId, StackTree, Tier, VmState};
use std::path::PathBuf;

/// Bytes that V8 reserves for code when it copies its builtins there.
const CODE_RANGE: u64 = 512 << 20;
/// Bytes that V8 up to 9 reserves for code.
const OLD_CODE_RANGE: u64 = 128 << 20;
/// The size of that copy is rounded up to a multiple of this.
const COPY_ALIGNMENT: u64 = 256 << 10;

/// The longest table of WebAssembly's jumps, in bytes.
const JUMP_TABLE: u64 = 1 << 20;

/// The lowest address of code in a process.
const LOWEST: u64 = 1 << 16;

/// The id of the frames of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RunId(u32);

/// The meaning of an address: its frames, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Run {
    frames: Vec<FrameId>,
    /// The meaning of a tick whose program counter is this address.
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Code in the log.
    Code,
    /// The interpreter's entry, copied for one function.
    Trampoline,
    /// A native function with a name.
    Symbol,
    /// A native function in which a thread waits.
    Waits,
    /// A library whose function at the address is not known.
    Nameless,
    Nothing,
}

/// Frames for the states of the virtual machine.
struct States {
    gc: FrameId,
    compiler: FrameId,
    idle: FrameId,
    program: FrameId,
    unresolved: FrameId,
    jump_table: FrameId,
    some_builtin: FrameId,
}

/// A cache with more entries than this is cleared.
const CACHE: usize = 1 << 18;

/// The result of a look-up: its generation and its run.
type Cache = HashMap<u64, (u32, RunId)>;

/// The innermost code of a tick, which shows who called whom.
#[derive(Clone, Copy, Debug)]
pub(super) enum Leaf {
    /// The tick is in a function: the stack that ends with this function.
    Function(StackId),
    /// The tick is in a builtin.
    Builtin,
    Other,
}

/// The code, libraries and states, from which stacks of addresses are made.
pub(super) struct Resolver {
    pub(super) frames: FrameTable,
    pub(super) stacks: StackTree,
    pub(super) codes: CodeMap,
    pub(super) libraries: Libraries,
    /// The address range of the logged builtins.
    builtins: Option<(u64, u64)>,
    /// The start and the size of the range in which V8 puts code.
    code_range: Option<u64>,
    code_range_size: u64,
    runs: Vec<Run>,
    run_ids: HashMap<Run, RunId>,
    leaves: Cache,
    callers: Cache,
    /// `(callers' stack, leaf, state) -> stack`.
    whole: HashMap<(StackId, RunId, VmState), (StackId, Leaf)>,
    pub(super) sites: CallSites,
    states: States,
    later: LaterCode,
    /// The lines of scripts, when the lines that ran are wanted.
    pub(super) scripts: Option<ScriptLines>,
}

impl Resolver {
    pub(super) fn new(libraries: Libraries, log: Option<PathBuf>) -> Self {
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
            some_builtin: named("(builtin)", Kind::Builtin),
        };
        Self {
            frames,
            stacks: StackTree::default(),
            codes: CodeMap::default(),
            libraries,
            builtins: None,
            code_range: None,
            code_range_size: CODE_RANGE,
            runs: Vec::new(),
            run_ids: HashMap::new(),
            leaves: Cache::new(),
            callers: Cache::new(),
            whole: HashMap::new(),
            sites: CallSites::default(),
            states,
            later: LaterCode::beside(log),
            scripts: None,
        }
    }

    /// Adds the place of a builtin or bytecode handler to their range.
    pub(super) fn widen_builtins(&mut self, start: u64, size: u64) {
        let (low, high) = self.builtins.unwrap_or((u64::MAX, 0));
        self.builtins = Some((low.min(start), high.max(start.saturating_add(size))));
    }

    /// Sets the first number of V8's version.
    pub(super) fn set_version(&mut self, major: u32) {
        self.code_range_size = if major < 10 { OLD_CODE_RANGE } else { CODE_RANGE };
    }

    /// Sets the address at which V8 puts code.
    pub(super) fn set_code_range(&mut self, start: u64) {
        self.code_range = Some(start);
        self.codes.invalidate();
    }

    /// Returns the stack of return addresses, which are innermost first.
    pub(super) fn stack_of(&mut self, addresses: &[u64]) -> StackId {
        let (mut stack, mut site) = (StackId::ROOT, CallSite::default());
        for &address in addresses.iter().rev() {
            let run = self.caller(address);
            stack = self.entered(stack, run, site);
            site = CallSite { address, outer: site.address };
        }
        stack
    }

    pub(super) fn leaf(&mut self, address: u64) -> RunId {
        let generation = self.codes.generation();
        if let Some(&(seen, run)) = self.leaves.get(&address)
            && seen == generation
        {
            return run;
        }
        let run = self.resolve(address, address);
        remember(&mut self.leaves, address, (self.codes.generation(), run));
        run
    }

    /// Returns the stack of a tick in a callback of the embedder: the callback, and below
    /// it the native code that was running.
    pub(super) fn with_callback(
        &mut self,
        caller: StackId,
        entry: u64,
        leaf: RunId,
    ) -> (StackId, RunId) {
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

    /// Adds a function whose frame was not yet set up at the time of the tick.
    pub(super) fn with_top_of_stack(&mut self, caller: StackId, address: u64) -> StackId {
        let Some((_, code)) = self.codes.find(address) else { return caller };
        match code.what {
            CodeKind::Function { frame, .. } => self.stacks.child(caller, frame),
            CodeKind::Plain(_) => caller,
        }
    }

    /// Returns the whole stack of a tick: its callers, its leaf, and its state's frame.
    pub(super) fn whole(
        &mut self,
        caller: StackId,
        leaf: RunId,
        state: VmState,
    ) -> (StackId, Leaf) {
        if let Some(&known) = self.whole.get(&(caller, leaf, state)) {
            return known;
        }
        let stack = self.put_together(caller, leaf, state);
        let known = (stack, if stack == caller { Leaf::Other } else { self.leaf_of(caller, leaf) });
        if self.whole.len() >= CACHE {
            self.whole.clear();
        }
        self.whole.insert((caller, leaf, state), known);
        known
    }

    /// Returns the kind of a run's code when it is called from this stack.
    fn leaf_of(&mut self, caller: StackId, run: RunId) -> Leaf {
        let Some(run) = self.runs.get(run.0 as usize) else { return Leaf::Other };
        let &[first, ..] = run.frames.as_slice() else { return Leaf::Other };
        match (run.role, self.frames.kind(first)) {
            (Role::Code, Kind::Js) => Leaf::Function(self.stacks.child(caller, first)),
            (Role::Code, Kind::Builtin) => Leaf::Builtin,
            _ => Leaf::Other,
        }
    }

    /// Adds the functions of a return address, which were entered by the call at `site`.
    fn entered(&mut self, stack: StackId, run: RunId, site: CallSite) -> StackId {
        let Some(run) = self.runs.get(run.0 as usize).filter(|run| run.role == Role::Code) else {
            return self.extend(stack, run);
        };
        let [outer, inlined @ ..] = run.frames.as_slice() else { return stack };
        let entered = self.stacks.child(stack, *outer);
        self.sites.enter(entered, site);
        inlined.iter().fold(entered, |stack, &frame| self.stacks.child(stack, frame))
    }

    fn extend(&mut self, mut stack: StackId, run: RunId) -> StackId {
        if let Some(run) = self.runs.get(run.0 as usize) {
            for &frame in &run.frames {
                // Without symbols, repeated frames of one library carry no information: one
                // is kept.
                let again = run.role == Role::Nameless
                    && self.stacks.get(stack).is_some_and(|(_, above)| above == frame);
                if !again {
                    stack = self.stacks.child(stack, frame);
                }
            }
        }
        stack
    }

    /// Adds the leaf and the frame of the state to the callers' stack.
    fn put_together(&mut self, caller: StackId, leaf: RunId, state: VmState) -> StackId {
        let role = self.runs.get(leaf.0 as usize).map_or(Role::Nothing, |run| run.role);
        // A state's frame replaces the native code that does that work.
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
        // The entry belongs to the call that the interpreter has set up already.
        if role == Role::Trampoline && same_function() == Some(true) {
            return caller;
        }
        self.extend(caller, leaf)
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
        remember(&mut self.callers, address, (self.codes.generation(), run));
        run
    }

    /// Returns the meaning of an address; `executing` is an address within the instruction.
    fn resolve(&mut self, address: u64, executing: u64) -> RunId {
        let run = match self.code_at(address, address - executing) {
            Some(run) => run,
            None if address == executing && self.is_loaded_later(address) => {
                return self.later_run(address);
            }
            None => [Some(executing), self.original_of(address)]
                .into_iter()
                .flatten()
                .filter(|&other| other != address)
                .find_map(|other| self.code_at(other, address - executing))
                .unwrap_or_else(|| self.native_run(address)),
        };
        self.intern(run)
    }

    /// Returns the meaning of an address in listed code; the instruction that runs is `back`
    /// bytes before it.
    fn code_at(&mut self, address: u64, back: u64) -> Option<Run> {
        let (offset, code) = self.codes.find(address)?;
        Some(code_run(code, offset, back, &mut self.frames, self.scripts.as_ref()))
    }

    /// Returns true for the address of an instruction that is neither in listed code nor in
    /// V8's code range. It is in a library that was loaded after the log's start.
    fn is_loaded_later(&self, address: u64) -> bool {
        address >= LOWEST
            && self.libraries.path_at(address).is_none()
            && !self.in_code_range(address)
            && !self.codes.is_near(address, SAME_KIND_BYTES)
    }

    fn in_code_range(&self, address: u64) -> bool {
        let Some(start) = self.code_range else { return false };
        let end = start.saturating_add(self.code_range_size);
        // A library after the range's start ends the range, except for the copy of the
        // builtins, which the logs of workers list.
        let copied = self.builtins.map(|(_, high)| high).filter(|&high| high > start);
        let end = self.libraries.next_start(start).map_or(end, |next| end.min(next));
        let end = copied.filter(|&high| high - start <= CODE_RANGE).map_or(end, |h| end.max(h));
        (start..end).contains(&address)
    }

    fn later_run(&mut self, address: u64) -> RunId {
        let run = if self.later.read_maps(&mut self.libraries) {
            self.codes.invalidate();
            self.native_run(address)
        } else {
            Run { frames: Vec::new(), role: Role::Nothing }
        };
        if run.role != Role::Nothing {
            return self.intern(run);
        }
        match self.later.frame(address, &mut self.frames) {
            Some(frame) => self.intern(Run { frames: vec![frame], role: Role::Nameless }),
            None => self.intern(run),
        }
    }

    /// Decides, after the whole log was read, which addresses were in code loaded later.
    /// Addresses near code that V8 logged after the tick are not. Returns the stacks that
    /// end in such code. There is none when the log does not list what was there at its start, or
    /// lists several isolates (`lists_nothing`).
    pub(super) fn settle_later(&mut self, lists_nothing: bool) -> HashSet<StackId> {
        let codes = Some(&self.codes).filter(|_| !lists_nothing);
        let later = self.later.settle(codes, &mut self.frames);
        let ends = |(_, _, frame): &(StackId, StackId, FrameId)| later.contains(frame);
        self.stacks.nodes().filter(ends).map(|(stack, ..)| stack).collect()
    }

    /// Returns true when copies of `/proc/PID/maps` are beside the log, but none is its
    /// own.
    pub(super) fn has_other_maps(&self) -> bool {
        self.later.has_other_maps()
    }

    fn native_run(&mut self, address: u64) -> Run {
        // V8 was in JavaScript and could not walk the stack, so it logged no address.
        if address == 0 {
            return Run { frames: vec![self.states.program], role: Role::Nameless };
        }
        let Some(native) = self.libraries.find(address, &mut self.frames) else {
            let (frames, role) = if self.is_jump_table(address) {
                (vec![self.states.jump_table], Role::Code)
            } else if self.is_some_builtin(address) {
                (vec![self.states.some_builtin], Role::Code)
            } else {
                (Vec::new(), Role::Nothing)
            };
            return Run { frames, role };
        };
        let frame = Frame { function: native.function, tier: Tier::None, inlined: false };
        let role = match self.frames.get_function(native.function).kind {
            Kind::Native if native.waits => Role::Waits,
            Kind::Native if native.named => Role::Symbol,
            Kind::Native => Role::Nameless,
            _ => Role::Code,
        };
        Run { frames: vec![self.frames.frame(frame)], role }
    }

    /// Returns true for the table of jumps through which WebAssembly calls its functions.
    /// V8 puts it before their code, and up to Node 22 does not log it.
    fn is_jump_table(&self, address: u64) -> bool {
        let Some((distance, code)) = self.codes.next_after(address) else { return false };
        let CodeKind::Function { frame, .. } = code.what else { return false };
        distance < JUMP_TABLE && self.frames.kind(frame) == Kind::Wasm
    }

    /// Returns true for an address in the code range outside all code, when builtins are
    /// only logged in the binary. It is in a copy of them whose place [`Self::original_of`]
    /// does not know (a machine with a smaller code range).
    fn is_some_builtin(&self, address: u64) -> bool {
        let in_binary = |(low, _)| self.libraries.path_at(low).is_some();
        self.in_code_range(address) && self.builtins.is_some_and(in_binary)
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

    /// Returns the place of a builtin in the binary when `address` is in the copy that V8
    /// made at the end of its code range without logging it (Node 20; later versions log
    /// the copy, earlier ones make none).
    fn original_of(&self, address: u64) -> Option<u64> {
        let (range, (low, high)) = (self.code_range?, self.builtins?);
        self.libraries.path_at(low)?;
        let size = high - low;
        let copied = size.checked_next_multiple_of(COPY_ALIGNMENT)?;
        let copy = range.checked_add(CODE_RANGE)?.checked_sub(copied)?;
        let offset = address.checked_sub(copy - copy % COPY_ALIGNMENT)?;
        (offset < size).then_some(low + offset)
    }
}

/// Returns the frames of an offset in a code object; the instruction that runs is `back`
/// bytes before it.
fn code_run(
    code: &Code,
    offset: u64,
    back: u64,
    frames: &mut FrameTable,
    scripts: Option<&ScriptLines>,
) -> Run {
    match &code.what {
        CodeKind::Plain(frame) => Run { frames: vec![*frame], role: Role::Code },
        CodeKind::Function { frame, trampoline, inlining, lines } => {
            let tier = frames.get(*frame).tier;
            let mut run = vec![*frame];
            let executing = offset.saturating_sub(back);
            for &function in inlining.as_ref().map_or(&[][..], |inlining| inlining.at(executing)) {
                run.push(frames.frame(Frame { function, tier, inlined: true }));
            }
            if let (Some(scripts), Some(lines)) = (scripts, lines) {
                // A frame of the interpreter has the place of the bytecode that runs, and no
                // return address.
                let at = if tier == Tier::Interpreted { offset } else { executing };
                lines.mark(at, scripts, &mut run, frames);
            }
            let role = if *trampoline { Role::Trampoline } else { Role::Code };
            Run { frames: run, role }
        }
    }
}

fn remember(cache: &mut Cache, address: u64, what: (u32, RunId)) {
    if cache.len() >= CACHE {
        cache.clear();
    }
    cache.insert(address, what);
}
