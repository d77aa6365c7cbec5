//! Secrets: password hashing (Argon2id), the password policy, random tokens and constant-time comparison.

mod hashing;

use std::fmt;

use argon2::password_hash::phc;
use argon2::{Params, PasswordHasher, PasswordVerifier};
use hashing::{Hasher, Hashers};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zxcvbn::Score;
use zxcvbn::feedback::{Suggestion, Warning};

use crate::config::PasswordCost;

/// Fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;
/// Most characters of a password: room for any sentence, without letting somebody post a book.
pub const LONGEST_PASSWORD: usize = 200;
/// The strength estimate slows down steeply with length; what is strong in its first 100 characters is strong.
const CHARACTERS_JUDGED: usize = 100;
/// Letters and digits that a password needs beside words that others know of the person.
const LEFT_OF_WORDS_ABOUT: usize = 8;

/// Why a secret could not be made. Neither has anything to do with what the person typed.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// The operating system gave no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The hashing itself failed.
    #[error("the password could not be hashed: {0}")]
    Hashing(#[from] argon2::password_hash::Error),
    /// The thread that hashes is gone.
    #[error("the password could not be hashed: its thread has ended")]
    Ended,
}

/// A password's Argon2id hash in the PHC text form (`$argon2id$…`), safe to store, never to show.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes back a hash as it was stored. Anything may be stored; what is no hash verifies no password.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(…)")
    }
}

/// Hashes and verifies passwords, so many at a time as the machine has room for. Cheap to clone; clones share the limit.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    hashers: Hashers,
}

impl Passwords {
    /// Hashing of the given cost, for at most `at_once` passwords at a time.
    #[must_use]
    pub fn new(cost: PasswordCost, at_once: usize) -> Self {
        let params = match cost {
            PasswordCost::Standard => Params::DEFAULT,
            // The least Argon2 accepts; a wrong number here would only make tests slow.
            PasswordCost::Cheap => Params::new(8, 1, 1, None).unwrap_or(Params::DEFAULT),
        };
        Self { params, hashers: Hashers::new(at_once) }
    }

    /// Hashes a password with a fresh random salt. Waits while as many others as may be are being hashed.
    ///
    /// # Errors
    /// [`SecretsError`] when the machine gives no random salt or no memory.
    pub fn hash(&self, password: &str) -> Result<PasswordHash, SecretsError> {
        let salt: [u8; 16] = random_bytes()?;
        let password = typed(password);
        let hashed = self.run(move |hasher| hasher.hash_password_with_salt(&password, &salt));
        Ok(PasswordHash(hashed.ok_or(SecretsError::Ended)??.to_string()))
    }

    /// Whether `password` is the one that was hashed. Takes the cost the hash was made with.
    #[must_use]
    pub fn verify(&self, password: &str, hash: &PasswordHash) -> bool {
        let Ok(parsed) = phc::PasswordHash::new(hash.as_str()) else {
            self.dummy_verify(password);
            return false;
        };
        let password = typed(password);
        self.run(move |hasher| hasher.verify_password(&password, &parsed).is_ok()).unwrap_or(false)
    }

    /// Spends the time of [`Self::verify`] without a hash, so that the answer for an unknown address takes as long
    /// as for a known one.
    pub fn dummy_verify(&self, password: &str) {
        let password = typed(password);
        let salt = b"an unknown account's salt";
        let spent = self.run(move |hasher| hasher.hash_password_with_salt(&password, salt).is_ok());
        // The optimiser must not find out that nobody wants the result.
        std::hint::black_box(&spent);
    }

    /// The work of all hashings so far, in blocks of 1 KiB that were filled: what they cost, on any machine.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.hashers.filled()
    }

    fn run<T: Send + 'static>(&self, hashing: impl FnOnce(&Hasher<'_>) -> T + Send + 'static) -> Option<T> {
        let params = self.params.clone();
        self.hashers.run(move |memory| hashing(&Hasher::new(params, memory)))
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passwords")
    }
}

/// The bytes to hash: two keyboards that write "é" in two ways type the same password.
fn typed(password: &str) -> Vec<u8> {
    password.nfkc().collect::<String>().into_bytes()
}

/// Why a password is not accepted, in words for the person who typed it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum PasswordProblem {
    /// Fewer than [`SHORTEST_PASSWORD`] characters.
    #[error("Use at least {SHORTEST_PASSWORD} characters. A few words in a row are easy to remember.")]
    TooShort,
    /// More than [`LONGEST_PASSWORD`] characters.
    #[error("Use at most {LONGEST_PASSWORD} characters.")]
    TooLong,
    /// Long enough, but among the first that somebody would try.
    #[error("This password is easy to guess. {0}")]
    Guessable(&'static str),
}

/// Checks a new password. `about` is what others know of the person and the place: name, address, name of the body;
/// a password made of these is easy to guess.
///
/// # Errors
/// The [`PasswordProblem`] to show beside the field.
pub fn check_password(password: &str, about: &[&str]) -> Result<(), PasswordProblem> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        return Err(PasswordProblem::TooShort);
    }
    if length > LONGEST_PASSWORD {
        return Err(PasswordProblem::TooLong);
    }
    let judged: String = password.chars().take(CHARACTERS_JUDGED).collect();
    let known = words_about(about);
    if left_without(&judged, &known) < LEFT_OF_WORDS_ABOUT {
        return Err(PasswordProblem::Guessable(
            "It is little more than your name, your address, our name or a word that everybody tries, such as “password”. Use three or four words that have nothing to do with you.",
        ));
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(&judged, &known);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let warning = feedback.and_then(|feedback| feedback.warning());
    let suggestions = feedback.map(|feedback| feedback.suggestions()).unwrap_or_default();
    Err(PasswordProblem::Guessable(advice(warning, suggestions)))
}

/// Every text whole and word by word, and the place's own words that anybody would try.
fn words_about(about: &[&str]) -> Vec<String> {
    let mut words: Vec<String> =
        ["cpe", "portal", "password", "certification", "credits"].map(str::to_owned).into();
    for text in about {
        let text = text.trim().to_lowercase();
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2);
        words.extend(parts.map(str::to_owned));
        words.push(text);
    }
    words.retain(|word| !word.is_empty());
    // Longest first, so that a whole name goes before a part of it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

/// How many letters and digits are left of a password when the words about a person are taken out of it. The
/// strength estimate values each of several names on its own and is too kind to "annajansen2027". Without such a
/// word in it a password is not this rule's business.
fn left_without(password: &str, known: &[String]) -> usize {
    let whole = password.to_lowercase();
    let rest = known.iter().fold(whole.clone(), |rest, word| rest.replace(word.as_str(), " "));
    if rest == whole { usize::MAX } else { rest.chars().filter(|c| c.is_alphanumeric()).count() }
}

fn advice(warning: Option<Warning>, suggestions: &[Suggestion]) -> &'static str {
    match warning {
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            "Keys in a row are tried first. Use three or four words that have nothing to do with each other."
        }
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => {
            "Repeating something adds little. Use three or four words that have nothing to do with each other."
        }
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => {
            "Sequences such as abc or 6543 are tried first. Use three or four unrelated words."
        }
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            "Years and dates are tried first. Use three or four unrelated words."
        }
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => "Names are tried first. Use three or four unrelated words.",
        Some(_) => "It is close to one that many people use. Use three or four unrelated words.",
        None if suggestions.contains(&Suggestion::AddAnotherWordOrTwo) => {
            "Add another word or two, the less common the better."
        }
        None => "Use three or four words that have nothing to do with each other or with you.",
    }
}

/// A random secret of 256 bits for links, sessions and forms, written with characters that are safe in an address.
/// Only its [`Token::hash`] is ever stored.
#[derive(Clone)]
pub struct Token(String);

/// Characters of a token: two for each of its 32 bytes.
const TOKEN_LENGTH: usize = 64;

impl Token {
    /// A fresh token.
    ///
    /// # Errors
    /// [`SecretsError::Random`] when the operating system gives no random numbers.
    pub fn random() -> Result<Self, SecretsError> {
        Ok(Self(hex::encode(random_bytes::<32>()?)))
    }

    /// Reads a token that somebody sent back; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed =
            text.len() == TOKEN_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the link, cookie or form that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up: the SHA-256 of the secret, in hexadecimal. Who reads the database cannot use it.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }

    /// The secret as it stands in a page: different each time, so that a compressed page tells nothing about it.
    ///
    /// # Errors
    /// [`SecretsError::Random`] when the operating system gives no random numbers.
    pub fn masked(&self) -> Result<String, SecretsError> {
        let pad = random_bytes::<TOKEN_LENGTH>()?;
        Ok(hex::encode(pad) + &hex::encode(crossed(self.0.as_bytes(), &pad)))
    }

    /// Reads a token as [`Self::masked`] wrote it; `None` when it cannot be one.
    #[must_use]
    pub fn unmasked(text: &str) -> Option<Self> {
        let bytes = hex::decode(text).ok()?;
        let (pad, masked) = bytes.split_at_checked(TOKEN_LENGTH)?;
        Self::parse(&String::from_utf8(crossed(masked, pad)).ok()?)
    }

    /// Whether `text` is this token as [`Self::masked`] wrote it, in a time that tells nothing about where they differ.
    #[must_use]
    pub fn matches_masked(&self, text: &str) -> bool {
        let bytes = hex::decode(text).unwrap_or_default();
        bytes
            .split_at_checked(TOKEN_LENGTH)
            .is_some_and(|(pad, masked)| crossed(masked, pad).ct_eq(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

/// The SHA-256 of a text, in hexadecimal: a key for what need not be readable.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn crossed(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}

fn random_bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], SecretsError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
