//! Facts for the tests of rows that only whole profiles show.

use crate::session::MACHINE_BETWEEN_RUNS;
use crate::table::Counts;
use crate::within::WithinRuns;

/// Facts that [`compare`](crate::compare) finds in profiles, and that tables of counts do not show. The
/// default is assumed without profiles.
#[derive(Clone, Debug)]
pub(crate) struct ProfileFacts {
    /// The least noise between runs of one session of the machine's own cost; 0.15 by default.
    pub(crate) machine_between_runs: f64,
    /// True when the counts are those of whole runs of a program that serves no requests, so that
    /// the runs may have done the same work.
    pub(crate) are_scripts: bool,
    /// The self counts with the rows of the first grouping, in which samples of other code, such as
    /// builtins, native code and garbage collection, count for the nearest JavaScript or
    /// WebAssembly function above them, if there is one. They check that a
    /// [`Shift`](crate::Shift) is one of the whole program. `None` when the callers are not known.
    pub(crate) callers: Option<Counts>,
    /// The self counts of the first grouping without the samples of one function and its callees,
    /// once for each large function of the program. They check that a [`Shift`](crate::Shift) is one of
    /// the whole program. Empty when the callers are not known.
    pub(crate) beside_large: Vec<Counts>,
    /// False when the sides are known to have different recorders, such as `node --prof` and perf. Costs
    /// are then not corrected for the speed of the machine. True by default.
    pub(crate) one_recorder: bool,
    /// Rows of the first grouping that are not known to be one function on both sides. Empty by
    /// default.
    pub(crate) other_names: Vec<usize>,
    /// Counts of parts of the runs. When the sides have different numbers of requests, these counts
    /// show which costs of code arise with requests. `None` when they are not known.
    pub(crate) within: Option<WithinRuns>,
}

impl Default for ProfileFacts {
    fn default() -> Self {
        Self {
            machine_between_runs: MACHINE_BETWEEN_RUNS,
            are_scripts: false,
            callers: None,
            beside_large: Vec::new(),
            one_recorder: true,
            other_names: Vec::new(),
            within: None,
        }
    }
}
