use chrono::TimeDelta;

use super::*;

async fn fail(browser: &Browser, times: usize) {
    for _ in 0..times {
        sign_in(browser, "olga@people.test", "not the password").await;
    }
}

#[actix_web::test]
async fn after_three_failures_the_next_attempt_has_to_wait_and_is_not_even_looked_at() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    fail(&browser, 3).await;
    let page = sign_in(&browser, "olga@people.test", PASSWORD).await.expect(429);
    assert_eq!(page.header("retry-after").as_deref(), Some("1"));
    assert!(page.error("password").contains("Wait 1 second and try again"), "{}", page.error("password"));
    portal.clock.advance(TimeDelta::seconds(1));
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn the_wait_doubles_up_to_five_minutes_and_an_early_attempt_does_not_prolong_it() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    fail(&browser, 3).await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let page = sign_in(&browser, "olga@people.test", "not the password").await.expect(429);
        let wait: i64 = page.header("retry-after").unwrap().parse().unwrap();
        sign_in(&browser, "olga@people.test", "not the password").await.expect(429);
        waits.push(wait);
        portal.clock.advance(TimeDelta::seconds(wait));
        sign_in(&browser, "olga@people.test", "not the password").await.expect(422);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    let page = sign_in(&browser, "olga@people.test", PASSWORD).await.expect(429);
    assert!(page.error("password").contains("Wait 5 minutes"), "{}", page.error("password"));
}

#[actix_web::test]
async fn whoever_guesses_from_many_places_cannot_lock_the_owner_out() {
    let portal = TestPortal::new();
    olga(&portal);
    for place in 0..60 {
        let guesser = portal.visitor().await;
        guesser.move_to(&format!("203.0.113.{place}"));
        fail(&guesser, 4).await;
    }
    let owner = portal.visitor().await;
    owner.move_to("198.51.100.77");
    sign_in(&owner, "olga@people.test", "a slip of the finger").await.expect(422);
    let page = sign_in(&owner, "olga@people.test", PASSWORD).await.expect(429);
    let wait: i64 = page.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    // the guessing goes on while the owner waits
    let guesser = portal.visitor().await;
    guesser.move_to("203.0.113.200");
    fail(&guesser, 3).await;
    portal.clock.advance(TimeDelta::seconds(wait));
    sign_in(&owner, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn the_owner_gets_in_at_the_first_try_from_elsewhere_however_much_was_guessed() {
    let portal = TestPortal::new();
    olga(&portal);
    let guesser = portal.visitor().await;
    fail(&guesser, 50).await;
    let owner = portal.visitor().await;
    owner.move_to("198.51.100.77");
    sign_in(&owner, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn trying_one_password_on_many_accounts_from_one_place_is_slowed_down_too() {
    let portal = TestPortal::new();
    olga(&portal);
    let sprayer = portal.visitor().await;
    for number in 0..20 {
        sign_in(&sprayer, &format!("person{number}@people.test"), PASSWORD).await.expect(422);
    }
    let page = sign_in(&sprayer, "person20@people.test", PASSWORD).await.expect(429);
    assert_eq!(page.header("retry-after").as_deref(), Some("1"));
    let neighbour = portal.visitor().await;
    neighbour.move_to("198.51.100.2");
    sign_in(&neighbour, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn failures_fade_with_time_and_a_success_clears_them() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    fail(&browser, 3).await;
    portal.clock.advance(TimeDelta::minutes(15));
    fail(&browser, 2).await;
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(429);
    portal.clock.advance(TimeDelta::seconds(1));
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
    let other = portal.visitor().await;
    fail(&other, 2).await;
    sign_in(&other, "olga@people.test", PASSWORD).await.expect(303);
}

#[actix_web::test]
async fn an_address_that_the_visitor_makes_up_does_not_count_as_another_place() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    for number in 0..3 {
        browser.move_to(&format!("192.0.2.{number}, 198.51.100.1"));
        fail(&browser, 1).await;
    }
    browser.move_to("192.0.2.99, 198.51.100.1");
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(429);
}

#[actix_web::test]
async fn of_an_ipv6_address_only_the_network_counts() {
    let portal = TestPortal::new();
    olga(&portal);
    let browser = portal.visitor().await;
    for number in 1..4 {
        browser.move_to(&format!("2001:db8:1:2::{number}"));
        fail(&browser, 1).await;
    }
    browser.move_to("2001:db8:1:2:ffff::1");
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(429);
    browser.move_to("2001:db8:1:3::1");
    sign_in(&browser, "olga@people.test", PASSWORD).await.expect(303);
}
