//! The use of a CPU, for monitors that have only the time in which it was idle, or the parts of its use.

use std::collections::{HashMap, HashSet};

/// Largest per cent, with room for errors of measurement.
const MOST_PERCENT: f64 = 100.5;

/// Marks around the name of a number in per cent.
const MARKS: [char; 4] = ['%', '(', ')', ' '];

/// A name, and pairs of a time and a value.
type Named<'a> = (&'a str, &'a [(i64, f64)]);

/// Returns the CPU use that its parts in per cent add up to, in a file that has no idle time, such as Netdata's.
/// Time in which a disk works is no part of it.
pub(super) fn sum_of_parts(all: &[Named<'_>]) -> Option<(String, Vec<(i64, f64)>)> {
    const PARTS: [&str; 8] =
        ["user", "system", "nice", "irq", "softirq", "steal", "guest", "guest_nice"];
    let is_percent = |points: &[(i64, f64)]| {
        points.iter().all(|(_, value)| (0.0..=MOST_PERCENT).contains(value))
    };
    let find = |wanted: &str| {
        let found = all.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, points)| *points).filter(|points| is_percent(points))
    };
    // Other programs also have a `user` and a `system`.
    find("iowait")?;
    find("softirq")?;
    let mut sums: HashMap<i64, f64> = HashMap::new();
    PARTS.iter().filter_map(|part| find(part)).flatten().for_each(|(us, value)| {
        *sums.entry(*us).or_default() += value;
    });
    let (user, system) = (find("user")?, find("system")?);
    let both: HashSet<i64> = system.iter().map(|(us, _)| *us).collect();
    let times = user.iter().map(|(us, _)| *us).filter(|us| both.contains(us));
    let points: Vec<(i64, f64)> = times.filter_map(|us| Some((us, *sums.get(&us)?))).collect();
    // Seconds or ticks that are small add up to less than a single per cent.
    let fits = is_percent(&points) && points.iter().any(|(_, value)| *value > 1.0);
    fits.then(|| ("CPU usage".to_owned(), points))
}

/// Returns the CPU use that the numbers of idle time in per cent leave, such as Telegraf's `usage_idle` and Datadog's
/// `system.cpu.idle`, or a share from 0 to 1 such as `node_cpu_idle_ratio`. The bare name `%idle` counts beside the user's
/// and the system's part. Time in which a disk works is idle too, where `all` has its numbers. Returns `None` for any
/// other name, also for that of a single core.
pub(super) fn used<'a>(
    (name, points): Named<'_>,
    all: impl Iterator<Item = Named<'a>>,
) -> Option<(String, Vec<(i64, f64)>)> {
    let end = name.find(['{', '[']).unwrap_or(name.len());
    let (bare, labels) = name.split_at_checked(end)?;
    let lower = bare.trim_matches(MARKS).to_lowercase();
    let (base, is_share) = without_unit(&lower);
    let is_bare = base == "idle" && labels.is_empty();
    let is_idle =
        base.ends_with("usage_idle") || base.contains("cpu") && base.ends_with("idle") || is_bare;
    let is_core = labels.split(['{', ',', ' ', '"', '}']).any(|label| {
        let digits = label.strip_prefix("cpu").unwrap_or(label);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let factor = if is_share { 100.0 } else { 1.0 };
    let are_percent = points.iter().all(|point| (0.0..=MOST_PERCENT).contains(&(factor * point.1)))
        && points.iter().any(|point| factor * point.1 > 1.0);
    if !is_idle || is_core || !are_percent {
        return None;
    }
    let all: Vec<Named<'a>> = all.collect();
    let has = |part: [&str; 2]| {
        all.iter().any(|(name, _)| part.iter().any(|it| name.trim_matches(MARKS) == *it))
    };
    if is_bare && !(has(["user", "usr"]) && has(["system", "sys"])) {
        return None;
    }
    let waiting = name.replace("idle", "iowait");
    let waiting = all.iter().find(|(other, _)| *other == waiting && *other != name);
    let waits: HashMap<i64, f64> =
        waiting.into_iter().flat_map(|(_, points)| points.iter().copied()).collect();
    let rest = |(us, idle): &(i64, f64)| {
        let waits = waits.get(us).copied().unwrap_or_default();
        (*us, (100.0 - factor * (idle + waits)).max(0.0))
    };
    let of = match thing(base) {
        Some(thing) if labels.is_empty() => format!("{{{thing}}}"),
        _ => labels.to_owned(),
    };
    let name = format!("CPU usage {of}").trim_end().to_owned();
    Some((name, points.iter().map(rest).collect()))
}

/// Returns the words before `cpu` in a name, when they are of the thing that was measured: `db` of `db_cpu_idle`.
fn thing(name: &str) -> Option<&str> {
    const PROGRAMS: [&str; 7] = ["system", "node", "os", "host", "kernel", "usage", "windows"];
    let before = name.split_once("cpu")?.0.trim_end_matches(['_', '.', ' ', '-', '/', ':']);
    let last = before.rsplit(['.', '_', ' ', '/', ':']).next().unwrap_or(before);
    (!before.is_empty() && !PROGRAMS.contains(&last)).then_some(before)
}

/// Removes the word for the unit of a share from the end of a name. The flag is true for a share from 0 to 1.
fn without_unit(name: &str) -> (&str, bool) {
    let without =
        |unit: &str| Some(name.strip_suffix(unit)?.trim_end_matches(['_', '.', ' ', '(']));
    let share = ["ratio", "fraction"].into_iter().find_map(without);
    let percent = ["percent", "percentage", "pct"].into_iter().find_map(without);
    (share.or(percent).unwrap_or(name), share.is_some())
}

/// Returns the CPU use of a task or a container in per cent of the part that is reserved for it, as Container Insights of
/// ECS and of Kubernetes have both. Returns `None` for other names.
pub(super) fn of_reserved<'a>(
    (name, points): Named<'_>,
    mut all: impl Iterator<Item = Named<'a>>,
) -> Option<(String, Vec<(i64, f64)>)> {
    let (reserved, made) = match name {
        "CpuUtilized" => ("CpuReserved", "CPUUtilization (of what is reserved)"),
        "MemoryUtilized" => ("MemoryReserved", "MemoryUtilization (of what is reserved)"),
        _ => return None,
    };
    let (_, reserved) = all.find(|(other, _)| *other == reserved)?;
    let reserved: HashMap<i64, f64> = reserved.iter().copied().collect();
    let share = |(us, used): &(i64, f64)| {
        Some((*us, 100.0 * used / reserved.get(us).filter(|it| **it > 0.0)?))
    };
    let points: Vec<(i64, f64)> = points.iter().filter_map(share).collect();
    (!points.is_empty()).then(|| (made.to_owned(), points))
}

/// Returns the share of the periods in which a container was stopped, in per cent, for the numbers of these periods and
/// those of all periods, as counters or as rates. Returns `None` for other names.
pub(super) fn throttled<'a>(
    (name, points): Named<'_>,
    mut all: impl Iterator<Item = Named<'a>>,
) -> Option<(String, Vec<(i64, f64)>)> {
    let words = [("throttled_periods", "periods"), ("nr_throttled", "nr_periods")];
    let of_all = words.into_iter().find(|(part, _)| name.contains(part));
    let of_all = of_all.map(|(part, whole)| name.replacen(part, whole, 1))?;
    let (_, periods) = all.find(|(other, _)| *other == of_all)?;
    let periods: HashMap<i64, f64> = periods.iter().copied().collect();
    let both: Vec<(i64, f64, f64)> = points
        .iter()
        .filter_map(|(us, stopped)| Some((*us, *stopped, *periods.get(us)?)))
        .collect();
    let pairs = || both.iter().zip(both.iter().skip(1));
    let is_counter = both.len() > 2 && pairs().all(|(one, two)| two.1 >= one.1 && two.2 > one.2);
    let share = |stopped: f64, periods: f64| {
        let percent = 100.0 * stopped / periods;
        percent.is_finite().then_some(percent)
    };
    let points: Vec<(i64, f64)> = match is_counter {
        true => pairs()
            .filter_map(|(one, two)| Some((two.0, share(two.1 - one.1, two.2 - one.2)?)))
            .collect(),
        false => both.iter().filter_map(|one| Some((one.0, share(one.1, one.2)?))).collect(),
    };
    let end = name.find(['{', '[']).unwrap_or(name.len());
    let labels = name.get(end..).unwrap_or_default();
    (!points.is_empty())
        .then(|| (format!("CPU throttled % {labels}").trim_end().to_owned(), points))
}
