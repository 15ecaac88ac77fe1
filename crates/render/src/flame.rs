//! SVG flame graphs of one profile.

use crate::about::About;
use crate::clean;
use crate::colors::{Palette, Rgb, main_tier};
use crate::names::Names;
use crate::number::{count, decimals, share, share_text};
use crate::picture::{
    Direction, Face, Faces, Fill, LayoutBox, Look, PRUNED, Picture, Place, ROOT, RenderError,
    pruned_name,
};
use spikeflame_profile::{CallTree, Entry, Kind, NodeId, Tier};
use std::io::Write;

/// Settings for the look of a flame graph.
#[derive(Clone, Debug)]
pub struct FlameOptions {
    /// The title of the picture. When it is empty, the title is made from [`About::recordings`]:
    /// `CPU flame graph of v8.log`, without `CPU` for weights that are no time, and `Errors of app.log` for a log.
    pub title: String,
    /// Width in pixels. With `None` the picture fits the browser's window, and it has 1200 pixels
    /// where scripts do not run.
    pub width: Option<u32>,
    /// The width in pixels below which the callees of one function are drawn together as one box. Without
    /// a `width`, these are pixels of a picture with 1200.
    pub min_width: f64,
    /// The meaning of the colours of boxes.
    pub palette: Palette,
    /// The direction in which the stacks grow.
    pub direction: Direction,
    /// True to show whole paths of files; false to shorten them.
    pub full_paths: bool,
    /// True to draw a static picture of shapes and tooltips, as pull requests need it, without
    /// script, search and zoom.
    pub fixed: bool,
}

impl Default for FlameOptions {
    fn default() -> Self {
        Self {
            title: String::new(),
            width: None,
            min_width: 0.5,
            palette: Palette::default(),
            direction: Direction::default(),
            full_paths: false,
            fixed: false,
        }
    }
}

/// Draws a tree as an SVG flame graph.
///
/// The root is as wide as the samples that were kept. Calls with the same label under the same
/// parent are one box. Boxes narrower than `min_width` under one parent are merged into one box, and so are those
/// below 1,000 levels.
///
/// ```
/// use spikeflame_profile::{CallTree, Profile, Selection};
/// use spikeflame_render::{About, FlameOptions, RenderError, flame};
///
/// let (profile, selection) = (Profile::default(), Selection::default());
/// let tree = CallTree::build(&profile, &selection);
/// let about = About::collect(&profile, &selection, &tree);
/// let drawn = flame(&tree, &about, &FlameOptions::default(), &mut Vec::new());
/// assert!(matches!(drawn, Err(RenderError::Empty)));
/// ```
///
/// # Errors
///
/// Returns an error when the tree has no samples, or when writing fails.
pub fn flame(
    tree: &CallTree,
    about: &About,
    options: &FlameOptions,
    out: impl Write,
) -> Result<(), RenderError> {
    let look = Look {
        width: options.width,
        min_width: options.min_width,
        direction: options.direction,
        fixed: options.fixed,
        lines: false,
    };
    let nodes = tree.nodes().iter();
    let places: Vec<Place> = nodes
        .map(|node| Place {
            depth: node.depth as usize,
            end: node.end,
            width: node.total,
            own: node.self_weight,
        })
        .collect();
    let faces = Functions { tree, about, options, names: Names::new(tree, options.full_paths) };
    let picture = Picture {
        title: match options.title.as_str() {
            "" if about.unit == "errors" => clean::xml(&format!("Errors of {}", about.recordings)),
            "" if about.counts_time() => {
                clean::xml(&format!("CPU flame graph of {}", about.recordings))
            }
            "" => clean::xml(&format!("Flame graph of {}", about.recordings)),
            title => clean::xml(title),
        },
        subtitle: clean::xml(&about.line_within(look.characters())),
        unit: &about.unit,
        look,
        places: &places,
        faces: &faces,
    };
    picture.draw(out)
}

struct Functions<'a> {
    tree: &'a CallTree,
    about: &'a About,
    options: &'a FlameOptions,
    names: Names<'a>,
}

impl Faces for Functions<'_> {
    fn face(&self, shown: LayoutBox) -> Face {
        let total = self.tree.total();
        let (name, color, weight, details) = match shown {
            LayoutBox::Node(0) => ("all".to_owned(), ROOT, total, String::new()),
            LayoutBox::Node(id) => self.node(id),
            LayoutBox::Pruned { calls, width, deep, .. } => {
                (pruned_name(calls, deep), PRUNED, width, String::new())
            }
        };
        let (weighed, share) = (count(weight), share_text(weight, total));
        let unit = self.about.unit_of(weight);
        let title = format!("{name} ({weighed} {unit}, {share}%{details})");
        Face { name, title, fill: Fill::Flat(color) }
    }

    fn legend(&self, shown: &[LayoutBox]) -> Vec<(String, Fill)> {
        let drawn = shown.iter().filter_map(|shown| match shown {
            LayoutBox::Node(id) => {
                let node = self.tree.nodes().get(*id)?;
                Some((self.tree.entry(node.entry)?, node.total))
            }
            LayoutBox::Pruned { .. } => None,
        });
        let entries = self.options.palette.legend(drawn).into_iter();
        entries.map(|(word, color)| (word, Fill::Flat(color))).collect()
    }
}

impl Functions<'_> {
    /// Returns the name, colour, weight and tooltip of a node.
    fn node(&self, id: NodeId) -> (String, Rgb, u64, String) {
        let Some((node, entry_id)) = self.tree.nodes().get(id).and_then(|n| Some((n, n.entry?)))
        else {
            return Default::default();
        };
        let Some(entry) = self.tree.entry(node.entry) else { return Default::default() };
        let name = self.names.joined(entry_id);
        let (own, of_all) =
            (count(node.self_weight), share_text(node.self_weight, self.tree.total()));
        let details = format!("; self {own}, {of_all}%{}", details(entry, &name));
        // The script removes the last pair of parentheses, so there must be only one.
        let details = clean::xml(&details).replace('(', "[").replace(')', "]");
        (clean::xml(&name), self.options.palette.color(entry), node.total, details)
    }
}

/// Returns further text for a tooltip: tiers, and the part of the full label that the name does
/// not show.
fn details(entry: &Entry, name: &str) -> String {
    let mut text = String::new();
    let sum: u64 = entry.total_tiers.iter().sum();
    if entry.kind == Kind::Js && main_tier(entry) != Tier::None {
        for tier in Tier::ALL.into_iter().rev().filter(|tier| *tier != Tier::None) {
            let weight = entry.total_tiers.get(tier.index()).copied().unwrap_or(0);
            if weight > 0 {
                text += &format!("; {} {}%", tier.word(), decimals(share(weight, sum), 0));
            }
        }
    }
    let rest = crate::names::beyond(&entry.label, name);
    if !rest.is_empty() {
        text += &format!("; {rest}");
    } else if entry.kind == Kind::Native && !entry.file.is_empty() {
        text += &format!("; {}", entry.file);
    }
    text
}
