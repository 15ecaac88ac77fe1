//! Finds the meanings of a table's columns, by their names or from the user.

use super::super::ReadOptions;
use super::meaning::Meaning;
use super::names::{self, normal, words};
use super::number;

/// Meanings that the user can give to columns.
const MEANINGS: [&str; 12] = [
    "time",
    "rps",
    "requests",
    "total",
    "success",
    "vus",
    "mean",
    "p50",
    "p95",
    "p99",
    "errors",
    "error_rate",
];

/// The names of the durations, by their index.
pub(super) const DURATIONS: [&str; 4] = ["p50", "p95", "p99", "mean"];

/// The index of the mean.
const MEAN: usize = 3;

/// The way in which a column counts requests or errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// The column counts the requests of its row.
    Row,
    /// The column counts the requests since the start; the user said so.
    Start,
    /// The name of the column speaks of a total. The values decide between the row and the start.
    Unclear,
}

/// Words for a number that counts since the start.
const TOTALS: [&str; 4] = ["total", "cumulative", "accumulated", "cum"];

/// Returns the way in which each column counts.
pub(super) fn counting(header: &[String], options: &ReadOptions) -> Vec<Counting> {
    header.iter().map(|name| counting_of(name, options)).collect()
}

fn counting_of(name: &str, options: &ReadOptions) -> Counting {
    let is_named = |wanted: &str| {
        let mut pairs = options.columns.iter();
        pairs.any(|(meaning, column)| meaning == wanted && column.eq_ignore_ascii_case(name))
    };
    if is_named("total") {
        Counting::Start
    } else if is_named("requests") || is_rate(name) {
        Counting::Row
    } else if words(name).iter().any(|word| TOTALS.contains(&word.as_str())) {
        Counting::Unclear
    } else {
        Counting::Row
    }
}

impl Meaning {
    fn from_name(name: &str) -> Self {
        let written = name;
        let name = normal(name);
        match name.as_str() {
            "time" | "timestamp" | "timestamps" | "date" | "datetime" | "ts" | "epoch"
            | "timeutc" | "timestamputc" | "timestampms" | "timems" | "epochms" | "epochs"
            | "unixtime" | "starttime" | "windowstart" | "intervalstart" | "bucket"
            | "elapseds" | "seconds" | "second" | "sec" => Self::Time,
            "rps" | "reqps" | "reqsps" | "requestps" | "requestsps" | "httpreqsps"
            | "httpreqps" | "throughput" | "requestrate" | "requestsrate" | "reqsrate" | "qps"
            | "tps" | "hitsps" | "httpreqsrate" | "httpreqrate" | "reqrate"
            | "requestspersecond" | "totalrps" | "rpm" | "reqpm" | "reqspm" | "qpm" | "tpm"
            | "rph" | "throughputps" | "throughputrpm" | "throughputreqps" | "throughputrps" => {
                Self::Rate
            }
            "requests" | "reqs" | "requestcount" | "httpreqs" | "httprequests" | "count"
            | "hits" => Self::Count,
            "vus" | "vu" | "users" | "usercount" | "activeusers" | "virtualusers" | "threads"
            | "activethreads" | "concurrency" | "activevus" | "vusactive" | "concurrentusers" => {
                Self::Vus
            }
            "errors" | "errorcount" | "failurecount" | "errorps" | "errorsps" | "failed"
            | "failures" | "failuresps" | "failedrequests" | "failedps" | "httpreqpserrors"
            | "httpreqspserrors" => Self::Errors,
            "errorrate" | "errorratio" | "failurerate" | "httpreqfailed" | "httpreqfailedrate" => {
                Self::ErrorShare(false)
            }
            "errorrate%" | "errors%" | "error%" | "errorpercent" | "errorspercent"
            | "errorpercentage" | "errorratepercent" | "failurerate%" | "failures%" | "failed%"
            | "failure%" | "failurepercent" | "failurepercentage" | "failedpercent" => {
                Self::ErrorShare(true)
            }
            "success" | "successes" | "succeeded" | "successful" | "successfulrequests"
            | "successps" | "ok" | "okps" | "okrequests" => Self::Succeeded,
            "median" | "med" | "medianresponsetime" | "50thpercentile" => Self::Duration(0, 0.0),
            "95thpercentile" | "percentile95" | "95percentile" => Self::Duration(1, 0.0),
            "99thpercentile" | "percentile99" | "99percentile" => Self::Duration(2, 0.0),
            _ => Self::duration(&name)
                .or_else(|| names::meaning(&name))
                .or_else(|| Self::total(&name))
                .or_else(|| Self::with_unit(written))
                .unwrap_or(Self::Other),
        }
    }

    /// Returns the meaning of a name with its unit in brackets: `http_reqs (req/s)`,
    /// `95th percentile [s]`, `error rate (%)`.
    fn with_unit(name: &str) -> Option<Self> {
        let (base, unit) = unit_behind(name)?;
        match Self::from_name(base) {
            counted @ (Self::Rate | Self::Count | Self::Errors | Self::Succeeded | Self::Vus) => {
                match unit {
                    "%" if counted == Self::Errors => Some(Self::ErrorShare(true)),
                    _ => number::counted(unit).map(|_| counted),
                }
            }
            Self::ErrorShare(_) if matches!(unit, "%" | "percent") => Some(Self::ErrorShare(true)),
            Self::Duration(at, 0.0) => Some(Self::Duration(at, unit_ms(&unit.to_lowercase())?)),
            _ => None,
        }
    }

    /// Returns the meaning of a name with a word for a total.
    fn total(name: &str) -> Option<Self> {
        let parts = TOTALS.iter().filter_map(|word| name.split_once(word));
        let mut meanings = parts.map(|(before, behind)| match (before, behind) {
            ("", name) | (name, "") => Self::from_name(name),
            _ => Self::Other,
        });
        meanings.find(|meaning| matches!(meaning, Self::Count | Self::Errors))
    }

    /// Returns the meaning of the name of a mean duration: `avg_response_time_ms`.
    fn mean(name: &str) -> Option<Self> {
        let words = ["average", "mean", "avg"];
        let (before, behind) = words.iter().find_map(|word| name.split_once(word))?;
        let rest = [before, behind].concat();
        let rest = rest.strip_prefix("httpreq").unwrap_or(&rest);
        let bases = ["responsetime", "latency", "duration", "elapsed", "took", "time"];
        let unit = bases.iter().find_map(|base| rest.strip_prefix(base)).unwrap_or(rest);
        Some(Self::Duration(MEAN, unit_ms(unit)?))
    }

    fn duration(name: &str) -> Option<Self> {
        if let Some(at) = names::percentile(name) {
            return Some(Self::Duration(at, 0.0));
        }
        if let Some(mean) = Self::mean(name) {
            return Some(mean);
        }
        [("p50", "50%"), ("p95", "95%"), ("p99", "99%")].iter().enumerate().find_map(
            |(at, names)| {
                if name == names.1 {
                    return Some(Self::Duration(at, 0.0));
                }
                let (_, unit) = name.split_once(names.0)?;
                let bases = ["latency", "duration", "responsetime"];
                let unit = bases.iter().find_map(|base| unit.strip_prefix(base)).unwrap_or(unit);
                Some(Self::Duration(at, unit_ms(unit)?))
            },
        )
    }
}

/// Returns the milliseconds of a unit at the end of a name, and 0 for no unit.
fn unit_ms(unit: &str) -> Option<f64> {
    match unit.strip_prefix("in").unwrap_or(unit) {
        "" if unit.is_empty() => Some(0.0),
        // A name such as `p95_m` is no duration in minutes.
        "m" => None,
        unit => number::milliseconds(unit),
    }
}

/// Returns the milliseconds of the unit in the name of a duration without a statistic
/// (`response_time`, `latency_ms`, `Response Time (s)`), and 0 for no unit.
fn bare_duration(name: &str) -> Option<f64> {
    if let Some((base, unit)) = unit_behind(name) {
        return bare_duration(base)
            .filter(|known| *known == 0.0)
            .and(unit_ms(&unit.to_lowercase()));
    }
    let name = normal(name);
    let name = name.strip_prefix("http").unwrap_or(&name);
    let name = ["requests", "request", "reqs", "req"]
        .iter()
        .find_map(|of| name.strip_prefix(of))
        .unwrap_or(name);
    let bases = ["responsetime", "latency", "duration", "elapsedtime", "elapsed"];
    bases.iter().find_map(|base| unit_ms(name.strip_prefix(base)?))
}

/// Splits the unit in brackets from the end of a name.
fn unit_behind(name: &str) -> Option<(&str, &str)> {
    let name = name.trim_end();
    let open = match name.chars().next_back()? {
        ')' => '(',
        ']' => '[',
        _ => return None,
    };
    let (base, unit) = name.split_once(open)?;
    let unit = unit.strip_suffix([')', ']'])?.trim();
    (!base.trim().is_empty() && !unit.is_empty()).then_some((base.trim(), unit))
}

/// Returns true for a name whose values are rates: `Failures/s`, `Failures/min`.
pub(super) fn is_rate(name: &str) -> bool {
    let name = normal(name);
    name.contains("ps") && !name.contains("httpstatus")
        || names::period_s(&name) > 1.0
        || name == "throughput"
        || name.ends_with("rate") && !name.starts_with("err") && !name.starts_with("fail")
}

/// Returns true for durations that k6 writes to Prometheus, which are in seconds.
pub(super) fn is_prometheus(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("http_req_duration_") || lower.contains("duration_seconds")
}

/// Returns true for the name of a column of times.
pub(super) fn is_time(name: &str) -> bool {
    Meaning::from_name(name) == Meaning::Time
}

/// Returns the meaning of each column, where the cells of the columns `rates` are requests a second.
/// One such column is taken when no column holds requests by its name; several are a fault.
pub(super) fn with_rates(
    header: &[String],
    options: &ReadOptions,
    rates: &[usize],
) -> Result<Vec<Meaning>, String> {
    let by_name = column_meanings(header, options);
    let told = options.columns.iter().any(|(_, column)| {
        rates.iter().any(|at| header.get(*at).is_some_and(|name| name.eq_ignore_ascii_case(column)))
    });
    match (by_name, rates) {
        (Err(_), [at]) if !told => {
            let name = header.get(*at).cloned().unwrap_or_default();
            let mut options = options.clone();
            options.columns.push(("rps".to_owned(), name));
            column_meanings(header, &options)
        }
        (Err(problem), [_, _, ..]) if !told => {
            let names = rates.iter().filter_map(|at| header.get(*at)).cloned().collect::<Vec<_>>();
            Err(format!("{problem}, and the cells of several are rates ({})", names.join(", ")))
        }
        (by_name, _) => by_name,
    }
}

/// Returns the meaning of each column of `header`, or a description of the fault.
pub(super) fn column_meanings(
    header: &[String],
    options: &ReadOptions,
) -> Result<Vec<Meaning>, String> {
    let mut meanings: Vec<Meaning> = header.iter().map(|name| Meaning::from_name(name)).collect();
    for (wanted, column) in &options.columns {
        let plain = wanted.strip_suffix("_ms").or_else(|| wanted.strip_suffix("_s"));
        let plain = plain.filter(|plain| DURATIONS.contains(plain)).unwrap_or(wanted);
        if !MEANINGS.contains(&plain) {
            return Err(format!(
                "no column can mean {wanted:?}, only {} (p95_s for seconds)",
                MEANINGS.join(", ")
            ));
        }
        let meaning = if wanted == "total" { Meaning::Count } else { Meaning::from_name(wanted) };
        let exact = header.iter().position(|name| name == column);
        let place =
            exact.or_else(|| header.iter().position(|name| name.eq_ignore_ascii_case(column)));
        let Some(place) = place else {
            return Err(format!("there is no column {column:?}"));
        };
        if let Some(column) = header.get(place)
            && let (Meaning::Duration(said, _), Meaning::Duration(named, _)) =
                (meaning, Meaning::from_name(column))
            && said != named
        {
            let name = DURATIONS.get(named).copied().unwrap_or_default();
            return Err(format!("the column {column:?} is a {name}, and no {plain}"));
        }
        // A meaning from the user replaces other meanings of its kind. Requests a second and
        // requests of a row are the same kind.
        let requests = [Meaning::Rate, Meaning::Count, Meaning::Succeeded];
        for (at, other) in meanings.iter_mut().enumerate() {
            let same = std::mem::discriminant(other) == std::mem::discriminant(&meaning)
                && !matches!((&*other, meaning), (Meaning::Duration(a, _), Meaning::Duration(b, _)) if *a != b);
            let rival = requests.contains(other) && requests.contains(&meaning);
            if at == place {
                // A unit in the column's name is used.
                *other = match Meaning::duration(&normal(column)) {
                    Some(known @ Meaning::Duration(a, _)) if matches!(meaning, Meaning::Duration(b, unit) if a == b && unit == 0.0) => {
                        known
                    }
                    _ => meaning,
                };
            } else if same || rival {
                *other = Meaning::Other;
            }
        }
    }
    // A duration without the name of a statistic is a mean in the tables that have one. A table with
    // another duration does not need it.
    if !meanings.iter().any(|meaning| matches!(meaning, Meaning::Duration(..))) {
        let bare = header.iter().position(|name| bare_duration(name).is_some());
        let bare =
            bare.and_then(|at| Some((meanings.get_mut(at)?, bare_duration(header.get(at)?)?)));
        if let Some((meaning, unit)) = bare.filter(|(meaning, _)| **meaning == Meaning::Other) {
            *meaning = Meaning::Duration(MEAN, unit);
        }
    }
    // The first column of a kind gives the values. The others become tracks.
    let mut seen: Vec<Meaning> = Vec::new();
    let is_all = |meaning: &Meaning| matches!(meaning, Meaning::Rate | Meaning::Count);
    let has_all = meanings.iter().any(is_all);
    for meaning in &mut meanings {
        let kind = match *meaning {
            Meaning::Succeeded if has_all => {
                *meaning = Meaning::Other;
                continue;
            }
            Meaning::Count | Meaning::Succeeded => Meaning::Rate,
            Meaning::ErrorShare(_) => Meaning::Errors,
            Meaning::Duration(at, _) => Meaning::Duration(at, 0.0),
            other => other,
        };
        if seen.contains(&kind) {
            *meaning = Meaning::Other;
        } else if kind != Meaning::Other {
            seen.push(kind);
        }
    }
    for (kind, words) in [(Meaning::Time, "time"), (Meaning::Rate, "requests per second")] {
        if !seen.contains(&kind) {
            return Err(format!("no column is known to hold {words}"));
        }
    }
    Ok(meanings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meanings(header: &str, columns: &[(&str, &str)]) -> Result<Vec<Meaning>, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        column_meanings(&header, &ReadOptions { columns, ..ReadOptions::default() })
    }

    #[test]
    fn columns_are_known_by_name_or_by_the_users_word() {
        use Meaning::{Count, Duration, ErrorShare, Errors, Other, Rate, Time, Vus};
        assert_eq!(
            meanings(
                "Time,Requests/s,User Count,Failures/s,p(95),p99 (s),p99.9,CPUUtilization",
                &[]
            )
            .unwrap(),
            [Time, Rate, Vus, Errors, Duration(1, 0.0), Duration(2, 1e3), Other, Other]
        );
        assert_eq!(
            meanings(
                "ts,rps,good,tail_s,bad",
                &[("rps", "Good"), ("p95", "tail_s"), ("error_rate", "bad")]
            )
            .unwrap(),
            [Time, Other, Rate, Duration(1, 0.0), ErrorShare(false)]
        );
        assert_eq!(
            meanings("Time,vus,http_req_s,http_req_duration_p95,http_req_s_errors", &[]).unwrap(),
            [Time, Vus, Rate, Duration(1, 0.0), Errors]
        );
        assert_eq!(
            meanings("Time,k6_vus,k6_http_reqs_s,reqs", &[]).unwrap(),
            [Time, Vus, Rate, Other]
        );
        assert_eq!(
            meanings("time,rps,x", &[("p99_s", "x")]).unwrap(),
            [Time, Rate, Duration(2, 1e3)]
        );
        assert_eq!(meanings("time,RequestCount,rps", &[]).unwrap(), [Time, Count, Other]);
        let mean = |unit| Duration(MEAN, unit);
        assert_eq!(meanings("time,rps,response_time", &[]).unwrap(), [Time, Rate, mean(0.0)]);
        assert_eq!(meanings("time,rps,Latency (ms)", &[]).unwrap(), [Time, Rate, mean(1.0)]);
        assert_eq!(meanings("time,rps,http_req_duration_s", &[]).unwrap(), [Time, Rate, mean(1e3)]);
        assert_eq!(
            meanings("time,rps,response_time,p95", &[]).unwrap(),
            [Time, Rate, Other, Duration(1, 0.0)]
        );
        assert!(meanings("time,cpu", &[]).unwrap_err().contains("requests per second"));
        assert!(meanings("time,rps", &[("speed", "rps")]).unwrap_err().contains("error_rate"));
        assert!(meanings("time,rps", &[("vus", "x")]).unwrap_err().contains("\"x\""));
    }

    /// Tables with `errors_per_s`, `failed_req_s` or `error_pct` had no errors: failed requests were
    /// taken for goodput.
    #[test]
    fn the_words_of_a_name_give_its_meaning_in_any_order() {
        let cases = [
            (Meaning::Errors, "errors_per_s errors_per_sec failed_req_s fail_count num_errors"),
            (
                Meaning::Errors,
                "http_errors KO n_failed error_rps errorsPerSecond unsuccessful err/s",
            ),
            (Meaning::ErrorShare(true), "error_pct errors_pct err_pct fail_pct failed_pct %errors"),
            (Meaning::ErrorShare(true), "percent_errors failed_requests_pct error_rate_pct"),
            (
                Meaning::ErrorShare(false),
                "failure_ratio error_fraction failRate request_error_rate",
            ),
            (Meaning::Rate, "reqs_per_s requests_per_sec requests_sec http_requests_per_second"),
            (
                Meaning::Rate,
                "requestsPerSec reqPerSec rps_total total_requests_per_second rate_rps",
            ),
            (Meaning::Count, "n_requests num_requests number_of_requests Requests_Count"),
            (Meaning::Vus, "users_active num_users n_vus number_of_users VU_count allThreads"),
            (Meaning::Succeeded, "success_count ok_requests successful_requests_per_s"),
        ];
        for (meaning, names) in cases {
            for name in names.split(' ') {
                assert_eq!(Meaning::from_name(name), meaning, "{name}");
            }
        }
        let others = "error_code error_message errors_5xx cache_hits_per_s total_connections \
            requests_in_flight users_per_s success_rate ok_failed request_rate_pct error_budget \
            p95_errors requests_per_session no n count ps_memory cpu_pct users_db";
        for name in others.split_whitespace() {
            let meaning = Meaning::from_name(name);
            let is_count = name == "count" && meaning == Meaning::Count;
            assert!(meaning == Meaning::Other || is_count, "{name}: {meaning:?}");
        }
    }

    #[test]
    fn percentiles_have_several_names() {
        for name in ["95th", "q95", "95% line", "95% Line", "95%ile", "pct95", "quantile_95"] {
            assert_eq!(Meaning::from_name(name), Meaning::Duration(1, 0.0), "{name}");
        }
        for name in ["q9", "995th", "th", "q95x", "line"] {
            assert_eq!(Meaning::from_name(name), Meaning::Other, "{name}");
        }
    }
}
