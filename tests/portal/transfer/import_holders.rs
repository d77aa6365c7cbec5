use super::support::{TestData, counts, reasons};
use cpe_portal::transfer::{ImportChoices, ImportError, Replaced};

const GOOD: &str = "email,name,certification,certificate_number,granted_on\n\
    anna@example.org,Anna Jansen,ISP,ISP-1,2024-02-29\n\
    bo@example.org,Bo Chen,ISF,ISF-2,2020-05-01\n\
    anna@example.org,Anna Jansen,CISO,CISO-3,2026-11-23\n";

#[test]
fn a_file_of_holders_goes_in_and_the_same_file_again_changes_nothing() {
    let data = TestData::new();
    assert_eq!(counts(&data.holders(GOOD)), (3, 0, 0, 0));
    let before = data.dump();
    assert_eq!(counts(&data.holders(GOOD)), (0, 0, 3, 0));
    assert_eq!(data.dump(), before);
    assert_eq!(
        data.ask("SELECT email || ' ' || role AS line FROM accounts ORDER BY email"),
        ["anna@example.org holder", "bo@example.org holder"]
    );
    assert_eq!(data.ask("SELECT 'x' AS line FROM mails").len(), 0, "imports send no mail");
    assert_eq!(data.ask("SELECT 'x' AS line FROM badges WHERE revoked_on IS NULL").len(), 3);
}

#[test]
fn order_of_columns_byte_order_mark_line_endings_case_and_further_columns_do_not_matter() {
    let data = TestData::new();
    data.holders(GOOD);
    let before = data.dump();
    let file = "\u{feff}Granted_On,note,certificate_number,EMAIL,certification,name\r\n\
        29-2-2024,x, isp-1 ,ANNA@example.org,isp, Anna  Jansen \r\n\
        1 May 2020,x,\"ISF-2\",bo@example.org,ISF,\"Bo\r\nChen\"\r\n";
    assert_eq!(counts(&data.holders(file)), (0, 0, 2, 0));
    assert_eq!(data.dump(), before);
}

#[test]
fn every_bad_row_is_told_with_its_line_and_reason_and_the_others_go_in() {
    let data = TestData::new();
    let file = "email,name,certification,certificate_number,granted_on\n\
        ,Anna,ISP,1,2024-01-01\n\
        anna,Anna,ISP,2,2024-01-01\n\
        anna@example.org,,ISP,3,2024-01-01\n\
        anna@example.org,Anna,,4,2024-01-01\n\
        anna@example.org,Anna,XYZ,5,2024-01-01\n\
        anna@example.org,Anna,ISP,,2024-01-01\n\
        anna@example.org,Anna,ISP,7,\n\
        anna@example.org,Anna,ISP,8,2023-02-29\n\
        anna@example.org,Anna,ISP,9,2026-11-24\n\
        \"anna@example.org\",\"An\n\nna\",ISP,10,2026-11-23\n\
        anna@example.org,\u{7}Anna,ISP,11,2024-01-01\n\
        anna@example.org,An na,ISP,12\n\
        anna@example.org,An na,ISP,13,2024-01-01,\n\
        two@example.org,Two,ISP,10,2026-11-23\n\
        anna@example.org,An na,ISP,10,2026-11-22\n\
        anna@example.org,An na,DPP,10,2026-11-23\n\
        anna@example.org,Somebody Else,ISP,18,2026-11-01\n\
        ok@example.org,Ök,ISP,19,2026-11-01\n";
    let report = data.holders(file);
    assert_eq!(
        reasons(&report),
        [
            (2, "The email is missing."),
            (3, "“anna” is not an email address."),
            (4, "The name is missing."),
            (5, "The certification is missing."),
            (6, "There is no certification with the code “XYZ”."),
            (7, "The certificate number is missing."),
            (8, "The day of the grant (granted_on) is missing."),
            (9, "“2023-02-29” is not a day such as 2027-03-14 (granted_on)."),
            (10, "The day of the grant, 24 November 2026, is in the future."),
            (14, "The name has a character that cannot be printed."),
            (15, "The row has fewer columns than the first line."),
            (16, "The row has more columns than the first line. Put quotes around a text with a comma."),
            (
                17,
                "Certificate “10” belongs to anna@example.org, which line 11 has, too; one person has one address.",
            ),
            (18, "Certificate “10” was granted on another day, 23 November 2026."),
            (19, "Certificate “10” is for another certification."),
            (20, "Line 11 gives anna@example.org the name “An na”; one person has one name."),
        ]
    );
    assert_eq!(counts(&report), (2, 0, 0, 16));
    assert_eq!(data.ask("SELECT name || ' ' || number AS line FROM certificates JOIN accounts ON holder_id = accounts.id ORDER BY number"), [
        "An na 10",
        "Ök 19"
    ]);
}

#[test]
fn a_new_name_updates_the_holder_and_is_recorded() {
    let data = TestData::new();
    data.holders(GOOD);
    let report = data.holders(
        "email,name,certification,certificate_number,granted_on\nbo@example.org,Bo Chen-Smit,ISF,ISF-2,2020-05-01\n",
    );
    assert_eq!(counts(&report), (0, 1, 0, 0));
    let renamed = Replaced {
        line: 2,
        holder: "Bo Chen-Smit".to_owned(),
        from: "Bo Chen".to_owned(),
        to: "Bo Chen-Smit".to_owned(),
    };
    assert_eq!(report.renamed, [renamed], "it is told, not only done");
    assert_eq!(data.ask("SELECT name AS line FROM accounts WHERE email LIKE 'bo%'"), ["Bo Chen-Smit"]);
    let beside = data.holders(
        "email,name,certification,certificate_number,granted_on\nbo@example.org,Totally Other,DPP,DPP-9,2026-05-01\n",
    );
    assert_eq!(
        (counts(&beside), beside.renamed.len()),
        ((1, 0, 0, 0), 1),
        "a new certificate does not hide a new name"
    );
    let back = "email,name,certification,certificate_number,granted_on\nbo@example.org,Bo Chen-Smit,ISF,ISF-2,2020-05-01\n";
    data.holders(back);
    assert_eq!(
        data.ask("SELECT detail AS line FROM history WHERE event = 'holder renamed'"),
        [
            "from Bo Chen to Bo Chen-Smit, by an import",
            "from Bo Chen-Smit to Totally Other, by an import",
            "from Totally Other to Bo Chen-Smit, by an import",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_at_all_changes_nothing() {
    let data = TestData::new();
    let before = data.dump();
    let mut latin = GOOD.as_bytes().to_vec();
    latin.extend_from_slice(b"ren\xe9e@example.org,Ren\xe9e,ISP,99,2024-01-01\n");
    let utf16: Vec<u8> = "\u{feff}email,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&[u8], &str); 5] = [
        (&latin, "line 5"),
        (&utf16, "UTF-8"),
        (b"", "empty"),
        (b"email,name,certification,granted_on\n", "certificate_number"),
        (b"email;name;certification;certificate_number;granted_on\n", "commas"),
    ];
    for (file, said) in files {
        match data.try_holders(file, false) {
            Err(ImportError::Unreadable(message)) => assert!(message.contains(said), "{message}"),
            other => panic!("{said}: {other:?}"),
        }
    }
    assert_eq!(data.dump(), before);
}

#[test]
fn a_dry_run_changes_nothing_and_reports_what_the_real_run_then_does() {
    let data = TestData::new();
    data.holders(GOOD);
    let file = "email,name,certification,certificate_number,granted_on\n\
        anna@example.org,Anna de Vries,ISP,ISP-1,2024-02-29\n\
        anna@example.org,Anna de Vries,CISO,CISO-3,2026-11-23\n\
        new@example.org,New,ISP,N-1,2025-01-01\n\
        new@example.org,New,ISP,n-1,2025-01-01\n\
        new@example.org,New,ISP,N-1,2025-01-02\n\
        new@example.org,New,ISP,N-2,2025-01-02\n";
    let before = data.dump();
    let announced = data.try_holders(file.as_bytes(), true).unwrap();
    assert_eq!(data.dump(), before);
    assert_eq!(data.holders(file), announced);
    assert_eq!(counts(&announced), (2, 1, 2, 1));
}

#[test]
fn a_certificate_is_taken_over_in_good_standing_with_years_that_count_from_the_grant() {
    let data = TestData::on("2026-02-28");
    data.holders(
        "email,name,certification,certificate_number,granted_on\n\
         a@example.org,A,ISP,LEAP,2024-02-29\n\
         b@example.org,B,ISP,TODAY,2026-02-28\n\
         c@example.org,C,ISP,EVE,2025-03-01\n",
    );
    let years = data.ask(
        "SELECT c.number || ' ' || y.number || ': ' || starts_on || ' to ' || ends_on || ' ' || coalesce(outcome, 'open') AS line \
         FROM certification_years y JOIN certificates c ON c.id = certificate_id ORDER BY c.id, y.number",
    );
    assert_eq!(
        years,
        [
            "LEAP 1: 2024-02-29 to 2025-02-27 before_takeover",
            "LEAP 2: 2025-02-28 to 2026-02-27 before_takeover",
            "LEAP 3: 2026-02-28 to 2027-02-27 open",
            "LEAP 4: 2027-02-28 to 2028-02-28 open",
            "TODAY 1: 2026-02-28 to 2027-02-27 open",
            "TODAY 2: 2027-02-28 to 2028-02-27 open",
            "EVE 1: 2025-03-01 to 2026-02-28 open",
            "EVE 2: 2026-03-01 to 2027-02-28 open",
        ]
    );
}

#[test]
fn badges_that_are_signed_ahead_say_what_their_certificates_say_each_in_a_place_of_its_own() {
    let data = TestData::new();
    data.holders(GOOD);
    let mut file = String::from("email,name,certification,certificate_number,granted_on\n");
    for n in 0..1100 {
        let code = ["ISP", "ISF", "CISO"][n % 3];
        file.push_str(&format!("h{n}@example.org,H {n},{code},H-{n},2024-0{}-01\n", 1 + n % 9));
    }
    // known already; renamed with a second certificate; the same number twice; refused
    file.push_str("bo@example.org,Bo Chen,ISF,ISF-2,2020-05-01\n");
    file.push_str("bo@example.org,Bo Chen,DPP,DPP-9,2026-05-01\nh1@example.org,H 1,ISP,H-2,2024-01-01\n");
    file.push_str("anna@example.org,Anna Smit,ISME,A-9,2025-05-01\nx@example.org,X,XXX,X-1,2024-01-01\n");
    assert_eq!(counts(&data.holders(&file)), (1102, 0, 1, 2));
    let (portal, keys) = (&data.portal, data.portal.badge_keys().unwrap());
    let documents = data.ask("SELECT document AS line FROM signed_badges");
    assert_eq!(documents.len(), 1105);
    for document in &documents {
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        cpe_portal::badges::proof::verify(&document, &keys, &portal.origin).unwrap();
    }
    // what was signed ahead is what signing it now would say
    assert_eq!(
        data.ask("SELECT DISTINCT list_number || ' ' || list_position AS line FROM signed_badges").len(),
        1105
    );
    let wrong = "SELECT c.number AS line FROM signed_badges s JOIN badges b ON b.id = s.badge_id \
        JOIN certificates c ON c.id = b.certificate_id JOIN accounts a ON a.id = c.holder_id \
        JOIN certifications n ON n.id = c.certification_id \
        WHERE instr(s.document, '\"' || c.number || '\"') = 0 OR instr(s.document, a.name) = 0 \
           OR instr(s.document, b.id) = 0 OR instr(s.document, n.title) = 0 \
           OR (b.valid_until IS NULL) <> (instr(s.document, 'validUntil') = 0)";
    assert_eq!(data.ask(wrong), Vec::<String>::new());
}

#[test]
fn a_certificate_for_a_closed_account_is_refused_and_a_second_of_one_certification_comes_in() {
    let data = TestData::new();
    data.holders(GOOD);
    data.damage(
        "UPDATE accounts SET deactivated_at = '2026-01-01 00:00:00' WHERE email_norm = 'anna@example.org'",
    );
    let file = "email,name,certification,certificate_number,granted_on\n\
        anna@example.org,Anna Jansen,ISP,ISP-1,2024-02-29\n\
        anna@example.org,Anna Jansen,DPF,DPF-77,2026-01-01\n\
        two@example.org,Two,ISP,T-1,2025-01-01\n\
        two@example.org,Two,ISP,T-2,2026-01-01\n";
    let announced = data.try_holders(file.as_bytes(), true).unwrap();
    let report = data.holders(file);
    assert_eq!(report, announced);
    assert_eq!((report.added, report.unchanged), (2, 1), "what was there already is no grant");
    let words = "The account of anna@example.org is closed. Open it first, or grant the certificate on the page of the holder.";
    assert_eq!(reasons(&report), [(3, words)]);
}

#[test]
fn a_report_tells_fifty_thousand_refused_rows_one_by_one_and_counts_the_others() {
    let data = TestData::new();
    let mut file = String::from("email,name,certification,certificate_number,granted_on\n");
    file.push_str(&"x,y\n".repeat(50_010));
    let choices = ImportChoices { dry_run: true, ..ImportChoices::default() };
    let report = data.holders_with(file.as_bytes(), &choices).unwrap();
    assert_eq!((report.refused.len(), report.more_refused, report.all_refused()), (50_000, 10, 50_010));
}
