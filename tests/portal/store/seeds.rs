//! What a new data folder starts with: the guide as policy version 1, and the catalogue.

use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::store::certification::{catalogue, policies};

use crate::support::{TestPortal, day};

#[test]
fn policy_version_1_is_the_guide() {
    let portal = TestPortal::new();
    let all = portal.store.read(policies::all).unwrap();
    assert_eq!(all.all().count(), 1);
    let guide = all.in_force_on(day("2026-11-23"));
    let minimums: Vec<_> =
        Level::ALL.iter().map(|level| guide.minimum(*level).map(|credits| credits.to_string())).collect();
    let credits = |text: &str| Some(text.to_owned());
    assert_eq!(minimums, [None, credits("20.00"), credits("40.00"), credits("40.00")]);
    let rates: Vec<_> = Category::ALL
        .iter()
        .map(|category| (category.code(), guide.rate(*category).units_per_credit()))
        .collect();
    let expected = [
        ("attending", 60),
        ("reading", 150),
        ("writing", 1),
        ("teaching", 60),
        ("course_material", 60),
        ("unregistered", 180),
    ];
    assert_eq!(rates, expected);
    assert_eq!(guide.publication_cap.to_string(), "5.00");
    assert_eq!(guide.stages, [90, 60, 30, 14, 7, 1]);
    assert_eq!((guide.version, guide.notice_days, guide.carry_over.parts()), (1, 14, 0));
}

#[test]
fn g8_the_catalogue_starts_with_seven_fields_and_the_guides_neighbours_both_ways() {
    let portal = TestPortal::new();
    let fields = portal.store.read(catalogue::fields).unwrap();
    let neighbours = portal.store.read(catalogue::neighbours).unwrap();
    let codes: Vec<&str> = fields.iter().map(|field| field.code.as_str()).collect();
    let expected = [
        "information_security",
        "it_security",
        "data_protection",
        "business_continuity",
        "crisis_management",
        "ethical_hacking",
        "secure_software",
    ];
    assert_eq!(codes, expected);
    let adjoining = [
        ("information_security", "data_protection"),
        ("information_security", "it_security"),
        ("information_security", "ethical_hacking"),
        ("information_security", "business_continuity"),
        ("it_security", "ethical_hacking"),
        ("it_security", "secure_software"),
        ("secure_software", "ethical_hacking"),
        ("business_continuity", "crisis_management"),
        ("data_protection", "it_security"),
    ];
    for one in &fields {
        for other in &fields {
            let pair = (one.code.as_str(), other.code.as_str());
            let expected = adjoining.contains(&pair) || adjoining.contains(&(pair.1, pair.0));
            assert_eq!(neighbours.adjoin(one.id, other.id), expected, "{pair:?}");
        }
    }
}

#[test]
fn each_field_has_its_four_certifications() {
    let portal = TestPortal::new();
    let fields = portal.store.read(catalogue::fields).unwrap();
    let certifications = portal.store.read(catalogue::certifications).unwrap();
    for (field, codes) in [
        ("information_security", ["ISF", "ISP", "ISME", "CISO"]),
        ("it_security", ["ITSF", "ITSP", "ITSE", "CITSO"]),
        ("data_protection", ["DPF", "DPP", "DPE", "CDPO"]),
        ("business_continuity", ["BCF", "BCP", "BCE", "CBCO"]),
        ("crisis_management", ["CMF", "CMP", "CME", "CCMO"]),
        ("ethical_hacking", ["EHF", "EHP", "EHE", "CEHL"]),
        ("secure_software", ["SPF", "SPP", "SPE", "CSPL"]),
    ] {
        let field = fields.iter().find(|found| found.code == field).unwrap();
        let of_field: Vec<_> = certifications
            .iter()
            .filter(|certification| certification.field == field.id)
            .map(|certification| (certification.code.as_str(), certification.level))
            .collect();
        let expected: Vec<_> = codes.into_iter().zip(Level::ALL).collect();
        assert_eq!(of_field, expected);
    }
    assert_eq!(certifications.len(), 28);
}
