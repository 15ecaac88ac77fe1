//! CPU use of a run's busiest thread, from its samples and the recorder's own account.

use crate::error::Error;
use crate::run::Run;
use crate::usage::{HAD_WORK, LITTLE, usage, usage_of_life};
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_load::{CoreShare, Usage};

impl Run {
    /// Returns the CPU use of the busiest thread during some seconds of the load test (indices in
    /// [`Timeline::seconds`](spikeflame_load::Timeline::seconds)), by the recording and `process.csv`,
    /// the recorder's table of measurements. Returns `None` when the thread has no sample in these seconds.
    /// When the recording covers only a part of these seconds ([`Usage::coverage`]), the use is
    /// that of the covered part.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::alignment`].
    pub fn usage(&self, seconds: Seconds) -> Result<Option<Usage>, Error> {
        let (from_us, to_us) = self.alignment()?.window_us(seconds);
        let Some((mut usage, life)) = usage_of_life(self.profile()?, from_us, to_us) else {
            return Ok(None);
        };
        usage.coverage *= self.alignment()?.share_recorded(seconds);
        let Some(all) = self.averages(life.0, life.1.min(self.recorded_us()?))? else {
            return Ok(Some(usage));
        };
        usage.main_cores = all.main;
        usage.other_cores = all.own_others;
        if let Some(main) = all.main.filter(|_| usage.idle_may_work) {
            usage.loop_utilisation = Some(usage.busy().max(main.min(1.0)));
        }
        let is_of_perf = self.is_of_perf()?;
        if is_of_perf && usage.main_cores.is_some() {
            usage.is_worker = usage.is_worker.or(Some(usage.differs_from_main()));
        }
        // The event loop of process.csv is the main thread's.
        if usage.loop_utilisation.is_none()
            && !usage.is_of_worker()
            && is_of_perf
            && let Some(share) = all.event_loop
        {
            usage.loop_utilisation = Some(share.clamp(0.0, 1.0));
        }
        Ok(Some(usage))
    }

    /// Returns true when perf made all recordings of the run.
    fn is_of_perf(&self) -> Result<bool, Error> {
        let sources = &self.profile()?.sources;
        Ok(!sources.is_empty() && sources.iter().all(|one| one.producer.starts_with("perf")))
    }

    /// Returns the share of a core that the busiest thread got between two times of the recording
    /// (microseconds since its zero). It comes from `process.csv`, in which a recorder writes the CPU times that
    /// the kernel counted, or else from the samples ([`Usage::core_share`]). Returns `None` when neither
    /// shows it, when the thread has no sample between these times, and when samples have no times.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`].
    pub fn core_share(&self, from_us: u64, to_us: u64) -> Result<Option<CoreShare>, Error> {
        let profile = self.profile()?;
        if profile.sources.iter().any(|source| !source.timed) {
            return Ok(None);
        }
        let Some(mut usage) = usage(profile, from_us, to_us) else { return Ok(None) };
        if let Some(all) = self.own_averages(from_us, to_us) {
            usage.main_cores = all.main;
            usage.other_cores = all.own_others;
        }
        Ok(usage.core_share())
    }

    /// Returns two shares of a core of the busiest thread: by samples, and as the kernel counted it. Both are
    /// for the part of `from_us` to `to_us` (microseconds since the recording's zero) that the recorder's
    /// `process.csv` covers. Returns `None` when this part is less than half of that time, and when one of
    /// the shares is not known.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`] and [`Run::timeline`].
    pub fn core_shares(&self, from_us: u64, to_us: u64) -> Result<Option<(f64, f64)>, Error> {
        let rows = self.main_thread_rows()?;
        let rows = rows.iter().filter(|row| row.to_us > from_us && row.from_us < to_us);
        let ends = rows.map(|row| (row.from_us.max(from_us), row.to_us.min(to_us)));
        let part = ends.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
        let half = to_us.saturating_sub(from_us) / 2;
        let Some((from_us, to_us)) = part.filter(|(from, to)| to - from >= half) else {
            return Ok(None);
        };
        let counted = self.core_share(from_us, to_us)?.filter(|share| share.by_kernel);
        let sampled = usage(self.profile()?, from_us, to_us).and_then(|usage| usage.cores);
        Ok(sampled.zip(counted.map(|share| share.share)))
    }

    /// Returns the share of a core that the main thread got between two times of the recording (microseconds since
    /// its zero), and the share of this time in which its event loop was busy, when it had work nearly all the time
    /// and got less than half of a core. Both come from `process.csv`, so that no load test is needed. Returns
    /// `None` otherwise, and before [`Run::profile`] has read the recording.
    pub fn without_core(&self, from_us: u64, to_us: u64) -> Option<(f64, f64)> {
        let all = self.own_averages(from_us, to_us)?;
        let (main, event_loop) = all.main.zip(all.event_loop)?;
        (event_loop >= HAD_WORK && main < LITTLE).then_some((main, event_loop.min(1.0)))
    }

    /// Returns the share of a core that the main thread got between two times of the recording
    /// (microseconds since its zero). It comes from `process.csv`, in which a recorder writes the CPU times that
    /// the kernel counted, or else from the ticks of a tick log ([`CoreShare::by_kernel`]). Returns
    /// `None` when neither shows it, for recordings of several processes, and when samples have no
    /// times.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Run::profile`].
    pub fn main_thread_cores(&self, from_us: u64, to_us: u64) -> Result<Option<CoreShare>, Error> {
        let profile = self.profile()?;
        if profile.sources.iter().any(|source| !source.timed) {
            return Ok(None);
        }
        let counted = || self.own_averages(from_us, to_us)?.main;
        if let Some(main) = counted().filter(|_| !self.has_processes()) {
            let share = main.min(1.0);
            return Ok(Some(CoreShare { share, by_kernel: true, counts_waits: false }));
        }
        match &*profile.sources {
            [source] if source.unit == "ticks" => self.core_share(from_us, to_us),
            _ => Ok(None),
        }
    }
}
