//! Reads JMeter's results as XML: an element for each sample, with its figures as attributes.
//!
//! Samples within a sample are the redirects and embedded resources of a page, or the requests of a transaction
//! controller. The sample around them is no request of its own.

mod tags;

use super::appended::AppendedTests;
use super::contents::has;
use super::names::Names;
use super::requests::{ALONE, TRANSACTION, Transactions, UNANSWERED, requests_left_out};
use super::{ReadOptions, lines::Lines};
use crate::error::Error;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use std::io::Read;
use std::path::Path;
use tags::{OpenText, attributes, name_of};

/// Greatest depth of elements that are told apart. Embedded resources have two levels, and transactions one more each.
const DEEPEST: usize = 100;

const CUT: &str = "an element that is cut off or too long";
const NUMBERS: &str = "a sample without a time or a duration";

/// Returns true for a text that starts like such results.
pub(super) fn is_head(head: &[u8]) -> bool {
    head.starts_with(b"<") && has(head, "<testResults")
}

/// An element that is open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Element {
    /// A sample that is a request, unless others are in it.
    Request,
    /// The sample of a transaction controller.
    Transaction {
        /// True when its requests are in the file.
        has_requests: bool,
    },
    Other,
}

/// The figures of a sample.
#[derive(Debug, Default)]
struct Sample {
    start_ms: Option<f64>,
    duration_ms: Option<f64>,
    ok: bool,
    label: String,
    status: String,
    message: String,
    thread: String,
    threads: Option<f64>,
}

impl Sample {
    fn from_tag(tag: &[u8]) -> Self {
        let mut sample = Self::default();
        attributes(tag, |key, value| {
            let number = || value.parse().ok().filter(|number| (0.0..1e15).contains(number));
            match key {
                b"ts" => sample.start_ms = number(),
                b"t" => sample.duration_ms = number(),
                b"na" => sample.threads = number(),
                b"s" => sample.ok = value == "true",
                b"lb" => sample.label = value,
                b"rc" => sample.status = value,
                b"rm" => sample.message = value,
                b"tn" => sample.thread = value,
                _ => {}
            }
        });
        sample
    }
}

/// Results while they are read.
struct Results<'o> {
    options: &'o ReadOptions,
    recorder: Recorder,
    seen: AppendedTests,
    names: Names,
    open: Vec<Element>,
    /// The number of open elements below the deepest of `open`.
    deeper: usize,
    /// The innermost open sample and its line, while no other sample is in it.
    pending: Option<(Sample, u64)>,
    /// The last request, which is counted with the next one: it also has the failure of the page around it.
    last: Option<(Sample, u64)>,
    /// True when the page around the current sample failed, and no request in it did so far. An assertion
    /// makes a page fail so.
    owes_failure: bool,
    transactions: Transactions,
}

impl Results<'_> {
    /// Reads a tag, which ends on line `number`. Returns the reason for the loss of a sample that
    /// cannot be read.
    fn tag(&mut self, tag: &[u8], number: u64) -> Result<(), &'static str> {
        match tag.get(1) {
            Some(b'!' | b'?') => Ok(()),
            Some(b'/') if self.deeper > 0 => {
                self.deeper -= 1;
                Ok(())
            }
            Some(b'/') => match self.open.pop() {
                Some(Element::Transaction { has_requests: false }) => Err(ALONE),
                Some(Element::Request) => match self.pending.take() {
                    Some((sample, number)) => self.hold(sample, number),
                    None => {
                        let fails = std::mem::take(&mut self.owes_failure);
                        self.last.iter_mut().for_each(|last| last.0.ok &= !fails);
                        Ok(())
                    }
                },
                _ => Ok(()),
            },
            _ if !name_of(tag).ends_with(b"ample") => self.begin(Element::Other, tag),
            _ => self.sample(tag, number),
        }
    }

    /// Notes an element as open, unless its tag ends it. Elements that are too deep are only counted, so
    /// that their ends close no others.
    fn begin(&mut self, element: Element, tag: &[u8]) -> Result<(), &'static str> {
        let is_open = !tag.ends_with(b"/>");
        if is_open && self.open.len() < DEEPEST {
            self.open.push(element);
            return Ok(());
        }
        self.deeper += usize::from(is_open);
        match element {
            Element::Transaction { has_requests: false } => Err(ALONE),
            _ => Ok(()),
        }
    }

    fn sample(&mut self, tag: &[u8], number: u64) -> Result<(), &'static str> {
        let sample = Sample::from_tag(tag);
        if sample.message.as_bytes().starts_with(TRANSACTION) {
            let start_ms = sample.start_ms.unwrap_or(0.0);
            let has_requests = self.transactions.has_requests(sample.thread.as_bytes(), start_ms);
            return self.begin(Element::Transaction { has_requests }, tag);
        }
        // A sample that is pending has this one in it.
        self.owes_failure |= self.pending.take().is_some_and(|(page, _)| !page.ok);
        if tag.ends_with(b"/>") {
            return self.hold(sample, number);
        }
        self.pending = Some((sample, number));
        self.begin(Element::Request, tag)
    }

    /// Counts the request before this one, and keeps this one.
    fn hold(&mut self, sample: Sample, number: u64) -> Result<(), &'static str> {
        self.owes_failure &= sample.ok;
        for element in &mut self.open {
            if let Element::Transaction { has_requests } = element {
                *has_requests = true;
            }
        }
        self.transactions.see(sample.thread.as_bytes(), sample.start_ms.unwrap_or_default());
        match self.last.replace((sample, number)) {
            Some((before, number)) => self.request(&before, number),
            None => Ok(()),
        }
    }

    /// Counts the last request.
    fn finish(&mut self) -> Result<(), &'static str> {
        self.last.take().map_or(Ok(()), |(last, number)| self.request(&last, number))
    }

    fn request(&mut self, sample: &Sample, number: u64) -> Result<(), &'static str> {
        let start_ms = sample.start_ms.ok_or(NUMBERS)?;
        let duration_ms = sample.duration_ms.ok_or(NUMBERS)?;
        self.names.add(&sample.label, "");
        let (start_us, duration_us) = ((start_ms * 1e3) as i64, (duration_ms * 1e3) as u64);
        let end_us = start_us.saturating_add_unsigned(duration_us);
        self.seen.see(end_us, duration_us);
        if self.options.endpoint.as_ref().is_some_and(|wanted| *wanted != sample.label) {
            return Ok(());
        }
        self.recorder.at_line(number);
        match !sample.ok && sample.status.as_bytes().starts_with(UNANSWERED) {
            true => self.recorder.request_without_answer(end_us, duration_us),
            false => self.recorder.request(end_us, duration_us, sample.ok),
        }
        if let Some(threads) = sample.threads {
            self.recorder.vus(end_us, threads);
        }
        Ok(())
    }
}

/// Reads results.
///
/// # Errors
///
/// Returns an [`Error`] for a file without a request, or without one to the endpoint that the user
/// chose.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut results = Results {
        options,
        recorder: Recorder::default().following(),
        seen: AppendedTests::default(),
        names: Names::default(),
        open: Vec::new(),
        deeper: 0,
        pending: None,
        last: None,
        owes_failure: false,
        transactions: Transactions::default(),
    };
    let mut text = OpenText::default();
    let mut alone = false;
    while let Some((number, line)) = lines.next_of(path)? {
        text.push(line, number);
        while let Some(tag) = text.next_tag() {
            if let Err(reason) = results.tag(tag, number) {
                alone |= reason == ALONE;
                lines.lose(reason);
            }
        }
        if text.is_too_long() {
            let (first, count) = text.drop_all(number);
            lines.lose_many(CUT, first, count);
        }
    }
    if let Err(reason) = results.finish() {
        lines.lose(reason);
    }
    let Results { mut recorder, seen, names, .. } = results;
    seen.choose(&mut recorder, path, options)?;
    if recorder.is_empty() {
        if let Some(asked) = &options.endpoint {
            let (path, asked, known) = (path.to_owned(), asked.clone(), names.known());
            let long = names.has_long();
            return Err(Error::UnknownEndpoint { path, asked, known, long });
        }
        if alone {
            return Err(requests_left_out(path));
        }
    }
    lines.close(|ledger| {
        let mut timeline = recorder.finish(path, "JMeter")?;
        timeline.endpoints = names.busiest();
        timeline.losses = ledger.close();
        Ok(timeline)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Load, read as read_any};

    fn read_text(text: &str) -> Result<Timeline, Error> {
        match read_any(text.as_bytes(), Path::new("x"), &ReadOptions::default())? {
            Load::Timeline(timeline) => Ok(timeline),
            Load::Summary(_) => panic!("totals"),
        }
    }

    fn counts(text: &str) -> (f64, f64, u64) {
        let timeline = read_text(text).unwrap();
        let sum = |of: fn(&crate::Second) -> f64| timeline.seconds.iter().map(of).sum::<f64>();
        let lost = timeline.losses.iter().map(|loss| loss.count).sum();
        (sum(|second| second.ok), sum(|second| second.failed), lost)
    }

    const HEAD: &str =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n";
    const PARENT: &str =
        "rm=\"Number of samples in transaction : 1, number of failing samples : 0\"";

    #[test]
    fn a_page_is_the_requests_in_it() {
        let text = format!(
            "{HEAD}<httpSample t=\"42\" lt=\"42\" ts=\"1795397085123\" s=\"true\" lb=\"a &lt; b &#x41;\" rc=\"200\" \
             rm=\"it's > OK\" tn=\"u 1-1\" na=\"8\"/>\n<httpSample t=\"402\" ts=\"1795397086123\" s=\"false\" \
             lb=\"b\" rc=\"500\" rm=\"\" tn=\"u 1-1\" na=\"9\">\n  <httpSample t=\"1\" ts=\"1795397086124\" \
             s=\"true\" lb=\"b-0\"/>\n  <assertionResult><name>&lt;httpSample</name></assertionResult>\n  \
             <!-- <httpSample t=\"1\" ts=\"1795397086124\"/> -->\n</httpSample>\n<sample t=\"0\" ts=\"1795397087000\" \
             s=\"false\" lb=\"c\" rc=\"Non HTTP response code: java.net.ConnectException\"\n tn=\"u 1-2\"/>\n\
             <httpSample lb=\"none\"/>\n</testResults>\n"
        );
        assert_eq!(counts(&text), (1.0, 2.0, 1));
        let timeline = read_text(&text).unwrap();
        assert_eq!((timeline.start_s, timeline.format), (1_795_397_085, "JMeter"));
        let names: Vec<&str> = timeline.endpoints.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(names, ["a < b A", "b-0", "c"]);
        assert_eq!(timeline.seconds[0].vus, Some(8.0));
        let options = ReadOptions { endpoint: Some("b-0".into()), ..ReadOptions::default() };
        let Load::Timeline(one) = read_any(text.as_bytes(), Path::new("x"), &options).unwrap()
        else {
            panic!()
        };
        assert_eq!(one.seconds.iter().map(|second| second.failed).sum::<f64>(), 1.0);
        for cut in 0..text.len() {
            let _ = read_any(&text.as_bytes()[..cut], Path::new("x"), &ReadOptions::default());
        }
    }

    /// The error was: the end of an element that was too deep to be noted closed another one. Of nested
    /// samples, the innermost one is the request.
    #[test]
    fn the_ends_of_deep_elements_close_no_others() {
        let sample = |name: &str| {
            format!(
                "<httpSample t=\"9\" ts=\"1795397085123\" s=\"true\" lb=\"{name}\" tn=\"u 1-1\""
            )
        };
        let (request, resource) = (sample("a"), sample("a-0") + "/>");
        let nested = |open: &str, close: &str| open.repeat(120) + &close.repeat(120);
        let in_b = nested(&(sample("b") + ">"), "</httpSample>");
        for (within, requests) in [(nested("<a>", "</a>"), 2.0), (in_b, 3.0)] {
            let text = format!(
                "{HEAD}{request}>{within}{resource}</httpSample>\n{request}/>\n</testResults>\n"
            );
            assert_eq!(counts(&text), (requests, 0.0, 0), "{within}");
        }
        let parts = format!("{}{resource}", nested("<a>", "</a>"));
        let text = format!("{HEAD}{request} {PARENT}>{parts}</httpSample>\n</testResults>\n");
        assert_eq!(counts(&text), (1.0, 0.0, 0));
    }

    /// An assertion made the page fail, and no request in it did.
    #[test]
    fn the_failure_of_a_page_counts_once() {
        let part = |label: &str, ok: bool| {
            format!("<httpSample t=\"1\" ts=\"1795397086124\" s=\"{ok}\" lb=\"{label}\"/>")
        };
        let page = |ok: bool| {
            format!(
                "{HEAD}<httpSample t=\"9\" ts=\"1795397086123\" s=\"false\" lb=\"b\">{}{}</httpSample>{}",
                part("b-0", ok),
                part("b-1", true),
                part("c", true)
            )
        };
        assert_eq!(counts(&page(true)), (2.0, 1.0, 0));
        assert_eq!(counts(&page(false)), (2.0, 1.0, 0));
    }

    #[test]
    fn transactions_are_no_requests() {
        let request = |ms: u64| {
            format!("<httpSample t=\"9\" ts=\"17953970{ms}\" s=\"true\" lb=\"a\" tn=\"u 1-1\"/>\n")
        };
        let apart = format!(
            "{HEAD}{}<sample t=\"9\" ts=\"1795397085123\" s=\"true\" lb=\"v\" {PARENT} tn=\"u 1-1\"/>\n",
            request(85124)
        );
        assert_eq!(counts(&apart), (1.0, 0.0, 0));
        let within = format!(
            "{HEAD}<sample t=\"9\" ts=\"1795397085123\" s=\"true\" lb=\"v\" {PARENT} tn=\"u 1-1\">\n{}</sample>\n",
            request(85124)
        );
        assert_eq!(counts(&within), (1.0, 0.0, 0));
        let alone = format!(
            "{HEAD}<sample t=\"9\" ts=\"1795397085123\" s=\"true\" lb=\"v\" {PARENT} tn=\"u 1-1\"/>\n"
        );
        let error = read_text(&alone).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("Generate parent sample"), "{error}");
        assert_eq!(counts(&format!("{alone}{}", request(86124))), (1.0, 0.0, 1));
    }

    /// The error was, in CSV: transactions whose requests have no rows were passed over in silence.
    #[test]
    fn transactions_without_their_requests_are_named() {
        let head =
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,allThreads\n";
        let parent = "\"Number of samples in transaction : 2, number of failing samples : 0\"";
        let row = |ms: u64, thread: &str| format!("17953970{ms},9,v,,{parent},{thread},true,1\n");
        let alone = format!("{head}{}{}", row(85124, "u 1-1"), row(86124, "u 1-1"));
        let error = read_text(&alone).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("Generate parent sample"), "{error}");
        let mixed = format!(
            "{head}1795397085000,9,a,200,OK,u 1-1,true,1\n{}{}",
            row(85000, "u 1-1"),
            row(86124, "u 1-1")
        );
        assert_eq!(counts(&mixed), (1.0, 0.0, 1));
    }

    #[test]
    fn long_and_broken_tags_take_time_by_their_length_only() {
        let lines = format!("{HEAD}<httpSample lb=\"{}", "\n".repeat(3 << 20));
        assert!(read_text(&lines).is_err());
        let open = format!("{HEAD}{}", "<a b=\"\n".repeat(200_000));
        assert!(read_text(&open).is_err());
    }
}
