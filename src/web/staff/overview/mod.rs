//! The first page of staff: what needs attention, and pictures of what lies ahead and behind.

pub mod at_risk;
pub mod board;
mod board_filter;
pub mod board_lists;
pub mod charts;
pub mod history;
pub mod search;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use self::charts::{ChartsShown, shown};
use super::certificates::figures::counted;
use super::certificates::year_list::{Passed, passed};
use crate::actions::ActionError;
use crate::actions::overview::charts::{Charts, charts};
use crate::clock::Clock;
use crate::domain::dates::days_between;
use crate::domain::ids::AccountId;
use crate::domain::plural::grouped;
use crate::portal::Portal;
use crate::store::activities::{assignments, corrections, review_queue};
use crate::store::certification::{certificates, held_flags, policies};
use crate::store::conversations::inbox::{self, Inbox};
use crate::store::engine::paging::Place;
use crate::store::mail::{bounces, holder_holds, mail_log};
use crate::store::operations::setup;
use crate::store::{Conn, StoreError};
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Reports are counted up to here; beyond it the exact number helps nobody.
const MOST: i64 = 1000;
/// The same for conversations and corrections.
const MOST_ASKED: i64 = 50;

#[derive(Template)]
#[template(path = "staff/overview.html")]
struct OverviewPage {
    page: Layout,
    items: Vec<Item>,
    /// Things that are as they should be.
    quiet: Vec<&'static str>,
    charts: ChartsShown,
}

/// One thing that needs attention.
struct Item {
    kind: &'static str,
    figure: String,
    what: &'static str,
    more: String,
    href: &'static str,
    link: &'static str,
}

/// GET /staff
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let (me, administers) = (staff.account.id, staff.administers());
    let read = blocking(&portal, move |portal| OverviewPageData::load(portal, me, administers));
    let data = read.await?;
    let found = Attention::of(&data, administers, &portal.clock);
    let page = OverviewPage {
        page: staff.layout("Overview"),
        items: found.items,
        quiet: found.quiet,
        charts: shown(&data.charts),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs. The charts are kept from one day to the next; everything else is read together.
struct OverviewPageData {
    charts: Charts,
    /// Years whose deadline has passed.
    passed: Passed,
    /// Since when the oldest report waits (UTC).
    oldest: Option<NaiveDateTime>,
    /// Reports that were given to the reader.
    given: i64,
    /// Reports that are with their holders.
    returned: i64,
    held_flags: i64,
    /// Mails that failed, and those that are uncertain.
    stuck: (i64, i64),
    bounced: i64,
    /// Mails to holders that are held because the portal is not live.
    unsent: i64,
    /// Conversations that wait for us.
    talks: i64,
    corrections: i64,
    /// Certificates in force on closed accounts.
    on_closed: i64,
    /// Whether the reader sets up the portal.
    setting_up: bool,
}

impl OverviewPageData {
    fn load(portal: &Portal, me: AccountId, administers: bool) -> Result<Self, ActionError> {
        let charts = charts(portal)?;
        portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            Ok(Self {
                charts,
                passed: passed(conn, &policies, portal.clock.today())?,
                oldest: review_queue::oldest(conn)?,
                given: assignments::count(conn, me)?,
                returned: review_queue::returned_up_to(conn, MOST)?,
                held_flags: held_flags::waiting(conn)?,
                stuck: mail_log::stuck(conn)?,
                bounced: bounces::open_up_to(conn, MOST)?,
                unsent: unsent(conn)?,
                talks: waiting_talks(conn)?,
                corrections: waiting_corrections(conn)?,
                on_closed: certificates::of_closed_up_to(conn, MOST)?,
                setting_up: administers && setup::beginnings(conn, me)?.unfinished(),
            })
        })
    }
}

/// What needs attention, the most pressing first, and what is as it should be.
#[derive(Default)]
struct Attention {
    items: Vec<Item>,
    quiet: Vec<&'static str>,
}

impl Attention {
    fn of(data: &OverviewPageData, administers: bool, clock: &Clock) -> Attention {
        let mut found = Attention::default();
        if data.setting_up {
            found.items.push(Item {
                kind: "action",
                figure: String::new(),
                what: "First steps of this portal",
                more: "Mail, a colleague, the rules, your holders: each step says whether it is done."
                    .to_owned(),
                href: "/admin/setup",
                link: "Set up the portal",
            });
        }
        found.given_reports(data.given);
        // the same reports as in the chart below, all of them
        found.waiting_reports(data.charts.ages.iter().sum(), data.oldest, clock);
        found.flagged_years(&data.passed, administers);
        found.passed_years(&data.passed);
        found.asked(data.talks, data.corrections);
        found.held_flags(data.held_flags, administers);
        found.held_mails(data.unsent);
        found.stuck_mails(data.stuck, data.bounced);
        found.bounced_mails(data.bounced);
        found.closed_accounts(data.on_closed);
        found.returned_reports(data.returned);
        found
    }

    /// What colleagues have given to the reader.
    fn given_reports(&mut self, given: i64) {
        if given > 0 {
            self.items.push(Item {
                kind: "action",
                figure: grouped(given),
                what: if given == 1 { "report was given to you" } else { "reports were given to you" },
                more: "A colleague asks you to decide, or you have taken it.".to_owned(),
                href: "/staff/review?with=me",
                link: "Review them",
            });
        }
    }

    fn waiting_reports(&mut self, waiting: i64, oldest: Option<NaiveDateTime>, clock: &Clock) {
        if waiting == 0 {
            self.quiet.push("No reports are waiting for review.");
            return;
        }
        let waits = oldest.map_or(0, |at| days_between(clock.day_of(at), clock.today()));
        self.items.push(Item {
            kind: "wait",
            figure: grouped(waiting),
            what: if waiting == 1 {
                "report is waiting for review"
            } else {
                "reports are waiting for review"
            },
            more: match waits {
                ..=0 => "The oldest came today.".to_owned(),
                days => format!("The oldest has waited for {}.", counted(days, "day", "days")),
            },
            href: "/staff/review",
            link: "Review",
        });
    }

    fn held_flags(&mut self, held: i64, administers: bool) {
        if held > 0 {
            self.items.push(Item {
                kind: "action",
                figure: grouped(held),
                what: if held == 1 { "flag is held back" } else { "flags are held back" },
                more: "Unusually many for one run; an administrator has to confirm them.".to_owned(),
                href: if administers { "/admin/held-flags" } else { "/staff/flagged" },
                link: "Look at them",
            });
        }
    }

    fn bounced_mails(&mut self, bounced: i64) {
        if bounced > 0 {
            self.items.push(Item {
                kind: "action",
                figure: up_to(bounced),
                what: if bounced == 1 { "email came back" } else { "emails came back" },
                more: "Find the right address, send it again, or say that nothing is to be done.".to_owned(),
                href: "/staff/mail?which=returned",
                link: "Look after them",
            });
        }
    }

    fn closed_accounts(&mut self, closed: i64) {
        if closed > 0 {
            self.items.push(Item {
                kind: "info",
                figure: up_to(closed),
                what: if closed == 1 {
                    "certificate is in force on a closed account"
                } else {
                    "certificates are in force on closed accounts"
                },
                more: "Nobody is reminded of them or flagged.".to_owned(),
                href: "/staff/holders?state=closed",
                link: "Look at them",
            });
        }
    }

    fn returned_reports(&mut self, returned: i64) {
        if returned > 0 {
            self.items.push(Item {
                kind: "info",
                figure: up_to(returned),
                what: if returned == 1 {
                    "report is with its holder"
                } else {
                    "reports are with their holders"
                },
                more: "Returned with a question; nothing to do until they answer.".to_owned(),
                href: "/staff/review?show=returned",
                link: "Look at them",
            });
        }
    }

    fn flagged_years(&mut self, passed: &Passed, administers: bool) {
        let more = if passed.more { " or more" } else { "" };
        let now = passed.flagged_now;
        if now > 0 {
            self.items.push(Item {
                kind: "bad",
                figure: format!("{now}{more}"),
                what: if now == 1 { "flagged year to decide now" } else { "flagged years to decide now" },
                more: match (passed.flagged_later, passed.flagged_covered) {
                    (0, 0) => "The notice period is over.".to_owned(),
                    (0, some) => {
                        format!("{} on waiting reports.", counted(some, "other depends", "others depend"))
                    }
                    (later, 0) => {
                        format!("{} still in the notice period.", counted(later, "other is", "others are"))
                    }
                    (later, some) => format!(
                        "{} still in the notice period, {} on waiting reports.",
                        counted(later, "other is", "others are"),
                        counted(some, "depends", "depend")
                    ),
                },
                href: "/staff/flagged",
                link: if administers { "Decide" } else { "Look at them" },
            });
        } else if passed.flagged_later > 0 {
            self.items.push(Item {
                kind: "info",
                figure: format!("{}{more}", passed.flagged_later),
                what: if passed.flagged_later == 1 { "flagged year" } else { "flagged years" },
                more: match passed.flagged_covered {
                    0 => "In the notice period: the holders can still answer.".to_owned(),
                    some => format!(
                        "In the notice period: the holders can still answer. {} on waiting reports.",
                        counted(some, "other depends", "others depend")
                    ),
                },
                href: "/staff/flagged",
                link: "Look at them",
            });
        } else if passed.flagged_covered > 0 {
            self.items.push(Item {
                kind: "wait",
                figure: format!("{}{more}", passed.flagged_covered),
                what: if passed.flagged_covered == 1 { "flagged year" } else { "flagged years" },
                more: "Reports waiting for review could still meet the minimum: review them first."
                    .to_owned(),
                href: "/staff/flagged",
                link: "Look at them",
            });
        } else {
            self.quiet.push("No year is waiting for a decision.");
        }
    }

    fn passed_years(&mut self, passed: &Passed) {
        let more = if passed.more { " or more" } else { "" };
        if passed.short > 0 {
            self.items.push(Item {
                kind: "action",
                figure: format!("{}{more}", passed.short),
                what: if passed.short == 1 { "year ended short of credits" } else { "years ended short of credits" },
                more: "The deadline has passed, and what is waiting for review would not be enough: they are flagged within the hour, during the day.".to_owned(),
                href: "/staff/deadlines?which=passed",
                link: "Look at them",
            });
        }
        if passed.awaiting > 0 {
            self.items.push(Item {
                kind: "wait",
                figure: format!("{}{more}", passed.awaiting),
                what: if passed.awaiting == 1 { "year awaits review" } else { "years await review" },
                more: "The deadline has passed; reports waiting for review could still meet the minimum. They come first in the queue.".to_owned(),
                href: "/staff/deadlines?which=passed",
                link: "Look at them",
            });
        }
    }

    /// What holders ask and nobody has answered.
    fn asked(&mut self, talks: i64, corrections: i64) {
        let figure =
            |many: i64| if many > MOST_ASKED { format!("more than {MOST_ASKED}") } else { many.to_string() };
        if talks > 0 {
            self.items.push(Item {
                kind: "wait",
                figure: figure(talks),
                what: if talks == 1 {
                    "conversation is waiting for an answer"
                } else {
                    "conversations are waiting for an answer"
                },
                more: "Questions, answers to flags and appeals; the longest waiting comes first.".to_owned(),
                href: "/staff/advice",
                link: "Answer",
            });
        }
        if corrections > 0 {
            self.items.push(Item {
                kind: "wait",
                figure: figure(corrections),
                what: if corrections == 1 { "request for a correction" } else { "requests for corrections" },
                more: "Holders ask to change a report that was decided.".to_owned(),
                href: "/staff/corrections",
                link: "Look at them",
            });
        }
    }

    fn held_mails(&mut self, held: i64) {
        if held > 0 {
            self.items.push(Item {
                kind: "action",
                figure: up_to(held),
                what: if held == 1 { "email to a holder is held" } else { "emails to holders are held" },
                more: "An administrator releases them.".to_owned(),
                href: "/staff/mail/live",
                link: "See what is waiting",
            });
        }
    }

    fn stuck_mails(&mut self, (failed, uncertain): (i64, i64), bounced: i64) {
        if failed + uncertain == 0 {
            if bounced == 0 {
                self.quiet.push("No email is stuck.");
            }
            return;
        }
        self.items.push(Item {
            kind: "action",
            figure: grouped(failed + uncertain),
            what: if failed + uncertain == 1 { "email is stuck" } else { "emails are stuck" },
            more: format!("{} failed, {} may or may not have arrived.", grouped(failed), grouped(uncertain)),
            href: "/staff/mail?which=stuck",
            link: "Look at them",
        });
    }
}

fn up_to(amount: i64) -> String {
    if amount >= MOST { format!("{} or more", grouped(MOST)) } else { grouped(amount) }
}

fn waiting_talks(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    let page = inbox::list(conn, Inbox::WaitingForUs, None, &Place::Start, MOST_ASKED)?;
    Ok(i64::try_from(page.rows.len()).unwrap_or(MOST_ASKED) + i64::from(page.after))
}

fn waiting_corrections(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    let waiting = corrections::waiting(conn, MOST_ASKED + 1)?;
    Ok(i64::try_from(waiting.len()).unwrap_or(MOST_ASKED))
}

/// How many mails to holders are held because the portal is not live.
fn unsent(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    if holder_holds::is_held(conn)? { holder_holds::held_up_to(conn, MOST) } else { Ok(0) }
}
