//! Reads the page of k6's web dashboard (`K6_WEB_DASHBOARD_EXPORT=page.html`). A script element
//! contains its timeline as base64 of gzip, with one line of JSON for each event. A snapshot is a
//! list in the order of the metrics' names. Tried with k6 1.1.

use super::periods::{self, Period};
use crate::error::Error;
use crate::timeline::Timeline;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Largest size of the page, and of its unpacked data, in bytes.
pub(super) const LONGEST_PAGE: u64 = 64 << 20;
const LONGEST_DATA: u64 = 512 << 20;

const MARK: &[u8] = b"<script id=\"data\" type=\"application/json";

/// Returns true for a page of k6's dashboard.
pub(super) fn is_head(head: &[u8]) -> bool {
    let has = |what: &[u8]| memchr::memmem::find(head, what).is_some();
    has(b"<html")
        && (has(b"k6 report") || has(b"k6 dashboard") || has(b"Raintank, Inc. dba Grafana"))
}

#[derive(Deserialize)]
struct Event {
    event: String,
    data: Value,
}

/// Reads the page.
///
/// # Errors
///
/// Returns [`Error::Damaged`] when the data are missing or broken.
pub(super) fn read(page: &[u8], path: &Path) -> Result<Timeline, Error> {
    let damaged = |at: &str, expected: &str| Error::Damaged {
        path: path.to_owned(),
        at: at.to_owned(),
        expected: expected.to_owned(),
    };
    let packed = memchr::memmem::find(page, MARK)
        .and_then(|at| page.get(at..))
        .and_then(|rest| rest.get(memchr::memchr(b'>', rest)? + 1..))
        .and_then(|rest| rest.get(..memchr::memchr(b'<', rest)?))
        .ok_or_else(|| {
            damaged(
                "the page",
                "no data in it: export it at the end of the test, with K6_WEB_DASHBOARD_EXPORT",
            )
        })?;
    let packed = BASE64
        .decode(packed.trim_ascii())
        .map_err(|_| damaged("its data", "they are not base64"))?;
    let mut text = Vec::new();
    (flate2::read::GzDecoder::new(packed.as_slice()).take(LONGEST_DATA).read_to_end(&mut text))
        .map_err(|_| damaged("its data", "they are not whole gzip"))?;
    let mut snapshots = Vec::new();
    let mut metrics = BTreeMap::new();
    let mut start_us = None;
    for line in text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let event: Event = serde_json::from_slice(line)
            .map_err(|_| damaged("its data", "a line of them is not an event of k6"))?;
        match (event.event.as_str(), event.data) {
            ("metric", Value::Object(found)) => {
                metrics.extend(found.into_iter().map(|(name, _)| (name, ())));
            }
            ("start", data) => start_us = first(&data, 0).map(|ms| (ms * 1e3) as i64),
            ("snapshot", Value::Array(values)) => snapshots.push((metrics.clone(), values)),
            _ => {}
        }
    }
    let mut before_us = start_us;
    let mut periods = Vec::new();
    for (metrics, values) in &snapshots {
        let value = |name: &str, at: usize| {
            let place = metrics.keys().position(|known| known == name)?;
            number(values.get(place)?, at)
        };
        let Some(to_us) = value("time", 0).map(|ms| (ms * 1e3) as i64) else { continue };
        let from_us = before_us.replace(to_us).unwrap_or(to_us - 1_000_000);
        let all = value("http_reqs", 0).unwrap_or(0.0);
        let failed = all * value("http_req_failed", 0).unwrap_or(0.0).clamp(0.0, 1.0);
        // Values are: average, largest, median, smallest, 90th, 95th and 99th percentile.
        let time = |at| value("http_req_duration", at).unwrap_or(f64::NAN);
        periods.push(Period {
            from_us: from_us.min(to_us - 1),
            to_us,
            ok: all - failed,
            failed,
            vus: value("vus", 0),
            percentiles: [time(2), time(5), time(6)],
        });
    }
    periods::timeline(&periods, path, "k6 dashboard")
}

fn number(values: &Value, at: usize) -> Option<f64> {
    values.get(at)?.as_f64().filter(|value| value.is_finite() && (0.0..1e15).contains(value))
}

fn first(data: &Value, at: usize) -> Option<f64> {
    number(data.get(at)?, 0)
}
