//! Exports are read back without a change.

use crate::made;

use made::{entries, export, fold, import, profile, samples, source, totals};
use proptest::prelude::*;
use spikeflame_profile::{CallTree, GroupBy, Profile, Selection, Source, folded};
use spikeflame_proto::pprof::{Function, Location, ValueType};
use spikeflame_render::export::{Format, check};
use std::io::Read;

proptest! {
    #[test]
    fn pprof_is_read_back_as_it_was(entries in entries(2), source in source()) {
        let whole = profile(entries, source);
        let again = import(&export(&whole, Format::Pprof), "app.pb");
        prop_assert_eq!(fold(&again), fold(&whole));
        prop_assert_eq!((again.losses.len(), again.warnings.len()), (0, 0));
        let (was, is) = (&whole.sources[0], &again.sources[0]);
        prop_assert_eq!(&is.unit, &was.unit);
        prop_assert_eq!(&is.producer, &was.producer);
        prop_assert_eq!(is.interval_us, was.interval_us);
        prop_assert_eq!(is.zero, was.zero);
        prop_assert_eq!(is.end_us, was.end_us);
        prop_assert_eq!(totals(&again), totals(&whole));
        // A single sample at 0 cannot be distinguished from one without a time.
        if was.timed && whole.threads.iter().any(|t| t.samples.iter().any(|(s, _)| s.time_us > 0)) {
            prop_assert!(is.timed);
            prop_assert_eq!(samples(&again), samples(&whole));
        }
        // The libraries of native functions.
        let modules = |profile: &Profile| {
            let frames = &profile.frames;
            let with = |function: &spikeflame_profile::Function| {
                frames.strings().get(function.module) == "/opt/node/bin/node"
            };
            frames.functions().any(|(_, function)| with(function))
        };
        // A function that ran inlined has the library of the function around it.
        let started = fold(&whole).lines().any(|l| l.split([';', ' ']).any(|f| f == "node::Start"));
        prop_assert!(modules(&again) || !started);
    }

    #[test]
    fn speedscope_is_read_back_as_it_was(entries in entries(2), source in source()) {
        let whole = profile(entries, source);
        let again = import(&export(&whole, Format::Speedscope), "app.speedscope.json");
        prop_assert_eq!(fold(&again), fold(&whole));
        prop_assert_eq!(totals(&again), totals(&whole));
        prop_assert_eq!(again.sources[0].interval_us, whole.sources[0].interval_us);
        prop_assert_eq!(&again.sources[0].unit, &whole.sources[0].unit);
        prop_assert_eq!(again.is_timed(), whole.is_timed());
        if whole.is_timed() {
            prop_assert_eq!(samples(&again), samples(&whole));
        }
    }

    #[test]
    fn otlp_is_read_back_as_it_was(entries in entries(2), source in source(), json in any::<bool>()) {
        let whole = profile(entries, source);
        let format = if json { Format::OtlpJson } else { Format::Otlp };
        let again = import(&export(&whole, format), "app.otlp");
        prop_assert_eq!(fold(&again), fold(&whole));
        prop_assert_eq!((again.losses.len(), again.warnings.len()), (0, 0));
        let (was, is) = (&whole.sources[0], &again.sources[0]);
        prop_assert_eq!((&is.unit, &is.producer), (&was.unit, &was.producer));
        prop_assert_eq!((is.interval_us, is.zero), (was.interval_us, was.zero));
        prop_assert_eq!(totals(&again), totals(&whole));
        prop_assert_eq!(is.timed, was.timed);
        if was.timed {
            prop_assert_eq!(is.end_us, was.end_us);
            let sorted = |profile: &Profile| {
                let mut all = samples(profile);
                all.values_mut().for_each(|list| list.sort_unstable());
                all
            };
            prop_assert_eq!(sorted(&again), sorted(&whole));
        }
    }

    #[test]
    fn firefox_is_read_back_as_it_was(entries in entries(2), source in source()) {
        let whole = profile(entries, source);
        let Ok(()) = check(&whole, Format::Firefox) else { return Ok(()) };
        let again = import(&export(&whole, Format::Firefox), "app.json");
        prop_assert_eq!(fold(&again), fold(&whole));
        prop_assert_eq!(again.total(), whole.total());
        prop_assert_eq!((again.losses.len(), again.warnings.len()), (0, 0));
        // The interval that the format demands means nothing for allocations.
        let source = &whole.sources[0];
        if source.interval_us.is_some() {
            let expected = source.interval_us.filter(|_| source.unit != "bytes");
            prop_assert_eq!(again.sources[0].interval_us, expected);
        }
    }

    #[test]
    fn cpuprofile_is_read_back_as_it_was(entries in entries(1), source in source()) {
        let whole = profile(entries, source);
        let again = import(&export(&whole, Format::CpuProfile), "main.cpuprofile");
        prop_assert_eq!(fold(&again), fold(&whole));
        prop_assert_eq!(totals(&again), totals(&whole));
        prop_assert_eq!(again.sources[0].interval_us, whole.sources[0].interval_us);
        prop_assert_eq!(&again.sources[0].unit, &whole.sources[0].unit);
        if whole.is_timed() {
            prop_assert_eq!(samples(&again), samples(&whole));
        }
    }
}

/// The parts of `profile.proto` that the test reads.
#[derive(Clone, PartialEq, prost::Message)]
struct ProfileParts {
    #[prost(message, repeated, tag = "1")]
    types: Vec<ValueType>,
    #[prost(message, repeated, tag = "4")]
    locations: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    functions: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    strings: Vec<String>,
}

fn decoded(packed: &[u8]) -> ProfileParts {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    <ProfileParts as prost::Message>::decode(bytes.as_slice()).unwrap()
}

#[test]
fn wall_time_stays_wall_time_from_pprof_to_pprof() {
    let entries = vec![(vec![(0, false)], 0, 3, 0)];
    let (time, unit) = ("wall".to_owned(), "samples".to_owned());
    let source = Source { time, unit, interval_us: Some(10_000), ..Source::default() };
    let packed = export(&profile(entries, source), Format::Pprof);
    let again = import(&packed, "app.pb");
    assert_eq!(again.sources[0].time, "wall");
    let file = decoded(&export(&again, Format::Pprof));
    let types: Vec<&str> =
        file.types.iter().map(|t| file.strings[t.r#type as usize].as_str()).collect();
    assert_eq!(types, ["samples", "wall"]);
}

/// The marks serve only our own reader; other readers use the lines of a location.
#[test]
fn inlined_functions_are_lines_of_the_location_that_they_ran_in() {
    // main; f; g inlined, h inlined in that; f again.
    let stack = vec![(0, false), (3, false), (5, true), (6, true), (2, false)];
    let packed = export(&profile(vec![(stack, 0, 1, 0)], Source::default()), Format::Pprof);
    let file = decoded(&packed);
    let function = |id: u64| file.functions.iter().find(|function| function.id == id).unwrap();
    let text = |number: i64| file.strings[number as usize].as_str();
    let locations: Vec<Vec<&str>> = file
        .locations
        .iter()
        .map(|at| at.line.iter().map(|line| text(function(line.function_id).name)).collect())
        .collect();
    // Only locations that samples name.
    let expected: [&[&str]; 3] = [&["main"], &["h file with", "g", "f"], &["f"]];
    assert_eq!(locations, expected);
    let f = file.functions.iter().find(|f| text(f.system_name).starts_with("*f")).unwrap();
    assert_eq!((text(f.filename), f.start_line), ("/srv/app/a.js", 1));
    assert_eq!(file.locations[1].line[2].column, 2);
}

/// The error was: after an export to pprof, OTLP or Firefox, functions of packages whose source maps
/// lead out of them were code of the application.
#[test]
fn packages_whose_maps_lead_out_of_them_stay_packages() {
    let mut whole =
        folded::read(&mut &b"main;a /srv/src/a.ts:3:4 2\nmain;b /srv/b.ts:1:1 1\n"[..], "x", None)
            .unwrap();
    let moved = whole
        .frames
        .functions()
        .filter(|(_, function)| whole.frames.strings().get(function.file) == "/srv/src/a.ts");
    let moved: Vec<_> = moved.map(|(id, function)| (id, *function)).collect();
    for (id, function) in moved {
        let module = whole.frames.intern("/srv/node_modules/orm/dist/a.js");
        whole.frames.set_function(id, spikeflame_profile::Function { module, ..function });
    }
    let by = |profile: &Profile| {
        let selection = Selection { group_by: GroupBy::Package, ..Selection::default() };
        let mut text = Vec::new();
        folded::write(&CallTree::build(profile, &selection), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    };
    let expected = by(&whole);
    assert!(expected.contains("orm 2"), "{expected}");
    let formats = [
        (Format::Pprof, "x.pb"),
        (Format::Speedscope, "x.speedscope.json"),
        (Format::Firefox, "x.json"),
        (Format::Otlp, "x.otlp"),
        (Format::OtlpJson, "x.otlp.json"),
        (Format::CpuProfile, "x.cpuprofile"),
    ];
    for (format, name) in formats {
        assert_eq!(by(&import(&export(&whole, format), name)), expected, "{name}");
    }
}
