//! Finds a name by which people know a function that has none: that of its nearest caller with a name.

use std::collections::BTreeMap;

/// Whether people know a function by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// A function with a name, in code of the application or of a package.
    Named,
    /// A function of JavaScript without a name.
    Nameless,
    /// All other code, such as Node's own.
    Other,
}

/// A node of a call tree in pre-order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    /// The index of the function.
    pub(crate) function: u32,
    /// The index after the last node below this one.
    pub(crate) end: u32,
    /// The samples that end here.
    pub(crate) self_weight: f64,
}

/// Returns for each function the index of its nearest caller with a name, in code of the application
/// or of a package. Among several, it is the one below which most samples are. It is `None` for
/// functions with a name, for other code, and for functions that have no such caller.
pub(crate) fn named_callers(functions: &[Naming], nodes: &[Call]) -> Vec<Option<u32>> {
    let naming = |of: u32| functions.get(of as usize).copied().unwrap_or(Naming::Other);
    // The samples before each node, so that those of a part of the tree are a difference.
    let mut before = vec![0.0];
    for node in nodes {
        before.push(before.last().copied().unwrap_or(0.0) + node.self_weight);
    }
    let within = |from: usize, to: u32| {
        let at = |index: usize| before.get(index).copied().unwrap_or(0.0);
        at((to as usize).min(nodes.len())) - at(from)
    };
    let mut weights: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    // The callers of the current node that have names, each with the end of its part of the tree.
    let mut above: Vec<(u32, u32)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        while above.last().is_some_and(|(end, _)| *end as usize <= at) {
            above.pop();
        }
        match (naming(node.function), above.last()) {
            (Naming::Named, _) => above.push((node.end, node.function)),
            (Naming::Nameless, Some((_, caller))) => {
                *weights.entry((node.function, *caller)).or_default() += within(at, node.end);
            }
            _ => {}
        }
    }
    let mut found: Vec<Option<(u32, f64)>> = vec![None; functions.len()];
    for ((function, caller), weight) in weights {
        if let Some(slot) = found.get_mut(function as usize)
            && slot.is_none_or(|(_, most)| weight > most)
        {
            *slot = Some((caller, weight));
        }
    }
    found.into_iter().map(|slot| slot.map(|(caller, _)| caller)).collect()
}
