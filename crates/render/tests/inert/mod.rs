//! Checks that an SVG holds nothing that a pull request refuses.

/// Names that try to break out of the text.
pub(crate) const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "]]><style>*{display:none}</style>",
    "\" onload=\"alert(1)",
    "' style='x' href='https://x.y",
    "\u{0}\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{9b}",
    "\u{202e}gnp.js\u{202c}\u{2066}\u{feff}\u{200b}",
    "&amp;&#x41;&undefined;",
    "-->--<?xml-stylesheet href='x'?>",
    "\u{fffe}\u{ffff}<!DOCTYPE svg>",
];

/// Elements and attributes come from a short list, and refer to nothing but patterns.
pub(crate) fn assert_static(svg: &str) {
    // The parser refuses a document type, and with it entities.
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    for node in document.descendants() {
        assert!(!node.is_comment() && !node.is_pi(), "{node:?}");
        if !node.is_element() {
            continue;
        }
        let name = node.tag_name();
        assert_eq!(name.namespace(), Some("http://www.w3.org/2000/svg"));
        assert!(
            ["svg", "g", "rect", "text", "title", "pattern"].contains(&name.name()),
            "{node:?}"
        );
        for attribute in node.attributes() {
            let known = [
                "width",
                "height",
                "viewBox",
                "font-family",
                "font-size",
                "text-anchor",
                "x",
                "y",
                "fill",
                "id",
                "patternUnits",
                "patternTransform",
            ];
            assert!(attribute.namespace().is_none() && known.contains(&attribute.name()));
            let value = attribute.value();
            assert!(!value.contains("url(") || value.starts_with("url(#hatch-"), "{attribute:?}");
        }
    }
    let hidden = ['\u{1b}', '\u{202e}', '\u{200b}', '\u{0}'];
    assert!(!svg.contains(hidden), "a character that hides");
}
