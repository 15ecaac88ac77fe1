//! Fields that are read by the values in them: levels, frames of stacks, and parts of times.

use super::{Rank, Record};
use crate::app_log::level::{self, Level, Scale};
use crate::app_log::time::Stamp;
use spikeflame_profile::wall::micros_of;

/// The most characters of a level that no logger is known to have.
const LONGEST_LEVEL: usize = 30;

impl Record {
    /// Sets the level when the field has one. A better field is preferred in any order, and of two
    /// equal ones the first: pino writes its own `level` before one that the program logged.
    pub(super) fn set_level(&mut self, key: &str, value: &str, place: Rank) {
        let Some(scale) = level::scale(key) else { return };
        let number = value.parse::<f64>().ok();
        if place == Rank::Own && key == "level" {
            self.graylog.2 = number.filter(|number| (0.0..8.0).contains(number));
        }
        self.is_odd |= key == "level"
            && scale == Scale::Logger
            && place >= Rank::Own
            && number.is_some_and(|number| number < 10.0);
        let found = match number {
            Some(number) => level::of_number(scale, number),
            None => level::of_word(value),
        };
        if place == Rank::Own && number.is_none() && matches!(key, "level" | "_level") {
            self.graylog.3 = found.or(self.graylog.3);
        }
        let rank = (place, level::rank(key));
        if scale == Scale::Syslog {
            self.outer = found.or(self.outer);
        } else if found.is_some() && rank > self.rank {
            (self.level, self.rank) = (found, rank);
            self.unknown_level.clear();
            if number.is_none() && found == Some(Level::Other) && !level::is_known(value) {
                self.unknown_level.extend(value.chars().take(LONGEST_LEVEL));
            }
        }
    }

    /// Adds a part of a frame: tslog writes the stack as a list of objects, the innermost first.
    pub(super) fn set_frame(&mut self, key: &str, value: &str) {
        match key {
            "fullFilePath" => {
                let path = value.trim_start_matches("file://");
                self.stack += "\n    at ";
                self.stack += path;
            }
            // The name follows the place in each object, and stands before it in a stack.
            "method" if !value.is_empty() => {
                let Some(at) = self.stack.rfind("\n    at ") else { return };
                let path = self.stack.split_off(at + "\n    at ".len());
                // tslog writes this word for a function without a name.
                let value = value.trim_end_matches("[undefined]");
                let path = path.strip_prefix("async ").unwrap_or(&path);
                match value.is_empty() || path.contains('(') {
                    true => self.stack += path,
                    false => self.stack += &format!("{value} ({path})"),
                }
            }
            _ => {}
        }
    }

    /// Sets seconds or nanoseconds of the event's time, as Google Cloud's loggers write it.
    pub(super) fn set_time_part(&mut self, key: &str, value: &str) {
        let before = self.stamp.map_or(0, |stamp| stamp.us);
        let us = match (key, value.parse::<f64>()) {
            ("seconds", Ok(seconds)) if (5e8..1e10).contains(&seconds) => micros_of(seconds),
            ("nanos", Ok(nanos)) if (0.0..1e9).contains(&nanos) => (nanos / 1e3) as i64,
            _ => return,
        };
        self.stamp = Some(Stamp { us: before.saturating_add(us), zoned: true });
    }
}
