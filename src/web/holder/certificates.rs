//! One certificate of the holder's: all its years, how each report was counted, what was decided.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::badge::{self, BadgeView};
use super::talks::Talks;
use super::year_card::YearCard;
use super::year_words::span;
use crate::actions::ActionError;
use crate::actions::certificate_corrections::in_words;
use crate::domain::calendar::long_date;
use crate::domain::certificate::Outcome;
use crate::domain::decision::DecisionKind;
use crate::domain::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ids::{ActivityId, CertificateId};
use crate::domain::ledger::Line;
use crate::domain::steps::{Reader, steps};
use crate::portal::Portal;
use crate::store::certificate_corrections::Change;
use crate::store::certificates::Decision;
use crate::store::{
    badges, certificate_corrections, certificates, conversations, files, policies, year_notices,
};
use crate::web::blocking::blocking;
use crate::web::conversation::ConversationLine;
use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsHolder;
use crate::web::state::{Tag, activity_tag, public_ending_tag};
use crate::web::told::{Telling, YearTold, years_told};

/// The page.
#[derive(Template)]
#[template(path = "holder/certificate.html")]
struct CertificatePage {
    page: Layout,
    holder: String,
    number: String,
    code: String,
    granted: String,
    level: &'static str,
    foundation: bool,
    /// The day it ended; empty while it stands.
    ended: String,
    /// What that is called, or that it is valid.
    standing: Tag,
    /// Whether it was taken away, so that the holder can appeal.
    withdrawn: bool,
    /// The open appeal against that, and whose turn it is.
    appeal: Option<(i64, String)>,
    badge: Option<BadgeView>,
    badge_until: String,
    /// The newest first.
    years: Vec<YearView>,
    /// Years that were settled before the portal took the certificate over, the latest first: number and days.
    before_takeover: Vec<(i64, String)>,
    /// Whether years are left out, because they began after the certificate had ended and nothing was reported for them.
    void: bool,
    decisions: Vec<DecisionView>,
    id: i64,
    conversations: Vec<ConversationLine>,
    /// Reminders and mails, by year.
    told: Vec<YearTold>,
}

struct YearView {
    card: YearCard,
    open: bool,
    void: bool,
    lines: Vec<LineView>,
}

struct LineView {
    id: i64,
    title: String,
    day: String,
    tag: Tag,
    credits: String,
    steps: Vec<String>,
}

struct DecisionView {
    title: String,
    kind: &'static str,
    day: String,
    reason: String,
    until: String,
    /// What a correction changed: the thing, before, after.
    changes: Vec<(&'static str, String, String)>,
}

/// GET /certificates/{id}
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    let today = portal.clock.today();
    let read = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let (file, all) = files::with_activities(conn, person, today)?;
            let own = file.certificate(id);
            let own = own.ok_or(ActionError::NotFound)?.certificate.clone();
            let badges = badges::of_certificate(conn, id)?;
            let open = Talks::load(conn, &file)?;
            let badge_view = badge::view(conn, portal, &own, &badges)?;
            Ok((
                file,
                policies::all(conn)?,
                all,
                (
                    certificates::decisions_about(conn, id)?,
                    certificate_corrections::of_certificate(conn, id)?,
                ),
                (badges, badge_view),
                (conversations::about_certificate(conn, id)?, open),
                (year_notices::stages(conn, id)?, year_notices::mails_about(conn, id)?),
            ))
        })
    });
    let (
        file,
        policies,
        activities,
        (decisions, corrections),
        (badges, badge_view),
        (talks, open),
        (stages, mails),
    ) = read.await?;
    let own = file.certificate(id).ok_or(WebError::NotFound)?;
    let titles: BTreeMap<ActivityId, String> =
        activities.into_iter().map(|activity| (activity.id, activity.facts.title)).collect();
    let ledger = HolderLedger::new(&file, &policies, today);
    let holds = &own.certificate;
    let shown = |found: &LedgerYear<'_>| {
        let settled_before = found.year.settlement.is_some_and(|s| s.outcome == Outcome::BeforeTakeover);
        found.year.starts_on <= today && !settled_before
    };
    let mut years: Vec<YearView> = ledger
        .years_of(own)
        .rev()
        .filter(shown)
        .map(|found| {
            let mut card = YearCard::new(&ledger, &found, &titles);
            card.answered = open.answer(id, card.number, &portal.clock);
            let settled = found.year.settlement;
            let void = settled.is_some_and(|settled| settled.outcome == Outcome::Void);
            YearView { open: settled.is_none(), void, card, lines: lines(&ledger, &found, &titles) }
        })
        .collect();
    let all = years.len();
    years.retain(|year| !(year.void && year.lines.is_empty()));
    let telling = Telling {
        reader: Reader::Holder,
        stages: &stages,
        mails: &mails,
        policies: &policies,
        today,
        clock: &portal.clock,
    };
    let badge = badges.last();
    let page = CertificatePage {
        page: holder.layout(holds.certification.title.clone()),
        holder: holder.account.name.clone(),
        number: holds.number.clone(),
        code: holds.certification.code.clone(),
        granted: long_date(holds.granted_on),
        level: holds.certification.level.label(),
        foundation: !holds.needs_cpe(),
        ended: holds.ending().map(|ending| long_date(ending.ended_on)).unwrap_or_default(),
        standing: holds.ending().map_or(Tag { kind: "good", label: "Valid" }, |e| public_ending_tag(e.kind)),
        withdrawn: holds.ending().is_some_and(|ending| ending.kind.appealable()),
        appeal: open.appeal(id, &portal.clock),
        badge: badge_view,
        badge_until: badge.and_then(|badge| badge.valid_until).map(long_date).unwrap_or_default(),
        before_takeover: own
            .years
            .iter()
            .rev()
            .filter(|year| year.settlement.is_some_and(|s| s.outcome == Outcome::BeforeTakeover))
            .map(|year| (year.number, span(year)))
            .collect(),
        void: years.len() < all,
        years,
        decisions: decisions_shown(&decisions, corrections),
        id: id.0,
        conversations: talks.iter().map(|row| ConversationLine::new(row, Reader::Holder, &portal)).collect(),
        told: years_told(&telling, own),
    };
    Ok(render(StatusCode::OK, &page))
}

fn lines(
    ledger: &HolderLedger<'_>,
    found: &LedgerYear<'_>,
    titles: &BTreeMap<ActivityId, String>,
) -> Vec<LineView> {
    let view = |line: &Line<'_>| LineView {
        id: line.report.id.0,
        title: titles.get(&line.report.id).cloned().unwrap_or_default(),
        day: long_date(line.report.completed_on),
        tag: activity_tag(line.report.status),
        credits: line.counts.to_string(),
        steps: steps(line, found.year, ledger.policies()),
    };
    found.lines.iter().map(view).collect()
}

/// The latest first.
fn decisions_shown(decisions: &[Decision], corrections: Vec<Vec<Change>>) -> Vec<DecisionView> {
    let mut corrections = corrections.into_iter();
    let mut shown: Vec<DecisionView> = decisions
        .iter()
        .map(|one| {
            let changes = if one.kind == DecisionKind::Correction { corrections.next() } else { None };
            decision(one, &changes.unwrap_or_default())
        })
        .collect();
    shown.reverse();
    shown
}

fn decision(decision: &Decision, changes: &[Change]) -> DecisionView {
    // as the rest of the page says it, not as the records do
    let (kind, title) = match (decision.kind, decision.ending) {
        (DecisionKind::Ending, Some(ending)) if !ending.withdrawn() => ("", "Certificate ended"),
        (DecisionKind::Decertification | DecisionKind::Ending, _) => ("bad", "Certificate withdrawn"),
        (DecisionKind::Waiver, _) => ("good", "Year accepted without the missing credits"),
        (DecisionKind::Reinstatement, _) => ("good", "Certificate in force again"),
        (DecisionKind::Extension, _) => ("", "More time"),
        (DecisionKind::Correction, _) => ("", "Certificate corrected"),
    };
    let year = decision.year.map(|year| format!(", year {year}")).unwrap_or_default();
    DecisionView {
        title: format!("{title}{year}"),
        kind,
        day: long_date(decision.decided_on),
        reason: decision.reason.clone(),
        until: decision.until.map(long_date).unwrap_or_default(),
        changes: changes.iter().map(in_words).collect(),
    }
}
