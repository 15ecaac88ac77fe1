//! Finds the columns of a table or of JSON with an entry for each request, by their names.

use crate::read::ReadOptions;
use crate::read::csv::Cells;
use crate::read::table::{Mark, bare_duration, is_elapsed, is_of_periods, time_name, words_of};

/// The side of a request on which a time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The request began at its time.
    Start,
    /// The request ended at its time.
    End,
    /// The name does not show the side.
    Unclear,
}

/// A column of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeColumn {
    pub(super) at: usize,
    pub(super) side: Side,
    /// The seconds of the unit in the name; 0 without one.
    pub(super) unit_s: f64,
}

/// The columns, counted from 0.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) time: TimeColumn,
    /// The column `date` beside a column `time`.
    pub(super) date: Option<usize>,
    /// The end of each request, in a file that has no durations.
    pub(super) end: Option<usize>,
    pub(super) duration: Option<usize>,
    /// The milliseconds of the unit in the name of the durations; 0 without one.
    pub(super) unit_ms: f64,
    pub(super) status: Option<usize>,
    pub(super) success: Option<usize>,
    pub(super) failure: Option<usize>,
    pub(super) endpoint: Option<usize>,
    pub(super) users: Option<usize>,
    /// The mark before a fraction in durations.
    pub(super) mark: Mark,
}

/// The meaning of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    /// A time, with the rank of its name (a smaller one is surer), and the seconds of its unit.
    Time(Side, u8, f64),
    /// A duration, and the milliseconds of its unit.
    Duration(f64),
    Status,
    Success,
    Failure,
    /// The name of an endpoint: a smaller number is a surer name.
    Endpoint(usize),
    Users,
    /// A field of a program's log.
    Log,
    Other,
}

const STARTS: [&str; 7] = ["start", "started", "begin", "began", "begun", "sent", "starting"];
const ENDS: [&str; 9] =
    ["end", "ended", "finish", "finished", "complete", "completed", "done", "received", "ending"];
/// Words that stand beside those of a start or an end.
const MOMENTS: [&str; 10] =
    ["time", "at", "ts", "timestamp", "date", "datetime", "epoch", "on", "request", "unix"];
/// Names of durations that a table of periods does not have.
const DURATIONS: [&[&str]; 8] = [
    &["request", "time"],
    &["total", "time"],
    &["time", "taken"],
    &["timetaken"],
    &["rtt"],
    &["ttlb"],
    &["round", "trip"],
    &["round", "trip", "time"],
];
const STATUSES: [&str; 8] =
    ["http", "https", "response", "resp", "res", "status", "code", "statuscode"];
/// Names of a result in words.
const RESULTS: [&str; 3] = ["result", "outcome", "sc-status"];
const SUCCESSES: [&str; 6] = ["success", "ok", "passed", "pass", "succeeded", "successful"];
const FAILURES: [&str; 6] = ["error", "err", "failure", "failed", "exception", "errored"];
/// Words that stand beside those of a failure.
const OF_FAILURES: [&str; 10] =
    ["code", "message", "msg", "text", "type", "name", "reason", "is", "has", "kind"];
const ENDPOINTS: [&[&str]; 15] = [
    &["label"],
    &["request", "name"],
    &["name"],
    &["endpoint"],
    &["transaction"],
    &["operation"],
    &["route"],
    &["path"],
    &["request", "path"],
    &["uri"],
    &["url"],
    &["request", "url"],
    &["request", "uri"],
    &["page"],
    // Often the number of the request.
    &["request"],
];
/// Names of a number of users. A `user` or a `vu` of one request is the one that sent it.
const USERS: [&str; 8] = [
    "vus",
    "users",
    "activeusers",
    "activevus",
    "virtualusers",
    "concurrentusers",
    "allthreads",
    "concurrency",
];
const LOGS: [&str; 7] = ["level", "levelname", "severity", "lvl", "loglevel", "logger", "msg"];

/// Returns true for a number with a comma before its fraction. `1,234` may be a number of thousands.
fn has_comma(cell: &str) -> bool {
    let Some((whole, rest)) = cell.split_once(',').filter(|_| !cell.contains('.')) else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits != 3 || whole.starts_with('0')
}

fn role(name: &str) -> Role {
    let inner = ["data.", "result.", "entry."].iter().find_map(|outer| name.strip_prefix(outer));
    let name = inner.unwrap_or(name);
    let words = words_of(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let joined = words.concat();
    let all = |known: &[&[&str]]| words.iter().all(|word| known.iter().any(|of| of.contains(word)));
    let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let (units, others): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| milliseconds(word).is_some());
    let unit_ms = units.first().and_then(|unit| milliseconds(unit)).unwrap_or(0.0);
    let is_moment = |sides: &[&str]| {
        others.iter().any(|word| sides.contains(word))
            && others.iter().all(|word| sides.contains(word) || MOMENTS.contains(word))
    };
    if LOGS.contains(&joined.as_str()) {
        return Role::Log;
    }
    if is_moment(&STARTS) {
        return Role::Time(Side::Start, 0, unit_ms / 1e3);
    }
    if is_moment(&ENDS) {
        return Role::Time(Side::End, 0, unit_ms / 1e3);
    }
    if let Some(unit) = bare_duration(name) {
        return Role::Duration(unit);
    }
    // curl's name, whose unit is always the second.
    if others == ["time", "total"] && units.is_empty() {
        return Role::Duration(1e3);
    }
    if DURATIONS.contains(&others.as_slice()) || others == ["total"] && !units.is_empty() {
        return Role::Duration(unit_ms);
    }
    if let Some(time) = time_name(name) {
        return Role::Time(Side::Unclear, time.rank, time.unit_s);
    }
    if has(&["status", "code", "statuscode"]) && all(&[&STATUSES])
        || RESULTS.contains(&joined.as_str())
    {
        return Role::Status;
    }
    if has(&SUCCESSES) && all(&[&SUCCESSES, &["is", "was", "request"]]) {
        return Role::Success;
    }
    if has(&FAILURES) && all(&[&FAILURES, &OF_FAILURES]) {
        return Role::Failure;
    }
    if USERS.contains(&joined.as_str()) {
        return Role::Users;
    }
    let endpoint = ENDPOINTS.iter().position(|known| *known == words.as_slice());
    endpoint.map_or(Role::Other, Role::Endpoint)
}

/// Returns the milliseconds in a unit of time that may be a word of a name.
fn milliseconds(word: &str) -> Option<f64> {
    crate::read::table::milliseconds(word).filter(|_| !matches!(word, "m" | "min" | "h"))
}

impl Columns {
    /// Returns the columns of a file with these names. Returns `None` when they are not those of single
    /// requests: a time, a duration (or the end of each request), and a status or another mark of success. A
    /// name of a quantity of periods shows a table of another kind.
    pub(super) fn of(names: Vec<String>, options: &ReadOptions) -> Option<Self> {
        let roles: Vec<Role> = names.iter().map(|name| role(name)).collect();
        let find = |wanted: Role| roles.iter().position(|role| *role == wanted);
        let is_of_periods =
            |(name, role): (&String, &Role)| *role == Role::Other && is_of_periods(name);
        if names.iter().zip(&roles).any(is_of_periods) || find(Role::Log).is_some() {
            return None;
        }
        let mut times: Vec<(u8, TimeColumn)> = Vec::new();
        let mut durations: Vec<(usize, f64)> = Vec::new();
        for (at, role) in roles.iter().enumerate() {
            match *role {
                Role::Time(side, rank, unit_s) => {
                    times.push((rank, TimeColumn { at, side, unit_s }))
                }
                Role::Duration(unit) => durations.push((at, unit)),
                _ => {}
            }
        }
        times.sort_by_key(|(rank, _)| *rank);
        if times.is_empty() && durations.len() > 1 {
            // `elapsed` is the time since the start beside another duration.
            let at = durations
                .iter()
                .position(|(at, _)| names.get(*at).is_some_and(|name| is_elapsed(name)))?;
            let (at, unit) = durations.remove(at);
            times.push((9, TimeColumn { at, side: Side::Unclear, unit_s: unit / 1e3 }));
        }
        let of_side =
            |side: Side| times.iter().map(|(_, time)| *time).find(|time| time.side == side);
        let clear = of_side(Side::Start).or_else(|| of_side(Side::Unclear));
        let mut time = clear.or_else(|| of_side(Side::End))?;
        if durations.is_empty() {
            // Beside a `timestamp`, the column `time_ms` holds durations.
            let is_duration = |(rank, other): &&(u8, TimeColumn)| {
                other.at != time.at && other.side == Side::Unclear && matches!(rank, 2 | 3)
            };
            let duration = times.iter().find(is_duration).map(|(_, other)| *other);
            durations.extend(duration.map(|other| (other.at, other.unit_s * 1e3)));
        }
        // The `latency` of JMeter ends at the first byte.
        let is_whole = |at: &usize| {
            names.get(*at).is_some_and(|name| !name.to_lowercase().contains("latency"))
        };
        let whole = durations.iter().find(|(at, _)| is_whole(at)).or_else(|| durations.first());
        let (mut duration, mut unit_ms) =
            whole.map_or((None, 0.0), |(at, unit)| (Some(*at), *unit));
        // The CSV of oha, which is in seconds.
        if names.iter().any(|name| name == "DNS+dialup") {
            (time.unit_s, unit_ms) = (1.0, 1e3);
        }
        for (meaning, column) in &options.columns {
            let at = names.iter().position(|name| name.eq_ignore_ascii_case(column))?;
            match meaning.as_str() {
                "time" => time = TimeColumn { at, side: Side::Start, ..time },
                "time_s" => time = TimeColumn { at, side: Side::Start, unit_s: 1.0 },
                "time_ms" => time = TimeColumn { at, side: Side::Start, unit_s: 1e-3 },
                "time_end" => time = TimeColumn { at, side: Side::End, ..time },
                "mean" => duration = Some(at),
                "mean_s" => (duration, unit_ms) = (Some(at), 1e3),
                "mean_ms" => (duration, unit_ms) = (Some(at), 1.0),
                _ => return None,
            }
        }
        let end = of_side(Side::End)
            .filter(|end| duration.is_none() && time.side == Side::Start && end.at != time.at);
        let is = |at: usize, word: &str| {
            names.get(at).is_some_and(|name| name.trim().eq_ignore_ascii_case(word))
        };
        let date = (0..names.len()).find(|at| is(*at, "date"));
        if date.is_some()
            && let Some(at) = (0..names.len()).find(|at| is(*at, "time"))
            && roles.get(at) == roles.get(time.at)
        {
            time.at = at;
        }
        let date = date.filter(|_| is(time.at, "time"));
        let (status, success) = (find(Role::Status), find(Role::Success));
        let failure = find(Role::Failure);
        status.or(success).or(failure)?;
        (duration.is_some() || end.is_some()).then_some(())?;
        let rank = |role: &Role| match role {
            Role::Endpoint(rank) => Some(*rank),
            _ => None,
        };
        let endpoints = roles.iter().enumerate().filter_map(|(at, role)| Some((rank(role)?, at)));
        let endpoint = endpoints.min().map(|(_, at)| at);
        let end = end.map(|end| end.at);
        let users = find(Role::Users);
        Some(Self {
            time,
            date,
            end,
            duration,
            unit_ms,
            status,
            success,
            failure,
            endpoint,
            users,
            mark: Mark::Point,
            names,
        })
    }

    /// Finds the mark before a fraction by the durations of the first rows.
    pub(super) fn see_mark<'a>(&mut self, mut rows: impl Iterator<Item = Cells<'a>>) {
        if let Some(at) = self.duration
            && rows.any(|cells| has_comma(&cells.text(at)))
        {
            self.mark = Mark::Comma;
        }
    }

    /// Returns the name of a column.
    pub(super) fn name(&self, at: usize) -> String {
        self.names.get(at).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Columns> {
        Columns::of(header.split(',').map(str::to_owned).collect(), &ReadOptions::default())
    }

    #[test]
    fn names_of_single_requests_are_known() {
        for header in [
            "time,latency,status",
            "timestamp,duration_ms,status_code,url",
            "start,end,code",
            "ts,elapsed_s,ok",
            "Timestamp,Response Time (ms),Response Code,Label,Success",
            "time,latency,error",
            "startTime,latencyMs,statusCode",
            "timestamp,time_ms,status",
            "sent_at,received_at,http_status",
            "elapsed,latency,status",
            "finished,took,result",
            "date,response.status,response.time_total",
            "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status",
        ] {
            assert!(of(header).is_some(), "{header}");
        }
    }

    /// The error would be: a table of a monitor or of periods is taken as one of requests.
    #[test]
    fn names_of_periods_and_of_logs_are_not() {
        for header in [
            "time,latency",
            "time,rps,latency,status",
            "time,p95,status",
            "time,requests,latency,ok",
            "time,latency,errors",
            "time,latency,status,level",
            "time,cpu,status",
            "latency,status",
            "time,latency_p95,success",
        ] {
            assert!(of(header).is_none(), "{header}");
        }
    }
}
