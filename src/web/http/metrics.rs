//! `/metrics`, for Prometheus and its kin, on a listener of its own: how the portal fares and what it has answered. Nothing about persons.

use std::sync::atomic::AtomicU64;

use actix_web::{HttpResponse, web};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::actions::ActionError;
use crate::domain::job::JobName;
use crate::jobs::health::{Condition, Vital, vitals};
use crate::portal::Portal;
use crate::store::activities::review_queue;
use crate::store::certification::years;
use crate::store::mail::holder_holds::MOST_COUNTED;
use crate::store::mail::{holder_holds, mail_log, mail_pauses, outbox};
use crate::web::http::answer_counts::METER;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Named {
    name: &'static str,
}

type Fraction = Gauge<f64, AtomicU64>;

/// `GET /metrics`
///
/// # Errors
/// `WebError` when the figures cannot be put together.
pub async fn show(portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let text = blocking(&portal, |portal| Ok(figures(portal, &vitals(portal)))).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}

fn figures(portal: &Portal, vitals: &[Vital]) -> String {
    let mut registry = Registry::with_prefix("cpe_portal");
    registry.register("http_answers", "Answers by route, method and status", METER.answers.clone());
    registry.register_with_unit("http_answer", "How long answers took", Unit::Seconds, METER.seconds.clone());
    let conditions = Family::<Named, Gauge>::default();
    let last_good = Family::<Named, Gauge>::default();
    for vital in vitals {
        let named = Named { name: vital.name };
        let condition = match vital.condition {
            Condition::Good => 0,
            Condition::Attention => 1,
            Condition::Bad => 2,
        };
        // the check and the backup are told twice, as a job and by what it left: the worse counts
        let gauge = conditions.get_or_create(&named);
        gauge.set(condition.max(gauge.get()));
        drop(gauge);
        match (vital.name, vital.figure) {
            ("disk", Some(free)) => {
                measured(&mut registry, "disk_free", "Free on the data folder's disk", Unit::Bytes, free);
            }
            (name, Some(waits)) if name == JobName::Mail.code() => {
                let help = "How long the oldest mail that has yet to leave waits";
                measured(&mut registry, "mail_oldest", help, Unit::Seconds, waits);
            }
            ("replica", Some(behind)) => {
                let help = "How far the replica of the database is behind";
                measured(&mut registry, "replica_behind", help, Unit::Seconds, behind);
            }
            (_, Some(at)) => {
                last_good.get_or_create(&named).set(at);
            }
            (_, None) => {}
        }
    }
    registry.register("condition", "How it fares: 0 well, 1 worth a look, 2 to be mended", conditions);
    let help = "When a job, the check or the backup was last done, since 1970";
    registry.register_with_unit("last_done", help, Unit::Seconds, last_good);
    match counted(portal) {
        Ok(counted) => {
            for (name, help, number) in counted {
                let gauge = Gauge::<i64>::default();
                gauge.set(number);
                registry.register(name, help, gauge);
            }
        }
        Err(error) => tracing::error!(%error, "figures cannot be counted"),
    }
    let hashing = Counter::<u64>::default();
    hashing.inc_by(portal.passwords.work());
    let help = "Memory that hashing passwords has filled: so much more with each sign-in, right or wrong";
    registry.register_with_unit("password_work", help, Unit::Other("kibibytes".to_owned()), hashing);
    let longest = Fraction::default();
    longest.set(portal.store.longest_write().as_secs_f64());
    registry.register_with_unit("write_longest", "The longest write of this process", Unit::Seconds, longest);
    let mut out = String::new();
    match text::encode(&mut out, &registry) {
        Ok(()) => out,
        // writing into a text does not fail
        Err(_) => String::new(),
    }
}

/// One figure with its unit.
fn measured(registry: &mut Registry, name: &'static str, help: &'static str, unit: Unit, figure: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(figure);
    registry.register_with_unit(name, help, unit, gauge);
}

fn counted(portal: &Portal) -> Result<[(&'static str, &'static str, i64); 7], ActionError> {
    portal.store.read(|conn| {
        let (failed, uncertain) = mail_log::stuck(conn)?;
        let pauses = mail_pauses::in_force(conn, portal.clock.now())?;
        let pauses = i64::try_from(pauses.len()).unwrap_or(MOST_COUNTED);
        Ok([
            ("mails_waiting", "Mails that have yet to leave", outbox::waiting_up_to(conn, MOST_COUNTED)?),
            (
                "mails_held",
                "Of them those to holders that are held",
                holder_holds::held_up_to(conn, MOST_COUNTED)?,
            ),
            ("mails_failed", "Mails that failed for good and wait for staff", failed),
            ("mails_uncertain", "Mails that may or may not have arrived and wait for staff", uncertain),
            (
                "mail_pauses",
                "Domains that take no mail for now; the mail server as a whole counts as one",
                pauses,
            ),
            (
                "reports_waiting",
                "Reports waiting for review",
                review_queue::size_up_to(conn, MOST_COUNTED)?.0,
            ),
            ("years_flagged", "Flagged years without a decision", years::flagged_up_to(conn, MOST_COUNTED)?),
        ])
    })
}
