//! Where a reviewer works, as addresses say it: on which part of the queue, and whether beside its list and on which page of that.

use actix_web::HttpRequest;
use chrono::TimeDelta;

use super::queue_filter::QueueFilter;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::activities::reviews::ReviewRange;
use crate::web::forms::fields::Fields;

/// What the address of a form says when its report is read beside the list.
const BESIDE: (&str, &str) = ("beside", "1");
/// The names by which a page of the list is asked for.
const PAGES: [&str; 3] = ["after", "before", "page"];
/// The longest value of those that is kept.
const LONGEST: usize = 80;

/// Where a reviewer works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueAddress {
    /// The part of the queue.
    pub filter: QueueFilter,
    /// Whether the report is read beside the list.
    beside: bool,
    /// The page of the list, when it is not the first.
    page: Option<(&'static str, String)>,
}

impl QueueAddress {
    /// Reads the address of a request.
    pub fn of(request: &HttpRequest) -> QueueAddress {
        QueueAddress::read(&Fields::parse(request.query_string().as_bytes()))
    }

    /// Reads an address. What is no part and no page of the queue is left out.
    pub fn read(query: &Fields) -> QueueAddress {
        let asked = PAGES.into_iter().map(|name| (name, query.one(name)));
        let page = asked.filter(|(_, value)| !value.is_empty() && value.len() <= LONGEST).map(own).next();
        QueueAddress { filter: QueueFilter::read(query), beside: query.one(BESIDE.0) == BESIDE.1, page }
    }

    /// The same, beside the list.
    pub fn beside_list(self) -> QueueAddress {
        QueueAddress { beside: true, ..self }
    }

    /// Whether the report is read beside the list.
    pub const fn is_beside(&self) -> bool {
        self.beside
    }

    /// What follows the path of a form about one report, so that whoever sends it comes back here.
    pub fn suffix(&self) -> String {
        if !self.beside {
            return self.filter.suffix();
        }
        let pairs = self.pairs().chain([BESIDE]);
        format!("?{}", written(pairs))
    }

    /// The list, on the same page.
    pub fn list(&self) -> String {
        let pairs = written(self.pairs());
        if pairs.is_empty() { "/staff/review".to_owned() } else { format!("/staff/review?{pairs}") }
    }

    /// Where a report is read: beside the list, or on a page of its own.
    pub fn report(&self, id: ActivityId) -> String {
        if !self.beside {
            return format!("/staff/activities/{id}{}", self.filter.suffix());
        }
        let id = id.to_string();
        format!("/staff/review?{}", written(self.pairs().chain([("report", id.as_str())])))
    }

    /// The same with room for one more part: a file, or prepared words.
    pub fn report_with(&self, id: ActivityId) -> String {
        let path = self.report(id);
        if path.contains('?') { path + "&" } else { path + "?" }
    }

    /// Where verdicts are undone, while their emails wait; none where they leave at once.
    pub fn undo(&self, portal: &Portal, range: Option<ReviewRange>) -> Option<String> {
        let waits = portal.config.undo > TimeDelta::zero();
        let path = |range| format!("/staff/review/verdicts/{range}/removal{}", self.suffix());
        range.filter(|_| waits).map(path)
    }

    /// Where a script reads the report that is to stand beside the list.
    pub fn fragment(&self, id: ActivityId) -> String {
        format!("/staff/activities/{id}/reading{}", self.suffix())
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let page = self.page.as_ref().map(|(name, value)| (*name, value.as_str()));
        self.filter.kept().into_iter().filter(|(_, value)| !value.is_empty()).chain(page)
    }
}

fn own((name, value): (&'static str, &str)) -> (&'static str, String) {
    (name, value.to_owned())
}

fn written<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
