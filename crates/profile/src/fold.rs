//! A call tree written as folded stacks.

use crate::call_tree::CallTree;
use crate::label::NAMELESS_LABEL;
use crate::tree::NodeId;
use std::cmp::Ordering;
use std::fmt;
use std::io::{self, Write};

/// The largest number of frames, summed over all lines, that [`write()`] writes. Each line repeats
/// the callers of its frame, so deep recursion could otherwise fill a disk.
pub const MOST_FRAMES: u64 = 1_000_000_000;

/// The error for a tree whose folded text would have more than [`MOST_FRAMES`] frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooDeep {
    /// The number of frames that all lines together would have.
    pub frames: u64,
}

impl fmt::Display for TooDeep {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames } = self;
        write!(
            out,
            "the stacks are too deep for folded text, which repeats all callers of a frame: that \
             makes {frames} frames, and at most {MOST_FRAMES} are written"
        )
    }
}

impl std::error::Error for TooDeep {}

/// Checks, without writing, that the folded text of a tree has at most [`MOST_FRAMES`] frames in
/// all lines together.
///
/// # Errors
///
/// Returns [`TooDeep`], with the number of frames, when there are more.
pub fn check(tree: &CallTree) -> Result<(), TooDeep> {
    let with_line = tree.nodes().iter().filter(|node| node.self_weight > 0);
    let frames = with_line.map(|node| u64::from(node.depth)).sum();
    if frames > MOST_FRAMES { Err(TooDeep { frames }) } else { Ok(()) }
}

/// Returns the label with the characters replaced that folded text cannot contain: each `;` becomes
/// `:`, and each line feed or carriage return becomes a space.
pub fn clean(label: &str) -> String {
    let cleaned = label.chars().map(|c| match c {
        ';' => ':',
        '\n' | '\r' => ' ',
        c => c,
    });
    cleaned.collect()
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
        let rest = || self.byte_at(shorter).cmp(&other.byte_at(shorter));
        a.get(..shorter).cmp(&b.get(..shorter)).then_with(rest)
    }

    /// Returns a byte of the label, or the one behind it.
    fn byte_at(&self, at: usize) -> Option<u8> {
        match self.label.as_bytes().get(at) {
            None if self.calls => Some(b';'),
            next => next.copied(),
        }
    }
}

/// Writes a tree as folded stacks: one line `outermost;...;innermost weight` for each node with
/// self weight, sorted by the stack. Labels are changed where folded text could not contain them
/// ([`clean`]), and where a line would begin as a comment.
///
/// # Errors
///
/// Returns the errors of `out`. Returns [`TooDeep`] inside an [`io::Error`] of the kind
/// `FileTooLarge`, and writes nothing, when [`check`] fails.
pub fn write(tree: &CallTree, out: &mut impl Write) -> io::Result<()> {
    check(tree).map_err(|why| io::Error::new(io::ErrorKind::FileTooLarge, why))?;
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
            path.push(' ');
            path.push_str(&node.self_weight.to_string());
            path.push('\n');
            out.write_all(path.as_bytes())?;
        };
    }
}

/// Returns the text after a leading `#` that would turn the line into a comment. For a
/// lone `#` it is empty, because the count follows.
fn commenting(label: &str) -> Option<&str> {
    if label == "#" { Some("") } else { label.strip_prefix("# ") }
}
