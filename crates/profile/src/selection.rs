//! The samples and frames of a profile to keep, and how to group them.

use crate::samples::Sample;
use regex::Regex;

/// The thing that one box, row or folded frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// One function, whatever line of it ran.
    #[default]
    Function,
    /// One line of a function: the line that ran, where the recording has it.
    Line,
    /// All functions of a source file or library.
    File,
    /// All functions of an npm package.
    Package,
    /// All functions of a [`Category`](crate::Category).
    Category,
}

/// Whether a function has one frame for all its tiers, or one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tiers {
    /// One frame for all tiers.
    #[default]
    Merge,
    /// One frame for each tier, with V8's mark in front.
    Split,
}

/// How inlined functions are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Inlining {
    /// Each inlined function has a frame of its own.
    #[default]
    Expand,
    /// An inlined function counts as the function whose code contains it.
    Collapse,
}

/// Whether samples of waiting are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Idle {
    /// They are left out, and counted.
    #[default]
    Drop,
    /// They are kept, under `(idle)`.
    Keep,
}

/// The samples and frames of a profile to keep, and how to group them. The default keeps
/// all but idle samples. The rules are in docs/selection.md.
///
/// ```
/// use spikeflame_profile::{CallTree, GroupBy, Selection, folded};
///
/// let mut text: &[u8] = b"f /srv/app.js:1:1;g /srv/db.js:1:1 3\nf /srv/app.js:1:1 1\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// let selection = Selection { group_by: GroupBy::File, ..Selection::default() };
/// let tree = CallTree::build(&profile, &selection);
/// assert!(tree.entry_of("/srv/db.js").is_some());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The window's start, in microseconds since the profile's zero; `None` for no bound.
    pub from_us: Option<u64>,
    /// The window's end, in microseconds since the profile's zero; `None` for no bound. The end
    /// itself is not part of the window.
    pub to_us: Option<u64>,
    /// Keeps only threads with a matching name; `None` keeps all.
    pub thread: Option<Regex>,
    /// Keeps only samples that contain a frame with a matching label; `None` keeps all.
    pub focus: Option<Regex>,
    /// Leaves out samples that contain a frame with a matching label.
    pub ignore: Option<Regex>,
    /// Removes frames with a matching label; their samples count for the caller.
    pub hide: Option<Regex>,
    /// The thing that one frame of the result stands for: a function, line, file, package or
    /// category.
    pub group_by: GroupBy,
    /// Whether tiers are merged or split.
    pub tiers: Tiers,
    /// Whether inlined functions are shown apart or as part of their caller.
    pub inlined: Inlining,
    /// Whether samples in which a thread waited are kept.
    pub idle: Idle,
    /// Adds FlameGraph's suffixes to labels: `_[j]` compiled, `_[i]` inlined, `_[k]`
    /// kernel.
    pub annotate: bool,
}

impl GroupBy {
    /// Returns true when a frame may stand for several functions. Such a group that calls
    /// itself is one frame; a function that calls itself is recursion.
    pub(crate) fn joins_functions(self) -> bool {
        !matches!(self, Self::Function | Self::Line)
    }
}

impl Selection {
    pub(crate) fn in_window(&self, sample: &Sample) -> bool {
        self.from_us.is_none_or(|from| sample.time_us >= from)
            && self.to_us.is_none_or(|to| sample.time_us < to)
    }

    /// Returns true when `from_us` or `to_us` bounds the time.
    pub fn has_window(&self) -> bool {
        self.from_us.is_some() || self.to_us.is_some()
    }
}

/// Weights of the samples that the selection left out. Each sample counts under the first
/// reason, in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOutWeights {
    /// Weight of samples of threads whose name `thread` does not match.
    pub other_threads: u64,
    /// Weight of samples before `from_us`, at `to_us`, or after it.
    pub outside_window: u64,
    /// Weight of samples in which a thread waited.
    pub idle: u64,
    /// Weight of samples without a frame that `focus` matches.
    pub unfocused: u64,
    /// Weight of samples with a frame that `ignore` matches.
    pub ignored: u64,
}

impl LeftOutWeights {
    /// Returns the weight that was left out for all reasons together.
    pub fn total(&self) -> u64 {
        self.other_threads + self.outside_window + self.idle + self.unfocused + self.ignored
    }
}
