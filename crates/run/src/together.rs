//! Finds one window that several runs have.

use crate::error::Error;
use crate::run::Run;
use crate::warning::{Fallback, RunWithoutWindow};
use crate::window::Window;

/// Returns the window `asked` when all runs have it, and otherwise a wider window for all of them,
/// together with the runs that lack the first. The wider window is [`Window::All`] when a run has
/// no timeline, and else [`Window::Load`].
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
/// Returns an [`Error`] when a load test cannot be read, or when none of the runs has a timeline.
pub fn window_of_all(runs: &[&Run], asked: Window) -> Result<(Window, Option<Fallback>), Error> {
    if !matches!(asked, Window::Plateau | Window::Before | Window::Load) {
        return Ok((asked, None));
    }
    let mut without = Vec::new();
    let (mut untimed, mut first) = (0, None);
    for run in runs {
        let lacking = |why| RunWithoutWindow { run: run.name(), why };
        match run.need_timeline() {
            Ok(_) if asked == Window::Load => {}
            Ok(_) => {
                without.extend(run.found()?.as_ref().err().cloned().map(Some).map(lacking));
            }
            Err(
                error @ (Error::NoLoad { .. }
                | Error::LoadNotNamed { .. }
                | Error::NoTimeline { .. }),
            ) => {
                without.push(lacking(None));
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
