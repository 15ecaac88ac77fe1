//! The start time that Node writes into the name of a profile, in local time:
//! `CPU.yyyymmdd.hhmmss.pid.thread.number.cpuprofile`.

use spikeflame_profile::wall::{Civil, SECOND_US};
use spikeflame_profile::{Clock, ClockSource};

/// Returns the clock from the name of a profile. Node writes local time, which is read as UTC.
/// Deno (`CPU.MILLISECONDS.PID.cpuprofile`) writes Unix time, which is exact to some milliseconds.
pub(crate) fn clock(name: &str) -> Option<Clock> {
    let file = name.rsplit(['/', '\\']).next()?;
    // People put words in front, such as `after-CPU.1795781672396.24628.cpuprofile`.
    let own = |at: &usize| !file.get(..*at).unwrap_or_default().ends_with(char::is_alphanumeric);
    let at = file.match_indices("CPU.").map(|(at, _)| at).find(own)?;
    let parts = file.get(at + "CPU.".len()..)?;
    if let Some(ms) = parts.split('.').next().and_then(milliseconds) {
        let (known, uncertainty_us) = (ClockSource::FileStamp, 50_000);
        return Some(Clock { zero_us: ms * 1000, known, uncertainty_us });
    }
    let mut parts = parts.split('.');
    let (date, time) = (digits(parts.next()?, 8)?, digits(parts.next()?, 6)?);
    let civil = Civil {
        year: date / 10_000,
        month: date / 100 % 100,
        day: date % 100,
        hour: time / 10_000,
        minute: time / 100 % 100,
        second: time % 100,
        micros: 0,
    };
    let began_us = civil.unix_us()?;
    // The start may be at any moment within that second.
    Some(Clock {
        zero_us: began_us + 500_000,
        known: ClockSource::FileName,
        uncertainty_us: SECOND_US.unsigned_abs(),
    })
}

/// Returns the number of the process from the name that Node gives to a profile.
pub(crate) fn pid(name: &str) -> Option<&str> {
    thread(name).map(|(pid, _)| pid)
}

/// Returns the number of the process and that of the thread from the name that Node gives to a profile. The
/// second one is empty in a name that was shortened.
pub(crate) fn thread(name: &str) -> Option<(&str, &str)> {
    let file = name.rsplit(['/', '\\']).next()?;
    let (_, parts) = file.split_once("CPU.")?;
    let mut parts = parts.split('.');
    digits(parts.next()?, 8)?;
    digits(parts.next()?, 6)?;
    let pid = parts.next()?;
    let thread = parts.next().filter(|part| *part != "cpuprofile").unwrap_or("");
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then_some((pid, thread))
}

/// Returns the number of the process from a name of the form `CPU.MILLISECONDS.PID.cpuprofile`. Deno and the
/// recorder of running processes write such names.
pub(crate) fn stamped_pid(name: &str) -> Option<&str> {
    let file = name.rsplit(['/', '\\']).next()?;
    let (_, parts) = file.split_once("CPU.")?;
    let mut parts = parts.split('.');
    milliseconds(parts.next()?)?;
    parts.next().filter(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
}

/// Reads milliseconds of Unix time in this century.
fn milliseconds(text: &str) -> Option<i64> {
    let ms: i64 = text.parse().ok()?;
    (946_684_800_000..4_102_444_800_000).contains(&ms).then_some(ms)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_profile_tells_when_it_began() {
        let zero = |name| clock(name).map(|clock| clock.zero_us / 1_000_000);
        let name = "run/CPU.20261123.013208.11620.0.001.cpuprofile";
        assert_eq!(zero(name), Some(1_795_397_528));
        assert_eq!(zero("CPU.20240229.235959.1.0.001.cpuprofile"), Some(1_709_251_199));
        let deno = clock("CPU.1795781672396.24628.cpuprofile").unwrap();
        assert_eq!((deno.zero_us, deno.uncertainty_us), (1_795_781_672_396_000, 50_000));
        assert_eq!(clock("deno-2.9-CPU.1795781672396.24628.cpuprofile"), Some(deno));
        assert_eq!(pid(name), Some("11620"));
        assert_eq!(pid("deno-2.9-CPU.1795781672396.24628.cpuprofile"), None);
        assert_eq!(stamped_pid("live/CPU.1795781672396.24628.cpuprofile"), Some("24628"));
        assert_eq!(stamped_pid(name), None);
        for name in [
            "CPU.20261323.013208.1.cpuprofile",
            "CPU.2026.1.cpuprofile",
            "heap.cpuprofile",
            "xCPU.1795781672396.1.cpuprofile",
        ] {
            assert_eq!(clock(name), None, "{name}");
        }
    }
}
