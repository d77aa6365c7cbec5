//! What a report said, version by version, for its holder and for staff.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::domain::activity::{Activity, Facts};
use crate::domain::calendar::long_date;
use crate::domain::catalogue::Field;
use crate::domain::category::Category;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::{activities, activity_versions, catalogue};
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::instant::instant;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::{AsHolder, AsReviewer, Person};

#[derive(Template)]
#[template(path = "versions.html")]
struct VersionsPage {
    page: Layout,
    /// The report's page.
    report: String,
    /// The newest first.
    versions: Vec<VersionView>,
}

struct VersionView {
    number: i64,
    by: String,
    at: String,
    rows: Vec<(&'static str, String)>,
}

/// What facts say, line by line; what is empty is left out.
#[must_use]
pub fn lines(facts: &Facts, fields: &[Field]) -> Vec<(&'static str, String)> {
    let day = |day: Option<chrono::NaiveDate>| day.map(long_date).unwrap_or_default();
    let field = facts.field.and_then(|id| fields.iter().find(|field| field.id == id));
    let lines = vec![
        ("Kind", facts.category.map_or("", Category::label).to_owned()),
        ("Title", facts.title.clone()),
        ("Publication", facts.publication.clone()),
        ("Organiser, publisher or author", facts.organiser.clone()),
        ("Field", field.map(|field| field.title.clone()).unwrap_or_default()),
        ("First day", day(facts.started_on.filter(|first| Some(*first) != facts.completed_on))),
        ("Day completed", day(facts.completed_on)),
        ("How much", facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default()),
        ("Why it is relevant", facts.relevance.clone()),
    ];
    lines.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// GET /activities/{id}/versions
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn of_holder(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id: ActivityId = id.parse().map_err(|_| WebError::NotFound)?;
    let person = holder.holder();
    page(&holder, &portal, id, format!("/activities/{id}"), move |activity| activity.holder == person).await
}

/// GET /staff/activities/{id}/versions
///
/// # Errors
/// `WebError::NotFound` for what was never reported.
pub async fn for_staff(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id: ActivityId = id.parse().map_err(|_| WebError::NotFound)?;
    page(&staff, &portal, id, format!("/staff/activities/{id}"), |found| found.reported_at.is_some()).await
}

async fn page(
    person: &Person,
    portal: &web::Data<Portal>,
    id: ActivityId,
    report: String,
    may: impl Fn(&Activity) -> bool + Send + 'static,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let activity =
                activities::find(conn, id)?.filter(|found| may(found)).ok_or(ActionError::NotFound)?;
            Ok::<_, ActionError>((
                activity.facts.title,
                activity_versions::read_all(conn, id)?,
                catalogue::fields(conn)?,
            ))
        })
    });
    let (title, versions, fields) = read.await?;
    let view = |version: activity_versions::Version| VersionView {
        number: version.number,
        at: instant(&portal.clock, version.at),
        rows: lines(&version.facts, &fields),
        by: version.by,
    };
    let page = VersionsPage {
        page: person.layout(format!("Every version of “{title}”")),
        report,
        versions: versions.into_iter().rev().map(view).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}
