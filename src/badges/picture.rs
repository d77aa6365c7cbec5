//! A badge's picture, drawn from the certification's field, its level and the year it is good for. The letters are set by a
//! font that is bundled (Inter, SIL Open Font License) and written as outlines, so that the picture looks the same everywhere.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, WriteOptions, fontdb};

use super::BadgeError;
use super::glyphs::BOLD;

/// The side of the drawing, in its own units.
const SIDE: u32 = 512;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(BOLD.to_vec());
    Arc::new(fonts)
});

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Picture {
    /// The field's code, such as `data_protection`: its colour and its sign.
    pub field: String,
    /// The level in words.
    pub level_word: String,
    /// The certification's code: the large letters.
    pub code: String,
    /// The year of the deadline that it is good for; none on what never ends.
    pub year: Option<i32>,
}

impl Picture {
    /// The picture as SVG, with a title for those who do not see it.
    ///
    /// # Errors
    /// `BadgeError::Picture`.
    pub fn svg(&self) -> Result<String, BadgeError> {
        let outlines = self.tree()?.to_string(&WriteOptions::default());
        let label = format!("{} badge, {}", self.code, self.level_word);
        let titled = format!("<svg role=\"img\" viewBox=\"0 0 {SIDE} {SIDE}\"");
        let outlines = outlines.replacen("<svg", &titled, 1);
        match outlines
            .find("<svg")
            .and_then(|start| outlines.get(start..)?.find('>').map(|end| start + end + 1))
        {
            Some(end) => {
                let (head, rest) = outlines.split_at(end);
                Ok(format!("{head}<title>{}</title>{rest}", escaped(&label)))
            }
            None => Err(BadgeError::Picture("the drawing has no root".to_owned())),
        }
    }

    /// The picture as PNG, `side` pixels wide and high.
    ///
    /// # Errors
    /// `BadgeError::Picture`.
    pub fn png(&self, side: u16) -> Result<Vec<u8>, BadgeError> {
        let too_large = || BadgeError::Picture(format!("{side} pixels"));
        let mut pixels = Pixmap::new(side.into(), side.into()).ok_or_else(too_large)?;
        let tree = self.tree()?;
        // A ratio of two sides; nothing is counted with it.
        let scale = ratio(side);
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        pixels.encode_png().map_err(|problem| BadgeError::Picture(problem.to_string()))
    }

    /// The picture as a drawing, to be a part of something larger.
    ///
    /// # Errors
    /// `BadgeError::Picture`.
    pub(super) fn tree(&self) -> Result<Tree, BadgeError> {
        let options =
            Options { fontdb: Arc::clone(&FONTS), font_family: "Inter".to_owned(), ..Options::default() };
        Tree::from_str(&self.drawing(), &options).map_err(|problem| BadgeError::Picture(problem.to_string()))
    }

    fn drawing(&self) -> String {
        let (light, dark) = colours(&self.field);
        let letters = self.code.chars().count().max(1);
        let size = (430 / letters).clamp(40, 124);
        let year = self.year.map_or_else(String::new, |year| {
            format!(
                "<rect x=\"136\" y=\"374\" width=\"240\" height=\"50\" rx=\"25\" fill=\"#ffffff\"/>\
                 <text x=\"256\" y=\"409\" font-size=\"29\" fill=\"{dark}\">valid for {year}</text>"
            )
        });
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" viewBox=\"0 0 {SIDE} {SIDE}\">\
             <defs><linearGradient id=\"field\" x1=\"0\" y1=\"0\" x2=\"0.6\" y2=\"1\">\
             <stop offset=\"0\" stop-color=\"{light}\"/><stop offset=\"1\" stop-color=\"{dark}\"/></linearGradient></defs>\
             <path fill=\"url(#field)\" stroke=\"{dark}\" stroke-width=\"20\" stroke-linejoin=\"round\" d=\"{HEXAGON}\"/>\
             <path fill=\"none\" stroke=\"#ffffff\" stroke-opacity=\"0.75\" stroke-width=\"5\" stroke-linejoin=\"round\" \
             transform=\"translate(256 256) scale(0.92) translate(-256 -256)\" d=\"{HEXAGON}\"/>\
             <g transform=\"translate(212 68)\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"7\" stroke-linecap=\"round\" \
             stroke-linejoin=\"round\">{sign}</g>\
             <g font-family=\"Inter\" font-weight=\"700\" text-anchor=\"middle\" fill=\"#ffffff\">\
             <text x=\"256\" y=\"{baseline}\" font-size=\"{size}\">{code}</text>\
             <text x=\"256\" y=\"320\" font-size=\"{word_size}\">{word}</text>{year}</g></svg>",
            sign = sign(&self.field),
            baseline = 230 + size * 36 / 100,
            code = escaped(&self.code),
            word_size = (700 / self.level_word.chars().count().max(1)).clamp(20, 34),
            word = escaped(&self.level_word),
        )
    }
}

#[expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    reason = "the drawing library scales by a float; no rule counts with it"
)]
fn ratio(side: u16) -> f32 {
    f32::from(side) / SIDE as f32
}

const HEXAGON: &str = "M256 22 L458 139 V373 L256 490 L54 373 V139 Z";

/// A light and a dark tone of the field's colour; white letters have a contrast of more than 4.5 on both.
fn colours(field: &str) -> (&'static str, &'static str) {
    match field {
        "information_security" => ("#2f6fb5", "#123a6b"),
        "it_security" => ("#0f7c80", "#084548"),
        "data_protection" => ("#7a4fb3", "#3d2166"),
        "business_continuity" => ("#2f7d3b", "#123f1c"),
        "crisis_management" => ("#b5482c", "#641f0f"),
        "ethical_hacking" => ("#4d5663", "#1d232b"),
        "secure_software" => ("#a63a78", "#561539"),
        _ => ("#5b6b2f", "#2c3613"),
    }
}

/// The field's sign, in a square of 88.
fn sign(field: &str) -> &'static str {
    match field {
        "information_security" => {
            "<path d=\"M44 6 L78 18 V44 C78 64 62 77 44 84 C26 77 10 64 10 44 V18 Z\"/><path d=\"M29 44 L40 55 L60 33\"/>"
        }
        "it_security" => {
            "<rect x=\"8\" y=\"12\" width=\"72\" height=\"26\" rx=\"5\"/><rect x=\"8\" y=\"50\" width=\"72\" height=\"26\" rx=\"5\"/><path d=\"M22 25 H23 M22 63 H23 M42 25 H66 M42 63 H66\"/>"
        }
        "data_protection" => {
            "<rect x=\"14\" y=\"38\" width=\"60\" height=\"44\" rx=\"6\"/><path d=\"M27 38 V26 A17 17 0 0 1 61 26 V38 M44 55 V66\"/>"
        }
        "business_continuity" => {
            "<path d=\"M76 44 A32 32 0 0 1 19 64 M12 44 A32 32 0 0 1 69 24 M69 6 V25 H50 M19 82 V63 H38\"/>"
        }
        "crisis_management" => "<path d=\"M44 10 L82 78 H6 Z M44 36 V54 M44 66 V67\"/>",
        "ethical_hacking" => {
            "<circle cx=\"44\" cy=\"44\" r=\"28\"/><circle cx=\"44\" cy=\"44\" r=\"8\"/><path d=\"M44 4 V24 M44 64 V84 M4 44 H24 M64 44 H84\"/>"
        }
        "secure_software" => "<path d=\"M26 22 L4 44 L26 66 M62 22 L84 44 L62 66 M52 12 L36 76\"/>",
        _ => "<circle cx=\"44\" cy=\"44\" r=\"34\"/><path d=\"M29 44 L40 55 L60 33\"/>",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
