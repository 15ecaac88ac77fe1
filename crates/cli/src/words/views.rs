//! Words of the flags that views name.

use super::generators::of_load;
use spikeflame_diff::{Error as DiffError, Quantity, Warning};
use spikeflame_load::plateau::{NoPlateauReason, Window};
use spikeflame_load::{Axis, NoPlateau, Timeline};
use spikeflame_profile::folded::TooDeep;
use spikeflame_profile::{Clock, ClockSource};
use spikeflame_render::RenderError;
use spikeflame_render::capacity::MissingWords;
use spikeflame_render::diff::DiffWords;
use spikeflame_render::export::ExportError;
use spikeflame_render::plateau::{LimitWords, PlateauWords};
use spikeflame_render::{clean, count, seconds};

/// The words after the number of rows that a table does not show.
pub(crate) const ALL_ROWS: &str = "; --rows 0 shows all";

/// The words of a comparison.
pub(crate) const DIFF: DiffWords = DiffWords {
    all_rows_hint: ALL_ROWS,
    more_power: " (`diff --power 0.9` shows how many runs it takes)",
    warning: difference,
};

/// The words for a comparison in a report, which has no flags of `diff`.
pub(crate) const REPORT: DiffWords = DiffWords {
    all_rows_hint: "; spikeflame diff shows all",
    more_power: " (spikeflame diff --power 0.9 shows how many runs it takes)",
    warning: difference,
};

/// The texts that are printed after sentences about the limit of a load test.
pub(crate) const LIMITS: LimitWords = LimitWords {
    logged: "; `spikeflame errors` shows what the application logged",
    statements: ": `spikeflame queries` shows which statements take it",
};

/// The words for numbers of `capacity` that cannot be calculated.
pub(crate) const MISSING: MissingWords = MissingWords {
    in_flight: "give --rps and --mean.",
    needed: "give --hold, the mean time that a request holds a connection before the knee (and \
             --rps or --target-rps).",
    possible: "give --memory and --per-connection (with --used and --global-buffers), or \
               --max-connections.",
};

/// Words an error of a comparison.
pub(crate) fn comparison(error: &DiffError) -> String {
    let advice = match error {
        DiffError::Unknown { what: Quantity::Requests, .. } => {
            ": name the load tests with --load-before and --load-after, or give --per run or \
             --per share"
        }
        DiffError::Log { .. } => {
            "; `diff` compares recordings, such as the tick log of `node --prof app.js` or a \
             .cpuprofile; `spikeflame errors LOG` lists the errors in a log"
        }
        DiffError::OtherCounts { .. } => {
            ": give recordings of one kind; --sample-type picks the values of a recording that \
             holds several"
        }
        DiffError::Unknown { what: Quantity::Length, .. } => ": give --per run or --per share",
        DiffError::Unknown { what: Quantity::Interval, .. } => {
            ": give --per share, or --interval; a .cpuprofile lacks it when most samples came late, as on a machine \
             without an idle core: the time between them is then mostly waiting, and no CPU"
        }
        _ => "",
    };
    format!("{error}{advice}")
}

fn difference(warning: &Warning) -> String {
    let advice = match warning {
        Warning::DifferentPrograms { .. } => "; see --path-map if only their paths differ",
        Warning::OtherNames { .. } | Warning::GeneratedNames { .. } => {
            ": --group-by file, --group-by package, or original names with --source-maps"
        }
        Warning::SharedNames { .. } => ": --group-by package",
        Warning::HidesInlining => ": --group-by file, --group-by package",
        Warning::NoRequests { .. } => " (--load-before and --load-after, or --per run)",
        Warning::NoInterval { .. } => "; give it with --interval",
        Warning::WorkDiffers { .. } => " (--per request)",
        Warning::FewSamples { .. } => "; record longer",
        Warning::OrderUnknown => "; give --order",
        Warning::NotInTurn { other_machine: false } => {
            "; leave --order in-turn out, unless these clocks are wrong"
        }
        Warning::NotInTurn { other_machine: true } => "; leave --order in-turn out",
        _ => "",
    };
    format!("{warning}{advice}")
}

/// Words an error of an export.
pub(crate) fn export(error: &ExportError) -> String {
    match error {
        ExportError::Threads(names) => format!(
            "a .cpuprofile holds one thread, and there are {}; --thread REGEX picks one: {}",
            names.len(),
            names.join(", ")
        ),
        ExportError::TooHeavy => format!(
            "{error}; --sample-type picks another kind of value, or another format holds them"
        ),
        ExportError::TooDeep { .. } => format!("{error}; {SHALLOWER}"),
        other => other.to_string(),
    }
}

/// Words the refusal to write folded text.
pub(crate) fn folding(error: &TooDeep) -> String {
    format!("{error}; {SHALLOWER}")
}

/// The ways to write a profile of very deep stacks.
const SHALLOWER: &str = "--hide REGEX removes frames of a recursion, --focus keeps fewer stacks, \
     and `export --to firefox` or `--to cpuprofile` hold each frame once";

/// Words an error of drawing.
pub(crate) fn drawing(error: &RenderError) -> String {
    match error {
        #[cfg(feature = "png")]
        RenderError::TooLarge { .. } => {
            format!("{error}: prune it with a larger --min-width, or select less")
        }
        other => other.to_string(),
    }
}

/// Describes the source and the accuracy of a profile's clock.
pub(crate) fn clock(clock: &Clock) -> String {
    match clock.known {
        ClockSource::Given => {
            let us = clock.uncertainty_us.div_ceil(1_000).max(1) * 1_000;
            format!("--profile-start, within {}", seconds(us))
        }
        _ => spikeflame_render::plateau::clock(clock),
    }
}

/// The words of a plateau.
pub(crate) fn plateau(
    none: Option<&NoPlateau>,
    timeline: &Timeline,
    by: Option<&Clock>,
) -> PlateauWords {
    PlateauWords {
        way_out: none.map(|none| way_out(none, timeline)).unwrap_or_default(),
        choose: "; --plateau N chooses one",
        think: "; --think checks it",
        guessed: "Where a guess is wrong, give --columns p95_s=NAME or p95_ms=NAME (or mean, time) for the unit, \
                  or time=NAME for starts and time_end=NAME for ends of requests.",
        clock: by.map(clock).unwrap_or_default(),
        limits: LIMITS,
    }
}

/// Returns true when a table has a column of numbers without a meaning, which `--columns` can give it.
fn has_spare_column(timeline: &Timeline) -> bool {
    !timeline.columns.is_empty() && timeline.tracks.iter().any(|track| track.source.is_empty())
}

/// Returns the way to a file whose rows are shorter.
fn shorter_rows(timeline: &Timeline) -> &'static str {
    match timeline.format {
        "k6 dashboard" => {
            "Take the file with each request (`k6 run --out json=k6.json.gz`), or rows of a second \
             (K6_WEB_DASHBOARD_PERIOD=1s)."
        }
        format if format.starts_with("Artillery") => {
            "Periods of Artillery have ten seconds: let the load rise over a minute, and hold it as long."
        }
        "Locust history" => "Run Locust with --csv-full-history, which writes a row a second.",
        _ => {
            "Take the load generator's own file, which has each request (k6: --out json=k6.json.gz, JMeter: \
             -l results.jtl), or export the table with a step of a second. Rows as long as these show a load \
             that rises over seven of them and holds for three."
        }
    }
}

/// Rows of more seconds than this may have both a system at rest and one at its limit.
const LONG_ROW_S: u32 = 3;
/// Fewer rows than these are few: seven show a load that rises, and three its greatest height.
const FEW_ROWS: usize = 10;

/// Returns the length and the number of the rows of a table with few long ones, and the way to shorter ones. Returns
/// `None` for reasons that other rows would not change.
fn few_rows(none: &NoPlateau, timeline: &Timeline) -> Option<String> {
    let row_s = timeline.resolution_s;
    let rows = timeline.seconds.len() / (row_s.max(1) as usize);
    let would_help = matches!(
        none.why,
        NoPlateauReason::UsersUnknown { .. }
            | NoPlateauReason::AsManyFaster { .. }
            | NoPlateauReason::RestUnknown { .. }
    );
    (would_help && row_s > LONG_ROW_S && rows < FEW_ROWS)
        .then(|| format!(" The test has {rows} rows of {row_s} s. {}", shorter_rows(timeline)))
}

/// Advice for late answers that the load does not explain.
const LOOK: &str = "Look into those seconds: a profile beside the test shows whether a thread had work all the time.";

/// Returns advice for a test without a plateau.
pub(crate) fn way_out(none: &NoPlateau, timeline: &Timeline) -> String {
    let spare = has_spare_column(timeline);
    let has_users = timeline.seconds.iter().any(|second| second.vus.is_some());
    let of_script = own_error(none, timeline);
    let of_load = of_load(none, timeline);
    let script = match none.why {
        _ if of_load.is_some() => of_load.as_deref().unwrap_or_default(),
        NoPlateauReason::AllServed { users: false, .. } => {
            "Take a file with VUs (k6 JSON has them), or raise the rate if it was one."
        }
        NoPlateauReason::TooFewAnswers { .. } => {
            "Hold the greatest load until a hundred requests have ended."
        }
        NoPlateauReason::Pauses { .. } => {
            "Look into those seconds: a timer, a job, garbage collection, a lock."
        }
        NoPlateauReason::Stalled { .. } => "Look into those seconds: a restart, a lock, a pause.",
        NoPlateauReason::UsersUnknown { .. } if has_users => {
            "Take a file with the rate that was wanted (k6 JSON has it)."
        }
        NoPlateauReason::AsManyFaster { .. } if has_users => LOOK,
        NoPlateauReason::UsersUnknown { .. } | NoPlateauReason::AsManyFaster { .. } => {
            match spare {
                true => {
                    "Take a file with VUs (k6 JSON has them), or name the column with --columns \
                     vus=NAME."
                }
                false => "Take a file with VUs (k6 JSON has them).",
            }
        }
        NoPlateauReason::SlowPhase { .. } => LOOK,
        NoPlateauReason::OtherMix { .. } => "Raise the load of the same requests.",
        NoPlateauReason::PiledUp { .. } => "Run the test again, or look into those seconds.",
        NoPlateauReason::NothingClimbs { .. } => {
            "Give the load generator more CPU, or look for what its script waits for."
        }
        NoPlateauReason::RowsTooLong { .. } => shorter_rows(timeline),
        NoPlateauReason::NothingSucceeded { .. } if of_script.is_some() => {
            of_script.as_deref().unwrap_or_default()
        }
        NoPlateauReason::Fails { .. }
        | NoPlateauReason::FastButFailing { .. }
        | NoPlateauReason::NothingSucceeded { .. }
        | NoPlateauReason::HardlySucceeded { .. }
        | NoPlateauReason::NoAnswers { .. } => "Look at the errors first: `spikeflame errors`.",
        // These have advice about the load.
        NoPlateauReason::NotReached { .. }
        | NoPlateauReason::StillRising { .. }
        | NoPlateauReason::NotHeldBack { .. }
        | NoPlateauReason::AllServed { .. }
        | NoPlateauReason::NothingToCompare { .. }
        | NoPlateauReason::LevelsDiffer { .. }
        | NoPlateauReason::RestUnknown { .. }
        | NoPlateauReason::TooBrief { .. }
        | NoPlateauReason::TooShort { .. } => "",
        NoPlateauReason::NoLoad if spare => {
            "Record the test with `k6 run --out json=k6.json.gz`, or name the column \
             with --columns vus=NAME."
        }
        NoPlateauReason::NoLoad => "Record the test with `k6 run --out json=k6.json.gz`.",
        NoPlateauReason::NoUsers => "Leave --axis out to have the quantity that the file has.",
        NoPlateauReason::NoDurations if spare => {
            "Name the column with --columns p95=NAME, or mean=NAME for means."
        }
        NoPlateauReason::NoDurations => {
            "Take a file with durations: `k6 run --out json=k6.json.gz` writes them."
        }
        NoPlateauReason::NotCalled { .. } => {
            "Leave --endpoint and --scenario out to see the plateau."
        }
        NoPlateauReason::NoSuch { .. } => return "Leave --plateau out to see them all.".to_owned(),
    };
    let dropped = match none.dropped {
        1.0.. => format!(
            " k6 dropped {:.0} iterations, because no virtual user was free: raise `maxVUs` as well.",
            none.dropped
        ),
        _ => String::new(),
    };
    let window = window_instead(none);
    let rows = few_rows(none, timeline).unwrap_or_default();
    format!(
        "{script}{rows}{dropped} To go on with this test, take {}: --window {window}",
        stretch_instead(none)
    )
}

/// Returns the sentence about the load test's own error, for a test in which most requests got no answer and
/// none succeeded: the program's log has nothing about a request that did not reach it.
fn own_error(none: &NoPlateau, timeline: &Timeline) -> Option<String> {
    let error = timeline.own_error.as_ref()?;
    let NoPlateauReason::NothingSucceeded { status: Some(0) } = none.why else { return None };
    Some(format!(
        "The load test wrote for {} requests: {} (code {}). Check the addresses in its script, and whether the \
         program listens there.",
        count(error.requests),
        clean::terminal(&error.text),
        error.code
    ))
}

/// Returns the sentence about a load that the user measures in another quantity, `asked`, than the one of
/// the test, `usual`.
pub(crate) fn foreign_axis(asked: Axis, usual: Axis) -> &'static str {
    match (asked, usual) {
        (Axis::Vus, Axis::InFlight) => {
            "the requests of this test do not follow its VUs, which are those under way at a moment: with \
             --axis vus, a knee is the number of VUs that waited, and no load that a test could set; \
             leave --axis out to have the requests in flight"
        }
        (Axis::Vus, _) => {
            "the requests of this test came at a rate, so its VUs follow the requests under way: with \
             --axis vus, a knee is the number of VUs that waited, and no load that a test could set; \
             leave --axis out to have the rate"
        }
        (_, Axis::InFlight) => {
            "the file does not show how many requests were wanted, or its clients wait for their answers: with \
             --axis rate, the answers stand for the requests wanted, and show no queue; leave --axis out to \
             have the requests in flight"
        }
        _ => {
            "the VUs of this test wait for their answers, so the requests wanted a second follow the \
             answers: with --axis rate, a knee is no load that a test could set; leave --axis out to \
             have the VUs"
        }
    }
}

/// Returns the value of `--window` that goes on with a test without a plateau. All commands
/// recommend this one.
pub(crate) fn window_instead(none: &NoPlateau) -> String {
    none.instead().map_or("load".to_owned(), |Window { from, to }| format!("{from}s..{to}s"))
}

/// Returns the words for that window.
pub(crate) fn stretch_instead(none: &NoPlateau) -> &'static str {
    match (&none.why, none.instead()) {
        (_, None) => "all of it",
        (NoPlateauReason::Fails { window, .. }, Some(instead)) if instead.to == window.from => {
            "the time before them"
        }
        (NoPlateauReason::SlowPhase { window, .. }, Some(instead))
        | (NoPlateauReason::AsManyFaster { window }, Some(instead))
            if instead == *window =>
        {
            "the seconds with late answers"
        }
        (NoPlateauReason::LevelsDiffer { .. }, _) => "the level with the latest answers",
        _ => "its steadiest stretch of high load",
    }
}
