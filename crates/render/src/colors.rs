//! Colours by kind and tier.

use crate::clean;
use spikeflame_profile::{Category, Entry, Kind, Tier, package_of};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The meaning of the colour of a box in a flame graph. Boxes with one meaning may differ a little in
/// their shade, by their labels, so that most neighbours can be distinguished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Palette {
    /// The colour shows the category of the code (application, packages, Node, V8, native). The
    /// less V8 has optimised a JavaScript function, the paler is its colour.
    #[default]
    Kind,
    /// The colour shows the most frequent tier of a JavaScript function in the samples that contain
    /// it. Other code is grey.
    Tier,
    /// Each npm package has a colour that is computed from its name, and the application is orange.
    /// Other code is grey.
    Package,
    /// Each label has a warm colour (yellow to red) that means nothing, and there is no legend.
    Classic,
}

/// A colour: red, green, blue, each from 0 to 255.
pub(crate) type Rgb = (u8, u8, u8);

/// Characters after which the name of a package is cut: a row of the legend has room for no more.
const LONGEST_IN_LEGEND: usize = 40;

/// The colour of entries without a category or tier of their own: light enough for dark names on it.
const GREY: Rgb = (205, 205, 205);

/// Returns the colour of a category. The hues follow Okabe and Ito, so that readers who confuse
/// red and green can distinguish them; they are lightened for black text.
pub(crate) const fn of_category(category: Category) -> Rgb {
    match category {
        Category::App => (243, 156, 40),
        Category::Dependency => (240, 222, 90),
        Category::NodeCore => (90, 195, 150),
        Category::Wasm => (190, 160, 110),
        Category::Builtin => (125, 196, 238),
        Category::Native => (125, 160, 225),
        Category::Kernel => (160, 140, 215),
        Category::Gc => (226, 110, 75),
        Category::Compiler => (222, 160, 195),
        Category::Idle => (225, 225, 225),
        Category::Unresolved => (150, 150, 150),
        Category::Error => (235, 95, 100),
    }
}

const fn of_tier(tier: Tier) -> Rgb {
    match tier {
        Tier::Interpreted => (226, 110, 75),
        Tier::Baseline => (240, 222, 90),
        Tier::Maglev => (125, 196, 238),
        Tier::Optimized => (90, 195, 150),
        Tier::None => GREY,
    }
}

/// Returns the tier that an entry had in most of the samples that contain it.
pub(crate) fn main_tier(entry: &Entry) -> Tier {
    let weight = |tier: &Tier| entry.total_tiers.get(tier.index()).copied().unwrap_or(0);
    Tier::ALL.into_iter().max_by_key(weight).unwrap_or_default()
}

/// Returns the percentage by which a tier's colour moves towards white. The steps are larger than
/// those between neighbours of one colour ([`vary`]), so that a tier is not taken for another.
const fn paleness(tier: Tier) -> u16 {
    match tier {
        Tier::Optimized | Tier::None => 0,
        Tier::Maglev => 30,
        Tier::Baseline => 55,
        Tier::Interpreted => 78,
    }
}

/// Moves a colour towards white by `per_cent`.
pub(crate) fn towards_white(rgb: Rgb, per_cent: u16) -> Rgb {
    let mix = |c: u8| (u16::from(c) + (255 - u16::from(c)) * per_cent / 100) as u8;
    (mix(rgb.0), mix(rgb.1), mix(rgb.2))
}

/// Returns a number from a text, the same on every machine and run (FNV-1a).
fn spread(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    hash ^ hash >> 32
}

/// Changes the shade a little, so that neighbours of one colour can be distinguished.
fn vary(rgb: Rgb, text: &str) -> Rgb {
    towards_white(rgb, (spread(text) % 5 * 2) as u16)
}

impl Palette {
    /// Returns the colour of an entry.
    pub(crate) fn color(self, entry: &Entry) -> Rgb {
        let tier = main_tier(entry);
        let base = match self {
            Self::Kind if entry.kind == Kind::Js => {
                towards_white(of_category(entry.category), paleness(tier))
            }
            Self::Kind => of_category(entry.category),
            Self::Tier if entry.kind == Kind::Js => of_tier(tier),
            Self::Tier => GREY,
            Self::Package => match package_of(&entry.owner) {
                Some(package) => of_package(&package),
                None if entry.category == Category::App => of_category(Category::App),
                None => GREY,
            },
            Self::Classic => {
                let hash = spread(&entry.label);
                let part = |shift: u32, range: u64| ((hash >> shift) % range) as u8;
                return (205 + part(0, 50), part(16, 230), part(32, 55));
            }
        };
        vary(base, &entry.label)
    }

    /// Explains the colours of boxes, as pairs of a word and a colour. Each box is an entry with its
    /// width.
    pub(crate) fn legend<'a>(
        self,
        boxes: impl Iterator<Item = (&'a Entry, u64)> + Clone,
    ) -> Vec<(String, Rgb)> {
        let entries = boxes.clone().map(|(entry, _)| entry);
        let tiers = || {
            Tier::ALL.into_iter().filter(|tier| {
                *tier != Tier::None
                    && entries.clone().any(|e| e.kind == Kind::Js && main_tier(e) == *tier)
            })
        };
        match self {
            Self::Kind => {
                let some = |category: &Category| entries.clone().any(|e| e.category == *category);
                let named =
                    |category: Category| (legend_word(category).to_owned(), of_category(category));
                let mut legend: Vec<_> =
                    Category::ALL.into_iter().filter(some).map(named).collect();
                let app = of_category(Category::App);
                // Optimised code has the colour of its category.
                let paler = tiers().filter(|tier| paleness(*tier) > 0);
                legend.extend(paler.map(|tier| {
                    (format!("paler: {}", tier.word()), towards_white(app, paleness(tier)))
                }));
                legend
            }
            Self::Tier => tiers().map(|tier| (tier.word().to_owned(), of_tier(tier))).collect(),
            Self::Package => packages(boxes),
            Self::Classic => Vec::new(),
        }
    }
}

/// Packages that a legend names; the others are counted.
const MOST_PACKAGES: usize = 12;

/// Returns the legend of packages, widest first.
fn packages<'a>(boxes: impl Iterator<Item = (&'a Entry, u64)>) -> Vec<(String, Rgb)> {
    let mut widths: BTreeMap<Cow<'_, str>, u64> = BTreeMap::new();
    let (mut app, mut others) = (false, false);
    for (entry, width) in boxes {
        match package_of(&entry.owner) {
            Some(package) => *widths.entry(package).or_default() += width,
            None if entry.category == Category::App => app = true,
            None => others = true,
        }
    }
    let mut widths: Vec<(Cow<'_, str>, u64)> = widths.into_iter().collect();
    // Packages of one width stay in the order of their names.
    widths.sort_by_key(|&(_, width)| std::cmp::Reverse(width));
    let mut legend = Vec::new();
    if app {
        legend.push(("application".to_owned(), of_category(Category::App)));
    }
    let named = widths.iter().take(MOST_PACKAGES);
    legend.extend(named.map(|(package, _)| (shortened(package), of_package(package))));
    if let Some(more) = widths.len().checked_sub(MOST_PACKAGES).filter(|more| *more > 0) {
        legend.push((format!("{more} more packages, in colours of their own"), GREY));
    }
    if others {
        legend.push(("no package".to_owned(), GREY));
    }
    legend
}

/// Returns the name of a package, harmless and short enough for a legend.
fn shortened(package: &str) -> String {
    clean::shortened(&clean::xml(package), LONGEST_IN_LEGEND)
}

/// Returns a light colour that depends on the name of a package. The page computes the same
/// colour.
fn of_package(name: &str) -> Rgb {
    // FNV-1a over UTF-16 units, as JavaScript counts them.
    let step = |hash: u32, unit: u16| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193);
    let hash = name.encode_utf16().fold(0x811c_9dc5, step);
    let hash = hash ^ hash >> 15;
    let hue = f64::from(hash % 360);
    let (saturation, lightness) = (45 + (hash >> 9) % 25, 68 + (hash >> 16) % 10);
    hsl(hue, f64::from(saturation) / 100.0, f64::from(lightness) / 100.0)
}

fn hsl(hue: f64, saturation: f64, lightness: f64) -> Rgb {
    let a = saturation * lightness.min(1.0 - lightness);
    // CSS Color Module Level 4, "Converting HSL Colors to sRGB".
    let [red, green, blue] = [0.0, 8.0, 4.0].map(|n| {
        let k = (n + hue / 30.0) % 12.0;
        let value = lightness - a * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (255.0 * value).round() as u8
    });
    (red, green, blue)
}

const fn legend_word(category: Category) -> &'static str {
    match category {
        Category::App => "application",
        Category::Dependency => "node_modules",
        Category::NodeCore => "node:",
        Category::Gc => "garbage collector",
        Category::Native => "native",
        category => category.word(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{CallTree, GroupBy, Selection, folded};

    /// Luminance after WCAG 2.
    fn luminance((r, g, b): Rgb) -> f64 {
        let part = |c: u8| match f64::from(c) / 255.0 {
            c if c <= 0.04045 => c / 12.92,
            c => ((c + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn tiers_in_a_legend_can_be_told_apart() {
        let app = of_category(Category::App);
        let tiers = [Tier::Optimized, Tier::Maglev, Tier::Baseline, Tier::Interpreted];
        let shades = tiers.map(|tier| towards_white(app, paleness(tier)));
        for pair in shades.windows(2) {
            let [a, b] = pair else { continue };
            assert!(contrast(*a, *b) > 1.18, "{a:?} {b:?}: {:.2}", contrast(*a, *b));
        }
        assert!(contrast(shades[0], shades[1]) > 1.25, "the application and Maglev");
    }

    #[test]
    fn black_text_is_readable_on_every_colour() {
        let packages = (0..2_000).map(|at| of_package(&format!("package-{at}")));
        let categories = Category::ALL.into_iter().map(of_category);
        for color in packages.chain(categories).chain(Tier::ALL.into_iter().map(of_tier)) {
            assert!(contrast(color, (0, 0, 0)) > 4.5, "{color:?}");
        }
    }

    /// The error was: grouped by package or file, all boxes of packages were grey.
    #[test]
    fn groups_of_packages_have_their_colours() {
        let text = "main /srv/a.js:1:1;q /srv/node_modules/typeorm/b.js:2:2 3\n\
                    main /srv/a.js:1:1;q /srv/node_modules/mysql2/c.js:2:2 2\n\
                    read node:fs:1:1;Builtin: ArrayMap 1\n";
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        for (group_by, named) in [
            (GroupBy::Function, 2),
            (GroupBy::File, 2),
            (GroupBy::Package, 2),
            (GroupBy::Category, 0),
        ] {
            let selection = Selection { group_by, ..Selection::default() };
            let tree = CallTree::build(&profile, &selection);
            let legend = Palette::Package.legend(tree.entries().iter().map(|entry| (entry, 1)));
            let names: Vec<&str> = legend.iter().map(|(name, _)| name.as_str()).collect();
            let packages = ["mysql2", "typeorm"].iter().take(named);
            let all = ["application"].iter().chain(packages).chain(&["no package"]).copied();
            assert_eq!(names, all.collect::<Vec<_>>(), "{group_by:?}");
        }
    }

    #[test]
    fn packages_have_the_colours_of_the_page() {
        // `packageColor` of web/src/view/flame/colors.ts gives these.
        let known = [
            ("typeorm", (151, 221, 231)),
            ("@nestjs/core", (223, 159, 211)),
            ("mysql2", (126, 231, 196)),
        ];
        for (name, color) in known {
            assert_eq!(of_package(name), color, "{name}");
        }
    }
}
