//! A calendar that other programs read (RFC 5545): days with a title, and nothing that names anybody.
//!
//! Written here and not by a crate: whole days, a few properties, alarms, folding and escaping are all that a feed of dates needs.

use chrono::{NaiveDate, NaiveDateTime};

use super::dates::plus_days;

/// Most octets of a line, without its end.
const LONGEST_LINE: usize = 75;

/// One day in the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Stays the same for the same thing, so that a moved day moves in the reader's calendar, too.
    pub uid: String,
    /// The day.
    pub day: NaiveDate,
    /// The title; it names nobody.
    pub title: String,
    /// A sentence more; it names nobody.
    pub words: String,
    /// Where to read on.
    pub url: String,
    /// How many days before it the reader is reminded, at nine in the morning; at least 1.
    pub alarms: Vec<i64>,
}

/// The whole calendar as a file. `stamp` is the moment (UTC) at which it was made.
#[must_use]
pub fn written(name: &str, entries: &[CalendarEntry], stamp: NaiveDateTime) -> String {
    let mut file = String::new();
    let mut line = |name: &str, value: &str| fold_into(&mut file, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//cpe-portal//Deadlines//EN");
    line("CALSCALE", "GREGORIAN");
    line("X-WR-CALNAME", &escaped(name));
    line("REFRESH-INTERVAL;VALUE=DURATION", "PT12H");
    for entry in entries {
        line("BEGIN", "VEVENT");
        line("UID", &escaped(&entry.uid));
        line("DTSTAMP", &stamp.format("%Y%m%dT%H%M%SZ").to_string());
        line("DTSTART;VALUE=DATE", &entry.day.format("%Y%m%d").to_string());
        // the end of a whole day is the next one
        line("DTEND;VALUE=DATE", &plus_days(entry.day, 1).format("%Y%m%d").to_string());
        line("SUMMARY", &escaped(&entry.title));
        if !entry.words.is_empty() {
            line("DESCRIPTION", &escaped(&entry.words));
        }
        line("URL", &entry.url);
        line("TRANSP", "TRANSPARENT");
        line("CLASS", "PRIVATE");
        for days in &entry.alarms {
            line("BEGIN", "VALARM");
            line("ACTION", "DISPLAY");
            line("DESCRIPTION", &escaped(&entry.title));
            line("TRIGGER", &before(*days));
            line("END", "VALARM");
        }
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    file
}

/// Nine in the morning, so many days before a whole day. That begins at midnight, at which nobody wants to be reminded of anything.
fn before(days: i64) -> String {
    match days - 1 {
        ..=0 => "-PT15H".to_owned(),
        whole => format!("-P{whole}DT15H"),
    }
}

/// A text value: backslash, semicolon, comma and line end have a meaning of their own.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, cut into pieces of at most 75 octets, never inside a character; a piece that goes on begins with a space.
fn fold_into(file: &mut String, line: &str) {
    let mut room = LONGEST_LINE;
    for c in line.chars() {
        if c.len_utf8() > room {
            file.push_str("\r\n ");
            room = LONGEST_LINE - 1;
        }
        file.push(c);
        room -= c.len_utf8();
    }
    file.push_str("\r\n");
}
