//! Arguments that select a part of a profile.

use super::{LoadArgs, time};
use clap::{Args, ValueEnum};
use regex::Regex;
use spikeflame_profile::{GroupBy, Idle, Inlining, Selection, Tiers};

/// The part of the profile to show.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    keep: KeepArgs,
}

/// A window by times of the recording.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct TimesArgs {
    #[command(flatten)]
    pub(super) start: FromArgs,
    /// End of the window, in the same time
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<u64>,
}

/// The start of a window by times of the recording.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct FromArgs {
    /// Start of the window, in the recording's own time: 20s, 1m30s, 500ms
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<u64>,
}

/// Filters for the samples and frames of a window.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct KeepArgs {
    #[command(flatten)]
    filters: FilterArgs,
    /// One frame for all tiers (V8's levels of optimisation) of a function, or one for each tier,
    /// with V8's marks ~ ^ + *
    #[arg(long, value_name = "HOW", default_value = "merge")]
    tiers: TierPolicy,
    /// Show inlined functions as frames, or count their samples for the caller
    #[arg(long, value_name = "HOW", default_value = "expand")]
    inlined: InlinePolicy,
    /// Drop or keep samples in which a thread waited
    #[arg(long, value_name = "HOW", default_value = "drop")]
    idle: IdlePolicy,
    #[arg(long, help = "Mark frames: _[j] compiled, _[i] inlined, _[k] kernel")]
    annotate: bool,
}

/// Filters that a log of errors has too, which has no tiers and no idle samples.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct FilterArgs {
    /// Keep only threads whose name matches
    #[arg(long, value_name = "REGEX")]
    thread: Option<Regex>,
    /// Keep only samples with a frame whose name or file matches
    #[arg(long, value_name = "REGEX")]
    focus: Option<Regex>,
    /// Drop samples with a frame that matches
    #[arg(long, value_name = "REGEX")]
    ignore: Option<Regex>,
    /// Remove the frames that match; their samples count for the caller
    #[arg(long, value_name = "REGEX")]
    hide: Option<Regex>,
    /// Unit that a frame or row stands for
    #[arg(long, value_name = "WHAT", default_value = "function")]
    pub(super) group_by: Group,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Group {
    Function,
    /// The line that ran, when the recording contains it
    Line,
    File,
    Package,
    Category,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TierPolicy {
    Merge,
    Split,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InlinePolicy {
    Expand,
    Collapse,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum IdlePolicy {
    Drop,
    Keep,
}

pub(super) fn group(group: Group) -> GroupBy {
    match group {
        Group::Function => GroupBy::Function,
        Group::Line => GroupBy::Line,
        Group::File => GroupBy::File,
        Group::Package => GroupBy::Package,
        Group::Category => GroupBy::Category,
    }
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        self.times.window(self.keep.selection())
    }
}

impl TimesArgs {
    /// The selection, cut to the window.
    pub(super) fn window(self, selection: Selection) -> Selection {
        Selection { to_us: self.to, ..self.start.window(selection) }
    }
}

impl FromArgs {
    /// The selection from the start of the window on.
    pub(super) fn window(self, selection: Selection) -> Selection {
        Selection { from_us: self.from, ..selection }
    }
}

impl KeepArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            tiers: match self.tiers {
                TierPolicy::Merge => Tiers::Merge,
                TierPolicy::Split => Tiers::Split,
            },
            inlined: match self.inlined {
                InlinePolicy::Expand => Inlining::Expand,
                InlinePolicy::Collapse => Inlining::Collapse,
            },
            idle: match self.idle {
                IdlePolicy::Drop => Idle::Drop,
                IdlePolicy::Keep => Idle::Keep,
            },
            annotate: self.annotate,
            ..self.filters.selection()
        }
    }

    /// The unit that the user chose for a row.
    pub(super) fn group_by(&self) -> Group {
        self.filters.group_by
    }
}

impl FilterArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection {
            thread: self.thread.clone(),
            focus: self.focus.clone(),
            ignore: self.ignore.clone(),
            hide: self.hide.clone(),
            group_by: group(self.group_by),
            ..Selection::default()
        }
    }
}
