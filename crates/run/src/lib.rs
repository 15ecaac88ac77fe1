//! A run: one execution of an application under one load. Its recordings, its load
//! test, the clock they share, and the windows that are cut from it.
//!
//! ```
//! use spikeflame_profile::{CallTree, Selection};
//! use spikeflame_run::{Options, Run, Window};
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike/before-1");
//! let run = Run::read(&[folder.into()], Options::default());
//! let plateau = run.plateau()?;
//! assert!(plateau.level_rps > 40.0);
//! let (selection, placed) = run.select(Selection::default(), Window::Plateau)?;
//! let tree = CallTree::build(run.profile()?, &selection);
//! assert!(tree.total() > 0);
//! assert_eq!(placed.map(|placed| placed.coverage), Some(1.0));
//! # Ok::<(), spikeflame_run::Error>(())
//! ```

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

mod ab_side;
mod align;
mod answers;
mod apart;
mod busiest;
mod checkup;
mod choice;
mod correlate;
mod counters;
mod error;
mod facts;
mod folder;
mod load_test;
mod merge;
mod part;
mod pieces;
mod place;
mod processes;
mod recorder;
mod run;
mod spanned;
mod stretch;
mod time;
mod together;
mod usage;
mod warning;
mod window;

pub use ab_side::{AbSettings, ab_side};
pub use align::{AlignError, align};
pub use apart::TwoRuns;
pub use checkup::{Checkup, Content, FileCheck, RecordingSummary};
pub use counters::Counter;
pub use error::{Error, LoadTime};
pub use facts::{ClockStep, Facts, NoFacts, Setting};
pub use folder::{Folder, LoadFile};
pub use merge::{Measure, Merge, MergeError, Totals};
pub use part::part_of_run;
pub use pieces::{NoClock, Piece, Pieces, clock_of};
pub use run::{Options, Run};
pub use time::{Alignment, length_us, seconds_us};
pub use together::{CutRuns, cut_each, instead, runs_of, window_of_all};
pub use usage::{other_threads, usage};
pub use warning::{Fallback, NoWindow, RunWithoutWindow, Warning};
pub use window::{PlacedWindow, Window};
