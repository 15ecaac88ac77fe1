//! What to keep of a profile, and how to group it.

use crate::samples::Sample;
use regex::Regex;

/// What one box, row or folded frame stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GroupBy {
    /// A function.
    #[default]
    Function,
    /// A source file or library.
    File,
    /// An npm package.
    Package,
    /// A [`Category`](crate::Category).
    Category,
}

/// Whether a function's tiers are one or told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Tiers {
    /// One frame, whatever the tier.
    #[default]
    Merge,
    /// One frame a tier, with V8's mark in front.
    Split,
}

/// Whether functions that ran inlined are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Inlined {
    /// Each as the function it is.
    #[default]
    Expand,
    /// As part of the function whose code they were inlined into.
    Collapse,
}

/// Whether samples of waiting are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Idle {
    /// Left out (and counted).
    #[default]
    Drop,
    /// Kept, under `(idle)`.
    Keep,
}

/// What to keep of a profile, and how to group it. The default keeps all but
/// idle samples.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Start of the window, in microseconds since the profile's zero.
    pub from_us: Option<u64>,
    /// End of the window (not in it).
    pub to_us: Option<u64>,
    /// Only threads whose name matches.
    pub thread: Option<Regex>,
    /// Only samples with a frame whose label matches.
    pub focus: Option<Regex>,
    /// No samples with a frame whose label matches.
    pub ignore: Option<Regex>,
    /// Frames to take out; their samples stay with the caller.
    pub hide: Option<Regex>,
    /// What a frame stands for.
    pub group_by: GroupBy,
    /// Tiers merged or split.
    pub tiers: Tiers,
    /// Inlined functions expanded or collapsed.
    pub inlined: Inlined,
    /// Idle samples dropped or kept.
    pub idle: Idle,
    /// Add FlameGraph's suffixes: `_[j]` compiled, `_[i]` inlined, `_[k]` kernel.
    pub annotate: bool,
}

impl Selection {
    pub(crate) fn in_window(&self, sample: &Sample) -> bool {
        self.from_us.is_none_or(|from| sample.time_us >= from)
            && self.to_us.is_none_or(|to| sample.time_us < to)
    }

    /// True when a window was asked for.
    pub fn has_window(&self) -> bool {
        self.from_us.is_some() || self.to_us.is_some()
    }
}

/// Samples that the selection left out, each under the first reason it met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Of threads not asked for.
    pub other_threads: u64,
    /// Outside the window.
    pub outside_window: u64,
    /// Idle.
    pub idle: u64,
    /// With no frame that `focus` matches.
    pub unfocused: u64,
    /// With a frame that `ignore` matches.
    pub ignored: u64,
}

impl LeftOut {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.other_threads + self.outside_window + self.idle + self.unfocused + self.ignored
    }
}
