//! Every reader of bytes that a stranger sends, as a function of bytes. The targets of `tests/fuzz` call these with bytes that are made
//! up; the portal's own tests call them with the corpus (`tests/portal/corpus.rs`), so that what was found once stays mended.
//!
//! A reader may refuse anything; it may not panic, and what it gives has to hold what it promises.

mod site;

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use cpe_portal::actions::accounts::{checked_email, checked_name};
use cpe_portal::badges::copy::{BadgeCopy, issuer};
use cpe_portal::badges::keys::Keys;
use cpe_portal::badges::origin::Origin;
use cpe_portal::badges::{embed, proof};
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::dates::{certain_day, either_way, parse_day};
use cpe_portal::domain::day_order::{DayColumns, DayOrder};
use cpe_portal::files::{file_name, media_type, pdf};
use cpe_portal::transfer::table::{Table, guarded, unguarded};
use cpe_portal::web::forms::fields::Fields;

/// Reads what a stranger sends; whatever it is, it ends.
pub type Entry = fn(&[u8]);

/// A reader, and the name of its folder in the corpus.
pub const ENTRIES: [(&str, Entry); 15] = [
    ("badge_json", badge_json),
    ("badge_png", badge_png),
    ("badge_svg", badge_svg),
    ("evidence", evidence),
    ("zip", zip),
    ("csv", csv),
    ("days", days),
    ("quantities", quantities),
    ("addresses", addresses),
    ("smtp_replies", smtp_replies),
    ("imap_responses", imap_responses),
    ("delivery_reports", delivery_reports),
    ("query_strings", query_strings),
    ("backups", backups),
    ("multipart", multipart),
];

/// What a reader is tried with for these bytes: everything, or, where millions of inputs are tried, the one that the bytes choose.
fn one_of<'a, T>(all: &'a [T], bytes: &[u8]) -> &'a [T] {
    if cfg!(fuzzing) {
        let chosen = bytes.iter().fold(bytes.len(), |sum, &byte| sum + usize::from(byte)) % all.len();
        return &all[chosen..=chosen];
    }
    all
}

struct Issuer {
    keys: Keys,
    origin: Origin,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("cpe-portal-fuzz-{}", std::process::id()));
    let day = "2026-11-23".parse().unwrap();
    let keys = Keys::open(&folder.join("badges.json"), day, &[]).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    Issuer { keys, origin: Origin::of("http://portal.test").unwrap() }
});

/// A badge as text: its issuer, its shape, and, when it has that of ours, its signature.
pub fn badge_json(bytes: &[u8]) {
    let Some(text) = embed::credential_in(bytes) else { return };
    let _ = issuer(&text);
    let Ok(copy) = BadgeCopy::read(&text) else { return };
    let again = BadgeCopy::read(&copy.document().to_string()).unwrap();
    assert_eq!(again, copy, "the one form is the one form of itself");
    let _ = proof::signer(copy.document(), &ISSUER.keys, &ISSUER.origin);
    assert!(proof::verify(copy.document(), &ISSUER.keys, &ISSUER.origin).is_err(), "nobody has the key");
}

/// The chunks of a PNG.
pub fn badge_png(bytes: &[u8]) {
    let file = [b"\x89PNG\r\n\x1a\n", bytes].concat();
    if let Some(text) = embed::credential_in(&file) {
        assert!(text.len() <= file.len() || u64::try_from(text.len()).unwrap() <= embed::LARGEST_TEXT);
        badge_json(text.as_bytes());
    }
}

/// A badge inside a drawing.
pub fn badge_svg(bytes: &[u8]) {
    let file = [b"<svg><openbadges:credential", bytes].concat();
    if let Some(text) = embed::credential_in(&file) {
        assert!(text.len() <= file.len());
        badge_json(text.as_bytes());
    }
}

/// What a file is that somebody brings as evidence, and what it may be called.
pub fn evidence(bytes: &[u8]) {
    let _ = media_type::recognise(&mut Cursor::new(bytes)).unwrap();
    let _ = pdf::is_encrypted(&mut Cursor::new(bytes)).unwrap();
    let name = file_name::clean(&String::from_utf8_lossy(bytes));
    assert_eq!(file_name::clean(&name), name, "a clean name is clean");
}

/// The same, of what begins as a packed document does.
pub fn zip(bytes: &[u8]) {
    evidence(&[b"PK\x03\x04", bytes].concat());
}

/// A table with a header of the holders' import.
pub fn csv(bytes: &[u8]) {
    const COLUMNS: [&str; 2] = ["email", "name"];
    let with_header = [b"email,name\n", bytes].concat();
    for file in one_of(&[bytes, &with_header], bytes) {
        let Ok(mut table) = Table::open(*file, &COLUMNS) else { continue };
        let mut line = 0;
        while let Ok(Some(record)) = table.next_row() {
            assert!(record.line > line, "rows go down the file");
            line = record.line;
            for cell in record.cells.unwrap_or_default() {
                assert_eq!(unguarded(&guarded(&cell)), cell, "what goes out comes in again");
            }
        }
    }
}

/// Days as people write them, alone and in a column.
pub fn days(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = either_way(&text);
    let _ = certain_day(&text);
    if let Some(day) = parse_day(&text) {
        assert_eq!(parse_day(&day.to_string()), Some(day));
    }
    let orders = [None, Some(DayOrder::DayFirst), Some(DayOrder::MonthFirst), Some(DayOrder::Iso)];
    for chosen in one_of(&orders, bytes) {
        let mut columns = DayColumns::new(&["day"], *chosen);
        for (line, cell) in (1..).zip(text.split('\n')) {
            columns.note("day", line, cell);
        }
        let _ = columns.words();
        for cell in text.split('\n') {
            if let Ok(day) = columns.read("day", cell) {
                assert_eq!(parse_day(&day.to_string()), Some(day));
            }
        }
    }
}

/// Hours and pages as people write them.
pub fn quantities(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for category in Category::ALL {
        if let Ok(quantity) = Quantity::parse(category, &text) {
            assert_eq!(Quantity::parse(category, &quantity.typed()), Ok(quantity));
        }
    }
    let (hours, minutes) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = Quantity::from_hours_and_minutes(hours, minutes);
}

/// Addresses and names.
pub fn addresses(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(email) = checked_email(&text) {
        assert_eq!(checked_email(&email).as_ref(), Ok(&email));
    }
    if let Ok(name) = checked_name(&text) {
        assert_eq!(checked_name(&name).as_ref(), Ok(&name));
    }
}

/// What comes back from mail servers, or says so.
pub fn delivery_reports(bytes: &[u8]) {
    let Ok(Some(report)) = cpe_portal::mail::read_report(bytes) else { return };
    assert!(!report.words.contains(char::is_control));
    assert!(report.message_ids.iter().all(|id| id.starts_with('<') && id.ends_with('>')));
}

/// What a mail server says.
pub fn smtp_replies(bytes: &[u8]) {
    for (code, said) in cpe_portal::mail::replies(bytes) {
        assert!((200..600).contains(&code) && !said.contains(['\r', '\n']), "{code} {said:?}");
    }
}

/// What the server of a mailbox says.
pub fn imap_responses(bytes: &[u8]) {
    for (said, message) in cpe_portal::mail::mailbox_responses(bytes) {
        assert!(!said.contains(['\r', '\n']), "{said:?}");
        assert!(message.is_none_or(|message| message.len() <= bytes.len()));
    }
}

/// What stands after the question mark, and a form that was sent the same way.
pub fn query_strings(bytes: &[u8]) {
    let fields = Fields::parse(bytes);
    let _ = fields.read::<std::collections::BTreeMap<String, String>>();
    let pairs = fields.clone().into_pairs();
    for (name, _) in &pairs {
        assert!(fields.has(name) && fields.all(name).next() == Some(fields.one(name)));
    }
}

/// The parts of a form.
pub fn multipart(bytes: &[u8]) {
    site::multipart(bytes);
}

/// A backup that somebody wants to put back.
pub fn backups(bytes: &[u8]) {
    thread_local! {
        static FILE: tempfile::NamedTempFile = tempfile::NamedTempFile::new().unwrap();
    }
    FILE.with(|file| {
        let mut open = file.reopen().unwrap();
        open.set_len(0).unwrap();
        open.write_all(bytes).unwrap();
        let _ = cpe_portal::upkeep::restore::examine(file.path());
    });
}
