//! Grafana: the answer of /api/ds/query (and of its forerunner /api/tsdb/query), a
//! panel's data (Inspect > JSON > Panel data), and a list of data frames.

use super::gather::{Series, SeriesCollector};
use super::{Error, Warning};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Returns true for a list of data frames.
pub(super) fn is_frames(all: &[Value]) -> bool {
    let is = |frame: &Value| frame.get("schema").is_some() || frame.get("fields").is_some();
    all.first().is_some_and(is)
}

/// Reads an answer, a panel or a list of frames.
///
/// # Errors
///
/// Returns [`Error::Answered`] when every query was answered with an error.
pub(super) fn read(value: &Value, path: &Path, gather: &mut SeriesCollector) -> Result<(), Error> {
    gather.format = "Grafana";
    let mut message = None;
    let mut answered = false;
    if let Some(Value::Object(results)) = value.get("results") {
        for (query, result) in results {
            match result.get("error").and_then(Value::as_str).filter(|error| !error.is_empty()) {
                Some(error) => {
                    message = Some(error.to_owned());
                    let (query, message) = (query.clone(), error.to_owned());
                    gather.warn(Warning::Answered { query, message });
                }
                None => answered = true,
            }
            list(result.get("frames")).for_each(|one| frame(one, query, gather));
            list(result.get("series")).for_each(|one| points(one, gather));
        }
    } else {
        let frames = if value.is_array() { Some(value) } else { value.get("series") };
        list(frames).for_each(|one| frame(one, "", gather));
        answered = true;
    }
    match message.filter(|_| !answered) {
        Some(message) => Err(Error::Answered { path: path.to_owned(), format: "Grafana", message }),
        None => Ok(()),
    }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// A data frame: a list of fields. The values stand in each field, or all together after the schema.
struct Frame<'a> {
    schema: &'a Value,
    fields: Vec<&'a Value>,
    columns: Option<&'a Value>,
    /// The columns of text with their names. In the long form, the series differ by them.
    texts: Vec<(&'a str, &'a Vec<Value>)>,
}

impl<'a> Frame<'a> {
    fn new(frame: &'a Value) -> Self {
        let schema = frame.get("schema").unwrap_or(frame);
        let columns = frame.get("data").and_then(|data| data.get("values"));
        let fields = list(schema.get("fields")).collect();
        let mut made = Self { schema, fields, columns, texts: Vec::new() };
        let texts = made.of_type("string");
        let texts =
            texts.filter_map(|(at, field)| Some((field.get("name")?.as_str()?, made.values(at)?)));
        made.texts = texts.collect();
        made
    }

    fn values(&self, at: usize) -> Option<&'a Vec<Value>> {
        let own = self.fields.get(at).and_then(|field| field.get("values"));
        let own = own.map(|own| own.get("buffer").unwrap_or(own));
        self.columns.and_then(|columns| columns.get(at)).or(own)?.as_array()
    }

    /// Returns the fields of a type, with their indexes.
    fn of_type(&self, kind: &str) -> impl Iterator<Item = (usize, &'a Value)> {
        let is = move |field: &Value| field.get("type").and_then(Value::as_str) == Some(kind);
        self.fields.iter().copied().enumerate().filter(move |(_, field)| is(field))
    }

    /// Returns the texts of a row as labels, such as `{host="a"}`; empty without one.
    fn labels(&self, row: usize) -> String {
        let texts = self.texts.iter().filter_map(|(name, column)| Some((name, column.get(row)?)));
        let labels: Vec<String> = texts
            .filter_map(|(name, text)| Some(format!("{name}=\"{}\"", text.as_str()?)))
            .collect();
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(", ")) }
    }
}

/// Returns the unit of a field in words that the unit of a track is read from.
fn unit_of(field: &Value) -> Option<&str> {
    match field.get("config").and_then(|config| config.get("unit"))?.as_str()? {
        "m" => Some("minutes"),
        "d" => Some("days"),
        unit => Some(unit),
    }
}

/// Reads a data frame, one of whose fields holds times.
fn frame(frame: &Value, query: &str, gather: &mut SeriesCollector) {
    let frame = Frame::new(frame);
    let Some((at, _)) = frame.of_type("time").next() else { return };
    let Some(written) = frame.values(at) else { return };
    let times: Vec<Option<i64>> = written.iter().map(|time| gather.moment(time)).collect();
    let id = frame.schema.get("refId").and_then(Value::as_str).unwrap_or(query);
    for (column, field) in frame.of_type("number") {
        let name = name(field, frame.schema, query);
        let numbers = frame.values(column);
        gather.pair(&name, times.len(), numbers.map_or(times.len(), Vec::len));
        let numbers = numbers.into_iter().flatten().map(Value::as_f64);
        let points = times.iter().zip(numbers).enumerate();
        let points = points.filter_map(|(row, (time, value))| Some((row, (*time)?, value?)));
        let mut parts: BTreeMap<String, Vec<(i64, f64)>> = BTreeMap::new();
        for (row, us, value) in points {
            parts.entry(frame.labels(row)).or_default().push((us, value));
        }
        for (labels, points) in parts {
            let series = Series::new(format!("{name}{labels}"));
            let series = series.measured_in(unit_of(field)).known_as(id);
            gather.add(Series { points, ..series });
        }
    }
}

/// Returns a field's name. It is the displayed name, or else the field's own name with its labels.
/// A field whose only name is `Value` gets the name of its frame.
fn name(field: &Value, schema: &Value, query: &str) -> String {
    let config = field.get("config");
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let shown = text(config.and_then(|config| config.get("displayName")))
        .or_else(|| text(config.and_then(|config| config.get("displayNameFromDS"))));
    if let Some(shown) = shown {
        return shown;
    }
    let own = text(field.get("name")).filter(|name| !name.eq_ignore_ascii_case("value"));
    let base = own.or_else(|| text(schema.get("name"))).unwrap_or_else(|| query.to_owned());
    let labels: Vec<String> = field
        .get("labels")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key != "__name__")
        .filter_map(|(key, value)| Some(format!("{key}=\"{}\"", value.as_str()?)))
        .collect();
    let base = match text(field.get("labels").and_then(|labels| labels.get("__name__"))) {
        Some(metric) => metric,
        None if base.is_empty() => "value".to_owned(),
        None => base,
    };
    if labels.is_empty() { base } else { format!("{base}{{{}}}", labels.join(", ")) }
}

/// Reads the old form: a name, and pairs of a value and milliseconds.
fn points(one: &Value, gather: &mut SeriesCollector) {
    let name = one.get("name").and_then(Value::as_str).unwrap_or("value");
    let mut series = Series::new(name);
    for pair in list(one.get("points")) {
        let time = pair.get(1).and_then(|time| gather.moment(time));
        if let (Some(us), Some(value)) = (time, pair.get(0).and_then(Value::as_f64)) {
            series.points.push((us, value));
        }
    }
    gather.add(series);
}
