//! The readers of load files without recognition, for `fuzz/` only.

use super::{Format, HEAD, Load, ReadOptions, own, read_as, requests, totals, vegeta};
use std::path::Path;

/// Reads `data` with the reader of this name, whatever it looks like. `None` is any error.
pub(crate) fn fuzz(reader: &str, data: &[u8]) -> Option<Load> {
    let (head, rest) = data.split_at(data.len().min(HEAD as usize));
    let options = ReadOptions::default();
    let format = match reader {
        "k6_json" => Format::K6Json,
        "k6_csv" => Format::K6Csv,
        "k6_text" => Format::K6Text,
        "k6_dashboard" => Format::K6Dashboard,
        // The summaries of k6, autocannon, oha, vegeta and others.
        "summary" => Format::K6Summary,
        "artillery" => Format::Artillery,
        "locust" => Format::Locust,
        "locust_totals" => Format::LocustTotals,
        "vegeta" => Format::Vegeta(vegeta::encoding(head)?),
        "gatling" => Format::Gatling,
        "ab_plot" => Format::AbPlot,
        "h2load_log" => Format::H2loadLog,
        "jmeter_xml" => Format::JMeterXml,
        "jmeter" => Format::Requests(requests::Writer::JMeter),
        "hey" => Format::Requests(requests::Writer::Hey),
        "totals" => Format::Totals(totals::tool(head)?),
        "own" => Format::Own(own::plan(head, &options)?.form),
        "table" => Format::Table,
        _ => return None,
    };
    read_as(format, head.to_vec(), rest, Path::new("fuzz"), &options).ok()
}
