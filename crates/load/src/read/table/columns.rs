//! Finds the meanings of a table's columns, by their names or from the user.

use super::super::ReadOptions;
use super::durations::{self, MEAN, bare_duration};
use super::kept;
use super::meaning::Meaning;
use super::names::{self, normal, words};
use super::number::{self, Unit};
use super::{datadog, promql, queries, scale, times, told};

/// The way in which a column counts requests or errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// The column counts the requests of its row.
    Row,
    /// The column counts the requests of its row; the user said so.
    ToldRow,
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
    if is_named("total") || is_named("errors_total") {
        Counting::Start
    } else if is_named("requests") || is_named("errors") {
        Counting::ToldRow
    } else if is_rate(name) {
        Counting::Row
    } else if words(name).iter().any(|word| TOTALS.contains(&word.as_str())) {
        Counting::Unclear
    } else {
        Counting::Row
    }
}

impl Meaning {
    pub(super) fn from_name(name: &str) -> Self {
        let written = name;
        if let Some(time) = times::time(written) {
            return Self::Time(time.unit_s);
        }
        if let Some((at, unit)) = promql::quantile(written) {
            return Self::Duration(at, unit);
        }
        if let Some(growth) = promql::growth(written) {
            return growth.meaning(Self::from_name);
        }
        if let Some(query) = datadog::query(written) {
            return query.meaning(Self::from_name);
        }
        if let Some(counted) = queries::counted(written) {
            return counted;
        }
        if let Some((quantity, _)) = names::of_period(written) {
            let counted = Self::from_name(&quantity);
            return match counted {
                Self::Count => Self::Rate,
                Self::Errors | Self::Succeeded => counted,
                _ => Self::Other,
            };
        }
        let name = normal(name);
        match name.as_str() {
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
            _ => Self::duration(written)
                .or_else(|| names::status(&name))
                .or_else(|| names::meaning(&name))
                .or_else(|| Self::total(&name))
                .or_else(|| Self::with_unit(written))
                .or_else(|| scale::meaning(written, Self::from_name))
                .unwrap_or(Self::Other),
        }
    }

    /// Returns the meaning of a name with its unit in brackets: `http_reqs (req/s)`,
    /// `95th percentile [s]`, `error rate (%)`.
    fn with_unit(name: &str) -> Option<Self> {
        let (base, unit) = scale::unit_behind(name)?;
        match Self::from_name(base) {
            counted @ (Self::Rate | Self::Count | Self::Errors | Self::Succeeded | Self::Vus) => {
                match unit {
                    "%" if counted == Self::Errors => Some(Self::ErrorShare(true)),
                    "%" if counted == Self::Succeeded => Some(Self::SuccessShare(true)),
                    _ => number::counted(unit).map(|_| counted),
                }
            }
            Self::ErrorShare(_) if matches!(unit, "%" | "percent") => Some(Self::ErrorShare(true)),
            Self::ErrorShare(_)
                if number::counted(unit).is_some_and(|it| it.unit == Unit::Rate) =>
            {
                Some(Self::Errors)
            }
            Self::SuccessShare(_) if matches!(unit, "%" | "percent") => {
                Some(Self::SuccessShare(true))
            }
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

    fn duration(name: &str) -> Option<Self> {
        durations::duration(name).map(|(at, unit)| Self::Duration(at, unit))
    }
}

/// Returns true for a name whose values are rates: `Failures/s`, `Failures/min`.
pub(super) fn is_rate(name: &str) -> bool {
    if promql::growth(name).is_some() {
        return true;
    }
    if let Some(query) = datadog::query(name) {
        return query.is_rate == Some(true);
    }
    if names::of_period(name).is_some() || names::period_s(name) > 1.0 {
        return true;
    }
    let name = normal(name);
    name.contains("ps") && !name.contains("httpstatus")
        || name == "throughput"
        || name.ends_with("rate") && !name.starts_with("err") && !name.starts_with("fail")
}

/// Returns the seconds of the period in the name of a rate: 60 for `requests/min`, and the range of a
/// query of Prometheus for a growth. It is 1 for other names.
pub(super) fn period_s(name: &str) -> f64 {
    promql::growth(name).map_or_else(|| names::period_s(name), |growth| growth.period_s)
}

/// Returns true for durations that k6 and other programs write to Prometheus, which are in seconds.
pub(super) fn is_prometheus(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("http_req_duration_") || lower.contains("duration_seconds")
}

/// Returns true for the names under which k6 sends statistics of durations to Prometheus, such as
/// `k6_http_req_duration_p95`.
pub(super) fn is_k6_statistic(name: &str) -> bool {
    let lower = name.to_lowercase();
    let metric = lower.split('{').next().unwrap_or_default().trim();
    let metric = metric.strip_prefix("k6_").unwrap_or(metric);
    let statistic = metric.strip_prefix("http_req_duration_").unwrap_or_default();
    matches!(statistic, "avg" | "max" | "med" | "p50" | "p90" | "p95" | "p99")
}

/// Returns true for the name of a class of status, or of a single one.
pub(super) fn is_class(name: &str) -> bool {
    names::status(&normal(name)).is_some()
}

/// Returns true for the name of a column of times.
pub(super) fn is_time(name: &str) -> bool {
    times::time(name).is_some()
}

/// Returns true for the name of a quantity of the requests of a period: their number, rate, or a statistic of
/// their durations.
pub(in crate::read) fn is_of_periods(name: &str) -> bool {
    !matches!(Meaning::from_name(name), Meaning::Other | Meaning::Time(_))
}

/// Returns true when the names of columns are those of a load test: one of requests, and one of users,
/// durations or errors.
pub(super) fn are_of_load(header: &[String]) -> bool {
    let has = |is: fn(Meaning) -> bool| header.iter().any(|name| is(Meaning::from_name(name)));
    has(is_requests)
        && has(|meaning| {
            matches!(
                meaning,
                Meaning::Vus | Meaning::Duration(..) | Meaning::Errors | Meaning::ErrorShare(_)
            )
        })
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
            Err(format!(
                "{problem}, and the cells of several are rates ({}): name the one that holds all requests, \
                 or each of them (rps=NAME,rps=NAME), and they are added up",
                names.join(", ")
            ))
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
    let told = told::apply(header, options, &mut meanings)?;
    told::equal_names(header, &meanings, &told)?;
    keep_one_time(header, &mut meanings);
    // A duration without the name of a statistic is a mean. It is used only when the table has no
    // other duration.
    if !meanings.iter().any(|meaning| matches!(meaning, Meaning::Duration(..))) {
        let bare = header.iter().position(|name| bare_duration(name).is_some());
        let bare =
            bare.and_then(|at| Some((meanings.get_mut(at)?, bare_duration(header.get(at)?)?)));
        if let Some((meaning, unit)) = bare.filter(|(meaning, _)| **meaning == Meaning::Other) {
            *meaning = Meaning::Duration(MEAN, unit);
        }
    }
    let has_requests = meanings.iter().any(|meaning| is_requests(*meaning));
    if !has_requests {
        // Responses, samples and transactions are requests where nothing else is.
        let counted = header.iter().map(|name| names::answers(&normal(name)));
        for (meaning, counted) in meanings.iter_mut().zip(counted) {
            *meaning = counted.filter(|_| *meaning == Meaning::Other).unwrap_or(*meaning);
        }
    }
    kept::keep_first(header, &mut meanings, &told);
    let has_time = meanings.iter().any(|meaning| matches!(meaning, Meaning::Time(_)));
    let has_requests = meanings.iter().any(|meaning| is_requests(*meaning));
    for (is_there, words) in [(has_time, "time"), (has_requests, "requests per second")] {
        if !is_there {
            let may_be_single = has_time && header.iter().any(|name| bare_duration(name).is_some());
            let single = match may_be_single {
                true => {
                    " (a row for each request would have a `status` of HTTP that is not always 0, a `success` or an `error`)"
                }
                false => "",
            };
            return Err(format!("no column is known to hold {words}{single}"));
        }
    }
    Ok(meanings)
}

/// Returns true for the meaning of a column of requests.
fn is_requests(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Rate | Meaning::Count | Meaning::Succeeded)
}

/// Returns the column `Date` of a table that has a column `Time`, counted from 0.
pub(super) fn date(header: &[String]) -> Option<usize> {
    let find =
        |wanted: &str| header.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
    find("time").and(find("date"))
}

/// Keeps the column whose name is most surely one of times. `elapsed` is a time only where nothing else
/// is, and may then be a duration.
fn keep_one_time(header: &[String], meanings: &mut [Meaning]) {
    // A date beside a time of day is read together with the time.
    let date = date(header);
    let rank = |name: &String| times::time(name).map_or(0, |time| time.rank);
    let named = header.iter().zip(meanings.iter()).enumerate();
    let times =
        named.filter(|(at, (_, meaning))| matches!(meaning, Meaning::Time(_)) && Some(*at) != date);
    let Some(best) = times.min_by_key(|(_, (name, _))| rank(name)).map(|(at, _)| at) else {
        return;
    };
    for (at, meaning) in meanings.iter_mut().enumerate() {
        if at != best && matches!(meaning, Meaning::Time(_)) {
            *meaning = Meaning::Other;
        }
    }
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
            [Time(0.0), Rate, Vus, Errors, Duration(1, 0.0), Duration(2, 1e3), Other, Other]
        );
        assert_eq!(
            meanings(
                "ts,rps,good,tail_s,bad",
                &[("rps", "Good"), ("p95", "tail_s"), ("error_rate", "bad")]
            )
            .unwrap(),
            [Time(0.0), Other, Rate, Duration(1, 0.0), ErrorShare(false)]
        );
        assert_eq!(
            meanings("Time,vus,http_req_s,http_req_duration_p95,http_req_s_errors", &[]).unwrap(),
            [Time(0.0), Vus, Rate, Duration(1, 0.0), Errors]
        );
        assert_eq!(
            meanings("Time,k6_vus,k6_http_reqs_s,reqs", &[]).unwrap(),
            [Time(0.0), Vus, Rate, Other]
        );
        assert_eq!(
            meanings("time,rps,x", &[("p99_s", "x")]).unwrap(),
            [Time(0.0), Rate, Duration(2, 1e3)]
        );
        assert_eq!(meanings("time,RequestCount,rps", &[]).unwrap(), [Time(0.0), Count, Other]);
        let mean = |unit| Duration(MEAN, unit);
        assert_eq!(meanings("time,rps,response_time", &[]).unwrap(), [Time(0.0), Rate, mean(0.0)]);
        assert_eq!(meanings("time,rps,Latency (ms)", &[]).unwrap(), [Time(0.0), Rate, mean(1.0)]);
        assert_eq!(
            meanings("time,rps,http_req_duration_s", &[]).unwrap(),
            [Time(0.0), Rate, mean(1e3)]
        );
        assert_eq!(
            meanings("time,rps,response_time,p95", &[]).unwrap(),
            [Time(0.0), Rate, Other, Duration(1, 0.0)]
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
                "http_errors KO n_failed error_rps errorsPerSecond unsuccessful err/s nok noks nok/s",
            ),
            (
                Meaning::Errors,
                "error_tps failed_tps tps_errors error_qps failed_qps fail_qps nok_count num_nok",
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
            (
                Meaning::SuccessShare(false),
                "success_rate success_ratio successRate ok_ratio request_success_rate availability",
            ),
            (
                Meaning::SuccessShare(true),
                "success_pct %success success% availability_pct ok_percent",
            ),
            (Meaning::Succeeded, "success_count ok_requests successful_requests_per_s n_ok ok_tps"),
        ];
        for (meaning, names) in cases {
            for name in names.split(' ') {
                assert_eq!(Meaning::from_name(name), meaning, "{name}");
            }
        }
        let others = "error_code error_message errors_7xx cache_hits_per_s total_connections \
            requests_in_flight users_per_s availability_zone ok_failed request_rate_pct error_budget \
            p95_errors requests_per_session no n count ps_memory cpu_pct users_db";
        for name in others.split_whitespace() {
            let meaning = Meaning::from_name(name);
            let is_count = name == "count" && meaning == Meaning::Count;
            assert!(meaning == Meaning::Other || is_count, "{name}: {meaning:?}");
        }
    }
}
