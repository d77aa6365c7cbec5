//! The digital badge as documents that others can verify: Open Badges 3.0 with an embedded proof, the status list that ends it,
//! Open Badges 2.0 for older backpacks, the picture, and a picture that carries the credential. Bytes in, bytes out.

mod canonical_cache;
pub mod certificate_pdf;
pub mod embed;
pub mod glyphs;

mod canonical;
pub mod contexts;
pub mod copy;
pub mod credential;
pub mod keys;
pub mod ob2;
pub mod origin;
pub mod picture;
pub mod proof;
pub mod status_list;
pub mod text;

/// Why a badge document could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BadgeError {
    /// The document names a context that is not one of the pinned ones, or names one where none may be.
    #[error("the document uses a vocabulary that is not known here: {0}")]
    Context(String),
    /// A term of the document is not in its contexts, so it would silently not be signed.
    #[error("of {values} values in the document only {quads} would be signed")]
    Unsigned {
        /// How many values the document has.
        values: usize,
        /// How many of them reach the signature.
        quads: usize,
    },
    /// The document is not JSON-LD.
    #[error("the document cannot be read as linked data: {0}")]
    Syntax(String),
    /// The document has more values, or more nodes without a name, than any of ours.
    #[error("the document has more parts than any of ours")]
    TooMuch,
    /// The document is not of the shape that ours have.
    #[error("the document is not of the shape of a badge")]
    Shape,
    /// A text has a character that verifiers treat differently.
    #[error("{0} has a character that cannot be signed")]
    Text(&'static str),
    /// The proof is missing, of another kind, or not one alone.
    #[error("the proof is missing or of a kind that is not known here")]
    NoProof,
    /// No key of the issuer has this name.
    #[error("the issuer has no key {0}")]
    UnknownKey(String),
    /// The signature does not belong to the document.
    #[error("the signature does not belong to this document")]
    Signature,
    /// The address of the portal cannot stand in a badge.
    #[error("the address of the portal cannot stand in a badge: {0}")]
    Origin(String),
    /// The status list cannot be read.
    #[error("the status list cannot be read")]
    List,
    /// The position is outside the list.
    #[error("the position {0} is outside the status list")]
    Position(usize),
    /// The picture cannot be read or drawn.
    #[error("the picture cannot be read or drawn: {0}")]
    Picture(String),
    /// The keys' file cannot be used.
    #[error("the file of badge keys {path}: {reason}")]
    KeyFile {
        /// Where it is.
        path: String,
        /// What is wrong.
        reason: String,
    },
}
