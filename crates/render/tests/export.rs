//! Exports hold every sample. These tests read the files with a few lines that know only the
//! format.

use crate::made;

use made::{entries, json, profile, samples, source, totals};
use proptest::prelude::*;
use serde_json::Value;
use spikeflame_profile::{Profile, Source, Tier, folded};
use spikeflame_render::export::{self, ExportError, Format};
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn speedscope_holds_every_stack(entries in entries(2), source in source()) {
        let whole = profile(entries, source);
        let file = json(&whole, Format::Speedscope);
        let source = &whole.sources[0];
        let counts_samples = matches!(source.unit.as_str(), "ticks" | "samples");
        let (unit, factor) = match (source.unit.as_str(), source.interval_us) {
            ("nanoseconds" | "bytes", _) => (source.unit.as_str(), 1),
            (_, Some(us)) if counts_samples => ("microseconds", us),
            (_, None) if counts_samples && whole.step_us().is_some() => {
                ("microseconds", whole.step_us().unwrap())
            }
            _ => ("none", 1),
        };
        let frames = file["shared"]["frames"].as_array().unwrap();
        let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
        for (at, thread) in whole.threads.iter().enumerate() {
            let one = &file["profiles"][at];
            prop_assert_eq!(one["name"].as_str().unwrap(), thread.name.as_str());
            prop_assert_eq!(one["unit"].as_str().unwrap(), unit);
            let weights = numbers(&one["weights"]);
            prop_assert_eq!(weights.iter().sum::<u64>(), thread.samples.total() * factor);
            prop_assert_eq!(one["endValue"].as_u64().unwrap(), thread.samples.total() * factor);
            prop_assert_eq!(
                numbers(&file["spikeflame"]["counts"][at]),
                thread.samples.iter().map(|(_, weight)| weight).collect::<Vec<_>>()
            );
            let times = &file["spikeflame"]["times_us"];
            if source.timed {
                let expected: Vec<u64> = thread.samples.iter().map(|(s, _)| s.time_us).collect();
                prop_assert_eq!(numbers(&times[at]), expected);
            } else {
                prop_assert!(times.is_null());
            }
            for (stack, weight) in one["samples"].as_array().unwrap().iter().zip(weights) {
                let labels: Vec<String> = numbers(stack)
                    .into_iter()
                    .map(|frame| {
                        let frame = &frames[frame as usize];
                        label(&frame["name"], &frame["file"], &frame["line"], &frame["col"], 0)
                    })
                    .collect();
                *stacks.entry(labels.join(";")).or_default() += weight / factor;
            }
        }
        prop_assert_eq!(text(&stacks), plain_fold(&whole));
    }

    #[test]
    fn cpuprofile_holds_every_stack(entries in entries(1), source in source()) {
        let whole = profile(entries, source);
        let file = json(&whole, Format::CpuProfile);
        let nodes = file["nodes"].as_array().unwrap();
        let mut paths: BTreeMap<u64, String> = BTreeMap::from([(1, String::new())]);
        let mut hits = 0;
        for node in nodes {
            // Samples of the root are pauses.
            hits += if node["id"] == 1 { 0 } else { node["hitCount"].as_u64().unwrap() };
            let path = paths[&node["id"].as_u64().unwrap()].clone();
            for child in node["children"].as_array().into_iter().flatten() {
                let id = child.as_u64().unwrap();
                let call = &nodes[id as usize - 1]["callFrame"];
                let url = if call["url"] == "" { &Value::Null } else { &call["url"] };
                let label =
                    label(&call["functionName"], url, &call["lineNumber"], &call["columnNumber"], 1);
                let above = if path.is_empty() { String::new() } else { format!("{path};") };
                prop_assert!(paths.insert(id, above + &label).is_none());
            }
        }
        prop_assert_eq!(paths.len(), nodes.len());
        prop_assert_eq!(hits, whole.total());
        let ids = numbers(&file["samples"]);
        let deltas = numbers(&file["timeDeltas"]);
        let weights = match &file["spikeflame"]["weights"] {
            Value::Null => vec![1; ids.len()],
            weights => numbers(weights),
        };
        prop_assert_eq!((ids.len(), ids.len()), (deltas.len(), weights.len()));
        let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
        let (mut now, mut times) = (0, Vec::new());
        for ((id, delta), weight) in ids.into_iter().zip(deltas).zip(weights) {
            now += delta;
            if weight == 0 {
                // A pause belongs to no function.
                prop_assert_eq!(id, 1);
                continue;
            }
            times.push((now, weight));
            *stacks.entry(paths[&id].clone()).or_default() += weight;
        }
        let span = file["endTime"].as_u64().unwrap() - file["startTime"].as_u64().unwrap();
        prop_assert!(span >= now);
        prop_assert_eq!(text(&stacks), plain_fold(&whole));
        if whole.sources[0].timed {
            prop_assert_eq!(&times, &samples(&whole)["main"]);
        }
    }

    #[test]
    fn firefox_holds_every_stack(entries in entries(2), source in source()) {
        let whole = profile(entries, source);
        let file = json(&whole, Format::Firefox);
        let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
        let mut sums = BTreeMap::new();
        for thread in file["threads"].as_array().unwrap() {
            let strings = thread["stringArray"].as_array().unwrap();
            let column = |table: &str, column: &str| thread[table][column].as_array().unwrap().clone();
            let (prefix, frame) = (column("stackTable", "prefix"), column("stackTable", "frame"));
            let (func, name) = (column("frameTable", "func"), column("funcTable", "name"));
            let at = |table: &[Value], index: u64| table[index as usize].as_u64().unwrap();
            let path = |mut stack: u64| {
                let mut labels = Vec::new();
                loop {
                    let name = at(&name, at(&func, at(&frame, stack)));
                    labels.push(folded::clean(strings[name as usize].as_str().unwrap()));
                    match prefix[stack as usize].as_u64() {
                        Some(above) => stack = above,
                        None => break,
                    }
                }
                labels.reverse();
                labels.join(";")
            };
            let weights = numbers(&thread["samples"]["weight"]);
            let places = thread["samples"]["stack"].as_array().unwrap();
            for (stack, weight) in places.iter().zip(&weights) {
                *stacks.entry(path(stack.as_u64().unwrap())).or_default() += weight;
            }
            // Deltas are in milliseconds. Samples without times follow one another by their
            // weights.
            let mut now = 0.0;
            let times = thread["samples"]["timeDeltas"].as_array().unwrap().iter().map(|delta| {
                now += delta.as_f64().unwrap();
                (now * 1000.0f64).round() as u64
            });
            let name = thread["name"].as_str().unwrap().to_owned();
            if whole.sources[0].timed {
                let times: Vec<_> = times.zip(weights.iter().copied()).collect();
                prop_assert_eq!(&times, &samples(&whole)[&name]);
            }
            sums.insert(name, weights.iter().sum::<u64>());
        }
        prop_assert_eq!(sums, totals(&whole));
        prop_assert_eq!(text(&stacks), plain_fold(&whole));
        let interval = whole.sources[0].interval_us.map_or(1.0, |us| us as f64 / 1000.0);
        prop_assert!((file["meta"]["interval"].as_f64().unwrap() - interval).abs() < 1e-9);
    }
}

fn numbers(array: &Value) -> Vec<u64> {
    array.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

/// A label from the fields of a frame. Its line and column count from `1 - base`.
fn label(name: &Value, file: &Value, line: &Value, column: &Value, base: i64) -> String {
    let number = |value: &Value| value.as_i64().unwrap_or(0) + base;
    let name = match name.as_str().unwrap() {
        "" => "<anonymous>",
        name => name,
    };
    folded::clean(&match file.as_str() {
        Some(file) => format!("{name} {file}:{}:{}", number(line), number(column)),
        None => name.to_owned(),
    })
}

/// Every stack unchanged and without marks. Files contain bytecode handlers, which a call tree
/// merges into their function.
fn plain_fold(profile: &Profile) -> Vec<String> {
    let mut stacks: BTreeMap<String, u64> = BTreeMap::new();
    for thread in &profile.threads {
        for (sample, weight) in thread.samples.iter() {
            let mut labels: Vec<String> = profile
                .stacks
                .frames(sample.stack)
                .map(|frame| {
                    let function = profile.frames.get(frame).function;
                    let function = profile.frames.get_function(function);
                    let mut text = String::new();
                    let strings = profile.frames.strings();
                    spikeflame_profile::write_label(&mut text, strings, function, Tier::None);
                    folded::clean(&text)
                })
                .collect();
            labels.reverse();
            *stacks.entry(labels.join(";")).or_default() += weight;
        }
    }
    text(&stacks)
}

fn text(stacks: &BTreeMap<String, u64>) -> Vec<String> {
    stacks.iter().map(|(stack, weight)| format!("{stack} {weight}")).collect()
}

fn one(weight: u64, unit: &str, threads: usize) -> Profile {
    let entries = (0..threads).map(|thread| (vec![(0, false)], 5, weight, thread)).collect();
    profile(entries, Source { unit: unit.to_owned(), ..Source::default() })
}

#[test]
fn what_a_format_cannot_hold_is_told_before_anything_is_written() {
    let two = one(1, "ticks", 2);
    let error = export::check(&two, Format::CpuProfile).unwrap_err().to_string();
    assert!(error.contains("there are 2") && error.contains("main, worker"), "{error}");
    let mut out = Vec::new();
    assert!(export::write(&two, Format::CpuProfile, &mut out).is_err() && out.is_empty());
    let heavy = one(1 << 53, "nanoseconds", 1);
    assert!(matches!(export::check(&heavy, Format::Firefox), Err(ExportError::TooHeavy)));
    assert!(export::check(&heavy, Format::Pprof).is_ok());
}

#[test]
fn weights_of_more_than_32_bits_are_split_for_firefox() {
    let minute = one(60_000_000_000, "nanoseconds", 1);
    let file = json(&minute, Format::Firefox);
    let weights = numbers(&file["threads"][0]["samples"]["weight"]);
    assert_eq!((weights.len(), weights.iter().sum::<u64>()), (28, 60_000_000_000));
}

#[test]
fn a_pause_is_nobodys_time_in_a_cpuprofile() {
    let entries = vec![(vec![(0, false)], 1000, 1, 0), (vec![(0, false)], 9000, 1, 0)];
    let source = Source { timed: true, interval_us: Some(1000), ..Source::default() };
    let file = json(&profile(entries, source), Format::CpuProfile);
    assert_eq!(numbers(&file["samples"]), [2, 1, 2]);
    assert_eq!(numbers(&file["timeDeltas"]), [1000, 1000, 7000]);
    assert_eq!(numbers(&file["spikeflame"]["weights"]), [1, 0, 1]);
    assert_eq!(file["endTime"], 10_000);
    let hits = |at: usize| file["nodes"][at]["hitCount"].as_u64().unwrap();
    assert_eq!((hits(0), hits(1)), (7, 2));
}

#[test]
fn a_pause_is_nobodys_time_where_the_interval_is_not_known() {
    let times = [1000, 2000, 3100, 4000, 90_000, 91_000];
    let entries = times.map(|time| (vec![(0, false)], time, 1, 0)).to_vec();
    let source = Source { timed: true, ..Source::default() };
    let file = json(&profile(entries, source), Format::CpuProfile);
    assert_eq!(numbers(&file["samples"]), [2, 2, 2, 2, 1, 2, 2]);
    assert_eq!(numbers(&file["timeDeltas"]), [1000, 1000, 1100, 900, 1000, 85_000, 1000]);
    assert_eq!(file["endTime"], 92_000);
    // A value that was not recorded is not written.
    assert!(file["spikeflame"]["interval_us"].is_null());
}

#[test]
fn firefox_has_categories_libraries_and_how_code_was_made() {
    let entries = vec![(vec![(1, false), (3, false), (5, true)], 0, 1, 0)];
    let file = json(&profile(entries, Source::default()), Format::Firefox);
    let categories = file["meta"]["categories"].as_array().unwrap();
    let of = |name: &str| categories.iter().find(|c| c["name"] == name).unwrap();
    assert_eq!(of("app")["color"], "orange");
    let below = of("app")["subcategories"].as_array().unwrap();
    assert!(
        ["Other", "optimized", "maglev, inlined"]
            .iter()
            .all(|name| below.contains(&(*name).into()))
    );
    assert_eq!(of("native")["color"], "blue");
    assert_eq!(file["libs"][0]["path"], "/opt/node/bin/node");
    let functions = &file["threads"][0]["funcTable"];
    assert_eq!(functions["isJS"], serde_json::json!([false, true, true]));
    assert_eq!(file["meta"]["symbolicated"], true);
    assert_eq!(file["meta"]["product"], "");
}
