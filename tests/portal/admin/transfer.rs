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
    assert!(page.texts("tbody tr")[0].starts_with("3Nobody“bad” is not"), "{:?}", page.texts("tbody tr"));
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
async fn an_export_is_a_download_and_the_history_notes_it() {
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
        text.contains("\"email\",\"name\",\"certification\",\"certificate_number\",\"granted_on\",")
            && text.contains("\"ISP-1001\""),
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

#[actix_web::test]
async fn the_page_shows_how_days_are_read_and_gives_the_file_back_with_its_problems() {
    let portal = TestPortal::new();
    let people = portal.people();
    let administrator = portal.browser(&people.administrator).await;
    let page = administrator.get("/admin/import/problems.csv").await.expect(303);
    assert_eq!(page.location().as_deref(), Some("/admin/import"), "nothing is kept yet");
    let text = b"email,name,certification,certificate_number,granted_on\n\
        new@people.test,New,ISP,N-1,3/4/2026\n,,,,\nbad,,XXX,N-2,2026-01-01\n";
    let file: [(&str, &str, &[u8]); 1] = [("file", "holders.csv", text)];
    let rehearsal =
        [("kind", "holders"), ("rehearse", "1"), ("accept_similar", "1"), ("move_addresses", "1")];
    let page = administrator.post_files("/admin/import", &rehearsal, &file).await.expect(200);
    let words = page.words();
    for said in [
        "How days are read",
        "3/4/2026 in line 2 can be 3 April 2026 or 4 March 2026",
        "The name is missing. There is no certification with the code “XXX”.",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    for ticked in ["#accept_similar", "#move_addresses", "#rehearse"] {
        assert_eq!(page.values(&format!("{ticked}[checked]"), "value"), ["1"], "{ticked} stays as it was");
    }
    assert_eq!(page.texts("dl.figures b"), ["0", "0", "0", "2"]);
    let problems = administrator.get("/admin/import/problems.csv").await.expect(200);
    assert!(problems.header("content-disposition").unwrap().contains("attachment"));
    let text = problems.html();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("\"bad\",\"\",\"XXX\",\"N-2\",\"2026-01-01\",\"“bad” is not an email"), "{text}");
    let chosen = [("kind", "holders"), ("dates", "month-first")];
    let page = administrator.post_files("/admin/import", &chosen, &file).await.expect(200);
    assert!(page.words().contains("read with the month first, as chosen"), "{}", page.words());
    assert_eq!(page.texts("dl.figures b"), ["1", "0", "0", "1"]);
    let granted = texts(&portal, "SELECT granted_on || '' AS text FROM certificates WHERE number = 'N-1'");
    assert_eq!(granted, ["2026-03-04"]);
    let problems = administrator.get("/admin/import/problems.csv").await.expect(200);
    assert_eq!(problems.html().lines().count(), 2, "the others are in");
    let wrong = [("kind", "holders"), ("dates", "someday")];
    let page = administrator.post_files("/admin/import", &wrong, &file).await.expect(422);
    assert!(!page.error("dates").is_empty());
    // it is somebody's own
    let reviewer = portal.browser(&people.reviewer).await;
    reviewer.get("/admin/import/problems.csv").await.expect(404);
}
