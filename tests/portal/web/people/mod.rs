//! Signing in, invitations, passwords, sessions, accounts.

mod account;
mod account_closing;
mod accounts;
mod invisible;
mod invitation;
mod nonsense;
mod password_reset;
mod races;
mod sessions;
mod sign_in;
mod sites;
mod slowing;

use crate::support::{Browser, Page, Rights, TestPortal, while_somebody_writes};
use cpe_portal::store::accounts::Account;

/// A password that nothing objects to.
pub const PASSWORD: &str = "violet harbour tractor moon";
pub const OTHER_PASSWORD: &str = "seven quiet lanterns drifting";

/// Somebody who can sign in with [`PASSWORD`].
pub fn olga(portal: &TestPortal) -> Account {
    let olga = portal.holder("Olga@People.test", "Olga Owner");
    portal.set_password(&olga, PASSWORD);
    olga
}

pub async fn sign_in(browser: &Browser, email: &str, password: &str) -> Page {
    browser.post("/sign-in", &[("email", email), ("password", password)]).await
}

/// The path of the link in a mail, which is the portal's own and no other's.
pub fn link(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.starts_with("http") && word.len() > 60).unwrap();
    link.strip_prefix("http://portal.test").unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
}
