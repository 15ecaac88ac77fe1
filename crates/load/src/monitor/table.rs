//! Tables with a column of times: the CSV of CloudWatch's console, of Grafana, or of
//! one's own script. Several lines may stand above the values.

use super::cells::{
    cores, is_absent, is_time, is_time_of_day, number, period_s, unit_behind, zone_of_windows,
};
use super::dstat::{self, DstatDate};
use super::first_row::{Fields, FirstRow, TimeColumns};
use super::foreign::{found, is_of_program};
use super::gather::{Reach, Series, SeriesCollector};
use super::rows::{MOST_HEADS, Rows, texts};
use super::sysstat::{KNOWN_OF_SYSSTAT, SadfTables, busy, is_item, is_sysstat, name_cores};
use super::{Error, MonitorOptions, Warning};
use crate::read::table::{self, Mark};
use crate::read::{csv, nameless_requests};
use crate::timeline::Loss;
use crate::track::Unit;
use spikeflame_wall::behind_short_year;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Columns of names that are read: more are not needed to tell series apart.
const MOST_LABELS: usize = 4;

/// Series of a table with columns of names.
const MOST_SERIES: usize = 4_000;

/// Largest number of characters that are kept of a name in a cell.
const LONGEST_LABEL: usize = 100;

/// Names of further series of a table that are counted.
const MOST_LEFT_OUT: usize = 100_000;

/// The reason for the loss of a value.
const SECOND_VALUE: &str = "other values for the same time as the row above, which they replace: a column of text with \
                            the name of the thing in each row keeps them apart";

/// Reads a table.
///
/// # Errors
///
/// Returns [`Error::Unrecognised`] without a column of times, and for rows of requests without names.
pub(super) fn read(
    text: &[u8],
    path: &Path,
    options: &MonitorOptions,
) -> Result<SeriesCollector, Error> {
    if let Some(tables) = SadfTables::of_lines(text) {
        let mut gather = read(tables.text.as_bytes(), path, options)?;
        tables.lost.into_iter().for_each(|loss| gather.warn(Warning::Lost(loss)));
        return Ok(gather);
    }
    let mut gather = SeriesCollector::new(options);
    let unknown = |found| Error::Unrecognised { path: path.to_owned(), found };
    if let Some(found) = nameless_requests(text) {
        return Err(unknown(found));
    }
    if is_of_program(text) {
        return Err(unknown(found(text)));
    }
    gather.dstat = DstatDate::find(text);
    gather.set_zone(zone_of_windows(text));
    gather.is_windows = text.starts_with(b"\"(PDH-") || text.starts_with(b"(PDH-");
    let mut rows = Rows::new(text).ok_or_else(|| unknown(found(text)))?;
    let found_mark = table::mark(text, &Default::default());
    let mark = found_mark.mark;
    let read_as = |cell: String| Some((table::number(&cell, mark)?.0.to_string(), cell));
    let unclear = found_mark.unclear.and_then(read_as);
    let unclear = unclear.map(|(value, cell)| Warning::FractionOrThousands { cell, value });
    unclear.into_iter().for_each(|warning| gather.warn(warning));
    let mut heads: Vec<Fields> = Vec::new();
    let mut table: Option<Table> = None;
    let (mut was_table, mut is_cloudwatch) = (false, false);
    let mut lost: Vec<Loss> = Vec::new();
    while let Some((line, row)) = rows.next() {
        let fields = row.and_then(|row| csv::split(row, rows.delimiter));
        let fields: Option<Fields> = fields.map(|fields| texts(&fields));
        if let (Some(fields), None) = (&fields, &table) {
            name_cores(&mut heads, fields.len());
        }
        let added = match (fields, &mut table) {
            (None, _) => Err("a quote that is not closed"),
            (Some(fields), None) if has_unread_time(&heads, &fields, mark, &mut gather) => {
                let expected = format!(
                    "the column of times holds none that is read{}; expected one such as \
                     2026-11-27T10:00:00Z, or Unix time",
                    if fields.iter().any(|cell| behind_short_year(cell).is_some()) {
                        ", because its years have two digits"
                    } else {
                        ""
                    }
                );
                return Err(Error::Damaged {
                    path: path.to_owned(),
                    at: format!("line {line}"),
                    expected,
                });
            }
            (Some(fields), None)
                if heads.last().is_some_and(|names| is_longer(&fields, names))
                    && fields.iter().any(|cell| gather.written(cell).is_some()) =>
            {
                let names = heads.last().map_or(0, Vec::len);
                let expected = format!(
                    "the header has {names} names, and this row has {} cells; a comma within a number needs \
                     quotes around the cell, or `;` between the columns",
                    fields.len()
                );
                return Err(Error::Damaged {
                    path: path.to_owned(),
                    at: format!("line {line}"),
                    expected,
                });
            }
            (Some(fields), None) => {
                match Table::starting(&heads, &fields, &rows, mark, &mut gather) {
                    Some(mut started) => {
                        let added = started.add(&fields, &mut gather);
                        table = Some(started);
                        was_table = true;
                        added
                    }
                    None if heads.len() < MOST_HEADS => {
                        heads.push(fields);
                        if let Some(names) = gather.dstat.and_then(|_| dstat::names(&heads)) {
                            heads.pop();
                            heads.push(names);
                        }
                        Ok(())
                    }
                    None => return Err(unknown(found(text))),
                }
            }
            // `sadf -d` and others write further tables below the first, with other columns.
            (Some(fields), Some(above)) if above.ends_before(&fields, mark) => {
                above.give(&mut gather);
                is_cloudwatch |= above.is_cloudwatch;
                heads = vec![fields];
                table = None;
                Ok(())
            }
            (Some(fields), Some(table)) => table.add(&fields, &mut gather),
        };
        if let Err(reason) = added {
            match lost.iter_mut().find(|loss| loss.reason == reason) {
                Some(loss) => loss.count += 1,
                None => lost.push(Loss { reason, count: 1, first_line: line }),
            }
        }
    }
    if table.is_none() && !was_table {
        return Err(unknown(found(text)));
    }
    is_cloudwatch |= table.as_ref().is_some_and(|table| table.is_cloudwatch);
    gather.format = if is_cloudwatch { "CloudWatch CSV" } else { "CSV" };
    lost.into_iter().for_each(|loss| gather.warn(Warning::Lost(loss)));
    if let Some(mut table) = table {
        table.give(&mut gather);
    }
    Ok(gather)
}

/// Returns true for a row of values below the name of a column of times, when none of its cells there is a
/// time. Other numbers of the row could be taken for Unix time otherwise.
fn has_unread_time(
    heads: &[Fields],
    row: &[String],
    mark: Mark,
    gather: &mut SeriesCollector,
) -> bool {
    let Some(names) = heads.last().filter(|names| names.len() == row.len()) else { return false };
    let local = gather.local;
    let mut cells = names.iter().zip(row).filter(|(name, cell)| is_time(name) && !is_absent(cell));
    let has_time = cells.clone().next().is_some();
    let mut is_read =
        |cell: &str| cell.is_empty() || is_time_of_day(cell) || gather.written(cell).is_some();
    let is_unread = has_time && !cells.any(|(_, cell)| is_read(cell));
    gather.local = local;
    let is_number = |cell: &&String| number(cell, mark).is_some();
    is_unread && row.len() > 1 && row.iter().filter(is_number).count() * 2 >= row.len()
}

/// Returns true for a row with values behind the last column that has a name. A comma within a number makes such
/// rows, whose values then stand in the wrong columns.
fn is_longer(row: &[String], names: &[String]) -> bool {
    names.len() > 1 && row.iter().skip(names.len()).any(|cell| !cell.is_empty())
}

/// The columns of a table. They are known once the first row of values has been read.
struct Table {
    when: TimeColumns,
    /// The mark before a fraction.
    mark: Mark,
    names: Fields,
    /// The series by column. In a table with a column of names, series are found by name instead.
    series: Vec<Series>,
    /// The indexes of the series that were found by name, and the names of those that were not kept.
    places: HashMap<String, usize>,
    left_out: HashSet<String>,
    /// The columns that hold names.
    labels: Vec<usize>,
    /// The column of `sadf -d` whose numbers or names are of a thing that there are several of.
    item: Option<usize>,
    /// The columns that hold further times, or time that has passed.
    clocks: Vec<usize>,
    is_sysstat: bool,
    /// The columns that hold the end of a period, or other times.
    times: Vec<usize>,
    reach: Reach,
    is_cloudwatch: bool,
}

impl Table {
    /// Returns the table that begins with this row. Returns `None` when the row has no values.
    fn starting(
        heads: &[Fields],
        row: &[String],
        rows: &Rows<'_>,
        mark: Mark,
        gather: &mut SeriesCollector,
    ) -> Option<Self> {
        // The head of dstat has a date.
        if gather.dstat.is_some() && !dstat::has_names(heads) {
            return None;
        }
        let first = FirstRow::new(heads, row, mark)?;
        let before = gather.local;
        let when = first.time_columns(gather)?;
        let clocks = first.clocks(gather);
        gather.local = before;
        let names = first.names();
        let is_other_time = |at: &usize| *at != when.time && first.is_bound(*at, &names);
        let times: Vec<usize> = (0..row.len()).filter(is_other_time).collect();
        let ahead = rows.ahead();
        let time = when.text(row);
        let beside = ahead.first().filter(|next| when.text(next) == time);
        let is_label = |at: &usize| {
            let is_time = when.holds(*at) || clocks.contains(at) || times.contains(at);
            let parts = || beside.is_some_and(|next| first.parts(*at, &names, next, &ahead));
            !is_time && (first.is_label(*at, &names) || parts())
        };
        let labels: Vec<usize> = (0..row.len()).filter(is_label).take(MOST_LABELS).collect();
        let item = labels.iter().copied().find(|at| is_item(heads, &names, *at));
        let (is_sysstat, has_label) = (is_sysstat(heads), first.keyed("label").is_some());
        let is_cloudwatch = first.keyed("full label").is_some() || heads.len() > 1 && has_label;
        // The time is the start of a period whose end has a column of its own. CloudWatch's times are
        // the starts of periods.
        let is_start = is_cloudwatch || times.iter().any(|at| *at > when.time) && !is_sysstat;
        let mut table = Self {
            when,
            mark,
            names,
            series: Vec::new(),
            places: HashMap::new(),
            left_out: HashSet::new(),
            item,
            labels,
            clocks,
            is_sysstat,
            reach: if is_start { Reach::Forward } else { Reach::Moment },
            times,
            is_cloudwatch,
        };
        if table.labels.is_empty() {
            for at in 0..row.len() {
                let series = table.column_series(at, &first);
                table.series.push(series);
            }
        }
        Some(table)
    }

    /// Makes the series of a column, in a table without columns of names.
    fn column_series(&self, at: usize, first: &FirstRow<'_>) -> Series {
        let mut name = self.name(at);
        let statistics =
            ["statistic", "statistics", "stat"].iter().find_map(|key| first.keyed(key));
        if let Some(statistic) = statistics.and_then(|row| row.get(at)) {
            name = format!("{name} ({})", statistic.to_lowercase());
        }
        // Columns of one name stay separate.
        if self.series.iter().any(|other| other.name == name) {
            name = format!("{name} (column {})", at + 1);
        }
        let unit = first.keyed("unit").and_then(|row| row.get(at)).map(String::as_str);
        let unit = unit.filter(|unit| !unit.is_empty()).or_else(|| unit_behind(&name));
        let mut series = Series::new(name.clone()).measured_in(unit);
        series.period_s = first.keyed("period").and_then(|row| period_s(row.get(at)?));
        series.reach = self.reach;
        series
    }

    /// Returns true for a row of names, which begins another table.
    fn ends_before(&self, row: &[String], mark: Mark) -> bool {
        let is_name = |cell: &String| !is_absent(cell) && number(cell, mark).is_none();
        let is_named = row.get(self.when.time).is_some_and(|cell| is_time(cell)) || row.len() > 2;
        row.len() > 1 && is_named && row.iter().all(is_name) && *row != self.names && {
            let starts = |name: &String| name.starts_with("# ");
            row.first().is_some_and(starts)
                || row.get(self.when.time).is_some_and(|cell| is_time(cell))
        }
    }

    fn name(&self, at: usize) -> String {
        let name = self.names.get(at).map(String::as_str).unwrap_or_default();
        if name.is_empty() { format!("column {}", at + 1) } else { name.to_owned() }
    }

    fn add(&mut self, row: &[String], gather: &mut SeriesCollector) -> Result<(), &'static str> {
        if is_longer(row, &self.names) {
            return Err("a row with more fields than the header");
        }
        let us = gather.written(&self.when.text(row));
        let us = us.ok_or("a time that cannot be read")?;
        let mut label = String::new();
        let named = self.labels.iter().filter_map(|at| row.get(*at));
        for cell in named.filter(|cell| !cell.is_empty()) {
            label += if label.is_empty() { "" } else { ", " };
            label.extend(cell.chars().take(LONGEST_LABEL));
        }
        let (mut broken, mut is_second) = (false, false);
        for (at, cell) in row.iter().enumerate() {
            let other = [&self.labels, &self.times, &self.clocks].iter().any(|of| of.contains(&at));
            if self.when.holds(at) || is_absent(cell) || other || self.is_running_number(at) {
                continue;
            }
            // Docker writes the limit behind the use: `20MiB / 1GiB`.
            let cell = cell.split_once(" / ").map_or(cell.as_str(), |(used, _)| used);
            let of_cores = || Some((cores(cell, self.mark, &self.name(at))?, Unit::Plain, 1.0));
            let Some((value, unit, factor)) = number(cell, self.mark).or_else(of_cores) else {
                // `SHOW GLOBAL STATUS` has variables with texts: `Innodb_buffer_pool_load_status`.
                let is_state = !self.labels.is_empty() && !begins_like_number(cell);
                broken |=
                    !is_state || self.places.contains_key(&self.series_name(at, &label, row.len()));
                if gather.unread.is_none() {
                    gather.unread = Some((self.name(at), cell.to_owned()));
                }
                continue;
            };
            let Some(series) = self.series_for(at, row, &label) else { continue };
            if series.unit == Unit::Plain {
                series.unit = unit;
            }
            // A unit in the cell takes precedence over that of the column.
            let own = unit != Unit::Plain && unit == series.unit;
            let of_column = if own { series.factor } else { 1.0 };
            let point = (us, value * factor / of_column);
            is_second |= series.points.last().is_some_and(|last| last.0 == us && last.1 != point.1);
            series.points.push(point);
        }
        match (broken, is_second) {
            (true, _) => Err("a value that is not a number"),
            (false, true) => Err(SECOND_VALUE),
            (false, false) => Ok(()),
        }
    }

    /// Returns true for InfluxDB's number of the table within its answer.
    fn is_running_number(&self, at: usize) -> bool {
        let is = |at: usize, name: &str| self.names.get(at).is_some_and(|other| other == name);
        is(self.when.time, "_time") && is(at, "table")
    }

    /// Returns the name of the series of a column, for the names in a row of so many cells.
    fn series_name(&self, at: usize, label: &str, cells: usize) -> String {
        let column = self.name(at);
        // `mysql -N` writes no names of columns.
        let is_unnamed = self.names.get(at).is_none_or(String::is_empty);
        match column.to_lowercase().as_str() {
            _ if is_unnamed && self.labels.len() == 1 && cells == 3 => label.to_owned(),
            "value" | "val" | "_value" => label.to_owned(),
            _ => format!("{column} {{{label}}}"),
        }
    }

    /// Returns the series of a column, for the names that the row contains.
    fn series_for(&mut self, at: usize, row: &[String], label: &str) -> Option<&mut Series> {
        if self.labels.is_empty() {
            return self.series.get_mut(at);
        }
        let (column, name) = (self.name(at), self.series_name(at, label, row.len()));
        let place = match self.places.get(&name) {
            Some(place) => *place,
            None if self.series.len() < MOST_SERIES => {
                let mut series = Series::new(name.clone()).measured_in(unit_behind(&column));
                series.reach = self.reach;
                if self.is_sysstat {
                    series.rank = self.rank(&column, row);
                    if column.starts_with('%') {
                        series.unit = Unit::Percent;
                    }
                }
                self.series.push(series);
                self.places.insert(name, self.series.len() - 1);
                self.series.len() - 1
            }
            None => {
                if self.left_out.len() < MOST_LEFT_OUT {
                    self.left_out.insert(name);
                }
                return None;
            }
        };
        self.series.get_mut(place)
    }

    /// Returns the rank of a series of `sadf -d` ([`Series::rank`]).
    fn rank(&self, column: &str, row: &[String]) -> u8 {
        let item = self.item.and_then(|at| Some((self.names.get(at)?, row.get(at)?)));
        let is_known = column.starts_with('%') || KNOWN_OF_SYSSTAT.contains(&column);
        match item.map(|(name, item)| (name.as_str(), item.as_str())) {
            Some(("INTR", item)) if item != "sum" => 3,
            // A core of several.
            Some(("CPU", item)) if item != "-1" && item != "all" => 2,
            _ if is_known => 0,
            _ => 1,
        }
    }

    /// Gives all series to the collector.
    fn give(&mut self, gather: &mut SeriesCollector) {
        gather.left_out(self.left_out.len());
        let series = std::mem::take(&mut self.series);
        let busy: Vec<Series> = series.iter().filter_map(|idle| busy(idle, &series)).collect();
        busy.into_iter().chain(series).for_each(|one| gather.add(one));
    }
}

/// Returns true for a cell that may be a number with a unit that is not known.
fn begins_like_number(cell: &str) -> bool {
    cell.trim_start_matches(['-', '+', '.', '$', '€']).starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(text: &str) -> Vec<(String, Vec<f64>)> {
        let gather = read(text.as_bytes(), Path::new("x"), &MonitorOptions::default()).unwrap();
        let monitor = gather.finish("x");
        let values = |points: &[(i64, f64)]| points.iter().map(|point| point.1).collect();
        monitor.tracks.iter().map(|track| (track.name.clone(), values(&track.points))).collect()
    }

    #[test]
    fn grafanas_cells_with_units() {
        let text = "sep=;\n\"Time\";\"cpu\";\"mem\"\n2026-11-27 10:00:00;23.4%;1.5 GiB\n\
                    2026-11-27 10:00:15;97%;-\n";
        let expected =
            [("cpu".to_owned(), vec![23.4, 97.0]), ("mem".to_owned(), vec![1_610_612_736.0])];
        assert_eq!(tracks(text), expected);
    }

    #[test]
    fn times_and_numbers_of_several_countries() {
        let (cpu, values) = ("cpu".to_owned(), vec![10.5, 20.25]);
        for text in [
            "Zeit;cpu\n2026-11-27T12:00:00Z;10,5\n2026-11-27T12:00:10Z;20,25\n",
            "Zeit;cpu\n27.11.2026 12:00:00;10,5 %\n27.11.2026 12:00:10;20,25 %\n",
            "Time,cpu\n11/27/2026 12:00:00 PM,10.5\n11/27/2026 12:00:10 PM,20.25\n",
            "Time,cpu\n\"11/27/2026, 12:00:00 PM\",10.5\n\"11/27/2026, 12:00:10 PM\",20.25\n",
            "time,cpu\n27/11/2026 12:00:00,10.5\n27/11/2026 12:00:10,20.25\n",
            "Time,cpu\n\"Nov 27, 2026, 12:00:00 PM\",10.5\n\"Nov 27, 2026, 12:00:10 PM\",20.25\n",
            "time,cpu\n27-Nov-2026 12:00:00,10.5\n27-Nov-2026 12:00:10,20.25\n",
            "time,cpu\n27/Nov/2026:21:00:00 +0900,10.5\n27/Nov/2026:21:00:10 +0900,20.25\n",
            "시간\tcpu\n2026. 11. 27. 오후 12:00:00\t10.5\n2026. 11. 27. 오후 12:00:10\t20.25\n",
        ] {
            assert_eq!(tracks(text), [(cpu.clone(), values.clone())], "{text}");
            let gather = read(text.as_bytes(), Path::new("x"), &MonitorOptions::default()).unwrap();
            let first = gather.finish("x").tracks[0].points[0].0;
            assert_eq!(first, 1_795_780_800_000_000, "{text}");
        }
        assert_eq!(tracks("time,n\n1795780800,\"1,234.5\"\n"), [("n".to_owned(), vec![1234.5])]);
        assert_eq!(tracks("time;n\n1795780800;1.234,5\n"), [("n".to_owned(), vec![1234.5])]);
    }

    #[test]
    fn lines_above_the_values() {
        let text = "Full label,CPUUtilization,DatabaseConnections\nLabel,CPU,Connections\n\
                    Statistic,Average,Maximum\nPeriod,60,60\n\
                    2026/11/27 10:00:00,23,12\n2026/11/27 10:01:00,97,66\n";
        let names: Vec<String> = tracks(text).into_iter().map(|track| track.0).collect();
        assert_eq!(names, ["CPU (average)", "Connections (maximum)"]);
    }

    #[test]
    fn a_column_of_names_parts_the_series() {
        let text = "time,metric,value\n1795773600,cpu,20\n1795773600,conns,3\n1795773660,cpu,90\n";
        let expected = [("cpu".to_owned(), vec![20.0, 90.0]), ("conns".to_owned(), vec![3.0])];
        assert_eq!(tracks(text), expected);
    }
}
