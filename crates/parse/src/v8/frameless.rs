//! Functions that V8 leaves out of a tick, because they had called a builtin without a frame.
//!
//! A builtin without a frame runs on the frame of the function that called it. V8 takes this frame for the
//! builtin's own and goes on with the return address in it. That address is in the caller of the function,
//! so the tick has the builtin, and then the caller of the function, but not the function itself.
//!
//! Other ticks have the function: a return address follows one call, and with the same callers before it, that
//! call enters the same function. [`CallSites`] keeps the return addresses below which each function was seen.
//! A builtin that has its own frame was called from its own return address, below which no function is seen.
//! The exceptions are builtins that call functions themselves: see [`Stubs`].

mod call;
mod choice;
mod stubs;
mod texts;
mod words;

pub(super) use call::CallSite;

use call::{BuiltinCall, name};
use choice::{Choice, Inlinings, KnownCalls, LeftOut};
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{FrameTable, FunctionId, Kind, Samples, StackId, StackTree};
use stubs::Stubs;
use texts::{Reader, Texts};

/// The smallest share of the ticks at an instruction of a builtin that must have a return address by which
/// functions were entered, in percent. Above it, the other ticks there lack their caller too.
const SURELY_FRAMELESS: u64 = 75;

/// The smallest number of such ticks.
const LEAST_ENTERED: u64 = 3;

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
    /// The number of samples before the first optimised code of each function.
    optimized: HashMap<FunctionId, u32>,
    /// The functions that V8 inlined into each function, as the log has them.
    inlinings: Inlinings,
    pub(super) texts: Texts,
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

    /// Notes that V8 made optimised code of a function, after this number of samples.
    pub(super) fn optimized(&mut self, function: FunctionId, samples: usize) {
        self.optimized.entry(function).or_insert(u32::try_from(samples).unwrap_or(u32::MAX));
    }

    /// Notes that V8 inlined others into code of a function. Each chain begins with the function that was
    /// inlined into it.
    pub(super) fn inlined_into(&mut self, function: FunctionId, chains: &[Vec<FunctionId>]) {
        let known = self.inlinings.entry(function).or_default();
        for chain in chains.iter().filter(|chain| !chain.is_empty()) {
            if !known.contains(chain) {
                known.insert(chain.clone());
            }
        }
    }

    /// Puts the functions that V8 left out into the stacks of the samples. Where several are possible, or
    /// none is known, a frame stands for them. Returns the number of samples in which a function into which
    /// others were inlined was put back, and no sample shows which of them called the builtin.
    pub(super) fn complete(
        &self,
        frames: &mut FrameTable,
        stacks: &mut StackTree,
        samples: &mut Samples,
    ) -> u64 {
        if self.calls.is_empty() {
            return 0;
        }
        let stubs = Stubs::new(&self.calls, frames, stacks);
        let callees = self.callees(&stubs, frames, stacks);
        let frameless = self.frameless(&callees, &stubs, frames, stacks);
        let choice = Choice::new(&callees.stacks().collect(), &self.inlinings, frames, stacks);
        let mut texts = self.texts.reader();
        let known = self.known(&callees, &frameless, (&choice, &mut texts), frames, stacks);
        let mut left_out: HashMap<(StackId, CallSite), LeftOut> = HashMap::new();
        let mut whole = Vec::with_capacity(self.calls.len());
        for (call, is_frameless) in self.calls.iter().zip(&frameless) {
            let place = call.place(stacks);
            let nodes = place.and_then(|place| callees.entered(place));
            let Some(builtin) = call.builtin(frames, stacks) else {
                whole.push((None, None));
                continue;
            };
            let (nodes, is_sure) = match *is_frameless {
                Some(is_sure) => (nodes, is_sure),
                None => (None, false),
            };
            whole.push(match nodes {
                Some(nodes) => {
                    let between = left_out.entry((call.stack, call.site));
                    let between = between.or_insert_with(|| {
                        choice.left_out(nodes, builtin, (&known, &mut texts), frames, stacks)
                    });
                    (call.within(&between.frames, stacks), between.guess)
                }
                None if is_sure || Self::is_denied(call, &mut texts, &stubs, frames, stacks) => {
                    (call.within(&[choice.unknown()], stacks), None)
                }
                None => (None, None),
            });
        }
        let (mut ticks, mut at) = (self.ticks.iter().peekable(), 0);
        samples.map_stacks(|stack| {
            let tick = ticks.next_if(|&&(sample, _)| sample == at);
            at += 1;
            let known = tick.and_then(|&(_, call)| whole.get(call as usize)?.0);
            known.unwrap_or(stack)
        });
        let is_guess = |&&(sample, call): &&(u32, u32)| {
            let guess = whole.get(call as usize).and_then(|(_, guess)| *guess);
            // Before its first optimised code, a function has no others inlined into it.
            guess.is_some_and(|of| self.optimized.get(&of).is_some_and(|&from| sample >= from))
        };
        self.ticks.iter().filter(is_guess).count() as u64
    }

    /// Returns true when the text of the function that the log has as the caller of a builtin cannot call it.
    fn is_denied(
        call: &BuiltinCall,
        texts: &mut Reader<'_>,
        stubs: &Stubs,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> bool {
        let caller = call.caller(frames, stacks).zip(call.builtin(frames, stacks));
        caller.is_some_and(|((caller, _), builtin)| {
            !stubs.is_complete(call, frames, stacks)
                && frames.get_function(caller).kind == Kind::Js
                && words::is_called_by_functions(name(builtin, frames))
                && texts.may_call(caller, name(builtin, frames)) == Some(false)
        })
    }

    /// Returns the functions that certainly called builtins.
    fn known(
        &self,
        callees: &Callees,
        frameless: &[Option<bool>],
        (choice, texts): (&Choice<'_>, &mut Reader<'_>),
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> KnownCalls {
        let mut callers = Vec::with_capacity(self.calls.len());
        for (call, is_frameless) in self.calls.iter().zip(frameless) {
            let caller =
                self.known_call(call, callees, is_frameless.is_none(), choice, frames, stacks);
            callers.push(caller.filter(|&(function, builtin, ..)| {
                texts.may_call(function, name(builtin, frames)) != Some(false)
            }));
        }
        let mut known = KnownCalls::default();
        for &(sample, call) in &self.ticks {
            if let Some(&Some((function, builtin, has_frame, until))) = callers.get(call as usize)
                && sample < until
            {
                known.add(function, builtin, has_frame);
            }
        }
        known
    }

    /// Returns the function that called a builtin, the builtin, whether it had a frame, and the number of samples
    /// up to which this is certain. Returns `None` when several are possible.
    fn known_call(
        &self,
        call: &BuiltinCall,
        callees: &Callees,
        has_frame: bool,
        choice: &Choice<'_>,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Option<(FunctionId, FunctionId, bool, u32)> {
        let place = call.place(stacks)?;
        let builtin = call.builtin(frames, stacks)?;
        let (function, has_inlined) = match (has_frame, callees.entered(place)) {
            (false, Some(nodes)) => choice.only(nodes, frames, stacks)?,
            (true, None) => (call.caller(frames, stacks)?.0, false),
            _ => return None,
        };
        // Before its first optimised code, a function has no others inlined into it.
        let optimized = self.optimized.get(&function).copied().filter(|_| has_inlined);
        Some((function, builtin, has_frame, optimized.unwrap_or(u32::MAX)))
    }

    /// Returns the functions that were entered from the callers and return addresses of ticks in builtins.
    fn callees(&self, stubs: &Stubs, frames: &FrameTable, stacks: &StackTree) -> Callees {
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
                && (frames.kind(frame) == Kind::Js
                    || stubs.may_be_left_out(frames.get(frame).function))
            {
                callees.add(parent, site, stack);
            }
        }
        callees.close();
        callees
    }

    /// Returns for each call whether the builtin ran without a frame. This holds for an instruction when
    /// its ticks mostly have a return address that entered a function. The value is true when so many have
    /// one that the other ticks at this instruction lack their caller, too. It is `None` for a
    /// builtin with a frame.
    fn frameless(
        &self,
        callees: &Callees,
        stubs: &Stubs,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Vec<Option<bool>> {
        let is_entered = |call: &BuiltinCall| {
            let place = call.place(stacks).filter(|_| !stubs.is_complete(call, frames, stacks))?;
            Some(callees.entered(place).is_some())
        };
        let entered: Vec<_> = self.calls.iter().map(is_entered).collect();
        let mut counts: HashMap<u64, (u64, u64)> = HashMap::new();
        for &(_, at) in &self.ticks {
            let call = self.calls.get(at as usize).zip(entered.get(at as usize));
            let Some((call, Some(is_entered))) = call else { continue };
            let (with, all) = counts.entry(call.pc).or_default();
            *with += u64::from(*is_entered);
            *all += 1;
        }
        let is_frameless = |(call, is_entered): (&BuiltinCall, &Option<bool>)| {
            let (with, all) = counts.get(&call.pc).copied().filter(|_| is_entered.is_some())?;
            let is_sure = with >= LEAST_ENTERED && with * 100 >= all * SURELY_FRAMELESS;
            Some(is_sure).filter(|_| with * 2 > all)
        };
        self.calls.iter().zip(&entered).map(is_frameless).collect()
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
    fn entered(&self, (caller, site): (StackId, CallSite)) -> Option<&[StackId]> {
        let exact = self.exact.get(&(caller, site)).filter(|nodes| !nodes.is_empty());
        let nodes = exact.or_else(|| self.by_address.get(&(caller, site.address)))?;
        Some(nodes.as_slice()).filter(|nodes| !nodes.is_empty())
    }

    fn stacks(&self) -> impl Iterator<Item = StackId> {
        self.by_address.values().flatten().copied()
    }
}
