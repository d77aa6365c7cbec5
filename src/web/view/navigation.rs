//! The way around: which parts of the portal a person sees, and the pages of each.

use crate::domain::plural::grouped;
use crate::domain::roles::Role;
use crate::store::accounts::sessions::{MOST_WAITING, Session};
use crate::web::http::route::table;
use crate::web::view::layout::NavItem;

const HOLDER: [(&str, &str); 4] = [
    ("/dashboard", "Dashboard"),
    ("/activities", "Activities"),
    ("/transcript", "Transcript"),
    ("/advice", "Advice"),
];
const STAFF: [(&str, &str); 9] = [
    ("/staff", "Overview"),
    ("/staff/review", "Review"),
    ("/staff/corrections", "Corrections"),
    ("/staff/holders", "Holders"),
    ("/staff/deadlines", "Deadlines"),
    ("/staff/flagged", "Flagged"),
    ("/staff/advice", "Advice"),
    ("/staff/mail", "Mail"),
    ("/staff/history", "History"),
];
const ADMINISTRATION: [(&str, &str); 7] = [
    ("/admin/accounts", "Accounts"),
    ("/admin/policies", "Policies"),
    ("/admin/certifications", "Certifications"),
    ("/admin/jobs", "Timetable"),
    ("/admin/import", "Import"),
    ("/admin/export", "Export"),
    ("/admin/setup", "Set-up"),
];

/// Where somebody begins after signing in.
#[must_use]
pub fn first_page(session: &Session) -> &'static str {
    match session.account.role {
        Role::Holder => "/dashboard",
        Role::Reviewer | Role::Administrator => "/staff",
    }
}

/// The parts of the portal that this person may use.
#[must_use]
pub fn sections(session: &Session) -> Vec<NavItem> {
    let role = session.account.role;
    let mut sections = Vec::new();
    if role == Role::Holder || session.has_certificates {
        sections.push(NavItem::new("/dashboard", "My certificates"));
    }
    if role.reviews() {
        sections.push(NavItem::new("/staff", "Staff"));
    }
    if role.administers() {
        sections.push(NavItem::new("/admin/accounts", "Administration"));
    }
    sections
}

/// The pages of the part that `path` is in.
#[must_use]
pub fn pages(session: &Session, path: &str) -> Vec<NavItem> {
    let inside = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
    let role = session.account.role;
    let mine = role == Role::Holder || session.has_certificates;
    if inside("/admin") && role.administers() {
        listed(&ADMINISTRATION)
    } else if role.reviews() && (inside("/staff") || !mine) {
        let mut places = listed(&STAFF);
        for place in places.iter_mut().filter(|place| place.href == "/staff/review") {
            place.total = waiting(session.waiting);
            place.yours = waiting(session.given);
        }
        places
    } else if mine {
        listed(&HOLDER)
    } else {
        Vec::new()
    }
}

/// A figure of the menu: nothing for none, and "99+" for what is not counted any further.
fn waiting(reports: i64) -> String {
    match reports {
        ..=0 => String::new(),
        MOST_WAITING.. => format!("{}+", grouped(MOST_WAITING - 1)),
        _ => grouped(reports),
    }
}

/// Only what there is: a page that is not in the table of routes is not offered.
fn listed(places: &[(&str, &str)]) -> Vec<NavItem> {
    places
        .iter()
        .filter(|(path, _)| table().iter().any(|route| route.method == "GET" && route.path == *path))
        .map(|&(path, label)| NavItem::new(path, label))
        .collect()
}

/// The part of the portal that a path belongs to, by the address that stands for it in [`sections`].
#[must_use]
pub fn section_of(session: &Session, path: &str) -> &'static str {
    let role = session.account.role;
    let mine = role == Role::Holder || session.has_certificates;
    if path.starts_with("/admin") {
        "/admin/accounts"
    } else if path.starts_with("/staff") || !mine {
        "/staff"
    } else {
        "/dashboard"
    }
}

/// The address by which [`Layout::mark_current`] finds the place of a page that no place's own address begins: a report
/// belongs to the review, a certificate to its holder.
///
/// [`Layout::mark_current`]: crate::web::view::layout::Layout::mark_current
#[must_use]
pub fn place_of(path: &str) -> String {
    const STAND_FOR: [(&str, &str); 8] = [
        ("/admin/check", "/admin/jobs/"),
        ("/admin/held-flags", "/admin/jobs/"),
        ("/staff/at-risk", "/staff/deadlines/"),
        ("/staff/prepared-words", "/staff/review/"),
        ("/staff/activities/", "/staff/review/"),
        ("/staff/certificates/", "/staff/holders/"),
        ("/staff/canned-answers", "/staff/advice"),
        ("/certificates/", "/dashboard/"),
    ];
    // what is decided about a flagged year belongs to these
    if path.starts_with("/staff/certificates/")
        && (path.ends_with("/decertification") || path.ends_with("/waiver"))
    {
        return "/staff/flagged/".to_owned();
    }
    for (folder, place) in STAND_FOR {
        if let Some(rest) = path.strip_prefix(folder) {
            return format!("{place}{rest}");
        }
    }
    path.to_owned()
}
