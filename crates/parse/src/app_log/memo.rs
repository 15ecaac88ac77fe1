//! Results for texts that a log repeats. A pool that runs dry writes one stack thousands of
//! times; each of its lines is parsed once.

use hashbrown::HashMap;
use spikeflame_profile::FrameId;

/// The most texts that are kept, and the longest one in bytes: 4 MiB at most.
const MOST_TEXTS: usize = 8_192;
const LONGEST_TEXT_BYTES: usize = 512;

/// Frames by the text that they were made from.
#[derive(Debug, Default)]
pub(super) struct Memo(HashMap<Box<str>, FrameId>);

impl Memo {
    pub(super) fn get(&self, text: &str) -> Option<FrameId> {
        (text.len() <= LONGEST_TEXT_BYTES).then(|| self.0.get(text).copied())?
    }

    /// Keeps a frame. When the memo is full, further texts are parsed each time.
    pub(super) fn keep(&mut self, text: &str, frame: FrameId) {
        if text.len() <= LONGEST_TEXT_BYTES && self.0.len() < MOST_TEXTS {
            self.0.insert(text.into(), frame);
        }
    }
}
