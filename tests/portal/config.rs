//! Checking the configuration.

use std::path::PathBuf;

use cpe_portal::config::{
    Config, ConfigError, DatabasePlace, EvidenceSettings, Machine, MailboxEncryption, MailboxUrl,
    PasswordCost, ServerEncryption, Settings, SizeSettings, Sizes, SmtpUrl,
};

fn database(text: &str) -> Result<DatabasePlace, Vec<String>> {
    let settings = Settings { database: Some(text.parse().unwrap()), ..Settings::default() };
    Config::check(&settings).map(|config| config.database).map_err(|error| error.problems)
}

fn smtp(text: &str) -> Option<SmtpUrl> {
    Some(text.parse().unwrap())
}

fn bounces(text: &str) -> Option<MailboxUrl> {
    Some(text.parse().unwrap())
}

fn problems(settings: &Settings) -> Vec<String> {
    match Config::check(settings) {
        Ok(config) => panic!("accepted: {config:?}"),
        Err(ConfigError { problems }) => problems,
    }
}

#[test]
fn nothing_given_means_defaults_that_just_run() {
    let config = Config::check(&Settings::default()).unwrap();
    assert_eq!(config.data, PathBuf::from("data"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.url, "http://127.0.0.1:8080");
    assert!(!config.is_https());
    assert_eq!(config.body, "The Certification Body");
    assert_eq!(config.contact, "cpe@localhost");
    assert_eq!(config.time_zone, chrono_tz::Europe::Amsterdam);
    assert_eq!(config.smtp, None);
    assert_eq!(config.mail_from.name, "The Certification Body");
    assert_eq!(config.mail_from.address, "cpe@localhost");
    assert_eq!(config.log, "info");
    assert_eq!(config.sizes, Sizes::of(Machine::here()));
    assert_eq!(config.wait.as_secs(), 60);
    assert_eq!(config.undo.num_seconds(), 60);
    assert_eq!(config.mail_texts_kept.map(|kept| kept.num_days()), Some(90));
    assert_eq!(config.password_cost, PasswordCost::Standard);
}

#[test]
fn blank_values_count_as_not_given() {
    let blank = || Some("  ".to_owned());
    let settings = Settings {
        database: None,
        data: Some(PathBuf::new()),
        backups: Some(PathBuf::new()),
        listen: blank(),
        url: blank(),
        body: blank(),
        contact: blank(),
        time_zone: blank(),
        smtp: smtp(" "),
        mail_from: blank(),
        mail_sessions: blank(),
        bounces: bounces(" "),
        undo_seconds: blank(),
        mail_body_days: blank(),
        metrics: blank(),
        log_format: blank(),
        log: blank(),
        evidence: EvidenceSettings { place: blank(), endpoint: blank(), ..EvidenceSettings::default() },
        sizes: SizeSettings { workers: blank(), readers: blank(), hashers: blank(), checkpoint_mib: blank() },
        wait: None,
    };
    let config = Config::check(&settings).unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::check(&Settings::default()).unwrap()));
}

#[test]
fn what_is_given_is_what_counts() {
    let settings = Settings {
        database: None,
        data: Some("/srv/cpe".into()),
        backups: Some("/srv/backups".into()),
        listen: Some("[::1]:9000".into()),
        url: Some("https://cpe.example.org/".into()),
        body: Some("  Institute for Tests ".into()),
        contact: Some("advice@example.org".into()),
        time_zone: Some("America/New_York".into()),
        smtp: smtp("smtps://desk:s3cret@mail.example.org"),
        mail_from: Some("\"CPE desk\" <desk@example.org>".into()),
        mail_sessions: Some("2".into()),
        bounces: bounces("imaps://desk:s3cret@mail.example.org/Returned%20mail"),
        undo_seconds: Some("5".into()),
        mail_body_days: Some("0".into()),
        metrics: Some("127.0.0.1:9480".into()),
        log_format: Some("json".into()),
        log: Some("warn,cpe_portal=debug".into()),
        evidence: EvidenceSettings::default(),
        sizes: SizeSettings::default(),
        wait: Some(7),
    };
    let config = Config::check(&settings).unwrap();
    assert_eq!(config.backups, PathBuf::from("/srv/backups"));
    assert_eq!(config.wait.as_secs(), 7);
    assert_eq!(config.mail_sessions, 2);
    assert_eq!(config.bounces.as_ref().unwrap().to_string(), "desk at mail.example.org:993, Returned mail");
    assert_eq!(config.undo.num_seconds(), 5);
    assert_eq!(config.mail_texts_kept, None);
    assert_eq!(config.listen.to_string(), "[::1]:9000");
    assert_eq!(config.metrics.unwrap().to_string(), "127.0.0.1:9480");
    assert!(config.log_json);
    assert_eq!(config.url, "https://cpe.example.org");
    assert!(config.is_https());
    assert_eq!(config.link("/activities"), "https://cpe.example.org/activities");
    assert_eq!(config.body, "Institute for Tests");
    assert_eq!(config.contact, "advice@example.org");
    assert_eq!(config.time_zone, chrono_tz::America::New_York);
    assert_eq!(config.smtp.unwrap().expose(), "smtps://desk:s3cret@mail.example.org");
    assert_eq!(
        (config.mail_from.name, config.mail_from.address),
        ("CPE desk".into(), "desk@example.org".into())
    );
}

#[test]
fn the_public_url_follows_the_listen_address_and_the_contact_follows_the_public_url() {
    let settings = Settings { listen: Some("0.0.0.0:9999".into()), ..Settings::default() };
    assert_eq!(Config::check(&settings).unwrap().url, "http://0.0.0.0:9999");
    let settings = Settings { url: Some("https://cpe.example.org".into()), ..Settings::default() };
    let config = Config::check(&settings).unwrap();
    assert_eq!(
        (config.contact.as_str(), config.mail_from.address.as_str()),
        ("cpe@cpe.example.org", "cpe@cpe.example.org")
    );
}

#[test]
fn every_problem_is_listed_at_once_with_its_variable_and_an_example() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let settings = Settings {
        database: None,
        data: Some(file.path().into()),
        backups: Some(file.path().into()),
        listen: Some("8080".into()),
        url: Some("cpe.example.org".into()),
        body: Some("two\nlines".into()),
        contact: Some("nobody".into()),
        time_zone: Some("Middle/Earth".into()),
        smtp: smtp("http://mail.example.org"),
        mail_from: Some("a@b@c".into()),
        mail_sessions: Some("21".into()),
        bounces: bounces("imap://mail.example.org"),
        undo_seconds: Some("soon".into()),
        mail_body_days: Some("-1".into()),
        metrics: Some("everywhere".into()),
        log_format: Some("yaml".into()),
        log: Some("cpe_portal=loud=very".into()),
        evidence: EvidenceSettings::default(),
        sizes: SizeSettings::default(),
        wait: None,
    };
    let found = problems(&settings);
    let variables: Vec<&str> = found.iter().filter_map(|text| text.split(':').next()).collect();
    assert_eq!(
        variables,
        [
            "CPE_PORTAL_DATA",
            "CPE_PORTAL_BACKUPS",
            "CPE_PORTAL_LISTEN",
            "CPE_PORTAL_URL",
            "CPE_PORTAL_BODY",
            "CPE_PORTAL_CONTACT",
            "CPE_PORTAL_TIME_ZONE",
            "CPE_PORTAL_SMTP",
            "CPE_PORTAL_MAIL_FROM",
            "CPE_PORTAL_MAIL_SESSIONS",
            "CPE_PORTAL_BOUNCES",
            "CPE_PORTAL_UNDO_SECONDS",
            "CPE_PORTAL_MAIL_BODY_DAYS",
            "CPE_PORTAL_METRICS",
            "CPE_PORTAL_LOG_FORMAT",
            "CPE_PORTAL_LOG",
        ]
    );
    assert!(found.iter().all(|text| text.contains("for example")), "{found:#?}");
    let shown = Config::check(&settings).unwrap_err().to_string();
    assert!(shown.starts_with("The configuration has 16 problems:\n  - CPE_PORTAL_DATA: "), "{shown}");
    let one = Config::check(&Settings { log: settings.log, ..Settings::default() }).unwrap_err().to_string();
    assert!(one.starts_with("The configuration has 1 problem:\n"), "{one}");
}

#[test]
fn only_a_bare_origin_is_a_public_url() {
    for url in [
        "ftp://cpe.example.org",
        "https://cpe.example.org/portal",
        "https://cpe.example.org/?a=b",
        "https://cpe.example.org/#top",
        "https://me:secret@cpe.example.org",
        "https://",
        "//cpe.example.org",
        "javascript:alert(1)",
    ] {
        let settings = Settings { url: Some(url.into()), ..Settings::default() };
        assert_eq!(problems(&settings).len(), 1, "{url}");
    }
}

#[test]
fn only_one_plain_mail_address_is_an_address() {
    for contact in [
        "a",
        "@b.org",
        "a@",
        "a b@c.org",
        "a@b@c.org",
        "a@b.org\nBcc: x@y.org",
        "<a@b.org>",
        "a@b.org,c@d.org",
    ] {
        let settings = Settings { contact: Some(contact.into()), ..Settings::default() };
        assert_eq!(problems(&settings).len(), 1, "{contact}");
    }
    let settings = Settings { contact: Some("jörg+cpe@bücher.example".into()), ..Settings::default() };
    assert_eq!(Config::check(&settings).unwrap().contact, "jörg+cpe@bücher.example");
}

#[test]
fn mail_servers_are_smtp_or_smtps_with_known_settings_only() {
    for good in [
        "smtp://localhost:1025",
        "smtp://user:pass@host:587?tls=required",
        "smtp://host?tls=opportunistic",
        "smtps://user:pass@host",
    ] {
        assert!(Config::check(&Settings { smtp: smtp(good), ..Settings::default() }).is_ok(), "{good}");
    }
    for bad in
        ["mail.example.org", "https://host", "smtp://", "smtp://host?tls=yes", "smtp://host?password=s3cret"]
    {
        assert_eq!(problems(&Settings { smtp: smtp(bad), ..Settings::default() }).len(), 1, "{bad}");
    }
}

#[test]
fn the_mail_password_is_shown_nowhere() {
    let with = |text| Settings { smtp: smtp(text), ..Settings::default() };
    let good = with("smtp://user:s3cret@mail.example.org:587?tls=required");
    let config = Config::check(&good).unwrap();
    for shown in [format!("{good:?}"), format!("{config:?}"), config.smtp.unwrap().to_string()] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    assert!(format!("{good:?}").contains("mail.example.org:587"));
    for bad in
        ["smtp://user:s3cret@", "http://user:s3cret@host", "s3cret", "smtp://user:s3cret@host?tls=s3cret"]
    {
        let shown = format!("{:?} {:?}", with(bad), problems(&with(bad)));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

const GIB: u64 = 1 << 30;

#[test]
fn what_the_portal_takes_grows_with_the_machine() {
    let sizes = |processors, memory| {
        let Sizes { workers, readers, hashers, log_pages } = Sizes::of(Machine { processors, memory });
        (workers, readers, hashers, log_pages)
    };
    // as it was on every machine before
    assert_eq!(sizes(2, 8 * GIB), (2, 4, 2, 16_000));
    assert_eq!(sizes(1, 2 * GIB), (2, 4, 2, 16_000));
    assert_eq!(sizes(16, 64 * GIB), (16, 32, 16, 64_000));
    // a flood of sign-ins gets an eighth of the memory at most
    assert_eq!(sizes(8, GIB / 4), (8, 16, 1, 16_000));
    assert_eq!(sizes(512, 4096 * GIB), (32, 64, 32, 64_000));
}

#[test]
fn each_size_can_be_set_and_is_checked() {
    let given = |text: &str| Some(text.to_owned());
    let sizes = SizeSettings {
        workers: given("3"),
        readers: given(" 9 "),
        hashers: given("1"),
        checkpoint_mib: given("100"),
    };
    let config = Config::check(&Settings { sizes, ..Settings::default() }).unwrap();
    assert_eq!(config.sizes, Sizes { workers: 3, readers: 9, hashers: 1, log_pages: 25_000 });
    let sizes = SizeSettings {
        workers: given("0"),
        readers: given("many"),
        hashers: given("257"),
        checkpoint_mib: given("-1"),
    };
    let problems = problems(&Settings { sizes, ..Settings::default() });
    assert_eq!(
        problems,
        [
            "CPE_PORTAL_WORKERS: “0” is not a whole number from 1 to 256; for example 1",
            "CPE_PORTAL_READERS: “many” is not a whole number from 1 to 512; for example 1",
            "CPE_PORTAL_HASHERS: “257” is not a whole number from 1 to 256; for example 1",
            "CPE_PORTAL_CHECKPOINT_MIB: “-1” is not a whole number from 1 to 4096; for example 1",
        ]
    );
}

#[test]
fn the_url_of_a_mailbox_says_where_and_how_and_is_never_repeated() {
    use MailboxEncryption::{Implicit, None, Starttls};
    let read = |url: &str| {
        let config = Config::check(&Settings { bounces: bounces(url), ..Settings::default() });
        config.map(|config| config.bounces.unwrap())
    };
    for (url, port, encryption) in [
        ("imaps://u:p@mail.example.org", 993, Implicit),
        ("imaps://u:p@mail.example.org:1993/INBOX?tls=required", 1993, Implicit),
        ("imap://u:p@mail.example.org", 143, Starttls),
        ("imap://u:p@localhost", 143, None),
        ("imap://u:p@127.0.0.1:1143", 1143, None),
        ("imap://u:p@[::1]", 143, None),
        ("imap://u:p@[::1]?tls=required", 143, Starttls),
    ] {
        let address = read(url).unwrap();
        assert_eq!(
            (address.port, address.encryption, address.folder.as_str()),
            (port, encryption, "INBOX"),
            "{url}"
        );
    }
    let address = read("imaps://a%40b.test:s3cret%2F@mail.example.org/Archive/R%C3%BCck").unwrap();
    assert_eq!((address.user.as_str(), address.password.as_str()), ("a@b.test", "s3cret/"));
    assert_eq!(address.folder, "Archive/Rück");
    assert!(!format!("{address} {address:?}").contains("s3cret"));
    for url in [
        "http://u:s3cret@mail.example.org",
        "imaps://mail.example.org",
        "imaps://u@mail.example.org",
        "imaps://u:s3cret@",
        "imaps://u:s3cret@mail.example.org?tls=none",
        "imaps://u:s3cret@mail.example.org?password=s3cret",
        "imaps://u:s3cret%ff@mail.example.org",
        "imaps://u:s3cret@mail.example.org/a%0d%0ab",
    ] {
        let settings = Settings { bounces: bounces(url), ..Settings::default() };
        let found = problems(&settings);
        assert!(
            found[0].starts_with("CPE_PORTAL_BOUNCES: ") && found[0].contains("for example"),
            "{found:?}"
        );
        assert!(!format!("{found:?} {settings:?}").contains("s3cret"), "{found:?}");
    }
}

#[test]
fn a_database_on_a_server_is_reached_with_a_checked_certificate_unless_it_is_here() {
    let encryption = |text: &str| match database(text).unwrap() {
        DatabasePlace::Server(address) => address.encryption,
        DatabasePlace::File => panic!("{text} is a file"),
    };
    assert_eq!(database(" "), Ok(DatabasePlace::File));
    let checked = ServerEncryption::Checked(None);
    for here in ["localhost", "127.0.0.1:5433", "[::1]:5432", "%2Fvar%2Frun%2Fpostgresql"] {
        assert_eq!(
            encryption(&format!("postgres://cpe:secret@{here}/cpe")),
            ServerEncryption::None,
            "{here}"
        );
        assert_eq!(encryption(&format!("postgres://cpe@{here}/cpe?sslmode=verify-full")), checked, "{here}");
    }
    for away in ["db.example.org", "10.0.0.7:5432", "localhost,db.example.org"] {
        assert_eq!(encryption(&format!("postgresql://cpe:secret@{away}/cpe")), checked, "{away}");
        assert_eq!(encryption(&format!("postgres://cpe@{away}/cpe?sslmode=disable")), ServerEncryption::None);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let roots =
        format!("postgres://cpe@localhost/cpe?application_name=cpe&sslrootcert={}", file.path().display());
    assert_eq!(encryption(&roots), ServerEncryption::Checked(Some(file.path().to_owned())));
}

#[test]
fn a_wrong_address_of_a_database_is_refused_without_its_password() {
    for (text, wanted) in [
        ("mysql://cpe:secret@db/cpe", "does not begin with postgres://"),
        ("postgres://cpe:secret@/cpe", "names no server"),
        ("postgres://cpe:secret@db:port/cpe", "names no server"),
        ("postgres://cpe:secret@db", "names no database"),
        ("postgres://cpe:secret@db/cpe/more", "names no database"),
        ("postgres://cpe:secret@db/cpe?sslmode=require", "sslmode must be verify-full"),
        ("postgres://cpe:secret@db/cpe?sslrootcert=/nowhere.pem", "no file"),
        // they would lead elsewhere, unencrypted
        ("postgres://cpe:secret@localhost/cpe?hostaddr=10.0.0.5", "a setting that is not known"),
        ("postgres://cpe:secret@localhost/cpe?host=db.example.org", "a setting that is not known"),
    ] {
        let problems = database(text).unwrap_err();
        assert!(problems[0].starts_with("CPE_PORTAL_DATABASE: "), "{problems:?}");
        assert!(problems[0].contains(wanted) && !problems[0].contains("secret"), "{problems:?}");
    }
    let place =
        database("postgres://cpe:s%40cret@db.example.org:5433,db2/cpe?target_session_attrs=read-write")
            .unwrap();
    assert!(!format!("{place:?}").contains("cret"), "{place:?}");
    let DatabasePlace::Server(address) = place else { panic!("a file") };
    assert_eq!(address.to_string(), "cpe on db.example.org, db2");
    assert_eq!(
        address.expose(),
        "postgres://cpe:s%40cret@db.example.org:5433,db2/cpe?target_session_attrs=read-write"
    );
}
