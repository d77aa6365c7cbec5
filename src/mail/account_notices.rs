//! Notices about accounts and new certificates: invitation, password reset, account changed, granted.

use chrono::{NaiveDate, NaiveDateTime};

use super::lines::{CertificateLine, YearLine};
use super::words::{filters, three_templates};

/// An account was made; the link sets its first password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Invitation {
    /// The secret in the link `/invitation/{token}`.
    pub token: String,
    /// Until when the link works (UTC).
    pub valid_until: NaiveDateTime,
}

/// A new password was asked for; the link sets it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PasswordReset {
    /// The secret in the link `/password-reset/{token}`.
    pub token: String,
    /// Until when the link works (UTC).
    pub valid_until: NaiveDateTime,
}

/// A certificate was granted. Not sent by imports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Granted {
    /// Which one.
    pub certificate: CertificateLine,
    /// The day of the grant.
    pub granted_on: NaiveDate,
    /// The year in progress; none for Foundation, which needs no CPE and never expires (G1).
    pub year: Option<YearLine>,
}

/// A mail to an administrator's own address, to see whether mail arrives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MailTest;

/// What changed about an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccountChange {
    /// The password.
    Password,
    /// The address; told at the old and at the new one.
    Address,
}

/// Password or address of an account changed, so that a change by somebody else does not go unnoticed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountChanged {
    /// What.
    pub change: AccountChange,
    /// When (UTC).
    pub changed_at: NaiveDateTime,
}

impl AccountChanged {
    fn password(&self) -> bool {
        self.change == AccountChange::Password
    }
}

three_templates!(Invitation, "mail/invitation.subject.txt", "mail/invitation.txt", "mail/invitation.html");
three_templates!(
    PasswordReset,
    "mail/password-reset.subject.txt",
    "mail/password-reset.txt",
    "mail/password-reset.html"
);
three_templates!(Granted, "mail/granted.subject.txt", "mail/granted.txt", "mail/granted.html");
three_templates!(
    AccountChanged,
    "mail/account-changed.subject.txt",
    "mail/account-changed.txt",
    "mail/account-changed.html"
);
three_templates!(MailTest, "mail/test.subject.txt", "mail/test.txt", "mail/test.html");
