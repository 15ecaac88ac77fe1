//! Lines as JSON, schema `spikeflame.lines/1` (`docs/json.md`).

use super::LinesView;
use crate::About;
use crate::number::share;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Lines<'a> {
    schema: &'static str,
    files: &'a str,
    producer: &'a str,
    unit: &'a str,
    samples: u64,
    functions: Vec<FunctionRow<'a>>,
}

#[derive(Serialize)]
struct FunctionRow<'a> {
    label: &'a str,
    name: &'a str,
    file: &'a str,
    line: u32,
    #[serde(rename = "self")]
    self_weight: u64,
    total: u64,
    lines: Vec<LineRow<'a>>,
}

#[derive(Serialize)]
struct LineRow<'a> {
    /// `None` when the line is not known.
    line: Option<u32>,
    #[serde(rename = "self")]
    self_weight: u64,
    total: u64,
    self_share: f64,
    total_share: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

pub(super) fn write(view: &LinesView, about: &About, out: &mut impl Write) -> io::Result<()> {
    let functions = view.functions.iter().map(|function| {
        let source = view.source.get(&function.file);
        let lines = function.lines.iter().map(|line| LineRow {
            line: Some(line.line).filter(|line| *line > 0),
            self_weight: line.self_weight,
            total: line.total,
            self_share: share(line.self_weight, view.total) / 100.0,
            total_share: share(line.total, view.total) / 100.0,
            source: source.and_then(|lines| lines.get(&line.line)).map(String::as_str),
        });
        FunctionRow {
            label: &function.label,
            name: &function.name,
            file: &function.file,
            line: function.line,
            self_weight: function.self_weight,
            total: function.total,
            lines: lines.collect(),
        }
    });
    let lines = Lines {
        schema: "spikeflame.lines/1",
        files: &about.recordings,
        producer: &about.producer,
        unit: &about.unit,
        samples: view.total,
        functions: functions.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &lines)?;
    writeln!(out)
}
