//! Before and after over several runs of a spike: which functions now cost a
//! different amount of CPU per request, by how much, and how sure that is.
//!
//! The test is the quasi-likelihood F test for counts of Lund, Nettleton,
//! McCarthy and Smyth (2012), which RNA-seq uses for data of the same shape:
//! thousands of counts, a few runs a side, noise beyond Poisson's, and shares
//! that all move when one does. [`analyse`] is the method on plain numbers.

mod analysis;
mod compare;
mod comparison;
mod dispersion;
mod error;
mod exposure;
mod files;
mod functions;
mod matching;
mod math;
mod measure;
mod noise;
mod power;
mod run;
mod table;
mod warnings;

pub use analysis::{ASSUMED_NOISE, Analysis, Evidence, TableResult, Totals, analyse};
pub use compare::{Options, compare, compare_counts};
pub use comparison::{Badge, ComparedRun, Comparison, Power, Row, Table, Waterfall};
pub use dispersion::Trend;
pub use error::Error;
pub use exposure::{Shift, Unit};
pub use measure::{Measure, Verdict};
pub use noise::noise_of;
pub use run::{Run, RunCounts};
pub use table::{Counts, Side, TableRun};
pub use warnings::Warning;
