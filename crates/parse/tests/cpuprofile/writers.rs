//! Files of other writers than `node --cpu-prof`.

use super::*;

#[test]
fn a_reply_of_the_inspector_and_a_byte_order_mark_are_read_as_what_they_hold() {
    let plain = fold(&parse_value(&small()));
    for wrapped in
        [json!({ "profile": small() }), json!({ "id": 3, "result": { "profile": small() } })]
    {
        assert_eq!(fold(&parse_value(&wrapped)), plain);
    }
    let marked = format!("\u{feff}{}", small());
    assert_eq!(fold(&parse(marked.as_bytes()).unwrap()), plain);
    // There is a limit to the nesting.
    let open = "{\"profile\":".repeat(100_000);
    let error = parse(format!("{open}{{\"callFrame\":1").as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. } | Error::Unrecognised { .. }), "{error}");
    // A file without nodes was not stopped early.
    let error = parse(br#"{"samples":[],"callFrame":{}}"#).unwrap_err().to_string();
    assert!(error.contains("expected nodes and samples"), "{error}");
}

#[test]
fn what_our_own_export_adds_is_honoured() {
    let nodes = [
        node("1", "a", ",\"children\":[2,3,4,5],\"spikeflame\":{\"kind\":\"js\",\"tier\":\"*\"}"),
        node("2", "ArrayMap", ",\"spikeflame\":{\"kind\":\"builtin\"}"),
        node("3", "b", ",\"spikeflame\":{\"kind\":\"js\",\"tier\":\"+\",\"inlined\":true}"),
        node(
            "4",
            "node::Start",
            ",\"spikeflame\":{\"kind\":\"native\",\"module\":\"/usr/bin/node\"}",
        ),
        node("5", "RegExp: \\\\d", ",\"spikeflame\":{\"kind\":\"regexp\",\"tier\":7}"),
    ]
    .join(",");
    let text = format!(
        "{{\"nodes\":[{nodes}],\"samples\":[1,2,3,4,5],\"timeDeltas\":[5,5,5,5,5],\"spikeflame\":{{\"weights\":[7,1,2,3,1],\"unit\":\"ticks\",\"interval_us\":1000,\"producer\":\"Node 22\"}}}}"
    );
    let profile = parse(text.as_bytes()).unwrap();
    assert_eq!(
        fold(&profile),
        "*a /a.js:1:1_[j] 7\n*a /a.js:1:1_[j];+b /b.js:1:1_[i] 2\n*a /a.js:1:1_[j];Builtin: ArrayMap 1\n*a /a.js:1:1_[j];RegExp: \\d 1\n*a /a.js:1:1_[j];node::Start 3\n"
    );
    let source = &profile.sources[0];
    assert_eq!(
        (source.unit.as_str(), source.interval_us, source.producer.as_str()),
        ("ticks", Some(1000), "cpuprofile of Node 22")
    );
    let start = profile.frames.functions().find(|(_, f)| f.kind == Kind::Native).unwrap().1;
    assert_eq!(profile.frames.strings().get(start.module), "/usr/bin/node");
    // The weights may come first.
    let (head, tail) = text.split_once(",\"spikeflame\":{\"weights\"").unwrap();
    let turned = format!(
        "{{\"spikeflame\":{{\"weights\"{},{}}}",
        tail.trim_end_matches('}').to_owned() + "}",
        &head[1..]
    );
    assert_eq!(fold(&parse(turned.as_bytes()).unwrap()), fold(&profile));
}

/// The error was: functions of v8-profiler-next 1.10.0 (`setGenerateType(1)`) were one line and one
/// column too far, because it writes positions from 1.
#[test]
fn positions_of_v8_profiler_next_begin_at_1() {
    let node = |bailout: &str| {
        format!(
            "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"(root)\",\"scriptId\":0,{bailout}\
             \"url\":\"\",\"lineNumber\":0,\"columnNumber\":0}},\"children\":[2,3]}},\
             {{\"id\":2,\"callFrame\":{{\"functionName\":\"fib\",\"scriptId\":240,{bailout}\
             \"url\":\"/srv/w.js\",\"lineNumber\":1,\"columnNumber\":13,\"lineTicks\":[]}}}},\
             {{\"id\":3,\"callFrame\":{{\"functionName\":\"write\",\"scriptId\":0,{bailout}\
             \"url\":\"\",\"lineNumber\":0,\"columnNumber\":0}}}}],\
             \"startTime\":0,\"endTime\":9,\"samples\":[2,2,3],\"timeDeltas\":[1,1,1]}}"
        )
    };
    let folded = |bailout| fold(&parse(node(bailout).as_bytes()).unwrap());
    assert_eq!(folded("\"bailoutReason\":\"\","), "fib /srv/w.js:1:13 2\nwrite 1\n");
    assert_eq!(folded(""), "fib /srv/w.js:2:14 2\nwrite 1\n");
}

/// The error was: the lines that ran were not read in files of v8-profiler-next 1.10.0, which calls
/// them `lineTicks`: in a list of nodes within the function, in nested nodes beside it.
#[test]
fn lines_that_ran_in_files_of_v8_profiler_next() {
    let function = "\"functionName\":\"loop\",\"scriptId\":237,\"bailoutReason\":\"\",\
                    \"url\":\"/srv/prog.js\",\"lineNumber\":2,\"columnNumber\":14";
    let ticks = "\"lineTicks\":[{\"line\":7,\"hitCount\":1},{\"line\":8,\"hitCount\":2}]";
    let root = "\"functionName\":\"(root)\",\"url\":\"\",\"scriptId\":0,\"bailoutReason\":\"\",\
                \"lineNumber\":0,\"columnNumber\":0";
    let end = "\"startTime\":0,\"endTime\":9,\"samples\":[18,18,18]";
    let list = format!(
        "{{\"nodes\":[{{\"id\":1,\"hitCount\":0,\"callFrame\":{{{root}}},\"children\":[18]}},\
         {{\"id\":18,\"hitCount\":3,\"callFrame\":{{{function},{ticks}}}}}],{end},\
         \"timeDeltas\":[1,1,1]}}"
    );
    let nested = format!(
        "{{\"typeId\":\"CPU\",\"head\":{{{root},\"id\":1,\"hitCount\":0,\"children\":[{{{function},\
         \"id\":18,\"hitCount\":3,\"children\":[],{ticks}}}]}},{end},\"timestamps\":[1,2,3]}}"
    );
    for text in [list, nested] {
        let options = Options { lines: true, ..Options::default() };
        let profile = read_stream(text.as_bytes(), Path::new("x"), &options).unwrap();
        let mut lines: Vec<u32> = profile.threads[0]
            .samples
            .iter()
            .filter_map(|(sample, _)| profile.stacks.get(sample.stack))
            .map(|(_, frame)| profile.frames.line(frame))
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, [7, 8, 8], "{text}");
        assert_eq!(fold(&parse(text.as_bytes()).unwrap()), "loop /srv/prog.js:2:14 3\n");
    }
}

/// The error was: V8 writes the URL of a script with `//# sourceURL` in some nodes only, as for webpack's modules in
/// development, so that a function was two rows, one of them in `<eval>`.
#[test]
fn a_script_with_a_url_in_some_nodes_has_it_in_all() {
    let node = |id: u32, script: u32, url: &str, parent: &str| {
        format!(
            "{{\"id\":{id},\"callFrame\":{{\"functionName\":\"price\",\"url\":\"{url}\",\"lineNumber\":17,\"columnNumber\":4,\"scriptId\":\"{script}\"}}{parent}}}"
        )
    };
    let url = "webpack:///./svc.js?";
    let nodes = [node(1, 80, "", ""), node(2, 80, url, ""), node(3, 81, "", ",\"parent\":1")];
    let profile = made(&nodes.join(","), "1,1,2,3").unwrap();
    let label = format!("price {url}:18:5");
    assert_eq!(fold(&profile), format!("{label} 3\n{label};price <eval>:18:5 1\n"));
}
