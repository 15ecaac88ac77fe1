//! The spelling of function names by the libraries for Node.

use super::tables::Tables;
use spikeflame_proto::pprof::Function;
use std::borrow::Cow;

/// Returns the name of a function. Pyroscope's library for Node writes the file in front of
/// it and the line after it (`./app.js:step:12`, `:(idle):0`), and stores the plain name as
/// the linker's.
pub(super) fn name_of<'a>(tables: &Tables<'a>, function: &Function) -> Cow<'a, str> {
    let name = tables.string(function.name);
    let own = tables.string(function.system_name);
    if is_framed(&name, &own) { own } else { name }
}

/// Returns true for profiles of Pyroscope's library for Node.
pub(super) fn is_of_pyroscope(tables: &Tables<'_>) -> bool {
    let framed = |it: &Function| is_framed(&tables.string(it.name), &tables.string(it.system_name));
    tables.functions.values().any(framed)
}

fn is_framed(name: &str, own: &str) -> bool {
    let Some((rest, line)) = name.rsplit_once(':') else { return false };
    let is_number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    let file = rest.strip_suffix(own).and_then(|rest| rest.strip_suffix(':'));
    is_number && !own.is_empty() && file.is_some()
}

/// Returns the position in `(anonymous:L#12:C#3)`; `Some(None)` for a name without one.
pub(super) fn anonymous(name: &str) -> Option<Option<(u32, u32)>> {
    let within = name.strip_prefix("(anonymous")?.strip_suffix(')')?;
    if within.is_empty() {
        return Some(None);
    }
    let (line, column) = match within.strip_prefix(":L#")?.split_once(":C") {
        Some((line, column)) => (line, column.strip_prefix('#').unwrap_or(column)),
        None => (within.strip_prefix(":L#")?, "0"),
    };
    Some(Some((line.parse().ok()?, column.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_functions_tell_where_they_stand() {
        let cases = [
            ("(anonymous)", Some(None)),
            ("(anonymous:L#12:C#3)", Some(Some((12, 3)))),
            ("(anonymous:L#12:C3)", Some(Some((12, 3)))),
            ("(anonymous:L#12)", Some(Some((12, 0)))),
            ("(anonymous:L#x:C#3)", None),
            ("(anonymous namespace)::f", None),
            ("anonymous", None),
        ];
        for (name, place) in cases {
            assert_eq!(anonymous(name), place, "{name}");
        }
    }

    #[test]
    fn names_that_pyroscope_framed_are_told_from_others() {
        let framed = [
            ("./app.js:step:12", "step"),
            (":(idle):0", "(idle)"),
            ("node:net:(anonymous:L#1326:C#73):1326", "(anonymous:L#1326:C#73)"),
        ];
        assert!(framed.iter().all(|(name, own)| is_framed(name, own)));
        let others = [("a:12", "a"), ("x:a:", "a"), ("x:a:b", "a"), ("x:b:1", "a"), ("x::1", "")];
        assert!(!others.iter().any(|(name, own)| is_framed(name, own)));
    }
}
