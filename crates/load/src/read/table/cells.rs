//! Takes the values of cells into their rows.

use super::meaning::Meaning;
use super::number::{Unit, counted, milliseconds};
use super::{Row, Table, UNKNOWN, add};

/// Returns a number of requests, users or errors without the letter for thousands in its column's name.
pub(super) fn scaled(meaning: Meaning, value: f64, factor: f64) -> f64 {
    let is_counted = matches!(
        meaning,
        Meaning::Rate
            | Meaning::Count
            | Meaning::Succeeded
            | Meaning::SucceededOfAll
            | Meaning::Errors
            | Meaning::Vus
    );
    let (amount, whole) = (value * factor, (value * factor).round());
    match () {
        () if !is_counted => value,
        // 0.007 times 1,000 is not exactly 7.
        () if (amount - whole).abs() < 1e-9 * whole => whole,
        () => amount,
    }
}

impl Table {
    /// Notes the unit and the size of a cell.
    fn see(&mut self, at: usize, value: f64, unit: Unit) {
        if let Some(known) = self.units.get_mut(at).filter(|known| **known == Unit::None) {
            *known = unit;
        }
        if let Some(largest) = self.largest.get_mut(at) {
            *largest = largest.max(value);
        }
    }

    /// Takes the value of a cell with a meaning: its number, its unit, and the seconds of the
    /// period in the column's name. A period in the cell takes precedence.
    pub(super) fn cell(
        &mut self,
        at: usize,
        meaning: Meaning,
        (value, unit, period_s): (f64, &str, f64),
        row: &mut Row,
    ) -> Result<(), &'static str> {
        let percent = unit == "%";
        match meaning {
            Meaning::Rate | Meaning::Count | Meaning::Succeeded | Meaning::Vus => {
                let Some(counted) = counted(unit) else {
                    if meaning == Meaning::Vus {
                        self.damaged_vus.add(row.line);
                        return Ok(());
                    }
                    return Err(UNKNOWN);
                };
                self.see(at, value, counted.unit);
                let amount = value * counted.factor;
                match meaning {
                    Meaning::Vus => row.vus = Some(row.vus.unwrap_or_default() + amount),
                    // Classes of status are added up (`2xx` and `3xx`), and so are parts of all requests.
                    _ => add(&mut row.requests, counted.in_period(amount, period_s)),
                }
            }
            // Both names stand for both quantities; a unit in the cell decides.
            Meaning::Errors | Meaning::ErrorShare(_) => {
                let is_share = percent || unit.is_empty() && meaning != Meaning::Errors;
                if is_share {
                    self.see(at, value, if percent { Unit::Share } else { Unit::None });
                    let whole = percent || meaning == Meaning::ErrorShare(true);
                    let share = if whole { value / 100.0 } else { value };
                    // Only shares of classes of status have several columns, and are added up.
                    row.share = Some(row.share.unwrap_or_default() + share);
                    return Ok(());
                }
                let counted = counted(unit).ok_or(UNKNOWN)?;
                self.see(at, value, counted.unit);
                // Classes of status are added up: `4xx` and `5xx`.
                add(&mut row.failed, counted.in_period(value * counted.factor, period_s));
            }
            Meaning::Duration(which, scale) => {
                self.see(at, value, if unit.is_empty() { Unit::None } else { Unit::Other });
                // A bare number is scaled once all numbers are known.
                let bare = if scale == 0.0 { 1.0 } else { scale };
                let scale = if unit.is_empty() { Some(bare) } else { milliseconds(unit) };
                match (scale, row.told.get_mut(which)) {
                    (Some(scale), Some(slot)) => *slot = value * scale,
                    _ => self.damaged_durations.add(row.line),
                }
            }
            Meaning::SuccessShare(_) => {
                if !percent && !unit.is_empty() {
                    return Err(UNKNOWN);
                }
                self.see(at, value, if percent { Unit::Share } else { Unit::None });
                row.share = Some(if percent { value / 100.0 } else { value });
            }
            Meaning::SucceededOfAll => {
                let counted = counted(unit).ok_or(UNKNOWN)?;
                self.see(at, value, counted.unit);
                add(&mut row.succeeded, counted.in_period(value * counted.factor, period_s));
            }
            Meaning::Time(_) | Meaning::Other => {}
        }
        Ok(())
    }
}
