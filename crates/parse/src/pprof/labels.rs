//! Labels of samples: threads, groups and times.

use super::tables::Tables;
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{Samples, Thread};
use spikeflame_proto::pprof::{Label, Sample};

/// The most names of labels that are used.
const MOST_KEYS: usize = 1000;

/// The most labels of a sample that can determine its thread.
const MOST_LABELS: usize = 16;

/// A label that has more than this many different values does not make threads.
const MOST_VALUES: usize = 64;

/// The most threads; the samples of further ones are put together.
const MOST_THREADS: usize = 4096;

/// The most characters of a label's value in a thread's name.
const LONGEST_VALUE: usize = 200;

/// A day in 1973 in nanoseconds since 1970. Lower times count from the start of the
/// recording.
const EPOCH: i64 = 100_000_000_000_000_000;

/// The use of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Role {
    ThreadName,
    ThreadId,
    ProcessId,
    /// The time of the sample in nanoseconds.
    Time,
    /// A text with few values: an endpoint, a route.
    Group,
    /// Numbers, ids, texts with many values.
    Other,
}

impl Role {
    fn from_key(key: &str) -> Self {
        let plain: String = key.chars().map(|c| if "_.-".contains(c) { ' ' } else { c }).collect();
        match plain.to_ascii_lowercase().as_str() {
            "thread name" | "thread" | "comm" => Self::ThreadName,
            "thread id" | "tid" => Self::ThreadId,
            "process id" | "pid" => Self::ProcessId,
            "end timestamp ns" => Self::Time,
            key if key == "id" || key.ends_with(" id") => Self::Other,
            _ => Self::Group,
        }
    }
}

/// The most names of labels that are looked up in a list, which is faster than a map.
const MOST_IN_LIST: usize = 8;

/// The uses of labels, by their names.
#[derive(Debug, Default)]
struct Roles {
    /// The first names.
    few: Vec<(i64, Role)>,
    more: HashMap<i64, Role>,
}

impl Roles {
    fn len(&self) -> usize {
        self.few.len() + self.more.len()
    }

    #[inline]
    fn get(&self, key: i64) -> Option<Role> {
        match self.few.iter().find(|(other, _)| *other == key) {
            Some(&(_, role)) => Some(role),
            None if self.few.len() < MOST_IN_LIST => None,
            None => self.more.get(&key).copied(),
        }
    }

    fn insert(&mut self, key: i64, role: Role) {
        if let Some(slot) = self.few.iter_mut().find(|(other, _)| *other == key) {
            slot.1 = role;
        } else if self.few.len() < MOST_IN_LIST {
            self.few.push((key, role));
        } else {
            self.more.insert(key, role);
        }
    }
}

/// The uses of all labels, which are determined before the samples are read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    roles: Roles,
    values: HashMap<i64, HashSet<i64>>,
    /// First and last time that is not 0.
    times: Option<(i64, i64)>,
    /// The numbers of samples with a time, with the time 0, and without one.
    counts: (u64, u64, u64),
}

impl Survey {
    /// Looks at the labels of a sample that has a weight.
    pub(super) fn see(&mut self, sample: &Sample, tables: &Tables<'_>) {
        let mut time = None;
        for label in &sample.label {
            match self.role(label.key, tables) {
                Role::Time => time = Some(label.num),
                Role::Group if label.str != 0 => {
                    let values = self.values.entry(label.key).or_default();
                    values.insert(label.str);
                    if values.len() > MOST_VALUES {
                        self.values.remove(&label.key);
                        self.roles.insert(label.key, Role::Other);
                    }
                }
                _ => {}
            }
        }
        match time {
            Some(time @ 1..) => {
                let (first, last) = self.times.unwrap_or((time, time));
                self.times = Some((first.min(time), last.max(time)));
                self.counts.0 += 1;
            }
            Some(0) => self.counts.1 += 1,
            _ => self.counts.2 += 1,
        }
    }

    #[inline]
    fn role(&mut self, key: i64, tables: &Tables<'_>) -> Role {
        self.roles.get(key).unwrap_or_else(|| self.new_role(key, tables))
    }

    /// Determines the use of a label that was not met yet.
    #[inline(never)]
    fn new_role(&mut self, key: i64, tables: &Tables<'_>) -> Role {
        if self.roles.len() >= MOST_KEYS {
            return Role::Other;
        }
        let role = Role::from_key(&tables.string(key));
        self.roles.insert(key, role);
        role
    }

    /// Returns the clock of the samples' times; `None` when too few have one. `start` is
    /// the start of the recording in nanoseconds since 1970, 0 when it is not known.
    pub(super) fn clock(&self, start: i64) -> Option<Clock> {
        let (first, last) = self.times?;
        let absolute = first >= EPOCH;
        let (timed, zero, without) = self.counts;
        let without = if absolute { without + zero } else { without };
        // Samples of the virtual machine's own work have no time.
        if without > (timed + zero) / 20 {
            return None;
        }
        let base = match absolute {
            true if start > 0 => start.min(first),
            true => first,
            false => 0,
        };
        Some(Clock { base, last, absolute, without })
    }
}

/// The recording's zero, and how the times of labels refer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// The zero in nanoseconds of the labels' times.
    pub(super) base: i64,
    last: i64,
    absolute: bool,
    /// The number of samples without a time; they are put at the end.
    pub(super) without: u64,
}

impl Clock {
    fn since(&self, time: i64) -> u64 {
        u64::try_from(time.saturating_sub(self.base)).unwrap_or(0) / 1000
    }

    /// Returns the last time in microseconds.
    pub(super) fn end_us(&self) -> u64 {
        self.since(self.last)
    }
}

/// The threads that labels distinguish.
pub(super) struct Threads<'t, 'a> {
    tables: &'t Tables<'a>,
    survey: Survey,
    by_labels: HashMap<Vec<(Role, Label)>, usize>,
    threads: Vec<Thread>,
    key: Vec<(Role, Label)>,
    /// The key of the last sample, and the index of its thread.
    last: Option<(Vec<(Role, Label)>, usize)>,
    /// The name of the thread for samples without a label.
    name: String,
}

impl<'t, 'a> Threads<'t, 'a> {
    pub(super) fn new(tables: &'t Tables<'a>, survey: Survey, name: String) -> Self {
        let (by_labels, threads, key) = Default::default();
        Self { tables, survey, by_labels, threads, key, last: None, name }
    }

    /// Returns the time of a sample in microseconds.
    pub(super) fn time_us(&mut self, sample: &Sample, clock: &Clock) -> u64 {
        let mut times = sample.label.iter();
        let time = times.find(|label| self.survey.role(label.key, self.tables) == Role::Time);
        match time.map(|label| label.num) {
            Some(time @ 1..) => clock.since(time),
            Some(0) if !clock.absolute => 0,
            _ => clock.end_us(),
        }
    }

    /// Returns the samples of the thread that a sample's labels name.
    pub(super) fn samples_of(&mut self, sample: &Sample) -> &mut Samples {
        self.key.clear();
        for label in &sample.label {
            if self.key.len() == MOST_LABELS {
                break;
            }
            let role = self.survey.role(label.key, self.tables);
            let told = match role {
                Role::ThreadName | Role::Group => label.str != 0,
                Role::ThreadId | Role::ProcessId => true,
                Role::Time | Role::Other => false,
            };
            if told {
                self.key.push((role, *label));
            }
        }
        self.key.sort_unstable_by_key(|(role, l)| (*role, l.key, l.str, l.num));
        let at = match &self.last {
            Some((key, at)) if *key == self.key => *at,
            _ => self.find_thread(),
        };
        // The index was found or made right above.
        #[allow(clippy::indexing_slicing, reason = "`at` is of this list")]
        &mut self.threads[at].samples
    }

    /// Returns the index of the thread of the current key, and keeps both for the next sample.
    #[inline(never)]
    fn find_thread(&mut self) -> usize {
        let at = match self.by_labels.get(self.key.as_slice()) {
            Some(&at) => at,
            None => {
                let full = self.threads.len() >= MOST_THREADS;
                let name = if full { "other threads".to_owned() } else { self.name_of_key() };
                // Further threads share the last one.
                let at = self.threads.len().min(MOST_THREADS);
                if at == self.threads.len() {
                    self.threads.push(Thread { name, samples: Samples::default(), source: 0 });
                }
                if !full {
                    self.by_labels.insert(self.key.clone(), at);
                }
                at
            }
        };
        let mut key = self.last.take().map_or(Vec::new(), |(key, _)| key);
        key.clone_from(&self.key);
        self.last = Some((key, at));
        at
    }

    /// Returns a name such as `Main Event Loop 12/0 · GET /boards`.
    fn name_of_key(&self) -> String {
        let text = |label: &Label| -> String {
            let text = self.tables.string(label.str);
            match label.str {
                0 => label.num.to_string(),
                _ => text.chars().take(LONGEST_VALUE).collect(),
            }
        };
        let first = |wanted: Role| {
            self.key.iter().find(|(role, _)| *role == wanted).map(|(_, label)| text(label))
        };
        let (process, thread) = (first(Role::ProcessId), first(Role::ThreadId));
        let mut name = match (first(Role::ThreadName), &thread) {
            (Some(name), _) => name,
            (None, Some(_)) => "thread".to_owned(),
            (None, None) => self.name.clone(),
        };
        let ids: Vec<String> = [process, thread].into_iter().flatten().collect();
        if !ids.is_empty() {
            name += &format!(" {}", ids.join("/"));
        }
        for (_, label) in self.key.iter().filter(|(role, _)| *role == Role::Group) {
            name += " · ";
            name += &text(label);
        }
        name
    }

    /// Returns the threads with their samples in order and with distinct names.
    pub(super) fn finish(self) -> Vec<Thread> {
        let mut taken: HashSet<String> = HashSet::new();
        let mut threads = self.threads;
        for thread in &mut threads {
            thread.samples.sort();
            let plain = thread.name.clone();
            let mut number = 2;
            while !taken.insert(thread.name.clone()) {
                thread.name = format!("{plain} ({number})");
                number += 1;
            }
        }
        threads
    }
}
