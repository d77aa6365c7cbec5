//! `serve`

use std::net::TcpListener;
use std::process::ExitCode;

use super::{Ending, Trouble, start};
use crate::config::Settings;
use crate::portal::Portal;
use crate::scheduler;
use crate::web;

/// Migrates, serves and runs the timetable until the process is told to stop.
pub(super) fn run(settings: &Settings) -> Ending {
    serve(start::portal(settings, None)?)
}

/// Serves an open portal.
pub(super) fn serve(portal: Portal) -> Ending {
    let listen = portal.config.listen;
    let listener = TcpListener::bind(listen)
        .map_err(|error| Trouble::Failed(format!("The portal cannot listen on {listen}: {error}")))?;
    let address = listener.local_addr().unwrap_or(listen);
    let mut timetable = None;
    let served = web::serve(portal.clone(), listener, || {
        say!("The portal is at {} (listening on {address})", portal.config.url);
        timetable = Some(scheduler::start(portal)?);
        Ok(())
    });
    if let Some(timetable) = timetable {
        timetable.stop();
    }
    served.map_err(|error| Trouble::Failed(format!("The server stopped: {error}")))?;
    Ok(ExitCode::SUCCESS)
}
