//! What holders and staff of the demonstration have written to each other lately.

use super::agenda::address;
use super::people::{HOLDERS, REVIEWER};
use crate::actions::ActionError;
use crate::actions::advice::{Opening, ask, reply_as_staff};
use crate::actions::questions::{GivenAnswer, answer, ask_beforehand};
use crate::actions::report_form::Typed;
use crate::domain::calendar::plus_days;
use crate::domain::category::Category;
use crate::domain::conversation::{About, ConversationKind};
use crate::domain::precedent::Verdict;
use crate::portal::Portal;
use crate::store::accounts::{Account, find_by_email};
use crate::store::files;

/// Everybody here writes on a day of the past, on the portal's own clock.
pub(super) fn plant(past: &Portal) -> Result<(), ActionError> {
    let (today, now) = past.clock.today_and_now();
    let person = |index: usize| -> Result<Option<Account>, ActionError> {
        let Some(person) = HOLDERS.get(index) else { return Ok(None) };
        Ok(past.store.read(|conn| find_by_email(conn, &address(person)))?)
    };
    let reviewer = past.store.read(|conn| find_by_email(conn, &address(&REVIEWER)))?;
    let reviewer = reviewer.ok_or(ActionError::NotFound)?.actor();
    let about = About::default();
    past.clock.set_local(plus_days(today, -9), 11);
    let school = Typed {
        category: Category::Attending.code().to_owned(),
        title: "Summer school on secure software".to_owned(),
        organiser: "Technical University".to_owned(),
        field: "secure_software".to_owned(),
        relevance: "It takes a week. I could pay for it myself.".to_owned(),
        ..Typed::default()
    };
    if let Some(holder) = person(2)? {
        let id = ask_beforehand(past, holder.id, &school)?;
        past.clock.set_local(plus_days(today, -7), 15);
        let given = GivenAnswer {
            verdict: Verdict::Conditions.code(),
            words: "Yes, every hour of teaching counts, when you send the programme and the certificate of attendance.",
            public: true,
            public_title: "A summer school on secure software",
            public_words: "Every hour of teaching counts, with the programme and the certificate of attendance.",
        };
        answer(past, reviewer, id, Some(1), &given)?;
    }
    past.clock.set_local(plus_days(today, -6), 10);
    if let Some(holder) = person(0)? {
        let opening = Opening {
            kind: ConversationKind::Question,
            about,
            subject: "Podcasts on the train",
            words: "I listen to a security podcast on my way to work. Can I report a whole month at once?",
        };
        let id = ask(past, holder.id, &opening)?;
        past.clock.set_local(plus_days(today, -5), 9);
        let words = "Yes. Add up the hours of the month and give its last day; three hours are a credit.";
        reply_as_staff(past, reviewer, id, Some(1), words)?;
    }
    past.clock.set_local(plus_days(today, -3), 14);
    if let Some(holder) = person(3)? {
        let asked = Typed { title: "Open day of the police cyber team".to_owned(), ..school };
        ask_beforehand(past, holder.id, &asked)?;
    }
    past.clock.set_local(plus_days(today, -2), 16);
    for (index, kind, subject, words) in [
        (
            1,
            ConversationKind::FlagAnswer,
            "My year",
            "I was ill for two months. May I have until the end of next month?",
        ),
        (
            5,
            ConversationKind::Appeal,
            "Appeal",
            "Your letter reached me only after I came back. I have proof of two more conferences.",
        ),
    ] {
        let Some(holder) = person(index)? else { continue };
        let file = past.store.read(|conn| files::of_holder(conn, holder.id, today))?;
        let matter = file.certificates.iter().find_map(|own| match kind {
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
            ask(past, holder.id, &Opening { kind, about, subject, words })?;
        }
    }
    past.clock.set(now);
    Ok(())
}
