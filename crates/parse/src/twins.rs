//! Recordings of a folder that contain the samples of other recordings in it. An export
//! that was written into the run's folder would otherwise count everything twice.

use crate::sniff::format::Format;
use spikeflame_profile::warning::{Fact, Warning};
use spikeflame_profile::{CallTree, Idle, Kind, Profile, Selection};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// The smallest total for which equal totals of two recordings show that they have the same
/// samples. Smaller totals may be equal by chance.
const TELLING: u64 = 100;
/// When a recording has at least this many stacks, and nearly all of them are in another recording,
/// it has the same samples.
const DISTINCT: usize = 10;
/// Ends of the same recording differ by less than this, in microseconds.
const SAME_US: u64 = 1_000;

/// A recording of a folder.
pub(crate) struct Recording {
    pub(crate) format: Format,
    pub(crate) profile: Profile,
}

/// Returns the distance of a format from the recorder. Of two formats with the same
/// samples, the one with the larger distance is left out.
fn distance(format: Format) -> u8 {
    match format {
        Format::V8Log | Format::PerfData => 0,
        Format::CpuProfile => 1,
        Format::Folded => 4,
        Format::PerfText | Format::ChromeTrace => 2,
        _ => 3,
    }
}

/// Leaves out recordings that contain the samples of others that are nearer to the
/// recorder, and adds one warning.
pub(crate) fn pass_over(mut all: Vec<Recording>) -> Vec<Profile> {
    if all.len() < 2 {
        return all.into_iter().map(|recording| recording.profile).collect();
    }
    // At the same distance, the order is that of the names.
    all.sort_by_key(|recording| distance(recording.format));
    let mut kept: Vec<Recording> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut known = Stacks::default();
    let mut known_to = 0;
    for recording in all {
        let far = distance(recording.format);
        // The stacks of nearer recordings are added when they are first needed.
        let nearer = kept.iter().take_while(|kept| distance(kept.format) < far).count();
        for kept in kept.iter().take(nearer).skip(known_to) {
            known.add(&kept.profile);
        }
        known_to = nearer;
        let nearer = kept.get(..nearer).unwrap_or_default();
        if !nearer.is_empty() && is_view(&recording, nearer, &known) {
            names.extend(file_names(&recording.profile));
            continue;
        }
        if kept.iter().any(|kept| is_copy(&recording, kept)) {
            names.extend(file_names(&recording.profile));
            continue;
        }
        kept.push(recording);
    }
    let mut profiles: Vec<Profile> = kept.into_iter().map(|kept| kept.profile).collect();
    warn_of_twins(&mut profiles);
    if let Some(first) = profiles.first_mut().filter(|_| !names.is_empty()) {
        names.sort();
        first.warnings.push(Warning::overall(Fact::Copies { files: names }));
    }
    profiles
}

/// Returns true when a recording shows samples of nearer ones.
fn is_view(recording: &Recording, nearer: &[Recording], known: &Stacks) -> bool {
    let profile = &recording.profile;
    let total = profile.total();
    let same_total = |all: u64, idle: u64| total == all || total == all.saturating_sub(idle);
    let of_one = nearer.iter().any(|one| {
        let one = &one.profile;
        one.total() == total && ends_with(one, profile)
    });
    if of_one {
        return true;
    }
    // A profile that node itself wrote is a recording of its own.
    if recording.format == Format::CpuProfile {
        return same_total(known.total, known.idle) && known.hold(profile);
    }
    total >= TELLING && same_total(known.total, known.idle)
        || (known.stacks(profile) >= DISTINCT || same_total(known.total, known.idle))
            && known.hold(profile)
}

/// Returns true for a copy of a recording in its own format: as many samples of the same
/// stacks, over as long a time. 0x leaves one beside its log. A packed copy (`x.log` and
/// `x.log.gz`) has the same name and the same content.
fn is_copy(recording: &Recording, other: &Recording) -> bool {
    if recording.format == other.format && is_packed_copy(&recording.profile, &other.profile) {
        return true;
    }
    let total = recording.profile.total();
    recording.format == other.format
        && total >= TELLING
        && total == other.profile.total()
        && ends_with(&other.profile, &recording.profile)
        && {
            let mut stacks = Stacks::default();
            stacks.add(&other.profile);
            stacks.hold(&recording.profile)
        }
}

/// Returns true for two files that differ in the ending of their compression only, and whose
/// samples are the same.
fn is_packed_copy(one: &Profile, other: &Profile) -> bool {
    let names = |profile: &Profile| -> Vec<String> {
        profile.sources.iter().map(|source| source.name.clone()).collect()
    };
    let end = |profile: &Profile| profile.sources.iter().map(|source| source.end_us).max();
    names(one) == names(other)
        && one.total() == other.total()
        && end(one) == end(other)
        && weights(one) == weights(other)
}

/// Returns the name of a recording's file with the ending of its compression, by which copies
/// differ.
fn file_names(profile: &Profile) -> impl Iterator<Item = String> {
    profile.sources.iter().map(|source| {
        let name = source.path.file_name().unwrap_or_default().to_string_lossy();
        match source.name.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.into_owned(),
        }
    })
}

/// Returns true when two recordings with times end at the same moment.
fn ends_with(one: &Profile, other: &Profile) -> bool {
    let end = |profile: &Profile| {
        let end = profile.sources.iter().map(|source| source.end_us).max()?;
        (profile.is_timed() && end > 0).then_some(end)
    };
    end(one).zip(end(other)).is_some_and(|(one, other)| one.abs_diff(other) < SAME_US)
}

/// The weight of each stack of some profiles, by a hash of its labels.
#[derive(Default)]
struct Stacks {
    weights: HashMap<u64, u64>,
    total: u64,
    idle: u64,
}

impl Stacks {
    fn add(&mut self, profile: &Profile) {
        self.total = self.total.saturating_add(profile.total());
        let selection = Selection::default();
        self.idle = self.idle.saturating_add(profile.visit(&selection, |_, _, _| {}).idle);
        for (hash, weight) in weights(profile) {
            let slot = self.weights.entry(hash).or_default();
            *slot = slot.saturating_add(weight);
        }
    }

    /// Returns true when nearly every stack of a profile is here, with at least its weight.
    /// A few may be missing, because formats write some names differently.
    fn hold(&self, profile: &Profile) -> bool {
        let (mut held, mut all) = (0_u64, 0_u64);
        for (hash, weight) in weights(profile) {
            all = all.saturating_add(weight);
            if self.weights.get(&hash).is_some_and(|here| *here >= weight) {
                held = held.saturating_add(weight);
            }
        }
        held >= all - all / 20
    }

    /// Returns the number of a profile's stacks.
    fn stacks(&self, profile: &Profile) -> usize {
        weights(profile).len()
    }
}

fn weights(profile: &Profile) -> HashMap<u64, u64> {
    let tree = CallTree::build(profile, &Selection { idle: Idle::Keep, ..Selection::default() });
    let mut hashes: Vec<u64> = Vec::with_capacity(tree.nodes().len());
    let mut found = HashMap::new();
    for node in tree.nodes() {
        let mut hasher = DefaultHasher::new();
        if let Some(entry) = tree.entry(node.entry) {
            hashes.get(node.parent).hash(&mut hasher);
            // In folded text, the kind is only known from the label.
            let label = if entry.kind == Kind::Program { "(program)" } else { &entry.label };
            label.hash(&mut hasher);
        }
        let hash = hasher.finish();
        hashes.push(hash);
        if node.self_weight > 0 {
            found.insert(hash, node.self_weight);
        }
    }
    found
}

/// Adds a warning when a folder has a recording twice in one format.
fn warn_of_twins(profiles: &mut [Profile]) {
    let mut seen: Vec<(u64, u64, String)> = Vec::new();
    for profile in profiles {
        let [source] = profile.sources.as_slice() else { continue };
        let (total, end) = (profile.total(), source.end_us);
        if !source.timed || end == 0 {
            continue;
        }
        let alike =
            |(of, until, _): &&(u64, u64, String)| *of == total && until.abs_diff(end) < SAME_US;
        let twin = seen.iter().find(alike).map(|(_, _, other)| other.clone());
        seen.push((total, end, source.name.clone()));
        if let Some(other) = twin {
            let fact = Fact::Twin { unit: source.unit.clone(), other };
            let warning = Warning::new(source.name.as_str(), fact);
            profile.warnings.push(warning);
        }
    }
}
