//! Recognises the monitor that wrote a file of JSON. A file may contain several answers, one after
//! another or in a list.

use super::gather::SeriesCollector;
use super::{Error, MonitorOptions, cloudwatch, grafana, insights, prometheus};
use serde_json::Value;
use std::path::Path;

/// Reads every answer in a text.
pub(super) fn read(
    text: &[u8],
    path: &Path,
    options: &MonitorOptions,
) -> Result<SeriesCollector, Error> {
    let mut gather = SeriesCollector::new(options);
    let mut answers = 0;
    let mut series = Vec::new();
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let value = value.map_err(|error| Error::Damaged {
            path: path.to_owned(),
            at: format!("line {} column {}", error.line(), error.column()),
            expected: format!("{error}; expected the whole answer of a monitor, as JSON"),
        })?;
        answers += 1;
        match value {
            Value::Array(all) if !grafana::is_frames(&all) => {
                for value in all {
                    match prometheus::is_series(&value) {
                        true => series.push(value),
                        false => answer(&value, path, &mut gather)?,
                    }
                }
            }
            value if prometheus::is_series(&value) => series.push(value),
            value => answer(&value, path, &mut gather)?,
        }
    }
    // The labels that differ are only known from all series.
    if !series.is_empty() {
        prometheus::series(&series, &mut gather);
    }
    if let Some(uneven) = gather.uneven.take() {
        return Err(Error::Damaged {
            path: path.to_owned(),
            at: uneven,
            expected: "expected a value for each time; ask for the metric again".to_owned(),
        });
    }
    if answers == 0 || gather.format.is_empty() {
        return Err(Error::Unrecognised { path: path.to_owned(), found: "JSON without an answer" });
    }
    Ok(gather)
}

fn answer(value: &Value, path: &Path, gather: &mut SeriesCollector) -> Result<(), Error> {
    let has = |name: &str| value.get(name).is_some();
    if has("MetricDataResults") {
        cloudwatch::data(value, gather);
    } else if has("Datapoints") {
        cloudwatch::statistics(value, gather);
    } else if has("MetricList") {
        insights::read(value, gather);
    } else if has("status") && (has("data") || has("error")) {
        prometheus::read(value, path, gather)?;
    } else if has("resultType") && has("result") {
        let whole = serde_json::json!({"status": "success", "data": value});
        prometheus::read(&whole, path, gather)?;
    } else if is_of_grafana(value) {
        grafana::read(value, path, gather)?;
    } else {
        let found = foreign(value);
        return Err(Error::Unrecognised { path: path.to_owned(), found });
    }
    Ok(())
}

/// Returns true for the answer to queries by their names, for a panel, and for a list of frames.
/// Results of other programs are lists, and so are series.
fn is_of_grafana(value: &Value) -> bool {
    let frames = |value: &Value| {
        value.as_array().is_some_and(|all| all.is_empty() || grafana::is_frames(all))
    };
    value.get("results").is_some_and(Value::is_object)
        || value.get("series").is_some_and(frames)
        || frames(value)
}

/// Returns true for a message of RDS Enhanced Monitoring.
fn is_enhanced(message: &str) -> bool {
    message.contains("\"cpuUtilization\"") && message.contains("\"instanceID\"")
}

/// Describes JSON that is not read, recognised by its keys, and names the command that makes of it
/// what is read.
fn foreign(value: &Value) -> &'static str {
    let has = |name: &str| value.get(name).is_some();
    match () {
        () if has("panels") || has("dashboard") || has("targets") && has("fieldConfig") => {
            "the definition of a Grafana dashboard or panel, which holds no measurements (Inspect > \
             Data > Download CSV does)"
        }
        () if has("Metrics") => {
            "a list of metrics without their values (`aws cloudwatch get-metric-data` has them)"
        }
        () if has("MetricAlarms") => "a list of alarms without measurements",
        () if has("AlignedStartTime") && has("Keys") => {
            "totals of `aws pi describe-dimension-keys`, which are not over time (`aws pi \
             get-resource-metrics` is)"
        }
        () if has("CPUPerc") || has("MemUsage") => {
            "the output of `docker stats`, which has no times (a table with a column `time` is read)"
        }
        () if value.pointer("/data/attributes/times").is_some() => {
            "Datadog's answer to a query of metrics, which is not read (`jq -r \
             '.data.attributes|[.times,.values[0]]|transpose[]|@csv'` makes a table of its first series)"
        }
        () if has("series") && has("from_date") => {
            "Datadog's answer to a query of metrics, which is not read (`jq -r \
             '.series[]|.metric as $m|.pointlist[]|[.[0],$m,.[1]]|@csv'` makes a table that is)"
        }
        () if has("timeSeries") => {
            "Google Cloud's time series, which are not read (the CSV of Metrics Explorer is, and what \
             `jq -r '.timeSeries[]|.metric.type as $m|.points[]|[.interval.endTime,$m,\
             (.value|.doubleValue//.int64Value)]|@csv'` makes)"
        }
        () if value.pointer("/value/0/timeseries").is_some() => {
            "Azure Monitor's metrics, which are not read (`jq -r \
             '.value[]|.name.value as $m|.timeseries[].data[]|[.timeStamp,$m,.average]|@csv'` makes a \
             table that is)"
        }
        () if has("jsonrpc") => {
            "Zabbix's answer, which is not read (`jq -r '.result[]|[.clock,\"item \"+.itemid,.value]|@csv'` makes \
             a table that is)"
        }
        () if has("labels") && (has("data") || has("result")) || has("result") && has("api") => {
            "Netdata's JSON, which is not read (`format=csv` in place of `format=json` gives a table \
             that is)"
        }
        () if has("beginTimeSeconds") || value.pointer("/data/actor").is_some() => {
            "New Relic's JSON, which is not read (its charts' \"Export as CSV\" is)"
        }
        () if has("cpuUtilization") && has("instanceID") => {
            "RDS Enhanced Monitoring, which is not read (`jq -r \
             '[.timestamp,.cpuUtilization.total]|@csv'` makes a table that is)"
        }
        () if value
            .pointer("/events/0/message")
            .and_then(Value::as_str)
            .is_some_and(is_enhanced) =>
        {
            "RDS Enhanced Monitoring within CloudWatch Logs, which is not read (`jq -r \
             '.events[].message|fromjson|[.timestamp,.cpuUtilization.total]|@csv'` makes a table that \
             is)"
        }
        () if has("sysstat") => "JSON of sysstat (`sadf -d` writes the table that is read)",
        () if has("MetricWidgetImage") => "a picture of a graph, not its values",
        () => "JSON of another kind",
    }
}
