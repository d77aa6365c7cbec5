//! Load: so many connections for so long, and what it was like.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::client::{Answer, Client};

/// What a load measured.
#[derive(Clone, Debug)]
pub struct Measured {
    pub per_second: f64,
    pub p99: Duration,
    pub wrong: usize,
}

/// Sends `request(connection, n)` over `connections` kept connections for `length` and counts answers that `right` accepts.
pub fn load(
    addr: SocketAddr,
    connections: usize,
    length: Duration,
    request: impl Fn(usize, usize) -> Vec<u8> + Sync,
    right: impl Fn(&Answer) -> bool + Sync,
) -> Measured {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let (mut times, wrong) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections)
            .map(|connection| {
                let (stop, request, right) = (&stop, &request, &right);
                scope.spawn(move || {
                    let mut client = Client::connect(addr).expect("the server accepts connections");
                    let (mut times, mut wrong, mut n) = (Vec::new(), 0, 0);
                    while !stop.load(Ordering::Relaxed) {
                        let bytes = request(connection, n);
                        let sent = Instant::now();
                        match client.send(&bytes) {
                            Ok(answer) if right(&answer) => times.push(sent.elapsed()),
                            Ok(answer) => {
                                if wrong == 0 {
                                    eprintln!("unexpected answer {}: {:.600}", answer.status, answer.text());
                                }
                                wrong += 1;
                            }
                            Err(_) => {
                                wrong += 1;
                                client = Client::connect(addr).expect("the server accepts connections");
                            }
                        }
                        n += 1;
                    }
                    (times, wrong)
                })
            })
            .collect();
        std::thread::sleep(length);
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().map(|w| w.join().expect("no worker panics")).fold(
            (Vec::new(), 0),
            |mut all, (t, w)| {
                all.0.extend(t);
                (all.0, all.1 + w)
            },
        )
    });
    let elapsed = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    Measured { per_second: times.len() as f64 / elapsed, p99: at(0.99), wrong }
}
