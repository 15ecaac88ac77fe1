//! Writes OTLP profiles (`profiles/v1development` of OpenTelemetry) as protobuf and JSON: one
//! profile with a dictionary, its samples grouped by stack and thread.
//!
//! Properties of a frame beside name and place go into the function's system name
//! ([`system_name`]). Facts about the recording go into the name of the scope.

use super::{Common, EXPORTER, ExportError, JsonArray, Measure};
use hashbrown::HashMap;
use prost::Message;
use serde::Serialize;
use serde_json::{Value, json};
use spikeflame_profile::{Frame, FrameId, Kind, Profile, StackId, Zero, display_name};
use spikeflame_proto::otlp::{
    AnyValue, Attribute, FRAME_TYPE, Function, KERNEL, Line, Location, Mapping, Sample, Scope,
    Stack, THREAD_NAME, V8, ValueType,
};
use spikeflame_proto::pprof::{INLINED_MOST, MONOTONIC, OURS, PRODUCER, UNIT, system_name};
use std::io::Write;

/// Writes a selected profile as protobuf.
pub(super) fn write(profile: &Profile, out: &mut dyn Write) -> Result<(), ExportError> {
    Ok(out.write_all(&Writer::new(profile).data().encode_to_vec())?)
}

/// Writes a selected profile as protobuf, with attributes that describe the profiled service.
pub(super) fn write_of(
    profile: &Profile,
    attributes: &[(String, String)],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let mut data = Writer::new(profile).data();
    for resource in &mut data.resources {
        resource.about =
            Some(Attributes { attributes: attributes.iter().map(key_value).collect() });
    }
    Ok(out.write_all(&data.encode_to_vec())?)
}

/// Writes a selected profile as JSON.
pub(super) fn write_json(profile: &Profile, out: &mut dyn Write) -> Result<(), ExportError> {
    let writer = Writer::new(profile);
    serde_json::to_writer(&mut *out, &writer.json())?;
    Ok(writeln!(out)?)
}

#[derive(Clone, PartialEq, Message)]
struct Data {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<Resource>,
    #[prost(message, optional, tag = "2")]
    dictionary: Option<Dictionary>,
}

#[derive(Clone, PartialEq, Message)]
struct Resource {
    #[prost(message, optional, tag = "1")]
    about: Option<Attributes>,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<ScopeProfiles>,
}

/// The attributes of the profiled service, such as its name and host.
#[derive(Clone, PartialEq, Message)]
struct Attributes {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeProfiles {
    #[prost(message, optional, tag = "1")]
    scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    profiles: Vec<WholeProfile>,
}

/// A profile with its samples.
#[derive(Clone, PartialEq, Message)]
struct WholeProfile {
    #[prost(message, optional, tag = "1")]
    sample_type: Option<ValueType>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
    #[prost(fixed64, tag = "3")]
    time_unix_nano: u64,
    #[prost(uint64, tag = "4")]
    duration_nano: u64,
    #[prost(message, optional, tag = "5")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "6")]
    period: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Dictionary {
    #[prost(message, repeated, tag = "1")]
    mappings: Vec<Mapping>,
    #[prost(message, repeated, tag = "2")]
    locations: Vec<Location>,
    #[prost(message, repeated, tag = "3")]
    functions: Vec<Function>,
    #[prost(message, repeated, tag = "4")]
    links: Vec<Link>,
    #[prost(string, repeated, tag = "5")]
    strings: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "7")]
    stacks: Vec<Stack>,
}

/// The span of a trace that a sample belongs to. The first entry stands for no span.
#[derive(Clone, PartialEq, Eq, Message)]
struct Link {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
}

/// Zero of the times when the recording holds no start, in nanoseconds: one second after the
/// beginning of 1970, because readers take 0 for "no time".
const NO_ZERO: u64 = 1_000_000_000;

struct Writer<'a> {
    profile: &'a Profile,
    common: Common,
    dictionary: Dictionary,
    strings: HashMap<String, i32>,
    functions: HashMap<Frame, i32>,
    /// Number of each location, by its frames, the outermost first.
    locations: HashMap<Vec<FrameId>, i32>,
    modules: HashMap<String, i32>,
    attributes: HashMap<(String, String), i32>,
    whole: WholeProfile,
}

impl<'a> Writer<'a> {
    fn new(profile: &'a Profile) -> Self {
        let nothing = Dictionary {
            mappings: vec![Mapping::default()],
            locations: vec![Location::default()],
            functions: vec![Function::default()],
            links: vec![Link { trace_id: vec![0; 16], span_id: vec![0; 8] }],
            strings: vec![String::new()],
            attributes: vec![Attribute::default()],
            stacks: vec![Stack::default()],
        };
        let mut writer = Self {
            profile,
            common: Common::collect(profile),
            dictionary: nothing,
            strings: HashMap::from_iter([(String::new(), 0)]),
            functions: HashMap::new(),
            locations: HashMap::new(),
            modules: HashMap::from_iter([(String::new(), 0)]),
            attributes: HashMap::new(),
            whole: WholeProfile::default(),
        };
        writer.head();
        writer.samples();
        writer
    }

    fn string(&mut self, text: &str) -> i32 {
        if let Some(&known) = self.strings.get(text) {
            return known;
        }
        let number = self.dictionary.strings.len() as i32;
        self.dictionary.strings.push(text.to_owned());
        self.strings.insert(text.to_owned(), number);
        number
    }

    fn attribute(&mut self, key: &str, text: &str) -> i32 {
        let both = (key.to_owned(), text.to_owned());
        if let Some(&known) = self.attributes.get(&both) {
            return known;
        }
        let value = Some(AnyValue { text: Some(text.to_owned()), ..AnyValue::default() });
        let number = self.dictionary.attributes.len() as i32;
        let key = self.string(key);
        self.dictionary.attributes.push(Attribute { key, value });
        self.attributes.insert(both, number);
        number
    }

    fn value_type(&mut self, r#type: &str, unit: &str) -> ValueType {
        ValueType { r#type: self.string(r#type), unit: self.string(unit) }
    }

    /// Returns the profile's zero in nanoseconds since 1970.
    fn zero_ns(&self) -> u64 {
        match self.common.zero {
            Zero::Wall(us) if us > 0 => us.saturating_mul(1000),
            Zero::Wall(_) | Zero::Monotonic(_) | Zero::Unknown => NO_ZERO,
        }
    }

    fn head(&mut self) {
        let unit = self.common.unit.clone();
        let time = match self.common.time.as_str() {
            "" => "cpu".to_owned(),
            time => time.to_owned(),
        };
        let first = match self.common.measure {
            Measure::Samples => self.value_type("samples", "count"),
            Measure::Time(_) => self.value_type(&time, &unit),
            Measure::Bytes => self.value_type("space", "bytes"),
            Measure::Other => self.value_type(&unit, "count"),
        };
        self.whole.sample_type = Some(first);
        self.whole.time_unix_nano = self.zero_ns();
        self.whole.duration_nano = self.common.end_us.saturating_mul(1000);
        let period =
            self.common.interval_us.and_then(|us| i64::try_from(us.checked_mul(1000)?).ok());
        if let Some(period) = period {
            self.whole.period = period;
            self.whole.period_type = Some(self.value_type(&time, "nanoseconds"));
        }
    }

    fn samples(&mut self) {
        let profile = self.profile;
        let mut stacks: HashMap<StackId, i32> = HashMap::new();
        let zero_ns = self.zero_ns();
        for thread in &profile.threads {
            let name = self.attribute(THREAD_NAME, &thread.name);
            let mut groups: HashMap<i32, usize> = HashMap::new();
            for (sample, weight) in thread.samples.iter() {
                let stack = match stacks.get(&sample.stack) {
                    Some(&known) => known,
                    None => {
                        let stack = self.stack(sample.stack);
                        stacks.insert(sample.stack, stack);
                        stack
                    }
                };
                let samples = &mut self.whole.samples;
                let at = *groups.entry(stack).or_insert_with(|| {
                    let attributes = vec![name];
                    samples.push(Sample { stack, attributes, ..Sample::default() });
                    samples.len() - 1
                });
                let Some(group) = samples.get_mut(at) else { continue };
                let value = i64::try_from(weight).unwrap_or(i64::MAX);
                if self.common.timed {
                    group.values.push(value);
                    let time = zero_ns.saturating_add(sample.time_us.saturating_mul(1000));
                    group.times_unix_nano.push(time);
                } else if let Some(sum) = group.values.first_mut() {
                    *sum = sum.saturating_add(value);
                } else {
                    group.values.push(value);
                }
            }
        }
    }

    /// Returns the number of a stack. Functions that ran inlined become lines of the location in
    /// which they ran.
    fn stack(&mut self, stack: StackId) -> i32 {
        let mut frames: Vec<FrameId> = self.profile.stacks.frames(stack).collect();
        frames.reverse();
        let mut chains: Vec<Vec<FrameId>> = Vec::new();
        for frame in frames {
            let inlined = self.profile.frames.get(frame).inlined;
            match chains.last_mut().filter(|chain| inlined && chain.len() < INLINED_MOST) {
                Some(chain) => chain.push(frame),
                None => chains.push(vec![frame]),
            }
        }
        let locations = chains.into_iter().rev().map(|chain| self.location(chain)).collect();
        self.dictionary.stacks.push(Stack { locations });
        self.dictionary.stacks.len() as i32 - 1
    }

    fn location(&mut self, chain: Vec<FrameId>) -> i32 {
        if let Some(&known) = self.locations.get(&chain) {
            return known;
        }
        let frames = &self.profile.frames;
        let mut lines = Vec::with_capacity(chain.len());
        for (depth, &frame) in chain.iter().enumerate() {
            let how = frames.get(frame);
            // The position within a location already shows that a function was inlined.
            let marked = Frame { inlined: how.inlined && depth == 0, ..how };
            let function = self.function(marked);
            let at = frames.get_function(how.function);
            lines.push(Line { function, line: at.line.into(), column: at.column.into() });
        }
        lines.reverse();
        let outermost = chain.first().map(|frame| frames.get_function(frames.get(*frame).function));
        let module = outermost.map_or("", |function| frames.strings().get(function.module));
        let mapping = self.mapping(module);
        let sort = match outermost.map(|function| function.kind) {
            Some(Kind::Js) => Some(V8),
            Some(Kind::Kernel) => Some(KERNEL),
            Some(Kind::Native) => Some("native"),
            _ => None,
        };
        let attributes = sort.map(|sort| self.attribute(FRAME_TYPE, sort)).into_iter().collect();
        let number = self.dictionary.locations.len() as i32;
        self.dictionary.locations.push(Location { mapping, address: 0, lines, attributes });
        self.locations.insert(chain, number);
        number
    }

    fn mapping(&mut self, module: &str) -> i32 {
        if let Some(&known) = self.modules.get(module) {
            return known;
        }
        let filename = self.string(module);
        let number = self.dictionary.mappings.len() as i32;
        self.dictionary.mappings.push(Mapping { filename });
        self.modules.insert(module.to_owned(), number);
        number
    }

    fn function(&mut self, frame: Frame) -> i32 {
        if let Some(&known) = self.functions.get(&frame) {
            return known;
        }
        let frames = &self.profile.frames;
        let function = frames.get_function(frame.function);
        let name = self.string(&display_name(frames.strings(), function));
        let system_name = self.string(&system_name(frames, frame));
        let filename = self.string(frames.strings().get(function.file));
        let start_line = function.line.into();
        let number = self.dictionary.functions.len() as i32;
        self.dictionary.functions.push(Function { name, system_name, filename, start_line });
        self.functions.insert(frame, number);
        number
    }

    fn scope(&self) -> Scope {
        let zero = match self.common.zero {
            Zero::Monotonic(us) => format!("\n{MONOTONIC}{us}"),
            Zero::Wall(us) if us > 0 => String::new(),
            Zero::Wall(_) | Zero::Unknown => "\nno zero".to_owned(),
        };
        let Common { unit, producer, .. } = &self.common;
        let name = format!("{OURS} ({EXPORTER})\n{UNIT}{unit}\n{PRODUCER}{producer}{zero}");
        Scope { name, version: String::new() }
    }

    fn data(self) -> Data {
        let scope = Some(self.scope());
        let scopes = vec![ScopeProfiles { scope, profiles: vec![self.whole] }];
        Data {
            resources: vec![Resource { about: None, scopes }],
            dictionary: Some(self.dictionary),
        }
    }

    /// Returns the data for JSON, in which numbers of 64 bits are strings.
    fn json(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct File<R: Serialize, D: Serialize> {
            resource_profiles: R,
            dictionary: D,
        }
        let WholeProfile {
            sample_type, time_unix_nano, duration_nano, period_type, period, ..
        } = &self.whole;
        let profile = JsonProfile {
            sample_type: type_json(*sample_type),
            samples: JsonArray(|| self.whole.samples.iter().map(sample_json)),
            time_unix_nano: time_unix_nano.to_string(),
            duration_nano: duration_nano.to_string(),
            period_type: type_json(*period_type),
            period: period.to_string(),
        };
        let scope = JsonScope { scope: json!({"name": self.scope().name}), profiles: [profile] };
        File {
            resource_profiles: [JsonResource { scope_profiles: [scope] }],
            dictionary: dictionary_json(&self.dictionary),
        }
    }
}

fn key_value((key, text): &(String, String)) -> KeyValue {
    let value = AnyValue { text: Some(text.clone()), ..AnyValue::default() };
    KeyValue { key: key.clone(), value: Some(value) }
}

fn type_json(of: Option<ValueType>) -> Value {
    let of = of.unwrap_or_default();
    json!({"typeStrindex": of.r#type, "unitStrindex": of.unit})
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonProfile<S: Serialize> {
    sample_type: Value,
    samples: S,
    time_unix_nano: String,
    duration_nano: String,
    period_type: Value,
    period: String,
}

#[derive(Serialize)]
struct JsonScope<P: Serialize> {
    scope: Value,
    profiles: [P; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonResource<S: Serialize> {
    scope_profiles: [S; 1],
}

fn sample_json(sample: &Sample) -> Value {
    let texts = |list: &[u64]| list.iter().map(u64::to_string).collect::<Vec<_>>();
    let values: Vec<String> = sample.values.iter().map(i64::to_string).collect();
    json!({
        "stackIndex": sample.stack,
        "attributeIndices": sample.attributes,
        "values": values,
        "timestampsUnixNano": texts(&sample.times_unix_nano),
    })
}

fn line_json(line: &Line) -> Value {
    json!({
        "functionIndex": line.function,
        "line": line.line.to_string(),
        "column": line.column.to_string(),
    })
}

fn function_json(function: &Function) -> Value {
    json!({
        "nameStrindex": function.name,
        "systemNameStrindex": function.system_name,
        "filenameStrindex": function.filename,
        "startLine": function.start_line.to_string(),
    })
}

fn attribute_json(attribute: &Attribute) -> Value {
    match &attribute.value {
        Some(AnyValue { text: Some(text), .. }) => {
            json!({"keyStrindex": attribute.key, "value": {"stringValue": text}})
        }
        _ => json!({}),
    }
}

fn location_json(location: &Location) -> Value {
    let lines: Vec<Value> = location.lines.iter().map(line_json).collect();
    json!({
        "mappingIndex": location.mapping,
        "lines": lines,
        "attributeIndices": location.attributes,
    })
}

fn dictionary_json(dictionary: &Dictionary) -> impl Serialize + '_ {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Tables<'a, M, L, F, A, S> {
        mapping_table: M,
        location_table: L,
        function_table: F,
        link_table: [Value; 1],
        string_table: &'a [String],
        attribute_table: A,
        stack_table: S,
    }
    let Dictionary { mappings, locations, functions, strings, attributes, stacks, .. } = dictionary;
    Tables {
        mapping_table: JsonArray(|| {
            mappings.iter().map(|m| json!({"filenameStrindex": m.filename}))
        }),
        location_table: JsonArray(|| locations.iter().map(location_json)),
        function_table: JsonArray(|| functions.iter().map(function_json)),
        link_table: [json!({})],
        string_table: strings,
        attribute_table: JsonArray(|| attributes.iter().map(attribute_json)),
        stack_table: JsonArray(|| stacks.iter().map(|s| json!({"locationIndices": s.locations}))),
    }
}
