//! Joins the texts of a message that is a list.

use super::Record;

/// The longest message that items of a list are added to, in bytes. The name of an error is shorter.
const LONGEST_LIST: usize = 2_000;

impl Record {
    /// Begins an item of a list in the field `key`. Returns the message of the items before it.
    pub(in crate::app_log) fn begin_item(&mut self, key: &str) -> String {
        let is_message = matches!(key, "message" | "msg" | "@message");
        if is_message { std::mem::take(&mut self.message) } else { String::new() }
    }

    /// Puts the message of the items before in front of the last one.
    pub(in crate::app_log) fn join_item(&mut self, mut before: String) {
        if !before.is_empty() {
            if !self.message.is_empty() && before.len() < LONGEST_LIST {
                before.push_str(", ");
                before.push_str(&self.message);
            }
            self.message = before;
        }
    }
}
