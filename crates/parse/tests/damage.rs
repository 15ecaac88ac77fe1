//! Damaged and hostile logs: nothing panics, readable lines are used, the rest is counted,
//! and every tick is accounted for.

use crate::common;

use crate::packed::gzip;
use common::root;
use proptest::prelude::*;
use spikeflame_parse::{Error, Options, read, read_stream};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::Fact;
use std::path::Path;

/// Returns a few kilobytes of a real log: header, builtins, functions, inlining, ticks.
pub(crate) fn small_log() -> Vec<u8> {
    let mut packed = std::fs::File::open(root("samples/v8/nested-on-node22.log.zst")).unwrap();
    let mut text = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&mut packed).unwrap();
    std::io::Read::read_to_end(&mut decoder, &mut text).unwrap();
    let lines: Vec<&[u8]> = text.split(|&b| b == b'\n').collect();
    let pick = |start: &str, from: usize, count: usize| -> Vec<&[u8]> {
        let found = lines.iter().filter(|line| line.starts_with(start.as_bytes()));
        found.skip(from).take(count).copied().collect()
    };
    // A late tick needs the code that it was in, so the last two of each kind are kept.
    let functions = pick("code-creation,JS", 0, usize::MAX);
    let inlined: Vec<&[u8]> = pick("code-source-info", 0, usize::MAX);
    let inlined = inlined.iter().rfind(|line| !line.ends_with(b",,")).unwrap();
    let mut log = Vec::new();
    for line in [
        pick("v8-version", 0, 1),
        pick("shared-library,", 0, 2),
        pick("profiler,begin", 0, 1),
        pick("new,CodeRange", 0, 1),
        pick("code-creation,Builtin", 0, 3),
        functions[functions.len() - 8..].to_vec(),
        vec![inlined],
        pick("tick,", 0, 30),
        pick("sfi-move", 0, 1),
        pick("tick,", 30, 30),
        pick("profiler,end", 0, 1),
    ]
    .concat()
    {
        log.extend_from_slice(line);
        log.push(b'\n');
    }
    log
}

fn parse(log: &[u8]) -> Result<Profile, Error> {
    let options = Options { threads: 1, ..Options::default() };
    read_stream(log, Path::new("small.log"), &options)
}

/// Counts lines that are ticks, also damaged ones.
pub(crate) fn ticks(log: &[u8]) -> usize {
    let lines = log.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| line.starts_with(b"tick,") || *line == b"tick").count()
}

/// Counts warnings, except the one about code that the made-up log does not list.
pub(crate) fn damage(profile: &Profile) -> usize {
    profile
        .warnings
        .iter()
        .filter(|warning| !warning.to_string().contains("loaded while the program ran"))
        .count()
}

/// Counts samples, readable or not.
fn accounted(profile: &Profile) -> usize {
    (profile.total() + profile.unreadable()) as usize
}

/// The error was: the last address lacked digits, so a tick had a wrong caller without a word, and a name
/// of a record that was cut off was taken for a record of a later version.
#[test]
fn a_log_cut_within_a_tick_or_a_name_is_told() {
    let log = small_log();
    let told = |part: &[u8]| damage(&parse(part).unwrap());
    let start = log.windows(6).rposition(|text| text == b"\ntick,").unwrap() + 1;
    let end = start + log[start..].iter().position(|&byte| byte == b'\n').unwrap();
    assert_eq!((told(&log[..start]), told(&log[..=end])), (0, 0));
    assert_eq!((told(&log[..end]), told(&log[..end - 1])), (1, 1));
    for name in ["t", "tic", "code-cre", "profiler"] {
        let cut = [&log[..start], name.as_bytes()].concat();
        let profile = parse(&cut).unwrap();
        assert_eq!(profile.losses.len() + damage(&profile), 1, "{name}");
    }
}

#[test]
fn a_log_cut_at_any_byte_is_used_up_to_the_cut_with_one_warning() {
    let log = small_log();
    let whole = parse(&log).unwrap();
    assert_eq!((whole.total(), whole.losses.len(), damage(&whole)), (60, 0, 0), "{whole:?}");
    for cut in 0..log.len() {
        let part = &log[..cut];
        let profile = match parse(part) {
            Ok(profile) => profile,
            Err(Error::NoSamples { .. } | Error::Unrecognised { .. }) => {
                assert!(ticks(part) <= 1, "cut at {cut}");
                continue;
            }
            Err(error) => panic!("cut at {cut}: {error}"),
        };
        // A log without an end is not damaged: a signal may have stopped the process.
        let told = profile.losses.len() + damage(&profile);
        assert!(told <= 1, "cut at {cut}: {:?} {:?}", profile.warnings, profile.losses);
        assert_eq!(accounted(&profile), ticks(part), "cut at {cut}");
    }
}

#[test]
fn what_is_no_log_is_told_with_what_to_do() {
    let fails = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
    assert!(fails(b"").contains("an empty file"), "{}", fails(b""));
    assert!(fails(&[0x7f, b'X', b'Y', b'Z', 0, 0]).contains("binary data"));
    assert!(fails(b"hello world\n").contains("expected a recording: a V8 tick log"));
    assert!(fails(b"{\"nodes\":[{\"callFrame\":{}}]}").contains("no samples in it"));
    let log = small_log();
    let starts = |line: &&[u8]| !line.starts_with(b"tick,");
    let none: Vec<u8> = log.split(|&b| b == b'\n').filter(starts).collect::<Vec<_>>().join(&b'\n');
    assert!(fails(&none).contains("no samples in it; the program ended before the first tick"));
}

#[test]
fn folders_give_their_recordings_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let load = || read(&[folder.path().to_owned()], &Options::default());
    put("notes.txt", b"answer 42\n");
    put("k6.csv", b"metric_name,timestamp\n");
    put("broken.gz", &[0x1f, 0x8b, 8, 0, 1]);
    let error = load().unwrap_err().to_string();
    assert!(error.contains("none of the 3 files") && error.contains("node --prof"), "{error}");
    put("isolate-1-v8.log", &small_log());
    put("isolate-2-v8.log", &small_log());
    let profile = load().unwrap();
    assert_eq!((profile.total(), profile.threads.len()), (120, 2));
    assert!(profile.is_timed());
    // A recording that the folder has twice, such as perf.data and its text, is reported.
    let told = |profile: &spikeflame_profile::Profile| {
        profile.warnings.iter().any(|warning| matches!(warning.fact, Fact::Twin { .. }))
    };
    assert!(told(&profile), "{:?}", profile.warnings);
    put("isolate-2-v8.log", &[small_log(), b"tick,0x1,900000,0,0x0,0\n".to_vec()].concat());
    assert!(!told(&load().unwrap()));
}

#[test]
fn what_counts_different_things_is_not_added() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("a", "main;a 1\n"), ("b", "main;b 2\n"), ("c", "main;c 1.5\n")]
        .map(|(name, text)| (folder.path().join(name), text));
    for (path, text) in &files {
        std::fs::write(path, text).unwrap();
    }
    let [a, b, c] = files.map(|(path, _)| path);
    assert_eq!(read(&[a.clone(), b], &Options::default()).unwrap().total(), 3);
    let error = read(&[a, c], &Options::default()).unwrap_err().to_string();
    assert!(error.contains("a counts samples and c tenths of a sample"), "{error}");
}

/// The last count of a cut text may lack digits.
#[test]
fn a_cut_line_of_folded_stacks_is_lost() {
    let text = "main;parse 1\nmain;answer 200\n".repeat(2000);
    let mut packed = gzip(text.as_bytes());
    packed.truncate(packed.len() * 2 / 3);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &packed).unwrap();
    let profile = read(&[file.path().to_owned()], &Options::default()).unwrap();
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(packed.as_slice());
    std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap_err();
    let whole = plain.iter().filter(|&&byte| byte == b'\n').count() as u64;
    assert_eq!(profile.total(), whole.div_ceil(2) + 200 * (whole / 2));
    assert_eq!(profile.unreadable(), u64::from(!plain.ends_with(b"\n")));
    assert_eq!(profile.warnings.len(), 1);
}

#[test]
fn addresses_and_sizes_at_the_edges_of_their_range_do_no_harm() {
    let max = "0xffffffffffffffff";
    let log = format!(
        "v8-version,11,3,244,8,0\nnew,CodeRange,{max},0\n\
         shared-library,/x,{max},{max},0\nshared-library,/y,0x0,{max},0\n\
         code-creation,Builtin,2,1,{max},18446744073709551,X\n\
         code-creation,Builtin,2,1,0x10,9223372036854775807,Y\n\
         code-creation,JS,10,1,0xfffffffffffffff0,64,f /a.js:1:1,{max},*\n\
         code-source-info,0xfffffffffffffff0,1,0,9,C4294967295O1I0,F9O5I7,S{max}\n\
         code-move,{max},0x0\nsfi-move,{max},{max}\n\
         tick,{max},1,0,0x0,0,{max},0x0\ntick,0x0,9999999999999999999,1,{max},255\n\
         tick,0x20,2,0,{max},0,+{max},-{max}\nprofiler,begin,0\nprofiler,end\n"
    );
    let profile = parse(log.as_bytes()).unwrap();
    assert_eq!(accounted(&profile), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Bytes are changed, inserted and removed anywhere. There is no panic, and every line
    /// that still begins as a tick is a sample or counted as unreadable.
    #[test]
    fn every_tick_is_accounted_for_whatever_the_damage(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..12),
    ) {
        let mut log = small_log();
        for (at, byte, what) in edits {
            let at = at.index(log.len());
            match what {
                0 => log[at] = byte,
                1 => log.insert(at, byte),
                _ => { log.remove(at); }
            }
        }
        if let Ok(profile) = parse(&log) {
            prop_assert_eq!(accounted(&profile), ticks(&log));
        }
    }

    #[test]
    fn any_text_behind_a_header_is_survived(text in "[a-z0-9x,\\-+*~^'CFSOI\n\\\\ ]{0,400}") {
        let log = format!("v8-version,11,3,244,8,0\n{text}\ntick,0x1,1,0,0x0,0\n");
        let profile = parse(log.as_bytes()).unwrap();
        prop_assert_eq!(accounted(&profile), ticks(log.as_bytes()));
    }
}

/// The error was: times that go back made the samples end early, which was called a full buffer.
#[test]
fn times_that_go_back_are_no_full_buffer() {
    let profile = |first: i64, rest: i64| {
        let steps: Vec<String> = (0..400)
            .map(|at| {
                if at == 0 {
                    first
                } else if at % 7 == 0 {
                    rest
                } else {
                    1000
                }
            })
            .map(|step| step.to_string())
            .collect();
        format!(
            "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"f\"}}}}],\"startTime\":0,\
             \"endTime\":400000,\"samples\":[{}1],\"timeDeltas\":[{}]}}",
            "1,".repeat(399),
            steps.join(",")
        )
    };
    for (text, ends_early) in [
        (profile(1000, 1000), false),
        (profile(1000, -1000), false),
        (profile(-5_000_000, 1000), false),
        (profile(1000, 1000).replace("400000", "4000000"), true),
    ] {
        let profile = read_stream(text.as_bytes(), Path::new("x"), &Options::default()).unwrap();
        assert_eq!(profile.total(), 400);
        assert_eq!(
            profile.warnings.iter().any(|it| it.to_string().contains("buffer is full")),
            ends_early,
            "{:?}",
            profile.warnings
        );
    }
}

/// The error was: an array that a writer left out as `null` ended the reading.
#[test]
fn an_array_may_be_null() {
    let text = "{\"timeDeltas\":null,\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"f\"},\
                \"children\":null,\"positionTicks\":null}],\"samples\":[1,1]}";
    let profile = read_stream(text.as_bytes(), Path::new("x"), &Options::default()).unwrap();
    assert_eq!((profile.total(), profile.warnings), (2, vec![]));
}

/// The errors were: two workers with equally many samples were called one recording, and the
/// waiting process of a cluster had too few ticks.
#[test]
fn a_cluster_prints_no_warning() {
    let folder = tempfile::tempdir().unwrap();
    let profile = |start: u64, names: [&str; 2]| {
        format!(
            "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"{}\"}}}},{{\"id\":2,\"callFrame\":\
             {{\"functionName\":\"{}\"}}}}],\"startTime\":{start},\"endTime\":{},\"samples\":[{}2],\
             \"timeDeltas\":[{}1000]}}",
            names[0],
            names[1],
            start + 200_000,
            "1,".repeat(199),
            "1000,".repeat(199)
        )
    };
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let read_all = || read(&[folder.path().to_owned()], &Options::default()).unwrap();
    write("a.cpuprofile", profile(1_000_000, ["f", "g"]));
    write("b.cpuprofile", profile(1_900_000, ["f", "g"]));
    assert_eq!((read_all().total(), read_all().warnings), (400, vec![]));
    // A copy has the same start.
    write("b.cpuprofile", profile(1_000_000, ["f", "g"]));
    assert_eq!((read_all().total(), read_all().warnings.len()), (200, 1));
    std::fs::remove_file(folder.path().join("a.cpuprofile")).unwrap();
    std::fs::remove_file(folder.path().join("b.cpuprofile")).unwrap();
    let log = |ticks: u64, function: &str| {
        let ticks: String =
            (1..=ticks).map(|at| format!("tick,0x1001,{},0,0x0,0\n", at * 1000)).collect();
        format!(
            "v8-version,11,3,244,8,-node.38,0\nprofiler,begin,1000\n\
             code-creation,JS,11,1,0x1000,64,{function} /a.js:1:1,0x1,~\n{ticks}"
        )
    };
    write("isolate-0x1-1-v8.log", log(30, "f"));
    assert!(
        read_all().warnings.iter().any(|it| it.to_string().contains("too few")),
        "{:?}",
        read_all().warnings
    );
    write("isolate-0x2-2-v8.log", log(300, "g"));
    write("isolate-0x3-3-v8.log", log(300, "h"));
    assert_eq!((read_all().total(), read_all().warnings), (630, vec![]));
}

/// The error was: code of a log whose beginning was cut off was called an addon, which was loaded
/// later.
#[test]
fn a_log_without_its_beginning_is_said_to_lack_it() {
    let log = small_log();
    let text = String::from_utf8_lossy(&log);
    let ticks: String =
        text.lines().filter(|l| l.starts_with("tick,")).map(|l| format!("{l}\n")).collect();
    let from_middle = &text[text.find("\ntick,").unwrap() + 1..];
    for text in [ticks.as_str(), from_middle] {
        let profile = parse(text.as_bytes()).unwrap();
        let told: Vec<String> = profile.warnings.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|told| told.contains("beginning of the log is missing")),
            "{told:?}"
        );
        assert!(!told.iter().any(|told| told.contains("addon")), "{told:?}");
        assert_eq!(profile.total() as usize, self::ticks(&log));
    }
}
