//! Names of code that a virtual machine made: perf maps and jitdump files.

use super::super::recorder::Recorder;
use super::jitdump::Dump;
use super::perf_map::{Budget, PerfMap};
use crate::input::{self, Progress};
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use std::path::{Path, PathBuf};

/// Processes whose perf map was looked for.
const MOST_PROCESSES: usize = 1 << 16;
/// Dumps opened, and a quarter of the perf maps.
const MOST_FILES: usize = 64;

/// Maps of other numbers that are tried for a process without one, at most: of
/// more (a shared /tmp) none is.
const MOST_STRAYS: usize = 8;

/// A dump of [`Jit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DumpId(usize);

/// A perf map under the number of another process.
struct Stray {
    /// The number in its name.
    pid: i32,
    /// Its place in [`Jit::list`].
    at: usize,
    path: PathBuf,
    /// The processes that it is taken for.
    pids: Vec<i32>,
    /// What is wrong with the file.
    damage: Vec<String>,
}

/// Where perf maps and dumps are looked for.
#[derive(Default)]
pub(super) struct Places {
    /// The recording's folder.
    pub(super) beside: Option<PathBuf>,
    /// `--symbols`.
    pub(super) folders: Vec<PathBuf>,
    /// The recording is of this machine, so /tmp is a place too.
    pub(super) here: bool,
    pub(super) progress: Progress,
}

/// Code by process.
#[derive(Default)]
pub(super) struct Jit {
    places: Places,
    /// Perf maps by process; `None` where there is none.
    maps: HashMap<i32, Option<usize>>,
    list: Vec<PerfMap>,
    /// Which of `list` have named code of the process that they are called after.
    used: Vec<bool>,
    budget: Budget,
    dumps: Vec<Dump>,
    dumps_by_path: HashMap<Vec<u8>, Option<DumpId>>,
    /// The maps beside the recording that are of none of its processes, as far as
    /// their names tell: a container numbers its processes anew.
    others: Option<Vec<Stray>>,
    /// Processes without a map of their own, with the place of the one in
    /// `others` that has code where theirs was hit.
    adopted: HashMap<i32, usize>,
    /// What is wrong with files that were found.
    damage: Vec<String>,
    /// Dumps that the recording names and that were not found.
    pub(super) missing_dumps: Vec<String>,
    /// Times of dumps could not be looked at.
    pub(super) timeless_dumps: bool,
}

/// True for the path of a dump, as it is mapped.
pub(super) fn is_dump(path: &[u8]) -> bool {
    let file = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let number = file.strip_prefix(b"jit-").and_then(|rest| rest.strip_suffix(b".dump"));
    number.is_some_and(|id| !id.is_empty() && id.iter().all(u8::is_ascii_digit))
}

/// The process that a perf map is of, by its name.
fn map_of(file: &str) -> Option<i32> {
    let stem = file.strip_suffix(".zst").or(file.strip_suffix(".gz")).unwrap_or(file);
    stem.strip_prefix("perf-")?.strip_suffix(".map")?.parse().ok()
}

impl Jit {
    pub(super) fn new(places: Places) -> Self {
        Self { places, ..Self::default() }
    }

    /// The dump that was mapped from `path`; its times are of a `monotonic` clock.
    pub(super) fn dump(&mut self, path: &[u8], monotonic: bool) -> Option<DumpId> {
        if let Some(&known) = self.dumps_by_path.get(path) {
            return known;
        }
        if self.dumps_by_path.len() >= MOST_FILES {
            return None;
        }
        let text = String::from_utf8_lossy(path);
        let recorded = PathBuf::from(&*text);
        let name = text.rsplit('/').next().unwrap_or_default();
        let here = recorded.has_root().then_some(recorded);
        let progress = &self.places.progress;
        let mut damaged = Vec::new();
        let files = self.candidates(name).chain(here).filter(|path| path.is_file());
        let found = files.into_iter().find_map(|path| {
            let dump = Dump::open(&path, monotonic, progress);
            if dump.is_none() {
                damaged.push(format!("{} is no jitdump, or cut off in its header", path.display()));
            }
            dump
        });
        let there = !damaged.is_empty();
        self.damage.append(&mut damaged);
        let id = found.is_some().then_some(DumpId(self.dumps.len()));
        match found {
            Some(dump) => {
                self.timeless_dumps |= !dump.is_timed();
                self.dumps.push(dump);
            }
            None if there => {}
            None => self.missing_dumps.push(text.clone().into_owned()),
        }
        self.dumps_by_path.insert(path.to_owned(), id);
        id
    }

    /// The frame of the code that a dump tells of.
    pub(super) fn find_dumped(
        &mut self,
        DumpId(id): DumpId,
        (address, or): (u64, u64),
        time: u64,
        to: &mut Recorder,
    ) -> Option<FrameId> {
        let dump = self.dumps.get_mut(id)?;
        dump.find(address, time, to).or_else(|| dump.find(or, time, to))
    }

    /// The frame of the code at an address of a process (or where there is none
    /// at the second one), by its perf map or that of the process that it was
    /// forked from; and whether that is for good.
    pub(super) fn find(
        &mut self,
        pids: &[i32],
        (address, or): (u64, u64),
        time: u64,
        to: &mut Recorder,
    ) -> Option<(FrameId, bool)> {
        let find = |map: &mut PerfMap, to: &mut Recorder| {
            map.find(address, time, to).or_else(|| map.find(or, time, to))
        };
        let mut some = false;
        for &pid in pids {
            if let Some(map) = self.map(pid) {
                some = true;
                let found = find(self.list.get_mut(map)?, to);
                if found.is_some() {
                    if let Some(used) = self.used.get_mut(map) {
                        *used = true;
                    }
                    return found;
                }
            }
        }
        if some {
            return None;
        }
        let stray = self.adopt(*pids.first()?, (address, or))?;
        find(self.list.get_mut(stray)?, to)
    }

    /// The place of the map under another number that a process goes by: the one
    /// that has code at the first of its addresses that just one has.
    fn adopt(&mut self, pid: i32, (address, or): (u64, u64)) -> Option<usize> {
        self.find_others();
        let Self { others, adopted, maps, list, used, .. } = self;
        let others = others.as_mut()?;
        if let Some(&known) = adopted.get(&pid) {
            return others.get(known).map(|stray| stray.at);
        }
        let has = |stray: &Stray| {
            // A container's process 18 may bear the number of one of the host's, which has
            // no such code: only a map that named code of its own process is that one's.
            let own = maps.get(&stray.pid).copied().flatten();
            let own = own.is_some_and(|own| used.get(own) == Some(&true));
            let map = list.get(stray.at).filter(|_| !own);
            map.is_some_and(|map| map.covers(address) || map.covers(or))
        };
        let mut fitting = others.iter_mut().enumerate().filter(|(_, stray)| has(stray));
        let (Some((place, stray)), None) = (fitting.next(), fitting.next()) else { return None };
        if adopted.len() < MOST_PROCESSES {
            adopted.insert(pid, place);
            stray.pids.push(pid);
        }
        Some(stray.at)
    }

    /// What is wrong with files that were found, a sentence each.
    pub(super) fn damage(&self) -> impl Iterator<Item = String> {
        let others = self.others.iter().flatten().filter(|stray| !stray.pids.is_empty());
        let maps = self.damage.iter().chain(others.flat_map(|stray| &stray.damage));
        maps.cloned().chain(self.dumps.iter().filter_map(Dump::damage))
    }

    /// True when a perf map was read.
    pub(super) fn has_maps(&self) -> bool {
        !self.list.is_empty()
    }

    /// The maps that were taken for processes of other numbers, with these.
    pub(super) fn strays(&self) -> impl Iterator<Item = (&Path, &[i32])> {
        let others = self.others.iter().flatten().filter(|stray| !stray.pids.is_empty());
        others.map(|stray| (stray.path.as_path(), stray.pids.as_slice()))
    }

    /// True when there is a perf map for a process, of its own or another's.
    pub(super) fn knows(&self, pids: &[i32]) -> bool {
        let has_map = |pid| self.maps.get(pid).is_some_and(Option::is_some);
        pids.iter().any(|pid| has_map(pid) || self.adopted.contains_key(pid))
    }

    fn map(&mut self, pid: i32) -> Option<usize> {
        if let Some(&known) = self.maps.get(&pid) {
            return known;
        }
        if self.maps.len() >= MOST_PROCESSES || self.list.len() >= MOST_FILES * 4 {
            return None;
        }
        let name = format!("perf-{pid}.map");
        let tmp = self.places.here.then(|| Path::new("/tmp").join(&name));
        let found = self.candidates(&name).chain(tmp).find_map(|path| self.read_map(&path));
        let at = found.map(|map| self.add(map));
        self.maps.insert(pid, at);
        at
    }

    fn add(&mut self, map: PerfMap) -> usize {
        self.list.push(map);
        self.used.push(false);
        self.list.len() - 1
    }

    /// Reads the maps beside the recording and under `--symbols`, once.
    fn find_others(&mut self) {
        if self.others.is_some() {
            return;
        }
        let Places { beside, folders, .. } = &self.places;
        let here = |folder: &PathBuf| match folder.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => folder.clone(),
        };
        let folders: Vec<PathBuf> = beside.iter().chain(folders).map(here).collect();
        let entries = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        let mut files: Vec<(i32, PathBuf)> = entries
            .flatten()
            .flatten()
            .filter_map(|entry| Some((map_of(entry.file_name().to_str()?)?, entry.path())))
            .take(MOST_FILES)
            .collect();
        files.sort_unstable();
        files.dedup_by_key(|(pid, _)| *pid);
        if files.len() > MOST_STRAYS {
            files.retain(|(pid, _)| *pid == 1);
        }
        let mut others = Vec::new();
        for (pid, path) in files {
            let told = self.damage.len();
            let map = self.read_map(&path);
            // Of one that is not used nobody needs to know.
            let damage = self.damage.split_off(told);
            if let Some(map) = map {
                others.push(Stray { pid, at: self.add(map), path, pids: Vec::new(), damage });
            }
        }
        self.others = Some(others);
    }

    /// `name`, plain or packed, beside the recording and under `--symbols`.
    fn candidates(&self, name: &str) -> impl Iterator<Item = PathBuf> + use<> {
        let Places { beside, folders, .. } = &self.places;
        let names = ["", ".zst", ".gz"].map(|ending| format!("{name}{ending}"));
        let folders: Vec<PathBuf> = beside.iter().chain(folders).cloned().collect();
        folders
            .into_iter()
            .flat_map(move |folder| names.clone().map(|name| folder.join(name)).into_iter())
    }

    fn read_map(&mut self, path: &Path) -> Option<PerfMap> {
        path.is_file().then_some(())?;
        let mut map = match input::open(path, &self.places.progress) {
            Ok(input) => PerfMap::read(input, &mut self.budget),
            Err(error) => {
                self.damage.push(error.to_string());
                return None;
            }
        };
        let damage = map.damage.take();
        self.damage.extend(damage.map(|what| format!("{} {what}", path.display())));
        Some(map)
    }
}
