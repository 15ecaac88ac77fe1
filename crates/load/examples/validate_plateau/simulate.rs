//! Load tests of a server whose limit is known: one thread that serves requests
//! in the order they come, and a database that only takes time.

use crate::random::Random;
use spikeflame_load::{Recorder, Timeline};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Case {
    Base,
    /// The server's speed wanders by 7 %, and drops for some single seconds.
    Noisy,
    /// Service times with a long tail.
    Lognormal,
    /// Clients give up.
    Timeouts,
    /// Each request in the queue makes the others slower.
    Retrograde,
    /// Requests come at a rate, answered or not.
    OpenLoop,
    NoSaturation,
    NearSaturation,
    Constant,
    StepAndHold,
    Stall,
}

pub(crate) const POSITIVE: [Case; 6] =
    [Case::Base, Case::Noisy, Case::Lognormal, Case::Timeouts, Case::Retrograde, Case::OpenLoop];
pub(crate) const NEGATIVE: [Case; 5] =
    [Case::NoSaturation, Case::NearSaturation, Case::Constant, Case::StepAndHold, Case::Stall];

/// What a test should be found to be. Seconds from its start.
pub(crate) struct Truth {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) level: f64,
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
    service: f64,
    delay: f64,
    think: (f64, f64),
    timeout: f64,
    /// How much a queue of the knee's length slows the server down.
    slowdown: f64,
    knee: f64,
    /// Of each second.
    speed: Vec<f64>,
    stall: (f64, f64),
}

pub(crate) fn run(case: Case, random: &mut Random) -> (Timeline, Truth) {
    let service = random.within(0.003, 0.015);
    let delay = random.within(0.005, 0.06);
    let middle = random.within(0.2, 0.8);
    let think = (0.6 * middle, 1.4 * middle);
    let users = (service + delay + middle) / service;
    let knee = if case == Case::OpenLoop { 1.0 / service } else { users };
    let most = knee
        * match case {
            Case::NoSaturation | Case::Stall => random.within(0.3, 0.7),
            Case::NearSaturation => random.within(0.8, 0.95),
            Case::Constant | Case::StepAndHold => random.within(0.5, 3.0),
            Case::OpenLoop => random.within(1.4, 2.5),
            _ => random.within(1.6, 4.0),
        };
    let (ramp, hold, down) =
        (random.within(60.0, 240.0), random.within(20.0, 60.0), random.within(5.0, 30.0));
    let schedule = Schedule(match case {
        Case::Constant => vec![(0.0, most), (ramp + hold, most)],
        Case::StepAndHold => {
            let low = most * random.within(0.0, 0.3);
            let at = random.within(1.0, 30.0);
            let step = random.within(0.5, 2.0);
            vec![(0.0, low), (at, low), (at + step, most), (at + step + hold, most)]
        }
        _ => vec![(0.0, 0.0), (ramp, most), (ramp + hold, most), (ramp + hold + down, 0.0)],
    });
    let mut wander = 0.0;
    let speed = (0..=schedule.end() as usize + 600).map(|_| {
        wander = 0.85 * wander + random.normal() * 0.07 * (1.0_f64 - 0.85 * 0.85).sqrt();
        let hiccup = if random.within(0.0, 1.0) < 0.03 { 0.6 } else { 1.0 };
        if case == Case::Noisy { (1.0 + wander).max(0.3) * hiccup } else { 1.0 }
    });
    let speed: Vec<f64> = speed.collect();
    let stall = random.within(0.2, 0.8) * ramp;
    let longest = most * service - middle - delay;
    let server = Server {
        case,
        service,
        delay,
        think,
        timeout: if case == Case::Timeouts { (0.5 * longest).max(0.3) } else { 60.0 },
        slowdown: if case == Case::Retrograde { random.within(0.05, 0.2) } else { 0.0 },
        knee: users,
        speed,
        stall: if case == Case::Stall { (stall, stall + 15.0) } else { (0.0, 0.0) },
    };
    let timeline = server.serve(&schedule, random);
    (timeline, truth(&server, &schedule, knee))
}

fn truth(server: &Server, schedule: &Schedule, knee: f64) -> Truth {
    let times = (0..(schedule.end() * 10.0) as usize).map(|tenth| tenth as f64 / 10.0);
    let above: Vec<f64> = times.filter(|&time| schedule.at(time) >= knee).collect();
    let (start, end) = (above.first().copied(), above.last().copied());
    let mut levels: Vec<f64> = above
        .iter()
        .map(|&time| server.limit(schedule.at(time)) * server.speed[time as usize])
        .collect();
    levels.sort_by(f64::total_cmp);
    Truth {
        start: start.unwrap_or(f64::NAN),
        end: end.unwrap_or(f64::NAN),
        level: levels.get(levels.len() / 2).copied().unwrap_or(f64::NAN),
    }
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Event {
    /// A user, or the next request of an open loop.
    Sends(usize),
    /// A request, by user (or number) and when it was sent, reaches the server.
    Arrives(usize, f64),
    Served,
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
    /// Requests a second that `users` get at most. With a queue that slows down,
    /// the one length at which as many come as are served.
    fn limit(&self, users: f64) -> f64 {
        let rest = self.delay + (self.think.0 + self.think.1) / 2.0;
        let mut rate = 1.0 / self.service;
        for _ in 0..50 {
            let queue = (users - rate * rest).max(0.0);
            rate = 0.5 * rate + 0.5 / (self.service * (1.0 + self.slowdown * queue / self.knee));
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

    fn serve(&self, schedule: &Schedule, random: &mut Random) -> Timeline {
        let open = self.case == Case::OpenLoop;
        let mut record = Recorder::default();
        let micros = |time: f64| 1_800_000_000_000_000 + (time * 1e6) as i64;
        let mut events = BinaryHeap::new();
        let most = schedule.0.iter().map(|point| point.1).fold(0.0, f64::max);
        let mut idle: Vec<usize> = (0..most.ceil() as usize).rev().collect();
        let mut queue: VecDeque<(usize, f64)> = VecDeque::new();
        let mut serving: Option<(usize, f64)> = None;
        let (mut in_flight, mut pool) = (0_usize, 0_usize);
        if open {
            pool = (most * random.within(1.0, 4.0)) as usize;
            events.push(Reverse(At(0.0, Event::Sends(0))));
        }
        let mut second = 0;
        // Users start as the schedule asks for them, looked at each tenth.
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
                            let first = look + random.within(0.0, self.think.1);
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
                        let reach = now + random.exponential(self.delay);
                        events.push(Reverse(At(reach, Event::Arrives(user, now))));
                    }
                }
                Event::Arrives(user, sent) => queue.push_back((user, sent)),
                Event::Served => {
                    if let Some((user, sent)) = serving.take() {
                        record.request(micros(now), ((now - sent) * 1e6) as u64, true);
                        in_flight = in_flight.saturating_sub(1);
                        if !open {
                            let next = now + random.within(self.think.0, self.think.1);
                            events.push(Reverse(At(next, Event::Sends(user))));
                        }
                    }
                }
            }
            while serving.is_none() {
                let Some((user, sent)) = queue.pop_front() else { break };
                // Nobody waits for it any more. Who is being served stays.
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
                serving = Some((user, sent));
                let begins =
                    if (self.stall.0..self.stall.1).contains(&now) { self.stall.1 } else { now };
                let takes = self.time_of_one(now, queue.len(), random);
                events.push(Reverse(At(begins + takes, Event::Served)));
            }
        }
        record.finish(std::path::Path::new("simulated"), "simulated").expect("it has requests")
    }
}
