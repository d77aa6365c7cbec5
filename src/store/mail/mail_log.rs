//! The mail log, as staff see it, and what they can do about a mail that is stuck.

use chrono::NaiveDateTime;

use super::reach::Holds;
use crate::domain::codes::{Stored, codes_of};
use crate::domain::ids::{AccountId, MailId};
use crate::domain::notices::delivery::{Delivery, HeldBy, MailState};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::codes::read;
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{bounces, discarded_mails, mails};
use crate::store::{Conn, StoreError};

/// A mail in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedMail {
    /// Its place.
    pub id: MailId,
    /// Who gets it.
    pub account: AccountId,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// The recipient's name.
    pub to_name: String,
    /// The recipient's address.
    pub to_address: String,
    /// Its subject.
    pub subject: String,
    /// Where it stands.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next (UTC), while pending.
    pub next_attempt_at: NaiveDateTime,
    /// What went wrong last.
    pub last_error: String,
    /// When it was written (UTC).
    pub created_at: NaiveDateTime,
    /// When it was delivered (UTC).
    pub sent_at: Option<NaiveDateTime>,
    /// Whether somebody decided that it is not sent; it counts as failed since.
    pub discarded: bool,
    /// Whether it came back since it was sent.
    pub came_back: bool,
    /// Whether it still has its text: a secret link goes at once, and other texts after a while.
    pub has_text: bool,
    /// What holds it while it waits.
    pub held: Option<HeldBy>,
}

impl LoggedMail {
    /// Where it is.
    pub const fn delivery(&self) -> Delivery {
        Delivery::of(self.state, self.came_back, self.held)
    }
}

#[derive(Queryable)]
struct Row {
    id: i64,
    account: i64,
    kind: String,
    to_name: String,
    to_address: String,
    subject: String,
    state: String,
    attempts: i64,
    next_attempt_at: NaiveDateTime,
    last_error: String,
    created_at: NaiveDateTime,
    sent_at: Option<NaiveDateTime>,
    discarded: bool,
    came_back: bool,
    to_holder: bool,
    uninvited: bool,
    has_text: bool,
}

fn logged(row: Row, holds: Holds) -> Result<LoggedMail, StoreError> {
    let Row {
        id,
        account,
        kind,
        to_name,
        to_address,
        subject,
        state,
        attempts,
        next_attempt_at,
        last_error,
        created_at,
        sent_at,
        discarded,
        came_back,
        to_holder,
        uninvited,
        has_text,
    } = row;
    let state = read(&state, "mails.state")?;
    Ok(LoggedMail {
        id: MailId(id),
        account: AccountId(account),
        kind: Stored::of(kind),
        to_name,
        to_address,
        subject,
        held: holds.of(to_holder, uninvited).filter(|_| state == MailState::Pending),
        state,
        attempts,
        next_attempt_at,
        last_error,
        created_at,
        sent_at,
        discarded,
        came_back,
        has_text,
    })
}

macro_rules! columns {
    () => {
        (
            mails::id,
            mails::account_id,
            mails::kind,
            mails::to_name,
            mails::to_address,
            mails::subject,
            mails::state,
            mails::attempts,
            mails::next_attempt_at,
            mails::last_error,
            mails::created_at,
            mails::sent_at,
            diesel::dsl::exists(discarded_mails::table.filter(discarded_mails::mail_id.eq(mails::id))),
            diesel::dsl::exists(
                bounces::table
                    .filter(bounces::mail_id.eq(mails::id))
                    .filter(bounces::noted_at.nullable().ge(mails::sent_at)),
            ),
            mails::to_holder,
            mails::uninvited,
            mails::body_text.ne(""),
        )
    };
}

/// Which mails to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All.
    #[default]
    All,
    /// Those that need somebody: failed and uncertain ones, until somebody has said that nothing is to be done.
    Stuck,
    /// Those that came back and that nobody has looked after yet.
    Returned,
    /// To one person.
    To(AccountId),
}

/// A page of the log, the latest first.
pub fn list(
    conn: &mut Conn<'_>,
    which: Which,
    place: &Place<MailId>,
    size: i64,
) -> Result<Page<LoggedMail>, StoreError> {
    let rows: Vec<Row> = boxed!(conn.0, Engine, load, {
        let mut query = mails::table.select(columns!()).limit(size.saturating_add(1)).into_boxed::<Engine>();
        query = match which {
            Which::All => query,
            // said literally, so that the partial index of mails in hand serves it
            Which::Stuck => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>(STUCK)),
            Which::Returned => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>(RETURNED)),
            Which::To(account) => query.filter(mails::account_id.eq(account.0)),
        };
        match place {
            Place::Start => query.order(mails::id.desc()),
            Place::After(id) => query.filter(mails::id.lt(id.0)).order(mails::id.desc()),
            Place::Before(id) => query.filter(mails::id.gt(id.0)).order(mails::id),
        }
    })?;
    let holds = Holds::in_force(conn)?;
    let mails = rows.into_iter().map(|row| logged(row, holds)).collect::<Result<_, _>>()?;
    Ok(Page::new(mails, place, size))
}

/// Came back, and nobody has looked after it yet.
pub(super) const RETURNED: &str = "id IN (SELECT b.mail_id FROM bounces b WHERE b.resolved_at IS NULL)";

/// Failed or uncertain, and nobody has decided anything about it.
pub(super) const STUCK: &str = "state IN ('claimed', 'committing', 'uncertain', 'failed') AND state IN ('uncertain', 'failed') \
     AND id NOT IN (SELECT mail_id FROM discarded_mails) \
     AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.mail_id = mails.id AND b.resolution <> 'sent_again' \
                     AND b.resolved_at >= mails.updated_at)";

/// A mail with its text; none for a kind that carries a secret link.
pub fn find(conn: &mut Conn<'_>, id: MailId) -> Result<Option<(LoggedMail, Option<String>)>, StoreError> {
    let row: Option<(Row, String)> =
        mails::table.find(id.0).select((columns!(), mails::body_text)).first(conn.0).optional()?;
    let Some((row, text)) = row else { return Ok(None) };
    let mail = logged(row, Holds::in_force(conn)?)?;
    let secret = mail.kind.known().is_some_and(NoticeKind::is_secret);
    Ok(Some((mail, (!secret).then_some(text))))
}

/// The mail with one of these Message-IDs, the first that there is.
pub fn by_message_id(conn: &mut Conn<'_>, ids: &[String]) -> Result<Option<MailId>, StoreError> {
    for id in ids {
        let found: Option<i64> =
            mails::table.filter(mails::message_id.eq(id)).select(mails::id).first(conn.0).optional()?;
        if found.is_some() {
            return Ok(found.map(MailId));
        }
    }
    Ok(None)
}

/// How many mails failed and how many are uncertain.
pub fn stuck(conn: &mut Conn<'_>) -> Result<(i64, i64), StoreError> {
    let rows: Vec<(String, i64)> = mails::table
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(STUCK))
        .group_by(mails::state)
        .select((mails::state, diesel::dsl::count_star()))
        .load(conn.0)?;
    let of = |state: MailState| {
        rows.iter().find(|(found, _)| found == state.code()).map_or(0, |(_, mails)| *mails)
    };
    Ok((of(MailState::Failed), of(MailState::Uncertain)))
}

/// Puts a mail that is stuck, or came back (`returned`), into the outbox, to be delivered from now on, to the address that its recipient
/// has now.
///
/// # Errors
/// `StoreError::Changed` when it is not stuck any more, or has no text any more.
pub fn send_again(
    conn: &mut Conn<'_>,
    id: MailId,
    returned: bool,
    to_address: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let from = if returned { MailState::Sent } else { MailState::Uncertain };
    let from = codes_of(&[from, MailState::Failed]);
    let stuck = mails::table.find(id.0).filter(mails::state.eq_any(from)).filter(mails::body_text.ne(""));
    let changed = diesel::update(stuck)
        .set((
            mails::state.eq(MailState::Pending.code()),
            mails::to_address.eq(to_address),
            mails::attempts.eq(0),
            mails::next_attempt_at.eq(now),
            mails::claimed_by.eq(None::<String>),
            mails::sent_at.eq(None::<NaiveDateTime>),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    diesel::delete(discarded_mails::table.find(id.0)).execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// Records that nothing is to be done about a mail that failed or is uncertain. Gives whether that was not said before.
pub fn put_away(conn: &mut Conn<'_>, id: MailId, now: NaiveDateTime) -> Result<bool, StoreError> {
    let said = diesel::insert_into(discarded_mails::table)
        .values((discarded_mails::mail_id.eq(id.0), discarded_mails::discarded_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(said == 1)
}

/// Records that an uncertain mail did arrive.
///
/// # Errors
/// `StoreError::Changed` when it is not uncertain any more.
pub fn mark_delivered(conn: &mut Conn<'_>, id: MailId, now: NaiveDateTime) -> Result<(), StoreError> {
    let uncertain = mails::table.find(id.0).filter(mails::state.eq(MailState::Uncertain.code()));
    let changed = diesel::update(uncertain)
        .set((
            mails::state.eq(MailState::Sent.code()),
            mails::sent_at.eq(Some(now)),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
