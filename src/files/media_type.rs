//! What evidence may be, recognised by content and never by name: PDF, PNG, JPEG, WebP, HEIC, ODT, DOCX, EML.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use zip::{CompressionMethod, ZipArchive};

use super::pdf;

/// A kind of file that is accepted as evidence.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MediaType {
    /// Portable Document Format.
    Pdf,
    /// Portable Network Graphics.
    Png,
    /// JPEG photograph.
    Jpeg,
    /// WebP picture.
    Webp,
    /// HEIC photograph, as telephones take them.
    Heic,
    /// OpenDocument text.
    Odt,
    /// Word document without macros.
    Docx,
    /// A saved mail (RFC 5322).
    Eml,
}

impl MediaType {
    /// Every accepted kind.
    pub const ALL: [Self; 8] =
        [Self::Pdf, Self::Png, Self::Jpeg, Self::Webp, Self::Heic, Self::Odt, Self::Docx, Self::Eml];

    /// The MIME type, as stored and sent.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Eml => "message/rfc822",
        }
    }

    /// The kind with this MIME type, as read back from the store.
    #[must_use]
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    /// The usual file ending, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Heic => "heic",
            Self::Odt => "odt",
            Self::Docx => "docx",
            Self::Eml => "eml",
        }
    }

    /// Every file ending that goes with the kind, in lower case.
    #[must_use]
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Heic => &["heic", "heif"],
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Odt => &["odt"],
            Self::Docx => &["docx"],
            Self::Eml => &["eml"],
        }
    }

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF document",
            Self::Png => "PNG picture",
            Self::Jpeg => "JPEG picture",
            Self::Webp => "WebP picture",
            Self::Heic => "HEIC photograph",
            Self::Odt => "OpenDocument text",
            Self::Docx => "Word document",
            Self::Eml => "Saved email",
        }
    }

    /// Whether a browser may show it in place: what browsers draw themselves and what cannot run anything of ours.
    /// HEIC is left out because most browsers cannot draw it.
    #[must_use]
    pub fn may_show_inline(self) -> bool {
        match self {
            Self::Pdf | Self::Png | Self::Jpeg | Self::Webp => true,
            Self::Heic | Self::Odt | Self::Docx | Self::Eml => false,
        }
    }
}

/// Why a file is not accepted, in words for the person who chose it. The page puts the file's name before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MediaRefusal {
    /// What it is instead ("a web page"), as far as it can be told.
    found: Option<&'static str>,
    advice: &'static str,
}

const ADVICE: &str =
    "Choose a PDF, a picture (PNG, JPEG, WebP or HEIC), a document (ODT or DOCX) or a saved email (EML).";

impl MediaRefusal {
    fn of(found: &'static str) -> Self {
        Self { found: Some(found), advice: ADVICE }
    }

    fn with_advice(found: &'static str, advice: &'static str) -> Self {
        Self { found: Some(found), advice }
    }

    const UNKNOWN: Self = Self { found: None, advice: ADVICE };
}

impl fmt::Display for MediaRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found {
            Some(found) => write!(out, "This file is {found}. {}", self.advice),
            None => write!(out, "We could not tell what kind of file this is. {}", self.advice),
        }
    }
}

/// Enough of a file to recognise it by.
const HEAD: u64 = 8 * 1024;
/// Mail headers longer than this are not read further.
const LONGEST_MAIL_HEAD: u64 = 256 * 1024;
/// Parts of a document; real ones have some dozens. Each costs memory to list, so a forged number is not followed.
const MOST_ZIP_PARTS: u16 = 5_000;
/// The end record of a zip file with the longest comment it can carry.
const ZIP_TAIL: u64 = 22 + 65_535;

/// Recognises the content of `file`, read from its beginning.
///
/// # Errors
/// The reader's own error. Whatever the bytes are is no error: the inner result says [`MediaRefusal`].
pub fn recognise(file: &mut (impl Read + Seek)) -> io::Result<Result<MediaType, MediaRefusal>> {
    let head = read_up_to(file, 0, HEAD)?;
    if head.is_empty() {
        return Ok(Err(MediaRefusal::with_advice("empty", "Choose the file again, or another one.")));
    }
    if head.starts_with(b"PK\x03\x04") {
        return recognise_zip(file);
    }
    let kind = infer::get(&head).map(|kind| kind.mime_type());
    Ok(match kind {
        _ if pdf::begins_at(&head).is_some() => Ok(MediaType::Pdf),
        Some("image/png") if is_png(&head) => Ok(MediaType::Png),
        Some("image/jpeg") => Ok(MediaType::Jpeg),
        Some("image/webp") => Ok(MediaType::Webp),
        Some("image/heif" | "image/heic") => Ok(MediaType::Heic),
        _ if is_heic(&head) => Ok(MediaType::Heic),
        _ => match looks_like(&head, kind) {
            Some(refusal) => Err(refusal),
            None if is_mail(file)? => Ok(MediaType::Eml),
            None => Err(MediaRefusal::UNKNOWN),
        },
    })
}

/// Photographs say their kind in a box of brands. Telephones and cameras use others of the family, too, and put a general one first;
/// `infer` knows two of them. AV1 pictures are of the same container and of another kind.
fn is_heic(head: &[u8]) -> bool {
    let Some((length, [b'f', b't', b'y', b'p', brands @ ..])) = head.split_first_chunk::<4>() else {
        return false;
    };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let brands = brands.get(..length.saturating_sub(8)).unwrap_or(brands);
    // the second is no brand but a version
    let mut brands = brands.chunks_exact(4).enumerate().filter(|(nth, _)| *nth != 1).map(|(_, brand)| brand);
    let heic = |brand: &[u8]| [b"heic", b"heix", b"heim", b"heis"].iter().any(|known| *known == brand);
    brands.clone().any(heic) && !brands.any(|brand| matches!(brand, b"avif" | b"avis"))
}

fn is_png(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n") && head.get(12..16) == Some(b"IHDR")
}

/// What people choose by mistake and what is sent on purpose, named so that the message helps.
fn looks_like(head: &[u8], kind: Option<&str>) -> Option<MediaRefusal> {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    let starts = |prefix: &str| text.starts_with(prefix);
    if starts("<svg") || (starts("<?xml") || starts("<!")) && text.contains("<svg") {
        return Some(MediaRefusal::with_advice(
            "an SVG drawing",
            "Save it as PNG or PDF and choose that file.",
        ));
    }
    if starts("<!doctype html") || starts("<html") || starts("<script") || starts("<body") || starts("<?xml")
    {
        return Some(MediaRefusal::with_advice("a web page", "Print it to a PDF and choose that file."));
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(MediaRefusal::with_advice(
            "an old kind of Office document or an Outlook message",
            "Save it as DOCX, PDF or EML and choose that file.",
        ));
    }
    if starts("#!") || head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") {
        return Some(MediaRefusal::of("a program"));
    }
    match kind? {
        "image/gif" | "image/bmp" | "image/tiff" | "image/avif" | "image/jxl" => {
            Some(MediaRefusal::with_advice(
                "a picture of a kind we cannot show",
                "Save it as PNG or JPEG and choose that file.",
            ))
        }
        "application/vnd.microsoft.portable-executable" | "application/x-executable" => {
            Some(MediaRefusal::of("a program"))
        }
        mime if mime.starts_with("video/") => Some(MediaRefusal::of("a video")),
        mime if mime.starts_with("audio/") => Some(MediaRefusal::of("a sound recording")),
        "application/gzip" | "application/x-tar" | "application/x-7z-compressed" | "application/vnd.rar" => {
            Some(packed())
        }
        "application/rtf" | "text/rtf" => Some(MediaRefusal::with_advice(
            "an RTF document",
            "Save it as PDF, ODT or DOCX and choose that file.",
        )),
        _ => None,
    }
}

fn packed() -> MediaRefusal {
    MediaRefusal::with_advice("a packed folder", "Unpack it and choose the files inside it.")
}

fn recognise_zip(file: &mut (impl Read + Seek)) -> io::Result<Result<MediaType, MediaRefusal>> {
    if !has_few_parts(file)? {
        return Ok(Err(packed()));
    }
    file.seek(SeekFrom::Start(0))?;
    let Ok(mut archive) = ZipArchive::new(file) else {
        return Ok(Err(MediaRefusal::with_advice(
            "damaged or cut short",
            "Choose it again, or save it again first.",
        )));
    };
    if let Some(mimetype) = stored_mimetype(&mut archive) {
        return Ok(if mimetype == MediaType::Odt.mime() {
            Ok(MediaType::Odt)
        } else {
            Err(MediaRefusal::with_advice(
                "an office document of another kind",
                "Save it as PDF, ODT or DOCX and choose that file.",
            ))
        });
    }
    // some writers part the folders with the other stroke, some number the main part
    let names: Vec<String> = archive
        .file_names()
        .filter_map(Result::ok)
        .map(|name| name.replace('\\', "/").to_ascii_lowercase())
        .collect();
    let has = |name: &str| names.iter().any(|one| one == name);
    if !has("[content_types].xml") {
        return Ok(Err(packed()));
    }
    Ok(if has("word/vbaproject.bin") {
        Err(MediaRefusal::with_advice(
            "a Word document with macros",
            "Save it as PDF or as DOCX without macros.",
        ))
    } else if has("word/document.xml") || has("word/document2.xml") {
        Ok(MediaType::Docx)
    } else {
        Err(MediaRefusal::with_advice(
            "an office document of another kind",
            "Save it as PDF, ODT or DOCX and choose that file.",
        ))
    })
}

/// OpenDocument files carry their type as an uncompressed entry named `mimetype`.
fn stored_mimetype(archive: &mut ZipArchive<impl Read + Seek>) -> Option<String> {
    let entry = archive.by_name("mimetype").ok()?;
    if entry.compression() != CompressionMethod::Stored {
        return None;
    }
    let mut text = String::new();
    entry.take(100).read_to_string(&mut text).ok()?;
    Some(text.trim_end().to_owned())
}

/// Whether every end record near the end of the file promises a sane number of parts. Documents of 15 MB never need
/// the 64-bit form, whose numbers have no bound.
fn has_few_parts(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = read_up_to(file, length.saturating_sub(ZIP_TAIL), ZIP_TAIL)?;
    let sane = tail.windows(12).all(|window| match window {
        [b'P', b'K', 5, 6, _, _, _, _, _, _, low, high] => {
            u16::from_le_bytes([*low, *high]) <= MOST_ZIP_PARTS
        }
        [b'P', b'K', 6, 7, ..] => false,
        _ => true,
    });
    Ok(sane)
}

/// Header lines that a mail carries beside its sender.
const MAIL_HEADERS: [&str; 6] = ["date", "subject", "received", "mime-version", "to", "message-id"];

/// A saved mail: text without NULs that begins with RFC 5322 header lines, `From` and at least one more well-known
/// one among them.
fn is_mail(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let head = read_up_to(file, 0, LONGEST_MAIL_HEAD)?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    let (mut sender, mut others) = (false, false);
    for (number, line) in head.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let folded = number > 0 && matches!(line.first(), Some(b' ' | b'\t'));
        // Mail folders put a line "From somebody day" before each mail.
        let separator = number == 0 && line.starts_with(b"From ");
        if line.is_empty() {
            break;
        }
        if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return Ok(false);
        }
        if folded || separator {
            continue;
        }
        let Some(name) = header_name(line) else { return Ok(false) };
        sender |= name == "from";
        others |= MAIL_HEADERS.contains(&name.as_str());
    }
    Ok(sender && others && !has_nul(file)?)
}

/// The name of a header line in lower case: printable ASCII without spaces up to the colon.
fn header_name(line: &[u8]) -> Option<String> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = line.get(..colon)?.trim_ascii_end();
    let printable = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    printable.then(|| String::from_utf8_lossy(name).to_lowercase())
}

fn has_nul(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some([]) | None => return Ok(false),
            Some(bytes) if bytes.contains(&0) => return Ok(true),
            Some(_) => {}
        }
    }
}

fn read_up_to(file: &mut (impl Read + Seek), from: u64, most: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
