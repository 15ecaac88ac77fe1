//! Every SVG is well-formed, harmless, and true to the tree.

use proptest::prelude::*;
use roxmltree::{Document, Node};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use spikeflame_render::{About, Direction, FlameOptions, Palette, flame};
use std::collections::HashMap;

fn read(text: &str) -> Profile {
    folded::read(&mut text.as_bytes(), "test", None).unwrap()
}

fn draw(profile: &Profile, options: &FlameOptions) -> (CallTree, String) {
    let selection = Selection { idle: spikeflame_profile::Idle::Keep, ..Selection::default() };
    let tree = CallTree::build(profile, &selection);
    let about = About::collect(profile, &selection, &tree);
    let mut svg = Vec::new();
    flame(&tree, &about, options, &mut svg).unwrap();
    (tree, String::from_utf8(svg).unwrap())
}

fn parse(svg: &str) -> Document<'_> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    Document::parse_with_options(svg, options).unwrap_or_else(|error| panic!("{error}"))
}

/// A box of a picture: title, first sample, width in samples, level from the root.
#[derive(Debug)]
struct Frame {
    title: String,
    x: u64,
    width: u64,
    level: i64,
}

fn frames(document: &Document<'_>, direction: Direction) -> Vec<Frame> {
    let container = document.descendants().find(|n| n.attribute("id") == Some("frames")).unwrap();
    let number = |node: &Node<'_, '_>, name: &str| -> u64 {
        let attribute = node.attributes().find(|a| a.name() == name).unwrap();
        attribute.value().parse().unwrap()
    };
    let groups =
        container.children().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "g")));
    let mut frames: Vec<Frame> = groups
        .map(|group| {
            let child =
                |name: &str| group.children().find(|n| n.tag_name().name() == name).unwrap();
            let rect = child("rect");
            let fg = |name: &str| {
                let found = rect.attributes().find(|a| a.namespace().is_some() && a.name() == name);
                found.unwrap().value().parse().unwrap()
            };
            let y = number(&rect, "y") as i64;
            Frame {
                title: child("title").text().unwrap().to_owned(),
                x: fg("x"),
                width: fg("w"),
                level: if direction == Direction::Flames { -y / 16 } else { y / 16 },
            }
        })
        .collect();
    let least = frames.iter().map(|frame| frame.level).min().unwrap();
    frames.iter_mut().for_each(|frame| frame.level -= least);
    frames.sort_by_key(|frame| (frame.level, frame.x));
    frames
}

/// Nothing runs or loads, except the script of inferno and our own.
fn assert_inert(document: &Document<'_>) {
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let known = [
            "svg",
            "defs",
            "linearGradient",
            "stop",
            "style",
            "script",
            "rect",
            "text",
            "g",
            "title",
        ];
        assert!(known.contains(&name), "<{name}>");
        for attribute in node.attributes() {
            let handler = attribute.name().starts_with("on");
            assert!(!handler || attribute.value() == "init(evt)", "{attribute:?}");
            assert!(!attribute.name().ends_with("href"), "{attribute:?}");
        }
    }
    let scripts = document.descendants().filter(|n| n.tag_name().name() == "script").count();
    assert!(scripts <= 2, "{scripts} scripts");
}

fn check(profile: &Profile, options: &FlameOptions) {
    let (tree, svg) = draw(profile, options);
    let document = parse(&svg);
    assert_inert(&document);
    let frames = frames(&document, options.direction);
    let root = &frames[0];
    assert_eq!((root.x, root.width), (0, tree.total()), "the root is as wide as the samples kept");
    assert_eq!(frames.iter().filter(|frame| frame.level == 0).count(), 1);
    let mut inside: HashMap<(i64, u64), u64> = HashMap::new();
    for frame in &frames[1..] {
        let parent = frames
            .iter()
            .find(|p| {
                p.level == frame.level - 1
                    && p.x <= frame.x
                    && frame.x + frame.width <= p.x + p.width
            })
            .unwrap_or_else(|| panic!("{frame:?} sticks out of its parent"));
        *inside.entry((parent.level, parent.x)).or_default() += frame.width;
        assert!(
            inside[&(parent.level, parent.x)] <= parent.width,
            "children wider than {parent:?}"
        );
    }
    // One box for each function at each place: siblings have different names.
    let name = |frame: &Frame| frame.title.rsplit_once(" (").unwrap().0.to_owned();
    let mut places: HashMap<(i64, u64, String), u64> = HashMap::new();
    for frame in &frames[1..] {
        let parent = frames
            .iter()
            .filter(|p| p.level == frame.level - 1 && p.x <= frame.x && frame.x < p.x + p.width)
            .map(|p| p.x)
            .next()
            .unwrap();
        *places.entry((frame.level, parent, name(frame))).or_default() += 1;
    }
    let narrow = |place: &(i64, u64, String)| place.2.contains("too narrow to draw");
    let twice: Vec<_> = places.iter().filter(|(place, n)| **n > 1 && !narrow(place)).collect();
    assert!(twice.is_empty(), "drawn twice: {twice:?}");
    if options.min_width == 0.0 {
        assert_eq!(frames.len(), tree.nodes().len(), "one box a node");
    }
}

const NAMES: [&str; 14] = [
    "main",
    "main loop",
    "b c",
    "b",
    "b 12",
    "a 3 4",
    "#comment",
    "f /srv/app/a.js:1:2",
    "f /srv/app/a.js:1:3",
    "g /x/node_modules/p/a.js:1:2",
    "g /x/node_modules/q/node_modules/p/a.js:1:2",
    "RegExp: ^\\d+ 7",
    "n0",
    "all",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn boxes_are_as_wide_as_their_samples(
        stacks in prop::collection::vec((prop::collection::vec(0..NAMES.len(), 1..6), 1..50u64), 1..40),
        icicles in any::<bool>(),
        pruned in any::<bool>(),
    ) {
        let lines = stacks.iter().map(|(stack, weight)| {
            let labels: Vec<_> = stack.iter().map(|&at| NAMES[at]).collect();
            format!("{} {weight}\n", labels.join(";"))
        });
        let profile = read(&lines.collect::<String>());
        let direction = if icicles { Direction::Icicles } else { Direction::Flames };
        let min_width = if pruned { 20.0 } else { 0.0 };
        check(&profile, &FlameOptions { direction, min_width, ..FlameOptions::default() });
    }

    /// Whatever a name holds, the picture is well-formed XML and inert.
    #[test]
    fn names_cannot_break_out(name in "\\PC{1,20}|[\\x00-\\x1f<>&\"'\\]\\[/;!-]{1,12}", title in "\\PC{0,12}") {
        let name: String = name.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        let text = format!("main;{name} 3\nmain;{name}<script>;x 4\n");
        let profile = read(&text);
        check(&profile, &FlameOptions { title, min_width: 0.0, ..FlameOptions::default() });
    }
}

#[test]
fn hostile_names_are_inert() {
    let long = "x".repeat(1_000_000);
    let names = [
        "<script>alert(1)</script>",
        "]]><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "' onmouseover='alert(1)",
        "\u{0}\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{9b}",
        "\u{202e}gnp.js\u{202c}\u{2066}\u{feff}\u{200b}",
        "&amp;&#x41;&undefined;",
        "-->--",
        "\u{fffe}\u{ffff}",
        long.as_str(),
    ];
    let text: String = names.iter().map(|name| format!("root;{name};leaf 5\n")).collect();
    let title = names.concat().chars().take(200).collect();
    for palette in [Palette::Kind, Palette::Tier, Palette::Package, Palette::Classic] {
        check(
            &read(&text),
            &FlameOptions {
                palette,
                min_width: 0.0,
                title: String::clone(&title),
                ..FlameOptions::default()
            },
        );
    }
    let (_, svg) = draw(&read(&text), &FlameOptions::default());
    assert!(svg.len() < 200_000, "a long name is cut: {}", svg.len());
    assert!(!svg.contains("<script>alert") && !svg.contains('\u{202e}') && !svg.contains('\u{1b}'));
}

#[test]
fn what_is_too_narrow_says_what_it_stands_for() {
    let mut text = String::from("main;wide 100000\n");
    for at in 0..50 {
        text += &format!("main;narrow{at};deeper 1\n");
    }
    let (_, svg) = draw(&read(&text), &FlameOptions::default());
    assert!(svg.contains("(100 calls too narrow to draw) (50 samples, 0.05%)"), "{svg}");
    assert!(!svg.contains("narrow7"));
    let whole = FlameOptions { min_width: 0.0, ..FlameOptions::default() };
    assert!(draw(&read(&text), &whole).1.contains("narrow7"));
}

#[test]
fn a_picture_of_nothing_is_an_error() {
    let profile = read("main 1\n");
    let selection = Selection { focus: "nothing".parse().ok(), ..Selection::default() };
    let tree = CallTree::build(&profile, &selection);
    let about = About::collect(&profile, &selection, &tree);
    assert!(flame(&tree, &about, &FlameOptions::default(), Vec::new()).is_err());
}

#[test]
fn titles_say_count_share_self_and_tiers() {
    let text =
        "*f /srv/app/a.js:1:2;g /srv/app/node_modules/p/b.js:3:4 1\n*f /srv/app/a.js:1:2 3\n";
    let (_, svg) = draw(&read(text), &FlameOptions::default());
    let expected =
        "f a.js:1 (4 samples, 100.00%; self 3, 75.00%; optimized 100%; /srv/app/a.js:1:2)";
    assert!(svg.contains(expected), "{svg}");
    assert!(svg.contains(
        ">g p/b.js:3 (1 sample, 25.00%; self 1, 25.00%; /srv/app/node_modules/p/b.js:3:4)"
    ));
    for word in ["application", "node_modules"] {
        assert!(svg.contains(&format!(">{word}</text>")), "no {word} in the legend");
    }
}

#[test]
fn a_legend_names_the_widest_packages() {
    let line = |at: usize| format!("f /srv/node_modules/p{at}/a.js:1:2 {}\n", at + 1);
    let text: String = (0..20).map(line).chain(["f /srv/a.js:1:2 1\n".to_owned()]).collect();
    let options = FlameOptions { palette: Palette::Package, ..FlameOptions::default() };
    let (_, svg) = draw(&read(&text), &options);
    for word in ["application", "p19", "p8", "8 more packages, in colours of their own"] {
        assert!(svg.contains(&format!(">{word}</text>")), "no {word} in the legend");
    }
    assert!(!svg.contains(">p7</text></g>") && !svg.contains(">no package</text>"));
}
