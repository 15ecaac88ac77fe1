//! Profiles in V8's format from other runtimes, and from recorders with a full buffer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{Profile, Zero};
use std::path::Path;

fn read(start: f64, end: f64, samples: usize, delta: u64) -> Profile {
    let list = |item: &str| vec![item; samples].join(",");
    let text = format!(
        "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"(root)\",\"url\":\"\"}},\
         \"children\":[2]}},{{\"id\":2,\"callFrame\":{{\"functionName\":\"hot\",\"scriptId\":\"7\",\
         \"url\":\"file:///srv/a.js\",\"lineNumber\":1,\"columnNumber\":2}}}}],\
         \"startTime\":{start},\"endTime\":{end},\"samples\":[{}],\"timeDeltas\":[{}]}}",
        list("2"),
        list(&delta.to_string())
    );
    read_stream(text.as_bytes(), Path::new("x.cpuprofile"), &Options::default()).unwrap()
}

#[test]
fn a_profile_whose_buffer_was_full_is_as_long_as_its_samples() {
    let cut = read(1e9, 1e9 + 828_000.0, 200, 1_000);
    assert_eq!(cut.sources[0].end_us, 200_000);
    assert!(cut.warnings.iter().any(|warning| warning.contains("not recorded")), "{cut:?}");
    // The last sample of a complete profile is near its end.
    let whole = read(1e9, 1e9 + 205_000.0, 200, 1_000);
    assert_eq!(whole.sources[0].end_us, 205_000);
    assert!(whole.warnings.is_empty(), "{:?}", whole.warnings);
    // A few samples far apart do not mean that the buffer was full.
    let few = read(1e9, 1e9 + 1_500_000.0, 3, 400_000);
    assert!(few.warnings.is_empty(), "{:?}", few.warnings);
}

#[test]
fn a_start_in_this_century_is_the_wall_clock() {
    assert_eq!(
        read(1_795_779_840_085_175.5, 1_795_779_840_285_175.0, 200, 1_000).sources[0].zero,
        Zero::Wall(1_795_779_840_085_175)
    );
    assert_eq!(
        read(9.8e9, 9.8e9 + 2e5, 200, 1_000).sources[0].zero,
        Zero::Monotonic(9_800_000_000)
    );
}
