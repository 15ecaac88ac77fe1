//! Advice that depends on the load generator: how its load is raised, and how its result gets into the
//! folder of a run.

use spikeflame_load::plateau::NoPlateauReason as Reason;
use spikeflame_load::{Axis, NoPlateau, Timeline};
use std::path::Path;

/// The settings of a load generator that change the load, in words for a message.
struct Settings {
    /// The setting of the greatest load.
    greatest: &'static str,
    /// The setting of the rate of a test whose requests come at a rate.
    rate: &'static str,
    /// The setting of a low load at the beginning.
    low: &'static str,
    /// The setting of a low rate at the beginning.
    low_rate: &'static str,
    /// The time for which the greatest load is to be held.
    hold: &'static str,
}

impl Settings {
    /// Returns the settings of the generator that writes `format`, the name of a format of load tests.
    fn of(format: &str) -> Self {
        let own = Self {
            greatest: "the number of users, or the rate, of the script that makes it",
            rate: "the greatest one of the script that makes it",
            low: "in the script that makes it",
            low_rate: "in the script that makes it",
            hold: "20 s",
        };
        let same = |greatest, low| Self { greatest, rate: greatest, low, low_rate: low, ..own };
        match format {
            "k6 JSON" | "k6 CSV" | "k6 dashboard" => Self {
                greatest: "k6: `target` of the last stage, `vus`, or `rate`",
                rate: "k6: `rate`, or the last `target`",
                low: "k6: a stage of its own",
                low_rate: "k6: `startRate`",
                ..own
            },
            _ if format.starts_with("Artillery") => Self {
                hold: "a minute, because a row of its report has ten seconds",
                ..same(
                    "Artillery: `rampTo` of the last phase, or its `arrivalRate`",
                    "Artillery: a phase of its own with a small `arrivalRate`, of half a minute",
                )
            },
            "Locust history" => same(
                "Locust: `--users`, or the last step of a LoadTestShape",
                "Locust: a small `--spawn-rate`, or the first step of a LoadTestShape",
            ),
            "JMeter" => same(
                "JMeter: the threads of the thread group",
                "JMeter: a thread group of its own, or a long ramp-up period",
            ),
            "Gatling" => same(
                "Gatling: the last step of `inject`",
                "Gatling: a first step of `inject` with few users",
            ),
            "vegeta" => same("vegeta: `-rate`", "vegeta: an attack of its own before, in one file"),
            "ab's table" | "hey" | "h2load's log" => same(
                "the connections, `-c`; this generator cannot raise them during a test",
                "with a generator that raises the load, such as k6 or Locust; this one cannot",
            ),
            _ => own,
        }
    }
}

/// The share of failed requests from which errors come before more load.
const MANY_FAIL: f64 = 0.1;

/// Seconds of a low load that show the system at rest, in a file with a row for each second or request.
const LOW_LOAD_S: u32 = 5;

/// Returns what to change in the load of a test without a plateau, in words of the generator that wrote its file.
/// Returns `None` when the load is not the reason.
pub(super) fn of_load(none: &NoPlateau, timeline: &Timeline) -> Option<String> {
    let Settings { greatest, rate, low, low_rate, hold } = Settings::of(timeline.format);
    // Two rows have a whole one in any case, which shows the system under this load alone.
    let begin_s = LOW_LOAD_S.max(2 * timeline.resolution_s);
    Some(match none.why {
        Reason::NotReached { failed: Some(share), .. } if share >= MANY_FAIL => format!(
            "Look at the errors first: `spikeflame errors`. Then raise the greatest load ({greatest}) and hold it \
             for {hold}."
        ),
        Reason::NotReached { .. } | Reason::StillRising { .. } | Reason::NotHeldBack { .. } => {
            format!("Raise the greatest load ({greatest}) and hold it for {hold}.")
        }
        Reason::AllServed { users: true, .. } => format!("Raise the rate ({rate})."),
        Reason::NothingToCompare { unit, .. } if unit == Axis::Rate.unit() => {
            format!("Begin with {begin_s} s at a low rate ({low_rate}), then raise it.")
        }
        Reason::NothingToCompare { .. } => {
            format!("Begin with {begin_s} s at one or two VUs ({low}), then raise the load.")
        }
        Reason::LevelsDiffer { .. } => format!(
            "Record a profile beside the test, because a thread that always has work shows a limit, or begin \
             with {begin_s} s at one or two VUs ({low})."
        ),
        Reason::RestUnknown { .. } => {
            format!("Begin with {begin_s} s of a low load ({low}), then raise it.")
        }
        Reason::TooBrief { .. } | Reason::TooShort { .. } => {
            format!("Hold the greatest load for {hold}.")
        }
        _ => return None,
    })
}

/// Load generators: the name of the program, and the way in which it writes a result with times.
const WITH_TIMES: [(&str, &str); 9] = [
    ("k6", "`k6 run --out json=$RUN/k6.json.gz` writes one"),
    ("artillery", "`artillery run --output $RUN/report.json` writes one"),
    ("locust", "`locust --headless --csv $RUN/locust --csv-full-history` writes one"),
    ("jmeter", "`jmeter -n -l $RUN/results.jtl` writes one"),
    ("jmeter.sh", "`jmeter.sh -n -l $RUN/results.jtl` writes one"),
    ("vegeta", "`vegeta encode --output $RUN/vegeta.json` makes one of its results"),
    ("hey", "`hey -o csv URL > $RUN/hey.csv` writes one"),
    ("h2load", "`h2load --log-file=$RUN/h2load.log` writes one"),
    ("ab", "`ab -g $RUN/plot.tsv` writes one"),
];

/// Load generators that write only totals.
const TOTALS_ONLY: [&str; 8] =
    ["autocannon", "wrk", "wrk2", "oha", "bombardier", "fortio", "siege", "ghz"];

/// Returns the way to a result with times, from which a plateau can be found, for the generator that `load`
/// starts. `load` is a command of a shell.
pub(crate) fn way_to_times(load: &str) -> String {
    let programs: Vec<&str> = load
        .split(|c: char| c.is_whitespace() || "'\"();|&=".contains(c))
        .map(|word| Path::new(word).file_name().and_then(|name| name.to_str()).unwrap_or_default())
        // `artillery@2` is a package for npx.
        .map(|name| name.split('@').next().unwrap_or_default())
        .collect();
    let has = |name: &str| programs.contains(&name);
    if let Some((_, way)) = WITH_TIMES.iter().find(|(name, _)| has(name)) {
        return (*way).to_owned();
    }
    if let Some(name) = TOTALS_ONLY.iter().find(|name| has(name)) {
        return format!(
            "{name} writes totals only, which have no seconds: take a generator whose load rises, such as \
             `k6 run --out json=$RUN/k6.json.gz`"
        );
    }
    "a script of your own can write a table with a row a second (time,requests,failed,p95_ms,users) into $RUN, and \
     `k6 run --out json=$RUN/k6.json.gz` writes one too"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Settings, way_to_times};

    #[test]
    fn the_way_to_a_result_is_that_of_the_generator() {
        for (load, part) in [
            ("k6 run --quiet spike.js", "`k6 run --out"),
            ("cat users | /opt/k6 run -", "`k6 run --out"),
            ("npx artillery@2 run test.yml", "`artillery run --output"),
            ("python3 -m locust --headless -u 50", "`locust --headless --csv"),
            ("autocannon -d 20 http://127.0.0.1:3000/", "autocannon writes totals only"),
            ("sh -c 'wrk -d 5 http://127.0.0.1:1/'", "wrk writes totals only"),
            ("node load.js", "a script of your own"),
            ("./ab.sh", "a script of your own"),
        ] {
            let way = way_to_times(load);
            assert!(way.contains(part), "{load}: {way}");
        }
    }

    #[test]
    fn each_format_with_times_names_settings_of_its_generator() {
        for (format, part) in [
            ("k6 JSON", "k6: `target`"),
            ("Artillery report of loops", "Artillery: `rampTo`"),
            ("Locust history", "`--users`"),
            ("hey", "`-c`"),
            ("CSV", "the script that makes it"),
        ] {
            assert!(Settings::of(format).greatest.contains(part), "{format}");
        }
    }
}
