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
/// together with the runs that lack `asked`. The wider window is [`Window::All`] when a run has neither
/// a timeline nor a load command whose times the recorder noted, and else [`Window::Load`].
///
/// [`Window::All`] and [`Window::Times`] are returned without a check. All runs get the same
/// window, because costs are compared between runs.
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
/// run's, or when none of the runs has a timeline.
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
                    without.push(lacking(NoWindow::NothingBefore));
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

/// Returns the window to fall back to when a run cannot show `window` because of `why`. Returns
/// `None` when another window does not help, such as for the load test of another run, or for a
/// window that the user gave as times.
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

/// Returns the runs to which paths belong, in the order of their first path: each folder is a run,
/// and so are all recordings that lie in one folder.
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
    /// The samples within the windows as one run. Its options name no load test and no monitor, and
    /// its paths are those of all runs.
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
/// [`Warning::FellBack`]. Samples keep the times of their own recordings, unless two runs overlap in
/// time ([`Profile::append`]).
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
/// Returns an [`Error`] when a run cannot be read, when none of them has a timeline although the
/// window needs one, when a load test is of another run, and when the weights of two runs have
/// different units.
pub fn cut_each(runs: Vec<Run>, asked: Window) -> Result<CutRuns, Error> {
    let all: Vec<&Run> = runs.iter().collect();
    let (mut window, mut fell_back) = window_of_all(&all, asked)?;
    let windows = 'window: loop {
        let mut windows = Vec::new();
        for run in &runs {
            match run.place(window) {
                Ok(placed) => windows.push(placed),
                Err(why) => {
                    let Some(taken) = instead(window, &why) else { return Err(why) };
                    window = taken;
                    fell_back = Some(Fallback::not_placed(asked, taken, run, why, runs.len()));
                    continue 'window;
                }
            }
        }
        break windows;
    };
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

impl Fallback {
    /// Returns the fallback of all runs because one of them cannot place the window.
    pub(crate) fn not_placed(
        asked: Window,
        taken: Window,
        run: &Run,
        why: Error,
        runs: usize,
    ) -> Self {
        let lacking = RunWithoutWindow { run: run.name(), why: NoWindow::NotPlaced(Box::new(why)) };
        Self { asked, taken, without: vec![lacking], runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let nothing = Error::NothingBefore { load: "k6.json".to_owned() };
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
}
