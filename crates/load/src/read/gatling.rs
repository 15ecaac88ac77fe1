//! Reads Gatling's simulation log as text, which versions before 3.12 write: lines of fields between
//! tabs. Newer versions write a binary log.
//!
//! The fields of a request are groups, name, start and end in milliseconds, `OK` or `KO`, message.
//! Versions before 3.3 put a scenario or a number of the user before them. Groups are no requests.

use super::{ReadOptions, lines::Lines, names::Names};
use crate::error::Error;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use std::io::Read;
use std::path::Path;

/// Returns true for the first line of the log, or a line of a request.
pub(super) fn is_head(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let fields = line.split(|&byte| byte == b'\t').count();
    line.starts_with(b"RUN\t") && fields >= 4 || request(&String::from_utf8_lossy(line)).is_some()
}

/// One request.
struct Request<'a> {
    name: &'a str,
    group: &'a str,
    start_ms: i64,
    end_ms: i64,
    ok: bool,
    message: &'a str,
}

impl Request<'_> {
    /// Returns true when no answer came: the message of a failure then names an exception of Java,
    /// or a time that ran out. An answer that failed a check has another message.
    fn is_unanswered(&self) -> bool {
        let has = |text: &str| self.message.contains(text);
        !self.ok && (has("Exception") || has("imeout")) && !has("found")
    }
}

fn milliseconds(field: &str) -> Option<i64> {
    field.parse().ok().filter(|ms| (1_000_000_000_000..10_000_000_000_000).contains(ms))
}

fn request(line: &str) -> Option<Request<'_>> {
    let fields: Vec<&str> = line.strip_prefix("REQUEST\t")?.split('\t').collect();
    let at = (3..fields.len()).find(|at| matches!(fields.get(*at), Some(&"OK" | &"KO")))?;
    let field = |back: usize| at.checked_sub(back).and_then(|at| fields.get(at)).copied();
    Some(Request {
        name: field(3)?,
        group: field(4).unwrap_or_default(),
        start_ms: milliseconds(field(2)?)?,
        end_ms: milliseconds(field(1)?)?,
        ok: fields.get(at) == Some(&"OK"),
        message: fields.get(at + 1).copied().unwrap_or_default(),
    })
}

/// Returns the time of a user's start or end, in milliseconds, and the change of their number.
fn user(line: &str) -> Option<(i64, f64)> {
    let fields: Vec<&str> = line.strip_prefix("USER\t")?.split('\t').collect();
    let at = fields.iter().position(|field| matches!(*field, "START" | "END"))?;
    let starts = fields.get(at) == Some(&"START");
    let mut times = fields.get(at + 1..)?.iter().filter_map(|field| milliseconds(field));
    // Older versions repeat the start in the line of the end.
    let time = if starts { times.next()? } else { times.next_back()? };
    Some((time, if starts { 1.0 } else { -1.0 }))
}

/// Adds the number of users in every second, up to the last request. The log has a line only where a user
/// starts or ends, and its lines are not in the order of time.
fn add_users(recorder: &mut Recorder, mut changes: Vec<(i64, f64)>, last_ms: i64) {
    const SECOND_MS: i64 = 1_000;
    changes.sort_by_key(|change| change.0);
    let ends = changes.iter().skip(1).map(|change| change.0).chain([last_ms]);
    let ends: Vec<i64> = ends.collect();
    let (mut users, mut left) = (0.0_f64, LONGEST_S);
    for ((at_ms, change), end_ms) in changes.into_iter().zip(ends) {
        users = (users + change).max(0.0);
        recorder.vus(at_ms * 1_000, users);
        let seconds = at_ms / SECOND_MS + 1..end_ms / SECOND_MS;
        for second in seconds.take(left) {
            left -= 1;
            recorder.vus(second * 1_000_000, users);
        }
    }
}

/// Most seconds that are added: a week.
const LONGEST_S: usize = 604_800;

/// Reads a log.
///
/// # Errors
///
/// Returns an [`Error`] for a log without a request, or without one to the endpoint that the user
/// chose.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let (mut recorder, mut names) = (Recorder::default(), Names::default());
    let (mut changes, mut counted) = (Vec::new(), 0_u64);
    let mut last_ms = 0;
    while let Some((number, line)) = lines.next_of(path)? {
        let line = String::from_utf8_lossy(line);
        if let Some(request) = request(&line) {
            names.add(request.name, request.group);
            let fits = |wanted: &String| wanted == request.name || wanted == request.group;
            if !options.endpoint.as_ref().is_none_or(fits) {
                continue;
            }
            counted += 1;
            last_ms = last_ms.max(request.end_ms);
            recorder.at_line(number);
            let took_us = (request.end_ms - request.start_ms).max(0).unsigned_abs() * 1_000;
            match request.is_unanswered() {
                true => recorder.request_without_answer(request.end_ms * 1_000, took_us),
                false => recorder.request(request.end_ms * 1_000, took_us, request.ok),
            }
        } else if let Some(change) = user(&line) {
            changes.push(change);
        } else if line.starts_with("REQUEST\t") || line.starts_with("USER\t") {
            lines.lose("a line without a time or a result");
        }
    }
    if let (0, Some(asked)) = (counted, options.endpoint.clone()) {
        let (known, long) = (names.known(), names.has_long());
        return Err(Error::UnknownEndpoint { path: path.to_owned(), asked, known, long });
    }
    add_users(&mut recorder, changes, last_ms);
    lines.close(|ledger| {
        let mut timeline = recorder.finish(path, "Gatling")?;
        timeline.endpoints = names.busiest();
        timeline.losses = ledger.close();
        Ok(timeline)
    })
}
