//! Checks which parts of a run fit together.

use crate::words;
use spikeflame_load::Plateaus;
use spikeflame_load::plateau::NoPlateauReason;
use spikeflame_parse::SourceMaps;
use spikeflame_profile::{CallTree, Category, Kind, Profile, Selection};
use spikeflame_render::doctor::{Check, State};
use spikeflame_render::plateau::starvation;
use spikeflame_render::{count, percent};
use spikeflame_run::{Alignment, Checkup, Content, Error, Facts, Run, ab_side};
use std::collections::BTreeSet;

pub(super) fn has(checkup: &Checkup, is: fn(&Content) -> bool) -> bool {
    checkup.files.iter().any(|file| is(&file.content))
}

pub(super) const fn is_recording(content: &Content) -> bool {
    matches!(content, Content::Recording(_))
}

pub(super) fn check(what: &'static str, state: State, text: impl Into<String>) -> Check {
    Check { subject: what, state, text: text.into(), way: None }
}

/// Adds the next step for the user to a check.
pub(super) fn with_way(check: Check, way: impl Into<String>) -> Check {
    Check { way: Some(way.into()), ..check }
}

/// Checks the parts of a run against each other. `is_shown` is true for a run with a recording, or
/// with a log that is read like one.
pub(super) fn checks(checkup: &Checkup, run: &Run, is_shown: bool) -> Vec<Check> {
    let mut checks: Vec<Check> = ended(checkup).into_iter().collect();
    checks.extend(load(run, is_shown));
    if !has(checkup, is_recording) {
        return checks;
    }
    match run.profile() {
        Ok(profile) => {
            checks.extend(builds(profile));
            checks.extend(records(profile));
            let tree = CallTree::build(profile, &Selection::default());
            checks.push(symbols(&tree));
            checks.extend(maps(&tree, run));
        }
        Err(why) => checks.push(with_way(
            check("records", State::Missing, words::error(&why)),
            "name one of the files, rather than their folder",
        )),
    }
    checks
}

/// Checks how the run ended, by the recorder's facts. Returns `None` for a run that ended well.
fn ended(checkup: &Checkup) -> Option<Check> {
    let folder = if checkup.path.is_dir() { &checkup.path } else { return None };
    let facts = Facts::read(folder).ok().flatten()?;
    let load = facts.load_exit.filter(|exit| exit != "exit code 0");
    let load = load.map(|exit| format!("the load command ended with {exit}"));
    let (state, own) = match facts.failed {
        Some(why) if !has(checkup, is_recording) => (State::Missing, Some(why)),
        // The exit code alone is no sign: npm ends with 1 when its script is asked to end.
        why => (State::Partly, why),
    };
    let is_of_load = load.is_some();
    let parts: Vec<String> = own.into_iter().chain(load).collect();
    let way = match parts.len() {
        1 if is_of_load => "run the load command alone, mend it, and record again",
        _ => "app.log has the program's output; mend the cause and record again",
    };
    (!parts.is_empty()).then(|| with_way(check("end", state, parts.join("; ")), way))
}

/// An uncertainty of the clock in microseconds beyond which windows of a few seconds are wrong.
const FAR_US: u64 = 2_000_000;

/// Returns the check of a thread that had work and got little of a core.
pub(super) fn without_core(text: String) -> Check {
    let way = "record again while nothing else runs on the machine, or with a higher limit of CPU";
    with_way(check("cpu", State::Partly, text), way)
}

/// Checks the load test, its clock, and its plateau.
fn load(run: &Run, is_shown: bool) -> Vec<Check> {
    let timeline = match run.need_timeline() {
        Ok(timeline) => timeline,
        Err(why) => {
            let starved = words::without_core_under_load(run).map(without_core);
            return std::iter::once(no_load(&why)).chain(starved).collect();
        }
    };
    let mut checks = vec![check(
        "load",
        State::Good,
        format!("{}, {} s", timeline.format, timeline.seconds.len()),
    )];
    if is_shown {
        checks.push(match run.alignment() {
            Ok(Alignment { clock, .. }) if clock.uncertainty_us > FAR_US => with_way(
                check("clocks", State::Partly, words::clock(clock)),
                "give the start of the recording with --profile-start",
            ),
            Ok(alignment) => check("clocks", State::Good, words::clock(&alignment.clock)),
            Err(why @ Error::TwoRuns(_)) => with_way(
                check("clocks", State::Missing, words::error(&why)),
                "name one of the recordings; the load test beside it is found",
            ),
            Err(why) => check("clocks", State::Missing, words::error(&why)),
        });
    }
    let starved = run.starved();
    if !starved.is_empty() {
        let found = run.found().ok().and_then(|found| found.as_ref().ok());
        checks.push(without_core(starvation(&starved, found.map(Plateaus::chosen), true)));
    }
    checks.push(match run.found() {
        Ok(Ok(found)) => {
            let window = found.chosen().window;
            let (from, to) = (window.from, window.to);
            let text = format!("{} s, from {from} s to {to} s of the load test", window.seconds());
            check("plateau", State::Good, text)
        }
        Ok(Err(why)) => {
            let way = match why.why {
                NoPlateauReason::NoSuch { .. } => "leave --plateau out to see them all".to_owned(),
                _ => format!(
                    "to go on with this test, take {}: --window {}",
                    words::stretch_instead(why),
                    words::window_instead(why)
                ),
            };
            with_way(check("plateau", State::Missing, format!("none: {why}")), way)
        }
        Err(why) => check("plateau", State::Missing, words::error(&why)),
    });
    checks
}

/// Returns the check of a run without a load test, or with one that cannot be used.
fn no_load(why: &Error) -> Check {
    let text = match why {
        Error::NoTimeline { .. } => "totals only: they have no seconds to find a window in",
        Error::SeveralLoads { .. } => {
            let check = check("load", State::Missing, why.to_string());
            return with_way(check, "name one of them with --load");
        }
        Error::Load(_) | Error::Recording(_) => {
            return check("load", State::Missing, words::error(why));
        }
        _ => "no load test",
    };
    let way =
        "put what `k6 run --out json=k6.json.gz` writes into the folder, or name it with --load";
    with_way(check("load", State::Missing, text), way)
}

/// Checks that the recordings that are read are of the same program.
fn builds(profile: &Profile) -> Option<Check> {
    let sources = profile.sources.iter().filter(|source| source.unit != "errors");
    let producers: BTreeSet<&str> = sources.map(|source| source.producer.as_str()).collect();
    let words = producers.iter().copied().collect::<Vec<_>>().join("; ");
    Some(match producers.len() {
        0 => return None,
        1 if words.is_empty() => return None,
        1 => check("builds", State::Good, words),
        _ => with_way(
            check("builds", State::Partly, format!("recordings of several programs: {words}")),
            "name the recordings of one of them",
        ),
    })
}

/// Checks whether some records could not be used.
fn records(profile: &Profile) -> Option<Check> {
    let lost = profile.unreadable();
    if lost == 0 && profile.losses.is_empty() {
        return None;
    }
    let all = profile.total().saturating_add(lost);
    let text = format!("{} of {} samples cannot be read", count(lost), count(all));
    Some(with_way(check("records", State::Partly, text), "the warnings below name the places"))
}

/// Checks the share of the samples that end in code with a name.
fn symbols(tree: &CallTree) -> Check {
    let (mut native, mut nameless) = (0, 0);
    for entry in tree.entries() {
        let weight: u64 = entry.self_tiers.iter().sum();
        let is_nameless = match entry.kind {
            Kind::Unresolved => true,
            Kind::Native => entry.name.is_empty(),
            _ => false,
        };
        nameless += if is_nameless { weight } else { 0 };
        native += if is_nameless || entry.kind == Kind::Native { weight } else { 0 };
    }
    if native == 0 {
        return check("symbols", State::Good, "no sample ends in native code");
    }
    let share = percent(nameless, tree.total());
    let text = format!("{share} of the samples end in native code without a name");
    if nameless.saturating_mul(100) < tree.total() {
        return check("symbols", State::Good, text);
    }
    let way = "copy the binaries of the machine that ran into a folder, and add --symbols DIR";
    with_way(check("symbols", State::Partly, text), way)
}

/// Checks whether the application's own code is shown with its original sources.
fn maps(tree: &CallTree, run: &Run) -> Option<Check> {
    let is_own = |entry: &&spikeflame_profile::Entry| {
        entry.kind == Kind::Js && entry.category == Category::App && !entry.file.is_empty()
    };
    let own: Vec<_> = tree.entries().iter().filter(is_own).collect();
    let (all, mapped) = (own.len(), own.iter().filter(|entry| is_original(&entry.file)).count());
    if all == 0 {
        return None;
    }
    if mapped > 0 {
        let text = format!("{mapped} of {all} functions of your own code are in TypeScript");
        return Some(check("source maps", State::Good, text));
    }
    let found = found_by_maps(run);
    if found > 0 {
        let (state, text) = match (found, all) {
            (_, 1) => (State::Good, "the function of your own code has a source map here".into()),
            (found, all) if found >= all => {
                (State::Good, format!("all {all} functions of your own code have source maps here"))
            }
            (1, all) => (
                State::Partly,
                format!("1 of the {all} functions of your own code has a source map here"),
            ),
            (found, all) => (
                State::Partly,
                format!("{found} of the {all} functions of your own code have source maps here"),
            ),
        };
        let check = check("source maps", state, text);
        return Some(with_way(check, "--source-maps shows their sources"));
    }
    let text = match all {
        1 => {
            "the function of your own code is in JavaScript, without a source map; if its source is TypeScript, set `sourceMap`"
                .into()
        }
        all => format!(
            "the {all} functions of your own code are in JavaScript, without source maps; if their \
             source is TypeScript, set `sourceMap`"
        ),
    };
    Some(check("source maps", State::Good, text))
}

fn is_original(file: &str) -> bool {
    [".ts", ".tsx", ".mts", ".cts", ".vue"].iter().any(|end| file.ends_with(end))
}

/// Returns the number of functions of the application itself for which source maps find a source in
/// another language. The maps of packages are not counted.
fn found_by_maps(run: &Run) -> usize {
    let reading = spikeflame_parse::Options {
        source_maps: Some(SourceMaps {
            roots: run.inputs().first().and_then(|run| ab_side(run)).into_iter().collect(),
        }),
        ..run.reading().clone()
    };
    let Ok(profile) = spikeflame_parse::read(run.inputs(), &reading) else { return 0 };
    let tree = CallTree::build(&profile, &Selection::default());
    let is_found = |entry: &&spikeflame_profile::Entry| {
        entry.category == Category::App && is_original(&entry.file)
    };
    tree.entries().iter().filter(is_found).count()
}
