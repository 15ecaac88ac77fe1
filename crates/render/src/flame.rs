//! SVG flame graphs through `inferno`.
//!
//! `inferno` lays boxes out and brings search and zoom. It is handed our own
//! ordered tree under plain numbers for names, since it would sort and split
//! V8's names in ways of its own (`docs/architecture.md`); what comes back is
//! rewritten with names, colours, tooltips and a legend.

use crate::about::About;
use crate::clean;
use crate::colors::{Palette, Rgb, main_tier};
use crate::names::Names;
use crate::number::{count, share};
use inferno::flamegraph::color::{BackgroundColor, Color};
use quick_xml::events::{BytesCData, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use spikeflame_profile::{CallTree, Entry, Kind, Node, NodeId, Tier};
use std::borrow::Cow;
use std::io::{self, Write};

/// Which way a flame graph grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    /// Callers below, as flames.
    #[default]
    Flames,
    /// Callers above, as icicles.
    Icicles,
}

/// How a flame graph looks.
#[derive(Clone, Debug)]
pub struct FlameOptions {
    /// The title; from the file's name when empty.
    pub title: String,
    /// Width in pixels; `None` fits the window (and 1200 where nothing runs).
    pub width: Option<u32>,
    /// Boxes narrower than this many pixels are pruned into one.
    pub min_width: f64,
    /// What colours mean.
    pub palette: Palette,
    /// Which way it grows.
    pub direction: Direction,
    /// Whole paths in boxes.
    pub full_paths: bool,
}

impl Default for FlameOptions {
    fn default() -> Self {
        Self {
            title: String::new(),
            width: None,
            min_width: 0.5,
            palette: Palette::default(),
            direction: Direction::default(),
            full_paths: false,
        }
    }
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// Nothing to draw.
    #[error("no samples are left to draw")]
    Empty,
    /// `inferno` or the output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What `inferno` wrote could not be read back.
    #[error("the SVG of the renderer cannot be read: {0}")]
    Xml(#[from] quick_xml::Error),
}

const WIDTH: f64 = 1200.0;
const FONT_SIZE: f64 = 12.0;
/// Width of a character in a monospace font, as a part of its size; the widest.
const FONT_WIDTH: f64 = 0.61;
/// Room on both sides of a name.
const PADDING: f64 = 6.0;
/// `inferno` leaves this much on either side of the frames.
const SIDE: f64 = 10.0;
const LEGEND_ROW: f64 = 20.0;
/// The colours of the root and of what was pruned.
const ROOT: Rgb = (200, 200, 200);
const PRUNED: Rgb = (235, 235, 235);

/// A box: a node of the tree, or several that are too narrow to be drawn.
enum Shown {
    Node(NodeId),
    Pruned { calls: usize, weight: u64 },
}

/// Draws a tree as an SVG flame graph.
///
/// The root is as wide as the samples kept. Each label has one box in each
/// place of the tree; what is narrower than `min_width` is pruned into a box
/// that says how many calls and samples it stands for.
///
/// # Errors
/// When the tree is empty, or writing fails.
pub fn flame(
    tree: &CallTree,
    about: &About,
    options: &FlameOptions,
    out: impl Write,
) -> Result<(), RenderError> {
    if tree.total() == 0 {
        return Err(RenderError::Empty);
    }
    let (shown, lines) = fold(tree, options);
    let mut settings = inferno::flamegraph::Options::default();
    settings.title = match options.title.as_str() {
        "" => clean::xml(&format!("CPU flame graph of {}", about.files)),
        title => clean::xml(title),
    };
    let room = options.width.map_or(WIDTH, f64::from) / (FONT_SIZE * FONT_WIDTH);
    settings.subtitle = Some(clean::xml(&about.line_within(room as usize)));
    settings.image_width = options.width.map(|width| width as usize);
    settings.count_name = about.unit.clone();
    settings.min_width = 0.0;
    settings.text_truncate_direction = inferno::flamegraph::TextTruncateDirection::Right;
    settings.bgcolors = Some(BackgroundColor::Flat(Color { r: 250, g: 250, b: 250 }));
    settings.flame_chart = true;
    settings.direction = match options.direction {
        Direction::Flames => inferno::flamegraph::Direction::Straight,
        Direction::Icicles => inferno::flamegraph::Direction::Inverted,
    };
    let mut svg = Vec::new();
    // With flame_chart set, inferno takes the lines in reverse and unsorted.
    let lines = lines.iter().rev().map(String::as_str);
    inferno::flamegraph::from_lines(&mut settings, lines, &mut svg)?;
    let names = Names::new(tree, options.full_paths);
    Rewriter { tree, about, options, names, shown }.rewrite(&svg, out)
}

/// The tree as `inferno` wants it: a line for each box with weight of its own.
fn fold(tree: &CallTree, options: &FlameOptions) -> (Vec<Shown>, Vec<String>) {
    let width = options.width.map_or(WIDTH, f64::from) - 2.0 * SIDE;
    let least = options.min_width * tree.total() as f64 / width.max(1.0);
    let (mut shown, mut lines) = (Vec::new(), Vec::new());
    let mut path = String::new();
    let mut ends: Vec<usize> = Vec::new();
    let open = |shown: &mut Vec<Shown>, path: &mut String, ends: &mut Vec<usize>, depth, what| {
        ends.truncate(depth);
        path.truncate(ends.last().copied().unwrap_or(0));
        if !path.is_empty() {
            path.push(';');
        }
        path.push_str(&format!("n{}", shown.len()));
        ends.push(path.len());
        shown.push(what);
    };
    // What was pruned stands behind its siblings, so it waits for their end.
    let mut waiting: Vec<(NodeId, usize, u64, usize)> = Vec::new();
    let mut at = 0;
    loop {
        while let Some((_, depth, weight, calls)) = waiting.pop_if(|&mut (end, ..)| end <= at) {
            open(&mut shown, &mut path, &mut ends, depth, Shown::Pruned { calls, weight });
            lines.push(format!("{path} {weight}"));
        }
        let Some(node) = tree.nodes().get(at) else { break };
        if at > 0 {
            open(&mut shown, &mut path, &mut ends, node.depth as usize - 1, Shown::Node(at));
        }
        if node.self_weight > 0 {
            lines.push(format!("{path} {}", node.self_weight));
        }
        let narrow = |node: &Node| (node.total as f64) < least;
        let (mut weight, mut calls) = (0, 0);
        for (child, node) in tree.children(at).filter(|(_, node)| narrow(node)) {
            weight += node.total;
            calls += node.end - child;
        }
        if weight > 0 {
            waiting.push((node.end, node.depth as usize, weight, calls));
        }
        at += 1;
        while let Some(next) = tree.nodes().get(at).filter(|next| narrow(next)) {
            at = next.end;
        }
    }
    (shown, lines)
}

struct Rewriter<'a> {
    tree: &'a CallTree,
    about: &'a About,
    options: &'a FlameOptions,
    names: Names,
    shown: Vec<Shown>,
}

/// A box while its elements pass by.
struct Frame {
    name: String,
    color: Rgb,
    /// How many characters fit.
    room: usize,
}

impl Rewriter<'_> {
    fn rewrite(&self, svg: &[u8], out: impl Write) -> Result<(), RenderError> {
        let mut reader = Reader::from_reader(svg);
        let mut writer = Writer::new(out);
        let (mut depth, mut in_frames) = (0usize, false);
        let mut element = Vec::new();
        let mut frame: Option<Frame> = None;
        let mut bottom = 0.0;
        loop {
            let event = reader.read_event()?;
            match &event {
                Event::Eof => break,
                Event::Start(start) => {
                    depth += 1;
                    element = start.name().as_ref().to_vec();
                    if element == b"svg" && depth == 1 {
                        let (start, height) = self.taller(start);
                        bottom = height;
                        writer.write_event(Event::Start(start))?;
                        continue;
                    }
                    if element == b"svg" {
                        in_frames = true;
                    }
                }
                Event::Text(text) if in_frames && element == b"title" => {
                    let text = String::from_utf8_lossy(text);
                    let (made, title) = self.frame(&text);
                    frame = Some(made);
                    writer.write_event(Event::Text(BytesText::new(&title)))?;
                    continue;
                }
                Event::Empty(rect) if in_frames && rect.name().as_ref() == b"rect" => {
                    if let Some(frame) = &mut frame {
                        let rect = self.paint(rect, frame);
                        writer.write_event(Event::Empty(rect))?;
                        continue;
                    }
                }
                Event::Empty(rect) if depth == 1 && rect.name().as_ref() == b"rect" => {
                    let height = format!("{bottom:.0}");
                    let rect = with(rect, "rect", &[("height", &height)]);
                    writer.write_event(Event::Empty(rect))?;
                    continue;
                }
                Event::Text(_) if in_frames && element == b"text" => continue,
                Event::End(end) => {
                    depth -= 1;
                    if end.name().as_ref() == b"text"
                        && let Some(frame) = frame.take()
                    {
                        let text = frame.fitted();
                        writer.write_event(Event::Text(BytesText::new(&text)))?;
                    }
                    if end.name().as_ref() == b"svg" {
                        in_frames = false;
                        if depth == 0 {
                            self.legend(&mut writer, bottom)?;
                            self.scroll(&mut writer)?;
                        }
                    }
                }
                _ => {}
            }
            writer.write_event(event)?;
        }
        writer.into_inner().flush()?;
        Ok(())
    }

    /// The outer element, with room for the legend, and its height.
    fn taller(&self, svg: &BytesStart<'_>) -> (BytesStart<'static>, f64) {
        let width = self.options.width.map_or(WIDTH, f64::from);
        let height: f64 = attribute(svg, b"height").parse().unwrap_or(0.0);
        let height = height + self.legend_rows() as f64 * LEGEND_ROW;
        let (tall, view) = (format!("{height:.0}"), format!("0 0 {width:.0} {height:.0}"));
        (with(svg, "svg", &[("height", &tall), ("viewBox", &view)]), height)
    }

    /// A box and its tooltip, from the title that `inferno` wrote: a number.
    fn frame(&self, title: &str) -> (Frame, String) {
        let number = title.strip_prefix('n').and_then(|rest| rest.split(' ').next()?.parse().ok());
        let total = self.tree.total();
        let (name, color, weight, details) = match number.and_then(|at: usize| self.shown.get(at)) {
            Some(Shown::Node(id)) => self.node(*id),
            Some(Shown::Pruned { calls: 1, weight }) => {
                ("(1 call too narrow to draw)".to_owned(), PRUNED, *weight, String::new())
            }
            Some(Shown::Pruned { calls, weight }) => {
                let name = format!("({} calls too narrow to draw)", count(*calls as u64));
                (name, PRUNED, *weight, String::new())
            }
            None => ("all".to_owned(), ROOT, total, String::new()),
        };
        let (weighed, share) = (count(weight), share(weight, total));
        let title = format!("{name} ({weighed} {}, {share:.2}%{details})", self.about.unit);
        (Frame { name, color, room: 0 }, title)
    }

    /// Name, colour, weight and tooltip of a node.
    fn node(&self, id: NodeId) -> (String, Rgb, u64, String) {
        let Some((node, entry_id)) = self.tree.nodes().get(id).and_then(|n| Some((n, n.entry?)))
        else {
            return Default::default();
        };
        let Some(entry) = self.tree.entry(node.entry) else { return Default::default() };
        let name = self.names.joined(entry_id);
        let (own, of_all) = (count(node.self_weight), share(node.self_weight, self.tree.total()));
        let details = format!("; self {own}, {of_all:.2}%{}", details(entry, &name));
        // The script takes the last parenthesis off, so there must be but one.
        let details = clean::xml(&details).replace('(', "[").replace(')', "]");
        (clean::xml(&name), self.options.palette.color(entry), node.total, details)
    }

    /// A box in its colour; notes how much text fits.
    fn paint(&self, rect: &BytesStart<'_>, frame: &mut Frame) -> BytesStart<'static> {
        let width = self.options.width.map_or(WIDTH, f64::from) - 2.0 * SIDE;
        let share: f64 = attribute(rect, b"width").trim_end_matches('%').parse().unwrap_or(0.0);
        frame.room = ((share / 100.0 * width - PADDING) / (FONT_SIZE * FONT_WIDTH)) as usize;
        with(rect, "rect", &[("fill", &fill(frame.color))])
    }

    fn legend_entries(&self) -> Vec<(String, Rgb)> {
        let drawn = self.shown.iter().filter_map(|shown| match shown {
            Shown::Node(id) => self.tree.entry(self.tree.nodes().get(*id)?.entry),
            Shown::Pruned { .. } => None,
        });
        self.options.palette.legend(drawn)
    }

    /// Where each entry of the legend goes: `(row, x)`.
    fn legend_places(&self) -> Vec<(usize, f64)> {
        let width = self.options.width.map_or(WIDTH, f64::from);
        let (mut row, mut x) = (0, SIDE);
        let mut places = Vec::new();
        for (word, _) in self.legend_entries() {
            let wide = 18.0 + (word.len() + 2) as f64 * FONT_SIZE * FONT_WIDTH;
            if x > SIDE && x + wide > width {
                (row, x) = (row + 1, SIDE);
            }
            places.push((row, x));
            x += wide;
        }
        places
    }

    fn legend_rows(&self) -> usize {
        self.legend_places().last().map_or(0, |(row, _)| row + 1)
    }

    fn scroll(&self, writer: &mut Writer<impl Write>) -> Result<(), RenderError> {
        if self.options.direction == Direction::Icicles {
            return Ok(());
        }
        writer.write_event(Event::Start(BytesStart::new("script")))?;
        writer.write_event(Event::CData(BytesCData::new(SCROLL)))?;
        writer.write_event(Event::End(BytesEnd::new("script")))?;
        Ok(())
    }

    fn legend(&self, writer: &mut Writer<impl Write>, bottom: f64) -> Result<(), RenderError> {
        let top = bottom - self.legend_rows() as f64 * LEGEND_ROW;
        let mut group = BytesStart::new("g");
        group.push_attribute(("id", "legend"));
        writer.write_event(Event::Start(group))?;
        for ((word, color), (row, x)) in self.legend_entries().iter().zip(self.legend_places()) {
            let y = top + row as f64 * LEGEND_ROW;
            let mut swatch = BytesStart::new("rect");
            for (key, value) in [
                ("x", format!("{x:.0}")),
                ("y", format!("{y:.0}")),
                ("width", "12".to_owned()),
                ("height", "12".to_owned()),
                ("fill", fill(*color)),
            ] {
                swatch.push_attribute((key, &*value));
            }
            writer.write_event(Event::Empty(swatch))?;
            let mut text = BytesStart::new("text");
            text.push_attribute(("x", &*format!("{:.0}", x + 17.0)));
            text.push_attribute(("y", &*format!("{:.0}", y + 10.0)));
            writer.write_event(Event::Start(text))?;
            writer.write_event(Event::Text(BytesText::new(word)))?;
            writer.write_event(Event::End(BytesEnd::new("text")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("g")))?;
        Ok(())
    }
}

/// Flames stand on the ground: a tall picture opens there, not at the top of
/// its thinnest tower.
const SCROLL: &str = "if (window.top === window) \
    window.addEventListener('load', function() { window.scrollTo(0, 1e9); });";

impl Frame {
    /// As much of the name as fits.
    fn fitted(&self) -> Cow<'_, str> {
        match self.room {
            0..3 => Cow::Borrowed(""),
            room if self.name.chars().count() <= room => Cow::Borrowed(&self.name),
            room => Cow::Owned(self.name.chars().take(room - 2).chain("..".chars()).collect()),
        }
    }
}

/// What a tooltip adds: tiers, and the full label where the name is short.
fn details(entry: &Entry, name: &str) -> String {
    let mut text = String::new();
    let sum: u64 = entry.total_tiers.iter().sum();
    if entry.kind == Kind::Js && main_tier(entry) != Tier::None {
        for tier in Tier::ALL.into_iter().rev().filter(|tier| *tier != Tier::None) {
            let weight = entry.total_tiers.get(tier.index()).copied().unwrap_or(0);
            if weight > 0 {
                text += &format!("; {} {:.0}%", tier.word(), share(weight, sum));
            }
        }
    }
    if entry.label != name {
        text += &format!("; {}", entry.label);
    } else if entry.kind == Kind::Native && !entry.file.is_empty() {
        text += &format!("; {}", entry.file);
    }
    text
}

fn attribute(element: &BytesStart<'_>, key: &[u8]) -> String {
    let found = element.attributes().flatten().find(|attribute| attribute.key.as_ref() == key);
    found.map_or_else(String::new, |found| String::from_utf8_lossy(&found.value).into_owned())
}

/// An element with some of its attributes changed.
fn with(
    element: &BytesStart<'_>,
    name: &'static str,
    changes: &[(&str, &str)],
) -> BytesStart<'static> {
    let mut changed = BytesStart::new(name);
    for attribute in element.attributes().flatten() {
        let key = attribute.key.as_ref();
        match changes.iter().find(|(name, _)| name.as_bytes() == key) {
            Some(change) => changed.push_attribute(*change),
            None => changed.push_attribute(attribute),
        }
    }
    changed
}

fn fill((r, g, b): Rgb) -> String {
    format!("rgb({r},{g},{b})")
}
