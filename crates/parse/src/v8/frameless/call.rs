//! Calls of builtins, as ticks show them.

use spikeflame_profile::{FrameId, FrameTable, FunctionId, StackId, StackTree};

/// The place of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) struct CallSite {
    /// The return address; 0 when the log has none.
    pub(in super::super) address: u64,
    /// The next return address, which is in the caller's caller; 0 when there is none.
    pub(in super::super) outer: u64,
}

impl CallSite {
    /// Returns the place of the call whose return addresses are these, innermost first.
    pub(in super::super) fn from_addresses(addresses: &[u64]) -> Self {
        let at = |index: usize| addresses.get(index).copied().unwrap_or(0);
        Self { address: at(0), outer: at(1) }
    }
}

/// A builtin in which ticks were, as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct BuiltinCall {
    /// The logged stack, which ends with the builtin.
    pub(super) stack: StackId,
    /// The address of the instruction in the builtin.
    pub(super) pc: u64,
    pub(super) site: CallSite,
}

impl BuiltinCall {
    /// Returns the stack with these frames between the callers and the builtin.
    pub(super) fn within(&self, left_out: &[FrameId], stacks: &mut StackTree) -> Option<StackId> {
        let (caller, builtin) = stacks.get(self.stack)?;
        let stack = left_out.iter().fold(caller, |stack, &frame| stacks.child(stack, frame));
        Some(stacks.child(stack, builtin))
    }

    /// Returns the builtin.
    pub(super) fn builtin(&self, frames: &FrameTable, stacks: &StackTree) -> Option<FunctionId> {
        Some(frames.get(stacks.get(self.stack)?.1).function)
    }

    /// Returns the innermost of the callers, and the return address in it.
    pub(super) fn caller(
        &self,
        frames: &FrameTable,
        stacks: &StackTree,
    ) -> Option<(FunctionId, u64)> {
        let (_, caller) = stacks.get(stacks.get(self.stack)?.0)?;
        Some((frames.get(caller).function, self.site.address))
    }

    /// Returns the stack of the callers, and the place of the call in the innermost of them.
    pub(super) fn place(&self, stacks: &StackTree) -> Option<(StackId, CallSite)> {
        Some((stacks.get(self.stack)?.0, self.site))
    }
}

/// Returns the name of a builtin.
pub(super) fn name(builtin: FunctionId, frames: &FrameTable) -> &str {
    frames.strings().get(frames.get_function(builtin).name)
}
