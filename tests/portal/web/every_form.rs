//! Nonsense in every field of every form that pages lead to: the forms are found by walking, so none is forgotten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cpe_portal::domain::roles::Role;
use cpe_portal::web::routes;
use scraper::{ElementRef, Html, Selector};

use crate::demo::filled;
use crate::proofs::trials;
use crate::support::nonsense::{NONSENSE, huge, judge};
use crate::support::{Browser, Page};

/// Forms that only have buttons and ticks, files, or things to choose from.
const WITHOUT_TEXT: &[&str] = &[
    "/account/address",
    "/account/calendar",
    "/account/calendar/removal",
    "/account/lists",
    "/account/sessions/removal",
    "/account/sessions/{id}/removal",
    "/activities/{id}/submission",
    "/activities/{id}/withdrawal",
    "/admin/accounts/{id}/invitation",
    "/admin/accounts/{id}/reactivation",
    "/admin/accounts/{id}/role",
    "/admin/check",
    "/admin/held-flags/confirmation",
    "/admin/import",
    "/staff/mail/live",
    "/admin/jobs/{name}",
    "/admin/policies/{id}/removal",
    "/admin/setup/dismissal",
    "/admin/setup/mail",
    "/advice/{id}/closing",
    "/certificates/{id}/sharing",
    "/evidence/{id}/removal",
    "/sign-out",
    "/staff/activities/{id}/assignment/removal",
    "/staff/activities/{id}/claim",
    "/staff/activities/{id}/release",
    "/staff/activities/{id}/return/removal",
    "/staff/advice/{id}/answer/removal",
    "/staff/advice/{id}/closing",
    "/staff/advice/{id}/owner",
    "/staff/advice/{id}/reopening",
    "/staff/canned-answers/{id}/removal",
    "/staff/holders/invitations",
    "/staff/holders/{id}/invitation",
    "/staff/notes/{id}/removal",
    "/staff/mail/hold",
    "/staff/mail/{id}/arrival",
    "/staff/mail/{id}/dispatch",
    "/staff/mail/{id}/return/removal",
    "/staff/review",
    "/verify",
];
/// Forms that have their own tests of nonsense, because no page of the demonstration leads to them: they come by mail, are sent by scripts, or
/// stand on few pages only.
const ELSEWHERE: &[&str] = &[
    "/activities/drafts",
    "/activities/drafts/evidence",
    "/activities/preview",
    "/admin/accounts/{id}/deactivation",
    "/evidence",
    "/invitation/{token}",
    "/password-reset/{token}",
    "/staff/activities/{id}/review/removal",
    "/staff/activities/{id}/same-event",
    "/staff/certificates/{id}/correction",
    "/staff/certificates/{id}/decertification",
    "/staff/certificates/{id}/ending",
    "/staff/certificates/{id}/waiver",
    "/staff/holders/{id}/acquaintance/removal",
    "/staff/mail/{id}/return",
    "/staff/review/verdicts/{range}/removal",
];

/// A form as it stands on a page.
pub(super) struct Form {
    /// The page on which it stands.
    pub(super) page: String,
    pub(super) action: String,
    with_files: bool,
    /// What a browser would send, with the first button that has a name.
    pub(super) fields: Vec<(String, String)>,
    /// The fields into which people write.
    pub(super) texts: Vec<String>,
    /// The others that a robot may fill.
    others: Vec<String>,
    /// Boxes with their values, ticked or not.
    pub(super) boxes: Vec<(String, String)>,
    /// Lists and circles, with the last of what can be chosen.
    pub(super) lists: Vec<(String, String)>,
}

pub(super) fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

fn attribute(element: ElementRef<'_>, name: &str) -> String {
    element.value().attr(name).unwrap_or_default().to_owned()
}

pub(super) fn form(page: &Page, element: ElementRef<'_>) -> Form {
    let action = match attribute(element, "action") {
        none if none.is_empty() => page.path.clone(),
        action => action,
    };
    let mut form = Form {
        with_files: attribute(element, "enctype") == "multipart/form-data",
        action,
        page: page.path.clone(),
        fields: Vec::new(),
        texts: Vec::new(),
        others: Vec::new(),
        boxes: Vec::new(),
        lists: Vec::new(),
    };
    for control in element.select(&select("input[name], textarea[name], select[name]")) {
        let name = attribute(control, "name");
        let kind = attribute(control, "type");
        if name == "csrf_token" || matches!(kind.as_str(), "file" | "submit") {
            continue;
        }
        match (control.value().name(), kind.as_str()) {
            ("textarea", _) => {
                form.fields.push((name.clone(), control.text().collect()));
                form.texts.push(name);
            }
            ("select", _) => {
                let chosen = control
                    .select(&select("option[selected]"))
                    .chain(control.select(&select("option")))
                    .next()
                    .map(|option| attribute(option, "value"));
                form.fields.push((name.clone(), chosen.unwrap_or_default()));
                if let Some(last) = control.select(&select("option")).last() {
                    form.lists.push((name.clone(), attribute(last, "value")));
                }
                form.others.push(name);
            }
            (_, "checkbox" | "radio") => {
                match kind.as_str() {
                    "checkbox" => form.boxes.push((name.clone(), attribute(control, "value"))),
                    _ => form.lists.push((name.clone(), attribute(control, "value"))),
                }
                if control.value().attr("checked").is_some() {
                    form.fields.push((name.clone(), attribute(control, "value")));
                }
                form.others.push(name);
            }
            (_, "hidden") => {
                form.fields.push((name.clone(), attribute(control, "value")));
                form.others.push(name);
            }
            _ => {
                form.fields.push((name.clone(), attribute(control, "value")));
                form.texts.push(name);
            }
        }
    }
    if let Some(button) = element.select(&select("button[name]")).next() {
        form.fields.push((attribute(button, "name"), attribute(button, "value")));
    }
    form.others.dedup();
    form
}

/// An address without its numbers.
fn kind(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let numbered = |part: &str| part.len() > 20 || part.bytes().any(|byte| byte.is_ascii_digit());
    path.split('/').map(|part| if numbered(part) { "…" } else { part }).collect::<Vec<_>>().join("/")
}

/// Walks from `starts` and gives one form of each kind.
pub(super) async fn forms(browser: &Browser, starts: &[&str]) -> BTreeMap<String, Form> {
    let mut queue: VecDeque<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeMap::new();
    while let Some(path) = queue.pop_front() {
        let times = seen.entry(kind(&path)).or_default();
        *times += 1;
        // several of a kind, because what can be done differs
        if *times > 6
            || ["/static", "/evidence", "/admin/export/", "/admin/import/problems"]
                .iter()
                .any(|skip| path.starts_with(skip))
        {
            continue;
        }
        let page = browser.get(&path).await;
        if page.status != 200 || !page.is_html() {
            continue;
        }
        let document = Html::parse_document(&page.html());
        for element in document.select(&select("form[method=post]")) {
            let form = form(&page, element);
            let of = format!("{} {}", kind(&form.action), form.texts.join(" "));
            found.entry(of).or_insert(form);
        }
        let a = select("a[href^='/']");
        let links = document.select(&a).map(|link| attribute(link, "href"));
        queue.extend(links.map(|href| href.split('#').next().unwrap_or_default().to_owned()));
    }
    found
}

async fn tried(browser: &Browser, form: &Form, field: &str, input: &str) -> Page {
    let mut fields: Vec<(&str, &str)> =
        form.fields.iter().filter(|(name, _)| name != field).map(|(n, v)| (n.as_str(), v.as_str())).collect();
    fields.push((field, input));
    match form.with_files {
        true => browser.post_files(&form.action, &fields, &[]).await,
        false => browser.post(&form.action, &fields).await,
    }
}

/// What no form could keep is no file that is too large: its field says so, and has the beginning of it.
fn far_too_long(page: &Page, field: &str) {
    let about = format!("{} with half a megabyte in {field}", page.path);
    assert_ne!(page.status.as_u16(), 413, "{about}: {}", page.words());
    let area = format!("textarea[name='{field}']");
    if page.status.as_u16() == 422 && page.has(&area) {
        assert!(page.error(field).contains("Use at most "), "{about}: {}", page.error(field));
        let kept: usize = page.raw_texts(&area).iter().map(|text| text.chars().count()).sum();
        assert!((20_000..=20_001).contains(&kept), "{about}: {kept} characters are kept");
    }
}

#[actix_web::test]
async fn no_form_answers_nonsense_with_anything_but_a_message_beside_the_field() {
    let (data, sign_ins) = filled("2026-11-23", 60);
    let first = Browser::new(&data.portal).await;
    let (long, vast) = (huge(), "long ".repeat(100_000));
    let mut swept = BTreeSet::new();
    let mut with_text = BTreeSet::new();
    let mut refused = 0;
    for sign_in in sign_ins.iter().map(Some).chain([None]) {
        let browser = first.beside();
        let starts: &[&str] = match sign_in.map(|sign_in| sign_in.role) {
            None => &["/", "/sign-in", "/password-reset", "/verify"],
            Some(Role::Holder) => &["/dashboard", "/activities/new", "/account"],
            Some(Role::Reviewer) => &["/staff", "/dashboard"],
            Some(Role::Administrator) => &[
                "/staff",
                "/staff/review?show=returned",
                "/staff/corrections",
                "/admin/jobs",
                "/admin/setup",
                "/account",
            ],
        };
        if let Some(sign_in) = sign_in {
            let fields = [("email", sign_in.email.as_str()), ("password", sign_in.password.as_str())];
            browser.post("/sign-in", &fields).await.expect(303);
        }
        for (name, form) in forms(&browser, starts).await {
            // each kind of form once, by whoever is led to it first
            if !swept.insert(name.clone()) {
                continue;
            }
            if !form.texts.is_empty() {
                with_text.insert(kind(&form.action));
            }
            // some of them in each field, others in the next one; all of them in the long form
            let step = trials(5, 1);
            let inputs = |nth: usize, step: usize| {
                NONSENSE.iter().copied().chain(long.iter().map(String::as_str)).skip(nth % step).step_by(step)
            };
            for (nth, field) in form.texts.iter().enumerate() {
                // what changes the person's own password ends the sweep for them; it has its own test
                if form.action == "/account/password" || form.action == "/sign-in" {
                    continue;
                }
                far_too_long(&tried(&browser, &form, field, &vast).await, field);
                for input in inputs(nth, step) {
                    let page = tried(&browser, &form, field, input).await;
                    match page.status.as_u16() {
                        // done already, by an input that made sense
                        403 | 404 | 409 | 413 | 429 => {}
                        422 => {
                            refused += 1;
                            judge(&page, field, input);
                        }
                        _ => judge(&page, field, input),
                    }
                }
            }
            if !form.texts.is_empty() {
                for (nth, field) in form.others.iter().enumerate() {
                    for input in inputs(nth, 3 * step) {
                        let page = tried(&browser, &form, field, input).await;
                        assert!(
                            page.status.as_u16() < 500,
                            "{name} with {field} = {input:.40}: {}",
                            page.status
                        );
                    }
                }
            }
        }
    }
    assert!(refused > 200, "{refused} refusals");
    let posts: BTreeSet<&str> =
        routes().iter().filter(|route| route.method == "POST").map(|route| route.path).collect();
    let as_kind = |path: &str| {
        path.split('/')
            .map(|part| if part.starts_with('{') { "…" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    };
    let named: BTreeSet<&str> = WITHOUT_TEXT.iter().chain(ELSEWHERE).copied().collect();
    let forgotten: Vec<&&str> =
        posts.iter().filter(|path| !with_text.contains(&as_kind(path)) && !named.contains(**path)).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    let gone: Vec<&&str> = named.iter().filter(|path| !posts.contains(**path)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}
