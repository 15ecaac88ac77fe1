//! Facts about a load test that its user should know.

mod words;

/// A fact about a load test. Its `Display` states the fact in one or two sentences, and for some load
/// generators the way to avoid it. A program adds the advice about its own flags.
///
/// ```
/// use spikeflame_load::Warning;
///
/// let warning = Warning::Hole { seconds: 12 };
/// assert_eq!(warning.to_string(), "there is no row for 12 s: nothing is known of this time");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// A k6 file has no point for some seconds within the test, as when the load generator stalls or its
    /// clock is set.
    Stall {
        /// Length of the longest such gap, in seconds.
        seconds: i64,
    },
    /// A file of k6 has no requests of users over HTTP, so iterations are counted as requests. In a file with an
    /// entry for each request, it has no calls of gRPC either.
    Iterations {
        /// True when every iteration is counted as successful, because the file does not show
        /// failures.
        successful: bool,
    },
    /// A test of k6 also used protocols whose messages are not counted. The numbers are those of its other
    /// requests.
    OtherProtocols {
        /// Names of the protocols, such as `WebSockets`.
        names: Vec<&'static str>,
    },
    /// Some requests have neither an outcome nor a status. They are counted as successful.
    UnknownOutcome {
        /// Number of requests with neither an outcome nor a status.
        requests: u64,
    },
    /// A k6 file has more names of endpoints than are kept. Further names are not counted.
    ManyEndpoints,
    /// A k6 file has a name of an endpoint that is too long. Such names are not counted.
    LongEndpoints,
    /// Rows before and after the load have a few requests of other programs, such as health checks. These
    /// requests are not counted.
    Background {
        /// Number of such rows.
        rows: u64,
        /// Line of the first such row, from 1.
        first_line: u64,
    },
    /// Several rows of a table, one after another, have requests and 0 virtual users. The numbers
    /// of the rows beside them are used, unless `all` is true.
    ZeroVus {
        /// Number of such rows.
        rows: u64,
        /// Line of the first such row, from 1.
        first_line: u64,
        /// True when no row has users, so that the load is taken from the requests.
        all: bool,
    },
    /// All rows of a table have the same number of virtual users, but the time between two requests of a
    /// user changes by far more than the durations of answers. So it is not the number of users who
    /// send requests, and is not used.
    StuckVus {
        /// The number that stands still.
        vus: f64,
        /// The time between two requests of a user if `vus` were right, in seconds, where requests
        /// are fewest.
        longest_s: f64,
        /// The time between two requests of a user if `vus` were right, in seconds: the median over
        /// the tenth of the stretches of five rows with the most requests.
        shortest_s: f64,
    },
    /// Some points with the number of virtual users cannot be read. The numbers of the seconds beside
    /// them are used.
    LostVus {
        /// Number of points that cannot be read.
        points: u64,
        /// True when no point can be read, so that the load is taken from the requests.
        all: bool,
    },
    /// The user chose one scenario, but the number of virtual users is that of all scenarios,
    /// because k6 does not count users by scenario.
    VusOfScenarios {
        /// Names of the scenarios in the test, of at most the first 100.
        scenarios: Vec<String>,
    },
    /// Some cells with the number of virtual users in a table cannot be read. The numbers of the rows
    /// beside them are used.
    DamagedVus {
        /// Number of cells that cannot be read.
        cells: u64,
        /// Line of the first cell that cannot be read, from 1.
        first_line: u64,
        /// True when no row has a number of users, so that the load is taken to be requests in
        /// flight.
        all: bool,
    },
    /// Some cells with a duration in a table cannot be read. Their rows are used without a
    /// duration.
    DamagedDurations {
        /// Number of cells that cannot be read.
        cells: u64,
        /// Line of the first cell that cannot be read, from 1.
        first_line: u64,
    },
    /// The user gave a column of a table as a statistic of durations that its name does not state.
    OtherStatistic {
        /// The name of the column.
        name: String,
        /// The statistic that the name of the column states, such as `percentile 90`.
        other: String,
        /// The statistic under which the numbers of the column are printed: `p50`, `p95`, `p99` or
        /// `mean`.
        printed: &'static str,
    },
    /// A column has the name under which k6 sends a statistic of durations to Prometheus. When it comes from k6,
    /// each value is that of all requests since the start, as
    /// `findings/k6-remote-write-since-the-start.sh` shows.
    SinceStart {
        /// The name of the column.
        name: String,
    },
    /// Some rows of a table have requests, but no number of failed ones, although rows before them
    /// have one. None of their requests counts as failed.
    AbsentFailures {
        /// Number of rows without a number of failed requests.
        rows: u64,
        /// Line of the first row without a number of failed requests, from 1.
        first_line: u64,
    },
    /// A table has no column of failed requests, but other columns whose names speak of failures. No request
    /// counts as failed.
    NoFailures {
        /// The names of those columns, in which at least one value is greater than 0.
        columns: Vec<String>,
    },
    /// Some rows of a table have a value in only a part of the columns whose requests are added up. The absent
    /// values count as 0.
    AbsentParts {
        /// Number of such rows.
        rows: u64,
        /// Line of the first such row, from 1.
        first_line: u64,
    },
    /// The file has no number of virtual users for some time, although requests ended meanwhile.
    /// The numbers before and after it are used.
    NoVusFor {
        /// Length of the longest such stretch, in seconds, up to the last one in which a request ended.
        seconds: usize,
        /// Index in [`crate::Timeline::seconds`] of the first second of that stretch.
        from: usize,
        /// The last number of users before the stretch, or the first one of the file.
        vus: f64,
    },
    /// Percentiles in this history of Locust cover all requests since the start of the test, so
    /// they are not used.
    CumulativePercentiles,
    /// Hey's times count from the start of the test, so the clock of a recording cannot be compared with them.
    /// Requests without an answer are not in its file.
    Hey,
    /// Autocannon sent requests that got no answer, and counts them neither as requests nor as
    /// errors. They are counted as failed.
    Unanswered {
        /// Number of all requests that were sent.
        sent: f64,
        /// Number of requests that were sent and got no answer.
        lost: f64,
    },
    /// The file is cut off or damaged. Everything before the damage was read.
    CutFile {
        /// The last line that was read, from 1; in a list of JSON, the line of the damage.
        line: u64,
    },
    /// Some answers came later than wrk's `--timeout`. They are counted as requests, but not in the
    /// latencies.
    LateAnswers {
        /// Number of late answers.
        answers: u64,
    },
    /// A connection of h2load was lost. h2load does not connect again, and counts the requests that it
    /// would have sent on it as failed. They are left out.
    NeverSent {
        /// Number of requests that were never sent.
        requests: u64,
    },
    /// Autocannon got an answer to each request that it sent, as with a given number of requests. Its time
    /// then ends with a whole sample, and the test may have been shorter by up to one sample.
    RoundedTime {
        /// The time that autocannon wrote, in seconds.
        took_s: f64,
        /// The length of a sample, in seconds.
        sample_s: f64,
    },
    /// The workers of a test by autocannon ended at different times, and its time is that of the first one. The length
    /// of the test and its rate are left out.
    UnevenWorkers {
        /// Number of workers.
        workers: u64,
        /// The time of the worker that ended first, in seconds.
        first_s: f64,
        /// The least time that the test can have taken, in seconds.
        least_s: f64,
        /// The largest number of requests a second that the test can have had on average.
        most_rps: f64,
    },
    /// Some answers had another body than autocannon's `--expectBody`. Autocannon counts them as
    /// successful; they are counted as failed.
    OtherBodies {
        /// Number of answers with another body.
        answers: u64,
    },
    /// A request of autocannon got no answer. Later answers on its connection are then measured from
    /// the start of an earlier request. All durations are left out.
    ShiftedDurations,
    /// Autocannon ran with a rate, and added durations that it did not measure. All durations are
    /// left out.
    AddedDurations,
    /// The mean latency that wrk prints is longer than its connections had time for, so it added
    /// latencies that it did not measure. The mean is replaced and the percentiles are left out.
    AddedLatencies {
        /// The mean that wrk prints, in milliseconds.
        printed_ms: f64,
        /// The mean that is used in its place: connections times duration of the test, divided by
        /// answers, in milliseconds.
        mean_ms: f64,
    },
    /// Locust writes its totals once a second and not at the end, so requests of the last second
    /// may be missing.
    UnfinishedTotals,
    /// The table of `ab -g` has neither statuses nor requests whose connection broke off, so
    /// failures are not known. Its times are whole seconds.
    AbPlot,
    /// The log of h2load has no line for a request whose connection broke off, so failures are those
    /// with a status.
    H2loadLog,
    /// Some answers that ab received had another length than the first one. ab counts them as
    /// failed. Here they are successful, unless they failed for another reason.
    OtherLengths {
        /// Number of answers with another length.
        answers: u64,
    },
    /// Dates may have the day or the month first, and no date in the file shows the order. The day
    /// is taken as the first number.
    DayOrMonth {
        /// The first such date in the file.
        date: String,
    },
    /// Numbers of a table have three digits behind a mark, and no cell shows whether these are a fraction or
    /// thousands.
    FractionOrThousands {
        /// The first such cell.
        cell: String,
        /// The number as which it was read, with a point before a fraction.
        value: String,
    },
    /// Some times have no offset from UTC. They are taken as UTC.
    LocalTimes,
    /// Times count from the start of the test, so the clock of a recording cannot be compared with them.
    NoClock,
    /// Times have no date, so the clock of a recording cannot be compared with them.
    NoDate,
    /// A query of Prometheus gives each row of a table the mean rate of several rows, so that the rate seems to change
    /// later and more slowly than it did.
    LaggingRate {
        /// The name of the column.
        name: String,
        /// Seconds of the query's range.
        range_s: f64,
        /// Seconds of a row.
        row_s: i64,
    },
    /// Some rows have more failed requests than requests, although the requests of a row should
    /// include the failed ones.
    MoreErrors,
    /// Two neighbouring rows of a table are much farther apart than usual. Nothing is known of the
    /// time between them.
    Hole {
        /// Length of the longest such stretch, in seconds.
        seconds: i64,
    },
}
