//! What exports say of credits, days and standings: figures that a spreadsheet can add up, and the words of the pages.

use std::io::{Cursor, Read};

use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::transfer::export::{Subject, export, export_file};
use cpe_portal::transfer::sheet::Format;

use super::support::{TestData, reasons};
use crate::support::{TestPortal, day};
use crate::timetable::body::{approved, pending, practitioner, run_on};

const HEADER: &str =
    "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status,awarded\n";

/// The rows of an export by the names of their columns.
fn table(
    portal: &cpe_portal::portal::Portal,
    subject: Subject,
) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut out = Cursor::new(Vec::new());
    export(portal, (subject, Format::Csv), None, &mut out, &mut |_| {}).unwrap();
    let file = String::from_utf8(out.into_inner()).unwrap();
    let mut reader = csv::Reader::from_reader(file.strip_prefix('\u{feff}').expect("its mark").as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Adds decimals as they are written, exactly, and cuts the sum to two.
fn sum<'a>(cells: impl Iterator<Item = &'a String>) -> String {
    let mut sum = 0_i128;
    for cell in cells {
        let (whole, decimals) = cell.split_once('.').unwrap();
        assert!(decimals.len() >= 2, "{cell}");
        sum += format!("{whole}{decimals:0<15}").parse::<i128>().unwrap();
    }
    let hundredths = sum / 10_i128.pow(13);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The cells of a sheet as the file has them: place, format and value.
fn sheet(portal: &cpe_portal::portal::Portal, subject: Subject) -> String {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("export.xlsx");
    export_file(portal, (subject, Format::Xlsx), None, &target, &mut |_| {}).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished is left");
    let mut book = zip::ZipArchive::new(std::fs::File::open(&target).unwrap()).unwrap();
    let mut sheet = String::new();
    book.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    sheet
}

/// The numbers of a column of a sheet, such as "U", below its head.
fn numbers(sheet: &str, column: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    for cell in sheet.split("<c r=\"").skip(1) {
        let (place, rest) = cell.split_once('"').unwrap();
        let row = place.strip_prefix(column).filter(|row| row.bytes().all(|b| b.is_ascii_digit()));
        if row.is_some_and(|row| row != "1") {
            let attributes = rest.split('>').next().unwrap();
            assert!(!attributes.contains("t="), "{place} is a text: {attributes}");
            let value = rest.split("<v>").nth(1).and_then(|rest| rest.split("</v>").next()).unwrap();
            numbers.push(value.parse().unwrap());
        }
    }
    numbers
}

fn podcasts() -> TestData {
    let data = TestData::new();
    let holders =
        "email,name,certification,certificate_number,granted_on\nanna@example.org,Anna,ISP,A,2026-03-01\n";
    assert_eq!(reasons(&data.holders(holders)), []);
    let rows: String = (0..60)
        .map(|n| format!("anna@example.org,unregistered,Podcast {n},X,information_security,,2026-05-0{},1,,approved,\n", n % 9 + 1))
        .collect();
    assert_eq!(reasons(&data.activities(&format!("{HEADER}{rows}"))), []);
    data
}

#[test]
fn sixty_podcasts_of_an_hour_are_twenty_credits_in_a_spreadsheet_too() {
    let data = podcasts();
    let rows = table(&data.portal, Subject::Activities);
    assert_eq!(rows.len(), 60);
    for column in ["credits_reported", "credits_awarded", "credits_counted"] {
        assert_eq!(sum(rows.iter().map(|row| &row[column])), "20.00", "{column}");
    }
    assert_eq!(rows[0]["credits_counted"], "0.333333333334");
    assert_eq!(rows[0]["counts_for"], "A year 1: 0.33");
    let certificate = &table(&data.portal, Subject::Certificates)[0];
    assert_eq!(
        (certificate["approved"].as_str(), certificate["standing"].as_str()),
        ("20.00", "Minimum reached")
    );
    // column U is credits_counted
    let counted = numbers(&sheet(&data.portal, Subject::Activities), "U");
    assert_eq!(counted.len(), 60);
    let total: f64 = counted.iter().sum();
    assert_eq!(format!("{total:.2}"), "20.00");
    assert!((total * 100.0).floor() >= 2000.0, "{total}");
}

#[test]
fn activities_carry_what_was_reported_awarded_and_counted_and_for_which_certificate() {
    let data = TestData::new();
    let holders = "email,name,certification,certificate_number,granted_on\n\
        anna@example.org,Anna,ISP,A,2026-03-01\nanna@example.org,Anna,DPP,B,2025-12-01\n";
    assert_eq!(reasons(&data.holders(holders)), []);
    let rows = "anna@example.org,attending,Talk,X,information_security,,2026-05-01,3:00,,approved,2:00\n\
        anna@example.org,writing,Book,X,information_security,,2026-05-02,7,My Book,approved,\n\
        anna@example.org,reading,Paper,X,information_security,,2026-05-03,50,,submitted,\n";
    assert_eq!(reasons(&data.activities(&format!("{HEADER}{rows}"))), []);
    let columns = ["amount", "unit", "credits_reported", "credits_awarded", "credits_counted", "counts_for"];
    let told: Vec<Vec<String>> = table(&data.portal, Subject::Activities)
        .iter()
        .map(|row| columns.map(|column| row[column].clone()).to_vec())
        .collect();
    assert_eq!(told[0], ["180", "minutes", "3.00", "2.00", "2.00", "B year 1: 2.00; A year 1: 2.00"]);
    assert_eq!(told[1], ["7", "A4 pages", "7.00", "7.00", "5.00", "B year 1: 5.00; A year 1: 5.00"]);
    assert_eq!(told[2], ["50", "pages", "0.333333333334", "", "", ""]);
}

#[test]
fn a_workbook_has_days_as_dates_and_numbers_as_numbers_under_a_head_that_stays_and_filters() {
    let data = TestData::new();
    let holders =
        "email,name,certification,certificate_number,granted_on\nanna@example.org,Anna,ISP,0012,2026-03-01\n";
    assert_eq!(reasons(&data.holders(holders)), []);
    let rows =
        "anna@example.org,reading,=cmd|x,-X,information_security,2026-05-01,2026-05-03,150,,approved,\n";
    assert_eq!(reasons(&data.activities(&format!("{HEADER}{rows}"))), []);
    let activities = sheet(&data.portal, Subject::Activities);
    // 1 May 2026 is day 46 143 of a spreadsheet
    assert_eq!(numbers(&activities, "F"), [46_143.0]);
    assert_eq!(numbers(&activities, "G"), [46_145.0]);
    assert_eq!(numbers(&activities, "H"), [150.0], "pages");
    assert_eq!(numbers(&activities, "U"), [1.0], "credits");
    assert_eq!(numbers(&activities, "N").len(), 1, "a moment");
    assert!(activities.contains("=cmd|x") && !activities.contains("<f>"), "a text and no formula");
    assert!(
        activities.contains("state=\"frozen\"") && activities.contains("<autoFilter ref=\"A1:V2\"/>"),
        "{activities}"
    );
    let certificates = sheet(&data.portal, Subject::Certificates);
    assert_eq!(numbers(&certificates, "E"), [46_082.0]);
    assert_eq!(numbers(&certificates, "I"), [1.0], "the year");
    assert_eq!(numbers(&certificates, "P"), [20.0], "required");
    assert!(certificates.contains("0012"), "a certificate's number stays a text");
    assert_eq!(numbers(&sheet(&data.portal, Subject::History), "A").len(), 3);
}

#[actix_web::test]
async fn the_standing_of_a_certificate_is_what_its_page_tells() {
    let portal = TestPortal::new();
    let reviewer = portal.account("rita@people.test", "Rita", cpe_portal::domain::roles::Role::Reviewer);
    let (flagged, _) = practitioner(&portal, "Flora", "2026-01-01");
    let (awaiting, _) = practitioner(&portal, "Wanda", "2026-01-01");
    let (reached, _) = practitioner(&portal, "Rosa", "2026-03-01");
    let (covered, _) = practitioner(&portal, "Clara", "2026-03-01");
    let (extended, certificate) = practitioner(&portal, "Elsa", "2026-01-01");
    let (open, _) = practitioner(&portal, "Olga", "2026-03-01");
    pending(&portal, &awaiting, "2026-05-01", 20);
    approved(&portal, &reached, "2026-05-01", 20);
    pending(&portal, &covered, "2026-05-01", 20);
    let administrator =
        portal.account("ada@people.test", "Ada", cpe_portal::domain::roles::Role::Administrator);
    let fields = [("year", "1"), ("until", "1 February 2027"), ("reason", "She was ill.")];
    let ada = portal.browser(&administrator).await;
    ada.post(&format!("/staff/certificates/{certificate}/extension"), &fields).await.expect(303);
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-02"), 10);
    let rows = table(&portal, Subject::Certificates);
    let browser = portal.browser(&reviewer).await;
    for (holder, standing, year) in [
        (&flagged, "Flagged", "1"),
        (&awaiting, "Awaiting review", "1"),
        (&reached, "Minimum reached", "1"),
        (&covered, "Covered by waiting reports", "1"),
        (&extended, "Extended", "1"),
        (&open, "Open", "1"),
    ] {
        let row = rows.iter().find(|row| row["email"] == holder.email).unwrap();
        let page = browser.get(&format!("/staff/holders/{}", holder.id)).await.expect(200);
        assert!(page.texts(".tag").iter().any(|tag| tag == standing), "{standing}: {:?}", page.texts(".tag"));
        assert_eq!((row["standing"].as_str(), row["year"].as_str()), (standing, year), "{}", holder.name);
    }
}

#[actix_web::test]
async fn what_the_page_says_of_importing_an_export_is_what_comes_of_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (settled, _) = practitioner(&portal, "Sara", "2025-01-01");
    approved(&portal, &settled, "2026-02-01", 20);
    pending(&portal, &people.owner, "2026-05-02", 2);
    approved(&portal, &people.owner, "2026-05-01", 3);
    for (status, title) in [(ActivityStatus::Rejected, "Gardening"), (ActivityStatus::Withdrawn, "Twice")] {
        portal.activity(&people.owner, status, title, "2026-05-03", 1);
    }
    run_on(&portal, "2027-01-02");
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/admin/export").await.expect(200).words();
    assert!(!page.contains("imported again"), "{page}");
    assert!(page.contains("submitted or approved and falls in a year that is open there"), "{page}");
    let file = async |name: &str| {
        let page = administrator.get(&format!("/admin/export/{name}")).await.expect(200);
        String::from_utf8(page.bytes.to_vec()).unwrap()
    };
    let other = TestData::on("2027-01-02");
    assert_eq!(reasons(&other.holders(&file("holders.csv").await)), []);
    let report = other.activities(&file("activities.csv").await);
    assert_eq!(report.added, 2, "what is submitted and what is approved of an open year: {report:?}");
    let refused = reasons(&report);
    assert_eq!(refused.len(), 3, "{refused:?}");
    for (words, times) in [("before the portal took", 1), ("is not a status for an import", 2)] {
        assert_eq!(
            refused.iter().filter(|(_, why)| why.contains(words)).count(),
            times,
            "{words}: {refused:?}"
        );
    }
}
