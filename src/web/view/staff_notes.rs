//! Notes for staff, as the pages show them: of a holder, a report, a conversation.

use crate::actions::staff_notes::NoteAbout;
use crate::portal::Portal;
use crate::store::records::staff_notes::StaffNote;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Person;
use crate::web::view::dates::instant;

/// Most notes on one page.
pub const MOST: i64 = 50;

/// How many are read: one more, so that the page knows whether older ones follow.
pub const READ: i64 = MOST + 1;

/// The notes on a page, with where another is written.
pub struct NotesShown {
    /// The latest first.
    pub rows: Vec<NoteRow>,
    /// Where the form is sent.
    pub action: String,
    /// What follows the addresses of the forms, so that they lead back.
    pub suffix: String,
    /// Where the latest ones are, on a page of older ones.
    pub latest: Option<String>,
    /// Where older ones are.
    pub older: Option<String>,
}

/// Where notes stand.
pub struct NotesPlace<'a> {
    /// What the page is about.
    pub about: NoteAbout,
    /// What follows the addresses of its forms.
    pub suffix: &'a str,
    /// Its own address.
    pub here: &'a str,
    /// The note before which they were asked for, if there is one: `?notes=12`.
    pub before: Option<i64>,
}

/// The note before which an address asks for notes.
#[must_use]
pub fn notes_before(query: &Fields) -> Option<i64> {
    query.one("notes").parse().ok()
}

/// One of them.
pub struct NoteRow {
    /// Its identity.
    pub id: i64,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: String,
    /// What it says; empty when the words were taken out.
    pub words: String,
    /// Whether the reader may take the words out.
    pub removable: bool,
    /// The report or the conversation that it is about, where the page is of something wider: address and title.
    pub about: Option<(String, String)>,
}

impl NotesShown {
    /// The notes as somebody on staff reads them on the page of what they are about, of [`READ`] that were read. Nobody reads those about
    /// themselves: `None`.
    #[must_use]
    pub fn of(
        mut notes: Vec<StaffNote>,
        place: &NotesPlace<'_>,
        own: bool,
        staff: &Person,
        portal: &Portal,
    ) -> Option<NotesShown> {
        let shown = |note: StaffNote| {
            let about = NoteAbout::of(note.subject);
            let removable =
                note.removed_at.is_none() && (note.author == staff.account.id || staff.administers());
            NoteRow {
                id: note.id,
                author: note.author_name,
                at: instant(&portal.clock, note.written_at),
                words: note.words,
                removable: removable && about == place.about,
                about: (about != place.about).then(|| (path(about), note.title.unwrap_or_default())),
            }
        };
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let more = notes.len() > most;
        notes.truncate(most);
        let last = notes.last().map(|note| note.id).filter(|_| more);
        let joint = if place.here.contains('?') { '&' } else { '?' };
        (!own).then(|| NotesShown {
            rows: notes.into_iter().map(shown).collect(),
            action: format!("{}/notes{}", path(place.about), place.suffix),
            suffix: place.suffix.to_owned(),
            latest: place.before.map(|_| format!("{}#notes", place.here)),
            older: last.map(|id| format!("{}{joint}notes={id}#notes", place.here)),
        })
    }
}

/// The page of what a note is about.
#[must_use]
pub fn path(about: NoteAbout) -> String {
    match about {
        NoteAbout::Holder(id) => format!("/staff/holders/{id}"),
        NoteAbout::Report(id) => format!("/staff/activities/{id}"),
        NoteAbout::Conversation(id) => format!("/staff/advice/{id}"),
    }
}
