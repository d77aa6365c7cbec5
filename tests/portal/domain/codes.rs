//! The codes that stand in databases, files and forms: kept here as they were first stored, so that a changed one fails.

use std::collections::BTreeSet;
use std::fmt::Debug;

use cpe_portal::domain::codes::{Code, Stored};
use cpe_portal::domain::history_event::{HistoryEvent, Tone};

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
