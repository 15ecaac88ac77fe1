//! The functions around a function in the call trees of one side.

use crate::matching::SideFunctions;
use hashbrown::HashMap;
use spikeflame_profile::Kind;
use std::collections::BTreeSet;

/// The functions that call a row's function, and the JavaScript functions that it calls, as rows.
#[derive(Default)]
pub(super) struct Neighbours {
    pub(super) callers: BTreeSet<usize>,
    pub(super) callees: BTreeSet<usize>,
}

/// One side, with all calls between rows.
pub(super) struct Calls {
    of_row: HashMap<usize, Neighbours>,
}

impl Calls {
    pub(super) fn new(side: &SideFunctions<'_>, rows: &[usize]) -> Self {
        let mut of_row: HashMap<usize, Neighbours> = HashMap::new();
        let row = |id: usize| rows.get(id).copied();
        for &(caller, callee) in &side.calls {
            let Some((from, to)) = row(caller).zip(row(callee)).filter(|(from, to)| from != to)
            else {
                continue;
            };
            of_row.entry(to).or_default().callers.insert(from);
            // Builtins are called by everything.
            if side.functions.get(callee).is_some_and(|function| function.count.kind == Kind::Js) {
                of_row.entry(from).or_default().callees.insert(to);
            }
        }
        Self { of_row }
    }

    pub(super) fn around(&self, row: usize) -> Option<&Neighbours> {
        self.of_row.get(&row)
    }

    pub(super) fn is_only_caller(&self, caller: usize, callee: usize) -> bool {
        self.around(callee).is_some_and(|near| near.callers.iter().all(|row| *row == caller))
    }
}
