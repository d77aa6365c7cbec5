//! Who may use a route. A line of the table names an extractor, and the extractor says whom it admits. A handler that does not begin with
//! the extractor of its line does not compile, so the table, the check and the signature cannot disagree.

use actix_web::{Handler, HttpRequest, web};

use crate::store::accounts::sessions::Session;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Everybody, signed in or not.
    Public,
    /// Accounts with the role holder, and accounts of any role that hold certificates.
    Holder,
    /// Reviewers, and administrators with them.
    Reviewer,
    /// Administrators.
    Administrator,
}

impl Who {
    /// The word in `cpe-portal routes`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Holder => "holder",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }

    fn admits(self, session: &Session) -> bool {
        match self {
            Self::Public => true,
            Self::Holder => session.account.role.holds(session.has_certificates),
            Self::Reviewer => session.account.role.reviews(),
            Self::Administrator => session.account.role.administers(),
        }
    }
}

/// Whether one of these is somebody with this session. The only place where a session is measured against a route.
#[must_use]
pub fn admits(who: &[Who], session: &Session) -> bool {
    who.iter().any(|who| who.admits(session))
}

/// An extractor that lets only some people through.
pub trait Access {
    /// Whom it lets through: the column of its lines in the table.
    const WHO: &'static [Who];
}

/// The access of a line for everybody: there is nothing to extract.
#[derive(Debug)]
pub enum Everybody {}

impl Access for Everybody {
    const WHO: &'static [Who] = &[Who::Public];
}

/// An argument of a handler that does not ask who may be here.
pub trait Unrestricted {}

impl Unrestricted for HttpRequest {}
impl<T> Unrestricted for web::Data<T> {}
impl<T> Unrestricted for web::Path<T> {}
impl<T> Unrestricted for web::Query<T> {}

/// A handler for a line of the access `E`: that extractor is its first argument, and no other argument restricts anybody. For
/// [`Everybody`] no argument does.
#[diagnostic::on_unimplemented(
    message = "this handler is not for the people that its line of the table names",
    label = "its first argument has to be `{E}`, and the others unrestricted"
)]
pub trait Serves<E, Args>: Handler<Args> {}

macro_rules! handlers_with {
    ($($argument:ident)*) => {
        impl<H, E, $($argument),*> Serves<E, (E, $($argument,)*)> for H
        where
            H: Handler<(E, $($argument,)*)>,
            E: Access,
            $($argument: Unrestricted),*
        {
        }

        impl<H, $($argument),*> Serves<Everybody, ($($argument,)*)> for H
        where
            H: Handler<($($argument,)*)>,
            $($argument: Unrestricted),*
        {
        }
    };
}

handlers_with!();
handlers_with!(A);
handlers_with!(A B);
handlers_with!(A B C);
handlers_with!(A B C D);
handlers_with!(A B C D F);

/// The handler of a line; compiles only when the line and the signature name the same people.
pub const fn serving<E, Args, H: Serves<E, Args>>(handler: H) -> H {
    handler
}
