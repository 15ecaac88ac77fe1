//! The members of an object that a program logged as its message. They name an error whose object has no message.

/// The longest text of all members, in bytes. The name of an error is cut at about that length.
const LONGEST_MEMBERS: usize = 1_000;

/// The members of an object, as JSON without the brackets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Members {
    text: String,
    /// The key of the last member. A list has one member, and not one for each item.
    last: String,
}

impl Members {
    /// Adds a member whose value is a text or a number.
    pub(super) fn add_text(&mut self, key: &str, value: &str) {
        match value.parse::<f64>() {
            Ok(_) => self.add(key, value),
            Err(_) => self.add(key, &format!("\"{}\"", value.replace(['"', '\n'], " "))),
        }
    }

    /// Adds a member with this value, as JSON has it.
    pub(super) fn add(&mut self, key: &str, value: &str) {
        if key == self.last || self.text.len() + key.len() + value.len() > LONGEST_MEMBERS {
            return;
        }
        key.clone_into(&mut self.last);
        let comma = if self.text.is_empty() { "" } else { "," };
        self.text.push_str(&format!("{comma}\"{key}\":{value}"));
    }

    /// Takes the text of an object that stands behind the level of a line, such as `Object(2) {`, in place of members.
    pub(super) fn take(&mut self, text: &str) {
        let text = text.trim();
        if text.len() > 2 * LONGEST_MEMBERS {
            return;
        }
        let begin = text.find('{').unwrap_or(0);
        let words: Vec<&str> = text.get(begin..).unwrap_or(text).split_whitespace().collect();
        let text = words.join(" ");
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        if let Some(inner) = inner {
            inner.clone_into(&mut self.text);
        }
    }

    /// Returns the object on one line; an empty text when there is none.
    pub(super) fn object(&self) -> String {
        match self.text.as_str() {
            "" => String::new(),
            members => format!("{{{members}}}"),
        }
    }
}
