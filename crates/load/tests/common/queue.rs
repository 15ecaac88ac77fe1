//! A simulated server that serves some requests at a time, and load generators before it. Services take
//! an exponential time, so a queue comes and goes below the limit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Start of all simulated tests, in seconds since 1970.
pub(crate) const START_S: i64 = 1_795_400_000;

/// Random numbers from a seed (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number from 0 to 1, without 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.share()).ln()
    }
}

/// A request with its answer. Times are in seconds since the start of the test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    pub(crate) sent_s: f64,
    pub(crate) ended_s: f64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Server {
    /// Requests served at a time.
    pub(crate) workers: usize,
    /// Mean time of a service in seconds.
    pub(crate) service_s: f64,
}

impl Server {
    /// Returns the most answers a second.
    pub(crate) fn limit(self) -> f64 {
        self.workers as f64 / self.service_s
    }

    /// Returns the number of users who just reach the limit, when each pauses for `think_s`.
    pub(crate) fn knee(self, think_s: f64) -> f64 {
        self.limit() * (self.service_s + think_s)
    }

    /// Serves requests that come at a rate. `rate` is the multiple of the limit at a time.
    pub(crate) fn open(self, seed: u64, length_s: f64, rate: impl Fn(f64) -> f64) -> Vec<Answer> {
        let mut random = Random::new(seed);
        let mut queue = Queue::new(self);
        let mut answers = Vec::new();
        let mut now = 0.0;
        while now < length_s {
            now += random.exponential(1.0 / (self.limit() * rate(now)).max(0.5));
            answers.push(queue.serve(now, &mut random));
        }
        answers
    }

    /// Serves users who wait for their answers, and then pause for `think_s` on average. `load` is the
    /// number of users at a time, as a multiple of those who just reach the limit.
    pub(crate) fn closed(
        self,
        seed: u64,
        think_s: f64,
        length_s: f64,
        load: impl Fn(f64) -> f64,
    ) -> Vec<Answer> {
        let mut random = Random::new(seed);
        let mut queue = Queue::new(self);
        let mut answers = Vec::new();
        let users = |now: f64| self.users(think_s, load(now));
        let most = (0..(10.0 * length_s) as usize).map(|tenth| users(tenth as f64 / 10.0)).max();
        let micros = |time: f64| (1e6 * time) as u64;
        let mut sends: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        for user in 0..most.unwrap_or_default() {
            sends.push(Reverse((micros(0.1 * random.share()), user)));
        }
        while let Some(Reverse((at, user))) = sends.pop() {
            let now = at as f64 / 1e6;
            if now >= length_s {
                continue;
            }
            // A user who has not begun yet, or has stopped, looks again in a while.
            let next = match user < users(now) {
                true => {
                    let answer = queue.serve(now, &mut random);
                    answers.push(answer);
                    answer.ended_s + random.exponential(think_s)
                }
                false => now + 0.1,
            };
            sends.push(Reverse((micros(next).max(at + 1), user)));
        }
        answers
    }

    /// Returns the number of users for a multiple of those who just reach the limit.
    pub(crate) fn users(self, think_s: f64, load: f64) -> usize {
        (self.knee(think_s) * load).round().max(1.0) as usize
    }
}

/// The times at which the workers are free, in microseconds.
struct Queue {
    server: Server,
    free: BinaryHeap<Reverse<u64>>,
}

impl Queue {
    fn new(server: Server) -> Self {
        Self { server, free: (0..server.workers).map(|_| Reverse(0)).collect() }
    }

    /// Serves the next request, which must not be sent before the last one.
    fn serve(&mut self, sent_s: f64, random: &mut Random) -> Answer {
        let free_s = self.free.pop().map_or(0.0, |Reverse(free)| free as f64 / 1e6);
        let ended_s = free_s.max(sent_s) + random.exponential(self.server.service_s);
        self.free.push(Reverse((1e6 * ended_s) as u64));
        Answer { sent_s, ended_s }
    }
}

/// The load over time, as a multiple of the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A tenth of the greatest load for a quarter of the test, then all of it.
    Jump,
    /// Five steps.
    Stairs,
    /// Up to the greatest load, which holds for a third of the test, and down again.
    Spike,
    Ramp,
    /// The greatest load at first, and then ever less.
    Down,
    Hold,
}

impl Shape {
    pub(crate) const ALL: [Self; 6] =
        [Self::Jump, Self::Stairs, Self::Spike, Self::Ramp, Self::Down, Self::Hold];

    /// Returns the share of the greatest load at a share of the test's time.
    pub(crate) fn at(self, share: f64) -> f64 {
        match self {
            Self::Jump if share < 0.25 => 0.1,
            Self::Jump | Self::Hold => 1.0,
            Self::Stairs => (1.0 + (5.0 * share).floor()).min(5.0) / 5.0,
            Self::Spike if share < 0.2 => 0.05,
            Self::Spike if share < 0.35 => 0.05 + 0.95 * (share - 0.2) / 0.15,
            Self::Spike if share < 0.7 => 1.0,
            Self::Spike if share < 0.85 => 0.05 + 0.95 * (0.85 - share) / 0.15,
            Self::Spike => 0.05,
            Self::Ramp => share,
            Self::Down => 1.0 - share,
        }
    }
}

/// Returns a table with a row for every `row_s` seconds: requests a second, the 95th percentile in
/// milliseconds, and the users where they are known.
pub(crate) fn table(
    answers: &[Answer],
    length_s: usize,
    row_s: usize,
    users: Option<&dyn Fn(f64) -> usize>,
) -> String {
    let mut text =
        String::from(if users.is_some() { "time,rps,vus,p95\n" } else { "time,rps,p95\n" });
    let mut rows: Vec<Vec<f64>> = vec![Vec::new(); length_s.div_ceil(row_s)];
    for answer in answers {
        if let Some(row) = rows.get_mut(answer.ended_s as usize / row_s) {
            row.push(1e3 * (answer.ended_s - answer.sent_s));
        }
    }
    for (at, mut row) in rows.into_iter().enumerate() {
        row.sort_by(f64::total_cmp);
        let rank = (0.95 * row.len() as f64).ceil().max(1.0) as usize - 1;
        let p95 = row.get(rank).map(|ms| format!("{ms:.2}")).unwrap_or_default();
        let time = START_S + (at * row_s) as i64;
        let rps = row.len() as f64 / row_s as f64;
        let vus = users.map(|users| format!("{},", users(((at + 1) * row_s) as f64 - 0.5)));
        text += &format!("{time},{rps},{}{p95}\n", vus.unwrap_or_default());
    }
    text
}

/// Returns the table of requests that JMeter writes, in the order of the answers.
pub(crate) fn jtl(answers: &[Answer], users: Option<&dyn Fn(f64) -> usize>) -> String {
    let mut text = String::from("timeStamp,elapsed,label,responseCode,success");
    text += if users.is_some() { ",allThreads\n" } else { "\n" };
    let mut answers = answers.to_vec();
    answers.sort_by(|a, b| a.ended_s.total_cmp(&b.ended_s));
    for answer in answers {
        let time_ms = 1_000 * START_S + (1e3 * answer.sent_s) as i64;
        let took_ms = (1e3 * answer.ended_s) as i64 - (1e3 * answer.sent_s) as i64;
        let users = users.map(|users| format!(",{}", users(answer.ended_s)));
        text += &format!("{time_ms},{took_ms},GET /,200,true{}\n", users.unwrap_or_default());
    }
    text
}
