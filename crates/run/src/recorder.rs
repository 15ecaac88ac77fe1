//! The facts that the recorder wrote beside the recordings of a run.

use crate::choice::folder_of;
use crate::error::Error;
use crate::facts::Facts;
use crate::processes::{self, Averages};
use crate::run::Run;
use crate::warning::Warning;
use spikeflame_load::CoreRow;
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_profile::{Clock, ClockSource, Source};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

impl Run {
    /// Returns the facts that the recorder wrote about the run. Returns `None` when the run is not
    /// one folder with the recorder's `run.json`. A file that cannot be used gives `None`, and the
    /// run gets [`Warning::NoFacts`].
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.get_or_init(|| self.read_facts()).as_ref()
    }

    fn read_facts(&self) -> Option<Facts> {
        let folder = self.own_folder()?;
        Facts::read(folder).unwrap_or_else(|why| {
            self.warn(Warning::NoFacts { folder: folder.to_owned(), why });
            None
        })
    }

    /// Returns warnings about the recording of the run, from the recorder's facts in each folder.
    pub(crate) fn of_recorder(&self) -> Vec<Warning> {
        let folders = self.inputs().iter().filter(|path| path.is_dir());
        folders.flat_map(|folder| warnings_of(folder)).collect()
    }

    /// Returns a warning when the load test lies in the folder of a run whose load command was stopped before its
    /// own end.
    pub(crate) fn stopped_load(&self) -> Option<Warning> {
        let folder = folder_of(self.load_path().as_ref().ok()?.as_ref()?);
        let why = Facts::read(&folder).ok().flatten()?.load_stopped?;
        Some(Warning::LoadStopped { folder, why })
    }

    /// Returns the mean number of cores that all threads but the main threads used (V8's helper
    /// threads, libuv's pool, workers), from `from_us` to `to_us` (microseconds since the
    /// recording's zero). It is read from `process.csv`, the recorder's table of measurements. Returns `None` when
    /// it is not known. Call [`Run::profile`] first: without a load test, the clock of the recording is
    /// known only afterwards.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::timeline`].
    pub fn other_threads(&self, from_us: u64, to_us: u64) -> Result<Option<f64>, Error> {
        Ok(self.averages(from_us, to_us)?.map(|averages| averages.others))
    }

    /// Returns the share of a core of the main thread
    /// ([`Profile::main_thread`](spikeflame_profile::Profile::main_thread)), as the kernel counted
    /// it, over the time of the recorder's `process.csv`. The result is empty when it is not known.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`] and [`Run::timeline`].
    pub fn main_thread_rows(&self) -> Result<Vec<CoreRow>, Error> {
        let profile = self.profile()?;
        let main = profile.main_thread();
        if main.is_some_and(|main| profile.is_worker(main) == Some(true)) {
            return Ok(Vec::new());
        }
        let Some((path, clock)) = self.process_csv().zip(self.clock_of_table()?) else {
            return Ok(Vec::new());
        };
        let since = |us: i64| us.saturating_sub(clock.zero_us).max(0).unsigned_abs();
        let rows = processes::main_thread(&path, self.process_of(main)).into_iter();
        let rows =
            rows.map(|(from, to, share)| CoreRow { from_us: since(from), to_us: since(to), share });
        Ok(rows.filter(|row| row.from_us < row.to_us).collect())
    }

    /// Returns what the recorder measured between two times, in microseconds since the recording's
    /// zero.
    pub(crate) fn averages(&self, from_us: u64, to_us: u64) -> Result<Option<Averages>, Error> {
        let Some((path, clock)) = self.process_csv().zip(self.clock_of_table()?) else {
            return Ok(None);
        };
        Ok(averages_of(&path, clock, (from_us, to_us), self.profiled((from_us, to_us))))
    }

    /// Returns the clock that connects the recording with `process.csv`: that of the load test, or else the
    /// recording's own.
    fn clock_of_table(&self) -> Result<Option<Clock>, Error> {
        let aligned: Option<Clock> = match self.timeline()? {
            Some(timeline) if timeline.has_clock() => {
                self.alignment().ok().map(|alignment| alignment.clock)
            }
            _ => None,
        };
        Ok(aligned.or_else(|| self.own_clock()))
    }

    /// Returns what [`averages`](Self::averages) does, by the clock of the recording alone: no load
    /// test is read for it.
    pub(crate) fn own_averages(&self, from_us: u64, to_us: u64) -> Option<Averages> {
        let times = (from_us, to_us);
        averages_of(&self.process_csv()?, self.own_clock()?, times, self.profiled(times))
    }

    /// Returns the number of the process that was profiled, by the name of its recordings. For recordings of
    /// several processes, it is that of the thread which was busiest in a time (microseconds since the
    /// recording's zero). `None` when the name does not show it.
    fn profiled(&self, (from_us, to_us): (u64, u64)) -> Option<u32> {
        let profile = self.profile.get()?;
        let busiest = self.has_processes().then(|| profile.busiest_thread(from_us, to_us));
        self.process_of(busiest.flatten())
    }

    /// Returns the number of the process of a thread. `thread` counts only among recordings of several
    /// processes.
    fn process_of(&self, thread: Option<usize>) -> Option<u32> {
        let profile = self.profile.get()?;
        if !self.has_processes() {
            return pid_of(&profile.sources.first()?.path);
        }
        // A thread of a tick log has the name of its file.
        pid_of(Path::new(&profile.threads.get(thread?)?.name))
    }

    /// Returns true when the names of the recordings do not show one process for all of them.
    pub(crate) fn has_processes(&self) -> bool {
        let sources = self.profile.get().map_or(&[][..], |profile| &profile.sources);
        let mut pids = sources.iter().map(|source| pid_of(&source.path));
        let first = pids.next().flatten();
        pids.any(|pid| pid != first)
    }

    /// Returns the time at which the recorder saw that the program was ready for requests, in
    /// microseconds since the recording's zero; 0 for a time before it. Returns `None` when it is
    /// not known ([`Facts::answered_us`](crate::Facts::answered_us)), and when the recording has no
    /// wall-clock time of its own.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`].
    pub fn answered_us(&self) -> Result<Option<u64>, Error> {
        self.profile()?;
        let zero = self.own_clock().filter(is_exact).map(|clock| clock.zero_us);
        let answered = self.facts().and_then(|facts| facts.answered_us);
        let after = answered.zip(zero).map(|(at, zero)| at.saturating_sub(zero).max(0));
        Ok(after.map(i64::unsigned_abs))
    }

    /// Returns true when the run has no load test with seconds, and the recorder noted when the load
    /// command ran.
    pub(crate) fn has_only_load_command(&self) -> bool {
        let is_missing =
            matches!(self.need_timeline(), Err(Error::NoLoad { .. } | Error::NoTimeline { .. }));
        let is_noted = || self.facts_beside().is_some_and(|facts| facts.load_started_us.is_some());
        self.options().load.is_none() && is_missing && is_noted()
    }

    /// Returns the times at which the load command began and ended, as the recorder noted them, with
    /// the recording's clock. They stand in for a load test that is not in the folder. An end that
    /// nobody saw is that of the recording.
    pub(crate) fn load_command(&self) -> Result<Option<(u64, u64, Clock)>, Error> {
        let Some(facts) = self.facts_beside() else { return Ok(None) };
        let (Some(began), ended) = (facts.load_started_us, facts.load_ended_us) else {
            return Ok(None);
        };
        let recorded = self.recorded_us()?;
        let Some(clock) = self.own_clock().filter(is_exact) else { return Ok(None) };
        let within = |us: i64| us.saturating_sub(clock.zero_us).max(0).unsigned_abs().min(recorded);
        let (from_us, to_us) = (within(began), ended.map_or(recorded, within));
        Ok((from_us < to_us).then_some((from_us, to_us, clock)))
    }

    /// Returns the share of a core of the main thread in some seconds of the load test, as the kernel
    /// counted it.
    pub(crate) fn main_cores_in(&self, seconds: Seconds) -> Option<f64> {
        let (from_us, to_us) = self.alignment().ok()?.window_us(seconds);
        let main = self.averages(from_us, to_us).ok()??.main?;
        Some(main.min(1.0))
    }

    /// Returns the facts of the run's folder, also for recordings that were named as files when a load
    /// test is searched beside them.
    pub(crate) fn facts_beside(&self) -> Option<Cow<'_, Facts>> {
        if self.inputs().iter().any(|path| path.is_dir()) || !self.options().look_beside {
            return self.facts().map(Cow::Borrowed);
        }
        let mut folders = self.inputs().iter().map(|file| folder_of(file));
        let folder = folders.next()?;
        let is_one = folders.all(|other| other == folder);
        is_one.then(|| Facts::read(&folder).ok().flatten().map(Cow::Owned)).flatten()
    }

    fn process_csv(&self) -> Option<PathBuf> {
        Some(self.own_folder()?.join("process.csv")).filter(|path| path.is_file())
    }

    /// Returns true for the table of this run.
    pub(crate) fn is_own_table(&self, path: &Path) -> bool {
        let own = self.process_csv().and_then(|own| own.canonicalize().ok());
        own.is_some() && own == path.canonicalize().ok()
    }

    fn own_clock(&self) -> Option<Clock> {
        self.profile.get()?.sources.iter().flat_map(Source::clocks).next()
    }

    /// Returns the folder of the run, when it is the only path that was named.
    fn own_folder(&self) -> Option<&Path> {
        match self.inputs() {
            [one] if one.is_dir() => Some(one),
            _ => None,
        }
    }
}

/// Returns the warnings that follow from the recorder's facts in a folder.
fn warnings_of(folder: &Path) -> Vec<Warning> {
    let Some(facts) = Facts::read(folder).ok().flatten() else { return Vec::new() };
    let own = || folder.to_owned();
    let unfinished = (!facts.is_finished).then(|| Warning::Unfinished { folder: own() });
    let failed = facts.write_failed.map(|why| Warning::WriteFailed { folder: own(), why });
    let steps = facts.clock_steps;
    let stepped = (!steps.is_empty()).then(|| Warning::ClockStepped { folder: own(), steps });
    unfinished.into_iter().chain(failed).chain(stepped).collect()
}

fn averages_of(
    path: &Path,
    clock: Clock,
    (from_us, to_us): (u64, u64),
    profiled: Option<u32>,
) -> Option<Averages> {
    let wall = |us: u64| clock.zero_us.saturating_add_unsigned(us);
    processes::averages(path, (wall(from_us), wall(to_us)), profiled)
}

/// Returns true for a clock of the recording itself.
fn is_exact(clock: &Clock) -> bool {
    matches!(clock.known, ClockSource::Recorded | ClockSource::Marks)
}

/// Returns the number of the process in the name of a recording that Node wrote: a tick log with the
/// number that Node adds, or a `.cpuprofile`.
fn pid_of(path: &Path) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    let pid = match (name.strip_prefix("isolate-"), name.strip_prefix("CPU.")) {
        (Some(rest), _) => rest.split('-').nth(1)?,
        (_, Some(rest)) => rest.split('.').nth(2)?,
        _ => return None,
    };
    pid.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::pid_of;

    #[test]
    fn names_of_recordings_have_the_number_of_the_process() {
        let pid = |name: &str| pid_of(name.as_ref());
        assert_eq!(pid("run/isolate-0x39f7f0a0-21810-v8.log"), Some(21_810));
        assert_eq!(pid("run/CPU.20261130.093903.21810.0.001.cpuprofile"), Some(21_810));
        // Without a number, Node writes the log's name after the address.
        assert_eq!((pid("isolate-0x5581-v8.log"), pid("perf.data")), (None, None));
    }
}
