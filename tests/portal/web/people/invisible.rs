//! Characters in an address that nobody sees: one account, whatever the way in. Letters that only look alike stay different.

use std::io::Cursor;

use cpe_portal::actions::accounts::{self, NewAccount};
use cpe_portal::domain::address;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::find_by_email;
use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::activities::import_activities;
use cpe_portal::transfer::holders::import_holders;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use cpe_portal::domain::text::{composed, on_one_line};

use super::*;

const UNSEEN: [char; 21] = [
    '\u{ad}',
    '\u{34f}',
    '\u{61c}',
    '\u{115f}',
    '\u{180e}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202e}',
    '\u{2060}',
    '\u{2066}',
    '\u{2069}',
    '\u{3164}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{ffa0}',
    '\u{e0041}',
    '\u{e0100}',
];

/// `olga@people.test` with the character at its beginning, within both parts, and at its end.
fn with(unseen: char) -> [String; 4] {
    [
        format!("{unseen}olga@people.test"),
        format!("ol{unseen}ga@people.test"),
        format!("olga@peo{unseen}ple.test"),
        format!("olga@people.test{unseen}"),
    ]
}

#[test]
fn an_address_is_kept_as_it_is_seen_and_look_alikes_are_not_merged() {
    for unseen in UNSEEN {
        for typed in with(unseen) {
            assert_eq!(address::kept(&typed), "olga@people.test", "{unseen:?}");
        }
    }
    // a joiner is seen between letters that join, and between no others
    for typed in [
        "\u{43e}\u{200c}lga@people.test",
        "\u{43e}\u{200d}\u{43b}ga@people.test",
        "\u{e9}\u{200c}\u{e9}@people.test",
    ] {
        assert!(!address::kept(typed).contains(['\u{200c}', '\u{200d}']), "{typed:?}");
    }
    // Cyrillic "о" and "а"; a Persian word with its joiner
    for different in
        ["\u{43e}lga@people.test", "olg\u{430}@people.test", "\u{646}\u{200c}\u{645}@people.test"]
    {
        assert_eq!(address::kept(different), different);
    }
    assert_eq!(address::compared("JOSE\u{301}@people.test"), "jos\u{e9}@people.test", "composed");
}

#[actix_web::test]
async fn signing_in_and_asking_for_a_password_find_the_account_that_is_seen() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    for (place, unseen) in UNSEEN.into_iter().enumerate() {
        for typed in with(unseen) {
            let browser = portal.visitor().await;
            browser.move_to(&format!("203.0.113.{place}"));
            sign_in(&browser, &typed, PASSWORD).await.expect(303);
            assert!(browser.cookie("session").is_some(), "{unseen:?}");
        }
    }
    let browser = portal.visitor().await;
    browser.post("/password-reset", &[("email", "olga\u{200b}@people.test")]).await;
    assert_eq!(portal.mails_to(&olga).len(), 1);
}

#[actix_web::test]
async fn no_way_in_makes_a_second_account_that_looks_the_same() {
    let portal = TestPortal::new();
    let people = portal.people();
    let ada = portal.browser(&people.administrator).await;
    let address = "owner\u{200b}@people.test";
    let fields = [("name", "Olga"), ("email", address), ("role", "holder")];
    let page = ada.post("/admin/accounts", &fields).await.expect(422);
    assert!(page.error("email").contains("already"), "{}", page.words());
    let page = ada.post("/staff/holders", &[("name", "Olga"), ("email", address)]).await.expect(422);
    assert!(page.error("email").contains("already"), "{}", page.words());
    let stranger = format!("/staff/holders/{}", people.stranger.id);
    let fields = [("name", "Stan Stranger"), ("email", address), ("version", "1")];
    let page = ada.post(&stranger, &fields).await.expect(422);
    assert!(page.error("email").contains("Another account"), "{}", page.words());
    let new = NewAccount { email: address, name: "Olga", role: Role::Holder };
    accounts::add_by_command(&portal, &new, None).unwrap();

    let rows = "email,name,certification,certificate_number,granted_on\n\
        ow\u{ad}ner@people.test,Olga Owner,ISP,ISP-1001,2026-03-15\n\
        \u{feff}new@people.test,Nina New,ISP,ISP-N,2026-03-15\n\
        new\u{2060}@people.test,Nina New,EHP,EHP-N,2026-03-15\n";
    let report =
        import_holders(&portal, Cursor::new(rows), None, &ImportChoices::default(), &mut |_| {}).unwrap();
    assert_eq!((report.added, report.unchanged, report.refused.len()), (2, 1, 0), "{report:?}");
    let rows = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n\
        new\u{200f}@people.test,attending,A course,,it_security,,2026-10-01,6,,submitted\n";
    let report =
        import_activities(&portal, Cursor::new(rows), None, &ImportChoices::default(), &mut |_| {}).unwrap();
    assert_eq!((report.added, report.refused.len()), (1, 0), "{report:?}");
    assert_eq!(
        portal.texts("SELECT email AS text FROM accounts ORDER BY email"),
        [
            "administrator@people.test",
            "new@people.test",
            "owner@people.test",
            "reviewer@people.test",
            "stranger@people.test"
        ]
    );
}

#[test]
fn accounts_of_earlier_days_are_found_and_nobody_is_locked_out() {
    let portal = TestPortal::of_a_file();
    let now = "'2026-11-01 10:00:00'";
    let mut conn = SqliteConnection::establish(&portal.store.file().unwrap().to_string_lossy()).unwrap();
    for (id, email) in [
        (1, "Olga@people.test"),
        (2, "Olga\u{200b}@people.test"),
        (3, "\u{feff}Nina@people.test"),
        (4, "Nina\u{ad}@people.test"),
        (5, "Omar\u{e0041}@people.test"),
        (6, "\u{646}\u{200c}\u{645}@people.test"),
    ] {
        let norm = email.to_lowercase();
        conn.batch_execute(&format!(
            "INSERT INTO accounts (id, email, email_norm, name, name_fold, role, version, created_at) \
             VALUES ({id}, '{email}', '{norm}', 'Somebody', 'somebody', 'holder', 1, {now})"
        ))
        .unwrap();
    }
    conn.batch_execute(include_str!(
        "../../../../migrations/sqlite/2026-11-28-000501_addresses_as_seen/up.sql"
    ))
    .unwrap();
    let found = |email: &str| {
        portal.store.read(|conn| find_by_email(conn, email)).unwrap().map(|account| account.id.0)
    };
    assert_eq!(found("OLGA@people.test"), Some(1));
    assert_eq!(found("olga\u{200b}@people.test"), Some(2), "as it was typed: the own one");
    assert_eq!(found("olga\u{200e}@people.test"), Some(1));
    assert_eq!(found("nina@people.test"), Some(3), "the older of the two");
    assert_eq!(found("nina\u{ad}@people.test"), Some(4));
    assert_eq!(found("omar@people.test"), Some(5));
    assert_eq!(found("\u{646}\u{200c}\u{645}@people.test"), Some(6));
    let kept = portal.texts("SELECT email AS text FROM accounts ORDER BY id");
    assert_eq!(kept[2], "Nina@people.test");
    assert_eq!(kept[4], "Omar@people.test");
}

#[test]
fn a_character_that_turns_the_direction_round_is_taken_out_of_what_people_write() {
    for turn in ['\u{202a}', '\u{202e}', '\u{202c}', '\u{2066}', '\u{2069}'] {
        assert_eq!(composed(&format!("Rita {turn}ativ")), "Rita ativ", "{turn:?}");
    }
    assert_eq!(
        on_one_line(" \u{202e} Rita \u{2066}  Reviewer \u{202c}"),
        "Rita Reviewer",
        "and leaves no space behind"
    );
    // letters have their own direction, and keep it
    for name in ["\u{5d3}\u{5d5}\u{5d3}", "\u{645}\u{62d}\u{645}\u{62f}"] {
        assert_eq!(composed(name), name);
    }
}
