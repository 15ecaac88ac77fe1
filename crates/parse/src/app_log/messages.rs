//! Messages of a wrapped log, which are brought into the order of time.

use super::level::Level;
use super::reader::Reader;
use super::record::Record;
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
    /// The level that the service has for the text.
    pub(super) level: Option<Level>,
    /// The fields of an event that the service has taken apart, in place of a text.
    pub(super) record: Option<Box<Record>>,
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

    /// Takes the fields of an entry: an event, or a text that the program printed.
    pub(super) fn take_record(&mut self, stream: String, mut record: Record) {
        record.complete();
        let (stamp, level) = (record.stamp, record.outer);
        match record.log.take() {
            Some(text) => self.take_some(Message { stamp, stream, text, level, record: None }),
            None if record.has_text() && (record.is_log() || !record.stack.is_empty()) => {
                let record = Some(Box::new(record));
                self.take(Message { stamp, stream, record, ..Message::default() });
            }
            None => {
                let text = record.message;
                self.take_some(Message { stamp, stream, text, level, record: None });
            }
        }
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
            // The next messages of a log with the newest first are turned round too.
            self.passing = !self.flush();
        }
    }

    /// Passes on what is held, the oldest first. Returns true when the newest was the first.
    pub(super) fn flush(&mut self) -> bool {
        // Entries of several logs may follow one another, each in the order of time.
        let times: Vec<i64> =
            self.held.iter().filter_map(|message| Some(message.stamp?.us)).collect();
        let pairs = || times.iter().zip(times.iter().skip(1));
        let later = pairs().filter(|(a, b)| b > a).count();
        let earlier = pairs().filter(|(a, b)| b < a).count();
        if earlier > later {
            self.held.reverse();
        }
        for message in std::mem::take(&mut self.held) {
            hand_over(self.reader, &message);
        }
        earlier > later
    }
}

fn hand_over(reader: &mut Reader, message: &Message) {
    reader.recorder.begin_line();
    reader.follow(&message.stream);
    if let Some(stamp) = message.stamp {
        reader.recorder.tick(stamp);
    }
    reader.zoned_outside = message.stamp.is_some_and(|stamp| stamp.zoned);
    match &message.record {
        Some(record) => reader.record(record, 1),
        None => reader.printed(&message.text, message.level, 1),
    }
    reader.number += 1;
}
