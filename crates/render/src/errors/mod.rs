//! The errors of an application's log: name, number, times, the place where each was thrown, and
//! its explanation.

mod explanation;
mod handshake;
mod json;
mod known;
mod markdown;
mod services;
mod text;

pub use explanation::ErrorExplanation;
pub use json::json;
use known::known;
pub use markdown::markdown;
pub use text::text;

use crate::about::About;
use crate::names::Names;
use crate::number::{count, seconds};
use hashbrown::HashMap;
use spikeflame_profile::{
    CallTree, Category, FrameId, Kind, Profile, Selection, StackId, Tier, VmState, Zero, wall,
    write_label,
};

/// A place in the source code: a function with its file, line and column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the function; empty for an anonymous one.
    pub name: String,
    /// Path of the file; empty for a builtin, and when it is not known.
    pub file: String,
    /// Line number in the file, from 1; 0 when it is not known.
    pub line: u32,
    /// Column number in `line`, from 1; 0 when it is not known.
    pub column: u32,
    /// Function and file in a short form for people.
    pub short: String,
}

/// A place where an error was thrown, and how often it was thrown there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThrowPlace {
    /// The innermost frame of the application's own code, in the stacks of the error and of its
    /// causes; `None` when it is not known.
    pub app: Option<Place>,
    /// The innermost frame of the innermost cause that has a stack, or else of the error itself;
    /// `None` when it is not known.
    pub innermost: Option<Place>,
    /// Number of errors that were thrown at this place.
    pub count: u64,
}

impl ThrowPlace {
    /// Returns the place in words: `at save orders.js:7, thrown in query pool.js:42`, or `without a stack`.
    fn words(&self) -> String {
        match (&self.app, &self.innermost) {
            (Some(app), Some(innermost)) if app != innermost => {
                format!("at {}, thrown in {}", app.short, innermost.short)
            }
            (Some(place), _) => format!("at {}", place.short),
            (None, Some(place)) => format!("thrown in {}", place.short),
            (None, None) => "without a stack".to_owned(),
        }
    }
}

/// An error in the log of an application, with everything that the log contains about it. Logged
/// errors with the same name and causes are one row.
#[derive(Clone, Debug, Default)]
pub struct ErrorRow {
    /// The general name: class and message, without the parts that differ from one time to the
    /// next.
    pub name: String,
    /// General names of the causes, outermost first.
    pub causes: Vec<String>,
    /// Number of times that the error was logged.
    pub count: u64,
    /// Time at which the error was logged first, in microseconds since the profile's zero.
    pub first_us: u64,
    /// Time at which the error was logged last, in microseconds since the profile's zero.
    pub last_us: u64,
    /// Code of the error, or of the outermost cause that has one, such as `ER_CON_COUNT_ERROR`;
    /// empty without a code.
    pub code: String,
    /// True when the error was logged with a time at least once. When it is false, `first_us` and
    /// `last_us` are no times.
    pub timed: bool,
    /// The places where the error was thrown, the most frequent first. There is at least one.
    pub thrown: Vec<ThrowPlace>,
    /// The explanation of the innermost cause that has one, or else of the error itself; `None`
    /// without one.
    pub known: Option<&'static ErrorExplanation>,
    /// The stacks of the error.
    pub(crate) stacks: Vec<StackId>,
}

/// The errors of a log, as selected.
#[derive(Clone, Debug)]
pub struct Errors {
    /// One row for each error and its causes, the most frequent first; of equal ones, the one that was logged
    /// first.
    pub rows: Vec<ErrorRow>,
    /// Number of errors in all rows.
    pub total: u64,
    /// Number of lines in the logs that were read.
    pub lines: u64,
    /// The number of these lines for which a logger's level was recognised.
    pub levels: u64,
    /// The profile's zero in microseconds since 1970, when the log holds times.
    zero_us: Option<u64>,
    /// The time of the last line of the logs, in microseconds since the profile's zero.
    end_us: u64,
    timed: bool,
}

/// Settings for the look of the table of errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorOptions {
    /// Number of rows to show; 0 for all.
    pub rows: usize,
    /// True to write colours for a terminal; formats other than text have no colours.
    pub color: bool,
    /// The text printed directly after the number of rows that are not shown. It names
    /// the way to show all of them (text output only).
    pub all_rows_hint: &'static str,
}

impl Errors {
    /// Collects the errors of a profile that a selection keeps. `tree` must be built from the profile
    /// with the same selection; short names come from it. With `full_paths`, paths stay whole.
    pub fn collect(
        profile: &Profile,
        selection: &Selection,
        tree: &CallTree,
        full_paths: bool,
    ) -> Self {
        let mut stacks: HashMap<StackId, (u64, u64, u64)> = HashMap::new();
        profile.visit(selection, |_, sample, weight| {
            let entry = stacks.entry(sample.stack).or_insert((0, u64::MAX, 0));
            entry.0 += weight;
            if sample.state != VmState::NO_TIME {
                entry.1 = entry.1.min(sample.time_us);
                entry.2 = entry.2.max(sample.time_us);
            }
        });
        let places = Places { profile, tree, names: Names::new(tree, full_paths) };
        let mut stacks: Vec<_> = stacks.into_iter().collect();
        stacks.sort_unstable_by_key(|(stack, _)| stack.index());
        let mut rows: HashMap<Vec<String>, ErrorRow> = HashMap::new();
        for (stack, (count, first_us, last_us)) in stacks {
            let Some((chain, thrown)) = places.chain(stack, count) else { continue };
            let row = rows.entry(chain).or_insert(ErrorRow { first_us, ..ErrorRow::default() });
            row.count += count;
            row.stacks.push(stack);
            row.first_us = row.first_us.min(first_us);
            row.last_us = row.last_us.max(last_us);
            row.timed |= first_us <= last_us;
            let same = |known: &&mut ThrowPlace| {
                known.app == thrown.app && known.innermost == thrown.innermost
            };
            match row.thrown.iter_mut().find(same) {
                Some(known) => known.count += count,
                None => row.thrown.push(thrown),
            }
        }
        let mut rows: Vec<ErrorRow> = rows
            .into_iter()
            .map(|(mut chain, mut row)| {
                let details = &profile.error_details;
                row.known = chain.iter().rev().find_map(|name| known(name, details.get(name)));
                let code = |name: &String| details.get(name).map(|detail| detail.code.clone());
                let codes =
                    chain.iter().filter_map(code).find(|code| !code.is_empty() && code != "…");
                row.code = codes.unwrap_or_default();
                row.causes = chain.split_off(1.min(chain.len()));
                row.name = chain.pop().unwrap_or_default();
                // The sort is stable: among equal numbers, the first one stays first.
                row.thrown.sort_by_key(|thrown| std::cmp::Reverse(thrown.count));
                row
            })
            .collect();
        rows.sort_unstable_by(|a, b| {
            (b.count, a.first_us, &a.name, &a.causes)
                .cmp(&(a.count, b.first_us, &b.name, &b.causes))
        });
        let zero = profile.sources.first().map(|source| source.zero);
        Self {
            total: rows.iter().map(|row| row.count).sum(),
            lines: profile.sources.iter().map(|source| source.lines).sum(),
            levels: profile.sources.iter().map(|source| source.levels).sum(),
            rows,
            zero_us: match zero {
                Some(Zero::Wall(us)) => Some(us),
                _ => None,
            },
            end_us: profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0),
            timed: profile.is_timed(),
        }
    }

    /// Returns the sentence that replaces an empty table.
    fn none(&self, about: &About) -> String {
        let lines = match self.lines {
            1 => "1 line".to_owned(),
            lines => format!("{} lines", count(lines)),
        };
        let level = match self.levels {
            0 if self.lines > 0 => {
                " (no line has a level that is known: only a stack or the name of an error shows one there)"
            }
            _ => "",
        };
        let outside = match about.left_out.total() {
            0 => String::new(),
            left_out => format!("; {} outside it", count(left_out)),
        };
        let within = match about.window_us {
            Some(times) if about.window.is_some() || about.left_out.outside_window > 0 => {
                self.between(times)
            }
            _ if outside.is_empty() => String::new(),
            _ => " in this selection".to_owned(),
        };
        match within.as_str() {
            "" => format!("{}: no errors in {lines}{level}", about.recordings),
            _ => {
                format!(
                    "{}: no errors{within}{outside}; the log has {lines}{level}",
                    about.recordings
                )
            }
        }
    }

    /// Returns the times of a window as words, and the time of the log's last line when it lies before them.
    fn between(&self, (from_us, to_us): (u64, u64)) -> String {
        let moment = |us: u64| match self.zero_us {
            Some(zero_us) => shortened(&wall::rfc3339(zero_us.saturating_add(us))),
            None => seconds(us),
        };
        let ended = match self.end_us {
            end_us if end_us < from_us => format!(" (its last line is of {})", moment(end_us)),
            _ => String::new(),
        };
        let (from, to) = (moment(from_us), moment(to_us));
        if to_us <= from_us {
            return format!(" after {from}{ended}");
        }
        // The date is not repeated.
        let day = from.split_inclusive(' ').next().filter(|_| self.zero_us.is_some());
        let to = day.and_then(|day| to.strip_prefix(day)).unwrap_or(&to);
        format!(" between {from} and {to}{ended}")
    }

    /// Returns the first rows, and the number of rows that are not shown.
    fn shown(&self, options: &ErrorOptions) -> (&[ErrorRow], usize) {
        let limit = if options.rows == 0 { self.rows.len() } else { options.rows };
        let (shown, more) = self.rows.split_at(limit.min(self.rows.len()));
        (shown, more.len())
    }

    /// Returns the wall-clock time of an error, as RFC 3339 in UTC. It is `None` when no clock is
    /// known.
    fn moment(&self, row: &ErrorRow, us: u64) -> Option<String> {
        Some(wall::rfc3339(self.zero_us?.saturating_add(us))).filter(|_| self.timed && row.timed)
    }

    /// Returns a short time for people: without milliseconds, or else counted from the start.
    fn short_moment(&self, row: &ErrorRow, us: u64) -> String {
        match self.moment(row, us) {
            Some(moment) => shortened(&moment),
            None if self.timed && row.timed => seconds(us),
            None => "-".to_owned(),
        }
    }
}

/// Returns a time of RFC 3339 for people: without milliseconds and zone.
fn shortened(moment: &str) -> String {
    moment.get(..19).unwrap_or_default().replace('T', " ")
}

/// Finds the place where an error was thrown, from its stack.
struct Places<'a> {
    profile: &'a Profile,
    tree: &'a CallTree,
    names: Names<'a>,
}

impl Places<'_> {
    /// Returns the names of the errors in a stack, outermost first, and the place where they were
    /// thrown. Returns `None` for a stack that is not of an error.
    fn chain(&self, stack: StackId, count: u64) -> Option<(Vec<String>, ThrowPlace)> {
        let frames = &self.profile.frames;
        let (mut chain, mut thrown) = (Vec::new(), ThrowPlace { count, ..ThrowPlace::default() });
        let mut is_outermost_error = false;
        for id in self.profile.stacks.frames(stack) {
            let function = frames.get_function(frames.get(id).function);
            is_outermost_error = function.kind == Kind::Error;
            if is_outermost_error {
                chain.push(frames.strings().get(function.name).to_owned());
                continue;
            }
            if thrown.innermost.is_none() {
                thrown.innermost = Some(self.place(id));
            }
            let of_app = function.kind == Kind::Js
                && Category::classify(function, frames.strings()) == Category::App
                && !frames.strings().get(function.file).is_empty();
            if of_app && thrown.app.is_none() {
                thrown.app = Some(self.place(id));
            }
        }
        chain.reverse();
        is_outermost_error.then_some((chain, thrown))
    }

    fn place(&self, id: FrameId) -> Place {
        let frames = &self.profile.frames;
        let function = frames.get_function(frames.get(id).function);
        let mut label = String::new();
        write_label(&mut label, frames.strings(), function, Tier::None);
        let entry = self.tree.entry_of(&label);
        let short = entry.map(|id| self.names.joined(id));
        let text = |id| frames.strings().get(id).to_owned();
        Place {
            name: text(function.name),
            file: text(function.file),
            line: function.line,
            column: function.column,
            short: short.unwrap_or(label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, ErrorOptions, Errors, text};
    use spikeflame_profile::{CallTree, Selection};

    /// The error was: an error with a stack was "without a stack" when its cause had none and no
    /// function of the stack was own code.
    #[test]
    fn an_error_has_a_stack_when_only_its_cause_has_none() {
        let shown = |log: &str| {
            let options = spikeflame_parse::Options { app_log: true, ..Default::default() };
            let profile = spikeflame_parse::read_stream(log.as_bytes(), "x".as_ref(), &options);
            let profile = profile.unwrap();
            let selection = Selection::default();
            let tree = CallTree::build(&profile, &selection);
            let errors = Errors::collect(&profile, &selection, &tree, false);
            let about = About::collect(&profile, &selection, &tree);
            let mut out = Vec::new();
            text(&errors, &about, &ErrorOptions::default(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let package = "    at get (/srv/node_modules/pool/i.js:3:1)\n";
        let own = "    at load (/srv/app.js:9:1)\n";
        let cause = "  [cause]: Error: down\n}\n";
        let log = format!("Error: no connection\n{package} {{\n{cause}");
        let log = log.replace("\n {", " {");
        assert!(shown(&log).contains("thrown in get pool/i.js:3"), "{}", shown(&log));
        let log = format!("Error: no connection\n{package}{own} {{\n{cause}").replace("\n {", " {");
        assert!(shown(&log).contains("at load app.js:9, thrown in get"), "{}", shown(&log));
        let log = "2026-11-24T09:30:00Z ERROR Error: no connection\n";
        assert!(shown(log).contains("without a stack"), "{}", shown(log));
    }
}
