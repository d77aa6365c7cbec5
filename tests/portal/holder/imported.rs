//! A report that an import brought: its holder has confirmed nothing before the form is sent.

use std::io::Cursor;

use cpe_portal::transfer::ImportChoices;
use cpe_portal::transfer::activities::import_activities;

use super::*;

const FILE: &str = "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n\
     owner@people.test,attending,Zero trust in practice,X,information_security,,2026-10-05,2.5,,submitted\n";

fn imported(portal: &TestPortal, people: &People) -> ActivityId {
    let choices = ImportChoices::default();
    let report = import_activities(portal, Cursor::new(FILE), None, &choices, &mut |_| {}).unwrap();
    assert_eq!((report.added, report.refused), (1, vec![]));
    portal.store.read(|conn| activities::of_holder(conn, people.owner.id)).unwrap().pop().unwrap().id
}

#[actix_web::test]
async fn nobody_has_confirmed_an_imported_report_until_its_holder_sends_the_form() {
    // of a report that an earlier version of the portal imported, no version was kept
    for kept_a_version in [true, false] {
        let portal = TestPortal::new();
        let people = portal.people();
        let id = imported(&portal, &people);
        if !kept_a_version {
            portal.damage("DELETE FROM activity_versions");
        }
        let (owner, reviewer) = (portal.browser(&people.owner).await, portal.browser(&people.reviewer).await);
        let nobody = "It was brought in by an import. Nobody has asked the holder";
        let case = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
        assert!(case.words().contains(nobody), "{}", case.words());
        let form = owner.get(&format!("/activities/{id}/edit")).await.expect(200);
        assert!(form.has("#not_regular_job:not([checked])"));

        let fields = with(&[("version", "1")]);
        let answer = owner.post_files(&format!("/activities/{id}"), &fields, &[]).await;
        assert_eq!(led_to(&answer), id);
        let case = reviewer.get(&format!("/staff/activities/{id}")).await.expect(200);
        assert!(case.words().contains("The holder confirms that it was not part of the regular job."));
        let form = owner.get(&format!("/activities/{id}/edit")).await.expect(200);
        assert!(form.has("#not_regular_job[checked]"));
    }
}

#[actix_web::test]
async fn what_an_import_brought_is_read_as_version_1_beside_what_its_holder_made_of_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let id = imported(&portal, &people);
    let owner = portal.browser(&people.owner).await;
    let page = owner.get(&format!("/activities/{id}/versions")).await.expect(200);
    assert_eq!(page.texts("h2"), ["Version 1"]);
    assert!(page.text(".card").contains(", by an import"), "{}", page.words());

    let fields = with(&[("version", "1")]);
    owner.post_files(&format!("/activities/{id}"), &fields, &[]).await.expect(303);
    let page = owner.get(&format!("/activities/{id}/versions")).await.expect(200);
    assert_eq!(page.texts("h2"), ["Version 2", "Version 1"]);
    assert_eq!(page.text(".card strong"), "Changed: Organiser, publisher or author.");
}
