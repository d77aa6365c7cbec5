//! Codes: the words that stand for states in the database, in files and in forms. A code that was stored once means the same for good.

/// A state with a word of its own that is stored.
pub trait Code: Copy + PartialEq + 'static {
    /// All of them.
    const EACH: &'static [Self];

    /// The word that is stored.
    fn text(self) -> &'static str;

    /// The state of a word, if there is one.
    fn read(text: &str) -> Option<Self> {
        Self::EACH.iter().copied().find(|state| state.text() == text)
    }
}

/// Declares states with the code of each, so that the list of all of them, the way to the code and the way back cannot differ.
macro_rules! codes {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $state:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $state,)+ }

        impl $name {
            /// All of them.
            // not every set of states goes every way
            #[allow(dead_code)]
            pub const ALL: [$name; [$($code),+].len()] = [$($name::$state),+];

            /// The word that is stored.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $($name::$state => $code,)+
                }
            }

            /// The one of a code, if there is one.
            #[must_use]
            #[allow(dead_code)]
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.into_iter().find(|state| state.code() == code)
            }
        }

        impl $crate::domain::codes::Code for $name {
            const EACH: &'static [$name] = &$name::ALL;

            fn text(self) -> &'static str {
                self.code()
            }
        }
    };
}

pub(crate) use codes;

/// The codes of some states.
#[must_use]
pub fn codes_of<T: Code>(states: &[T]) -> Vec<&'static str> {
    states.iter().map(|state| state.text()).collect()
}

/// What a row says that any version of the portal may have written: a state that this version knows, or another's word for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored<T> {
    /// One that this version knows.
    Known(T),
    /// The word of another version.
    Other(String),
}

impl<T: Code> Stored<T> {
    /// What the word of a row says.
    #[must_use]
    pub fn of(text: String) -> Stored<T> {
        T::read(&text).map_or(Stored::Other(text), Stored::Known)
    }

    /// The word of the row.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Stored::Known(state) => state.text(),
            Stored::Other(text) => text,
        }
    }

    /// The state, when this version knows it.
    #[must_use]
    pub const fn known(&self) -> Option<T> {
        match self {
            Stored::Known(state) => Some(*state),
            Stored::Other(_) => None,
        }
    }

    /// Whether it is this state.
    #[must_use]
    pub fn is(&self, state: T) -> bool {
        self.known() == Some(state)
    }
}
