//! The places of a tree's boxes, the narrow ones merged.

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

/// Number of levels that are drawn. Recorders keep a few hundred frames of a stack at most, and a picture
/// with more levels would be taller than 16,000 pixels.
const DEEPEST: usize = 1_000;

/// A box at its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub(super) what: LayoutBox,
    /// Depth, 0 for the root.
    pub(super) depth: usize,
    /// Left edge, in the unit of widths.
    pub(super) start: u64,
    pub(super) width: u64,
}

/// The boxes of a picture.
#[derive(Default)]
pub(super) struct Layout {
    /// The boxes below the root in pre-order, also those without width.
    pub(super) shown: Vec<LayoutBox>,
    /// The boxes that have width, in the order in which they end, the outer one first.
    pub(super) drawn: Vec<Drawn>,
    /// Width of the root.
    pub(super) total: u64,
    /// The open boxes by number, outermost first.
    path: Vec<usize>,
    /// The open boxes that have width so far, with their left edges.
    begun: Vec<(usize, u64)>,
}

impl Layout {
    /// Opens a box below `depth` open ones, and closes all others.
    fn push(&mut self, depth: usize, what: LayoutBox) {
        self.path.truncate(depth);
        self.path.push(self.shown.len());
        self.shown.push(what);
    }

    /// Gives width to the open boxes.
    fn widen(&mut self, width: u64) {
        let open = self.path.iter().zip(&self.begun);
        let common = open.take_while(|(number, (begun, _))| *number == begun).count();
        self.close(common);
        let new = self.path.get(common..).unwrap_or_default();
        self.begun.extend(new.iter().map(|&number| (number, self.total)));
        if !self.path.is_empty() {
            self.total += width;
        }
    }

    /// Closes the boxes below `depth` open ones.
    fn close(&mut self, depth: usize) {
        let Self { shown, drawn, total, begun, .. } = self;
        for (below, (number, start)) in (depth + 1..).zip(begun.drain(depth..)) {
            let what = shown.get(number).copied().unwrap_or(LayoutBox::Node(0));
            drawn.push(Drawn { what, depth: below, start, width: *total - start });
        }
    }

    /// Closes the root and all that is open.
    fn finish(mut self) -> Self {
        let what = LayoutBox::Node(0);
        self.drawn.push(Drawn { what, depth: 0, start: 0, width: self.total });
        self.close(0);
        self
    }
}

/// Returns the boxes of a tree. Nodes below [`DEEPEST`] are merged like narrow ones.
pub(super) fn fold(places: &[Place], least: f64) -> Layout {
    let mut open = Layout::default();
    // The box of the pruned nodes stands after its siblings, so it waits for their end.
    let mut waiting: Vec<(usize, usize, LayoutBox, u64)> = Vec::new();
    let narrow = |place: &Place| (place.width as f64) < least || place.depth > DEEPEST;
    let mut at = 0;
    loop {
        while let Some((_, depth, pruned, width)) = waiting.pop_if(|&mut (end, ..)| end <= at) {
            open.push(depth, pruned);
            open.widen(width);
        }
        let Some(place) = places.get(at) else { break };
        if at > 0 {
            open.push(place.depth - 1, LayoutBox::Node(at));
        }
        if place.own > 0 {
            open.widen(place.own);
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
    open.finish()
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
