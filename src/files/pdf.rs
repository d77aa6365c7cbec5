//! Where a PDF begins, and whether it is encrypted. The latter is told from where such files say it: the trailer at the end, or the cross-reference stream that the
//! end points to.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes looked at in each place; trailers are far shorter.
const LOOKED_AT: u64 = 4096;

/// Blank space before the first word that readers pass over.
const BLANK: usize = 1024;
/// The head that old Macs put before a file.
const MACBINARY: usize = 128;

/// Where the first word of a PDF stands in the first bytes of a file; `None` when it is none. Before it may stand what every reader
/// passes over and what nothing else begins with: a byte-order mark and blank lines, or the head of a MacBinary file.
#[must_use]
pub fn begins_at(head: &[u8]) -> Option<usize> {
    let is_pdf = |at: usize| head.get(at..).is_some_and(|rest| rest.starts_with(b"%PDF-"));
    let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let blank = head.iter().skip(mark).take(BLANK).take_while(|byte| byte.is_ascii_whitespace()).count();
    let at = mark.saturating_add(blank);
    if is_pdf(at) {
        return Some(at);
    }
    // a version, the length of a name, and zeros in fixed places
    let mac = matches!(head, [0, 1..=63, ..])
        && [74, 82].iter().all(|at| head.get(*at) == Some(&0))
        && is_pdf(MACBINARY);
    mac.then_some(MACBINARY)
}

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
    let Some(start) = start_of_references(&tail) else { return Ok(false) };
    // counted from the first word or from the first byte: writers differ where something stands before it
    let first = begins_at(&part(file, 0)?).and_then(|at| u64::try_from(at).ok()).unwrap_or_default();
    for start in [start, start.saturating_add(first)] {
        if start < length && says_so(&part(file, start)?) {
            return Ok(true);
        }
    }
    Ok(false)
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
