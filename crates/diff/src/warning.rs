//! Facts that a reader of a comparison should know before trusting it.

use crate::environment::Condition;
use crate::table::Side;
use crate::unit::Unit;

/// A fact about a comparison that its reader should know. Its `Display` writes it as a sentence.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// One side was recorded apart from the other, on one machine.
    Separated {
        /// The noise between sessions that was used for code, as a coefficient of variation.
        noise: f64,
    },
    /// The sides were recorded on different machines, and are compared like two sessions.
    OtherMachine {
        /// The noise between sessions that was used for code, as a coefficient of variation.
        noise: f64,
    },
    /// The machine gave the two sides different conditions: the means of a condition differ.
    EnvironmentsDiffer {
        /// The condition that differs.
        condition: Condition,
        /// The mean of the runs before: a share from 0 to 1, or a number of cores.
        before: f64,
        /// The mean of the runs after, in the same unit.
        after: f64,
    },
    /// A fact that a recorder wrote about every run, such as its version of Node, differs between
    /// the sides.
    SettingsDiffer {
        /// The name of the fact that differs.
        name: &'static str,
        /// The values of the runs before.
        before: Vec<String>,
        /// The values of the runs after.
        after: Vec<String>,
    },
    /// Costs may move between a function and its caller by chance, because at least one recording does
    /// not show which functions were inlined.
    HidesInlining,
    /// The sides have few functions in common.
    DifferentPrograms {
        /// The share of a side's samples, from 0 to 1, in functions that the other side has too: that
        /// of the side where it is smaller.
        shared: f64,
    },
    /// Hardly any function of some files or packages has the same name on both sides, as when one
    /// build is minified. Their functions are not called changed.
    OtherNames {
        /// The files and packages.
        places: Vec<String>,
        /// The number of their functions with a name and 5 samples or more, before and after.
        functions: [usize; 2],
        /// The number of names that are on both sides.
        in_common: usize,
    },
    /// Most functions of some files or packages have names of one to three letters on both sides, as a
    /// minifier gives. Some of them did not move as the functions beside them did, or functions were added or
    /// removed. Another build gives a name to another function, so none of these is called changed.
    GeneratedNames {
        /// The files and packages.
        places: Vec<String>,
        /// The number of these functions with 5 samples or more, before and after.
        functions: [usize; 2],
    },
    /// Functions of several files have one name, and are in one file on the other side, as in a
    /// bundle. Such functions are not called changed.
    SharedNames {
        /// The names.
        names: Vec<String>,
    },
    /// Functions of these files and packages are in other ones on the other side, as in a bundle, and make up
    /// most of their change. None of the files and packages is called changed.
    Regrouped {
        /// The labels of the files and packages.
        places: Vec<String>,
    },
    /// One side or both have only one run.
    FewRuns {
        /// The number of runs before.
        before: usize,
        /// The number of runs after.
        after: usize,
    },
    /// At least one recording counts wall time, or no time at all, instead of CPU time.
    NoCpuTime {
        /// The quantity that the recordings count, such as `bytes`, `samples of page-faults` and `wall time`.
        counts: String,
    },
    /// Costs are shares, because the requests of these runs are not known.
    NoRequests {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Costs are shares, because the sampling interval of these runs is not known.
    NoInterval {
        /// The names of the runs.
        runs: Vec<String>,
        /// True when V8's CPU profiler recorded one of these runs. Such a recording shows its
        /// interval, unless the recorded thread waited for a core most of the time.
        waited: bool,
    },
    /// The sampling interval that the user gave is not used for these runs, and differs from
    /// theirs. Their weights are times, which show the CPU themselves.
    IntervalNotUsed {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Runs were sampled at different intervals: the longest is more than 1.2 times the shortest.
    IntervalsDiffer {
        /// The shortest interval, in milliseconds.
        shortest: f64,
        /// The longest interval, in milliseconds.
        longest: f64,
    },
    /// A run has fewer than 500 samples.
    FewSamples {
        /// The name of the run.
        run: String,
        /// The number of its samples.
        samples: f64,
    },
    /// A run has less than a fifth of the samples or requests of the other runs of its side.
    EndedEarly {
        /// The name of the run.
        run: String,
        /// The side of the run.
        side: Side,
        /// The number of its samples.
        samples: f64,
        /// The median number of samples of the other runs of its side.
        usual_samples: f64,
        /// The number of requests of the run, and the median of the other runs of its side whose requests are
        /// known; `None` when one of both is not known.
        requests: Option<(f64, f64)>,
    },
    /// Work cost clearly more or less CPU in a run than in the other runs of its side, which are alike.
    RunUnlike {
        /// The name of the run.
        run: String,
        /// The side of the run.
        side: Side,
        /// The cost of the run, in milliseconds of CPU for one `work`.
        cost: f64,
        /// The median cost of the other runs of its side.
        usual: f64,
        /// The work that a cost is for ([`Unit::work`]).
        work: &'static str,
    },
    /// The recordings were made by different programs or versions.
    ProducersDiffer {
        /// The recorder of the first run.
        before: String,
        /// The recorder of the first run, on either side, whose recorder differs from it.
        after: String,
    },
    /// The sides ran different versions of Node, as the places of its own functions show.
    NodeDiffers {
        /// The number of these functions that are not at the same lines on both sides.
        moved: usize,
        /// The number of functions of Node itself: those whose names have one line on each side, or,
        /// where these show nothing, those of the side with fewer.
        shared: usize,
    },
    /// At least one run has no clock that can be used, so it is not known whether the runs were
    /// made in turn.
    OrderUnknown,
    /// Runs were recorded at one time, or a clock is wrong: for at least half of the shorter run, as their
    /// clocks show.
    AtOneTime {
        /// The names of two of these runs.
        runs: [String; 2],
        /// The number of other pairs of runs at one time.
        others: usize,
    },
    /// Each run after was recorded before each run before, as their clocks show: the sides may be swapped.
    Swapped,
    /// The user gave the order "in turn", but the sides were recorded apart.
    NotInTurn {
        /// True when the machines of the sides differ, and false when the clocks of the runs show
        /// one side after the other.
        other_machine: bool,
    },
    /// The busiest thread got another share of a core on one side while it had work, although the
    /// runs were made in turn.
    Waited {
        /// The mean share of a core that the thread got before while its event loop was busy.
        before: f64,
        /// The share of a core that it got after.
        after: f64,
        /// The noise between sessions that was used for code, as a coefficient of variation; `None` when
        /// the user gave the order.
        noise: Option<f64>,
    },
    /// The busiest threads had work for most of the time, and waited for a core for most of that, on at least
    /// one side; or their calls block.
    Starved {
        /// The mean share of a core that the thread got before while its event loop was busy.
        before: f64,
        /// The share of a core that it got after.
        after: f64,
    },
    /// Ticks show clearly more CPU than the kernel counted, so that costs contain time in which the
    /// busiest threads waited for a core. Both are shares of the time for which the kernel's count is known.
    TicksExceedCpu {
        /// The mean shares of a core by ticks, before and after.
        ticks: [f64; 2],
        /// The mean shares of a core that the kernel counted, before and after.
        cpu: [f64; 2],
    },
    /// Other shares of the requests failed before and after. Failed requests cost CPU too, and costs are divided by
    /// the successful ones.
    FailuresDiffer {
        /// The share of failed requests before, from 0 to 1.
        before: f64,
        /// The share of failed requests after, from 0 to 1.
        after: f64,
        /// The costs before and after of a request that ended, failed or not, in milliseconds of CPU, without a
        /// correction for the speed of the machine. `None` when costs are not those of a request, or are not known.
        attempt_ms: Option<[f64; 2]>,
    },
    /// The sides had other requests: an endpoint has another share of them, and the cost of a request follows that.
    MixDiffers {
        /// True when the shares are those of each run's window, and false when they are those of
        /// the whole test.
        of_window: bool,
        /// The endpoint whose share differs most, as in [`MixRange::endpoint`](crate::MixRange::endpoint).
        endpoint: String,
        /// The endpoint's share of the requests before, from 0 to 1.
        before: f64,
        /// The endpoint's share of the requests after, from 0 to 1.
        after: f64,
    },
    /// The user chose an endpoint or a scenario: costs are those of all requests, divided by the number of these.
    PartOfRequests {
        /// The share of the chosen ones among all requests before, from 0 to 1.
        before: f64,
        /// The share of the chosen ones among all requests after, from 0 to 1.
        after: f64,
    },
    /// One side was recorded in another way than the other. Recorders count different samples, so
    /// rows are not called changed.
    RecordersDiffer {
        /// The recorders of the runs before.
        before: Vec<String>,
        /// The recorders of the runs after.
        after: Vec<String>,
    },
    /// The sides served different loads: one had more than twice the requests a second, and more than 1.5 times
    /// the CPU a second.
    LoadsDiffer {
        /// Requests before, divided by the length of the windows in seconds. A window may be longer than the
        /// load test, so this is not the rate of the test.
        before: f64,
        /// Requests after, divided in the same way.
        after: f64,
    },
    /// Calls whose work is done in libuv's thread pool are new on a side, or cost much more there.
    /// Without samples of all threads, the costs do not contain that work.
    ThreadPool {
        /// The names of at most three of these calls, the largest change of cost first.
        calls: Vec<String>,
        /// The side on which they are made.
        to: Side,
        /// The CPU of the other threads before and after, in `unit`, or in cores for shares;
        /// `None` when it is not known for a run.
        others: Option<[f64; 2]>,
        /// The unit of costs.
        unit: Unit,
        /// True when the recordings have the samples of all threads, so that costs contain the
        /// work of the pool.
        counted: bool,
    },
    /// Costs are per run, but the runs served different numbers of requests, by more than 5 %.
    WorkDiffers {
        /// The fewest requests of a run.
        fewest: f64,
        /// The most requests of a run.
        most: f64,
    },
    /// Windows have different lengths: the longest is more than twice the shortest.
    WindowsDiffer {
        /// The shortest window, in seconds.
        shortest: f64,
        /// The longest window, in seconds.
        longest: f64,
    },
}

impl Warning {
    /// Returns true when the sides may have run under different conditions although no side is known
    /// to have been recorded apart from the other, or when a run is no run like the others.
    pub(crate) const fn weakens(&self) -> bool {
        matches!(
            self,
            Self::EnvironmentsDiffer { .. }
                | Self::MixDiffers { .. }
                | Self::Waited { .. }
                | Self::Starved { .. }
                | Self::OrderUnknown
                | Self::NotInTurn { .. }
                | Self::EndedEarly { .. }
        )
    }

    /// Returns true when it names functions of which nothing shows which is which.
    pub(crate) const fn is_of_names(&self) -> bool {
        matches!(
            self,
            Self::OtherNames { .. }
                | Self::GeneratedNames { .. }
                | Self::SharedNames { .. }
                | Self::DifferentPrograms { .. }
        )
    }

    /// Returns true when the sides cannot be compared well enough for a gate.
    pub(crate) const fn forbids_gates(&self) -> bool {
        matches!(self, Self::RecordersDiffer { .. })
    }

    /// Returns true when the sides ran different versions of Node.
    pub(crate) fn is_of_node(&self) -> bool {
        matches!(self, Self::NodeDiffers { .. } | Self::SettingsDiffer { name: "Node", .. })
    }
}
