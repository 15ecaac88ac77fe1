//! Signs of a limit: a monitor's values within a plateau, judged by numbers alone.

use super::figures::{Figures, TrackFigures};
use crate::track::{Metric, Unit};

/// CPU use in per cent from which the CPU counts as used up.
const USED_UP: f64 = 85.0;
/// Memory use in per cent from which memory counts as full.
const FULL: f64 = 90.0;
/// Credits in per cent below which a disk will soon be slowed down.
const FEW_CREDITS: f64 = 5.0;
/// Largest difference, as a share, between values that count as equal. A quantity at its limit has
/// equal values.
const SAME: f64 = 0.01;
/// Number of equal values that are enough for a limit.
const ENOUGH: usize = 3;
/// Delay of an event loop, in seconds, from which requests are slower.
const LONG_DELAY_S: f64 = 0.1;

/// A sign that something other than the process limits a test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sign {
    /// The CPU of the watched system is used up.
    CpuUsedUp {
        /// Per cent of all cores.
        percent: f64,
    },
    /// Credits are used up: the machine or disk gets its guaranteed rate, and no more.
    NoCredits,
    /// The memory of the watched system is nearly full.
    MemoryFull {
        /// Per cent.
        percent: f64,
    },
    /// Free memory shrinks to less than half of its value before the plateau.
    MemoryShrinks {
        /// Bytes before.
        before: f64,
        /// Smallest number of bytes within.
        least: f64,
    },
    /// A number of connections does not change while the load is at its limit.
    StandsStill {
        /// The number.
        at: f64,
    },
    /// The database executes more statements at a time than before the plateau.
    MoreRunning {
        /// The number before.
        before: f64,
        /// The number within.
        within: f64,
    },
    /// Callers wait for connections of a pool.
    PoolWaits,
    /// Requests wait for a disk of the watched system.
    DiskQueues {
        /// Their number.
        depth: f64,
    },
    /// A disk takes several times as long as before.
    DiskSlower {
        /// Duration within, as a multiple of that before.
        times: f64,
    },
    /// The binary log of the database grows during the plateau.
    BinaryLogGrows {
        /// Bytes that it grew by.
        bytes: f64,
    },
    /// Transactions wait for rows that others hold.
    RowsLocked,
    /// The event loop of a Node process is late.
    LoopLate {
        /// Seconds.
        seconds: f64,
    },
}

impl Sign {
    /// Returns the sign of a limit that the values of a track show, if there is one.
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
                (times >= 3.0).then_some(Self::DiskSlower { times })
            }
            Metric::BinaryLog => {
                let from = before.map_or(within.first, |before| before.first);
                let bytes = within.last - from;
                (bytes > 0.1 * from.max(1.0)).then_some(Self::BinaryLogGrows { bytes })
            }
            Metric::RowLocks => {
                (within.mean > 0.0 && before.is_some() && grew(2.0)).then_some(Self::RowsLocked)
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
    match unit {
        Unit::Share => Some(100.0 * value),
        Unit::Percent => Some(value),
        _ => None,
    }
}

/// Returns true when there are enough values and they do not change.
fn stands_still(figures: &Figures) -> bool {
    let room = (SAME * figures.max).max(0.5);
    figures.points >= ENOUGH && figures.max > 1.0 && figures.max - figures.min <= room
}
