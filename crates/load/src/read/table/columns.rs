//! Finds the meanings of a table's columns, by their names or from the user.

use super::super::ReadOptions;

/// The meaning of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    Time,
    /// Requests a second, including failed ones.
    Rate,
    /// Requests of the whole row, including failed ones.
    Count,
    Vus,
    /// A percentile: its index (0 to 2 for p50, p95 and p99), and the milliseconds of its unit,
    /// which are 0 when the column's name has no unit.
    Percentile(usize, f64),
    /// Failed requests, either a second or of the whole row, as for all requests.
    Errors,
    /// Failed requests as a share of all; true when it is in per cent.
    ErrorShare(bool),
    /// Any other quantity.
    Other,
}

/// Meanings that the user can give to columns.
const MEANINGS: [&str; 9] =
    ["time", "rps", "requests", "vus", "p50", "p95", "p99", "errors", "error_rate"];

/// Words for counted things in the name of a rate, such as `http_req_s` of k6's Grafana dashboard.
const COUNTED: [&str; 8] =
    ["req", "reqs", "request", "requests", "error", "errors", "failures", "iterations"];

/// Returns a name in a simple form: `Requests/s` becomes `requestsps`.
fn normal(name: &str) -> String {
    let lower = name.to_lowercase();
    let lower = lower.strip_prefix("k6_").unwrap_or(&lower).to_owned();
    let rates = ["/second", "/sec", " per second", "_per_second", "/s"];
    let lower = rates.iter().fold(lower, |name, rate| name.replace(rate, "ps"));
    let mut parts: Vec<&str> = Vec::new();
    for part in lower.split('_') {
        let of_rate = part == "s" && parts.last().is_some_and(|last| COUNTED.contains(last));
        parts.push(if of_rate { "ps" } else { part });
    }
    let lower = parts.concat();
    lower.chars().filter(|char| char.is_alphanumeric() || *char == '%').collect()
}

impl Meaning {
    fn of(name: &str) -> Self {
        let name = normal(name);
        match name.as_str() {
            "time" | "timestamp" | "timestamps" | "date" | "datetime" | "ts" | "epoch" => {
                Self::Time
            }
            "rps" | "reqps" | "reqsps" | "requestps" | "requestsps" | "httpreqsps"
            | "httpreqps" | "throughput" | "requestrate" | "qps" | "tps" | "hitsps"
            | "httpreqsrate" | "httpreqrate" | "reqrate" | "requestspersecond" | "totalrps" => {
                Self::Rate
            }
            "requests" | "reqs" | "requestcount" | "httpreqs" | "count" | "hits" => Self::Count,
            "vus" | "vu" | "users" | "usercount" | "activeusers" | "virtualusers" | "threads"
            | "activethreads" | "concurrency" | "activevus" | "vusactive" | "concurrentusers" => {
                Self::Vus
            }
            "errors" | "errorcount" | "errorps" | "errorsps" | "failed" | "failures"
            | "failuresps" | "failedrequests" | "failedps" | "httpreqpserrors"
            | "httpreqspserrors" => Self::Errors,
            "errorrate" | "errorratio" | "failurerate" => Self::ErrorShare(false),
            "errorrate%" | "errors%" | "error%" | "errorpercent" => Self::ErrorShare(true),
            "median" | "med" | "medianresponsetime" | "50thpercentile" => Self::Percentile(0, 0.0),
            "95thpercentile" | "percentile95" | "95percentile" => Self::Percentile(1, 0.0),
            "99thpercentile" | "percentile99" | "99percentile" => Self::Percentile(2, 0.0),
            _ => Self::percentile(&name).unwrap_or(Self::Other),
        }
    }

    fn percentile(name: &str) -> Option<Self> {
        [("p50", "50%"), ("p95", "95%"), ("p99", "99%")].iter().enumerate().find_map(
            |(at, names)| {
                if name == names.1 {
                    return Some(Self::Percentile(at, 0.0));
                }
                let (_, unit) = name.split_once(names.0)?;
                let milliseconds = match unit {
                    "" | "latency" | "duration" | "responsetime" => 0.0,
                    "ms" | "latencyms" | "durationms" => 1.0,
                    "s" | "sec" | "seconds" => 1e3,
                    "us" | "µs" => 1e-3,
                    _ => return None,
                };
                Some(Self::Percentile(at, milliseconds))
            },
        )
    }
}

/// Returns true for a name whose values are rates a second: `Failures/s`.
pub(super) fn is_rate(name: &str) -> bool {
    let name = normal(name);
    name.contains("ps") && !name.contains("httpstatus")
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
    Meaning::of(name) == Meaning::Time
}

/// Returns the meaning of each column of `header`, or a description of the fault.
pub(super) fn of(header: &[String], options: &ReadOptions) -> Result<Vec<Meaning>, String> {
    let mut meanings: Vec<Meaning> = header.iter().map(|name| Meaning::of(name)).collect();
    for (wanted, column) in &options.columns {
        let plain = wanted.strip_suffix("_ms").or_else(|| wanted.strip_suffix("_s"));
        let plain = plain.filter(|plain| plain.starts_with('p')).unwrap_or(wanted);
        if !MEANINGS.contains(&plain) {
            return Err(format!(
                "no column can mean {wanted:?}, only {} (p95_s for seconds)",
                MEANINGS.join(", ")
            ));
        }
        let meaning = Meaning::of(wanted);
        let exact = header.iter().position(|name| name == column);
        let place =
            exact.or_else(|| header.iter().position(|name| name.eq_ignore_ascii_case(column)));
        let Some(place) = place else {
            return Err(format!("there is no column {column:?}"));
        };
        // A meaning from the user replaces other meanings of its kind. Requests a second and
        // requests of a row are the same kind.
        let requests = [Meaning::Rate, Meaning::Count];
        for (at, other) in meanings.iter_mut().enumerate() {
            let same = std::mem::discriminant(other) == std::mem::discriminant(&meaning)
                && !matches!((&*other, meaning), (Meaning::Percentile(a, _), Meaning::Percentile(b, _)) if *a != b);
            let rival = requests.contains(other) && requests.contains(&meaning);
            if at == place {
                // A unit in the column's name is used.
                *other = match Meaning::percentile(&normal(column)) {
                    Some(known @ Meaning::Percentile(a, _)) if matches!(meaning, Meaning::Percentile(b, unit) if a == b && unit == 0.0) => {
                        known
                    }
                    _ => meaning,
                };
            } else if same || rival {
                *other = Meaning::Other;
            }
        }
    }
    // The first column of a kind gives the values. The others become tracks.
    let mut seen: Vec<Meaning> = Vec::new();
    for meaning in &mut meanings {
        let kind = match *meaning {
            Meaning::Count => Meaning::Rate,
            Meaning::ErrorShare(_) => Meaning::Errors,
            Meaning::Percentile(at, _) => Meaning::Percentile(at, 0.0),
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
        of(&header, &ReadOptions { columns, ..ReadOptions::default() })
    }

    #[test]
    fn columns_are_known_by_name_or_by_the_users_word() {
        use Meaning::{Count, ErrorShare, Errors, Other, Percentile, Rate, Time, Vus};
        assert_eq!(
            meanings(
                "Time,Requests/s,User Count,Failures/s,p(95),p99 (s),p99.9,CPUUtilization",
                &[]
            )
            .unwrap(),
            [Time, Rate, Vus, Errors, Percentile(1, 0.0), Percentile(2, 1e3), Other, Other]
        );
        assert_eq!(
            meanings(
                "ts,rps,good,tail_s,bad",
                &[("rps", "Good"), ("p95", "tail_s"), ("error_rate", "bad")]
            )
            .unwrap(),
            [Time, Other, Rate, Percentile(1, 0.0), ErrorShare(false)]
        );
        assert_eq!(
            meanings("Time,vus,http_req_s,http_req_duration_p95,http_req_s_errors", &[]).unwrap(),
            [Time, Vus, Rate, Percentile(1, 0.0), Errors]
        );
        assert_eq!(
            meanings("Time,k6_vus,k6_http_reqs_s,reqs", &[]).unwrap(),
            [Time, Vus, Rate, Other]
        );
        assert_eq!(
            meanings("time,rps,x", &[("p99_s", "x")]).unwrap(),
            [Time, Rate, Percentile(2, 1e3)]
        );
        assert_eq!(meanings("time,RequestCount,rps", &[]).unwrap(), [Time, Count, Other]);
        assert!(meanings("time,cpu", &[]).unwrap_err().contains("requests per second"));
        assert!(meanings("time,rps", &[("speed", "rps")]).unwrap_err().contains("error_rate"));
        assert!(meanings("time,rps", &[("vus", "x")]).unwrap_err().contains("\"x\""));
    }
}
