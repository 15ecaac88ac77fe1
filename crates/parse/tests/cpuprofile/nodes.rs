//! Nodes that are no tree, and ids, counts and numbers of other writers.

use super::*;

#[test]
fn what_is_no_tree_is_counted() {
    let reasons = |profile: &spikeflame_profile::Profile| -> Vec<(String, u64, u64)> {
        profile
            .losses
            .iter()
            .map(|loss| (loss.reason.to_owned(), loss.first, loss.samples))
            .collect()
    };
    // The nodes form a circle; one sample is outside of it.
    let nodes = [
        node("1", "a", ",\"children\":[2]"),
        node("2", "b", ",\"children\":[3]"),
        node("3", "c", ",\"children\":[2,1]"),
        node("4", "d", ""),
    ]
    .join(",");
    let profile = made(&nodes, "4,1,2,3,4").unwrap();
    assert_eq!((fold(&profile).as_str(), accounted(&profile)), ("d /d.js:1:1 2\n", 5));
    assert_eq!(
        reasons(&profile)[0],
        ("a sample of a node whose callers form a circle".to_owned(), 2, 3)
    );
    // The only node is its own caller.
    let error = made(&node("1", "a", ",\"children\":[1]"), "1").unwrap_err().to_string();
    assert!(error.contains("sample 1: a sample of a node whose callers form a circle"), "{error}");
    // A node has two callers, an id comes twice, and some ids have no node.
    let nodes = [
        node("1", "a", ",\"children\":[3,99]"),
        node("2", "b", ",\"children\":[3]"),
        node("3", "c", ""),
        node("3", "x", ""),
    ]
    .join(",");
    let profile = made(&nodes, "3,77,2,99").unwrap();
    assert_eq!(fold(&profile), "a /a.js:1:1;c /c.js:1:1 1\nb /b.js:1:1 1\n");
    assert_eq!(accounted(&profile), 4);
    assert_eq!(
        reasons(&profile),
        [
            ("a sample of a node that is not in the file".to_owned(), 2, 2),
            ("a node with two callers; the first is taken".to_owned(), 2, 0),
            ("the id of two nodes; the first is taken".to_owned(), 3, 0),
        ]
    );
    // The caller is not in the file.
    let profile = made(&node("5", "a", ",\"parent\":9"), "5").unwrap();
    assert_eq!((fold(&profile).as_str(), profile.losses.len()), ("a /a.js:1:1 1\n", 1));
    // Counts of nodes that came twice are samples when there are no other samples.
    let twice = [node("1", "a", ",\"hitCount\":3"), node("1", "b", ",\"hitCount\":4")].join(",");
    let profile = made(&twice, "").unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (3, 4));
    // The error was: counts without a place were "sample 1".
    let places = |profile: &spikeflame_profile::Profile| -> Vec<Option<String>> {
        profile.losses.iter().map(spikeflame_profile::Loss::place).collect()
    };
    assert_eq!(places(&profile), [None, Some("id 1".to_owned())]);
    let circle = [
        node("7", "a", ",\"hitCount\":3,\"parent\":8"),
        node("8", "b", ",\"hitCount\":2,\"parent\":7"),
        node("9", "c", ",\"hitCount\":1"),
    ];
    let profile = made(&circle.join(","), "").unwrap();
    assert_eq!((places(&profile), profile.losses[0].count), (vec![None], 5));
}

#[test]
fn ids_may_be_any_numbers_and_counts_have_their_bounds() {
    let large = ["1152921504606846976", "18446744073709551615", "0"];
    let nodes = [
        node(large[0], "a", &format!(",\"children\":[{}]", large[1])),
        node(large[1], "b", ",\"hitCount\":18446744073709551615"),
        node(large[2], "c", ""),
    ]
    .join(",");
    let profile = made(&nodes, &large.join(",")).unwrap();
    assert_eq!(fold(&profile), "a /a.js:1:1 1\na /a.js:1:1;b /b.js:1:1 1\nc /c.js:1:1 1\n");
    let error = made(&nodes, "").unwrap_err().to_string();
    assert!(error.contains("a count too large to be true"), "{error}");
    let error = made(&node("1.5", "a", ""), "1").unwrap_err().to_string();
    assert!(
        error.contains("line 1 column") && error.contains("expected a whole number"),
        "{error}"
    );
}

#[test]
fn numbers_are_taken_as_other_writers_have_them() {
    for id in ["-2", "2.0", "\"2\""] {
        let nodes = [node("1", "a", &format!(",\"children\":[{id}]")), node(id, "b", "")].join(",");
        let profile = made(&nodes, &format!("{id},{id}")).unwrap();
        assert_eq!(fold(&profile), "a /a.js:1:1;b /b.js:1:1 2\n", "{id}");
        assert!(profile.losses.is_empty());
    }
    for (hits, taken, told) in [("null", 0, 0), ("5.5", 5, 1), ("-7", 0, 1)] {
        let odd = node("2", "b", &format!(",\"hitCount\":{hits}"));
        let nodes = [node("1", "a", ",\"hitCount\":3"), odd].join(",");
        let profile = made(&nodes, "").unwrap();
        assert_eq!((profile.total(), profile.losses.len()), (3 + taken, told), "{hits}");
    }
}
