//! A demonstration body, made only through actions: people take part in a year of it, day by day, on a clock of its own, so that every
//! situation a year can be in has come about the way it would in real life.

mod bounce;
mod conversations;
mod corrections;
mod error;
mod evidence;
mod observer;

mod agenda;
mod crowd;
mod life;
mod people;
mod random;
mod reports;
mod stories;

use std::sync::Arc;

use chrono::{Days, TimeDelta};

use crate::actions::mail::going_live::go_live;
use crate::clock::Clock;
use crate::domain::ids::MailId;
use crate::mail::Mailer;
use crate::portal::Portal;
use crate::store::records::exports;

use agenda::Agenda;
pub use error::DemoError;
pub use observer::{DemoSignIn, Watching};

/// Holders with a life story; more than these are a crowd, for measuring.
const HOLDERS_WITH_A_STORY: usize = 60;
/// Days between the body's first day with the portal and today: every certification year that ended lately began before it or after.
const DAYS_OF_HISTORY: u64 = 420;

/// Fills an empty portal with `holders` holders, a reviewer and an administrator, always the same for the same day and number except for
/// passwords and badge numbers. Gives the sign-ins, the staff first, then holders from the most interesting situation.
///
/// # Errors
/// `DemoError`.
pub fn fill(
    portal: &Portal,
    holders: usize,
    watching: &mut Watching<'_>,
) -> Result<Vec<DemoSignIn>, DemoError> {
    if portal.store.read(exports::anybody)? {
        return Err(DemoError::NotEmpty);
    }
    let today = portal.clock.today();
    let first_day = today.checked_sub_days(Days::new(DAYS_OF_HISTORY)).unwrap_or(today);
    let past = past_of(portal);
    // its holders have had their mails all the time
    past.clock.set_local(first_day, 9);
    go_live(&past, None, &[], Some(MailId(0)))?;
    let with_a_story = holders.min(HOLDERS_WITH_A_STORY);
    let in_the_crowd = holders - with_a_story;
    let mut agenda = Agenda::new(first_day, today);
    stories::plan(&mut agenda, with_a_story);
    let sign_ins = agenda.live(&past, portal, watching, in_the_crowd)?;
    conversations::plant(&past)?;
    corrections::plant(&past)?;
    (watching.deliver)(&past)?;
    bounce::plant(&past)?;
    crowd::add(portal, in_the_crowd, with_a_story, &mut |done| (watching.progress)(done, in_the_crowd))?;
    portal.store.tidy()?;
    Ok(sign_ins)
}

/// The same portal on a clock of its own; its mails stay inside.
fn past_of(portal: &Portal) -> Portal {
    let mut past = portal.clone();
    past.clock = Clock::manual(portal.clock.zone(), portal.clock.now());
    // nobody takes anything back within a minute there, and no mail of its past may wait for the present
    let mut config = (*portal.config).clone();
    config.undo = TimeDelta::zero();
    past.config = Arc::new(config);
    past.mailer = Mailer::memory(portal.config.mail_from.clone());
    past
}
