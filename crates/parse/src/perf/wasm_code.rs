//! Places of WebAssembly code, and of code that `eval` made. A perf map and a jitdump contain the name of
//! a function, and not its module or script. So a function that has code at two places may be two functions
//! of two modules.

use crate::made_code::is_made;
use hashbrown::HashMap;
use spikeflame_profile::warning::PerfFact;
use spikeflame_profile::{FrameId, FrameTable, Kind, Tier, write_label};
use std::collections::BTreeSet;

/// The distance of addresses, in bytes, that one function is not expected to have.
const FAR: u64 = 64 << 10;
/// The most functions that are followed.
const MOST_FUNCTIONS: usize = 1 << 16;
/// The number of places from which optimized code of `eval` is likely that of several scripts. V8 optimizes
/// one function a few times, because it drops code whose assumptions failed.
const SEVERAL_PLACES: usize = 8;

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
    /// The starts of code that `eval` made, at most [`SEVERAL_PLACES`] of each frame of a process.
    made: HashMap<(i32, FrameId), Vec<CodePlace>>,
    several: BTreeSet<FrameId>,
}

/// Returns true for a frame of which the places are noted.
pub(crate) fn is_followed(frames: &FrameTable, frame: FrameId) -> bool {
    match frames.kind(frame) {
        Kind::Wasm => true,
        Kind::Js => {
            let function = frames.get_function(frames.get(frame).function);
            is_made(frames.strings().get(function.file))
        }
        _ => false,
    }
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

    /// Notes that code that `eval` made was hit in a process. V8 compiles a function once for the interpreter
    /// and once for Sparkplug.
    pub(crate) fn hit_made(&mut self, process: i32, frame: FrameId, tier: Tier, place: CodePlace) {
        // Addresses without starts do not distinguish functions, which are smaller than pages.
        if matches!(place, CodePlace::Hit(_))
            || self.made.len() >= MOST_FUNCTIONS && !self.made.contains_key(&(process, frame))
        {
            return;
        }
        let places = self.made.entry((process, frame)).or_default();
        let enough = match tier {
            Tier::Interpreted | Tier::Baseline => 2,
            _ => SEVERAL_PLACES,
        };
        if places.len() < enough && !places.contains(&place) {
            places.push(place);
        }
        if places.len() == enough {
            self.several.insert(frame);
        }
    }

    /// Returns the fact that functions have code at several places, if some have.
    pub(crate) fn several_modules(&self, frames: &FrameTable) -> Option<PerfFact> {
        let functions: BTreeSet<String> =
            self.several.iter().map(|&frame| name(frames, frame)).collect();
        let functions: Vec<String> = functions.into_iter().collect();
        (!functions.is_empty()).then_some(PerfFact::SeveralModules { functions })
    }
}

/// Returns the name of a WebAssembly function, and of other functions the name and the place.
fn name(frames: &FrameTable, frame: FrameId) -> String {
    let function = frames.get_function(frames.get(frame).function);
    let mut label = String::new();
    match function.kind {
        Kind::Js => write_label(&mut label, frames.strings(), function, Tier::None),
        _ => label.push_str(frames.strings().get(function.name)),
    }
    label
}
