//! What holders and staff of the demonstration have written to each other lately.

use chrono::NaiveDate;

use super::agenda::{self, reviewer};
use super::people::HOLDERS;
use crate::actions::ActionError;
use crate::actions::activities::form::Typed;
use crate::actions::conversations::inquiry::{GivenAnswer, answer, ask_beforehand};
use crate::actions::conversations::{ConversationOpening, ask, reply_as_staff};
use crate::domain::activities::category::Category;
use crate::domain::conversations::conversation::{About, ConversationKind};
use crate::domain::conversations::precedent::InquiryVerdict;
use crate::domain::dates::plus_days;
use crate::domain::roles::{Holder, Reviewer};
use crate::portal::Portal;
use crate::store::records::holder_records;

/// Everybody here writes on a day of the past, on the portal's own clock.
pub(super) fn plant(past: &Portal) -> Result<(), ActionError> {
    let (today, now) = past.clock.today_and_now();
    let reviewer = past.store.read(reviewer)?;
    plant_answered_inquiry(past, reviewer, today)?;
    plant_answered_question(past, reviewer, today)?;
    plant_open_inquiry(past, today)?;
    past.clock.set_local(plus_days(today, -2), 16);
    let answer = ConversationOpening {
        kind: ConversationKind::FlagAnswer,
        about: About::default(),
        subject: "My year",
        words: "I was ill for two months. May I have until the end of next month?",
    };
    plant_about_certificate(past, today, 1, &answer)?;
    let appeal = ConversationOpening {
        kind: ConversationKind::Appeal,
        about: About::default(),
        subject: "Appeal",
        words: "Your letter reached me only after I came back. I have proof of two more conferences.",
    };
    plant_about_certificate(past, today, 5, &appeal)?;
    past.clock.set(now);
    Ok(())
}

fn holder(past: &Portal, index: usize) -> Result<Option<Holder>, ActionError> {
    let Some(person) = HOLDERS.get(index) else { return Ok(None) };
    past.store.read(|conn| agenda::holder(conn, person))
}

fn summer_school() -> Typed {
    Typed {
        category: Category::Attending.code().to_owned(),
        title: "Summer school on secure software".to_owned(),
        organiser: "Technical University".to_owned(),
        field: "secure_software".to_owned(),
        relevance: "It takes a week. I could pay for it myself.".to_owned(),
        ..Typed::default()
    }
}

/// An inquiry whose answer everybody may read.
fn plant_answered_inquiry(past: &Portal, reviewer: Reviewer, today: NaiveDate) -> Result<(), ActionError> {
    past.clock.set_local(plus_days(today, -9), 11);
    let Some(holder) = holder(past, 2)? else { return Ok(()) };
    let id = ask_beforehand(past, holder, &summer_school())?;
    past.clock.set_local(plus_days(today, -7), 15);
    let given = GivenAnswer {
        verdict: InquiryVerdict::Conditions.code(),
        words: "Yes, every hour of teaching counts, when you send the programme and the certificate of attendance.",
        public: true,
        public_title: "A summer school on secure software",
        public_words: "Every hour of teaching counts, with the programme and the certificate of attendance.",
    };
    answer(past, reviewer, id, Some(1), &given)?;
    Ok(())
}

fn plant_answered_question(past: &Portal, reviewer: Reviewer, today: NaiveDate) -> Result<(), ActionError> {
    past.clock.set_local(plus_days(today, -6), 10);
    let Some(holder) = holder(past, 0)? else { return Ok(()) };
    let opening = ConversationOpening {
        kind: ConversationKind::Question,
        about: About::default(),
        subject: "Podcasts on the train",
        words: "I listen to a security podcast on my way to work. Can I report a whole month at once?",
    };
    let id = ask(past, holder, &opening)?;
    past.clock.set_local(plus_days(today, -5), 9);
    let words = "Yes. Add up the hours of the month and give its last day; three hours are a credit.";
    reply_as_staff(past, reviewer, id, Some(1), words, false)?;
    Ok(())
}

fn plant_open_inquiry(past: &Portal, today: NaiveDate) -> Result<(), ActionError> {
    past.clock.set_local(plus_days(today, -3), 14);
    let Some(holder) = holder(past, 3)? else { return Ok(()) };
    let asked = Typed { title: "Open day of the police cyber team".to_owned(), ..summer_school() };
    ask_beforehand(past, holder, &asked)?;
    Ok(())
}

/// An answer to a flag, or an appeal, when the holder has the flagged year or the ended certificate that it is about.
fn plant_about_certificate(
    past: &Portal,
    today: NaiveDate,
    index: usize,
    opening: &ConversationOpening<'_>,
) -> Result<(), ActionError> {
    let Some(holder) = holder(past, index)? else { return Ok(()) };
    let file = past.store.read(|conn| holder_records::of_holder(conn, holder.id, today))?;
    let matter = file.certificates.iter().find_map(|own| match opening.kind {
        ConversationKind::Appeal => own
            .certificate
            .ending()
            .is_some_and(|ending| ending.kind.appealable())
            .then_some(About { certificate: Some(own.certificate.id), ..About::default() }),
        _ => own.years.iter().find(|year| year.flagged_on.is_some()).map(|year| About {
            certificate: Some(own.certificate.id),
            year: Some(year.number),
            ..About::default()
        }),
    });
    if let Some(about) = matter {
        ask(past, holder, &ConversationOpening { about, ..*opening })?;
    }
    Ok(())
}
