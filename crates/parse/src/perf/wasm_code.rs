//! Places of WebAssembly code. A perf map and a jitdump contain the name of a function, and not
//! its module. So a function that has code at two places may be two functions of two modules.

use hashbrown::HashMap;
use spikeflame_profile::warning::PerfFact;
use spikeflame_profile::{FrameId, FrameTable};
use std::collections::BTreeSet;

/// The distance of addresses, in bytes, that one function is not expected to have.
const FAR: u64 = 64 << 10;
/// The most functions that are followed.
const MOST_FUNCTIONS: usize = 1 << 16;

/// The place of a piece of code that was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodePlace {
    /// The code's start, and the number of the file of `perf inject --jit` that contains it.
    Start(u64, u64),
    /// An address in the code, when its start is not known.
    Hit(u64),
}

impl CodePlace {
    /// Returns true when code of one function is not at both places.
    fn differs(self, other: Self) -> bool {
        match (self, other) {
            (Self::Hit(one), Self::Hit(other)) => one.abs_diff(other) >= FAR,
            (one, other) => one != other,
        }
    }
}

/// The WebAssembly functions of a recording, with the first place of each.
#[derive(Default)]
pub(crate) struct WasmCode {
    /// By process and frame, because processes have the same code at different places. The
    /// tiers of a function are different frames.
    first: HashMap<(i32, FrameId), CodePlace>,
    several: BTreeSet<FrameId>,
}

impl WasmCode {
    /// Notes that code of a frame was hit in a process.
    pub(crate) fn hit(&mut self, process: i32, frame: FrameId, place: CodePlace) {
        let key = (process, frame);
        match self.first.get(&key) {
            Some(first) if first.differs(place) => _ = self.several.insert(frame),
            Some(_) => {}
            None if self.first.len() < MOST_FUNCTIONS => _ = self.first.insert(key, place),
            None => {}
        }
    }

    /// Returns the fact that functions have code at several places, if some have.
    pub(crate) fn several_modules(&self, frames: &FrameTable) -> Option<PerfFact> {
        let name = |&frame: &FrameId| {
            let function = frames.get_function(frames.get(frame).function);
            frames.strings().get(function.name).to_owned()
        };
        let functions: BTreeSet<String> = self.several.iter().map(name).collect();
        let functions: Vec<String> = functions.into_iter().collect();
        (!functions.is_empty()).then_some(PerfFact::SeveralModules { functions })
    }
}
