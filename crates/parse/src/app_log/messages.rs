//! Messages of a wrapped log, which are brought into the order of time.

use super::reader::Reader;
use super::time::Stamp;

/// The most messages that are held to bring a query's rows, newest first, into the order of
/// time. CloudWatch returns at most 10,000.
const HELD: usize = 100_000;

/// One message and its source.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) stamp: Option<Stamp>,
    pub(super) stream: String,
    pub(super) text: String,
}

/// Passes messages to the reader. The messages of a query that lists the newest first are
/// reversed.
pub(super) struct Messages<'a> {
    reader: &'a mut Reader,
    held: Vec<Message>,
    passing: bool,
}

impl<'a> Messages<'a> {
    pub(super) fn new(reader: &'a mut Reader) -> Self {
        Self { reader, held: Vec::new(), passing: false }
    }

    /// Takes a message unless it is empty.
    pub(super) fn take_some(&mut self, message: Message) {
        if !message.text.is_empty() {
            self.take(message);
        }
    }

    pub(super) fn take(&mut self, message: Message) {
        if self.passing {
            return hand_over(self.reader, &message);
        }
        self.held.push(message);
        if self.held.len() == HELD {
            self.flush();
            self.passing = true;
        }
    }

    /// Passes on what is held, the oldest first.
    pub(super) fn flush(&mut self) {
        let time = |message: &Message| message.stamp.map(|stamp| stamp.us);
        let first = self.held.iter().find_map(time);
        let last = self.held.iter().rev().find_map(time);
        if last < first {
            self.held.reverse();
        }
        for message in std::mem::take(&mut self.held) {
            hand_over(self.reader, &message);
        }
    }
}

fn hand_over(reader: &mut Reader, message: &Message) {
    reader.follow(&message.stream);
    if let Some(stamp) = message.stamp {
        reader.recorder.tick(stamp);
    }
    reader.zoned_outside = message.stamp.is_some_and(|stamp| stamp.zoned);
    for line in message.text.lines() {
        reader.line(line, 1);
    }
    reader.number += 1;
}
