//! Signs of a limit: a monitor's values within a plateau, judged by numbers alone.

use super::figures::{Figures, TrackFigures};
use crate::track::{Metric, Unit, WatchedSystem, seconds_in};

/// CPU use in per cent from which the CPU counts as used up.
const USED_UP: f64 = 85.0;
/// CPU or memory use in per cent above which the whole is not known: per cent of one core on a
/// machine with several, or of a guaranteed part.
const WHOLE_PERCENT: f64 = 105.0;
/// Most per cent of one core that one busy Node process uses: its main thread, and beside it garbage
/// collection and the threads of libuv.
const ONE_CORE_PERCENT: f64 = 130.0;
/// Memory use in per cent from which memory counts as full.
const FULL_MEMORY_PERCENT: f64 = 90.0;
/// CPU use in per cent above which a machine with CPU credits is not held at its guaranteed part. The
/// greatest such part of AWS's burstable machines is 40 %.
const ABOVE_BASELINE: f64 = 50.0;
/// Smallest share of the greatest CPU use that the least one has on a machine that is held at its
/// guaranteed part.
const HELD: f64 = 0.8;
/// Mean time of a disk or of a wait, in seconds, from which requests are noticeably slower. Disks of a cloud
/// take 1 or 2 ms when nothing waits for them.
const SLOW_S: f64 = 0.005;
/// Credits in per cent below which a disk will soon be slowed down.
const FEW_CREDITS: f64 = 5.0;
/// Largest difference, as a share, between values that count as equal. A quantity at its limit has
/// equal values.
const EQUAL_WITHIN: f64 = 0.01;
/// Number of equal values that are enough for a limit.
const FEWEST_EQUAL_VALUES: usize = 3;
/// Share of the allowed connections from which they count as all.
const ALL_ALLOWED: f64 = 0.98;
/// Per cent of the time from which an event loop counts as busy without a pause.
const BUSY_PERCENT: f64 = 90.0;
/// Per cent of the periods of its CPU limit in which a container is stopped, from which requests are slower.
const THROTTLED_PERCENT: f64 = 5.0;
/// Delay of an event loop, in seconds, from which requests are slower.
const LONG_DELAY_S: f64 = 0.1;

/// A sign, in the values of a monitor, that a resource limits a load test, such as the CPU or the
/// connections of a database: it is used up, or requests wait for it. Where a test has no plateau,
/// the whole test counts as one ([`TrackFigures::within`]).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sign {
    /// The mean CPU utilisation of the watched system, as a part of all its cores, is high.
    CpuUsedUp {
        /// Mean utilisation within the plateau, in per cent.
        percent: f64,
    },
    /// The mean CPU use is about one core, and the watched system is not known to be a database. One Node process
    /// runs its JavaScript on one core; the number of cores is not known.
    OneCoreUsed {
        /// Mean use within the plateau, in per cent of one core.
        percent: f64,
    },
    /// A disk had hardly any burst credits left at some time within the plateau. Without credits,
    /// the disk has only its guaranteed rate.
    NoDiskCredits,
    /// The machine had hardly any CPU credits left at some time within the plateau. It then has
    /// only its guaranteed part of the CPU, or costs more (the unlimited mode of AWS).
    NoCpuCredits {
        /// The mean CPU use within the plateau, in per cent, when it was about constant; `None` otherwise, and when
        /// it is not known.
        held_at: Option<f64>,
    },
    /// The mean memory utilisation of the watched system is high.
    MemoryFull {
        /// Mean utilisation within the plateau, in per cent.
        percent: f64,
    },
    /// Free memory is, at some moment within the plateau, below half of its mean before the plateau.
    MemoryShrinks {
        /// Mean before the plateau, in the unit of the track (bytes as a rule).
        before: f64,
        /// Smallest value within the plateau, in the unit of the track.
        least: f64,
    },
    /// A number of connections hardly changes within the plateau, and was clearly lower before, if that is known. The
    /// pool or the database may allow no more.
    StandsStill {
        /// The largest number within the plateau, which is above 1.
        at: f64,
    },
    /// Nearly all connections that the file states as allowed are in use, and they were not before.
    AllUsed {
        /// The number that is allowed.
        allowed: f64,
    },
    /// No connection of the pool is free, and there were some before.
    NoneFree {
        /// Mean number before the plateau.
        before: f64,
    },
    /// The limit of its CPU stops a container in a part of its periods.
    Throttled {
        /// The share of the periods within the plateau, in per cent.
        percent: f64,
    },
    /// The event loop of a Node process hardly waits.
    LoopBusy {
        /// Mean share of the time in which it did not wait, in per cent.
        percent: f64,
    },
    /// The database executes clearly more statements at a time than before the plateau.
    MoreRunning {
        /// Mean number before the plateau.
        before: f64,
        /// Mean number within the plateau.
        within: f64,
    },
    /// Callers wait for connections of a pool: at least one on average, and clearly more than before the plateau, if
    /// that is known; or each for 5 ms or more, and more than three times as long as before.
    PoolWaits,
    /// Requests wait for a disk of the watched system.
    DiskQueues {
        /// Mean number of waiting requests within the plateau.
        depth: f64,
    },
    /// On average, a disk takes 5 ms or more, and at least three times as long as before the
    /// plateau. The unit of its times is known.
    DiskSlower {
        /// Mean time within the plateau, divided by the mean time before it.
        times: f64,
    },
    /// The binary log of the database grows.
    BinaryLogGrows {
        /// Growth up to the end of the plateau, in the unit of the track (bytes as a rule).
        bytes: f64,
    },
    /// Transactions wait for rows that others have locked.
    RowsLocked,
    /// The mean delay of a Node process's event loop is long.
    LoopLate {
        /// Mean delay within the plateau, in seconds.
        seconds: f64,
    },
}

impl Sign {
    /// Returns the sign of a limit that the values of a track show. Returns `None` when
    /// they show none.
    pub fn find(beside: &TrackFigures<'_>) -> Option<Self> {
        let within = beside.within.filter(|_| !beside.has_mean)?;
        let before = beside.before;
        let is_all = |allowed: &f64| {
            let before = before.map_or(0.0, |before| before.mean);
            *allowed > 1.0 && within.mean >= ALL_ALLOWED * allowed && before < ALL_ALLOWED * allowed
        };
        if let Some(allowed) = beside.allowed.filter(is_all) {
            return Some(Self::AllUsed { allowed });
        }
        let known = beside.track.metric()?;
        let grew = |times: f64| before.is_none_or(|before| within.mean > times * before.mean);
        match known {
            Metric::Cpu => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= USED_UP).then_some(Self::CpuUsedUp { percent })
            }
            Metric::CoreCpu if beside.track.watched == WatchedSystem::Database => None,
            Metric::CoreCpu => {
                let percent = match beside.track.unit {
                    Unit::Percent => within.mean,
                    Unit::Share => 100.0 * within.mean,
                    _ => return None,
                };
                let is_one = (USED_UP..=ONE_CORE_PERCENT).contains(&percent);
                is_one.then_some(Self::OneCoreUsed { percent })
            }
            Metric::Memory => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= FULL_MEMORY_PERCENT).then_some(Self::MemoryFull { percent })
            }
            Metric::CpuCredits if within.min < 1.0 => no_cpu_credits(beside),
            Metric::DiskCredits => (within.min < FEW_CREDITS).then_some(Self::NoDiskCredits),
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
                let is_long = within.mean > 0.0
                    && seconds(beside, within.mean).is_none_or(|seconds| seconds >= SLOW_S);
                (is_long && before.is_some() && grew(3.0)).then_some(Self::PoolWaits)
            }
            Metric::DiskQueue => {
                let depth = within.mean;
                (depth >= 1.0 && grew(2.0)).then_some(Self::DiskQueues { depth })
            }
            Metric::DiskLatency => {
                let before = before.filter(|before| before.mean > 0.0)?;
                let times = within.mean / before.mean;
                let is_long = seconds(beside, within.mean)? >= SLOW_S;
                (is_long && times >= 3.0).then_some(Self::DiskSlower { times })
            }
            Metric::BinaryLog => {
                let from = before.map_or(within.first, |before| before.first);
                let bytes = within.last - from;
                (bytes > 0.1 * from.max(1.0)).then_some(Self::BinaryLogGrows { bytes })
            }
            Metric::RowLocks => {
                (within.mean >= 1.0 && before.is_some() && grew(2.0)).then_some(Self::RowsLocked)
            }
            Metric::PoolIdle => {
                let before = before?.mean;
                (before >= 1.0 && within.mean < 0.05 * before).then_some(Self::NoneFree { before })
            }
            Metric::CpuThrottled => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= THROTTLED_PERCENT).then_some(Self::Throttled { percent })
            }
            Metric::LoopUse => {
                let percent = percent(within.mean, beside.track.unit)?;
                (percent >= BUSY_PERCENT).then_some(Self::LoopBusy { percent })
            }
            Metric::EventLoop => {
                let seconds = seconds(beside, within.mean)?;
                (seconds >= LONG_DELAY_S).then_some(Self::LoopLate { seconds })
            }
            _ => None,
        }
    }
}

/// Returns the sign of a machine without CPU credits. One whose CPU is busier than its guaranteed part
/// allows is not slowed down.
fn no_cpu_credits(beside: &TrackFigures<'_>) -> Option<Sign> {
    let cpu = beside.machine_cpu;
    if cpu.is_some_and(|cpu| cpu.mean > ABOVE_BASELINE) {
        return None;
    }
    let held = cpu.filter(|cpu| cpu.min >= HELD * cpu.max);
    Some(Sign::NoCpuCredits { held_at: held.map(|cpu| cpu.mean) })
}

/// Returns a time in seconds; `None` when neither the unit nor the name of the track states the unit.
fn seconds(beside: &TrackFigures<'_>, value: f64) -> Option<f64> {
    let name = &beside.track.name;
    if beside.track.unit == Unit::Seconds {
        return Some(value);
    }
    // CloudWatch names no unit in some answers. Aurora's time for a commit is in milliseconds, that of RDS Proxy
    // for a connection in microseconds; all other times are in seconds.
    let of_cloudwatch = [
        ("CommitLatency", 1e-3),
        ("DatabaseConnectionsBorrowLatency", 1e-6),
        ("ReadLatency", 1.0),
        ("WriteLatency", 1.0),
    ];
    let known = || of_cloudwatch.into_iter().find(|(known, _)| name.contains(known));
    let unit_s = seconds_in(name).or_else(|| Some(known()?.1));
    Some(value * unit_s?)
}

/// Returns per cent of one whole; `None` for a value that may be something else, such as cores.
fn percent(value: f64, unit: Unit) -> Option<f64> {
    let percent = match unit {
        Unit::Share => 100.0 * value,
        Unit::Percent => value,
        _ => return None,
    };
    (percent <= WHOLE_PERCENT).then_some(percent)
}

/// Returns true when there are enough values and they do not change.
fn stands_still(figures: &Figures) -> bool {
    let room = (EQUAL_WITHIN * figures.max).max(0.5);
    figures.points >= FEWEST_EQUAL_VALUES && figures.max > 1.0 && figures.max - figures.min <= room
}
