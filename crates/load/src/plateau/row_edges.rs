//! The ends of a plateau within the rows of a table, where rows are many seconds long.

use super::pool::POOLED_SECONDS;
use super::signals::{SHORTEST, Signals, at};
use crate::stats::median;
use std::ops::Range;

/// Share of the level from which a row is at the limit in all of its seconds.
const FULL: f64 = 0.9;
/// Smallest ratio of the level to the goodput beside it that shows how much of a row is at the limit.
const APART: f64 = 1.3;
/// Change of goodput beside the row of an end, as a share of its change within that row, up to which the load jumped
/// there. On a ramp, the load shows the end.
const STANDS: f64 = 0.2;

/// Share of the load of the next row from which the load jumped to its height in the first one. On a ramp, goodput
/// grows within the row, and its mean does not show where the limit was reached.
const JUMPED: f64 = 0.95;
/// Difference between the shares of a row by goodput and by its load up to which both show a jump, when the load of
/// the row is neither that before the jump nor that behind it.
const ALIKE: f64 = 0.15;
/// Share of the load of the row before the last one from which the load did not yet fall.
const HIGH: f64 = 0.8;
/// Share of a row up to which its load went away at its beginning, even on a ramp.
const SOON: f64 = 0.1;

/// The rows of a table, and those of a stretch that are at the limit in all of their seconds.
struct FullRows<'a> {
    signals: &'a Signals,
    /// Goodput of each row.
    rows: Vec<f64>,
    level: f64,
    first: usize,
    last: usize,
}

/// Moves the ends of a stretch into the rows in which the load came and went. Such a row has a part of its seconds at
/// the limit, and its goodput shows how many: it lies between the level and the goodput of the row beside it. The
/// number of users does not, because it may be that of any moment of the row. Each end moves by at most
/// a row, the second one by one and a half when it moves back, and the stretch stays within `bounds`.
pub(super) fn find(signals: &Signals, span: Range<usize>, bounds: Range<usize>) -> Range<usize> {
    let row_s = signals.pooled_s;
    if signals.by_request || signals.few_answers || row_s <= POOLED_SECONDS {
        return span;
    }
    let Some(full) = FullRows::find(signals, &span) else { return span };
    let is_first = |start: &usize| start.abs_diff(span.start) < row_s && bounds.contains(start);
    let start = full.start().filter(is_first).unwrap_or(span.start);
    // Signals are averages over a row, so a last row with late answers seems to end half a row later.
    let reach = |end: usize| if end < span.end { row_s + row_s.div_ceil(2) } else { row_s };
    let is_last = |end: &usize| {
        end.abs_diff(span.end) <= reach(*end) && bounds.contains(&end.saturating_sub(1))
    };
    let end = full.end().filter(is_last).unwrap_or(span.end);
    if start + SHORTEST <= end { start..end } else { span }
}

impl<'a> FullRows<'a> {
    fn find(signals: &'a Signals, span: &Range<usize>) -> Option<Self> {
        let row_s = signals.pooled_s;
        let rows: Vec<f64> = signals.ok.iter().copied().step_by(row_s).collect();
        let inner = span.start.div_ceil(row_s)..span.end / row_s;
        let level = median(rows.get(inner.clone())?.iter().copied())?;
        let is_full = |row: &usize| at(&rows, *row) >= FULL * level;
        let near = inner.start.saturating_sub(1)..(inner.end + 1).min(rows.len());
        let (first, last) = (near.clone().find(is_full)?, near.rev().find(is_full)?);
        Some(Self { signals, rows, level, first, last })
    }

    fn load(&self, row: usize) -> f64 {
        let row_s = self.signals.pooled_s;
        at(&self.signals.load, row * row_s + row_s / 2)
    }

    /// Returns the second in which the load jumped.
    fn start(&self) -> Option<usize> {
        let own = self.first.checked_sub(1)?;
        let earlier = |rows: usize| own.checked_sub(rows).map_or(0.0, |row| at(&self.rows, row));
        let share = self.share([at(&self.rows, own), earlier(1), earlier(2)])?;
        let before = own.checked_sub(1).map_or(0.0, |row| self.load(row));
        let top = self.load(self.first);
        let part = (self.load(own) - before) / (top - before);
        let is_between = (1.0 - JUMPED..JUMPED).contains(&part) && (part - share).abs() > ALIKE;
        let jumped = top >= JUMPED * self.load(self.first + 1) && !is_between;
        jumped.then(|| self.first * self.signals.pooled_s - self.seconds(share))
    }

    /// Returns the second in which the load went away.
    fn end(&self) -> Option<usize> {
        let later = |rows: usize| at(&self.rows, self.last + rows);
        let share = self.share([later(1), later(2), later(3)])?;
        let is_high = self.load(self.last) >= HIGH * self.load(self.last.checked_sub(1)?);
        (is_high || share < SOON)
            .then(|| (self.last + 1) * self.signals.pooled_s + self.seconds(share))
    }

    fn seconds(&self, share: f64) -> usize {
        (share * self.signals.pooled_s as f64).round() as usize
    }

    /// Returns the share of a row that is at the level. `rows` are the goodput of this row and of the two rows beside
    /// it, away from the level. Returns `None` where they do not show it.
    fn share(&self, rows: [f64; 3]) -> Option<f64> {
        let [own, beside, next] = rows;
        let whole = self.level - beside;
        let jumped = self.level >= APART * beside && (beside - next).abs() <= STANDS * whole;
        jumped.then(|| ((own - beside) / whole).clamp(0.0, 1.0))
    }
}
