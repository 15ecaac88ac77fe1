//! Profiles that are too deep, too large, cut off or changed.

use super::{SAMPLES, V8S, node, small, text};
use crate::json_common::{accounted, damaged, edits, parse, sample};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::{Error, Options, read};

#[test]
fn what_nests_too_deep_is_an_error_with_its_place() {
    let head = |depth: usize| {
        let open = "{\"functionName\":\"f\",\"url\":\"/f.js\",\"lineNumber\":1,\"columnNumber\":1,\"hitCount\":1,\"children\":[";
        format!("{{\"head\":{}{}}}", open.repeat(depth), "]}".repeat(depth))
    };
    assert_eq!(parse(head(4000).as_bytes()).unwrap().total(), 4000);
    for depth in [4001, 100_000] {
        let error = parse(head(depth).as_bytes()).unwrap_err().to_string();
        assert!(
            error.contains("line 1 column 3") && error.contains("nested more than 4,000 deep"),
            "{error}"
        );
    }
    // Skipped values may be nested to any depth.
    let deep = format!("{}{}", "[{\"x\":".repeat(100_000), "1".to_owned() + &"}]".repeat(100_000));
    let text = format!(
        "{{\"nodes\":[{}],\"x\":{deep},\"samples\":[1]}}",
        node("1", "a", &format!(",\"positionTicks\":{deep}"))
    );
    assert_eq!(parse(text.as_bytes()).map(|p| p.total()).map_err(|e| e.to_string()), Ok(1));
}

#[test]
fn what_unpacks_to_more_than_fits_is_damage() {
    // Each of these is about a megabyte when compressed, and would take gigabytes.
    let ids: Vec<String> = (0..4_000_000).map(|id| id.to_string()).collect();
    let nodes = format!("{},{}", node("1", "a", ""), node("2", "b", ""));
    let many = "1,".repeat(16_000_000);
    let samples = format!("\"samples\":[{many}1]");
    let nested = format!("{{\"nodes\":[{nodes}],\"samples\":[1,2,{}]}}", ids.join(","));
    let repeated = format!("{{\"nodes\":[{nodes}],{samples},{samples}}}");
    for text in [nested, repeated] {
        let profile = parse(text.as_bytes()).unwrap();
        let warning = profile.warnings[0].to_string();
        assert!(
            warning.contains("line 1 column") && warning.contains("more than 512 MiB"),
            "{warning}"
        );
    }
    let children = node("1", "a", &format!(",\"children\":[{many}2]"));
    let children = format!("{{\"nodes\":[{children}]}}");
    let error = parse(children.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("an array of more than 4,194,304 elements"), "{error}");
}

/// Counts whole numbers of the array of samples before `cut`.
fn whole_samples(text: &str, cut: usize) -> u64 {
    let start = text.find("\"samples\":[").unwrap() + 11;
    let end = start + text[start..].find(']').unwrap();
    let part = text.get(start..cut.min(end)).unwrap_or_default();
    part.matches(',').count() as u64 + u64::from(cut > end)
}

#[test]
fn a_file_cut_at_any_byte_is_used_up_to_the_cut() {
    let raw = small();
    // With V8's order of keys, the nodes' counts are known for all samples. Without the
    // counts, only samples before the cut are known.
    let mut without = raw.clone();
    for node in without["nodes"].as_array_mut().unwrap() {
        node["hitCount"] = json!(0);
    }
    for (text, counts) in [(text(&raw, &V8S), true), (text(&without, &V8S), false)] {
        let nodes_end = text.find(",\"startTime\"").unwrap();
        println!("{} bytes", text.len());
        for cut in 0..text.len() {
            let whole = whole_samples(&text, cut);
            match parse(&text.as_bytes()[..cut]) {
                Ok(profile) => {
                    let accounted = accounted(&profile);
                    let expected =
                        if counts { SAMPLES as u64..=SAMPLES as u64 } else { whole..=whole + 1 };
                    assert!(
                        expected.contains(&accounted),
                        "cut at {cut}: {accounted}, not {whole}"
                    );
                    let warning = profile.warnings[0].to_string();
                    let told = warning.contains("the file ends in the middle; read up to there");
                    assert!(told, "cut at {cut}: {warning}");
                }
                Err(Error::Damaged { at, .. }) => {
                    assert!(cut < nodes_end || !counts && whole <= 1, "cut at {cut}: {whole}");
                    assert!(at.starts_with("line 1 column "), "{at}");
                }
                Err(Error::Unrecognised { .. }) => assert!(cut < 40, "cut at {cut}"),
                Err(error) => panic!("cut at {cut}: {error}"),
            }
        }
    }
}

#[test]
fn a_packed_file_is_used_up_to_its_damage() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, &sample("mix-node22.cpuprofile")).unwrap();
    let packed = encoder.finish().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.cpuprofile.gz");
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(std::slice::from_ref(&path), &Options::default())
    };
    let whole = load(&packed).unwrap();
    let part = load(&packed[..packed.len() - 100]).unwrap();
    assert_eq!((part.total(), part.sources[0].timed), (whole.total(), false));
    assert!(
        part.warnings[0].to_string().contains("byte ")
            && part.warnings[0].to_string().contains("read up to there")
    );
    let error = load(&packed[..packed.len() / 2]).unwrap_err().to_string();
    assert!(error.contains("of the data") && error.contains("record anew"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Damage causes no panic, and every sample before it is in the profile or counted as
    /// lost.
    #[test]
    fn damage_loses_no_sample_before_it(edits in edits()) {
        let bytes = damaged(text(&small(), &V8S).into_bytes(), &edits);
        if let Ok(profile) = parse(&bytes) {
            if let Ok(Value::Object(raw)) = serde_json::from_slice(&bytes) {
                let samples = raw.get("samples").and_then(Value::as_array).map_or(0, Vec::len);
                if samples > 0 && profile.warnings.is_empty() {
                    prop_assert_eq!(accounted(&profile), samples as u64);
                }
            }
            prop_assert!(profile.total() > 0);
        }
    }
}
