//! Connections as text and as JSON, schema `spikeflame.capacity/1` (`docs/json.md`).

use crate::number::count;
use serde::Serialize;
use spikeflame_load::capacity::{Binds, Capacity, Inputs};
use std::io::{self, Write};

/// Texts for numbers that cannot be calculated. Each states the inputs that the number needs. The
/// default names no flags, because only the program knows them.
#[derive(Clone, Copy, Debug)]
pub struct MissingWords {
    /// The text for [`Capacity::in_flight`], which needs two inputs: the rate of requests and their
    /// mean duration.
    pub in_flight: &'static str,
    /// The text for [`Capacity::needed`], which needs two inputs: the rate of requests and the time
    /// for which a request holds a connection.
    pub needed: &'static str,
    /// The text for [`Capacity::possible`], which needs one of two inputs: the memory of the
    /// database and of a connection, or the database's own limit.
    pub possible: &'static str,
}

impl Default for MissingWords {
    fn default() -> Self {
        Self {
            in_flight: "needs the rate of requests and their mean duration.",
            needed: "needs the rate of requests and the mean time that one holds a connection.",
            possible: "needs the memory of the database and of one connection, or its own limit.",
        }
    }
}

/// The assumption behind numbers from a load test.
const ASSUMED: &str = "Assumed: a request takes as long as in this part of the load test, also at another rate or with \
                       other instances. Only connections are counted: CPU, memory and other services may limit \
                       sooner.";

/// Writes the three numbers, the meaning of each, and the one that limits, if that is known. A number
/// that cannot be calculated is `-`, and `missing` has the words for it.
///
/// ```
/// use spikeflame_load::capacity::{Inputs, capacity};
///
/// let known = Inputs { rps: Some(100.0), mean_s: Some(0.5), ..Inputs::default() };
/// let mut text = Vec::new();
/// let missing = spikeflame_render::capacity::MissingWords::default();
/// spikeflame_render::capacity::text(&known, &capacity(&known), &missing, &mut text)?;
/// assert!(String::from_utf8_lossy(&text).contains("IN FLIGHT"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn text(
    known: &Inputs,
    found: &Capacity,
    missing: &MissingWords,
    out: &mut impl Write,
) -> io::Result<()> {
    let number = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), count);
    let in_flight = found.in_flight.map(|flight| flight.round() as u64);
    let bound = if known.hold_at_most { "at most " } else { "" };
    let needed = |needed: Option<u64>| match needed {
        Some(needed) => format!("{bound}{}", count(needed)),
        None => number(None),
    };
    writeln!(out, "{:>12} {:>12} {:>12}", "IN FLIGHT", "NEEDED", "POSSIBLE")?;
    writeln!(
        out,
        "{:>12} {:>12} {:>12}\n",
        number(in_flight),
        needed(found.needed),
        number(found.possible)
    )?;
    let failed = match known.failed_share.filter(|share| *share > 0.0) {
        Some(share) => format!(
            " {} of them failed, and count too: a failed request may hold a connection like any other.",
            share_of(share)
        ),
        None => String::new(),
    };
    match known.rps.zip(known.mean_s) {
        Some((rps, mean)) => writeln!(
            out,
            "in flight: {} requests a second for {} s each, by Little's law.{failed} The time in \
             queues counts, so this is not the number of connections needed: on the plateau it grows with \
             each further VU.",
            rounded(rps),
            rounded(mean)
        )?,
        None => writeln!(out, "in flight: {}", missing.in_flight)?,
    }
    match known.target_rps.or(known.rps).zip(known.hold_s) {
        Some((rps, hold)) => writeln!(
            out,
            "needed: {} requests a second that hold a connection for {bound}{} s each{}, a fifth of \
             the pool free. Over {} instance{}: {} each.",
            rounded(rps),
            rounded(hold),
            if known.hold_at_most {
                " (no second of the test shows the system at rest)"
            } else {
                ""
            },
            known.instances,
            if known.instances == 1 { "" } else { "s" },
            needed(found.needed.map(|needed| needed.div_ceil(known.instances.max(1))))
        )?,
        None => writeln!(out, "needed: {}", missing.needed)?,
    }
    match found.possible {
        Some(possible) => writeln!(
            out,
            "possible: {} for all instances together, {} each at most.",
            match (found.by_memory, known.max_connections) {
                (Some(memory), Some(limit)) => format!(
                    "{} by memory, {} by the database's own limit",
                    count(memory),
                    count(limit)
                ),
                (Some(memory), None) => format!(
                    "{} by memory (MySQL's own limit, max_connections, is 151 unless changed)",
                    count(memory)
                ),
                (None, _) => format!("{} by the database's own limit", count(possible)),
            },
            count(possible / known.instances.max(1))
        )?,
        None => writeln!(out, "possible: {}", missing.possible)?,
    }
    let verdict = match found.binds {
        Some(Binds::Need) => "\nThe need binds: a pool larger than that only moves the queue.",
        Some(Binds::Memory) => {
            "\nThe database's memory binds: it cannot hold the connections that are needed. Hold \
             them shorter, or give it memory."
        }
        Some(Binds::MaxConnections) => {
            "\nThe database's own limit binds: raise max_connections, as memory allows, or hold \
             connections shorter."
        }
        None => "",
    };
    if !verdict.is_empty() {
        writeln!(out, "{verdict}")?;
    }
    if known.of_load_test {
        writeln!(out, "\n{ASSUMED}")?;
    }
    Ok(())
}

/// Returns a share in per cent. A small one is not 0 %.
fn share_of(share: f64) -> String {
    if share < 0.0005 { "Less than 0.1 %".to_owned() } else { format!("{:.1} %", 100.0 * share) }
}

/// Returns a number in four digits, or with all digits of its whole part: `1.71`, `0.04012`,
/// `53.99`.
fn rounded(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return number;
    }
    let digits = 3 - (number.abs().log10().floor() as i32).clamp(-12, 3);
    let scale = 10f64.powi(digits);
    (number * scale).round() / scale
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    in_flight: Option<f64>,
    failed_share: Option<f64>,
    needed: Option<u64>,
    needed_at_most: Option<u64>,
    possible: Option<u64>,
    by_memory: Option<u64>,
    max_connections: Option<u64>,
    instances: u64,
    binds: Option<&'static str>,
}

/// Writes the numbers of `found` as JSON of schema `spikeflame.capacity/1`, with some of `known`. A
/// number that is not known is `null`.
///
/// # Errors
///
/// Returns an error when `out` fails.
pub fn json(known: &Inputs, found: &Capacity, out: &mut impl Write) -> io::Result<()> {
    let document = Document {
        schema: "spikeflame.capacity/1",
        in_flight: found.in_flight.map(rounded),
        failed_share: known.failed_share.map(rounded),
        needed: found.needed.filter(|_| !known.hold_at_most),
        needed_at_most: found.needed.filter(|_| known.hold_at_most),
        possible: found.possible,
        by_memory: found.by_memory,
        max_connections: known.max_connections,
        instances: known.instances,
        binds: found.binds.map(|binds| match binds {
            Binds::Need => "need",
            Binds::Memory => "memory",
            Binds::MaxConnections => "max_connections",
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn numbers_are_rounded_to_four_digits() {
        for (number, shown) in [
            (390.0, "390"),
            (1.71, "1.71"),
            (53.987_654_321, "53.99"),
            (0.040_123_456, "0.04012"),
            (123_456.7, "123457"),
            (0.0, "0"),
        ] {
            assert_eq!(rounded(number).to_string(), shown);
        }
    }
}
