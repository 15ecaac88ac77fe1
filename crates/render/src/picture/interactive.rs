//! A picture with `inferno`'s zoom: its SVG, with boxes of our own, a legend, and a head that holds title
//! and search and stays on the screen.

use super::layout::{Drawn, Layout};
use super::legend::Legend;
use super::{BACKGROUND, Direction, HEIGHT, PADDING, Picture, RenderError, TITLE_HEIGHT};
use crate::number::scaled;
use inferno::flamegraph::color::{BackgroundColor, Color, StrokeColor};
use quick_xml::escape::escape;
use quick_xml::events::{BytesCData, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::fmt;
use std::io::{self, Write};

/// The head's script. It makes the search box, so that the file holds SVG only.
const SCRIPT: &str = include_str!("picture.js");
const STYLE: &str = include_str!("picture.css");
/// Upper edge of the search box.
const BAR_TOP: f64 = 56.0;
/// Height of its row.
const BAR: f64 = 28.0;

pub(super) fn write(
    picture: &Picture<'_>,
    layout: &Layout,
    legend: &Legend,
    out: impl Write,
) -> Result<(), RenderError> {
    let deepest = layout.drawn.iter().map(|drawn| drawn.depth).max().unwrap_or(0);
    let svg = empty(picture, deepest, layout.total)?;
    let mut reader = Reader::from_reader(svg.as_slice());
    let mut writer = Writer::new(out);
    let (mut depth, mut in_frames) = (0usize, false);
    let mut bottom = 0.0;
    loop {
        let event = reader.read_event()?;
        match &event {
            Event::Eof => break,
            Event::End(end) if end.name().as_ref() == b"svg" => in_frames = false,
            // These are the boxes of `inferno`.
            _ if in_frames => continue,
            _ => {}
        }
        match &event {
            Event::Start(start) => {
                depth += 1;
                let is_svg = start.name().as_ref() == b"svg";
                if is_svg && depth == 1 {
                    let (start, height) = taller(start, picture.look.width(), legend);
                    bottom = height;
                    writer.write_event(Event::Start(start))?;
                    continue;
                }
                if is_svg {
                    in_frames = true;
                    let mut lower = start.clone();
                    lower.push_attribute(("y", &*format!("{:.0}", down(picture, legend))));
                    writer.write_event(Event::Start(lower))?;
                    boxes(picture, layout, deepest, writer.get_mut())?;
                    continue;
                }
            }
            Event::Empty(rect) if depth == 1 && rect.name().as_ref() == b"rect" => {
                let height = format!("{bottom:.0}");
                let rect = with(rect, "rect", &[("height", &height)]);
                writer.write_event(Event::Empty(rect))?;
                continue;
            }
            Event::End(_) => {
                depth -= 1;
                if depth == 0 {
                    let top = match picture.look.direction {
                        Direction::Flames => bottom - legend.height(),
                        // The legend stands beside the root, which readers see first.
                        Direction::Icicles => TITLE_HEIGHT as f64 + BAR,
                    };
                    legend.write(&mut writer, top)?;
                    head(&mut writer, picture.look.direction)?;
                }
            }
            _ => {}
        }
        writer.write_event(event)?;
    }
    writer.into_inner().flush()?;
    Ok(())
}

/// Returns the SVG of `inferno` for one stack with as many levels and the same total, for its head.
fn empty(picture: &Picture<'_>, deepest: usize, total: u64) -> Result<Vec<u8>, RenderError> {
    let mut settings = inferno::flamegraph::Options::default();
    settings.title.clone_from(&picture.title);
    settings.subtitle = Some(picture.subtitle.clone());
    settings.image_width = picture.look.width.map(|width| width as usize);
    settings.count_name = picture.unit.to_owned();
    settings.min_width = 0.0;
    settings.text_truncate_direction = inferno::flamegraph::TextTruncateDirection::Right;
    let (r, g, b) = BACKGROUND;
    let background = Color { r, g, b };
    settings.bgcolors = Some(BackgroundColor::Flat(background));
    if picture.look.lines {
        settings.stroke_color = StrokeColor::Color(background);
    }
    settings.direction = match picture.look.direction {
        Direction::Flames => inferno::flamegraph::Direction::Straight,
        Direction::Icicles => inferno::flamegraph::Direction::Inverted,
    };
    let line = format!("{} {total}", vec!["n"; deepest].join(";"));
    let mut svg = Vec::new();
    inferno::flamegraph::from_lines(&mut settings, [line.as_str()], &mut svg)?;
    Ok(svg)
}

/// Writes the boxes in the form that the script of `inferno` needs.
fn boxes(
    picture: &Picture<'_>,
    layout: &Layout,
    deepest: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let (top, inner) = (picture.top(deepest), picture.look.inner());
    let scale = 100.0 / layout.total as f64;
    let indent = 100.0 * PADDING / 2.0 / picture.look.width();
    for &Drawn { what, depth, start, width } in &layout.drawn {
        let face = picture.faces.face(what);
        let (left, right) = (start as f64 * scale, (start + width) as f64 * scale);
        let (share, y) = (Share::new(right - left), top(depth));
        write!(
            out,
            "<g><title>{}</title><rect x=\"{}%\" y=\"{y}\" width=\"{share}%\" height=\"{HEIGHT}\" \
             fill=\"{}\" fg:x=\"{start}\" fg:w=\"{width}\"/><text x=\"{}%\" y=\"{}.50\">{}</text></g>",
            escape(&face.title),
            Share::new(left),
            face.fill.attribute(),
            Share::new(left + indent),
            y + 10,
            escape(face.fitted(share.value() / 100.0 * inner)),
        )?;
    }
    Ok(())
}

/// A share in per cent, in ten thousandths of one.
#[derive(Clone, Copy)]
struct Share(u64);

impl Share {
    fn new(value: f64) -> Self {
        Self(scaled(value, 4).unwrap_or_default())
    }

    fn value(self) -> f64 {
        self.0 as f64 / 1e4
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

/// Returns the outer element with room for the legend, and its height.
fn taller(svg: &BytesStart<'_>, width: f64, legend: &Legend) -> (BytesStart<'static>, f64) {
    let height: f64 = attribute(svg, b"height").parse().unwrap_or(0.0);
    let height = height + BAR + legend.height();
    let (tall, view) = (format!("{height:.0}"), format!("0 0 {width:.0} {height:.0}"));
    (with(svg, "svg", &[("height", &tall), ("viewBox", &view)]), height)
}

/// Pixels by which the boxes move down: room for the search, and for a legend above them.
fn down(picture: &Picture<'_>, legend: &Legend) -> f64 {
    match picture.look.direction {
        Direction::Flames => BAR,
        Direction::Icicles => BAR + legend.height(),
    }
}

/// Writes the style and the script of the head.
fn head(writer: &mut Writer<impl Write>, direction: Direction) -> Result<(), RenderError> {
    let upwards = direction == Direction::Flames;
    let script = SCRIPT
        .replace("BAR_TOP", &format!("{BAR_TOP:.0}"))
        .replace("UPWARDS", if upwards { "true" } else { "false" });
    writer.create_element("style").write_text_content(BytesText::from_escaped(STYLE))?;
    writer.create_element("script").write_cdata_content(BytesCData::new(script))?;
    Ok(())
}

fn attribute(element: &BytesStart<'_>, key: &[u8]) -> String {
    let found = element.attributes().flatten().find(|attribute| attribute.key.as_ref() == key);
    found.map_or_else(String::new, |found| String::from_utf8_lossy(&found.value).into_owned())
}

/// Returns an element with some of its attributes changed.
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
