//! The facts about a recording in words.

use super::About;
use crate::number::{count, seconds, short};

/// Returns the interval between two samples in words, with the one for which the user asked the
/// recorder when it differs: `every 1.09 ms (1 ms asked)`. Both are in microseconds.
pub(crate) fn interval(us: u64, asked_us: Option<u64>) -> String {
    let asked = asked_us.map(|asked| format!(" ({} asked)", short(asked))).unwrap_or_default();
    format!("every {}{asked}", short(us))
}

impl About {
    /// Returns kept and read samples in words: `44,701 of 47,669 ticks`.
    fn kept_of_read(&self) -> String {
        let of_read = match self.kept == self.read {
            true => String::new(),
            false => format!(" of {}", count(self.read)),
        };
        let event = match self.event.as_str() {
            "" => String::new(),
            event => format!(" of {event}"),
        };
        format!("{}{of_read} {}{event}", count(self.kept), self.unit_of(self.read))
    }

    /// Returns the unit in words for a weight: `ticks`, or `tick` when the weight is 1.
    pub(crate) fn unit_of(&self, weight: u64) -> &str {
        let singular = match self.unit.as_str() {
            unit if unit.ends_with("sses") || unit.ends_with("ches") => unit.strip_suffix("es"),
            unit => unit.strip_suffix('s'),
        };
        match singular {
            Some(one) if weight == 1 => one,
            _ => &self.unit,
        }
    }

    /// Returns the weight of the kept samples in words. When samples were left out, the weight of
    /// all samples follows, and the weight that was left out for each reason:
    /// `44,701 of 47,669 ticks (2,968 idle left out)`.
    pub fn samples(&self) -> String {
        let mut text = self.kept_of_read();
        let out = &self.left_out;
        let parts: Vec<String> = [
            (out.idle, "idle"),
            (out.outside_window, "outside the window"),
            (out.other_threads, "of other threads"),
            (out.unfocused, "outside the focus"),
            (out.ignored, "ignored"),
        ]
        .into_iter()
        .filter(|(weight, _)| *weight > 0)
        .map(|(weight, why)| format!("{} {why}", count(weight)))
        .collect();
        if !parts.is_empty() {
            text += &format!(" ({} left out)", parts.join(", "));
        }
        text
    }

    /// Returns one line: recordings, producer, samples, length or window, interval, and the number of
    /// unreadable samples. Parts that are not known are left out.
    pub fn line(&self) -> String {
        self.line_with(self.samples())
    }

    /// Returns the text of [`About::line`], shortened to at most `room` characters where possible.
    /// The result can be longer.
    pub(crate) fn line_within(&self, room: usize) -> String {
        let line = self.line();
        if line.chars().count() <= room { line } else { self.line_with(self.kept_of_read()) }
    }

    fn line_with(&self, samples: String) -> String {
        let mut parts = vec![self.recordings.clone(), self.producer.clone(), samples];
        // Samples that all have one time have no length.
        if let Some((from, to)) = self.window_us.filter(|(from, to)| to - from > 1) {
            // The name of a window has the seconds of the load test.
            let clock = match self.window.is_some() {
                true if self.unit == "errors" => " of the log",
                true => " of the recording",
                false => "",
            };
            parts.push(match from {
                0 if self.window.is_none() && self.unit == "errors" => {
                    format!("{} of log", seconds(to))
                }
                0 => seconds(to),
                _ => format!("{} to {}{clock}", seconds(from), seconds(to)),
            });
        }
        parts.extend(self.window.clone());
        parts.extend(self.interval_us.map(|us| interval(us, self.asked_us)));
        if self.unreadable > 0 {
            parts.push(format!("{} unreadable", count(self.unreadable)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }
}
