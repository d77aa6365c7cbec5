//! Why the portal watches its ticker: the crate's own, by itself, falls silent when the clock is set back. That the portal's does not is
//! proven by the story of the clock, which goes back by a day and by four hundred.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chrono::TimeDelta;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::support::faked::FakedClock;

const BY_ITSELF: &str = "proofs::clock::ticker::the_ticker_by_itself";
const PATIENT: Duration = Duration::from_secs(30);
/// Five ticks are missed.
const SILENT: Duration = Duration::from_secs(5);

/// A line for each second, until the process is ended.
#[test]
#[ignore = "run in a process of its own by the test below"]
fn the_ticker_by_itself() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ticker = JobScheduler::new().await.unwrap();
        ticker.add(Job::new("* * * * * *", |_, _| println!("tick")).unwrap()).await.unwrap();
        ticker.start().await.unwrap();
        std::future::pending::<()>().await;
    });
}

#[test]
fn the_ticker_by_itself_falls_silent_when_the_clock_is_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut clock = FakedClock::showing(folder.path(), "2027-12-20T11:00:00".parse().unwrap());
    let mut ticker = Command::new(std::env::current_exe().unwrap());
    ticker.args([BY_ITSELF, "--exact", "--ignored", "--nocapture"]).stdout(Stdio::piped());
    let mut child = clock.rule(ticker).spawn().unwrap();
    let ticks = ticks_of(BufReader::new(child.stdout.take().unwrap()));
    let goes_on = || ticks.recv_timeout(PATIENT).is_ok();
    assert!(goes_on() && goes_on());
    clock.advance(TimeDelta::hours(-1));
    // a tick may be on its way
    std::thread::sleep(SILENT);
    while ticks.try_recv().is_ok() {}
    let silent = ticks.recv_timeout(SILENT).is_err();
    clock.advance(TimeDelta::hours(1));
    let caught_up = goes_on();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(silent, "the crate goes on by itself now: the watch in src/scheduler.rs is not needed any more");
    assert!(caught_up, "it was silent for another reason");
}

fn ticks_of(output: impl BufRead + Send + 'static) -> Receiver<String> {
    let (send, ticks) = channel();
    std::thread::spawn(move || {
        // the harness writes the test's name before the first tick, without a line's end
        for line in output.lines().map_while(Result::ok).filter(|line| line.ends_with("tick")) {
            let _ = send.send(line);
        }
    });
    ticks
}
