//! The types of a sample's values, and the choice of the one to read.

use super::spelling::is_of_pyroscope;
use super::tables::Tables;
use crate::error::{Error, ValueFault};
use spikeflame_proto::pprof::ValueType;
use std::borrow::Cow;
use std::path::Path;

/// The value to read of each sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The index of the type among the values of a sample.
    pub(super) at: usize,
    /// The unit of a value of 1, in the plural.
    pub(super) unit: String,
}

/// Chooses the type called `wanted` (`cpu`, or `cpu/nanoseconds`). When `wanted` is `None`, it
/// chooses a type that counts samples, or else the profile's default, or else the last type, as
/// pprof does.
///
/// The error lists the types of the profile.
pub(super) fn choose(
    tables: &Tables<'_>,
    wanted: Option<&str>,
    path: &Path,
) -> Result<Choice, Error> {
    let names = names(tables);
    let find = |test: &dyn Fn(&str, &str) -> bool| names.iter().position(|(t, u)| test(t, u));
    let at = match wanted {
        Some(wanted) => {
            let same = |text: &str| text.eq_ignore_ascii_case(wanted);
            find(&|r#type, unit| same(r#type) || same(&format!("{}/{unit}", r#type)))
                .ok_or_else(|| fault(tables, path, ValueFault::NoKind(wanted.to_owned())))?
        }
        None => {
            let default = tables.string(tables.default_type);
            find(&counts_samples)
                .or_else(|| find(&|r#type, _| !default.is_empty() && r#type == default))
                .or(names.len().checked_sub(1))
                .ok_or_else(|| Error::NoSamples {
                    path: path.to_owned(),
                    why: "it does not state what its values are; record it anew".to_owned(),
                })?
        }
    };
    let unit = names.get(at).map_or(String::new(), |(r#type, unit)| plural(r#type, unit));
    Ok(Choice { at, unit })
}

/// Returns every type of value of the profile, in its order.
pub(super) fn all(tables: &Tables<'_>) -> Vec<Choice> {
    let names = names(tables).into_iter().enumerate();
    names.map(|(at, (r#type, unit))| Choice { at, unit: plural(&r#type, &unit) }).collect()
}

fn names(tables: &Tables<'_>) -> Vec<(String, String)> {
    let name = |number| tables.string(number).into_owned();
    tables.types.iter().map(|t| (name(t.r#type), name(t.unit))).collect()
}

/// Returns the error for a profile without the values that the user named, with the types to choose
/// from.
pub(super) fn fault(tables: &Tables<'_>, path: &Path, fault: ValueFault) -> Error {
    let each = names(tables).into_iter().map(|(r#type, unit)| format!("{type} ({unit})"));
    Error::NoSuchValues { path: path.to_owned(), fault, kinds: each.collect() }
}

/// Returns true for a type whose values are numbers of samples.
pub(crate) fn counts_samples(r#type: &str, unit: &str) -> bool {
    matches!(r#type, "samples" | "sample") && unit == "count"
}

/// Returns the unit in the plural: `samples`, `objects` for `inuse_objects`, else the unit.
fn plural(r#type: &str, unit: &str) -> String {
    if !matches!(unit, "count" | "") {
        return unit.to_owned();
    }
    let word = r#type.strip_prefix("inuse_").or_else(|| r#type.strip_prefix("alloc_"));
    let word = word.unwrap_or(r#type);
    if word.ends_with('s') { word.to_owned() } else { format!("{word}s") }
}

/// Returns the kind of time that the values at `at` measure, or else the period; empty when
/// neither is time.
pub(super) fn time(tables: &Tables<'_>, at: usize) -> String {
    let types = tables.types.get(at).into_iter().chain([&tables.period_type]);
    let time = types.into_iter().find(|t| micros(1, &tables.string(t.unit)).is_some());
    time.map_or_else(String::new, |time| tables.string(time.r#type).into_owned())
}

/// Returns the name of the values at `at`, such as `inuse_space`; empty for numbers of samples. The unit
/// alone does not show which of the values of a heap profile were read.
pub(super) fn event(tables: &Tables<'_>, at: usize) -> String {
    let of = |t: &ValueType| (tables.string(t.r#type), tables.string(t.unit));
    let named = tables.types.get(at).map(of).filter(|(name, unit)| !counts_samples(name, unit));
    named.map_or_else(String::new, |(name, _)| name.into_owned())
}

/// Returns the unit of the period.
pub(super) fn unit_of_period<'a>(tables: &Tables<'a>) -> Cow<'a, str> {
    tables.string(tables.period_type.unit)
}

/// Returns the period in microseconds, when it is time.
pub(super) fn interval_us(tables: &Tables<'_>) -> Option<u64> {
    let period = u64::try_from(tables.period).ok()?;
    micros(period, &tables.string(tables.period_type.unit)).filter(|us| *us > 0)
}

/// Converts a number of a unit of time to microseconds.
fn micros(period: u64, unit: &str) -> Option<u64> {
    match unit {
        "nanoseconds" => Some(period / 1000),
        "microseconds" => Some(period),
        "milliseconds" => period.checked_mul(1000),
        "seconds" => period.checked_mul(1_000_000),
        _ => None,
    }
}

/// Returns the start of the recording in nanoseconds since 1970; 0 when it is not known.
///
/// The libraries for Node write the end in this field. They are recognised by their word
/// for samples or by their form of frame names.
pub(super) fn start_nanos(tables: &Tables<'_>) -> i64 {
    let is_end = tables.types.first().is_some_and(|first| counts_samples_of_node(tables, first))
        || is_of_pyroscope(tables);
    let duration = if is_end { tables.duration_nanos } else { 0 };
    tables.time_nanos.checked_sub(duration).unwrap_or(0).max(0)
}

fn counts_samples_of_node(tables: &Tables<'_>, first: &ValueType) -> bool {
    tables.string(first.r#type) == "sample" && tables.string(first.unit) == "count"
}
