//! One certificate, as staff see it: all its years, how each was counted, and what was decided.

pub mod correction;
pub mod deadlines;
pub mod decisions;
pub mod endings;
pub mod figures;
pub mod flagged;
pub mod year_list;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use self::figures::YearFigures;
use crate::actions::ActionError;
use crate::actions::certification::decisions::correction::in_words;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::decision::{DecisionKind, DecisionRefusal, check_decertification};
use crate::domain::certification::ending::EndingKind;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::{BadgeTerm, YearStanding};
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ids::{AccountId, ActivityId, CertificateId};
use crate::domain::ledger::derivation::{Reader, steps_for};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, HolderFile, Line, Sums};
use crate::domain::notices::delivery::Reach;
use crate::domain::roles::{Actor, not_acquainted};
use crate::portal::Portal;
use crate::store::accounts::{Account, acquaintances};
use crate::store::badges::Badge;
use crate::store::certification::certificate_corrections::CertificateChange;
use crate::store::certification::certificates::Decision;
use crate::store::certification::{certificate_corrections, certificates, policies};
use crate::store::conversations::Conversation;
use crate::store::mail::year_notices::{DecidedStage, YearMail};
use crate::store::mail::{reach, year_notices};
use crate::store::records::{holder_records, holders};
use crate::store::{Conn, accounts, activities, badges, conversations};
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::notice_log::{Telling, YearTold, years_told};
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, ending_tag};

#[derive(Template)]
#[template(path = "staff/certificates/show.html")]
struct CertificatePage {
    page: Layout,
    id: i64,
    number: String,
    holder: i64,
    holder_name: String,
    level: &'static str,
    granted: String,
    /// Whether a year of it is flagged.
    flagged: bool,
    /// The day it ended; empty while it stands.
    ended: String,
    /// How it ended, as a tag.
    ended_tag: Tag,
    /// What takes its place: id, number and title.
    replaced_by: Option<(i64, String)>,
    /// Whether its holder's account is closed.
    closed: bool,
    needs_cpe: bool,
    badge: Option<BadgeShown>,
    decides: bool,
    /// Whether the reader could decide, if they did not know the holder.
    known: bool,
    years: Vec<YearShown>,
    decisions: Vec<DecisionShown>,
    conversations: Vec<ConversationLine>,
    /// Reminders and mails, by year.
    told: Vec<YearTold>,
}

struct BadgeShown {
    id: String,
    valid_until: String,
    why_longer: String,
    revoked: bool,
}

struct YearShown {
    figures: YearFigures,
    settled: String,
    /// What a flag means today, in words.
    flag: String,
    /// Which days count for it, when an extension of it or of the year before has moved them.
    moved: String,
    /// Why the flag cannot be confirmed today; empty when it can.
    not_now: String,
    flagged: bool,
    unsettled: bool,
    /// Whether its credits say anything: not those of a year that was settled elsewhere or ended with the certificate.
    counted: bool,
    lines: Vec<LineShown>,
}

struct LineShown {
    activity: i64,
    title: String,
    counts: String,
    approved: bool,
    steps: Vec<String>,
}

struct DecisionShown {
    title: String,
    at: String,
    kind: &'static str,
    reason: String,
    /// What a correction changed: the thing, before, after.
    changes: Vec<(&'static str, String, String)>,
}

/// A certificate with its surroundings.
pub struct CertificateCase {
    /// The holder's file.
    pub file: HolderFile,
    /// Every version of the policy.
    pub policies: Policies,
    /// Whose it is.
    pub holder: Account,
    /// Its version, for the next decision.
    pub version: i64,
    /// Who said that they know the holder, and so decides nothing.
    pub known_by: Vec<AccountId>,
    /// Whether an email to the holder leaves.
    pub reach: Reach,
    /// Which certificate of the file it is.
    id: CertificateId,
}

impl CertificateCase {
    /// The case of a certificate.
    ///
    /// # Errors
    /// `ActionError::NotFound`.
    pub fn find(conn: &mut Conn<'_>, id: CertificateId, today: NaiveDate) -> Result<Self, ActionError> {
        let version = certificates::version(conn, id)?.ok_or(ActionError::NotFound)?;
        let found = certificates::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let file = holder_records::of_holder(conn, found.holder, today)?;
        let holder = accounts::find(conn, found.holder)?.ok_or(ActionError::NotFound)?;
        let known_by = acquaintances::known_by(conn, found.holder)?;
        let reach = reach::of_one(conn, found.holder)?;
        Ok(Self { file, policies: policies::all(conn)?, holder, version, known_by, reach, id })
    }

    /// The certificate itself.
    ///
    /// # Errors
    /// `WebError::NotFound`.
    pub fn certificate(&self) -> Result<&CertificateFile, WebError> {
        self.file.certificate(self.id).ok_or(WebError::NotFound)
    }

    /// Why this person cannot decide anything about the certificate, because they know its holder; `None` when they do not.
    pub fn partial(&self, actor: Actor) -> Option<String> {
        not_acquainted(actor.id, &self.known_by).err().map(|refusal| refusal.to_string())
    }

    /// Why this person cannot confirm the flag of a year today, the reason aside; `None` when it can be done.
    pub fn not_now(&self, actor: Actor, found: &LedgerYear<'_>, today: NaiveDate) -> Option<DecisionRefusal> {
        let (holds, year) = (&found.certificate.certificate, found.year);
        let any_reason = "a reason";
        check_decertification(actor, holds, year, &found.sums, &self.policies, today, any_reason).err()
    }
}

/// GET /staff/certificates/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let (id, today) = (CertificateId(*id), portal.clock.today());
    let read =
        blocking(&portal, move |portal| portal.store.read(|conn| CertificatePageData::load(conn, id, today)));
    let page = CertificatePage::new(&staff, &portal, read.await?)?;
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs, read together.
struct CertificatePageData {
    case: CertificateCase,
    badges: Vec<Badge>,
    decisions: Vec<Decision>,
    /// What each correction changed, in the order of the decisions.
    corrections: Vec<Vec<CertificateChange>>,
    /// Who took the decisions.
    deciders: Vec<Account>,
    /// The titles of the holder's activities.
    titles: BTreeMap<ActivityId, String>,
    conversations: Vec<Conversation>,
    stages: Vec<DecidedStage>,
    mails: Vec<YearMail>,
}

impl CertificatePageData {
    fn load(conn: &mut Conn<'_>, id: CertificateId, today: NaiveDate) -> Result<Self, ActionError> {
        let case = CertificateCase::find(conn, id, today)?;
        let decisions = certificates::decisions_about(conn, id)?;
        let by: Vec<_> = decisions.iter().map(|decision| decision.decided_by).collect();
        let activities = activities::of_holder(conn, case.holder.id)?;
        Ok(Self {
            case,
            badges: badges::of_certificate(conn, id)?,
            decisions,
            corrections: certificate_corrections::of_certificate(conn, id)?,
            deciders: holders::named(conn, &by)?,
            titles: activities.into_iter().map(|activity| (activity.id, activity.facts.title)).collect(),
            conversations: conversations::about_certificate(conn, id)?,
            stages: year_notices::stages(conn, id)?,
            mails: year_notices::mails_about(conn, id)?,
        })
    }
}

impl CertificatePage {
    fn new(staff: &Person, portal: &Portal, data: CertificatePageData) -> Result<CertificatePage, WebError> {
        let (case, today) = (&data.case, portal.clock.today());
        let certificate = case.certificate()?;
        let holds = &certificate.certificate;
        let ending = holds.ending();
        let known = case.partial(staff.actor()).is_some();
        let years = years_shown(staff.actor(), certificate, &data, today);
        let telling = Telling {
            reader: Reader::Staff,
            stages: &data.stages,
            mails: &data.mails,
            policies: &case.policies,
            today,
            clock: &portal.clock,
        };
        let lines = data.conversations.iter();
        Ok(CertificatePage {
            page: staff.layout(holds.certification.title.clone()),
            id: holds.id.0,
            number: holds.number.clone(),
            holder: case.holder.id.0,
            holder_name: case.holder.name.clone(),
            level: holds.certification.level.label(),
            granted: long_date(holds.granted_on),
            ended: ending.map(|ending| long_date(ending.ended_on)).unwrap_or_default(),
            ended_tag: ending
                .map_or(Tag { kind: "good", label: "In force" }, |ending| ending_tag(ending.kind)),
            replaced_by: replacement(case, &data.decisions).filter(|_| !holds.stands()),
            closed: case.holder.deactivated,
            needs_cpe: holds.needs_cpe(),
            badge: data.badges.last().map(|badge| badge_shown(badge, today)),
            flagged: years.iter().any(|year| year.flagged),
            decides: staff.administers() && case.holder.id != staff.account.id && !known,
            known: known && staff.administers(),
            years,
            decisions: decisions_shown(&data.decisions, data.corrections, &data.deciders, portal),
            conversations: lines.map(|row| ConversationLine::new(row, Reader::Staff, portal)).collect(),
            told: years_told(&telling, certificate),
        })
    }
}

/// The latest first; a year that has not begun is shown only when something is known about it.
fn years_shown(
    actor: Actor,
    certificate: &CertificateFile,
    data: &CertificatePageData,
    today: NaiveDate,
) -> Vec<YearShown> {
    let ledger = HolderLedger::new(&data.case.file, &data.case.policies, today);
    let begun = |found: &LedgerYear<'_>| {
        // a year that became void before it began was never anybody's
        let known = found.year.settlement.is_some_and(|settlement| settlement.outcome != YearOutcome::Void);
        found.year.starts_on <= today || known || found.year.extended()
    };
    let years = ledger.years_of(certificate).rev().filter(begun);
    years.map(|found| YearShown::new(actor, &found, data, today)).collect()
}

impl YearShown {
    fn new(actor: Actor, found: &LedgerYear<'_>, data: &CertificatePageData, today: NaiveDate) -> YearShown {
        let (figures, year) = (YearFigures::new(found, today), found.year);
        let settlement = year.settlement;
        let line = |line: &Line<'_>| LineShown {
            activity: line.report.id.0,
            title: data.titles.get(&line.report.id).cloned().unwrap_or_default(),
            counts: line.counts.counted(),
            approved: line.approved(),
            steps: steps_for(Reader::Staff, line, year, &data.case.policies),
        };
        let flag = match figures.standing {
            YearStanding::Flagged { since, answer_until, decide_from } => format!(
                "Flagged on {}: {}. The holder can answer until {}; an administrator can decide from {} on.",
                long_date(since),
                flag_words(&figures.sums),
                long_date(answer_until),
                long_date(decide_from)
            ),
            _ => String::new(),
        };
        let flagged = year.flagged_on.is_some();
        let not_now = if flagged { data.case.not_now(actor, found, today) } else { None };
        let outcome = settlement.map(|settled| settled.outcome);
        YearShown {
            lines: found.lines.iter().map(line).collect(),
            settled: settlement
                .map(|settled| settled_words(settled.outcome, settled.settled_on))
                .unwrap_or_default(),
            flag,
            moved: moved_words(year, found.before()),
            not_now: not_now.map(|refusal| refusal.to_string()).unwrap_or_default(),
            flagged,
            unsettled: settlement.is_none(),
            counted: !matches!(outcome, Some(YearOutcome::BeforeTakeover | YearOutcome::Void)),
            figures,
        }
    }
}

fn badge_shown(badge: &Badge, today: NaiveDate) -> BadgeShown {
    let term = badge.valid_until.map(BadgeTerm::of);
    BadgeShown {
        id: badge.id.clone(),
        valid_until: term.map_or_else(
            || "It does not expire".to_owned(),
            |term| format!("Valid until {}", long_date(term.deadline)),
        ),
        why_longer: term.map(|term| term.why_longer(today)).unwrap_or_default(),
        revoked: badge.revoked_on.is_some(),
    }
}

/// What is the matter with a flagged year today.
fn flag_words(sums: &Sums) -> String {
    if sums.met() {
        "its minimum is now met, and the flag ends by itself, within the hour during the day".to_owned()
    } else if sums.covered() {
        "reports waiting for review could still meet the minimum".to_owned()
    } else {
        let missing = sums.missing();
        let are = if missing == Credits::whole(1) { "is" } else { "are" };
        format!("{} {are} missing", missing.counted_up())
    }
}

/// Which days count for a year whose deadline, or that of the year before, was extended.
fn moved_words(year: &CertificationYear, before: Option<&CertificationYear>) -> String {
    let before = before.filter(|before| before.extended() && before.deadline >= year.starts_on);
    let mut words = String::new();
    if let Some(before) = before {
        words = format!(
            "What is completed until {} counts for year {}, because its deadline was extended. This year counts from {} on. ",
            long_date(before.deadline),
            before.number,
            long_date(plus_days(before.deadline, 1)),
        );
    }
    if year.extended() {
        words.push_str(&format!(
            "The deadline was extended, so what is completed until {} counts for this year, and not for year {}.",
            long_date(year.deadline),
            year.number + 1,
        ));
    }
    words
}

fn settled_words(outcome: YearOutcome, on: NaiveDate) -> String {
    let day = long_date(on);
    match outcome {
        YearOutcome::Recertified => format!("Recertified on {day}."),
        YearOutcome::Waived => format!("Waived: it counts as met, without credits (settled on {day})."),
        YearOutcome::Decertified => format!("This year cost the certificate, on {day}."),
        YearOutcome::Void => format!("Void since {day}, because the certificate had ended."),
        YearOutcome::BeforeTakeover => "Settled before the portal took the certificate over.".to_owned(),
    }
}

/// The certificate that takes the place of this one, by the decision that ended it last.
fn replacement(case: &CertificateCase, decisions: &[Decision]) -> Option<(i64, String)> {
    let by = decisions.iter().rev().find(|decision| decision.kind == DecisionKind::Ending)?.replaced_by?;
    let other = case.file.certificates.iter().find(|own| own.certificate.id == by)?;
    let holds = &other.certificate;
    Some((by.0, format!("{}, {}", holds.certification.title, holds.number)))
}

fn decisions_shown(
    decisions: &[Decision],
    corrections: Vec<Vec<CertificateChange>>,
    deciders: &[Account],
    portal: &Portal,
) -> Vec<DecisionShown> {
    let mut corrections = corrections.into_iter();
    decisions
        .iter()
        .map(|one| {
            let changes = if one.kind == DecisionKind::Correction { corrections.next() } else { None };
            decision_shown(one, &changes.unwrap_or_default(), deciders, portal)
        })
        .collect()
}

fn decision_shown(
    decision: &Decision,
    changes: &[CertificateChange],
    deciders: &[Account],
    portal: &Portal,
) -> DecisionShown {
    let by = deciders.iter().find(|account| account.id == decision.decided_by);
    let by = by.map_or("somebody", |account| account.name.as_str());
    let until = decision.until.map(|day| format!(" until {}", long_date(day))).unwrap_or_default();
    let year = decision.year.map(|year| format!(" of year {year}")).unwrap_or_default();
    let title = decision.ending.map_or(decision.kind.label(), EndingKind::label);
    DecisionShown {
        title: format!("{title}{year}{until}, by {by}"),
        at: instant(&portal.clock, decision.decided_at),
        kind: match (decision.kind, decision.ending) {
            (DecisionKind::Decertification, _) => "bad",
            (DecisionKind::Ending, Some(kind)) => kind.shade(),
            (DecisionKind::Reinstatement, _) => "good",
            (DecisionKind::Ending, None)
            | (DecisionKind::Waiver | DecisionKind::Extension | DecisionKind::Correction, _) => "",
        },
        reason: decision.reason.clone(),
        changes: changes.iter().map(in_words).collect(),
    }
}
