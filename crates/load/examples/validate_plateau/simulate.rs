//! Load tests of a simulated server whose limit is known: one thread serves requests in the order
//! of their arrival, and a database takes time only.

use crate::cases::Case;
use crate::random::Random;
use spikeflame_load::{Recorder, Second, Timeline};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// The true plateau of a test, in seconds from its start.
pub(crate) struct Truth {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) level: f64,
    /// The load at the limit.
    pub(crate) knee: f64,
}

/// Load over time: straight lines between points.
struct Schedule(Vec<(f64, f64)>);

impl Schedule {
    fn at(&self, time: f64) -> f64 {
        let line = self.0.windows(2).find(|pair| time < pair[1].0);
        line.map_or(0.0, |pair| {
            let ((t0, x0), (t1, x1)) = (pair[0], pair[1]);
            x0 + (x1 - x0) * (time - t0) / (t1 - t0)
        })
    }

    fn end(&self) -> f64 {
        self.0.last().map_or(0.0, |point| point.0)
    }
}

struct Server {
    case: Case,
    /// Requests served at a time.
    servers: usize,
    /// Requests that may wait. Further requests fail at once.
    queue: usize,
    service: f64,
    delay: f64,
    think: (f64, f64),
    timeout: f64,
    /// Factor by which a queue of the knee's length slows the server down.
    slowdown: f64,
    knee: f64,
    /// The server's speed in each second.
    speed: Vec<f64>,
    stall: (f64, f64),
}

pub(crate) fn run(case: Case, random: &mut Random) -> (Timeline, Truth) {
    let service = match case {
        Case::Long => random.within(0.05, 0.1),
        _ => random.within(0.003, 0.015),
    };
    let servers = if case == Case::Pool { random.within(4.0, 20.0) as usize } else { 1 };
    let service = service * servers as f64;
    let delay = match case {
        Case::SlowServer | Case::SlowConstant => random.within(1.0, 3.0),
        _ => random.within(0.005, 0.06),
    };
    let middle = match case {
        Case::Think if random.within(0.0, 1.0) < 0.2 => 0.0,
        Case::Think => random.within(0.0, 5.0),
        Case::SlowConstant => 0.0,
        _ => random.within(0.2, 0.8),
    };
    let spread = if case == Case::Bursts { 0.0 } else { 0.4 };
    let think = ((1.0 - spread) * middle, (1.0 + spread) * middle);
    let users = (service + delay + middle) / service * servers as f64;
    let knee = if case.open() { servers as f64 / service } else { users };
    let most = knee * case.most(random);
    let schedule = Schedule(case.schedule(most, random));
    let warm = if case == Case::WarmUp { random.within(4.0, 10.0) } else { 0.0 };
    let mut wander = 0.0;
    let speed = (0..=schedule.end() as usize + 600).map(|_| {
        wander = 0.85 * wander + random.normal() * 0.07 * (1.0_f64 - 0.85 * 0.85).sqrt();
        let hiccup = if random.within(0.0, 1.0) < 0.03 { 0.6 } else { 1.0 };
        if case == Case::Noisy { (1.0 + wander).max(0.3) * hiccup } else { 1.0 }
    });
    let speed = speed.enumerate().map(|(at, speed)| if (at as f64) < warm { 0.4 } else { speed });
    let speed: Vec<f64> = speed.collect();
    let stall = random.within(0.2, 0.7) * schedule.end();
    let longest = most * service / servers as f64 - middle - delay;
    let server = Server {
        case,
        servers,
        queue: match case {
            Case::QueueLimit => (most * random.within(0.1, 0.3)) as usize + 2,
            _ => usize::MAX,
        },
        service,
        delay,
        think,
        timeout: if case == Case::Timeouts { (0.5 * longest).max(0.3) } else { 60.0 },
        slowdown: if case == Case::Retrograde { random.within(0.05, 0.2) } else { 0.0 },
        knee: users,
        speed,
        stall: if case == Case::Stall { (stall, stall + 15.0) } else { (0.0, 0.0) },
    };
    let over = above(&schedule, knee).last().copied().unwrap_or_default();
    let (mut timeline, drained) = server.serve(&schedule, over, random);
    if case == Case::RowsMissing {
        for second in timeline.seconds.iter_mut().skip(1) {
            if random.within(0.0, 1.0) < 0.2 {
                *second = Second { missing: true, ..Second::default() };
            }
        }
    }
    (timeline, truth(&server, &schedule, knee, drained))
}

/// Returns the times of the longest stretch in which the load is beyond the limit, in tenths of seconds.
fn above(schedule: &Schedule, knee: f64) -> Vec<f64> {
    let times = (0..(schedule.end() * 10.0) as usize).map(|tenth| tenth as f64 / 10.0);
    let above: Vec<f64> = times.filter(|&time| schedule.at(time) >= knee).collect();
    let longest = above.chunk_by(|a, b| b - a < 0.2).max_by_key(|chunk| chunk.len());
    longest.unwrap_or_default().to_vec()
}

/// Returns the truth of a test. `drained` is the first time behind that stretch at which no request waited for a server.
fn truth(server: &Server, schedule: &Schedule, knee: f64, drained: f64) -> Truth {
    let above = above(schedule, knee);
    let (start, end) = (above.first().copied(), above.last().copied());
    // Requests of a rate that piled up keep the server at its limit when fewer are wanted.
    let drains = server.case.open() && server.queue == usize::MAX;
    let end = end.map(|end| if drains { end.max(drained) } else { end });
    let mut levels: Vec<f64> = above
        .iter()
        .map(|&time| server.limit(schedule.at(time)) * server.speed[time as usize])
        .collect();
    levels.sort_by(f64::total_cmp);
    Truth {
        start: start.unwrap_or(f64::NAN),
        end: end.unwrap_or(f64::NAN),
        level: levels.get(levels.len() / 2).copied().unwrap_or(f64::NAN),
        knee,
    }
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Event {
    /// A user sends, or the next request of an open loop is sent.
    Sends(usize),
    /// A request reaches the server. The fields are its user (or number) and the time it was sent.
    Arrives(usize, f64),
    Served(usize, f64),
}

struct At(f64, Event);

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl Eq for At {}
impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for At {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Server {
    /// The highest rate that `users` can get. When a queue slows the server down, it is the rate at
    /// the queue length at which arrivals and answers balance.
    fn limit(&self, users: f64) -> f64 {
        let rest = self.delay + (self.think.0 + self.think.1) / 2.0;
        let mut rate = self.servers as f64 / self.service;
        for _ in 0..50 {
            let queue = (users - rate * rest).max(0.0);
            rate = 0.5 * rate
                + 0.5 * self.servers as f64
                    / (self.service * (1.0 + self.slowdown * queue / self.knee));
        }
        rate
    }

    fn time_of_one(&self, now: f64, queue: usize, random: &mut Random) -> f64 {
        let mean = self.service * (1.0 + self.slowdown * queue as f64 / self.knee)
            / self.speed.get(now as usize).copied().unwrap_or(1.0);
        match self.case {
            Case::Lognormal => random.lognormal(mean, 1.2),
            _ => random.exponential(mean),
        }
    }

    /// Returns the seconds of a test, and the first time from `over` on at which no request waited for a server.
    fn serve(&self, schedule: &Schedule, over: f64, random: &mut Random) -> (Timeline, f64) {
        let open = self.case.open();
        let mut record = Recorder::default();
        let micros = |time: f64| 1_800_000_000_000_000 + (time * 1e6) as i64;
        let mut events = BinaryHeap::new();
        let most = schedule.0.iter().map(|point| point.1).fold(0.0, f64::max);
        let mut idle: Vec<usize> = (0..most.ceil() as usize).rev().collect();
        let mut queue: VecDeque<(usize, f64)> = VecDeque::new();
        let mut serving = 0;
        let mut sent_at = f64::NEG_INFINITY;
        let mut drained = f64::INFINITY;
        let (mut in_flight, mut pool) = (0_usize, 0_usize);
        if open {
            pool = (most * random.within(1.0, 4.0)) as usize;
            events.push(Reverse(At(0.0, Event::Sends(0))));
        }
        let mut second = 0;
        // Users start by the schedule, which is checked each tenth of a second.
        let mut tenth = 0;
        loop {
            let next = events.peek().map_or(f64::INFINITY, |event: &Reverse<At>| event.0.0);
            let look = tenth as f64 / 10.0;
            if look <= next && look <= schedule.end() {
                tenth += 1;
                let want = schedule.at(look).round() as usize;
                if !open {
                    let active = most.ceil() as usize - idle.len();
                    for _ in active..want {
                        if let Some(user) = idle.pop() {
                            let first = match self.case {
                                Case::Bursts => look,
                                _ => look + random.within(0.0, self.think.1),
                            };
                            events.push(Reverse(At(first, Event::Sends(user))));
                        }
                    }
                }
                if tenth % 10 == 5 && second <= look as usize {
                    second = look as usize + 1;
                    let now = if open { in_flight } else { want };
                    record.vus(micros(look), now as f64);
                }
                continue;
            }
            let Some(Reverse(At(now, event))) = events.pop() else { break };
            match event {
                Event::Sends(user) if open => {
                    let rate = schedule.at(now).max(0.5);
                    if now < schedule.end() {
                        let next = now + 1.0 / rate;
                        events.push(Reverse(At(next, Event::Sends(user + 1))));
                    }
                    if in_flight < pool {
                        in_flight += 1;
                        let reach = now + random.exponential(self.delay);
                        events.push(Reverse(At(reach, Event::Arrives(user, now))));
                    } else {
                        record.dropped(micros(now), 1.0);
                    }
                }
                Event::Sends(user) => {
                    let active = most.ceil() as usize - idle.len();
                    if active > schedule.at(now).round() as usize || now >= schedule.end() {
                        idle.push(user);
                    } else {
                        // A load generator at its limit needs this time for each request.
                        let gap =
                            if self.case == Case::Generator { 2.0 * self.service } else { 0.0 };
                        let now = now.max(sent_at + gap);
                        sent_at = now;
                        let reach = now + random.exponential(self.delay);
                        events.push(Reverse(At(reach, Event::Arrives(user, now))));
                    }
                }
                Event::Arrives(user, sent) if queue.len() >= self.queue => {
                    record.request(micros(now), ((now - sent) * 1e6) as u64, false);
                    let next = now + random.within(self.think.0, self.think.1).max(0.001);
                    events.push(Reverse(At(next, Event::Sends(user))));
                }
                Event::Arrives(user, sent) => queue.push_back((user, sent)),
                Event::Served(user, sent) => {
                    serving -= 1;
                    record.request(micros(now), ((now - sent) * 1e6) as u64, true);
                    in_flight = in_flight.saturating_sub(1);
                    if !open {
                        let next = now + random.within(self.think.0, self.think.1);
                        events.push(Reverse(At(next, Event::Sends(user))));
                    }
                }
            }
            while serving < self.servers {
                let Some((user, sent)) = queue.pop_front() else { break };
                // The client has stopped waiting. A request that is being served stays.
                if now - sent > self.timeout {
                    let gone = sent + self.timeout;
                    record.request(micros(gone), (self.timeout * 1e6) as u64, false);
                    in_flight = in_flight.saturating_sub(1);
                    if !open {
                        let next = now.max(gone + random.within(self.think.0, self.think.1));
                        events.push(Reverse(At(next, Event::Sends(user))));
                    }
                    continue;
                }
                serving += 1;
                let begins =
                    if (self.stall.0..self.stall.1).contains(&now) { self.stall.1 } else { now };
                let takes = self.time_of_one(now, queue.len(), random);
                events.push(Reverse(At(begins + takes, Event::Served(user, sent))));
            }
            if now >= over && queue.is_empty() {
                drained = f64::min(drained, now);
            }
        }
        let name = std::path::Path::new("simulated");
        (record.finish(name, "simulated").expect("it has requests"), drained)
    }
}
