//! A certificate as PDF, to be printed or passed on: tagged, so that a screen reader reads it in order (PDF/UA-1), with the address at which
//! anybody can see how it stands today, also as a QR code. It is not signed itself: paper cannot be withdrawn. What is signed is the badge
//! that the address leads to.

use std::num::NonZeroU16;

use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use qrcode::{Color, QrCode};

use super::BadgeError;
use super::glyphs::{self, GAP, runs};
use super::picture::Picture;

/// A sheet of A4 on its side, in points.
const WIDTH: u16 = 842;
const HEIGHT: u16 = 595;
/// Where text begins, and how wide it may be before the badge's picture begins.
const LEFT: u16 = 72;
const COLUMN: u16 = 500;

type Colour = (u8, u8, u8);
const INK: Colour = (0x1b, 0x1f, 0x24);
const MUTED: Colour = (0x54, 0x5b, 0x64);
const ACCENT: Colour = (0x0b, 0x5a, 0x6b);
const LINE: Colour = (0xde, 0xdb, 0xd4);

/// What stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The body that certifies.
    pub body: String,
    /// The holder's name.
    pub holder: String,
    /// The certification's title.
    pub title: String,
    /// The certificate's number.
    pub number: String,
    /// The day of the grant, in words.
    pub granted: String,
    /// Until when it is valid, in words: its deadline; empty when it never expires.
    pub valid_until: String,
    /// Why the signed badge runs longer, with its last day; empty when it never expires.
    pub why_longer: String,
    /// The day on which this paper was made, in words, and as year, month, day.
    pub made: (String, (u16, u8, u8)),
    /// The address that tells how the certificate stands.
    pub address: String,
    /// The badge's picture.
    pub picture: Picture,
}

impl Paper {
    /// The PDF.
    ///
    /// # Errors
    /// `BadgeError::Picture` when it cannot be drawn.
    pub fn pdf(&self) -> Result<Vec<u8>, BadgeError> {
        // a letter that no bundled font has is drawn as a box, which the standard does not allow: then at least everything else of it holds
        self.made_as(accessible()?).or_else(|_| self.made_as(Configuration::default()))
    }

    fn made_as(&self, configuration: Configuration) -> Result<Vec<u8>, BadgeError> {
        let mut document =
            Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let (width, height) = (f32::from(WIDTH), f32::from(HEIGHT));
        let settings = PageSettings::from_wh(width, height).ok_or_else(|| trouble("no page"))?;
        let mut page = document.start_page_with(settings);
        let tree = self.draw(&mut page)?;
        page.finish();
        document.set_tag_tree(tree);
        let mut outline = Outline::new();
        outline.push_child(OutlineNode::new(
            self.title.clone(),
            XyzDestination::new(0, Point::from_xy(0.0, 0.0)),
        ));
        document.set_outline(outline);
        let (year, month, day) = self.made.1;
        document.set_metadata(
            Metadata::new()
                .title(format!("{}: {}", self.title, self.holder))
                .authors(vec![self.body.clone()])
                .description(format!("Certificate {}", self.number))
                .language("en".to_owned())
                .creation_date(DateTime::new(year).month(month).day(day)),
        );
        document.finish().map_err(trouble)
    }

    /// Draws everything in the order in which it is read.
    fn draw(&self, page: &mut Page<'_>) -> Result<TagTree, BadgeError> {
        let mut tree = TagTree::new();
        let mut surface = page.surface();
        ground(&mut surface)?;
        let mut y = 104;
        for (mut tag, line) in self.lines() {
            tag.push(line.draw(&mut surface, &mut y)?);
            tree.push(tag);
        }
        let figure = self.draw_picture(&mut surface)?;
        let alt = format!("The badge: {}, {}", self.picture.code, self.picture.level_word);
        tree.push(TagGroup::with_children(Tag::Figure(Some(alt)), vec![figure.into()]));
        for (place, (label, value)) in self.facts().into_iter().enumerate() {
            let x = LEFT + 170 * u16::try_from(place).unwrap_or(0);
            let mut fact = TagGroup::new(Tag::P);
            fact.push(said(&mut surface, (x, 446), label, 11, MUTED, false)?);
            fact.push(said(&mut surface, (x, 466), &value, 15, INK, true)?);
            tree.push(fact);
        }
        if !self.why_longer.is_empty() {
            let why = Line::new(&self.why_longer, &[9], MUTED).draw(&mut surface, &mut 484)?;
            tree.push(TagGroup::with_children(Tag::P, vec![why.into()]));
        }
        let code = draw_qr(&mut surface, &self.address)?;
        let alt = format!("QR code of the address {}", self.address);
        tree.push(TagGroup::with_children(Tag::Figure(Some(alt)), vec![code.into()]));
        let words = format!(
            "As of {}. How this certificate stands today, and the signed badge that proves it, is at",
            self.made.0
        );
        let words = said(&mut surface, (LEFT, 520), &words, 11, MUTED, false)?;
        tree.push(TagGroup::with_children(Tag::P, vec![words.into()]));
        let address = said(&mut surface, (LEFT, 537), &self.address, 11, ACCENT, true)?;
        surface.finish();
        let place = rectangle(LEFT, 525, COLUMN, 16)?;
        let target = Target::Action(Action::Link(LinkAction::new(self.address.clone())));
        let alt = format!("How certificate {} stands today", self.number);
        let link = Annotation::new_link(LinkAnnotation::new(place, target), Some(alt));
        let link = page.add_tagged_annotation(link);
        let link = TagGroup::with_children(Tag::Link, vec![address.into(), link.into()]);
        tree.push(TagGroup::with_children(Tag::P, vec![link.into()]));
        Ok(tree)
    }

    /// What stands on the left, from top to bottom.
    fn lines(&self) -> [(TagGroup, Line<'_>); 6] {
        let paragraph = || TagGroup::new(Tag::P);
        [
            (paragraph(), Line::new(&self.body, &[18, 15, 12], ACCENT).bold().room(58)),
            (heading(1, "Certificate"), Line::new("Certificate", &[46], INK).bold().room(46)),
            (paragraph(), Line::new("This is to certify that", &[14], MUTED).room(42)),
            (paragraph(), Line::new(&self.holder, &[34, 28, 22, 17, 13], INK).bold().room(34)),
            (paragraph(), Line::new("holds the title", &[14], MUTED).room(36)),
            (heading(2, &self.title), Line::new(&self.title, &[26, 22, 18, 14], ACCENT).bold()),
        ]
    }

    fn draw_picture(&self, surface: &mut Surface<'_>) -> Result<Identifier, BadgeError> {
        let size = Size::from_wh(176.0, 176.0).ok_or_else(|| trouble("no picture"))?;
        let picture = self.picture.tree()?;
        let id = surface.start_tagged(ContentTag::Other);
        surface.push_transform(&Transform::from_translate(600.0, 92.0));
        let drawn = surface.draw_svg(&picture, size, SvgSettings::default());
        surface.pop();
        surface.end_tagged();
        drawn.map(|()| id).ok_or_else(|| trouble("the picture is not drawn"))
    }

    fn facts(&self) -> [(&'static str, String); 3] {
        let until = match self.valid_until.as_str() {
            "" => "Does not expire".to_owned(),
            day => day.to_owned(),
        };
        [
            ("Certificate number", self.number.clone()),
            ("Granted on", self.granted.clone()),
            ("Valid until", until),
        ]
    }
}

fn accessible() -> Result<Configuration, BadgeError> {
    ConfigurationBuilder::new()
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|problem| BadgeError::Picture(format!("{problem:?}")))
}

fn heading(level: u16, title: &str) -> TagGroup {
    let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    TagGroup::new(Tag::Hn(level, Some(title.to_owned())))
}

fn trouble(problem: impl std::fmt::Debug) -> BadgeError {
    BadgeError::Picture(format!("{problem:?}"))
}

fn rectangle(x: u16, y: u16, width: u16, height: u16) -> Result<Rect, BadgeError> {
    Rect::from_xywh(x.into(), y.into(), width.into(), height.into()).ok_or_else(|| trouble("no rectangle"))
}

fn fill((red, green, blue): Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

/// What is there for the eye alone.
fn ground(surface: &mut Surface<'_>) -> Result<(), BadgeError> {
    let all = rectangle(0, 0, WIDTH, HEIGHT)?;
    // artifacts belong to no tag
    let _ = surface.start_tagged(ContentTag::Artifact(Artifact::new(ArtifactType::Background, Some(all))));
    for (place, colour) in [(rectangle(24, 24, 10, 547)?, ACCENT), (rectangle(LEFT, 417, 698, 1)?, LINE)] {
        let mut path = PathBuilder::new();
        path.push_rect(place);
        surface.set_fill(Some(fill(colour)));
        surface.set_stroke(None);
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
    let mut path = PathBuilder::new();
    path.push_rect(rectangle(24, 24, 794, 547)?);
    surface.set_fill(None);
    let (red, green, blue) = ACCENT;
    surface.set_stroke(Some(Stroke { paint: rgb::Color::new(red, green, blue).into(), ..Stroke::default() }));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
    surface.set_stroke(None);
    surface.end_tagged();
    Ok(())
}

/// Draws words on one line, their base line beginning at a point, as a piece of text of its own.
fn said(
    surface: &mut Surface<'_>,
    (x, y): (u16, u16),
    words: &str,
    size: u16,
    colour: Colour,
    bold: bool,
) -> Result<Identifier, BadgeError> {
    let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
    let drawn = draw_words(surface, (x, y), words, size, colour, bold);
    surface.end_tagged();
    drawn.map(|()| id)
}

fn draw_words(
    surface: &mut Surface<'_>,
    (x, y): (u16, u16),
    words: &str,
    size: u16,
    colour: Colour,
    bold: bool,
) -> Result<(), BadgeError> {
    surface.set_fill(Some(fill(colour)));
    // in thousandths of a point
    let mut along = u32::from(x) * 1000;
    let runs = runs(words, bold);
    let last = runs.len().saturating_sub(1);
    for (place, run) in runs.into_iter().enumerate() {
        let font = Font::new(run.font.into(), 0).ok_or_else(|| trouble("a font cannot be read"))?;
        // a space to whoever reads or copies the text; the gap beside it is what the eye sees
        let text = if place < last { format!("{} ", run.words) } else { run.words };
        surface.draw_text(
            Point::from_xy(points(along), y.into()),
            font,
            size.into(),
            &text,
            false,
            TextDirection::Auto,
        );
        along = along.saturating_add((run.width + GAP) * u32::from(size));
    }
    Ok(())
}

#[expect(
    clippy::float_arithmetic,
    clippy::as_conversions,
    reason = "the drawing library places by floats; no rule counts with them"
)]
fn points(thousandths: u32) -> f32 {
    thousandths as f32 / 1000.0
}

/// Words in the largest of some sizes in which they fit into the column, on at most two lines; in the smallest on as many as they need.
struct Line<'a> {
    words: &'a str,
    sizes: &'a [u16],
    colour: Colour,
    bold: bool,
    room: u16,
}

impl<'a> Line<'a> {
    const fn new(words: &'a str, sizes: &'a [u16], colour: Colour) -> Self {
        Line { words, sizes, colour, bold: false, room: 0 }
    }

    const fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    /// Points from its last line to the next words.
    const fn room(mut self, room: u16) -> Self {
        self.room = room;
        self
    }

    /// Draws them with their first line at `y`, and moves `y` to where the next words stand.
    fn draw(&self, surface: &mut Surface<'_>, y: &mut u16) -> Result<Identifier, BadgeError> {
        let mut fitted = (0, Vec::new());
        for size in self.sizes {
            fitted = (*size, self.broken(*size));
            if fitted.1.len() <= 2 {
                break;
            }
        }
        let (size, lines) = fitted;
        let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                *y = y.saturating_add(size).saturating_add(size / 5);
            }
            let text = if number + 1 < lines.len() { format!("{line} ") } else { line.clone() };
            draw_words(surface, (LEFT, *y), &text, size, self.colour, self.bold)?;
        }
        surface.end_tagged();
        *y = y.saturating_add(self.room);
        Ok(id)
    }

    /// Broken between words so that each line fits; a word that is too long for a line is broken where it must be.
    fn broken(&self, size: u16) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in self.words.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.fits(size, &longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if !self.fits(size, &line) {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn fits(&self, size: u16, words: &str) -> bool {
        let width = glyphs::width(&runs(words, self.bold));
        width.saturating_mul(size.into()) <= u32::from(COLUMN) * 1000
    }
}

/// Draws the QR code of an address, 110 points wide.
fn draw_qr(surface: &mut Surface<'_>, address: &str) -> Result<Identifier, BadgeError> {
    let code = QrCode::new(address.as_bytes()).map_err(trouble)?;
    let modules = u16::try_from(code.width()).map_err(trouble)?;
    let mut path = PathBuilder::new();
    for (place, colour) in code.to_colors().iter().enumerate() {
        if *colour == Color::Dark {
            let place = u16::try_from(place).map_err(trouble)?;
            path.push_rect(rectangle(place % modules, place / modules, 1, 1)?);
        }
    }
    let id = surface.start_tagged(ContentTag::Other);
    surface.push_transform(&Transform::from_translate(660.0, 440.0));
    let scale = points(110_000 / u32::from(modules).max(1));
    surface.push_transform(&Transform::from_scale(scale, scale));
    surface.set_fill(Some(fill((0, 0, 0))));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
    surface.pop();
    surface.pop();
    surface.end_tagged();
    Ok(id)
}
