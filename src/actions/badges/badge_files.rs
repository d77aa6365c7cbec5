//! A badge as files: its signed text, its picture with the text inside, and what a file that somebody brings says.

use chrono::{DateTime, Datelike, Utc};

use super::badge_sharing;
use super::verification::{self, Verified};
use crate::actions::ActionError;
use crate::badges::certificate_pdf::Paper;
use crate::badges::copy::{self, BadgeCopy};
use crate::badges::embed;
use crate::badges::picture::Picture;
use crate::badges::{BadgeError, credential, proof};
use crate::domain::certification::catalogue::Level;
use crate::domain::certification::standing::BadgeTerm;
use crate::domain::codes::Stored;
use crate::domain::dates::long_date;
use crate::domain::ids::{CertificateId, HolderId, MailId};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::mail::Attachment;
use crate::portal::Portal;
use crate::store::badges::signed_badges;
use crate::store::badges::signed_badges::Case;
use crate::store::certification::certificates;
use crate::store::mail::year_notices;
use crate::store::{StoreError, badges};

/// A badge's signed text with what a page or a picture needs.
#[derive(Clone, Debug)]
pub struct BadgeFile {
    /// What it says.
    pub case: Case,
    /// The signed text, as it is served.
    pub document: String,
    /// The address of the 2.0 copy, when the holder asked for one.
    pub assertion: Option<String>,
}

/// The signed text of a badge.
///
/// # Errors
/// `ActionError::NotFound` when there is none (yet).
pub fn find(portal: &Portal, badge: &str) -> Result<BadgeFile, ActionError> {
    portal.store.read(|conn| {
        let case = signed_badges::find(conn, badge)?.ok_or(ActionError::NotFound)?;
        let document = case.signed.as_ref().ok_or(ActionError::NotFound)?.document.clone();
        let assertion = badge_sharing::assertion_address(conn, portal, &case)?;
        Ok(BadgeFile { case, document, assertion })
    })
}

/// The picture of a badge, without the text in it.
#[must_use]
pub fn picture(case: &Case) -> Picture {
    Picture {
        field: case.field.clone(),
        level_word: case.level.label().to_owned(),
        code: case.code.clone(),
        year: case.valid_until.map(|day| BadgeTerm::of(day).deadline.year()),
    }
}

/// The picture of a certification, for everybody who holds it.
#[must_use]
pub fn picture_of_certification(field: &str, level: Level, code: &str) -> Picture {
    Picture {
        field: field.to_owned(),
        level_word: level.label().to_owned(),
        code: code.to_owned(),
        year: None,
    }
}

/// What stands on a certificate's paper today, for its `holder` (or for staff, who name none); `None` when the certificate was withdrawn.
///
/// # Errors
/// `ActionError::NotFound` when there is no such certificate, or when it is somebody else's.
pub fn paper(
    portal: &Portal,
    certificate: CertificateId,
    holder: Option<HolderId>,
) -> Result<Option<Paper>, ActionError> {
    let case = portal.store.read(|conn| {
        let found = certificates::find(conn, certificate)?;
        let own = found.filter(|found| holder.is_none_or(|holder| holder == found.holder));
        if !own.ok_or(ActionError::NotFound)?.stands() {
            return Ok(None);
        }
        let newest = badges::of_certificate(conn, certificate)?.pop().ok_or(ActionError::NotFound)?;
        signed_badges::find(conn, &newest.id).map_err(ActionError::from)
    })?;
    let today = portal.clock.today();
    let term = case.as_ref().and_then(|case| case.valid_until).map(BadgeTerm::of);
    let number = |part: u32| u8::try_from(part).unwrap_or(1);
    Ok(case.filter(|case| case.revoked_on.is_none()).map(|case| Paper {
        body: portal.config.body.clone(),
        picture: picture(&case),
        granted: long_date(case.granted_on),
        valid_until: term.map(|term| long_date(term.deadline)).unwrap_or_default(),
        why_longer: term.map(|term| term.why_longer(today)).unwrap_or_default(),
        made: (
            long_date(today),
            (u16::try_from(today.year()).unwrap_or(0), number(today.month()), number(today.day())),
        ),
        address: portal.origin.at(&credential::path(&case.badge)),
        holder: case.holder,
        title: case.title,
        number: case.number,
    }))
}

/// Kinds of mails that tell of a renewed or new badge, and carry it.
const WITH_BADGES: [NoticeKind; 3] =
    [NoticeKind::Recertified, NoticeKind::FlagLifted, NoticeKind::Reinstated];
/// Pixels of a side of the picture in a mail.
const SIDE_IN_MAILS: u16 = 320;

/// The files that go with a mail about certification years: each certificate's badge as it is when the mail leaves, as a picture and as its
/// signed text. None of a badge that was withdrawn meanwhile.
///
/// # Errors
/// `ActionError::Store`; a picture that cannot be drawn is left out, and the log says so.
pub fn of_mail(
    portal: &Portal,
    mail: MailId,
    kind: &Stored<NoticeKind>,
) -> Result<Vec<Attachment>, ActionError> {
    if !kind.known().is_some_and(|kind| WITH_BADGES.contains(&kind)) {
        return Ok(Vec::new());
    }
    let badges: Vec<String> = portal.store.read(|conn| {
        let mut newest = Vec::new();
        for certificate in year_notices::certificates_of_mail(conn, mail)? {
            newest.extend(badges::of_certificate(conn, certificate)?.pop().map(|badge| badge.id));
        }
        Ok::<_, StoreError>(newest)
    })?;
    let mut files = Vec::new();
    for badge in badges {
        let file = match find(portal, &badge) {
            Ok(file) if file.case.revoked_on.is_none() => file,
            Ok(_) | Err(ActionError::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let name: String =
            file.case.number.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let drawn = picture(&file.case).png(SIDE_IN_MAILS);
        match drawn.and_then(|drawn| embed::png(&drawn, &file.document, file.assertion.as_deref())) {
            Ok(bytes) => {
                files.push(Attachment { name: format!("badge-{name}.png"), media_type: "image/png", bytes });
            }
            Err(error) => tracing::error!(badge, %error, "a badge goes out without its picture"),
        }
        files.push(Attachment {
            name: format!("badge-{name}.json"),
            media_type: "application/json",
            bytes: file.document.into_bytes(),
        });
    }
    Ok(files)
}

/// What is wrong with a file that somebody brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It carries no badge.
    NoBadge,
    /// Somebody else issued it, or says so.
    Foreign,
    /// Its text was changed, or it does not look as ours do.
    Altered,
    /// The key that signed it is no longer trusted.
    Key,
    /// There is no such badge in the register.
    Unknown,
}

/// What a file says that is genuine.
#[derive(Clone, Debug)]
pub struct Genuine {
    /// How the badge stands today.
    pub verified: Verified,
    /// Whether the file is an older copy: the badge was renewed or corrected since.
    pub older: bool,
    /// Whether the time in the file itself has passed.
    pub lapsed: bool,
}

/// Checks a badge file: issuer, shape, register, key, signature, time, in this order: the cheapest question first, and nothing is worked
/// out from a document that is not shaped as ours are or that names no badge of the register.
///
/// # Errors
/// `ActionError` when the portal itself fails; what is wrong with the file is the inner [`Fault`].
pub fn check(portal: &Portal, file: &[u8]) -> Result<Result<Genuine, Fault>, ActionError> {
    let Some(text) = embed::credential_in(file) else { return Ok(Err(Fault::NoBadge)) };
    match copy::issuer(&text) {
        None => return Ok(Err(Fault::NoBadge)),
        Some(issuer) if issuer != portal.origin.did() => return Ok(Err(Fault::Foreign)),
        Some(_) => {}
    }
    let Ok(brought) = BadgeCopy::read(&text) else { return Ok(Err(Fault::Altered)) };
    let prefix = portal.origin.at(&credential::path(""));
    let Some(badge) = brought.address().strip_prefix(&prefix) else { return Ok(Err(Fault::Unknown)) };
    let stored = match find(portal, badge) {
        Err(ActionError::NotFound) => return Ok(Err(Fault::Unknown)),
        other => other?.document,
    };
    let keys = portal.badge_keys()?;
    let newest = BadgeCopy::read(&stored).is_ok_and(|stored| stored == brought);
    let signed = if newest {
        // what the register holds was verified when it was signed
        proof::signer(brought.document(), &keys, &portal.origin).map(|_| ())
    } else {
        proof::verify(brought.document(), &keys, &portal.origin).map(|_| ())
    };
    match signed {
        Ok(()) => {}
        Err(BadgeError::UnknownKey(_)) => return Ok(Err(Fault::Key)),
        Err(_) => return Ok(Err(Fault::Altered)),
    }
    let verified = match verification::by_badge(portal, badge) {
        Err(ActionError::NotFound) => return Ok(Err(Fault::Unknown)),
        other => other?,
    };
    let until = DateTime::parse_from_rfc3339(brought.valid_until()).ok().map(|at| at.with_timezone(&Utc));
    let lapsed = until.is_some_and(|until| until < portal.clock.now().and_utc());
    Ok(Ok(Genuine { verified, older: !newest, lapsed }))
}
