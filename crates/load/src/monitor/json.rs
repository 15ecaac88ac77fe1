//! Recognises the monitor that wrote a file of JSON. A file may contain several answers, one after
//! another or in a list.

use super::gather::SeriesCollector;
use super::{
    Error, MonitorOptions, cloudwatch, embedded, grafana, insights, prometheus, records, services,
    table,
};
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
    let mut rows = Vec::new();
    let mut metrics = embedded::EventMetrics::default();
    let is_embedded = embedded::MARKS.iter().any(|mark| memchr::memmem::find(text, mark).is_some());
    let messages = if is_embedded { records::messages(text) } else { None };
    let text = messages.as_deref().map_or(text, str::as_bytes);
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let value = value.map_err(|error| Error::Damaged {
            path: path.to_owned(),
            at: format!("line {} column {}", error.line(), error.column()),
            expected: format!("{error}; expected the whole answer of a monitor, as JSON"),
        })?;
        answers += 1;
        // The program's other lines stand between those with metrics.
        if is_embedded {
            let all = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
            for event in all.iter().filter(|event| embedded::EventMetrics::is_event(event)) {
                metrics.line(event, &mut gather);
            }
            continue;
        }
        match value {
            Value::Array(all) if !grafana::is_frames(&all) => {
                for value in all {
                    match prometheus::is_series(&value) {
                        true => series.push(value),
                        false => one(&value, path, &mut gather, &mut rows)?,
                    }
                }
            }
            value if prometheus::is_series(&value) => series.push(value),
            value => one(&value, path, &mut gather, &mut rows)?,
        }
    }
    metrics.finish(&mut gather);
    if gather.format.is_empty()
        && series.is_empty()
        && let Some(text) = records::table(&rows)
    {
        let mut read = table::read(text.as_bytes(), path, options)?;
        read.format = "JSON";
        return Ok(read);
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

/// Reads one answer, or keeps its records for the table that all of them make.
fn one(
    value: &Value,
    path: &Path,
    gather: &mut SeriesCollector,
    rows: &mut Vec<Value>,
) -> Result<(), Error> {
    match answer(value, path, gather) {
        Err(Error::Unrecognised { .. }) if gather.format.is_empty() => {
            let found = records::of(value);
            if found.is_empty() {
                return answer(value, path, gather);
            }
            rows.extend(found);
            Ok(())
        }
        answered => answered,
    }
}

fn answer(value: &Value, path: &Path, gather: &mut SeriesCollector) -> Result<(), Error> {
    let has = |name: &str| value.get(name).is_some();
    if has("MetricDataResults") {
        cloudwatch::data(value, gather);
    } else if has("Datapoints") {
        cloudwatch::statistics(value, gather);
    } else if has("MetricList") {
        insights::read(value, gather);
    } else if has("status") && (has("data") || has("error")) && !services::is_of_signoz(value) {
        prometheus::read(value, path, gather)?;
    } else if has("resultType") && has("result") {
        let whole = serde_json::json!({"status": "success", "data": value});
        prometheus::read(&whole, path, gather)?;
    } else if is_of_grafana(value) {
        grafana::read(value, path, gather)?;
    } else if !services::read(value, gather) {
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
        () if has("kind") && has("items") && !has("panels") => {
            "Kubernetes' metrics of one moment (a table with a column `time` is read)"
        }
        () if has("CPUPerc") || has("MemUsage") => {
            "the output of `docker stats`, which has no times (a table with a column `time` is read)"
        }
        () if value.get("aggregations").is_some() => {
            "Elasticsearch's answer to a search, which is not read (Kibana's Inspect > Download CSV, \
             with raw values, is)"
        }
        () if value.pointer("/data/actor").is_some() || has("timeSeries") => {
            "New Relic's or Google Cloud's JSON without a series over time (a query with `TIMESERIES` of \
             the first, and `timeSeries.list` of the second, are read)"
        }
        () if value.get("pm2_env").is_some() || value.pointer("/0/pm2_env").is_some() => {
            "the list of PM2's processes at one moment (`while sleep 1; do pm2 jlist | jq -c '.[]|{time:(now|todate),\
             name,pm_id,cpu:.monit.cpu,memory:.monit.memory}'; done` writes what is read)"
        }
        () if has("sysstat") => {
            "JSON of sysstat whose times have no date with the year first (`S_TIME_FORMAT=ISO mpstat -o JSON 1`, \
             `S_TIME_FORMAT=ISO iostat -t -o JSON 1`, and `sadf -d` write what is read)"
        }
        () if has("MetricWidgetImage") => "a picture of a graph, not its values",
        () => "JSON of another kind",
    }
}
