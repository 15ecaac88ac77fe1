//! The time that Node puts into the name of a profile:
//! `CPU.yyyymmdd.hhmmss.pid.thread.number.cpuprofile`, when it began, in local
//! time.

use spikeflame_profile::{Clock, Known};

/// The clock that the name tells, as if it were of UTC.
pub(crate) fn clock(name: &str) -> Option<Clock> {
    let file = name.rsplit(['/', '\\']).next()?;
    let mut parts = file.strip_prefix("CPU.")?.split('.');
    let (date, time) = (digits(parts.next()?, 8)?, digits(parts.next()?, 6)?);
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let valid =
        (1970..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    // Some time within that second.
    Some(Clock {
        zero_us: seconds * 1_000_000 + 500_000,
        known: Known::FileName,
        uncertainty_us: 1_000_000,
    })
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let all = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, its year beginning
/// in March so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let month = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
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
        for name in ["CPU.20261323.013208.1.cpuprofile", "CPU.2026.1.cpuprofile", "heap.cpuprofile"]
        {
            assert_eq!(clock(name), None, "{name}");
        }
    }
}
