//! Whatever form of ours a session ends on: all that was typed, ticked and chosen stands in it again.

use cpe_portal::domain::roles::Role;
use cpe_portal::store::accounts;
use cpe_portal::store::accounts::saved_forms::{self, ParkedForm};
use scraper::Html;

use super::every_form::{Form, form, forms, select};
use crate::demo::filled;
use crate::support::{Browser, Page};

/// What somebody would send who has changed everything.
fn changed(form: &Form) -> Vec<(String, String)> {
    let mut sent = form.fields.clone();
    for (nth, text) in form.texts.iter().enumerate() {
        if let Some((_, value)) = sent.iter_mut().find(|(name, _)| name == text) {
            *value = format!("“{nth}” <b>& 'more'</b>\nof it");
        }
    }
    for (list, last) in &form.lists {
        sent.retain(|(name, _)| name != list);
        sent.push((list.clone(), last.clone()));
    }
    for ticked in &form.boxes {
        match sent.iter().position(|field| field == ticked) {
            Some(at) => drop(sent.remove(at)),
            None => sent.push(ticked.clone()),
        }
    }
    sent
}

/// What stands in the first form of the page that is sent to `path`, beside what `given` says.
fn standing(page: &Page, path: &str) -> Option<Vec<(String, String)>> {
    let document = Html::parse_document(&page.html());
    let posted = select("form[method=post]");
    let mut forms = document.select(&posted).map(|element| form(page, element));
    forms.find(|form| form.action.split('?').next() == Some(path)).map(|form| form.fields)
}

fn sorted(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    // a text field of one line holds no line break, and a button is pressed anew
    fields.retain(|(name, _)| !matches!(name.as_str(), "parked" | "intent" | "only"));
    for (_, value) in &mut fields {
        *value = value.replace('\n', " ");
    }
    fields.sort();
    fields
}

#[actix_web::test]
async fn every_form_comes_back_as_it_was_sent() {
    let (data, sign_ins) = filled("2026-11-23", 60);
    let first = Browser::new(&data.portal).await;
    let mut tried = 0;
    for sign_in in &sign_ins {
        let browser = first.beside();
        let starts: &[&str] = match sign_in.role {
            Role::Holder => &["/dashboard", "/activities/new", "/account"],
            Role::Reviewer => &["/staff", "/staff/review"],
            Role::Administrator => &["/staff", "/admin/jobs", "/admin/setup"],
        };
        let fields = [("email", sign_in.email.as_str()), ("password", sign_in.password.as_str())];
        browser.post("/sign-in", &fields).await.expect(303);
        let email = sign_in.email.as_str();
        let owner = data.portal.store.read(|conn| accounts::find_by_email(conn, email)).unwrap().unwrap().id;
        for (name, form) in forms(&browser, starts).await {
            let sent = changed(&form);
            // passwords are never kept, and a form in which nothing can be said has nothing to bring back
            if sent.iter().any(|(name, _)| name.contains("password"))
                || form.texts.is_empty() && form.lists.is_empty() && form.boxes.is_empty()
            {
                continue;
            }
            let path = form.action.split('?').next().unwrap().to_owned();
            let saved = ParkedForm { page: form.page.clone(), path: path.clone(), fields: sent.clone() };
            let now = data.portal.clock.now();
            let id = data.portal.store.write(|conn| saved_forms::add(conn, owner, &saved, now)).unwrap();
            let sign = if form.page.contains('?') { '&' } else { '?' };
            let page = browser.get(&format!("{}{sign}parked={id}", form.page)).await.expect(200);
            assert!(page.words().contains("Nothing has been sent yet"), "{name}: {}", page.words());
            let standing = standing(&page, &path).unwrap_or_default();
            assert_eq!(sorted(standing), sorted(sent), "{name} on {}", form.page);
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried} forms");
}
