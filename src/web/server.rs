//! The server: the same pages for real visitors and for tests.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, HttpResponse, HttpServer, web as actix};
use tokio::signal::unix::{SignalKind, signal};

use crate::portal::Portal;
use crate::web::error::WebError;
use crate::web::route::register;
use crate::web::watch::watch;

/// Two workers serve thousands of pages a second; what takes time waits in the blocking threads.
const WORKERS: usize = 2;
/// For each worker. The pool of readers is the real limit; more threads would only wait for it, and for each other.
const BLOCKING_THREADS: usize = 8;
/// How long a stopping server waits for requests in hand.
const SHUTDOWN_SECONDS: u64 = 20;

/// Everything that answers requests.
pub fn app(
    portal: actix::Data<Portal>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + 'static>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(portal)
        .configure(|config| register(config, crate::web::entries()))
        .default_service(actix::to(|| async { Err::<HttpResponse, _>(WebError::NotFound) }))
        .wrap(from_fn(watch))
        .wrap(Compress::default())
}

/// Serves until the process is told to stop (Ctrl-C or a termination signal), then finishes the requests in hand. `begin` is called when
/// such a signal would be heard: what it starts is stopped in good order, however soon.
///
/// # Errors
/// The listener's, and those of `begin`.
pub fn serve(
    portal: Portal,
    listener: TcpListener,
    begin: impl FnOnce() -> std::io::Result<()>,
) -> std::io::Result<()> {
    let portal = actix::Data::new(portal);
    actix_web::rt::System::new().block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let server = HttpServer::new(move || app(portal.clone()))
            .workers(WORKERS)
            .worker_max_blocking_threads(BLOCKING_THREADS)
            .client_request_timeout(Duration::from_secs(10))
            .client_disconnect_timeout(Duration::from_secs(5))
            .keep_alive(Duration::from_secs(30))
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals()
            .listen(listener)?
            .run();
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            handle.stop(true).await;
        });
        begin()?;
        server.await
    })
}
