//! Who is at risk: years with a deadline in the next 90 days whose credits are missing, and friendly letters to their holders.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::figures::{counted, distance};
use super::flagged::{year_key, year_place};
use crate::actions::ActionError;
use crate::actions::friendly_reminders::{
    Example, Letters, PAUSE, Whom, days_ahead, preview, send, told_lately,
};
use crate::actions::outlooks::{YearOutlook, chunk};
use crate::domain::calendar::long_date;
use crate::domain::ids::CertificateId;
use crate::domain::outlook::Outlook;
use crate::portal::Portal;
use crate::store::policies;
use crate::web::bar::Bar;
use crate::web::blocking::blocking;
use crate::web::checked::{CheckedFields, Fields};
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::form::FieldErrors;
use crate::web::layout::{Flash, Layout};
use crate::web::page::render;
use crate::web::session::{AsReviewer, Person};
use crate::web::state::Tag;

/// Years on one page.
const PAGE: usize = 50;
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
}

#[derive(Template)]
#[template(path = "staff/at_risk/letter.html")]
struct LetterPage {
    page: Layout,
    everybody: bool,
    keys: Vec<String>,
    letters: String,
    years: String,
    /// What is left out, in words.
    left_out: Vec<String>,
    example: Option<Example>,
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

async fn show(
    staff: &Person,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let show = match query.one("show") {
        "pending" => "pending",
        "nothing" => "nothing",
        _ => "",
    };
    let wanted = move |outlook: Outlook| match show {
        "pending" => outlook == Outlook::Pending,
        "nothing" => outlook == Outlook::Nothing,
        _ => outlook.needs_a_word(),
    };
    let after = year_place(query.one("after"));
    let today = portal.clock.today();
    let (years, told, more) = blocking(portal, move |portal| {
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
            Ok::<_, ActionError>((found, told, more))
        })
    })
    .await?;
    let kept = if show.is_empty() { String::new() } else { format!("show={show}&") };
    let page = AtRiskPage {
        page: staff.layout("At risk"),
        show,
        until: long_date(days_ahead(today).1),
        rows: years.iter().map(|year| row(year, &told, today)).collect(),
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
    }
}

/// Where a year is heading, as a tag.
pub fn outlook_tag(outlook: Outlook) -> Tag {
    match outlook {
        Outlook::Safe => Tag { kind: "good", label: "Minimum reached" },
        Outlook::Pending => Tag { kind: "wait", label: "Covered by reports that wait" },
        Outlook::AtRisk => Tag { kind: "action", label: "Credits missing" },
        Outlook::Nothing => Tag { kind: "bad", label: "Nothing reported yet" },
    }
}

/// Who is meant, as a form says it: `everybody=1`, or `year=12:3` for each.
fn whom(fields: &Fields) -> Option<Whom> {
    if fields.has("everybody") {
        return Some(Whom::Everybody);
    }
    let year = |key: &str| {
        let (certificate, year) = key.split_once(':')?;
        Some((CertificateId(certificate.parse().ok()?), year.parse().ok()?))
    };
    let mut years: Vec<(CertificateId, i64)> = fields.all("year").filter_map(year).take(PAGE).collect();
    years.sort_unstable();
    years.dedup();
    (!years.is_empty()).then_some(Whom::Years(years))
}

/// GET /staff/at-risk/letter: what would be sent, to how many.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn letter(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let Some(whom) = whom(&query) else {
        let errors = FieldErrors::of("years", "Tick at least one holder to write to.");
        return show(&staff, &request, &portal, errors).await;
    };
    let (actor, wanted) = (staff.actor(), whom.clone());
    let letters = blocking(&portal, move |portal| preview(portal, actor, &wanted)).await?;
    let keys = match &whom {
        Whom::Everybody => Vec::new(),
        Whom::Years(years) => {
            years.iter().map(|(certificate, year)| format!("{certificate}:{year}")).collect()
        }
    };
    let page = LetterPage {
        page: staff.layout("A friendly mail"),
        everybody: whom == Whom::Everybody,
        keys,
        letters: counted(count(letters.holders), "person gets a mail", "people get a mail each"),
        years: counted(count(letters.years), "certification year", "certification years"),
        left_out: left_out(&letters),
        example: letters.example,
    };
    Ok(render(StatusCode::OK, &page))
}

fn left_out(letters: &Letters) -> Vec<String> {
    let mut words = Vec::new();
    if letters.told > 0 {
        words.push(format!(
            "{} left out, because somebody wrote about {} within the last {PAUSE} days.",
            counted(count(letters.told), "year is", "years are"),
            if letters.told == 1 { "it" } else { "them" },
        ));
    }
    if letters.fine > 0 {
        words.push(format!(
            "{} left out, because nothing is missing there any more.",
            counted(count(letters.fine), "year is", "years are")
        ));
    }
    words
}

/// POST /staff/at-risk/letter
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let Some(whom) = whom(&fields) else {
        let errors = FieldErrors::of("years", "Tick at least one holder to write to.");
        return show(&staff, &request, &portal, errors).await;
    };
    let actor = staff.actor();
    let letters = blocking(&portal, move |portal| send(portal, actor, &whom)).await?;
    let mut words = match letters.holders {
        0 => "No mail was written.".to_owned(),
        many => format!("{} in the outbox.", counted(count(many), "mail is", "mails are")),
    };
    for more in left_out(&letters) {
        words.push(' ');
        words.push_str(&more);
    }
    let flash = if letters.holders == 0 { Flash::info(words) } else { Flash::success(words) };
    Ok(see_other_with("/staff/at-risk", flash))
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
