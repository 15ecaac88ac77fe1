//! One window for several runs.

use crate::error::Error;
use crate::run::Run;
use crate::warning::{FellBack, Lacking};
use crate::window::Window;

/// The window that all of some runs have: the one asked for, or one that all fall
/// back to together, with the runs that lack it.
///
/// Costs are compared between runs, so all must show the same part. Without a
/// plateau in one of them the part is the time under load; without a timeline in
/// one of them it is the whole run.
///
/// # Errors
/// When a load test cannot be read, or none of the runs has a timeline.
pub fn window_of_all(runs: &[&Run], asked: Window) -> Result<(Window, Option<FellBack>), Error> {
    if !matches!(asked, Window::Plateau | Window::Before | Window::Load) {
        return Ok((asked, None));
    }
    let mut without = Vec::new();
    let (mut untimed, mut first) = (0, None);
    for run in runs {
        let lacking = |why| Lacking { run: run.name(), why };
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
    Ok((taken, Some(FellBack { asked, taken, without, runs: runs.len() })))
}
