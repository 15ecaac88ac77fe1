//! The readers of monitors' files without recognition, for `fuzz/` only.

use super::gather::SeriesCollector;
use super::{
    Monitor, MonitorOptions, cloudwatch, embedded, grafana, insights, prometheus, records,
    services, table,
};
use serde_json::Value;
use std::path::Path;

/// Reads `data` with the reader of this name, whatever it looks like. `None` is any error.
pub(crate) fn fuzz(reader: &str, data: &[u8]) -> Option<Monitor> {
    let (path, options) = (Path::new("fuzz"), MonitorOptions::default());
    let table = |text: &[u8]| table::read(text, path, &options).ok();
    let gather = match reader {
        "table" => table(data)?,
        "lines" => {
            let text = records::of_stamped_lines(data).or_else(|| records::of_heroku(data))?;
            match text.starts_with('{') {
                true => json("records", text.as_bytes(), path, &options)?,
                false => table(text.as_bytes())?,
            }
        }
        reader => json(reader, data, path, &options)?,
    };
    Some(gather.finish("fuzz"))
}

fn json(
    reader: &str,
    data: &[u8],
    path: &Path,
    options: &MonitorOptions,
) -> Option<SeriesCollector> {
    let values = serde_json::Deserializer::from_slice(data).into_iter::<Value>();
    let values: Vec<Value> = values.map_while(Result::ok).collect();
    let mut gather = SeriesCollector::new(options);
    let mut metrics = embedded::EventMetrics::default();
    for value in &values {
        match reader {
            "cloudwatch" => {
                cloudwatch::data(value, &mut gather);
                cloudwatch::statistics(value, &mut gather);
            }
            "insights" => insights::read(value, &mut gather),
            "prometheus" => prometheus::read(value, path, &mut gather).ok()?,
            "grafana" => grafana::read(value, path, &mut gather).ok()?,
            "services" => _ = services::read(value, &mut gather),
            "embedded" => metrics.line(value, &mut gather),
            _ => {}
        }
    }
    metrics.finish(&mut gather);
    match reader {
        "prometheus" => prometheus::series(&values, &mut gather),
        "records" => {
            let rows: Vec<Value> = values.iter().flat_map(records::of).collect();
            return table::read(records::table(&rows)?.as_bytes(), path, options).ok();
        }
        _ => {}
    }
    Some(gather)
}
