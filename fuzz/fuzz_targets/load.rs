#![no_main]

use spikeflame_load::{ReadOptions, read};
use std::path::Path;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    match read(data, Path::new("fuzz"), &ReadOptions::default()) {
        Ok(load) => spikeflame_fuzz::check_load(&load),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
