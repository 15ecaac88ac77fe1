//! Names of generated code, from perf maps and jitdump files.

use super::super::recorder::Recorder;
use super::jitdump::Dump;
use super::perf_map::{Budget, PerfMap};
use crate::input::{self, Progress};
use hashbrown::HashMap;
use spikeflame_profile::FrameId;
use spikeflame_profile::warning::{PerfFact, SideFault};
use std::path::{Path, PathBuf};

/// The most processes whose perf maps are searched.
const MOST_PROCESSES: usize = 1 << 16;
/// The most dumps that are opened; also a quarter of the most perf maps.
const MOST_FILES: usize = 64;

/// The most maps with other numbers that are tried for a process without a map. When there
/// are more, as in a shared /tmp, none is tried.
const MOST_STRAYS: usize = 8;

/// The index of a dump of [`Jit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DumpId(usize);

/// A perf map whose name has the number of another process.
struct Stray {
    /// The number in its name.
    pid: i32,
    /// The index of the map in [`Jit::list`].
    at: usize,
    path: PathBuf,
    /// The processes that it is used for.
    pids: Vec<i32>,
    /// Problems of the file.
    damage: Vec<PerfFact>,
}

/// The places in which perf maps and dumps are searched.
#[derive(Default)]
pub(super) struct Places {
    /// The recording's folder.
    pub(super) beside: Option<PathBuf>,
    /// Further folders, from the user.
    pub(super) folders: Vec<PathBuf>,
    /// True when the recording was made on this machine, so that /tmp is searched too.
    pub(super) here: bool,
    pub(super) progress: Progress,
}

/// Generated code by process.
#[derive(Default)]
pub(super) struct Jit {
    places: Places,
    /// The index of each process's perf map; `None` when it has none.
    maps: HashMap<i32, Option<usize>>,
    list: Vec<PerfMap>,
    /// Whether each map of `list` has named code of the process in its file name.
    used: Vec<bool>,
    budget: Budget,
    dumps: Vec<Dump>,
    dumps_by_path: HashMap<Vec<u8>, Option<DumpId>>,
    /// Maps beside the recording whose names fit none of its processes. They are needed
    /// because a container numbers its processes anew.
    others: Option<Vec<Stray>>,
    /// For processes without a map of their own, the index in `others` of the map that has
    /// code where the process was hit.
    adopted: HashMap<i32, usize>,
    /// Problems of files that were found.
    damage: Vec<PerfFact>,
    /// Dumps that the recording names and that were not found.
    pub(super) missing_dumps: Vec<String>,
    /// True when the times of dumps could not be used.
    pub(super) timeless_dumps: bool,
}

/// Returns the fact about a fault of a file.
fn fault(path: &Path, fault: SideFault) -> PerfFact {
    PerfFact::SideFile { file: path.display().to_string(), fault: Some(fault) }
}

/// Returns true for the path of a dump, as it is mapped.
pub(super) fn is_dump(path: &[u8]) -> bool {
    let file = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    let number = file.strip_prefix(b"jit-").and_then(|rest| rest.strip_suffix(b".dump"));
    number.is_some_and(|id| !id.is_empty() && id.iter().all(u8::is_ascii_digit))
}

/// Returns the process number in the name of a perf map.
fn map_of(file: &str) -> Option<i32> {
    let stem = file.strip_suffix(".zst").or(file.strip_suffix(".gz")).unwrap_or(file);
    stem.strip_prefix("perf-")?.strip_suffix(".map")?.parse().ok()
}

impl Jit {
    pub(super) fn new(places: Places) -> Self {
        Self { places, ..Self::default() }
    }

    /// Returns the dump that was mapped from `path`. `monotonic` is true when the
    /// recording's times are of the monotonic clock.
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
            let opened = input::open(&path, progress).map_err(|error| error.to_string());
            let read = opened.and_then(|input| {
                let dump = Dump::read_start(input, &path, monotonic);
                dump.map_err(|error| format!("{}: {error}", path.display()))
            });
            match read {
                Ok(Some(dump)) => return Some(dump),
                Ok(None) => damaged.push(fault(&path, SideFault::NoDump)),
                Err(file) => damaged.push(PerfFact::SideFile { file, fault: None }),
            }
            None
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

    /// Returns the frame of code in a dump.
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

    /// Returns the frame of the code at an address of a process, or if there is none, at
    /// the second address. It uses the perf map of the process, or of the process that it
    /// was forked from. The second value is true when the answer cannot change.
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

    /// Returns the index of another process's map to use for this process: the only one
    /// that has code at the first address that just one map has.
    fn adopt(&mut self, pid: i32, (address, or): (u64, u64)) -> Option<usize> {
        self.find_others();
        let Self { others, adopted, maps, list, used, .. } = self;
        let others = others.as_mut()?;
        if let Some(&known) = adopted.get(&pid) {
            return others.get(known).map(|stray| stray.at);
        }
        // A container's process 18 may have the number of a process of the host without such code.
        // So a map counts as that process's only after it named code there.
        let names_own = |pid: i32| {
            let own = maps.get(&pid).copied().flatten();
            own.is_some_and(|own| used.get(own) == Some(&true))
        };
        let has = |stray: &Stray| {
            let map = list.get(stray.at).filter(|_| !names_own(stray.pid));
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

    /// Returns the problems of files that were found.
    pub(super) fn damage(&self) -> impl Iterator<Item = PerfFact> {
        let others = self.others.iter().flatten().filter(|stray| !stray.pids.is_empty());
        let maps = self.damage.iter().chain(others.flat_map(|stray| &stray.damage));
        let dumps = self.dumps.iter().filter_map(|dump| Some(fault(dump.path(), dump.damage()?)));
        maps.cloned().chain(dumps)
    }

    /// Returns true when a perf map was read.
    pub(super) fn has_maps(&self) -> bool {
        !self.list.is_empty()
    }

    /// Returns the maps that were used for processes with other numbers, and these
    /// processes.
    pub(super) fn strays(&self) -> impl Iterator<Item = (&Path, &[i32])> {
        let others = self.others.iter().flatten().filter(|stray| !stray.pids.is_empty());
        others.map(|stray| (stray.path.as_path(), stray.pids.as_slice()))
    }

    /// Returns true when there is a perf map for a process, its own or another's.
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

    /// Reads the maps beside the recording and in the folders of the user, once.
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
            // The problems of a map that is not used are not reported.
            let damage = self.damage.split_off(told);
            if let Some(map) = map {
                others.push(Stray { pid, at: self.add(map), path, pids: Vec::new(), damage });
            }
        }
        self.others = Some(others);
    }

    /// Returns the paths of `name`, plain or compressed, beside the recording and in the
    /// user's folders.
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
                self.damage.push(PerfFact::SideFile { file: error.to_string(), fault: None });
                return None;
            }
        };
        let damage = map.damage.take();
        self.damage.extend(damage.map(|damage| fault(path, damage)));
        Some(map)
    }
}
