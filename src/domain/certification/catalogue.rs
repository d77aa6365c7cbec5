//! The catalogue: fields of knowledge and their neighbours (G8), levels, certification programmes.

use crate::domain::codes::codes;
use crate::domain::ids::{CertificationId, FieldId};

/// A field of knowledge, such as information security.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its identity.
    pub id: FieldId,
    /// The word used in files, such as `information_security`.
    pub code: String,
    /// What people call it.
    pub title: String,
}

codes! {
    /// How far a certification goes; it decides the minimum (G1).
    pub enum Level {
        /// No CPE, never expires.
        Foundation = "foundation",
        /// 20 credits a year in version 1.
        Practitioner = "practitioner",
        /// 40 credits a year in version 1.
        Expert = "expert",
        /// 40 credits a year in version 1.
        CertifiedOfficer = "certified_officer",
    }
}

impl Level {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Level::Foundation => "Foundation",
            Level::Practitioner => "Practitioner",
            Level::Expert => "Expert",
            Level::CertifiedOfficer => "Certified Officer",
        }
    }

    /// Whether holders must earn credits. Foundation has no years, reminders or flags, by type (G1).
    pub const fn needs_cpe(self) -> bool {
        !matches!(self, Level::Foundation)
    }
}

/// A certification programme: field × level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// Its identity.
    pub id: CertificationId,
    /// Short code, such as ISP.
    pub code: String,
    /// Full title, such as "Information Security Practitioner".
    pub title: String,
    /// The field it belongs to.
    pub field: FieldId,
    /// Its level.
    pub level: Level,
}

/// Certifications that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificationGroup {
    /// One of them.
    Certification(CertificationId),
    /// All of a level.
    Level(Level),
    /// All of a field of knowledge.
    Field(FieldId),
}

impl CertificationGroup {
    /// Whether a certification is among them.
    #[must_use]
    pub fn holds(self, certification: &Certification) -> bool {
        match self {
            CertificationGroup::Certification(id) => certification.id == id,
            CertificationGroup::Level(level) => certification.level == level,
            CertificationGroup::Field(field) => certification.field == field,
        }
    }
}

/// Which fields neighbour which, both ways (G8).
#[derive(Clone, Debug, Default)]
pub struct Neighbours(Vec<(FieldId, FieldId)>);

impl Neighbours {
    /// From pairs as stored; either order means both ways.
    pub fn new(pairs: Vec<(FieldId, FieldId)>) -> Self {
        Neighbours(pairs)
    }

    /// Whether two different fields neighbour each other.
    pub fn adjoin(&self, one: FieldId, other: FieldId) -> bool {
        self.0.iter().any(|&(a, b)| (a == one && b == other) || (a == other && b == one))
    }
}
