//! Reads the load test of a run.

use crate::choice::{self, LoadSearch, MissingLoad};
use crate::error::Error;
use crate::processes;
use crate::run::{Run, once};
use crate::time::given;
use crate::warning::Warning;
use spikeflame_load::monitor;
use spikeflame_load::{Load, ReadOptions, Timeline};
use spikeflame_parse::Progress;
use std::path::{Path, PathBuf};

impl Run {
    /// Returns the file of the load test: the one that the user named, or the one in the folder
    /// whose time is that of the recording.
    pub(crate) fn load_path(&self) -> &Result<Option<PathBuf>, MissingLoad> {
        self.load_path.get_or_init(|| {
            let found = choice::find(&LoadSearch {
                inputs: &self.inputs,
                load: self.options.load.as_deref(),
                look_beside: self.options.look_beside,
                reading: &self.options.reading,
                given: given(self.options.began_us),
                profile: &|| self.profile().ok(),
            });
            found.map(|choice| {
                choice.map(|choice| {
                    if !choice.others.is_empty() {
                        let (used, others) = (choice.path.clone(), choice.others);
                        self.warnings.borrow_mut().push(Warning::OtherLoads { used, others });
                    }
                    self.chosen.replace(choice.read);
                    choice.path
                })
            })
        })
    }

    /// Returns the load test: a timeline, to which tracks of monitors were added, or totals. The
    /// first call reads it and adds warnings. Returns `None` when no load test is known to be that
    /// of the run; [`Run::need_timeline`] returns the reason. A load test with totals only is not
    /// searched: [`Options::load`](crate::Options::load) has to name it or its folder.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when the file of the load test or of a monitor cannot be used, and when
    /// monitors were given for a load test that has totals only.
    pub fn load(&self) -> Result<Option<&Load>, Error> {
        let load = once(&self.load, || {
            let Ok(Some(path)) = self.load_path() else { return Ok(None) };
            let mut load = match self.chosen.take() {
                Some(load) => load,
                None => {
                    let stream = spikeflame_parse::open(path, &Progress::default())?;
                    spikeflame_load::read(stream, path, &self.options.reading)?
                }
            };
            self.add_whole(&mut load, path);
            self.add_monitors(&mut load, path)?;
            let (facts, losses) = match &load {
                Load::Timeline(timeline) => (&timeline.warnings, timeline.losses.as_slice()),
                Load::Summary(summary) => (&summary.warnings, [].as_slice()),
            };
            let mut warnings = self.warnings.borrow_mut();
            let lost = losses.iter().cloned();
            warnings.extend(lost.map(|loss| Warning::LoadLost { path: path.clone(), loss }));
            warnings.extend(
                facts.iter().cloned().map(|warning| Warning::Load { path: path.clone(), warning }),
            );
            Ok(Some(load))
        });
        load.map(Option::as_ref)
    }

    /// Adds all requests of the test, when only those of an endpoint or of a scenario were read. Without
    /// them, the plateau is searched in these alone.
    fn add_whole(&self, load: &mut Load, path: &Path) {
        let reading = &self.options.reading;
        let Load::Timeline(timeline) = load else { return };
        let is_part = reading.endpoint.is_some() || reading.scenario.is_some();
        // A pipe can be read once.
        if !is_part || !path.is_file() {
            return;
        }
        let all = ReadOptions { endpoint: None, scenario: None, ..reading.clone() };
        let stream = spikeflame_parse::open(path, &Progress::default()).ok();
        let whole = stream.and_then(|stream| spikeflame_load::read(stream, path, &all).ok());
        if let Some(Load::Timeline(whole)) = whole {
            timeline.part_of(whole);
        }
    }

    /// Adds what monitors measured meanwhile to the tracks of a load test.
    fn add_monitors(&self, load: &mut Load, path: &Path) -> Result<(), Error> {
        if self.options.monitors.is_empty() {
            return Ok(());
        }
        let timeline = match load {
            Load::Timeline(timeline) => timeline,
            Load::Summary(summary) => {
                let (path, format) = (path.to_owned(), summary.format);
                return Err(Error::NoTimeline { path, format });
            }
        };
        for path in &self.options.monitors {
            if processes::is_table(path) {
                let is_own = self.is_own_table(path);
                self.warn(Warning::RecordersTable { path: path.clone(), is_own });
                continue;
            }
            let stream = spikeflame_parse::open(path, &Progress::default())?;
            let mut monitor = monitor::read(stream, path, &self.options.monitoring)?;
            let warnings = std::mem::take(&mut monitor.warnings);
            let of_file = |warning| Warning::Monitor { path: path.clone(), warning };
            self.warnings.borrow_mut().extend(warnings.into_iter().map(of_file));
            let tracks = monitor.within(timeline, path)?;
            timeline.tracks.extend(tracks);
        }
        Ok(())
    }

    /// Returns the load test second by second. Returns `None` when [`Run::load`] does, and when the
    /// load test has totals only.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::load`].
    pub fn timeline(&self) -> Result<Option<&Timeline>, Error> {
        Ok(match self.load()? {
            Some(Load::Timeline(timeline)) => Some(timeline),
            _ => None,
        })
    }

    /// Returns the load test second by second, or the error that states why there is none.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when there is no timeline, when it is not known which load test is the
    /// run's, and when a file cannot be used.
    pub fn need_timeline(&self) -> Result<&Timeline, Error> {
        match (self.load()?, self.load_path()) {
            (Some(Load::Timeline(timeline)), _) => Ok(timeline),
            (Some(Load::Summary(summary)), path) => Err(Error::NoTimeline {
                path: path.clone().ok().flatten().unwrap_or_default(),
                format: summary.format,
            }),
            (None, Err(MissingLoad::InFolder(folder))) => {
                Err(Error::NoLoad { folder: folder.clone() })
            }
            (None, Err(MissingLoad::SeveralFolders)) => Err(Error::SeveralFolders),
            (None, Err(MissingLoad::SeveralLoads { folder, loads })) => {
                Err(Error::SeveralLoads { folder: folder.clone(), loads: loads.clone() })
            }
            (None, Ok(_)) => Err(Error::LoadNotNamed { run: self.name() }),
        }
    }
}
