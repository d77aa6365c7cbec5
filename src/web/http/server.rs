//! The server: the same pages for real visitors and for tests.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, HttpResponse, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};

use crate::portal::Portal;
use crate::web::http::error::WebError;
use crate::web::http::form_address;
use crate::web::http::metrics;
use crate::web::http::middleware::watch;
use crate::web::http::route::register;

/// For each worker. The pool of readers is the real limit; more threads would only wait for it, and for each other.
const BLOCKING_THREADS: usize = 8;
/// How long a stopping server goes on giving workers to connections that it has taken from the socket.
const LETS_IN: Duration = Duration::from_millis(100);
/// How long a stopping server waits for requests in hand.
const SHUTDOWN_SECONDS: u64 = 8;

/// Everything that answers requests.
pub fn app(
    portal: web::Data<Portal>,
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
        .configure(|config| register(config, crate::web::entries(), form_address::answer))
        .default_service(web::to(|| async { Err::<HttpResponse, _>(WebError::NotFound) }))
        .wrap(from_fn(watch))
        .wrap(Compress::default())
}

/// Where the server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For pages.
    pub pages: TcpListener,
    /// For `/metrics`, when somebody wants them.
    pub metrics: Option<TcpListener>,
}

/// Serves until the process is told to stop (Ctrl-C or a termination signal), then finishes the requests in hand. `begin` is called when
/// such a signal would be heard: what it starts is stopped in good order, however soon. `end` is called when one came.
///
/// # Errors
/// The listeners', and those of `begin`.
pub fn serve(
    portal: Portal,
    listeners: Listeners,
    begin: impl FnOnce() -> std::io::Result<()>,
    end: impl FnOnce() + 'static,
) -> std::io::Result<()> {
    let workers = portal.config.sizes.workers;
    let portal = web::Data::new(portal);
    actix_web::rt::System::new().block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let watched = portal.clone();
        let server = HttpServer::new(move || app(portal.clone()))
            .workers(workers)
            .worker_max_blocking_threads(BLOCKING_THREADS)
            .client_request_timeout(Duration::from_secs(10))
            .client_disconnect_timeout(Duration::from_secs(5))
            .keep_alive(Duration::from_secs(30))
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals()
            .listen(listeners.pages)?
            .run();
        let handle = server.handle();
        if let Some(listener) = listeners.metrics {
            actix_web::rt::spawn(figures(watched, listener)?);
        }
        actix_web::rt::spawn(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            end();
            // whoever comes now waits at the socket; who was let in already is given a worker, which a stop at once would not do
            handle.pause().await;
            tokio::time::sleep(LETS_IN).await;
            handle.stop(true).await;
        });
        begin()?;
        server.await
    })
}

/// The server of `/metrics`. It ends with the process.
fn figures(portal: web::Data<Portal>, listener: TcpListener) -> std::io::Result<Server> {
    let app = move || App::new().app_data(portal.clone()).route("/metrics", web::get().to(metrics::show));
    Ok(HttpServer::new(app)
        .workers(1)
        .worker_max_blocking_threads(1)
        .disable_signals()
        .listen(listener)?
        .run())
}
