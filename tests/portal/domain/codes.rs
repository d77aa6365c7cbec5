//! The codes that stand in databases, files and forms: kept here as they were first stored, so that a changed one fails.

use std::collections::BTreeSet;
use std::fmt::Debug;

use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::activities::category::Category;
use cpe_portal::domain::activities::correction::{CorrectionDecision, CorrectionState};
use cpe_portal::domain::activities::queue_order::QueueOrder;
use cpe_portal::domain::activities::review::{ReasonCode, ReviewDecision};
use cpe_portal::domain::board_figure::BoardFigure;
use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::certification::certificate::YearOutcome;
use cpe_portal::domain::certification::deadlines::StageOutcome;
use cpe_portal::domain::certification::decision::DecisionKind;
use cpe_portal::domain::certification::ending::EndingKind;
use cpe_portal::domain::certification::risk::RiskClass;
use cpe_portal::domain::codes::{Code, Stored};
use cpe_portal::domain::conversations::conversation::{AppealOutcome, ConversationKind, Turn};
use cpe_portal::domain::conversations::precedent::InquiryVerdict;
use cpe_portal::domain::day_order::DayOrder;
use cpe_portal::domain::history_event::{HistoryEvent, Tone};
use cpe_portal::domain::history_topic::HistoryTopic;
use cpe_portal::domain::job::{JobName, LeaseName, RunOutcome};
use cpe_portal::domain::notices::delivery::MailState;
use cpe_portal::domain::notices::notice_kind::NoticeKind;
use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts::list_density::ListDensity;
use cpe_portal::store::accounts::tokens::Purpose;
use cpe_portal::store::mail::bounces::Resolution;
use cpe_portal::store::mail::verdict_mails::VerdictWords;
use cpe_portal::store::operations::chart_snapshots::Chart;
use cpe_portal::transfer::export::Subject;
use cpe_portal::transfer::sheet::Format;

/// What differs between the codes that are stored somewhere and those of a type: missing ones and new ones.
fn differences<T: Code>(stored: &[&'static str]) -> Vec<&'static str> {
    let now: BTreeSet<&str> = T::EACH.iter().map(|state| state.text()).collect();
    let then: BTreeSet<&str> = stored.iter().copied().collect();
    assert_eq!(now.len(), T::EACH.len(), "two states have one code");
    then.symmetric_difference(&now).copied().collect()
}

/// The codes are the stored ones, and each leads back to its state.
fn are<T: Code + Debug>(stored: &[&'static str]) {
    assert_eq!(
        differences::<T>(stored),
        Vec::<&str>::new(),
        "codes that are stored never change; add new ones here"
    );
    for state in T::EACH {
        assert_eq!(T::read(state.text()), Some(*state));
        assert_eq!(Stored::<T>::of(state.text().to_owned()), Stored::Known(*state));
    }
    for unknown in ["", "unheard of", " sent", "SENT"] {
        assert_eq!(T::read(unknown), None);
    }
}

#[test]
fn every_code_is_the_stored_one_and_leads_back_to_its_state() {
    are::<HistoryTopic>(&[
        "of-reports",
        "of-certificates",
        "of-conversations",
        "of-accounts",
        "of-mail",
        "of-settings",
    ]);
    are::<HistoryEvent>(&[
        "account added",
        "account closed",
        "account opened again",
        "role changed",
        "invitation made",
        "invitation accepted",
        "new password asked for",
        "password set",
        "password changed",
        "mail address confirmed",
        "calendar address made",
        "calendar address taken away",
        "holder imported",
        "holder renamed",
        "holder corrected",
        "field added",
        "field changed",
        "certification added",
        "certification changed",
        "policy version added",
        "policy version taken back",
        "certificate granted",
        "certificate decertified",
        "certificate reinstated",
        "certificate ended",
        "certificate corrected",
        "year waived",
        "year extended",
        "year recertified",
        "year flagged",
        "flag lifted",
        "flag held by the guard",
        "held flags confirmed",
        "flag counts from now",
        "badge shared as Open Badges 2.0",
        "badge no longer shared as Open Badges 2.0",
        "activity drafted",
        "draft changed",
        "draft deleted",
        "activity submitted",
        "activity changed",
        "activity answered",
        "activity withdrawn",
        "activity imported",
        "activity approved",
        "activity returned",
        "activity rejected",
        "evidence removed",
        "question taken back",
        "verdict taken back",
        "report given to a colleague",
        "report handed back",
        "correction asked",
        "correction accepted",
        "correction declined",
        "conversation begun",
        "appeal made",
        "question asked beforehand",
        "message written",
        "conversation handed over",
        "conversation closed",
        "conversation opened again",
        "question answered",
        "answer taken back",
        "appeal decided",
        "prepared words changed",
        "canned answer added",
        "canned answer changed",
        "canned answer removed",
        "staff note written",
        "staff note removed",
        "acquaintance declared",
        "acquaintance taken back",
        "friendly reminder sent",
        "mail sent again",
        "mail marked as delivered",
        "mail noted as come back",
        "returned mail put away",
        "held mail released",
        "mails to holders held",
        "mails to holders leave",
        "data exported",
    ]);
}

#[test]
fn the_codes_of_the_outbox_are_the_stored_ones() {
    are::<MailState>(&["pending", "claimed", "committing", "sent", "uncertain", "failed"]);
    are::<NoticeKind>(&[
        "reminder",
        "friendly-reminder",
        "minimum-reached",
        "recertified",
        "flagged",
        "flag-lifted",
        "decertified",
        "ended",
        "corrected",
        "reinstated",
        "extended",
        "waived",
        "returned",
        "question-taken-back",
        "verdict-taken-back",
        "rejected",
        "approved",
        "verdicts",
        "correction-answered",
        "invitation",
        "password-reset",
        "granted",
        "reply",
        "test",
        "account-changed",
    ]);
    are::<VerdictWords>(&["approved", "returned", "rejected", "question-taken-back", "verdict-taken-back"]);
}

#[test]
fn the_codes_of_reports_and_reviews_are_the_stored_ones() {
    are::<ActivityStatus>(&["draft", "submitted", "returned", "approved", "rejected", "withdrawn"]);
    are::<Category>(&["attending", "reading", "writing", "teaching", "course_material", "unregistered"]);
    are::<ReviewDecision>(&["approve", "return", "reject"]);
    are::<ReasonCode>(&[
        "not_relevant",
        "regular_job",
        "no_evidence",
        "cannot_open",
        "wrong_quantity",
        "duplicate",
        "wrong_date",
        "other",
    ]);
    are::<CorrectionState>(&["asked", "accepted", "declined"]);
    are::<CorrectionDecision>(&["accept", "decline"]);
}

#[test]
fn the_codes_of_certificates_and_years_are_the_stored_ones() {
    are::<Level>(&["foundation", "practitioner", "expert", "certified_officer"]);
    are::<YearOutcome>(&["recertified", "waived", "decertified", "void", "before_takeover"]);
    are::<StageOutcome>(&["sent", "superseded", "met", "covered"]);
    are::<DecisionKind>(&["decertification", "waiver", "extension", "reinstatement", "ending", "correction"]);
    are::<EndingKind>(&["credits", "death", "wish", "mistake", "misconduct", "replaced"]);
    are::<RiskClass>(&["safe", "pending", "at_risk", "nothing"]);
    are::<Chart>(&["deadlines", "outcomes", "board"]);
    are::<BoardFigure>(&[
        "years-recertified",
        "years-waived",
        "years-decertified",
        "years-undecided",
        "years-extended",
        "years-at-risk",
        "reports-decided",
        "minutes-for-half",
        "minutes-for-most",
        "reminders-sent",
        "reminders-answered",
        "reminders-reached",
        "appeals-made",
        "appeals-upheld",
        "appeals-reinstated",
        "appeals-withdrawn",
    ]);
}

#[test]
fn the_codes_of_people_and_conversations_are_the_stored_ones() {
    are::<Role>(&["holder", "reviewer", "administrator"]);
    are::<ListDensity>(&["dense", "comfortable"]);
    are::<QueueOrder>(&[
        "by-urgency",
        "by-title",
        "by-holder",
        "by-quantity",
        "by-credits",
        "by-completion",
        "by-waiting",
    ]);
    are::<Purpose>(&["invitation", "password_reset"]);
    are::<ConversationKind>(&["question", "flag_answer", "appeal", "would_count"]);
    are::<Turn>(&["body", "holder", "nobody"]);
    are::<AppealOutcome>(&["upheld", "reinstated", "withdrawn"]);
    are::<InquiryVerdict>(&["yes", "conditions", "no"]);
    are::<Resolution>(&["sent_again", "address_changed", "put_away"]);
}

#[test]
fn the_codes_of_jobs_and_files_are_the_known_ones() {
    are::<JobName>(&[
        "mail",
        "bounces",
        "deadlines",
        "housekeeping",
        "search",
        "badges",
        "figures",
        "backup",
        "check",
    ]);
    are::<RunOutcome>(&["running", "done", "failed"]);
    are::<LeaseName>(&[
        "mail",
        "deadlines",
        "mailbox",
        "job mail",
        "job bounces",
        "job deadlines",
        "job housekeeping",
        "job search",
        "job badges",
        "job figures",
        "job backup",
        "job check",
    ]);
    // a process of another version holds the lease of a job under this name
    for job in JobName::ALL {
        assert_eq!(job.lease().code(), format!("job {}", job.code()));
    }
    are::<DayOrder>(&["iso", "day-first", "month-first"]);
    are::<Subject>(&["holders", "certificates", "activities", "history", "notes"]);
    are::<Format>(&["csv", "xlsx"]);
}

#[test]
fn a_renamed_code_and_a_forgotten_one_are_noticed() {
    let renamed: Vec<&'static str> =
        HistoryEvent::ALL.iter().map(|event| event.code()).filter(|code| *code != "year flagged").collect();
    assert_eq!(differences::<HistoryEvent>(&renamed), ["year flagged"]);
    let with_old = [renamed.as_slice(), &["year flagged", "flag raised"]].concat();
    assert_eq!(differences::<HistoryEvent>(&with_old), ["flag raised"]);
}

#[test]
fn an_event_of_another_version_is_read_with_its_own_word() {
    let other: Stored<HistoryEvent> = Stored::of("badge polished".to_owned());
    assert_eq!(other, Stored::Other("badge polished".to_owned()));
    assert_eq!(
        (other.code(), other.for_staff(), other.for_export()),
        ("badge polished", "badge polished", "badge polished")
    );
    assert_eq!((other.for_holder(), other.tone(), other.is_of_draft()), (None, Tone::Plain, false));
    let known: Stored<HistoryEvent> = Stored::of("draft deleted".to_owned());
    assert_eq!((known.for_holder(), known.is_of_draft()), (Some("You deleted the draft"), true));
}

#[test]
fn every_event_has_words_that_begin_well() {
    for event in HistoryEvent::ALL {
        let words = event.words();
        assert!(words.staff.starts_with(char::is_lowercase), "{event:?}");
        assert!(words.holder.is_none_or(|words| words.starts_with(char::is_uppercase)), "{event:?}");
    }
}
