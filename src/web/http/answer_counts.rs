//! Counting answers, for machines that gather figures.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// Seconds, from what a page takes to what makes a person doubt.
const BOUNDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

/// What an answer is counted by. Patterns only, never an address.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Answer {
    /// The pattern of the route; `none` where there is none.
    pub route: String,
    /// The method.
    pub method: String,
    /// The status.
    pub status: u16,
}

/// What this process has answered so far.
#[derive(Debug)]
pub struct Meter {
    /// How many answers there were of each kind.
    pub answers: Family<Answer, Counter>,
    /// How long they took, in seconds.
    pub seconds: Histogram,
}

impl Meter {
    /// Counts an answer.
    pub fn count(&self, answer: &Answer, took: Duration) {
        self.answers.get_or_create(answer).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// The meter of this process.
pub static METER: LazyLock<Meter> =
    LazyLock::new(|| Meter { answers: Family::default(), seconds: Histogram::new(BOUNDS) });
