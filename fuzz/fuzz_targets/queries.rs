#![no_main]

use spikeflame_load::queries::{Parts, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(queries) = read([(data, "fuzz".into())], &Parts::default()) {
        spikeflame_fuzz::check_queries(&queries);
    }
});
