//! Decides whether the lines in a profile of Node are the lines where functions begin, or the
//! lines that ran.
//!
//! The libraries for Node write either kind into the same field. A record with several lines is
//! not a proof, because two functions with the same name in the same file share a record: a
//! minified bundle has many of them. The proof is in the names that the library and V8 write, and
//! in the stacks: where lines ran, a function that calls several others has several lines.

use super::samples;
use super::spelling::{anonymous, name_of};
use super::tables::Tables;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::warning::PprofFact;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The number of named functions of Node itself that are enough evidence. Node's files are not
/// minified, and seldom contain two functions with the same name.
const ENOUGH_NODE_FUNCTIONS: usize = 10;

/// The number of functions with several callees that are enough evidence when nearly all of them
/// have one line. Where lines ran, this happens by chance in perhaps one function of three, which
/// is short or calls whatever it was given.
const ENOUGH_BRANCHING: usize = 4;

/// The number of distinct stacks that are enough evidence when every function has one line.
const ENOUGH_STACKS: usize = 6;

/// The meaning of a profile's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// There is proof.
    Known { by_line: bool },
    /// There is no proof, and the two meanings would give different functions.
    Guessed { by_line: bool },
}

/// The number of named functions, and of those that have several lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) named: usize,
    pub(super) several: usize,
}

impl Count {
    fn add(&mut self, several: bool) {
        self.named += 1;
        self.several += usize::from(several);
    }

    /// Returns true when more than one in ten functions has several lines. When the lines are
    /// where functions begin, far fewer of Node's own functions have several. When the lines are
    /// those that ran, more have several.
    fn many(self) -> bool {
        self.several * 10 > self.named
    }
}

/// Functions of Node that are on most stacks, each with one definition in its file: the
/// beginning of the file's name, and the end of the function's.
const ONCE: [(&str, &str); 8] = [
    ("node:events", "emit"),
    ("events.js", "emit"),
    ("node:internal/timers", "listOnTimeout"),
    ("node:internal/timers", "processTimers"),
    ("node:internal/process/task_queues", "processTicksAndRejections"),
    ("node:internal/modules/cjs/loader", "Module._load"),
    ("node:_http_agent", "addRequest"),
    ("node:_http_server", "parserOnIncoming"),
];

/// The evidence in a profile.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// True for a profile of memory. V8 records the beginnings of functions in it, and no line that ran.
    is_of_memory: bool,
    /// True when the field for the line of the definition is used. Only some programs write this
    /// field.
    has_starts: bool,
    /// True when a regular expression has a line. This can only be the line that runs it.
    regexp_line: bool,
    /// True when a regular expression has no line, so that lines that ran were not
    /// recorded.
    regexp_without: bool,
    /// True when one of [`ONCE`] has several lines. Also true when the script that starts a
    /// program has a line other than 1: its only function without a name is its wrapper, which
    /// begins in line 1. Also true when the name of a function without a name has a line and no
    /// column: a definition has a column, and V8 counts lines that ran without one.
    ran: bool,
    /// True when the name of a top level or of a module's wrapper contains the place of its
    /// definition: line 1 and column 1. When lines that ran are recorded, the name contains the
    /// line that ran instead.
    defined_top: bool,
    /// True when a function has a line.
    lined: bool,
    /// The number of functions with several callees, of which one may be the function itself.
    branching: usize,
    /// The number of these functions that have one line.
    straight: usize,
    /// The number of distinct stacks.
    stacks: usize,
    /// Functions of Node itself.
    core: Count,
    /// All functions with a name.
    pub(super) all: Count,
}

impl Evidence {
    /// Collects the evidence in the tables, and in the samples of `bytes` when the tables have no
    /// proof.
    pub(super) fn collect(tables: &Tables<'_>, bytes: &[u8]) -> Self {
        // For each function: its first line, and whether there are others.
        let mut lines: HashMap<u64, (i64, bool)> = HashMap::new();
        for line in tables.all_lines() {
            let seen = lines.entry(line.function_id).or_insert((line.line, false));
            seen.1 |= seen.0 != line.line;
        }
        let is_of_memory = tables.string(tables.period_type.unit) == "bytes";
        let mut evidence = Self { is_of_memory, ..Self::default() };
        for (&id, &(line, several)) in &lines {
            if let Some(function) = tables.functions.get(&id) {
                let (name, file) = (name_of(tables, function), tables.string(function.filename));
                evidence.has_starts |= function.start_line > 0;
                evidence.see(&name, &file, line, several);
            }
        }
        if matches!(evidence.lines(), Lines::Guessed { .. }) {
            let one = |id: &u64| lines.get(id).is_some_and(|(line, several)| *line > 0 && !several);
            let (branching, stacks) = branching(tables, bytes);
            evidence.stacks = stacks;
            evidence.branching = branching.len();
            evidence.straight = branching.iter().filter(|id| one(id)).count();
        }
        evidence
    }

    /// Adds a function to the evidence. `line` is its first line, and `several` is true when it
    /// has others.
    fn see(&mut self, name: &str, file: &str, line: i64, several: bool) {
        if file.is_empty() {
            let is_regexp = name.starts_with("RegExp: ");
            self.regexp_line |= is_regexp && line > 0;
            self.regexp_without |= is_regexp && line == 0;
            return;
        }
        if let Some(place) = anonymous(name) {
            self.lined |= place.is_some() || line > 0;
            self.defined_top |= place == Some((1, 1));
            self.ran |= matches!(place, Some((1.., 0)));
            self.ran |= file.starts_with("node:internal/main/") && line > 1;
            return;
        }
        self.lined |= line > 0 || several;
        self.all.add(several);
        if file.starts_with("node:") || file.starts_with("internal/") {
            self.core.add(several);
        }
        let is_once = |(start, end): &(&str, &str)| file.starts_with(start) && name.ends_with(end);
        self.ran |= several && ONCE.iter().any(is_once);
    }

    /// Returns the meaning of the lines, from the best proof that there is.
    pub(super) fn lines(&self) -> Lines {
        let of_core = self.core.named >= ENOUGH_NODE_FUNCTIONS && self.core.many();
        if self.has_starts || self.is_of_memory {
            Lines::Known { by_line: false }
        } else if self.regexp_line || self.ran || of_core {
            Lines::Known { by_line: true }
        } else if self.defined_top || self.regexp_without || self.is_straight() || !self.lined {
            Lines::Known { by_line: false }
        } else {
            Lines::Guessed { by_line: self.all.many() }
        }
    }

    /// Returns true when nearly all functions with several callees have a single line, or when all
    /// functions have one, in many stacks.
    fn is_straight(&self) -> bool {
        let calls = self.branching >= ENOUGH_BRANCHING && self.straight * 10 >= self.branching * 9;
        // Where lines ran, many different stacks differ in lines, too.
        let all = self.all.several == 0
            && self.all.named >= ENOUGH_NODE_FUNCTIONS
            && self.stacks >= ENOUGH_STACKS;
        calls || all
    }

    /// Returns the fact that the meaning was guessed; `None` when there is a proof.
    pub(super) fn guess(&self) -> Option<PprofFact> {
        let Lines::Guessed { by_line } = self.lines() else { return None };
        let Count { named, several } = self.all;
        let (named, several) = (named as u64, several as u64);
        Some(PprofFact::GuessedLines { by_line, named, several })
    }
}

/// Returns the functions that have several callees, and the number of distinct stacks. A function in
/// which a sample ends counts as its own callee.
fn branching(tables: &Tables<'_>, bytes: &[u8]) -> (Vec<u64>, usize) {
    // For each function: its first callee (0 stands for the function itself), and whether there are
    // others.
    let mut callees: HashMap<u64, (u64, bool)> = HashMap::new();
    let mut stacks: HashSet<u64> = HashSet::new();
    samples::each(bytes, |_, sample| {
        let Ok(sample) = sample else { return };
        let mut hasher = DefaultHasher::new();
        sample.location_id.hash(&mut hasher);
        stacks.insert(hasher.finish());
        let lines = sample.location_id.iter().filter_map(|id| tables.locations.get(id));
        let mut callee = 0;
        for line in lines.flat_map(|place| tables.lines(place)) {
            let seen = callees.entry(line.function_id).or_insert((callee, false));
            seen.1 |= seen.0 != callee;
            callee = line.function_id;
        }
    });
    let several = callees.into_iter().filter(|(_, (_, several))| *several);
    (several.map(|(function, _)| function).collect(), stacks.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions as name, file, first line, whether there are others.
    fn lines(functions: &[(&str, &str, i64, bool)]) -> Lines {
        let mut evidence = Evidence::default();
        for &(name, file, line, several) in functions {
            evidence.see(name, file, line, several);
        }
        evidence.lines()
    }

    #[test]
    fn one_proof_settles_it_whatever_a_bundle_repeats() {
        let minified = [("pe", "/a.min.js", 3, true), ("Z", "/a.min.js", 4, true)];
        let with = |function| lines(&[&minified[..], &[function]].concat());
        assert_eq!(lines(&minified), Lines::Guessed { by_line: true });
        let definitions = Lines::Known { by_line: false };
        assert_eq!(with(("(anonymous:L#1:C#1)", "/a.min.js", 1, false)), definitions);
        assert_eq!(with(("RegExp: a", "", 0, false)), definitions);
        let ran = Lines::Known { by_line: true };
        assert_eq!(with(("RegExp: a", "", 7, false)), ran);
        assert_eq!(with(("emit", "node:events", 515, true)), ran);
        let main = "node:internal/main/run_main_module";
        assert_eq!(with(("(anonymous)", main, 17, false)), ran);
        // A name without a column contains the line that ran.
        assert_eq!(with(("(anonymous:L#18)", "/a.js", 18, false)), ran);
        assert_eq!(with(("(anonymous:L#18:C#21)", "/a.js", 18, false)), lines(&minified));
    }

    #[test]
    fn one_line_each_is_a_guess() {
        let one = [("f", "/a.js", 3, false), ("g", "/a.js", 9, false)];
        assert_eq!(lines(&one), Lines::Guessed { by_line: false });
        let none = [("f", "/a.js", 0, false), ("g", "/a.js", 0, false)];
        assert_eq!(lines(&none), Lines::Known { by_line: false });
    }
}
