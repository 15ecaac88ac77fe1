//! The tables that dstat writes: names of groups above those of the columns, and times without a year.

use spikeflame_wall::MONTHS;

/// The date in the head of a table of dstat, from which the year of its times follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct DstatDate {
    year: u32,
    month: u32,
    /// True when the head names the zone UTC.
    is_utc: bool,
}

impl DstatDate {
    /// Returns the date in the first lines of a table. Returns `None` for a table of another program.
    pub(super) fn find(text: &[u8]) -> Option<Self> {
        const HEAD: usize = 2_048;
        let head = text.get(..HEAD).unwrap_or(text);
        let head = String::from_utf8_lossy(head);
        let first = head.lines().next()?.to_lowercase();
        if !first.contains("dstat") || !first.contains("csv output") {
            return None;
        }
        let date = head.split_once("\"Date:\",\"")?.1.split('"').next()?;
        let mut words = date.split(' ');
        let (_, month, year) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
        let month = MONTHS.iter().position(|known| known.get(..3) == Some(month))?;
        let is_utc = words.any(|word| matches!(word, "UTC" | "GMT"));
        Some(Self { year, month: u32::try_from(month).ok()? + 1, is_utc })
    }

    /// Returns a time such as `30-11 09:58:04` with its year. A month before that of the head is one of
    /// the next year.
    pub(super) fn whole(self, text: &str) -> Option<String> {
        let (date, clock) = text.split_once(' ')?;
        let (day, month) = date.split_once('-')?;
        let (day, month): (u32, u32) = (day.parse().ok()?, month.parse().ok()?);
        let year = if month < self.month { self.year + 1 } else { self.year };
        let zone = if self.is_utc { "Z" } else { "" };
        Some(format!("{year}-{month:02}-{day:02}T{clock}{zone}"))
    }
}

/// Returns true when the last of the rows above the values has the names of the columns.
pub(super) fn has_names(heads: &[Vec<String>]) -> bool {
    let first = heads.last().and_then(|names| names.first());
    first.is_some_and(|name| matches!(name.as_str(), "time" | "epoch"))
}

/// Returns the names of the columns with those of their groups, and with their units: `net/total: recv
/// [bytes/s]`.
pub(super) fn names(heads: &[Vec<String>]) -> Option<Vec<String>> {
    let [.., groups, names] = heads else { return None };
    let begins = groups.first().is_some_and(|cell| matches!(cell.as_str(), "system" | "epoch"));
    if !begins || !has_names(heads) {
        return None;
    }
    let mut group = "";
    let whole = names.iter().enumerate().map(|(at, name)| {
        group = groups.get(at).map(String::as_str).filter(|cell| !cell.is_empty()).unwrap_or(group);
        match group {
            "system" | "epoch" => name.clone(),
            // Performance Co-Pilot's dstat has the group in some of the names.
            _ if name.starts_with(group) => format!("{name}{}", unit(group)),
            _ => format!("{group}: {name}{}", unit(group)),
        }
    });
    Some(whole.collect())
}

fn unit(group: &str) -> &'static str {
    let is = |words: &[&str]| words.iter().any(|word| group.contains(word));
    match () {
        () if is(&["cpu", "total usage"]) => " [%]",
        () if is(&["memory", "swap"]) => " [bytes]",
        () if is(&["dsk/", "net/"]) => " [bytes/s]",
        () => "",
    }
}
