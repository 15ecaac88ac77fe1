//! A call tree written as folded stacks.

use crate::call_tree::CallTree;
use crate::label::NAMELESS_LABEL;
use crate::tree::NodeId;
use std::cmp::Ordering;
use std::io::{self, Write};

/// Replaces the characters that folded text cannot hold in a label: `;` separates frames,
/// and a line break ends the stack.
pub fn clean(label: &str) -> String {
    let swap = |c| match c {
        ';' => ':',
        '\n' | '\r' => ' ',
        c => c,
    };
    label.chars().map(swap).collect()
}

/// One line to write: the node's own, or those of all nodes below it.
#[derive(Clone, Copy)]
struct Item<'a> {
    label: &'a str,
    node: NodeId,
    calls: bool,
}

impl Item<'_> {
    /// Compares two items by the bytes of their lines. Lines of nodes below have a `;`
    /// after the label.
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.label.as_bytes(), other.label.as_bytes());
        let shorter = a.len().min(b.len());
        let behind = |item: &Self, text: &[u8]| match text.get(shorter) {
            None if item.calls => Some(b';'),
            next => next.copied(),
        };
        a.get(..shorter).cmp(&b.get(..shorter)).then_with(|| behind(self, a).cmp(&behind(other, b)))
    }
}

/// Writes a tree as folded stacks, one line a stack: `outermost;...;innermost weight`.
///
/// Lines are ordered by the bytes of the stack, as the `stackcollapse` scripts order them,
/// so the output does not depend on the recording's format.
///
/// # Errors
///
/// Returns the errors of `out`.
pub fn write(tree: &CallTree, out: &mut impl Write) -> io::Result<()> {
    let text = |label: &str| if label == NAMELESS_LABEL { String::new() } else { clean(label) };
    let labels: Vec<String> = tree.entries().iter().map(|entry| text(&entry.label)).collect();
    let mut path = String::new();
    let mut todo: Vec<(Item<'_>, usize)> = Vec::new();
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut at = (0, 0);
    loop {
        let (parent, length) = at;
        for (node, data) in tree.children(parent) {
            let label = data.entry.and_then(|entry| labels.get(entry.index()));
            let label = label.map_or("", String::as_str);
            if data.self_weight > 0 {
                items.push(Item { label, node, calls: false });
            }
            if data.total > data.self_weight {
                items.push(Item { label, node, calls: true });
            }
        }
        items.sort_by(Item::cmp);
        todo.extend(items.drain(..).rev().map(|item| (item, length)));
        at = loop {
            let Some((item, length)) = todo.pop() else { return Ok(()) };
            path.truncate(length);
            let Some(node) = tree.nodes().get(item.node) else { continue };
            if node.depth > 1 {
                path.push(';');
            } else if let Some(rest) = commenting(item.label) {
                // A line that begins with `# ` would be read as a comment.
                path.push_str("#\u{a0}");
                path.push_str(rest);
            }
            if path.len() == length || node.depth > 1 {
                path.push_str(item.label);
            }
            if item.calls {
                break (item.node, path.len());
            }
            writeln!(out, "{path} {}", node.self_weight)?;
        };
    }
}

/// Returns the text behind a leading `#` that would turn the line into a comment. For a
/// lone `#` it is empty, because the count follows.
fn commenting(label: &str) -> Option<&str> {
    if label == "#" { Some("") } else { label.strip_prefix("# ") }
}
