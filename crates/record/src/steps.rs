//! Finds out whether the machine's clock was set during a run.

use std::time::{Duration, Instant, SystemTime};

/// Differences up to this one do not count as a step, because clocks are adjusted slowly and the
/// two clocks are not read at exactly the same time.
const NO_STEP: Duration = Duration::from_millis(100);

/// A moment as both clocks of the machine show it: the wall clock and the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    wall: SystemTime,
    steady: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { wall: SystemTime::now(), steady: Instant::now() }
    }

    /// Returns the number of milliseconds by which the wall clock was set between two moments. It
    /// is negative when the clock was set back. Returns `None` when it was not set.
    pub(crate) fn step_ms(self, later: Self) -> Option<i64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_in_both_directions() {
        let begin = Moment::now();
        let after = |wall: i64, steady: u64| {
            let moved = Duration::from_millis(wall.unsigned_abs());
            let wall = if wall < 0 { begin.wall - moved } else { begin.wall + moved };
            Moment { wall, steady: begin.steady + Duration::from_millis(steady) }
        };
        for (wall, steady, step) in [
            (60_000, 60_000, None),
            (60_050, 60_000, None),
            (62_500, 60_000, Some(2_500)),
            (-3_540_000, 60_000, Some(-3_600_000)),
        ] {
            assert_eq!(begin.step_ms(after(wall, steady)), step, "{wall} {steady}");
        }
    }
}
