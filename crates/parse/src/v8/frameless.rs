//! Functions that V8 leaves out of a tick, because they had called a builtin without a frame.
//!
//! A builtin without a frame runs on the frame of the function that called it. V8 takes this frame for the
//! builtin's own and goes on with the return address in it. That address is in the caller of the function,
//! so the tick has the builtin, and then the caller of the function, but not the function itself.
//!
//! Other ticks have the function: a return address follows one call, and with the same callers before it, that
//! call enters the same function. [`CallSites`] keeps the return addresses below which each function was seen.
//! A builtin that has its own frame was called from its own return address, below which no function is seen.

use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{
    Frame, FrameId, FrameTable, FunctionId, Kind, Samples, StackId, StackTree,
};

/// The place of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct CallSite {
    /// The return address; 0 when the log has none.
    pub(super) address: u64,
    /// The next return address, which is in the caller's caller; 0 when there is none.
    pub(super) outer: u64,
}

impl CallSite {
    /// Returns the place of the call whose return addresses are these, innermost first.
    pub(super) fn of(addresses: &[u64]) -> Self {
        let at = |index: usize| addresses.get(index).copied().unwrap_or(0);
        Self { address: at(0), outer: at(1) }
    }
}

/// A builtin in which ticks were, as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct BuiltinCall {
    /// The logged stack, which ends with the builtin.
    stack: StackId,
    /// The address of the instruction in the builtin.
    pc: u64,
    site: CallSite,
}

impl BuiltinCall {
    /// Returns the stack with `function` between the callers and the builtin.
    fn within(&self, function: FrameId, stacks: &mut StackTree) -> Option<StackId> {
        let (caller, builtin) = stacks.get(self.stack)?;
        let stack = stacks.child(caller, function);
        Some(stacks.child(stack, builtin))
    }

    /// Returns the stack of the callers, and the place of the call in the innermost of them.
    fn place(&self, stacks: &StackTree) -> Option<(StackId, CallSite)> {
        Some((stacks.get(self.stack)?.0, self.site))
    }
}

/// The return addresses of a log, and its ticks in builtins.
#[derive(Default)]
pub(super) struct CallSites {
    /// The last call by which the innermost function of each stack was entered, by the index of the stack.
    last: Vec<CallSite>,
    /// Earlier calls of functions that were entered by several.
    earlier: HashSet<(StackId, CallSite)>,
    /// For each tick in a builtin, its index among the samples, and the index of its call.
    ticks: Vec<(u32, u32)>,
    calls: Vec<BuiltinCall>,
    ids: HashMap<BuiltinCall, u32>,
}

impl CallSites {
    /// Notes that the innermost function of `stack` was entered by this call.
    pub(super) fn enter(&mut self, stack: StackId, site: CallSite) {
        let at = stack.index();
        if self.last.len() <= at {
            self.last.resize(at + 1, CallSite::default());
        }
        let Some(last) = self.last.get_mut(at) else { return };
        if *last != site {
            if last.address != 0 {
                self.earlier.insert((stack, *last));
            }
            *last = site;
        }
    }

    /// Notes a tick in a builtin: the index of its sample, its stack, the address of its instruction, and
    /// the call that its innermost return address follows.
    pub(super) fn builtin(&mut self, sample: usize, stack: StackId, pc: u64, site: CallSite) {
        let Ok(sample) = u32::try_from(sample) else { return };
        if site.address == 0 {
            return;
        }
        let call = BuiltinCall { stack, pc, site };
        let id = *self.ids.entry(call).or_insert_with(|| {
            self.calls.push(call);
            self.calls.len() as u32 - 1
        });
        self.ticks.push((sample, id));
    }

    /// Puts the functions that V8 left out into the stacks of the samples, where only one is possible.
    pub(super) fn complete(
        &self,
        frames: &mut FrameTable,
        stacks: &mut StackTree,
        samples: &mut Samples,
    ) {
        let callees = self.callees(frames, stacks);
        let frameless = self.frameless(&callees, stacks);
        let inner = Inner::of(&callees, frames, stacks);
        let mut whole = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let nodes = call.place(stacks).and_then(|place| callees.of(place));
            let nodes = nodes.filter(|_| frameless.contains(&call.pc));
            let left_out = nodes.and_then(|nodes| inner.only_function(nodes, frames, stacks));
            whole.push(left_out.and_then(|function| call.within(function, stacks)));
        }
        let (mut ticks, mut at) = (self.ticks.iter().peekable(), 0);
        samples.map_stacks(|stack| {
            let tick = ticks.next_if(|&&(sample, _)| sample == at);
            at += 1;
            let known = tick.and_then(|&(_, call)| *whole.get(call as usize)?);
            known.unwrap_or(stack)
        });
    }

    /// Returns the functions that were entered from the callers and return addresses of ticks in builtins.
    fn callees(&self, frames: &FrameTable, stacks: &StackTree) -> Callees {
        let mut callees = Callees::default();
        for (caller, site) in self.calls.iter().filter_map(|call| call.place(stacks)) {
            callees.exact.entry((caller, site)).or_default();
            callees.by_address.entry((caller, site.address)).or_default();
        }
        let last = self.last.iter().enumerate().skip(1);
        let last = stacks.nodes().zip(last).map(|((stack, ..), (_, &site))| (stack, site));
        for (stack, site) in last.chain(self.earlier.iter().copied()) {
            if let Some((parent, frame)) = stacks.get(stack)
                && site.address != 0
                && frames.kind(frame) == Kind::Js
            {
                callees.add(parent, site, stack);
            }
        }
        callees.close();
        callees
    }

    /// Returns the addresses of instructions of builtins that run without a frame: those whose ticks mostly
    /// have a return address that entered a function.
    fn frameless(&self, callees: &Callees, stacks: &StackTree) -> HashSet<u64> {
        let mut balance: HashMap<u64, i64> = HashMap::new();
        for &(_, call) in &self.ticks {
            let Some(call) = self.calls.get(call as usize) else { continue };
            let entered = call.place(stacks).is_some_and(|place| callees.of(place).is_some());
            *balance.entry(call.pc).or_default() += if entered { 1 } else { -1 };
        }
        balance.into_iter().filter(|&(_, more)| more > 0).map(|(pc, _)| pc).collect()
    }
}

/// The stacks of the functions that were entered by calls, each list in the order of the stacks.
#[derive(Default)]
struct Callees {
    /// Lists by the stack of the callers and both return addresses.
    exact: HashMap<(StackId, CallSite), Vec<StackId>>,
    /// Lists by the stack of the callers and the innermost return address.
    by_address: HashMap<(StackId, u64), Vec<StackId>>,
}

impl Callees {
    fn add(&mut self, caller: StackId, site: CallSite, entered: StackId) {
        if let Some(nodes) = self.exact.get_mut(&(caller, site)) {
            nodes.push(entered);
        }
        if let Some(nodes) = self.by_address.get_mut(&(caller, site.address)) {
            nodes.push(entered);
        }
    }

    /// Sorts the lists, and removes what stands in them twice.
    fn close(&mut self) {
        for nodes in self.exact.values_mut().chain(self.by_address.values_mut()) {
            nodes.sort_unstable();
            nodes.dedup();
        }
    }

    /// Returns the functions that a call entered: those with both return addresses, or else those with the
    /// innermost one. Returns `None` when it entered none.
    fn of(&self, (caller, site): (StackId, CallSite)) -> Option<&[StackId]> {
        let exact = self.exact.get(&(caller, site)).filter(|nodes| !nodes.is_empty());
        let nodes = exact.or_else(|| self.by_address.get(&(caller, site.address)))?;
        Some(nodes.as_slice()).filter(|nodes| !nodes.is_empty())
    }

    fn stacks(&self) -> impl Iterator<Item = StackId> {
        self.by_address.values().flatten().copied()
    }
}

/// The calls of functions that were possibly left out.
#[derive(Default)]
struct Inner {
    /// Each possible stack with the functions that were seen below it.
    calls: HashSet<(StackId, FunctionId)>,
    /// The possible stacks below which anything was seen.
    callers: HashSet<StackId>,
}

impl Inner {
    fn of(callees: &Callees, frames: &FrameTable, stacks: &StackTree) -> Self {
        let possible: HashSet<StackId> = callees.stacks().collect();
        let mut inner = Self::default();
        for (_, parent, frame) in stacks.nodes() {
            if possible.contains(&parent) {
                inner.calls.insert((parent, frames.get(frame).function));
                inner.callers.insert(parent);
            }
        }
        inner
    }

    /// Returns the frame of the function in which all these stacks end. Returns `None` when they end in
    /// several.
    ///
    /// A tick in the first or last instructions of a function lacks the caller, too. Its function is passed
    /// over: nothing was seen below it, and another of the functions calls it.
    fn only_function(
        &self,
        nodes: &[StackId],
        frames: &mut FrameTable,
        stacks: &StackTree,
    ) -> Option<FrameId> {
        let is_called = |function| nodes.iter().any(|&node| self.calls.contains(&(node, function)));
        let mut only: Option<Frame> = None;
        for &node in nodes {
            let (_, frame) = stacks.get(node)?;
            let frame = frames.get(frame);
            if !self.callers.contains(&node) && is_called(frame.function) {
                continue;
            }
            match only {
                Some(other) if other.function != frame.function => return None,
                Some(_) => {}
                None => only = Some(frame),
            }
        }
        // The frame has no line: the line that ran in other ticks is not the one that called the builtin.
        Some(frames.frame(Frame { inlined: false, ..only? }))
    }
}
