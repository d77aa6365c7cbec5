//! Mails as files, and mails in memory.

use std::fs;

use cpe_portal::config::Settings;
use cpe_portal::mail::{DeliveryError, Envelope, Mailer};
use mail_parser::MessageParser;

use super::{config, deliver, envelope};

fn directory(data: &std::path::Path) -> Mailer {
    Mailer::new(&config(Settings { data: Some(data.to_owned()), ..Settings::default() })).unwrap()
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn without_a_mail_server_mails_become_files_that_mail_programs_read() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    let mut session = directory(data.path()).open();
    assert!(!folder.exists());
    let mut seen = usize::MAX;
    let outcome = session.deliver(&envelope("zoe@example.org"), &mut || {
        seen = names(&folder).len();
        Ok(())
    });
    assert_eq!((outcome, seen), (Ok(()), 0), "before_body comes before the writing");
    assert_eq!(names(&folder), ["20270314T093005Z-0b8f6a52-4c1d.eml"]);
    let bytes = fs::read(folder.join("20270314T093005Z-0b8f6a52-4c1d.eml")).unwrap();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("zoe@example.org"));
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), envelope("").text);
    assert_eq!(mail.header_raw("X-CPE-Notice").map(str::trim), Some("reminder"));
}

#[test]
fn the_same_mail_twice_is_one_file_and_another_mail_another() {
    let data = tempfile::tempdir().unwrap();
    let mut session = directory(data.path()).open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    let other = Envelope { message_id: "<other@example.org>".to_owned(), ..envelope("zoe@example.org") };
    session.deliver(&other, &mut || Ok(())).unwrap();
    assert_eq!(
        names(&data.path().join("mail")),
        ["20270314T093005Z-0b8f6a52-4c1d.eml", "20270314T093005Z-other.eml"]
    );
}

#[test]
fn a_failure_of_before_body_writes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut session = directory(data.path()).open();
    let outcome = session.deliver(&envelope("zoe@example.org"), &mut || Err("no".into()));
    assert_eq!(outcome, Err(DeliveryError::NotAttempted("no".to_owned())));
    assert!(names(&data.path().join("mail")).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_temporary() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("mail"), "a file where the folder should be").unwrap();
    let mut session = directory(data.path()).open();
    assert!(matches!(deliver(&mut session, "zoe@example.org"), (0, Err(DeliveryError::Temporary(_)))));

    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("mail");
    // a folder where the file should be: nothing can be renamed onto it
    fs::create_dir_all(folder.join("20270314T093005Z-0b8f6a52-4c1d.eml").join("x")).unwrap();
    let mut session = directory(data.path()).open();
    assert!(matches!(deliver(&mut session, "zoe@example.org"), (1, Err(DeliveryError::Temporary(_)))));
    assert_eq!(names(&folder).len(), 1, "no half-written file is left");
}

#[cfg(unix)]
#[test]
fn only_the_portals_own_user_can_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().unwrap();
    let mut session = directory(data.path()).open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    let folder = data.path().join("mail");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("20270314T093005Z-0b8f6a52-4c1d.eml")), 0o600);
}

#[test]
fn mails_in_memory_are_seen_by_every_clone() {
    let mailer = Mailer::memory(config(Settings::default()).mail_from);
    let Mailer::Memory(memory) = mailer.clone() else { panic!("another kind") };
    assert_eq!(deliver(&mut mailer.open(), "zoe@example.org"), (1, Ok(())));
    let failed = mailer.open().deliver(&envelope("ann@example.org"), &mut || Err("no".into()));
    assert!(matches!(failed, Err(DeliveryError::NotAttempted(_))));
    assert_eq!(memory.delivered(), [envelope("zoe@example.org")]);
}

#[test]
fn the_configuration_chooses_the_mailer() {
    let smtp = |url: &str| Settings { smtp: Some(url.parse().unwrap()), ..Settings::default() };
    assert!(matches!(Mailer::new(&config(smtp("smtp://localhost:2525"))), Ok(Mailer::Smtp(_))));
    assert!(matches!(Mailer::new(&config(Settings::default())), Ok(Mailer::Directory(_))));
}
