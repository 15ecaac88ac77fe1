#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spikeflame_fuzz::read_load("h2load_log", data));
