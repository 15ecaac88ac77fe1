//! A further quantity over time, beside a load test: a column of its table, or the values of a
//! monitor.

mod metric;
mod parts;
mod unit;
mod watched;

pub use metric::Metric;
pub(crate) use metric::OF_ONE_CORE;
pub(crate) use parts::{
    bytes_in, is_allowed, is_core_seconds, is_in_use, is_share, may_be_cores, seconds_in,
};
pub use unit::Unit;
pub(crate) use unit::cores_of;
pub use watched::WatchedSystem;
pub(crate) use watched::subject;

/// The end of the name of a track that has the growth of a counter.
pub(crate) const PER_SECOND: &str = " (a second)";

/// The time to which each value of a track applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spans {
    /// The value applies to the moment of its point, or nothing shows the length of its period.
    #[default]
    Moment,
    /// The value applies to the period that begins at its point and has this length, in
    /// microseconds.
    Forward(i64),
    /// The value applies to the period that ends at its point and has this length, in microseconds.
    Backward(i64),
}

/// A further quantity over the time of a load test, such as CPU utilisation, connections or queue
/// depth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The name of the quantity, as a rule the one in the file. A monitor's name is cut when it is long, and
    /// equal names get different texts behind them.
    pub name: String,
    /// The path of the monitor's file; empty for a column of the load test's table.
    pub source: String,
    /// The unit of the values in `points`.
    pub unit: Unit,
    /// The time to which each value in `points` applies.
    pub spans: Spans,
    /// The kind of system that the monitor measured; unknown for a column of the load test's table.
    pub watched: WatchedSystem,
    /// Pairs of time and value, in order of time. Times are in microseconds since 1970. Those of a table
    /// whose times count from another moment count from it too ([`Timeline::start_s`](crate::Timeline::start_s)).
    pub points: Vec<(i64, f64)>,
}

impl Track {
    /// Makes a track with this name and these points ([`Track::points`]). The other fields have
    /// their defaults.
    pub fn new(name: impl Into<String>, points: Vec<(i64, f64)>) -> Self {
        Self { name: name.into(), points, ..Self::default() }
    }

    /// Returns the median distance between neighbouring points, in microseconds (the upper one of
    /// two middle distances). Returns 0 for fewer than two points.
    pub(crate) fn step_us(&self) -> i64 {
        let pairs = self.points.iter().zip(self.points.iter().skip(1));
        let mut steps: Vec<i64> = pairs.map(|(a, b)| b.0 - a.0).collect();
        steps.sort_unstable();
        steps.get(steps.len() / 2).copied().unwrap_or(0)
    }

    /// Returns the metric that the name and the unit of the track show; `None` when they show none.
    pub fn metric(&self) -> Option<Metric> {
        Metric::from_name(&self.name).or_else(|| self.share())
    }

    /// Returns the metric of a track in per cent whose name has the thing before or behind the `CPU`: `RDS CPU
    /// shop`.
    fn share(&self) -> Option<Metric> {
        if self.unit != Unit::Percent {
            return None;
        }
        let end = self.name.find(['{', '[']).unwrap_or(self.name.len());
        let (bare, labels) = self.name.split_at_checked(end)?;
        let named = Metric::from_name(&format!("{} percent {labels}", bare.trim_end()));
        named.filter(|known| matches!(known, Metric::Cpu | Metric::Memory))
    }

    /// Returns the start and the end of the time to which the value of `point` (a pair of time and value)
    /// applies, in microseconds from the same moment as the times in `points`. Both are the point's time when
    /// `spans` is [`Spans::Moment`].
    pub fn stands_for(&self, point: &(i64, f64)) -> (i64, i64) {
        match self.spans {
            Spans::Moment => (point.0, point.0),
            Spans::Forward(length) => (point.0, point.0.saturating_add(length)),
            Spans::Backward(length) => (point.0.saturating_sub(length), point.0),
        }
    }
}
