//! Notes for staff, as the pages show them: of a holder, a report, a conversation.

use crate::actions::staff_notes::NoteAbout;
use crate::portal::Portal;
use crate::store::records::staff_notes::StaffNote;
use crate::web::http::auth::Person;
use crate::web::view::dates::instant;

/// Most notes on one page.
pub const MOST: i64 = 50;

/// The notes on a page, with where another is written.
pub struct NotesShown {
    /// The latest first.
    pub rows: Vec<NoteRow>,
    /// Where the form is sent.
    pub action: String,
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
    /// The notes as somebody on staff reads them on the page of what they are about; `suffix` follows the address of the form. Nobody reads
    /// those about themselves: `None`.
    #[must_use]
    pub fn of(
        notes: Vec<StaffNote>,
        page: NoteAbout,
        suffix: &str,
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
                removable: removable && about == page,
                about: (about != page).then(|| (path(about), note.title.unwrap_or_default())),
            }
        };
        (!own).then(|| NotesShown {
            rows: notes.into_iter().map(shown).collect(),
            action: format!("{}/notes{suffix}", path(page)),
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
