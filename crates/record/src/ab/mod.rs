//! Two builds of one program, recorded in turn: A B A B.

mod builds;
mod git;
mod place;
mod settings;
mod submodules;

pub use builds::Ab;
pub use place::Place;

use crate::series::one;
use crate::{Error, Event, Options, Series, Stop};
use place::{Mount, Side, SideSource};
use settings::Settings;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// An event during a comparison, for the caller to display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AbEvent {
    /// Both sides are the same commit, so that they differ by chance alone. The text is the commit.
    SameCommit(String),
    /// Tracked files of the working directory have changes that are not committed, and a side is the
    /// commit that is checked out there. The changes are in no side from git.
    Uncommitted,
    /// The build command of a side begins. The value is `a` (before) or `b` (after).
    Building(&'static str),
    /// A run begins. The text is its name, such as `a-1`, or `warmup-a-1` for one of the warm-up.
    Begins(String),
    /// A run is not recorded, because an earlier call of [`ab`](crate::ab()) left its complete
    /// folder. The text is its name.
    Kept(String),
    /// The load of a run did not end with exit code 0; the run is kept. The text is the run's name.
    LoadFailed(String),
    /// An event of the recording of one run.
    Run(Event),
}

/// The run folders of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbRuns {
    /// Run folders of the build before (`a-1`, `a-2`), in the order in which they were recorded.
    /// They include those of an earlier call ([`AbEvent::Kept`]), and not those of the warm-up.
    pub before: Vec<PathBuf>,
    /// Run folders of the build after (`b-1`, `b-2`), in the order in which they were recorded.
    /// They include those of an earlier call ([`AbEvent::Kept`]), and not those of the warm-up.
    pub after: Vec<PathBuf>,
}

/// Records two builds in turn, and returns when all runs are complete. `watch` is called with each
/// event.
///
/// When `stop` asks for the end, the result is [`Error::Interrupted`], and the run that was being
/// recorded is dropped. The same call continues the comparison later, without recording complete
/// runs again. It is an error when the sides, the program, the profiler, or the commands for the build, the
/// reset and the load differ from those of the earlier call.
///
/// Both sides run in a folder with the same path, so that functions have the same place on both
/// sides.
///
/// ```no_run
/// use spikeflame_record::{Ab, Options, Series, Stop, ab};
///
/// let comparison = Ab {
///     before: "git:main".parse()?,
///     after: "git:HEAD".parse()?,
///     build: Some("npm ci && npm run build".into()),
///     series: Series { runs: 3, warm_up: 1, reset: None },
///     options: Options::new("runs/ab", vec!["node".into(), "dist/main.js".into()]),
/// };
/// let runs = ab(&comparison, &Stop::listen()?, &mut |event| println!("{event:?}"))?;
/// assert_eq!(runs.before.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] that names the step that failed. Complete runs are kept.
pub fn ab(ab: &Ab, stop: &Stop, watch: &mut dyn FnMut(AbEvent)) -> Result<AbRuns, Error> {
    if ab.options.command.is_empty() {
        return Err(Error::NoCommand);
    }
    let folder = &ab.options.folder;
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let folder = folder.canonicalize().map_err(Error::io(folder))?;
    let own = folder.join(".ab");
    fs::create_dir_all(&own).map_err(Error::io(&own))?;
    let _lock = FolderLock::take(&folder, &own)?;
    let sides = [ab.before.resolve(&folder)?, ab.after.resolve(&folder)?];
    Settings::new(ab, &sides).hold_against(&folder)?;
    compare_commits(&sides, watch);
    let mount = Mount::new(&own);
    mount.leave()?;
    for (side, place) in Side::BOTH.into_iter().zip(&sides) {
        mount.prepare(side, place, stop)?;
    }
    for side in Side::BOTH {
        if mount.is_built(side) {
            continue;
        }
        let mounted = mount.enter(side)?;
        if let Some(build) = &ab.build {
            watch(AbEvent::Building(side.name()));
            crate::program::shell(build, Some(&mounted.program_folder(&sides)), stop)?;
        }
        mounted.note_built()?;
    }
    let mut compared = AbRuns { before: Vec::new(), after: Vec::new() };
    let rounds = (1..=ab.series.warm_up).map(|at| ("warmup-", at));
    for (word, at) in rounds.chain((1..=ab.series.runs).map(|at| ("", at))) {
        for side in Side::BOTH {
            let name = format!("{word}{}-{at}", side.name());
            let place = folder.join(&name);
            if place.is_dir() {
                watch(AbEvent::Kept(name));
            } else {
                watch(AbEvent::Begins(name.clone()));
                let mounted = mount.enter(side)?;
                let directory = Some(mounted.program_folder(&sides));
                let folder = own.join("run");
                let options = Options { folder, directory, ..ab.options.clone() };
                run(&options, &ab.series, &place, &name, stop, watch)?;
            }
            match side {
                _ if !word.is_empty() => {}
                Side::A => compared.before.push(place),
                Side::B => compared.after.push(place),
            }
        }
    }
    Ok(compared)
}

/// Sends the events about the commits of both sides.
fn compare_commits(sides: &[SideSource; 2], watch: &mut dyn FnMut(AbEvent)) {
    let [a, b] = sides.each_ref().map(SideSource::commit);
    if let Some(commit) = a.filter(|_| a == b) {
        watch(AbEvent::SameCommit(commit.to_owned()));
    }
    let here = crate::facts::commit(None);
    let changed = here.strip_suffix(crate::facts::WITH_CHANGES);
    if changed.is_some() && (changed == a || changed == b) {
        watch(AbEvent::Uncommitted);
    }
}

/// Records one run in the folder of `options`, and renames it to `place` when it is complete. A run at
/// its place is therefore always complete.
fn run(
    options: &Options,
    series: &Series,
    place: &Path,
    name: &str,
    stop: &Stop,
    watch: &mut dyn FnMut(AbEvent),
) -> Result<(), Error> {
    let beside = options.folder.as_path();
    if beside.exists() {
        fs::remove_dir_all(beside).map_err(Error::io(beside))?;
    }
    let mut failed = None;
    let outcome = one(options, series, stop, &mut |event| {
        if let Event::Ended { status, success: false } = &event {
            failed = Some(status.clone());
        }
        watch(AbEvent::Run(event));
    })?;
    // A program that crashed did other work than one that went on.
    if let Some(status) = failed {
        let log = beside.join("app.log");
        return Err(Error::ProgramFailed { run: name.to_owned(), status, log });
    }
    if !outcome.load_succeeded {
        watch(AbEvent::LoadFailed(name.to_owned()));
    }
    fs::rename(beside, place).map_err(Error::io(place))
}

/// Lock of the output folder, held by one comparison.
///
/// A child process that another thread has just forked shares the open file until it executes its
/// program. Closing the file alone would leave the folder locked for that moment.
struct FolderLock(File);

impl FolderLock {
    fn take(folder: &Path, own: &Path) -> Result<Self, Error> {
        let path = own.join("lock");
        let file = File::create(&path).map_err(Error::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::Io { path, source }),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the file releases the lock as well, if a little later.
        let _ = self.0.unlock();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_child_that_is_being_started_does_not_keep_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let done = AtomicBool::new(false);
        let busy = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let _ = Command::new("true").status();
                    }
                });
            }
            let busy = (0..2_000)
                .filter(|_| FolderLock::take(folder.path(), folder.path()).is_err())
                .count();
            done.store(true, Ordering::Relaxed);
            busy
        });
        assert_eq!(busy, 0);
    }
}
