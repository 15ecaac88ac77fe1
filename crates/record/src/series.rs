//! Several recordings of one program, one after the other.

use crate::kept::{self, Mark, State};
use crate::{Error, Event, Options, Outcome, Stop, program, record};
use std::path::{Path, PathBuf};

/// The number of recordings of one program, and their preparation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Number of runs that are kept for comparisons.
    pub runs: usize,
    /// Number of runs to warm up, which come before the runs that are kept. They fill the caches of
    /// the machine and are not compared.
    pub warm_up: usize,
    /// A shell command that runs before each run that is recorded, also before those to warm up,
    /// for example to reset the data. When it fails, the series ends with its error. `None` runs
    /// nothing.
    pub reset: Option<String>,
}

/// Records a series, one run after the other, and returns the outcomes of the runs without those to
/// warm up. For the folder `runs/before`, the runs are `runs/before-1`, `runs/before-2`, and so on,
/// and those to warm up `runs/warmup-before-1`. `begin` is called with the folder of each run that is
/// recorded, before it, and `watch` with each event.
///
/// When an earlier call ended early, the same call goes on: complete runs are kept
/// ([`Event::Kept`]), and the folder of a run that failed or was cut off is renamed
/// ([`Event::SetAside`]). It is an error when a folder has other files, or a complete run of another command, load,
/// reset, profiler or commit, and when all runs are complete; nothing is recorded then.
///
/// ```no_run
/// use spikeflame_record::{Options, Series, Stop, repeat};
///
/// let options = Options::new("runs/before", vec!["node".into(), "build.js".into()]);
/// let series = Series { runs: 3, warm_up: 1, reset: None };
/// let runs = repeat(&options, &series, &Stop::listen()?, &mut |_| {}, &mut |event| println!("{event:?}"))?;
/// assert_eq!(runs.len(), 3);
/// # Ok::<(), spikeflame_record::Error>(())
/// ```
///
/// # Errors
///
/// Returns the first error, which ends the series, and [`Error::NotEmpty`] when all runs are
/// complete already. The folders of complete runs are kept. A load that failed is no error, unless its command
/// could not be run.
pub fn repeat(
    options: &Options,
    series: &Series,
    stop: &Stop,
    begin: &mut dyn FnMut(&Path),
    watch: &mut dyn FnMut(Event),
) -> Result<Vec<Outcome>, Error> {
    let folders: Vec<PathBuf> = folders(&options.folder, series);
    let mark = Mark::new(options, series);
    // An existing folder is reported before the first run begins.
    let states = folders
        .iter()
        .map(|folder| mark.state(folder, options.profiler))
        .collect::<Result<Vec<_>, _>>()?;
    if states.iter().all(|state| matches!(state, State::Complete(_)))
        && let Some(folder) = folders.first()
    {
        return Err(Error::NotEmpty { folder: folder.clone() });
    }
    let mut outcomes = Vec::new();
    for (at, (folder, state)) in folders.into_iter().zip(states).enumerate() {
        let outcome = match state {
            State::Complete(outcome) => {
                watch(Event::Kept(folder));
                outcome
            }
            State::Free | State::Failed => {
                if matches!(state, State::Failed) {
                    let to = kept::set_aside(&folder)?;
                    watch(Event::SetAside { from: folder.clone(), to });
                }
                begin(&folder);
                marked(&Options { folder, ..options.clone() }, series, &mark, stop, watch)?
            }
        };
        if at >= series.warm_up {
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

/// Records one run of a series, and leaves the mark of the series in its folder.
fn marked(
    options: &Options,
    series: &Series,
    mark: &Mark,
    stop: &Stop,
    watch: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let outcome = one(options, series, stop, &mut |event| {
        if matches!(event, Event::Started(_)) {
            mark.begin(&options.folder);
        }
        watch(event);
    });
    // The folder of a program that did not start is empty.
    if let Ok(outcome) = &outcome {
        mark.complete(outcome);
    }
    outcome
}

/// Records one run of a series, after its reset.
pub(crate) fn one(
    options: &Options,
    series: &Series,
    stop: &Stop,
    watch: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    if let Some(reset) = &series.reset {
        program::shell(reset, options.directory.as_deref(), stop)?;
    }
    let outcome = record(options, stop, watch);
    // A run that was ended early can fail in many ways, and the reason is always the request to
    // end.
    if stop.times() > 0 {
        return Err(Error::Interrupted);
    }
    let outcome = outcome?;
    outcome.check_load()?;
    Ok(outcome)
}

fn folders(first: &Path, series: &Series) -> Vec<PathBuf> {
    let name = first.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "run".to_owned());
    let warm_up = (1..=series.warm_up).map(|at| format!("warmup-{name}-{at}"));
    let runs = (1..=series.runs).map(|at| format!("{name}-{at}"));
    warm_up.chain(runs).map(|name| first.with_file_name(name)).collect()
}
