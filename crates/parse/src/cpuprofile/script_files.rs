//! Files of scripts that have a URL in some of their nodes only.
//!
//! V8 writes no URL in some nodes of a script that was made by `eval` and ends in `//# sourceURL=NAME`, as
//! webpack's modules are by default in development.

use crate::made_code;
use hashbrown::HashMap;
use spikeflame_profile::{Frame, FrameId, FrameTable, Function, Kind, StrId};

/// The file of each script of which a node has a URL.
#[derive(Default)]
pub(super) struct ScriptFiles {
    files: HashMap<u64, StrId>,
    /// The frame in place of each frame that was looked up.
    named: HashMap<FrameId, FrameId>,
}

impl ScriptFiles {
    /// Notes the file of a script by one of its functions. A script with the number 0 is none.
    pub(super) fn note(&mut self, script: u64, frame: FrameId, frames: &FrameTable) {
        let function = frames.get_function(frames.get(frame).function);
        let has_file = function.file != StrId::EMPTY && function.module == StrId::EMPTY;
        if script > 0 && has_file && function.kind == Kind::Js {
            self.files.entry(script).or_insert(function.file);
        }
    }

    /// Returns the frame of the same function in the file of its script, or the frame itself.
    pub(super) fn named(&mut self, frame: FrameId, frames: &mut FrameTable) -> FrameId {
        let was = frames.get(frame);
        let function = *frames.get_function(was.function);
        if function.module == StrId::EMPTY {
            return frame;
        }
        let Self { files, named } = self;
        *named.entry(frame).or_insert_with(|| {
            let script = made_code::script(function, frames);
            let file = script.and_then(|script| files.get(&script).copied());
            file.map_or(frame, |file| {
                let function = Function { file, module: StrId::EMPTY, ..function };
                let function = frames.function(function);
                frames.frame(Frame { function, ..was })
            })
        })
    }
}
