//! The requests of which a load test consists: a cost per request follows them.

use crate::run::RunCounts;
use crate::table::Side;
use crate::warning::Warning;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// An endpoint whose share of the requests differs by less is not reported.
const LEAST_SHARE: f64 = 0.05;
/// The number of standard errors by which a share must differ.
const CLEAR_ERRORS: f64 = 3.0;
/// A choice of this share of the requests or more is nearly all of them.
const NEARLY_ALL: f64 = 0.98;

/// Returns warnings about other requests on the two sides, and about costs that are divided by some of the requests.
pub(crate) fn other_requests(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let chosen = |side| {
        let shares: Vec<f64> = of_side(runs, side).filter_map(|run| run.mix.chosen).collect();
        let number = shares.len().max(1) as f64;
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / number)
    };
    let (before, after) = (chosen(Side::Before), chosen(Side::After));
    let least = before.unwrap_or(1.0).min(after.unwrap_or(1.0));
    let part = (least < NEARLY_ALL).then(|| Warning::PartOfRequests {
        before: before.unwrap_or(1.0),
        after: after.unwrap_or(1.0),
    });
    part.into_iter().chain(other_mix(runs)).collect()
}

fn of_side<'r>(
    runs: &'r [(Side, &'r RunCounts)],
    side: Side,
) -> impl Iterator<Item = &'r RunCounts> {
    runs.iter().filter(move |(of, _)| *of == side).map(|(_, run)| *run)
}

/// Returns a warning that names the endpoint whose share of the requests differs most.
fn other_mix(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let [before, after] =
        [requests_of(of_side(runs, Side::Before))?, requests_of(of_side(runs, Side::After))?];
    let sum = |of: &BTreeMap<Cow<'_, str>, f64>| of.values().sum::<f64>();
    let (all_before, all_after) = (sum(&before), sum(&after));
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).map(AsRef::as_ref).collect();
    let shares = names.into_iter().map(|name| {
        let of = |side: &BTreeMap<Cow<'_, str>, f64>, all: f64| {
            side.get(name).copied().unwrap_or(0.0) / all
        };
        (name, of(&before, all_before), of(&after, all_after))
    });
    let apart = |(_, one, other): &(&str, f64, f64)| (one - other).abs();
    let (name, one, other) = shares.max_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    is_other((one, all_before), (other, all_after)).then(|| Warning::MixDiffers {
        of_window: runs.iter().all(|(_, run)| run.mix.of_window),
        endpoint: name.to_owned(),
        before: one,
        after: other,
    })
}

/// The share of an endpoint among the requests of the builds of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct MixRange {
    /// The endpoint whose share differs most between two builds. An address lacks its host and its query, and has
    /// a star for each number in its path.
    pub endpoint: String,
    /// The lowest share of a build, from 0 to 1.
    pub least: f64,
    /// The highest share of a build, from 0 to 1.
    pub most: f64,
    /// The first run of the build with the highest share.
    pub at: String,
}

/// Returns the endpoint whose share differs most between two points of a history; `None` when no share
/// differs with certainty, and when the requests are not known of each run.
pub(crate) fn range(points: &[Vec<&RunCounts>]) -> Option<MixRange> {
    let of_points = points.iter().map(|runs| requests_of(runs.iter().copied()));
    let of_points: Vec<BTreeMap<Cow<'_, str>, f64>> = of_points.collect::<Option<_>>()?;
    let names: BTreeSet<&str> =
        of_points.iter().flat_map(BTreeMap::keys).map(AsRef::as_ref).collect();
    let ranges = names.into_iter().filter_map(|name| {
        let share = |(at, of): (usize, &BTreeMap<Cow<'_, str>, f64>)| {
            let all = of.values().sum::<f64>();
            (of.get(name).copied().unwrap_or(0.0) / all, all, at)
        };
        let mut shares: Vec<_> = of_points.iter().enumerate().map(share).collect();
        shares.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (&(least, few, _), &(most, many, at)) = (shares.first()?, shares.last()?);
        is_other((least, few), (most, many)).then_some((name, least, most, at))
    });
    let (name, least, most, at) = ranges.max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)))?;
    let at = points.get(at)?.first()?.name.clone();
    Some(MixRange { endpoint: name.to_owned(), least, most, at })
}

/// Returns true when two shares, each of a number of requests, differ with certainty.
fn is_other((one, of_one): (f64, f64), (other, of_other): (f64, f64)) -> bool {
    let mean = (one + other) / 2.0;
    let error = (mean * (1.0 - mean) * (1.0 / of_one + 1.0 / of_other)).sqrt();
    (one - other).abs() >= LEAST_SHARE.max(CLEAR_ERRORS * error)
}

/// Returns the requests of some runs by endpoint; `None` when they are not known of each run.
fn requests_of<'r>(
    runs: impl Iterator<Item = &'r RunCounts>,
) -> Option<BTreeMap<Cow<'r, str>, f64>> {
    let mut requests = BTreeMap::new();
    for run in runs {
        if run.mix.endpoints.is_empty() {
            return None;
        }
        for (name, number) in &run.mix.endpoints {
            *requests.entry(general(name)).or_default() += *number as f64;
        }
    }
    Some(requests)
}

/// Returns an address without its host and its query, and with a star for each number in its path: both sides may
/// have other ports, and the values of a load test that counts up are no other requests. Other names are kept.
fn general(endpoint: &str) -> Cow<'_, str> {
    let path = without_host(endpoint);
    if !path.starts_with('/') {
        return Cow::Borrowed(endpoint);
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    if !path.split('/').any(|part| is_number(&part)) {
        return Cow::Borrowed(path);
    }
    let parts = path.split('/').map(|part| if is_number(&part) { "*" } else { part });
    Cow::Owned(parts.collect::<Vec<_>>().join("/"))
}

/// Returns an endpoint without the scheme and the host of an address.
fn without_host(endpoint: &str) -> &str {
    let path = endpoint.split_once("://").and_then(|(_, rest)| {
        let at = rest.find('/')?;
        rest.get(at..)
    });
    path.unwrap_or(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Options, compare_counts};
    use crate::comparison::Comparison;
    use crate::gate::{Gate, GateResult, Limit};
    use crate::run::{RequestMix, Run};
    use spikeflame_profile::{GroupBy, Selection, folded};

    fn compared(before: RequestMix, after: RequestMix) -> Comparison {
        let all = Selection::default();
        let side = |text: &str, mix: RequestMix| {
            let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
            RunCounts::count(&Run {
                requests: Some(1_000.0),
                interval_ms: Some(1.0),
                mix,
                ..Run::new("run", &profile, &all)
            })
        };
        let before = side("main;parse 4000\nmain;write 3000\n", before);
        let after = side("main;parse 4010\nmain;write 3010\n", after);
        compare_counts(&[before], &[after], &Options::default()).unwrap()
    }

    /// Returns the warnings about requests for a run a side.
    fn warned(before: RequestMix, after: RequestMix) -> Vec<String> {
        let compared = compared(before, after);
        let of_requests = |of: &&Warning| {
            matches!(of, Warning::MixDiffers { .. } | Warning::PartOfRequests { .. })
        };
        compared.warnings.iter().filter(of_requests).map(ToString::to_string).collect()
    }

    fn mix(host: &str, a: u64, b: u64) -> RequestMix {
        let endpoints = vec![(format!("{host}/a"), a), (format!("{host}/b"), b)];
        RequestMix { endpoints, chosen: None, of_window: true }
    }

    /// A load test with 20 % of expensive requests before and 50 % after had a function that "rose by 152 %".
    #[test]
    fn another_mix_of_requests_has_a_warning_with_both_shares() {
        let found = warned(mix("http://x:1", 800, 200), mix("http://x:2", 500, 500));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("/a is 80.0 % of the requests before and 50.0 % after"),
            "{found:?}"
        );
        assert!(warned(mix("http://x:1", 800, 200), mix("http://y:2", 790, 210)).is_empty());
        assert!(
            warned(mix("", 8, 2), mix("", 6, 4)).is_empty(),
            "so few requests differ by chance"
        );
        assert!(warned(mix("", 800, 200), RequestMix::default()).is_empty());
        // A query that counts up, and a number in the path, are no other requests.
        let counted = |from: u64| RequestMix {
            endpoints: (from..from + 9)
                .map(|n| (format!("http://x:1/i/{n}/of?n={n}"), 100))
                .collect(),
            ..mix("", 0, 0)
        };
        assert!(warned(counted(0), counted(20)).is_empty());
        assert_eq!(general("GET /a?b"), "GET /a?b", "a name");
    }

    /// The function of the endpoint with more requests crossed the gate `regression`.
    #[test]
    fn another_mix_of_requests_crosses_no_gate() {
        let checked = |after| {
            let mut compared = compared(mix("", 800, 200), after);
            (compared.totals.after, compared.totals.ci) =
                (2.0 * compared.totals.before, (1.9, 2.1));
            compared.totals.uncorrected.1 = 2.0 * compared.totals.uncorrected.0;
            Gate::Total(Limit::Share(0.1)).check(&compared, GroupBy::Function)
        };
        assert!(matches!(checked(mix("", 790, 210)), GateResult::No(_)));
        assert!(matches!(checked(mix("", 500, 500)), GateResult::Unknown(_)));
    }

    /// Histories had no word of another mix of requests.
    #[test]
    fn builds_of_a_history_with_another_mix_name_the_endpoint() {
        let profile = folded::read(&mut &b"main;parse 3\n"[..], "example", None).unwrap();
        let all = Selection::default();
        let run = |name, a, b| {
            RunCounts::count(&Run { mix: mix("", a, b), ..Run::new(name, &profile, &all) })
        };
        let [one, two, three] = [run("v1", 800, 200), run("v2", 500, 500), run("v3", 790, 210)];
        let found = range(&[vec![&one], vec![&two], vec![&three]]).unwrap();
        assert_eq!((found.least, found.most), (0.5, 0.8));
        assert_eq!((found.endpoint.as_str(), found.at.as_str()), ("/a", "v1"));
        assert_eq!(range(&[vec![&one], vec![&three]]), None);
    }

    /// The CPU of all requests was divided by those of one endpoint, without a word.
    #[test]
    fn costs_divided_by_some_of_the_requests_have_a_warning() {
        let of = |chosen| RequestMix { chosen, ..RequestMix::default() };
        let found = warned(of(Some(0.8)), of(Some(0.5)));
        assert!(
            found.len() == 1 && found[0].contains("80.0 % of all before and 50.0 % after"),
            "{found:?}"
        );
        assert!(warned(of(None), of(Some(0.99))).is_empty());
    }
}
