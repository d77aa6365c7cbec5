//! The issuer's keys: Ed25519 seeds in one file of mode 0600 outside the database. A retired key goes on verifying what it
//! signed; a compromised one leaves the issuer's document, and what it signed has to be signed anew.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::BadgeError;
use super::origin::Origin;

/// Multicodec of an Ed25519 public key.
const ED25519_PUBLIC: [u8; 2] = [0xed, 0x01];

/// What a key may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Signs and verifies. There is exactly one.
    Current,
    /// Signs nothing more; what it signed verifies.
    Retired,
    /// Somebody else may have it: it is in no document any more.
    Compromised,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// The 32 bytes of the seed, in base58.
    seed: String,
    made_on: chrono::NaiveDate,
    state: KeyState,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Stored {
    keys: Vec<Entry>,
}

/// One key of the issuer.
#[derive(Clone)]
pub struct Key {
    /// Its name, such as `key-2026-1`: never the key itself, because one verifier reads a key out of such a name and looks no
    /// further.
    pub name: String,
    /// What it may still do.
    pub state: KeyState,
    /// The day it was made.
    pub made_on: chrono::NaiveDate,
    signing: SigningKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Key")
            .field("name", &self.name)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Key {
    /// Signs bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.sign(bytes).to_bytes()
    }

    /// Its public half as a multibase text.
    #[must_use]
    pub fn public(&self) -> String {
        let mut bytes = ED25519_PUBLIC.to_vec();
        bytes.extend_from_slice(self.signing.verifying_key().as_bytes());
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// Its address in the issuer's document.
    #[must_use]
    pub fn address(&self, origin: &Origin) -> String {
        format!("{}#{}", origin.did(), self.name)
    }

    pub(super) fn verifies(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        let key: VerifyingKey = self.signing.verifying_key();
        key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
    }
}

/// All keys of the issuer, the oldest first.
#[derive(Clone, Debug)]
pub struct Keys {
    keys: Vec<Key>,
}

impl Keys {
    /// Reads the file, or makes it with a first key when there is none. `used` are names that badges were signed with before: when the
    /// file was lost, a new key must not go by the name of an old one, or nobody would see that what the old one signed fails.
    ///
    /// # Errors
    /// `BadgeError::KeyFile` when the file cannot be read or written, is open to others, or is not a file of keys.
    pub fn open(path: &Path, today: chrono::NaiveDate, used: &[String]) -> Result<Self, BadgeError> {
        if !path.exists() {
            Self::rehearsed(path, today, used)?.create(path)?;
        }
        Self::read(path)
    }

    /// A first key that is written nowhere, for rehearsals: what is signed with it is thrown away. `path` and `used` as for [`Keys::open`].
    ///
    /// # Errors
    /// `BadgeError::KeyFile` when the system gives no randomness.
    pub fn rehearsed(path: &Path, today: chrono::NaiveDate, used: &[String]) -> Result<Self, BadgeError> {
        let mut keys = Self { keys: Vec::new() };
        keys.add(today, used).map_err(|reason| problem(path, reason))?;
        Ok(keys)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// `BadgeError::KeyFile`.
    pub fn read(path: &Path) -> Result<Self, BadgeError> {
        let open_to = fs::metadata(path).map_err(|error| problem(path, error))?.permissions().mode() & 0o077;
        if open_to != 0 {
            return Err(problem(
                path,
                "others can read it; give it the mode 0600 and consider the keys compromised",
            ));
        }
        let text = fs::read_to_string(path).map_err(|error| problem(path, error))?;
        let stored: Stored =
            serde_json::from_str(&text).map_err(|_| problem(path, "it is not a file of keys"))?;
        let keys = stored
            .keys
            .into_iter()
            .map(|entry| {
                let seed: [u8; 32] = bs58::decode(&entry.seed).into_vec().ok()?.try_into().ok()?;
                let signing = SigningKey::from_bytes(&seed);
                Some(Key { name: entry.name, state: entry.state, made_on: entry.made_on, signing })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| problem(path, "a key in it is not complete"))?;
        match keys.iter().filter(|key| key.state == KeyState::Current).count() {
            1 => Ok(Self { keys }),
            _ => Err(problem(path, "it has not exactly one current key")),
        }
    }

    /// Writes the file anew: a temporary one beside it, to the disk, then renamed, so that a power cut leaves the old or the new.
    ///
    /// # Errors
    /// `BadgeError::KeyFile`.
    pub fn write(&self, path: &Path) -> Result<(), BadgeError> {
        let beside = path.with_extension("new");
        // What an interrupted write left is not worth keeping: nothing was signed with it.
        let _ = fs::remove_file(&beside);
        self.put(&beside)?;
        fs::rename(&beside, path).map_err(|error| problem(path, error))?;
        sync_folder(path)
    }

    /// Writes the first file; of two portals that start at once, one wins and the other reads what that one wrote.
    fn create(&self, path: &Path) -> Result<(), BadgeError> {
        if let Some(folder) = path.parent() {
            let mut making = fs::DirBuilder::new();
            making.recursive(true).mode(0o700).create(folder).map_err(|error| problem(path, error))?;
        }
        let beside = path.with_extension(format!("{}.first", std::process::id()));
        let _ = fs::remove_file(&beside);
        self.put(&beside)?;
        let linked = fs::hard_link(&beside, path);
        let _ = fs::remove_file(&beside);
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(problem(path, error)),
            _ => sync_folder(path),
        }
    }

    fn put(&self, path: &Path) -> Result<(), BadgeError> {
        let stored = Stored {
            keys: self
                .keys
                .iter()
                .map(|key| Entry {
                    name: key.name.clone(),
                    seed: bs58::encode(key.signing.as_bytes()).into_string(),
                    made_on: key.made_on,
                    state: key.state,
                })
                .collect(),
        };
        let text = serde_json::to_vec_pretty(&stored).map_err(|error| problem(path, error))?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| problem(path, error))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(|error| problem(path, error))
    }

    /// Every key.
    #[must_use]
    pub fn all(&self) -> &[Key] {
        &self.keys
    }

    /// The key that signs.
    ///
    /// # Errors
    /// `BadgeError::UnknownKey`; not for keys that were read.
    pub fn current(&self) -> Result<&Key, BadgeError> {
        self.keys
            .iter()
            .find(|key| key.state == KeyState::Current)
            .ok_or_else(|| BadgeError::UnknownKey("current".to_owned()))
    }

    /// The key of this name, if it may still verify.
    #[must_use]
    pub fn standing(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name && key.state != KeyState::Compromised)
    }

    /// Makes a new key and retires the current one. Gives the new one's name.
    ///
    /// # Errors
    /// `BadgeError::KeyFile` when the system gives no randomness.
    pub fn rotate(&mut self, today: chrono::NaiveDate) -> Result<String, BadgeError> {
        let name = self.add(today, &[]).map_err(|reason| problem(Path::new("new key"), reason))?;
        for key in self.keys.iter_mut().filter(|key| key.state == KeyState::Current && key.name != name) {
            key.state = KeyState::Retired;
        }
        Ok(name)
    }

    /// Marks a key as compromised; the current one is replaced first.
    ///
    /// # Errors
    /// `BadgeError::UnknownKey`, and as [`Keys::rotate`].
    pub fn compromise(&mut self, name: &str, today: chrono::NaiveDate) -> Result<(), BadgeError> {
        let found = self.keys.iter().find(|key| key.name == name);
        let state = found.map(|key| key.state).ok_or_else(|| BadgeError::UnknownKey(name.to_owned()))?;
        if state == KeyState::Current {
            self.rotate(today)?;
        }
        for key in self.keys.iter_mut().filter(|key| key.name == name) {
            key.state = KeyState::Compromised;
        }
        Ok(())
    }

    fn add(&mut self, today: chrono::NaiveDate, used: &[String]) -> Result<String, getrandom::Error> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)?;
        let year = today.format("%Y");
        let number = (1_u32..)
            .find(|number| {
                let name = format!("key-{year}-{number}");
                !used.contains(&name) && !self.keys.iter().any(|key| key.name == name)
            })
            .unwrap_or(u32::MAX);
        let name = format!("key-{year}-{number}");
        let signing = SigningKey::from_bytes(&seed);
        self.keys.push(Key { name: name.clone(), state: KeyState::Current, made_on: today, signing });
        Ok(name)
    }

    /// The issuer's document, `/.well-known/did.json`: every key that is not compromised.
    #[must_use]
    pub fn did_document(&self, origin: &Origin) -> Value {
        let standing = || self.keys.iter().filter(|key| key.state != KeyState::Compromised);
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": origin.did(),
            "alsoKnownAs": [origin.url()],
            "verificationMethod": standing().map(|key| json!({
                "id": key.address(origin),
                "type": "Multikey",
                "controller": origin.did(),
                "publicKeyMultibase": key.public(),
            })).collect::<Vec<_>>(),
            "assertionMethod": standing().map(|key| key.address(origin)).collect::<Vec<_>>(),
        })
    }
}

fn sync_folder(path: &Path) -> Result<(), BadgeError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| problem(path, error))
}

fn problem(path: &Path, reason: impl std::fmt::Display) -> BadgeError {
    BadgeError::KeyFile { path: path.display().to_string(), reason: reason.to_string() }
}
