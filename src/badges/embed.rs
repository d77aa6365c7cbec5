//! Baking: a badge's picture that carries the credential, and taking it out again.

use std::io::Read;

use flate2::Crc;
use flate2::read::ZlibDecoder;

use super::BadgeError;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
/// Where the first chunk (IHDR, 13 bytes) ends: other chunks go after it.
const AFTER_HEADER: usize = 8 + 4 + 4 + 13 + 4;
/// Keyword of the 3.0 credential.
const CREDENTIAL: &str = "openbadgecredential";
/// Keyword of the 2.0 assertion's address.
const ASSERTION: &str = "openbadges";
/// Most bytes of a credential's text when it is unpacked. One of ours has three thousand; others put pictures into theirs.
pub const LARGEST_TEXT: u64 = 2 * 1024 * 1024;

/// A PNG with the credential and, when it exists, the address of the 2.0 assertion.
///
/// # Errors
/// `BadgeError::Picture` when `picture` is no PNG.
pub fn png(picture: &[u8], credential: &str, assertion: Option<&str>) -> Result<Vec<u8>, BadgeError> {
    if !picture.starts_with(&SIGNATURE) {
        return Err(BadgeError::Picture("not a PNG".to_owned()));
    }
    let (header, rest) = picture
        .split_at_checked(AFTER_HEADER)
        .ok_or_else(|| BadgeError::Picture("the PNG has no header".to_owned()))?;
    let mut baked = header.to_vec();
    baked.extend(text_chunk(CREDENTIAL, credential)?);
    if let Some(address) = assertion {
        baked.extend(text_chunk(ASSERTION, address)?);
    }
    baked.extend_from_slice(rest);
    Ok(baked)
}

/// An iTXt chunk, not compressed, without language and translated keyword.
fn text_chunk(keyword: &str, text: &str) -> Result<Vec<u8>, BadgeError> {
    let mut body = b"iTXt".to_vec();
    body.extend_from_slice(keyword.as_bytes());
    body.extend_from_slice(&[0, 0, 0, 0, 0]);
    body.extend_from_slice(text.as_bytes());
    let length = u32::try_from(body.len().saturating_sub(4))
        .map_err(|_| BadgeError::Picture("the credential is too long".to_owned()))?;
    let mut crc = Crc::new();
    crc.update(&body);
    let mut chunk = length.to_be_bytes().to_vec();
    chunk.append(&mut body);
    chunk.extend_from_slice(&crc.sum().to_be_bytes());
    Ok(chunk)
}

/// An SVG with the credential and, when it exists, the address of the 2.0 assertion.
///
/// # Errors
/// `BadgeError::Picture` when `picture` is no SVG.
pub fn svg(picture: &str, credential: &str, assertion: Option<&str>) -> Result<String, BadgeError> {
    let no_svg = || BadgeError::Picture("not an SVG".to_owned());
    let start = picture.find("<svg").ok_or_else(no_svg)?;
    let end = picture.get(start..).and_then(|rest| rest.find('>')).ok_or_else(no_svg)? + start + 1;
    let (head, rest) = picture.split_at_checked(end).ok_or_else(no_svg)?;
    let head = head.replacen("<svg", "<svg xmlns:openbadges=\"https://purl.imsglobal.org/ob/v3p0\"", 1);
    let assertion = assertion.map_or_else(String::new, |address| {
        // As text and not in an attribute `verify`: 1EdTech's own reader fails on the attribute.
        format!("<openbadges:assertion xmlns:openbadges=\"http://openbadges.org\"><![CDATA[{address}]]></openbadges:assertion>")
    });
    // Inside JSON `]]>` stands only within a text, where the escaped sign means the same.
    let credential = credential.replace("]]>", "]]\\u003e");
    Ok(format!(
        "{head}<openbadges:credential><![CDATA[{credential}]]></openbadges:credential>{assertion}{rest}"
    ))
}

/// The credential in a baked PNG or SVG, or the file itself when it is JSON. Anything may stand in the file: nothing is unpacked beyond
/// [`LARGEST_TEXT`], and no picture is drawn.
#[must_use]
pub fn credential_in(file: &[u8]) -> Option<String> {
    match file.strip_prefix(&SIGNATURE) {
        Some(chunks) => in_png(chunks),
        None => in_text(std::str::from_utf8(file).ok()?),
    }
}

/// Looks through the chunks of a PNG for the credential. The checksums are left to those who draw the picture: the signature tells more.
fn in_png(mut chunks: &[u8]) -> Option<String> {
    loop {
        let (length, rest) = chunks.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (body, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        match kind {
            b"IEND" => return None,
            b"iTXt" => {
                let (keyword, text) = until_nul(body)?;
                if keyword == CREDENTIAL.as_bytes() {
                    // the first one counts: a file full of them is not unpacked again and again
                    return text_of(text);
                }
            }
            _ => {}
        }
        (_, chunks) = rest.split_first_chunk::<4>()?;
    }
}

/// The text of an iTXt chunk after its keyword: whether it is packed, how, a language, a translated keyword, the text.
fn text_of(chunk: &[u8]) -> Option<String> {
    let ([packed, method], rest) = chunk.split_first_chunk::<2>()?;
    let (_language, rest) = until_nul(rest)?;
    let (_translated, text) = until_nul(rest)?;
    let text = match (packed, method) {
        (0, _) => text.to_vec(),
        (1, 0) => inflated(text)?,
        _ => return None,
    };
    String::from_utf8(text).ok()
}

/// Unpacks a text, and gives up as soon as it is larger than any badge: half a megabyte can be made to grow a thousand times.
fn inflated(packed: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    ZlibDecoder::new(packed).take(LARGEST_TEXT + 1).read_to_end(&mut text).ok()?;
    u64::try_from(text.len()).is_ok_and(|length| length <= LARGEST_TEXT).then_some(text)
}

fn until_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn in_text(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{FEFF}').trim();
    if text.starts_with('{') {
        return Some(text.to_owned());
    }
    let (_, after) = text.split_once("<openbadges:credential")?;
    let (_, inner) = after.split_once('>')?;
    let (inner, _) = inner.split_once("</openbadges:credential>")?;
    let inner = inner.trim();
    match inner.strip_prefix("<![CDATA[").and_then(|inner| inner.strip_suffix("]]>")) {
        Some(json) => Some(json.trim().to_owned()),
        None => Some(
            inner
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&apos;", "'")
                .replace("&amp;", "&"),
        ),
    }
}
