//! Measures each step of the pipeline on a real spike: `just criterion`. With `--profile-time 5`,
//! each benchmark leaves a flame graph of Spikeflame itself in its folder under `target/criterion`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench may fail"
)]

use criterion::profiler::Profiler;
use criterion::{Criterion, Throughput};
use pprof::ProfilerGuard;
use spikeflame_parse::{Options, read};
use spikeflame_profile::{CallTree, Selection, folded};
use spikeflame_render::{About, FlameOptions, flame};
use std::fs::File;
use std::path::{Path, PathBuf};

/// The `pprof` crate as criterion's profiler.
#[derive(Default)]
struct Sampler(Option<ProfilerGuard<'static>>);

impl Profiler for Sampler {
    fn start_profiling(&mut self, _name: &str, folder: &Path) {
        self.0 = ProfilerGuard::new(999).ok().filter(|_| std::fs::create_dir_all(folder).is_ok());
    }

    fn stop_profiling(&mut self, _name: &str, folder: &Path) {
        let report = self.0.take().and_then(|guard| guard.report().build().ok());
        if let (Some(report), Ok(file)) = (report, File::create(folder.join("flame.svg"))) {
            // A missing flame graph is no reason to end a benchmark.
            let _ = report.flamegraph(file);
        }
    }
}

fn main() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/spike/before-1");
    let log: Vec<PathBuf> = vec![run.join("isolate-v8.log.zst")];
    let load = |threads| read(&log, &Options { threads, ..Options::default() });
    let Ok(profile) = load(1) else {
        panic!("samples/spike/before-1 cannot be read");
    };
    let selection = Selection::default();
    let tree = CallTree::build(&profile, &selection);
    let about = About::collect(&profile, &selection, &tree);

    let mut criterion =
        Criterion::default().with_profiler(Sampler::default()).configure_from_args();
    let mut group = criterion.benchmark_group("spike");
    group.throughput(Throughput::Elements(profile.total()));
    group.bench_function("read, 1 thread", |b| b.iter(|| load(1).map(|p| p.total())));
    group.bench_function("read, 2 threads", |b| b.iter(|| load(2).map(|p| p.total())));
    group.bench_function("call tree", |b| b.iter(|| CallTree::build(&profile, &selection)));
    group.bench_function("fold", |b| b.iter(|| folded::write(&tree, &mut std::io::sink())));
    let options = FlameOptions::default();
    group.bench_function("svg", |b| b.iter(|| flame(&tree, &about, &options, std::io::sink())));
    group.finish();
    criterion.final_summary();
}
