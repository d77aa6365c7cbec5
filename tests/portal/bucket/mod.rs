//! Proofs in a bucket: a real store (moto), behind a line that refuses, stalls, breaks off, answers late, answers nonsense and lies.
//! Nobody is told "done" for what is not there, nobody is given a byte that was not stored, and everybody else goes on.

mod faults;
mod keeping;
mod moving;
mod nights;
mod owner;
mod settings;

use std::time::{Duration, Instant};

use cpe_portal::store::activities::evidence::{self, Evidence};

use crate::holder::{PDF, WHOLE, at_the_form, led_to};
use crate::support::object_store::Bucket;
use crate::support::{Browser, People, TestPortal};

/// A portal whose proofs lie in a bucket, with people, and with the patience of a test.
struct Kept {
    bucket: Bucket,
    portal: TestPortal,
    people: People,
}

impl Kept {
    fn new() -> Kept {
        let bucket = Bucket::new();
        let mut portal = TestPortal::with(|settings| bucket.keeps(settings));
        portal.portal.files = portal.portal.files.clone().with_patience(Duration::from_secs(2));
        let people = portal.people();
        Kept { bucket, portal, people }
    }

    /// What lies in the data folder of what is on its way, or was put there instead of into the bucket.
    fn left_in_the_folder(&self) -> usize {
        let below = |folder: &str| std::fs::read_dir(self.portal.config.data.join(folder)).unwrap().count();
        below("evidence/incoming") + below("evidence") - 1
    }

    /// Until the store is asked again: after failures it is left alone for a moment.
    async fn wait_for_the_store(&self) {
        let patience = Instant::now() + Duration::from_secs(20);
        while self.portal.files.list().is_err() {
            assert!(Instant::now() < patience, "the store is asked again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn named(&self) -> Vec<String> {
        self.portal.texts("SELECT sha256 AS text FROM evidence")
    }
}

/// A report with this proof, and where it leads.
async fn reported(kept: &Kept, proof: &[u8]) -> (Browser, Evidence) {
    let browser = at_the_form(&kept.portal, &kept.people).await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &[("evidence", "proof.pdf", proof)]).await);
    let file = kept.portal.store.read(|conn| evidence::of_activity(conn, id)).unwrap().remove(0);
    (browser, file)
}

/// A small PDF that no other test has.
fn proof(mark: &str) -> Vec<u8> {
    [PDF, format!("%{mark}\n").as_bytes()].concat()
}
