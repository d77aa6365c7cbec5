use std::io::{Read, Write};
use std::net::TcpStream;

use cpe_portal::jobs::health::{Condition, vitals};

use super::*;
use crate::proofs::faults::{Body, Served, today};
use crate::proofs::reports::line::{Visitor, part};
use crate::proofs::reports::report;
use crate::proofs::trials;
use crate::support::object_store::{Fault, SECRET, StrangeList};
use crate::support::process::command;

/// Everything that keeps a proof from being there, and on which requests.
fn faults() -> Vec<(Option<&'static str>, Fault)> {
    vec![
        (None, Fault::Refuses),
        (None, Fault::Stalls),
        (None, Fault::Answers(500)),
        (None, Fault::Answers(403)),
        (Some("PUT"), Fault::Refuses),
        (Some("PUT"), Fault::Stalls),
        (Some("PUT"), Fault::CutsWhatIsSent),
        (Some("PUT"), Fault::Answers(503)),
        (Some("PUT"), Fault::Answers(429)),
        (Some("PUT"), Fault::Answers(301)),
        // it says that it is done, and has nothing
        (Some("PUT"), Fault::Answers(200)),
        (Some("PUT"), Fault::Late(60_000)),
    ]
}

#[actix_web::test]
async fn a_proof_that_the_store_does_not_take_is_never_said_to_be_there_and_the_form_keeps_what_was_typed() {
    let all = faults().into_iter().map(|(method, fault)| refused_and_sent_again(method, fault));
    futures_util::future::join_all(all).await;
}

async fn refused_and_sent_again(method: Option<&'static str>, fault: Fault) {
    let kept = Kept::new();
    let browser = at_the_form(&kept.portal, &kept.people).await;
    kept.bucket.breaks(method, fault.clone());
    let sent = proof(&format!("{method:?} {fault:?}"));
    let files: [(&str, &str, &[u8]); 2] =
        [("evidence", "proof.pdf", &sent), ("evidence", "other.pdf", &sent)];
    let page = browser.post_files("/activities", &WHOLE, &files).await.expect(422);
    let said = page.error("evidence");
    assert!(said.contains("“proof.pdf” could not be stored just now"), "{fault:?}: {said}");
    assert!(said.contains("“other.pdf”") && said.contains("Nothing was lost"), "{said}");
    assert_eq!(page.values("input[name=title]", "value"), ["Zero trust in practice"]);
    assert!(page.values("input[name=kept_evidence]", "value").is_empty());
    assert_eq!(kept.named(), Vec::<String>::new(), "{fault:?}: no row speaks of it");
    assert_eq!(kept.left_in_the_folder(), 0);
    // and when the store is back, the same form goes through
    kept.bucket.is_whole_again();
    kept.wait_for_the_store().await;
    let id = led_to(&browser.post_files("/activities", &WHOLE, &files[..1]).await);
    let file = kept.portal.store.read(|conn| evidence::of_activity(conn, id)).unwrap().remove(0);
    assert_eq!(kept.bucket.holds(&file.sha256).unwrap(), sent, "{fault:?}");
}

#[actix_web::test]
async fn what_passes_in_a_moment_is_tried_again_and_nobody_hears_of_it() {
    let kept = Kept::new();
    for (number, fault) in
        [Fault::Refuses, Fault::Answers(503), Fault::BreaksOff, Fault::CutsWhatIsSent, Fault::Late(400)]
            .iter()
            .enumerate()
    {
        kept.bucket.breaks_times(None, fault.clone(), 1);
        let sent = proof(&format!("passing {number}"));
        let stored = kept.portal.files.store(&sent).unwrap();
        assert_eq!(kept.bucket.holds(&stored.sha256).unwrap(), sent, "{fault:?}");
        kept.bucket.breaks_times(Some("GET"), fault.clone(), 1);
        assert!(kept.portal.files.open_intact(&stored.sha256).is_ok(), "{fault:?}");
    }
    kept.bucket.breaks_times(Some("GET"), Fault::Alters, 1);
    let stored = kept.portal.files.store(&proof("altered once")).unwrap();
    assert!(kept.portal.files.open_intact(&stored.sha256).is_ok(), "altered on its way, and asked for again");
    assert_eq!(kept.left_in_the_folder(), 0);
}

#[actix_web::test]
async fn nobody_is_given_a_byte_that_was_not_stored() {
    let kept = Kept::new();
    let (owner, file) = reported(&kept, &proof("given out")).await;
    let path = format!("/evidence/{}", file.id);
    for (fault, words) in [
        (Fault::Alters, "missing or damaged"),
        (Fault::Answers(404), "missing or damaged"),
        (Fault::BreaksOff, "does not answer just now"),
        (Fault::Refuses, "does not answer just now"),
        (Fault::Stalls, "does not answer just now"),
        (Fault::Answers(500), "does not answer just now"),
        (Fault::Answers(403), "does not answer just now"),
    ] {
        kept.bucket.breaks(Some("GET"), fault.clone());
        let page = owner.get(&path).await.expect(503);
        assert!(page.words().contains(words), "{fault:?}: {}", page.words());
        assert!(!page.bytes.windows(5).any(|five| five == b"%PDF-"), "{fault:?}");
        owner.get(&format!("{path}/view")).await.expect(503);
        assert_eq!(kept.left_in_the_folder(), 0);
        // everything else goes on
        owner.get("/activities").await.expect(200);
        kept.bucket.is_whole_again();
        kept.wait_for_the_store().await;
        assert_eq!(owner.get(&path).await.expect(200).bytes, proof("given out"), "{fault:?}");
    }
}

#[test]
fn while_the_store_stands_still_only_a_few_wait_for_it_and_the_others_are_told_at_once() {
    let kept = Kept::new();
    kept.bucket.breaks(None, Fault::Stalls);
    let began = Instant::now();
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|number| {
                let files = kept.portal.files.clone();
                scope.spawn(move || {
                    let began = Instant::now();
                    files.store(&proof(&format!("waiting {number}"))).unwrap_err();
                    began.elapsed()
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let patient = times.iter().filter(|time| **time > Duration::from_millis(1500)).count();
    assert!(patient <= 4, "{patient} threads were kept");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    // it failed several times now: the next one is told at once
    let began = Instant::now();
    kept.portal.files.store(&proof("the next")).unwrap_err();
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    assert_eq!(kept.left_in_the_folder(), 0);
}

#[test]
fn whoever_waits_for_the_store_only_a_moment_says_nothing_about_it_to_others() {
    let kept = Kept::new();
    let evidence = || vitals(&kept.portal).into_iter().find(|vital| vital.name == "evidence").unwrap();
    kept.bucket.breaks_times(Some("GET"), Fault::Stalls, 1);
    let told = evidence();
    assert!(told.condition == Condition::Bad && told.words.contains("the store of proofs:"), "{told:?}");
    // it is asked anew, and what it says when it answers counts for half a minute, as before
    assert_eq!(evidence().condition, Condition::Good);
    kept.bucket.asked();
    assert_eq!(evidence().condition, Condition::Good);
    assert_eq!(kept.bucket.methods(), Vec::<String>::new());
    // a refusal is an answer, however short the wait was
    kept.bucket.breaks_times(Some("GET"), Fault::Answers(403), 1);
    kept.portal.files.list().unwrap_err();
    assert_eq!(evidence().condition, Condition::Bad);
}

#[actix_web::test]
async fn reading_a_report_with_a_proof_waits_for_no_store_and_keeps_nobody_from_it() {
    let kept = Kept::new();
    let (_, file) = reported(&kept, &proof("read")).await;
    let activity = file.activity.unwrap();
    let reviewer = kept.portal.browser(&kept.people.reviewer).await;
    kept.bucket.breaks(None, Fault::Stalls);
    let began = Instant::now();
    for path in [format!("/staff/activities/{activity}"), format!("/staff/review?report={activity}")] {
        for _ in 0..2 {
            assert!(reviewer.get(&path).await.expect(200).has("iframe"), "{path}");
        }
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    kept.bucket.is_whole_again();
    kept.portal.files.store(&proof("right after")).unwrap();
}

#[test]
fn a_store_that_lists_what_nobody_put_there_is_not_believed_and_not_followed_for_ever() {
    let kept = Kept::new();
    let wanted = kept.portal.files.store(&proof("listed")).unwrap().sha256;
    let lists = [
        (StrangeList::Elsewhere, "it lists what it was not asked for"),
        (StrangeList::OtherBeginning, "it lists what it was not asked for"),
        (StrangeList::TooLong, "it lists more at once than it was asked for"),
        (StrangeList::Circle, "its pages go round in a circle"),
        (StrangeList::NothingAndMore, "its list of proofs cannot be read"),
        // the last one is asked for ten thousand pages: in the long form
        (StrangeList::Endless, "its pages have no end"),
    ];
    for (strange, words) in lists.into_iter().take(trials(5, 6)) {
        kept.bucket.breaks(Some("GET"), Fault::Lists(strange));
        let refused =
            kept.portal.files.clone().with_patience(Duration::from_secs(60)).sizes('0').unwrap_err();
        assert!(refused.to_string().contains(words), "{strange:?}: {refused}");
        kept.bucket.is_whole_again();
    }
    let patient = kept.portal.files.clone().with_patience(Duration::from_secs(60));
    assert_eq!(patient.list().unwrap(), [wanted]);
}

#[test]
fn while_the_store_stalls_somebody_elses_pages_of_the_real_portal_are_quick_and_it_stops_in_time() {
    let (body, bucket) = (Body::new(), Bucket::new());
    let mut serving = command(&body.data, &["serve"]);
    bucket.environment(&mut serving);
    let mut portal = Served::start(serving, &body.data, &body.folder.path().join("log"));
    let (mut other, day) = (portal.visitor(0), today() - chrono::Days::new(30));
    bucket.breaks(None, Fault::Stalls);
    let address = portal.address.as_str();
    let slowest = std::thread::scope(|scope| {
        let reporters: Vec<_> = (1..6)
            .map(|holder| {
                let mut visitor = portal.visitor(holder);
                scope.spawn(move || {
                    let token = visitor.get(address, "/activities/new").unwrap().token();
                    for number in 0..4 {
                        let title = format!("With a proof {number}");
                        let answer = report(&mut visitor, address, &token, &title, day, 0).unwrap();
                        assert_eq!(answer.status, 422, "{}", answer.text);
                        assert!(answer.text.contains("could not be stored just now"), "{}", answer.text);
                    }
                })
            })
            .collect();
        let mut slowest = Duration::ZERO;
        while reporters.iter().any(|reporter| !reporter.is_finished()) {
            let began = Instant::now();
            assert_eq!(other.get(address, "/dashboard").unwrap().status, 200);
            slowest = slowest.max(began.elapsed());
        }
        slowest
    });
    assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    assert_eq!(std::fs::read_dir(body.data.join("evidence/incoming")).unwrap().count(), 0);
    portal.is_alive();
    assert!(!portal.logged().contains(SECRET) && !portal.logged().contains("AKIDEXAMPLE"));
    portal.stop();
}

/// A visitor who reports with a proof of 14 MB.
fn with_a_large_proof(portal: &Served, holder: usize) -> Visitor {
    let mut visitor = portal.visitor(holder);
    let token = visitor.get(&portal.address, "/activities/new").unwrap().token();
    let day = (today() - chrono::Days::new(30)).to_string();
    let mut body = part("name=\"csrf_token\"", token.as_bytes());
    for (name, value) in
        WHOLE.iter().filter(|(name, _)| *name != "completed_on").chain(&[("completed_on", day.as_str())])
    {
        body.extend(part(&format!("name=\"{name}\""), value.as_bytes()));
    }
    let mut large = proof(&format!("large {holder}"));
    large.resize(14 << 20, b'a');
    body.extend(part("name=\"evidence\"; filename=\"proof.pdf\"", &large));
    let answer = visitor.post_parts(&portal.address, "/activities", body).unwrap();
    assert_eq!(answer.status, 303, "{}", answer.text);
    visitor
}

/// Asks for a proof and reads no more than the status.
fn deaf(portal: &Served, visitor: &Visitor, path: &str) -> (u16, TcpStream) {
    let mut line = TcpStream::connect(&portal.address).unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nHost: portal.test\r\nCookie: {}\r\n\r\n", visitor.cookie());
    line.write_all(asked.as_bytes()).unwrap();
    let mut begin = [0; 12];
    line.read_exact(&mut begin).unwrap();
    (std::str::from_utf8(&begin[9..]).unwrap().parse().unwrap(), line)
}

#[test]
fn proofs_that_nobody_takes_to_the_end_fill_no_disk_and_who_comes_too_late_is_told_so() {
    let (body, bucket) = (Body::new(), Bucket::new());
    let mut serving = command(&body.data, &["serve"]);
    bucket.environment(&mut serving);
    let portal = Served::start(serving, &body.data, &body.folder.path().join("log"));
    let mut visitors: Vec<Visitor> = (0..4).map(|holder| with_a_large_proof(&portal, holder)).collect();
    let (mut statuses, mut lines) = (Vec::new(), Vec::new());
    for (holder, visitor) in visitors.iter().take(3).enumerate() {
        for _ in 0..12 {
            let (status, line) = deaf(&portal, visitor, &format!("/evidence/{}", holder + 1));
            statuses.push(status);
            lines.push(line);
        }
    }
    // 32 of the largest have room, so 34 of 14 MB; then whoever has more than oneself makes room
    assert_eq!(statuses[..35], [200; 35]);
    assert_eq!(statuses[35..], [429]);
    // and for whoever comes too late nothing is fetched
    let fetched = || {
        let asked = bucket.asked().into_iter().filter(|asked| asked.method == "GET");
        asked.filter(|asked| !asked.target.contains('?') && !asked.target.ends_with("/owner")).count()
    };
    // what was asked is told once
    assert!(fetched() >= 35);
    assert_eq!(deaf(&portal, &visitors[2], "/evidence/3").0, 429);
    assert_eq!(fetched(), 0);
    // so that nobody is kept out by a few who take their time
    assert_eq!(deaf(&portal, &visitors[3], "/evidence/4").0, 200);
    // the store is as well as it was
    let ready = visitors[0].get(&portal.address, "/readyz").unwrap();
    assert!(ready.text.contains("the store of proofs answers"), "{}", ready.text);
    drop(lines);
    let patience = Instant::now() + Duration::from_secs(20);
    while visitors[2].get(&portal.address, "/evidence/3").unwrap().status != 200 {
        assert!(Instant::now() < patience, "there is room again");
        std::thread::sleep(Duration::from_millis(50));
    }
    portal.stop();
}
