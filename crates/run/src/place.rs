//! Translates a window's name to times of the recording.

use crate::align::AlignError;
use crate::answers::answers_us;
use crate::error::Error;
use crate::run::Run;
use crate::stretch::stretch;
use crate::time::{Alignment, SECOND_US, TOLERANCE_US, length_us};
use crate::warning::Warning;
use crate::window::{PlacedWindow, Window};
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_load::{Second, Timeline};
use spikeflame_profile::wall::seconds_of;
use spikeflame_profile::{Profile, Selection, Source, Zero};

impl Run {
    /// Returns the times of a window in the recording, or `None` for [`Window::All`]. A window that
    /// the recording covers only in part is cut, as a rule with a warning ([`Run::take_warnings`]).
    /// The window of a log stays whole.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] when the run lacks what the window needs, such as a load test or a
    /// plateau, and when the window cannot be placed in the recording: no clock connects it with
    /// the load test, the clock is too uncertain, or the recording covers no part of a window of
    /// the load test.
    pub fn place(&self, window: Window) -> Result<Option<PlacedWindow>, Error> {
        let placed = place(self, window)?;
        if let Some(coverage) =
            placed.as_ref().map(|placed| placed.coverage).filter(|part| *part < 1.0)
        {
            self.warn(Warning::PartlyCovered { run: self.name(), coverage });
        }
        let Some(placed) = placed else { return Ok(None) };
        Ok(Some(self.within(placed)?))
    }

    /// Returns a window that ends with the recording. Adds [`Warning::EndsEarlier`] when that cut a
    /// window that was given in seconds.
    fn within(&self, placed: PlacedWindow) -> Result<PlacedWindow, Error> {
        let (recorded, asked_us) = (self.recorded_us()?, placed.to_us);
        // The sample at the very end belongs to the window.
        let end_us = recorded.saturating_add(1);
        // A window after the recording stays as the caller asked for it, so that an error can name
        // it.
        if recorded == 0 || asked_us <= end_us || placed.from_us >= recorded || self.is_log()? {
            return Ok(placed);
        }
        let late_us = asked_us - recorded;
        let test_us = placed.test_us.map(|(from, to)| (from, to.saturating_sub(late_us).max(from)));
        // An end that nobody typed is that of a load test, or of no window.
        let is_typed = matches!(placed.window, Window::Times { to_us, .. } if to_us < u64::MAX);
        if is_typed && late_us > TOLERANCE_US && placed.coverage >= 1.0 {
            let (end_us, of_test) = (test_us.map_or(recorded, |(_, to)| to), test_us.is_some());
            self.warn(Warning::EndsEarlier { run: self.name(), end_us, of_test });
        }
        Ok(PlacedWindow { to_us: end_us, test_us, ..placed })
    }

    /// Returns true for the errors of a log. A log without a line at the ends of a window lacks
    /// nothing of it.
    fn is_log(&self) -> Result<bool, Error> {
        Ok(self.profile()?.sources.first().is_some_and(|source| source.unit == "errors"))
    }

    /// Returns the seconds of the load test that a window contains or touches; all of them for
    /// [`Window::All`]. A run without recordings has them, too.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::need_timeline`], and an [`Error`] when the load test lacks the
    /// window.
    pub fn seconds(&self, window: Window) -> Result<Seconds, Error> {
        let timeline = self.need_timeline()?;
        let second = |us: u64| usize::try_from(us / length_us(1)).unwrap_or(usize::MAX);
        let length = timeline.seconds.len();
        match part(self, window)? {
            None => Ok(Seconds { from: 0, to: length }),
            Some(part) => {
                let to_us = part.to_us.saturating_add(length_us(1) - 1);
                let (from, to) = (second(part.from_us), second(to_us).min(length));
                if from >= to {
                    return Err(Error::OutsideTest {
                        load: timeline.source.clone(),
                        seconds: length,
                    });
                }
                Ok(Seconds { from, to })
            }
        }
    }

    /// Returns `selection` limited to a window, and the times of the window. For [`Window::All`],
    /// the selection is unchanged and the times are `None`. A selection with times adds a warning when one of several
    /// recordings does not contain its start.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::place`] and [`Run::profile`], [`Error::TwoWindows`] when `selection`
    /// has times and `window` is another than [`Window::All`], and [`Error::NoTimes`] when times are
    /// selected and the samples have none.
    pub fn select(
        &self,
        selection: Selection,
        window: Window,
    ) -> Result<(Selection, Option<PlacedWindow>), Error> {
        if window != Window::All && selection.has_window() {
            return Err(Error::TwoWindows);
        }
        let placed = self.place(window)?;
        let selection = match &placed {
            Some(placed) => placed.apply(selection),
            None => selection,
        };
        let profile = self.profile()?;
        if selection.has_window() {
            self.warn_of_starts(profile);
        }
        if selection.has_window() && !profile.is_timed() {
            let untimed = profile.sources.iter().find(|source| !source.timed);
            let recording = untimed.map(|source| source.name.clone()).unwrap_or_default();
            let undated = untimed.is_some_and(|source| source.undated);
            return Err(Error::NoTimes { recording, undated });
        }
        Ok((selection, placed))
    }

    /// Adds a warning when recordings do not contain their start, so that the times of several are taken as if
    /// they had begun together.
    fn warn_of_starts(&self, profile: &Profile) {
        let is_unknown = |source: &&Source| {
            source.timed && source.zero == Zero::Unknown && source.clock.is_none()
        };
        let unknown = profile.sources.iter().filter(is_unknown);
        let recordings: Vec<String> = unknown.map(|source| source.name.clone()).collect();
        if profile.sources.len() > 1 && !recordings.is_empty() {
            self.warn(Warning::UnknownStarts { recordings });
        }
    }
}

/// A part of a load test, in microseconds since its first second.
struct TestTimes {
    from_us: u64,
    to_us: u64,
    /// Time at the start of the part in which no request was under way. The profile is cut after
    /// it; requests are counted by whole seconds.
    idle_us: u64,
    fewer_requests: bool,
}

/// Returns a window as times of the load test, or `None` for the whole run.
fn part(run: &Run, window: Window) -> Result<Option<TestTimes>, Error> {
    Ok(Some(match window {
        Window::All => return Ok(None),
        Window::Times { from_us, to_us } => {
            TestTimes { from_us, to_us, idle_us: 0, fewer_requests: false }
        }
        Window::Load => {
            let timeline = run.need_timeline()?;
            let load = under_load(timeline)?;
            TestTimes { idle_us: run.before_load_us(timeline, load.from), ..of_seconds(load) }
        }
        Window::Plateau => {
            let window = run.plateau()?.within.window;
            TestTimes { idle_us: start_of_load_us(run, window)?, ..of_seconds(window) }
        }
        Window::Before => {
            let found = run.plateau()?;
            let after_another = matches!(run.found()?, Ok(all) if all.follows_another());
            let before = found.before.ok_or_else(|| Error::NothingBefore {
                load: run.need_timeline().map(|one| one.source.clone()).unwrap_or_default(),
                after_another,
            })?;
            let fewer_requests = before.requests < 0.9 * found.within.requests;
            let idle_us = start_of_load_us(run, before.window)?;
            TestTimes { idle_us, fewer_requests, ..of_seconds(before.window) }
        }
    }))
}

/// Returns the microseconds before the load in a window that begins with the first second of the load,
/// and 0 for other windows. The program's start often ends in that second.
fn start_of_load_us(run: &Run, window: Seconds) -> Result<u64, Error> {
    let timeline = run.need_timeline()?;
    let is_first = under_load(timeline).is_ok_and(|load| load.from == window.from);
    Ok(if is_first { run.before_load_us(timeline, window.from) } else { 0 })
}

/// Returns the times of a window in the recording, or `None` for the whole recording.
fn place(run: &Run, window: Window) -> Result<Option<PlacedWindow>, Error> {
    if let Window::Times { from_us, to_us } = window
        && run.timeline()?.is_none()
    {
        return Ok(Some(of_recording(window, from_us, to_us)));
    }
    if window == Window::Load
        && let Some(placed) = of_load_command(run)?
    {
        return Ok(Some(placed));
    }
    let Some(part) = part(run, window)? else { return Ok(None) };
    let alignment = match run.alignment() {
        Err(Error::Align(AlignError::Apart { .. })) if run.only_beside(window) => {
            return Ok(Some(of_recording(window, part.from_us, part.to_us)));
        }
        other => other?,
    };
    of_test(run, run.need_timeline()?, window, &part, alignment).map(Some)
}

/// Returns the time in which the load command ran, for a run without a load test in its folder.
fn of_load_command(run: &Run) -> Result<Option<PlacedWindow>, Error> {
    if !run.has_only_load_command() {
        return Ok(None);
    }
    let placed = |(from_us, to_us, clock)| PlacedWindow {
        clock: Some(clock),
        ..of_recording(Window::Load, from_us, to_us)
    };
    Ok(run.load_command()?.map(placed))
}

fn of_recording(window: Window, from_us: u64, to_us: u64) -> PlacedWindow {
    let (clock, stretch) = (None, None);
    let (test_us, coverage, fewer_requests) = (None, 1.0, false);
    PlacedWindow { window, from_us, to_us, test_us, clock, stretch, coverage, fewer_requests }
}

fn of_seconds(seconds: Seconds) -> TestTimes {
    let (from_us, to_us) = (length_us(seconds.from), length_us(seconds.to));
    TestTimes { from_us, to_us, idle_us: 0, fewer_requests: false }
}

/// Returns true for a second in which a request began or ended.
fn has_load(second: &Second) -> bool {
    second.requests() + second.started > 0.0
}

/// Returns the seconds from the first one with a request to the last one.
fn under_load(timeline: &Timeline) -> Result<Seconds, Error> {
    let from = timeline.seconds.iter().position(has_load);
    match (from, timeline.seconds.iter().rposition(has_load)) {
        (Some(from), Some(last)) => Ok(Seconds { from, to: last + 1 }),
        _ => Err(Error::NoRequests { load: timeline.source.clone() }),
    }
}

impl Run {
    /// Returns the microseconds of a second before the load began, when it began in this second: the first
    /// request, or else the recorder's load command. The program's start often ends in this second. It is 0
    /// where neither is known.
    fn before_load_us(&self, timeline: &Timeline, second: usize) -> u64 {
        let command = || self.facts_beside()?.load_started_us.filter(|_| timeline.has_clock());
        match timeline.requests_us.map(|(begun, _)| begun).or_else(command) {
            Some(begun) => before_us(timeline, second, begun),
            None => 0,
        }
    }
}

/// Returns the microseconds of a second before a time (microseconds since 1970) that lies in it, and 0 for
/// other times.
fn before_us(timeline: &Timeline, second: usize, begun: i64) -> u64 {
    let idle = begun.saturating_sub(timeline.second_us(second));
    if (0..SECOND_US).contains(&idle) { idle.unsigned_abs() } else { 0 }
}

fn of_test(
    run: &Run,
    timeline: &Timeline,
    window: Window,
    part: &TestTimes,
    alignment: &Alignment,
) -> Result<PlacedWindow, Error> {
    let clock = alignment.clock;
    let length = part.to_us.saturating_sub(part.from_us);
    if clock.uncertainty_us >= length {
        return Err(Error::ClockUnsure { window, seconds: seconds_of(length), clock });
    }
    let recorded = run.recorded_us()?;
    let start = alignment.in_recording(part.from_us + part.idle_us);
    let end = alignment.in_recording(part.to_us);
    let (from_us, to_us) = (start.max(0).unsigned_abs(), end.max(0).unsigned_abs());
    let is_log = run.is_log()?;
    // A log without a line in the window has an answer: no errors.
    let ends_us = if is_log { to_us } else { recorded.min(to_us) };
    if from_us >= ends_us {
        let in_test_s = |us: u64| seconds_of(alignment.in_test(us));
        let covers_s = (in_test_s(0), in_test_s(recorded));
        return Err(Error::OutsideRecording { window, covers_s, clock });
    }
    // A recording from the first answer to the last has all of the load.
    let (first, last) = answers_us(timeline);
    let first = alignment.in_recording(first.clamp(part.from_us, part.to_us));
    let early = if first < 0 && !is_log { start.min(0).unsigned_abs() } else { 0 };
    let last = alignment.in_recording(last.min(part.to_us));
    let late = last.max(0).unsigned_abs().saturating_sub(recorded);
    let late = if late > TOLERANCE_US && !is_log { late } else { 0 };
    let covered = (part.from_us + early, part.to_us.saturating_sub(late));
    // The end of the window is cut to the recording later, with a warning.
    let begins_us = (part.from_us + part.idle_us).max(covered.0);
    Ok(PlacedWindow {
        window,
        from_us,
        to_us,
        test_us: Some((begins_us, part.to_us)),
        clock: Some(clock),
        stretch: stretch(timeline, covered.0, covered.1),
        coverage: 1.0 - (early + late).min(length) as f64 / length as f64,
        fewer_requests: part.fewer_requests,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a whole recording was said to miss a part of the load, because the load's
    /// first and last second are not full.
    #[test]
    fn the_load_lasts_from_its_first_answer_to_its_last() {
        let second = |tenths: &[usize], failed: f64| {
            let mut second = Second { failed, ok: tenths.len() as f64, ..Second::default() };
            tenths.iter().for_each(|tenth| second.tenths[*tenth] = 1.0);
            second
        };
        let of = |seconds: Vec<Second>| Timeline { seconds, ..Timeline::default() };
        let test = of(vec![
            Second::default(),
            second(&[8, 9], 0.0),
            second(&[0], 0.0),
            second(&[0, 2], 0.0),
            Second::default(),
        ]);
        assert_eq!(answers_us(&test), (1_800_000, 3_200_000));
        // Failed requests have no tenths.
        assert_eq!(
            answers_us(&of(vec![second(&[1], 1.0), second(&[1], 1.0)])),
            (1_000_000, 1_000_000)
        );
        let coarse = Timeline { coarse: true, ..test };
        assert_eq!(answers_us(&coarse), (2_000_000, 3_000_000));
        assert_eq!(answers_us(&of(Vec::new())), (0, 0));
    }

    /// The error was: the end of the program's start counted as load, because the window began with
    /// the whole second of the first request.
    #[test]
    fn the_time_before_the_first_request_is_no_load() {
        let began = |us: i64| 100 * SECOND_US + us;
        let seconds = vec![Second::default(); 3];
        let test = Timeline { start_s: 100, seconds, ..Timeline::default() };
        assert_eq!(before_us(&test, 0, began(570_000)), 570_000);
        assert_eq!(before_us(&test, 1, began(1_250_000)), 250_000);
        // A request that was under way from before the second leaves no such time.
        assert_eq!(before_us(&test, 0, began(-300_000)), 0);
        assert_eq!(before_us(&test, 2, began(570_000)), 0);
    }
}
