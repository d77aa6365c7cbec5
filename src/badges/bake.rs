//! Baking: a badge's picture that carries the credential, and taking it out again.

use flate2::Crc;

use super::BadgeError;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
/// Where the first chunk (IHDR, 13 bytes) ends: other chunks go after it.
const AFTER_HEADER: usize = 8 + 4 + 4 + 13 + 4;
/// Keyword of the 3.0 credential.
const CREDENTIAL: &str = "openbadgecredential";
/// Keyword of the 2.0 assertion's address.
const ASSERTION: &str = "openbadges";

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

/// The credential in a baked PNG or SVG, or the file itself when it is JSON.
#[must_use]
pub fn credential_in(file: &[u8]) -> Option<String> {
    if file.starts_with(&SIGNATURE) { in_png(file) } else { in_text(std::str::from_utf8(file).ok()?) }
}

fn in_png(file: &[u8]) -> Option<String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_ignore_text_chunk(false);
    let reader = decoder.read_info().ok()?;
    let chunk = reader.info().utf8_text.iter().find(|chunk| chunk.keyword == CREDENTIAL)?;
    chunk.get_text().ok()
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
