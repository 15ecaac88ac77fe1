//! The samples and frames of a profile to keep, and how to group them.

use crate::samples::Sample;
use regex::Regex;

/// The thing that one node of a tree, row of a table or frame of folded text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// One function, whichever of its lines ran.
    #[default]
    Function,
    /// One line of a function: the line that ran.
    Line,
    /// All functions of a source file, or of a native library. Other code is grouped by state or
    /// category.
    File,
    /// All JavaScript functions of an npm package. Other code is grouped by state or category.
    Package,
    /// All functions of a [`Category`](crate::Category).
    Category,
}

/// The choice whether the tiers of a function are shown as one frame or as several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tiers {
    /// One frame for all tiers of a function, without a mark.
    #[default]
    Merge,
    /// One frame for each tier of a function, with V8's mark (`~`, `^`, `+`, `*`) in front of its
    /// label.
    Split,
}

/// The choice whether inlined functions are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Inlining {
    /// Each inlined function is a frame below its caller, like a function that is called.
    #[default]
    Expand,
    /// Frames of inlined functions are not shown; their samples belong to the caller.
    Collapse,
}

/// The choice whether idle samples are kept: those whose innermost frame is of the kind
/// [`Kind::Idle`](crate::Kind::Idle).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Idle {
    /// Idle samples are left out, and counted in [`LeftOutWeights::idle`].
    #[default]
    Drop,
    /// Idle samples are kept like all others.
    Keep,
}

/// The samples and frames of a profile to keep, and how to group them. The default keeps all but
/// idle samples and shows functions. A regular expression matches a label or a name when it matches
/// any part of it. The labels that are matched are those of functions, also when the selection groups
/// them, without tier marks and suffixes. The rules are in docs/selection.md.
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
    /// The start of the time window, in microseconds since the profile's zero; `None` for no bound.
    /// Samples at the start itself are kept.
    pub from_us: Option<u64>,
    /// The end of the time window, in microseconds since the profile's zero; `None` for no bound.
    /// Samples at the end itself are left out.
    pub to_us: Option<u64>,
    /// Keeps only the samples of threads whose name matches; `None` keeps all threads.
    pub thread: Option<Regex>,
    /// Keeps only samples with at least one frame whose label matches; `None` keeps all. Frames
    /// that `hide` removes can match too, those that `inlined` collapses cannot.
    pub focus: Option<Regex>,
    /// Leaves out samples with at least one frame whose label matches; `None` leaves out none. It
    /// matches the same frames as `focus`.
    pub ignore: Option<Regex>,
    /// Removes the frames whose label matches from the stacks. Their samples stay, and belong to
    /// the caller. `None` removes no frame.
    pub hide: Option<Regex>,
    /// The thing that one frame of the result stands for: a function, line, file, package or
    /// category.
    pub group_by: GroupBy,
    /// The choice whether a function has one frame for all its tiers or one for each.
    pub tiers: Tiers,
    /// The choice whether inlined functions are shown as frames, or their samples belong to the
    /// caller.
    pub inlined: Inlining,
    /// The choice whether idle samples are kept.
    pub idle: Idle,
    /// True to add FlameGraph's suffixes to the labels of functions: `_[k]` for the kernel, `_[i]`
    /// for inlined, `_[j]` for compiled code.
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

    /// Returns true when `from_us` or `to_us` (or both) is set.
    pub fn has_window(&self) -> bool {
        self.from_us.is_some() || self.to_us.is_some()
    }
}

/// The weights of the samples that a selection left out, by reason, in
/// [`Source::unit`](crate::Source::unit). A sample that was left out for several reasons is counted
/// once, in the first of these fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOutWeights {
    /// Weight of the samples of threads whose name [`Selection::thread`] does not match.
    pub other_threads: u64,
    /// Weight of the samples before [`Selection::from_us`], and at or after [`Selection::to_us`].
    pub outside_window: u64,
    /// Weight of the idle samples; 0 with [`Idle::Keep`].
    pub idle: u64,
    /// Weight of the samples without a frame that [`Selection::focus`] matches; 0 without a focus.
    pub unfocused: u64,
    /// Weight of the samples with a frame that [`Selection::ignore`] matches.
    pub ignored: u64,
}

impl LeftOutWeights {
    /// Returns the sum of all fields: the weight of all samples that were left out.
    pub fn total(&self) -> u64 {
        self.other_threads + self.outside_window + self.idle + self.unfocused + self.ignored
    }
}
