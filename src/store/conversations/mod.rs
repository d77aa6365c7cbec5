//! Conversations between holders and the body: whose turn it is, and who looks after them.

pub mod appeals;
pub mod canned_answers;
pub mod inbox;
pub mod inquiries;
pub mod messages;
pub mod precedents;

use chrono::NaiveDateTime;

use super::engine::paging::{Page, Place};
use super::schema::{accounts, conversations};
use super::{Conn, StoreError};
use crate::domain::codes::codes_of;
use crate::domain::conversations::conversation::{About, ConversationKind, Turn};
use crate::domain::ids::{AccountId, ActivityId, CertificateId, ConversationId, DecisionId, HolderId};
use crate::store::engine::prelude::*;

/// The accounts once more, for the owners' names.
pub(in crate::store) mod owners_accounts {
    use super::super::schema::accounts;
    diesel::alias!(accounts as owners: Owners);
}
pub(in crate::store) use owners_accounts::owners;

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Its identity.
    pub id: ConversationId,
    /// Whose it is.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
    /// What it is.
    pub kind: ConversationKind,
    /// What it is about, in words.
    pub subject: String,
    /// What it is about, if anything in particular.
    pub about: About,
    /// The decertification that an appeal is against.
    pub decision: Option<DecisionId>,
    /// Who of the staff looks after it.
    pub owner: Option<AccountId>,
    /// Their name.
    pub owner_name: Option<String>,
    /// Who has to write next, unless it is closed.
    pub turn: Turn,
    /// Since when (UTC).
    pub turn_since: NaiveDateTime,
    /// When it began (UTC).
    pub begun_at: NaiveDateTime,
    /// When it was closed (UTC); none while it is open.
    pub closed_at: Option<NaiveDateTime>,
    /// Counts up with every change.
    pub version: i64,
}

impl Conversation {
    /// Whether its holder can say that the answer is enough: staff decide about appeals and answers to a flag.
    #[must_use]
    pub fn holder_may_close(&self) -> bool {
        let decided_by_staff = matches!(self.kind, ConversationKind::Appeal | ConversationKind::FlagAnswer);
        !decided_by_staff && self.turn != Turn::Body && self.closed_at.is_none()
    }
}

/// A conversation that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewConversation<'a> {
    /// Whose it is.
    pub holder: HolderId,
    /// What it is.
    pub kind: ConversationKind,
    /// What it is about, in words.
    pub subject: &'a str,
    /// What it is about, if anything in particular.
    pub about: About,
    /// The decertification that an appeal is against.
    pub decision: Option<DecisionId>,
    /// Who of the staff looks after it from the beginning.
    pub owner: Option<AccountId>,
    /// Who has to write next.
    pub turn: Turn,
    /// Who began it.
    pub begun_by: AccountId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversations)]
pub(in crate::store) struct Row {
    id: i64,
    holder_id: i64,
    kind: String,
    subject: String,
    activity_id: Option<i64>,
    certificate_id: Option<i64>,
    year: Option<i64>,
    decision_id: Option<i64>,
    owner_id: Option<i64>,
    turn: String,
    turn_since: NaiveDateTime,
    begun_at: NaiveDateTime,
    closed_at: Option<NaiveDateTime>,
    version: i64,
    needs_answer: bool,
}

pub(in crate::store) fn conversation(
    (row, holder_name, owner_name): (Row, String, Option<String>),
) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: ConversationId(row.id),
        holder: AccountId(row.holder_id),
        holder_name,
        kind: ConversationKind::from_code(&row.kind).ok_or(StoreError::Unreadable("conversations.kind"))?,
        subject: row.subject,
        about: About {
            activity: row.activity_id.map(ActivityId),
            certificate: row.certificate_id.map(CertificateId),
            year: row.year,
        },
        decision: row.decision_id.map(DecisionId),
        owner: row.owner_id.map(AccountId),
        owner_name,
        turn: match Turn::from_code(&row.turn) {
            Some(Turn::Holder) if !row.needs_answer => Turn::Nobody,
            turn => turn.ok_or(StoreError::Unreadable("conversations.turn"))?,
        },
        turn_since: row.turn_since,
        begun_at: row.begun_at,
        closed_at: row.closed_at,
        version: row.version,
    })
}

#[diesel::dsl::auto_type(no_type_alias)]
pub(in crate::store) fn with_names() -> _ {
    conversations::table
        .inner_join(accounts::table.on(accounts::id.eq(conversations::holder_id)))
        .left_join(owners.on(owners.field(accounts::id).nullable().eq(conversations::owner_id)))
}

macro_rules! columns {
    () => {
        (Row::as_select(), accounts::name, owners.field(accounts::name).nullable())
    };
}

pub(in crate::store) use columns;

pub(in crate::store) type Found = (Row, String, Option<String>);

/// The turn as its column keeps it: what asks nothing stands beside it.
const fn kept(turn: Turn) -> Turn {
    match turn {
        Turn::Nobody => Turn::Holder,
        turn => turn,
    }
}

/// Begins a conversation; its first message is added beside it.
///
/// # Errors
/// `StoreError::Constraint` for a second open appeal about a certificate.
pub fn add(
    conn: &mut Conn<'_>,
    new: &NewConversation<'_>,
    now: NaiveDateTime,
) -> Result<ConversationId, StoreError> {
    let id = diesel::insert_into(conversations::table)
        .values((
            conversations::holder_id.eq(new.holder.0),
            conversations::kind.eq(new.kind.code()),
            conversations::subject.eq(new.subject),
            conversations::activity_id.eq(new.about.activity.map(|id| id.0)),
            conversations::certificate_id.eq(new.about.certificate.map(|id| id.0)),
            conversations::year.eq(new.about.year),
            conversations::decision_id.eq(new.decision.map(|id| id.0)),
            conversations::owner_id.eq(new.owner.map(|id| id.0)),
            conversations::turn.eq(kept(new.turn).code()),
            conversations::needs_answer.eq(new.turn != Turn::Nobody),
            conversations::turn_since.eq(now),
            conversations::begun_at.eq(now),
            conversations::begun_by.eq(new.begun_by.0),
            conversations::version.eq(1),
        ))
        .returning(conversations::id)
        .get_result(conn.0)?;
    Ok(ConversationId(id))
}

/// The conversation, if there is one.
pub fn find(conn: &mut Conn<'_>, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
    let found: Option<Found> =
        with_names().filter(conversations::id.eq(id.0)).select(columns!()).first(conn.0).optional()?;
    found.map(conversation).transpose()
}

/// The conversation, if it is this holder's.
pub fn find_of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    Ok(find(conn, id)?.filter(|found| found.holder == holder))
}

/// A holder's conversations, the latest first.
pub fn of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
    place: &Place<ConversationId>,
    size: i64,
) -> Result<Page<Conversation>, StoreError> {
    let query = with_names()
        .filter(conversations::holder_id.eq(holder.0))
        .select(columns!())
        .limit(size.saturating_add(1));
    let rows: Vec<Found> = match place {
        Place::Start => query.order(conversations::id.desc()).load(conn.0)?,
        Place::After(id) => {
            query.filter(conversations::id.lt(id.0)).order(conversations::id.desc()).load(conn.0)?
        }
        Place::Before(id) => {
            query.filter(conversations::id.gt(id.0)).order(conversations::id).load(conn.0)?
        }
    };
    let rows = rows.into_iter().map(conversation).collect::<Result<_, _>>()?;
    Ok(Page::new(rows, place, size))
}

/// Conversations about a report, from the first.
pub fn about_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::activity_id.eq(activity.0))
        .order(conversations::id)
        .limit(50)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// Conversations about a certificate or one of its years, from the first.
pub fn about_certificate(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::certificate_id.eq(certificate.0))
        .order(conversations::id)
        .limit(50)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// Open answers to the flag of a year, from the first.
pub fn open_flag_answers(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::certificate_id.eq(certificate.0))
        .filter(conversations::year.eq(year))
        .filter(conversations::kind.eq(ConversationKind::FlagAnswer.code()))
        .filter(conversations::closed_at.is_null())
        .order(conversations::id)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// The open answers to flags of years of some certificates, in the order in which they began.
pub fn open_flag_answers_among(
    conn: &mut Conn<'_>,
    certificates: &[CertificateId],
) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(
            conversations::certificate_id
                .eq_any(certificates.iter().map(|id| Some(id.0)).collect::<Vec<_>>()),
        )
        .filter(conversations::kind.eq(ConversationKind::FlagAnswer.code()))
        .filter(conversations::closed_at.is_null())
        .order(conversations::id)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// The open appeals and answers to flags of a holder, in the order in which they began.
pub fn open_about_certificates(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::holder_id.eq(holder.0))
        .filter(
            conversations::kind.eq_any(codes_of(&[ConversationKind::FlagAnswer, ConversationKind::Appeal])),
        )
        .filter(conversations::closed_at.is_null())
        .order(conversations::id)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// The open appeal about a certificate, if there is one.
pub fn open_appeal(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
) -> Result<Option<Conversation>, StoreError> {
    let row: Option<Found> = with_names()
        .filter(conversations::certificate_id.eq(certificate.0))
        .filter(conversations::kind.eq(ConversationKind::Appeal.code()))
        .filter(conversations::closed_at.is_null())
        .select(columns!())
        .first(conn.0)
        .optional()?;
    row.map(conversation).transpose()
}

/// What a step changes about a conversation. What is not named stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who looks after it.
    pub owner: Option<AccountId>,
    /// Who has to write next.
    pub turn: Turn,
    /// Since when (UTC).
    pub turn_since: NaiveDateTime,
    /// When it was closed (UTC).
    pub closed_at: Option<NaiveDateTime>,
}

impl Standing {
    /// How a conversation stands.
    #[must_use]
    pub const fn of(conversation: &Conversation) -> Self {
        Self {
            owner: conversation.owner,
            turn: conversation.turn,
            turn_since: conversation.turn_since,
            closed_at: conversation.closed_at,
        }
    }
}

/// Changes how a conversation stands, if nobody changed it since it was read.
///
/// # Errors
/// `StoreError::Changed`.
pub fn change(conn: &mut Conn<'_>, before: &Conversation, after: &Standing) -> Result<(), StoreError> {
    let seen = conversations::table.find(before.id.0).filter(conversations::version.eq(before.version));
    let changed = diesel::update(seen)
        .set((
            conversations::owner_id.eq(after.owner.map(|id| id.0)),
            conversations::turn.eq(kept(after.turn).code()),
            conversations::needs_answer.eq(after.turn != Turn::Nobody),
            conversations::turn_since.eq(after.turn_since),
            conversations::closed_at.eq(after.closed_at),
            conversations::version.eq(before.version.saturating_add(1)),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// The open conversations that somebody looks after.
pub fn looked_after_by(conn: &mut Conn<'_>, owner: AccountId) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::owner_id.eq(owner.0))
        .filter(conversations::closed_at.is_null())
        .order(conversations::id)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}

/// Open conversations in which it is the holder's turn, the longest waiting first, a few at most.
pub fn waiting_for_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Conversation>, StoreError> {
    let rows: Vec<Found> = with_names()
        .filter(conversations::holder_id.eq(holder.0))
        .filter(conversations::closed_at.is_null())
        .filter(conversations::turn.eq(Turn::Holder.code()))
        .filter(conversations::needs_answer)
        .order((conversations::turn_since, conversations::id))
        .limit(10)
        .select(columns!())
        .load(conn.0)?;
    rows.into_iter().map(conversation).collect()
}
