//! A static picture contains shapes and words only.

use crate::inert;

use inert::{HOSTILE, assert_static};
use proptest::prelude::*;
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use spikeflame_render::{About, Direction, FlameOptions, flame};

fn read(text: &str) -> Profile {
    folded::read(&mut text.as_bytes(), "test", None).unwrap()
}

fn draw(profile: &Profile, options: FlameOptions) -> String {
    let tree = CallTree::build(profile, &Selection::default());
    let about = About::collect(profile, &Selection::default(), &tree);
    let mut svg = Vec::new();
    flame(&tree, &about, &FlameOptions { fixed: true, ..options }, &mut svg).unwrap();
    String::from_utf8(svg).unwrap()
}

#[test]
fn hostile_names_are_words() {
    let long = "x".repeat(100_000);
    let names = HOSTILE.iter().copied().chain([long.as_str()]);
    let text: String = names.map(|name| format!("root;{name};leaf 5\n")).collect();
    for direction in [Direction::Flames, Direction::Icicles] {
        let title = HOSTILE.concat();
        let svg = draw(&read(&text), FlameOptions { title, direction, ..FlameOptions::default() });
        assert_static(&svg);
        assert!(svg.len() < 20_000, "a long name is cut: {}", svg.len());
    }
}

#[test]
fn boxes_are_as_wide_as_their_samples_and_names_end_with_them() {
    let svg = draw(
        &read("main;work_that_takes_long 3\nmain;x 1\n"),
        FlameOptions { width: Some(220), ..FlameOptions::default() },
    );
    let document = roxmltree::Document::parse(&svg).unwrap();
    let boxes: Vec<(&str, f64, f64, &str)> = document
        .descendants()
        .filter(|node| node.has_tag_name("g") && node.attribute("id").is_none())
        .map(|group| {
            let child = |name| group.children().find(|node| node.has_tag_name(name));
            let number = |name| child("rect").unwrap().attribute(name).unwrap().parse().unwrap();
            let text = child("text").and_then(|text| text.text()).unwrap_or("");
            (child("title").unwrap().text().unwrap(), number("x"), number("width"), text)
        })
        .collect();
    let expected = [
        ("all (4 samples, 100.00%)", 10.0, 200.0, "all"),
        ("main (4 samples, 100.00%; self 0, 0.00%)", 10.0, 200.0, "main"),
        (
            "work_that_takes_long (3 samples, 75.00%; self 3, 75.00%)",
            10.0,
            150.0,
            "work_that_takes_l..",
        ),
        ("x (1 sample, 25.00%; self 1, 25.00%)", 160.0, 50.0, "x"),
    ];
    for place in expected {
        assert!(boxes.contains(&place), "{place:?} in {boxes:?}");
    }
    assert_eq!(boxes.len(), expected.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_name_holds(name in "\\PC{1,20}|[\\x00-\\x1f<>&\"'\\]\\[/;!-]{1,12}") {
        let name: String = name.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        let profile = read(&format!("main;{name} 3\nmain;{name}<style>;x 4\n"));
        assert_static(&draw(&profile, FlameOptions { title: name, ..FlameOptions::default() }));
    }
}
