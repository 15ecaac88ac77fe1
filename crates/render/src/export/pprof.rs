//! Writes pprof's `profile.proto`, compressed with gzip.
//!
//! Functions that ran inlined become lines of the location in which they ran. Properties of a frame
//! beside name and place go into the function's system name ([`system_name`]). Times and threads
//! become labels.

use super::{Common, EXPORTER, ExportError, Measure};
use flate2::Compression;
use flate2::write::GzEncoder;
use hashbrown::HashMap;
use prost::Message;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Kind, Profile, StackId, Steps, StrId, Thread, Zero, display_name,
};
use spikeflame_proto::pprof::{
    Function, INLINED_MOST, Label, Line, Location, MONOTONIC, Mapping, OURS, PRODUCER, Sample,
    UNIT, ValueType, field, system_name,
};
use std::io::{self, Write};

/// Writes a selected profile.
pub(super) fn write(profile: &Profile, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut packed = GzEncoder::new(out, Compression::default());
    let common = Common::collect(profile);
    let mut writer = Writer::new(profile, &common, &mut packed);
    writer.head()?;
    writer.samples()?;
    writer.tables()?;
    writer.rest()?;
    packed.finish()?;
    Ok(())
}

/// A location: the function's own frame (if it has one), and the frames inlined in it, as a chain
/// from the outermost.
type Chain = (Option<u32>, FrameId);

struct Writer<'a> {
    profile: &'a Profile,
    common: &'a Common,
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    strings: HashMap<String, i64>,
    /// Strings in order of their numbers.
    texts: Vec<String>,
    chains: HashMap<Chain, u32>,
    /// The last link of each chain, by number, with the number of frames in the chain.
    links: Vec<(Chain, usize)>,
    /// For each location: true when a sample names it.
    used: Vec<bool>,
    /// For each stack: its innermost location, and the stack that calls it.
    places: Vec<(u32, StackId)>,
}

impl<'a> Writer<'a> {
    fn new(profile: &'a Profile, common: &'a Common, out: &'a mut dyn Write) -> Self {
        let (buffer, strings, texts, chains, links, used, places) = Default::default();
        let mut writer =
            Self { profile, common, out, buffer, strings, texts, chains, links, used, places };
        writer.string("");
        writer.place();
        writer
    }

    fn string(&mut self, text: &str) -> i64 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let number = self.texts.len() as i64;
        self.strings.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    fn message(&mut self, number: u32, message: &impl Message) -> io::Result<()> {
        self.buffer.clear();
        prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut self.buffer);
        // A vector has room for every message, so this cannot fail.
        let _ = message.encode_length_delimited(&mut self.buffer);
        self.out.write_all(&self.buffer)
    }

    fn bytes(&mut self, number: u32, bytes: &[u8]) -> io::Result<()> {
        self.buffer.clear();
        prost::encoding::encode_varint(u64::from(number << 3 | 2), &mut self.buffer);
        prost::encoding::encode_varint(bytes.len() as u64, &mut self.buffer);
        self.buffer.extend_from_slice(bytes);
        self.out.write_all(&self.buffer)
    }

    fn number(&mut self, number: u32, value: i64) -> io::Result<()> {
        self.buffer.clear();
        prost::encoding::encode_varint(u64::from(number << 3), &mut self.buffer);
        prost::encoding::encode_varint(value as u64, &mut self.buffer);
        self.out.write_all(&self.buffer)
    }

    /// Finds the location of every stack.
    fn place(&mut self) {
        let profile = self.profile;
        self.places = vec![(0, StackId::ROOT); profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let above = self.places.get(parent.index()).copied().unwrap_or_default();
            let room = |chain: u32| {
                self.links.get(chain as usize).is_some_and(|(_, length)| *length < INLINED_MOST)
            };
            let inlined = profile.frames.get(frame).inlined;
            let within = inlined && parent != StackId::ROOT && room(above.0);
            let chain = (within.then_some(above.0), frame);
            let links = &mut self.links;
            let number = *self.chains.entry(chain).or_insert_with(|| {
                let above = chain.0.and_then(|above| links.get(above as usize));
                links.push((chain, above.map_or(0, |(_, length)| *length) + 1));
                links.len() as u32 - 1
            });
            let caller = if within { above.1 } else { parent };
            if let Some(slot) = self.places.get_mut(stack.index()) {
                *slot = (number, caller);
            }
        }
        self.used = vec![false; self.links.len()];
    }

    /// Returns true when weights are a number of samples whose sum in nanoseconds fits into a value.
    fn has_nanos(&self) -> bool {
        let longest_us = self.common.steps.as_ref().map(Steps::longest_us);
        let nanos =
            longest_us.and_then(|us| us.checked_mul(1000)?.checked_mul(self.profile.total()));
        nanos.is_some_and(|nanos| i64::try_from(nanos).is_ok())
    }

    fn value_type(&mut self, r#type: &str, unit: &str) -> ValueType {
        ValueType { r#type: self.string(r#type), unit: self.string(unit) }
    }

    /// Returns a value type for time, with the name that the source uses.
    fn time_type(&mut self, otherwise: &str, unit: &str) -> ValueType {
        let name = Some(self.common.time.as_str()).filter(|name| !name.is_empty());
        self.value_type(name.unwrap_or(otherwise), unit)
    }

    /// Writes the value types.
    fn head(&mut self) -> io::Result<()> {
        let unit = self.common.unit.clone();
        let first = match self.common.measure {
            Measure::Samples => self.value_type("samples", "count"),
            Measure::Time(_) => self.time_type("time", &unit),
            Measure::Bytes => self.value_type("space", "bytes"),
            Measure::Other => self.value_type(&unit, "count"),
        };
        self.message(field::SAMPLE_TYPE, &first)?;
        if self.has_nanos() {
            let time = self.time_type("cpu", "nanoseconds");
            self.message(field::SAMPLE_TYPE, &time)?;
        }
        Ok(())
    }

    fn samples(&mut self) -> io::Result<()> {
        let (key, unit) = (self.string("end_timestamp_ns"), self.string("nanoseconds"));
        let has_nanos = self.has_nanos();
        let base_us = match self.common.zero {
            Zero::Wall(us) => us,
            Zero::Monotonic(_) | Zero::Unknown => 0,
        };
        let mut sample = Sample::default();
        for thread in &self.profile.threads {
            let name = Label {
                key: self.string("thread name"),
                str: self.string(&thread.name),
                ..Label::default()
            };
            for (time_us, stack, weight) in entries(thread, self.common.timed) {
                sample.location_id.clear();
                self.locations(stack, &mut sample.location_id);
                let value = i64::try_from(weight).unwrap_or(i64::MAX);
                sample.value.clear();
                sample.value.push(value);
                if has_nanos {
                    let nanos = self.common.laid_out(thread, stack, weight);
                    sample.value.push(i64::try_from(nanos).unwrap_or(i64::MAX));
                }
                sample.label.clear();
                sample.label.push(name);
                if self.common.timed {
                    let time = base_us.saturating_add(time_us).saturating_mul(1000);
                    let num = i64::try_from(time).unwrap_or(i64::MAX);
                    sample.label.push(Label { key, num, num_unit: unit, str: 0 });
                }
                self.message(field::SAMPLE, &sample)?;
            }
        }
        Ok(())
    }

    /// Writes the locations of a stack to `ids`, innermost first.
    fn locations(&mut self, mut stack: StackId, ids: &mut Vec<u64>) {
        while stack != StackId::ROOT {
            let Some(&(chain, caller)) = self.places.get(stack.index()) else { return };
            ids.push(u64::from(chain) + 1);
            if let Some(used) = self.used.get_mut(chain as usize) {
                *used = true;
            }
            stack = caller;
        }
    }

    /// Writes mappings, locations and functions.
    fn tables(&mut self) -> io::Result<()> {
        let frames = &self.profile.frames;
        let mut modules: HashMap<&str, u64> = HashMap::new();
        let mut functions: HashMap<Frame, u64> = HashMap::new();
        let chains = std::mem::take(&mut self.links);
        for (number, &(chain, _)) in chains.iter().enumerate() {
            if !self.used.get(number).is_some_and(|&used| used) {
                continue;
            }
            let mut line = Vec::new();
            let mut at = Some(chain);
            let mut outermost = chain.1;
            while let Some((above, frame)) = at {
                outermost = frame;
                at = above.and_then(|above| chains.get(above as usize)).map(|(chain, _)| *chain);
                // The position within a location already shows that a function was inlined.
                let how = frames.get(frame);
                let marked = Frame { inlined: how.inlined && at.is_none(), ..how };
                let next = functions.len() as u64 + 1;
                let id = match functions.get(&marked) {
                    Some(&known) => known,
                    None => {
                        functions.insert(marked, next);
                        self.function(next, marked)?;
                        next
                    }
                };
                let function = frames.get_function(how.function);
                let (number, column) = (i64::from(function.line), i64::from(function.column));
                line.push(Line { function_id: id, line: number, column });
            }
            let (mapping_id, new) = module_of(frames, outermost, &mut modules);
            if let Some(module) = new {
                let filename = self.string(module);
                let mapping = Mapping { id: mapping_id, filename, has_functions: true };
                self.message(field::MAPPING, &mapping)?;
            }
            let id = number as u64 + 1;
            self.message(field::LOCATION, &Location { id, mapping_id, address: 0, line })?;
        }
        Ok(())
    }

    fn function(&mut self, id: u64, frame: Frame) -> io::Result<()> {
        let frames = &self.profile.frames;
        let function = frames.get_function(frame.function);
        let name = match (function.kind, function.name) {
            // pprof sums functions of one name, so anonymous ones get their place, as in Node's own
            // libraries.
            (Kind::Js, StrId::EMPTY) if function.line > 0 => {
                format!("(anonymous:L#{}:C#{})", function.line, function.column)
            }
            _ => display_name(frames.strings(), function),
        };
        let name = self.string(&name);
        let system_name = self.string(&system_name(frames, frame));
        let filename = self.string(frames.strings().get(function.file));
        let start_line = i64::from(function.line);
        self.message(field::FUNCTION, &Function { id, name, system_name, filename, start_line })
    }

    /// Writes comments, times, and all strings.
    fn rest(&mut self) -> io::Result<()> {
        let mut comments =
            vec![format!("{OURS} ({EXPORTER})"), format!("{UNIT}{}", self.common.unit)];
        let producer = Some(self.common.producer.as_str()).filter(|name| !name.is_empty());
        comments.extend(producer.map(|name| format!("{PRODUCER}{name}")));
        let mut time_nanos = 0;
        match self.common.zero {
            Zero::Monotonic(us) => comments.push(format!("{MONOTONIC}{us}")),
            Zero::Wall(us) => time_nanos = i64::try_from(us.saturating_mul(1000)).unwrap_or(0),
            Zero::Unknown => {}
        }
        let period =
            self.common.interval_us.and_then(|us| i64::try_from(us.checked_mul(1000)?).ok());
        let period = period.map(|period| (self.time_type("cpu", "nanoseconds"), period));
        let comments: Vec<i64> = comments.iter().map(|comment| self.string(comment)).collect();
        for text in std::mem::take(&mut self.texts) {
            self.bytes(field::STRING, text.as_bytes())?;
        }
        let duration = i64::try_from(self.common.end_us.saturating_mul(1000)).unwrap_or(0);
        self.number(field::TIME_NANOS, time_nanos)?;
        self.number(field::DURATION_NANOS, duration)?;
        if let Some((time, period)) = period {
            self.message(field::PERIOD_TYPE, &time)?;
            self.number(field::PERIOD, period)?;
        }
        // All values stand in one packed field. When they stand in separate fields, Datadog's
        // decoder keeps only the last one.
        let mut packed = Vec::new();
        comments.iter().for_each(|&c| prost::encoding::encode_varint(c as u64, &mut packed));
        self.bytes(field::COMMENT, &packed)
    }
}

/// Returns the samples of a thread as time, stack and weight. Without times there is one for each
/// stack.
fn entries(thread: &Thread, timed: bool) -> Box<dyn Iterator<Item = (u64, StackId, u64)> + '_> {
    let each = thread.samples.iter().map(|(sample, weight)| (sample.time_us, sample.stack, weight));
    if timed {
        return Box::new(each);
    }
    let mut places: HashMap<StackId, usize> = HashMap::new();
    let mut sums: Vec<(u64, StackId, u64)> = Vec::new();
    for (time_us, stack, weight) in each {
        let place = *places.entry(stack).or_insert(sums.len());
        match sums.get_mut(place) {
            Some(sum) => sum.2 = sum.2.saturating_add(weight),
            None => sums.push((time_us, stack, weight)),
        }
    }
    Box::new(sums.into_iter())
}

/// Returns the number of a frame's mapping, or 0 when it has no module. A module that was not met
/// yet is returned too, and gets the next number.
fn module_of<'a>(
    frames: &'a FrameTable,
    frame: FrameId,
    modules: &mut HashMap<&'a str, u64>,
) -> (u64, Option<&'a str>) {
    let module = frames.get_function(frames.get(frame).function).module;
    let module = frames.strings().get(module);
    if module.is_empty() {
        return (0, None);
    }
    let next = modules.len() as u64 + 1;
    match modules.get(module) {
        Some(&known) => (known, None),
        None => {
            modules.insert(module, next);
            (next, Some(module))
        }
    }
}
