//! A mail as an internet message, read back by another parser, and that no word of anybody's can break out of its place.

use cpe_portal::config::{Sender, Settings};
use cpe_portal::mail::{DeliveryError, Envelope, message_id};
use mail_parser::{MessageParser, MimeHeaders, PartType};

use super::smtp_server::SmtpServer;
use super::{config, envelope, instant, mailer};

/// The bytes that a server gets.
fn sent(envelope: &Envelope) -> Vec<u8> {
    let server = SmtpServer::start(|_, _| None);
    mailer(&server, std::time::Duration::from_secs(10)).open().deliver(envelope, &mut || Ok(())).unwrap();
    server.mails().remove(0)
}

fn refused(envelope: &Envelope) -> bool {
    let config = config(Settings::default());
    let mailer = cpe_portal::mail::Mailer::memory(config.mail_from);
    let outcome = mailer.open().deliver(envelope, &mut || panic!("begun"));
    matches!(outcome, Err(DeliveryError::Permanent(_)))
}

/// Header lines, unfolded.
fn headers(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(str::to_owned).collect()
}

#[test]
fn the_message_is_what_another_parser_reads() {
    let bytes = sent(&envelope("zoe@example.org"));
    assert!(bytes.is_ascii());
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Institut Zürich & Partners"), Some("advice@example.org"))
    );
    let to = mail.to().unwrap();
    assert_eq!(to.as_list().unwrap().len(), 1);
    assert_eq!(to.first().unwrap().name(), Some("Zoë O'Brien"));
    assert_eq!(to.first().unwrap().address(), Some("zoe@example.org"));
    assert_eq!(mail.subject(), Some("Reminder: crédits are missing"));
    assert_eq!(mail.message_id(), Some("0b8f6a52-4c1d@example.org"));
    assert_eq!(mail.date().unwrap().to_timestamp(), instant("2027-03-14T09:30:05").and_utc().timestamp());
    assert_eq!(mail.content_type().unwrap().subtype(), Some("alternative"));
    // the plain text first: readers show the last one they can
    let parts: Vec<&PartType> = mail.parts.iter().skip(1).map(|part| &part.body).collect();
    assert!(matches!(parts[..], [PartType::Text(_), PartType::Html(_)]), "{parts:?}");
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), envelope("").text);
    assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n"), envelope("").html);
    let lines = headers(&bytes);
    for line in ["Auto-Submitted: auto-generated", "X-CPE-Notice: reminder", "MIME-Version: 1.0"] {
        assert_eq!(lines.iter().filter(|have| *have == line).count(), 1, "{line}: {lines:?}");
    }
    assert!(lines.iter().any(|line| line == "Message-ID: <0b8f6a52-4c1d@example.org>"), "{lines:?}");
}

#[test]
fn the_same_mail_is_the_same_bytes() {
    let mail = envelope("zoe@example.org");
    assert_eq!(sent(&mail), sent(&mail));
}

#[test]
fn names_in_any_script_arrive() {
    for name in
        ["محمد عبد الله", "李小龍", "Łukasz \"Łuk\" Żółć", "O'Brien, Zoë (PhD)", "🙂 Smile", "a@b.c <x>"]
    {
        let mail = Envelope { to_name: name.to_owned(), ..envelope("zoe@example.org") };
        let bytes = sent(&mail);
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        let to = parsed.to().unwrap();
        assert_eq!(to.as_list().unwrap().len(), 1, "{name}");
        assert_eq!(to.first().unwrap().name(), Some(name));
        assert_eq!(to.first().unwrap().address(), Some("zoe@example.org"));
    }
}

#[test]
fn an_empty_name_is_left_out() {
    let mail = Envelope { to_name: " \n".to_owned(), ..envelope("zoe@example.org") };
    assert!(headers(&sent(&mail)).contains(&"To: zoe@example.org".to_owned()));
}

#[test]
fn long_names_and_subjects_stay_inside_their_lines() {
    let mail = Envelope {
        to_name: "Zoë ".repeat(60),
        subject: "Ünterlängen ".repeat(40),
        text: "x".repeat(3000),
        ..envelope("zoe@example.org")
    };
    let bytes = sent(&mail);
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.subject(), Some("Ünterlängen ".repeat(40).trim()));
    assert_eq!(parsed.body_text(0).unwrap().trim(), "x".repeat(3000));
}

#[test]
fn no_header_can_be_slipped_in() {
    let evil = "Zoë\r\nBcc: all@example.org\r\n\r\n<h1>Hi</h1>";
    let mail = Envelope {
        to_name: evil.to_owned(),
        subject: format!("Hello{evil}\u{2028}\u{0}"),
        ..envelope("zoe@example.org")
    };
    let bytes = sent(&mail);
    assert_eq!(headers(&bytes).len(), headers(&sent(&envelope("zoe@example.org"))).len());
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert!(parsed.bcc().is_none());
    assert_eq!(parsed.to().unwrap().as_list().unwrap().len(), 1);
    assert_eq!(parsed.subject(), Some("HelloZoë Bcc: all@example.org <h1>Hi</h1>"));
}

#[test]
fn what_cannot_be_made_harmless_is_refused() {
    let good = || envelope("zoe@example.org");
    for address in [
        "",
        "zoe",
        "zoe@",
        "@example.org",
        "zoe@exa mple.org",
        "zoe@example.org\r\nRCPT TO:<x@example.org>",
        "zoe@example.org>\r\nDATA\r\n",
        "a@b.example, c@d.example",
        "zoe\r\n@example.org",
        "zoe <zoe@example.org>",
    ] {
        assert!(refused(&envelope(address)), "{address}");
    }
    for kind in ["", "reminder\r\nBcc: x@example.org", "Reminder", "a b"] {
        assert!(refused(&Envelope { kind: kind.to_owned(), ..good() }), "{kind}");
    }
    for id in [
        "",
        "no-brackets@example.org",
        "<>",
        "<@example.org>",
        "<a>",
        "<../../etc/passwd@example.org>",
        "<a@b>\r\nBcc: <x@example.org>",
        "<a b@example.org>",
        "<.hidden@example.org>",
    ] {
        assert!(refused(&Envelope { message_id: id.to_owned(), ..good() }), "{id}");
    }
}

#[test]
fn a_message_id_is_made_at_the_senders_domain() {
    let sender = |address: &str| Sender { name: String::new(), address: address.to_owned() };
    assert_eq!(message_id("4c1d-77", &sender("cpe@example.org")), "<4c1d-77@example.org>");
    assert_eq!(message_id("4c1d-77", &sender("cpe@zürich.example")), "<4c1d-77@xn--zrich-kva.example>");
    assert_eq!(message_id("4c1d-77", &sender("cpe@localhost")), "<4c1d-77@localhost>");
    let made = message_id("4c1d-77", &sender("cpe@zürich.example"));
    assert!(!refused_id(&made));
}

fn refused_id(id: &str) -> bool {
    let mailer = cpe_portal::mail::Mailer::memory(config(Settings::default()).mail_from);
    mailer
        .open()
        .deliver(&Envelope { message_id: id.to_owned(), ..envelope("zoe@example.org") }, &mut || Ok(()))
        .is_err()
}
