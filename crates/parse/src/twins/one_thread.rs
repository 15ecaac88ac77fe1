//! Recordings of one thread by two profilers of the inspector, which ran at the same time: their files state
//! neither the process nor the thread. Both are in the same functions at most moments.

use super::Recording;
use crate::cpuprofile::file_name;
use crate::sniff::format::Format;
use hashbrown::HashMap;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{Profile, StackId, Tier, Zero, write_label};

/// The most recordings that are compared with each other: every pair is, and so many are of many threads.
const MOST_RECORDINGS: usize = 8;

/// Two samples this far apart are of one moment, in microseconds.
const MOMENT_US: u64 = 1_000;

/// The smallest number of common moments for a comparison.
const LEAST_MOMENTS: usize = 100;

/// The largest number of moments that are compared; more of them are thinned out evenly.
const MOST_MOMENTS: usize = 1_000;

/// The agreement of one recording with the other one at other times is the mean of this many distances.
const DISTANCES: usize = 7;

/// The smallest agreement beyond chance, of the largest possible, in percent. Two profilers of a busy server
/// agreed by 77; two workers that were given the same tasks at the same moments by 64.
const LEAST_BEYOND_CHANCE: usize = 70;

/// The functions from the root to a stack's last one, as a number that recordings have in common.
type Path = u32;

/// The paths of several recordings: the parent and the depth of each.
#[derive(Default)]
struct Paths {
    nodes: Vec<(Path, u32)>,
    ids: HashMap<(Path, String), Path>,
}

impl Paths {
    /// Returns the samples of the recording's one thread, with their times.
    fn samples(&mut self, profile: &Profile, zero_us: u64) -> Vec<(u64, Path)> {
        let [thread] = profile.threads.as_slice() else { return Vec::new() };
        let mut of: Vec<Path> = vec![0; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let above = of.get(parent.index()).copied().unwrap_or(0);
            let mut label = String::new();
            let function = profile.frames.get_function(profile.frames.get(frame).function);
            write_label(&mut label, profile.frames.strings(), function, Tier::None);
            if let Some(slot) = of.get_mut(stack.index()) {
                *slot = self.child(above, label);
            }
        }
        let path = |stack: StackId| of.get(stack.index()).copied().unwrap_or(0);
        let samples = thread.samples.iter();
        samples.map(|(one, _)| (zero_us.saturating_add(one.time_us), path(one.stack))).collect()
    }

    fn child(&mut self, parent: Path, label: String) -> Path {
        if self.nodes.is_empty() {
            self.nodes.push((0, 0));
        }
        let depth = self.nodes.get(parent as usize).map_or(0, |&(_, depth)| depth) + 1;
        let nodes = &mut self.nodes;
        *self.ids.entry((parent, label)).or_insert_with(|| {
            nodes.push((parent, depth));
            nodes.len() as Path - 1
        })
    }

    /// Returns true when one path is the beginning of the other. A profiler that began later does not know
    /// which functions V8 had inlined before.
    fn agree(&self, one: Path, other: Path) -> bool {
        let depth = |path: Path| self.nodes.get(path as usize).map_or(0, |&(_, depth)| depth);
        let (mut one, mut other) = (one, other);
        while depth(one) != depth(other) {
            let deeper = if depth(one) > depth(other) { &mut one } else { &mut other };
            *deeper = self.nodes.get(*deeper as usize).map_or(0, |&(parent, _)| parent);
        }
        one == other
    }

    /// Returns the share of common moments in which two recordings agree, in percent, when it is so large
    /// that they are most likely of one thread.
    fn same_thread(&self, one: &[(u64, Path)], other: &[(u64, Path)]) -> Option<u64> {
        let moments = moments(one, other);
        let count = moments.len();
        if count < LEAST_MOMENTS {
            return None;
        }
        let agreeing = |shift: usize| {
            let others = moments.iter().cycle().skip(shift).map(|&(_, other)| other);
            let pairs = moments.iter().map(|&(one, _)| one).zip(others);
            pairs.filter(|&(one, other)| self.agree(one, other)).count()
        };
        let by_chance =
            (1..=DISTANCES).map(|at| agreeing(count * at / (DISTANCES + 1))).sum::<usize>();
        let (same, chance) = (agreeing(0), by_chance / DISTANCES);
        let beyond = same.saturating_sub(chance) * 100;
        let is_one = same > chance && beyond >= (count - chance) * LEAST_BEYOND_CHANCE;
        is_one.then_some(same as u64 * 100 / count as u64)
    }
}

/// Returns the paths of two recordings at the moments at which both have a sample.
fn moments(one: &[(u64, Path)], other: &[(u64, Path)]) -> Vec<(Path, Path)> {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let nearest = |&(time, path): &(u64, Path)| {
        let after = many.partition_point(|&(at, _)| at < time);
        let around = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let near = around.filter_map(|at| many.get(at)).min_by_key(|(at, _)| at.abs_diff(time))?;
        (near.0.abs_diff(time) <= MOMENT_US).then_some((path, near.1))
    };
    let common: Vec<(Path, Path)> = few.iter().filter_map(nearest).collect();
    let step = common.len().div_ceil(MOST_MOMENTS).max(1);
    common.into_iter().step_by(step).collect()
}

/// A `.cpuprofile` that may be of the same thread as another one.
struct Candidate {
    /// The index of the recording.
    at: usize,
    name: String,
    /// The times of start and end, by the clock of its machine.
    began_us: u64,
    ended_us: u64,
}

impl Candidate {
    /// Returns a candidate for the one file that a profiler wrote.
    fn of((at, recording): (usize, &Recording)) -> Option<Self> {
        let [source] = recording.profile.sources.as_slice() else { return None };
        let Zero::Monotonic(began_us) = source.zero else { return None };
        let ended_us = began_us.saturating_add(source.end_us);
        let is_profile = recording.format == Format::CpuProfile && !recording.is_export();
        is_profile.then(|| Self { at, name: source.name.clone(), began_us, ended_us })
    }

    /// Returns true when both ran at the same time, and their names are not those of different threads or
    /// processes.
    fn may_be_thread_of(&self, other: &Self) -> bool {
        let threads = (file_name::thread(&self.name), file_name::thread(&other.name));
        let processes = (file_name::stamped_pid(&self.name), file_name::stamped_pid(&other.name));
        let are_others = threads.0.is_some() && threads.1.is_some() && threads.0 != threads.1
            || processes.0.is_some() && processes.1.is_some() && processes.0 != processes.1;
        !are_others && self.began_us < other.ended_us && other.began_us < self.ended_us
    }
}

/// Adds a warning to each recording that is most likely of the same thread, at the same time, as an earlier
/// one. Nothing is compared when there are more than [`MOST_RECORDINGS`].
pub(super) fn warn(kept: &mut [Recording]) {
    let candidates: Vec<Candidate> = kept.iter().enumerate().filter_map(Candidate::of).collect();
    if candidates.len() > MOST_RECORDINGS {
        return;
    }
    let mut paths = Paths::default();
    let mut samples: HashMap<usize, Vec<(u64, Path)>> = HashMap::new();
    let mut found: Vec<(usize, Fact)> = Vec::new();
    for (index, one) in candidates.iter().enumerate() {
        let earlier = candidates.iter().take(index).filter(|other| one.may_be_thread_of(other));
        let twin = { earlier }.find_map(|other| {
            for of in [one, other] {
                let profile = &kept.get(of.at)?.profile;
                samples.entry(of.at).or_insert_with(|| paths.samples(profile, of.began_us));
            }
            let percent = paths.same_thread(samples.get(&one.at)?, samples.get(&other.at)?)?;
            Some(Fact::OneThread { other: other.name.clone(), percent })
        });
        found.extend(twin.map(|fact| (one.at, fact)));
    }
    for (at, fact) in found {
        let Some(Recording { profile, .. }) = kept.get_mut(at) else { continue };
        let name = profile.sources.first().map_or("", |source| source.name.as_str());
        let warning = Warning::new(name, fact);
        // A folder that was named beside others was already searched.
        if !profile.warnings.contains(&warning) {
            profile.warnings.push(warning);
        }
    }
}
