//! Finds out whether the machine's clock was set during a run.

use serde::Serialize;
use spikeflame_profile::wall;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Differences up to this one do not count as a step, because clocks are adjusted slowly and the
/// two clocks are not read at exactly the same time.
const NO_STEP: Duration = Duration::from_millis(100);
/// Pause between two looks at the clocks. A step is noted with the time at which it was seen.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest time in which both clocks are read. On a busy machine, a thread can wait between the
/// two, and the wait would look like a step.
const SAME_MOMENT: Duration = Duration::from_millis(10);
/// Largest number of steps that are noted. The times of a clock that is set more often are of no
/// use.
const MOST_STEPS: usize = 100;

/// A moment as both clocks of the machine show it: the wall clock and the monotonic clock.
#[derive(Clone, Copy, Debug)]
struct Moment {
    wall: SystemTime,
    steady: Instant,
}

/// A step of the machine's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ClockStep {
    /// The time at which the step was seen, as RFC 3339 in UTC, by the clock after the step.
    at: String,
    /// Milliseconds by which the clock moved more than the time that passed; negative when it was
    /// set back.
    pub(crate) ms: i64,
}

impl Moment {
    /// Reads both clocks. Returns `None` when this thread had to wait between the two.
    fn now() -> Option<Self> {
        let steady = Instant::now();
        let wall = SystemTime::now();
        (steady.elapsed() < SAME_MOMENT).then_some(Self { wall, steady })
    }

    /// Returns the number of milliseconds by which the wall clock was set between two moments. It
    /// is negative when the clock was set back. Returns `None` when it was not set.
    fn step_ms(self, later: Self) -> Option<i64> {
        let passed = later.steady.duration_since(self.steady);
        let expected = self.wall.checked_add(passed)?;
        let (step, sign) = match later.wall.duration_since(expected) {
            Ok(ahead) => (ahead, 1),
            Err(behind) => (behind.duration(), -1),
        };
        let ms = i64::try_from(step.as_millis()).ok()?;
        (step > NO_STEP).then_some(sign * ms)
    }
}

/// Compares both clocks once a second, in a thread of its own. Two steps can cancel each other out,
/// so that the ends of the run alone do not show them.
pub(crate) struct ClockWatch {
    thread: JoinHandle<Vec<ClockStep>>,
    end: Sender<()>,
}

impl ClockWatch {
    pub(crate) fn start() -> Self {
        let (end, ended) = mpsc::channel();
        Self { thread: std::thread::spawn(move || watch(&ended)), end }
    }

    /// Looks at the clocks once more, and returns all steps in their order.
    pub(crate) fn end(self) -> Vec<ClockStep> {
        drop(self.end);
        self.thread.join().unwrap_or_default()
    }
}

fn watch(ended: &Receiver<()>) -> Vec<ClockStep> {
    let (mut last, mut steps) = (Moment::now(), Vec::new());
    loop {
        let is_last = ended.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout);
        note(&mut last, Moment::now(), &mut steps);
        if is_last {
            return steps;
        }
    }
}

/// Adds the step between two moments, if there is one. Small steps add up: the first moment stays
/// until a step is found.
fn note(last: &mut Option<Moment>, now: Option<Moment>, steps: &mut Vec<ClockStep>) {
    let Some(now) = now else { return };
    let before = *last.get_or_insert(now);
    if let Some(ms) = before.step_ms(now) {
        *last = Some(now);
        if steps.len() < MOST_STEPS {
            steps.push(ClockStep { at: rfc3339(now.wall), ms });
        }
    }
}

pub(crate) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    wall::rfc3339(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment after `begin`, in milliseconds of both clocks.
    fn after(begin: Moment, wall: i64, steady: u64) -> Moment {
        let moved = Duration::from_millis(wall.unsigned_abs());
        let wall = if wall < 0 { begin.wall - moved } else { begin.wall + moved };
        Moment { wall, steady: begin.steady + Duration::from_millis(steady) }
    }

    fn begin() -> Moment {
        Moment { wall: SystemTime::now(), steady: Instant::now() }
    }

    #[test]
    fn a_step_is_found_in_both_directions() {
        let begin = begin();
        for (wall, steady, step) in [
            (60_000, 60_000, None),
            (60_050, 60_000, None),
            (62_500, 60_000, Some(2_500)),
            (-3_540_000, 60_000, Some(-3_600_000)),
        ] {
            assert_eq!(begin.step_ms(after(begin, wall, steady)), step, "{wall} {steady}");
        }
    }

    /// The error was: a step forward and a step back were no step, because only the ends of the run
    /// were compared, although the load test between them had other times.
    #[test]
    fn steps_that_cancel_each_other_out_are_found() {
        let begin = begin();
        let (mut last, mut steps) = (None, Vec::new());
        // The last two steps are too small each.
        for (wall, steady) in
            [(0, 0), (1_000, 1_000), (4_000, 2_000), (3_000, 3_000), (4_060, 4_000), (5_120, 5_000)]
        {
            note(&mut last, Some(after(begin, wall, steady)), &mut steps);
            note(&mut last, None, &mut steps);
        }
        let found: Vec<i64> = steps.iter().map(|step| step.ms).collect();
        assert_eq!(found, [2_000, -2_000, 120]);
        assert_eq!(
            steps.first().map(|step| step.at.clone()),
            Some(rfc3339(after(begin, 4_000, 0).wall))
        );
    }

    #[test]
    fn a_clock_that_is_not_set_has_no_step() {
        assert_eq!(ClockWatch::start().end(), []);
    }
}
