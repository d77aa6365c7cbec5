//! A form with files, once it is here.

use super::fields::Fields;
use super::upload_quota::Arriving;
use crate::files::Incoming;

/// A file that has arrived in a temporary place. It is gone again when this is dropped.
#[derive(Debug)]
pub struct Upload {
    /// Name of the form field.
    pub field: String,
    /// Name that the file had with the person who sent it; anything may stand here.
    pub name: String,
    /// The bytes: to be recognised and finished.
    pub incoming: Incoming,
    /// Counts them until they are recorded, or gone.
    pub arriving: Arriving,
}

/// A form with files whose token was right. A form without files that was sent the plain way is taken, too.
pub struct CheckedMultipart {
    /// The fields.
    pub fields: Fields,
    /// The files, in order, without empty ones.
    pub files: Vec<Upload>,
    /// Files that were left out: form field, and a sentence that names the file and the reason.
    pub left_out: Vec<(String, String)>,
}
