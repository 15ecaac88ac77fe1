#![no_main]

use spikeflame_load::monitor::{MonitorOptions, read};
use std::path::Path;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match read(data, Path::new("fuzz"), &MonitorOptions::default()) {
        Ok(monitor) => {
            assert!(!monitor.tracks.is_empty());
            for track in &monitor.tracks {
                assert!(track.points.is_sorted_by(|a, b| a.0 < b.0));
                assert!(track.points.iter().all(|point| point.1.is_finite()));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
