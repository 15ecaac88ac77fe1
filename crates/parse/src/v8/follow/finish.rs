//! The end of a log: the profile, and the warnings about it.

use super::{FEW_TICKS, Follower};
use crate::chunks::Ending;
use crate::made_code;
use crate::source_maps::without_maps;
use crate::v8::resolve::Resolver;
use crate::v8::tick_times::missing;
use crate::v8::{interval, maps, reason};
use crate::wasm;
use hashbrown::HashSet;
use spikeflame_profile::warning::{Fact, MissingBinary, V8Fact, Warning};
use spikeflame_profile::{Profile, Sample, Source, StackId, Zero};

/// The share of all ticks above which a warning is printed, in percent.
const WORTH_TELLING: f64 = 1.0;

/// The share of all ticks with an uncertain caller above which a warning is printed, in percent. Servers
/// have up to 3.
const MANY_GUESSES: u64 = 10;

impl Follower {
    /// Returns the profile, after the whole file was read, or the reason why there is none.
    pub(in crate::v8) fn finish(mut self, ending: Ending) -> Result<Profile, &'static str> {
        if let Some(pending) = self.pending.take() {
            self.give_up(pending);
        }
        let Resolver { sites, frames, stacks, .. } = &mut self.resolver;
        let guesses = sites.complete(frames, stacks, &mut self.thread.samples);
        self.thread.samples.sort();
        if self.thread.samples.is_empty() {
            return Err(match self.begins {
                0 => {
                    "the log has no `profiler,begin`: it was made without --prof, or the program ended before \
                     V8's profiler began"
                }
                _ => "the program ended before the first tick, or --cpu-prof ran beside --prof",
            });
        }
        let lists_nothing = self.has_several_isolates() || self.lacks_beginning();
        let later = self.resolver.settle_later(lists_nothing);
        wasm::by_address(&mut self.resolver.frames);
        let Resolver { frames, stacks, .. } = &mut self.resolver;
        made_code::name_scripts(&self.script_names, frames);
        let joined = made_code::join(frames, stacks, &[&self.thread.samples]);
        // Each isolate has its own numbers of scripts.
        let joined = joined.filter(|_| !self.has_several_isolates());
        let scripts = std::mem::take(&mut self.scripts);
        let has_maps = scripts.has_typed();
        scripts.apply(&mut self.resolver.frames);
        let mut profile =
            Profile { warnings: self.warnings(ending, &later, guesses), ..Profile::default() };
        if !has_maps {
            let compiled = without_maps(&mut self.resolver.frames);
            profile.warnings.extend(compiled.map(Warning::overall));
        }
        profile.warnings.extend(joined.map(|fact| Warning::new(self.name.as_str(), fact)));
        profile.losses = self.ledger.close(&self.name);
        let measured = self
            .interval_us
            .and_then(|asked| interval::measured(&self.thread.samples, asked))
            .filter(|_| self.begins < 2);
        profile.sources.push(Source {
            name: self.name,
            producer: self.version,
            interval_us: measured.or(self.interval_us),
            asked_us: self.interval_us.filter(|&asked| measured.is_some_and(|us| us != asked)),
            end_us: self.last_us,
            timed: true,
            zero: Zero::Unknown,
            unit: "ticks".to_owned(),
            clock: self.marks.clock(),
            ..Source::default()
        });
        profile.frames = self.resolver.frames;
        profile.stacks = self.resolver.stacks;
        profile.threads.push(self.thread);
        Ok(profile)
    }

    /// Returns true for a log of more than one isolate.
    fn has_several_isolates(&self) -> bool {
        self.begins > 1 || self.ends > 1
    }

    /// Returns true for a log without the records that V8 writes first, which list the libraries
    /// and most of the code.
    fn lacks_beginning(&self) -> bool {
        self.begins == 0 && self.major == 0
    }

    fn warnings(&self, ending: Ending, later: &HashSet<StackId>, guesses: u64) -> Vec<Warning> {
        let mut facts: Vec<Fact> = Vec::new();
        if ending.damaged {
            facts.push(Fact::PackedData);
        } else if self.torn && !self.ledger.has(reason::CUT) {
            facts.push(Fact::CutLine);
        }
        if self.has_several_isolates() {
            facts.push(V8Fact::SeveralIsolates.into());
        }
        if self.lacks_beginning() {
            facts.push(V8Fact::NoBeginning.into());
        }
        // Each isolate has its own clock.
        if !self.has_several_isolates() {
            facts.extend(self.times.facts(self.major).into_iter().map(Fact::V8));
        }
        // One or two lost ticks among many thousands do not change a share.
        if self.overflows * 1000 > self.thread.samples.len() as u64 {
            facts.push(V8Fact::LostTicks { places: self.overflows }.into());
        }
        let ticks = self.thread.samples.len() as u64;
        let due = self.last_us / self.interval_us.unwrap_or(u64::MAX);
        // A server that waits between requests has few ticks a second, but many in all.
        let cut = ending.damaged || self.torn || self.ledger.has(reason::CUT);
        if ticks < FEW_TICKS && ticks < due / 10 {
            facts.push(V8Fact::FewTicks { ticks, due: Some(due) }.into());
        } else if ticks < FEW_TICKS && !cut {
            facts.push(V8Fact::FewTicks { ticks, due: None }.into());
        }
        let asked = self.interval_us.filter(|_| self.begins < 2);
        facts.extend(
            asked.and_then(|us| missing(&self.thread.samples, us, self.major)).map(Fact::V8),
        );
        facts.extend(self.loaded_later(later).map(Fact::V8));
        if guesses * 100 >= ticks * MANY_GUESSES && ticks >= FEW_TICKS {
            facts.push(V8Fact::UncertainCallers { ticks: guesses, all: ticks }.into());
        }
        let nameless = self.resolver.libraries.nameless();
        let nameless = nameless.filter(|(_, why)| *why != MissingBinary::File);
        facts.extend(
            nameless
                .map(|(path, why)| V8Fact::NamelessLibrary { path: path.to_owned(), why }.into()),
        );
        facts.into_iter().map(|fact| Warning::new(self.name.as_str(), fact)).collect()
    }

    /// Returns a warning when much time was spent in native code that the log does not
    /// list.
    fn loaded_later(&self, stacks: &HashSet<StackId>) -> Option<V8Fact> {
        let in_it = |(sample, _): &(Sample, u64)| stacks.contains(&sample.stack);
        let ticks = self.thread.samples.iter().filter(in_it).count();
        let share = ticks as f64 * 100.0 / self.thread.samples.len().max(1) as f64;
        if share < WORTH_TELLING {
            return None;
        }
        Some(V8Fact::LoadedLater {
            ticks: ticks as u64,
            all: self.thread.samples.len() as u64,
            pid: maps::pid_of(&self.name).map(str::to_owned),
            other_maps: self.resolver.has_other_maps(),
        })
    }
}
