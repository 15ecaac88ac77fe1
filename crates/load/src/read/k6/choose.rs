//! Chooses one of several tests in a file.

use super::run::{GAP_S, Run};
use crate::error::Error;
use crate::read::ReadOptions;
use crate::recorder::SecondsBlock;
use spikeflame_wall::seconds_of;
use std::path::Path;

/// Finds the test that the user chose, and returns it with its seconds. `defined` is the number of
/// tests whose definitions the file has.
///
/// # Errors
///
/// Returns an [`Error`] when the user chose no test and the file has several, when the file lacks the
/// chosen one, when points of tests are mixed, and when the clock jumped.
pub(super) fn choose(
    runs: Vec<Run>,
    defined: usize,
    path: &Path,
    options: &ReadOptions,
) -> Result<(Run, SecondsBlock), Error> {
    let mut all: Vec<(usize, SecondsBlock)> = (runs.iter().enumerate())
        .flat_map(|(at, run)| run.recorder.parts(GAP_S).into_iter().map(move |part| (at, part)))
        .collect();
    all.sort_by_key(|(_, part)| *part.seconds.start());
    let mut pairs = all.iter().zip(all.iter().skip(1));
    let is_mixed =
        pairs.any(|((a, one), (b, two))| a != b && one.seconds.end() > two.seconds.start());
    if is_mixed || runs.len() < defined {
        return Err(Error::MixedTests { path: path.to_owned(), tests: defined });
    }
    if let (None, [run], [_, later, ..]) = (options.test, runs.as_slice(), all.as_slice()) {
        // A clock that is set back far also leaves a gap.
        let back = run.jump().map(|(line, size_us)| (line, seconds_of(size_us)));
        // Points after one set of definitions are one test, and a test has no gaps.
        let gap = later.1.seconds.start() - all.first().map_or(0, |first| *first.1.seconds.end());
        let forward = (run.defined != 0).then_some((later.1.line, gap as f64));
        if let Some((line, seconds)) = back.or(forward) {
            return Err(Error::ClockJump { path: path.to_owned(), line, seconds });
        }
    }
    let wanted = match (options.test, all.len()) {
        (None, 1) => Some(0),
        (test, _) => test.and_then(|number| number.checked_sub(1)),
    };
    let Some((at, part)) = wanted.and_then(|wanted| all.get(wanted).cloned()) else {
        let tests =
            all.iter().filter_map(|(at, part)| Some(runs.get(*at)?.recorder.span(&part.seconds)));
        return Err(Error::SeveralTests { path: path.to_owned(), tests: tests.collect() });
    };
    match runs.into_iter().nth(at) {
        Some(run) => Ok((run, part)),
        None => Err(Error::MixedTests { path: path.to_owned(), tests: defined }),
    }
}
