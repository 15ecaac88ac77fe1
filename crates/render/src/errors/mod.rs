//! The errors of an application's log: which, how often, when, where thrown and what
//! they mean.

mod json;
mod known;
mod markdown;
mod text;

pub use json::json;
pub use known::{Known, known};
pub use markdown::markdown;
pub use text::text;

use crate::about::About;
use crate::names::Names;
use crate::number::count;
use hashbrown::HashMap;
use spikeflame_profile::{
    CallTree, Category, FrameId, Kind, Profile, Selection, StackId, Tier, VmState, Zero, wall,
    write_label,
};

/// A place in the source, as a frame has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The function's name; empty for an anonymous one.
    pub name: String,
    /// The file; empty for a builtin.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Both in short, for people.
    pub short: String,
}

/// Where an error was thrown, and how often there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thrown {
    /// The innermost frame of the application's own code, if there is one.
    pub app: Option<Place>,
    /// The innermost frame of all, if there is a stack.
    pub innermost: Option<Place>,
    /// How many were thrown there.
    pub count: u64,
}

/// An error and all that it was logged.
#[derive(Clone, Debug, Default)]
pub struct ErrorRow {
    /// Its name: class and message, without what differs from one to the next.
    pub name: String,
    /// The names of its causes, outermost first.
    pub causes: Vec<String>,
    /// How often it was logged.
    pub count: u64,
    /// Microseconds since the profile's zero of the first.
    pub first_us: u64,
    /// Of the last.
    pub last_us: u64,
    /// Code of the error, such as `ER_CON_COUNT_ERROR`; empty without one.
    pub code: String,
    /// False where all its errors stand before the log's first time.
    pub timed: bool,
    /// Where it was thrown, the most frequent first.
    pub thrown: Vec<Thrown>,
    /// What it means, where that is known.
    pub known: Option<&'static Known>,
}

/// The errors of a log as selected.
#[derive(Clone, Debug)]
pub struct Errors {
    /// The most frequent first.
    pub rows: Vec<ErrorRow>,
    /// How many were logged, of all rows.
    pub total: u64,
    /// How many lines of logs were read.
    pub lines: u64,
    /// Microseconds since 1970 of the profile's zero, where the log tells times.
    zero_us: Option<u64>,
    timed: bool,
}

/// How the table looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorOptions {
    /// Rows to show; 0 for all.
    pub rows: usize,
    /// Colours (text only).
    pub color: bool,
}

impl Errors {
    /// Gathers the errors that a selection keeps of a profile. `tree` is cut from it
    /// by the same selection, for short names; whole paths with `full_paths`.
    ///
    /// Samples that are no errors (of a recording among logs) are left out.
    pub fn of(profile: &Profile, selection: &Selection, tree: &CallTree, full_paths: bool) -> Self {
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
            let Some((chain, thrown)) = places.of(stack, count) else { continue };
            let row = rows.entry(chain).or_insert(ErrorRow { first_us, ..ErrorRow::default() });
            row.count += count;
            row.first_us = row.first_us.min(first_us);
            row.last_us = row.last_us.max(last_us);
            row.timed |= first_us <= last_us;
            let same = |known: &&mut Thrown| {
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
                let codes = chain.iter().filter_map(code).find(|code| !code.is_empty());
                row.code = codes.unwrap_or_default();
                row.causes = chain.split_off(1.min(chain.len()));
                row.name = chain.pop().unwrap_or_default();
                // The first stays first among as many.
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
            rows,
            zero_us: match zero {
                Some(Zero::Wall(us)) => Some(us),
                _ => None,
            },
            timed: profile.is_timed(),
        }
    }

    /// The sentence that stands for an empty table.
    fn none(&self, about: &About) -> String {
        let lines = count(self.lines);
        match about.left_out.total() {
            0 => format!("{}: no errors in {lines} lines", about.files),
            left_out => format!(
                "{}: no errors in this selection; {} outside it, in {lines} lines",
                about.files,
                count(left_out)
            ),
        }
    }

    /// The first rows, and how many more there are.
    fn shown(&self, options: &ErrorOptions) -> (&[ErrorRow], usize) {
        let limit = if options.rows == 0 { self.rows.len() } else { options.rows };
        let (shown, more) = self.rows.split_at(limit.min(self.rows.len()));
        (shown, more.len())
    }

    /// A moment on the wall's clock, RFC 3339 in UTC; `None` where no clock is known.
    fn moment(&self, row: &ErrorRow, us: u64) -> Option<String> {
        Some(wall::rfc3339(self.zero_us?.saturating_add(us))).filter(|_| self.timed && row.timed)
    }

    /// The same for people: without milliseconds, or since the beginning.
    fn short_moment(&self, row: &ErrorRow, us: u64) -> String {
        match self.moment(row, us) {
            Some(moment) => moment.get(..19).unwrap_or_default().replace('T', " "),
            None if self.timed && row.timed => crate::number::seconds(us),
            None => "-".to_owned(),
        }
    }
}

/// Stacks to where errors were thrown.
struct Places<'a> {
    profile: &'a Profile,
    tree: &'a CallTree,
    names: Names,
}

impl Places<'_> {
    /// The names of the errors in a stack, outermost first, and where it was thrown;
    /// `None` for the stack of something else.
    fn of(&self, stack: StackId, count: u64) -> Option<(Vec<String>, Thrown)> {
        let frames = &self.profile.frames;
        let (mut chain, mut thrown) = (Vec::new(), Thrown { count, ..Thrown::default() });
        let mut is_outermost_error = false;
        for id in self.profile.stacks.frames(stack) {
            let function = frames.get_function(frames.get(id).function);
            is_outermost_error = function.kind == Kind::Error;
            if is_outermost_error {
                chain.push(frames.strings().get(function.name).to_owned());
                continue;
            }
            if thrown.innermost.is_none() && chain.is_empty() {
                thrown.innermost = Some(self.place(id));
            }
            let of_app = function.kind == Kind::Js
                && Category::of(function, frames.strings()) == Category::App
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
