//! A picture that holds only shapes and texts, for places that refuse scripts, styles and anything
//! that must be loaded, such as a pull request. It is written element by element, so that nothing else
//! can get into it.

use super::interactive::attribute;
use super::legend::Legend;
use super::{
    BACKGROUND, CHARACTER, Direction, FONT_SIZE, Fill, LayoutBox, PADDING, Picture, RenderError,
    SIDE, fitted,
};
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::io::Write;

/// Ratio of the title's size to that of other text.
const TITLE: f64 = 17.0 / 12.0;
/// Pixels from the lower edge of a box up to its name.
const BASELINE: f64 = 4.0;

/// A box, as `inferno` placed it.
struct Frame {
    title: String,
    /// Left edge, in units of width.
    x: f64,
    width: f64,
    /// Upper edge, in pixels.
    y: f64,
    height: f64,
}

pub(super) fn write(
    picture: &Picture<'_>,
    shown: &[LayoutBox],
    legend: &Legend,
    svg: &[u8],
    out: impl Write,
) -> Result<(), RenderError> {
    let mut frames = read(svg)?;
    let width = picture.look.width();
    let top = frames.iter().map(|frame| frame.y).fold(f64::INFINITY, f64::min);
    let bottom = frames.iter().map(|frame| frame.y + frame.height).fold(0.0, f64::max);
    let height = bottom + SIDE + legend.height();
    // The legend stands beside the root, which readers see first.
    let legend_at = match picture.look.direction {
        Direction::Flames => bottom + SIDE,
        Direction::Icicles => top,
    };
    if picture.look.direction == Direction::Icicles {
        frames.iter_mut().for_each(|frame| frame.y += legend.height());
    }
    let mut svg = Writer::new(out);
    svg.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (wide, tall) = (format!("{width:.0}"), format!("{height:.0}"));
    let root = svg.create_element("svg").with_attributes([
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("width", &*wide),
        ("height", &*tall),
        ("viewBox", &*format!("0 0 {wide} {tall}")),
        ("font-family", "monospace"),
        ("font-size", &*format!("{FONT_SIZE}")),
    ]);
    let mut failed = None;
    root.write_inner_content(|svg| {
        svg.create_element("rect")
            .with_attributes([
                ("width", &*wide),
                ("height", &*tall),
                ("fill", &*Fill::Flat(BACKGROUND).attribute()),
            ])
            .write_empty()?;
        heading(svg, width, &picture.title, 2.0 * FONT_SIZE, FONT_SIZE * TITLE)?;
        heading(svg, width, &picture.subtitle, 4.0 * FONT_SIZE, FONT_SIZE)?;
        let total = frames.iter().map(|frame| frame.width).fold(0.0, f64::max);
        let scale = picture.look.inner() / total;
        for frame in &frames {
            draw(svg, picture, shown, frame, scale)?;
        }
        failed = legend.write(svg, legend_at).err();
        Ok(())
    })?;
    if let Some(failed) = failed {
        return Err(failed);
    }
    svg.into_inner().flush()?;
    Ok(())
}

/// Writes a centred line of text.
fn heading(
    svg: &mut Writer<impl Write>,
    width: f64,
    text: &str,
    y: f64,
    size: f64,
) -> std::io::Result<()> {
    let room = (width - 2.0 * SIDE) / CHARACTER * (FONT_SIZE / size);
    svg.create_element("text")
        .with_attributes([
            ("x", &*format!("{:.0}", width / 2.0)),
            ("y", &*format!("{y:.0}")),
            ("text-anchor", "middle"),
            ("font-size", &*format!("{size:.0}")),
        ])
        .write_text_content(BytesText::new(&fitted(text, room as usize)))?;
    Ok(())
}

fn draw(
    svg: &mut Writer<impl Write>,
    picture: &Picture<'_>,
    shown: &[LayoutBox],
    frame: &Frame,
    scale: f64,
) -> std::io::Result<()> {
    let face = picture.face_of(shown, &frame.title);
    let (x, mut width) = (SIDE + frame.x * scale, frame.width * scale);
    let text = face.fitted(width);
    if picture.look.lines && width > 2.0 {
        width -= 0.5;
    }
    svg.create_element("g").write_inner_content(|svg| {
        svg.create_element("title").write_text_content(BytesText::new(&face.title))?;
        svg.create_element("rect")
            .with_attributes([
                ("x", &*format!("{x:.2}")),
                ("y", &*format!("{:.0}", frame.y)),
                ("width", &*format!("{width:.2}")),
                ("height", &*format!("{:.0}", frame.height)),
                ("fill", &*face.fill.attribute()),
            ])
            .write_empty()?;
        if !text.is_empty() {
            svg.create_element("text")
                .with_attributes([
                    ("x", &*format!("{:.2}", x + PADDING / 2.0)),
                    ("y", &*format!("{:.0}", frame.y + frame.height - BASELINE)),
                ])
                .write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads the boxes from the SVG of `inferno`.
fn read(svg: &[u8]) -> Result<Vec<Frame>, RenderError> {
    let mut reader = Reader::from_reader(svg);
    let (mut frames, mut title) = (Vec::new(), None);
    let mut in_title = false;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(frames),
            Event::Start(start) => in_title = start.name().as_ref() == b"title",
            Event::Text(text) if in_title => {
                title = Some(String::from_utf8_lossy(&text).into_owned());
            }
            Event::End(_) => in_title = false,
            Event::Empty(rect) if rect.name().as_ref() == b"rect" => {
                let number = |key: &[u8]| attribute(&rect, key).parse().unwrap_or(0.0);
                // The background has no title and is no box.
                frames.extend(title.take().map(|title| Frame {
                    title,
                    x: number(b"fg:x"),
                    width: number(b"fg:w"),
                    y: number(b"y"),
                    height: number(b"height"),
                }));
            }
            _ => {}
        }
    }
}
