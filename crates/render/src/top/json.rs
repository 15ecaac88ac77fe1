//! The table as JSON, schema `spikeflame.top/1` (`docs/json.md`).

use super::{Table, TopOptions};
use crate::about::{About, Window};
use crate::number::share;
use serde::Serialize;
use spikeflame_profile::{CallTree, Tier};
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Top<'a> {
    schema: &'static str,
    files: &'a str,
    producer: &'a str,
    unit: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    samples: u64,
    read: u64,
    unreadable: u64,
    unresolved: u64,
    without_address: u64,
    idle: u64,
    left_out: u64,
    duration_ms: Option<f64>,
    interval_us: Option<u64>,
    window: Option<Window<'a>>,
    functions: Vec<FunctionRow<'a>>,
}

#[derive(Serialize)]
struct FunctionRow<'a> {
    label: &'a str,
    name: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
    kind: &'static str,
    category: &'static str,
    #[serde(rename = "self")]
    self_weight: u64,
    total: u64,
    self_share: f64,
    total_share: f64,
    tiers: BTreeMap<&'static str, u64>,
}

/// Writes the first [`TopOptions::rows`] rows as JSON of schema `spikeflame.top/1`, with whole
/// paths. Shares are from 0 to 1.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(
    tree: &CallTree,
    about: &About,
    options: &TopOptions<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let table = Table::new(tree, options);
    let total = table.total;
    let functions = table.rows.iter().map(|(row, entry)| FunctionRow {
        label: &entry.label,
        name: &entry.name,
        file: &entry.file,
        line: entry.line,
        column: entry.column,
        kind: entry.kind.word(),
        category: entry.category.word(),
        self_weight: row.self_weight,
        total: row.total,
        self_share: share(row.self_weight, total) / 100.0,
        total_share: share(row.total, total) / 100.0,
        tiers: Tier::ALL
            .into_iter()
            .filter(|tier| *tier != Tier::None)
            .map(|tier| (tier.mark(), entry.self_tiers.get(tier.index()).copied().unwrap_or(0)))
            .filter(|(_, weight)| *weight > 0)
            .collect(),
    });
    let ms = |us: u64| us as f64 / 1000.0;
    let window = about.window();
    let top = Top {
        schema: "spikeflame.top/1",
        files: &about.recordings,
        producer: &about.producer,
        unit: &about.unit,
        event: Some(about.event.as_str()).filter(|event| !event.is_empty()),
        samples: total,
        read: about.read,
        unreadable: about.unreadable,
        unresolved: about.unresolved,
        without_address: about.without_address,
        idle: about.left_out.idle,
        left_out: about.left_out.total(),
        duration_ms: about.window_us.map(|(from, to)| ms(to - from)),
        interval_us: about.interval_us,
        window,
        functions: functions.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &top)?;
    writeln!(out)
}
