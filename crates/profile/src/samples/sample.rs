//! One sample, and the state of the virtual machine in it.

use crate::stack::StackId;

/// The state of V8 when a sample was taken, as the number of `StateTag` in V8's logs. The constants are
/// the numbers of Node 16 and later. Logs of other versions may have others, and those from 7 on with
/// another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct VmState(pub u8);

impl VmState {
    /// V8 ran JavaScript.
    pub const JS: Self = Self(0);
    /// V8 collected garbage.
    pub const GC: Self = Self(1);
    /// V8 parsed JavaScript.
    pub const PARSER: Self = Self(2);
    /// V8 compiled JavaScript to bytecode.
    pub const BYTECODE_COMPILER: Self = Self(3);
    /// V8 compiled JavaScript to machine code.
    pub const COMPILER: Self = Self(4);
    /// V8 did work that no other state names.
    pub const OTHER: Self = Self(5);
    /// V8 had called C++ code of the embedder (Node).
    pub const EXTERNAL: Self = Self(6);
    /// The thread was blocked in `Atomics.wait`.
    pub const ATOMICS_WAIT: Self = Self(7);
    /// The thread waited for events in the event loop.
    pub const IDLE: Self = Self(8);
    /// V8 wrote the log itself.
    pub const LOGGING: Self = Self(9);
    /// The thread was idle in code of the embedder (V8 14 and later).
    pub const IDLE_EXTERNAL: Self = Self(10);
    /// The sample is an error without a time in a log. When later lines of the log have times,
    /// [`Sample::time_us`] is an upper bound. V8 does not use this number.
    pub const NO_TIME: Self = Self(254);
    /// The recording does not contain the state. V8 does not use this number.
    pub const UNKNOWN: Self = Self(255);
}

/// One sample of a thread: a time, a stack and a state. Its weight is in
/// [`Samples`](crate::Samples).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The time of the sample in microseconds since the zero of its recording
    /// ([`Source::zero`](crate::Source::zero)). It has no meaning when
    /// [`Source::timed`](crate::Source::timed) is false.
    pub time_us: u64,
    /// The id of the stack that the thread was running.
    pub stack: StackId,
    /// The state of V8; [`VmState::UNKNOWN`] for most formats.
    pub state: VmState,
}
