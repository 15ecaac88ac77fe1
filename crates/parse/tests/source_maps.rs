//! Source maps: real builds of `samples/maps` by tsc, esbuild, terser and webpack,
//! recorded; and missing, stale, damaged or hostile maps.

use crate::common;

use common::root;
use proptest::prelude::*;
use spikeflame_parse::{Options, SourceMaps, read, read_stream};
use spikeflame_profile::warning::{Fact, MapTally};
use spikeflame_profile::{CallTree, GroupBy, Kind, Profile, Selection};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The functions of the sample's sources that do its work, and their lines.
const HOT: [(&str, &str); 12] = [
    ("mixWords", "hash.ts:7"),
    ("digestOf", "hash.ts:13"),
    ("spread", "hash.ts:20"),
    ("Repository", "boards.service.ts:21"),
    ("findAll", "boards.service.ts:25"),
    ("create", "boards.service.ts:34"),
    ("BoardsService", "boards.service.ts:38"),
    ("get heaviest", "boards.service.ts:42"),
    ("#weigh", "boards.service.ts:50"),
    ("rankBoards", "boards.service.ts:58"),
    ("digestAll", "boards.service.ts:63"),
    ("writeLine", "main.ts:8"),
];

/// The lines of arrows, which have no name.
const ARROWS: [&str; 4] = [
    "boards.service.ts:26",
    "boards.service.ts:39",
    "boards.service.ts:59",
    "boards.service.ts:60",
];

fn options(roots: &[(&str, &Path)]) -> Options {
    let roots = roots.iter().map(|&(prefix, folder)| (prefix.to_owned(), folder.to_owned()));
    Options { source_maps: Some(SourceMaps { roots: roots.collect() }), ..Options::default() }
}

fn sample(recording: &str) -> Profile {
    let options = options(&[("/srv/maps", &root("samples/maps"))]);
    read(&[root("samples/maps").join(recording)], &options).unwrap()
}

/// Returns `(name, file, line)` of every JavaScript function.
pub(crate) fn functions(profile: &Profile) -> BTreeSet<(String, String, u32)> {
    let text = |id| profile.frames.strings().get(id).to_owned();
    let functions = profile.frames.functions().map(|(_, function)| function);
    let functions = functions.filter(|function| function.kind == Kind::Js);
    functions.map(|it| (text(it.name), text(it.file), it.line)).collect()
}

/// Returns functions as `name file:line`, with the file below `folder`; others are left
/// out.
fn below(folder: &str, profile: &Profile) -> BTreeSet<String> {
    let inside = |(name, file, line): (String, String, u32)| {
        Some(format!("{name} {}:{line}", file.strip_prefix(folder)?))
    };
    functions(profile).into_iter().filter_map(inside).collect()
}

/// Asserts that every function is on a line of the source that can begin it.
fn check_against_sources(profile: &Profile, folder: &str) {
    let mut checked = 0;
    for (name, file, line) in functions(profile) {
        let Some(file) = file.strip_prefix(folder) else { continue };
        let source = fs::read_to_string(root("samples/maps/src").join(file)).unwrap();
        let text = source.lines().nth(line as usize - 1).unwrap();
        let name = name.rsplit([' ', '.']).next().unwrap();
        let begins = [name, "constructor(", "=>", "function", "class ", "#weigh("];
        assert!(
            line == 1 || begins.iter().any(|it| text.contains(it)),
            "{name} {file}:{line} {text}"
        );
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn a_build_of_tsc_shows_its_sources_where_the_recording_had_them() {
    let profile = sample("dist-node22.log.zst");
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
    check_against_sources(&profile, "/srv/maps/src/");
    let functions = below("/srv/maps/src/", &profile);
    for (name, place) in HOT {
        assert!(functions.contains(&format!("{name} {place}")), "{name} {place}: {functions:?}");
    }
    for place in ARROWS.iter().chain(&["main.ts:1"]) {
        assert!(functions.contains(&format!(" {place}")), "{place}: {functions:?}");
    }
    assert!(functions.contains("countedCall boards.service.ts:7"), "{functions:?}");
    assert!(functions.contains("serveRequests main.ts:16"), "{functions:?}");
    // Functions that the compiler added have no source.
    assert!(below("/srv/maps/dist/", &profile).iter().all(|it| it.starts_with("__")));
}

#[test]
fn minified_builds_show_the_names_of_the_sources() {
    // The functions for which a tool writes no name into its map keep the tool's name.
    let builds = [
        (
            "esbuild-node22.folded.zst",
            "/srv/maps/src/",
            &[("BoardsService", "_BoardsService")][..],
            &["serveRequests main.ts:16", "hash_default hash.ts:28"][..],
        ),
        (
            "terser-node22.folded.zst",
            "/srv/maps/src/",
            &[
                ("mixWords", "exports.mixWords"),
                ("digestOf", "exports.digestOf"),
                ("spread", "exports.spread"),
            ],
            &[" main.ts:16", "exports.default hash.ts:28", " boards.service.ts:1"],
        ),
        (
            "webpack-node22.folded.zst",
            "src/",
            &[
                ("mixWords", "t.G"),
                ("digestOf", "t.digestOf"),
                ("spread", "t.spread"),
                ("#weigh", "#t"),
            ],
            &[" main.ts:16", "t.default hash.ts:28"],
        ),
    ];
    for (recording, folder, kept, others) in builds {
        let profile = sample(recording);
        assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
        check_against_sources(&profile, folder);
        let functions = below(folder, &profile);
        for (name, place) in HOT {
            let name = kept.iter().find(|(of, _)| *of == name).map_or(name, |(_, is)| is);
            let label = format!("{name} {place}");
            assert!(functions.contains(&label), "{recording}: {label}: {functions:?}");
        }
        for label in others.iter().chain(&["descriptor.value boards.service.ts:7"]) {
            assert!(functions.contains(*label), "{recording}: {label}: {functions:?}");
        }
        for place in ARROWS {
            assert!(functions.contains(&format!(" {place}")), "{recording}: {place}");
        }
    }
}

#[test]
fn no_sample_is_lost_and_none_moved_without_the_flag() {
    let path = root("samples/maps/dist-node22.log.zst");
    let plain = read(&[path], &Options::default()).unwrap();
    let mapped = sample("dist-node22.log.zst");
    assert_eq!(plain.total(), mapped.total());
    assert_eq!(plain.stacks.len(), mapped.stacks.len());
    assert!(below("/srv/maps/src/", &plain).is_empty());
}

/// A folder with a generated file and its map, which stands for the recorded /srv/app.
pub(crate) struct App {
    folder: tempfile::TempDir,
}

/// `function f(){}` twice and an arrow, from lines 10, 20 and 30 of a source.
pub(crate) const TEXT: &str = "function f(){}\nfunction g(){}var h=x=>x;\n";

pub(crate) const MAP: &str = r#"{"version":3,"sources":["../src/a.ts"],"names":["first","third"],
    "mappings":"AASA,SAAAA;AAUA,SAAA,SAUAC"}"#;
pub(crate) const RECORDING: &str =
    "f /srv/app/dist/a.js:1:11;g /srv/app/dist/a.js:2:11;h /srv/app/dist/a.js:2:21 1\n";

impl App {
    pub(crate) fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = Self { folder };
        for (name, content) in files {
            let path = app.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        app
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn read(&self, folded: &str) -> Profile {
        let options = options(&[("/srv/app", &self.path())]);
        read_stream(folded.as_bytes(), Path::new("app.folded"), &options).unwrap()
    }

    /// Returns the recording's labels, and the result of resolving when something is missing.
    pub(crate) fn labels(&self, folded: &str) -> (String, Option<MapTally>) {
        let profile = self.read(folded);
        let tally = profile.warnings.iter().find_map(|warning| match &warning.fact {
            Fact::SourceMaps(tally) => Some(tally.clone()),
            _ => None,
        });
        (labels(&profile), tally)
    }
}

/// Returns the reason why the first map that cannot be used is not.
pub(crate) fn unusable(profile: &Profile) -> String {
    match &profile.warnings[0].fact {
        Fact::SourceMaps(tally) => tally.unusable[0].clone(),
        other => panic!("{other}"),
    }
}

/// Returns the only stack of a profile.
pub(crate) fn labels(profile: &Profile) -> String {
    let selection = spikeflame_profile::Selection::default();
    let tree = spikeflame_profile::CallTree::build(profile, &selection);
    let entries = tree.nodes().iter().filter_map(|node| tree.entry(node.entry));
    entries.map(|entry| entry.label.clone()).collect::<Vec<_>>().join(";")
}

const MAPPED: &str =
    "first /srv/app/src/a.ts:10:1;g /srv/app/src/a.ts:20:1;third /srv/app/src/a.ts:30:1";

pub(crate) fn comment(url: &str) -> Vec<u8> {
    format!("{TEXT}//# sourceMappingURL={url}\n").into_bytes()
}

#[test]
fn a_map_is_found_wherever_the_file_says_and_else_beside_it() {
    let inline = format!("data:application/json;base64,{}", base64(MAP));
    let charset = format!("data:application/json;charset=utf-8;base64,{}", base64(MAP));
    let cases: [(&[u8], &str); 8] = [
        (&comment("a.js.map"), "dist/a.js.map"),
        (&comment("../dist/maps/../m%C3%A9.map"), "dist/mé.map"),
        (&comment("/srv/app/dist/abs.map"), "dist/abs.map"),
        (&comment("file:///srv/app/dist/url.map"), "dist/url.map"),
        (&comment("https://example.org/a.js.map"), "dist/a.js.map"),
        (TEXT.as_bytes(), "dist/a.js.map"),
        (&comment(&inline), "dist/none"),
        (&comment(&charset), "dist/none"),
    ];
    for (text, map) in cases {
        let app = App::new(&[("dist/a.js", text), (map, MAP.as_bytes())]);
        assert_eq!(app.labels(RECORDING), (MAPPED.to_owned(), None), "{map}");
    }
    // Sources are relative to the map, not to the file.
    let app =
        App::new(&[("dist/a.js", &comment("../maps/x/a.map")), ("maps/x/a.map", MAP.as_bytes())]);
    assert!(app.labels(RECORDING).0.starts_with("first /srv/app/maps/src/a.ts:10:1"));
    // Without the file, the meaning of minified names is not known.
    let app = App::new(&[("dist/a.js.map", MAP.as_bytes())]);
    assert!(app.labels(RECORDING).0.starts_with("f /srv/app/src/a.ts:10:1;g /srv/app/src"));
}

pub(crate) fn base64(text: &str) -> String {
    data_encoding::BASE64.encode(text.as_bytes())
}

#[test]
fn recorded_paths_of_windows_lead_to_files_here() {
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", MAP.as_bytes())]);
    let recording = r"f C:\srv\app\dist\a.js:1:11 1";
    let options = options(&[("C:/srv/app", &app.path())]);
    let profile = read_stream(recording.as_bytes(), Path::new("x.folded"), &options).unwrap();
    assert_eq!(labels(&profile), r"first C:\srv\app\src\a.ts:10:1");
}

#[test]
fn index_maps_are_followed_section_by_section() {
    let section = |line, column, map: &str| {
        format!("{{\"offset\":{{\"line\":{line},\"column\":{column}}},\"map\":{map}}}")
    };
    let of = |source: &str| {
        format!("{{\"sources\":[\"{source}\"],\"names\":[\"n\"],\"mappings\":\"AAAA,SAAAA\"}}")
    };
    // Sections are out of order, one is cut off, and one is in another file.
    let index = format!(
        "{{\"version\":3,\"sections\":[{},{},{},{{\"offset\":{{\"line\":9,\"column\":0}},\"url\":\"x\"}}]}}",
        section(1, 14, &of("third.ts").replace("AAAA,SAAAA", "IAAAA")),
        section(0, 0, &of("first.ts")),
        section(1, 0, "{\"mappings\":\"AAAA\"}"),
    );
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", index.as_bytes())]);
    let labels = app.labels(RECORDING).0;
    let expected =
        "n /srv/app/dist/first.ts:1:1;g /srv/app/dist/a.js:2:11;n /srv/app/dist/third.ts:1:1";
    assert_eq!(labels, expected);
}

#[test]
fn a_position_without_a_column_is_resolved_where_its_line_leaves_no_doubt() {
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", MAP.as_bytes())]);
    let (labels, tally) = app.labels("f /srv/app/dist/a.js:1:0;g /srv/app/dist/a.js:2:0 1\n");
    assert_eq!(labels, "f /srv/app/src/a.ts:10:1;g /srv/app/dist/a.js:2:0");
    let told = MapTally { resolved: 1, functions: 2, vague: 1, ..MapTally::default() };
    assert_eq!(tally, Some(told));
    let (_, tally) = app.labels("f /srv/app/dist/a.js:0:0 1\n");
    assert_eq!(tally, Some(MapTally { nowhere: 1, ..MapTally::default() }));
}

#[test]
fn a_private_method_that_tsc_put_in_a_line_of_its_own_is_where_its_parameters_are() {
    let text = "_s = function _s(n) { return n; };\n\
                _t = function _t() { return 1; };\n\
                w = function () { u(); v(); };\n";
    let map = r#"{"version":3,"sources":["../src/a.ts"],"mappings":"iBAMI;qBAEA;uBAAA"}"#;
    let app = App::new(&[("dist/a.js", text.as_bytes()), ("dist/a.js.map", map.as_bytes())]);
    let stack = "_s /srv/app/dist/a.js:1:17;_t /srv/app/dist/a.js:2:17;w /srv/app/dist/a.js:3:14 1";
    let expected = "_s /srv/app/src/a.ts:7:5;_t /srv/app/src/a.ts:9:5;w /srv/app/dist/a.js:3:14";
    assert_eq!(app.labels(stack).0, expected);
}

#[test]
fn a_file_may_not_name_any_other_as_its_map() {
    // The named file is there and is a map, but its name is not one of a map.
    let secret = ("secret.txt", MAP.as_bytes());
    let app = App::new(&[("dist/a.js", &comment("../secret.txt")), secret]);
    let (labels, tally) = app.labels(RECORDING);
    assert_eq!(labels, RECORDING.trim_end_matches(" 1\n"));
    assert_eq!(tally.unwrap().without_map, ["/srv/app/dist/a.js"]);
}

#[test]
fn a_package_whose_map_leads_out_of_it_stays_a_package() {
    // TypeORM and class-transformer are published like this: with maps, without sources.
    let map = MAP.replace("../src/a.ts", "../../../src/query/a.ts");
    let map = map.as_bytes();
    let package = "node_modules/@x/typeorm/query/a.js";
    let app = App::new(&[
        (package, TEXT.as_bytes()),
        ("node_modules/@x/typeorm/query/a.js.map", map),
        ("dist/a.js", TEXT.as_bytes()),
        ("dist/a.js.map", MAP.as_bytes()),
    ]);
    let profile = app.read(&format!("f /srv/app/dist/a.js:1:11;f /srv/app/{package}:1:11 1\n"));
    let text = labels(&profile);
    assert_eq!(
        text,
        "first /srv/app/src/a.ts:10:1;first /srv/app/node_modules/src/query/a.ts:10:1"
    );
    for (by, expected) in [
        (GroupBy::Package, "(app);@x/typeorm"),
        (GroupBy::Category, "app;dependency"),
        (GroupBy::File, "/srv/app/src/a.ts;/srv/app/node_modules/src/query/a.ts"),
    ] {
        let selection = Selection { group_by: by, ..Selection::default() };
        let tree = CallTree::build(&profile, &selection);
        let labels = tree.nodes().iter().filter_map(|node| tree.entry(node.entry));
        let labels: Vec<_> = labels.map(|entry| entry.label.as_str()).collect();
        assert_eq!(labels.join(";"), expected, "{by:?}");
    }
}

/// The error was: sources of webpack's maps in a folder `internal` of the application were Node's own.
#[test]
fn a_folder_internal_in_a_map_is_the_applications() {
    let map = MAP.replace("../src/a.ts", "webpack:///./internal/a.ts");
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", map.as_bytes())]);
    let profile = app.read("f /srv/app/dist/a.js:1:11 1\n");
    assert!(labels(&profile).contains("internal/a.ts"));
    let selection = Selection { group_by: GroupBy::Category, ..Selection::default() };
    let tree = CallTree::build(&profile, &selection);
    let labels: Vec<&str> = tree.entries().iter().map(|entry| entry.label.as_str()).collect();
    assert_eq!(labels, ["app"]);
}

/// In a bundle that has the maps of packages within its own, TypeORM was the application, and
/// class-transformer a package `src`.
#[test]
fn a_package_within_a_bundle_stays_a_package_wherever_its_map_leads() {
    let code = |of: &str, function: &str| format!("// {of}\nvar {function} = function () {{}};\n");
    let regions = |of: &str, function: &str| {
        format!("//#region {of}\nvar {function} = function () {{}};\n//#endregion\n")
    };
    let bare =
        |_: &str, function: &str| format!("// two words.js\nvar {function} = function () {{}};\n");
    type Part<'a> = &'a dyn Fn(&str, &str) -> String;
    let maps = [
        r#"{"version":3,"sources":["../src/a.ts","../src/query.ts","../node_modules/src/b.ts"],
            "mappings":";;SAAA;;SCAA;;SCAA"}"#,
        r#"{"version":3,"sources":["../src/a.ts","../src/query.ts","../node_modules/src/b.ts"],
            "mappings":";;SAAA;;;SCAA;;;SCAA"}"#,
    ];
    let cases: [(Part<'_>, &str, [u32; 3], &str, usize); 3] = [
        (&code, maps[0], [3, 5, 7], "(app);typeorm;@x/y", 0),
        (&regions, maps[1], [3, 6, 9], "(app);typeorm;@x/y", 0),
        (&bare, maps[0], [3, 5, 7], "(app);(app);node_modules", 2),
    ];
    for (part, map, lines, packages, astray) in cases {
        let text = [
            "\"use strict\";\n",
            &part("src/a.ts", "a"),
            &part("node_modules/typeorm/query.js", "q"),
            &part("../node_modules/.pnpm/y@1/node_modules/@x/y/cjs/b.js", "b"),
        ];
        let app = App::new(&[
            ("dist/bundle.js", text.concat().as_bytes()),
            ("dist/bundle.js.map", map.as_bytes()),
            ("src/a.ts", b"export const a = 1;\n"),
        ]);
        let [a, q, b] = lines;
        let file = "/srv/app/dist/bundle.js";
        let profile = app.read(&format!("a {file}:{a}:18;q {file}:{q}:18;b {file}:{b}:18 1\n"));
        let expected = "a /srv/app/src/a.ts:1:1;q /srv/app/src/query.ts:1:1;b /srv/app/node_modules/src/b.ts:1:1";
        assert_eq!(labels(&profile), expected);
        let selection = Selection { group_by: GroupBy::Package, ..Selection::default() };
        let tree = CallTree::build(&profile, &selection);
        let found = tree.nodes().iter().filter_map(|node| tree.entry(node.entry));
        let found: Vec<_> = found.map(|entry| entry.label.as_str()).collect();
        // Frames of one package in a row are one.
        assert_eq!(found.join(";"), packages.replace("(app);(app)", "(app)"));
        let tally = profile.warnings.iter().find_map(|warning| match &warning.fact {
            Fact::SourceMaps(tally) => Some(tally.astray),
            _ => None,
        });
        assert_eq!(tally.unwrap_or(0), astray);
    }
}

/// Reads with this map; every label must be one of a function.
fn survives(map: &[u8]) -> Profile {
    let app = App::new(&[("dist/a.js", TEXT.as_bytes()), ("dist/a.js.map", map)]);
    let profile = app.read(RECORDING);
    assert_eq!(profile.total(), 1);
    // A name of the map may contain the character that separates frames.
    let frames = profile.stacks.len() - 1;
    assert_eq!(frames, 3, "{}", labels(&profile));
    profile
}

#[test]
fn a_map_cut_at_any_byte_is_told_and_survived() {
    for cut in 0..MAP.len() {
        let profile = survives(&MAP.as_bytes()[..cut]);
        assert_eq!(labels(&profile), RECORDING.trim_end_matches(" 1\n"), "cut at {cut}");
        assert!(unusable(&profile).contains("a.js.map cannot be used ("), "{:?}", profile.warnings);
    }
}

#[test]
fn hostile_maps_cost_an_error_and_no_more() {
    let deep = "[".repeat(100_000);
    let cases = [
        format!("{{\"mappings\":\"{}\"}}", ";".repeat(20 << 20)),
        format!("{{\"names\":{deep},\"mappings\":\"AAAA\"}}"),
        format!("{{\"x\":{deep},\"mappings\":\"AAAA\"}}"),
        format!("{{\"sections\":{deep}}}"),
        format!("{{\"sections\":[{{\"offset\":{{\"line\":0,\"column\":0}},\"map\":{deep}}}]}}"),
        "{\"sources\":[\"a\"],\"mappings\":\"AAAA,gggggggggggggggggggggggggD\"}".to_owned(),
        "{\"sections\":[{\"offset\":{\"line\":0,\"column\":0},\"map\":{\"sections\":[]}}]}"
            .to_owned(),
        "{\"sections\":[{\"offset\":{\"line\":-1,\"column\":0},\"map\":{}}]}".to_owned(),
        "\u{0}".repeat(1000),
    ];
    for map in cases {
        let profile = survives(map.as_bytes());
        let start = map.chars().take(40).collect::<String>();
        assert!(unusable(&profile).contains("cannot be used ("), "{start}: {:?}", profile.warnings);
    }
    // Positions after all columns and lines, and a source above the root.
    let map = r#"{"sources":["../../../../../../x.ts"],"mappings":"A///////HAAA,SAAA/////D;AAAA"}"#;
    assert!(labels(&survives(map.as_bytes())).starts_with("f /"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_to_a_map_is_survived(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..8),
    ) {
        let mut map = MAP.as_bytes().to_vec();
        for (at, byte, what) in edits {
            let at = at.index(map.len());
            match what {
                0 => map[at] = byte,
                1 => map.insert(at, byte),
                _ => { map.remove(at); }
            }
        }
        survives(&map);
    }

    #[test]
    fn any_mappings_are_survived(mappings in "[A-Za-z0-9+/,;]{0,80}") {
        let map = format!("{{\"sources\":[\"a\",\"b\"],\"names\":[\"n\"],\"mappings\":\"{mappings}\"}}");
        survives(map.as_bytes());
    }
}
