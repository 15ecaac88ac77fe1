//! The parts that both readers of perf share: frames of symbols, stacks, threads.

use super::wasm_code::{CodePlace, WasmCode, is_followed};
use crate::cut_stacks::{self, Limit};
use crate::demangle::demangle;
use crate::names;
use hashbrown::HashMap;
use spikeflame_profile::warning::{Fact, PerfFact};
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Kind, Profile, Sample, Samples, StackId, StackTree, Thread, Tier,
    VmState,
};

/// V8's entry of interpreted code. When it is next to the frame of an interpreted function, it
/// belongs to that function (`--interpreted-frames-native-stack`).
const TRAMPOLINE: &str = "InterpreterEntryTrampoline";

/// No warning is given when less than one in this many samples has a nameless interpreted
/// function.
const NAMELESS_ONE_IN: u64 = 33;

/// The module name of generated code.
const MODULE: &str = "[JIT]";

/// The process that runs when no other does.
const IDLE_PROCESS: &str = "swapper";

/// Collects the samples of a perf recording.
pub(crate) struct Recorder {
    pub(crate) frames: FrameTable,
    pub(crate) stacks: StackTree,
    threads: Vec<(Id, Thread)>,
    by_id: HashMap<Id, usize>,
    idle: FrameId,
    unresolved: FrameId,
    trampoline: FrameId,
    /// The process of the current sample, for [`Self::code`].
    pub(crate) process: i32,
    pub(crate) wasm: WasmCode,
    /// For each stack, the number of trampolines that became part of its functions.
    merged: Vec<u16>,
    /// The frames of each thread's last stack, outermost first, each with the stack up to it.
    last: HashMap<Id, Vec<(FrameId, StackId)>>,
}

/// The most threads whose last stacks are kept.
const MOST_LAST: usize = 256;

/// Process and thread; -1 when the recording does not contain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) pid: i32,
    pub(crate) tid: i32,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let mut frames = FrameTable::default();
        let mut named = |name, kind| {
            let function = frames.named(name, kind);
            frames.frame(Frame { function, tier: Tier::None, inlined: false })
        };
        let idle = named("", Kind::Idle);
        let unresolved = named("", Kind::Unresolved);
        let trampoline = named(TRAMPOLINE, Kind::Builtin);
        Self {
            frames,
            stacks: StackTree::default(),
            threads: Vec::new(),
            by_id: HashMap::new(),
            idle,
            unresolved,
            trampoline,
            process: -1,
            wasm: WasmCode::default(),
            merged: Vec::new(),
            last: HashMap::new(),
        }
    }

    /// Returns the frame of a symbol in a module. The symbol is demangled, without its
    /// offset, and empty when it is not known. The module is a path, or perf's
    /// `[kernel.kallsyms]`, and empty when it is not known.
    pub(crate) fn frame(&mut self, symbol: &str, module: &str, inlined: bool) -> FrameId {
        let frames = &mut self.frames;
        let (function, tier) = if is_kernel(module) {
            let name = if symbol.is_empty() { module } else { symbol };
            (frames.named(name, Kind::Kernel), Tier::None)
        } else if let Some(found) = names::jitted(symbol, is_of_generated_code(module), frames) {
            found
        } else if symbol.is_empty() && (module.is_empty() || is_jit(module)) {
            return self.unresolved;
        } else {
            let module = if is_jit(module) { "" } else { module };
            // A symbol's version follows an @.
            let plain = symbol.split_once('@').map_or(symbol, |(plain, _)| plain);
            let name = if plain.is_empty() { symbol } else { plain };
            // Some versions of perf do not demangle, and some include parameters.
            let demangled = demangle(name.as_bytes()).filter(|_| !module.is_empty());
            let name = demangled.as_deref().map_or(name, crate::demangle::without_parameters);
            (names::native(name, module, frames), Tier::None)
        };
        frames.frame(Frame { function, tier, inlined })
    }

    /// Returns the frame of a piece of generated code that starts at an address.
    pub(crate) fn code(&mut self, symbol: &str, start: u64) -> FrameId {
        let frame = self.frame(symbol, MODULE, false);
        if is_followed(&self.frames, frame) {
            self.note_place(self.process, frame, CodePlace::Start(start, 0));
        }
        frame
    }

    /// Notes the place of code whose module perf does not record.
    pub(crate) fn note_place(&mut self, process: i32, frame: FrameId, place: CodePlace) {
        match self.frames.kind(frame) {
            Kind::Js => self.wasm.hit_made(process, frame, self.frames.get(frame).tier, place),
            _ => self.wasm.hit(process, frame, place),
        }
    }

    /// Returns the stack in which the innermost frame of `parent` calls `frame`. An
    /// interpreter trampoline next to an interpreted function's frame becomes part of it.
    pub(crate) fn child(&mut self, parent: StackId, frame: FrameId) -> StackId {
        let caller = self.stacks.get(parent);
        let interpreted = |id| self.frames.get(id).tier == Tier::Interpreted;
        match caller {
            Some((above, caller)) if frame == self.trampoline && interpreted(caller) => {
                let merged = self.merged_into(above) + 1;
                self.note_merged(parent, merged)
            }
            Some((above, caller)) if caller == self.trampoline && interpreted(frame) => {
                let merged = self.merged_into(parent) + 1;
                let stack = self.stacks.child(above, frame);
                self.note_merged(stack, merged)
            }
            _ => {
                let merged = self.merged_into(parent);
                let stack = self.stacks.child(parent, frame);
                self.note_merged(stack, merged)
            }
        }
    }

    /// Returns the stack of a thread's sample from its frames, innermost first. Consecutive samples of a
    /// thread share most of their frames, so only those that differ are looked up.
    pub(crate) fn stack(&mut self, id: Id, frames: &[FrameId]) -> StackId {
        let mut last = self.last.remove(&id).unwrap_or_default();
        let outermost_first = || frames.iter().rev();
        let pairs = last.iter().zip(outermost_first());
        let shared = pairs.take_while(|((known, _), frame)| known == *frame).count();
        last.truncate(shared);
        let mut stack = last.last().map_or(StackId::ROOT, |&(_, stack)| stack);
        for &frame in outermost_first().skip(shared) {
            stack = self.child(stack, frame);
            last.push((frame, stack));
        }
        if self.last.len() >= MOST_LAST {
            self.last.clear();
        }
        self.last.insert(id, last);
        stack
    }

    fn merged_into(&self, stack: StackId) -> u16 {
        self.merged.get(stack.index()).copied().unwrap_or_default()
    }

    fn note_merged(&mut self, stack: StackId, merged: u16) -> StackId {
        if merged > self.merged_into(stack) {
            if self.merged.len() <= stack.index() {
                self.merged.resize(stack.index() + 1, 0);
            }
            if let Some(slot) = self.merged.get_mut(stack.index()) {
                *slot = merged;
            }
        }
        stack
    }

    /// Returns the stack of a sample of which nothing is known.
    pub(crate) fn unresolved_stack(&mut self) -> StackId {
        self.stacks.child(StackId::ROOT, self.unresolved)
    }

    /// Adds a sample. It is idle when the processor was idle. `comm` is the name of the thread.
    /// When a thread had several names, the last one is used.
    pub(crate) fn sample(&mut self, id: Id, comm: &str, time_us: u64, stack: StackId, weight: u64) {
        let stack = match comm {
            // The stack of an idle processor belongs to no program.
            IDLE_PROCESS if id.pid <= 0 && id.tid == 0 => self.stacks.child(stack, self.idle),
            _ => stack,
        };
        self.push(id, comm, time_us, stack, weight);
    }

    /// Adds a sample as it is.
    pub(crate) fn push(&mut self, id: Id, comm: &str, time_us: u64, stack: StackId, weight: u64) {
        let threads = &mut self.threads;
        let at = *self.by_id.entry(id).or_insert_with(|| {
            threads
                .push((id, Thread { name: String::new(), samples: Samples::default(), source: 0 }));
            threads.len() - 1
        });
        if let Some((_, thread)) = threads.get_mut(at) {
            if thread.name != comm {
                comm.clone_into(&mut thread.name);
            }
            let sample = Sample { time_us, stack, state: VmState::UNKNOWN };
            thread.samples.push_weighted(sample, weight);
        }
    }

    /// Removes all samples and their threads. Returns the number of the samples.
    pub(crate) fn forget_samples(&mut self) -> u64 {
        self.by_id.clear();
        let threads = std::mem::take(&mut self.threads);
        threads.iter().map(|(_, thread)| thread.samples.len() as u64).sum()
    }

    /// Makes the time of each sample the time since the moment `zero_us`.
    pub(crate) fn count_from(&mut self, zero_us: u64) {
        self.threads.iter_mut().for_each(|(_, thread)| thread.samples.count_from(zero_us));
    }

    /// Returns true when no function has a name.
    pub(crate) fn is_nameless(&self) -> bool {
        let marks = [self.idle, self.unresolved, self.trampoline];
        let strings = self.frames.strings();
        let kernels = self.frames.functions().filter(|(_, function)| {
            function.kind == Kind::Kernel && strings.get(function.name) == KERNEL
        });
        self.frames.functions().len() <= marks.len() + kernels.count()
    }

    /// Returns how many samples have the interpreter's trampoline in place of functions
    /// without a name, and the number of all samples. Returns `None` when they are few, or
    /// when interpreted functions have frames of their own.
    pub(crate) fn nameless_interpreted(&self) -> Option<PerfFact> {
        let stacks = &self.stacks;
        // For each stack: whether it has a trampoline, and whether it has an interpreted
        // function.
        let mut has = vec![(false, false); stacks.len()];
        for (stack, parent, frame) in stacks.nodes() {
            let above = has.get(parent.index()).copied().unwrap_or_default();
            let interpreted = self.frames.get(frame).tier == Tier::Interpreted;
            if let Some(slot) = has.get_mut(stack.index()) {
                *slot = (above.0 || frame == self.trampoline, above.1 || interpreted);
            }
        }
        let (mut nameless, mut named, mut all) = (0u64, 0u64, 0u64);
        for (sample, _) in self.threads.iter().flat_map(|(_, thread)| thread.samples.iter()) {
            let (trampoline, interpreted) =
                has.get(sample.stack.index()).copied().unwrap_or_default();
            nameless += u64::from(trampoline);
            named += u64::from(interpreted);
            all += 1;
        }
        let fact = PerfFact::NamelessInterpreted { samples: nameless, all };
        (nameless > named && nameless > all / NAMELESS_ONE_IN).then_some(fact)
    }

    /// Puts the frames, the stacks and the threads into the profile, with the samples of each thread in
    /// order. Threads are named `comm pid` and, except for a process's first thread, `comm pid/tid`. With a
    /// limit, stacks of which the outermost functions are missing are marked, and the result is a fact about
    /// them.
    pub(crate) fn finish(self, profile: &mut Profile, limit: Option<Limit>) -> Option<Fact> {
        let threads = self.threads.into_iter().map(|(id, mut thread)| {
            thread.name = id.name(thread.name);
            thread.samples.sort();
            thread
        });
        profile.threads = threads.collect();
        (profile.frames, profile.stacks) = (self.frames, self.stacks);
        limit.and_then(|limit| cut_stacks::mark(profile, limit, &self.merged))
    }
}

impl Id {
    /// Returns the name of a thread whose command has the name `comm`.
    fn name(self, comm: String) -> String {
        match self {
            Self { pid: ..0, tid: ..0 } => comm,
            Self { pid: ..0, tid: id } => format!("{comm} {id}"),
            Self { pid, tid } if pid == tid || tid < 0 => format!("{comm} {pid}"),
            Self { pid, tid } => format!("{comm} {pid}/{tid}"),
        }
    }
}

/// Returns true for perf's names of the kernel and its modules.
pub(crate) fn is_kernel(module: &str) -> bool {
    let bracketed = module.starts_with('[') && module.ends_with(']');
    let user = ["[unknown]", "[vdso]", "[vsyscall]", "[vvar]", "[heap]", "[uprobes]"];
    // A program names its memory (`[anon:v8]`), and the name of a stack may have a thread's number.
    let prefixes = ["[anon", "[stack", "[JIT]"];
    module.ends_with(".ko")
        || module.contains(".ko.")
        || module.ends_with("vmlinux")
        || module.contains("/vmlinux-")
        || matches!(module, "/proc/kcore" | "/proc/kallsyms")
        || bracketed
            && !user.contains(&module)
            && !prefixes.iter().any(|prefix| module.starts_with(prefix))
}

/// The module of an address of the kernel when the recording names none.
pub(crate) const KERNEL: &str = "[kernel]";

/// Returns true for a module that shows that its code was generated: a perf map, a jitdump, a file of
/// `perf inject --jit`, or a mapping without a file.
pub(crate) fn is_of_generated_code(module: &str) -> bool {
    !module.is_empty() && is_jit(module)
}

/// Returns true for code that may be generated: [`is_of_generated_code`], or no module is known.
pub(crate) fn is_jit(module: &str) -> bool {
    let file = module.rsplit('/').next().unwrap_or(module);
    let number = |prefix, suffix| {
        file.strip_prefix(prefix)
            .and_then(|rest: &str| rest.strip_suffix(suffix))
            .is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit() || b == b'-'))
    };
    module.starts_with("[JIT]")
        || module.starts_with("//anon")
        || module.starts_with("[anon")
        || module == "[unknown]"
        || module.is_empty()
        || number("perf-", ".map")
        || number("jitted-", ".so")
        || number("jit-", ".dump")
}
