use crate::support::TestPortal;
use crate::timetable::body::texts;

const HOLDERS: &[u8] = b"\xEF\xBB\xBFemail,name,certification,certificate_number,granted_on\r\n\
    zoe@people.test,Zo\xC3\xAB,ISP,ISP-9,2024-02-29\r\n\
    bad,Nobody,XXX,N-1,someday\r\n";

#[actix_web::test]
async fn an_import_is_rehearsed_then_done_with_every_refused_row_named() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    administrator.get("/admin/import").await.expect(200);
    let count = || texts(&portal, "SELECT number AS text FROM certificates").len();
    let before = count();
    let file: [(&str, &str, &[u8]); 1] = [("file", "holders.csv", HOLDERS)];
    let page = administrator
        .post_files("/admin/import", &[("kind", "holders"), ("rehearse", "1")], &file)
        .await
        .expect(200);
    assert!(page.words().contains("Nothing has been changed yet"));
    assert_eq!(page.texts("dl.figures b"), ["1", "0", "0", "1"]);
    assert!(page.texts("tbody tr")[0].starts_with("3“bad”"), "{:?}", page.texts("tbody tr"));
    assert_eq!(count(), before);
    let page = administrator.post_files("/admin/import", &[("kind", "holders")], &file).await.expect(200);
    assert!(page.words().contains("The other rows are in."));
    assert_eq!(count(), before + 1);
    assert!(texts(&portal, "SELECT kind AS text FROM mails").is_empty(), "imports send no mail");

    let page = administrator.post_files("/admin/import", &[("kind", "x")], &[]).await.expect(422);
    assert!(!page.error("kind").is_empty() && !page.error("file").is_empty());
    let broken: [(&str, &str, &[u8]); 1] = [("file", "x.csv", b"email\xFF\xFE")];
    let page = administrator.post_files("/admin/import", &[("kind", "holders")], &broken).await.expect(422);
    assert!(page.error("file").contains("Nothing was changed."));
}

#[actix_web::test]
async fn what_an_import_brings_is_not_told_as_its_holders_word() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let file: [(&str, &str, &[u8]); 1] = [("file", "holders.csv", HOLDERS)];
    administrator.post_files("/admin/import", &[("kind", "holders")], &file).await.expect(200);
    let rows = b"email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n\
        zoe@people.test,attending,Autumn academy,Academy,information_security,2026-10-01,2026-10-01,2,,submitted\n";
    let file: [(&str, &str, &[u8]); 1] = [("file", "activities.csv", rows)];
    let page = administrator.post_files("/admin/import", &[("kind", "activities")], &file).await.expect(200);
    assert_eq!(page.texts("dl.figures b"), ["1", "0", "0", "0"], "{}", page.words());
    let id = texts(&portal, "SELECT CAST(id AS TEXT) AS text FROM activities WHERE title = 'Autumn academy'");
    let page = administrator.get(&format!("/staff/activities/{}", id[0])).await.expect(200);
    assert!(!page.words().contains("The holder confirms"), "{}", page.words());
    assert!(page.words().contains("Nobody has asked the holder whether it was part of the regular job"));
}

#[actix_web::test]
async fn an_export_is_a_download_that_can_be_imported_again_and_the_history_notes_it() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    administrator.get("/admin/export").await.expect(200);
    let page = administrator.get("/admin/export/holders.csv").await.expect(200);
    assert!(
        page.header("content-disposition")
            .unwrap()
            .contains("attachment; filename=\"2026-11-23-holders.csv\"")
    );
    let text = page.html();
    assert!(
        text.contains("email,name,certification,certificate_number,granted_on") && text.contains("ISP-1001"),
        "{text}"
    );
    let file: [(&str, &str, &[u8]); 1] = [("file", "holders.csv", &page.bytes)];
    let page = administrator.post_files("/admin/import", &[("kind", "holders")], &file).await.expect(200);
    assert_eq!(page.texts("dl.figures b"), ["0", "0", "2", "0"]);
    let sheet = administrator.get("/admin/export/history.xlsx").await.expect(200);
    assert!(sheet.bytes.starts_with(b"PK"));
    for unknown in ["holders", "holders.pdf", "secrets.csv", "..%2F..%2Fetc.csv"] {
        administrator.get(&format!("/admin/export/{unknown}")).await.expect(404);
    }
    let noted = texts(&portal, "SELECT detail AS text FROM history WHERE event = 'data exported'");
    assert_eq!(noted, ["holders.csv", "history.xlsx"]);
    let left = std::fs::read_dir(portal.config.data.clone())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("export-"));
    assert_eq!(left.count(), 0, "no copy stays behind");
}
