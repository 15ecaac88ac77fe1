//! The tables that `sadf -d` of sysstat writes, and the lines of `sadf -p`.

use super::gather::Series;
use crate::timeline::Loss;
use crate::track::Unit;
use std::collections::HashMap;

/// The tables of a text that `sadf -p` wrote, in the form of `sadf -d`.
pub(super) struct SadfTables {
    pub(super) text: String,
    /// The lines without a value.
    pub(super) lost: Option<Loss>,
}

impl SadfTables {
    /// Makes tables of lines that each have host, interval, time, thing, quantity and value between tabs.
    /// Neighbours about one thing are a row. Returns `None` when the first line is none of them.
    pub(super) fn of_lines(text: &[u8]) -> Option<Self> {
        let first = text.split(|&byte| byte == b'\n').next()?;
        let first = std::str::from_utf8(first).ok()?;
        if !is_restart(first) {
            cells(first)?;
        }
        let text = String::from_utf8_lossy(text);
        let mut tables = Tables::default();
        let mut row = Row::default();
        let mut lost: Option<Loss> = None;
        for (line, number) in text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            if let Some([host, interval, time, thing, quantity, value]) = cells(line) {
                let about = [host, interval, time, thing];
                if row.about != about
                    || row.quantities.contains(&quantity)
                    || row.values.len() >= MOST_OF_ROW
                {
                    tables.add(&row);
                    row = Row { about, ..Row::default() };
                }
                row.quantities.push(quantity);
                row.values.push(value);
            } else if !is_restart(line) {
                let reason = "a line of `sadf -p` without a value";
                lost.get_or_insert(Loss { reason, count: 0, first_line: number }).count += 1;
            }
        }
        tables.add(&row);
        (!tables.texts.is_empty()).then(|| Self { text: tables.texts.concat(), lost })
    }
}

/// The most quantities in a row.
const MOST_OF_ROW: usize = 200;

/// The values of one thing at one time.
#[derive(Default)]
struct Row<'a> {
    /// Host, interval, time and thing.
    about: [&'a str; 4],
    quantities: Vec<&'a str>,
    values: Vec<&'a str>,
}

/// The texts of the tables, with the place of each by its quantities.
#[derive(Default)]
struct Tables {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Tables {
    fn add(&mut self, row: &Row<'_>) {
        if row.values.is_empty() {
            return;
        }
        let quantities = row.quantities.join(";");
        let texts = &mut self.texts;
        let at = *self.places.entry(quantities).or_insert_with_key(|quantities| {
            let kind = match row.about[3] {
                // The fields give the number of each interrupt, on all cores and on each one.
                _ if quantities == "intr/s" || quantities.starts_with("all;") => "INTR",
                "all" => "CPU",
                thing if thing.starts_with("cpu") => "CPU",
                _ => "DEV",
            };
            texts.push(format!("# hostname;interval;timestamp;{kind};{quantities}\n"));
            texts.len() - 1
        });
        if let Some(text) = self.texts.get_mut(at) {
            text.push_str(&format!("{};{}\n", row.about.join(";"), row.values.join(";")));
        }
    }
}

/// Returns the cells of a line of `sadf -p`.
fn cells(line: &str) -> Option<[&str; 6]> {
    let cells: Vec<&str> = line.trim_end().split('\t').collect();
    let cells: [&str; 6] = cells.try_into().ok()?;
    let [_, interval, time, _, _, value] = cells;
    let is_time = time.len() >= 10 && time.bytes().filter(u8::is_ascii_digit).count() >= 10;
    let is_row = interval.parse::<i64>().is_ok() && is_time && value.parse::<f64>().is_ok();
    is_row.then_some(cells)
}

/// Returns true for the lines about a start of the machine, and comments.
fn is_restart(line: &str) -> bool {
    line.contains("\tLINUX-RESTART") || line.contains("\tCOM")
}

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

/// Gives a name to each cell of the interrupts. sysstat 12.6 writes `INTR;CPU*` above the number of all cores and
/// that of each one.
pub(super) fn name_cores(heads: &mut [Vec<String>], cells: usize) {
    if !is_sysstat(heads) {
        return;
    }
    let Some(names) = heads.last_mut().filter(|names| names.len() < cells) else { return };
    if names.last().is_some_and(|name| name == "CPU*") {
        names.pop();
        names.push("intr/s".to_owned());
        let cores = cells - names.len();
        names.extend((0..cores).map(|core| format!("intr/s of core {core}")));
    }
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
