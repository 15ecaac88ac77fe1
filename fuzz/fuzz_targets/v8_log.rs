#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spikeflame_fuzz::read("v8_log", data));
