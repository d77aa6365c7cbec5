//! Evidence on disk, what may be evidence, and what it is called.

use std::fs;
use std::io::{Cursor, Read, Write};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use cpe_portal::files::file_name::{clean, for_download};
use cpe_portal::files::media_type::{MediaType, recognise};
use cpe_portal::files::pdf::is_encrypted;
use cpe_portal::files::{EvidenceCondition, EvidenceFiles, FilesError, LARGEST_FILE, MOST_FILES, reserve_of};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

// printf 'hello' | sha256sum
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn folder() -> (TempDir, EvidenceFiles) {
    let data = tempfile::tempdir().unwrap();
    let files = EvidenceFiles::new(data.path()).unwrap();
    (data, files)
}

fn left_in_incoming(data: &TempDir) -> usize {
    fs::read_dir(data.path().join("evidence/incoming")).unwrap().count()
}

fn kind(bytes: &[u8]) -> Result<MediaType, String> {
    recognise(&mut Cursor::new(bytes)).unwrap().map_err(|refusal| refusal.to_string())
}

fn zipped(parts: &[(&str, &str)], first_stored: bool) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (number, (name, content)) in parts.iter().enumerate() {
        let stored = number == 0 && first_stored;
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn odt() -> Vec<u8> {
    zipped(
        &[
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("content.xml", "<office:document-content/>"),
        ],
        true,
    )
}

fn docx() -> Vec<u8> {
    zipped(
        &[
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", "<x/>"),
            ("word/document.xml", "<w:document/>"),
        ],
        false,
    )
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\0";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
const EML: &[u8] =
    b"Received: from mail.example.org\r\n by mx.example.org; Mon, 1 Mar 2027 10:00:00 +0100\r\n\
    From: =?utf-8?q?Bj=C3=B6rn?= <bjorn@example.org>\r\nSubject: Thank you for attending\r\n\r\nSee you!\r\n";

#[test]
fn stored_evidence_is_found_again_under_its_hash() {
    let (data, files) = folder();
    let stored = files.store(b"hello").unwrap();
    assert_eq!((stored.sha256.as_str(), stored.size), (HELLO, 5));
    let mut read = String::new();
    files.open(HELLO).unwrap().read_to_string(&mut read).unwrap();
    assert_eq!(read, "hello");
    assert_eq!(fs::read(data.path().join("evidence").join(&HELLO[..2]).join(&HELLO[2..])).unwrap(), b"hello");
    assert_eq!(left_in_incoming(&data), 0);
}

#[test]
fn the_same_content_is_stored_once() {
    let (_data, files) = folder();
    assert_eq!(files.store(b"hello").unwrap(), files.store(b"hello").unwrap());
    files.store(b"other").unwrap();
    let listed = files.list().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&HELLO.to_owned()) && listed.is_sorted());
}

#[test]
fn a_file_in_pieces_is_the_same_as_the_whole() {
    let (_data, files) = folder();
    let mut incoming = files.incoming().unwrap();
    for piece in ["h", "", "ell", "o"] {
        incoming.write_chunk(piece.as_bytes()).unwrap();
    }
    assert_eq!(incoming.size(), 5);
    assert_eq!(incoming.finish().unwrap().sha256, HELLO);
}

#[test]
fn asking_for_the_kind_changes_nothing_about_what_is_stored() {
    let (_data, files) = folder();
    let mut incoming = files.incoming().unwrap();
    incoming.write_chunk(&EML[..20]).unwrap();
    assert!(incoming.recognise().unwrap().is_err());
    incoming.write_chunk(&EML[20..]).unwrap();
    assert_eq!(incoming.recognise().unwrap().unwrap(), MediaType::Eml);
    let stored = incoming.finish().unwrap();
    let mut read = Vec::new();
    files.open(&stored.sha256).unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read, EML);
}

#[test]
fn an_upload_that_breaks_off_leaves_nothing_behind() {
    let (data, files) = folder();
    let mut incoming = files.incoming().unwrap();
    incoming.write_chunk(b"hel").unwrap();
    assert_eq!(left_in_incoming(&data), 1);
    drop(incoming);
    assert_eq!(left_in_incoming(&data), 0);
    assert!(files.list().unwrap().is_empty());
}

#[test]
fn fifteen_megabytes_fit_and_one_byte_more_does_not() {
    assert_eq!((LARGEST_FILE, MOST_FILES), (15 * 1024 * 1024, 10));
    let (data, files) = folder();
    let megabyte = vec![b'x'; 1024 * 1024];
    let mut incoming = files.incoming().unwrap();
    for _ in 0..15 {
        incoming.write_chunk(&megabyte).unwrap();
    }
    let refused = incoming.write_chunk(b"x").unwrap_err();
    assert!(matches!(refused, FilesError::TooLarge), "{refused}");
    assert_eq!(refused.to_string(), "the file is larger than 15 MB");
    assert_eq!(incoming.finish().unwrap().size, LARGEST_FILE);
    assert_eq!(left_in_incoming(&data), 0);
}

#[test]
fn a_missing_or_altered_file_is_noticed_and_storing_it_again_mends_it() {
    let (data, files) = folder();
    assert_eq!(files.verify(HELLO).unwrap(), EvidenceCondition::Missing);
    files.store(b"hello").unwrap();
    assert_eq!(files.verify(HELLO).unwrap(), EvidenceCondition::Intact);
    fs::write(data.path().join("evidence").join(&HELLO[..2]).join(&HELLO[2..]), b"hellO").unwrap();
    assert_eq!(files.verify(HELLO).unwrap(), EvidenceCondition::Altered);
    files.store(b"hello").unwrap();
    assert_eq!(files.verify(HELLO).unwrap(), EvidenceCondition::Intact);
}

#[test]
fn only_hashes_open_anything() {
    let (data, files) = folder();
    fs::write(data.path().join("secret"), "x").unwrap();
    for name in [
        "",
        "../secret",
        "../../etc/passwd",
        "ab",
        &HELLO.to_uppercase(),
        &format!("{HELLO}0"),
        "incoming",
        "é",
    ] {
        assert!(matches!(files.open(name), Err(FilesError::Missing)), "{name}");
        assert_eq!(files.verify(name).unwrap(), EvidenceCondition::Missing, "{name}");
    }
}

#[test]
fn uploads_abandoned_for_a_day_are_cleared_and_younger_ones_are_not() {
    let (data, files) = folder();
    let incoming = files.incoming().unwrap();
    let now: NaiveDateTime = Utc::now().naive_utc();
    assert_eq!(files.clear_abandoned(now + TimeDelta::hours(23)).unwrap(), 0);
    assert_eq!(left_in_incoming(&data), 1);
    assert_eq!(files.clear_abandoned(now + TimeDelta::hours(25)).unwrap(), 1);
    assert_eq!(left_in_incoming(&data), 0);
    assert!(incoming.finish().is_err(), "its bytes are gone");
    assert!(files.list().unwrap().is_empty());
}

#[test]
fn many_uploads_of_the_same_content_at_once_all_succeed() {
    let (data, files) = folder();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(files.store(b"hello").unwrap().sha256, HELLO));
        }
    });
    assert_eq!(files.list().unwrap(), [HELLO]);
    assert_eq!(left_in_incoming(&data), 0);
}

#[cfg(unix)]
#[test]
fn evidence_is_readable_by_the_portals_own_account_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_data, files) = folder();
    files.store(b"hello").unwrap();
    let mode = files.open(HELLO).unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn every_accepted_kind_is_recognised_by_its_content() {
    let (odt, docx) = (odt(), docx());
    let samples: [(&[u8], MediaType); 8] = [
        (PDF, MediaType::Pdf),
        (PNG, MediaType::Png),
        (JPEG, MediaType::Jpeg),
        (WEBP, MediaType::Webp),
        (HEIC, MediaType::Heic),
        (&odt, MediaType::Odt),
        (&docx, MediaType::Docx),
        (EML, MediaType::Eml),
    ];
    for (bytes, expected) in samples {
        assert_eq!(kind(bytes), Ok(expected));
    }
    assert_eq!(samples.map(|(_, kind)| kind), MediaType::ALL);
}

#[test]
fn a_photograph_whose_main_brand_is_general_is_heic_when_it_says_so() {
    assert_eq!(kind(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf\0\0\0\0"), Ok(MediaType::Heic));
    assert!(kind(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf\0\0\0\0").is_err());
}

#[test]
fn other_brands_of_the_same_family_are_heic_and_av1_pictures_are_not() {
    assert_eq!(kind(b"\0\0\0\x18ftypheim\0\0\0\0mif1heim\0\0\0\0"), Ok(MediaType::Heic));
    assert_eq!(kind(b"\0\0\0\x1cftypmif1\0\0\0\0mif1heixmiaf\0\0\0\0"), Ok(MediaType::Heic));
    assert!(kind(b"\0\0\0\x1cftypmif1\0\0\0\0avifheixmiaf\0\0\0\0").is_err());
    // brands that stand behind the box are none
    assert!(kind(b"\0\0\0\x10ftypmif1\0\0\0\0heixmiaf\0\0\0\0").is_err());
}

#[test]
fn a_pdf_may_begin_as_every_reader_opens_it() {
    let mut mac = vec![0; 128];
    mac[1] = 9;
    mac[2..11].copy_from_slice(b"proof.pdf");
    for before in [&b"\xef\xbb\xbf"[..], b"\n\n", b" \r\n\t", b"\xef\xbb\xbf\r\n", &mac] {
        assert_eq!(kind(&[before, PDF].concat()), Ok(MediaType::Pdf), "{before:?}");
    }
    for before in
        [&b"<html>"[..], b"<html>\n", b"MZ\x90\0", b"GIF89a", b"PK\x03\x04", b"#!/bin/sh\n", &[0; 128], b"\0"]
    {
        assert!(kind(&[before, PDF].concat()).is_err(), "{before:?}");
    }
    let far = [b"\n".repeat(2_000).as_slice(), PDF].concat();
    assert!(kind(&far).is_err());
}

#[test]
fn a_locked_pdf_is_known_wherever_it_begins() {
    let references = b"%PDF-1.5\n1 0 obj<</Type/XRef/Encrypt 2 0 R>>stream\n";
    let padding = b" ".repeat(9_000);
    let tail = b"\nstartxref\n9\n%%EOF\n";
    for before in [&b""[..], b"\xef\xbb\xbf", b"\n\n\n"] {
        let locked = [before, references, &padding, tail].concat();
        assert!(is_encrypted(&mut Cursor::new(locked)).unwrap(), "{before:?}");
        let open = [before, &references[..9], &padding, tail].concat();
        assert!(!is_encrypted(&mut Cursor::new(open)).unwrap(), "{before:?}");
    }
}

#[test]
fn word_documents_are_known_by_the_names_that_other_writers_give_their_parts() {
    for main in ["word/document2.xml", "word\\document.xml", "Word/Document.xml"] {
        let made = zipped(&[("[Content_Types].xml", "<Types/>"), (main, "<w:document/>")], false);
        assert_eq!(kind(&made), Ok(MediaType::Docx), "{main}");
        let macros = [("[content_types].xml", ""), (main, ""), ("word\\vbaProject.BIN", "")];
        assert!(kind(&zipped(&macros, false)).unwrap_err().contains("macros"));
    }
}

#[test]
fn uploads_leave_the_reserve_of_the_disk_alone() {
    let (_data, files) = folder();
    let full = files.clone().leaving_free(u64::MAX);
    assert!(matches!(full.store(b"hello"), Err(FilesError::Reserve)));
    assert!(files.leaving_free(0).store(b"hello").is_ok());
    assert_eq!([reserve_of(1 << 40), reserve_of(100 << 20), reserve_of(0)], [256 << 20, 5 << 20, 0]);
}

#[test]
fn mails_are_recognised_in_the_forms_programs_save_them() {
    for mail in [
        "From: a@example.org\nSubject: Hi\n\nHello",
        "Date: Mon, 1 Mar 2027 10:00:00 +0100\nFROM: a@example.org\n",
        "\u{feff}MIME-Version: 1.0\r\nFrom: a@example.org\r\nSubject: Grüße\r\n\r\n",
        "From a@example.org Mon Mar  1 10:00:00 2027\nFrom: a@example.org\nTo: b@example.org\n\n",
        "X-Odd : spaced\nFrom: a@example.org\nMessage-ID:\n <1@example.org>\n\n<html><body>Thanks</body></html>",
    ] {
        assert_eq!(kind(mail.as_bytes()), Ok(MediaType::Eml), "{mail}");
    }
}

#[test]
fn text_that_is_no_mail_is_not_taken_for_one() {
    for text in [
        "I attended a conference. It was fine.",
        "Subject: without a sender\n\nHello",
        "From: a sender and nothing else\n\nHello",
        "\nFrom: a@example.org\nSubject: begins with an empty line\n",
        "some words first\nFrom: a@example.org\nSubject: Hi\n\n",
        "From: a@example.org\nSubject: Hi\nno header here\n\n",
        "email,category\nFrom: x,Subject: y\n",
        " From: a@example.org\nSubject: begins folded\nTo: b\n\n",
    ] {
        assert!(kind(text.as_bytes()).is_err(), "{text}");
    }
    assert!(kind(b"From: a@example.org\nSubject: Hi\n\nbinary\0body").is_err());
    assert!(kind(b"From: a@example.org\nSubject: \x07Hi\n\n").is_err());
}

#[test]
fn what_only_pretends_is_refused_with_a_reason_that_helps() {
    let zip = zipped(&[("notes.pdf", "hello")], false);
    let xlsx = zipped(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")], false);
    let ods = zipped(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet")], true);
    let macros = zipped(
        &[("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>"), ("word/vbaProject.bin", "x")],
        false,
    );
    let samples: [(&[u8], &str); 19] = [
        (b"", "This file is empty."),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "This file is a web page."),
        (b"\xef\xbb\xbf  <HTML>", "This file is a web page."),
        (b"<script>alert(1)</script>", "This file is a web page."),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "This file is an SVG drawing."),
        (b"<?xml version='1.0'?><svg/>", "This file is an SVG drawing."),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "This file is a program."),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "This file is a program."),
        (b"#!/bin/sh\necho", "This file is a program."),
        (&zip, "This file is a packed folder."),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "This file is a packed folder."),
        (b"PK\x03\x04 and then nothing", "This file is damaged or cut short."),
        (&xlsx, "This file is an office document of another kind."),
        (&ods, "This file is an office document of another kind."),
        (&macros, "This file is a Word document with macros."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0", "This file is an old kind of Office document"),
        (b"GIF89a\x01\0\x01\0", "This file is a picture of a kind we cannot show."),
        (b"\x89PNG\r\n\x1a\nbut no header", "We could not tell what kind of file this is."),
        (b"just some words", "We could not tell what kind of file this is."),
    ];
    for (bytes, reason) in samples {
        let refusal = kind(bytes).unwrap_err();
        assert!(refusal.starts_with(reason), "{:?}: {refusal}", String::from_utf8_lossy(bytes));
        assert!(refusal.contains("hoose") || refusal.contains("Save"), "no way on: {refusal}");
    }
}

#[test]
fn a_document_that_is_cut_anywhere_is_refused_and_never_a_fault() {
    for whole in [odt(), docx()] {
        for length in 0..whole.len() {
            assert!(kind(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn damaged_bytes_are_an_answer_and_never_a_fault() {
    let samples = [odt(), docx(), PDF.to_vec(), HEIC.to_vec(), WEBP.to_vec(), EML.to_vec(), PNG.to_vec()];
    for whole in samples {
        for position in 0..whole.len() {
            for value in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] = value;
                let _ = kind(&damaged);
            }
        }
    }
}

#[test]
fn a_document_that_claims_a_mass_of_parts_is_not_read() {
    let mut forged = docx();
    let end = forged.windows(4).rposition(|window| window == b"PK\x05\x06").unwrap();
    forged[end + 10..end + 12].copy_from_slice(&u16::MAX.to_le_bytes());
    assert!(kind(&forged).unwrap_err().starts_with("This file is a packed folder."));
}

#[test]
fn an_opendocument_type_that_is_compressed_is_not_believed() {
    let parts = [("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")];
    assert!(kind(&zipped(&parts, false)).is_err());
}

#[test]
fn only_what_browsers_draw_safely_is_shown_in_place() {
    let inline: Vec<_> = MediaType::ALL.into_iter().filter(|kind| kind.may_show_inline()).collect();
    assert_eq!(inline, [MediaType::Pdf, MediaType::Png, MediaType::Jpeg, MediaType::Webp]);
}

#[test]
fn every_kind_is_found_again_by_its_mime_text() {
    for kind in MediaType::ALL {
        assert_eq!(MediaType::from_mime(kind.mime()), Some(kind));
        assert!(kind.endings().contains(&kind.extension()));
        assert!(!kind.label().is_empty());
    }
    assert_eq!(MediaType::from_mime("text/html"), None);
}

#[test]
fn file_names_lose_what_is_dangerous_and_keep_what_people_wrote() {
    for (given, expected) in [
        ("certificate.pdf", "certificate.pdf"),
        ("C:\\Users\\me\\Träning – dag 2.pdf", "Träning – dag 2.pdf"),
        ("/etc/passwd", "passwd"),
        ("../../evil.png", "evil.png"),
        ("証明書（2027）.pdf", "証明書2027.pdf"),
        ("प्रमाण.pdf", "प्रमाण.pdf"),
        ("cafe\u{301}.pdf", "caf\u{e9}.pdf"),
        ("a\"b;c<d>e.pdf", "a_b_c_d_e.pdf"),
        ("line\r\nbreak\0.pdf", "line break.pdf"),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("  spaced   out .pdf ", "spaced out .pdf"),
        (".htaccess", "htaccess"),
        ("...", "evidence"),
        ("", "evidence"),
        ("folder/", "evidence"),
    ] {
        assert_eq!(clean(given), expected, "{given:?}");
    }
}

#[test]
fn long_file_names_are_cut_to_120_characters_and_keep_their_ending() {
    let cut = clean(&format!("{}.pdf", "ü".repeat(300)));
    assert_eq!(cut.chars().count(), 120);
    assert!(cut.ends_with("ü.pdf"));
    assert_eq!(clean(&"x".repeat(300)).len(), 120);
    assert_eq!(clean(&format!("a.{}", "b".repeat(300))).len(), 120);
    let whole = format!("{}.pdf", "x".repeat(116));
    assert_eq!(clean(&whole), whole);
}

#[test]
fn cleaning_a_clean_name_changes_nothing() {
    for given in [
        "a\"b;c.pdf",
        "Träning – dag 2.pdf",
        "  . odd . ",
        &"x y".repeat(100),
        &format!("{} .pdf", "y ".repeat(200)),
    ] {
        let once = clean(given);
        assert_eq!(clean(&once), once);
    }
}

#[test]
fn a_download_is_named_as_what_it_is() {
    assert_eq!(for_download("proof.pdf", MediaType::Pdf), "proof.pdf");
    assert_eq!(for_download("proof.JPEG", MediaType::Jpeg), "proof.JPEG");
    assert_eq!(for_download("proof.exe", MediaType::Png), "proof.exe.png");
    assert_eq!(for_download("page.html", MediaType::Eml), "page.html.eml");
    assert_eq!(for_download("", MediaType::Docx), "evidence.docx");
    assert_eq!(for_download(&"x".repeat(300), MediaType::Webp).chars().count(), 120);
}
