//! Reads several runs at a time.

use crate::args::Cli;
use crate::failure::Failure;
use crate::{input, output, words};
use spikeflame_profile::Profile;
use spikeflame_run::{Error, Run, Warning};
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Most runs that are in memory at a time.
const MOST_RUNS: usize = 4;

/// A run that was read, and what has to be said of it.
struct Outcome<T> {
    read: Result<T, Failure>,
    warnings: Vec<Warning>,
}

/// Reads runs, as many at a time as there are threads and at most four, and keeps nothing but what `job`
/// makes of each.
/// Results and warnings are those of one run after the other, in the order of the runs.
pub(super) fn in_parallel<T: Send>(
    runs: Vec<Run>,
    cli: &Cli,
    job: impl Fn(&Run, Result<&Profile, Error>) -> Result<T, Failure> + Sync,
) -> Result<Vec<T>, Failure> {
    let mut slots: Vec<Option<Outcome<T>>> = runs.iter().map(|_| None).collect();
    let count = workers(runs.len(), cli);
    let queue = Mutex::new(Some(runs.into_iter().zip(slots.iter_mut())));
    thread::scope(|scope| {
        for _ in 1..count {
            scope.spawn(|| work(&queue, Run::profile, &job));
        }
        // Two progress bars would share one line.
        work(&queue, |run| input::with_progress(run, cli), &job);
    });
    drop(queue);
    let mut all = Vec::with_capacity(slots.len());
    let mut heard = Vec::new();
    let mut failed = None;
    for Outcome { read, warnings } in slots.into_iter().flatten() {
        heard.extend(warnings);
        match read {
            Ok(read) => all.push(read),
            Err(why) => {
                failed = Some(why);
                break;
            }
        }
    }
    heard.retain(|_| !cli.quiet);
    for text in words::warnings(&heard) {
        output::complain("warning", &text);
    }
    failed.map_or(Ok(all), Err)
}

/// Takes runs from a queue and reads them, until the queue is empty or a run fails. A failed run
/// ends the work of all threads.
fn work<'s, T: 's>(
    queue: &Mutex<Option<impl Iterator<Item = (Run, &'s mut Option<Outcome<T>>)>>>,
    profile: impl Fn(&Run) -> Result<&Profile, Error>,
    job: impl Fn(&Run, Result<&Profile, Error>) -> Result<T, Failure>,
) {
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        // No lock is held while a run is read, so other workers go on.
        let next = lock().as_mut().and_then(Iterator::next);
        let Some((run, slot)) = next else { return };
        let read = job(&run, profile(&run));
        if read.is_err() {
            *lock() = None;
        }
        *slot = Some(Outcome { read, warnings: run.take_warnings() });
    }
}

/// Reads the load tests of runs, as many at a time as [`in_parallel`] does. A run keeps what it read, and
/// reports an error when it is asked again.
pub(super) fn read_loads<'r>(runs: impl Iterator<Item = &'r mut Run>, cli: &Cli) {
    let runs: Vec<&mut Run> = runs.collect();
    let count = workers(runs.len(), cli);
    let queue = Mutex::new(runs.into_iter());
    thread::scope(|scope| {
        for _ in 1..count {
            scope.spawn(|| load_each(&queue));
        }
        load_each(&queue);
    });
}

/// Takes runs from a queue and reads their load tests, until the queue is empty.
fn load_each<'r>(queue: &Mutex<impl Iterator<Item = &'r mut Run>>) {
    loop {
        // The lock ends with this line, so other workers go on.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(run) = next else { return };
        let _ = run.load();
    }
}

/// Number of runs to read at a time.
fn workers(runs: usize, cli: &Cli) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = if cli.threads == 0 { cores() } else { cli.threads };
    threads.min(runs).clamp(1, MOST_RUNS)
}
