//! What a report said, version by version, for its holder and for staff.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::domain::activities::activity::{Activity, Facts};
use crate::domain::activities::category::Category;
use crate::domain::certification::catalogue::Field;
use crate::domain::dates::long_date;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::activities::activity_versions::Version;
use crate::store::activities::evidence::Evidence;
use crate::store::activities::submission_notes::Remarks;
use crate::store::activities::{self, activity_versions, evidence, submission_notes};
use crate::store::certification::catalogue;
use crate::web::http::auth::{AsHolder, AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

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
    /// What became different from the version before, in words; empty for the first.
    changes: String,
    rows: Vec<(&'static str, String)>,
    /// Files that came with it and are still there.
    files: Vec<String>,
    /// What the holder said to the reviewer with it; mostly empty.
    explanation: String,
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
    let read =
        blocking(portal, move |portal| portal.store.read(|conn| VersionsPageData::load(conn, id, may)));
    let data = read.await?;
    let page = VersionsPage {
        page: person.layout(format!("Every version of “{}”", data.title)),
        report,
        versions: versions(&data, portal),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs, read together.
struct VersionsPageData {
    title: String,
    /// The oldest first.
    versions: Vec<Version>,
    fields: Vec<Field>,
    files: Vec<Evidence>,
    remarks: Vec<Remarks>,
}

impl VersionsPageData {
    fn load(
        conn: &mut Conn<'_>,
        id: ActivityId,
        may: impl Fn(&Activity) -> bool,
    ) -> Result<Self, ActionError> {
        let activity = activities::find(conn, id)?.filter(may).ok_or(ActionError::NotFound)?;
        Ok(Self {
            title: activity.facts.title,
            versions: activity_versions::read_all(conn, id)?,
            fields: catalogue::fields(conn)?,
            files: evidence::of_activity(conn, id)?,
            remarks: submission_notes::of_activity(conn, id)?,
        })
    }
}

/// The versions in words, the newest first.
fn versions(data: &VersionsPageData, portal: &Portal) -> Vec<VersionView> {
    let mut before: Option<&Version> = None;
    let mut views = Vec::with_capacity(data.versions.len());
    for version in &data.versions {
        let came = |file: &&Evidence| {
            file.added_at <= version.at && before.is_none_or(|before| file.added_at > before.at)
        };
        let rows = lines(&version.facts, &data.fields);
        let explanation = data.remarks.iter().find(|said| said.version == version.number);
        views.push(VersionView {
            number: version.number,
            at: instant(&portal.clock, version.at),
            by: version.by.clone().unwrap_or_else(|| "an import".to_owned()),
            changes: before.map(|before| changes(before, &rows, &data.fields)).unwrap_or_default(),
            rows,
            files: data.files.iter().filter(came).map(|file| file.name.clone()).collect(),
            explanation: explanation.map(|said| said.explanation.clone()).unwrap_or_default(),
        });
        before = Some(version);
    }
    views.reverse();
    views
}

/// Which answers a version changed: "Changed: Title, How much."
fn changes(before: &Version, now: &[(&'static str, String)], fields: &[Field]) -> String {
    let old = lines(&before.facts, fields);
    let mut labels: Vec<&str> = now.iter().chain(&old).map(|(label, _)| *label).collect();
    labels.retain(|label| {
        let of =
            |rows: &[(&str, String)]| rows.iter().find(|(l, _)| l == label).map(|(_, value)| value.clone());
        of(now) != of(&old)
    });
    let mut named: Vec<&str> = Vec::new();
    for label in labels {
        if !named.contains(&label) {
            named.push(label);
        }
    }
    if named.is_empty() {
        format!("The answers are the same as in version {}.", before.number)
    } else {
        format!("Changed: {}.", named.join(", "))
    }
}
