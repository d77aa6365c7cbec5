//! A form that was kept because its session had ended, on its way back: the fields of its page ask for what was typed.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::ids::EvidenceId;
use crate::store::accounts::saved_forms::ParkedForm;

/// The name under which a form that is kept names a file that could not be kept.
pub(super) const FILE_LOST: &str = "a file to choose again";

/// The name under which a form that is kept names a file that is kept with it.
pub(super) const EVIDENCE: &str = "kept_evidence";

/// Fields that say nothing to a person.
const NOT_WORDS: [&str; 6] = ["version", "activity", "form_key", "intent", EVIDENCE, FILE_LOST];

/// A form that its owner has asked for again.
#[derive(Debug)]
pub struct RecoveredForm {
    id: i64,
    form: ParkedForm,
    /// Whether a form of the page has taken it.
    placed: AtomicBool,
}

impl RecoveredForm {
    /// The form that is kept under `id`.
    #[must_use]
    pub const fn new(id: i64, form: ParkedForm) -> Self {
        Self { id, form, placed: AtomicBool::new(false) }
    }

    /// The page on which the form stood.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.form.page
    }

    /// Whether the form still stands on the page that was made.
    #[must_use]
    pub fn placed(&self) -> bool {
        self.placed.load(Ordering::Relaxed)
    }

    /// Names of the files that have to be chosen again.
    #[must_use]
    pub fn lost_files(&self) -> Vec<&str> {
        self.sent(FILE_LOST).collect()
    }

    /// The files that came with the form and are kept, too.
    #[must_use]
    pub fn evidence(&self) -> Vec<EvidenceId> {
        self.sent(EVIDENCE).filter_map(|id| id.parse().ok()).collect()
    }

    /// What was typed, field by field, for a page on which the form no longer stands.
    #[must_use]
    pub fn words(&self) -> Vec<(String, String)> {
        let typed = self
            .form
            .fields
            .iter()
            .filter(|(name, value)| !value.trim().is_empty() && !NOT_WORDS.contains(&name.as_str()));
        typed.map(|(name, value)| (in_words(name), value.clone())).collect()
    }

    fn sent<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.form.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// "completed_on" as "Completed on".
fn in_words(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What the forms of one page have taken of a recovered form, while the page is rendered. Without one, every field shows its own value.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    form: Option<Arc<RecoveredForm>>,
    /// Whether the form that is being rendered is the recovered one.
    inside: Cell<bool>,
    /// How many values of a field have been shown: a name may stand in a form more than once.
    shown: RefCell<BTreeMap<String, usize>>,
}

impl Recovery {
    /// The page takes this form.
    #[must_use]
    pub fn of(form: Option<Arc<RecoveredForm>>) -> Self {
        Self { form, ..Self::default() }
    }

    /// The form that comes back on this page.
    #[must_use]
    pub fn form(&self) -> Option<&RecoveredForm> {
        self.form.as_deref()
    }

    /// A form that is sent to `action` begins; the identity of the recovered form, if this is the one.
    pub fn open(&self, action: impl fmt::Display) -> Option<i64> {
        let form = self.form.as_deref()?;
        let action = action.to_string();
        let same = action.split('?').next() == Some(form.form.path.as_str());
        if !same || form.placed.swap(true, Ordering::Relaxed) {
            return None;
        }
        self.inside.set(true);
        Some(form.id)
    }

    /// The form that is being rendered ends.
    pub fn close(&self) {
        self.inside.set(false);
    }

    fn inside(&self) -> Option<&RecoveredForm> {
        self.form.as_deref().filter(|_| self.inside.get())
    }

    /// The next value that was typed into a field, or else its own.
    pub fn typed<T: fmt::Display>(&self, name: &str, own: T) -> FieldValue<T> {
        let Some(form) = self.inside() else { return FieldValue::Own(own) };
        let mut shown = self.shown.borrow_mut();
        let shown = shown.entry(name.to_owned()).or_default();
        let typed = form.sent(name).nth(*shown);
        *shown = shown.saturating_add(1);
        typed.map_or(FieldValue::Own(own), |typed| FieldValue::Typed(typed.to_owned()))
    }

    /// Whether a field holds anything: what was typed into it, or else its own.
    pub fn filled(&self, name: &str, own: &str) -> bool {
        match self.inside() {
            Some(form) => form.sent(name).any(|typed| !typed.trim().is_empty()),
            None => !own.trim().is_empty(),
        }
    }

    /// Whether a box or a circle is ticked: as it was sent, or else as the page has it.
    pub fn ticked(&self, name: &str, value: impl AsRef<str>, own: impl Borrow<bool>) -> bool {
        match self.inside() {
            Some(form) => form.sent(name).any(|sent| sent == value.as_ref()),
            None => *own.borrow(),
        }
    }

    /// Whether an entry of a list is chosen. A list that was not sent at all shows its own choice.
    pub fn chosen(&self, name: &str, value: impl AsRef<str>, own: impl Borrow<bool>) -> bool {
        match self.inside().filter(|form| form.sent(name).next().is_some()) {
            Some(_) => self.ticked(name, value, own),
            None => *own.borrow(),
        }
    }
}

/// What a field shows.
#[derive(Clone, Debug)]
pub enum FieldValue<T> {
    /// What somebody typed before the session ended.
    Typed(String),
    /// What the page has for it.
    Own(T),
}

impl<T: fmt::Display> fmt::Display for FieldValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(typed) => typed.fmt(f),
            Self::Own(own) => own.fmt(f),
        }
    }
}
