//! Encryption and signing in: what the URL of the mail server says, and that no password goes where it should not.

use std::time::Duration;

use cpe_portal::mail::{DeliveryError, Encryption, Mailer, MailerProblem, Server};

use super::smtp_server::{Act, Manners, SmtpServer, Step};
use super::{deliver, smtp};

const PATIENT: Duration = Duration::from_secs(10);

fn server(url: &str) -> Result<Server, MailerProblem> {
    Server::parse(&url.parse().unwrap())
}

/// `scheme://` + `sign-in@` + `localhost:port` + `query`, trusting the server's authority.
fn mailer(server: &SmtpServer, scheme: &str, sign_in: &str, query: &str) -> Mailer {
    let url = format!("{scheme}://{sign_in}localhost:{}{query}", server.address.port());
    Mailer::Smtp(smtp(&url, PATIENT).trusting(server.authority.clone()))
}

const ENCRYPTING: Manners =
    Manners { offers: "AUTH PLAIN LOGIN\n", starttls: true, tls_from_the_start: false };

#[test]
fn the_url_says_where_and_how() {
    let read = |url| server(url).map(|s| (s.host, s.port, s.encryption)).unwrap();
    let host = || "mail.example.org".to_owned();
    assert_eq!(read("smtp://mail.example.org"), (host(), 25, Encryption::None));
    assert_eq!(read("smtp://mail.example.org:2525"), (host(), 2525, Encryption::None));
    assert_eq!(read("smtp://mail.example.org?tls=opportunistic"), (host(), 25, Encryption::Opportunistic));
    assert_eq!(read("smtp://mail.example.org?tls=required"), (host(), 587, Encryption::Required));
    assert_eq!(read("smtp://u:p@mail.example.org:587?tls=required"), (host(), 587, Encryption::Required));
    assert_eq!(read("smtps://mail.example.org"), (host(), 465, Encryption::Implicit));
    assert_eq!(read("smtps://u:p@mail.example.org:465?tls=required"), (host(), 465, Encryption::Implicit));
    assert_eq!(read("smtp://[::1]:2525"), ("::1".to_owned(), 2525, Encryption::None));
    assert_eq!(read("smtp://192.0.2.7"), ("192.0.2.7".to_owned(), 25, Encryption::None));
}

#[test]
fn a_password_asks_for_encryption_unless_the_server_is_this_machine() {
    let read = |url| server(url).unwrap().encryption;
    assert_eq!(read("smtp://u:p@mail.example.org"), Encryption::Required);
    assert_eq!(read("smtp://u:p@mail.example.org:25?tls=opportunistic"), Encryption::Required);
    assert_eq!(read("smtp://u:p@127.0.0.1"), Encryption::None);
    assert_eq!(read("smtp://u:p@localhost"), Encryption::None);
    assert_eq!(read("smtp://u:p@[::1]"), Encryption::None);
}

#[test]
fn what_cannot_be_used_is_refused_without_repeating_it() {
    for (url, problem) in [
        ("http://mail.example.org", MailerProblem::Unreadable),
        ("mail.example.org:25", MailerProblem::Unreadable),
        ("smtp://", MailerProblem::Unreadable),
        ("smtp://mail.example.org?tls=maybe", MailerProblem::UnknownSetting),
        ("smtp://mail.example.org?password=secret", MailerProblem::UnknownSetting),
        ("smtps://mail.example.org?tls=opportunistic", MailerProblem::UnknownSetting),
        ("smtp://u:%ff@mail.example.org", MailerProblem::Credentials),
    ] {
        assert_eq!(server(url).map(|s| s.host), Err(problem), "{url}");
    }
    assert!(!MailerProblem::Unreadable.to_string().contains("secret"));
    let debug = format!("{:?}", server("smtp://someone:secret@mail.example.org").unwrap());
    assert!(debug.contains("mail.example.org:587"), "{debug}");
    assert!(!debug.contains("secret") && !debug.contains("someone"), "{debug}");
}

#[test]
fn starttls_encrypts_before_anything_that_matters_is_said() {
    let server = SmtpServer::with(ENCRYPTING, |_, _| None);
    let mut session = mailer(&server, "smtp", "u:p@", "?tls=required").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert_eq!(deliver(&mut session, "ann@example.org"), (1, Ok(())));
    drop(session);
    let commands: Vec<String> = server.log().into_iter().filter(|line| !line.starts_with('>')).collect();
    assert_eq!(
        commands[..4],
        [
            "EHLO cpe.example.org",
            "STARTTLS",
            "EHLO cpe.example.org",
            // "\0u\0p"
            "AUTH PLAIN AHUAcA==",
        ]
    );
    assert_eq!(server.mails().len(), 2);
    assert_eq!(server.connections(), 1);
}

#[test]
fn implicit_tls_encrypts_from_the_first_byte() {
    let manners = Manners { tls_from_the_start: true, ..ENCRYPTING };
    let server = SmtpServer::with(manners, |_, _| None);
    let mut session = mailer(&server, "smtps", "u:p@", "").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert!(server.heard("STARTTLS").is_empty());
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn opportunistic_tls_uses_what_the_server_offers() {
    let offering = SmtpServer::with(ENCRYPTING, |_, _| None);
    let mut session = mailer(&offering, "smtp", "", "?tls=opportunistic").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    assert_eq!(offering.heard("STARTTLS").len(), 1);
    let plain = SmtpServer::start(|_, _| None);
    let mut session = mailer(&plain, "smtp", "", "?tls=opportunistic").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
}

#[test]
fn without_the_encryption_that_is_required_nothing_is_said() {
    let plain = SmtpServer::start(|_, _| None);
    let mut session = mailer(&plain, "smtp", "u:p@", "?tls=required").open();
    let outcome = deliver(&mut session, "zoe@example.org");
    assert!(
        matches!(&outcome, (0, Err(DeliveryError::Temporary(text))) if text.contains("no encryption")),
        "{outcome:?}"
    );
    assert!(plain.heard("AUTH").is_empty() && plain.heard("MAIL").is_empty());
}

#[test]
fn a_server_that_nobody_vouches_for_gets_nothing() {
    let server = SmtpServer::with(ENCRYPTING, |_, _| None);
    let url = |host: &str| format!("smtp://u:p@{host}:{}?tls=required", server.address.port());
    // unknown authority, then a name that is not in the certificate
    let strangers = [
        smtp(&url("localhost"), PATIENT),
        smtp(&url("127.0.0.1"), PATIENT).trusting(server.authority.clone()),
    ];
    for stranger in strangers {
        let outcome = deliver(&mut Mailer::Smtp(stranger).open(), "zoe@example.org");
        assert!(
            matches!(&outcome, (0, Err(DeliveryError::Temporary(text))) if text.contains("certificate")),
            "{outcome:?}"
        );
    }
    assert!(server.heard("AUTH").is_empty() && server.heard("MAIL").is_empty());
}

#[test]
fn words_slipped_in_before_encryption_are_not_believed() {
    let server = SmtpServer::with(ENCRYPTING, |step, _| {
        // one reply and, in the same breath, a second one that a reader would keep for later
        (step == Step::StartTls).then_some(Act::Raw("220 go ahead\r\n250 slipped in\r\n"))
    });
    let outcome = deliver(&mut mailer(&server, "smtp", "", "?tls=required").open(), "zoe@example.org");
    assert!(matches!(&outcome, (0, Err(DeliveryError::Temporary(_)))), "{outcome:?}");
    assert!(server.heard("MAIL").is_empty());
}

#[test]
fn a_silent_server_is_left_in_the_middle_of_the_tls_handshake() {
    // a plain server never answers the handshake; it waits for a line end that does not come
    let server = SmtpServer::start(|step, _| (step == Step::Greeting).then_some(Act::Hang));
    let limit = Duration::from_millis(400);
    let url = format!("smtps://localhost:{}", server.address.port());
    let began = std::time::Instant::now();
    let outcome = deliver(&mut Mailer::Smtp(smtp(&url, limit)).open(), "zoe@example.org");
    assert!(matches!(&outcome, (0, Err(DeliveryError::Temporary(_)))), "{outcome:?}");
    assert!(began.elapsed() < limit * 4, "{:?}", began.elapsed());
}

#[test]
fn signing_in_speaks_plain_or_login() {
    let plain = SmtpServer::with(Manners { offers: "AUTH LOGIN PLAIN\n", ..Manners::default() }, |_, _| None);
    let mut session = mailer(&plain, "smtp", "z%40example.org:p%25%C3%A4ss@", "").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
    // "\0z@example.org\0p%äss"
    assert_eq!(plain.heard("AUTH"), ["AUTH PLAIN AHpAZXhhbXBsZS5vcmcAcCXDpHNz"]);

    let login = SmtpServer::with(Manners { offers: "AUTH LOGIN\n", ..Manners::default() }, |step, line| {
        match (step, line) {
            // "Username:", "Password:"; the answers are "user" and "pass"
            (Step::Auth, "AUTH LOGIN") => Some(Act::Say("334 VXNlcm5hbWU6")),
            (Step::Auth, "dXNlcg==") => Some(Act::Say("334 UGFzc3dvcmQ6")),
            (Step::Auth, "cGFzcw==") => Some(Act::Say("235 welcome")),
            (Step::Auth, _) => Some(Act::Say("535 no")),
            _ => None,
        }
    });
    let mut session = mailer(&login, "smtp", "user:pass@", "").open();
    assert_eq!(deliver(&mut session, "zoe@example.org"), (1, Ok(())));
}

#[test]
fn a_wrong_password_is_told_to_staff_and_ends_no_mail_for_good() {
    let manners = Manners { offers: "AUTH PLAIN\n", ..Manners::default() };
    let server = SmtpServer::with(manners, |step, _| {
        (step == Step::Auth).then_some(Act::Say("535 5.7.8 authentication failed"))
    });
    let mut session = mailer(&server, "smtp", "someone:secret@", "").open();
    let outcome = deliver(&mut session, "zoe@example.org");
    let (0, Err(DeliveryError::Temporary(text))) = outcome else { panic!("{outcome:?}") };
    assert!(text.contains("535 5.7.8 authentication failed"), "{text}");
    assert!(!text.contains("secret") && !text.contains("someone"), "{text}");
    assert!(session.is_closed());
    assert!(server.heard("MAIL").is_empty());
}

#[test]
fn a_server_without_a_way_to_sign_in_is_told_to_staff() {
    let server = SmtpServer::start(|_, _| None);
    let outcome = deliver(&mut mailer(&server, "smtp", "u:p@", "").open(), "zoe@example.org");
    assert!(
        matches!(&outcome, (0, Err(DeliveryError::Temporary(text))) if text.contains("sign in")),
        "{outcome:?}"
    );
}
