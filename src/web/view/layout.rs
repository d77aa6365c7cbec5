//! What every page has around its content: the name of the body, the way around, who is signed in.

use std::borrow::Borrow;
use std::fmt::Display;

use crate::web::forms::saved_form::{FieldValue, RecoveredForm, Recovery};
use crate::web::http::assets;

/// The frame of one page. Templates take it as the field `page`.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Name of the certifying body.
    pub body: String,
    /// Mail address that gives advice.
    pub contact: String,
    /// Title of the page, without the name of the body.
    pub title: String,
    /// Name of the person who is signed in.
    pub person: Option<String>,
    /// Whether the page is one of the person's own account.
    pub at_account: bool,
    /// The parts of the portal this person may use (own certificates, staff, administration).
    /// Shown only when there are at least two.
    pub sections: Vec<NavItem>,
    /// The pages of the section this page is in.
    pub nav: Vec<NavItem>,
    /// Goes into the form that signs out.
    pub csrf_token: String,
    /// Whether the frame has the search box of staff.
    pub finds: bool,
    /// What stands in it.
    pub search: String,
    /// Whether rows of lists have room and explanations, for staff; otherwise each is one line.
    pub comfortable: bool,
    /// Whether mail is held after a restore, and this person is to know.
    pub mail_held: bool,
    /// One message about what has just happened.
    pub flash: Option<Flash>,
    /// What was typed before a session ended and comes back on this page.
    pub recovery: Recovery,
}

/// One place to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Path, such as `/activities`.
    pub href: String,
    /// What a person reads.
    pub label: String,
    /// Whether the page shown belongs to this place.
    pub current: bool,
    /// How much waits there, as a figure; empty when nothing does or nobody counts.
    pub total: String,
    /// How much of that was given to whoever looks; empty when nothing was.
    pub yours: String,
}

/// A message about what has just happened, shown once on the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub kind: FlashKind,
    /// One sentence.
    pub text: String,
    /// Pages of ours that have to do with it: the path of each, and what the link says.
    pub links: Vec<(String, String)>,
    /// Where it is undone with one press, while that is possible.
    pub undo: Option<String>,
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// Done as asked.
    Success,
    /// Good to know.
    Info,
    /// Done only in part, or something needs attention.
    Warning,
}

impl FlashKind {
    /// The word used for the class, the icon and the cookie.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Info => "info",
            Self::Warning => "warning",
        }
    }

    /// The kind for a word, if it is one of ours.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Success, Self::Info, Self::Warning].into_iter().find(|kind| kind.word() == word)
    }
}

impl NavItem {
    /// A place that is not the current one.
    #[must_use]
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            label: label.into(),
            current: false,
            total: String::new(),
            yours: String::new(),
        }
    }
}

impl Layout {
    /// Marks, of the places in `nav` and in `sections`, the one that `path` belongs to: the one with the longest
    /// path that `path` begins with, cut at a slash.
    pub fn mark_current(&mut self, path: &str) {
        for items in [&mut self.sections, &mut self.nav] {
            let belongs = |item: &NavItem| {
                path.strip_prefix(item.href.trim_end_matches('/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let longest = items.iter().filter(|item| belongs(item)).map(|item| item.href.len()).max();
            for item in items.iter_mut() {
                item.current = Some(item.href.len()) == longest && belongs(item);
            }
        }
    }

    /// The form that comes back on this page, filled in.
    #[must_use]
    pub fn recovered(&self) -> Option<&RecoveredForm> {
        self.recovery.form()
    }

    /// A form that is sent to `action` begins here. The macros of `components.html` call it; gives the identity of the recovered form,
    /// if this is the one.
    pub fn open_form(&self, action: impl Display) -> Option<i64> {
        self.recovery.open(action)
    }

    /// The form ends here. Nothing is written.
    pub fn close_form(&self) -> &'static str {
        self.recovery.close();
        ""
    }

    /// What a field shows: what was typed before the session ended, or else `own`.
    pub fn typed<T: Display>(&self, name: &str, own: T) -> FieldValue<T> {
        self.recovery.typed(name, own)
    }

    /// Whether a field holds anything, so that the part that folds it away stands open.
    pub fn filled(&self, name: &str, own: impl AsRef<str>) -> bool {
        self.recovery.filled(name, own.as_ref())
    }

    /// Whether a box or a circle is ticked.
    pub fn ticked(&self, name: &str, value: impl AsRef<str>, own: impl Borrow<bool>) -> bool {
        self.recovery.ticked(name, value, own)
    }

    /// Whether an entry of a list is chosen.
    pub fn chosen(&self, name: &str, value: impl AsRef<str>, own: impl Borrow<bool>) -> bool {
        self.recovery.chosen(name, value, own)
    }

    /// Address of the style sheet.
    #[must_use]
    pub fn css(&self) -> &'static str {
        assets::url("app.css")
    }

    /// Address of the script.
    #[must_use]
    pub fn js(&self) -> &'static str {
        assets::url("app.js")
    }

    /// Address of the style sheet of staff's pages.
    #[must_use]
    pub fn staff_css(&self) -> &'static str {
        assets::url("workbench.css")
    }

    /// Address of the script of staff's pages.
    #[must_use]
    pub fn staff_js(&self) -> &'static str {
        assets::url("workbench.js")
    }

    /// Address of the style sheet of the queue with a report beside it.
    #[must_use]
    pub fn split_css(&self) -> &'static str {
        assets::url("split.css")
    }

    /// Address of the script that puts a report beside the queue.
    #[must_use]
    pub fn split_js(&self) -> &'static str {
        assets::url("split.js")
    }

    /// Address of the script that uploads files as soon as they are chosen.
    #[must_use]
    pub fn evidence_js(&self) -> &'static str {
        assets::url("evidence.js")
    }

    /// Address of the script that makes the report form quick.
    #[must_use]
    pub fn report_js(&self) -> &'static str {
        assets::url("report.js")
    }

    /// Address of the style sheet of the report form.
    #[must_use]
    pub fn report_css(&self) -> &'static str {
        assets::url("report.css")
    }

    /// Address of the style sheet of statements.
    #[must_use]
    pub fn statement_css(&self) -> &'static str {
        assets::url("statement.css")
    }

    /// Address of the script that shows what was answered before about something like it.
    #[must_use]
    pub fn precedents_js(&self) -> &'static str {
        assets::url("precedents.js")
    }

    /// Address of the icon of the site.
    #[must_use]
    pub fn favicon(&self) -> &'static str {
        assets::url("favicon.svg")
    }
}
