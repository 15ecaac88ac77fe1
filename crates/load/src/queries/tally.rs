//! Statements added up by their text without values.

use super::digest;
use super::statement::{Execution, Parts};
use crate::TimeSpan;
use crate::latencies::Latencies;
use spikeflame_wall::micros_of;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Number of texts that are kept separately. Further ones are counted together.
const MOST_TEXTS: usize = 5_000;

/// Largest number of characters of an example.
const EXAMPLE: usize = 2_000;

/// Totals of the executed statements of a [`StatementClass`], over all of the time or in one of the
/// [`Parts`] of a load test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementTotals {
    /// Number of executed statements, with and without success.
    pub count: u64,
    /// Number of statements that failed.
    pub failed: u64,
    /// Sum of the statements' durations, in seconds. A statement without a duration adds nothing.
    pub seconds: f64,
    /// Sum of the times for which the statements waited for locks, in seconds.
    pub lock_s: f64,
    /// Number of rows that the server sent to clients.
    pub sent: u64,
    /// Number of rows that the server examined.
    pub examined: u64,
    /// Histogram of the durations of the statements that have one.
    pub durations: Latencies,
    /// The shortest and the longest duration, in seconds; `None` when no statement has a duration.
    pub range_s: Option<(f64, f64)>,
}

impl StatementTotals {
    fn add(&mut self, executed: &Execution) {
        self.count += 1;
        self.failed += u64::from(executed.failed == Some(true));
        self.lock_s += executed.lock_s;
        self.sent = self.sent.saturating_add(executed.sent);
        self.examined = self.examined.saturating_add(executed.examined);
        if let Some(seconds) = executed.seconds {
            self.seconds += seconds;
            self.durations.add(micros_of(seconds).max(0).unsigned_abs());
            let (least, most) = self.range_s.unwrap_or((seconds, seconds));
            self.range_s = Some((least.min(seconds), most.max(seconds)));
        }
    }

    /// Returns the quantile `q` (from 0 to 1; 0.95 for p95) of the durations of the SQL statements,
    /// in milliseconds. It is within 0.8 % of the exact one. Returns `None` when no statement has a
    /// duration.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let (least, most) = self.range_s?;
        Some(self.durations.quantile_ms(q)?.max(1e3 * least).min(1e3 * most))
    }
}

/// Totals of all SQL statements that have the same text without values: in small letters, with single spaces,
/// without comments, with `?` for each value and `(?+)` for a list of values. Names in quotes stay as they
/// are: `` `User` ``.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementClass {
    /// The text without values. A long one is cut, and ends with `…`. It is empty for the class that adds up all
    /// statements without an entry of their own.
    pub text: String,
    /// The slowest of the statements, with the values in its text. A long text is cut. It is the
    /// first one that was read when durations are not known, and empty when `text` is empty.
    pub example: String,
    /// True when a log with statements of this class does not show whether statements failed. The
    /// failed statements of such a log are missing in [`StatementTotals::failed`].
    pub failures_unknown: bool,
    /// True when a log with statements of this class has the time of locks or the number of rows that were examined.
    pub costs_known: bool,
    /// Totals of all executions, at any time.
    pub all: StatementTotals,
    /// Totals of the executions that ended before the plateau, in the time [`Parts::before`]; empty
    /// when there is no such time.
    pub before: StatementTotals,
    /// Totals of the executions that ended in the plateau, the time [`Parts::within`]; empty when
    /// there is no plateau.
    pub within: StatementTotals,
    /// Totals of the executions that ended in the time [`Parts::selected`]; empty when there is no such time.
    pub selected: StatementTotals,
    slowest_s: f64,
}

/// The statements in one or more logs, grouped by their text without values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queries {
    /// One entry for each text, the largest sum of durations first. When there are very many texts,
    /// one entry adds up the rest.
    pub classes: Vec<StatementClass>,
    /// Number of executed statements in all logs, incomplete ones excluded.
    pub statements: u64,
    /// Number of executed statements for which the log has no wall-clock time. They are in
    /// [`StatementClass::all`] only.
    pub untimed: u64,
    /// Number of executed statements whose time was written without its offset from UTC, and was taken
    /// as UTC.
    pub zoneless: u64,
    /// Number of statements that were not counted, because they are cut off or cannot be read.
    pub incomplete: u64,
    /// The logs whose packed data (gzip, zstd) is damaged, in the order of reading. The statements
    /// before the damage are counted.
    pub damaged: Vec<PathBuf>,
    /// The logs with statements that a database logged, in the order of reading.
    pub of_databases: Vec<PathBuf>,
    /// The logs with statements that a program logged (TypeORM, Sequelize, MikroORM), in the order of reading. A statement
    /// that its database logged too counts twice.
    pub of_programs: Vec<PathBuf>,
    /// The server logged one of this many statements (`log_slow_rate_limit` of Percona Server, the
    /// largest value in the logs); 0 when the logs do not state it.
    pub one_of: u64,
    /// The times at which the first and the last statement ended, both included; `None` when no
    /// statement has a wall-clock time.
    pub span: Option<TimeSpan>,
}

/// Statements while they are read.
#[derive(Debug)]
pub(super) struct Tally {
    parts: Parts,
    by_text: HashMap<String, usize>,
    /// The classes of the current log, and whether it shows which statements failed.
    of_log: BTreeSet<usize>,
    shows_failures: bool,
    queries: Queries,
}

impl Tally {
    pub(super) fn new(parts: Parts) -> Self {
        let (of_log, queries) = Default::default();
        Self { parts, by_text: HashMap::new(), of_log, shows_failures: false, queries }
    }

    /// Ends a log, whose classes stay unclear when it does not show which statements failed.
    pub(super) fn end_log(&mut self) {
        let shows = std::mem::take(&mut self.shows_failures);
        for at in std::mem::take(&mut self.of_log) {
            if let Some(class) = self.queries.classes.get_mut(at) {
                class.failures_unknown |= !shows;
            }
        }
    }

    pub(super) fn statements(&self) -> u64 {
        self.queries.statements
    }

    /// Returns the zone of times without one, in seconds east of UTC.
    pub(super) fn zone_s(&self) -> Option<i32> {
        self.parts.zone_s
    }

    /// Notes a statement whose time has no zone.
    pub(super) fn zoneless(&mut self) {
        self.queries.zoneless += 1;
    }

    pub(super) fn incomplete(&mut self) {
        self.queries.incomplete += 1;
    }

    /// Notes the numbers of statements that a log has of a database, and of a program.
    pub(super) fn read(&mut self, log: &Path, of_database: u64, of_program: u64) {
        let queries = &mut self.queries;
        let logs =
            [(of_database, &mut queries.of_databases), (of_program, &mut queries.of_programs)];
        for (_, logs) in logs.into_iter().filter(|(statements, _)| *statements > 0) {
            logs.push(log.to_owned());
        }
    }

    pub(super) fn damaged(&mut self, log: &Path) {
        self.queries.damaged.push(log.to_owned());
    }

    /// Notes that the server logged one in so many statements.
    pub(super) fn sampled(&mut self, one_of: u64) {
        self.queries.one_of = self.queries.one_of.max(one_of);
    }

    pub(super) fn add(&mut self, sql: &str, executed: &Execution) {
        let queries = &mut self.queries;
        queries.statements += 1;
        let mut text = digest(sql);
        if queries.classes.len() >= MOST_TEXTS && !self.by_text.contains_key(&text) {
            text = String::new();
        }
        let place = *self.by_text.entry(text).or_insert_with_key(|text| {
            queries.classes.push(StatementClass {
                text: text.clone(),
                slowest_s: -1.0,
                ..StatementClass::default()
            });
            queries.classes.len() - 1
        });
        self.of_log.insert(place);
        self.shows_failures |= executed.failed.is_some();
        let Some(class) = queries.classes.get_mut(place) else { return };
        class.costs_known |= executed.has_costs;
        class.all.add(executed);
        let seconds = executed.seconds.unwrap_or(0.0);
        if seconds > class.slowest_s && !class.text.is_empty() {
            class.slowest_s = seconds;
            class.example = sql.trim().chars().take(EXAMPLE).collect();
        }
        let Some(end) = executed.end_us else {
            queries.untimed += 1;
            return;
        };
        let span = queries.span.get_or_insert(TimeSpan { from_us: end, to_us: end });
        (span.from_us, span.to_us) = (span.from_us.min(end), span.to_us.max(end));
        let lies = |part: Option<TimeSpan>| {
            part.is_some_and(|part| (part.from_us..part.to_us).contains(&end))
        };
        if lies(self.parts.before) {
            class.before.add(executed);
        }
        if lies(self.parts.within) {
            class.within.add(executed);
        }
        if lies(self.parts.selected) {
            class.selected.add(executed);
        }
    }

    pub(super) fn finish(self) -> Queries {
        let mut queries = self.queries;
        queries.classes.sort_by(|a, b| {
            b.all.seconds.total_cmp(&a.all.seconds).then_with(|| a.text.cmp(&b.text))
        });
        queries
    }
}
