//! pprof: real profiles of Node's libraries and of Go, and each rule on the smallest
//! profile that needs it.

use crate::common;
use crate::pprof_builder;

use common::root;
use pprof_builder::{Builder, fold, parse, parse_as};
use spikeflame_parse::{Options, PprofLines, read, read_stream};
use spikeflame_profile::warning::{Fact, PprofFact};
use spikeflame_profile::{CallTree, Hotspots, Idle, Kind, Profile, Selection, Zero};
use spikeflame_proto::pprof::{Line, Location, ValueType, field};
use std::path::Path;

fn sample(name: &str) -> Profile {
    sample_as(name, None)
}

fn sample_as(name: &str, sample_type: Option<&str>) -> Profile {
    let options = Options { sample_type: sample_type.map(str::to_owned), ..Options::default() };
    read(&[root(&format!("samples/pprof/{name}.pb.gz"))], &options).unwrap()
}

/// Returns self and total of a function, by the beginning of its label.
fn weights(profile: &Profile, label: &str) -> (u64, u64) {
    let tree = CallTree::build(profile, &Selection { idle: Idle::Keep, ..Selection::default() });
    let rows = Hotspots::from_tree(&tree).rows;
    let found = |entry| tree.entry(Some(entry)).unwrap().label.starts_with(label);
    let rows = rows.iter().filter(|row| found(row.entry));
    rows.fold((0, 0), |sum, row| (sum.0 + row.self_weight, sum.1 + row.total))
}

#[test]
fn go_profiles_have_the_figures_of_go_tool_pprof() {
    let profile = sample("go");
    let source = &profile.sources[0];
    assert_eq!((profile.total(), source.unit.as_str()), (34, "samples"));
    assert_eq!((source.interval_us, source.end_us), (Some(10_000), 705_818));
    // The figures are from `go tool pprof -top`, in periods of 10 ms.
    assert_eq!(weights(&profile, "math.cbrt"), (21, 27));
    assert_eq!(weights(&profile, "main.root"), (3, 66));
    assert_eq!(weights(&profile, "main.roots"), (2, 34));
    assert_eq!(weights(&profile, "runtime.asyncPreempt"), (5, 5));
    // Further functions of a location were inlined there.
    let text = fold(&profile);
    assert!(
        text.contains("main.work;main.roots;main.root_[i];math.Cbrt_[i];math.cbrt 11"),
        "{text}"
    );
    // `pprof.Do` sets this label.
    let threads: Vec<_> =
        profile.threads.iter().map(|t| (t.name.as_str(), t.samples.total())).collect();
    assert_eq!(threads, [("go.pb", 18), ("go.pb · GET /boards", 16)]);
    let nanoseconds = sample_as("go", Some("CPU"));
    assert_eq!(
        (nanoseconds.total(), nanoseconds.sources[0].unit.as_str()),
        (340_000_000, "nanoseconds")
    );
}

#[test]
fn profiles_of_node_carry_the_labels_of_the_tick_log() {
    for (name, total) in [("datadog-functions", 556), ("google", 724), ("pyroscope", 106)] {
        let profile = sample(name);
        assert_eq!((profile.total(), profile.losses.len()), (total, 0), "{name}");
        let text = fold(&profile);
        for label in [
            "levenshtein /srv/record/pprof.cjs:15:0",
            // Two functions in one file have one name.
            "get /srv/record/pprof.cjs:11:0",
            "get /srv/record/pprof.cjs:13:0",
            "nameless /srv/record/pprof.cjs:28:0",
            "RegExp: a+b*c",
            "pbkdf2Sync node:internal/crypto/pbkdf2:",
            "(garbage collector)",
        ] {
            assert!(text.contains(label), "{name}: no {label} in\n{text}");
        }
        assert!(!text.contains("(anonymous"), "{name}:\n{text}");
    }
    assert!(fold(&sample("datadog-functions")).contains("<anonymous> /srv/record/pprof.cjs:1:1"));
    assert!(fold(&sample("google")).starts_with("(garbage collector) 79\n(idle) 81\n"));
}

#[test]
fn pyroscope_frames_names_and_tells_the_time_of_the_end() {
    let profile = sample("pyroscope");
    assert_eq!(weights(&profile, "./").1, 0, "{}", fold(&profile));
    let mut threads: Vec<_> = profile.threads.iter().map(|t| t.name.as_str()).collect();
    threads.sort_unstable();
    assert!(threads.iter().any(|name| name.ends_with(" · GET /boards")), "{threads:?}");
    // It began between these two times, and ended after the second.
    let Zero::Wall(start) = profile.sources[0].zero else { panic!("no start") };
    assert!((1_795_725_129_310_000..1_795_725_130_500_000).contains(&start), "{start}");
}

#[test]
fn recorded_lines_are_not_taken_for_places_of_functions() {
    let text = fold(&sample("datadog-line"));
    assert!(text.contains("step /srv/record/pprof.cjs:0:0;levenshtein /srv/record/pprof.cjs:0:0"));
    assert!(!text.contains("levenshtein /srv/record/pprof.cjs:1"), "{text}");
}

#[test]
fn functions_of_one_name_stay_apart_where_lines_are_definitions() {
    // Three classes with the same two methods, as minifiers make them.
    let profile = sample("datadog-repeated");
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
    let total = |line| weights(&profile, &format!("pe /srv/app/dup.js:{line}:")).1;
    let all = weights(&profile, "pe /srv/app/dup.js").1;
    assert!([3, 4, 5].iter().all(|&line| total(line) > 0 && total(line) < all), "{all}");
    assert_eq!(total(3) + total(4) + total(5), all);
    // Here the program was recorded with the lines that ran. Node's own script that starts a program is
    // not at its first line, which proves it.
    let profile = sample("datadog-repeated-line");
    assert!(weights(&profile, "pe /srv/app/dup.js:0:0").1 > 0);
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
}

#[test]
fn labels_are_threads_and_times() {
    let profile = sample("datadog-labels");
    let mut threads: Vec<_> = profile.threads.iter().map(|t| t.name.as_str()).collect();
    threads.sort_unstable();
    let names =
        ["", " · GET /boards", " · POST /members"].map(|end| format!("Main Event Loop 0{end}"));
    assert_eq!(threads, names);
    let source = &profile.sources[0];
    assert!(source.timed && profile.is_timed());
    // It is 40 rounds of 30 ms, and the time of the start.
    assert!((1_200_000..2_000_000).contains(&source.end_us), "{}", source.end_us);
    let Zero::Wall(start) = source.zero else { panic!("{:?}", source.zero) };
    // It was recorded on 2026-11-23; the file has the time of its end.
    assert!((1_795_392_000_000_000..1_795_478_400_000_000).contains(&start), "{start}");
    let half = Selection { to_us: Some(source.end_us / 2), ..Selection::default() };
    let half = CallTree::build(&profile, &half);
    assert!((0.3..0.7).contains(&(half.total() as f64 / profile.total() as f64)));
    // Work of other threads has no time of its own.
    let cpu = sample_as("datadog-labels", Some("cpu/nanoseconds"));
    assert!(
        cpu.is_timed() && cpu.warnings[0].to_string().contains("without a time"),
        "{:?}",
        cpu.warnings
    );
    assert!(weights(&cpu, "Non JS threads activity").0 > 0);
}

/// The error was: a profile of memory had a warning that the meaning of its lines was a guess. V8 records where
/// functions begin in it, and no lines that ran.
#[test]
fn lines_of_a_profile_of_memory_are_definitions() {
    let heap = sample("google-heap");
    assert!(heap.warnings.is_empty(), "{:?}", heap.warnings);
    assert!(fold(&heap).contains(";<anonymous> /srv/heap/w.js:3:0 "), "{}", fold(&heap));
}

#[test]
fn the_kind_of_value_is_picked_by_name_or_is_the_default() {
    let heap = sample("datadog-heap");
    assert_eq!((heap.total(), heap.sources[0].unit.as_str()), (17_164_622, "bytes"));
    // The unit is also that of `alloc_space`.
    assert_eq!(heap.sources[0].event, "inuse_space");
    assert_eq!(heap.sources[0].interval_us, None);
    let objects = sample_as("datadog-heap", Some("Inuse_Objects"));
    assert_eq!(objects.sources[0].unit, "objects");
    let build = |types: &[(&str, &str)], default: Option<&str>| {
        let mut builder = Builder::new(types);
        let values: Vec<i64> = (1..=types.len() as i64).collect();
        builder.function(1, "f", "", 0).sample(&[1], &values);
        if let Some(default) = default {
            let default = builder.string(default);
            builder.number(field::DEFAULT_SAMPLE_TYPE, default);
        }
        builder.build()
    };
    let picked = |types: &[(&str, &str)], default| {
        let profile = parse(&build(types, default)).unwrap();
        (profile.total(), profile.sources[0].unit.clone())
    };
    let go = [("cpu", "nanoseconds"), ("samples", "count")];
    assert_eq!(picked(&go, Some("cpu")), (2, "samples".into()));
    let heap = [("alloc_objects", "count"), ("inuse_space", "bytes"), ("inuse_objects", "count")];
    assert_eq!(picked(&heap, Some("inuse_space")), (2, "bytes".into()));
    assert_eq!(picked(&heap, None), (3, "objects".into()));
    assert_eq!(picked(&heap, Some("nothing")), (3, "objects".into()));
    assert_eq!(picked(&[("goroutine", "count")], None), (1, "goroutines".into()));
    let wanted = Options { sample_type: Some("wall".to_owned()), ..Options::default() };
    let error = parse_as(&build(&go, None), &wanted).unwrap_err().to_string();
    assert!(error.contains("cpu (nanoseconds), samples (count)"), "{error}");
}

#[test]
fn the_profile_of_the_shop_is_read_to_its_last_sample() {
    let path = root("../shared/data/shop/profile-node22.pb");
    if !path.exists() {
        return println!("SKIPPED: no {}", path.display());
    }
    let profile = read(&[path], &Options::default()).unwrap();
    // The figures are from the library's own decoder.
    assert_eq!((profile.total(), profile.losses.len(), profile.warnings.len()), (3363, 0, 0));
    assert_eq!(weights(&profile, "_encipher ").0, 492);
    let text = fold(&profile);
    assert!(text.contains("bcryptjs/umd/index.js:796:0"));
    assert!(text.contains("<anonymous> <eval>:1:20"), "code made by eval has a place");
}

#[test]
fn names_become_the_functions_that_they_are() {
    // Name, system name, file, line, mapping; and the resulting label.
    let cases = [
        (("f", "f", "/a.js", 3, ""), "f /a.js:3:0"),
        (("", "", "/a.js", 0, ""), "<anonymous> /a.js:0:0"),
        (("(anonymous:L#3:C#9)", "", "/a.js", 3, ""), "<anonymous> /a.js:3:9"),
        (("g", "g", "file:///b%20c.mjs", 4, ""), "g /b c.mjs:4:0"),
        (("h", "h", "/C:/x/d.mjs", 5, ""), "h C:/x/d.mjs:5:0"),
        // With an option, Datadog's library stores line and column in one number.
        (("p", "p", "/a.js", 7 << 32 | 6, ""), "p /a.js:6:7"),
        (("tsc", "tsc", "/usr/bin/tsc", 8, ""), "tsc /usr/bin/tsc:8:0"),
        (("writev", "writev", "", 0, ""), "writev"),
        (("RegExp: a:b", "", "", 0, ""), "RegExp: a:b"),
        (("evaluated", "", "", 9, ""), "evaluated <eval>:9:0"),
        (("(anonymous)", "", "", 0, ""), "<anonymous>"),
        (("Garbage Collection", "", "", 0, ""), "(garbage collector)"),
        (("(idle)", "", "", 0, ""), "(idle)"),
        (("Non JS threads activity", "", "", 0, ""), "Non JS threads activity"),
        (("main.foo", "main.foo", "/src/main.go", 9, "/bin/app"), "main.foo"),
        (("ns::C::f(int)", "_ZN2ns1C1fEi", "/c.cc", 9, "/bin/app"), "ns::C::f"),
        (("", "_ZN2ns1C1fEi", "", 0, "/bin/app"), "ns::C::f"),
        (("Builtins_ArrayMap", "Builtins_ArrayMap", "", 0, "/bin/node"), "Builtin: ArrayMap"),
        (("do_syscall_64", "", "", 0, "[kernel.kallsyms]"), "do_syscall_64_[k]"),
        (("", "", "", 0, "/lib/libc.so.6"), "libc.so.6"),
        (("", "", "", 0, "//anon"), "(unresolved)"),
        (("", "", "", 0, ""), "(unresolved)"),
    ];
    for ((name, system_name, file, line, mapping), label) in cases {
        let mut builder = Builder::new(&[("samples", "count")]);
        // One function of Node's shows that it is a profile of Node.
        builder.function(1, "start", "node:internal/main", 1);
        builder.function_record(2, name, system_name, file);
        builder.mapping(1, mapping);
        let line = vec![Line { function_id: 2, line, column: 0 }];
        builder.message(field::LOCATION, &Location { id: 2, mapping_id: 1, address: 1, line });
        let bytes = builder.sample(&[1, 2], &[1]).build();
        let text = fold(&parse(&bytes).unwrap());
        assert_eq!(text, format!("start node:internal/main:1:0;{label} 1\n"), "{name}");
    }
}

#[test]
fn maps_of_compiled_javascript_are_read_as_of_perf() {
    for mapping in ["/tmp/perf-12.map", "//anon", "[anon:v8]", "jit", ""] {
        let mut builder = Builder::new(&[("samples", "count")]);
        builder.function_record(1, "LazyCompile:*foo /srv/a.js:1:2", "", "");
        builder.mapping(1, mapping);
        let line = vec![Line { function_id: 1, line: 0, column: 0 }];
        builder.message(field::LOCATION, &Location { id: 1, mapping_id: 1, address: 1, line });
        // Only the file of this location is known.
        builder.mapping(2, "/lib/libc.so.6");
        let bare = Location { id: 2, mapping_id: 2, address: 1, ..Location::default() };
        builder.message(field::LOCATION, &bare);
        let bytes = builder.sample(&[1, 2], &[1]).build();
        let text = fold(&parse(&bytes).unwrap());
        assert_eq!(text, "foo /srv/a.js:1:2_[j];libc.so.6 1\n", "{mapping}");
    }
}

#[test]
fn go_files_in_a_folder_internal_are_not_those_of_node() {
    let mut builder = Builder::new(&[("samples", "count")]);
    builder.function(1, "internal/poll.(*FD).Read", "internal/poll/fd_unix.go", 141);
    builder.function(2, "main.(*page).Path", "<autogenerated>", 1);
    let profile = parse(&builder.sample(&[2, 1], &[1]).build()).unwrap();
    assert_eq!(fold(&profile), "main.(*page).Path;internal/poll.(*FD).Read 1\n");
    assert!(profile.frames.functions().all(|(_, function)| function.kind != Kind::Js));
    assert!(profile.warnings.is_empty());
}

#[test]
fn threads_are_named_by_their_labels() {
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[], "some.pb"),
        (&[("thread_name", "libuv"), ("tid", "#7")], "libuv 7"),
        (&[("thread id", "#0")], "thread 0"),
        (&[("thread", "w"), ("pid", "#1"), ("tid", "#2")], "w 1/2"),
        (&[("endpoint", "GET /"), ("thread name", "main")], "main · GET /"),
        // Ids and numbers do not make threads.
        (&[("span id", "8"), ("trace_id", "9"), ("bytes", "#512")], "some.pb"),
        (&[("http.route", "/a"), ("end_timestamp_ns", "#5")], "some.pb · /a"),
    ];
    for (labels, name) in cases {
        let mut builder = Builder::new(&[("samples", "count")]);
        let bytes = builder.function(1, "f", "", 0).labelled(&[1], &[1], labels).build();
        let profile = parse(&bytes).unwrap();
        assert_eq!(profile.threads[0].name, name);
    }
}

#[test]
fn a_label_of_many_values_makes_no_threads() {
    let build = |count: usize| {
        let mut builder = Builder::new(&[("samples", "count")]);
        builder.function(1, "f", "", 0);
        for number in 0..count {
            builder.labelled(&[1], &[1], &[("url", &format!("/boards/{number}"))]);
        }
        parse(&builder.build()).unwrap()
    };
    let (few, many) = (build(64), build(65));
    assert_eq!((few.threads.len(), few.total()), (64, 64));
    assert_eq!((many.threads.len(), many.total()), (1, 65));
    let mut builder = Builder::new(&[("samples", "count")]);
    builder.function(1, "f", "", 0);
    for number in 0..5000 {
        builder.labelled(&[1], &[1], &[("tid", &format!("#{number}"))]);
    }
    let threads = parse(&builder.build()).unwrap().threads;
    assert_eq!((threads.len(), threads[4096].name.as_str()), (4097, "other threads"));
    assert_eq!(threads[4096].samples.total(), 904);
}

#[test]
fn times_count_from_the_start_where_they_are_of_the_clock() {
    let start = 1_795_000_000_000_000_000i64;
    let build = |times: &[i64], time_nanos: i64| {
        let mut builder = Builder::new(&[("samples", "count")]);
        builder.function(1, "f", "", 0);
        for time in times {
            builder.labelled(&[1], &[1], &[("end_timestamp_ns", &format!("#{time}"))]);
        }
        builder.number(field::TIME_NANOS, time_nanos);
        let profile = parse(&builder.build()).unwrap();
        let times: Vec<u64> =
            profile.threads[0].samples.iter().map(|(sample, _)| sample.time_us).collect();
        (times, profile.sources[0].zero, profile.sources[0].timed)
    };
    let at = |ms: i64| start + ms * 1_000_000;
    let zero = Zero::Wall(start as u64 / 1000);
    assert_eq!(build(&[at(9), at(5)], start), (vec![5000, 9000], zero, true));
    // The clock is wrong, or there is none.
    assert_eq!(build(&[at(1), at(4)], at(2)).0, [0, 3000]);
    assert_eq!(build(&[at(0), at(4)], 0), (vec![0, 4000], zero, true));
    // These times count from the start.
    assert_eq!(build(&[2_000_000, 0], 0), (vec![0, 2000], Zero::Unknown, true));
    assert_eq!(build(&[2_000_000], start), (vec![2000], zero, true));
    assert!(!build(&[-5, i64::MAX, i64::MIN], start).2);
}

/// The error was: of profiles that stood one after the other, all samples got the names of the
/// first one.
#[test]
fn several_profiles_in_one_file_are_refused() {
    let one = |name: &str| {
        let mut builder = Builder::new(&[("samples", "count")]);
        builder.function(1, name, "/a.go", 3).sample(&[1], &[5]).build()
    };
    assert_eq!(parse(&one("f")).unwrap().total(), 5);
    let error = parse(&[one("f"), one("g")].concat()).unwrap_err().to_string();
    assert!(error.contains("several pprof profiles"), "{error}");
}

/// The error was: when every function had one line, nothing reported that the meaning of the lines
/// was a guess, and there was no way to state it.
#[test]
fn a_few_lines_of_node_are_a_guess_that_the_user_can_settle() {
    let small = |calls: &[&[u64]]| {
        let mut builder = Builder::new(&[("samples", "count")]);
        for (id, name) in [(1, "handle"), (2, "render"), (3, "load"), (4, "parse"), (5, "write")] {
            builder.function(id, name, "/srv/a.js", 10 * id as i64);
        }
        for stack in calls {
            builder.sample(stack, &[5]);
        }
        builder.build()
    };
    let read = |bytes: &[u8], pprof_lines| {
        let options = Options { pprof_lines, ..Options::default() };
        read_stream(bytes, Path::new("x.pb"), &options).unwrap()
    };
    let guesses = |profile: &Profile| {
        let texts = profile.warnings.iter().map(ToString::to_string);
        texts.filter(|text| text.contains("the file does not show whether its lines are")).count()
    };
    let label = |profile: &Profile| fold(profile).lines().next().unwrap().to_owned();
    let few = small(&[&[1, 2], &[1, 3]]);
    let guessed = read(&few, None);
    assert_eq!(guesses(&guessed), 1);
    assert!(label(&guessed).starts_with("handle /srv/a.js:10:0"), "{}", label(&guessed));
    let starts = read(&few, Some(PprofLines::Starts));
    assert_eq!((guesses(&starts), label(&starts)), (0, label(&guessed)));
    let ran = read(&few, Some(PprofLines::Ran));
    assert_eq!(guesses(&ran), 0);
    assert!(label(&ran).starts_with("handle /srv/a.js:0:0"), "{}", label(&ran));
    // Four functions that call several others, each from one line.
    let many = small(&[&[1, 2], &[1, 3], &[2, 3], &[2, 4], &[3, 4], &[3, 5], &[4, 5], &[4]]);
    assert_eq!(guesses(&read(&many, None)), 0);
}

/// Returns a wall-clock profile of 2 s, as the libraries for Node write it at an interval of 100 µs, with
/// `samples` of a function, and others of a thread that waited.
fn wall_clock(unit: &str, samples: i64, idle: i64) -> Vec<u8> {
    let mut file = Builder::new(&[("sample", "count"), ("wall", unit)]);
    file.function(1, "work", "/srv/app.js", 3).function(2, "(idle)", "", 0);
    file.sample(&[1], &[samples, 0]);
    if idle > 0 {
        file.sample(&[2], &[idle, 0]);
    }
    let period = ValueType { r#type: file.string("wall"), unit: file.string(unit) };
    file.message(field::PERIOD_TYPE, &period);
    file.number(field::PERIOD, if unit == "nanoseconds" { 100_000 } else { 100 });
    file.number(field::DURATION_NANOS, 2_000_000_000);
    file.build()
}

#[test]
fn samples_that_the_profiler_could_not_take_are_missing() {
    let facts = |bytes: &[u8]| -> Vec<Fact> {
        parse(bytes).unwrap().warnings.into_iter().map(|warning| warning.fact).collect()
    };
    let is_missing = |bytes: &[u8]| {
        let missing = |fact: &Fact| matches!(fact, Fact::Pprof(PprofFact::MissingSamples { .. }));
        facts(bytes).iter().any(missing)
    };
    // `pprof` 5.0.0 wrote 2,095 samples on a busy machine. Here they stand for 20,000 that were due.
    let missing =
        PprofFact::MissingSamples { samples: 2095, interval_us: 100, profile_us: 2_000_000 };
    assert!(facts(&wall_clock("microseconds", 2095, 0)).contains(&Fact::Pprof(missing)));
    assert!(is_missing(&wall_clock("nanoseconds", 2000, 95)));
    assert!(!is_missing(&wall_clock("microseconds", 8000, 4000)));
    // Without idle samples, the thread may have waited in the rest of the time.
    assert!(!is_missing(&wall_clock("nanoseconds", 2095, 0)));
}
