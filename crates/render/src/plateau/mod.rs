//! The plateau of a load test: a sentence, a table, a timeline, and its limit.

mod json;
mod monitors;
mod rows;
mod starved;
mod text;
mod within;
mod words;

use crate::clean;
use crate::number::{count, decimals, seconds, three_digits};
use spikeflame_load::monitor::TrackFigures;
use spikeflame_load::{
    BOUND, CoreShare, LEAST_COVERAGE, NoPlateau, Plateaus, Starvation, Summary, Timeline, Usage,
    Warning,
};
use spikeflame_profile::wall::micros_of;
use spikeflame_profile::{Clock, ClockSource};
use std::fmt::Write;

pub use json::json;
pub(crate) use json::unit as unit_word;
pub(crate) use monitors::name as track_name;
pub use monitors::sentence as monitored;
pub use starved::starvation;
pub use text::{summary, text};
pub(crate) use words::{failure, grade_meaning};
pub use words::{grade, sentence};

/// A load test with its plateaus and the CPU use of the busiest thread.
#[derive(Clone, Debug)]
pub struct PlateauView<'a> {
    /// The load test, second by second.
    pub timeline: &'a Timeline,
    /// The plateaus of `timeline`, or the reason why there is none.
    pub plateau: &'a Result<Plateaus, NoPlateau>,
    /// CPU use of the busiest thread during [`Plateaus::chosen`], and the clock by which recording
    /// and load test were aligned; `None` when it is not known.
    pub usage: Option<(Usage, Clock)>,
    /// Stretches of the whole test in which the busiest thread had work, but got little of a core.
    pub starved: &'a [Starvation],
    /// Texts that only the program can give, because they name its flags and commands.
    pub words: PlateauWords,
}

/// Texts that the program adds to the view, because only the program knows its flags. Each is empty
/// by default.
#[derive(Clone, Debug, Default)]
pub struct PlateauWords {
    /// The line printed below the reason why a test has no plateau: advice for the next step.
    pub way_out: String,
    /// The text printed at the end of the line that counts several plateaus, before its colon. It
    /// names the way to choose another one.
    pub choose: &'static str,
    /// The text printed at the end of the sentence with the pause that a virtual user makes between two
    /// requests, before its full stop. It names the way to check the pause.
    pub think: &'static str,
    /// The sentence printed after the columns of a table when the unit or the meaning of one of them is a guess.
    /// It names the way to give them.
    pub guessed: &'static str,
    /// The words for the clock by which recording and load test were aligned. When this is empty,
    /// the view has those of [`clock`].
    pub clock: String,
    /// Texts that are printed at the end of sentences about the limit that the test met.
    pub limits: LimitWords,
}

/// Texts that the program adds to sentences about the limit of a test, because only the program
/// knows its commands. Each is empty by default.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimitWords {
    /// The text printed at the end of the sentence with the candidates for the limit, before its full stop. It
    /// names the way to see what the application logged.
    pub logged: &'static str,
    /// The text printed at the end of the sentence that the CPU of a database is used up, before its full stop.
    /// It names the way to find the statements that use it.
    pub statements: &'static str,
}

/// Describes the source and the accuracy of a profile's clock: `wall-clock marks in the log, within
/// 2 ms`.
pub fn clock(clock: &Clock) -> String {
    let known = match clock.known {
        ClockSource::Recorded => "the recording's own clock",
        ClockSource::Marks => "wall-clock marks in the log",
        ClockSource::Given => "the start that was given",
        ClockSource::FileName | ClockSource::FileStamp => "the file's name",
        ClockSource::FileTime => "the file's time",
        ClockSource::Correlated => "correlating CPU activity with throughput",
        ClockSource::Spanned => "the lengths, because the log must contain the whole test",
    };
    format!("{known}, within {}", seconds(clock.uncertainty_us.div_ceil(1_000).max(1) * 1_000))
}

/// The part of a busy loop's time in which it had a core, below which the machine was the limit.
const STARVED: f64 = 0.5;

/// Returns a few sentences about the limit of a plateau. They state whether the busiest thread was
/// the limit ([`Usage::busy`], [`BOUND`]), or the machine ([`is_of_machine`]), and else the parts outside of
/// it to look at. They name no limit when the coverage is less than [`LEAST_COVERAGE`].
///
/// ```
/// use spikeflame_load::Usage;
/// use spikeflame_render::plateau::verdict;
///
/// let usage = Usage {
///     cpu_utilisation: 0.97,
///     loop_utilisation: Some(0.96),
///     idle_may_work: false,
///     cores: Some(0.9),
///     counts_waits: true,
///     gc_share: Some(0.08),
///     samples: 39_142,
///     coverage: 1.0,
///     main_cores: None,
///     is_worker: None,
///     other_cores: None,
/// };
/// assert!(verdict(&usage, Default::default()).starts_with("CPU-bound"));
/// ```
pub fn verdict(usage: &Usage, words: LimitWords) -> String {
    judged(usage, None, words)
}

/// Returns the sentences of [`verdict`] together with the most likely limit among those that
/// `beside` shows (the tracks of monitors). The text is empty when there is neither `usage` nor
/// such a limit. `words` are texts of the program that the sentences contain.
///
/// ```
/// use spikeflame_render::plateau::verdict_beside;
///
/// assert!(verdict_beside(None, &[], Default::default()).is_empty());
/// ```
pub fn verdict_beside(
    usage: Option<&Usage>,
    beside: &[TrackFigures<'_>],
    words: LimitWords,
) -> String {
    let limit = monitors::limit(beside, words).map(|limit| clean::sentence(&limit));
    match (usage, limit) {
        (Some(usage), limit) => judged(usage, limit.as_deref(), words),
        (None, Some(limit)) => format!("The likely limit, as a monitor shows it: {limit}"),
        (None, None) => String::new(),
    }
}

fn judged(usage: &Usage, limit: Option<&str>, words: LimitWords) -> String {
    let percent = (100.0 * usage.coverage).clamp(1.0, 99.0);
    if usage.coverage >= 1.0 {
        return limit_of(usage, limit, words);
    }
    let part = format!("The recording covers only {} % of the plateau", decimals(percent, 0));
    if usage.coverage >= LEAST_COVERAGE {
        return format!(
            "{part}, and the following is true for that part. {}",
            limit_of(usage, limit, words)
        );
    }
    let monitor = match limit {
        Some(limit) => format!(" A monitor shows this limit: {limit}"),
        None => String::new(),
    };
    format!(
        "{part}, too little to name the limit: at least {} % is needed. Record the whole load \
         test.{monitor}",
        decimals(100.0 * LEAST_COVERAGE, 0)
    )
}

/// Returns true when [`verdict`] names the machine as the limit of a plateau: the busiest thread had work, but got
/// less than half of the core that it needed. Its text then has the advice for this case.
///
/// ```
/// use spikeflame_load::Usage;
/// use spikeflame_render::plateau::is_of_machine;
///
/// let usage = |cores| Usage {
///     cpu_utilisation: 0.97,
///     loop_utilisation: Some(0.96),
///     idle_may_work: false,
///     cores: Some(cores),
///     counts_waits: false,
///     gc_share: None,
///     samples: 100,
///     coverage: 1.0,
///     main_cores: None,
///     is_worker: None,
///     other_cores: None,
/// };
/// assert!(is_of_machine(&usage(0.2)) && !is_of_machine(&usage(0.9)));
/// ```
pub fn is_of_machine(usage: &Usage) -> bool {
    usage.coverage >= LEAST_COVERAGE && got_no_core(usage)
}

/// Returns true for a loop that had work without a core, which shows the machine's limit, and not that of the
/// program.
fn got_no_core(usage: &Usage) -> bool {
    let (busy, share) = (usage.busy(), usage.core_share());
    share.is_some_and(|share| busy >= BOUND && share.share < STARVED * busy)
}

/// Returns the limit that the covered part of a plateau shows.
fn limit_of(usage: &Usage, limit: Option<&str>, words: LimitWords) -> String {
    let percent = |share: f64| decimals(100.0 * share, 0) + " %";
    let busy = usage.busy();
    let is_worker = usage.is_of_worker();
    let is_unclear = usage.is_worker.is_none() && usage.differs_from_main();
    let share = usage.core_share();
    let cores = share.map(|share| share.share);
    let got = match share.filter(|_| is_worker || usage.loop_utilisation.is_some()) {
        Some(share) if is_worker => {
            let main = usage.main_cores.map(|main| percent(main.min(1.0)));
            let main = main.map(|main| format!("; the main thread got {main} of a core"));
            format!(", and it {}{}", core_share(share), main.unwrap_or_default())
        }
        Some(share) if is_unclear => format!(
            " (its samples show {} of a core, and the main thread got {}: either it is a worker, or the \
             main thread waited for a core)",
            percent(share.share),
            percent(usage.main_cores.unwrap_or(0.0).min(1.0))
        ),
        Some(share) => format!(", and the main thread {}", core_share(share)),
        None => String::new(),
    };
    let collected = match usage.gc_share {
        Some(share) => format!("; garbage collection took {} of its CPU time", percent(share)),
        None => String::new(),
    };
    let others = usage.other_cores.filter(|_| usage.is_work_elsewhere() && !is_worker);
    let elsewhere = match (limit, others) {
        (Some(limit), _) => format!("The likely limit, as a monitor shows it: {limit}"),
        (None, Some(cores)) => format!(
            "{} used {} cores (libuv's pool, workers, V8's helpers). The pool runs cryptography, compression, \
             files and DNS; it has UV_THREADPOOL_SIZE threads (4 by default). perf records all threads.{}",
            match cores >= BOUND {
                true => "The likely limit is the CPU of the process's other threads: they",
                false => "Look at the process's other threads first: they",
            },
            decimals(cores, 2),
            match cores >= BOUND {
                true => "",
                false => " Then look at pools, the database, locks and the network.",
            }
        ),
        (None, None) => format!(
            "Look at pools, the database, locks, the network and the CPU of the load generator \
             before the flame graph{}.",
            words.logged
        ),
    };
    let busy_for = percent(busy);
    let who = match usage.loop_utilisation {
        Some(_) if is_worker => "event loop of a worker",
        None if is_worker => "busiest thread, which is not the main thread,",
        Some(_) if is_unclear => "event loop of the busiest thread",
        None if is_unclear => "busiest thread",
        Some(_) => "event loop",
        None => "main thread",
    };
    let starved = got_no_core(usage);
    let mut text = if starved {
        format!(
            "The machine was the limit: the {who} was busy {busy_for} of the plateau{got}{collected}. \
             Other programs or a limit of CPU took the rest, and the program alone would reach more. \
             Repeat the test with a whole core for it. The flame graph shows how the program used the \
             CPU that it got."
        )
    } else if busy >= BOUND {
        format!(
            "CPU-bound: the {who} was busy {busy_for} of the plateau{got}{collected}. Read the \
             flame graph."
        )
    } else if usage.idle_may_work {
        format!(
            "The {who} was busy for at least {busy_for} of the plateau{got}{collected}. V8's CPU \
             profiler counts reading from sockets as idle, so the recording does not show whether \
             the loop waited: `node --prof` does. If it did: {elsewhere}"
        )
    } else if usage.loop_utilisation.is_some() {
        format!(
            "Waiting on something else: the {who} was busy {busy_for} of the \
             plateau{got}{collected}. {elsewhere}"
        )
    } else {
        // V8 writes the ticks of waiting, unless its CPU profiler runs too.
        let shown_by = match usage.counts_waits {
            true => "`node --prof` without --cpu-prof",
            false => "`node --prof`",
        };
        format!(
            "The {who} ran for {busy_for} of the plateau{collected}. The recording does not \
             show whether it waited for something else or for a core: {shown_by} does. If other \
             processes kept the machine busy, read the flame graph. {elsewhere}"
        )
    };
    if !starved && cores.is_some_and(|cores| busy >= BOUND && cores < 0.8 * busy) {
        text += " Other programs may have taken the rest, or the machine has a limit of CPU.";
    }
    if let Some(limit) = limit.filter(|_| busy >= BOUND) {
        let _ = write!(text, " A monitor shows another limit beside it: {limit}");
    }
    text
}

/// Returns the share of a core that a thread got, as the end of a sentence: `got 53 % of a core`. When
/// waiting for a core counts too, the words are about the time in which samples show the thread running.
///
/// ```
/// use spikeflame_load::CoreShare;
/// use spikeflame_render::plateau::core_share;
///
/// let counted = CoreShare { share: 0.53, by_kernel: true, counts_waits: false };
/// assert_eq!(core_share(counted), "got 53 % of a core");
/// let by_ticks = CoreShare { by_kernel: false, counts_waits: true, ..counted };
/// assert!(core_share(by_ticks).starts_with("ran or waited for a core in at least 53 % of the time by its samples"));
/// ```
pub fn core_share(CoreShare { share, counts_waits, .. }: CoreShare) -> String {
    let percent = decimals(100.0 * share, 0);
    match counts_waits {
        true => {
            format!("ran or waited for a core in at least {percent} % of the time by its samples")
        }
        false => format!("got {percent} % of a core"),
    }
}

/// Returns the most important totals of a summary, for one line.
pub(crate) fn totals(summary: &Summary) -> Vec<(&'static str, String)> {
    let error_rate = summary.error_rate.map(|share| decimals(100.0 * share, 2) + " %");
    let duration = summary.duration_s.map(|s| seconds(micros_of(s).max(0).unsigned_abs()));
    let users = summary.vus_max.map(|vus| decimals(vus, 1).trim_end_matches(".0").to_owned());
    [
        ("requests", summary.requests.map(count)),
        ("requests a second", summary.rps.map(|rate| decimals(rate, 1))),
        ("failed", summary.failed.map(count)),
        ("error rate", error_rate),
        ("mean", summary.avg_ms.map(millis)),
        ("median", summary.med_ms.map(millis)),
        ("p90", summary.p90_ms.map(millis)),
        ("p95", summary.p95_ms.map(millis)),
        ("p99", summary.p99_ms.map(millis)),
        ("longest", summary.max_ms.map(millis)),
        ("VUs at most", users),
        ("duration", duration),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Returns milliseconds in words: `87 ms`, `1.25 s`, `40 µs`, or `-` without a value.
pub(crate) fn millis(ms: f64) -> String {
    match ms {
        ms if ms.is_nan() => "-".to_owned(),
        0.0 => "0.0 ms".to_owned(),
        // One decimal of a millisecond shows none of these.
        ms if ms.abs() < 0.000_999_5 => format!("{} ns", three_digits(1e6 * ms)),
        ms if ms.abs() < 0.099_95 => format!("{} µs", three_digits(1e3 * ms)),
        ms if ms < 10.0 => format!("{ms:.1} ms"),
        ms if ms < 1_000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1e3),
    }
}

/// Returns the time of day at which a second of the test begins: `01:31:48`. It is in UTC, or, for a test
/// without dates, as the input has it. Returns `None` when the times count from the start of the test.
fn time_of_day(timeline: &Timeline, second: usize) -> Option<String> {
    let second = timeline.start_s.saturating_add_unsigned(second as u64).rem_euclid(86_400);
    let has_day = timeline.has_clock() || timeline.warnings.contains(&Warning::NoDate);
    let text = || format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    has_day.then(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_load::plateau::Window;

    /// The error was: "CPU-bound" and "Read the flame graph" for a program that got a twentieth of
    /// a core, beside a sentence that the machine was the limit.
    #[test]
    fn a_loop_without_a_core_has_one_limit() {
        let usage = |cores| Usage {
            cpu_utilisation: 0.73,
            loop_utilisation: Some(0.73),
            idle_may_work: false,
            cores: Some(cores),
            counts_waits: true,
            gc_share: None,
            samples: 1_252,
            coverage: 1.0,
            main_cores: None,
            is_worker: None,
            other_cores: None,
        };
        let of = |cores| verdict(&usage(cores), LimitWords::default());
        let starved = of(0.05);
        assert!(starved.starts_with("The machine was the limit"), "{starved}");
        // The error was: the verdict, the stretch and the load average gave the same advice one after another.
        let some = [Starvation { window: Window { from: 2, to: 14 }, cores: 0.1 }];
        let [alone, beside] = [false, true].map(|is_told| starvation(&some, None, is_told));
        assert!(
            alone.contains("other programs") && beside.ends_with("10 % of that time."),
            "{beside}"
        );
        assert!(!starved.contains("CPU-bound") && !starved.contains("may have taken"), "{starved}");
        assert!(of(0.5).starts_with("CPU-bound") && of(0.5).contains("may have taken"));
        assert!(of(0.7).starts_with("CPU-bound") && !of(0.7).contains("may have taken"));
        // The error was: the busiest thread, a worker, was called the main thread.
        let kernel = |main, others| Usage {
            main_cores: Some(main),
            other_cores: Some(others),
            ..usage(0.7)
        };
        let worker = Usage { is_worker: Some(true), ..kernel(0.1, 0.9) };
        let of_worker = verdict(&worker, LimitWords::default());
        assert!(of_worker.contains("event loop of a worker was busy 73 %"), "{of_worker}");
        let shares = "it ran or waited for a core in at least 70 % of the time by its samples; the main \
                      thread got 10 % of a core";
        assert!(of_worker.contains(shares), "{of_worker}");
        // The error was: without the recorder's table, the main thread had 0 %.
        let alone = Usage { is_worker: Some(true), ..usage(0.7) };
        let alone = verdict(&alone, LimitWords::default());
        assert!(
            alone.contains("it ran or waited for a core in at least 70 %")
                && !alone.contains("the main"),
            "{alone}"
        );
        // The error was: a main thread that got a tenth of a core was called a worker.
        let main = Usage { is_worker: Some(false), ..kernel(0.1, 0.9) };
        let of_main = verdict(&main, LimitWords::default());
        assert!(of_main.starts_with("The machine was the limit: the event loop was"), "{of_main}");
        let unclear = verdict(&kernel(0.1, 0.9), LimitWords::default());
        assert!(unclear.contains("either it is a worker, or the main thread waited"), "{unclear}");
        // The error was: the verdict had the CPU by V8's ticks, and `top` that of the kernel.
        let counted = verdict(&kernel(0.65, 0.1), LimitWords::default());
        assert!(counted.contains("the main thread got 65 % of a core"), "{counted}");
        // The error was: ticks, which also count waiting for a core, were a share of a core.
        assert!(
            of(0.65)
                .contains("ran or waited for a core in at least 65 % of the time by its samples"),
            "{}",
            of(0.65)
        );
        // The error was: a server that waits for libuv's pool was to look at its database.
        let waits = Usage { loop_utilisation: Some(0.14), cores: Some(0.09), ..kernel(0.1, 0.85) };
        let waits = verdict(&waits, LimitWords::default());
        assert!(waits.contains("other threads: they used 0.85 cores"), "{waits}");
        assert!(!waits.contains("database"), "{waits}");
        // The error was: with half of a core for the pool, on a busy machine, it was not named.
        let less = Usage { loop_utilisation: Some(0.08), cores: Some(0.03), ..kernel(0.02, 0.49) };
        let less = verdict(&less, LimitWords::default());
        let first = "Look at the process's other threads first: they used 0.49 cores";
        assert!(less.contains(first) && less.contains("database"), "{less}");
        // The error was: `node --prof` was advised where --cpu-prof had stopped the ticks of just that.
        let few = Usage { loop_utilisation: None, cores: Some(0.0006), ..kernel(0.44, 0.01) };
        let [of_ticks, of_perf] = [true, false]
            .map(|counts_waits| verdict(&Usage { counts_waits, ..few }, LimitWords::default()));
        assert!(of_ticks.contains("core: `node --prof` without --cpu-prof does"), "{of_ticks}");
        assert!(of_perf.contains("core: `node --prof` does"), "{of_perf}");
        // A part of a plateau is named, and a short one shows no limit.
        let covers = |coverage| verdict(&Usage { coverage, ..usage(0.7) }, LimitWords::default());
        assert!(covers(0.29).starts_with("The recording covers only 29 % of the plateau, and"));
        assert!(covers(0.29).contains("CPU-bound"), "{}", covers(0.29));
        assert!(!covers(0.09).contains("CPU-bound"), "{}", covers(0.09));
    }
}
