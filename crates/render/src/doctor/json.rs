//! The answer as JSON, schema `spikeflame.doctor/1` (`docs/json.md`).

use super::Diagnosis;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
}

/// Writes a diagnosis as JSON of schema `spikeflame.doctor/1`.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(diagnosis: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(
        &mut *out,
        &Document { schema: "spikeflame.doctor/1", diagnosis },
    )?;
    writeln!(out)
}
