//! A membership list with changed addresses.

use cpe_portal::transfer::{ImportChoices, ImportReport, Replaced};

use super::support::{TestData, counts, reasons};

const HEADER: &str = "email,name,certification,certificate_number,granted_on\n";
const MOVE: ImportChoices =
    ImportChoices { dry_run: false, dates: None, accept_similar: false, move_addresses: true };

fn people() -> TestData {
    let data = TestData::new();
    data.holders(&format!(
        "{HEADER}anna@old.test,Anna,ISP,A-1,2026-03-01\nanna@old.test,Anna,DPP,A-2,2026-03-02\nbo@old.test,Bo,ISP,B-1,2026-03-01\n"
    ));
    data
}

fn import(data: &TestData, rows: &str, choices: ImportChoices) -> ImportReport {
    let file = format!("{HEADER}{rows}");
    let rehearsed = data.holders_with(file.as_bytes(), &ImportChoices { dry_run: true, ..choices }).unwrap();
    let report = data.holders_with(file.as_bytes(), &choices).unwrap();
    assert_eq!(rehearsed, report, "the rehearsal says the same");
    report
}

fn addresses(data: &TestData) -> Vec<String> {
    data.ask("SELECT email || ' ' || email_norm AS line FROM accounts ORDER BY id")
}

#[test]
fn without_the_choice_a_new_address_is_listed_as_what_it_is() {
    let data = people();
    let before = data.dump();
    let report = import(
        &data,
        "new@new.test,Anna,ISP,A-1,2026-03-01\nnew@new.test,Anna,CMP,A-9,2026-03-01\n",
        ImportChoices::default(),
    );
    assert_eq!(
        reasons(&report),
        [
            (
                2,
                "Certificate “A-1” belongs to another email address, anna@old.test. If this is its holder's new one, move \
                 addresses (--move-addresses)."
            ),
            (3, "Line 2 has this address for a certificate of somebody who is here with another one."),
        ],
        "and no second account is made for a further certificate"
    );
    assert_eq!(data.dump(), before);
}

#[test]
fn with_the_choice_the_account_moves_with_history_and_a_mail_to_the_old_address() {
    let data = people();
    let report = import(
        &data,
        "Anna@New.test,Anna de Vries,CMP,A-9,2026-03-01\nAnna@New.test,Anna de Vries,ISP,A-1,2026-03-01\n\
         anna@new.test,Anna de Vries,DPP,A-2,2026-03-02\n",
        MOVE,
    );
    assert_eq!((counts(&report), reasons(&report)), ((1, 1, 1, 0), vec![]));
    let moved = Replaced {
        line: 3,
        holder: "Anna de Vries".to_owned(),
        from: "anna@old.test".to_owned(),
        to: "Anna@New.test".to_owned(),
    };
    assert_eq!(report.moved, [moved]);
    assert_eq!(report.renamed.len(), 1);
    assert_eq!(addresses(&data), ["Anna@New.test anna@new.test", "bo@old.test bo@old.test"]);
    assert_eq!(data.ask("SELECT count(*) || '' AS line FROM certificates WHERE holder_id = 1"), ["3"]);
    assert_eq!(
        data.ask("SELECT detail AS line FROM history WHERE event = 'holder corrected'"),
        ["address, by an import"]
    );
    assert_eq!(
        data.ask("SELECT kind || ' ' || to_address AS line FROM mails ORDER BY id"),
        ["account-changed anna@old.test", "account-changed Anna@New.test"]
    );
    // the same file again changes nothing
    let again = import(&data, "anna@new.test,Anna de Vries,ISP,A-1,2026-03-01\n", MOVE);
    assert_eq!(counts(&again), (0, 0, 1, 0));
}

#[test]
fn two_accounts_are_never_made_one_and_one_person_has_one_address() {
    let data = people();
    let before = data.dump();
    let taken = import(&data, "bo@old.test,Anna,ISP,A-1,2026-03-01\n", MOVE);
    assert_eq!(
        reasons(&taken),
        [(
            2,
            "Certificate “A-1” belongs to anna@old.test; bo@old.test is another account, that of “Bo”. Two accounts are \
             never made one by an import."
        )]
    );
    assert_eq!(data.dump(), before);
    // a file that contradicts itself
    let torn = import(
        &data,
        "new@new.test,Anna,ISP,A-1,2026-03-01\nanna@old.test,Anna,DPP,A-2,2026-03-02\nanna@old.test,Anna,CMP,A-9,2026-03-02\n",
        MOVE,
    );
    assert_eq!(counts(&torn), (0, 1, 0, 2));
    for (_, reason) in reasons(&torn) {
        assert!(
            reason.contains("Line 2 gives the person with this address another one, new@new.test."),
            "{reason}"
        );
    }
    assert_eq!(addresses(&data)[0], "new@new.test new@new.test");
    let other_way =
        import(&data, "new@new.test,Anna,ISP,A-1,2026-03-01\nthird@new.test,Anna,DPP,A-2,2026-03-02\n", MOVE);
    assert_eq!(
        reasons(&other_way),
        [(
            3,
            "Certificate “A-2” belongs to new@new.test, which line 2 has, too; one person has one address."
        )]
    );
}

#[test]
fn an_account_of_staff_keeps_its_address() {
    let data = people();
    data.damage("UPDATE accounts SET role = 'reviewer' WHERE id = 1");
    let report = import(&data, "new@new.test,Anna,ISP,A-1,2026-03-01\n", MOVE);
    assert!(report.refused[0].reason.contains("an account of staff"), "{:?}", report.refused);
    assert_eq!(addresses(&data)[0], "anna@old.test anna@old.test");
}

#[test]
fn a_rehearsal_of_many_rows_remembers_what_moved() {
    let data = people();
    let mut rows = String::from("new@new.test,Anna,ISP,A-1,2026-03-01\n");
    for n in 0..1500 {
        rows.push_str(&format!("h{n}@example.org,H,ISF,H-{n},2026-03-01\n"));
    }
    rows.push_str("new@new.test,Anna,DPP,A-2,2026-03-02\nanna@old.test,Anna,CMP,A-9,2026-03-02\n");
    let report = import(&data, &rows, MOVE);
    assert_eq!(counts(&report), (1500, 1, 1, 1));
    assert_eq!(addresses(&data).len(), 1502);
}

#[test]
fn a_second_certificate_of_one_certification_is_told_because_a_number_may_have_a_typo() {
    let data = people();
    let report = import(
        &data,
        "anna@old.test,Anna,ISP,A-10,2026-03-01\ncy@new.test,Cy,DPP,C-1,2026-03-01\ncy@new.test,Cy,DPP,C-2,2026-04-01\n\
         cy@new.test,Cy,ISP,C-3,2026-03-01\n",
        ImportChoices::default(),
    );
    assert_eq!((counts(&report), reasons(&report).len()), ((4, 0, 0, 0), 0));
    let told: Vec<(u64, &str)> =
        report.doubts.iter().map(|doubt| (doubt.line, doubt.words.as_str())).collect();
    assert_eq!(
        told,
        [
            (
                2,
                "Anna already has certificate A-1 of this certification. Is A-10 a second one, or the same with another number?"
            ),
            (
                4,
                "Cy already has certificate C-1 of this certification. Is C-2 a second one, or the same with another number?"
            ),
        ]
    );
}
