//! Generated code of a virtual machine, by address. Later code replaces earlier code.

use super::super::recorder::Recorder;
use crate::utf8::lossy;
use spikeflame_profile::FrameId;
use std::collections::BTreeMap;

#[derive(Debug)]
struct Code {
    end: u64,
    name: Box<str>,
    /// The frame, made when an address in the code is hit.
    frame: Option<FrameId>,
}

/// The most bytes of code entries and their names that are held at a time (half a million
/// of V8's), and of the names of those that were hit.
const MOST_BYTES: usize = 64 << 20;

/// Generated code by address.
#[derive(Debug, Default)]
pub(super) struct Codes {
    codes: BTreeMap<u64, Code>,
    bytes: usize,
    named: usize,
    /// True when some code was left out.
    full: bool,
}

impl Code {
    fn bytes(&self) -> usize {
        size_of::<(u64, Self)>() + self.name.len()
    }
}

impl Codes {
    /// Adds code at `start`, and removes code that it overlaps.
    pub(super) fn add(&mut self, start: u64, size: u64, name: &[u8]) {
        let name = lossy(name).into();
        let code = Code { end: start.saturating_add(size), name, frame: None };
        self.put(start, code);
    }

    /// Moves code; does nothing when there is none at `from`.
    pub(super) fn relocate(&mut self, from: u64, to: u64) {
        if let Some(code) = self.remove(from) {
            let end = to.saturating_add(code.end - from);
            self.put(to, Code { end, ..code });
        }
    }

    fn remove(&mut self, start: u64) -> Option<Code> {
        let code = self.codes.remove(&start)?;
        self.bytes -= code.bytes();
        Some(code)
    }

    fn put(&mut self, start: u64, code: Code) {
        if start >= code.end {
            return;
        }
        let before = self.codes.range(..start).next_back();
        let overlapped = before.filter(|(_, code)| code.end > start).map(|(&at, _)| at);
        let first = overlapped.unwrap_or(start);
        while let Some((&at, _)) = self.codes.range(first..code.end).next() {
            self.remove(at);
        }
        if self.bytes + code.bytes() <= MOST_BYTES {
            self.bytes += code.bytes();
            self.codes.insert(start, code);
        } else {
            self.full = true;
        }
    }

    /// Returns true when some code was left out for lack of room.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Returns the frame of the code at an address.
    pub(super) fn find(&mut self, address: u64, to: &mut Recorder) -> Option<FrameId> {
        let (&start, code) = self.codes.range_mut(..=address).next_back()?;
        if address >= code.end {
            return None;
        }
        if code.frame.is_none() {
            self.named = self.named.saturating_add(code.name.len());
            if self.named > MOST_BYTES {
                self.full = true;
                return None;
            }
        }
        Some(*code.frame.get_or_insert_with(|| to.code(&code.name, start)))
    }
}
