//! The errors as JSON, schema `spikeflame.errors/1` (`docs/json.md`).

use super::{ErrorOptions, Errors, Place};
use crate::about::{About, Window};
use crate::number::share;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: &'a str,
    count: u64,
    lines: u64,
    read: u64,
    left_out: u64,
    unreadable: u64,
    window: Option<Window<'a>>,
    errors: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    error: &'a str,
    causes: &'a [String],
    count: u64,
    share: f64,
    first: Option<String>,
    last: Option<String>,
    thrown: Vec<ThrownRow<'a>>,
    means: Option<&'static str>,
    look_at: Option<&'static str>,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct ThrownRow<'a> {
    count: u64,
    app: Option<PlaceRow<'a>>,
    innermost: Option<PlaceRow<'a>>,
}

#[derive(Serialize)]
struct PlaceRow<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    column: u32,
}

fn place(place: &Place) -> PlaceRow<'_> {
    PlaceRow { name: &place.name, file: &place.file, line: place.line, column: place.column }
}

/// Writes the first [`ErrorOptions::rows`] errors as JSON of schema `spikeflame.errors/1`, each
/// with all its places. Shares are from 0 to 1.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(
    errors: &Errors,
    about: &About,
    options: &ErrorOptions,
    out: &mut impl Write,
) -> io::Result<()> {
    let window = about.window();
    let rows = errors.shown(options).0.iter().map(|row| Row {
        error: &row.name,
        causes: &row.causes,
        count: row.count,
        share: share(row.count, errors.total) / 100.0,
        first: errors.moment(row, row.first_us),
        last: errors.moment(row, row.last_us),
        thrown: row
            .thrown
            .iter()
            .map(|thrown| ThrownRow {
                count: thrown.count,
                app: thrown.app.as_ref().map(place),
                innermost: thrown.innermost.as_ref().map(place),
            })
            .collect(),
        means: row.known.map(|known| known.means),
        look_at: row.known.map(|known| known.look_at),
        code: Some(row.code.as_str()).filter(|code| !code.is_empty()),
    });
    let document = Document {
        schema: "spikeflame.errors/1",
        files: &about.recordings,
        count: errors.total,
        lines: errors.lines,
        read: about.read,
        left_out: about.left_out.total(),
        unreadable: about.unreadable,
        window,
        errors: rows.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
