//! The tables that `sadf -d` of sysstat writes.

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
