//! Reads JSON of further services that monitor: Azure Monitor, Google Cloud, Datadog, Dynatrace, New Relic,
//! Graphite, InfluxDB 1, Netdata, Zabbix, MongoDB Atlas and SigNoz. The shapes are those of their documentation.

use super::gather::{Reach, Series, SeriesCollector};
use serde_json::Value;

/// Reads an answer of one of these services. Returns false for any other JSON.
pub(super) fn read(value: &Value, gather: &mut SeriesCollector) -> bool {
    let is = |pointer: &str| value.pointer(pointer).is_some();
    gather.format = match () {
        () if is("/value/0/timeseries") => azure(value, gather),
        () if is("/value/segments") => app_insights(value, gather),
        () if is("/timeSeries/0/metric/type") => google(value, gather),
        () if is("/series/0/pointlist") => datadog(value, gather),
        () if is("/data/attributes/times") => datadog_columns(value, gather),
        () if is("/result/0/data/0/timestamps") => dynatrace(value, gather),
        () if is("/target") && is("/datapoints") => graphite(value, gather),
        () if is("/results/0/series/0/columns") => influx(value, gather),
        () if is("/labels") && is("/data") || is("/result/labels") => netdata(value, gather),
        () if is("/jsonrpc") && is("/result/0/clock") => zabbix(value, gather),
        () if is("/measurements/0/dataPoints") => atlas(value, gather),
        () if is_of_signoz(value) => signoz(value, gather),
        () => return false,
    };
    true
}

/// Returns the members of a list; none for anything else.
pub(super) fn list<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a number, which may be written as a text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let found = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    found.filter(|number| number.is_finite())
}

/// Returns the points of pairs of a time and a value. A pair without one of them is passed over.
fn points<'a>(
    pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    gather: &mut SeriesCollector,
) -> Vec<(i64, f64)> {
    pairs.filter_map(|(time, value)| Some((gather.moment(time)?, number(value)?))).collect()
}

/// Returns the texts in an object or a list, as one id.
pub(super) fn id<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// Reads `az monitor metrics list`. A time is the start of its interval; each aggregation is a series.
fn azure(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    const STATISTICS: [&str; 5] = ["average", "total", "maximum", "minimum", "count"];
    let period_s = minutes(text(value, "/interval"));
    for metric in list(value, "/value") {
        let unit = metric.get("unit").and_then(Value::as_str);
        for one in list(metric, "/timeseries") {
            let id = id(list(one, "/metadatavalues").filter_map(|it| it.get("value")));
            for statistic in STATISTICS {
                let pairs = list(one, "/data")
                    .filter_map(|point| Some((point.get("timeStamp")?, point.get(statistic)?)));
                let points = points(pairs, gather);
                // Counts are of samples, whatever the unit of the metric is.
                let unit = unit.filter(|_| statistic != "count");
                let name = format!("{} ({statistic})", text(metric, "/name/value"));
                let series = Series::new(name).known_as(id.clone()).measured_in(unit);
                gather.add(Series { reach: Reach::Forward, period_s, points, ..series });
            }
        }
    }
    "Azure Monitor"
}

/// Returns the seconds of a period in the form of ISO 8601 that Azure and Atlas use: `PT10S`, `PT1M`, `PT1H`.
fn minutes(text: &str) -> Option<f64> {
    let period = text.strip_prefix("PT")?;
    let units = [('S', 1.0), ('M', 60.0), ('H', 3_600.0)];
    let (unit, unit_s) = units.into_iter().find(|(unit, _)| period.ends_with(*unit))?;
    let count: f64 = period.strip_suffix(unit)?.parse().ok()?;
    Some(count * unit_s)
}

/// Reads a metric of Application Insights, whose segments have a key with the name of the metric.
fn app_insights(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let mut all: Vec<Series> = Vec::new();
    for segment in list(value, "/value/segments") {
        let Some(start_us) = segment.get("start").and_then(|start| gather.moment(start)) else {
            continue;
        };
        for (metric, found) in segment.as_object().into_iter().flatten() {
            for (statistic, value) in found.as_object().into_iter().flatten() {
                let name = format!("{metric} ({statistic})");
                let Some(value) = number(value) else { continue };
                match all.iter_mut().find(|series| series.name == name) {
                    Some(series) => series.points.push((start_us, value)),
                    None => all.push(Series {
                        reach: Reach::Forward,
                        points: vec![(start_us, value)],
                        ..Series::new(name)
                    }),
                }
            }
        }
    }
    all.into_iter().for_each(|series| gather.add(series));
    "Application Insights"
}

/// Reads `timeSeries.list` of Google Cloud, whose shares of one have the unit `10^2.%`.
fn google(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    for one in list(value, "/timeSeries") {
        let kind = text(one, "/metricKind");
        let labels = ["/metric/labels", "/resource/labels"].into_iter().filter_map(|labels| {
            one.pointer(labels)?.as_object().map(|labels| id(labels.values()))
        });
        let labels = labels.filter(|labels| !labels.is_empty()).collect::<Vec<_>>().join(", ");
        let unit = match one.get("unit").or_else(|| value.get("unit")).and_then(Value::as_str) {
            Some("10^2.%") => Some("percentunit"),
            Some("%") => Some("Percent"),
            Some("By") => Some("Bytes"),
            Some("By/s") => Some("Bytes/Second"),
            Some(unit @ ("s" | "ms" | "us" | "ns")) => Some(unit),
            _ => None,
        };
        let mut points = Vec::new();
        let mut last_s = None;
        for point in list(one, "/points") {
            let values =
                ["/value/doubleValue", "/value/int64Value", "/value/distributionValue/mean"];
            let found = values.iter().find_map(|path| number(point.pointer(path)?));
            let end = point.pointer("/interval/endTime").and_then(|end| gather.moment(end));
            let start = point.pointer("/interval/startTime").and_then(|start| gather.moment(start));
            let (Some(value), Some(end_us)) = (found, end) else { continue };
            let seconds = spikeflame_wall::seconds_of(end_us - start.unwrap_or(end_us));
            match kind {
                "DELTA" if seconds > 0.0 => {
                    last_s = Some(seconds);
                    points.push((end_us, value / seconds));
                }
                "DELTA" => {}
                _ => points.push((end_us, value)),
            }
        }
        let of_period = kind == "DELTA";
        let mut name = text(one, "/metric/type").to_owned();
        name.push_str(if of_period { " (a second)" } else { "" });
        let series = Series::new(name).known_as(labels).measured_in(unit);
        let reach = if of_period { Reach::Backward } else { Reach::Moment };
        // The distances between several values show the period.
        let period_s = last_s.filter(|_| points.len() == 1);
        gather.add(Series { reach, counts: kind == "CUMULATIVE", period_s, points, ..series });
    }
    "Google Cloud"
}

/// Reads Datadog's `/api/v1/query`. A time is the start of its interval.
fn datadog(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    for one in list(value, "/series") {
        let pairs = list(one, "/pointlist").filter_map(|pair| Some((pair.get(0)?, pair.get(1)?)));
        let points = points(pairs, gather);
        let period_s = one.get("interval").and_then(Value::as_f64);
        let series = Series::new(text(one, "/metric"))
            .known_as(text(one, "/scope"))
            .measured_in(unit_of_datadog(one));
        gather.add(Series { reach: Reach::Forward, period_s, points, ..series });
    }
    "Datadog"
}

/// Reads Datadog's `/api/v2/query/timeseries`, which has one list of times for all series.
fn datadog_columns(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let times: Vec<&Value> = list(value, "/data/attributes/times").collect();
    let all = list(value, "/data/attributes/series").zip(list(value, "/data/attributes/values"));
    for (one, values) in all {
        let tags = id(list(one, "/group_tags"));
        let query = one.get("query_index").and_then(Value::as_u64).unwrap_or_default();
        let name = format!("query {}", query.saturating_add(1));
        let values: Vec<&Value> = list(values, "").collect();
        gather.pair(&name, times.len(), values.len());
        let points = points(times.iter().copied().zip(values), gather);
        let series = Series::new(name).known_as(tags).measured_in(unit_of_datadog(one));
        gather.add(Series { reach: Reach::Forward, points, ..series });
    }
    "Datadog"
}

fn unit_of_datadog(series: &Value) -> Option<&str> {
    let unit = series.pointer("/unit/0/name").and_then(Value::as_str)?;
    Some(match unit {
        "percent" => "Percent",
        "fraction" => "percentunit",
        "byte" => "Bytes",
        unit => unit,
    })
}

/// Reads Dynatrace's `/api/v2/metrics/query`. A time is the end of its interval.
fn dynatrace(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    for metric in list(value, "/result") {
        for one in list(metric, "/data") {
            let name = text(metric, "/metricId");
            let (times, values): (Vec<_>, Vec<_>) =
                (list(one, "/timestamps").collect(), list(one, "/values").collect());
            gather.pair(name, times.len(), values.len());
            let points = points(times.into_iter().zip(values), gather);
            let unit = name.ends_with("cpu.usage").then_some("Percent");
            let series = Series::new(name).known_as(id(list(one, "/dimensions"))).measured_in(unit);
            gather.add(Series { reach: Reach::Backward, points, ..series });
        }
    }
    "Dynatrace"
}

/// Reads one series of Graphite's `render?format=json`: pairs of value and time.
fn graphite(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let pairs = list(value, "/datapoints").filter_map(|pair| Some((pair.get(1)?, pair.get(0)?)));
    let points = points(pairs, gather);
    gather.add(Series { points, ..Series::new(text(value, "/target")) });
    "Graphite"
}

/// Reads the answer of InfluxDB 1: a table for each series.
fn influx(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    for one in list(value, "/results").flat_map(|result| list(result, "/series")) {
        let tags = one.get("tags").and_then(Value::as_object);
        let tags = tags.map(|tags| id(tags.values())).unwrap_or_default();
        let columns: Vec<&str> = list(one, "/columns").filter_map(Value::as_str).collect();
        let Some(time) = columns.iter().position(|name| *name == "time") else { continue };
        for (at, column) in columns.iter().enumerate().filter(|(at, _)| *at != time) {
            let rows = list(one, "/values").filter_map(|row| Some((row.get(time)?, row.get(at)?)));
            let points = points(rows, gather);
            let name = format!("{} {column}", text(one, "/name"));
            gather.add(Series { points, ..Series::new(name).known_as(tags.clone()) });
        }
    }
    "InfluxDB"
}

/// Reads Netdata's `/api/v1/data?format=json`, also with its options. A value is the mean of the time before
/// it.
fn netdata(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let table = if value.get("labels").is_some() { Some(value) } else { value.get("result") };
    let table = table.unwrap_or(&Value::Null);
    // Newer versions write the whole query: `chart://host:web/instance:system.cpu/dimensions:*`.
    let id = text(value, "/id");
    let instance = id.split('/').find_map(|part| part.strip_prefix("instance:"));
    let chart = instance.unwrap_or(id);
    let labels: Vec<&str> = list(table, "/labels").filter_map(Value::as_str).collect();
    for (at, label) in labels.iter().enumerate().skip(1) {
        let rows = list(table, "/data").filter_map(|row| Some((row.get(0)?, row.get(at)?)));
        let points = points(rows, gather);
        let name = if chart.is_empty() { (*label).to_owned() } else { format!("{chart} {label}") };
        let unit = ["system.cpu", "cpu.cpu"].iter().any(|cpu| chart.starts_with(cpu));
        let series = Series::new(name).measured_in(unit.then_some("Percent"));
        gather.add(Series { reach: Reach::Backward, points, ..series });
    }
    "Netdata"
}

/// Reads Zabbix's `history.get`, which has the number of each item in place of its name.
fn zabbix(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let mut all: Vec<Series> = Vec::new();
    for one in list(value, "/result") {
        let clock =
            number(one.get("clock").unwrap_or(&Value::Null)).map(spikeflame_wall::micros_of);
        let (Some(us), Some(value)) = (clock, one.get("value").and_then(number)) else { continue };
        let name = format!("item {}", text(one, "/itemid"));
        match all.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push((us, value)),
            None => all.push(Series { points: vec![(us, value)], ..Series::new(name) }),
        }
    }
    all.into_iter().for_each(|series| gather.add(series));
    "Zabbix"
}

/// Reads the measurements of a process or a disk of MongoDB Atlas, whose units are words in capitals.
fn atlas(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    let period_s = minutes(text(value, "/granularity"));
    for one in list(value, "/measurements") {
        let pairs = list(one, "/dataPoints")
            .filter_map(|point| Some((point.get("timestamp")?, point.get("value")?)));
        let points = points(pairs, gather);
        let unit = text(one, "/units").to_lowercase().replace("scalar", "count");
        let unit = unit.replace("_per_second", "/second");
        let series = Series::new(text(one, "/name")).measured_in(Some(&unit));
        gather.add(Series { period_s, points, ..series });
    }
    "MongoDB Atlas"
}

/// Returns true for the answer of SigNoz, which has series below each result.
pub(super) fn is_of_signoz(value: &Value) -> bool {
    value.pointer("/data/result/0/series/0/values/0/timestamp").is_some()
}

/// Reads the answer of SigNoz's query_range.
fn signoz(value: &Value, gather: &mut SeriesCollector) -> &'static str {
    for result in list(value, "/data/result") {
        for one in list(result, "/series") {
            let pairs = list(one, "/values")
                .filter_map(|point| Some((point.get("timestamp")?, point.get("value")?)));
            let points = points(pairs, gather);
            let labels = one.get("labels").and_then(Value::as_object);
            let name = format!("query {}", text(result, "/queryName"));
            let id = labels.map(|labels| id(labels.values())).unwrap_or_default();
            gather.add(Series { points, ..Series::new(name).known_as(id) });
        }
    }
    "SigNoz"
}
