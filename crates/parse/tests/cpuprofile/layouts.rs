//! Every layout of a `.cpuprofile` gives the same profile.

use super::*;

/// V8's own nodes are read by their layout.
#[test]
fn nodes_with_their_members_in_another_order_are_the_same() {
    let bytes = sample("mix-node22.cpuprofile");
    let sorted = value(&bytes);
    assert!(sorted["nodes"][0].to_string().starts_with("{\"callFrame\""));
    let (profile, other) = (parse(&bytes).unwrap(), parse_value(&sorted));
    assert_eq!(fold(&profile), fold(&other));
    assert_eq!(times(&profile), times(&other));
}

#[test]
fn keys_come_in_any_order() {
    let raw = small();
    let whole = parse(text(&raw, &V8S).as_bytes()).unwrap();
    assert_eq!((whole.total(), whole.losses.len()), (SAMPLES as u64, 0));
    let mut keys = V8S;
    for turn in 0..120 {
        keys.swap(turn % 5, (turn * 7 + 1) % 5);
        let profile = parse(text(&raw, &keys).as_bytes()).unwrap();
        assert_eq!(fold(&profile), fold(&whole), "{keys:?}");
        assert_eq!(times(&profile), times(&whole), "{keys:?}");
        assert_eq!(profile.sources, whole.sources);
    }
}

/// Returns the nodes of `raw` as one nested node, with lines from 1.
fn nested(raw: &Value) -> Value {
    fn at(nodes: &BTreeMap<u64, &Value>, id: u64) -> Value {
        let node = nodes[&id];
        let mut frame = node["callFrame"].clone();
        for key in ["lineNumber", "columnNumber"] {
            frame[key] = json!(frame[key].as_i64().unwrap() + 1);
        }
        let children = node["children"].as_array().into_iter().flatten();
        frame["children"] = children.map(|child| at(nodes, child.as_u64().unwrap())).collect();
        (frame["id"], frame["hitCount"], frame["callUID"]) =
            (json!(id), node["hitCount"].clone(), json!(17));
        frame
    }
    let nodes: BTreeMap<u64, &Value> = raw["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_u64().unwrap(), node))
        .collect();
    at(&nodes, 1)
}

#[test]
fn every_layout_gives_the_same_profile() {
    let raw = small();
    let whole = parse_value(&raw);
    // Nodes have parents in place of children, as in traces.
    let mut parents = raw.clone();
    for node in raw["nodes"].as_array().unwrap() {
        for child in node["children"].as_array().into_iter().flatten() {
            let nodes = parents["nodes"].as_array_mut().unwrap();
            nodes.iter_mut().find(|node| node["id"] == *child).unwrap()["parent"] =
                node["id"].clone();
        }
    }
    for node in parents["nodes"].as_array_mut().unwrap() {
        node.as_object_mut().unwrap().remove("children");
    }
    assert_eq!(fold(&parse_value(&parents)), fold(&whole));
    assert_eq!(times(&parse_value(&parents)), times(&whole));

    // DevTools before 2016 wrote samples before or after the tree.
    let stamps: Vec<u64> = times(&whole).iter().map(|time| time + 5_000_000).collect();
    let old = json!({
        "head": nested(&raw), "samples": raw["samples"], "timestamps": stamps,
        "startTime": 5.0, "endTime": 7.5, "typeId": "CPU",
    });
    for keys in [
        ["head", "startTime", "endTime", "samples", "timestamps"],
        ["samples", "timestamps", "startTime", "endTime", "head"],
    ] {
        let profile = parse(text(&old, &keys).as_bytes()).unwrap();
        assert_eq!(fold(&profile), fold(&whole));
        let first = times(&whole)[0];
        assert_eq!(
            times(&profile),
            times(&whole).iter().map(|time| time - first).collect::<Vec<_>>()
        );
        let source = &profile.sources[0];
        assert_eq!(source.zero, Zero::Monotonic(5_000_000 + first));
        assert_eq!((source.timed, source.end_us), (true, 2_500_000 - first));
        assert!(profile.losses.is_empty());
    }

    // Only each node's count is known.
    for hits in [
        json!({ "nodes": raw["nodes"] }),
        json!({ "head": nested(&raw) }),
        json!({ "nodes": raw["nodes"], "samples": [] }),
    ] {
        let profile = parse_value(&hits);
        assert_eq!(fold(&profile), fold(&whole));
        assert!(!profile.sources[0].timed && profile.losses.is_empty());
    }
}
