//! How to reach the body, what to write, and until when.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::calendar::long_date;
use crate::domain::certificate::CertificationYear;
use crate::portal::Portal;
use crate::store::{files, policies};
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsHolder;

/// The page.
#[derive(Template)]
#[template(path = "holder/advice.html")]
struct AdvicePage {
    page: Layout,
    numbers: Vec<String>,
    deadlines: Vec<Until>,
    notice_days: i64,
}

struct Until {
    title: String,
    day: String,
    /// Whether that day is over.
    over: bool,
    /// The last day to answer a flag; empty without one.
    answer: String,
}

/// GET /advice
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(holder: AsHolder, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let today = portal.clock.today();
    let (file, policies) = blocking(&portal, move |portal| {
        portal.store.read(|conn| Ok((files::of_holder(conn, person, today)?, policies::all(conn)?)))
    })
    .await?;
    let mut deadlines = Vec::new();
    for own in file.certificates.iter().filter(|own| own.certificate.stands()) {
        for year in own.years.iter().filter(|year| year.settlement.is_none() && year.starts_on <= today) {
            let notice_days = policies.in_force_on(year.starts_on).notice_days;
            deadlines.push((
                year.deadline,
                Until {
                    title: own.certificate.certification.title.clone(),
                    day: long_date(year.deadline),
                    over: year.deadline < today,
                    answer: year
                        .flagged_on
                        .map(|on| long_date(CertificationYear::answer_until(on, notice_days)))
                        .unwrap_or_default(),
                },
            ));
        }
    }
    deadlines.sort_by_key(|(day, _)| *day);
    let page = AdvicePage {
        page: holder.layout("Ask for advice"),
        numbers: file.certificates.iter().map(|own| own.certificate.number.clone()).collect(),
        deadlines: deadlines.into_iter().map(|(_, until)| until).collect(),
        notice_days: policies.in_force_on(today).notice_days,
    };
    Ok(render(StatusCode::OK, &page))
}
