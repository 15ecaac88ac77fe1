//! One sample, and the state of the virtual machine in it.

use crate::stack::StackId;

/// The state of the virtual machine (V8's `StateTag`, with the numbers of its logs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct VmState(pub u8);

impl VmState {
    /// Running JavaScript.
    pub const JS: Self = Self(0);
    /// Collecting garbage.
    pub const GC: Self = Self(1);
    /// Parsing.
    pub const PARSER: Self = Self(2);
    /// Compiling to bytecode.
    pub const BYTECODE_COMPILER: Self = Self(3);
    /// Compiling to machine code.
    pub const COMPILER: Self = Self(4);
    /// Elsewhere in the virtual machine.
    pub const OTHER: Self = Self(5);
    /// In a callback of the embedder (Node's C++).
    pub const EXTERNAL: Self = Self(6);
    /// Blocked in `Atomics.wait`.
    pub const ATOMICS_WAIT: Self = Self(7);
    /// In the poll phase of the event loop.
    pub const IDLE: Self = Self(8);
    /// Writing the log itself.
    pub const LOGGING: Self = Self(9);
    /// Idle in the embedder (V8 14).
    pub const IDLE_EXTERNAL: Self = Self(10);
    /// The moment of a log's error is unknown; its time is an upper bound.
    pub const NO_TIME: Self = Self(254);
    /// The recording does not contain the state.
    pub const UNKNOWN: Self = Self(255);
}

/// One sample of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Microseconds since the profile's zero.
    pub time_us: u64,
    /// The stack that the thread was running.
    pub stack: StackId,
    /// The state of the virtual machine.
    pub state: VmState,
}
