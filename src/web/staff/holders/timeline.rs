//! Everything that happened to one holder, as the page shows it.

use crate::domain::history_event::Tone;
use crate::portal::Portal;
use crate::store::records::timeline::{Part, Reached, TimelineEntry};
use crate::web::forms::fields::Fields;
use crate::web::staff::mail::mail_row;
use crate::web::view::dates::instant;
use crate::web::view::tags::Tag;

/// Things on one page.
pub const PAGE: usize = 30;

/// The parts: the word in the address, the label.
const PARTS: [(&str, &str, Part); 5] = [
    ("", "Everything", Part::All),
    ("reports", "Reports", Part::Reports),
    ("certificates", "Certificates and years", Part::Certificates),
    ("account", "Account", Part::Account),
    ("mails", "Emails", Part::Mails),
];

/// Something that happened.
pub struct Happening {
    /// When.
    pub at: String,
    /// What, and who did it.
    pub title: String,
    /// The kind of its mark; empty for the usual one.
    pub kind: &'static str,
    /// More words.
    pub words: String,
    /// Where to read more: an address and what the link says.
    pub link: Option<(String, String)>,
    /// Where a mail stands.
    pub tag: Option<Tag>,
}

/// The list with the ways to its parts.
pub struct Timeline {
    /// What happened.
    pub happenings: Vec<Happening>,
    /// The parts: an address, a label, whether it is shown.
    pub parts: Vec<(String, &'static str, bool)>,
    /// The address of the latest ones, on later pages.
    pub latest: Option<String>,
    /// The address of older ones.
    pub older: Option<String>,
}

/// The part and the place that an address asks for.
pub fn asked(query: &Fields) -> (Part, Reached) {
    let part = PARTS.iter().find(|(word, ..)| *word == query.one("part"));
    let reached = Reached { event: query.one("event").parse().ok(), mail: query.one("mail").parse().ok() };
    (part.map(|(_, _, part)| *part).unwrap_or_default(), reached)
}

/// The list for the page of a holder at `path`.
pub fn timeline(
    path: &str,
    (part, reached): (Part, Reached),
    (entries, more): (Vec<TimelineEntry>, Option<Reached>),
    portal: &Portal,
) -> Timeline {
    let word = PARTS.iter().find(|(_, _, one)| *one == part).map_or("", |(word, ..)| *word);
    let address = |word: &str, reached: Reached| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !word.is_empty() {
            query.append_pair("part", word);
        }
        for (name, id) in [("event", reached.event), ("mail", reached.mail)] {
            if let Some(id) = id {
                query.append_pair(name, &id.to_string());
            }
        }
        let query = query.finish();
        if query.is_empty() { format!("{path}#timeline") } else { format!("{path}?{query}#timeline") }
    };
    Timeline {
        happenings: entries.into_iter().map(|entry| happening(entry, portal)).collect(),
        parts: PARTS
            .iter()
            .map(|(word, label, one)| (address(word, Reached::default()), *label, *one == part))
            .collect(),
        latest: (reached != Reached::default()).then(|| address(word, Reached::default())),
        older: more.map(|reached| address(word, reached)),
    }
}

fn happening(entry: TimelineEntry, portal: &Portal) -> Happening {
    match entry {
        TimelineEntry::Event(row, title) => {
            let who = row.actor_name.unwrap_or_else(|| "the portal".to_owned());
            let draft = row.event.is_of_draft();
            let link = match (row.activity.filter(|_| !draft), &title, row.certificate) {
                (Some(id), Some(title), _) => Some((format!("/staff/activities/{id}"), title.clone())),
                (_, _, Some(id)) => Some((format!("/staff/certificates/{id}"), "The certificate".to_owned())),
                _ => None,
            };
            // what a report is called stands in its link already
            let said = draft || title.as_ref().is_some_and(|title| *title == row.detail);
            Happening {
                at: instant(&portal.clock, row.at),
                title: format!("{}, by {who}", row.event.for_staff()),
                kind: kind_of(row.event.tone()),
                words: if said { String::new() } else { row.detail },
                link,
                tag: None,
            }
        }
        TimelineEntry::Mail(mail) => {
            let row = mail_row(&mail, portal);
            Happening {
                at: row.written,
                title: format!("mail: {}", row.kind),
                kind: "",
                words: String::new(),
                link: Some((format!("/staff/mail/{}", row.id), row.subject)),
                tag: Some(row.tag),
            }
        }
    }
}

/// The mark of an event.
const fn kind_of(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Action => "action",
        Tone::Plain => "",
    }
}
