//! Processes and threads: their names, and the content of their memory.

use super::jit::DumpId;
use super::space::{Mapping, Space};
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use std::sync::Arc;

/// The most processes and threads that are followed.
const MOST_PROCESSES: usize = 1 << 20;
/// The most mappings of all processes together; shared ones count for each.
const MOST_MAPPINGS: usize = 1 << 23;
/// The most mappings that are copied when forked processes change them, which is seconds of
/// work.
const MOST_COPIED: usize = 1 << 26;
/// The most processes that a process inherits code from.
const MOST_ANCESTORS: usize = 4;
/// The longest name. The kernel's names have 15 bytes, its own threads' 63.
const LONGEST_NAME: usize = 64;

/// A process.
#[derive(Debug, Default)]
pub(super) struct Process {
    space: Space,
    /// Cached frames of addresses, until the memory changes.
    pub(super) known: HashMap<u64, FrameId>,
    /// The processes whose code it contains: its own number, and those that it was forked
    /// from.
    pub(super) pids: Vec<i32>,
    pub(super) dump: Option<DumpId>,
}

/// All processes and threads.
pub(super) struct Processes {
    by_pid: HashMap<i32, Process>,
    names: HashMap<i32, Arc<str>>,
    mappings: usize,
    copied: usize,
    /// True when mappings were left out because there are too many.
    pub(super) full: bool,
}

impl Process {
    fn new(pid: i32) -> Self {
        Self { pids: vec![pid], ..Self::default() }
    }

    /// Returns the mapping at an address; for `room` see [`Space::find`].
    pub(super) fn find(&mut self, address: u64, room: &mut usize) -> Option<Mapping> {
        self.space.find(address, room)
    }
}

impl Processes {
    pub(super) fn new() -> Self {
        // Process 0 is the one that runs when nothing else does.
        let names = HashMap::from([(0, "swapper".into())]);
        Self { by_pid: HashMap::new(), names, mappings: 0, copied: 0, full: false }
    }

    /// Returns the process, and makes it when it is new.
    pub(super) fn get(&mut self, pid: i32) -> Option<&mut Process> {
        let full = self.by_pid.len() >= MOST_PROCESSES;
        match self.by_pid.entry(pid) {
            hashbrown::hash_map::Entry::Occupied(known) => Some(known.into_mut()),
            hashbrown::hash_map::Entry::Vacant(_) if full => None,
            hashbrown::hash_map::Entry::Vacant(new) => Some(new.insert(Process::new(pid))),
        }
    }

    /// Maps a file into a process.
    pub(super) fn map(&mut self, pid: i32, start: u64, mapping: Mapping) {
        let (room, may_copy) = (self.mappings < MOST_MAPPINGS, self.copied < MOST_COPIED);
        let process = self.get(pid).filter(|_| room);
        let Some(process) = process.filter(|process| may_copy || process.space.shared() == 0)
        else {
            self.full = true;
            return;
        };
        let (before, shared) = (process.space.len(), process.space.shared());
        if process.space.map(start, mapping) && !process.known.is_empty() {
            process.known = HashMap::new();
        }
        let after = process.space.len();
        self.mappings = (self.mappings + after).saturating_sub(before);
        self.copied += shared;
    }

    /// Notes that a process started as a copy of another, or that a thread started.
    pub(super) fn fork(&mut self, (pid, tid): (i32, i32), parent: (i32, i32), copies: bool) {
        if let Some(name) = self.names.get(&parent.1).cloned() {
            self.set_name(tid, name);
        }
        if pid == parent.0 {
            return;
        }
        let inherited = self.by_pid.get(&parent.0).filter(|_| copies);
        let fits = |parent: &&Process| self.mappings + parent.space.len() < MOST_MAPPINGS;
        self.full |= inherited.is_some_and(|parent| !fits(&parent));
        let process = match inherited.filter(fits) {
            Some(parent) => {
                let pids = [pid].into_iter().chain(parent.pids.iter().copied());
                let pids = pids.take(MOST_ANCESTORS).collect();
                Process { space: parent.space.fork(), known: HashMap::new(), pids, ..*parent }
            }
            None => Process::new(pid),
        };
        self.put(pid, process);
    }

    /// Notes a name that a thread gave itself, or a program that it started.
    pub(super) fn rename(&mut self, (pid, tid): (i32, i32), name: &[u8], executed: bool) {
        let name = String::from_utf8_lossy(name.get(..LONGEST_NAME).unwrap_or(name));
        self.set_name(tid, name.into());
        if executed {
            self.put(pid, Process::new(pid));
        }
    }

    fn put(&mut self, pid: i32, process: Process) {
        if self.by_pid.len() < MOST_PROCESSES || self.by_pid.contains_key(&pid) {
            self.mappings += process.space.len();
            let gone = self.by_pid.insert(pid, process);
            self.mappings -= gone.map_or(0, |gone| gone.space.len());
        }
    }

    fn set_name(&mut self, tid: i32, name: Arc<str>) {
        if self.names.len() < MOST_PROCESSES || self.names.contains_key(&tid) {
            self.names.insert(tid, name);
        }
    }

    /// Returns the name of a thread, or else of its process.
    pub(super) fn name(&self, pid: i32, tid: i32) -> Option<&str> {
        self.names.get(&tid).or_else(|| self.names.get(&pid)).map(AsRef::as_ref)
    }
}
