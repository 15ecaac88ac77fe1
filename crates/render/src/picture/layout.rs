//! Turns a tree into the input of `inferno`: numbered boxes, the narrow ones merged.

/// A node of the tree to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Depth, 0 for the root.
    pub(crate) depth: usize,
    /// Index one past the last node below this one.
    pub(crate) end: usize,
    /// Width of the node. It is never less than the sum of its children.
    pub(crate) width: u64,
    /// The part of the width that no child has.
    pub(crate) own: u64,
}

/// A box: a node of the tree, or several nodes that are too narrow to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LayoutBox {
    Node(usize),
    /// The narrow children of a node, with everything that they call.
    Pruned {
        parent: usize,
        calls: usize,
        width: u64,
        /// True when they are too deep to be drawn, whatever their width.
        deep: bool,
    },
}

/// Number of levels that are drawn. Recorders keep a few hundred frames of a stack at most. For a
/// deeper one, a line for each box would take memory by the square of its depth.
const DEEPEST: usize = 1_000;

/// The boxes that were met, and the path of those that are open.
#[derive(Default)]
struct OpenBoxes {
    /// All boxes, in the order of their numbers.
    shown: Vec<LayoutBox>,
    /// The open boxes by number, outermost first: `n0;n4`.
    path: String,
    /// The end of each open box in `path`.
    ends: Vec<usize>,
}

impl OpenBoxes {
    /// Opens a box below `depth` open ones, and closes all others.
    fn push(&mut self, depth: usize, what: LayoutBox) {
        self.ends.truncate(depth);
        self.path.truncate(self.ends.last().copied().unwrap_or(0));
        if !self.path.is_empty() {
            self.path.push(';');
        }
        self.path.push_str(&format!("n{}", self.shown.len()));
        self.ends.push(self.path.len());
        self.shown.push(what);
    }
}

/// Returns the boxes by number, and a line for each box that has width of its own. Nodes below
/// [`DEEPEST`] are merged like narrow ones.
pub(super) fn fold(places: &[Place], least: f64) -> (Vec<LayoutBox>, Vec<String>) {
    let mut lines = Vec::new();
    let mut open = OpenBoxes::default();
    // The box of the pruned nodes stands after its siblings, so it waits for their end.
    let mut waiting: Vec<(usize, usize, LayoutBox, u64)> = Vec::new();
    let narrow = |place: &Place| (place.width as f64) < least || place.depth > DEEPEST;
    let mut at = 0;
    loop {
        while let Some((_, depth, pruned, width)) = waiting.pop_if(|&mut (end, ..)| end <= at) {
            open.push(depth, pruned);
            lines.push(format!("{} {width}", open.path));
        }
        let Some(place) = places.get(at) else { break };
        if at > 0 {
            open.push(place.depth - 1, LayoutBox::Node(at));
        }
        if place.own > 0 {
            lines.push(format!("{} {}", open.path, place.own));
        }
        let (mut width, mut calls) = (0, 0);
        for (child, below) in children(places, at).filter(|(_, below)| narrow(below)) {
            width += below.width;
            calls += below.end - child;
        }
        if width > 0 {
            let deep = place.depth >= DEEPEST;
            let pruned = LayoutBox::Pruned { parent: at, calls, width, deep };
            waiting.push((place.end, place.depth, pruned, width));
        }
        at += 1;
        while let Some(next) = places.get(at).filter(|next| narrow(next)) {
            at = next.end;
        }
    }
    (open.shown, lines)
}

fn children(places: &[Place], parent: usize) -> impl Iterator<Item = (usize, &Place)> {
    let end = places.get(parent).map_or(0, |place| place.end);
    let mut next = parent + 1;
    std::iter::from_fn(move || {
        let at = next;
        let place = places.get(at).filter(|_| at < end)?;
        next = place.end;
        Some((at, place))
    })
}
