#![no_main]

use spikeflame_load::queries::{Parts, read};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(queries) = read([(data, "fuzz".into())], &Parts::default()) {
        let counted: u64 = queries.classes.iter().map(|class| class.all.count).sum();
        assert_eq!(counted, queries.statements);
    }
});
