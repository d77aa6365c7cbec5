//! Small holders made by hand: certificates, years and reports as the rules see them.

use chrono::NaiveDate;
use cpe_portal::domain::activities::activity::{ActivityStatus, Report};
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::certification::catalogue::{Certification, Level};
use cpe_portal::domain::certification::certificate::{
    Certificate, CertificationYear, Ending, Settlement, YearOutcome, complete_years,
};
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::certification::policy::{Minimums, Policies, Policy, Rate, Rates};
use cpe_portal::domain::ids::{AccountId, ActivityId, CertificateId, CertificationId, FieldId, PolicyId};
use cpe_portal::domain::ledger::holder_ledger::HolderLedger;
use cpe_portal::domain::ledger::{CertificateFile, Counted, HolderFile, Sums};

pub const HOLDER: AccountId = AccountId(1);

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// "20" or "7.25" credits.
pub fn credits(text: &str) -> Credits {
    Credits::parse(text).unwrap()
}

/// Version 1, typed from the guide.
pub fn guide() -> Policy {
    let rate = |category, units| Rate::new(category, units).unwrap();
    Policy {
        id: PolicyId(1),
        version: 1,
        first_day: day("1900-01-01"),
        minimums: Minimums {
            practitioner: credits("20"),
            expert: credits("40"),
            certified_officer: credits("40"),
        },
        rates: Rates {
            attending: rate(Category::Attending, 60),
            reading: rate(Category::Reading, 150),
            writing: rate(Category::Writing, 1),
            teaching: rate(Category::Teaching, 60),
            course_material: rate(Category::CourseMaterial, 60),
            unregistered: rate(Category::Unregistered, 180),
        },
        publication_cap: credits("5"),
        stages: vec![90, 60, 30, 14, 7, 1],
        notice_days: 14,
        carry_over: Credits::ZERO,
    }
}

pub fn version_1() -> Policies {
    Policies::new(vec![guide()]).unwrap()
}

/// Version 1 and a second one with a first day and changes.
pub fn with_version_2(first_day: &str, change: impl FnOnce(&mut Policy)) -> Policies {
    let mut second = Policy { id: PolicyId(2), version: 2, first_day: day(first_day), ..guide() };
    change(&mut second);
    Policies::new(vec![second, guide()]).unwrap()
}

pub fn certificate(id: i64, level: Level, granted_on: &str) -> Certificate {
    Certificate {
        id: CertificateId(id),
        number: format!("C-{id}"),
        holder: HOLDER,
        certification: Certification {
            id: CertificationId(id),
            code: format!("X{id}"),
            title: "Information Security".to_owned(),
            field: FieldId(1),
            level,
        },
        granted_on: day(granted_on),
        endings: Vec::new(),
    }
}

pub fn ended(mut certificate: Certificate, on: &str, reinstated_on: Option<&str>) -> Certificate {
    certificate.endings.push(Ending {
        kind: EndingKind::Credits,
        ended_on: day(on),
        reinstated_on: reinstated_on.map(day),
    });
    certificate
}

/// A certificate with its years by the calendar, through the one after `today`'s.
pub fn with_years(certificate: Certificate, today: &str) -> CertificateFile {
    let years = complete_years(&certificate, Vec::new(), day(today));
    CertificateFile { certificate, years }
}

pub fn practitioner(granted_on: &str, today: &str) -> CertificateFile {
    with_years(certificate(1, Level::Practitioner, granted_on), today)
}

pub fn extend(file: &mut CertificateFile, number: i64, until: &str) {
    year_mut(file, number).deadline = day(until);
}

pub fn flag(file: &mut CertificateFile, number: i64, on: &str) {
    year_mut(file, number).flagged_on = Some(day(on));
}

pub fn settle(file: &mut CertificateFile, number: i64, outcome: YearOutcome, on: &str, approved: &str) {
    let year = year_mut(file, number);
    year.flagged_on = None;
    year.settlement = Some(Settlement {
        outcome,
        settled_on: day(on),
        approved: credits(approved),
        required: credits("20"),
        carried: Credits::ZERO,
    });
}

pub fn year_mut(file: &mut CertificateFile, number: i64) -> &mut CertificationYear {
    file.years.iter_mut().find(|year| year.number == number).unwrap()
}

pub fn year(file: &CertificateFile, number: i64) -> &CertificationYear {
    file.years.iter().find(|year| year.number == number).unwrap()
}

pub fn report(id: i64, category: Category, completed_on: &str, quantity: &str) -> Report {
    Report {
        id: ActivityId(id),
        status: ActivityStatus::Submitted,
        category,
        completed_on: day(completed_on),
        reported_at: day(completed_on).and_hms_opt(9, 0, 0).unwrap(),
        reported: Quantity::parse(category, quantity).unwrap(),
        awarded: None,
        publication: None,
    }
}

pub fn approved(mut report: Report) -> Report {
    report.status = ActivityStatus::Approved;
    report
}

pub fn returned(mut report: Report) -> Report {
    report.status = ActivityStatus::Returned;
    report
}

pub fn awarded(mut report: Report, quantity: &str) -> Report {
    report.awarded = Some(Quantity::parse(report.category, quantity).unwrap());
    approved(report)
}

pub fn written(id: i64, completed_on: &str, pages: &str, title: &str) -> Report {
    Report { publication: Some(title.to_owned()), ..report(id, Category::Writing, completed_on, pages) }
}

pub fn holder(certificates: Vec<CertificateFile>, mut reports: Vec<Report>) -> HolderFile {
    reports.sort_by_key(Report::order);
    HolderFile { holder: HOLDER, certificates, reports, counted: Vec::new() }
}

pub fn counted(certificate: i64, year: i64, activity: i64, amount: &str) -> Counted {
    Counted {
        certificate: CertificateId(certificate),
        year,
        activity: ActivityId(activity),
        credits: credits(amount),
    }
}

/// The ledger of a holder, on a day on which nothing of it depends.
pub fn ledger<'a>(file: &'a HolderFile, policies: &'a Policies) -> HolderLedger<'a> {
    HolderLedger::new(file, policies, day("2026-11-23"))
}

/// The sums of year `number` of the certificate at `position`.
pub fn sums(file: &HolderFile, position: usize, number: i64, policies: &Policies) -> Sums {
    let certificate = file.certificates[position].certificate.id;
    ledger(file, policies).year((certificate, number)).unwrap().sums
}

/// What each report earns after the cap, by id.
pub fn earned(file: &HolderFile, policies: &Policies) -> Vec<(i64, String)> {
    let mut earned: Vec<(i64, String)> = ledger(file, policies)
        .lines()
        .map(|line| (line.report.id.0, line.share.credits.to_string()))
        .collect();
    earned.sort();
    earned
}
