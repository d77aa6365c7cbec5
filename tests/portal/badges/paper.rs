//! A certificate as PDF, and the files that go with mails.

use std::ops::ControlFlow;

use cpe_portal::actions::badge_files;
use cpe_portal::badges::{bake, proof};
use cpe_portal::jobs::delivery::deliver;
use serde_json::Value;

use crate::staff::decision;
use crate::support::{Page, TestPortal, day};
use crate::timetable::body::{approved, practitioner, run_on};

fn says(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

fn assert_is_pdf(page: &Page) {
    assert_eq!(page.header("content-type").as_deref(), Some("application/pdf"));
    assert_eq!(page.header("cache-control").as_deref(), Some("private, no-store"));
    assert!(
        page.header("content-disposition")
            .unwrap()
            .starts_with("attachment; filename=\"certificate-ISP-1001.pdf\"")
    );
    assert!(page.bytes.starts_with(b"%PDF-1.7"));
    assert!(
        says(&page.bytes, "/StructTreeRoot") && says(&page.bytes, "pdfuaid"),
        "tagged for screen readers"
    );
    assert!(says(&page.bytes, "Information Security Practitioner: Olga Owner"), "its title");
}

#[actix_web::test]
async fn a_certificate_is_a_tagged_pdf_for_its_holder_and_for_staff() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = people.owner_certificate;
    let owner = portal.browser(&people.owner).await;
    let path = format!("/certificates/{id}/certificate.pdf");
    assert!(owner.get(&format!("/certificates/{id}")).await.has(&format!("a[href='{path}'][download]")));
    assert_is_pdf(&owner.get(&path).await.expect(200));
    portal.browser(&people.stranger).await.get(&path).await.expect(404);
    let rita = portal.browser(&people.reviewer).await;
    assert_is_pdf(&rita.get(&format!("/staff/certificates/{id}/certificate.pdf")).await.expect(200));
}

#[actix_web::test]
async fn a_withdrawn_certificate_has_no_pdf() {
    let portal = TestPortal::new();
    let people = portal.people();
    let (holder, certificate) = practitioner(&portal, "Flora", "2026-01-01");
    run_on(&portal, "2027-01-01");
    portal.clock.set_local(day("2027-01-16"), 10);
    let ada = portal.browser(&people.administrator).await;
    let delivered = ("acknowledged", "1");
    decision(&ada, certificate, "decertification", &[("reason", "Too few credits."), delivered])
        .await
        .expect(303);
    let flora = portal.browser(&holder).await;
    let answer = flora.get(&format!("/certificates/{certificate}/certificate.pdf")).await.expect(303);
    let page = flora.follow(answer).await.expect(200);
    assert!(page.words().contains("was withdrawn, so there is no PDF"), "{}", page.words());
    assert!(!page.has("a[href$='certificate.pdf']"));
}

#[actix_web::test]
async fn every_script_is_drawn_and_whatever_has_no_letters_of_ours_is_no_error() {
    let portal = TestPortal::new();
    let people = portal.people();
    let mut paper = badge_files::paper(&portal, people.owner_certificate, None).unwrap().unwrap();
    for name in [
        "Nguyễn Thị Minh Khai",
        "Γιώργος Παπαδόπουλος",
        "Дмитрий Иванов",
        "محمد رضا کریمی",
        "דוד בן־חיים",
        "प्रिया शर्मा",
        "রফিকুল ইসলাম",
        "தமிழ்ச்செல்வி முருகன்",
        "ณัฐพล ศรีสุข",
        "ანა ბერიძე",
        "Արամ Պետրոսյան",
        "Abebe ተስፋዬ",
        "김민준",
        "佐藤 花子",
        "Mei-Ling Chen 陳美玲",
        "O’Brien & <Sons> \"x\"",
    ] {
        paper.holder = name.to_owned();
        let pdf = paper.pdf().unwrap();
        assert!(says(&pdf, "pdfuaid"), "{name} has all its letters");
    }
    let endless = "Wolkenstein-Hohenlohe ".repeat(30);
    let unbroken = "W".repeat(400);
    for name in ["🦊 Fox", "\u{13000}", endless.as_str(), unbroken.as_str(), ""] {
        paper.holder = name.to_owned();
        paper.title = name.to_owned();
        assert!(paper.pdf().unwrap().starts_with(b"%PDF"), "{name}");
    }
}

#[actix_web::test]
async fn the_mail_about_a_recertification_carries_the_renewed_badge() {
    let portal = TestPortal::new();
    let (holder, certificate) = practitioner(&portal, "Rosa", "2026-01-01");
    let (poor, _) = practitioner(&portal, "Paula", "2026-01-01");
    approved(&portal, &holder, "2026-05-02", 20);
    run_on(&portal, "2027-01-02");
    deliver(&portal, &mut || ControlFlow::Continue(())).unwrap();
    let delivered = portal.delivered();
    let mail = delivered.iter().find(|mail| mail.kind == "recertified").unwrap();
    let names: Vec<&str> = mail.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(
        (mail.to_address.as_str(), names),
        (holder.email.as_str(), vec!["badge-ISP-Rosa.png", "badge-ISP-Rosa.json"])
    );
    let stored = portal.texts(&format!(
        "SELECT document AS text FROM signed_badges JOIN badges ON badges.id = badge_id WHERE certificate_id = {certificate}"
    ));
    let [picture, text] = mail.attachments.as_slice() else { panic!() };
    assert_eq!(bake::credential_in(&picture.bytes).as_deref(), Some(stored[0].as_str()));
    assert_eq!(text.bytes, stored[0].as_bytes());
    let badge: Value = serde_json::from_slice(&text.bytes).unwrap();
    assert_eq!(badge["validUntil"], "2028-03-30T21:59:59Z", "the renewed one");
    proof::verify(&badge, &portal.badge_keys().unwrap(), &portal.origin).unwrap();
    assert!(mail.text.contains("The new files are attached"));
    let flagged = delivered.iter().find(|mail| mail.kind == "flagged").unwrap();
    assert_eq!((flagged.to_address.as_str(), flagged.attachments.len()), (poor.email.as_str(), 0));
}
