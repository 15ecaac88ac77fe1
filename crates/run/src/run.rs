//! One execution of an application under one load.

use crate::ab_side::ab_side;
use crate::align::{align_one_run, contradicted};
use crate::apart;
use crate::choice::MissingLoad;
use crate::counters::{Counter, counters};
use crate::error::Error;
use crate::facts::Facts;
use crate::folder::Folder;
use crate::stretch::{milestones, stretch};
use crate::time::{Alignment, given, length_us, seconds_us};
use crate::usage::{UsePerSecond, per_second};
use crate::warning::Warning;
use crate::window::Window;
use spikeflame_load::monitor::MonitorOptions;
use spikeflame_load::plateau::{self, Stretch};
use spikeflame_load::{
    Axis, Load, NoPlateau, Plateau, Plateaus, ReadOptions, Series, Starvation, Timeline,
};
use spikeflame_parse::Progress;
use spikeflame_profile::{Clock, ClockSource, Profile, Selection, Source};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The number of times that a window must be longer than the uncertainty of the clock to be cut in
/// parts.
const LEAST_CERTAIN: u64 = 20;

/// Settings for [`Run::read`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Settings for reading the recordings.
    pub recording: spikeflame_parse::Options,
    /// The file of the load test, or a folder with it. With `None`, a load test with a timeline is searched
    /// in the run's folder.
    pub load: Option<PathBuf>,
    /// True to search for a load test also in the folder of recordings that were named as files;
    /// false to search it only when all paths are folders.
    pub look_beside: bool,
    /// Settings for reading the load test.
    pub reading: ReadOptions,
    /// Files with the measurements of monitors, such as CloudWatch or Prometheus, during the load
    /// test. Their tracks are added to the timeline.
    pub monitors: Vec<PathBuf>,
    /// Settings for reading the files in `monitors`.
    pub monitoring: MonitorOptions,
    /// Facts that the user gave for the search of plateaus. When `busy` is `None`, it is taken from
    /// the recording where that shows it.
    pub plateau: plateau::Options,
    /// The wall-clock time at which the recording began, in microseconds since 1970, when the user
    /// gave it.
    pub began_us: Option<i64>,
}

/// One execution of an application under one load: its recordings, its load test, and the relation
/// of their clocks.
///
/// Each part is read when a method first needs it, and then kept. Warnings of reading are collected
/// ([`Run::take_warnings`]).
#[derive(Debug)]
pub struct Run {
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) options: Options,
    pub(crate) load_path: OnceCell<Result<Option<PathBuf>, MissingLoad>>,
    /// The load test, when it was read in order to choose it, until [`Run::load`] takes it.
    pub(crate) chosen: RefCell<Option<Load>>,
    pub(crate) profile: OnceCell<Profile>,
    pub(crate) load: OnceCell<Option<Load>>,
    pub(crate) facts: OnceCell<Option<Facts>>,
    plateau: OnceCell<Result<Plateaus, NoPlateau>>,
    alignment: OnceCell<Alignment>,
    pub(crate) warnings: RefCell<Vec<Warning>>,
    /// Files of other runs whose paths [`Run::take_over`] added to this one.
    taken_over: Vec<PathBuf>,
}

impl Run {
    /// Makes a run from paths: one run folder, or files of recordings. It opens no file and cannot
    /// fail: methods that need a file read it, and return its errors. When `options` ask for source maps and
    /// name no folders, those of a run of a comparison are looked for in the folder of its side
    /// ([`ab_side`]).
    pub fn read(inputs: &[PathBuf], mut options: Options) -> Self {
        if let (Some(maps), [first, ..]) = (&mut options.recording.source_maps, inputs)
            && maps.roots.is_empty()
        {
            maps.roots.extend(ab_side(first));
        }
        Self {
            inputs: inputs.to_vec(),
            options,
            load_path: OnceCell::new(),
            chosen: RefCell::default(),
            profile: OnceCell::new(),
            load: OnceCell::new(),
            facts: OnceCell::new(),
            plateau: OnceCell::new(),
            alignment: OnceCell::new(),
            warnings: RefCell::default(),
            taken_over: Vec::new(),
        }
    }

    /// Takes over the paths, the files and the warnings of another run, but not its samples.
    pub(crate) fn take_over(&mut self, other: &Self) {
        self.inputs.extend(other.inputs.iter().cloned());
        self.taken_over.extend(other.files());
        self.options.recording = other.options.recording.clone();
        self.warnings.borrow_mut().extend(other.take_warnings());
    }

    /// Returns the run's name for messages: the first path as it was given, or an empty text
    /// without a path.
    pub fn name(&self) -> String {
        self.inputs.first().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// Returns the settings with which the run is read.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Returns the paths that were given to [`Run::read`]. For [`CutRuns::run`](crate::CutRuns::run),
    /// these are the paths of all runs.
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }

    /// Returns the files whose content the run has read so far, each once: recordings, and the load test
    /// with the files that were given as monitors. Files that are read for these, such as source
    /// maps and `run.json`, and copies of recordings that were left out are not in the list.
    pub fn files(&self) -> Vec<PathBuf> {
        let sources = self.profile.get().into_iter().flat_map(|profile| &profile.sources);
        let mut files: Vec<PathBuf> = sources.map(|source| source.path.clone()).collect();
        files.extend(self.taken_over.iter().cloned());
        if let Some(Ok(Some(load))) = self.load.get().map(|_| self.load_path()) {
            files.push(load.clone());
            files.extend(self.options.monitors.iter().cloned());
        }
        // A run that was taken over had read its recordings, whose samples are here too.
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.clone()));
        files
    }

    /// Returns the folders from the settings in which binaries and source maps of the recordings
    /// are looked for. They may be missing on disk.
    pub fn searched(&self) -> Vec<PathBuf> {
        let reading = &self.options.recording;
        let roots = reading.source_maps.iter().flat_map(|maps| &maps.roots);
        reading.symbols.iter().chain(roots.map(|(_, folder)| folder)).cloned().collect()
    }

    /// Returns the settings with which the recordings are read.
    pub fn reading(&self) -> &spikeflame_parse::Options {
        &self.options.recording
    }

    /// Returns a counter of the bytes that have been read from disk for the recordings so far. The
    /// counter is shared: it rises while another thread reads.
    pub fn progress(&self) -> Progress {
        self.options.recording.progress.clone()
    }

    /// Returns all recordings of the run as one profile. The first call reads them, and later calls
    /// return the same profile. Reading adds warnings. An error is not kept: the next call reads
    /// again.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`spikeflame_parse::read`].
    pub fn profile(&self) -> Result<&Profile, Error> {
        once(&self.profile, || {
            let mut reading = self.options.recording.clone();
            reading.log_near_us = reading.log_near_us.or_else(|| self.near_log_us());
            let mut profile = spikeflame_parse::read(&self.inputs, &reading)?;
            apart::lay(&mut profile);
            let mut warnings = self.warnings.borrow_mut();
            warnings.extend(profile.losses.iter().cloned().map(Warning::Lost));
            warnings.extend(profile.warnings.iter().cloned().map(Warning::Recording));
            warnings.extend(apart::find(&profile.sources).map(Warning::TwoRuns));
            warnings.extend(several_programs(&profile.sources));
            warnings.extend(self.of_recorder());
            Ok(profile)
        })
    }

    /// Returns the start of the load test, for the dates of a log whose times have none. Returns `None` when the
    /// recordings decide which load test is read, and for other recordings than logs.
    fn near_log_us(&self) -> Option<i64> {
        let is_known = match (&self.options.load, &*self.inputs) {
            _ if !self.options.recording.app_log => false,
            (Some(load), _) => load.is_file(),
            (None, [folder]) if folder.is_dir() => Folder::look(folder).timelines().count() == 1,
            _ => false,
        };
        if !is_known {
            return None;
        }
        let timeline = self.timeline().ok()?.filter(|timeline| timeline.has_clock())?;
        Some(seconds_us(timeline.start_s))
    }

    /// Returns the profile of [`Run::profile`] by value, and drops the rest of the run.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`].
    pub fn into_profile(mut self) -> Result<Profile, Error> {
        self.profile()?;
        self.profile.take().ok_or(Error::SeveralFolders)
    }

    /// Returns all plateaus of the load test. The inner error is the reason why it has none, or not the one
    /// that the options choose. The activity of the busiest thread in the recording is used where it is
    /// known, unless the options have another.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::need_timeline`].
    pub fn found(&self) -> Result<&Result<Plateaus, NoPlateau>, Error> {
        let timeline = self.need_timeline()?;
        Ok(self.plateau.get_or_init(|| {
            let mut options = self.options.plateau.clone();
            options.busy = options.busy.or_else(|| Some(self.per_second(timeline)?.busy));
            self.warnings.borrow_mut().extend(foreign_axis(timeline, options.axis));
            self.warnings.borrow_mut().extend(self.stopped_load());
            let mut found = plateau::find(timeline, &options);
            if let Ok(found) = &mut found {
                // The verdict has this share, and one plateau has one number.
                found.set_busy(|window| Some(self.usage(window).ok()??.busy()));
            }
            found
        }))
    }

    /// Returns the use of the busiest thread in each second of the load test. Returns `None`
    /// without a recording that shows this use. Errors of the recording are not reported here: a
    /// caller that needs the recording gets them.
    fn per_second(&self, timeline: &Timeline) -> Option<UsePerSecond> {
        if self.inputs.is_empty() {
            return None;
        }
        let start_us = self.alignment().ok()?.test_start_us;
        per_second(self.profile().ok()?, start_us, timeline.seconds.len())
    }

    /// Returns the stretches, in order of time, in which the busiest thread had work but got little
    /// of a core ([`Starvation`]). The result is empty when there is no such stretch, and when load
    /// test and recording do not show it.
    pub fn starved(&self) -> Vec<Starvation> {
        let Ok(timeline) = self.need_timeline() else { return Vec::new() };
        let mut found = self.per_second(timeline).map(|used| used.starved()).unwrap_or_default();
        // The kernel's count is exact also on a busy machine, where ticks show too much. It is of the main
        // thread, which need not be the busiest one.
        for one in &mut found {
            let usage = self.usage(one.window).ok().flatten();
            let is_worker = usage.is_some_and(|usage| usage.is_of_worker());
            let counted = (!is_worker).then(|| self.main_cores_in(one.window)).flatten();
            one.cores = counted.unwrap_or(one.cores);
        }
        found
    }

    /// Returns the plateau that [`Options::plateau`] chooses ([`Plateaus::chosen`]).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::need_timeline`], and [`Error::NoPlateau`] when there is no such
    /// plateau.
    pub fn plateau(&self) -> Result<&Plateau, Error> {
        self.found()?.as_ref().map(Plateaus::chosen).map_err(|why| Error::NoPlateau {
            load: self.need_timeline().map(|timeline| timeline.source.clone()).unwrap_or_default(),
            why: Box::new(why.clone()),
        })
    }

    /// Returns the position of the load test in the time of the recording, by the sources of
    /// [`align`](crate::align()). Where these do not show it, a tick log may be taken to contain
    /// the whole test; [`Clock::uncertainty_us`] states how far this may be off.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::need_timeline`] and [`Run::profile`], and an [`Error`] when test and
    /// recording cannot be aligned.
    pub fn alignment(&self) -> Result<&Alignment, Error> {
        once(&self.alignment, || {
            let given = given(self.options.began_us);
            let timeline = self.need_timeline()?;
            let profile = self.profile()?;
            if let Some(apart) = apart::find(&profile.sources) {
                return Err(Error::TwoRuns(apart));
            }
            let mut found = Alignment::new(align_one_run(profile, timeline, given)?, timeline);
            if let Some(zero_us) = contradicted(profile, timeline, &found) {
                let (run, late_us) = (self.name(), zero_us.saturating_sub(found.clock.zero_us));
                self.warn(Warning::OtherClock { run, late_us, zero_us });
                let clock = &mut found.clock;
                clock.uncertainty_us = clock.uncertainty_us.max(late_us.unsigned_abs());
            }
            Ok(found)
        })
    }

    /// Returns the wall-clock time at which the run began, in [`Clock::zero_us`] of the result, for example
    /// to order runs. It is the first known of these times: the start of a load test with a clock, the start
    /// that the user gave, the first clock of the recordings (unless it is a time of a file), the start in
    /// the recorder's facts, and the time of the file. A load test whose times name no zone comes before the
    /// time of the file only. Returns `None` when none is known.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::load`] and of [`Run::profile`].
    pub fn began(&self) -> Result<Option<Clock>, Error> {
        let recorded =
            |zero_us| Clock { zero_us, known: ClockSource::Recorded, uncertainty_us: length_us(1) };
        let timeline = self.timeline()?.filter(|timeline| timeline.has_clock());
        let of_load = timeline.map(|timeline| recorded(seconds_us(timeline.start_s)));
        let no_zone =
            |timeline: &Timeline| timeline.warnings.contains(&spikeflame_load::Warning::LocalTimes);
        if of_load.is_some() && !timeline.is_some_and(no_zone) {
            return Ok(of_load);
        }
        if let Some(clock) = given(self.options.began_us) {
            return Ok(Some(clock));
        }
        let clock = self.profile()?.sources.iter().flat_map(Source::clocks).next();
        let is_own = clock.is_some_and(|clock| clock.known != ClockSource::FileTime);
        let started = || self.facts().and_then(|facts| facts.started_us).map(recorded);
        Ok(if is_own { clock } else { started().or(of_load).or(clock) })
    }

    /// Returns the largest [`Source::end_us`] of the recordings: the end of the profile, in microseconds since its
    /// zero. It may be 0 for recordings without times.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`].
    pub fn recorded_us(&self) -> Result<u64, Error> {
        let sources = &self.profile()?.sources;
        Ok(sources.iter().map(|source| source.end_us).max().unwrap_or(0))
    }

    /// Returns totals of the load test over the times of a selection (`from_us` to `to_us`, since
    /// the recording's zero). A missing bound stands for the start or the end of the recording, and so
    /// does an end after it.
    /// Returns `None` without a load timeline, or when these times lie wholly outside of it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::load`] and [`Run::alignment`].
    pub fn stretch(&self, selection: &Selection) -> Result<Option<Stretch>, Error> {
        let Some(timeline) = self.timeline()? else { return Ok(None) };
        let (from, to) = self.bounds_in_test(selection)?;
        Ok(stretch(timeline, from, to))
    }

    /// Returns the start and the end of a selection in the load test, in microseconds since its start.
    fn bounds_in_test(&self, selection: &Selection) -> Result<(u64, u64), Error> {
        let alignment = self.alignment()?;
        let end = selection.to_us.unwrap_or(u64::MAX).min(self.recorded_us()?);
        let bounds = [selection.from_us.unwrap_or(0), end];
        let [from, to] = bounds.map(|us| alignment.in_test(us).max(0).unsigned_abs());
        Ok((from, to))
    }

    /// Returns the times at which `shares` of the successful requests in a selection's window had
    /// ended, in microseconds since the recording's zero. Each time comes with the number of
    /// successful requests that ended from the window's start to this time. `shares` rise, and lie
    /// from 0 to 1. Returns `None` without a load timeline, when no request succeeded in the window, and
    /// when the window is shorter than 20 times the uncertainty of the clock.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::load`] and of [`Run::alignment`].
    pub fn milestones(
        &self,
        selection: &Selection,
        shares: &[f64],
    ) -> Result<Option<Vec<(u64, f64)>>, Error> {
        let Some(timeline) = self.timeline()? else { return Ok(None) };
        let alignment = self.alignment()?;
        let (from, to) = self.bounds_in_test(selection)?;
        if alignment.clock.uncertainty_us.saturating_mul(LEAST_CERTAIN) > to.saturating_sub(from) {
            return Ok(None);
        }
        let found = milestones(timeline, (from, to), shares);
        let in_recording = |us: u64| alignment.in_recording(us).max(0).unsigned_abs();
        Ok(found.map(|of| of.into_iter().map(|(us, done)| (in_recording(us), done)).collect()))
    }

    /// Returns values of the load test over the recording's time: load, goodput, p95, error rate,
    /// and one counter for each track. The result is empty when no load test is found. One that the user did
    /// not name and that cannot be used gives [`Warning::NoCounters`].
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when the user named the load test or a monitor, and there is no load
    /// test that can be used.
    pub fn counters(&self) -> Result<Vec<Counter>, Error> {
        let monitored = !self.options.monitors.is_empty();
        let known = matches!(self.load_path(), Ok(Some(_)) | Err(MissingLoad::SeveralLoads { .. }));
        if !known && !monitored && self.options.load.is_none() {
            return Ok(Vec::new());
        }
        let found = || Ok(counters(self.need_timeline()?, self.alignment()?));
        found().or_else(|why: Error| {
            if self.options.load.is_some() || monitored {
                return Err(why);
            }
            self.warnings.borrow_mut().push(Warning::NoCounters(Box::new(why)));
            Ok(Vec::new())
        })
    }

    /// Adds a warning for the user.
    pub(crate) fn warn(&self, warning: Warning) {
        self.warnings.borrow_mut().push(warning);
    }

    /// Returns the warnings that other methods of this run have added since `take_warnings` was
    /// last called, oldest first, and removes them from the run. The result is empty when there are
    /// none.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.take()
    }

    /// Returns true when the window is given by times, and the user did not name the load test.
    /// The load test beside the recording may then be of another run, and it is not needed.
    pub(crate) fn only_beside(&self, window: Window) -> bool {
        matches!(window, Window::Times { .. })
            && self.options.load.is_none()
            && !self.inputs.iter().all(|input| input.is_dir())
    }
}

/// Returns a warning when `asked` is another quantity than the one in which the load of the test is set.
fn foreign_axis(timeline: &Timeline, asked: Option<Axis>) -> Option<Warning> {
    let usual = Series::from_timeline(timeline, None)?.axis;
    let asked = asked.filter(|asked| *asked != usual)?;
    // A refusal states that the file has no users.
    let has_users = timeline.seconds.iter().any(|second| second.vus.is_some());
    let is_there = asked != Axis::Vus || has_users;
    is_there.then(|| Warning::ForeignAxis { source: timeline.source.clone(), asked, usual })
}

/// Returns a warning when recordings of several programs were read as one run. The logs of one
/// application may come from several loggers.
fn several_programs(sources: &[Source]) -> Option<Warning> {
    let producers: BTreeSet<&str> = (sources.iter())
        .filter(|source| source.unit != "errors" && !source.producer.is_empty())
        .map(|source| source.producer.as_str())
        .collect();
    let producers: Vec<String> = producers.into_iter().map(str::to_owned).collect();
    (producers.len() > 1).then_some(Warning::SeveralPrograms { producers })
}

/// Returns the value in a cell, and computes it at the first call. An error is not kept.
pub(crate) fn once<T>(
    cell: &OnceCell<T>,
    compute: impl FnOnce() -> Result<T, Error>,
) -> Result<&T, Error> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = compute()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}
