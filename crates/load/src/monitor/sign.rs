//! Signs of a limit: a monitor's values within a plateau, judged by numbers alone.

use super::figures::{Figures, TrackFigures};
use crate::track::{Metric, Unit};

/// CPU use in per cent from which the CPU counts as used up.
const USED_UP: f64 = 85.0;
/// CPU or memory use in per cent above which the whole is not known: per cent of one core on a
/// machine with several, or of a guaranteed part.
const WHOLE: f64 = 105.0;
/// Memory use in per cent from which memory counts as full.
const FULL: f64 = 90.0;
/// Credits in per cent below which a disk will soon be slowed down.
const FEW_CREDITS: f64 = 5.0;
/// Largest difference, as a share, between values that count as equal. A quantity at its limit has
/// equal values.
const SAME: f64 = 0.01;
/// Number of equal values that are enough for a limit.
const ENOUGH: usize = 3;
/// Time of a disk in seconds from which it can delay requests. Shorter ones are usual for a disk that works.
const LONG_DISK_S: f64 = 0.003;
/// Delay of an event loop, in seconds, from which requests are slower.
const LONG_DELAY_S: f64 = 0.1;

/// A sign, in the values of a monitor, of the resource that limits a load test: it is used up, or
/// requests wait for it, such as the CPU or the connections of a database. [`Sign::find`] looks for
/// it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sign {
    /// The mean CPU utilisation of the watched system is 85 % or more.
    CpuUsedUp {
        /// Mean utilisation within the plateau, in per cent.
        percent: f64,
    },
    /// Burst credits were used up at some time within the plateau: fewer than 1 CPU credit, or less
    /// than 5 % of the disk's credits. The machine or disk then has only its guaranteed rate.
    NoCredits,
    /// The mean memory utilisation of the watched system is 90 % or more.
    MemoryFull {
        /// Mean utilisation within the plateau, in per cent.
        percent: f64,
    },
    /// Free memory falls below half of its mean before the plateau.
    MemoryShrinks {
        /// Mean before the plateau, in the unit of the track (bytes as a rule).
        before: f64,
        /// Smallest value within the plateau, in the unit of the track.
        least: f64,
    },
    /// A number of connections does not change within the plateau, and was lower before it (where
    /// that is known). The pool or the database may allow no more.
    StandsStill {
        /// The largest number within the plateau.
        at: f64,
    },
    /// The database executes at least 4 statements at a time, and more than twice as many as before
    /// the plateau.
    MoreRunning {
        /// Mean number before the plateau.
        before: f64,
        /// Mean number within the plateau.
        within: f64,
    },
    /// Callers wait for connections of a pool: on average at least one waits, and 1.5 times as many as
    /// before the plateau (where that is known), or they wait more than three times as long as before.
    PoolWaits,
    /// On average, at least one request waits for a disk of the watched system, and more than twice
    /// as many as before the plateau (where that is known).
    DiskQueues {
        /// Mean number of waiting requests within the plateau.
        depth: f64,
    },
    /// A disk takes at least three times as long as before the plateau, and 3 ms or more.
    DiskSlower {
        /// Mean time within the plateau, divided by the mean time before it.
        times: f64,
    },
    /// The binary log of the database grows by more than a tenth of its first value.
    BinaryLogGrows {
        /// Growth up to the end of the plateau, in the unit of the track (bytes as a rule). It is
        /// measured from the first value before the plateau, or else from the first value in the
        /// plateau.
        bytes: f64,
    },
    /// Transactions wait for rows that others have locked: the mean of the monitor's values is at least 1, and
    /// more than twice that before the plateau.
    RowsLocked,
    /// The mean delay of a Node process's event loop is 0.1 seconds or more.
    LoopLate {
        /// Mean delay within the plateau, in seconds.
        seconds: f64,
    },
}

impl Sign {
    /// Returns the sign of a limit that the values of a track show. Returns `None` when they show
    /// no limit, when the metric is not known, and without values within the plateau.
    pub fn find(beside: &TrackFigures<'_>) -> Option<Self> {
        let known = beside.track.metric()?;
        let within = beside.within?;
        let before = beside.before;
        let grew = |times: f64| before.is_none_or(|before| within.mean > times * before.mean);
        match known {
            Metric::Cpu => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= USED_UP).then_some(Self::CpuUsedUp { percent })
            }
            Metric::Memory => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= FULL).then_some(Self::MemoryFull { percent })
            }
            Metric::CpuCredits => (within.min < 1.0).then_some(Self::NoCredits),
            Metric::DiskCredits => (within.min < FEW_CREDITS).then_some(Self::NoCredits),
            Metric::FreeMemory => {
                let before = before?.mean;
                let shrinks = within.min < 0.5 * before;
                shrinks.then_some(Self::MemoryShrinks { before, least: within.min })
            }
            Metric::Connections | Metric::PoolUsed => {
                let at = within.max;
                (stands_still(&within) && grew(1.1)).then_some(Self::StandsStill { at })
            }
            Metric::Running => {
                let before = before?.mean;
                let more = within.mean >= 4.0 && within.mean > 2.0 * before;
                more.then_some(Self::MoreRunning { before, within: within.mean })
            }
            Metric::PoolWaiting => (within.mean >= 1.0 && grew(1.5)).then_some(Self::PoolWaits),
            Metric::PoolWait => {
                (within.mean > 0.0 && before.is_some() && grew(3.0)).then_some(Self::PoolWaits)
            }
            Metric::DiskQueue => {
                let depth = within.mean;
                (depth >= 1.0 && grew(2.0)).then_some(Self::DiskQueues { depth })
            }
            Metric::DiskLatency => {
                let before = before.filter(|before| before.mean > 0.0)?;
                let times = within.mean / before.mean;
                let is_long = beside.track.unit != Unit::Seconds || within.mean >= LONG_DISK_S;
                (times >= 3.0 && is_long).then_some(Self::DiskSlower { times })
            }
            Metric::BinaryLog => {
                let from = before.map_or(within.first, |before| before.first);
                let bytes = within.last - from;
                (bytes > 0.1 * from.max(1.0)).then_some(Self::BinaryLogGrows { bytes })
            }
            Metric::RowLocks => {
                (within.mean >= 1.0 && before.is_some() && grew(2.0)).then_some(Self::RowsLocked)
            }
            Metric::EventLoop => {
                let seconds = within.mean;
                let timed = beside.track.unit == Unit::Seconds
                    || beside.track.name.to_lowercase().contains("seconds");
                (timed && seconds >= LONG_DELAY_S).then_some(Self::LoopLate { seconds })
            }
            _ => None,
        }
    }
}

/// Returns per cent of one whole; `None` for a value that may be something else, such as cores.
fn percent(value: f64, unit: Unit) -> Option<f64> {
    let percent = match unit {
        Unit::Share => 100.0 * value,
        Unit::Percent => value,
        _ => return None,
    };
    (percent <= WHOLE).then_some(percent)
}

/// Returns true when there are enough values and they do not change.
fn stands_still(figures: &Figures) -> bool {
    let room = (SAME * figures.max).max(0.5);
    figures.points >= ENOUGH && figures.max > 1.0 && figures.max - figures.min <= room
}
