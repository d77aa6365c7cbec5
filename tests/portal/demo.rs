//! The demonstration: the same every time, with every situation in it, and nothing in it that `check` would find.

use std::collections::BTreeSet;

use cpe_portal::clock::Clock;
use cpe_portal::demo::{DemoSignIn, Watching, fill};
use cpe_portal::domain::roles::Role;

use crate::transfer::support::{TestData, day};
use crate::upkeep::check;

pub fn filled(today: &str, holders: usize) -> (TestData, Vec<DemoSignIn>) {
    let mut data = TestData::on(today);
    let morning = day(today).and_hms_opt(9, 30, 0).unwrap();
    data.portal.clock = Clock::manual(data.portal.clock.zone(), morning);
    let mut watching = Watching { deliver: &mut |_| Ok(()), progress: &mut |_, _| {} };
    let sign_ins = fill(&data.portal, holders, &mut watching).unwrap();
    (data, sign_ins)
}

/// Everything but what chance made: ids of badges and mails, passwords, tokens, machine times.
fn without_secrets(data: &TestData) -> Vec<String> {
    let secret = [
        "__diesel_schema_migrations: ",
        "badges: ",
        "signed_badges: ",
        "status_lists: ",
        "mails: ",
        "tokens: ",
        "leases: ",
        "database_marks: ",
        "job_runs: ",
    ];
    data.dump()
        .into_iter()
        .filter(|row| !secret.iter().any(|table| row.starts_with(table)))
        .map(|row| match row.split_once("$argon2") {
            // each database quotes it in its own way
            Some((before, after)) => format!("{before}{}", after.split_once(['\'', '"']).unwrap().1),
            None => row,
        })
        .collect()
}

#[test]
fn every_situation_is_there_and_the_data_is_sound() {
    // the stories alone, and with ordinary lives beside them
    for (today, holders) in [("2026-11-23", 60), ("2028-02-29", 28)] {
        let (data, sign_ins) = filled(today, holders);
        let wrong: Vec<_> = check(&data.portal).into_iter().filter(|c| !c.problems.is_empty()).collect();
        assert_eq!(wrong, [], "{today}");
        situations(&data, today);
        let found = data.ask("SELECT DISTINCT holder_id || '' AS line FROM certificates");
        assert_eq!(found.len(), holders + 1, "the holders and the reviewer");

        assert_eq!((sign_ins[0].role, sign_ins[1].role), (Role::Administrator, Role::Reviewer));
        assert!(sign_ins.len() >= 8 && sign_ins[2..].iter().all(|s| s.role == Role::Holder));
        let passwords: BTreeSet<&str> = sign_ins.iter().map(|s| s.password.as_str()).collect();
        assert_eq!(passwords.len(), sign_ins.len(), "each has a password of their own");
    }
}

fn situations(data: &TestData, today: &str) {
    let year = "FROM certification_years y JOIN certificates c ON c.id = y.certificate_id WHERE ";
    let now = |condition: &str| {
        format!("SELECT 1 {year} y.starts_on <= '{today}' AND y.ends_on >= '{today}' AND {condition}")
    };
    let reminded = |outcome: &str| format!("SELECT 1 FROM notices_about_years WHERE outcome = '{outcome}'");
    let status = |status: &str| format!("SELECT 1 FROM activities WHERE status = '{status}'");
    let open = "y.outcome IS NULL AND c.decertified_on IS NULL";
    let notice_runs = day(today).checked_sub_days(chrono::Days::new(14)).unwrap();
    let situations = [
        ("flagged, notice running", format!("SELECT 1 {year} y.flagged_on >= '{notice_runs}'")),
        ("flagged, ready to decide", format!("SELECT 1 {year} y.flagged_on < '{notice_runs}'")),
        (
            "awaiting review",
            format!("SELECT 1 {year} {open} AND y.deadline < '{today}' AND y.flagged_on IS NULL"),
        ),
        (
            "extended",
            format!("SELECT 1 {year} {open} AND y.deadline > y.ends_on AND y.deadline >= '{today}'"),
        ),
        ("recertified", format!("SELECT 1 {year} y.outcome = 'recertified'")),
        ("waived", format!("SELECT 1 {year} y.outcome = 'waived'")),
        ("decertified", "SELECT 1 FROM certificates WHERE decertified_on IS NOT NULL".to_owned()),
        ("reinstated", "SELECT 1 FROM decisions WHERE kind = 'reinstatement'".to_owned()),
        ("flag lifted", "SELECT 1 FROM history WHERE event = 'flag lifted'".to_owned()),
        ("running", now(open)),
        (
            "foundation only",
            "SELECT 1 FROM certificates GROUP BY holder_id HAVING MAX(years_until) IS NULL".to_owned(),
        ),
        (
            "several certificates",
            "SELECT 1 FROM certificates GROUP BY holder_id HAVING COUNT(*) >= 3".to_owned(),
        ),
        (
            "capped publication",
            "SELECT 1 FROM activities WHERE category = 'writing' AND status = 'approved' \
            GROUP BY holder_id, publication_fold HAVING SUM(quantity) > 5"
                .to_owned(),
        ),
        ("far field", "SELECT 1 FROM activities WHERE relevance <> '' AND status = 'submitted'".to_owned()),
        ("awarded less", "SELECT 1 FROM activities WHERE awarded < quantity".to_owned()),
        ("leap day", "SELECT 1 FROM certificates WHERE CAST(granted_on AS TEXT) LIKE '%-02-29'".to_owned()),
        (
            "granted lately",
            "SELECT 1 FROM history WHERE event = 'certificate granted' AND actor_id IS NOT NULL \
            AND at > (SELECT MIN(at) FROM history)"
                .to_owned(),
        ),
        ("evidence as PDF", "SELECT 1 FROM evidence WHERE media_type = 'application/pdf'".to_owned()),
        ("evidence as picture", "SELECT 1 FROM evidence WHERE media_type = 'image/png'".to_owned()),
        ("minimum reached", "SELECT 1 FROM notices_about_years WHERE kind = 'minimum-reached'".to_owned()),
        ("reminder sent", reminded("sent")),
        ("reminder not needed, met", reminded("met")),
        ("reminder not needed, covered", reminded("covered")),
        ("waits for review", status("submitted")),
        ("returned", status("returned")),
        ("rejected", status("rejected")),
        ("withdrawn", status("withdrawn")),
        ("draft", status("draft")),
        ("correction asked", "SELECT 1 FROM corrections WHERE state = 'asked'".to_owned()),
        ("correction declined", "SELECT 1 FROM corrections WHERE state = 'declined'".to_owned()),
        (
            "unlikely and explained",
            "SELECT 1 FROM remarks WHERE hints <> '[]' AND explanation <> ''".to_owned(),
        ),
    ];
    for (name, sql) in situations {
        assert!(
            !data.ask(&sql.replacen("SELECT 1", "SELECT '1' AS line", 1)).is_empty(),
            "{name} on {today}"
        );
    }
}

#[test]
fn two_demonstrations_of_a_day_are_the_same_but_for_secrets() {
    let (one, _) = filled("2026-11-23", 20);
    let (other, _) = filled("2026-11-23", 20);
    let (one, other) = (without_secrets(&one), without_secrets(&other));
    let different = one.iter().zip(&other).find(|(one, other)| one != other);
    assert_eq!(different, None);
    assert!(one.len() == other.len() && one.len() > 1000, "{} and {}", one.len(), other.len());
}

#[test]
fn a_crowd_joins_the_holders_with_a_story() {
    let (data, _) = filled("2026-11-23", 160);
    assert_eq!(data.ask("SELECT DISTINCT holder_id || '' AS line FROM certificates").len(), 161);
    let of_the_crowd = "SELECT 'x' AS line FROM activities a JOIN accounts p ON p.id = a.holder_id WHERE p.email LIKE 'holder.%'";
    assert!(data.ask(of_the_crowd).len() > 1500);
    let wrong: Vec<_> = check(&data.portal).into_iter().filter(|c| !c.problems.is_empty()).collect();
    assert_eq!(wrong, []);
}

#[test]
fn a_portal_with_people_in_it_is_refused_and_stays_as_it_was() {
    let data = TestData::new();
    data.holders(
        "email,name,certification,certificate_number,granted_on\na@example.org,A,ISP,1,2026-01-01\n",
    );
    let before = data.dump();
    let mut watching = Watching { deliver: &mut |_| Ok(()), progress: &mut |_, _| {} };
    assert!(fill(&data.portal, 5, &mut watching).is_err());
    assert_eq!(data.dump(), before);
}
