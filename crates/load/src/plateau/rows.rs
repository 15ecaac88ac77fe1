//! The users of a table with rows of many seconds.
//!
//! A row has one number of users, and the answers of all its seconds. The number may be the mean of the row,
//! or that at its start, at its end, or the greatest one in it. On a ramp these differ, and each user then
//! seems to send more or less often than it does. At rest a user sends equally often at any load,
//! so rows with fast answers show which of these numbers a row has.

use crate::series::{carried, durations, known_quantile, most_users};
use crate::timeline::{Second, Timeline};

/// Duration of answers, as a multiple of that at rest, below which a second is calm.
pub(super) const CALMER: f64 = 1.5;
/// Rows that are further apart than this have the users of one moment and the requests of a longer time.
pub(super) const LONG_ROW_S: usize = 3;
/// Change of the slope of the users' number from one row to the next, as a share of the number, up to which
/// the number changes evenly.
const EVENLY: f64 = 0.1;
/// Such a change in users that rounding explains: each of three numbers is off by half a user.
const ROUNDED: f64 = 2.0;
/// Growth of the number over two rows, as a share, from which a row shows the moment of its users.
const MOVING: f64 = 0.1;
/// Fewest requests of such a row: their number then varies by a tenth.
const LEAST_REQUESTS: f64 = 100.0;
/// Fewest such rows: one alone agrees with every moment.
const FEWEST_MOVING_ROWS: usize = 2;
/// Deviation of the time between two requests of a user from row to row, as a share, that other causes have:
/// durations of fast answers differ too.
const OTHERWISE: f64 = 0.03;
/// Square of the standard deviations of chance by which a moment contradicts the rows.
const CONTRADICTS: f64 = 9.0;

/// The moments of a row whose users its number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Mean,
    Start,
    End,
    Greatest,
}

const MOMENTS: [Moment; 4] = [Moment::Mean, Moment::Start, Moment::End, Moment::Greatest];

/// The number of users of a row, and those of the rows before and after it.
#[derive(Clone, Copy, Debug)]
struct Row {
    before: f64,
    own: f64,
    after: f64,
}

impl Row {
    /// Returns true when the number changes evenly from the row before to the row after.
    fn is_even(self) -> bool {
        let bend = (self.after - 2.0 * self.own + self.before).abs();
        bend <= ROUNDED.max(EVENLY * self.own)
    }

    fn is_moving(self) -> bool {
        (self.after - self.before).abs() >= MOVING * self.own
    }

    /// Returns the numbers between which the users of the row changed.
    fn ends(self, moment: Moment) -> (f64, f64) {
        match moment {
            Moment::Mean => (self.own, self.own),
            Moment::Start => (self.own, self.after),
            Moment::End => (self.before, self.own),
            Moment::Greatest => (self.before.min(self.after).min(self.own), self.own),
        }
    }

    /// Returns the mean number of users.
    fn mean(self, moment: Moment) -> f64 {
        let (from, to) = self.ends(moment);
        f64::midpoint(from, to)
    }

    /// Returns the greatest mean number of users that the row may have. Its number may also be that in the
    /// middle of the row, so a mean says little where the number does not change evenly.
    fn most(self, moment: Moment) -> f64 {
        let (from, to) = self.ends(moment);
        match moment {
            _ if self.is_even() => self.mean(moment),
            Moment::Mean => self.before.max(self.own).max(self.after),
            Moment::Start | Moment::End | Moment::Greatest => from.max(to),
        }
    }
}

/// The mean number of users of the row of each second.
#[derive(Clone, Debug)]
pub(super) struct RowUsers {
    pub(super) likely: Vec<f64>,
    /// The number in the file.
    pub(super) own: Vec<f64>,
    /// The least mean that the row may have where the number changes evenly, and else the likely one.
    pub(super) least: Vec<f64>,
    /// The greatest mean that the row may have.
    pub(super) most: Vec<f64>,
    /// True when the rows show the moment of their users on a ramp, or are seconds.
    pub(super) moment_known: bool,
}

impl RowUsers {
    /// Returns the most users of each second where rows are seconds.
    pub(super) fn from_timeline(timeline: &Timeline) -> Self {
        let seconds = timeline.seconds.as_slice();
        let row_s = timeline.resolution_s as usize;
        let known = most_users(seconds);
        let Some(users) = carried(seconds).filter(|_| row_s > 1) else {
            let (likely, own, least) = (known.clone(), known.clone(), known.clone());
            return Self { likely, own, least, most: known, moment_known: true };
        };
        let rows: Vec<Row> = (0..users.len()).map(|at| row(&users, at, row_s)).collect();
        let moments = moments(seconds, &rows, row_s);
        let is_mean = moments.contains(&Moment::Mean);
        let means = |row: &Row| moments.iter().map(|moment| row.mean(*moment)).collect::<Vec<_>>();
        let likely = |row: &Row| match is_mean {
            true => row.own,
            false => means(row).iter().sum::<f64>() / moments.len() as f64,
        };
        let least = |row: &Row| match row.is_even() {
            true => means(row).into_iter().fold(f64::INFINITY, f64::min),
            false => likely(row),
        };
        let greatest =
            |row: &Row| moments.iter().map(|moment| row.most(*moment)).fold(0.0, f64::max);
        let most = rows.iter().zip(seconds).zip(known);
        let most = most.map(|((row, second), users)| match second.vus {
            Some(_) => greatest(row),
            None => greatest(row).max(users),
        });
        Self {
            likely: rows.iter().map(likely).collect(),
            own: rows.iter().map(|row| row.own).collect(),
            least: rows.iter().map(least).collect(),
            most: most.collect(),
            moment_known: is_mean == (moments.len() == 1)
                && !(moments.contains(&Moment::Start) && moments.contains(&Moment::End)),
        }
    }

    /// Returns the timeline with the likely users in the rows that have a number of users.
    pub(super) fn applied(&self, timeline: &Timeline) -> Timeline {
        let mut timeline = timeline.clone();
        for (second, likely) in timeline.seconds.iter_mut().zip(&self.likely) {
            second.vus = second.vus.map(|_| *likely);
        }
        timeline
    }
}

/// Returns the row of a second. The rows at both ends of a test are continued evenly.
fn row(users: &[f64], at: usize, row_s: usize) -> Row {
    let own = users.get(at).copied().unwrap_or_default();
    let before = at.checked_sub(row_s).and_then(|at| users.get(at)).copied();
    let after = users.get(at + row_s).copied();
    let continued = |other: f64| (2.0 * own - other).max(0.0);
    Row {
        before: before.unwrap_or_else(|| after.map_or(own, continued)),
        own,
        after: after.unwrap_or_else(|| before.map_or(own, continued)),
    }
}

/// Returns the moments that agree with the rows with fast answers; all of them when too few rows show one.
fn moments(seconds: &[Second], rows: &[Row], row_s: usize) -> Vec<Moment> {
    let shown = shown(seconds, rows, row_s);
    let off = MOMENTS.map(|moment| deviation(&shown, moment));
    let best = off.iter().copied().fold(f64::INFINITY, f64::min);
    let usual = best / (shown.len() as f64 - 1.0);
    if shown.len() < FEWEST_MOVING_ROWS || usual > CONTRADICTS {
        return MOMENTS.to_vec();
    }
    let agrees = |(_, off): &(Moment, f64)| *off - best <= CONTRADICTS * usual.max(1.0);
    MOMENTS.into_iter().zip(off).filter(agrees).map(|(moment, _)| moment).collect()
}

/// Returns the rows that show the moment of their users, each with its requests a second and in all: their
/// answers are fast, and the users' number changes evenly.
fn shown(seconds: &[Second], rows: &[Row], row_s: usize) -> Vec<(Row, f64, f64)> {
    let Some(q) = known_quantile(seconds) else { return Vec::new() };
    let took = durations(seconds, q);
    let middles = (row_s / 2..rows.len()).step_by(row_s).skip(1);
    let inner = middles.filter(|at| at + row_s < rows.len());
    let enough = inner.filter_map(|at| {
        let (second, row, took) = (seconds.get(at)?, rows.get(at)?, took.get(at)?);
        let count = second.requests() * row_s as f64;
        (count >= LEAST_REQUESTS && took.is_finite()).then_some((
            *row,
            second.requests(),
            count,
            *took,
        ))
    });
    let enough: Vec<(Row, f64, f64, f64)> = enough.collect();
    let fastest = enough.iter().map(|(.., took)| *took).fold(f64::INFINITY, f64::min);
    let calm = enough.iter().filter(|(row, _, _, took)| {
        *took <= CALMER * fastest && row.own > 0.0 && row.is_even() && row.is_moving()
    });
    calm.map(|(row, rate, count, _)| (*row, *rate, *count)).collect()
}

/// Returns the sum of the squared deviations of the time between two requests of a user from their mean,
/// each as a multiple of its standard deviation by chance.
fn deviation(shown: &[(Row, f64, f64)], moment: Moment) -> f64 {
    let times = shown.iter().map(|(row, rate, count)| {
        let users = row.mean(moment).max(0.5);
        // Numbers of users are rounded.
        let by_chance = 1.0 / count + 1.0 / (12.0 * users * users) + OTHERWISE * OTHERWISE;
        ((users / rate).ln(), 1.0 / by_chance)
    });
    let times: Vec<(f64, f64)> = times.collect();
    let weight: f64 = times.iter().map(|(_, weight)| weight).sum();
    let mean = times.iter().map(|(time, weight)| time * weight).sum::<f64>() / weight;
    times.iter().map(|(time, weight)| weight * (time - mean).powi(2)).sum()
}
