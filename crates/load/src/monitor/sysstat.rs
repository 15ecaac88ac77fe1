//! The tables that `sadf -d` of sysstat writes.

use super::gather::Series;
use crate::track::Unit;
use std::collections::HashMap;

/// Columns of `sadf -d` that are kept before others, besides those in per cent: use of memory, disks,
/// network, sockets and file systems, and queues.
pub(super) const KNOWN_OF_SYSSTAT: [&str; 42] = [
    "tps",
    "rkB/s",
    "wkB/s",
    "areq-sz",
    "aqu-sz",
    "await",
    "rxpck/s",
    "txpck/s",
    "rxkB/s",
    "txkB/s",
    "rxerr/s",
    "txerr/s",
    "rxdrop/s",
    "txdrop/s",
    "active/s",
    "passive/s",
    "iseg/s",
    "oseg/s",
    "retrans/s",
    "totsck",
    "tcpsck",
    "udpsck",
    "tcp-tw",
    "MBfsfree",
    "MBfsused",
    "kbmemfree",
    "kbavail",
    "kbmemused",
    "kbcached",
    "kbdirty",
    "kbswpused",
    "pswpin/s",
    "pswpout/s",
    "majflt/s",
    "runq-sz",
    "plist-sz",
    "ldavg-1",
    "ldavg-5",
    "ldavg-15",
    "blocked",
    "proc/s",
    "cswch/s",
];

/// Returns true for the tables that `sadf -d` writes.
pub(super) fn is_sysstat(heads: &[Vec<String>]) -> bool {
    let starts = |names: &[String], with: &[&str]| {
        with.iter().zip(names).all(|(wanted, name)| wanted == name) && names.len() > with.len()
    };
    heads.last().is_some_and(|names| {
        starts(names, &["# hostname"]) || starts(names, &["hostname", "interval", "timestamp"])
    })
}

/// Returns true for the columns of `sadf -d` whose numbers name a thing: that of a processor is -1 for
/// all of them.
pub(super) fn is_item(heads: &[Vec<String>], names: &[String], at: usize) -> bool {
    const ITEMS: [&str; 8] = ["CPU", "INTR", "TTY", "FAN", "TEMP", "IN", "BUS", "BAT"];
    is_sysstat(heads) && names.get(at).is_some_and(|name| ITEMS.contains(&name.as_str()))
}

/// Returns the CPU use of all cores together, from the series of their idle time and the series of the time
/// in which they are idle while a disk works: sysstat's `%idle {vm, -1}` and `%iowait {vm, -1}`, dstat's
/// `idl` and `wai`. Returns `None` for any other series.
pub(super) fn busy(idle: &Series, all: &[Series]) -> Option<Series> {
    let (name, waiting) = match idle.name.as_str() {
        "total cpu usage: idl [%]" => ("CPU".to_owned(), "total cpu usage: wai [%]".to_owned()),
        "total usage:idl [%]" => ("CPU".to_owned(), "total usage:wai [%]".to_owned()),
        sysstat => {
            // With `-h`, sysstat marks a list of columns: `%idle[...]`.
            let things = sysstat.strip_prefix("%idle")?.trim_start_matches("[...]");
            let is_of_all = things.ends_with(", -1}") || things.ends_with(", all}");
            is_of_all.then(|| (format!("CPU{things}"), format!("%iowait{things}")))?
        }
    };
    let waiting = all.iter().find(|other| other.name == waiting)?;
    let at: HashMap<i64, f64> = waiting.points.iter().copied().collect();
    let rest = |(us, idle): &(i64, f64)| Some((*us, (100.0 - idle - at.get(us)?).max(0.0)));
    let points = idle.points.iter().filter_map(rest).collect();
    Some(Series { unit: Unit::Percent, reach: idle.reach, points, ..Series::new(name) })
}
