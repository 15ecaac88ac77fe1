//! Samples below the nodes of a run's tree.

use crate::run::RunCounts;

/// The sums of the samples before each node, in the order of the nodes, and of all nodes.
pub(super) struct WeightsBefore {
    before: Vec<f64>,
    all: f64,
}

impl WeightsBefore {
    pub(super) fn add_up(run: &RunCounts) -> Self {
        let mut all = 0.0;
        let mut before = Vec::with_capacity(run.nodes.len());
        for node in &run.nodes {
            before.push(all);
            all += node.self_weight;
        }
        Self { before, all }
    }

    /// Returns the samples of a node and of all nodes below it. `end` is the index after the last of them.
    pub(super) fn of_tree(&self, at: usize, end: usize) -> f64 {
        let until = |node: usize| self.before.get(node).copied().unwrap_or(self.all);
        until(end) - until(at)
    }
}
