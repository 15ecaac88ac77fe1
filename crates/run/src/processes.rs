//! `process.csv`: what each process used, second by second.

use crate::facts::{Facts, wall_us};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A longer line is no row of the recorder.
const LONGEST_LINE: u64 = 4096;
/// Largest number of processes of one run. Rows of further processes are ignored.
const MOST_PROCESSES: usize = 4096;
/// The longest time between two rows of a process that counts in full, in microseconds. A process
/// that was stopped for longer used no CPU in most of that time.
const LONGEST_PAUSE_US: i64 = 60_000_000;

/// Averages over a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Averages {
    /// The number of cores that threads other than the main threads used, as the sum over all
    /// processes of the run.
    pub(crate) others: f64,
    /// The number of cores that the profiled process used beside its main thread. `None` as for `main`.
    pub(crate) own_others: Option<f64>,
    /// The cores that the main thread of the profiled process used, as the kernel counts them. `None`
    /// when it is not known which of several processes that is, or when its rows cover less than nine
    /// tenths of the time.
    pub(crate) main: Option<f64>,
    /// The share of the time in which the event loop did not wait, as Node measures it. `None` as for
    /// `main`.
    pub(crate) event_loop: Option<f64>,
}

/// Returns the time at which a process began, in microseconds since 1970, by `run.json` beside the table. Its
/// first row covers the time since then.
fn began(facts: Option<&Facts>, pid: u32) -> Option<i64> {
    facts?.began_us.get(&pid).copied()
}

/// Share of a time that the rows must cover, so that their average is that of the time.
const COVERED: f64 = 0.9;

/// Returns averages between two wall-clock times (microseconds since 1970). Returns `None` when no
/// row lies in that time. `profiled` is the process whose main thread counts; `None` when the table
/// must show it by having one process only.
///
/// Each row holds averages over the time since the row before it, or since the process began, so a row
/// counts by the length of that time.
pub(crate) fn averages(
    path: &Path,
    (from_us, to_us): (i64, i64),
    profiled: Option<u32>,
) -> Option<Averages> {
    let (mut used, mut main, mut own) = (0.0, 0.0, 0.0);
    // The event loop's busy time, and the time in which it is known.
    let (mut looped, mut known) = (0.0, 0.0);
    // The processes with a row, and the time that rows cover: all of them, and those of the main thread.
    let (mut pids, mut covered, mut of_main) = (Vec::new(), 0.0, 0.0);
    each_row(path, |row, length| {
        let within = row.at_us.min(to_us).saturating_sub((row.at_us - length).max(from_us)).max(0);
        if !pids.contains(&row.pid) {
            pids.push(row.pid);
        }
        covered += within as f64;
        used += row.others * within as f64;
        // npm runs beside the program that it started.
        if profiled.is_some_and(|pid| pid != row.pid) {
            return;
        }
        of_main += within as f64;
        main += row.main * within as f64;
        own += row.others * within as f64;
        if let Some(share) = row.event_loop {
            looped += share * within as f64;
            known += within as f64;
        }
    })?;
    let length = to_us.saturating_sub(from_us);
    let is_known = profiled.is_some() || pids.len() == 1;
    let covers = |time: f64| is_known && time > 0.0 && time >= COVERED * length as f64;
    (covered > 0.0 && length > 0).then(|| Averages {
        others: used / length as f64,
        own_others: Some(own / of_main).filter(|_| covers(of_main)),
        main: Some(main / of_main).filter(|_| covers(of_main)),
        event_loop: Some(looped / known).filter(|_| covers(known)),
    })
}

/// Returns the share of a core of the profiled process's main thread over the whole table: for each row, its
/// start and its end in microseconds since 1970, and the share. The result is empty when it is not known which
/// of several processes was profiled.
pub(crate) fn main_thread(path: &Path, profiled: Option<u32>) -> Vec<(i64, i64, f64)> {
    let (mut pids, mut rows) = (Vec::new(), Vec::new());
    let read = each_row(path, |row, length| {
        if !pids.contains(&row.pid) {
            pids.push(row.pid);
        }
        if length > 0 && profiled.is_none_or(|pid| pid == row.pid) {
            rows.push((row.at_us - length, row.at_us, row.main.clamp(0.0, 1.0)));
        }
    });
    if read.is_none() || profiled.is_none() && pids.len() != 1 {
        rows.clear();
    }
    rows
}

/// Returns true for a file that begins as the recorder's table does.
pub(crate) fn is_table(path: &Path) -> bool {
    // A pipe can be read once.
    let Some(file) = path.is_file().then(|| File::open(path).ok()).flatten() else { return false };
    let mut line = Vec::new();
    let read = BufReader::new(file).take(LONGEST_LINE).read_until(b'\n', &mut line);
    let text = String::from_utf8_lossy(&line);
    let cells: Vec<&str> = text.trim().split(',').collect();
    read.is_ok() && Columns::from_header(&cells).is_some()
}

/// Calls `seen` with each row, and with the time since the row of the same process before it, in microseconds. A
/// first row has the time since its process began, or 0 where `run.json` beside the table does not have it.
/// Returns `None` for a file that is no such table.
fn each_row(path: &Path, mut seen: impl FnMut(&Row, i64)) -> Option<()> {
    let mut lines = BufReader::new(File::open(path).ok()?);
    let mut line = Vec::new();
    let mut columns: Option<Columns> = None;
    let mut last: HashMap<u32, i64> = HashMap::new();
    let facts = Facts::read(path.parent()?).ok().flatten();
    loop {
        line.clear();
        // A line that is cut off or is not a row is skipped. The next row covers its time too.
        match lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let cells: Vec<&str> = text.trim().split(',').collect();
        let Some(columns) = &columns else {
            columns = Some(Columns::from_header(&cells)?);
            continue;
        };
        let Some(row) = columns.row(&cells) else { continue };
        if last.len() >= MOST_PROCESSES && !last.contains_key(&row.pid) {
            continue;
        }
        let before = last.insert(row.pid, row.at_us).or_else(|| began(facts.as_ref(), row.pid));
        let before = before.unwrap_or(row.at_us);
        seen(&row, row.at_us.saturating_sub(before).clamp(0, LONGEST_PAUSE_US));
    }
    Some(())
}

/// The places of the columns that are read.
struct Columns {
    time: usize,
    pid: usize,
    process: usize,
    main: usize,
    event_loop: Option<usize>,
}

struct Row {
    at_us: i64,
    pid: u32,
    others: f64,
    main: f64,
    event_loop: Option<f64>,
}

impl Columns {
    fn from_header(header: &[&str]) -> Option<Self> {
        let at = |name: &str| header.iter().position(|cell| *cell == name);
        Some(Self {
            time: at("time")?,
            pid: at("pid")?,
            process: at("cpu_cores")?,
            main: at("main_thread_cores")?,
            event_loop: at("event_loop_utilization"),
        })
    }

    fn row(&self, cells: &[&str]) -> Option<Row> {
        let cell = |at: usize| cells.get(at).copied();
        let number = |at| cell(at)?.parse::<f64>().ok().filter(|value| value.is_finite());
        Some(Row {
            at_us: wall_us(cell(self.time)?)?,
            pid: cell(self.pid)?.parse().ok()?,
            main: number(self.main)?,
            event_loop: self.event_loop.and_then(number),
            // The kernel counts the main thread in steps, so the difference can be below 0.
            others: (number(self.process)? - number(self.main)?).max(0.0),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::averages;
    use crate::time::SECOND_US;

    /// The error was: a short or blocking program has only one row, which counted for no time.
    #[test]
    fn a_first_row_counts_from_the_start_of_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("process.csv");
        let text = "time,pid,cpu_cores,main_thread_cores\n2026-11-27T19:00:04.000Z,7,0.75,0.5\n";
        std::fs::write(&path, text).unwrap();
        let zero = 1_795_806_000_000_000;
        let of_start = || averages(&path, (zero, zero + 4 * SECOND_US), Some(7));
        assert_eq!(of_start(), None);
        let facts = r#"{"schema": "spikeflame.run/1",
            "processes": [{"pid": 7, "began": "2026-11-27T19:00:00.000Z"}]}"#;
        std::fs::write(folder.path().join("run.json"), facts).unwrap();
        let of_start = of_start().unwrap();
        assert_eq!((of_start.main, of_start.others), (Some(0.5), 0.25));
    }

    #[test]
    fn rows_count_by_the_time_since_the_row_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("process.csv");
        let text = "time,pid,cpu_cores,main_thread_cores,event_loop_utilization\n\
            2026-11-27T19:00:00.000Z,7,1.5,1.0,\n\
            2026-11-27T19:00:02.000Z,7,1.5,1.0,0.9\n\
            2026-11-27T19:00:02.500Z,8,0.2,0.2,\n\
            not a row\n\
            2026-11-27T19:00:04.000Z,7,1.0,1.1,0.5\n\
            2026-11-27T19:00:04.0";
        std::fs::write(&path, text).unwrap();
        let zero = 1_795_806_000_000_000;
        let times = |from: i64, to: i64| (zero + from * SECOND_US, zero + to * SECOND_US);
        let both = |from, to| averages(&path, times(from, to), None);
        let cores = |from, to| both(from, to).map(|averages| averages.others);
        assert_eq!(cores(0, 2), Some(0.5));
        assert_eq!(cores(0, 4), Some(0.25));
        assert_eq!(cores(1, 3), Some(0.25));
        assert_eq!(cores(10, 20), None);
        let main = |from, to| both(from, to).and_then(|averages| averages.main);
        // Two processes have no one main thread, and half of a time is not all of it.
        assert_eq!((main(0, 2), main(0, 4), main(-2, 2)), (None, None, None));
        let of =
            |pid, from, to| averages(&path, times(from, to), Some(pid)).and_then(|all| all.main);
        assert_eq!((of(7, 0, 2), of(7, 0, 4), of(7, -2, 2)), (Some(1.0), Some(1.05), None));
        let own = |pid, from, to| {
            averages(&path, times(from, to), Some(pid)).and_then(|all| all.own_others)
        };
        assert_eq!((own(7, 0, 2), own(7, 0, 4), own(8, 0, 2)), (Some(0.5), Some(0.25), None));
        // The error was: the main thread was that of npm, which has the only rows of a time in which the
        // program did not come to write one.
        assert_eq!((of(8, 0, 2), of(9, 0, 2)), (None, None));
        let of_program = |from, to| averages(&path, times(from, to), Some(7));
        let event_loop = |from, to| of_program(from, to).and_then(|averages| averages.event_loop);
        assert_eq!(
            (event_loop(0, 2), event_loop(2, 3), event_loop(-2, 2)),
            (Some(0.9), Some(0.5), None)
        );
    }
}
