//! Recordings that contain the samples of others that are read with them: in a folder, or
//! named one by one. An export that was written into the run's folder would otherwise count
//! everything twice.

mod beginning;
mod beside;
mod one_thread;
mod same_content;
mod same_errors;

use crate::sniff::format::Format;
use spikeflame_profile::warning::{Fact, TwoProfilers, Warning};
use spikeflame_profile::{CallTree, Idle, Kind, Profile, Selection, Zero};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

/// The smallest total for which equal totals of two recordings show that they have the same
/// samples. Smaller totals may be equal by chance.
const TELLING: u64 = 100;
/// When a recording has at least this many stacks, and nearly all of them are in another recording,
/// it has the same samples.
const DISTINCT: usize = 10;
/// Ends of the same recording differ by less than this, in microseconds.
const SAME_US: u64 = 1_000;

/// The difference of two clocks, in microseconds, beyond which two recordings began at
/// different times.
const OTHER_TIME_US: u64 = 2_000_000;

/// A recording that was read from a file.
pub(crate) struct Recording {
    pub(crate) format: Format,
    pub(crate) profile: Profile,
    /// The weights of its stacks, computed once: a folder of many threads compares each with
    /// all others.
    weights: OnceCell<HashMap<u64, u64>>,
}

impl Recording {
    pub(crate) fn new(format: Format, profile: Profile) -> Self {
        Self { format, profile, weights: OnceCell::new() }
    }

    /// Returns the weight of each stack, by a hash of its labels.
    fn weights(&self) -> &HashMap<u64, u64> {
        self.weights.get_or_init(|| weights(&self.profile))
    }

    /// Returns true when nearly all stacks of another recording are in this one, with at least
    /// their weights.
    fn holds(&self, other: &Self) -> bool {
        hold(self.weights(), other.weights())
    }

    /// Returns the distance from the recorder. Of two recordings with the same samples, the one
    /// with the larger distance is left out.
    fn distance(&self) -> u8 {
        match self.format {
            Format::V8Log | Format::PerfData => 0,
            Format::CpuProfile if !self.is_export() => 1,
            Format::Folded => 4,
            Format::PerfText | Format::ChromeTrace => 2,
            _ => 3,
        }
    }

    /// Returns true for a `.cpuprofile` that is an export of ours.
    fn is_export(&self) -> bool {
        let mut producers = self.profile.sources.iter().map(|source| source.producer.as_str());
        producers.any(|producer| producer.starts_with("cpuprofile of "))
    }

    /// Returns true for a format that no recorder of Node writes with the name of another program
    /// in it, as exports of ours do.
    fn is_format_of_exports(&self) -> bool {
        use Format::{CpuProfile, Firefox, Otlp, OtlpJson, Pprof, Speedscope};
        matches!(self.format, CpuProfile | Firefox | Otlp | OtlpJson | Pprof | Speedscope)
    }

    /// Returns true for an export of ours of another recording, or of a part of it: it names the
    /// program that recorded the other one, or its file.
    fn may_be_export_of(&self, other: &Self) -> bool {
        let (Some(own), Some(of)) = (self.profile.sources.first(), other.profile.sources.first())
        else {
            return false;
        };
        let named = match self.format {
            Format::CpuProfile => own.producer.strip_prefix("cpuprofile of "),
            Format::Speedscope => own.producer.strip_prefix("speedscope of "),
            Format::Firefox => {
                let file = own.producer.strip_prefix("Firefox Profiler (");
                let file = file.and_then(|file| file.strip_suffix(')'));
                // The name begins with the folder's name, which changes when the folder is copied.
                return file
                    .map(last_part)
                    .is_some_and(|file| !file.is_empty() && file == last_part(&of.name));
            }
            format => (format != other.format).then_some(own.producer.as_str()),
        };
        named.is_some_and(|producer| !producer.is_empty() && producer == of.producer)
    }
}

/// Returns the part of a name after its last slash.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Leaves out recordings of a folder that contain the samples of others that are nearer to
/// the recorder, and adds one warning.
pub(crate) fn pass_over(mut all: Vec<Recording>) -> Vec<Recording> {
    if all.len() < 2 {
        return all;
    }
    let (earlier, beside);
    (all, earlier) = beginning::leave_out(all);
    (all, beside) = beside::leave_out(all);
    same_errors::leave_out(&mut all);
    let mut names: Vec<String> =
        earlier.iter().flat_map(|recording| file_names(&recording.profile)).collect();
    // At the same distance, the order is that of the names.
    all.sort_by_key(Recording::distance);
    let mut kept: Vec<Recording> = Vec::new();
    let mut known = Stacks::default();
    let mut known_to = 0;
    for recording in all {
        let far = recording.distance();
        // The stacks of nearer recordings are added when they are first needed.
        let nearer = kept.iter().take_while(|kept| kept.distance() < far).count();
        for kept in kept.iter().take(nearer).skip(known_to) {
            known.add(kept);
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
    warn_of_twins(&mut kept);
    one_thread::warn(&mut kept);
    warn_of_two_profilers(&mut kept, beside);
    if let Some(first) = kept.first_mut().filter(|_| !names.is_empty()) {
        names.sort();
        first.profile.warnings.push(Warning::overall(Fact::CopiesInFolder { files: names }));
    }
    kept
}

/// Leaves out recordings that were named one by one and contain all samples of others that
/// were named, and adds one warning.
///
/// The proof is stricter than in a folder, because the user chose the files: the weights of
/// all stacks are the same, and so are the times where both have them.
pub(crate) fn pass_over_named(all: Vec<Recording>) -> Vec<Recording> {
    let (all, earlier) = beginning::leave_out(all);
    let (mut all, beside) = beside::leave_out(all);
    same_errors::leave_out(&mut all);
    let mut files: Vec<String> =
        earlier.iter().flat_map(|recording| paths(&recording.profile)).collect();
    let mut all: Vec<(usize, Recording)> = all.into_iter().enumerate().collect();
    all.sort_by_key(|(_, recording)| recording.distance());
    let mut kept: Vec<(usize, Recording)> = Vec::new();
    for (at, recording) in all {
        let is_one = kept.iter().any(|(_, kept)| is_named_copy(&recording, kept));
        if is_one || holds_all(&recording, &kept) {
            files.extend(paths(&recording.profile));
        } else {
            kept.push((at, recording));
        }
    }
    // Recordings stay in the order in which they were named.
    kept.sort_by_key(|&(at, _)| at);
    let mut kept: Vec<Recording> = kept.into_iter().map(|(_, recording)| recording).collect();
    warn_of_twins(&mut kept);
    one_thread::warn(&mut kept);
    warn_of_two_profilers(&mut kept, beside);
    if let Some(first) = kept.first_mut().filter(|_| !files.is_empty()) {
        files.sort();
        first.profile.warnings.push(Warning::overall(Fact::NamedCopies { files }));
    }
    kept
}

fn warn_of_two_profilers(kept: &mut [Recording], found: Option<TwoProfilers>) {
    let found = found.map(|found| Warning::overall(Fact::TwoProfilers(found)));
    if let Some(first) = kept.first_mut() {
        first.profile.warnings.extend(found);
    }
}

/// Returns true when two files that were named have the same samples.
fn is_named_copy(recording: &Recording, other: &Recording) -> bool {
    let (one, two) = (&recording.profile, &other.profile);
    let (total, of_two) = (one.total(), two.total());
    let same_format = recording.format == other.format;
    if total == of_two
        && (is_same_file(one, two) || same_format && is_packed_copy(recording, other))
    {
        return true;
    }
    if recording.may_be_export_of(other) && other.holds(recording) {
        return true;
    }
    // An export may lack the idle samples.
    let lacks_idle = || !same_format && total < of_two && total == of_two - idle(two);
    if total < TELLING || total != of_two && !lacks_idle() {
        return false;
    }
    let timed = one.is_timed() && two.is_timed();
    if began_apart(one, two) || timed && !ends_with(two, one) {
        return false;
    }
    if same_format && timed {
        return same_content::is_in(recording, other);
    }
    (timed || recording.weights().len() >= DISTINCT) && other.holds(recording)
}

/// Returns the weight of the idle samples.
fn idle(profile: &Profile) -> u64 {
    profile.visit(&Selection::default(), |_, _, _| {}).idle
}

/// Returns true when a recording has the samples of several others, which are nearer to the
/// recorder: an export of all of them.
fn holds_all(recording: &Recording, kept: &[(usize, Recording)]) -> bool {
    let far = recording.distance();
    let nearer = || kept.iter().map(|(_, kept)| kept).filter(|kept| kept.distance() < far);
    let total = recording.profile.total();
    let all: u64 = nearer().map(|kept| kept.profile.total()).fold(0, u64::saturating_add);
    // An export may lack the idle samples.
    if nearer().count() < 2 || total < TELLING || total > all {
        return false;
    }
    let mut stacks = Stacks::default();
    nearer().for_each(|kept| stacks.add(kept));
    (total == stacks.total || total == stacks.total.saturating_sub(stacks.idle))
        && recording.weights().len() >= DISTINCT
        && stacks.hold(recording)
}

/// Returns true when both were read from the same file.
fn is_same_file(one: &Profile, other: &Profile) -> bool {
    let paths = |profile: &Profile| -> Option<Vec<PathBuf>> {
        profile.sources.iter().map(|source| source.path.canonicalize().ok()).collect()
    };
    let paths = (paths(one), paths(other));
    matches!(paths, (Some(one), Some(other)) if !one.is_empty() && one == other)
}

/// Returns true when the clocks of both show that they began at different times.
fn began_apart(one: &Profile, other: &Profile) -> bool {
    let began = |profile: &Profile| profile.sources.first().and_then(|source| source.clock);
    let (Some(one), Some(other)) = (began(one), began(other)) else { return false };
    let unsure = one.uncertainty_us.saturating_add(other.uncertainty_us);
    one.zero_us.abs_diff(other.zero_us) > OTHER_TIME_US.saturating_add(unsure)
}

/// Returns true when the starts that two files of one format state are different.
fn states_other_start(one: &Recording, other: &Recording) -> bool {
    let zero = |recording: &Recording| recording.profile.sources.first().map(|it| it.zero);
    let (one, two) = (zero(one), zero(other));
    match (one, two) {
        (Some(Zero::Monotonic(one)), Some(Zero::Monotonic(two)))
        | (Some(Zero::Wall(one)), Some(Zero::Wall(two))) => one.abs_diff(two) > SAME_US,
        _ => false,
    }
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
    let mut of = nearer.iter().filter(|one| recording.may_be_export_of(one));
    if of.any(|one| is_likely_export(recording, one, known)) {
        return true;
    }
    // A profile that node itself wrote is a recording of its own.
    if recording.format == Format::CpuProfile {
        return same_total(known.total, known.idle) && known.hold(recording);
    }
    total >= TELLING && same_total(known.total, known.idle)
        || (recording.weights().len() >= DISTINCT || same_total(known.total, known.idle))
            && known.hold(recording)
        // Folded text does not name the program that recorded it. A selection of a few stacks must
        // be in the other recordings as it is.
        || recording.format == Format::Folded && known.hold_all(recording)
}

/// Returns true when a recording that may be an export of another one has samples of nearer ones. An
/// export with other rows (`--group-by`, `--hide`, `--tiers`) has none of their stacks, but as many
/// samples or the same end.
fn is_likely_export(recording: &Recording, of: &Recording, known: &Stacks) -> bool {
    if known.hold(recording) {
        return true;
    }
    let (own, other) = (&recording.profile, &of.profile);
    let total = own.total();
    if total > known.total || !recording.is_format_of_exports() || began_apart(own, other) {
        return false;
    }
    let (held, all) = held(&known.weights, recording.weights());
    total == known.total
        || total == known.total.saturating_sub(known.idle)
        || held.saturating_mul(2) >= all
        || total >= TELLING && ends_near(own, other)
}

/// Returns true when two recordings with times end within three intervals of each other. A
/// `.cpuprofile` ends one interval after its last sample.
fn ends_near(one: &Profile, other: &Profile) -> bool {
    let end = |profile: &Profile| profile.sources.iter().map(|source| source.end_us).max();
    let interval = other.interval_us().unwrap_or(0).max(SAME_US);
    let ends = end(one).zip(end(other)).filter(|_| one.is_timed() && other.is_timed());
    ends.is_some_and(|(one, other)| one.abs_diff(other) <= interval.saturating_mul(3))
}

/// Returns true for a copy of a recording in its own format: the same stacks at the same times.
/// 0x leaves one beside its log. A packed copy (`x.log` and `x.log.gz`) has the same name and the
/// same content.
fn is_copy(recording: &Recording, other: &Recording) -> bool {
    if recording.format != other.format {
        return false;
    }
    is_packed_copy(recording, other)
        || !states_other_start(recording, other)
            && recording.profile.total() >= TELLING
            && ends_with(&other.profile, &recording.profile)
            && same_content::is_in(recording, other)
}

/// Returns true for two files that differ in the ending of their compression only, and whose
/// samples are the same.
fn is_packed_copy(one: &Recording, other: &Recording) -> bool {
    let names = |it: &Recording| -> Vec<String> {
        it.profile.sources.iter().map(|source| source.name.clone()).collect()
    };
    let end = |it: &Recording| it.profile.sources.iter().map(|source| source.end_us).max();
    names(one) == names(other)
        && one.profile.total() == other.profile.total()
        && end(one) == end(other)
        && one.weights() == other.weights()
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

/// Returns the paths of a recording's files.
fn paths(profile: &Profile) -> impl Iterator<Item = String> {
    profile.sources.iter().map(|source| source.path.display().to_string())
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
    fn add(&mut self, recording: &Recording) {
        self.total = self.total.saturating_add(recording.profile.total());
        self.idle = self.idle.saturating_add(idle(&recording.profile));
        for (&hash, &weight) in recording.weights() {
            let slot = self.weights.entry(hash).or_default();
            *slot = slot.saturating_add(weight);
        }
    }

    /// Returns true when nearly every stack of a recording is here, with at least its weight.
    fn hold(&self, recording: &Recording) -> bool {
        hold(&self.weights, recording.weights())
    }

    /// Returns true when every stack of a recording is here, with at least its weight.
    fn hold_all(&self, recording: &Recording) -> bool {
        let (held, all) = held(&self.weights, recording.weights());
        held == all
    }
}

/// Returns true when nearly every stack of one recording is in other ones, with at least its
/// weight. A few may be missing, because formats write some names differently.
fn hold(here: &HashMap<u64, u64>, stacks: &HashMap<u64, u64>) -> bool {
    let (held, all) = held(here, stacks);
    held >= all - all / 20
}

/// Returns the weight of the stacks of one recording that are in other ones with at least their
/// weight, and the weight of all its stacks.
fn held(here: &HashMap<u64, u64>, stacks: &HashMap<u64, u64>) -> (u64, u64) {
    let (mut held, mut all) = (0_u64, 0_u64);
    for (hash, &weight) in stacks {
        all = all.saturating_add(weight);
        if here.get(hash).is_some_and(|here| *here >= weight) {
            held = held.saturating_add(weight);
        }
    }
    (held, all)
}

/// Adds the letters and digits of a label to a hash. Formats write the other characters differently:
/// `;` separates frames in folded text, and `(anonymous)` is `<anonymous>`.
fn hash_letters(label: &str, hasher: &mut DefaultHasher) {
    label.chars().filter(|char| char.is_alphanumeric()).for_each(|char| char.hash(hasher));
    u8::MAX.hash(hasher);
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
            hash_letters(label, &mut hasher);
        }
        let hash = hasher.finish();
        hashes.push(hash);
        if node.self_weight > 0 {
            found.insert(hash, node.self_weight);
        }
    }
    found
}

/// Adds a warning when two recordings may be the same: they have as many samples, and are as long.
/// Two workers that did the same work are so by chance, so that two of one format must also have
/// the same stacks.
fn warn_of_twins(kept: &mut [Recording]) {
    let mut found: Vec<(usize, Warning)> = Vec::new();
    for (at, recording) in kept.iter().enumerate() {
        let [source] = recording.profile.sources.as_slice() else { continue };
        let total = recording.profile.total();
        let earlier = kept.get(..at).unwrap_or_default();
        let twin = earlier.iter().find(|other| {
            let may_be = other.profile.sources.len() == 1
                && other.profile.total() == total
                && ends_with(&other.profile, &recording.profile)
                && !states_other_start(recording, other);
            may_be && (recording.format != other.format || same_content::is_in(recording, other))
        });
        if let Some(other) = twin.and_then(|twin| twin.profile.sources.first()) {
            let fact = Fact::Twin { unit: source.unit.clone(), other: other.name.clone() };
            found.push((at, Warning::new(source.name.as_str(), fact)));
        }
    }
    for (at, warning) in found {
        let Some(Recording { profile, .. }) = kept.get_mut(at) else { continue };
        // A folder that was named beside others was already searched for twins.
        if !profile.warnings.contains(&warning) {
            profile.warnings.push(warning);
        }
    }
}
