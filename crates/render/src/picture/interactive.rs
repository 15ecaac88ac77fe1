//! A picture with `inferno`'s zoom: its SVG, with new faces for the boxes, a legend, and a head that
//! holds title and search and stays on the screen.

use super::legend::Legend;
use super::{Direction, FONT_SIZE, Face, LayoutBox, Picture, RenderError};
use quick_xml::events::{BytesCData, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::io::Write;

/// The head's script. It makes the search box, so that the file holds SVG only.
const SCRIPT: &str = include_str!("picture.js");
const STYLE: &str = include_str!("picture.css");
/// Upper edge of the search box.
const BAR_TOP: f64 = 56.0;
/// Height of its row.
const BAR: f64 = 28.0;
/// Pixels that `inferno` leaves above the boxes, for title and subtitle.
const TITLE_HEIGHT: f64 = 5.0 * FONT_SIZE;

/// A box whose elements are being read, and its width in pixels.
struct Frame {
    face: Face,
    width: f64,
}

pub(super) fn write(
    picture: &Picture<'_>,
    shown: &[LayoutBox],
    legend: &Legend,
    svg: &[u8],
    out: impl Write,
) -> Result<(), RenderError> {
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
                    let (start, height) = taller(start, picture.look.width(), legend);
                    bottom = height;
                    writer.write_event(Event::Start(start))?;
                    continue;
                }
                if element == b"svg" {
                    in_frames = true;
                    let mut lower = start.clone();
                    lower.push_attribute(("y", &*format!("{:.0}", down(picture, legend))));
                    writer.write_event(Event::Start(lower))?;
                    continue;
                }
            }
            Event::Text(text) if in_frames && element == b"title" => {
                let face = picture.face_of(shown, &String::from_utf8_lossy(text));
                writer.write_event(Event::Text(BytesText::new(&face.title)))?;
                frame = Some(Frame { face, width: 0.0 });
                continue;
            }
            Event::Empty(rect) if in_frames && rect.name().as_ref() == b"rect" => {
                if let Some(frame) = &mut frame {
                    let share = attribute(rect, b"width");
                    let share: f64 = share.trim_end_matches('%').parse().unwrap_or(0.0);
                    frame.width = share / 100.0 * picture.look.inner();
                    let rect = with(rect, "rect", &[("fill", &frame.face.fill.attribute())]);
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
                    let text = frame.face.fitted(frame.width);
                    writer.write_event(Event::Text(BytesText::new(&text)))?;
                }
                if end.name().as_ref() == b"svg" {
                    in_frames = false;
                    if depth == 0 {
                        let top = match picture.look.direction {
                            Direction::Flames => bottom - legend.height(),
                            // The legend stands beside the root, which readers see first.
                            Direction::Icicles => TITLE_HEIGHT + BAR,
                        };
                        legend.write(&mut writer, top)?;
                        head(&mut writer, picture.look.direction)?;
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

pub(super) fn attribute(element: &BytesStart<'_>, key: &[u8]) -> String {
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
