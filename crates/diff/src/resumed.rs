//! Functions that continue for a request after they waited.
//!
//! A handler that waits for a timer continues below the timer, although the cost is the request's. The
//! stacks show it: the function is called below a handler of requests, and nowhere else.

use spikeflame_profile::{CallTree, Category, Entry, Kind};
use std::collections::BTreeSet;

/// A chain of functions that wait, of which each one calls the next after it continued, is followed this far.
const MOST_STEPS: usize = 8;

/// The calls of the functions of a program, without those by which they continue.
pub(crate) struct Calls {
    /// For each call, the entry, and its node in the tree.
    of_program: Vec<(usize, usize)>,
}

impl Calls {
    pub(crate) fn new(tree: &CallTree) -> Self {
        let entries = tree.entries();
        let mut path: Vec<(usize, bool)> = Vec::new();
        let mut of_program = Vec::new();
        for (at, node) in tree.nodes().iter().enumerate() {
            while path.last().is_some_and(|(end, _)| *end <= at) {
                path.pop();
            }
            let Some(index) = node.entry.map(|entry| entry.index()) else { continue };
            let Some(entry) = entries.get(index).filter(|entry| entry.kind == Kind::Js) else {
                continue;
            };
            let continues = path.last().is_none_or(|(_, is_queue)| *is_queue);
            if is_of_program(entry) && !continues {
                of_program.push((index, at));
            }
            path.push((node.end, is_queue(entry)));
        }
        Self { of_program }
    }

    /// Returns the functions that are only called at nodes below requests. `below` returns, for the
    /// functions that are known to be of requests, whether each node is below one of them or below a
    /// handler of requests.
    pub(crate) fn of_requests(
        &self,
        below: impl Fn(&BTreeSet<usize>) -> Vec<bool>,
    ) -> BTreeSet<usize> {
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for _ in 0..MOST_STEPS {
            let is_below = below(&known);
            let (mut found, mut others) = (BTreeSet::new(), BTreeSet::new());
            for (entry, node) in &self.of_program {
                let is_below = is_below.get(*node) == Some(&true);
                (if is_below { &mut found } else { &mut others }).insert(*entry);
            }
            found.retain(|entry| !others.contains(entry));
            if found.len() <= known.len() {
                break;
            }
            known = found;
        }
        known
    }
}

fn is_of_program(entry: &Entry) -> bool {
    matches!(entry.category, Category::App | Category::Dependency)
}

/// Returns true for Node's functions that run what waited for a promise. Their callees continue.
fn is_queue(entry: &Entry) -> bool {
    let file = entry.file.strip_prefix("node:").unwrap_or(&entry.file);
    file.strip_suffix(".js").unwrap_or(file) == "internal/process/task_queues"
}
