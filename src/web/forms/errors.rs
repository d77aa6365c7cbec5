//! What a form needs to be shown again: its errors beside their fields, and the choices it offers.

use std::borrow::Cow;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the form field, which is also its id on the page.
    pub field: Cow<'static, str>,
    /// What is wrong and what would be right, in one sentence.
    pub message: String,
}

/// What is wrong with a form, in the order of its fields. Empty when all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// No errors yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Exactly one error.
    #[must_use]
    pub fn of(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let mut errors = Self::new();
        errors.push(field, message);
        errors
    }

    /// Adds an error. Push in the order in which the fields stand on the page.
    pub fn push(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// The first error of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// All errors of a field, in order.
    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |error| error.field == field).map(|error| error.message.as_str())
    }

    /// Whether this field has an error.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.get(field).is_some()
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many errors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All errors in order.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }
}

/// Choices of a select that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceGroup {
    /// What they are; empty when there is only one group, which needs no name.
    pub label: String,
    /// The choices.
    pub choices: Vec<Choice>,
    /// Whether choosing one of them asks for more words; for the script.
    pub far: bool,
}

/// One of several answers that a select, radios or checkboxes offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: Cow<'static, str>,
    /// What a person reads.
    pub label: Cow<'static, str>,
    /// A second line that explains, or nothing. Selects do not show it.
    pub hint: Cow<'static, str>,
}

impl Choice {
    /// A choice without explanation.
    pub fn new(value: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>) -> Self {
        Self { value: value.into(), label: label.into(), hint: Cow::Borrowed("") }
    }

    /// The same choice with a second line that explains it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Whether this is the answer that was given.
    pub fn is(&self, given: impl AsRef<str>) -> bool {
        self.value == given.as_ref()
    }

    /// Whether this is one of the answers that were given.
    pub fn among<S: AsRef<str>>(&self, given: &[S]) -> bool {
        given.iter().any(|one| self.is(one))
    }
}
