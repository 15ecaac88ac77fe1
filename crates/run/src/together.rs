//! Finds one window that several runs have, and cuts each run to its own.

use crate::align::AlignError;
use crate::choice::folder_of;
use crate::error::Error;
use crate::run::{Options, Run};
use crate::warning::{Fallback, NoWindow, RunWithoutWindow, Warning};
use crate::window::{PlacedWindow, Window};
use spikeflame_profile::Profile;
use std::path::PathBuf;

/// Returns the window `asked` when all runs have it, and otherwise a wider window for all of them,
/// together with the runs that lack `asked`.
///
/// [`Window::All`] and [`Window::Times`] are returned without a check. It is not checked whether
/// the window can be placed in the recordings: [`Run::place`] does that, and [`instead`] returns
/// the next window then. All runs get the same window, because costs are compared between runs.
///
/// ```
/// use spikeflame_run::{Options, Run, Window, window_of_all};
///
/// # let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike");
/// let run = |name: &str| Run::read(&[format!("{samples}/{name}").into()], Options::default());
/// let (before, after) = (run("before-1"), run("after-1"));
/// let (window, fell_back) = window_of_all(&[&before, &after], Window::Load)?;
/// assert_eq!(window, Window::Load);
/// assert!(fell_back.is_none());
/// # Ok::<(), spikeflame_run::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] when a load test cannot be read, when it is not known which load test is a
/// run's, or when none of the runs has a timeline or a load command whose times the recorder noted.
pub fn window_of_all(runs: &[&Run], asked: Window) -> Result<(Window, Option<Fallback>), Error> {
    if !matches!(asked, Window::Plateau | Window::Before | Window::Load) {
        return Ok((asked, None));
    }
    let mut without = Vec::new();
    let (mut untimed, mut first) = (0, None);
    for run in runs {
        let lacking = |why| RunWithoutWindow { run: run.name(), why };
        match run.need_timeline() {
            Err(_) if run.has_only_load_command() => {
                if asked != Window::Load {
                    without.push(lacking(NoWindow::NoTimeline));
                }
            }
            Ok(_) if asked == Window::Load => {}
            Ok(_) => match run.found()? {
                Err(why) => without.push(lacking(NoWindow::NoPlateau(why.clone()))),
                Ok(found) if asked == Window::Before && found.chosen().before.is_none() => {
                    let after_another = found.follows_another();
                    without.push(lacking(NoWindow::NothingBefore { after_another }));
                }
                Ok(_) => {}
            },
            Err(
                error @ (Error::NoLoad { .. }
                | Error::LoadNotNamed { .. }
                | Error::NoTimeline { .. }),
            ) => {
                without.push(lacking(NoWindow::NoTimeline));
                untimed += 1;
                first = first.or(Some(error));
            }
            Err(error) => return Err(error),
        }
    }
    match first {
        _ if without.is_empty() => return Ok((asked, None)),
        Some(error) if untimed == runs.len() => return Err(error),
        _ => {}
    }
    let taken = if untimed > 0 { Window::All } else { Window::Load };
    Ok((taken, Some(Fallback { asked, taken, without, runs: runs.len() })))
}

/// Returns the window to fall back to when `window` cannot be placed in the recording of a run
/// because of `why`, an error of [`Run::place`]. Returns `None` when another window does not help,
/// and when [`window_of_all`] is to find it.
///
/// ```
/// use spikeflame_run::{Error, Window, instead};
///
/// let why = Error::NoRequests { load: "k6.json".to_owned() };
/// assert_eq!(instead(Window::Load, &why), Some(Window::All));
/// assert_eq!(instead(Window::All, &why), None);
/// ```
pub fn instead(window: Window, why: &Error) -> Option<Window> {
    let of_load = matches!(window, Window::Plateau | Window::Before | Window::Load);
    match why {
        _ if !of_load => None,
        Error::Align(AlignError::Apart { .. }) => None,
        // No time of the load test can be placed in the recording.
        Error::Align(_) | Error::NoTimes { .. } | Error::NoRequests { .. } => Some(Window::All),
        Error::ClockUnsure { .. }
        | Error::OutsideRecording { .. }
        | Error::NothingBefore { .. } => {
            Some(if window == Window::Load { Window::All } else { Window::Load })
        }
        _ => None,
    }
}

/// Returns the runs to which paths belong, in the order of their first path. The paths of a folder and of
/// files directly in it belong to one run.
///
/// ```
/// use spikeflame_run::{Options, runs_of};
///
/// let paths = ["a/one.log".into(), "b/one.log".into(), "a/two.log".into()];
/// let runs = runs_of(&paths, &Options::default());
/// assert_eq!(runs.iter().map(|run| run.inputs().len()).collect::<Vec<_>>(), [2, 1]);
/// ```
pub fn runs_of(inputs: &[PathBuf], options: &Options) -> Vec<Run> {
    let mut groups: Vec<(PathBuf, Vec<PathBuf>)> = Vec::new();
    for input in inputs {
        let folder = folder_of(input);
        match groups.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, inputs)) => inputs.push(input.clone()),
            None => groups.push((folder, vec![input.clone()])),
        }
    }
    groups.iter().map(|(_, inputs)| Run::read(inputs, options.clone())).collect()
}

/// The samples of several runs together, each run cut to one window: the same [`Window`] of each,
/// such as its plateau, at other times. [`cut_each`] makes it.
#[derive(Debug)]
pub struct CutRuns {
    /// The samples within the windows as one run.
    pub run: Run,
    /// The window to which every run is cut: the one that [`cut_each`] was given, or a wider one
    /// that all runs have.
    pub window: Window,
    /// The name of each run and its times, in the order of the runs. It is empty for
    /// [`Window::All`].
    pub windows: Vec<(String, PlacedWindow)>,
    /// The weight of the samples outside of the windows; 0 for [`Window::All`].
    pub left_out: u64,
}

/// Cuts each run to the times of the window `asked` in it, and adds their samples up. When a run
/// lacks this window, all runs are cut to a wider one, and the resulting run has
/// [`Warning::FellBack`].
///
/// ```
/// use spikeflame_run::{Options, Window, cut_each, runs_of};
///
/// # let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike");
/// let paths = ["before-1", "after-1"].map(|name| format!("{samples}/{name}").into());
/// let together = cut_each(runs_of(&paths, &Options::default()), Window::Plateau)?;
/// assert_eq!((together.window, together.windows.len()), (Window::Plateau, 2));
/// # Ok::<(), spikeflame_run::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] when a run cannot be read, when no window can be placed in it, and when two
/// runs cannot be added up.
pub fn cut_each(runs: Vec<Run>, asked: Window) -> Result<CutRuns, Error> {
    let all: Vec<&Run> = runs.iter().collect();
    let (mut window, fell_back) = window_of_all(&all, asked)?;
    let mut without = fell_back.map(|fell| fell.without).unwrap_or_default();
    let windows = 'window: loop {
        let mut windows = Vec::new();
        for run in &runs {
            match run.place(window) {
                Ok(placed) => windows.push(placed),
                Err(why) => {
                    let Some(taken) = instead(window, &why) else { return Err(why) };
                    window = taken;
                    let why = NoWindow::NotPlaced(Box::new(why));
                    without.push(RunWithoutWindow { run: run.name(), why });
                    continue 'window;
                }
            }
        }
        break windows;
    };
    let fell_back = (!without.is_empty()).then_some(Fallback {
        asked,
        taken: window,
        without,
        runs: runs.len(),
    });
    let (mut whole, mut left_out): (Option<Profile>, u64) = (None, 0);
    let mut together = Run::read(&[], Options::default());
    let mut named = Vec::new();
    for (run, placed) in runs.into_iter().zip(windows) {
        together.take_over(&run);
        let name = run.name();
        let mut profile = run.into_profile()?;
        if let Some(placed) = &placed {
            left_out += profile.keep_between(placed.from_us, placed.to_us);
        }
        match &mut whole {
            Some(whole) => spikeflame_parse::join(whole, profile)?,
            None => whole = Some(profile),
        }
        named.extend(placed.map(|placed| (name, placed)));
    }
    together.warnings.borrow_mut().extend(fell_back.map(Warning::FellBack));
    together.profile = whole.map(Into::into).unwrap_or_default();
    Ok(CutRuns { run: together, window, windows: named, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_load::plateau;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The error was: a comparison by plateaus ended with an error because one run's clock was not
    /// known, and a window that cannot be placed was not replaced by a wider one.
    #[test]
    fn a_window_that_cannot_be_placed_is_replaced_unless_the_user_gave_its_times() {
        let untold = || {
            Error::Align(AlignError::CannotTell {
                recording: "a.log".to_owned(),
                matched: String::new(),
                between: None,
            })
        };
        let load = "k6.json".to_owned();
        let nothing = Error::NothingBefore { load, after_another: false };
        assert_eq!(instead(Window::Plateau, &untold()), Some(Window::All));
        assert_eq!(instead(Window::Before, &nothing), Some(Window::Load));
        let times = Window::Times { from_us: 0, to_us: 1 };
        assert_eq!(instead(times, &untold()), None);
        let apart = Error::Align(AlignError::Apart {
            recording: String::new(),
            load: String::new(),
            profile: String::new(),
            test: String::new(),
            zone_s: None,
        });
        assert_eq!(instead(Window::Plateau, &apart), None);
    }

    /// A run with a recording that no clock can align with its load test: the file `load`, or else a test far
    /// below the limit.
    fn without_clock(folder: &Path, load: Option<&Path>) -> PathBuf {
        std::fs::create_dir(folder).unwrap();
        std::fs::write(folder.join("stacks.folded"), "main;work 3\nmain;wait 1\n").unwrap();
        let head = "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,\
                    proto,scenario,service,status,subproto,tls_version,url,extra_tags\n";
        let rows = (0..60)
            .map(|at| format!("http_req_duration,{},5,,,,true,,,,,,,,,,,\n", 1_795_773_600 + at));
        match load {
            Some(load) => drop(std::fs::copy(load, folder.join("k6.csv.gz")).unwrap()),
            None => {
                let text = head.to_owned() + &rows.collect::<String>();
                std::fs::write(folder.join("k6.csv"), text).unwrap();
            }
        }
        folder.to_owned()
    }

    /// The error was: the files of recordings were in the list twice, because a run that is taken over has
    /// read them already.
    #[test]
    fn files_that_were_read_are_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|name| without_clock(&folder.path().join(name), None));
        let together = cut_each(runs_of(&paths, &Options::default()), Window::Load).unwrap();
        let files = together.run.files();
        let once: BTreeSet<&PathBuf> = files.iter().collect();
        assert_eq!((files.len(), once.len()), (4, 4), "{files:?}");
    }

    /// The error was: the run that lacks the window was no longer named when another run could not show the wider
    /// window either, so that a warning named 1 of 2 runs.
    #[test]
    fn runs_that_lacked_the_window_first_are_named_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let load = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike/before-1/k6.csv.gz");
        let with_plateau = without_clock(&folder.path().join("one"), Some(load.as_ref()));
        let steady = without_clock(&folder.path().join("two"), None);
        let both = [with_plateau, steady];
        for (at, other) in [(0, "one"), (1, "two")] {
            let paths = [both[at].clone(), both[1 - at].clone()];
            let together = cut_each(runs_of(&paths, &Options::default()), Window::Plateau).unwrap();
            assert_eq!(together.window, Window::All);
            let warnings = together.run.take_warnings();
            let fell = warnings.iter().find_map(|warning| match warning {
                Warning::FellBack(fell) => Some(fell),
                _ => None,
            });
            let without = &fell.unwrap().without;
            assert!(matches!(without[0].why, NoWindow::NoPlateau(_)), "{without:?}");
            assert!(matches!(without[1].why, NoWindow::NotPlaced(_)), "{without:?}");
            let names = [&without[0].run, &without[1].run];
            assert!(names[0].ends_with("two") && names[1].ends_with(other), "{without:?}");
        }
    }

    /// The error was: a plateau that begins where another one ends was said to begin with the first second.
    #[test]
    fn a_plateau_without_a_time_before_it_states_the_reason() {
        let load =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/load/k6-second-instance.csv.gz");
        let before = |number| {
            let plateau = plateau::Options { number: Some(number), ..plateau::Options::default() };
            let options = Options { load: Some(load.into()), plateau, ..Options::default() };
            let run = Run::read(&[], options);
            (window_of_all(&[&run], Window::Before).unwrap(), run.seconds(Window::Before))
        };
        assert!(matches!(before(1), ((Window::Before, None), Ok(_))));
        let ((_, fell), seconds) = before(2);
        assert!(matches!(seconds, Err(Error::NothingBefore { after_another: true, .. })));
        let without = fell.unwrap().without;
        assert!(matches!(without[0].why, NoWindow::NothingBefore { after_another: true }));
    }
}
