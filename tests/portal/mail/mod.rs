//! Mail: notices, messages, delivery.

mod delivery;
mod dovecot;
mod encryption;
mod examples;
mod files;
mod imap_server;
mod mailbox;
mod message;
mod notices;
mod parts;
mod reports;
pub mod smtp_server;
mod standing;

use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime};
use cpe_portal::config::{Config, Settings};
use cpe_portal::mail::{DeliveryError, Envelope, MailSession, Mailer, Server, Smtp};

use smtp_server::SmtpServer;

/// A body whose name and people need escaping.
fn config(settings: Settings) -> Config {
    let settings = Settings {
        url: Some("https://cpe.example.org".to_owned()),
        body: Some("Institut Zürich & Partners".to_owned()),
        contact: Some("advice@example.org".to_owned()),
        ..settings
    };
    Config::check(&settings).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn envelope(to: &str) -> Envelope {
    Envelope {
        message_id: "<0b8f6a52-4c1d@example.org>".to_owned(),
        created_at: instant("2027-03-14T09:30:05"),
        kind: "reminder".to_owned(),
        to_name: "Zoë O'Brien".to_owned(),
        to_address: to.to_owned(),
        subject: "Reminder: crédits are missing".to_owned(),
        text: "Dear Zoë,\n\n.a line that begins with a dot\n.\n..\nthe end\n".to_owned(),
        html: "<p>Dear Zoë,</p>\n".to_owned(),
        attachments: Vec::new(),
    }
}

/// An SMTP mailer for `url`, patient for `limit` only.
fn smtp(url: &str, limit: Duration) -> Smtp {
    let config = config(Settings::default());
    Smtp::new(Server::parse(&url.parse().unwrap()).unwrap(), &config).with_limit(limit)
}

fn mailer(server: &SmtpServer, limit: Duration) -> Mailer {
    Mailer::Smtp(smtp(&format!("smtp://{}", server.address), limit))
}

/// Delivers to `to`; how often `before_body` was called, and the outcome.
fn deliver(session: &mut MailSession, to: &str) -> (usize, Result<(), DeliveryError>) {
    let mut calls = 0;
    let outcome = session.deliver(&envelope(to), &mut || {
        calls += 1;
        Ok(())
    });
    (calls, outcome)
}
