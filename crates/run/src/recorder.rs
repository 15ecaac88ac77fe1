//! The facts that the recorder wrote beside the recordings of a run.

use crate::error::Error;
use crate::facts::Facts;
use crate::processes::{self, Averages};
use crate::run::Run;
use crate::warning::Warning;
use spikeflame_profile::{Clock, Source};
use std::path::{Path, PathBuf};

impl Run {
    /// Returns the facts that the recorder wrote about the run. Returns `None` unless exactly one
    /// path was given and it is a folder with the recorder's `run.json`. A file that cannot be used
    /// gives `None` and adds [`Warning::NoFacts`] once.
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

    /// Returns the mean number of cores that all threads but the main threads used (V8's helper
    /// threads, libuv's pool, workers), from `from_us` to `to_us` (microseconds since the
    /// recording's zero). It is read from the recorder's `process.csv`. Returns `None` when there is
    /// no such file or no row in it for this time, when the run is not one folder, and when the
    /// recording's clock is not known. Without a load test, the clock is known only after
    /// [`Run::profile`] was called.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when the recording or the load test cannot be read.
    pub fn other_threads(&self, from_us: u64, to_us: u64) -> Result<Option<f64>, Error> {
        Ok(self.averages(from_us, to_us)?.map(|averages| averages.others))
    }

    /// Returns what the recorder measured between two times, in microseconds since the recording's
    /// zero.
    pub(crate) fn averages(&self, from_us: u64, to_us: u64) -> Result<Option<Averages>, Error> {
        let Some(path) = self.process_csv() else { return Ok(None) };
        let aligned: Option<Clock> = match self.timeline()? {
            Some(_) => self.alignment().ok().map(|alignment| alignment.clock),
            None => None,
        };
        let Some(clock) = aligned.or_else(|| self.own_clock()) else { return Ok(None) };
        Ok(averages_of(&path, clock, from_us, to_us))
    }

    /// Returns what [`averages`](Self::averages) does, by the clock of the recording alone: no load
    /// test is read for it.
    pub(crate) fn own_averages(&self, from_us: u64, to_us: u64) -> Option<Averages> {
        averages_of(&self.process_csv()?, self.own_clock()?, from_us, to_us)
    }

    fn process_csv(&self) -> Option<PathBuf> {
        Some(self.own_folder()?.join("process.csv")).filter(|path| path.is_file())
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

fn averages_of(path: &Path, clock: Clock, from_us: u64, to_us: u64) -> Option<Averages> {
    let wall = |us: u64| clock.zero_us.saturating_add_unsigned(us);
    processes::averages(path, wall(from_us), wall(to_us))
}
