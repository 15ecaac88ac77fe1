//! Reads Locust's `run_stats.csv`: totals of each endpoint, and of all in the row `Aggregated`.
//!
//! Locust writes the file once a second and not at its end: the requests of the last second are
//! missing (1,296 of 1,432 in a test of 12 s). `Requests/s` is the mean since the start. Percentiles
//! above 100 ms have two digits. Tried with Locust 2.47.

use super::contents::has;
use super::lines::Lines;
use super::summary::Summary;
use super::{ReadOptions, csv};
use crate::error::Error;
use crate::warning::Warning;
use std::io::Read;
use std::path::Path;

const AGGREGATED: &str = "Aggregated";

/// Returns true for the header of the totals.
pub(super) fn is_header(line: &[u8]) -> bool {
    has(line, "Request Count")
        && has(line, "Failure Count")
        && has(line, "Average Response Time")
        && !has(line, "Timestamp")
}

/// Reads the totals of one endpoint, or of all.
///
/// # Errors
///
/// Returns [`Error::UnknownEndpoint`] for an endpoint that is not in the file, and
/// [`Error::NoRequests`] for a file without the row of all, when no endpoint was chosen.
pub(super) fn read(input: impl Read, path: &Path, options: &ReadOptions) -> Result<Summary, Error> {
    let mut lines = Lines::new(input);
    let wanted = options.endpoint.as_deref().unwrap_or(AGGREGATED);
    let (mut header, mut known) = (None::<Vec<String>>, Vec::new());
    let mut found = None;
    while let Some((_, line)) = lines.next_of(path)? {
        let Some(fields) = csv::split(line.trim_ascii_end(), b',') else { continue };
        let fields: Vec<String> =
            fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
        let Some(header) = &header else {
            header = Some(fields);
            continue;
        };
        let text = |name: &str| {
            let at = header.iter().position(|one| one == name)?;
            fields.get(at)
        };
        let Some(name) = text("Name").filter(|_| fields.len() == header.len()) else { continue };
        if name == wanted && found.is_none() {
            found = totals(&|name: &str| text(name)?.parse().ok());
        }
        if name != AGGREGATED && known.len() < 100 {
            known.push(name.clone());
        }
    }
    let path = path.to_owned();
    match (found, &options.endpoint) {
        (Some(mut summary), _) => {
            summary.source = path.display().to_string();
            summary.warnings.extend(lines.damage());
            Ok(summary.complete())
        }
        (None, Some(asked)) => {
            Err(Error::UnknownEndpoint { path, asked: asked.clone(), known, long: false })
        }
        (None, None) => {
            let why = "expected a row named Aggregated; is it the whole file?".into();
            Err(Error::NoRequests { path, why })
        }
    }
}

fn totals(value: &dyn Fn(&str) -> Option<f64>) -> Option<Summary> {
    let number = |name: &str| value(name).filter(|value| (0.0..1e15).contains(value));
    let requests = number("Request Count")?;
    Some(Summary {
        format: "Locust's totals",
        requests: Some(requests as u64),
        failed: number("Failure Count").map(|failed| failed as u64),
        rps: number("Requests/s"),
        avg_ms: number("Average Response Time"),
        med_ms: number("50%").or_else(|| number("Median Response Time")),
        p90_ms: number("90%"),
        p95_ms: number("95%"),
        p99_ms: number("99%"),
        max_ms: number("Max Response Time"),
        warnings: vec![Warning::UnfinishedTotals],
        ..Summary::default()
    })
}
