//! One execution of an application under one load.

use crate::align::align;
use crate::apart;
use crate::counters::{Counter, counters};
use crate::error::Error;
use crate::folder::Folder;
use crate::stretch::stretch;
use crate::time::{Alignment, length_us, seconds_us};
use crate::usage::usage;
use crate::warning::Warning;
use crate::window::Window;
use spikeflame_load::plateau::{self, Stretch, Window as Seconds};
use spikeflame_load::{Load, NoPlateau, Plateau, Plateaus, ReadOptions, Timeline, Usage};
use spikeflame_parse::Progress;
use spikeflame_profile::{Clock, Known, Profile, Selection, Source};
use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};

/// How a run is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How its recordings are read.
    pub recording: spikeflame_parse::Options,
    /// Its load test, where that does not lie in its folder.
    pub load: Option<PathBuf>,
    /// True to look for a load test beside a recording that is named by itself.
    pub look_beside: bool,
    /// How its load test is read.
    pub reading: ReadOptions,
    /// What is known of the load test.
    pub plateau: plateau::Options,
    /// The wall-clock time at which the recording began, in microseconds of Unix
    /// time, where nothing else tells.
    pub began_us: Option<i64>,
}

/// One execution of an application under one load: its recordings, its load test,
/// and how their clocks meet.
///
/// Each part is read when it is first asked for, and kept.
#[derive(Debug)]
pub struct Run {
    inputs: Vec<PathBuf>,
    options: Options,
    load_path: Result<Option<PathBuf>, Missing>,
    profile: OnceCell<Profile>,
    load: OnceCell<Option<Load>>,
    plateau: OnceCell<Result<Plateaus, NoPlateau>>,
    alignment: OnceCell<Alignment>,
    warnings: RefCell<Vec<Warning>>,
}

/// Why no load test is known.
#[derive(Clone, Debug)]
enum Missing {
    InFolder(PathBuf),
    SeveralFolders,
}

impl Run {
    /// A run from what the user named: its folder, or its recordings. Nothing but the
    /// first bytes of the files of a folder is read yet.
    pub fn read(inputs: &[PathBuf], options: Options) -> Self {
        let load_path = match &options.load {
            Some(path) => Ok(Some(path.clone())),
            None => find_load(inputs, options.look_beside),
        };
        Self {
            inputs: inputs.to_vec(),
            options,
            load_path,
            profile: OnceCell::new(),
            load: OnceCell::new(),
            plateau: OnceCell::new(),
            alignment: OnceCell::new(),
            warnings: RefCell::default(),
        }
    }

    /// The run's name in messages: its first input, as it was given.
    pub fn name(&self) -> String {
        self.inputs.first().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// What the user named: a folder, or recordings.
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }

    /// The files that have been read so far: recordings and load test.
    pub fn files(&self) -> Vec<PathBuf> {
        let sources = self.profile.get().into_iter().flat_map(|profile| &profile.sources);
        let mut files: Vec<PathBuf> = sources.map(|source| source.path.clone()).collect();
        if let (Ok(Some(load)), Some(_)) = (&self.load_path, self.load.get()) {
            files.push(load.clone());
        }
        files
    }

    /// Folders in which binaries and source maps are looked for.
    pub fn searched(&self) -> Vec<PathBuf> {
        let reading = &self.options.recording;
        let roots = reading.source_maps.iter().flat_map(|maps| &maps.roots);
        reading.symbols.iter().chain(roots.map(|(_, folder)| folder)).cloned().collect()
    }

    /// How its recordings are read.
    pub fn reading(&self) -> &spikeflame_parse::Options {
        &self.options.recording
    }

    /// How much of the recordings has been read.
    pub fn progress(&self) -> Progress {
        self.options.recording.progress.clone()
    }

    /// The recordings, as one profile.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn profile(&self) -> Result<&Profile, Error> {
        once(&self.profile, || {
            let profile = spikeflame_parse::read(&self.inputs, &self.options.recording)?;
            let mut warnings = self.warnings.borrow_mut();
            warnings.extend(profile.losses.iter().cloned().map(Warning::Lost));
            warnings.extend(profile.warnings.iter().cloned().map(Warning::Recording));
            warnings.extend(apart::find(&profile.sources).map(Warning::TwoRuns));
            Ok(profile)
        })
    }

    /// The profile, for who needs it as its own.
    ///
    /// # Errors
    /// When a recording cannot be read.
    pub fn into_profile(mut self) -> Result<Profile, Error> {
        self.profile()?;
        self.profile.take().ok_or(Error::SeveralFolders)
    }

    /// The load test, whole or in totals; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&self) -> Result<Option<&Load>, Error> {
        let load = once(&self.load, || {
            let Ok(Some(path)) = &self.load_path else { return Ok(None) };
            let stream = spikeflame_parse::open(path, &Progress::default())?;
            let load = spikeflame_load::read(stream, path, &self.options.reading)?;
            let (texts, losses) = match &load {
                Load::Timeline(timeline) => (&timeline.warnings, timeline.losses.as_slice()),
                Load::Summary(summary) => (&summary.warnings, [].as_slice()),
            };
            let mut warnings = self.warnings.borrow_mut();
            let lost = |loss: &spikeflame_load::Loss| Warning::LoadLost {
                path: path.clone(),
                loss: loss.clone(),
            };
            warnings.extend(losses.iter().map(lost));
            let told = |text: &String| Warning::Load { path: path.clone(), text: text.clone() };
            warnings.extend(texts.iter().map(told));
            Ok(Some(load))
        });
        load.map(Option::as_ref)
    }

    /// The load test second by second; `None` where there is none, or totals only.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn timeline(&self) -> Result<Option<&Timeline>, Error> {
        Ok(match self.load()? {
            Some(Load::Timeline(timeline)) => Some(timeline),
            _ => None,
        })
    }

    /// The load test second by second.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn need_timeline(&self) -> Result<&Timeline, Error> {
        match (self.load()?, &self.load_path) {
            (Some(Load::Timeline(timeline)), _) => Ok(timeline),
            (Some(Load::Summary(summary)), path) => Err(Error::NoTimeline {
                path: path.clone().ok().flatten().unwrap_or_default(),
                format: summary.format,
            }),
            (None, Err(Missing::InFolder(folder))) => Err(Error::NoLoad { folder: folder.clone() }),
            (None, Err(Missing::SeveralFolders)) => Err(Error::SeveralFolders),
            (None, Ok(_)) => Err(Error::LoadNotNamed { run: self.name() }),
        }
    }

    /// The plateau of the load test, or why it has none.
    ///
    /// # Errors
    /// When there is no timeline to look in.
    pub fn found(&self) -> Result<&Result<Plateaus, NoPlateau>, Error> {
        let timeline = self.need_timeline()?;
        Ok(self.plateau.get_or_init(|| plateau::find(timeline, &self.options.plateau)))
    }

    /// The plateau of the load test.
    ///
    /// # Errors
    /// When there is no timeline, or no plateau in it.
    pub fn plateau(&self) -> Result<&Plateau, Error> {
        self.found()?.as_ref().map(Plateaus::chosen).map_err(|why| Error::NoPlateau {
            load: self.need_timeline().map(|timeline| timeline.source.clone()).unwrap_or_default(),
            why: Box::new(why.clone()),
        })
    }

    /// How the clocks of recording and load test meet.
    ///
    /// # Errors
    /// When that is not known.
    pub fn alignment(&self) -> Result<&Alignment, Error> {
        once(&self.alignment, || {
            let told = self.options.began_us.map(|zero_us| Clock {
                zero_us,
                known: Known::Told,
                uncertainty_us: 0,
            });
            let timeline = self.need_timeline()?;
            let profile = self.profile()?;
            if let Some(apart) = apart::find(&profile.sources) {
                return Err(Error::TwoRuns(apart));
            }
            Ok(Alignment::new(align(profile, timeline, told)?, timeline))
        })
    }

    /// When the run began: by its load test, or by a clock of the recording; `None`
    /// where nothing tells. It is for the order of runs, which are minutes apart.
    ///
    /// # Errors
    /// When the load test or a recording cannot be read.
    pub fn began(&self) -> Result<Option<Clock>, Error> {
        if let Some(timeline) = self.timeline()? {
            let (zero_us, uncertainty_us) = (seconds_us(timeline.start_s), length_us(1));
            return Ok(Some(Clock { zero_us, known: Known::Recorded, uncertainty_us }));
        }
        Ok(self.profile()?.sources.iter().flat_map(Source::clocks).next())
    }

    /// The last moment of the recordings, in microseconds since their zero.
    ///
    /// # Errors
    /// When a recording cannot be read.
    pub fn recorded_us(&self) -> Result<u64, Error> {
        let sources = &self.profile()?.sources;
        Ok(sources.iter().map(|source| source.end_us).max().unwrap_or(0))
    }

    /// What the main thread did within some seconds of the load test; `None` where the
    /// recording has no sample in them.
    ///
    /// # Errors
    /// When the clocks cannot be aligned.
    pub fn usage(&self, seconds: Seconds) -> Result<Option<Usage>, Error> {
        let (from_us, to_us) = self.alignment()?.window_us(seconds);
        Ok(usage(self.profile()?, from_us, to_us))
    }

    /// What the load test saw in the window of a selection, which is in the recording's
    /// time; `None` where there is no load test, or none in the window.
    ///
    /// # Errors
    /// When the clocks cannot be aligned.
    pub fn stretch(&self, selection: &Selection) -> Result<Option<Stretch>, Error> {
        let Some(timeline) = self.timeline()? else { return Ok(None) };
        let alignment = self.alignment()?;
        let test_us = |us: u64| alignment.in_test(us).max(0).unsigned_abs();
        let from = test_us(selection.from_us.unwrap_or(0));
        let to = test_us(selection.to_us.unwrap_or(u64::MAX).min(self.recorded_us()?));
        Ok(stretch(timeline, from, to))
    }

    /// What the load test saw, over the recording's time: for views that draw it.
    ///
    /// Without a load test that was named, one that cannot be laid beside the
    /// recording is a warning.
    ///
    /// # Errors
    /// When the load test that was named cannot be used.
    pub fn counters(&self) -> Result<Vec<Counter>, Error> {
        if !matches!(self.load_path, Ok(Some(_))) {
            return Ok(Vec::new());
        }
        let found = || Ok(counters(self.need_timeline()?, self.alignment()?));
        found().or_else(|why: Error| {
            if self.options.load.is_some() {
                return Err(why);
            }
            self.warnings.borrow_mut().push(Warning::NoCounters(Box::new(why)));
            Ok(Vec::new())
        })
    }

    /// Adds to what the user should know.
    pub(crate) fn warn(&self, warning: Warning) {
        self.warnings.borrow_mut().push(warning);
    }

    /// What the user should know of the parts read since the last call.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.take()
    }

    /// True for times, where the load test only lies beside a recording: it may be of
    /// another run.
    pub(crate) fn only_beside(&self, window: Window) -> bool {
        matches!(window, Window::Times { .. })
            && self.options.load.is_none()
            && !self.inputs.iter().all(|input| input.is_dir())
    }
}

/// What a cell holds, computed at the first call. An error is not kept.
fn once<T>(cell: &OnceCell<T>, compute: impl FnOnce() -> Result<T, Error>) -> Result<&T, Error> {
    match cell.get() {
        Some(value) => Ok(value),
        None => {
            let value = compute()?;
            Ok(cell.get_or_init(|| value))
        }
    }
}

/// The load test in the run's folder, or beside its recording.
fn find_load(inputs: &[PathBuf], look_beside: bool) -> Result<Option<PathBuf>, Missing> {
    let is_folder = inputs.iter().all(|input| input.is_dir());
    if !is_folder && !look_beside {
        return Ok(None);
    }
    let mut folders: Vec<PathBuf> = inputs.iter().map(|input| folder_of(input)).collect();
    folders.dedup();
    let [folder] = folders.as_slice() else { return Err(Missing::SeveralFolders) };
    match Folder::look(folder).timeline() {
        Some(load) => Ok(Some(load.path.clone())),
        None => Err(Missing::InFolder(folder.clone())),
    }
}

fn folder_of(input: &Path) -> PathBuf {
    if input.is_dir() {
        return input.to_owned();
    }
    let up = input.parent().filter(|up| *up != Path::new(""));
    up.unwrap_or(Path::new(".")).to_owned()
}
