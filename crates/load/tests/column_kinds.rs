//! Columns of statuses, percentiles and other quantities.

use crate::common;

use crate::columns::table;
use common::{counts, readable as read, timeline_of};
use spikeflame_load::{Error, Load, ReadOptions};

/// The error was: failed requests in columns such as `http_5xx` were a track, and counted as goodput.
#[test]
fn classes_of_status_are_failed_requests() {
    for (header, row) in [
        ("time,rps,http_5xx", "20,5"),
        ("time,rps,5xx", "20,5"),
        ("time,rps,4xx,5xx", "20,2,3"),
        ("time,rps,http_4xx_count,http_5xx_count", "20,1,4"),
        ("time,rps,5xx/s", "20,5"),
        ("time,rps,HTTP 5xx", "20,5"),
        ("time,rps,status_5xx", "20,5"),
        ("time,rps,5xx errors", "20,5"),
        ("time,rps,errors_5xx,errors_4xx", "20,3,2"),
        ("time,rps,num_5xx", "20,5"),
        ("time,rps,http_code_5xx_per_s", "20,5"),
        ("time,rps,5xxResponses", "20,5"),
        ("Time,RequestCount,HTTPCode_Target_5XX_Count", "20,5"),
        ("Time,RequestCount,HTTPCode_ELB_5XX_Count,HTTPCode_Target_4XX_Count", "20,2,3"),
        ("Time,RequestCount,HTTPCode_Target_2XX_Count,HTTPCode_Target_5XX_Count", "20,15,5"),
        ("time,2xx,5xx", "15,5"),
        ("time,2xx,3xx,4xx,5xx", "10,5,2,3"),
        ("time,http_2xx,http_4xx", "15,5"),
        // A part of the errors is none of its own.
        ("time,rps,errors,5xx", "20,5,3"),
        ("time,rps,4xx,failed_requests,5xx", "20,1,5,3"),
        ("time,rps,error_rate,http_5xx", "20,0.25,3"),
        // All requests and all successes are more than a class.
        ("time,2xx,requests,5xx", "10,20,5"),
        ("time,3xx,success,2xx,5xx", "5,15,10,5"),
        // Names of CloudWatch, Envoy, HAProxy, App Runner, Azure and Google Cloud.
        ("Time,RequestCount,HTTPCode_Target_5XX_Count", "20,5"),
        ("Time,RequestCount,HTTPCode_Target_2XX_Count,HTTPCode_Target_5XX_Count", "20,15,5"),
        ("Time,RequestCount,HTTPCode_ELB_5XX_Count,HTTPCode_Target_5XX_Count", "20,2,3"),
        (
            "Time,RequestCount,HTTPCode_ELB_5XX,HTTPCode_Backend_5XX,HTTPCode_Backend_4XX",
            "20,2,2,1",
        ),
        ("Time,HTTPCode_Target_2XX_Count,HTTPCode_Target_5XX_Count", "15,5"),
        ("Time,RequestCount,HTTPCode_ELB_5XX_Count,HTTPCode_ELB_502_Count", "20,5,4"),
        ("Time,Count,4XXError,5XXError", "20,2,3"),
        ("time,requests,envoy_cluster_upstream_rq_5xx", "20,5"),
        ("time,requests,upstream_rq_5xx,downstream_rq_5xx", "20,5,4"),
        ("time,requests,hrsp_5xx", "20,5"),
        ("time,Requests,5xxStatusResponses", "20,5"),
        ("time,Requests,Http5xx,Http4xx", "20,3,2"),
        ("time,requests,response_code_class_5xx", "20,5"),
        // One count of a status in two columns, and one that a class contains.
        ("time,requests,5xx,http_5xx", "20,5,5"),
        ("time,2xx,5xx,503", "15,5,4"),
    ] {
        let (ok, failed) = counts(&read(&table(header, row)));
        assert!(
            (ok - 150.0).abs() < 1e-6 && (failed - 50.0).abs() < 1e-6,
            "{header}: {ok} {failed}"
        );
    }
    for name in ["5xx_latency", "p95_5xx", "db_5xx", "5xxx", "http_500", "2xx %"] {
        let timeline = read(&table(&format!("time,rps,{name}"), "20,5"));
        assert!(timeline.failures_unknown && timeline.tracks.len() == 1, "{name}");
    }
}

/// The error was: shares of a class of status were tracks, and errors unknown.
#[test]
fn shares_of_classes_of_status_are_failed_requests() {
    for (header, row) in [
        ("time,rps,5xxErrorRate", "20,25"),
        ("time,rps,5xx error rate", "20,0.25"),
        ("time,rps,5xx %", "20,25"),
        ("time,rps,HTTP 5xx [%]", "20,25"),
        ("time,rps,http_5xx_percent", "20,25"),
        ("time,rps,5xx_ratio", "20,0.25"),
        ("time,rps,HTTPCode_Target_5XX_Count", "20,25%"),
        ("time,rps,http_5xx_rate", "20,25%"),
        ("time,rps,http_5xx_rate", "20,5 req/s"),
        ("time,rps,4xxErrorRate,5xxErrorRate", "20,10,15"),
        ("time,rps,4xx %,5xx %", "20,10,15"),
        // A surer column is preferred, and one share is counted once.
        ("time,rps,TotalErrorRate (%),5xxErrorRate", "20,25,10"),
        ("time,rps,5xx %,5xx", "20,25,5"),
        ("time,rps,success_rate,5xx %", "20,0.75,10"),
        ("time,rps,5xx %,http_5xx_percent", "20,25,25"),
    ] {
        let (ok, failed) = counts(&read(&table(header, row)));
        assert!(
            (ok - 150.0).abs() < 1e-6 && (failed - 50.0).abs() < 1e-6,
            "{header}: {ok} {failed}"
        );
    }
}

/// A bare `5xx_rate` may be of a second, a share, or per cent.
#[test]
fn a_rate_of_a_class_of_status_is_asked_about() {
    for name in ["5xx_rate", "http_5xx_rate", "rate_5xx", "5xxRate"] {
        let header = format!("time,rps,{name}");
        let with = |row: &str, columns: &[(&str, &str)]| {
            let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            let options = ReadOptions { columns: columns.collect(), ..ReadOptions::default() };
            spikeflame_load::read(table(&header, row).as_bytes(), "x.csv".as_ref(), &options)
        };
        let Err(asked) = with("20,0.25", &[]) else { panic!("{name} was not asked about") };
        assert!(asked.to_string().contains("a second"), "{asked}");
        let failed = |meaning| {
            let Ok(Load::Timeline(timeline)) = with("20,0.25", &[(meaning, name)]) else {
                panic!("{name}: {meaning}")
            };
            counts(&timeline).1
        };
        assert!((failed("error_rate") - 50.0).abs() < 1e-6, "{name}");
        assert!((failed("errors") - 2.5).abs() < 1e-6, "{name}");
        assert_eq!(counts(&read(&table(&header, "20,0"))).1, 0.0);
    }
}

/// The error was: such tables were refused, although nothing else in them could be the requests.
#[test]
fn answers_samples_and_transactions_are_requests() {
    for name in [
        "responses",
        "response_count",
        "# Samples",
        "samples",
        "calls",
        "transactions",
        "hits",
        "transactions_per_second",
        "calls/s",
        "responses_per_s",
        "txn/s",
        "samples/s",
        "Transactions per sec",
        "total requests in interval",
        "number of calls",
        "callCount",
    ] {
        let timeline = read(&table(&format!("time,{name},vus"), "20,3"));
        assert_eq!(counts(&timeline), (200.0, 0.0), "{name}");
    }
    // A surer name takes precedence.
    for header in ["time,samples,rps", "time,calls,requests", "time,calls/s,http_reqs/s"] {
        assert_eq!(counts(&read(&table(header, "7,20"))), (200.0, 0.0), "{header}");
    }
    for name in ["response", "sample_size", "cache_hits", "db_calls/s", "call", "sample rate"] {
        let refused = timeline_of(table(&format!("time,{name}"), "20").as_bytes());
        assert!(matches!(refused, Err(Error::Columns { .. })), "{name}: {refused:?}");
    }
}

/// The error was: the CPU of a host (`cpu_p95`) was the 95th percentile of the requests, in silence.
#[test]
fn percentiles_of_other_quantities_are_tracks() {
    let told = |header: &str, row: &str| {
        let timeline = read(&table(header, row));
        (timeline.seconds[0].latency_summary.map(|told| told.p95), timeline.tracks.len())
    };
    assert_eq!(told("time,rps,cpu_p95,latency_p95_ms", "20,70,250"), (Some(250.0), 1));
    let header = "time,rps,http_req_blocked_p95,http_req_waiting_p95,http_req_duration_p95_ms";
    assert_eq!(told(header, "20,1,2,250"), (Some(250.0), 2));
    assert_eq!(told("time,rps,iteration_duration_p95", "20,1250"), (None, 1));
    assert_eq!(told("time,rps,latency_95", "20,250"), (Some(250.0), 0));
    assert_eq!(told("time,rps,p0.95", "20,250"), (Some(250.0), 0));
}

/// The error was: `900Mi` was larger than `1.2Gi`, and `900m` larger than `2`, in silence.
#[test]
fn quantities_of_kubernetes_have_units() {
    let track = |header: &str, cell: &str| {
        let timeline = read(&table(header, &format!("20,{cell}")));
        timeline.tracks[0].points[0].1
    };
    assert_eq!(track("time,rps,pod_mem", "1.5Gi"), 1.5 * 1024.0 * 1024.0 * 1024.0);
    assert_eq!(track("time,rps,pod_mem", "512Ki"), 512.0 * 1024.0);
    assert_eq!(track("time,rps,pod_cpu", "250m"), 0.25);
    assert_eq!(track("time,rps,cpu_cores", "250000000n"), 0.25);
    assert_eq!(track("time,rps,pod_cpu", "2"), 2.0);
}

/// The errors were: `--columns errors=4xx` made `5xx` a track, so that no request failed, and classes of failures beside
/// one of success were asked about.
#[test]
fn a_class_of_status_that_the_user_names_leaves_the_other_ones() {
    let rows = (0..10).map(|at| {
        format!(
            "2026-11-27T11:00:{:02}Z,{},0,{}\n",
            5 * at,
            f64::min(40.0 * f64::from(at), 98.0) as u32,
            at * at
        )
    });
    let text = format!("time,2xx,4xx,5xx\n{}", rows.collect::<String>());
    let failed: f64 = (0..10).map(|at| f64::from(at * at)).sum();
    for named in [None, Some("4xx"), Some("5xx")] {
        let columns = named.map(|name| ("errors".to_owned(), name.to_owned()));
        let options =
            ReadOptions { columns: columns.into_iter().collect(), ..ReadOptions::default() };
        let Ok(Load::Timeline(timeline)) = common::read_with(text.as_bytes(), &options) else {
            panic!("{named:?}")
        };
        assert_eq!(counts(&timeline).1.round(), failed, "{named:?}");
    }
}

/// The error was: `rate(count(*), 1 minute)` named as `rps` was 60 times too high.
#[test]
fn the_period_in_the_name_of_a_rate_divides_it() {
    for (name, period_s) in [
        ("\"rate(count(*), 1 minute)\"", 60.0),
        ("\"rate(count(*), 30 seconds)\"", 30.0),
        ("\"derivative(requests_sum, 1m)\"", 60.0),
        ("Req/5s", 5.0),
        ("hits per 10 minutes", 600.0),
        ("Anfragen/min", 60.0),
    ] {
        let plain = name.trim_matches('"').to_owned();
        let options =
            ReadOptions { columns: vec![("rps".to_owned(), plain)], ..ReadOptions::default() };
        let text = table(&format!("time,{name}"), "1200");
        let Ok(Load::Timeline(timeline)) = common::read_with(text.as_bytes(), &options) else {
            panic!("{name}")
        };
        assert_eq!(timeline.seconds.first().unwrap().ok, 1200.0 / period_s, "{name}");
    }
    let timeline = read(&table("time,\"rate(count(*), 1 minute)\"", "1200"));
    assert_eq!(timeline.seconds.first().unwrap().ok, 20.0);
}
