//! The flat table: self and total by function (or group).

use crate::call_tree::{CallTree, EntryId};

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hotspot {
    /// What it is: an entry of the tree.
    pub entry: EntryId,
    /// Weight of the samples that end in it.
    pub self_weight: u64,
    /// Weight of the samples that it is anywhere in, each counted once.
    pub total: u64,
}

/// Self and total of every entry of a [`CallTree`].
#[derive(Clone, Debug, Default)]
pub struct Hotspots {
    /// The rows; most self first until sorted otherwise, ties by label.
    pub rows: Vec<Hotspot>,
}

impl Hotspots {
    /// Adds up a tree.
    pub fn of(tree: &CallTree) -> Self {
        let mut sums = vec![(0u64, 0u64); tree.entries().len()];
        let mut open = vec![0u32; tree.entries().len()];
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut ids = vec![None; tree.entries().len()];
        for (at, node) in tree.nodes().iter().enumerate() {
            let Some(id) = node.entry else { continue };
            while let Some(&(_, entry)) = path.last().filter(|(end, _)| *end <= at) {
                if let Some(count) = open.get_mut(entry) {
                    *count -= 1;
                }
                path.pop();
            }
            let entry = id.index();
            if let (Some(sum), Some(count), Some(slot)) =
                (sums.get_mut(entry), open.get_mut(entry), ids.get_mut(entry))
            {
                *slot = Some(id);
                sum.0 += node.self_weight;
                if *count == 0 {
                    sum.1 += node.total;
                }
                *count += 1;
                path.push((node.end, entry));
            }
        }
        let rows = ids.into_iter().zip(sums).filter_map(|(id, (self_weight, total))| {
            Some(Hotspot { entry: id?, self_weight, total })
        });
        let mut hotspots = Self { rows: rows.collect() };
        hotspots.sort_by_self();
        hotspots
    }

    /// Most self weight first.
    pub fn sort_by_self(&mut self) {
        self.rows.sort_by_key(|row| (std::cmp::Reverse((row.self_weight, row.total)), row.entry));
    }

    /// Most total weight first.
    pub fn sort_by_total(&mut self) {
        self.rows.sort_by_key(|row| (std::cmp::Reverse((row.total, row.self_weight)), row.entry));
    }
}
