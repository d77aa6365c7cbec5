use super::*;

#[actix_web::test]
async fn a_changed_password_ends_every_other_session_and_is_told_by_mail() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let (here, there) = (portal.browser(&olga).await, portal.browser(&olga).await);
    let change = |current: &'static str, password: &'static str, again: &'static str| {
        [("current_password", current), ("password", password), ("password_again", again)]
    };
    let page =
        here.post("/account/password", &change("wrong", OTHER_PASSWORD, OTHER_PASSWORD)).await.expect(422);
    assert!(page.error("current_password").contains("not your current password"));
    let page = here.post("/account/password", &change(PASSWORD, "short", "short")).await.expect(422);
    assert!(page.error("password").contains("at least 12"));
    there.get("/account").await.expect(200);

    let page =
        here.post("/account/password", &change(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD)).await.expect(303);
    let page = here.follow(page).await.expect(200);
    assert!(page.text("[role=status]").contains("signed out everywhere else"));
    let page = there.get("/account").await.expect(303);
    there.follow(page).await.expect(200);
    assert_eq!(portal.mails_to(&olga)[0].0, "account-changed");
    sign_in(&there, "olga@people.test", OTHER_PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn a_person_sees_the_own_sessions_and_ends_one_elsewhere_and_nobody_elses() {
    let portal = TestPortal::new();
    let olga = olga(&portal);
    let stan = portal.holder("stan@people.test", "Stan Stranger");
    let (here, there) = (portal.browser(&olga).await, portal.browser(&olga).await);
    let stranger = portal.browser(&stan).await;
    let page = here.get("/account").await.expect(200);
    assert_eq!(page.texts("tbody tr").len(), 2);
    let removals = page.values("form[action^='/account/sessions/']", "action");
    let removals: Vec<_> = removals.into_iter().filter(|path| path != "/account/sessions/removal").collect();
    assert_eq!(removals.len(), 1, "not the one in use");
    assert!(page.text("tbody").contains("23 November 2026, 10:00"));

    stranger.post(&removals[0], &[]).await.expect(404);
    there.get("/account").await.expect(200);
    here.post(&removals[0], &[]).await.expect(303);
    there.get("/account").await.expect(303);
    here.get("/account").await.expect(200);
    here.post("/account/sessions/nonsense/removal", &[]).await.expect(404);
}
