#![no_main]

use spikeflame_load::{Load, ReadOptions, plateau, read};
use std::path::Path;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match read(data, Path::new("fuzz"), &ReadOptions::default()) {
        Ok(Load::Timeline(timeline)) => {
            let ended: f64 = timeline.seconds.iter().map(|s| s.ok + s.failed).sum();
            assert!(ended > 0.0 && ended.is_finite());
            if let Ok(found) = plateau::find(&timeline, &plateau::Options::default()) {
                let window = &found.chosen().window;
                assert!(window.from < window.to);
                assert!(window.to <= timeline.seconds.len());
            }
        }
        Ok(Load::Summary(_)) => {}
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
