//! What a holder writes to a flag, where the year is decided: nobody decides past an answer, and a decision closes it.

use chrono::NaiveDateTime;

use crate::actions::ActionError;
use crate::actions::conversations::note;
use crate::domain::certification::decision::DecisionRefusal;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, CertificateId};
use crate::store::Conn;
use crate::store::conversations::messages;
use crate::store::conversations::{self, Conversation, Standing};

/// Which answers there are and how far each has gone: changes with every message. A decision says by it which of them were read.
pub fn as_read(answers: &[Conversation]) -> String {
    let each: Vec<String> = answers.iter().map(|row| format!("{}:{}", row.id, row.version)).collect();
    each.join(" ")
}

/// Checks that nothing was written since `read` (as [`as_read`] gave it).
pub(in crate::actions) fn check_read(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
    read: &str,
) -> Result<(), ActionError> {
    if as_read(&conversations::open_flag_answers(conn, certificate, year)?) == read {
        Ok(())
    } else {
        Err(DecisionRefusal::AnswerUnread.into())
    }
}

/// Answers them with the decision, in `words`, and closes them. Writing again opens one again. There is no mail about it: the decision
/// has its own.
pub(in crate::actions) fn close(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
    by: AccountId,
    words: &str,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    for answer in conversations::open_flag_answers(conn, certificate, year)? {
        messages::add(conn, answer.id, by, true, words, now)?;
        conversations::change(conn, &answer, &Standing { closed_at: Some(now), ..Standing::of(&answer) })?;
        note(conn, &answer, by, HistoryEvent::ConversationClosed, now)?;
    }
    Ok(())
}
