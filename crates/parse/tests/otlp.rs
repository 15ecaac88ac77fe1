//! OTLP profiles as other programs write them: forms of samples, types of frames, missing
//! parts, and damage.

use crate::json_common;

use json_common::{accounted, damaged, edits, fold, parse, parse_value, times};
use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Selection, Zero, function_lines};
use spikeflame_proto::otlp::{Function, Head, Line, Location, Sample, Stack, ValueType};
use std::path::Path;

/// Returns a file in the form of the OpenTelemetry eBPF profiler: samples with times, and
/// JavaScript, native and kernel frames.
fn file() -> Value {
    json!({
        "resourceProfiles": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
            "scopeProfiles": [{
                "scope": {"name": "ebpf", "version": "1.2"},
                "profiles": [
                    {"sampleType": {"typeStrindex": 1, "unitStrindex": 2},
                     "timeUnixNano": "1795000000000000000", "durationNano": "5000000000",
                     "periodType": {"typeStrindex": 3, "unitStrindex": 4}, "period": "50000000",
                     "samples": [
                        {"stackIndex": 1, "attributeIndices": [3, 4],
                         "timestampsUnixNano": ["1795000000000100000", "1795000000000300000"]},
                        {"stackIndex": 2, "attributeIndices": [3], "values": ["2"],
                         "timestampsUnixNano": ["1795000000000200000"]},
                        {"stackIndex": 3, "values": [4], "timestampsUnixNano": [1795000000000400000u64]}]},
                    {"sampleType": {"typeStrindex": 5, "unitStrindex": 4},
                     "samples": [{"stackIndex": 1, "values": ["700"]}]}]
            }]
        }],
        "dictionary": {
            "stringTable": ["", "samples", "count", "cpu", "nanoseconds", "off_cpu", "thread.name",
                "process.pid", "profile.frame.type", "work", "/srv/app/a.js", "main(int)",
                "/usr/bin/node", "do_syscall_64", "inner"],
            "mappingTable": [{}, {"filenameStrindex": 12}],
            "functionTable": [{}, {"nameStrindex": 9, "filenameStrindex": 10, "startLine": "7"},
                {"nameStrindex": 11}, {"nameStrindex": 13}, {"nameStrindex": 14, "filenameStrindex": 10}],
            "attributeTable": [{}, {"keyStrindex": 8, "value": {"stringValue": "v8js"}},
                {"keyStrindex": 8, "value": {"stringValue": "kernel"}},
                {"keyStrindex": 6, "value": {"stringValue": "node"}},
                {"keyStrindex": 7, "value": {"intValue": "42"}}],
            "locationTable": [{}, {"lines": [{"functionIndex": 4}, {"functionIndex": 1, "line": "9"}],
                "attributeIndices": [1]},
                {"mappingIndex": 1, "address": "4096", "lines": [{"functionIndex": 2}]},
                {"lines": [{"functionIndex": 3}], "attributeIndices": [2]},
                {"mappingIndex": 1, "address": "8192"}],
            "stackTable": [{}, {"locationIndices": [1, 2]}, {"locationIndices": [3, 2]},
                {"locationIndices": [4]}]
        }
    })
}

const FOLDED: &str = "main;do_syscall_64_[k] 2\n\
    main;work /srv/app/a.js:7:0;inner /srv/app/a.js:0:0_[i] 2\n\
    node 4\n";

/// The error was: names in the table of strings (`string_value_strindex`, `key_strindex`) were not
/// read, so that all samples were of one thread, and JavaScript was native code.
#[test]
fn values_of_attributes_may_be_in_the_table_of_strings() {
    let mut file = file();
    let strings = file["dictionary"]["stringTable"].as_array_mut().unwrap();
    let at = strings.len();
    strings.extend(["v8js", "kernel", "node", "service.name", "shop"].map(Value::from));
    for number in 0..3 {
        let attribute = &mut file["dictionary"]["attributeTable"][number + 1];
        attribute["value"] = json!({"stringValueStrindex": at + number});
    }
    file["resourceProfiles"][0]["resource"]["attributes"] =
        json!([{"keyStrindex": at + 3, "value": {"stringValueStrindex": at + 4}}]);
    let check = |profile: &spikeflame_profile::Profile, times: u64| {
        let expected = FOLDED.lines().map(|line| {
            let (stack, count) = line.rsplit_once(' ').unwrap();
            format!("{stack} {}\n", count.parse::<u64>().unwrap() * times)
        });
        assert_eq!(fold(profile), expected.collect::<String>());
        let names: Vec<&str> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
        assert_eq!(names, ["node", "shop"]);
    };
    check(&parse_value(&file), 1);
    let twice = format!("{file}\n{file}\n");
    check(&parse(twice.as_bytes()).unwrap(), 2);
}

#[test]
fn the_shapes_of_samples_and_sorts_of_frames_are_read() {
    let profile = parse_value(&file());
    assert_eq!(fold(&profile), FOLDED);
    let names: Vec<&str> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["node", "shop"]);
    assert_eq!(times(&profile), [100, 200, 300, 400]);
    let source = &profile.sources[0];
    assert_eq!((source.unit.as_str(), source.interval_us), ("samples", Some(50_000)));
    assert_eq!((source.zero, source.end_us), (Zero::Wall(1_795_000_000_000_000), 5_000_000));
    assert_eq!(source.producer, "OTLP of ebpf 1.2");
    assert!(profile.losses.is_empty());
    assert!(profile.warnings[0].to_string().contains("off_cpu"), "{:?}", profile.warnings);
    let text = serde_json::to_vec(&file()).unwrap();
    let wanted = |kind: &str| {
        let options = Options { sample_type: Some(kind.to_owned()), ..Options::default() };
        read_stream(text.as_slice(), Path::new("x"), &options)
    };
    let off = wanted("off_cpu").unwrap();
    assert_eq!((off.total(), off.sources[0].unit.as_str()), (700, "nanoseconds"));
    assert!(!off.is_timed());
    assert!(wanted("heap").unwrap_err().to_string().contains("off_cpu, samples"));
}

#[test]
fn samples_are_read_although_time_off_the_processor_comes_first() {
    let mut file = file();
    let profiles = &mut file["resourceProfiles"][0]["scopeProfiles"][0]["profiles"];
    profiles.as_array_mut().unwrap().reverse();
    let profile = parse_value(&file);
    assert_eq!(profile.sources[0].unit, "samples");
    assert_eq!(profile.total(), 8);
    let warning = profile.warnings[0].to_string();
    assert!(warning.ends_with("other kinds of value (off_cpu)"), "{warning}");
}

#[test]
fn the_dictionary_may_come_first() {
    let (file, mut text) = (file(), String::from("{"));
    for key in ["dictionary", "resourceProfiles"] {
        text += &format!("{}\"{key}\":{}", if text.len() > 1 { "," } else { "" }, file[key]);
    }
    assert_eq!(fold(&parse((text + "}").as_bytes()).unwrap()), FOLDED);
}

#[test]
fn what_the_tables_do_not_hold_is_counted() {
    let mut file = file();
    file["resourceProfiles"][0]["scopeProfiles"][0]["profiles"][0]["samples"][0]["stackIndex"] =
        json!(99);
    file["dictionary"]["stackTable"][2] = json!({"locationIndices": [77]});
    let profile = parse_value(&file);
    assert_eq!((profile.total(), profile.unreadable()), (4, 3));
    file["dictionary"].as_object_mut().unwrap().remove("stackTable");
    let error = parse(&serde_json::to_vec(&file).unwrap()).unwrap_err().to_string();
    assert!(error.contains("no table of stacks"), "{error}");
}

/// Returns a field that contains a message.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

fn protobuf() -> Vec<u8> {
    let head = Head {
        sample_type: Some(ValueType { r#type: 1, unit: 2 }),
        time_unix_nano: 1_795_000_000_000_000_000,
        ..Head::default()
    };
    let sample = |stack, values| Sample { stack, values, ..Sample::default() };
    let mut profile = head.encode_to_vec();
    for sample in [sample(1, vec![3]), sample(2, vec![4])] {
        profile.extend(field(2, &sample.encode_to_vec()));
    }
    let resource = field(2, &field(2, &profile));
    let mut dictionary = field(1, &[]);
    for text in ["", "samples", "count", "main", "work"] {
        dictionary.extend(field(5, text.as_bytes()));
    }
    for name in [0, 3, 4] {
        dictionary.extend(field(3, &Function { name, ..Function::default() }.encode_to_vec()));
    }
    for function in [0, 1, 2] {
        let lines = vec![Line { function, ..Line::default() }];
        dictionary.extend(field(2, &Location { lines, ..Location::default() }.encode_to_vec()));
    }
    for locations in [vec![], vec![1], vec![2, 1]] {
        dictionary.extend(field(7, &Stack { locations }.encode_to_vec()));
    }
    [field(1, &resource), field(2, &dictionary)].concat()
}

#[test]
fn a_protobuf_is_recognised_and_used_up_to_where_it_ends() {
    let bytes = protobuf();
    assert_eq!(fold(&parse(&bytes).unwrap()), "main 3\nmain;work 4\n");
    for cut in 0..bytes.len() {
        if let Ok(profile) = parse(&bytes[..cut]) {
            assert!(accounted(&profile) <= 7, "cut at {cut}");
            assert!(!profile.warnings.is_empty(), "cut at {cut}");
        }
    }
}

/// The error was: the lines that ran were passed over.
#[test]
fn the_lines_that_ran_are_read() {
    let mut file = file();
    file["dictionary"]["functionTable"][2]["filenameStrindex"] = json!(10);
    file["dictionary"]["locationTable"][2]["lines"][0]["line"] = json!(31);
    let bytes = serde_json::to_vec(&file).unwrap();
    let options = Options { lines: true, ..Options::default() };
    let profile = read_stream(&bytes[..], Path::new("x"), &options).unwrap();
    let of = |name: &str| -> Vec<(u32, u64)> {
        let found = function_lines(&profile, &Selection::default(), &name.parse().unwrap());
        found[0].lines.iter().map(|line| (line.line, line.total)).collect()
    };
    assert_eq!(of("^work "), [(9, 2)]);
    assert_eq!(of("^main"), [(31, 4)]);
    // Without the wish for lines, functions are as they are in every other view.
    assert!(!parse_value(&file).frames.has_lines());
}

/// Returns the value with all keys in the names of the protobuf's fields.
fn in_snake_case(value: &Value) -> Value {
    let snake = |key: &str| {
        key.chars().fold(String::new(), |mut text, c| {
            if c.is_uppercase() {
                text.push('_');
            }
            text.push(c.to_ascii_lowercase());
            text
        })
    };
    match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (snake(key), in_snake_case(value))).collect()
        }
        Value::Array(list) => list.iter().map(in_snake_case).collect(),
        other => other.clone(),
    }
}

/// The error was: JSON with the names of the protobuf's fields, which every reader of
/// protobuf's JSON accepts, was refused as a `.cpuprofile`.
#[test]
fn json_with_the_names_of_the_protobuf_is_the_same() {
    let camel = file();
    let snake = in_snake_case(&camel);
    assert_ne!(camel, snake);
    let [camel, snake] = [camel, snake].map(|file| parse_value(&file));
    assert_eq!(fold(&snake), fold(&camel));
    assert_eq!(snake.sources, camel.sources);
    let threads = |profile: &spikeflame_profile::Profile| -> Vec<String> {
        profile.threads.iter().map(|thread| thread.name.clone()).collect()
    };
    assert_eq!(threads(&snake), threads(&camel));
}

/// The tables may come first, and be longer than what is looked at.
#[test]
fn a_long_dictionary_in_front_of_the_profiles_is_read() {
    let mut file = file();
    let expected = fold(&parse_value(&file));
    let strings = file["dictionary"]["stringTable"].as_array_mut().unwrap();
    strings.extend((0..5_000).map(|at| json!(format!("function {at}"))));
    for file in [in_snake_case(&file), file] {
        assert!(file.to_string().starts_with("{\"dictionary\""));
        assert_eq!(fold(&parse_value(&file)), expected);
    }
}

#[test]
fn json_cut_at_any_byte_is_used_up_to_the_cut() {
    let text = file().to_string();
    let whole = accounted(&parse(text.as_bytes()).unwrap());
    for cut in 0..text.len() {
        if let Ok(profile) = parse(&text.as_bytes()[..cut]) {
            assert!(accounted(&profile) <= whole.max(700), "cut at {cut}");
        }
    }
}

proptest! {
    #[test]
    fn damage_is_an_error_or_counted(edits in edits(), json in any::<bool>()) {
        let bytes = if json { file().to_string().into_bytes() } else { protobuf() };
        if let Ok(profile) = parse(&damaged(bytes, &edits)) {
            let tree = CallTree::build(&profile, &Selection::default());
            prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
        }
    }
}

/// The error was: of the documents that a collector writes, one a line, only the first was read.
#[test]
fn documents_that_follow_each_other_are_all_read() {
    let mut second = file();
    // The tables of the second document are in another order.
    let strings = second["dictionary"]["stringTable"].as_array_mut().unwrap();
    strings[9] = json!("other");
    second["dictionary"]["stackTable"] = json!([{}, {"locationIndices": [4]},
        {"locationIndices": [3, 2]}, {"locationIndices": [1, 2]}]);
    let lines = format!("{}\n{second}\n", file());
    let profile = parse(lines.as_bytes()).unwrap();
    assert_eq!(
        fold(&profile),
        "main;do_syscall_64_[k] 4\n\
         main;other /srv/app/a.js:7:0;inner /srv/app/a.js:0:0_[i] 4\n\
         main;work /srv/app/a.js:7:0;inner /srv/app/a.js:0:0_[i] 2\n\
         node 6\n"
    );
    // An index that is not in the tables of its document refers to nothing.
    let mut lacking = file();
    lacking["dictionary"]["stackTable"].as_array_mut().unwrap().truncate(3);
    let profile = parse(format!("{lacking}{}", file()).as_bytes()).unwrap();
    assert_eq!((profile.total(), profile.losses[0].samples), (12, 1));
    // The last line may be cut.
    let cut = &lines[..lines.len() - 9];
    let profile = parse(cut.as_bytes()).unwrap();
    assert!(profile.total() >= 8 && !profile.warnings.is_empty());
}

/// The error was: a sample with one value and three times had the value at the first time and
/// nothing at the others. The protocol demands equal numbers, so what is meant is not known.
#[test]
fn unequal_numbers_of_values_and_times_are_counted_as_lost() {
    let sample = |values: Value, times: Value| {
        let mut file = file();
        file["resourceProfiles"][0]["scopeProfiles"][0]["profiles"][0]["samples"][0] =
            json!({"stackIndex": 1, "values": values, "timestampsUnixNano": times});
        let profile = parse_value(&file);
        (profile.total(), profile.unreadable())
    };
    // The other samples weigh 6.
    assert_eq!(
        sample(json!(["10"]), json!(["1795000000000100000", "1795000000000300000"])),
        (6, 2)
    );
    assert_eq!(sample(json!([3, 4, 5]), json!(["1795000000000100000"])), (6, 3));
    assert_eq!(sample(json!([]), json!([])), (6, 1));
    assert_eq!(sample(json!([3]), json!(["1795000000000100000"])), (9, 0));
    assert_eq!(sample(json!([3, 4]), json!([])), (13, 0));
}
