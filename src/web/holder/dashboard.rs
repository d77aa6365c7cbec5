//! The holder's first screen: am I safe, what is missing, until when.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::certificates::marks;
use super::certificates::year_card::YearCard;
use super::certificates::year_mark::YearMarks;
use super::conversations::turns::Talks;
use super::recent_history::{RecentEvents, RecentFacts};
use crate::actions::accounts::visits;
use crate::clock::Clock;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::eligibility::{NothingToReport, may_report};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ids::{ActivityId, CertificateId, HolderId};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::suggestions::{CombinedNeed, usual_days, usual_in_words};
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::portal::Portal;
use crate::store::activities::reviews::Waits;
use crate::store::certification::policies;
use crate::store::conversations::Conversation;
use crate::store::mail::bounces;
use crate::store::mail::bounces::Bounce;
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, conversations};
use crate::web::forms::fields::Fields;
use crate::web::holder::activities::eligibility::no_report;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::bar::Bar;
use crate::web::view::layout::Layout;
use crate::web::view::notice_log::returned_address;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, public_ending_tag};

/// The dashboard.
#[derive(Template)]
#[template(path = "holder/dashboard.html")]
struct DashboardPage {
    page: Layout,
    /// Under the headline: which certificate it is about, and what follows.
    lead: String,
    /// What would cover several certificates at once; empty for whoever needs it for one or none.
    combined: String,
    /// What has happened since the last visit.
    recent: RecentEvents,
    waiting: Vec<Waiting>,
    /// What waits for us, in one sentence; empty when nothing does.
    with_us: String,
    /// The address that mail came back from, to be asked about; empty otherwise.
    came_back: String,
    certificates: Vec<CertificateCard>,
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
    /// Whether that is so until a day, which nothing else on the page names.
    not_yet: bool,
}

/// Something that waits for the holder.
struct Waiting {
    /// action, or info for what can wait.
    kind: &'static str,
    label: &'static str,
    href: String,
    title: String,
    /// What it is, and since when.
    words: String,
}

/// A certificate with the years that matter today.
struct CertificateCard {
    id: i64,
    title: String,
    number: String,
    granted: String,
    foundation: bool,
    /// The day it ended; empty while it stands.
    ended: String,
    /// What that is called, or where its most pressing year stands.
    tag: Tag,
    /// Whether it was taken away, so that the holder can appeal.
    withdrawn: bool,
    /// The open appeal against that, and whose turn it is.
    appeal: Option<(i64, String)>,
    years: Vec<YearCard>,
    /// All its years as a row.
    row: YearMarks,
    /// good, warn, bad or nothing: the edge of the card.
    edge: &'static str,
}

/// GET /dashboard `?since=all`: with everything that has happened since the last visit
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let (by, today) = (holder.actor(), portal.clock.today());
    let all = Fields::parse(request.query_string().as_bytes()).one("since") == "all";
    let read = blocking(&portal, move |portal| {
        let since = visits::look(portal, by)?;
        Ok(portal.store.read(|conn| DashboardPageData::load(conn, portal, by.id, (today, since)))?)
    });
    let page = DashboardPage::new(&holder, &portal.clock, read.await?, today, all);
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs, read together.
struct DashboardPageData {
    file: HolderFile,
    /// All activities of the holder.
    all: Vec<Activity>,
    policies: Policies,
    /// How long reviews took lately; none for a holder who waits for no review.
    recent_waits: Waits,
    /// Conversations in which it is the holder's turn.
    letters: Vec<Conversation>,
    talks: Talks,
    recent: RecentFacts,
    bounce: Option<Bounce>,
}

impl DashboardPageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        holder: HolderId,
        (today, since): (NaiveDate, NaiveDateTime),
    ) -> Result<Self, StoreError> {
        let (file, all) = holder_records::with_activities(conn, holder, today)?;
        // how long reviews take is said only to those who wait for one
        let waits = all.iter().any(|activity| activity.status == ActivityStatus::Submitted);
        Ok(Self {
            recent_waits: if waits { portal.recent_waits.get(conn)? } else { Waits::default() },
            letters: conversations::waiting_for_holder(conn, holder)?,
            talks: Talks::load(conn, &file)?,
            recent: RecentFacts::load(conn, holder, since)?,
            policies: policies::all(conn)?,
            bounce: bounces::open_of(conn, holder)?,
            file,
            all,
        })
    }
}

impl CertificateCard {
    /// The bar of its most pressing year.
    fn bar(&self) -> Option<Bar> {
        self.years.first().and_then(|year| year.bar)
    }

    /// The same in words.
    fn bar_words(&self) -> String {
        let Some(year) = self.years.first() else { return String::new() };
        let pending = match year.sums.pending.is_zero() {
            true => String::new(),
            false => format!("{} {}, ", year.sums.pending.plain(), year.waits),
        };
        let (missing, required) = (year.missing.plain_up(), year.sums.required.plain());
        format!("{} approved, {pending}{missing} to go of {required}", year.sums.approved.plain())
    }
}

impl DashboardPage {
    fn new(
        person: &AsHolder,
        clock: &Clock,
        data: DashboardPageData,
        today: NaiveDate,
        all: bool,
    ) -> DashboardPage {
        let not_yet = matches!(may_report(&data.file, today), Err(NothingToReport::UntilNextYear(_)));
        let no_report = no_report(&data.file, today);
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let mut certificates = cards(&data, &ledger, clock);
        let need = CombinedNeed::of(&ledger);
        let policy = data.policies.in_force_on(today);
        let combined = need.as_ref().map(|need| need.in_a_sentence(policy)).unwrap_or_default();
        for (id, year) in each_year(&mut certificates) {
            let covers = |need: &CombinedNeed| need.years.contains(&(CertificateId(id), year.number));
            year.combined = need.as_ref().is_some_and(covers);
        }
        let recent = RecentEvents::new(data.recent, &data.all, &ledger, clock, all);
        let with_us = with_us(&data.all, &data.recent_waits, clock, today);
        let waiting = waiting(data.letters, data.all, clock);
        let asked = waiting.iter().filter(|item| item.kind == "action").count();
        let (headline, lead) = headline(&mut certificates, asked);
        DashboardPage {
            page: person.layout(headline),
            lead,
            combined,
            recent,
            with_us,
            not_yet,
            no_report,
            certificates,
            waiting,
            came_back: returned_address(data.bounce),
        }
    }
}

/// The holder's certificates: what presses stands on top, then what has the nearest deadline.
fn cards(data: &DashboardPageData, ledger: &HolderLedger<'_>, clock: &Clock) -> Vec<CertificateCard> {
    let titled = data.all.iter().map(|activity| (activity.id, activity.facts.title.clone()));
    let titles = titled.collect();
    let mut cards: Vec<CertificateCard> =
        data.file.certificates.iter().map(|certificate| card(ledger, certificate, &titles)).collect();
    for card in &mut cards {
        let id = CertificateId(card.id);
        card.appeal = data.talks.appeal(id, clock);
        for year in &mut card.years {
            year.answered = data.talks.answer(id, year.number, clock);
        }
    }
    cards.sort_by_key(|card| {
        let pressing = card.years.iter().map(|year| rank(year.kind)).max();
        (Reverse(pressing), card.years.iter().map(|year| year.deadline_on).min())
    });
    cards
}

/// What waits for the holder: letters and returned reports first, then drafts by their latest change.
fn waiting(letters: Vec<Conversation>, all: Vec<Activity>, clock: &Clock) -> Vec<Waiting> {
    let mut reports = all;
    reports.retain(|activity| matches!(activity.status, ActivityStatus::Draft | ActivityStatus::Returned));
    reports
        .sort_by_key(|activity| (activity.status != ActivityStatus::Returned, Reverse(activity.updated_at)));
    let letters = letters.into_iter().map(|letter| letter_waits(letter, clock));
    let reports = reports.into_iter().map(|activity| report_waits(activity, clock));
    let mut waiting: Vec<Waiting> = letters.chain(reports).collect();
    waiting.sort_by_key(|item| item.kind != "action");
    waiting
}

/// How long reviews usually take, beside how long one that waits since a day has waited.
#[must_use]
pub fn usual(
    recent: &[(NaiveDateTime, Option<NaiveDateTime>)],
    clock: &Clock,
    since: NaiveDate,
    today: NaiveDate,
) -> String {
    let day = |(from, to): &(NaiveDateTime, Option<NaiveDateTime>)| {
        (clock.day_of(*from), to.map(|to| clock.day_of(to)))
    };
    let days: Vec<_> = recent.iter().map(day).collect();
    usual_in_words(usual_days(&days, today), days_between(since, today))
}

fn report_waits(activity: Activity, clock: &Clock) -> Waiting {
    let changed = activity.waiting.returned_at.unwrap_or(activity.updated_at);
    let (id, changed) = (activity.id, long_date(clock.day_of(changed)));
    let title = crate::web::holder::reference::title_or_nameless(activity.facts.title);
    if activity.status == ActivityStatus::Returned {
        return Waiting {
            kind: "action",
            label: "Returned",
            href: format!("/activities/{id}"),
            title,
            words: format!("we have a question about it: your turn since {changed}"),
        };
    }
    Waiting {
        kind: "info",
        label: "Draft",
        href: format!("/activities/{id}/edit"),
        title,
        words: format!("not reported yet, last changed on {changed}"),
    }
}

fn letter_waits(letter: Conversation, clock: &Clock) -> Waiting {
    Waiting {
        kind: "action",
        label: "Message",
        href: format!("/advice/{}", letter.id),
        title: letter.subject,
        words: format!(
            "we have written to you: your turn since {}",
            long_date(clock.day_of(letter.turn_since))
        ),
    }
}

/// What waits for us and since when; when it waits longer than is usual, that is said.
fn with_us(
    all: &[Activity],
    recent: &[(NaiveDateTime, Option<NaiveDateTime>)],
    clock: &Clock,
    today: NaiveDate,
) -> String {
    let waiting = || all.iter().filter(|activity| activity.status == ActivityStatus::Submitted);
    let oldest = waiting().min_by_key(|activity| activity.waiting.since);
    let since = |at: Option<NaiveDateTime>| at.map(|at| clock.day_of(at));
    let times = oldest.map(|oldest| (since(oldest.waiting.since), since(oldest.waiting.began())));
    let Some((Some(oldest), Some(began))) = times else { return String::new() };
    let since = long_date(began);
    let what = match waiting().count() {
        1 => format!("1 report has been waiting for our review since {since}."),
        many => format!("{many} reports are waiting for our review, the first of them since {since}."),
    };
    let usual = usual(recent, clock, oldest, today);
    format!("It is our turn: {what} {usual}").trim_end().to_owned()
}

/// The years that matter today: unsettled ones that have begun, the most pressing first.
fn card(
    ledger: &HolderLedger<'_>,
    certificate: &CertificateFile,
    titles: &BTreeMap<ActivityId, String>,
) -> CertificateCard {
    let holds = &certificate.certificate;
    // the year in progress can be settled only by a waiver; it is still what the holder looks for
    let shown = |found: &LedgerYear<'_>| holds.stands() || found.year.settlement.is_none();
    let mut years: Vec<YearCard> = ledger
        .years_that_matter(certificate)
        .filter(shown)
        .map(|found| YearCard::new(ledger, &found, titles))
        .collect();
    years.sort_by_key(|year| (Reverse(rank(year.kind)), year.deadline_on));
    let edge = match years.iter().map(|year| rank(year.kind)).max() {
        _ if holds.ending().is_some_and(|ending| ending.kind.withdrawn()) => "bad",
        _ if !holds.stands() => "",
        Some(BAD) => "bad",
        Some(ACTION) => "warn",
        Some(0) => "good",
        _ => "",
    };
    CertificateCard {
        id: holds.id.0,
        title: holds.certification.title.clone(),
        number: holds.number.clone(),
        granted: long_date(holds.granted_on),
        foundation: !holds.needs_cpe(),
        ended: holds.ending().map(|ending| long_date(ending.ended_on)).unwrap_or_default(),
        tag: match (holds.ending(), years.first()) {
            (Some(ending), _) => public_ending_tag(ending.kind),
            (None, Some(year)) => year.tag,
            (None, None) => Tag { kind: "good", label: "Valid" },
        },
        withdrawn: holds.ending().is_some_and(|ending| ending.kind.appealable()),
        appeal: None,
        row: marks(ledger, certificate),
        years,
        edge,
    }
}

const BAD: u8 = 4;
const ACTION: u8 = 3;

/// How pressing a kind of card is.
fn rank(kind: &str) -> u8 {
    match kind {
        "bad" => BAD,
        "action" => ACTION,
        "info" => 2,
        "wait" => 1,
        _ => 0,
    }
}

/// The most pressing thing of all certificates, and what follows from it. `asked`: how many things wait for the holder's answer.
fn headline(certificates: &mut [CertificateCard], asked: usize) -> (String, String) {
    let (headline, lead, told) = most_pressing(certificates, asked);
    for (id, year) in each_year(certificates) {
        year.told = told == Some((id, year.number));
    }
    (headline, lead)
}

fn each_year(certificates: &mut [CertificateCard]) -> impl Iterator<Item = (i64, &mut YearCard)> {
    certificates.iter_mut().flat_map(|certificate| {
        let id = certificate.id;
        certificate.years.iter_mut().map(move |year| (id, year))
    })
}

fn awaited(asked: usize) -> String {
    match asked {
        1 => "One thing is waiting for your answer".to_owned(),
        many => format!("{many} things are waiting for your answer"),
    }
}

/// The headline, what follows from it, and the certificate and year of which that says all.
fn most_pressing(certificates: &[CertificateCard], asked: usize) -> (String, String, Option<(i64, i64)>) {
    let standing = || certificates.iter().filter(|certificate| certificate.ended.is_empty());
    let pressing = standing()
        .flat_map(|certificate| certificate.years.iter().map(move |year| (certificate, year)))
        .max_by(|(_, a), (_, b)| rank(a.kind).cmp(&rank(b.kind)).then(b.deadline_on.cmp(&a.deadline_on)));
    let one_of_many = |title: &str| {
        if certificates.len() > 1 { format!("{title}: ") } else { String::new() }
    };
    match pressing {
        _ if certificates.is_empty() => (
            "You have no certificate here yet".to_owned(),
            "When one is granted, you will see here what it needs and by when.".to_owned(),
            None,
        ),
        None if standing().next().is_none() => (
            "No certificate of yours is in force".to_owned(),
            "You may no longer use its title. If you think that this is wrong, or something has changed, tell us.".to_owned(),
            None,
        ),
        None if asked > 0 => (
            awaited(asked),
            "Foundation certificates need no credits and never expire.".to_owned(),
            None,
        ),
        None => (
            "There is nothing you have to do".to_owned(),
            "Foundation certificates need no credits and never expire.".to_owned(),
            None,
        ),
        Some((certificate, year)) if rank(year.kind) >= 2 => {
            let headline = year.headline.trim_end_matches('.').to_owned();
            let told = Some((certificate.id, year.number));
            let do_it = if year.combined || year.do_it.is_empty() { "" } else { &format!("{} ", year.do_it) };
            (headline, format!("{}{do_it}{}", one_of_many(&certificate.title), year.advice), told)
        }
        // nobody is told to lean back above something that waits for an answer
        Some((certificate, year)) if asked > 0 => {
            let lead = format!("{}{}", one_of_many(&certificate.title), year.headline);
            (awaited(asked), lead, None)
        }
        Some((certificate, year)) => {
            let headline = if rank(year.kind) == 0 { "You are safe" } else { "You have done your part" };
            if standing().count() > 1 {
                let lead = format!(
                    "All your certificates have what they need. The next deadline is {}.",
                    year.deadline
                );
                (headline.to_owned(), lead, None)
            } else {
                let lead = format!("{} {}", year.headline, year.advice);
                (headline.to_owned(), lead.trim_end().to_owned(), Some((certificate.id, year.number)))
            }
        }
    }
}
