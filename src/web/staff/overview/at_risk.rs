//! Who is at risk: years with a deadline in the next 90 days whose credits are missing, and the way to friendly letters.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::actions::mail::friendly_reminder::{days_ahead, told_lately};
use crate::actions::overview::risk::{YearOutlook, chunk};
use crate::domain::certification::risk::Outlook;
use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, CertificateId};
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::mail::bounces;
use crate::web::forms::fields::FieldErrors;
use crate::web::forms::token::Fields;
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
const MOST_CHUNKS: usize = 8;

#[derive(Template)]
#[template(path = "staff/at_risk/index.html")]
struct AtRiskPage {
    page: Layout,
    errors: FieldErrors,
    show: &'static str,
    until: String,
    rows: Vec<RiskRow>,
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
    distance: String,
    worst: String,
    likely: String,
    required: String,
    missing: String,
    bar: Bar,
    tag: Tag,
    /// When somebody wrote about it within the last seven days; empty otherwise.
    told: String,
    needs_a_word: bool,
    /// Whether mail to this holder came back, so that a letter would not arrive.
    came_back: bool,
}

/// GET /staff/at-risk `?show=`
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
    let show = Outlook::from_code(query.one("show"))
        .filter(|outlook| matches!(outlook, Outlook::Pending | Outlook::Nothing));
    let wanted = move |outlook: Outlook| show.map_or(outlook.needs_a_word(), |only| outlook == only);
    let after = year_place(query.one("after"));
    let today = portal.clock.today();
    let (years, (told, returned), more) = blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            let mut place = after;
            let mut found: Vec<YearOutlook> = Vec::new();
            let mut more = None;
            for _ in 0..MOST_CHUNKS {
                let (years, next) = chunk(conn, days_ahead(today), place, &policies, today)?;
                found.extend(years.into_iter().filter(|year| wanted(year.outlook)));
                place = next;
                more = next;
                if found.len() > PAGE || next.is_none() {
                    break;
                }
            }
            if found.len() > PAGE {
                found.truncate(PAGE);
                more = found.last().map(YearOutlook::place);
            }
            let told = told_lately(conn, &found, today)?;
            let holders: Vec<AccountId> = found.iter().map(|year| year.listed.holder).collect();
            let returned = bounces::open_among(conn, &holders)?;
            Ok::<_, ActionError>((found, (told, returned), more))
        })
    })
    .await?;
    let show = show.map_or("", Outlook::code);
    let kept = if show.is_empty() { String::new() } else { format!("show={show}&") };
    let page = AtRiskPage {
        page: staff.layout("At risk"),
        show,
        until: long_date(days_ahead(today).1),
        rows: years
            .iter()
            .map(|year| {
                let came_back = returned.contains(&year.listed.holder);
                RiskRow { came_back, ..row(year, &told, today) }
            })
            .collect(),
        first: after.map(|_| format!("/staff/at-risk?{}", kept.trim_end_matches('&'))),
        more: more.map(|place| format!("/staff/at-risk?{kept}after={}", year_key(place))),
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(render(status, &page))
}

fn row(year: &YearOutlook, told: &BTreeMap<(CertificateId, i64), NaiveDate>, today: NaiveDate) -> RiskRow {
    let (listed, sums) = (&year.listed, &year.sums);
    RiskRow {
        key: format!("{}:{}", listed.certificate, listed.number),
        certificate: listed.certificate.0,
        number: listed.certificate_number.clone(),
        code: listed.code.clone(),
        year: listed.number,
        holder: listed.holder.0,
        holder_name: listed.holder_name.clone(),
        deadline: long_date(listed.deadline),
        distance: distance(today, listed.deadline),
        worst: sums.approved.to_string(),
        likely: (sums.approved + sums.pending).to_string(),
        required: sums.required.to_string(),
        missing: sums.missing().rounded_up(),
        bar: Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts()),
        tag: outlook_tag(year.outlook),
        told: told.get(&(listed.certificate, listed.number)).map(|day| long_date(*day)).unwrap_or_default(),
        needs_a_word: year.outlook.needs_a_word(),
        came_back: false,
    }
}

/// Where a year is heading, as a tag.
pub fn outlook_tag(outlook: Outlook) -> Tag {
    match outlook {
        Outlook::Safe => Tag { kind: "good", label: "Minimum reached" },
        Outlook::Pending => Tag { kind: "wait", label: "Covered by waiting reports" },
        Outlook::AtRisk => Tag { kind: "action", label: "Credits missing" },
        Outlook::Nothing => Tag { kind: "bad", label: "Nothing reported yet" },
    }
}
