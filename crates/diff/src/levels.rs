//! The weights of functions and of groups of them, from one walk of a call tree.

use crate::resumed::Calls;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{CallTree, Entry, GroupBy, Kind, group_of, is_of_recorder};

/// The groupings that are counted in addition to functions, in the order of
/// [`Levels::groups`].
pub(crate) const GROUPS: [GroupBy; 3] = [GroupBy::File, GroupBy::Package, GroupBy::Category];

#[derive(Clone, Debug)]
pub(crate) struct GroupCount {
    pub(crate) label: String,
    /// True when the label is the path of a file.
    pub(crate) is_file: bool,
    pub(crate) self_count: f64,
    pub(crate) total_count: f64,
    /// The parts of both counts that are the machine's cost.
    pub(crate) machine_self: f64,
    pub(crate) machine_count: f64,
    /// The parts of both counts that are below a handler of requests, and below a timer.
    pub(crate) of_requests: [f64; 2],
    pub(crate) of_timers: [f64; 2],
}

/// The weights of a function or group.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) self_weight: u64,
    pub(crate) total: u64,
    /// The machine's part of `self_weight`.
    own_machine: u64,
    /// The machine's part of `total`.
    pub(crate) machine: u64,
    /// The parts of both weights that are below a handler of requests.
    pub(crate) of_requests: [u64; 2],
    /// The parts of both weights that are below a timer.
    pub(crate) of_timers: [u64; 2],
}

/// Returns true for costs of the machine: the kernel, garbage collection, compiling, and native code
/// such as Node's own and that of libraries, whether its function is known or not. An addon is code, and so is all native
/// code of a program without JavaScript. The module that the recorder loads is no code of the program.
fn is_machine(entry: &Entry, has_js: bool) -> bool {
    match entry.kind {
        Kind::Kernel | Kind::Gc | Kind::Compiler => true,
        Kind::Native => has_js && !entry.file.ends_with(".node"),
        // V8 writes this where no function is known: libuv between two callbacks, or a library.
        Kind::Program => has_js,
        Kind::Js => is_of_recorder(&entry.file),
        _ => false,
    }
}

/// The groups of one grouping: their labels, whether these are paths of files, and their
/// sums.
#[derive(Default)]
pub(crate) struct Groups {
    labels: Vec<(String, bool)>,
    pub(crate) sums: Vec<Sums>,
}

impl Groups {
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|(label, _)| label.as_str())
    }

    /// Returns the counts of all groups. `scaled` converts a weight to a number of samples.
    pub(crate) fn into_counts(self, scaled: impl Fn(u64) -> f64) -> Vec<GroupCount> {
        let groups = self.labels.into_iter().zip(self.sums);
        groups
            .map(|((label, is_file), sums)| GroupCount {
                label,
                is_file,
                self_count: scaled(sums.self_weight),
                total_count: scaled(sums.total),
                machine_self: scaled(sums.own_machine),
                machine_count: scaled(sums.machine),
                of_requests: sums.of_requests.map(&scaled),
                of_timers: sums.of_timers.map(&scaled),
            })
            .collect()
    }
}

/// Self and total weights of functions and groups, from one walk of the tree.
pub(crate) struct Levels {
    pub(crate) functions: Vec<Sums>,
    pub(crate) groups: [Groups; 3],
    /// The groups of each entry, one for each grouping.
    pub(crate) of_entry: Vec<[u32; 3]>,
    /// Whether each entry is the machine's cost.
    pub(crate) is_machine: Vec<bool>,
    /// The event that each entry shows to be the cause of all that it calls.
    events: Vec<Option<Event>>,
}

impl Levels {
    pub(crate) fn new<'e>(entries: &'e [Entry]) -> Self {
        // Functions of one file, owner and kind are in the same groups.
        let mut places: HashMap<(Kind, &str, &str), u32> = HashMap::new();
        let mut shown: Vec<&Entry> = Vec::new();
        let place = |entry: &'e Entry| {
            *places.entry((entry.kind, &*entry.file, &*entry.owner)).or_insert_with(|| {
                shown.push(entry);
                shown.len() as u32 - 1
            })
        };
        let place_of_entry: Vec<u32> = entries.iter().map(place).collect();
        let mut of_place = vec![[0u32; 3]; shown.len()];
        let mut level = 0;
        let groups = GROUPS.map(|by| {
            let mut groups = Groups::default();
            let mut known: HashMap<String, u32> = HashMap::new();
            for (entry, ids) in shown.iter().zip(&mut of_place) {
                let file = if by == GroupBy::File { &entry.file } else { &entry.owner };
                let label = group_of(by, entry.kind, file).unwrap_or_default();
                let id = *known.entry_ref(&label).or_insert_with(|| {
                    let is_file = by == GroupBy::File && label == entry.file;
                    groups.labels.push((label.clone(), is_file));
                    groups.labels.len() as u32 - 1
                });
                if let Some(slot) = ids.get_mut(level) {
                    *slot = id;
                }
            }
            level += 1;
            groups.sums = vec![Sums::default(); groups.labels.len()];
            groups
        });
        let of_entry = |place: &u32| of_place.get(*place as usize).copied().unwrap_or_default();
        let of_entry: Vec<[u32; 3]> = place_of_entry.iter().map(of_entry).collect();
        let has_js = entries.iter().any(|entry| matches!(entry.kind, Kind::Js | Kind::Builtin));
        let is_machine = entries.iter().map(|entry| is_machine(entry, has_js)).collect();
        let functions = vec![Sums::default(); entries.len()];
        let events = entries.iter().map(event_of).collect();
        Self { functions, groups, of_entry, is_machine, events }
    }

    /// Adds up the tree. Each sample counts once for a function, also in a recursion.
    /// Returns the pairs of caller and callee.
    pub(crate) fn add_up(&mut self, tree: &CallTree) -> Vec<(u32, u32)> {
        let mut calls: HashSet<(u32, u32)> = HashSet::new();
        let mut open = PathCounts::new(self);
        let machine = self.machine_before(tree);
        self.mark_continued(tree);
        let requests = self.before(tree, Event::Request);
        let timers = self.before(tree, Event::Timer);
        let between = |sums: &[u64], from: usize, to: usize| {
            let at = |node: usize| sums.get(node).copied().unwrap_or(0);
            at(to) - at(from)
        };
        let mut path: Vec<(usize, usize)> = Vec::new();
        for (at, node) in tree.nodes().iter().enumerate() {
            let Some(entry) = node.entry.map(|entry| entry.index()) else { continue };
            while let Some(&(_, entry)) = path.last().filter(|(end, _)| *end <= at) {
                open.leave(entry, &self.of_entry);
                path.pop();
            }
            if let Some(&(_, caller)) = path.last().filter(|(_, caller)| *caller != entry) {
                calls.insert((caller as u32, entry as u32));
            }
            let ids = self.ids_of(entry);
            let [files, packages, categories] = &mut self.groups;
            let tables =
                [&mut self.functions, &mut files.sums, &mut packages.sums, &mut categories.sums];
            for ((sums, id), is_outer) in tables.into_iter().zip(ids).zip(open.enter(ids)) {
                if let Some(sum) = sums.get_mut(id) {
                    sum.self_weight += node.self_weight;
                    sum.own_machine += between(&machine, at, at + 1);
                    sum.of_requests[0] += between(&requests, at, at + 1);
                    sum.of_timers[0] += between(&timers, at, at + 1);
                    if is_outer {
                        sum.total += node.total;
                        sum.machine += between(&machine, at, node.end);
                        sum.of_requests[1] += between(&requests, at, node.end);
                        sum.of_timers[1] += between(&timers, at, node.end);
                    }
                }
            }
            path.push((node.end, entry));
        }
        let mut calls: Vec<_> = calls.into_iter().collect();
        calls.sort_unstable();
        calls
    }
}

impl Levels {
    /// Returns the places of an entry among the functions, and of its groups among those of each grouping.
    pub(crate) fn ids_of(&self, entry: usize) -> [usize; 4] {
        let groups = self.of_entry.get(entry).copied().unwrap_or_default();
        let [file, package, category] = groups.map(|id| id as usize);
        [entry, file, package, category]
    }

    /// Returns for each node whether it is below no other node of its function, and of each of its groups.
    pub(crate) fn outer_nodes(&self, tree: &CallTree) -> Vec<[bool; 4]> {
        let mut open = PathCounts::new(self);
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut all = Vec::with_capacity(tree.nodes().len());
        for (at, node) in tree.nodes().iter().enumerate() {
            while let Some((_, entry)) = path.pop_if(|(end, _)| *end <= at) {
                open.leave(entry, &self.of_entry);
            }
            all.push(node.entry.map_or([false; 4], |entry| {
                path.push((node.end, entry.index()));
                open.enter(self.ids_of(entry.index()))
            }));
        }
        all
    }

    /// Returns the sums of the machine's weight over all nodes before each node. The last value is
    /// the sum over all nodes.
    fn machine_before(&self, tree: &CallTree) -> Vec<u64> {
        let mut sum = 0;
        let mut sums = vec![0];
        for node in tree.nodes() {
            let machine = node.entry.and_then(|entry| self.is_machine.get(entry.index()));
            sum += if machine == Some(&true) { node.self_weight } else { 0 };
            sums.push(sum);
        }
        sums
    }

    /// Marks the functions that continue for a request as functions of requests.
    fn mark_continued(&mut self, tree: &CallTree) {
        let is_of_request = |entry: usize| self.events.get(entry) == Some(&Some(Event::Request));
        let calls = Calls::new(tree);
        let of_requests = calls.of_requests(|known| {
            let mut below_to = 0;
            let mut is_below = Vec::with_capacity(tree.nodes().len());
            for (at, node) in tree.nodes().iter().enumerate() {
                is_below.push(at < below_to);
                let entry = node.entry.map(|entry| entry.index());
                if entry.is_some_and(|entry| is_of_request(entry) || known.contains(&entry)) {
                    below_to = below_to.max(node.end);
                }
            }
            is_below
        });
        for entry in of_requests {
            if let Some(event) = self.events.get_mut(entry) {
                *event = Some(Event::Request);
            }
        }
    }

    /// Returns the sums of the weight below functions of an event, as [`Levels::machine_before`]
    /// does.
    fn before(&self, tree: &CallTree, event: Event) -> Vec<u64> {
        let (mut sum, mut below_to) = (0, 0);
        let mut sums = vec![0];
        for (at, node) in tree.nodes().iter().enumerate() {
            let of_node = node.entry.and_then(|entry| self.events.get(entry.index()));
            if of_node == Some(&Some(event)) {
                below_to = below_to.max(node.end);
            }
            sum += if at < below_to { node.self_weight } else { 0 };
            sums.push(sum);
        }
        sums
    }
}

/// The event that made Node call into the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Request,
    Timer,
}

/// The functions of Node that pass a request to a server, by their file: those of HTTP/1, and those
/// of HTTP/2. Clients have others.
const ON_REQUEST: [(&str, &str); 3] = [
    ("_http_server", "parserOnIncoming"),
    ("internal/http2/core", "sessionOnStream"),
    ("internal/http2/compat", "onServerStream"),
];
/// The functions of Node, and of the libraries in it, that call timers.
const ON_TIMER: [&str; 2] = ["listOnTimeout", "processTimers"];
const NATIVE_ON_TIMER: [&str; 2] = ["uv__run_timers", "node::Environment::RunTimers"];

/// Returns the event of a function that Node calls for one; `None` for all other functions.
fn event_of(entry: &Entry) -> Option<Event> {
    // Old versions of Node name its files `internal/timers.js`, new ones `node:internal/timers`.
    let file = entry.file.strip_prefix("node:").unwrap_or(&entry.file);
    let file = file.strip_suffix(".js").unwrap_or(file);
    let is = |names: &[&str]| names.contains(&entry.name.as_str());
    match entry.kind {
        Kind::Js if ON_REQUEST.contains(&(file, entry.name.as_str())) => Some(Event::Request),
        Kind::Js if matches!(file, "internal/timers" | "timers") && is(&ON_TIMER) => {
            Some(Event::Timer)
        }
        Kind::Native if is(&NATIVE_ON_TIMER) => Some(Event::Timer),
        _ => None,
    }
}

/// The number of times that each function and group is on the current path.
struct PathCounts {
    counts: [Vec<u32>; 4],
}

impl PathCounts {
    fn new(levels: &Levels) -> Self {
        let [files, packages, categories] = &levels.groups;
        let groups = [files, packages, categories].map(|groups| vec![0; groups.sums.len()]);
        let [files, packages, categories] = groups;
        Self { counts: [vec![0; levels.functions.len()], files, packages, categories] }
    }

    /// Adds a function and its groups to the path. Returns for each whether it was not on the path before.
    fn enter(&mut self, ids: [usize; 4]) -> [bool; 4] {
        let mut is_outer = [false; 4];
        for ((counts, id), is_outer) in self.counts.iter_mut().zip(ids).zip(&mut is_outer) {
            if let Some(count) = counts.get_mut(id) {
                *is_outer = *count == 0;
                *count += 1;
            }
        }
        is_outer
    }

    fn leave(&mut self, entry: usize, of_entry: &[[u32; 3]]) {
        let [file, package, category] = of_entry.get(entry).copied().unwrap_or_default();
        let ids = [entry, file as usize, package as usize, category as usize];
        for (counts, id) in self.counts.iter_mut().zip(ids) {
            if let Some(count) = counts.get_mut(id) {
                *count -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::run::{Run, RunCounts};
    use spikeflame_profile::{Selection, folded};

    /// `(program)` of a server was CHANGED among the functions of its code, and crossed a gate.
    #[test]
    fn native_code_without_a_known_function_is_the_machine_beside_javascript() {
        let of_program = |mut text: &[u8]| {
            let profile = folded::read(&mut text, "example", None).unwrap();
            let counts = RunCounts::count(&Run::new("run", &profile, &Selection::default()));
            let program = counts.functions.iter().find(|of| of.label == "(program)");
            program.map(|of| of.is_machine)
        };
        assert_eq!(of_program(b"handle /srv/app/a.js:1:1 7\n(program) 5\n"), Some(true));
        assert_eq!(of_program(b"main 7\n(program) 5\n"), Some(false));
    }

    /// A handler that waited for a timer was START-UP?, because its samples are below the timer.
    #[test]
    fn a_handler_that_continues_below_a_timer_is_of_its_request() {
        const REQUEST: &str = "parserOnIncoming node:_http_server:1026:26;emit node:events:471:44";
        const TIMER: &str = "listOnTimeout node:internal/timers:524:25;runNextTicks \
                             node:internal/process/task_queues:58:22;node::task_queue::RunMicrotasks";
        const TICK: &str = "listOnTimeout node:internal/timers:524:25;tick /srv/tick.js:2:9";
        let text = format!(
            "{REQUEST};serve /srv/a.js:6:19 3\n\
             {TIMER};serve /srv/a.js:6:19;load /srv/a.js:30:9 40\n\
             {TIMER};load /srv/a.js:30:9;parse /srv/a.js:50:9 20\n\
             {TICK};flush /srv/tick.js:9:9 5\n\
             {REQUEST};serve /srv/a.js:6:19;flush /srv/tick.js:9:9 2\n\
             {TIMER};flush /srv/tick.js:9:9 30\n"
        );
        let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let counts = RunCounts::count(&Run::new("run", &profile, &Selection::default()));
        let of = |name: &str| {
            let of = counts.functions.iter().find(|of| of.name == name).unwrap();
            (of.total_count, of.of_requests[1])
        };
        assert_eq!(of("serve"), (45.0, 45.0));
        assert_eq!(of("load"), (60.0, 60.0), "`serve` calls it after it continued");
        assert_eq!(of("parse"), (20.0, 20.0));
        assert_eq!(of("flush"), (37.0, 2.0), "a timer calls it too");
    }
}
