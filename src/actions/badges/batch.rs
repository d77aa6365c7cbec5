//! Badges signed ahead of the certificates that they are for: what is long in a large import is the signing, and that can be done on every
//! processor while the one writer writes. A badge counts only once its certificate is written, with it, in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use super::signing::{DRAWS, random_position, sign, sign_missing_list, signature};
use crate::actions::ActionError;
use crate::actions::certification::grant::Grant;
use crate::badges::BadgeError;
use crate::badges::keys::Keys;
use crate::domain::certification::catalogue::Field;
use crate::domain::certification::certificate::Certificate;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::badge_valid_until;
use crate::domain::ids::{CertificateId, FieldId};
use crate::domain::ledger::{CertificateFile, years_taken_over};
use crate::portal::Portal;
use crate::store::badges::signed_badges;
use crate::store::badges::signed_badges::{BadgePlace, Case};
use crate::store::certification::catalogue;
use crate::store::{Conn, StoreError, badges};

/// A badge that is signed, and belongs to nothing yet.
#[derive(Clone, Debug)]
pub struct SignedAhead {
    place: BadgePlace,
    document: String,
    signed_with: String,
    /// What it says; it serves for nothing else.
    says: Case,
}

/// Signs badges for certificates that are about to be granted.
pub struct BadgePress<'a> {
    portal: &'a Portal,
    keys: Keys,
    fields: BTreeMap<FieldId, Field>,
    policies: Policies,
    today: NaiveDate,
    places: Mutex<Places>,
}

impl<'a> BadgePress<'a> {
    /// Makes one ready, with the keys and the lists as they are now.
    ///
    /// # Errors
    /// `ActionError::Badge`, `Store`.
    pub fn begin(
        portal: &'a Portal,
        conn: &mut Conn<'_>,
        policies: Policies,
        today: NaiveDate,
    ) -> Result<Self, ActionError> {
        let list = signed_badges::newest_list(conn)?;
        let taken = signed_badges::taken_in(conn, list)?.into_iter().collect();
        Ok(BadgePress {
            portal,
            keys: portal.badge_keys()?,
            fields: catalogue::fields(conn)?.into_iter().map(|field| (field.id, field)).collect(),
            policies,
            today,
            places: Mutex::new(Places { list, taken }),
        })
    }

    /// The portal that it signs for.
    #[must_use]
    pub fn portal(&self) -> &Portal {
        self.portal
    }

    /// Signs the badge of a certificate that will be granted to somebody of this name.
    ///
    /// # Errors
    /// `BadgeError`.
    pub fn sign(&self, grant: &Grant<'_>, holder: &str) -> Result<SignedAhead, BadgeError> {
        let badge = uuid::Uuid::new_v4().to_string();
        let says = self.case(grant, holder, badge);
        let place = self.places.lock().unwrap_or_else(PoisonError::into_inner).draw()?;
        let (document, signed_with) =
            signature(self.portal, &self.keys, &says, place, self.portal.clock.now())?;
        Ok(SignedAhead { place, document, signed_with, says })
    }

    /// Issues the badge of a certificate that was just written: the one that was signed ahead, if it says what it has to say.
    ///
    /// # Errors
    /// `ActionError::Badge`, `Store`.
    pub(in crate::actions) fn issue(
        &self,
        conn: &mut Conn<'_>,
        grant: &Grant<'_>,
        holder: &str,
        certificate: CertificateId,
        ahead: Option<SignedAhead>,
    ) -> Result<(), ActionError> {
        let now = self.portal.clock.now();
        let badge = match &ahead {
            Some(ahead) => ahead.says.badge.clone(),
            None => uuid::Uuid::new_v4().to_string(),
        };
        let says = self.case(grant, holder, badge);
        badges::issue(conn, &says.badge, certificate, self.today, says.valid_until)?;
        let Some(ahead) = ahead.filter(|ahead| ahead.says == says) else {
            return sign(conn, self.portal, &says.badge);
        };
        let SignedAhead { place, document, signed_with, .. } = &ahead;
        match signed_badges::add(conn, &says.badge, *place, document, signed_with, now) {
            Ok(()) => sign_missing_list(conn, self.portal, place.list),
            // somebody else drew the same place meanwhile
            Err(StoreError::Constraint(_)) => sign(conn, self.portal, &says.badge),
            Err(error) => Err(error.into()),
        }
    }

    fn case(&self, grant: &Grant<'_>, holder: &str, badge: String) -> Case {
        let certification = grant.certification;
        let certificate = Certificate {
            id: CertificateId(0),
            number: grant.number.to_owned(),
            holder: grant.holder,
            certification: certification.clone(),
            granted_on: grant.granted_on,
            endings: Vec::new(),
        };
        let years = years_taken_over(&certificate, &self.policies, self.today);
        let file = CertificateFile { certificate, years };
        let field = self.fields.get(&certification.field);
        Case {
            badge,
            certificate: CertificateId(0),
            renewed_on: self.today,
            valid_until: badge_valid_until(&file, self.today),
            revoked_on: None,
            number: grant.number.to_owned(),
            granted_on: grant.granted_on,
            holder: holder.to_owned(),
            code: certification.code.clone(),
            title: certification.title.clone(),
            level: certification.level,
            field: field.map(|field| field.code.clone()).unwrap_or_default(),
            field_title: field.map(|field| field.title.clone()).unwrap_or_default(),
            signed: None,
        }
    }
}

/// Places in status lists that no badge has, as far as this process knows; two badges never get one, because the database refuses it.
struct Places {
    list: i64,
    taken: BTreeSet<i64>,
}

impl Places {
    fn draw(&mut self) -> Result<BadgePlace, BadgeError> {
        loop {
            for _ in 0..DRAWS {
                let position = random_position()?;
                if self.taken.insert(position) {
                    return Ok(BadgePlace { list: self.list, position });
                }
            }
            self.list = self.list.saturating_add(1);
            self.taken.clear();
        }
    }
}
