//! Lines below an error that some loggers write in a form of their own.

use super::Reader;
use crate::app_log::frame;

impl Reader {
    /// Adds a frame as tslog writes it, over two lines: `  • app.ts\tfn` and `\tapp.ts:7`. Returns false
    /// for any other line.
    pub(super) fn listed(&mut self, text: &str) -> bool {
        if let Some(rest) = text.trim_start().strip_prefix("• ") {
            let method = rest.split_once('\t').map_or("", |(_, method)| method);
            self.lane.method = Some(method.trim().to_owned());
            return true;
        }
        let Some(method) = self.lane.method.take().filter(|_| text.starts_with('\t')) else {
            return false;
        };
        let place = text.trim();
        let is_line = place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok());
        if is_line {
            // There is no column.
            let frame = format!("{method} ({place}:0)");
            let id = frame::intern(&frame, &mut self.recorder.profile.frames);
            if let Some(open) = &mut self.lane.open {
                open.push(id);
            }
        }
        is_line
    }

    /// Handles a line of the tree that evlog prints below an event: a field, `├─ error: text`, or a
    /// frame, `│   at f (app.js:7)`. Returns false for any other line.
    pub(super) fn branch(&mut self, text: &str) -> bool {
        let plain = text.trim_start();
        if let Some(rest) = plain.strip_prefix('│') {
            let place =
                rest.trim_start().strip_prefix("at ").and_then(|rest| rest.strip_suffix(')'));
            let is_line = |place: &str| {
                place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok())
            };
            if let Some(place) = place.filter(|place| is_line(place)) {
                // There is no column.
                let id = frame::intern(&format!("{place}:0)"), &mut self.recorder.profile.frames);
                if let Some(open) = &mut self.lane.open {
                    open.push(id);
                }
            }
            return true;
        }
        let Some(field) = plain.strip_prefix("├─ ").or_else(|| plain.strip_prefix("└─ "))
        else {
            return false;
        };
        let named =
            field.split_once(": ").filter(|(key, _)| matches!(*key, "error" | "msg" | "message"));
        if let Some((_, value)) = named.filter(|_| self.is_unnamed()) {
            self.rename(value);
        }
        true
    }
}
