//! Who is at risk: years with a deadline in the next 90 days whose credits are missing, and the way to friendly letters.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::board_filter::{group_key, group_of, group_title};
use crate::actions::ActionError;
use crate::actions::mail::friendly_reminder::{days_ahead, is_enough, told_lately};
use crate::actions::overview::risk::{YearOutlook, chunk};
use crate::domain::certification::catalogue::CertificationGroup;
use crate::domain::certification::risk::RiskClass;
use crate::domain::dates::{long_date, short_date};
use crate::domain::ids::{AccountId, CertificateId};
use crate::domain::notices::delivery::{Delivery, HeldBy};
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::certification::policies;
use crate::store::certification::year_lists::YearPlace;
use crate::store::mail::bounces;
use crate::store::mail::friendly_reminders::YearLetter;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::distance;
use crate::web::staff::certificates::flagged::{year_key, year_place};
use crate::web::view::bar::Bar;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

/// Years on one page.
pub(in crate::web::staff) const PAGE: usize = 50;
/// Hundreds of years that are looked at for one page; when most are safe, a page may have fewer rows.
pub(in crate::web::staff) const MOST_CHUNKS: usize = 8;

#[derive(Template)]
#[template(path = "staff/at_risk/index.html")]
struct AtRiskPage {
    page: Layout,
    errors: FieldErrors,
    show: &'static str,
    /// Of which certifications, as it stands in an address, and what they are called; empty for all.
    of: (String, String),
    until: String,
    rows: Vec<RiskRow>,
    /// Why letters about some of them are held, and what ends that.
    held: Vec<&'static str>,
    first: Option<String>,
    more: Option<String>,
}

struct RiskRow {
    key: String,
    certificate: i64,
    number: String,
    code: String,
    year: i64,
    holder: i64,
    holder_name: String,
    deadline: String,
    /// The same, short.
    deadline_short: String,
    distance: String,
    worst: String,
    likely: String,
    required: String,
    /// The same as it stands in a sentence.
    required_plain: String,
    missing: String,
    bar: Bar,
    tag: Tag,
    /// When somebody wrote about it within the last seven days, and it left or is about to; empty otherwise.
    told: String,
    /// The same, short.
    told_short: String,
    /// When a letter about it was written that is held; empty otherwise.
    held: String,
    /// Whether a letter can be written about it now.
    open: bool,
    /// Whether mail to this holder came back, so that a letter would not arrive.
    came_back: bool,
}

/// GET /staff/at-risk `?show=&of=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    show(&staff, &request, &portal, FieldErrors::new()).await
}

/// The list; with errors when nobody was ticked.
///
/// # Errors
/// As [`index`].
pub(in crate::web::staff) async fn show(
    staff: &Person,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let show = RiskClass::from_code(query.one("show"))
        .filter(|outlook| matches!(outlook, RiskClass::Pending | RiskClass::Nothing));
    let after = year_place(query.one("after"));
    let group = group_of(query.one("of"));
    let today = portal.clock.today();
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| AtRiskPageData::load(conn, (show, group), after, today))
    });
    let data = read.await?;
    let show = show.map_or("", RiskClass::code);
    let of = data.of.as_ref().map(|(group, title)| (group_key(*group), title.clone())).unwrap_or_default();
    let mut kept = if show.is_empty() { String::new() } else { format!("show={show}&") };
    if !of.0.is_empty() {
        kept.push_str(&format!("of={}&", of.0));
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AtRiskPage {
        page: staff.layout("At risk"),
        show,
        of,
        until: long_date(days_ahead(today).1),
        held: held_words(&data.told),
        rows: data.years.iter().map(|year| row(year, &data, today)).collect(),
        first: after.map(|_| format!("/staff/at-risk?{}", kept.trim_end_matches('&'))),
        more: data.more.map(|place| format!("/staff/at-risk?{kept}after={}", year_key(place))),
        errors,
    };
    Ok(render(status, &page))
}

/// What the list needs, read together.
struct AtRiskPageData {
    years: Vec<YearOutlook>,
    /// The certifications that were asked for, and what they are called.
    of: Option<(CertificationGroup, String)>,
    /// Where the next page begins; none on the last one.
    more: Option<YearPlace>,
    /// Years that somebody wrote about lately, and when.
    told: BTreeMap<(CertificateId, i64), YearLetter>,
    /// Holders whose mail came back.
    returned: BTreeSet<AccountId>,
}

impl AtRiskPageData {
    /// `show`: years of this kind alone; without it those that need a word.
    fn load(
        conn: &mut Conn<'_>,
        (show, group): (Option<RiskClass>, Option<CertificationGroup>),
        after: Option<YearPlace>,
        today: NaiveDate,
    ) -> Result<Self, ActionError> {
        let title = group.map(|group| group_title(conn, group)).transpose()?.flatten();
        let of = group.zip(title);
        let wanted = |year: &YearOutlook| {
            show.map_or(year.outlook.needs_a_word(), |only| year.outlook == only)
                && of
                    .as_ref()
                    .is_none_or(|(group, _)| group.holds(&year.certificate.certificate.certification))
        };
        let policies = policies::all(conn)?;
        let (mut years, mut more): (Vec<YearOutlook>, _) = (Vec::new(), after);
        for _ in 0..MOST_CHUNKS {
            let (found, next) = chunk(conn, days_ahead(today), more, &policies, today)?;
            years.extend(found.into_iter().filter(wanted));
            more = next;
            if years.len() > PAGE || next.is_none() {
                break;
            }
        }
        if years.len() > PAGE {
            years.truncate(PAGE);
            more = years.last().map(YearOutlook::place);
        }
        let told = told_lately(conn, &years, today)?;
        let holders: Vec<AccountId> = years.iter().map(|year| year.listed.holder).collect();
        Ok(Self { returned: bounces::open_among(conn, &holders)?, of, years, more, told })
    }
}

/// Why letters are held, each cause once.
fn held_words(told: &BTreeMap<(CertificateId, i64), YearLetter>) -> Vec<&'static str> {
    let causes: BTreeSet<HeldBy> = told
        .values()
        .filter_map(|letter| match letter.delivery {
            Delivery::Held(by) => Some(by),
            _ => None,
        })
        .collect();
    causes
        .into_iter()
        .map(|by| match by {
            HeldBy::Uninvited => {
                "A holder who was never invited gets their email once an administrator has invited them."
            }
            HeldBy::Everything | HeldBy::NotLive => by.words(),
        })
        .collect()
}

fn row(year: &YearOutlook, data: &AtRiskPageData, today: NaiveDate) -> RiskRow {
    let (listed, sums) = (&year.listed, &year.sums);
    let letter = data.told.get(&(listed.certificate, listed.number));
    let held = letter.filter(|letter| matches!(letter.delivery, Delivery::Held(_)));
    let enough = letter.filter(|letter| is_enough(**letter, today));
    let told = enough.filter(|_| held.is_none()).map(|letter| letter.day);
    RiskRow {
        key: format!("{}:{}", listed.certificate, listed.number),
        certificate: listed.certificate.0,
        number: listed.certificate_number.clone(),
        code: listed.code.clone(),
        year: listed.number,
        holder: listed.holder.0,
        holder_name: listed.holder_name.clone(),
        deadline: long_date(listed.deadline),
        deadline_short: short_date(listed.deadline, today),
        distance: distance(today, listed.deadline),
        worst: sums.approved.to_string(),
        likely: (sums.approved + sums.pending).to_string(),
        required: sums.required.to_string(),
        required_plain: sums.required.plain(),
        missing: sums.missing().rounded_up(),
        bar: Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts()),
        tag: outlook_tag(year.outlook),
        told: told.map(long_date).unwrap_or_default(),
        told_short: told.map(|day| short_date(day, today)).unwrap_or_default(),
        held: held.map(|letter| short_date(letter.day, today)).unwrap_or_default(),
        open: year.outlook.needs_a_word() && enough.is_none(),
        came_back: data.returned.contains(&listed.holder),
    }
}

/// Where a year is heading, as a tag.
pub fn outlook_tag(outlook: RiskClass) -> Tag {
    match outlook {
        RiskClass::Safe => Tag { kind: "good", label: "Minimum reached" },
        RiskClass::Pending => Tag { kind: "wait", label: "Covered by waiting reports" },
        RiskClass::AtRisk => Tag { kind: "action", label: "Credits missing" },
        RiskClass::Nothing => Tag { kind: "bad", label: "Nothing reported yet" },
    }
}
