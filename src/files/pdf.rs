//! Whether a PDF is encrypted, told from where such files say it: the trailer at the end, or the cross-reference stream that the
//! end points to.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes looked at in each place; trailers are far shorter.
const LOOKED_AT: u64 = 4096;

/// Whether the file says that it is encrypted. It may still open without a password, when only printing or copying is locked.
///
/// # Errors
/// The reader's own error. What is no PDF is not encrypted.
pub fn is_encrypted(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = part(file, length.saturating_sub(LOOKED_AT))?;
    if says_so(&tail) {
        return Ok(true);
    }
    match start_of_references(&tail) {
        Some(start) if start < length => Ok(says_so(&part(file, start)?)),
        _ => Ok(false),
    }
}

fn part(file: &mut (impl Read + Seek), from: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn says_so(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"/Encrypt";
    bytes.windows(NAME.len() + 1).any(|window| {
        // /EncryptMetadata is another name
        window.starts_with(NAME) && window.last().is_some_and(|next| !next.is_ascii_alphanumeric())
    })
}

/// The number after the last `startxref`.
fn start_of_references(tail: &[u8]) -> Option<u64> {
    const WORD: &[u8] = b"startxref";
    let at = tail.windows(WORD.len()).rposition(|window| window == WORD)?;
    let rest = tail.get(at + WORD.len()..)?;
    let digits: Vec<u8> =
        rest.iter().copied().skip_while(u8::is_ascii_whitespace).take_while(u8::is_ascii_digit).collect();
    String::from_utf8(digits).ok()?.parse().ok()
}
