//! Tests of `spikeflame flame`, from arguments to the picture.

use crate::common;

use common::{command, failure, root, run_with, stderr, stdout};

const SPIKE: &str = "spike/before-1";

fn is_well_formed(svg: &str) {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    roxmltree::Document::parse_with_options(svg, options).unwrap();
}

#[test]
fn one_command_draws_the_picture_and_says_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = root("samples").join(SPIKE);
    let output =
        command(&["flame", &run.to_string_lossy()]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert_eq!(said.lines().next(), Some("before-1.svg"));
    assert!(said.contains("of 47,669 ticks") && said.contains("Node 20"), "{said}");
    // The text names the file, the recording, the share of a core, own code with a path, the five hottest functions, and
    // the packages that hide code.
    assert_eq!(said.lines().count(), 3 + 1 + 3 + 3 + 1 + 5 + 1, "{said}");
    assert!(
        said.contains(
            "\nthe main thread ran or waited for a core in at least 67 % of the time by its samples"
        ),
        "{said}"
    );
    assert!(said.contains("_encipher bcryptjs/dist/bcrypt.js:959"), "{said}");
    let svg = std::fs::read_to_string(folder.path().join("before-1.svg")).unwrap();
    is_well_formed(&svg);
    assert!(svg.contains("CPU flame graph of before-1/isolate-v8.log"));
    assert!(svg.len() < 1_500_000, "{} bytes", svg.len());
}

#[test]
fn pictures_can_be_turned_titled_and_sized() {
    let draw = |flags: &[&str]| {
        let svg = stdout(&[&["flame", "v8/mix-node22.log.zst", "-o", "-"], flags].concat());
        is_well_formed(&svg);
        svg
    };
    let plain = draw(&[]);
    assert!(plain.contains("var inverted = false"));
    assert!(draw(&["--inverted"]).contains("var inverted = true"));
    assert!(draw(&["--title", "a <b> & c"]).contains("a &lt;b&gt; &amp; c"));
    assert!(draw(&["--width", "800"]).contains("viewBox=\"0 0 800 "));
    assert!(draw(&["--min-width", "40"]).len() < plain.len());
    let full = draw(&["--full-paths"]);
    assert!(full.contains(" /srv/record/mix.js:154:18 (") && plain.contains(" mix.js:154 ("));
    let distinct: std::collections::HashSet<_> =
        ["kind", "tier", "package", "classic"].map(|by| draw(&["--colors", by])).into();
    assert_eq!(distinct.len(), 4);
    assert_eq!(draw(&[]), plain, "the same on every run");
}

#[test]
fn reversed_pictures_begin_with_the_callees() {
    let svg = stdout(&["flame", "v8/nested-on-node22.log.zst", "-o", "-", "--reverse"]);
    let boxes: Vec<&str> = svg.split("<title>").skip(1).collect();
    let leaf = boxes.iter().find(|title| title.starts_with("mixB")).unwrap();
    let share: f64 = leaf.split(", ").nth(1).unwrap().split('%').next().unwrap().parse().unwrap();
    assert!(share > 50.0, "{share}");
}

/// A log with one function of this name, and one tick in it.
fn log_of(name: &str) -> Vec<u8> {
    format!(
        "v8-version,12,4,254,21,-node.57,0\nprofiler,begin,1000\n\
         code-creation,JS,10,1,0x1000,256,{name} /srv/a.js:1:2,0x5000,~\n\
         tick,0x1010,1000,0,0x0,0,0x1020\nprofiler,end\n"
    )
    .into_bytes()
}

#[test]
fn hostile_names_reach_no_output_alive() {
    let long = "x".repeat(1 << 20);
    let names = [
        "<script>alert(1)</script>",
        "]]><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "two\nlines\u{1b}[31m\u{202e}gnp",
        "semi;colon, comma | pipe `tick`",
        &long,
    ];
    for name in names {
        let log = log_of(name);
        let run = |args: &[&str]| {
            let output = run_with(args, &log);
            assert!(output.status.success(), "{name:.40}: {}", stderr(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let svg = run(&["flame", "-", "-o", "-"]);
        is_well_formed(&svg);
        assert!(!svg.contains("<script>alert") && !svg.contains('\u{202e}'), "{name:.40}");
        assert!(svg.len() < 100_000, "{} bytes", svg.len());
        let folded = run(&["fold", "-"]);
        assert_eq!(folded.lines().count(), 1, "{name:.40}");
        assert!(folded.ends_with(" /srv/a.js:1:2 1\n") && folded.matches(';').count() == 1);
        for format in ["text", "markdown"] {
            let table = run(&["top", "-", "--format", format]);
            assert!(!table.contains(['\u{1b}', '\u{202e}']) && table.len() < 5_000, "{name:.40}");
        }
        assert!(!run(&["top", "-", "--format", "markdown"]).contains("<script>"));
    }
}

#[test]
fn static_pictures_hold_nothing_that_a_pull_request_refuses() {
    for flags in [&["--static"][..], &["--static", "--inverted", "--width", "800"]] {
        let svg = stdout(&[&["flame", SPIKE, "-o", "-"], flags].concat());
        // There is no document type either.
        let document = roxmltree::Document::parse(&svg).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(["svg", "g", "rect", "text", "title"].contains(&node.tag_name().name()));
            for attribute in node.attributes() {
                let name = attribute.name();
                let refused = name.starts_with("on") || name == "style" || name.ends_with("href");
                assert!(!refused && !attribute.value().contains("url("), "{attribute:?}");
            }
        }
        // The picture still has the hottest function with its tooltip, and the legend.
        assert!(svg.contains("<title>_encipher bcryptjs/dist/bcrypt.js:959 ("));
        assert!(svg.contains(">application</text>"));
    }
}

#[test]
fn a_png_is_written_beside_the_svg_or_alone() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |flags: &[&str]| {
        let log = root("samples/v8/mix-node22.log.zst").to_string_lossy().into_owned();
        let args = [&["flame", &log], flags].concat();
        command(&args).current_dir(folder.path()).output().unwrap()
    };
    let both = draw(&["--png", "-o", "a.svg"]);
    if cfg!(not(feature = "png")) {
        // The error comes before anything is read or written.
        assert_eq!(both.status.code(), Some(2));
        assert!(stderr(&both).contains("--features png"), "{}", stderr(&both));
        assert_eq!(draw(&["-o", "b.PNG"]).status.code(), Some(2));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        return;
    }
    assert!(String::from_utf8(both.stdout).unwrap().starts_with("a.svg\na.png\n"));
    assert!(draw(&["-o", "b.PNG"]).stdout.starts_with(b"b.PNG\n"));
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(read("a.png") == read("b.PNG") && read("a.png") == draw(&["--png", "-o", "-"]).stdout);
    assert!(read("a.png").starts_with(b"\x89PNG") && !folder.path().join("b.svg").exists());
    let deep = format!("main;a 1\nmain;b 1\n{}x 1\n", "f;".repeat(100_000));
    let output = run_with(&["flame", "-", "--png", "-o", "-"], deep.as_bytes());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("too large for a PNG"), "{}", stderr(&output));
}

#[test]
fn bytes_are_not_called_cpu() {
    let svg = stdout(&["flame", "pprof/datadog-heap.pb.gz", "-o", "-"]);
    assert!(svg.contains(">Flame graph of datadog-heap.pb<"));
    assert!(!svg.contains("CPU"));
    let svg = stdout(&["flame", "json/py-spy.speedscope.json.zst", "-o", "-"]);
    assert!(svg.contains(">CPU flame graph of py-spy.speedscope.json<"));
}

#[test]
fn a_recording_without_a_command_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1");
    let output = command(&[log.to_str().unwrap()]).current_dir(&folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(folder.path().join("before-1.svg").exists(), "{text}");
    // The user's own code comes first, because a newcomer does not know `write`.
    let own = text.find("hottest of your own code").unwrap();
    assert!(own < text.find("hottest by self ticks").unwrap());
    assert!(text.contains("hashPassword members/members.service.js:67"), "{text}");
    assert!(text.contains("in _encipher bcryptjs/dist/bcrypt.js:959"), "{text}");
    assert!(failure(&["missing.log"]).contains("missing.log"));
}
