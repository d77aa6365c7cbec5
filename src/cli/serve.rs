//! `serve`

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use listenfd::ListenFd;

use super::error::{CliError, CliResult};
use super::startup;
use crate::config::{Config, Settings};
use crate::portal::Portal;
use crate::scheduler::{self, Scheduler};
use crate::upkeep::bucket_owner::{BucketClaim, Claimant};
use crate::web::{self, Listeners};

/// Migrates, serves and runs the timetable until the process is told to stop.
pub(super) fn run(settings: &Settings) -> CliResult {
    let config = startup::config(settings)?;
    let doors = Doors::open(&config)?;
    serve(startup::portal_of(config)?, doors)
}

/// Where the portal will listen: taken before anything is written, so that a second start harms nothing.
pub(super) struct Doors {
    pages: TcpListener,
    metrics: Option<TcpListener>,
}

impl Doors {
    /// Takes the sockets that a service manager hands over, and the addresses where it hands over none. Its sockets stay open while the
    /// portal is restarted, so whoever comes meanwhile waits instead of being refused.
    ///
    /// # Errors
    /// `CliError::Failed` when an address is taken or not ours, or what was handed over is no such socket.
    pub(super) fn open(config: &Config) -> Result<Doors, CliError> {
        let mut handed = ListenFd::from_env();
        let mut listen = |nth, address: SocketAddr| match handed.take_tcp_listener(nth) {
            Ok(Some(socket)) => Ok(socket),
            Ok(None) => TcpListener::bind(address)
                .map_err(|error| CliError::Failed(format!("The portal cannot listen on {address}: {error}"))),
            Err(error) => Err(CliError::Failed(format!(
                "The socket that was handed over for {address} cannot be used: {error}"
            ))),
        };
        let pages = listen(0, config.listen)?;
        Ok(Doors { pages, metrics: config.metrics.map(|address| listen(1, address)).transpose()? })
    }
}

/// From the signal to the end of the process, at most.
const STOPS_WITHIN: Duration = Duration::from_millis(9500);

/// Says in the log whether the bucket of proofs can be used, where there is one, and whose it is; one that is nobody's is this portal's from
/// now on. Nobody waits for it: pages without proofs go on without.
fn say_how_the_store_fares(portal: &Portal) {
    let (files, name) = (portal.files.clone(), portal.files.bucket_name());
    let Some(name) = name else { return };
    let claimant = Claimant::of(&portal.store);
    std::thread::spawn(move || {
        if let Some(Err(problem)) = files.bucket_condition() {
            tracing::error!(
                "proofs in {name} can neither be stored nor opened: {problem}. Everything else goes on, and they are tried again with each request"
            );
            return;
        }
        tracing::info!("proofs are kept in {name}");
        // the database says in its own way that it does not answer
        let Ok(claimant) = claimant else { return };
        match claimant.settle(&files) {
            Ok(Some(BucketClaim::Foreign(owner))) => tracing::error!(
                owner,
                "{name} belongs to another portal, which may clear away what this one keeps there. Once that one is stopped for good, \
                 cpe-portal evidence claim makes it this portal's"
            ),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "whose {name} is could not be found out"),
        }
    });
}

/// Serves an open portal.
pub(super) fn serve(portal: Portal, Doors { pages, metrics }: Doors) -> CliResult {
    portal.store.answers_pages();
    say_how_the_store_fares(&portal);
    let address = pages.local_addr().unwrap_or(portal.config.listen);
    let timetable = Arc::new(Mutex::new(None::<Scheduler>));
    let (running, stopping) = (Arc::clone(&timetable), portal.stopping.clone());
    let begin = || {
        say!("The portal is at {} (listening on {address})", portal.config.url);
        if let Some(figures) = metrics.as_ref().and_then(|listener| listener.local_addr().ok()) {
            remark!("Figures are at http://{figures}/metrics");
        }
        *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(scheduler::start(portal.clone())?);
        Ok(())
    };
    let end = move || {
        stopping.begin();
        std::thread::spawn(|| {
            std::thread::sleep(STOPS_WITHIN);
            // Whatever is under way now is of the kind that a crash may cut off, too: its next run finds what is left to do.
            tracing::warn!("something did not come to its end in time; it is made up for at the next start");
            std::process::exit(0);
        });
    };
    let listeners = Listeners { metrics: metrics.as_ref().and_then(|one| one.try_clone().ok()), pages };
    let served = web::serve(portal.clone(), listeners, begin, end);
    let running = timetable.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(running) = running {
        running.stop();
    }
    served.map_err(|error| CliError::Failed(format!("The server stopped: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
