//! The page: one file that shows a run's load, CPU, flame graph, functions and errors. The page
//! computes them anew for a window that the reader drags.
//!
//! [`html`] writes the page, and [`markdown`] writes the same answers as text. The format of the
//! data within the page is described in `docs/report.md`.

mod answer;
mod columns;
mod head;
mod load;
mod logged;
mod markdown;
mod page;

pub(crate) use answer::OWNER_UNKNOWN;
pub use answer::{Answer, HotPackage, OwnFunction};
pub use logged::LoggedErrors;
pub use markdown::markdown;

use crate::diff::ComparisonView;
use crate::picture::RenderError;
use spikeflame_load::{CoreRow, Timeline};
use spikeflame_profile::{Profile, Selection};
use std::io::Write;

/// The side of a comparison that a run belongs to, or [`RunSide::Only`] without a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RunSide {
    /// The run belongs to no side, because there is no comparison.
    #[default]
    Only,
    /// The run was recorded before the change.
    Before,
    /// The run was recorded after the change.
    After,
}

/// A part of a run for which the page has a button.
#[derive(Clone, Debug, PartialEq)]
pub struct RunWindow {
    /// The name in the page's address: `load`, `before`, `plateau`, `plateau-2`, `asked`.
    pub id: String,
    /// The name on the button.
    pub label: String,
    /// A sentence about the window: its source and its certainty. It may be empty.
    pub note: String,
    /// The start, in microseconds since the recording's zero.
    pub from_us: u64,
    /// The end, in microseconds since the recording's zero. It does not belong to the window.
    pub to_us: u64,
}

impl RunWindow {
    /// Returns the words for the window after "of the": `time under load`, `plateau 2`.
    fn part(&self) -> String {
        let label = self.label.to_lowercase();
        let is_noun = label.starts_with("plateau") || label.starts_with("window");
        if is_noun { label } else { format!("time {label}") }
    }
}

/// The load test that ran during a recording.
#[derive(Clone, Debug)]
pub struct RunLoad<'a> {
    /// The load test, second by second.
    pub timeline: &'a Timeline,
    /// Start of the test's first second, in microseconds since the recording's zero. It is `None`
    /// when the two clocks could not be aligned.
    pub test_start_us: Option<i64>,
    /// The alignment of the clocks in words, or the reason why they could not be aligned.
    pub clock: String,
    /// One sentence for each track of the timeline: the limit that its values in the plateau show.
    /// The sentence is empty for a track that shows no limit.
    pub notes: Vec<String>,
}

/// The data of one run for the page: its recordings, its load test, and texts about them.
#[derive(Clone, Debug)]
pub struct ReportRun<'a> {
    /// The name of the run for people, such as the last part of its path.
    pub name: String,
    /// The side of the comparison that the run belongs to; `Only` when nothing is compared.
    pub side: RunSide,
    /// The command that shows the run in a terminal, as the user would type it.
    pub command: String,
    /// All recordings of the run, as one profile.
    pub profile: &'a Profile,
    /// The load test; `None` without a load timeline that belongs to the run.
    pub load: Option<RunLoad<'a>>,
    /// The errors of the application's log; `None` when no log was read.
    pub logged: Option<LoggedErrors>,
    /// Windows with a button, besides the whole run.
    pub windows: Vec<RunWindow>,
    /// Index in `windows` of the window that the page shows first, and to which the answers belong.
    /// It is `None` for the whole run.
    pub opens: Option<usize>,
    /// A sentence about the plateau, or the reason why there is none, with advice.
    pub plateau: String,
    /// The word for the plateau's grade, as [`grade`](crate::plateau::grade) returns it; empty
    /// without a plateau.
    pub grade: String,
    /// Sentences about the limit that the plateau met: the likely limit, threads that waited for a
    /// core, and what monitors show. It is empty when nothing is known of it.
    pub verdicts: String,
    /// Warnings for the reader, each of one sentence or more.
    pub warnings: Vec<String>,
    /// The share of a core of the main thread, as the kernel counted it, in order of time. It is empty when
    /// the recorder did not note it: the chart then shows the samples.
    pub main_cores: Vec<CoreRow>,
}

impl ReportRun<'_> {
    /// Returns the window that the page shows first, which the caller chose in `opens`; `None` for the
    /// whole run.
    pub fn opening(&self) -> Option<&RunWindow> {
        self.windows.get(self.opens?)
    }

    /// Returns the default selection, cut to the window that the page shows first.
    pub(crate) fn selection(&self) -> Selection {
        let window = self.opening();
        Selection {
            from_us: window.map(|window| window.from_us),
            to_us: window.map(|window| window.to_us),
            ..Selection::default()
        }
    }
}

/// A gate of the comparison, and whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateView {
    /// The gate in words, as [`GateCheck::rule`](spikeflame_diff::GateCheck::rule): `total>5 %`.
    pub gate: String,
    /// One sentence for each crossing; empty when the gate holds. The page has no form for a gate
    /// whose result is not known: a caller leaves it out.
    pub crossings: Vec<String>,
}

/// The data of a report, which [`html`] writes as a page and [`markdown()`] as text.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The title of the page, as plain text: its heading, and the text in the browser's tab.
    pub title: String,
    /// The runs; the first one is shown first, and the answers of the page are of it.
    pub runs: Vec<ReportRun<'a>>,
    /// The comparison of the runs before and after; `None` for a page without one.
    pub compared: Option<&'a ComparisonView<'a>>,
    /// The `id` of the windows that are compared, or `whole`; `None` when there is none.
    pub compared_window: Option<&'static str>,
    /// The gates of the comparison, in the order in which they are shown; empty without gates.
    pub gates: Vec<GateView>,
    /// The command for the next step in a terminal, as the user would type it.
    pub command: String,
    /// The text that limits the command of a run to a window, added to it when the reader of the page chose one.
    /// The page puts the start in place of `{from}` and the end in place of `{to}`, both as seconds
    /// with their unit (`12.5s`).
    pub command_window: &'static str,
}

/// Writes the page as one HTML file that loads nothing else.
///
/// # Errors
///
/// Returns [`RenderError::Io`] when `out` fails, and no other error.
pub fn html(report: &Report<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    Ok(page::write(report, out)?)
}
