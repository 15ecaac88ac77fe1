//! Native code that was loaded after the log's start (addons), which V8 does not list.

use super::code_map::{CodeMap, SAME_KIND_BYTES};
use super::maps;
use super::native::Libraries;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{Frame, FrameId, FrameTable, Function, FunctionId, Kind, Tier};
use std::path::PathBuf;

/// The name of such code when its library is not known.
const NAME: &str = "(native code loaded later)";

/// The most regions that are distinguished; addresses in further ones are unresolved.
const MOST_REGIONS: usize = 1024;

/// The state of the search for a copy of `/proc/PID/maps`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Maps {
    NotRead,
    /// There is no copy, or its mappings were added.
    Read,
    /// There are copies, but all of other processes.
    Others,
}

/// Addresses in code that was loaded later, by their region of [`SAME_KIND_BYTES`] bytes.
pub(super) struct LaterCode {
    log: Option<PathBuf>,
    maps: Maps,
    regions: HashMap<u64, FunctionId>,
}

impl LaterCode {
    /// Prepares the search for a copy of `/proc/PID/maps` beside the log's file.
    pub(super) fn beside(log: Option<PathBuf>) -> Self {
        Self { log, maps: Maps::NotRead, regions: HashMap::new() }
    }

    /// Adds the mappings in the process's own copy of `/proc/PID/maps`, once. Returns true
    /// when libraries were added.
    pub(super) fn read_maps(&mut self, libraries: &mut Libraries) -> bool {
        let Some(log) = self.log.as_deref().filter(|_| self.maps == Maps::NotRead) else {
            return false;
        };
        let (own, others) = maps::beside(log, libraries);
        self.maps = if own.is_empty() && others { Maps::Others } else { Maps::Read };
        let found = !own.is_empty();
        own.into_iter().for_each(|mapping| libraries.add(mapping));
        found
    }

    pub(super) fn has_other_maps(&self) -> bool {
        self.maps == Maps::Others
    }

    /// Returns the frame of an address.
    pub(super) fn frame(&mut self, address: u64, frames: &mut FrameTable) -> Option<FrameId> {
        let region = address / SAME_KIND_BYTES;
        if self.regions.len() >= MOST_REGIONS && !self.regions.contains_key(&region) {
            return None;
        }
        let function = *self.regions.entry(region).or_insert_with(|| {
            // Each region has its own name until the end of the log shows what it is.
            let name = format!("{NAME} {region:x}");
            frames.named(&name, Kind::Native)
        });
        Some(frames.frame(Frame { function, tier: Tier::None, inlined: false }))
    }

    /// Names every region, using the code of the whole log. Returns the frames of code that
    /// was loaded later. Without `codes` no region is known to be such code: a log of several
    /// isolates loses the names of the first one's JavaScript when the second one begins.
    pub(super) fn settle(
        &self,
        codes: Option<&CodeMap>,
        frames: &mut FrameTable,
    ) -> HashSet<FrameId> {
        let mut regions: Vec<_> = self.regions.iter().collect();
        regions.sort_unstable();
        let mut later = HashSet::new();
        for (region, &id) in regions {
            let is_v8s = codes.is_none_or(|codes| {
                codes.is_near(region * SAME_KIND_BYTES + SAME_KIND_BYTES / 2, SAME_KIND_BYTES)
            });
            let (name, kind) = if is_v8s { ("", Kind::Unresolved) } else { (NAME, Kind::Native) };
            let name = frames.intern(name);
            let function = *frames.get_function(id);
            frames.set_function(id, Function { name, kind, ..function });
            if !is_v8s {
                let frame = Frame { function: id, tier: Tier::None, inlined: false };
                later.insert(frames.frame(frame));
            }
        }
        later
    }
}
