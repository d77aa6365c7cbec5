//! The bundled letters (all under free licences, see `fonts/`): Inter first, and for scripts that it does not have a font that has them,
//! so that names look the same on every machine.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use ttf_parser::Face;

/// Inter in bold: what pictures and headings are set in.
pub(super) const BOLD: &[u8] = include_bytes!("fonts/Inter-Bold.ttf");

const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");
/// A font that is unpacked when a word has letters of none of those before it.
macro_rules! packed {
    ($($file:literal),+ $(,)?) => {
        [$(LazyLock::new(|| Family::of(unpacked(include_bytes!(concat!("fonts/", $file, ".ttf.gz")))))),+]
    };
}

/// What Inter does not have; the two large ones, Korean and Chinese, stand last.
static OTHER_SCRIPTS: [LazyLock<Family>; 23] = packed![
    "NotoSansArabic-Regular",
    "NotoSansHebrew-Regular",
    "NotoSansDevanagari-Regular",
    "NotoSansBengali-Regular",
    "NotoSansTamil-Regular",
    "NotoSansThai-Regular",
    "NotoSansGeorgian-Regular",
    "NotoSansArmenian-Regular",
    "NotoSansEthiopic-Regular",
    "NotoSansTelugu-Regular",
    "NotoSansGujarati-Regular",
    "NotoSansGurmukhi-Regular",
    "NotoSansKannada-Regular",
    "NotoSansMalayalam-Regular",
    "NotoSansOriya-Regular",
    "NotoSansSinhala-Regular",
    "NotoSansKhmer-Regular",
    "NotoSansLao-Regular",
    "NotoSansMyanmar-Regular",
    "NotoSansThaana-Regular",
    "NotoSerifTibetan-Regular",
    "NanumGothic",
    "DroidSansFallbackFull",
];

/// Words that one font can draw.
pub(super) struct Run {
    /// The font's bytes.
    pub font: &'static [u8],
    /// The words.
    pub words: String,
    /// How wide they are, in thousandths of the font's size; of letters that join, about.
    pub width: u32,
}

/// Splits words into runs, each in a font that has all its letters. What no font has stays with Inter, and shows as a box.
pub(super) fn runs(words: &str, bold: bool) -> Vec<Run> {
    let mut runs: Vec<(&Family, String)> = Vec::new();
    for word in words.split_whitespace() {
        let family = family_of(word, bold);
        match runs.last_mut() {
            Some((last, run)) if std::ptr::eq(last.bytes, family.bytes) => {
                run.push(' ');
                run.push_str(word);
            }
            _ => runs.push((family, word.to_owned())),
        }
    }
    let runs = runs.into_iter();
    runs.map(|(family, words)| Run { font: family.bytes, width: family.width(&words), words }).collect()
}

/// How wide words are with the gaps between their runs, in thousandths of the font's size.
pub(super) fn width(runs: &[Run]) -> u32 {
    let gaps = u32::try_from(runs.len().saturating_sub(1)).unwrap_or(0);
    runs.iter().map(|run| run.width).sum::<u32>() + gaps * GAP
}

/// Between two runs, in thousandths of the font's size.
pub(super) const GAP: u32 = 280;

fn family_of(word: &str, bold: bool) -> &'static Family {
    let [regular, heavy] = &*INTER;
    let inter = if bold { heavy } else { regular };
    let others = OTHER_SCRIPTS.iter().map(|family| &**family);
    [inter].into_iter().chain(others).find(|family| family.has_all(word)).unwrap_or(inter)
}

/// A font as it was packed, for as long as the program runs.
fn unpacked(packed: &[u8]) -> &'static [u8] {
    let mut bytes = Vec::new();
    if let Err(error) = GzDecoder::new(packed).read_to_end(&mut bytes) {
        tracing::error!(%error, "a bundled font cannot be unpacked; its letters show as boxes");
    }
    bytes.leak()
}

/// The words that would show as boxes on paper, as no bundled font has all their letters; empty when everything can be printed.
#[must_use]
pub fn unprintable(words: &str) -> String {
    let boxes: Vec<&str> =
        words.split_whitespace().filter(|word| !family_of(word, false).has_all(word)).collect();
    boxes.join(" ")
}

/// A bundled font, asked for its letters.
struct Family {
    bytes: &'static [u8],
    face: Option<Face<'static>>,
}

impl Family {
    fn of(bytes: &'static [u8]) -> Family {
        Family { bytes, face: Face::parse(bytes, 0).ok() }
    }

    /// Whether it can draw a letter; what draws nothing by itself needs no glyph.
    fn has(&self, letter: char) -> bool {
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}')
            || self.face.as_ref().is_some_and(|face| face.glyph_index(letter).is_some())
    }

    fn has_all(&self, word: &str) -> bool {
        word.chars().all(|letter| self.has(letter))
    }

    fn width(&self, words: &str) -> u32 {
        let Some(face) = &self.face else { return 0 };
        let advance = |letter| {
            u32::from(face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(0))
        };
        words.chars().map(advance).sum::<u32>().saturating_mul(1000) / u32::from(face.units_per_em()).max(1)
    }
}

static INTER: LazyLock<[Family; 2]> = LazyLock::new(|| [Family::of(REGULAR), Family::of(BOLD)]);
