//! Exceptions of Application Insights, whose stack is JSON in a text.

use super::{Place, Record};
use serde::Deserialize;

/// The most exceptions and frames of one row that are read.
const MOST_EXCEPTIONS: usize = 10;
const MOST_FRAMES: usize = 1_000;

/// One of the exceptions in the column `details`, the outermost first.
#[derive(Deserialize)]
struct Exception {
    #[serde(default, alias = "typeName")]
    r#type: String,
    #[serde(default)]
    message: String,
    #[serde(default, rename = "parsedStack")]
    frames: Vec<StackFrame>,
}

/// A frame; the innermost comes first.
#[derive(Deserialize)]
struct StackFrame {
    /// Node's SDK writes the whole line of the stack here, and that of .NET the name of a library.
    #[serde(default)]
    assembly: String,
    #[serde(default)]
    method: String,
    #[serde(default, rename = "fileName")]
    file: String,
    #[serde(default)]
    line: u32,
}

impl Record {
    /// Takes the class, the message and the stack of an exception from its columns. Returns false for any other field.
    pub(super) fn set_exception(&mut self, place: Place, key: &str, value: &str) -> bool {
        if place != Place::Top {
            return false;
        }
        match key {
            "OuterMessage" | "outerMessage" => value.clone_into(&mut self.error_message),
            "OuterType" | "outerType" | "ExceptionType" => value.clone_into(&mut self.class),
            "Details" | "details" if value.contains("\"parsedStack\"") => self.take_stacks(value),
            _ => return false,
        }
        true
    }

    fn take_stacks(&mut self, details: &str) {
        let Ok(all) = serde_json::from_str::<Vec<Exception>>(details) else { return };
        let mut texts = all.iter().take(MOST_EXCEPTIONS).map(Exception::text);
        if let Some(first) = texts.next().filter(|_| self.stack.is_empty()) {
            self.stack = first;
        }
        // Each further one is the cause of the one before it.
        let causes: Vec<String> = texts.collect();
        causes.iter().rev().for_each(|cause| self.put_cause(cause));
    }
}

impl Exception {
    /// Returns the exception as Node prints it.
    fn text(&self) -> String {
        let message = self.message.lines().next().unwrap_or_default();
        let mut text = match self.r#type.is_empty() {
            true => message.to_owned(),
            false => format!("{}: {message}", self.r#type),
        };
        for frame in self.frames.iter().take(MOST_FRAMES) {
            text.push_str("\n    ");
            match frame.assembly.trim() {
                line if line.starts_with("at ") => text.push_str(line),
                _ if frame.file.is_empty() => {
                    text.push_str(&format!("at {} (<anonymous>)", frame.method))
                }
                _ => {
                    text.push_str(&format!("at {} ({}:{}:0)", frame.method, frame.file, frame.line))
                }
            }
        }
        text
    }
}
