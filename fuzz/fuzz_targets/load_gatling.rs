#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spikeflame_fuzz::read_load("gatling", data));
