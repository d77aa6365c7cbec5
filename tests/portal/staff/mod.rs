mod acquaintance_ends;
mod acquaintances;
mod advice;
mod appeals;
mod assignments;
mod at_risk;
mod bench;
mod board;
mod certificate_corrections;
mod decisions;
mod density;
mod empty;
mod endings;
mod history_search;
mod holders;
mod impact;
mod lists;
mod nonsense;
mod notice_log;
mod own;
mod queue_order;
mod reach;
mod refusals;
mod returned;
mod reviews;
mod search;
mod split;
mod staff_notes;
mod statement;
mod undo;
mod waiting;
mod workbench;

use cpe_portal::actions::activities::evidence::Proofs;
use cpe_portal::actions::activities::form::Typed;
use cpe_portal::actions::activities::submission::{Form, edit};
use cpe_portal::domain::activities::submission::Intent;
use cpe_portal::domain::ids::{ActivityId, CertificateId, HolderId};
use cpe_portal::store::certification::catalogue;
use cpe_portal::store::{StoreError, activities};

use crate::support::{Browser, Page, TestPortal, holder_of};

/// Sends a report of a holder as it stands.
pub fn submit(portal: &TestPortal, holder: HolderId, id: ActivityId, version: i64) {
    let typed = portal.store.read(|conn| {
        let activity = activities::find_of_holder(conn, holder, id)?.unwrap();
        Ok::<_, StoreError>(Typed::of(&activity.facts, &catalogue::fields(conn)?))
    });
    let form = Form { typed: &typed.unwrap(), proofs: &Proofs::default(), intent: Intent::Submit };
    edit(portal, holder_of(holder), id, version, &form).unwrap();
}

/// Reads a report as a reviewer, then sends a verdict with the version that the page carried.
pub async fn verdict(browser: &Browser, activity: ActivityId, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("/staff/activities/{activity}")).await.expect(200);
    let version = page.values("input[name=version]", "value").remove(0);
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    browser.post(&format!("/staff/activities/{activity}/review"), &all).await
}

/// Opens the page of a decision, then decides with what its form carried.
pub async fn decision(
    browser: &Browser,
    certificate: CertificateId,
    kind: &str,
    fields: &[(&str, &str)],
) -> Page {
    let path = format!("/staff/certificates/{certificate}/{kind}");
    let page = browser.get(&path).await.expect(200);
    let mut all: Vec<(String, String)> = Vec::new();
    for tick in ["acknowledged", "confirmed"] {
        if page.has(&format!("#{tick}")) {
            all.push((tick.to_owned(), "1".to_owned()));
        }
    }
    for name in ["version", "year", "answers"] {
        for value in page.values(&format!("form[action='{path}'] input[name={name}]"), "value") {
            all.push((name.to_owned(), value));
        }
    }
    let mut all: Vec<(&str, &str)> =
        all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend_from_slice(fields);
    browser.post(&path, &all).await
}
