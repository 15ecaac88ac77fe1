//! Comparing a program before and after a change, over one or several runs a side: which
//! functions cost a different amount of CPU (per request, where the runs have load tests), by how
//! much, and how certain that is.
//!
//! [`compare`] takes profiles; [`analyse`] is the method on plain numbers. The test is the
//! quasi-likelihood F test for counts of Lund, Nettleton, McCarthy and Smyth (2012).
//! RNA-seq uses it for data of the same shape: thousands of counts, a few runs a side,
//! noise beyond Poisson's, and shares that all move when one does. `just validate-diff`
//! measures its errors by simulation.
//!
//! The method differs from edgeR's in these points:
//! - a row's dispersion is never below the one that it shows, because a few functions vary
//!   much more than the others;
//! - the prior is worth less for functions with many samples, where the noise between runs,
//!   which is not alike in all functions, is larger than that of sampling; it is worth no
//!   more than the number of rows can show;
//! - groups (packages, files) have at least the dispersion of functions;
//! - only functions with enough samples in the run that did least are used to find how fast
//!   the machine was, so that a longer interval causes no bias;
//! - limits of size are ratios (1.1 and 1 / 1.1), so that swapping the sides gives the
//!   mirror image.
//!
//! ```
//! use spikeflame_diff::{Options, Order, Run, Verdict, compare};
//! use spikeflame_profile::{Selection, folded};
//!
//! let read = |mut text: &[u8]| folded::read(&mut text, "example", None);
//! let before = [read(b"main;parse 400\nmain;write 600\n")?, read(b"main;parse 412\nmain;write 588\n")?];
//! let after = [read(b"main;parse 90\nmain;write 610\n")?, read(b"main;parse 85\nmain;write 601\n")?];
//! let all = Selection::default();
//! let runs = |profiles| -> Vec<Run<'_>> {
//!     let run = |(name, profile)| Run {
//!         requests: Some(100.0),
//!         interval_ms: Some(1.0),
//!         ..Run::new(name, profile, &all)
//!     };
//!     ["1", "2"].into_iter().zip(profiles).map(run).collect()
//! };
//! let mut options = Options::default();
//! options.assumed.order = Some(Order::InTurn);
//! let comparison = compare(&runs(&before), &runs(&after), &options)?;
//! let row = &comparison.functions.rows[0];
//! assert_eq!((row.name.as_str(), row.self_cost.verdict), ("parse", Verdict::Changed));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

mod analysis;
mod arising;
mod baseline;
mod between;
mod callers;
mod causes;
mod compare;
mod comparison;
mod conditions;
mod correction;
mod dispersion;
mod doubts;
mod environment;
mod equal_work;
mod error;
mod evidence;
mod exposure;
mod files;
mod floor;
mod functions;
mod gate;
mod group_causes;
mod grouping;
mod history;
mod inlining;
mod levels;
mod many_tests;
mod matching;
mod math;
mod measure;
mod mix;
mod moved;
mod node_version;
mod noise;
mod order;
mod other_names;
mod other_works;
mod packages;
mod pool;
mod power;
mod profile_facts;
mod recorders;
mod regrouped;
mod renamed;
mod resumed;
mod row_calls;
mod row_noise;
mod rows;
mod run;
mod same_lines;
mod same_run;
mod sentences;
mod session;
mod slices;
mod steadier;
mod table;
mod texts;
mod times;
mod totals;
mod unit;
mod unlike;
mod waits;
mod warning;
mod warnings;
mod within;

pub use analysis::{Analysis, Assumptions, GroupingResult, TableResult, analyse};
pub use baseline::sessions_of;
pub use causes::{Explanation, Relation};
pub use compare::{Options, compare, compare_counts};
pub use comparison::{Badge, ComparedRun, Comparison, Power, Row, Step, Table, Waterfall};
pub use environment::{Condition, Environment, Setting};
pub use error::{Error, Quantity};
pub use evidence::Evidence;
pub use exposure::Shift;
pub use gate::{Gate, GateCheck, GateResult, Limit, NoGate};
pub use history::{
    ChangePoint, Course, Drift, Drifts, History, HistoryPoint, HistoryRow, drifts, history,
};
pub use measure::{Doubt, Measure, Verdict};
pub use mix::MixRange;
pub use noise::noise_of;
pub use order::Order;
pub use run::{RequestMix, Run, RunCounts};
pub use session::SessionNoise;
pub use slices::Slice;
pub use table::{Counts, Grouping, Side, TableRun};
pub use totals::Totals;
pub use unit::Unit;
pub use warning::Warning;
