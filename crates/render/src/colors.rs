//! Colours by kind and tier.

use spikeflame_profile::{Category, Entry, Kind, Tier, package_of};

/// Meaning of a box's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Palette {
    /// By origin of the code. Less optimised JavaScript is paler.
    #[default]
    Kind,
    /// JavaScript by tier, the rest grey.
    Tier,
    /// A colour for each npm package, the application in orange.
    Package,
    /// The classic warm colours, by name.
    Classic,
}

/// A colour: red, green, blue, each from 0 to 255.
pub(crate) type Rgb = (u8, u8, u8);

const GREY: Rgb = (205, 205, 205);

/// The colour of a category. The hues follow Okabe and Ito, so that readers who confuse red and
/// green can distinguish them; they are lightened for black text.
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

/// The tier that has most of an entry's weight.
pub(crate) fn main_tier(entry: &Entry) -> Tier {
    let weight = |tier: &Tier| entry.total_tiers.get(tier.index()).copied().unwrap_or(0);
    Tier::ALL.into_iter().max_by_key(weight).unwrap_or_default()
}

/// Per cent by which a tier's colour moves towards white.
const fn paleness(tier: Tier) -> u16 {
    match tier {
        Tier::Optimized | Tier::None => 0,
        Tier::Maglev => 18,
        Tier::Baseline => 36,
        Tier::Interpreted => 58,
    }
}

/// Moves a colour towards white, by so many per cent.
pub(crate) fn towards_white(rgb: Rgb, per_cent: u16) -> Rgb {
    let mix = |c: u8| (u16::from(c) + (255 - u16::from(c)) * per_cent / 100) as u8;
    (mix(rgb.0), mix(rgb.1), mix(rgb.2))
}

/// A number from a text, the same on every machine and run (FNV-1a).
fn spread(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    hash ^ hash >> 32
}

/// Changes the shade a little, so that neighbours of one colour can be distinguished.
fn vary(rgb: Rgb, text: &str) -> Rgb {
    towards_white(rgb, (spread(text) % 5 * 4) as u16)
}

impl Palette {
    /// The colour of an entry.
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
                Some(package) => by_hash(package, 190, 60),
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

    /// Explains the colours of a tree's entries, as pairs of a word and a colour.
    pub(crate) fn legend<'a>(
        self,
        entries: impl Iterator<Item = &'a Entry> + Clone,
    ) -> Vec<(String, Rgb)> {
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
            Self::Package => {
                vec![
                    ("application".to_owned(), of_category(Category::App)),
                    ("no package".to_owned(), GREY),
                ]
            }
            Self::Classic => Vec::new(),
        }
    }
}

/// A light colour that depends on a text.
fn by_hash(text: &str, low: u64, range: u64) -> Rgb {
    let hash = spread(text);
    let part = |shift: u32| (low - range + (hash >> shift) % (2 * range)).min(255) as u8;
    (part(0), part(16), part(32))
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
