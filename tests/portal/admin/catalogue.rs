use crate::support::TestPortal;
use crate::timetable::body::texts;

#[actix_web::test]
async fn a_field_with_neighbours_and_a_certification_are_added_and_retitled() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/admin/certifications").await.expect(200);
    assert!(page.words().contains("CEHL") && page.words().contains("Certified Ethical Hacking Leader"));

    let answer = administrator
        .post("/admin/fields", &[("code", "Cloud Security"), ("title", "Cloud security")])
        .await
        .expect(303);
    assert_eq!(answer.location().as_deref(), Some("/admin/fields/8"));
    let fields = [("title", "Cloud security"), ("neighbours", "2"), ("neighbours", "7")];
    administrator.post("/admin/fields/8", &fields).await.expect(303);
    let page = administrator.get("/admin/certifications").await.expect(200);
    assert!(
        page.words().contains("cloud_security")
            && page.words().contains("Neighbours: IT security, Secure software.")
    );
    let page = administrator.get("/admin/fields/2").await.expect(200);
    assert!(page.has("input[name=neighbours][value='8'][checked]"), "both ways");

    let fields = [
        ("code", "csp"),
        ("title", "Cloud Security Practitioner"),
        ("field", "8"),
        ("level", "practitioner"),
    ];
    administrator.post("/admin/certifications", &fields).await.expect(303);
    administrator.get("/admin/certifications/29").await.expect(200);
    administrator.post("/admin/certifications/29", &[("title", "Cloud Practitioner")]).await.expect(303);
    assert_eq!(
        texts(&portal, "SELECT code || ' ' || title AS text FROM certifications WHERE id = 29"),
        ["CSP Cloud Practitioner"]
    );
    let events = texts(&portal, "SELECT event AS text FROM history WHERE actor_id IS NOT NULL");
    assert_eq!(events, ["field added", "field changed", "certification added", "certification changed"]);
}

#[actix_web::test]
async fn nonsense_in_the_catalogue_is_told_beside_its_field() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.post("/admin/certifications", &[]).await.expect(422);
    for field in ["code", "title", "field", "level"] {
        assert!(!page.error(field).is_empty(), "{field}");
    }
    let fields = [("code", "isp"), ("title", "Again"), ("field", "1"), ("level", "expert")];
    let page = administrator.post("/admin/certifications", &fields).await.expect(422);
    assert!(page.error("code").contains("already in use"));
    let page =
        administrator.post("/admin/fields", &[("code", "it_security"), ("title", "Again")]).await.expect(422);
    assert!(page.error("code").contains("already in use"));
    let page = administrator.post("/admin/fields", &[("code", "Ünïcode!"), ("title", " ")]).await.expect(422);
    assert!(!page.error("code").is_empty() && !page.error("title").is_empty());
    let page = administrator.post("/admin/fields/1", &[("title", "")]).await.expect(422);
    assert!(!page.error("title").is_empty());
    administrator.get("/admin/fields/99").await.expect(404);
    administrator.post("/admin/fields/99", &[("title", "T")]).await.expect(404);
    administrator.get("/admin/certifications/99").await.expect(404);
}
