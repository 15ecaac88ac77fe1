//! Separates the tests of a file to which a load generator appended another run.
//!
//! JMeter appends to a result file that exists, and `vegeta attack >> FILE` does so too. Such formats have
//! an entry for each request and nothing else, so only the time without any request separates two tests.

use super::ReadOptions;
use super::k6::GAP_S;
use crate::error::{Error, TestSpan};
use crate::flights::{MOST_SECONDS, SECOND_US};
use crate::recorder::Recorder;
use crate::stats::median;
use std::collections::BTreeMap;
use std::path::Path;

/// A time without requests separates two tests when it is as long as this many usual steps between two
/// seconds with answers, and at least [`GAP_S`] long: one user may wait for minutes between two requests.
const STEPS: f64 = 3.0;

/// The requests that ended in one second.
#[derive(Clone, Copy, Debug)]
struct Second {
    /// The second in which the earliest of them began.
    begun_s: i64,
    requests: u64,
}

/// The requests of all endpoints, by the seconds in which they ended.
#[derive(Debug, Default)]
pub(super) struct AppendedTests {
    seconds: BTreeMap<i64, Second>,
}

impl AppendedTests {
    /// Notes a request.
    pub(super) fn see(&mut self, end_us: i64, duration_us: u64) {
        let begun_s = end_us.saturating_sub_unsigned(duration_us).div_euclid(SECOND_US);
        let end_s = end_us.div_euclid(SECOND_US);
        if let Some(second) = self.seconds.get_mut(&end_s) {
            second.begun_s = second.begun_s.min(begun_s);
            second.requests += 1;
        } else if self.seconds.len() < MOST_SECONDS {
            self.seconds.insert(end_s, Second { begun_s, requests: 1 });
        }
    }

    /// Keeps in `recorder` only the requests of the only test, or of the one that the user chose.
    ///
    /// # Errors
    ///
    /// Returns [`Error::SeveralTests`] when the user has to choose one, or chose one that the file does not
    /// have.
    pub(super) fn choose(
        self,
        recorder: &mut Recorder,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<(), Error> {
        let tests = self.tests();
        let wanted = match (options.test, tests.len()) {
            (_, 0) | (None, 1) => return Ok(()),
            (test, _) => test.and_then(|number| number.checked_sub(1)),
        };
        let Some(test) = wanted.and_then(|at| tests.get(at)) else {
            return Err(Error::SeveralTests { path: path.to_owned(), tests });
        };
        let last = test.start_s.saturating_add_unsigned(test.length_s.saturating_sub(1));
        recorder.keep(&(test.start_s..=last));
        Ok(())
    }

    /// Returns the tests in the order of time.
    fn tests(&self) -> Vec<TestSpan> {
        let ends = || self.seconds.keys().copied();
        let steps = ends().zip(ends().skip(1)).map(|(one, next)| next.abs_diff(one) as f64);
        let gap_s = (median(steps).unwrap_or(0.0) * STEPS).max(GAP_S as f64);
        let mut tests: Vec<TestSpan> = Vec::new();
        // A request that waited through a time without answers shows that the test went on.
        let mut begun_s = i64::MAX;
        for (&end_s, second) in self.seconds.iter().rev() {
            let idle_s = begun_s.saturating_sub(end_s);
            begun_s = begun_s.min(second.begun_s);
            match tests.last_mut() {
                Some(test) if (idle_s as f64) < gap_s => {
                    test.length_s = test.length_s.saturating_add(test.start_s.abs_diff(end_s));
                    test.start_s = end_s;
                    test.requests += second.requests;
                }
                _ => tests.push(TestSpan {
                    start_s: end_s,
                    has_clock: true,
                    length_s: 1,
                    requests: second.requests,
                }),
            }
        }
        tests.reverse();
        tests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the start and the number of requests of each test.
    fn found(requests: &[(i64, u64)]) -> Vec<(i64, u64)> {
        let mut seen = AppendedTests::default();
        for &(end_s, took_s) in requests {
            seen.see(end_s * SECOND_US, took_s * SECOND_US.unsigned_abs());
        }
        seen.tests().iter().map(|test| (test.start_s, test.requests)).collect()
    }

    #[test]
    fn only_a_time_without_requests_separates_tests() {
        let test = |from: i64| (from..from + 20).map(|at| (at, 0)).collect::<Vec<_>>();
        let two = [test(0), test(100)].concat();
        assert_eq!(found(&two), [(0, 20), (100, 20)]);
        assert_eq!(found(&[test(0), test(70)].concat()), [(0, 40)]);
        // The last request had waited for 95 s: the server hung.
        assert_eq!(found(&[two, vec![(110, 95)]].concat()), [(0, 41)]);
        // One user who waits for two minutes.
        assert_eq!(found(&[(0, 0), (120, 0), (240, 0), (360, 0)]), [(0, 4)]);
        assert!(found(&[]).is_empty());
        assert_eq!(found(&[(i64::MAX / SECOND_US, 0), (i64::MIN / SECOND_US, 0)]).len(), 1);
    }

    #[test]
    fn two_runs_in_one_file_are_two_tests() {
        let times = || (0_i64..20).chain(600..610).map(|at| 1_795_397_085 + at);
        let jtl = |at| format!("{at}000,10,GET /,200,true,1\n");
        let jtl: String = times().map(jtl).collect();
        let xml = |at| format!("<httpSample t=\"10\" ts=\"{at}000\" s=\"true\" lb=\"GET /\"/>\n");
        let xml: String = times().map(xml).collect();
        let vegeta = |at| format!("{at}000000000,200,10000,0,10,,,name,1,GET,http://x/,\n");
        let h2load = |at| format!("{at}000000\t200\t10\n");
        let files = [
            format!("timeStamp,elapsed,label,responseCode,success,allThreads\n{jtl}"),
            format!("<?xml version=\"1.0\"?>\n<testResults>\n{xml}</testResults>\n"),
            times().map(vegeta).collect(),
            times().map(h2load).collect(),
        ];
        for file in files {
            let read = |test| {
                let options = ReadOptions { test, ..ReadOptions::default() };
                crate::read(file.as_bytes(), Path::new("x"), &options)
            };
            for test in [None, Some(0), Some(3)] {
                let error = read(test).unwrap_err();
                assert!(
                    matches!(&error, Error::SeveralTests { tests, .. }
                        if tests.iter().map(|test| test.requests).eq([20, 10])),
                    "{error}"
                );
            }
            for (test, seconds) in [(1, 20), (2, 10)] {
                let crate::Load::Timeline(read) = read(Some(test)).unwrap() else {
                    panic!("{file}")
                };
                assert_eq!(read.seconds.len(), seconds, "{file}");
            }
        }
    }
}
