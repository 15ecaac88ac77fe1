//! Builtins that call functions on a frame which V8 does not log, and those that pass on a call.
//!
//! A function that such a builtin calls has the return address at which the builtin itself was called. So in
//! the log it looks like a function that called the builtin, although the builtin calls it.

use super::call::{BuiltinCall, name};
use hashbrown::HashSet;
use spikeflame_profile::{FrameTable, FunctionId, Kind, StackTree};

/// Builtins with a frame that V8 does not log, from which functions begin without a further builtin:
/// constructors, and functions that are compiled at their first call.
const ENTRIES: [&str; 5] = [
    "JSConstructStubGeneric",
    "JSBuiltinsConstructStub",
    "InterpreterPushArgsThenFastConstructFunction",
    "FastNewObject",
    "CompileLazy",
];

/// Builtins with a frame that V8 does not log, and which call functions by those in [`PASSES_ON`]: the comparing
/// function of a sort, a getter, `valueOf`, `next` of an iterator, the function behind a proxy.
const STUBS: [&str; 33] = [
    "ArrayTimSort",
    "MergeAt",
    "MergeCollapse",
    "MergeForceCollapse",
    "GallopLeft",
    "GallopRight",
    "SortCompareUserFn",
    "SortCompareDefault",
    "Copy",
    "GetProperty",
    "GetPropertyWithReceiver",
    "SetProperty",
    "SetPropertyInLiteral",
    "HasProperty",
    "CallProxy",
    "ConstructProxy",
    "CallIteratorWithFeedback",
    "GetIteratorWithFeedback",
    "ToString",
    "ToNumber",
    "ToNumeric",
    "ToName",
    "Add",
    "Subtract",
    "Multiply",
    "Divide",
    "Modulus",
    "Exponentiate",
    "InstanceOf",
    "InstanceOf_WithFeedback",
    "InstanceOf_Baseline",
    "OrdinaryHasInstance",
    "RunMicrotasks",
];

/// The first letters of further names of such builtins. A sort reads and writes elements by the first three
/// (`Load_FastObjectElements_0`).
const STARTS: [&str; 10] = [
    "Load_",
    "Store_",
    "CanUseSameAccessor_",
    "IterableTo",
    "NonPrimitiveToPrimitive_",
    "OrdinaryToPrimitive_",
    "Proxy",
    "StringAdd_Convert",
    "JSEntry",
    "Promise",
];

/// The first letters of builtins that pass on a call: they prepare the arguments and jump to the function.
const PASSES_ON: [&str; 3] = ["Call", "Construct", "ResumeGenerator"];

/// The first letters of builtins through which JavaScript calls C++, and C++ calls JavaScript.
const TO_NATIVE: [&str; 4] = ["CallApiCallback", "HandleApiCall", "CEntry_", "JSEntry"];

/// The builtins of a log whose frame is known, so that V8 left no function out above them.
pub(super) struct Stubs {
    /// Builtins that V8 logged as callers of functions.
    logged: HashSet<FunctionId>,
    /// Builtins with a frame that V8 does not log, from which functions begin.
    hidden: HashSet<FunctionId>,
    /// Builtins that pass on a call.
    passing: HashSet<FunctionId>,
    /// Builtins and other code through which JavaScript calls C++.
    to_native: HashSet<FunctionId>,
    /// Calls of hidden builtins that call functions by passing ones: the function that calls, and the return address.
    calls: HashSet<(FunctionId, u64)>,
}

impl Stubs {
    /// Finds these builtins among the callers of a log and among the builtins in which its ticks were.
    pub(super) fn new(calls: &[BuiltinCall], frames: &FrameTable, stacks: &StackTree) -> Self {
        let mut stubs = Self {
            logged: HashSet::new(),
            hidden: HashSet::new(),
            passing: HashSet::new(),
            to_native: HashSet::new(),
            calls: HashSet::new(),
        };
        for (_, parent, frame) in stacks.nodes() {
            let Some((_, caller)) = stacks.get(parent) else { continue };
            if frames.kind(frame) == Kind::Js {
                stubs.see_caller(frames.get(caller).function, frames);
            }
        }
        for call in calls {
            if let Some(builtin) = call.builtin(frames, stacks) {
                stubs.see_call(call, builtin, frames, stacks);
            }
        }
        stubs
    }

    fn see_caller(&mut self, caller: FunctionId, frames: &FrameTable) {
        match frames.get_function(caller).kind {
            Kind::Builtin if starts_with(&TO_NATIVE, name(caller, frames)) => {
                self.to_native.insert(caller);
            }
            Kind::Builtin => {
                self.logged.insert(caller);
            }
            Kind::Native => {
                self.to_native.insert(caller);
            }
            _ => {}
        }
    }

    fn see_call(
        &mut self,
        call: &BuiltinCall,
        builtin: FunctionId,
        frames: &FrameTable,
        stacks: &StackTree,
    ) {
        let name = name(builtin, frames);
        if ENTRIES.contains(&name) {
            self.hidden.insert(builtin);
        } else if STUBS.contains(&name) || starts_with(&STARTS, name) {
            self.hidden.insert(builtin);
            self.calls.extend(call.caller(frames, stacks));
        } else if starts_with(&PASSES_ON, name) {
            self.passing.insert(builtin);
        }
    }

    /// Returns true for builtins that may be the left-out caller of another one.
    pub(super) fn may_be_left_out(&self, builtin: FunctionId) -> bool {
        self.logged.contains(&builtin)
    }

    /// Returns true when V8 left out no function above the builtin of this tick. A builtin that passes on
    /// a call may have been entered from a hidden builtin or from C++.
    pub(super) fn is_complete(
        &self,
        call: &BuiltinCall,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> bool {
        let Some(builtin) = call.builtin(frames, stacks) else { return true };
        if self.logged.contains(&builtin) || self.hidden.contains(&builtin) {
            return true;
        }
        let Some(caller) = call.caller(frames, stacks) else { return true };
        self.passing.contains(&builtin)
            && (self.calls.contains(&caller) || self.to_native.contains(&caller.0))
    }
}

fn starts_with(starts: &[&str], name: &str) -> bool {
    starts.iter().any(|start| name.starts_with(start))
}
