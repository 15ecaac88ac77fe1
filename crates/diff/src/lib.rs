//! Before and after over several runs of a spike: which functions now cost a
//! different amount of CPU per request, by how much, and how sure that is.
//!
//! The test is the quasi-likelihood F test for counts of Lund, Nettleton,
//! McCarthy and Smyth (2012), which RNA-seq uses for data of the same shape:
//! thousands of counts, a few runs a side, noise beyond Poisson's, and shares
//! that all move when one does. [`analyse`] is the method on plain numbers;
//! `just validate-diff` shows by simulation what it reaches.
//!
//! Where it goes beyond edgeR's:
//! - a row's dispersion is never below what it shows, for a few wild functions;
//! - the prior is worth less for large functions, where noise between runs, which
//!   is not alike in all functions, outweighs sampling; and no more than as many
//!   rows can show;
//! - groups (packages, files) are held no steadier than functions are;
//! - only functions with enough samples in the run that did least tell how fast
//!   the machine was, so that a longer interval does not bias that;
//! - limits of size are ratios (1.1 and 1 / 1.1), so that swapped sides give the
//!   mirror image.

mod analysis;
mod causes;
mod compare;
mod comparison;
mod dispersion;
mod environment;
mod error;
mod evidence;
mod exposure;
mod files;
mod floor;
mod functions;
mod gate;
mod inlining;
mod matching;
mod math;
mod measure;
mod noise;
mod order;
mod power;
mod run;
mod session;
mod table;
mod unit;
mod warnings;

pub use analysis::{ASSUMED_NOISE, Analysis, Assumed, TableResult, Totals, analyse};
pub use causes::{Explained, Through};
pub use compare::{Options, compare, compare_counts};
pub use comparison::{Badge, ComparedRun, Comparison, Power, Row, Step, Table, Waterfall};
pub use dispersion::Trend;
pub use environment::{Condition, Environment};
pub use error::Error;
pub use evidence::Evidence;
pub use exposure::Shift;
pub use gate::{Gate, Limit, NoGate, Passed};
pub use measure::{Doubt, Measure, Verdict};
pub use noise::noise_of;
pub use order::Order;
pub use run::{Run, RunCounts};
pub use session::{MACHINE_NOISE, SESSION_NOISE, SessionNoise};
pub use table::{Counts, Side, TableRun};
pub use unit::Unit;
pub use warnings::Warning;
