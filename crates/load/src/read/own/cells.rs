//! Reads the cells of a request: its moment, its duration and its outcome.

use super::columns::Columns;
use crate::read::csv::Cells;
use crate::read::table;
use crate::read::time;

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    /// Microseconds since 1970.
    Clock(time::Time),
    /// A number that counts from another moment.
    Number(f64),
    /// Microseconds since midnight.
    OfDay(i64),
}

/// Numbers from this one on are no times since the start of a test.
const ELAPSED: f64 = 1e8;

/// A request as it is written.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) moment: Moment,
    pub(super) end: Option<Moment>,
    /// The duration in the unit of its column; NaN without one.
    pub(super) duration: f64,
    /// The milliseconds of the unit in the cell of the duration; 0 without one.
    pub(super) cell_ms: f64,
    pub(super) outcome: Outcome,
    pub(super) endpoint: Option<String>,
    pub(super) users: Option<f64>,
    pub(super) line: u64,
}

/// The result of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    Failed,
    /// The request failed without an answer.
    Unanswered,
}

/// Reads a time.
pub(super) fn moment(cell: &str) -> Option<Moment> {
    let found = time::either(cell.as_bytes()).or_else(|| time::dated(cell));
    found.map(Moment::Clock).or_else(|| {
        let number = cell.parse().ok().filter(|number| (0.0..ELAPSED).contains(number));
        number.map(Moment::Number).or_else(|| time::of_day(cell).map(Moment::OfDay))
    })
}

/// Returns true for a word that stands for nothing.
fn is_none(cell: &str) -> bool {
    ["", "-", "null", "none", "nil", "undefined", "nan", "n/a"]
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word))
}

/// Returns the value of a mark of success, or of a status in words.
fn truth(cell: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is(&["true", "1", "yes", "ok", "success", "succeeded", "pass", "passed", "t", "y"]) {
        return Some(true);
    }
    is(&["false", "0", "no", "ko", "failure", "fail", "failed", "error", "f", "n"]).then_some(false)
}

/// Returns true for a cell of a failure that names one, and `None` for a number that may count failures.
fn is_failure(cell: &str, name: &str) -> Option<bool> {
    if is_none(cell) || truth(cell) == Some(false) && !cell.eq_ignore_ascii_case("error") {
        return Some(false);
    }
    let is_code = name.to_lowercase().contains("code");
    let is_count = cell.parse::<f64>().is_ok() && cell != "1" && !is_code;
    (!is_count).then_some(true)
}

/// Reads a status. Returns `None` for a number that is none of HTTP.
fn status(cell: &str) -> Option<Outcome> {
    match cell.parse::<f64>() {
        Ok(status) if status <= 0.0 => Some(Outcome::Unanswered),
        Ok(status) if (100.0..400.0).contains(&status) => Some(Outcome::Ok),
        Ok(status) => (status >= 400.0).then_some(Outcome::Failed),
        Err(_) if is_none(cell) => Some(Outcome::Unanswered),
        Err(_) => Some(match truth(cell) {
            Some(true) => Outcome::Ok,
            Some(false) => Outcome::Failed,
            None => leading_status(cell).unwrap_or(Outcome::Unanswered),
        }),
    }
}

/// Reads a status with its words: `200 OK`.
fn leading_status(cell: &str) -> Option<Outcome> {
    let (number, _) = cell.split_once(' ')?;
    (number.len() == 3).then(|| status(number))?
}

impl Columns {
    /// Reads the result of a request.
    pub(super) fn outcome(&self, cells: &Cells<'_>) -> Option<Outcome> {
        let of_status = match self.status {
            Some(at) => Some(status(&cells.text(at))?),
            None => None,
        };
        let failed = match self.failure {
            Some(at) => is_failure(&cells.text(at), &self.name(at))?,
            None => false,
        };
        let succeeded = match self.success {
            Some(at) => truth(&cells.text(at))?,
            None => of_status.is_none_or(|status| status == Outcome::Ok),
        };
        Some(match (succeeded && !failed, of_status) {
            (true, _) => Outcome::Ok,
            (false, Some(Outcome::Unanswered)) => Outcome::Unanswered,
            (false, _) => Outcome::Failed,
        })
    }

    /// Reads a request. Returns the reason for the loss of a row that is none.
    pub(super) fn request(&self, cells: &Cells<'_>, line: u64) -> Result<Request, &'static str> {
        let time = cells.text(self.time.at);
        let dated = self.date.map(|at| format!("{} {time}", cells.text(at)));
        let moment = dated.and_then(|text| moment(&text)).or_else(|| moment(&time));
        let moment = moment.ok_or("a row without a time")?;
        let outcome = self.outcome(cells).ok_or("a row without a status of HTTP")?;
        let end = self.end.and_then(|at| self::moment(&cells.text(at)));
        let text = self.duration.map(|at| cells.text(at));
        let number = text.as_deref().and_then(|text| table::number(text, self.mark));
        let number = number.filter(|(value, _)| *value >= 0.0 && value.is_finite());
        let (duration, cell_ms) = match number {
            Some((value, "")) => (value, 0.0),
            Some((value, unit)) => {
                (value, table::milliseconds(unit).ok_or("a duration with an unknown unit")?)
            }
            None => (f64::NAN, 0.0),
        };
        // A request without an answer may have no duration.
        if duration.is_nan() && end.is_none() && outcome == Outcome::Ok {
            return Err("a row without a duration");
        }
        let endpoint = self.endpoint.map(|at| cells.text(at).into_owned());
        let endpoint = endpoint.filter(|name| name.parse::<f64>().is_err());
        let users = self.users.and_then(|at| cells.number(at));
        Ok(Request { moment, end, duration, cell_ms, outcome, endpoint, users, line })
    }
}
