//! Mail through a chaotic server, with the portal killed in the middle of its sentences: nothing is sent twice, nothing is lost, and what
//! nobody can know is said to be uncertain.

mod body;
mod replica;
mod sink;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::trials;
use crate::support::faked::wait_until;
use body::Body;
use sink::{Mood, Point, Sink, Victim};

/// How many sessions the portal has with the server, unless it is set otherwise: so many mails can be in doubt after a kill.
const SESSIONS: usize = 4;
/// Longer than a dead process's lease holds.
const LEASE: TimeDelta = TimeDelta::seconds(125);

fn log(what: &str, body: &Body, sink: &Sink) {
    let states = body.states();
    let (begun, doubts, troubles) = sink.seen(|seen| (seen.begun, seen.doubts, seen.troubles.clone()));
    println!("{what}: {states:?}, messages begun {begun}, doubts {doubts}, {troubles:?}");
}

/// Lets the portal serve until it has died at a point of a conversation; `false` when it never got there and was killed nevertheless.
fn serve_and_die(body: &Body, sink: &Sink, point: Point, after: usize) -> bool {
    let child = body.serve();
    sink.aim(Victim { child, point, after });
    let patience = Instant::now() + Duration::from_secs(4);
    while !sink.struck() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(2));
    }
    let Some(mut alive) = sink.spare() else { return true };
    alive.kill().unwrap();
    alive.wait().unwrap();
    false
}

fn stop(mut child: Child) {
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let began = Instant::now();
    let ended = child.wait().unwrap();
    assert!(ended.success(), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?} to stop", began.elapsed());
}

#[test]
fn sixty_kills_and_a_chaotic_mail_server_lose_no_mail_and_send_none_twice() {
    let mut body = Body::of(trials(120, 600));
    let sink = Sink::start(Mood::Chaos, 0x5eed_0001);
    body.mails_go_to(&sink);
    let kills = trials(12, 60);
    // a server that turns everybody away leaves no conversation to die in: that one is tried again
    let (mut struck, mut tried) = (0, 0);
    while struck < kills && tried < kills * 2 {
        // every other time long enough that mails which have to wait are due again
        body.clock.advance(if tried % 2 == 0 { LEASE } else { TimeDelta::minutes(65) });
        let point = Point::ALL[tried % Point::ALL.len()];
        let after = 1 + usize::try_from(sink.dice(5)).unwrap();
        struck += usize::from(serve_and_die(&body, &sink, point, after));
        tried += 1;
        body.assert_nothing_twice(&sink);
    }
    log("after the kills", &body, &sink);
    assert_eq!(struck, kills, "only {struck} of {tried} died in a conversation");
    body.deliver_the_rest(&sink);
    log("in the end", &body, &sink);
    body.assert_account(&sink, tried * SESSIONS);
}

#[test]
fn two_processes_on_one_data_folder_send_no_mail_twice_even_when_they_are_killed() {
    let mut body = Body::of(trials(60, 300));
    let sink = Sink::start(Mood::Chaos, 0x5eed_0002);
    body.mails_go_to(&sink);
    let kills = trials(5, 30);
    for kill in 0..kills {
        body.clock.advance(if kill % 2 == 0 { LEASE } else { TimeDelta::minutes(65) });
        let mut other = body.serve();
        let point = Point::ALL[(kill * 3 + 3) % Point::ALL.len()];
        serve_and_die(&body, &sink, point, 2);
        // the other one takes over what is left when the lease of the dead one has ended
        body.clock.advance(LEASE);
        std::thread::sleep(Duration::from_millis(3500));
        other.kill().unwrap();
        other.wait().unwrap();
        body.assert_nothing_twice(&sink);
    }
    log("after the kills", &body, &sink);
    sink.set(Mood::Calm);
    body.clock.advance(TimeDelta::minutes(65));
    let both = [body.mail_command().spawn().unwrap(), body.mail_command().spawn().unwrap()];
    for mut child in both {
        child.wait().unwrap();
    }
    body.deliver_the_rest(&sink);
    log("in the end", &body, &sink);
    // each of the two can have had one in flight in each of its sessions
    body.assert_account(&sink, kills * 2 * SESSIONS);
}

#[test]
fn a_portal_that_is_told_to_stop_leaves_no_mail_uncertain() {
    // so many that some are left after every stop, however quickly several sessions deliver
    let mails = trials(40, 200) * SESSIONS;
    let mut body = Body::of(mails);
    let sink = Sink::start(Mood::Slow, 0x5eed_0003);
    body.mails_go_to(&sink);
    let rounds = trials(4, 20);
    for _ in 0..rounds {
        let child = body.serve();
        let begun = sink.seen(|seen| seen.begun);
        wait_until("a few messages are under way", || sink.seen(|seen| seen.begun) >= begun + 3);
        std::thread::sleep(Duration::from_millis(sink.dice(60)));
        stop(child);
        let states = body.states();
        assert!(
            states.keys().all(|state| ["pending", "sent"].contains(&state.as_str())),
            "after SIGTERM: {states:?}"
        );
        // no lease is left behind: the next one goes on at once
    }
    assert!(body.states().contains_key("pending"), "nothing was left to do: too few mails to prove anything");
    sink.set(Mood::Calm);
    body.deliver_the_rest(&sink);
    log("in the end", &body, &sink);
    body.assert_account(&sink, 0);
    assert_eq!(body.states().get("sent"), Some(&mails));
}

#[test]
fn a_mail_server_that_is_down_for_a_day_costs_no_mail() {
    let mut body = Body::of(trials(10, 60));
    let sink = Sink::start(Mood::Down, 0x5eed_0004);
    body.mails_go_to(&sink);
    let child = body.serve();
    for hour in 0..24 {
        body.clock.advance(TimeDelta::minutes(61));
        if hour % 6 == 0 {
            // the portal itself finds out; in between the command does, which does not wait for the next tick
            std::thread::sleep(Duration::from_millis(3500));
        } else {
            assert!(body.mail_command().status().unwrap().success());
        }
    }
    // one mail finds out for all
    let tried = body.number("SELECT MAX(attempts) AS number FROM mails");
    assert!(tried >= 15, "tried only {tried} times in a day");
    assert_eq!(body.states().get("pending"), Some(&trials(10, 60)));
    sink.set(Mood::Calm);
    body.clock.advance(TimeDelta::minutes(61));
    // also what is on its way: a mail that is claimed when the portal stops waits for the next start
    wait_until("the portal delivers by itself", || {
        let states = body.states();
        !["pending", "claimed", "committing"].iter().any(|state| states.contains_key(*state))
    });
    stop(child);
    body.assert_account(&sink, 0);
    assert_eq!(body.states().get("sent"), Some(&trials(10, 60)));
}

#[test]
fn no_mail_of_a_large_run_names_anybody_else() {
    let holders = trials(200, 2000);
    let mut body = Body::of_every_kind(holders);
    let sink = Sink::start(Mood::Calm, 0x5eed_0005);
    body.mails_go_to(&sink);
    let delivered = body.mail_command().stdout(Stdio::null()).status().unwrap();
    assert!(delivered.success());
    body.assert_account(&sink, 0);
    let kinds = sink.seen(|seen| body::assert_only_their_own(&seen.texts));
    for kind in ["reminder", "flagged", "recertified"] {
        assert!(kinds.get(kind).is_some_and(|mails| *mails >= holders / 4), "{kinds:?}");
    }
    println!("bodies looked through: {kinds:?}");
}
