//! The six kinds of activity (G2–G7) and the unit each is counted in.

use crate::domain::codes::codes;

/// What an activity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Minutes; people enter hours and minutes (G2, G5, G6, G7).
    Minutes,
    /// Pages read (G3).
    Pages,
    /// A4 pages written (G4).
    A4Pages,
}

codes! {
    /// A kind of activity (G2–G7).
    pub enum Category {
        /// Webinars, trainings, seminars, conferences (G2).
        Attending = "attending",
        /// Books, articles, whitepapers, research papers read (G3).
        Reading = "reading",
        /// The same, written; capped for one publication (G4).
        Writing = "writing",
        /// Lecturing, teaching, speaking (G5).
        Teaching = "teaching",
        /// The body's own course materials, developed or updated (G6).
        CourseMaterial = "course_material",
        /// Podcasts and events without registration (G7).
        Unregistered = "unregistered",
    }
}

impl Category {
    /// What a person calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Category::Attending => "Attending an event or training",
            Category::Reading => "Reading",
            Category::Writing => "Writing",
            Category::Teaching => "Teaching or speaking",
            Category::CourseMaterial => "Developing our course material",
            Category::Unregistered => "Podcasts and events without registration",
        }
    }

    /// One line that says what belongs in it.
    pub const fn explanation(self) -> &'static str {
        match self {
            Category::Attending => "Webinars, trainings, seminars and conferences that you took part in.",
            Category::Reading => "Books, articles, whitepapers and research papers that you read.",
            Category::Writing => "Books, articles, whitepapers and research papers that you wrote.",
            Category::Teaching => "Lectures, lessons, talks and workshops that you gave.",
            Category::CourseMaterial => "Material for our own courses that you made or updated.",
            Category::Unregistered => "Podcasts and (online) events that nobody had to register for.",
        }
    }

    /// What its quantity counts.
    pub const fn unit(self) -> Unit {
        match self {
            Category::Reading => Unit::Pages,
            Category::Writing => Unit::A4Pages,
            Category::Attending | Category::Teaching | Category::CourseMaterial | Category::Unregistered => {
                Unit::Minutes
            }
        }
    }

    /// Where the guide says so.
    pub const fn source(self) -> &'static str {
        match self {
            Category::Attending => "G2",
            Category::Reading => "G3",
            Category::Writing => "G4",
            Category::Teaching => "G5",
            Category::CourseMaterial => "G6",
            Category::Unregistered => "G7",
        }
    }
}
