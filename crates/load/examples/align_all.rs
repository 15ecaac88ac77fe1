#![allow(warnings)]
use spikeflame_load::*;
use std::path::*;
fn main() {
    for arg in std::env::args().skip(1) {
        let p = PathBuf::from(&arg);
        let f = std::fs::File::open(p.join("k6.json.gz")).unwrap();
        let l = read(flate2::read::MultiGzDecoder::new(f), &p, &ReadOptions::default()).unwrap();
        let Load::Timeline(t) = l else { panic!() };
        println!(
            "{arg}: {} s, {} ok",
            t.seconds.len(),
            t.seconds.iter().map(|s| s.ok).sum::<f64>()
        );
        match plateau::find(&t, &plateau::Options { axis: None, think_s: Some(0.35) }) {
            Ok(x) => println!("{x:#?}"),
            Err(e) => println!("none: {e}"),
        }
        let s = Series::of(&t, None).unwrap();
        println!(
            "x {:?}\ny {:?}\np95 {:?}",
            s.load.iter().step_by(3).collect::<Vec<_>>(),
            s.goodput.iter().step_by(3).collect::<Vec<_>>(),
            s.p95.iter().step_by(3).map(|x| *x as i64).collect::<Vec<_>>()
        );
        let mut prof = spikeflame_parse::read(&[p.clone()], &Default::default()).unwrap();
        let c = align(&prof, &t, None);
        println!("clock {c:?}");
        let truth = std::fs::read_to_string(p.join("truth.json")).ok().and_then(|t| {
            t.split("zero_unix_us\": ").nth(1)?.split(',').next()?.parse::<i64>().ok()
        });
        for s in &mut prof.sources {
            s.clock = None;
            s.modified_us = None;
            s.zero = Default::default();
        }
        let d = align(&prof, &t, None);
        println!(
            "correlated {d:?} off {:?} own off {:?}",
            truth.and_then(|t| d.as_ref().ok().map(|c| c.zero_us - t)),
            truth.and_then(|t| c.as_ref().ok().map(|c| c.zero_us - t))
        );
        if let Ok(c) = &d {
            println!(
                "diff to own {:?}",
                c.zero_us as i64
                    - align(
                        &spikeflame_parse::read(&[p.clone()], &Default::default()).unwrap(),
                        &t,
                        None
                    )
                    .map(|c| c.zero_us)
                    .unwrap_or(0)
            );
        }
    }
}
