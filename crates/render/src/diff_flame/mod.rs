//! Differential flame graphs: they show the places that cost more than before, or less.

use self::colors::DiffPalette;
use self::tree::{Cost, DiffNode, DiffTree};
use crate::clean;
use crate::names::beyond;
use crate::number::amount;
use crate::picture::{
    Direction, Face, Faces, Fill, LayoutBox, Look, PRUNED, Picture, Place, RenderError, pruned_name,
};
use std::io::Write;

pub(crate) mod colors;
pub(crate) mod compared;
pub(crate) mod tree;

/// The cost that the width of a box shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DiffWidth {
    /// The cost before. New functions have no width.
    Before,
    /// The cost after. Functions that are gone have no width.
    After,
    /// The larger of the two costs, so that new functions and functions that are gone show.
    ///
    /// A caller is at least as wide as its callees together.
    #[default]
    Both,
}

/// Settings for the look of a differential flame graph.
#[derive(Clone, Debug)]
pub struct DiffFlameOptions {
    /// The title of the picture.
    pub title: String,
    /// Description of the runs and windows that were compared. The costs, and the meaning of the widths, are
    /// added to it.
    pub subtitle: String,
    /// Unit of the costs, as [`ComparedTree::unit`](crate::ComparedTree::unit) returns it: `CPU-ms per request`.
    pub unit: String,
    /// The cost that the width of a box shows.
    pub widths: DiffWidth,
    /// The two hues for less and more cost.
    pub palette: DiffPalette,
    /// Width in pixels. With `None` the picture fits the browser's window, and it has 1200 pixels
    /// where scripts do not run.
    pub width: Option<u32>,
    /// The width in pixels below which the callees of one function are drawn together as one box. Without
    /// a `width`, these are pixels of a picture with 1200.
    pub min_width: f64,
    /// Direction in which the stacks grow.
    pub direction: Direction,
    /// True for shapes and tooltips only; see [`FlameOptions::fixed`](crate::FlameOptions::fixed).
    pub fixed: bool,
}

impl Default for DiffFlameOptions {
    fn default() -> Self {
        Self {
            title: "Differential flame graph".to_owned(),
            subtitle: String::new(),
            unit: String::new(),
            widths: DiffWidth::default(),
            palette: DiffPalette::default(),
            width: None,
            min_width: 0.5,
            direction: Direction::default(),
            fixed: false,
        }
    }
}

/// The verdict on the function of a box, for its colour and tooltip.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct BoxVerdict {
    /// False when the runs do not show whether the cost changed. Such boxes are grey.
    pub resolved: bool,
    /// The verdict in words, for the tooltip.
    pub words: String,
}

/// Draws a merged tree as a differential flame graph.
///
/// The colour of a box shows the ratio of its cost at this place of the tree, with everything that it
/// calls, for inner nodes as well as for leaves. A box is grey where the verdict is not
/// [resolved](BoxVerdict::resolved), and hatched where nothing is left of its cost. `verdict` is called
/// with the key of an entry, or with `None` for the whole program.
///
/// # Errors
///
/// Returns an error when the tree has no cost that gives boxes a width, or when writing fails.
pub fn diff_flame(
    tree: &DiffTree,
    options: &DiffFlameOptions,
    verdict: impl Fn(Option<u32>) -> BoxVerdict,
    out: impl Write,
) -> Result<(), RenderError> {
    let look = Look {
        width: options.width,
        min_width: options.min_width,
        direction: options.direction,
        fixed: options.fixed,
        // Neighbours often have the same colour.
        lines: true,
    };
    let places = places(tree, options.widths);
    let least = look.least(places.first().map_or(0, |root| root.width));
    let faces = Changes { tree, options, verdict, places: &places, least };
    let picture = Picture {
        title: clean::xml(&options.title),
        subtitle: clean::xml(&subtitle(tree, options)),
        unit: "",
        look,
        places: &places,
        faces: &faces,
    };
    picture.draw(out)
}

fn subtitle(tree: &DiffTree, options: &DiffFlameOptions) -> String {
    let Cost { before, after } = tree.total();
    let costs = format!("{} → {} {}", amount(before), amount(after), options.unit);
    let widths = match options.widths {
        DiffWidth::Before => "as wide as before",
        DiffWidth::After => "as wide as after",
        DiffWidth::Both => "as wide as the larger of before and after",
    };
    let mut parts = vec![options.subtitle.as_str(), costs.trim_end(), widths];
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Width of the root in units of the layout. Costs are fractions, and widths are whole numbers.
const ROOT_WIDTH: f64 = 1e9;

impl DiffWidth {
    /// Returns the part of a cost that gives a box its width.
    fn of_cost(self, cost: Cost) -> f64 {
        match self {
            Self::Before => cost.before,
            Self::After => cost.after,
            Self::Both => cost.before.max(cost.after),
        }
    }
}

/// Returns the place of each node. Children are never wider than their parent.
fn places(tree: &DiffTree, widths: DiffWidth) -> Vec<Place> {
    let cost = |node: &DiffNode| widths.of_cost(node.total);
    let nodes = tree.nodes();
    let mut wide: Vec<f64> = vec![0.0; nodes.len()];
    let widest = from_leaves(nodes, &mut wide, |node, inside: f64| inside.max(cost(node)));
    let scale = if widest > 0.0 { ROOT_WIDTH / widest } else { 0.0 };
    // A second pass in whole numbers, because rounding may make children wider again.
    let mut whole: Vec<u64> = vec![0; nodes.len()];
    let mut places: Vec<Place> = Vec::with_capacity(nodes.len());
    from_leaves(nodes, &mut whole, |node, inside: u64| {
        let width = inside.max((cost(node) * scale).round() as u64);
        places.push(Place {
            depth: node.depth as usize,
            end: node.end,
            width,
            own: width - inside,
        });
        width
    });
    places.reverse();
    places
}

/// Visits the nodes from the last to the first, with the sum of the results of their children.
/// Returns the result of the root.
fn from_leaves<T: Copy + Default + std::ops::AddAssign>(
    nodes: &[DiffNode],
    inside: &mut [T],
    mut make: impl FnMut(&DiffNode, T) -> T,
) -> T {
    let mut made = T::default();
    for (at, node) in nodes.iter().enumerate().rev() {
        made = make(node, inside.get(at).copied().unwrap_or_default());
        if let Some(parent) = inside.get_mut(node.parent) {
            *parent += made;
        }
    }
    made
}

struct Changes<'a, V> {
    tree: &'a DiffTree,
    options: &'a DiffFlameOptions,
    verdict: V,
    places: &'a [Place],
    /// Places narrower than this are pruned.
    least: f64,
}

impl<V: Fn(Option<u32>) -> BoxVerdict> Faces for Changes<'_, V> {
    fn face(&self, shown: LayoutBox) -> Face {
        let (name, fill, cost, details) = match shown {
            LayoutBox::Node(id) => self.node(id),
            LayoutBox::Pruned { parent, calls, deep, .. } => (
                pruned_name(calls, deep),
                Fill::Flat(PRUNED),
                self.pruned(parent, deep),
                String::new(),
            ),
        };
        let details = format!("{}{details}", change(cost, &self.options.unit));
        // The script removes the last pair of parentheses, so there must be only one.
        let details = clean::xml(&details).replace('(', "[").replace(')', "]");
        Face { title: format!("{name} ({details})"), name, fill }
    }

    fn legend(&self, shown: &[LayoutBox]) -> Vec<(String, Fill)> {
        let root = std::iter::once(LayoutBox::Node(0));
        let fills: Vec<Fill> =
            shown.iter().copied().chain(root).map(|shown| self.face(shown).fill).collect();
        self.options.palette.legend(|fill| fills.contains(&fill))
    }
}

impl<V: Fn(Option<u32>) -> BoxVerdict> Changes<'_, V> {
    /// Returns the name, filling, cost, and further text for the tooltip.
    fn node(&self, id: usize) -> (String, Fill, Cost, String) {
        let Some(node) = self.tree.nodes().get(id) else {
            return (String::new(), Fill::Flat(PRUNED), Cost::default(), String::new());
        };
        let Some(entry) = self.tree.entry(node) else {
            let verdict = (self.verdict)(None);
            let fill = self.options.palette.fill(node.total, verdict.resolved);
            return ("all".to_owned(), fill, node.total, said(&verdict));
        };
        let verdict = (self.verdict)(Some(entry.key));
        let mut details = said(&verdict);
        let label = |named: &tree::SideName| named.label.clone();
        let (was, is) = (entry.before.as_ref().map(label), entry.after.as_ref().map(label));
        match (was, is) {
            (Some(was), Some(is)) if was != is => {
                let rest = |label| beyond(label, entry.name());
                details += &format!("; {}; before {}", rest(&is), rest(&was));
            }
            (was, is) => {
                let label = is.or(was).unwrap_or_default();
                let rest = beyond(&label, entry.name());
                if !rest.is_empty() {
                    details += &format!("; {rest}");
                }
            }
        }
        let own = format!(
            "; self {} → {}",
            amount(node.self_weight.before),
            amount(node.self_weight.after)
        );
        let fill = self.options.palette.fill(node.total, verdict.resolved);
        (clean::xml(entry.name()), fill, node.total, own + &details)
    }

    /// Returns the sum of the costs of a node's narrow children, or of all its children when they are
    /// too `deep` to be drawn.
    fn pruned(&self, parent: usize, deep: bool) -> Cost {
        let narrow = |at: usize| self.places.get(at).is_some_and(|p| (p.width as f64) < self.least);
        let mut sum = Cost::default();
        for (_, node) in self.tree.children(parent).filter(|(at, _)| deep || narrow(*at)) {
            sum += node.total;
        }
        sum
    }
}

fn said(verdict: &BoxVerdict) -> String {
    if verdict.words.is_empty() { String::new() } else { format!("; {}", verdict.words) }
}

/// Returns a cost in words: `before 2 → after 1 ms; change -1, ratio 0.5`.
fn change(Cost { before, after }: Cost, unit: &str) -> String {
    let costs = format!("before {} → after {} {unit}", amount(before), amount(after));
    let costs = costs.trim_end();
    let by = after - before;
    let sign = if by > 0.0 { "+" } else { "" };
    match (before > 0.0, after > 0.0) {
        (true, false) => format!("{costs}; gone"),
        (false, true) => format!("{costs}; new"),
        (false, false) => costs.to_owned(),
        (true, true) => {
            format!("{costs}; change {sign}{}, ratio {}", amount(by), amount(after / before))
        }
    }
}
