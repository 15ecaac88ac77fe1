//! Chooses the load test of a run among the files of its folder.

use crate::align::align;
use crate::error::LoadTime;
use crate::folder::{Folder, LoadFile};
use spikeflame_load::{Content, Load, ReadOptions, Timeline, show_time};
use spikeflame_parse::Progress;
use spikeflame_profile::{Clock, Profile};
use std::path::{Path, PathBuf};

/// Reasons why no load test is known.
#[derive(Clone, Debug)]
pub(crate) enum MissingLoad {
    InFolder(PathBuf),
    SeveralFolders,
    /// The folder has load tests of different times, and the recording does not fit to one of them
    /// only.
    SeveralLoads {
        folder: PathBuf,
        loads: Vec<LoadTime>,
    },
}

/// The facts of a run by which its load test is found.
pub(crate) struct LoadSearch<'a> {
    /// The paths that the user named: a folder, or recordings.
    pub(crate) inputs: &'a [PathBuf],
    /// The file or the folder that the user named for the load test.
    pub(crate) load: Option<&'a Path>,
    /// True to look beside a recording that was named without its folder.
    pub(crate) look_beside: bool,
    /// Settings for reading load tests.
    pub(crate) reading: &'a ReadOptions,
    /// The start of the recording, when the user gave it.
    pub(crate) given: Option<Clock>,
    /// Reads the recordings; `None` when there is none that can be read.
    pub(crate) profile: &'a dyn Fn() -> Option<&'a Profile>,
}

/// The load test of a run.
pub(crate) struct Choice {
    /// The file that holds the load test.
    pub(crate) path: PathBuf,
    /// The content of the file, when it was read in order to choose a test.
    pub(crate) read: Option<Load>,
    /// Load tests of other times in a folder that the user named.
    pub(crate) others: Vec<PathBuf>,
}

impl Choice {
    fn unread(path: &Path) -> Self {
        Self { path: path.to_owned(), read: None, others: Vec::new() }
    }
}

/// Returns a run's load test: the one that the user named, or the one in the folder that the user
/// named, or the one beside the recordings.
pub(crate) fn find(run: &LoadSearch<'_>) -> Result<Option<Choice>, MissingLoad> {
    if let Some(path) = run.load {
        return match path.is_dir() {
            true => within(run, path, true).map(Some),
            false => Ok(Some(Choice::unread(path))),
        };
    }
    let is_folder = run.inputs.iter().all(|input| input.is_dir());
    if !is_folder && !run.look_beside {
        return Ok(None);
    }
    let mut folders: Vec<PathBuf> = run.inputs.iter().map(|input| folder_of(input)).collect();
    folders.dedup();
    let [folder] = folders.as_slice() else { return Err(MissingLoad::SeveralFolders) };
    within(run, folder, false).map(Some)
}

/// Returns the folder itself, or the folder in which a file lies.
pub(crate) fn folder_of(input: &Path) -> PathBuf {
    if input.is_dir() {
        return input.to_owned();
    }
    let up = input.parent().filter(|up| *up != Path::new(""));
    up.unwrap_or(Path::new(".")).to_owned()
}

/// Returns the load test in a folder. Files with totals only count when `totals` is true.
fn within(run: &LoadSearch<'_>, folder: &Path, totals: bool) -> Result<Choice, MissingLoad> {
    let found = Folder::look(folder);
    let mut loads: Vec<&LoadFile> = found.timelines().collect();
    if loads.is_empty() && totals {
        loads.extend(found.loads.first());
    }
    match loads.as_slice() {
        [] => Err(MissingLoad::InFolder(folder.to_owned())),
        [load] => Ok(Choice::unread(&load.path)),
        loads => of_several(run, folder, loads),
    }
}

/// A load test that was read in order to compare it with others.
struct Candidate<'a> {
    file: &'a LoadFile,
    timeline: Timeline,
}

/// Returns the load test that ran at the time of the recordings.
///
/// One test may be there in two formats. The most exact format is then taken.
fn of_several(
    run: &LoadSearch<'_>,
    folder: &Path,
    loads: &[&LoadFile],
) -> Result<Choice, MissingLoad> {
    let reading = run.reading;
    let mut fitting: Vec<Candidate<'_>> =
        loads.iter().filter_map(|file| candidate(file, reading)).collect();
    let mut others = Vec::new();
    if !run.inputs.is_empty()
        && let Some(profile) = (run.profile)()
    {
        let fits = |one: &Candidate<'_>| align(profile, &one.timeline, run.given).is_ok();
        if fitting.iter().any(fits) {
            let (kept, dropped) = fitting.into_iter().partition(fits);
            (fitting, others) = (kept, dropped);
        }
    }
    let Some((first, rest)) = fitting.split_first() else {
        let first = loads.first().map(|load| Choice::unread(&load.path));
        return first.ok_or_else(|| MissingLoad::InFolder(folder.to_owned()));
    };
    if rest.iter().all(|other| is_same_test(first, other)) {
        // A recording that was named as a file chooses its load test.
        let is_folder = run.load.is_some() || run.inputs.iter().all(|input| input.is_dir());
        others.retain(|other| is_folder && !is_same_test(first, other));
        let others = others.into_iter().map(|other| other.file.path.clone()).collect();
        let Candidate { file, timeline } = fitting.swap_remove(0);
        let read = Some(Load::Timeline(timeline));
        return Ok(Choice { path: file.path.clone(), read, others });
    }
    let loads = fitting.iter().map(|one| LoadTime {
        path: one.file.path.clone(),
        began: one.timeline.has_clock().then(|| show_time(one.timeline.start_s)),
        seconds: one.timeline.seconds.len(),
    });
    Err(MissingLoad::SeveralLoads { folder: folder.to_owned(), loads: loads.collect() })
}

fn candidate<'a>(file: &'a LoadFile, reading: &ReadOptions) -> Option<Candidate<'a>> {
    let stream = spikeflame_parse::open(&file.path, &Progress::default()).ok()?;
    match spikeflame_load::read(stream, &file.path, reading).ok()? {
        Load::Timeline(timeline) => Some(Candidate { file, timeline }),
        Load::Summary(_) => None,
    }
}

/// Returns true when two files are of one test: copies in one format, or two formats that share
/// more than half of the shorter one's time.
fn is_same_test(one: &Candidate<'_>, other: &Candidate<'_>) -> bool {
    let (first, second) = (&one.timeline, &other.timeline);
    if one.file.format == other.file.format {
        return first.start_s == second.start_s
            && length(first) == length(second)
            && requests(first) == requests(second);
    }
    // A file without times of a clock cannot be compared.
    if other.file.content == Content::Answers {
        return true;
    }
    let shared = end(first).min(end(second)).saturating_sub(first.start_s.max(second.start_s));
    shared.saturating_mul(2) > length(first).min(length(second))
}

/// Returns the length of a test in seconds.
fn length(timeline: &Timeline) -> i64 {
    timeline.seconds.len() as i64
}

/// Returns the end of a test in seconds since 1970.
fn end(timeline: &Timeline) -> i64 {
    timeline.start_s.saturating_add(length(timeline))
}

/// Returns the number of requests of a test.
fn requests(timeline: &Timeline) -> f64 {
    timeline.seconds.iter().map(|second| second.requests()).sum()
}
