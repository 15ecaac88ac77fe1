//! The flat table: self and total weight of each function or group.

use crate::call_tree::CallTree;
use crate::tree::EntryId;

/// A row of the flat table: one entry of a call tree that is not reversed, with its weights over all its
/// nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hotspot {
    /// The id of the entry (a function, a line of a function, or a group) in the tree of the row.
    pub entry: EntryId,
    /// Weight of the samples that end in the entry, summed over all its nodes; it may be 0. All
    /// weights are in [`Source::unit`](crate::Source::unit).
    pub self_weight: u64,
    /// Weight of the samples whose stack contains the entry. Each sample counts once, also in a
    /// recursion.
    pub total: u64,
}

/// The flat table of a [`CallTree`]: self and total weight of every entry.
///
/// ```
/// use spikeflame_profile::{CallTree, Hotspots, Selection, folded};
///
/// let mut text: &[u8] = b"main;parse;parse 3\nmain 1\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// let tree = CallTree::build(&profile, &Selection::default());
/// let rows = Hotspots::from_tree(&tree).rows;
/// let first = tree.entry(Some(rows[0].entry)).map(|entry| entry.label.as_str());
/// assert_eq!((first, rows[0].self_weight, rows[0].total), (Some("parse"), 3, 3));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Hotspots {
    /// The rows, one for each entry. [`Hotspots::from_tree`] orders them by self weight, the
    /// highest first.
    pub rows: Vec<Hotspot>,
}

impl Hotspots {
    /// Sums up the weights of all nodes of a tree by entry. The rows are ordered by self weight, the highest first;
    /// equal ones by total weight, then by label.
    pub fn from_tree(tree: &CallTree) -> Self {
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

    /// Sorts the rows by self weight, the highest first. Rows with equal self weight are sorted by
    /// total weight, the highest first, then by label.
    pub(crate) fn sort_by_self(&mut self) {
        self.rows.sort_by_key(|row| (std::cmp::Reverse((row.self_weight, row.total)), row.entry));
    }

    /// Sorts the rows by total weight, the highest first. Rows with equal total weight are sorted
    /// by self weight, the highest first, then by label.
    pub fn sort_by_total(&mut self) {
        self.rows.sort_by_key(|row| (std::cmp::Reverse((row.total, row.self_weight)), row.entry));
    }
}
