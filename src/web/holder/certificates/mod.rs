//! One certificate of the holder's: all its years, how each report was counted, what was decided.

pub mod badge;
pub mod figures;
pub mod period;
pub mod transcript;
pub mod year_card;
pub mod year_chart;
pub mod year_mark;
pub mod year_words;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use self::badge::BadgeView;
use self::year_card::YearCard;
use self::year_mark::YearMarks;
use self::year_words::span;
use super::conversations::turns::Talks;
use crate::actions::ActionError;
use crate::actions::certification::decisions::correction::in_words;
use crate::clock::Clock;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::decision::DecisionKind;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::BadgeTerm;
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, CertificateId, HolderId};
use crate::domain::ledger::derivation::{Reader, steps};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, HolderFile, Line};
use crate::portal::Portal;
use crate::store::badges::Badge;
use crate::store::certification::certificate_corrections::CertificateChange;
use crate::store::certification::certificates::Decision;
use crate::store::certification::{certificate_corrections, certificates, policies};
use crate::store::conversations::Conversation;
use crate::store::mail::year_notices;
use crate::store::mail::year_notices::{DecidedStage, YearMail};
use crate::store::records::holder_records;
use crate::store::{Conn, badges, conversations};
use crate::web::holder::activities::eligibility::no_report;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::layout::Layout;
use crate::web::view::notice_log::{Telling, YearTold, years_told};
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, activity_tag, public_ending_tag};

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
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
    /// The day it ended; empty while it stands.
    ended: String,
    /// What that is called, or that it is valid.
    standing: Tag,
    /// Whether it was taken away, so that the holder can appeal.
    withdrawn: bool,
    /// The open appeal against that, and whose turn it is.
    appeal: Option<(i64, String)>,
    badge: Option<BadgeView>,
    /// The deadline that its badge is good for; empty when it never ends.
    valid_until: String,
    /// Why the badge itself runs longer.
    why_longer: String,
    /// Its years as a row.
    row: YearMarks,
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
    /// Whether it is a line among the earlier years, which leads to the same page with the whole of it.
    folded: bool,
    lines: Vec<LineView>,
    /// How many earlier ones there are, which the list of activities has.
    more: usize,
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

/// What the page needs, read together.
struct CertificatePageData {
    file: HolderFile,
    policies: Policies,
    own: CertificateId,
    /// The titles of the holder's activities.
    titles: BTreeMap<ActivityId, String>,
    decisions: Vec<Decision>,
    corrections: Vec<Vec<CertificateChange>>,
    badges: Vec<Badge>,
    badge: Option<BadgeView>,
    conversations: Vec<Conversation>,
    talks: Talks,
    stages: Vec<DecidedStage>,
    mails: Vec<YearMail>,
}

impl CertificatePageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        holder: HolderId,
        own: CertificateId,
    ) -> Result<Self, ActionError> {
        let (file, activities) = holder_records::with_activities(conn, holder, portal.clock.today())?;
        let certificate = file.certificate(own).ok_or(ActionError::NotFound)?;
        let badges = badges::of_certificate(conn, own)?;
        let badge = badge::view(conn, portal, &certificate.certificate, &badges)?;
        let talks = Talks::load(conn, &file)?;
        Ok(Self {
            file,
            policies: policies::all(conn)?,
            own,
            titles: activities.into_iter().map(|activity| (activity.id, activity.facts.title)).collect(),
            decisions: certificates::decisions_about(conn, own)?,
            corrections: certificate_corrections::of_certificate(conn, own)?,
            badges,
            badge,
            conversations: conversations::about_certificate(conn, own)?,
            talks,
            stages: year_notices::stages(conn, own)?,
            mails: year_notices::mails_about(conn, own)?,
        })
    }
}

/// Reports of a year that are shown with their steps, the latest ones; the list of activities has them all.
const MOST_LINES: usize = 10;

/// Which earlier year is shown whole.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Unfolded {
    year: String,
}

/// GET /certificates/{id} `?year=NUMBER`
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    asked: web::Query<Unfolded>,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    let read = blocking(&portal, move |portal| {
        portal.store.read(|conn| CertificatePageData::load(conn, portal, person, id))
    });
    let page = CertificatePage::new(&holder, &portal, read.await?, asked.year.parse().ok())?;
    Ok(render(StatusCode::OK, &page))
}

impl CertificatePage {
    /// Whether some years are only a line.
    fn earlier(&self) -> bool {
        self.years.iter().any(|year| year.folded)
    }

    fn new(
        person: &AsHolder,
        portal: &Portal,
        data: CertificatePageData,
        unfolded: Option<i64>,
    ) -> Result<CertificatePage, WebError> {
        let (today, id) = (portal.clock.today(), data.own);
        let own = data.file.certificate(id).ok_or(WebError::NotFound)?;
        let holds = &own.certificate;
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let mut years = years(&ledger, own, &data, &portal.clock);
        let all = years.len();
        years.retain(|year| !year.void || year.card.approved_reports + year.card.pending_reports > 0);
        fold_earlier(&mut years, unfolded);
        let telling = Telling {
            reader: Reader::Holder,
            stages: &data.stages,
            mails: &data.mails,
            policies: &data.policies,
            today,
            clock: &portal.clock,
        };
        let ending = holds.ending();
        let term = data.badges.last().and_then(|badge| badge.valid_until).map(BadgeTerm::of);
        let lines = data.conversations.iter();
        Ok(CertificatePage {
            page: person.layout(holds.certification.title.clone()),
            holder: person.account.name.clone(),
            number: holds.number.clone(),
            code: holds.certification.code.clone(),
            granted: long_date(holds.granted_on),
            level: holds.certification.level.label(),
            foundation: !holds.needs_cpe(),
            no_report: no_report(&data.file, today),
            ended: ending.map(|ending| long_date(ending.ended_on)).unwrap_or_default(),
            standing: ending.map_or(Tag { kind: "good", label: "Valid" }, |e| public_ending_tag(e.kind)),
            withdrawn: ending.is_some_and(|ending| ending.kind.appealable()),
            appeal: data.talks.appeal(id, &portal.clock),
            badge: data.badge,
            valid_until: term.map(|term| long_date(term.deadline)).unwrap_or_default(),
            why_longer: term.map(|term| term.why_longer(today)).unwrap_or_default(),
            before_takeover: own
                .years
                .iter()
                .rev()
                .filter(|year| settled_before(year))
                .map(|year| (year.number, span(year)))
                .collect(),
            row: marks(&ledger, own),
            void: years.len() < all,
            years,
            decisions: decisions_shown(&data.decisions, data.corrections),
            id: id.0,
            conversations: lines.map(|row| ConversationLine::new(row, Reader::Holder, portal)).collect(),
            told: years_told(&telling, own),
        })
    }
}

/// The row of marks of a certificate.
pub(super) fn marks(ledger: &HolderLedger<'_>, own: &CertificateFile) -> YearMarks {
    YearMarks::of(ledger.years_of(own).filter(|found| found.year.starts_on <= ledger.today()))
}

/// Whether the year was settled before the portal took its certificate over.
fn settled_before(year: &CertificationYear) -> bool {
    year.settlement.is_some_and(|settlement| settlement.outcome == YearOutcome::BeforeTakeover)
}

/// The years that have begun and have figures here, the latest first.
fn years(
    ledger: &HolderLedger<'_>,
    own: &CertificateFile,
    data: &CertificatePageData,
    clock: &Clock,
) -> Vec<YearView> {
    let shown =
        |found: &LedgerYear<'_>| found.year.starts_on <= ledger.today() && !settled_before(found.year);
    let view = |found: LedgerYear<'_>| {
        let mut card = YearCard::new(ledger, &found, &data.titles);
        card.answered = data.talks.answer(data.own, card.number, clock);
        let settled = found.year.settlement;
        let void = settled.is_some_and(|settled| settled.outcome == YearOutcome::Void);
        let mut lines = lines(ledger, &found, &data.titles);
        let more = lines.len().saturating_sub(MOST_LINES);
        YearView { open: settled.is_none(), void, folded: false, card, lines: lines.split_off(more), more }
    };
    ledger.years_of(own).rev().filter(shown).map(view).collect()
}

/// Leaves the year in progress, what is not settled, a year that cost the certificate, and the year that was asked for; the others become a
/// line each.
fn fold_earlier(years: &mut [YearView], unfolded: Option<i64>) {
    for year in years.iter_mut().skip(1) {
        year.folded = !year.open && year.card.kind != "bad" && unfolded != Some(year.card.number);
    }
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
fn decisions_shown(decisions: &[Decision], corrections: Vec<Vec<CertificateChange>>) -> Vec<DecisionView> {
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

fn decision(decision: &Decision, changes: &[CertificateChange]) -> DecisionView {
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
