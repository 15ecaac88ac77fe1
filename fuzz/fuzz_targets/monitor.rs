#![no_main]

use spikeflame_load::monitor::{MonitorOptions, read};
use std::path::Path;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match read(data, Path::new("fuzz"), &MonitorOptions::default()) {
        Ok(monitor) => {
            assert!(!monitor.tracks.is_empty());
            spikeflame_fuzz::check_monitor(&monitor);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
