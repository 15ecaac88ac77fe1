//! Units of the quantities that monitors measure.

/// The unit of a quantity. Values in larger or smaller units, such as kilobytes or milliseconds,
/// are converted when they are read, where the input names the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A plain number, or a unit that is not known.
    #[default]
    Plain,
    /// Per cent; a whole is 100.
    Percent,
    /// A share; a whole is 1.
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
        if let Some(factor) = rate_of_grafana(name.trim()) {
            return Some((Self::BytesPerSecond, factor));
        }
        if let Some(factor) = bits(name.trim()) {
            return Some((Self::BytesPerSecond, factor));
        }
        // Kubernetes writes memory as `900Mi`.
        if let Some(at) = ["Ki", "Mi", "Gi", "Ti", "Pi"].iter().position(|known| *known == name) {
            return Some((Self::Bytes, KI.powi(i32::try_from(at).ok()? + 1)));
        }
        let lower = name.trim().to_lowercase();
        let (plain, per_second) = match lower.strip_suffix("/second").or(lower.strip_suffix("/s")) {
            Some(plain) => (plain.trim(), true),
            None => (lower.as_str(), false),
        };
        let (unit, factor) = match plain {
            "percent" | "%" => (Self::Percent, 1.0),
            "percentunit" => (Self::Share, 1.0),
            "bytes" | "byte" | "b" | "decbytes" => (Self::Bytes, 1.0),
            "kilobytes" | "kb" | "deckbytes" => (Self::Bytes, 1e3),
            "megabytes" | "mb" | "decmbytes" => (Self::Bytes, 1e6),
            "gigabytes" | "gb" | "decgbytes" => (Self::Bytes, 1e9),
            "terabytes" | "tb" | "dectbytes" => (Self::Bytes, 1e12),
            // Grafana's identifiers without `dec` are of 1024.
            "kib" | "kbytes" => (Self::Bytes, KI),
            "mib" | "mbytes" => (Self::Bytes, KI * KI),
            "gib" | "gbytes" => (Self::Bytes, KI * KI * KI),
            "tib" | "tbytes" => (Self::Bytes, KI * KI * KI * KI),
            "bps" | "binbps" => {
                let is_bytes = name.trim_end().ends_with("Bps");
                (Self::BytesPerSecond, if is_bytes { 1.0 } else { 0.125 })
            }
            "bits" | "decbits" => (Self::Bytes, 0.125),
            "seconds" | "second" | "sec" | "s" => (Self::Seconds, 1.0),
            "milliseconds" | "millisecond" | "ms" => (Self::Seconds, 1e-3),
            "microseconds" | "us" | "µs" | "μs" => (Self::Seconds, 1e-6),
            "nanoseconds" | "ns" => (Self::Seconds, 1e-9),
            "min" | "mins" | "minute" | "minutes" => (Self::Seconds, 60.0),
            "h" | "hour" | "hours" => (Self::Seconds, 3_600.0),
            "day" | "days" => (Self::Seconds, 86_400.0),
            "week" | "weeks" => (Self::Seconds, 604_800.0),
            "dtdurationms" => (Self::Seconds, 1e-3),
            "dtdurations" => (Self::Seconds, 1.0),
            "count" | "none" | "short" | "" => (Self::Plain, 1.0),
            "k" => (Self::Plain, 1e3),
            "mil" => (Self::Plain, 1e6),
            "bil" => (Self::Plain, 1e9),
            "req" | "ops" | "reqps" | "rps" | "cps" | "wps" | "pps" | "iops" if !per_second => {
                (Self::PerSecond, 1.0)
            }
            "reqpm" | "rpm" | "opm" | "cpm" | "wpm" => (Self::PerSecond, 1.0 / 60.0),
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

/// Returns the factor that converts a number with this unit to cores, when the column is one of CPU. Kubernetes
/// writes `100m` for a tenth of a core.
pub(crate) fn cores_of(unit: &str, column: &str) -> Option<f64> {
    let factor = match unit {
        "m" => 1e-3,
        "u" => 1e-6,
        "n" => 1e-9,
        _ => return None,
    };
    let lower = column.to_lowercase();
    ["cpu", "core"].iter().any(|word| lower.contains(word)).then_some(factor)
}

/// Returns the bytes in one unit of Grafana's rates: `MBs` is megabytes a second, `KiBs` kibibytes,
/// `Mbits` and `Mibits` bits.
fn rate_of_grafana(unit: &str) -> Option<f64> {
    let (prefix, of_bits) = match unit.strip_suffix("bits") {
        Some(prefix) => (prefix, true),
        None => (unit.strip_suffix("Bs")?, false),
    };
    let letter = prefix.strip_suffix('i').unwrap_or(prefix);
    let base: f64 = if letter.len() < prefix.len() { 1_024.0 } else { 1_000.0 };
    let power = ["K", "M", "G", "T", "P"].iter().position(|known| *known == letter)?;
    let bytes = base.powi(i32::try_from(power).ok()? + 1);
    Some(if of_bits { bytes / 8.0 } else { bytes })
}

/// Returns the bytes in one unit of a rate in bits: `Kilobits/Second` of CloudWatch, and `kb/s` of
/// Grafana, which writes bytes with a capital B. Returns `None` for any other unit.
fn bits(unit: &str) -> Option<f64> {
    let (plain, _) = unit.rsplit_once('/').filter(|(_, per)| {
        ["s", "sec", "second"].iter().any(|second| per.eq_ignore_ascii_case(second))
    })?;
    let plain = plain.trim();
    let prefix = plain
        .strip_suffix(['b'])
        .filter(|prefix| prefix.len() < 3)
        .or_else(|| plain.strip_suffix("bits").or_else(|| plain.strip_suffix("bit")))?;
    let factor = match prefix.to_lowercase().as_str() {
        "" => 1.0,
        "k" | "kilo" => 1e3,
        "m" | "mega" => 1e6,
        "g" | "giga" => 1e9,
        "t" | "tera" => 1e12,
        "ki" => 1_024.0,
        "mi" => 1_048_576.0,
        "gi" => 1_073_741_824.0,
        _ => return None,
    };
    Some(factor / 8.0)
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
            // Grafana writes bits with a small b, and bytes with a capital one.
            ("kb/s", Unit::BytesPerSecond, 125.0),
            ("Mb/s", Unit::BytesPerSecond, 125_000.0),
            ("b/s", Unit::BytesPerSecond, 0.125),
            ("kB/s", Unit::BytesPerSecond, 1e3),
            ("MB/s", Unit::BytesPerSecond, 1e6),
            ("Kilobits/Second", Unit::BytesPerSecond, 125.0),
            ("MiB/s", Unit::BytesPerSecond, 1_048_576.0),
            ("MBs", Unit::BytesPerSecond, 1e6),
            ("KiBs", Unit::BytesPerSecond, 1_024.0),
            ("Mbits", Unit::BytesPerSecond, 125_000.0),
            ("mbytes", Unit::Bytes, 1_048_576.0),
            ("decmbytes", Unit::Bytes, 1e6),
            ("rpm", Unit::PerSecond, 1.0 / 60.0),
            ("days", Unit::Seconds, 86_400.0),
        ] {
            assert_eq!(Unit::named(name), Some((unit, factor)), "{name}");
        }
        assert_eq!(Unit::named("parsecs"), None);
    }
}
