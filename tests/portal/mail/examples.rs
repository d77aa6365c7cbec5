//! One notice of each kind, about people and years that are easy to get wrong.

use cpe_portal::config::Settings;
use cpe_portal::domain::activities::category::Unit;
use cpe_portal::domain::activities::credits::Credits;
use cpe_portal::domain::activities::quantity::Quantity;
use cpe_portal::domain::activities::review::ReasonCode;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::ids::{ActivityId, CertificateId, ConversationId};
use cpe_portal::mail::{
    AccountChange, AccountChanged, Approved, ApprovedActivity, Award, CertificateLine, Corrected,
    CorrectionAnswered, Decertified, Ended, Extended, FlagLifted, Flagged, FlaggedYear, FriendlyReminder,
    Granted, Invitation, MailTest, MinimumReached, Notice, NoticeContext, OtherVerdict, PasswordReset,
    QuestionTakenBack, Recertified, RecertifiedYear, Reinstated, Rejected, Reminder, Rendered, Reply,
    Returned, StandingLines, VerdictTakenBack, Verdicts, Waived, YearLine,
};

use super::{config, day, instant};

/// A name that ruins a page or a text that escapes wrongly.
pub const NAME: &str = "O'Brien & Söhne <x>";
pub const REASON: &str = "We asked twice, & got <no> answer.\n\nIt's a \"pity\".";
pub const TOKEN: &str = "k3Jd-9_xQ";

/// To somebody with two years in progress, on a day.
pub fn letter() -> NoticeContext {
    let standing = StandingLines::new(day("2027-02-28"), vec![officer(), practitioner()]);
    NoticeContext::new(NAME, &config(Settings::default())).with_standing(standing)
}

pub fn render(notice: impl Into<Notice>) -> Rendered {
    notice.into().render(&letter()).unwrap()
}

pub fn practitioner() -> YearLine {
    YearLine {
        id: (CertificateId(3), 2),
        certification_title: "Information Security Practitioner".to_owned(),
        certificate_number: "ISP-0042".to_owned(),
        year_starts_on: day("2026-03-15"),
        year_ends_on: day("2027-03-14"),
        deadline: day("2027-03-14"),
        approved: Credits::from_parts(12 * 36_000 + 359),
        pending: Credits::whole(3),
        required: Credits::whole(20),
        missing: Credits::from_parts(5 * 36_000 - 359),
    }
}

pub fn officer() -> YearLine {
    YearLine {
        id: (CertificateId(4), 5),
        certification_title: "Certified Data Protection Officer".to_owned(),
        certificate_number: "CDPO-7".to_owned(),
        year_starts_on: day("2026-04-01"),
        year_ends_on: day("2027-03-31"),
        deadline: day("2027-05-31"),
        approved: Credits::whole(38),
        pending: Credits::ZERO,
        required: Credits::whole(40),
        missing: Credits::whole(2),
    }
}

pub fn settled(year: YearLine) -> RecertifiedYear {
    RecertifiedYear { year, recertified_until: day("2028-03-20") }
}

pub fn certificate() -> CertificateLine {
    CertificateLine {
        id: CertificateId(3),
        certification_title: "Information Security Practitioner".to_owned(),
        certificate_number: "ISP-0042".to_owned(),
    }
}

pub fn reminder() -> Reminder {
    Reminder { today: day("2027-02-28"), years: vec![practitioner(), officer()] }
}

pub fn flagged() -> Flagged {
    let answer_by = day("2027-03-29");
    Flagged { years: vec![FlaggedYear { year: practitioner(), answer_by }] }
}

pub fn returned() -> Returned {
    Returned {
        activity: ActivityId(17),
        title: "Conference <b>2026</b>".to_owned(),
        credits: Some(Credits::from_parts(90_000)),
        code: ReasonCode::NoEvidence,
        reason: REASON.to_owned(),
        approved_before: false,
    }
}

pub fn approved() -> Approved {
    Approved {
        activities: vec![
            ApprovedActivity {
                activity: ActivityId(15),
                title: "Webinar & more".to_owned(),
                completed_on: day("2026-05-03"),
                credits: Credits::from_parts(54_000),
                award: None,
                cap: None,
            },
            ApprovedActivity {
                activity: ActivityId(16),
                title: "Training".to_owned(),
                completed_on: day("2026-06-04"),
                credits: Credits::whole(6),
                award: Some(Award {
                    reported: Quantity::new(480, Unit::Minutes).unwrap(),
                    awarded: Quantity::new(360, Unit::Minutes).unwrap(),
                    reason: REASON.to_owned(),
                }),
                cap: None,
            },
        ],
    }
}

/// Several verdicts, of every sort.
pub fn verdicts() -> Verdicts {
    let (activity, title) = (ActivityId(18), "Talk & <i>panel</i>".to_owned());
    let reason = REASON.to_owned();
    Verdicts {
        approved: approved().activities,
        others: vec![
            OtherVerdict::Returned(returned()),
            OtherVerdict::Rejected(Rejected {
                activity,
                title: title.clone(),
                code: ReasonCode::RegularJob,
                reason: reason.clone(),
                approved_before: true,
            }),
            OtherVerdict::QuestionTakenBack(QuestionTakenBack {
                activity,
                title: title.clone(),
                credits: None,
            }),
            OtherVerdict::VerdictTakenBack(VerdictTakenBack {
                activity,
                title,
                credits: None,
                approved: true,
                reason,
            }),
        ],
    }
}

/// One of each kind, and variants where the words differ.
pub fn all() -> Vec<Notice> {
    let year = practitioner;
    let reason = || REASON.to_owned();
    let valid_until = instant("2027-03-14T09:30:00");
    vec![
        reminder().into(),
        Reminder { today: day("2027-02-28"), years: vec![year()] }.into(),
        FriendlyReminder {
            today: day("2027-01-20"),
            from: NAME.to_owned(),
            words: String::new(),
            years: vec![year()],
        }
        .into(),
        FriendlyReminder {
            today: day("2027-01-20"),
            from: NAME.to_owned(),
            words: reason(),
            years: vec![year(), officer()],
        }
        .into(),
        MinimumReached { years: vec![year()] }.into(),
        MinimumReached { years: vec![year(), officer()] }.into(),
        Recertified { years: vec![settled(year())] }.into(),
        Recertified { years: vec![settled(year()), settled(officer())] }.into(),
        flagged().into(),
        Flagged {
            years: vec![
                FlaggedYear { year: year(), answer_by: day("2027-03-29") },
                FlaggedYear { year: officer(), answer_by: day("2027-06-15") },
            ],
        }
        .into(),
        FlagLifted { years: vec![settled(year())] }.into(),
        FlagLifted { years: vec![settled(year()), settled(officer())] }.into(),
        Decertified {
            certificate: certificate(),
            decided_on: day("2027-04-02"),
            year_starts_on: day("2026-03-15"),
            year_ends_on: day("2027-03-14"),
            reason: reason(),
        }
        .into(),
        Reinstated { certificate: certificate(), year: Some(year()), reason: reason() }.into(),
        Reinstated { certificate: certificate(), year: None, reason: reason() }.into(),
        ended(EndingKind::Wish).into(),
        ended(EndingKind::Mistake).into(),
        ended(EndingKind::Misconduct).into(),
        Ended {
            replaced_by: Some(CertificateLine {
                id: CertificateId(5),
                certification_title: "Information Security Expert & more".to_owned(),
                certificate_number: "ISME-9".to_owned(),
            }),
            ..ended(EndingKind::Replaced)
        }
        .into(),
        corrected(Some(year())).into(),
        corrected(None).into(),
        Extended { year: officer(), old_deadline: day("2027-03-31"), reason: reason() }.into(),
        Waived { year: year(), reason: reason() }.into(),
        returned().into(),
        Rejected {
            activity: ActivityId(18),
            title: "Reading at work".to_owned(),
            code: ReasonCode::RegularJob,
            reason: reason(),
            approved_before: false,
        }
        .into(),
        VerdictTakenBack {
            activity: ActivityId(18),
            title: "Reading & writing".to_owned(),
            credits: Some(Credits::whole(1)),
            approved: true,
            reason: reason(),
        }
        .into(),
        VerdictTakenBack {
            activity: ActivityId(18),
            title: "Reading & writing".to_owned(),
            credits: Some(Credits::whole(1)),
            approved: false,
            reason: reason(),
        }
        .into(),
        QuestionTakenBack {
            activity: ActivityId(18),
            title: "Reading & writing".to_owned(),
            credits: Some(Credits::whole(2)),
        }
        .into(),
        CorrectionAnswered {
            activity: ActivityId(19),
            title: "A talk & more".to_owned(),
            accepted: true,
            answer: String::new(),
        }
        .into(),
        CorrectionAnswered {
            activity: ActivityId(19),
            title: "A talk & more".to_owned(),
            accepted: false,
            answer: reason(),
        }
        .into(),
        approved().into(),
        Approved { activities: approved().activities.split_off(1) }.into(),
        verdicts().into(),
        Invitation { token: TOKEN.to_owned(), valid_until }.into(),
        PasswordReset { token: TOKEN.to_owned(), valid_until }.into(),
        Granted { certificate: certificate(), granted_on: day("2026-03-15"), year: Some(year()) }.into(),
        Granted { certificate: certificate(), granted_on: day("2026-03-15"), year: None }.into(),
        AccountChanged { change: AccountChange::Password, changed_at: valid_until }.into(),
        AccountChanged { change: AccountChange::Address, changed_at: valid_until }.into(),
        MailTest.into(),
        Reply { conversation: ConversationId(19), to_staff: false }.into(),
        Reply { conversation: ConversationId(19), to_staff: true }.into(),
    ]
}

fn ended(kind: EndingKind) -> Ended {
    Ended {
        certificate: certificate(),
        kind,
        ended_on: day("2027-04-02"),
        replaced_by: None,
        reason: REASON.to_owned(),
    }
}

fn corrected(year: Option<YearLine>) -> Corrected {
    Corrected {
        certificate: certificate(),
        changes: vec![("Number", "ISP-10 & 2".to_owned(), "ISP-102".to_owned())],
        year,
        reason: REASON.to_owned(),
    }
}
