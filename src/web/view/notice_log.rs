//! Who was told what, and why: mails and reminder stages in plain words, for their recipient and for staff.

use chrono::NaiveDate;

use crate::clock::Clock;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::certification::policy::Policies;
use crate::domain::codes::Stored;
use crate::domain::dates::long_date;
use crate::domain::ledger::CertificateFile;
use crate::domain::ledger::derivation::Reader;
use crate::domain::notices::delivery::{Delivery, HeldBy};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::domain::notices::reminder_history::{StageFate, StageLine, stage_lines};
use crate::domain::plural::counted;
use crate::store::mail::bounces::Bounce;
use crate::store::mail::mail_log::LoggedMail;
use crate::store::mail::year_notices::{DecidedStage, YearMail};
use crate::web::view::dates::instant;
use crate::web::view::tags::Tag;

/// The tag of a mail.
#[must_use]
pub const fn delivery_tag(delivery: Delivery) -> Tag {
    match delivery {
        Delivery::OnItsWay => Tag { kind: "wait", label: "On its way" },
        Delivery::Held(_) => Tag { kind: "wait", label: "Held" },
        Delivery::Delivered => Tag { kind: "good", label: "Delivered" },
        Delivery::Uncertain => Tag { kind: "action", label: "Uncertain" },
        Delivery::Failed => Tag { kind: "bad", label: "Not delivered" },
        Delivery::CameBack => Tag { kind: "bad", label: "Came back" },
    }
}

/// How a mail that left is shown; `to_folder`: emails become files, because no mail server is set.
#[must_use]
pub const fn sent_tag(to_folder: bool) -> Tag {
    if to_folder {
        Tag { kind: "good", label: "Written as a file" }
    } else {
        delivery_tag(Delivery::Delivered)
    }
}

/// What a kind of notice is called.
#[must_use]
pub fn kind_words(kind: &Stored<NoticeKind>) -> String {
    match kind {
        Stored::Known(kind) => known_kind_words(*kind).to_owned(),
        Stored::Other(word) => sentence(&word.replace('-', " ")),
    }
}

const fn known_kind_words(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Reminder => "Reminder of a deadline",
        NoticeKind::FriendlyReminder => "A friendly word about missing credits",
        NoticeKind::MinimumReached => "Confirmation that the minimum is reached",
        NoticeKind::Recertified => "Confirmation of the recertification",
        NoticeKind::Flagged => "Notice that credits are missing after the deadline",
        NoticeKind::FlagLifted => "Notice that the flag is lifted",
        NoticeKind::Decertified => "Notice of the decertification",
        NoticeKind::Ended => "Notice that the certificate has ended",
        NoticeKind::Corrected => "Notice of the correction",
        NoticeKind::Reinstated => "Notice of the reinstatement",
        NoticeKind::Extended => "Notice of the new deadline",
        NoticeKind::Waived => "Notice that the year is waived",
        NoticeKind::Returned => "Question about a report",
        NoticeKind::Rejected => "Rejection of a report",
        NoticeKind::Approved => "Approval of a report",
        NoticeKind::Verdicts => "News about several reports",
        NoticeKind::Invitation => "Invitation",
        NoticeKind::PasswordReset => "Link for a new password",
        NoticeKind::QuestionTakenBack => "Question taken back",
        NoticeKind::VerdictTakenBack => "Verdict taken back",
        NoticeKind::CorrectionAnswered => "Correction answered",
        NoticeKind::Granted => "Granted",
        NoticeKind::Reply => "Reply",
        NoticeKind::MailTest => "Test",
        NoticeKind::AccountChanged => "Account changed",
    }
}

/// Begins with a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What became of a mail, in one sentence for its recipient; `to_folder`: emails become files, because no mail server is set.
#[must_use]
pub fn mail_words(mail: &LoggedMail, to_folder: bool, clock: &Clock) -> String {
    let to = &mail.to_address;
    match mail.delivery() {
        Delivery::Delivered => match mail.sent_at {
            Some(at) if to_folder => format!(
                "Written as a file on {}: no mail server is set, so nothing was sent to {to}.",
                instant(clock, at)
            ),
            Some(at) => format!("Delivered to the mail server for {to} on {}.", instant(clock, at)),
            None => format!("Delivered to {to}."),
        },
        Delivery::CameBack => format!("It came back from {to}."),
        Delivery::Uncertain => {
            format!("It may or may not have reached {to}: the connection broke at the end.")
        }
        Delivery::Failed if mail.discarded => "It was not sent.".to_owned(),
        Delivery::Failed => format!("It could not be delivered to {to}."),
        Delivery::OnItsWay if mail.attempts > 0 => format!(
            "Not delivered to {to} yet: the mail server did not accept it. The next try is on {}.",
            instant(clock, mail.next_attempt_at)
        ),
        Delivery::Held(HeldBy::NotLive) => {
            format!("It is held until emails to holders are released; then it will be sent to {to}.")
        }
        Delivery::Held(HeldBy::Everything) => {
            format!("It is held, and may have been sent to {to} before. {}", HeldBy::Everything.words())
        }
        Delivery::Held(by) => format!("It is held and has not been sent to {to}. {}", by.words()),
        Delivery::OnItsWay => format!("It will be sent to {to} shortly."),
    }
}

/// Why a mail is held, and what ends that; empty when it is not.
#[must_use]
pub const fn held_words(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Held(by) => by.words(),
        _ => "",
    }
}

/// The address to ask about: mail to it came back, and its owner has not said anything yet.
#[must_use]
pub fn returned_address(bounce: Option<Bounce>) -> String {
    bounce.filter(|bounce| bounce.confirmed_at.is_none()).map(|bounce| bounce.address).unwrap_or_default()
}

/// The reminders and mails of one certification year.
pub struct YearTold {
    /// The year's number.
    pub number: i64,
    /// Its days.
    pub span: String,
    /// Reminder stages, the earliest first.
    pub stages: Vec<StageTold>,
    /// Other mails about it, the earliest first.
    pub mails: Vec<MailTold>,
}

/// A reminder stage, and why it was or was not written.
pub struct StageTold {
    /// "30 days before", or with its deadline when that has moved since.
    pub stage: String,
    /// The first day on which it could be sent.
    pub due: String,
    /// What became of it and why.
    pub why: String,
    /// Whether a mail was written, and where that is.
    pub tag: Tag,
    /// The mail, when there is one.
    pub mail: Option<i64>,
}

/// A mail about a year.
pub struct MailTold {
    /// Its place.
    pub mail: i64,
    /// What it was.
    pub kind: String,
    /// When it was written.
    pub written: String,
    /// To which address.
    pub address: String,
    /// Where it is.
    pub tag: Tag,
    /// Why it is held, and what ends that; empty when it is not.
    pub held: &'static str,
}

/// What is needed to tell about the years of one certificate.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// Who reads it.
    pub reader: Reader,
    /// Stages that were decided about.
    pub stages: &'a [DecidedStage],
    /// Mails about its years.
    pub mails: &'a [YearMail],
    /// Every version of the policy.
    pub policies: &'a Policies,
    /// The day.
    pub today: NaiveDate,
    /// For instants.
    pub clock: &'a Clock,
}

/// The years of a certificate that have begun here, the latest first.
#[must_use]
pub fn years_told(telling: &Telling<'_>, certificate: &CertificateFile) -> Vec<YearTold> {
    let here = |year: &&CertificationYear| {
        let never = |outcome| matches!(outcome, YearOutcome::BeforeTakeover | YearOutcome::Void);
        !year.settlement.is_some_and(|settled| never(settled.outcome)) && year.starts_on <= telling.today
    };
    certificate.years.iter().rev().filter(here).map(|year| telling.year(year)).collect()
}

impl Telling<'_> {
    /// One year of the certificate.
    #[must_use]
    pub fn year(&self, year: &CertificationYear) -> YearTold {
        let decided: Vec<&DecidedStage> =
            self.stages.iter().filter(|stage| stage.year == year.number).collect();
        let evaluated: Vec<_> =
            decided.iter().map(|stage| (stage.deadline, stage.stage, stage.outcome)).collect();
        let lines = stage_lines(year, &evaluated, self.policies, self.today);
        let stages = lines
            .iter()
            .map(|line| {
                let row = decided
                    .iter()
                    .find(|row| (row.deadline, row.stage) == (line.deadline, line.stage))
                    .copied();
                self.stage(line, row, year)
            })
            .collect();
        let mails = self
            .mails
            .iter()
            .filter(|mail| mail.year == year.number && !mail.kind.is(NoticeKind::Reminder))
            .map(|mail| MailTold {
                mail: mail.mail.0,
                kind: kind_words(&mail.kind),
                written: instant(self.clock, mail.created_at),
                address: mail.to_address.clone(),
                tag: delivery_tag(mail.delivery),
                held: held_words(mail.delivery),
            })
            .collect();
        YearTold {
            number: year.number,
            span: format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on)),
            stages,
            mails,
        }
    }

    fn stage(&self, line: &StageLine, row: Option<&DecidedStage>, year: &CertificationYear) -> StageTold {
        let days = counted(line.stage, "day", "days");
        let stage = if line.deadline == year.deadline {
            format!("{days} before the deadline")
        } else {
            format!("{days} before the earlier deadline, {}", long_date(line.deadline))
        };
        let id = row.and_then(|row| row.mail);
        let mail = id.and_then(|id| self.mails.iter().find(|mail| mail.mail == id));
        let no_mail = Tag { kind: "off", label: "No email" };
        let tag = match line.fate {
            StageFate::Ahead => Tag { kind: "info", label: "Upcoming" },
            StageFate::Due => Tag { kind: "wait", label: "Due" },
            _ => mail.map_or(no_mail, |mail| delivery_tag(mail.delivery)),
        };
        StageTold {
            stage,
            due: long_date(line.due_on),
            why: self.why(line.fate, row, mail),
            tag,
            mail: id.map(|id| id.0),
        }
    }

    fn why(&self, fate: StageFate, row: Option<&DecidedStage>, mail: Option<&YearMail>) -> String {
        let (you, had) = match self.reader {
            Reader::Holder => ("you", "you had"),
            Reader::Staff => ("the holder", "the holder had"),
        };
        let on = row.map(|row| long_date(row.evaluated_on)).unwrap_or_default();
        match (fate, row) {
            (StageFate::Evaluated(StageOutcome::Sent), Some(row)) => {
                let missing = row.required.less(row.approved).less(row.pending);
                let missing = missing.counted_up_as("credit was", "credits were");
                let to = mail.map(|mail| format!(" to {}", mail.to_address)).unwrap_or_default();
                match mail.map_or("", |mail| held_words(mail.delivery)) {
                    "" => format!("Written on {on}{to}, because {missing} missing."),
                    held => format!("Not sent yet. It was due on {on}, because {missing} missing. {held}"),
                }
            }
            (StageFate::Evaluated(StageOutcome::Met), Some(row)) => format!(
                "Not written: on {on} {had} {}, and {} needed.",
                row.approved.counted_as("approved credit", "approved credits"),
                row.required.counted_as("is", "are")
            ),
            (StageFate::Evaluated(StageOutcome::Covered), Some(row)) => format!(
                "Not written: on {on} {had} {} and {} waiting for review, which would be enough.",
                row.approved.counted_as("approved credit", "approved credits"),
                row.pending.plain()
            ),
            (StageFate::Evaluated(_), _) => {
                format!("Not written: on {on} a later reminder was due as well, and only the latest counts.")
            }
            (StageFate::Ahead, _) => format!("Goes to {you} then, if credits are still missing."),
            (StageFate::Due, _) => "It is decided within the hour, during the day.".to_owned(),
            (StageFate::NotNeeded, _) => {
                "Not written: the year had already been decided, so there was nothing to remind of."
                    .to_owned()
            }
            (StageFate::Missed, _) => {
                "Not written: this year was not in the portal at the time, or the portal was not running."
                    .to_owned()
            }
        }
    }
}
