//! Units of the quantities that monitors measure.

/// The unit of a quantity, as far as a view needs it to write a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A plain number, or a unit that is not known.
    #[default]
    Plain,
    /// Per cent: 0 to 100 for a share of one whole.
    Percent,
    /// A share of one whole, from 0 to 1.
    Share,
    /// A number of bytes.
    Bytes,
    /// A number of bytes a second.
    BytesPerSecond,
    /// A duration in seconds.
    Seconds,
    /// A number of events a second.
    PerSecond,
}

impl Unit {
    /// Returns the unit for a name that CloudWatch, Grafana or a table uses, and the factor that
    /// converts values to this unit.
    pub(crate) fn named(name: &str) -> Option<(Self, f64)> {
        const KI: f64 = 1024.0;
        let lower = name.trim().to_lowercase();
        let (plain, per_second) = match lower.strip_suffix("/second").or(lower.strip_suffix("/s")) {
            Some(plain) => (plain.trim(), true),
            None => (lower.as_str(), false),
        };
        let (unit, factor) = match plain {
            "percent" | "%" => (Self::Percent, 1.0),
            "percentunit" => (Self::Share, 1.0),
            "bytes" | "byte" | "b" | "decbytes" => (Self::Bytes, 1.0),
            "kilobytes" | "kb" => (Self::Bytes, 1e3),
            "megabytes" | "mb" => (Self::Bytes, 1e6),
            "gigabytes" | "gb" => (Self::Bytes, 1e9),
            "terabytes" | "tb" => (Self::Bytes, 1e12),
            "kib" => (Self::Bytes, KI),
            "mib" => (Self::Bytes, KI * KI),
            "gib" => (Self::Bytes, KI * KI * KI),
            "tib" => (Self::Bytes, KI * KI * KI * KI),
            "bps" | "binbps" if name == "Bps" || name == "binBps" => (Self::BytesPerSecond, 1.0),
            "seconds" | "s" => (Self::Seconds, 1.0),
            "milliseconds" | "ms" => (Self::Seconds, 1e-3),
            "microseconds" | "us" | "µs" | "μs" => (Self::Seconds, 1e-6),
            "ns" => (Self::Seconds, 1e-9),
            "min" | "mins" => (Self::Seconds, 60.0),
            "hour" | "hours" => (Self::Seconds, 3_600.0),
            "count" | "none" | "short" | "" => (Self::Plain, 1.0),
            "k" => (Self::Plain, 1e3),
            "mil" => (Self::Plain, 1e6),
            "bil" => (Self::Plain, 1e9),
            "req" | "ops" | "reqps" | "rps" | "cps" | "wps" | "iops" if !per_second => {
                (Self::PerSecond, 1.0)
            }
            "req" | "ops" | "io" => (Self::Plain, 1.0),
            _ => return None,
        };
        let unit = match (unit, per_second) {
            (Self::Bytes, true) => Self::BytesPerSecond,
            (Self::Plain, true) => Self::PerSecond,
            (unit, _) => unit,
        };
        Some((unit, factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_cloudwatch_grafana_and_cells() {
        for (name, unit, factor) in [
            ("Percent", Unit::Percent, 1.0),
            ("Bytes/Second", Unit::BytesPerSecond, 1.0),
            ("Kilobytes/Second", Unit::BytesPerSecond, 1e3),
            ("Count/Second", Unit::PerSecond, 1.0),
            ("Microseconds", Unit::Seconds, 1e-6),
            ("GiB", Unit::Bytes, 1_073_741_824.0),
            ("req/s", Unit::PerSecond, 1.0),
            ("iops", Unit::PerSecond, 1.0),
            ("io/s", Unit::PerSecond, 1.0),
            ("K", Unit::Plain, 1e3),
            ("", Unit::Plain, 1.0),
        ] {
            assert_eq!(Unit::named(name), Some((unit, factor)), "{name}");
        }
        assert_eq!(Unit::named("parsecs"), None);
    }
}
